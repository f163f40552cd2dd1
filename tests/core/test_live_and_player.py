"""LivePanel, LiveCurves, TrainingPlayer and the explorers' frame, moved from Python."""

import asyncio
import base64
import io
import re
import threading
import time

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

from gan_lesson import plots
from gan_lesson.data import load_digits, ring, two_bumps
from gan_lesson.history import History
from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer
from gan_lesson.lessons.lesson_05 import exercises as lesson_05
from gan_lesson.lessons.lesson_05.loop import LoopPlayer, loop_run
from gan_lesson.lessons.lesson_06.timeline import digits_player
from gan_lesson.lessons.lesson_07.playground import Playground
from gan_lesson.lessons.lesson_10.pictures import recovery
from gan_lesson.live import WIDGET_VIEW, LiveCurves, LivePanel, bundle, encode_png
from gan_lesson.networks import small_pair
from gan_lesson.player import CurvesScene, SideBySide, TrainingPlayer, flip_book, one
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer

RNG = np.random.default_rng(0)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def new_player(**settings):
    G, D = small_pair(2)
    trainer = Trainer(G, D, ring(), batch_size=32, **settings)
    return TrainingPlayer(trainer)


def tick(player, n=1):
    for _ in range(n):
        player.play.value += 1


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


# --- curves --------------------------------------------------------------------------------------


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


# --- the player ----------------------------------------------------------------------------------


def test_nothing_trains_before_play_and_stop_trains_nothing():
    player = new_player()
    assert player.trainer.step == 0
    tick(player)
    step = player.trainer.step
    assert step >= 1
    player.play.value = 0  # what the stop button sends
    assert player.trainer.step == step


def test_a_player_that_left_the_page_trains_nothing():
    player = new_player()
    player.play._view_count = 1  # what a front end sets when it shows the widget
    tick(player)
    step = player.trainer.step
    assert step > 0
    player.play._view_count = 0  # and when the cell's output is replaced
    tick(player)
    assert player.trainer.step == step
    player.play._view_count = 1  # shown again
    tick(player)
    assert player.trainer.step > step


@pytest.mark.trains
def test_pictures_speed_and_pauses_do_not_change_the_numbers():
    player, alone = new_player(), new_player().trainer
    player.speed.value = 1
    tick(player, 3)
    player.speed.value = 10
    tick(player, 2)
    player.speed.value = 0
    tick(player, 2)
    alone.burst(player.trainer.step)
    assert np.array_equal(player.trainer.history["loss_g"], alone.history["loss_g"])


def test_buttons_step_one_player_and_rewind_returns():
    player = new_player()
    player.step_d.click()
    player.step_g.click()
    assert player.trainer.step == 2
    player.trainer.snapshot()
    tick(player)
    picture = player.panel.png
    player.moment.value = 2
    assert player.trainer.step == 2
    assert player.panel.png != picture
    assert "step 2" in player.panel.description
    assert player.moment.value == 2
    later = player.moment.options[-2][1]
    player.moment.value = later  # nothing was trained since, so the way forward is open
    assert (player.trainer.step, player.panel.png) == (later, picture)
    player.moment.value = 0
    assert "no step" in player.panel.description


def test_a_diverging_run_says_so_and_can_be_rewound():
    player = new_player()
    player.trainer.lr_d = player.trainer.lr_g = 1e30
    for _ in range(200):
        tick(player)
        if player.trainer.diverged:
            break
    assert player.trainer.diverged
    assert "training stopped" in player.status.value
    step = player.trainer.step
    tick(player, 3)
    player.step_d.click()
    assert player.trainer.step == step
    for rewind in (lambda: setattr(player.moment, "value", 0), lambda: player.trainer.rewind(0)):
        rewind()
        player.trainer.lr_d = player.trainer.lr_g = 1e-3
        tick(player)
        assert player.trainer.step >= 1
        assert not player.trainer.diverged


def loop_player():
    run = loop_run(lesson_05.update_discriminator, lesson_05.update_generator, two_bumps())
    return LoopPlayer(run)


