"""LivePanel, LiveCurves and the explorers' frame, moved from Python."""

import base64
import io
import subprocess
import sys
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

pytestmark = pytest.mark.usefixtures("in_tmp_path")
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


def test_drawing_takes_less_than_a_twentieth_of_the_loops_time_however_slow_it_is(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    curves = LiveCurves(History())
    drawn = []

    def slow_draw():
        drawn.append(now[0])
        now[0] += 0.8

    curves._draw = slow_draw
    for _ in range(10_000):
        now[0] += 0.010
        curves.history.append(d_real=0.5)
        curves.update()
    spent = 0.8 * len(drawn)
    assert 0.02 * now[0] < spent <= 0.03 * now[0] + curves.advance + 0.01
    assert min(np.diff(drawn)) >= curves.seconds_between_files


def test_a_further_column_that_comes_late_gets_a_panel_below():
    history = History()
    curves = LiveCurves(history)
    fill(history, 30)
    curves.update(now=True)
    before = pixels(curves.panel.png)
    for i in range(30):
        history.append(d_real=0.5, penalty=i, lr=1e-3)
    curves.update(now=True)
    names = [axes.get_ylabel() for axes in curves.panel.figure.axes]
    assert names[2:] == ["penalty", "lr"]
    after = pixels(curves.panel.png)
    assert after.shape[0] > before.shape[0] and after.shape[1] == before.shape[1]
    assert "step 60" in curves.panel.description


def test_several_histories_are_compared_while_they_grow():
    runs = {"mine": History(), "theirs": History(loss="hinge")}
    curves = LiveCurves(runs)
    for history in runs.values():
        frames = curves.panel.frames
        fill(history, 20)
        curves.update(now=True)
        assert curves.panel.frames > frames
    frames = curves.panel.frames
    curves.update(now=True)
    assert curves.panel.frames == frames  # nothing new, nothing drawn
    assert "mine: Curves after step 20: D(x) =" in curves.panel.description
    assert "theirs: Curves after step 20: score of real samples" in curves.panel.description
    names = [text.get_text() for text in curves.panel.figure.legends[0].get_texts()]
    assert names == ["mine", "theirs"]


# --- a script, and a terminal ------------------------------------------------------------------

SCRIPT = """\
import os
from gan_lesson import History, LiveCurves

def main(**where):
    history = History()
    curves = LiveCurves(history, **where)
    for i in range(7):
        history.append(d_real=0.6, d_fake=0.4, loss_d=1.1, loss_g=0.9)
        curves.update()
    return curves

main(path="local.png")  # its curves end with the call
held = main()
os.chdir("/")
"""


def test_a_script_leaves_its_last_state_in_a_file_and_says_where(tmp_path):
    run = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    files = [tmp_path / "local.png", tmp_path / "live_curves.png"]
    assert done.stdout == "".join(f"LiveCurves draws to {file}\n" for file in files)
    assert done.stderr == "" and set(tmp_path.iterdir()) == set(files)
    for file in files:
        assert pixels(file.read_bytes()).shape == (320, 900, 3)


def test_a_terminals_ipython_gets_the_file_too(tmp_path, capsys):
    InteractiveShell.instance()
    try:
        curves = LiveCurves(History(), path=tmp_path / "mine.png")
    finally:
        InteractiveShell.clear_instance()
    assert not (tmp_path / "mine.png").exists()  # there is no run yet
    fill(curves.history, 3)
    curves.update(now=True)
    first = (tmp_path / "mine.png").read_bytes()
    fill(curves.history, 3)
    curves.close()
    last = (tmp_path / "mine.png").read_bytes()
    assert first != last == curves.panel.png
    fill(curves.history, 3)
    curves.update(now=True)
    assert (tmp_path / "mine.png").read_bytes() == last  # closed is closed
    assert capsys.readouterr().out == f"LiveCurves draws to {tmp_path / 'mine.png'}\n"


def test_a_picture_that_cannot_be_written_is_told_once_and_stops_no_loop(tmp_path, capsys):
    curves = LiveCurves(History(), path=tmp_path / "no_folder" / "mine.png")
    for _ in range(3):
        fill(curves.history, 3)
        curves.update(now=True)
    said = capsys.readouterr().out
    assert said.count("LiveCurves cannot draw") == said.count("\n") == 1
    assert "mine.png could not be written" in said


# --- the curves of a history -------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("loss", "answers", "unit"),
    [
        ("hinge", "score of D", "units of the score"),
        ("wasserstein", "score of the critic", "units of the score"),
        ("least_squares", "score of D", "squared score"),
        ("relativistic", "score of D", "nats"),
    ],
)
def test_scores_have_an_axis_as_wide_as_they_are_and_the_levels_of_their_family(
    loss, answers, unit
):
    history = History(loss=loss)
    for i in range(60):
        history.append(d_real=40 - i, d_fake=-30.0, loss_d=i, loss_g=30.0)
    of_d, of_losses = plots.plot_history(history).axes
    low, high = of_d.get_ylim()
    assert low < -30 and 40 < high
    assert (of_d.get_ylabel(), of_losses.get_ylabel()) == (answers, f"loss ({unit}, sum)")
    assert bool(of_d.texts) == ("d_real" in history.chance_levels)
    levels = {history.chance_levels[n] for n in ("loss_d", "loss_g") if n in history.chance_levels}
    assert len(of_losses.texts) == len(levels)


