"""What draws faster than Matplotlib and Pillow draws the same: images, words, palettes."""

import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from PIL import Image
from small_runs import pixels

from gan_lesson import plots
from gan_lesson.live import LivePanel, encode_png
from gan_lesson.live.lettering import Lettering
from gan_lesson.live.png import MOST, encode_figure, palette
from gan_lesson.nearest_image import NearestImage, nearest_image

RNG = np.random.default_rng(0)


# --- colours -----------------------------------------------------------------------------------


def curves():
    """The pixels of a figure with curves, words and a half-transparent area; (h, w, 4)."""
    figure = plots.new_figure(6, 3)
    with plots.lesson_style():
        axes = figure.subplots()
        x = np.linspace(0, 9, 200)
        for colour, dashes in ((plots.REAL, "-"), (plots.GENERATED, "--"), ("#009E73", ":")):
            axes.plot(x, np.sin(x + len(colour + dashes)), dashes, color=colour, label=colour)
        axes.fill_between(x, 0, np.cos(x), color=plots.GENERATED, alpha=0.3)
        axes.legend()
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


def test_a_figure_in_256_colours_is_half_as_long_and_equal_to_the_eye():
    drawn = curves()
    assert len(np.unique(drawn[..., :3].reshape(-1, 3), axis=0)) > MOST
    file = encode_figure(drawn)
    Image.open(io.BytesIO(file)).verify()
    assert Image.open(io.BytesIO(file)).mode == "P"
    assert len(file) < 0.6 * len(encode_png(drawn[..., :3]))
    off = np.abs(pixels(file).astype(int) - drawn[..., :3]).max(axis=-1)
    assert off.max() <= 31 and (off > 8).mean() < 0.02 and (off > 16).mean() < 0.002
    for colour in ("#ffffff", plots.REAL, plots.GENERATED, plots.DISCRIMINATOR):
        flat = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        exact = (drawn[..., :3] == flat).all(axis=-1)
        assert exact.sum() > 50 and off[exact].max() == 0


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (30, 300)])
@pytest.mark.parametrize("colours", [1, 2, MOST])
def test_a_picture_of_few_colours_keeps_them_all(shape, colours):
    chosen = RNG.integers(0, 256, (colours, 4), dtype=np.uint8)
    drawn = chosen[RNG.integers(0, colours, shape)]
    assert np.array_equal(pixels(encode_figure(drawn)), drawn[..., :3])


def test_a_picture_of_too_many_colours_keeps_them_all():
    drawn = RNG.integers(0, 256, (60, 80, 4), dtype=np.uint8)
    assert np.array_equal(pixels(encode_figure(drawn)), drawn[..., :3])


def test_greys_beside_curves_stay_within_a_few_levels():
    drawn = curves()
    drawn[:, :300, :3] = RNG.integers(0, 256, (len(drawn), 300, 1), dtype=np.uint8)
    off = np.abs(pixels(encode_figure(drawn)).astype(int) - drawn[..., :3]).max(axis=-1)
    assert off[:, :300].max() <= 15 and off[:, :300].mean() < 4