@pytest.mark.parametrize(
    "make",
    [
        loop_player,
        lambda: digits_player(fully_connected_trainer(load_digits().train.images, n_steps=99)),
        lambda: Playground("wide ring"),
        lambda: recovery("mode collapse"),
        lambda: SideBySide({"a": new_player().trainer, "b": new_player().trainer}, CurvesScene),
    ],
    ids=["loop", "digits", "playground", "recovery", "side by side"],
)
def test_every_scene_lets_a_run_say_that_it_diverged(make):
    player = make()
    trainers = getattr(player.trainer, "trainers", {"": player.trainer})
    first, *others = trainers.values()
    player.speed.value = 1
    with torch.no_grad():
        next(first.G.parameters()).fill_(torch.nan)
    tick(player, 3)
    assert first.diverged and "training stopped" in player.status.value
    assert [trainer.step for trainer in others] == [3] * len(others)  # these go on
    assert player.panel.description


def test_two_runs_stay_at_one_step_while_a_cell_trains_and_keep_their_own_states_later():
    runs = {name: new_player().trainer for name in "ab"}
    player = SideBySide(runs, CurvesScene)
    held, seen = runs["b"].lock, []
    with held:  # a cell trains it
        thread = threading.Thread(target=lambda: seen.append(player.trainer.burst(5)))
        thread.start()
        thread.join(0.2)
        assert runs["a"].step == runs["b"].step == 0
    thread.join(10)
    assert seen and runs["a"].step == runs["b"].step == 5
    assert {run.seconds_between_snapshots for run in runs.values()} == {1.0}
    assert runs["a"].branch().seconds_between_snapshots == 1.0


def test_in_a_kernel_a_burst_waits_for_the_answer_and_is_owed_once():
    player = new_player()
    player.speed.value = 1
    seen = []

    async def kernel():
        async def until_the_next_turn():
            seen.append(player.trainer.step)
            await asyncio.sleep(0)
            seen.append(player.trainer.step)

        tick(player)
        await until_the_next_turn()  # a burst after the handler, not in it
        tick(player, 3)
        await until_the_next_turn()  # three ticks at once are owed one burst
        tick(player)
        player.play.value = 0
        await until_the_next_turn()  # the stop button takes back what is owed
        player.play.value = 1
        player.trainer.snapshot()
        player.moment.value = 0
        await until_the_next_turn()  # and so does a rewind
        player.trainer.burst = interrupted
        tick(player)
        await until_the_next_turn()  # an interrupt ends the burst, not the kernel's loop
        del player.trainer.burst
        tick(player)
        await until_the_next_turn()
        player.play._view_count = 1
        player.play._view_count = 0
        tick(player)
        await until_the_next_turn()  # nobody looks on
        player.play._view_count = 1
        tick(player)
        await until_the_next_turn()  # the page is back, and so is the clock

    def interrupted(**_):
        raise KeyboardInterrupt

    asyncio.run(kernel())
    assert seen == [0, 1, 1, 2, 2, 2, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2]


def test_players_that_play_at_once_share_the_time(monkeypatch):
    monkeypatch.setattr(one, "_last_tick", type(one._last_tick)())
    asked = []
    players = [new_player(), new_player()]
    for p in players:
        p.trainer.burst = lambda n_steps=None, seconds=None, players="DG": asked.append(seconds)
        p._draw_seconds = 0.01
        p.redraw = lambda message="": None
    tick(players[0])
    tick(players[1])
    tick(players[0])
    assert asked == pytest.approx([0.09, 0.04, 0.04])
    players[0]._draw_seconds = 5.0  # however slow the drawing, something is trained
    tick(players[0])
    assert asked[-1] == 0.02


def test_the_preview_runs_only_without_a_learner(monkeypatch):
    monkeypatch.delenv("GAN_LESSON_HEADLESS", raising=False)
    G, D = small_pair(2)
    assert TrainingPlayer(Trainer(G, D, ring()), preview_steps=5).trainer.step == 0
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "1")
    player = TrainingPlayer(Trainer(G, D, ring()), preview_steps=5)
    assert player.trainer.step == 5
    assert "step 5" in player.panel.description
    assert "steps/s" not in player.status.value  # no measured time in a stored picture


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"preview_steps": -1}, "preview_steps is -1"),
        ({"tick_seconds": 0}, "tick_seconds is 0"),
    ],
)
def test_bad_players_are_named(settings, names):
    G, D = small_pair(2)
    with pytest.raises(ValueError, match=names):
        TrainingPlayer(Trainer(G, D, ring()), **settings)
    with pytest.raises(ValueError, match="n_steps is None"):
        TrainingPlayer(Trainer(G, D, ring(), schedules={"lr": float}))


