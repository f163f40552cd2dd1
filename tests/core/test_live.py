"""LivePanel, LiveCurves and the explorers' frame, moved from Python."""

import base64
import io
import time

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from small_runs import new_player, pixels

from gan_lesson import plots
from gan_lesson.history import History
from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer
from gan_lesson.live import WIDGET_VIEW, LiveCurves, LivePanel, bundle, encode_png

RNG = np.random.default_rng(0)

# --- LivePanel ---------------------------------------------------------------------------------


def test_a_blitted_picture_equals_one_drawn_whole():
    panel = LivePanel(4, 3)
    axes = panel.figure.subplots()
    (dot,) = panel.moving(axes.plot([0.5], [0.5], "o"))
    panel.redraw("first")
    dot.set_data([0.2], [0.9])
    panel.redraw("moved")
    blitted = pixels(panel.png)
    panel.invalidate()
    panel.redraw("whole")
    assert np.array_equal(blitted, pixels(panel.png))
    dot.set_data([0.5], [0.5])
    panel.redraw("back")
    assert not np.array_equal(blitted, pixels(panel.png))


def test_axes_are_placed_once_however_often_the_whole_is_drawn(monkeypatch):
    panel = LivePanel(4, 3)
    panel.figure.subplots().set_title("a title")
    placed, place = [], panel.figure.draw_without_rendering
    monkeypatch.setattr(panel.figure, "draw_without_rendering", lambda: placed.append(place()))
    for _ in range(3):
        panel.invalidate()
        panel.redraw("whole")
    assert len(placed) == 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (420, 940, 3)])
def test_an_encoded_picture_is_what_pillow_reads(shape):
    colours = RNG.integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(pixels(encode_png(colours)), colours)
    Image.open(io.BytesIO(encode_png(colours))).verify()  # checksums too


def test_the_picture_is_one_text_trait_with_an_escaped_description():
    panel = LivePanel(3, 2)
    panel.redraw('a "quote" & <script>alert(1)</script>')
    value = panel.html.value
    assert "<script>" not in value
    assert 'alt="a &quot;quote&quot; &amp; &lt;script&gt;' in value
    assert value.count("<") == 1
    encoded = value.split("base64,")[1].rstrip('">')
    assert base64.b64decode(encoded) == panel.png
    assert pixels(panel.png).shape == (200, 300, 3)


def test_what_is_displayed_has_three_faces():
    explorer = LogLossExplorer()
    data, metadata = bundle(explorer.widget, explorer.panel)
    assert set(data) == {"text/plain", "image/png", WIDGET_VIEW}
    assert data["text/plain"] == metadata["image/png"]["alt"] == explorer.panel.description
    assert data[WIDGET_VIEW]["model_id"] == explorer.widget.model_id
    assert base64.b64decode(data["image/png"]) == explorer.panel.png


def test_displaying_an_explorer_sends_that_bundle():
    shell = InteractiveShell.instance()
    sent = []
    publish, shell.display_pub.publish = (
        shell.display_pub.publish,
        lambda data, metadata=None, **_: sent.append((data, metadata)),
    )
    try:
        LogLossExplorer()._ipython_display_()
    finally:
        shell.display_pub.publish = publish
        InteractiveShell.clear_instance()
    (data, metadata) = sent[0]
    assert WIDGET_VIEW in data
    assert metadata["image/png"]["alt"].startswith("Log-loss")


def test_the_log_loss_explorer_tells_the_truth_over_its_whole_range():
    explorer = LogLossExplorer()
    seen = set()
    for y in (1, 0):
        explorer.y.value = y
        for p in np.round(np.linspace(0.01, 0.99, 99), 2):
            explorer.p.value = p
            cost = -np.log(p if y else 1 - p)
            assert f"{cost:.3f} nats" in explorer.panel.description
            assert f"{cost:.3f} nats" in explorer.readout.value
            seen.add(explorer.panel.png)
    assert len(seen) == 198  # every place shows another picture


def test_labels_that_look_like_html_are_shown_as_text():
    explorer = LogLossExplorer()
    explorer.say("<script>alert(1)</script>")
    assert "<script>" not in explorer.readout.value
    player = new_player()
    player.redraw("<img src=x onerror=alert(1)>")
    assert "<img" not in player.status.value


def fill(history, n):
    for _ in range(n):
        history.append(d_real=RNG.random(), d_fake=RNG.random(), loss_d=RNG.random(), loss_g=1.0)