def test_a_gap_leaves_no_hole_and_further_columns_are_drawn_below():
    history = History()
    for i in range(100):
        g = {"loss_g": i / 100} if i % 5 == 4 else {}
        history.append(d_real=0.6, loss_d=1.0, penalty=2.0 + i, **g)
    axes = plots.plot_history(history).axes
    (of_g,) = (line for line in axes[1].lines if line.get_gid() == "loss_g raw")
    assert of_g.get_xdata().tolist() == list(range(5, 101, 5))
    assert np.isfinite(of_g.get_ydata()).all()
    assert axes[2].get_ylabel() == "penalty" and not axes[3].axison
    low, high = axes[2].get_ylim()
    assert low < 2 and high > 100


def test_compared_runs_differ_in_colour_and_dashes_and_share_a_level_or_have_none():
    runs = {f"run {i}": History(("sum", "mean")[i // 2]) for i in range(4)}
    for history in runs.values():
        fill(history, 60)
    figure = plots.compare(runs)
    styles = {(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines[:8]}
    assert len(styles) == len({c for c, _ in styles}) == len({d for _, d in styles}) == 4
    levels = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert levels == [["½"], ["½"], [], ["log 2"]]  # D's losses are sums and means
    assert plots.compare({"printed": "d_loss: 1.2\nd_loss: 1.1\n"}).axes


def test_too_many_runs_or_a_figure_in_use_are_refused():
    run = History()
    with pytest.raises(ValueError, match="holds 5 runs; compare draws 1 to 4"):
        plots.compare(dict.fromkeys("abcde", run))
    with pytest.raises(ValueError, match="holds 0 runs"):
        plots.compare({})
    figure = plots.plot_history(run)
    for draw, what in ((plots.compare, {"a": run}), (plots.plot_history, run)):
        with pytest.raises(ValueError, match="has axes already"):
            draw(what, figure)


@pytest.mark.parametrize("length", [3, 30, 90])
def test_long_names_of_runs_leave_the_curves_their_room(length):
    run = History()
    fill(run, 30)
    figure = plots.compare({f"{i}".ljust(length, "n"): run for i in range(4)})
    figure.draw_without_rendering()
    (legend,) = figure.legends
    heights = [axes.get_window_extent().height / figure.dpi for axes in figure.axes]
    assert min(heights) > 0.9
    assert legend.get_window_extent().x1 < figure.bbox.x1
    assert legend.get_window_extent().y0 > figure.axes[0].get_window_extent().y1


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