def side_by_side(**change):
    player = new_player()
    other = player.trainer.branch()
    for name, value in change.items():
        setattr(other, name, value)
    return SideBySide({"as it is": player.trainer, "<changed>": other}), player.trainer, other


@pytest.mark.trains
def test_two_runs_side_by_side_take_the_same_steps_and_rewind_together():
    player, a, b = side_by_side(lr_g=0.0)
    player.speed.value, player.tick_seconds = 10, 60  # however slow the machine
    tick(player, 3)
    assert a.step == b.step == 30
    alone = new_player().trainer
    alone.burst(30)
    assert np.array_equal(a.history["d_real"], alone.history["d_real"])
    assert not np.array_equal(a.history["loss_g"], b.history["loss_g"])
    assert "as it is: D(x)" in player.status.value and "&lt;changed&gt;" in player.status.value
    assert "as it is: Curves after step 30" in player.panel.description
    player.moment.value = 0
    assert a.step == b.step == 0
    player.step_d.click()
    assert a.step == b.step == 1
    player.speed.value, player.tick_seconds = 0, 0.05
    tick(player)
    assert a.step == b.step > 1


@pytest.mark.trains
def test_a_run_that_diverges_beside_another_stays_and_says_so():
    player, a, b = side_by_side(lr_d=1e30, lr_g=1e30)
    player.speed.value, player.tick_seconds = 10, 60
    tick(player, 3)
    assert a.step == 30 and b.step < 30 and b.diverged and not player.trainer.diverged
    assert "training stopped" in player.status.value
    player.moment.value = 0
    assert a.step == b.step == 0 and not b.diverged


@pytest.mark.parametrize("wrong", ["one", "twice", "apart"])
def test_runs_that_cannot_stand_side_by_side_are_named(wrong):
    a = new_player().trainer
    b = a.branch()
    b.burst(2)
    runs = {"one": {"a": a}, "twice": {"a": a, "b": a}, "apart": {"a": a, "b": b}}[wrong]
    with pytest.raises(ValueError, match="trainers are"):
        SideBySide(runs)


def test_side_by_side_keeps_moments_that_all_runs_have(monkeypatch):
    monkeypatch.setattr(Trainer, "seconds_between_snapshots", 0.0)
    player, a, b = side_by_side(lr_g=0.1)
    tick(player, 5)
    kept = [s.step for s in player.trainer.snapshots]
    assert kept == [s.step for s in a.snapshots] == [s.step for s in b.snapshots]
    assert len(kept) == 6 and kept[-1] == a.step


def test_a_flip_book_is_a_page_of_its_own_with_every_kept_moment(tmp_path):
    trainer = new_player().trainer
    for _ in range(3):
        trainer.burst(20)
        trainer.snapshot()
    rows, step = len(trainer.history), trainer.step
    page = flip_book(trainer, CurvesScene(), tmp_path / "run.html", title="<script>x</script>")
    text = page.read_text("utf-8")
    assert re.findall(r'data-step="(\d+)"', text) == ["0", "20", "40", "60"]
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    assert len({pixels(base64.b64decode(p)).tobytes() for p in pictures}) == 4
    assert "<script>x" not in text and "http" not in text
    assert 'alt="Curves after step 40:' in text
    assert (len(trainer.history), trainer.step) == (rows, step)
    with pytest.raises(OSError):
        flip_book(trainer, CurvesScene(), tmp_path / "no" / "run.html")
    assert [f.name for f in tmp_path.iterdir()] == ["run.html"]


def test_the_digits_player_shows_digits_that_change():
    trainer = fully_connected_trainer(load_digits().train.images[:500], n_steps=100, threads=1)
    player = digits_player(trainer)
    first = pixels(player.panel.png)
    player.speed.value = 10
    tick(player, 3)
    assert player.trainer.step > 0
    changed = (pixels(player.panel.png) != first).any(axis=2)
    assert changed[:, : changed.shape[1] // 3].mean() > 0.05  # the sheet on the left
    assert player.panel.description.startswith("36 generated digits")


def test_controls_are_core_widgets_only():
    def walk(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from walk(child)

    for top in (new_player().widget, LogLossExplorer().widget):
        for widget in walk(top):
            assert type(widget).__module__.startswith("ipywidgets.")
            assert not isinstance(widget, widgets.Output)


def test_sampling_for_a_picture_draws_nothing_from_the_run():
    player = new_player()
    state = player.trainer.generator.get_state()
    player.redraw()
    assert torch.equal(state, player.trainer.generator.get_state())