def test_a_palette_stands_for_every_colour_and_keeps_the_frequent_ones():
    colours = np.unique(RNG.integers(0, 64, 3000, dtype=np.uint32) * np.uint32(0x040404 // 4 * 4))
    colours = np.unique(np.concatenate([colours, RNG.integers(0, 4096, 400, dtype=np.uint32)]))
    count = RNG.integers(1, 4, len(colours))
    count[:5] = 10_000
    chosen, place = palette(colours, count)
    assert len(chosen) <= MOST and place.shape == colours.shape
    assert np.array_equal(chosen[place[:5]], colours[:5])


# --- images ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "size"),
    [((178, 178), (9.4, 4.2)), ((88, 268), (9.6, 3.2)), ((58, 28, 3), (9.6, 3.2)),
     ((330, 20), (5, 5)), ((28, 28), (3.3, 2.1))],
)  # fmt: skip
def test_a_nearest_image_is_what_imshow_draws_to_the_pixel(shape, size):
    data, drawn = RNG.integers(0, 256, shape).astype(np.uint8), []
    for make in (nearest_image, lambda a, d, **k: a.imshow(d, interpolation="nearest", **k)):
        figure = plots.new_figure(*size)
        axes = figure.subplots(1, 2)
        images = [
            make(ax, data, cmap=cmap) for ax, cmap in zip(axes, ("gray", "Blues"), strict=True)
        ]
        for image in images:
            image.set_clim(0, 255)
        figure.canvas.draw()
        first = np.asarray(figure.canvas.buffer_rgba()).copy()
        images[0].set_data(255 - data)  # a second draw, which is all looked up
        images[1].set_clim(30, 99)
        figure.canvas.draw()
        drawn.append((first, np.asarray(figure.canvas.buffer_rgba()).copy()))
    for ours, theirs in zip(*drawn, strict=True):
        assert np.array_equal(ours, theirs)
    assert not np.array_equal(*drawn[0])


def test_matplotlib_is_asked_for_the_places_once(monkeypatch):
    asked, usual = [], NearestImage.__mro__[1].make_image
    monkeypatch.setattr(
        NearestImage.__mro__[1], "make_image", lambda *a, **k: asked.append(1) or usual(*a, **k)
    )
    figure = plots.new_figure(4, 3)
    figure.set_layout_engine("none")  # which draws everything twice
    image = nearest_image(figure.subplots(), np.zeros((20, 30), np.uint8))
    figure.canvas.draw()
    first = len(asked)
    for level in range(5):
        image.set_data(np.full((20, 30), level, np.uint8))
        figure.canvas.draw()
    assert len(asked) == first == 2  # for rows and for columns
    figure.set_dpi(150)
    figure.canvas.draw()
    assert len(asked) == 4
    image.set_data(np.zeros((20, 30)))  # no bytes: Matplotlib's own way
    figure.canvas.draw()
    assert len(asked) == 5


# --- words -------------------------------------------------------------------------------------

WORDS = ["V = −0.734", "you pay 0.223 nats", "100 %", "D's regret = 0.004", "slope in p: −55.60"]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("look", [{}, {"weight": "bold", "fontsize": 14, "color": "#B34F00"}])
def test_lettered_words_cover_what_matplotlib_writes(words, look):
    ink = []
    for pen in (Lettering, lambda renderer: renderer):
        renderer = RendererAgg(400, 100, 100)
        figure = plots.new_figure(4, 1)
        text = figure.text(0.5, 0.5, words, ha="center", va="center", **look)
        figure.canvas.renderer = renderer
        text.draw(pen(renderer))
        ink.append(np.asarray(renderer.buffer_rgba())[..., 3].astype(float) / 255)
    ours, theirs = ink
    assert abs(ours.sum() / theirs.sum() - 1) < 0.06
    for axis in (0, 1):  # the same box, to a pixel
        a, b = (np.flatnonzero((i > 0.2).any(axis=axis)) for i in ink)
        assert abs(a[0] - b[0]) <= 1 and abs(a[-1] - b[-1]) <= 1
    across = [i.sum(axis=0).cumsum() for i in ink]
    assert np.abs(across[0] - across[1]).max() < 0.06 * theirs.sum()


def test_what_is_no_plain_line_is_written_by_matplotlib():
    drawn = []
    for pen in (Lettering, lambda renderer: renderer):
        renderer = RendererAgg(400, 200, 100)
        figure = plots.new_figure(4, 2)
        figure.canvas.renderer = renderer
        for y, words, turn in ((0.2, "$x^2$", 0), (0.5, "turned", 30), (0.8, " blank ", 0)):
            figure.text(0.4, y, words, rotation=turn).draw(pen(renderer))
        drawn.append(np.asarray(renderer.buffer_rgba()).copy())
    assert np.array_equal(*drawn)


def test_a_panel_writes_moving_words_the_same_however_it_got_there():
    panel = LivePanel(4, 2)
    axes = panel.figure.subplots()
    (word,) = panel.moving([axes.text(0.5, 0.5, "0.734", color=plots.REAL)])
    panel.redraw("first")
    first = pixels(panel.png)
    word.set_text("−12 %")
    panel.redraw("second")
    word.set_text("0.734")
    panel.redraw("again")
    assert np.array_equal(first, pixels(panel.png))


def test_a_built_notebook_keeps_all_colours_and_matplotlibs_words(monkeypatch):
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "1")
    panel = LivePanel(6, 3)
    axes = panel.figure.subplots()
    axes.plot([0, 1], [0, 1], color=plots.REAL)
    panel.moving([axes.text(0.3, 0.5, "0.734")])
    panel.redraw("all")
    panel.figure.findobj(lambda a: a.get_animated())[0].set_animated(False)
    panel.figure.canvas.draw()
    drawn = np.asarray(panel.figure.canvas.buffer_rgba())[..., :3]
    assert np.array_equal(pixels(panel.png), drawn)


# --- on the page -------------------------------------------------------------------------------


def test_a_read_out_is_sent_right_behind_its_picture(monkeypatch):
    from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer

    explorer, sent = LogLossExplorer(), []
    if explorer.readout.comm is None:
        pytest.skip("ipywidgets 7 sends nothing where there is no kernel")
    usual = type(explorer.readout).send_state

    def send_state(self, key=None):
        sent.extend(name for name, widget in named.items() if widget is self and key)
        usual(self, key)

    named = {"picture": explorer.panel.html, "read-out": explorer.readout}
    monkeypatch.setattr(type(explorer.readout), "send_state", send_state)
    for p in (0.3, 0.4):
        explorer.p.value = p
    assert sent == ["picture", "read-out"] * 2


def test_an_explorer_computes_on_one_thread_and_leaves_the_others_alone():
    import torch

    from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer

    seen = []

    class Watched(LogLossExplorer):
        def redraw(self):
            seen.append(torch.get_num_threads())
            super().redraw()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        Watched().p.value = 0.3
        assert seen == [1, 1] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