def test_live_curves_follow_a_loop_that_knows_nothing_of_the_trainer():
    history = History()
    curves = LiveCurves(history)
    assert "no step" in curves.panel.description
    fill(history, 30)
    curves.update(now=True)
    assert "step 30" in curves.panel.description
    frames = curves.panel.frames
    curves.update(now=True)
    assert curves.panel.frames == frames  # nothing new, nothing drawn
    history.truncate(10)
    fill(history, 20)  # as many rows, but others
    curves.update(now=True)
    assert curves.panel.frames == frames + 1


def test_live_curves_draw_at_most_every_tenth_of_a_second():
    history = History()
    curves = LiveCurves(history)
    start, frames = time.monotonic(), curves.panel.frames
    for _ in range(300):
        fill(history, 1)
        curves.update()
    assert curves.panel.frames - frames <= 1 + (time.monotonic() - start) / 0.1
    curves._finish()
    assert "step 300" in curves.panel.description


def test_the_extremes_of_a_curve_are_among_the_few_points_that_are_drawn():
    for n in (600, 601, 1_199, 5_000, 100_000):
        values = RNG.random(n)
        values[RNG.integers(n)], values[RNG.integers(n)] = 7.0, -7.0
        values[n // 2 : n // 2 + 9] = np.nan
        values[-1] = np.inf
        rows = plots.extremes(values)
        assert len(rows) <= plots.MAX_POINTS and (np.diff(rows) > 0).all() and rows[-1] == n - 1
        drawn = values[rows]
        assert drawn[np.isfinite(drawn)].max() == values[np.isfinite(values)].max()
        assert drawn[np.isfinite(drawn)].min() == values[np.isfinite(values)].min()
    assert plots.extremes(np.arange(5.0)).tolist() == [0, 1, 2, 3, 4]


def test_curves_draw_at_most_six_hundred_points_and_limits_double():
    history = History()
    figure = plots.new_figure()
    lines = plots.history_axes(*figure.subplots(1, 2), history)
    limits = set()
    for _ in range(100):
        fill(history, 70)
        plots.update_history(lines, history)
        limits.add(lines[0].axes.get_xlim()[1])
        assert all(len(line.get_xdata()) <= 600 for line in lines)
        assert lines[0].get_xdata()[-1] == len(history)
    assert limits == {100.0 * 2**k for k in range(8)}


@pytest.mark.parametrize("n", [88, 100, 400])
def test_no_curve_touches_the_name_of_a_chance_level(n):
    history = History()
    fill(history, n)
    figure = plots.plot_history(history)
    figure.draw_without_rendering()
    for axes in figure.axes:
        right = axes.transData.transform((n, 0))[0]
        assert axes.texts
        assert all(name.get_window_extent().x0 > right for name in axes.texts)


def test_running_mean_is_the_mean_of_the_window():
    values = RNG.random(50)
    ours = plots.running_mean(values, 7)
    expected = [values[max(0, i - 6) : i + 1].mean() for i in range(50)]
    assert ours == pytest.approx(expected)
    values[10] = np.nan  # one bad row must not erase the curve
    assert np.isfinite(plots.running_mean(values, 7)).all()


@pytest.mark.parametrize("losses", ["sum", "mean"])
@pytest.mark.parametrize("kind", ["non_saturating", "saturating"])
def test_plot_history_draws_its_own_chance_levels(losses, kind):
    history = History(losses, kind)
    fill(history, 5)
    figure = plots.plot_history(history)
    labels = {t.get_text() for axes in figure.axes for t in axes.texts}
    assert labels >= {"½", "log 4" if losses == "sum" else "log 2"}
    assert ("−log 2" in labels) == (kind == "saturating")


def test_the_chance_level_follows_a_loss_that_is_changed_while_training():
    history = History()
    fill(history, 5)
    lines = plots.history_axes(*plots.new_figure().subplots(1, 2), history)
    names = [text.get_text() for text in lines[-1].axes.texts]
    plots.update_history(lines, history)
    assert not plots.update_history(lines, history)
    history.generator_loss = "saturating"
    assert plots.update_history(lines, history)
    now = [text.get_text() for text in lines[-1].axes.texts]
    assert (names, now) == (["log 2", "log 4"], ["−log 2", "log 4"])


def test_a_tiled_sheet_has_every_image_in_its_place():
    images = RNG.integers(0, 255, (7, 4, 3), dtype=np.uint8)
    sheet = plots.tile(images, columns=3, gap=1)
    assert sheet.shape == (3 * 5 - 1, 3 * 4 - 1)
    assert np.array_equal(sheet[5:9, 4:7], images[4])
    with pytest.raises(ValueError, match="columns is 0"):
        plots.tile(images, 0)
