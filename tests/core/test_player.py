"""TrainingPlayer, its scenes and the flip book, moved from Python."""

import asyncio
import base64
import re

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from small_runs import new_player, pixels, tick

from gan_lesson.data import load_digits, ring, two_bumps
from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer
from gan_lesson.lessons.lesson_05 import exercises as lesson_05
from gan_lesson.lessons.lesson_05.loop import LoopPlayer, loop_run
from gan_lesson.lessons.lesson_06.timeline import digits_player
from gan_lesson.lessons.lesson_07.playground import Playground
from gan_lesson.lessons.lesson_10.pictures import recovery
from gan_lesson.networks import small_pair
from gan_lesson.player import CurvesScene, SideBySide, TrainingPlayer, flip_book, one
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer


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


@pytest.mark.parametrize(
    ("drawing", "burst"), [(0.001, 0.099), (0.012, 0.088), (0.017, 0.102), (0.03, 0.095), (1, 0.02)]
)
def test_a_burst_takes_what_drawing_leaves_and_six_times_the_drawing_if_there_is_room(
    drawing, burst
):
    player = new_player()
    player._draw_seconds = drawing
    assert player._burst_seconds(0.1) == pytest.approx(burst)
    assert burst + drawing <= 0.125 or burst == 0.02  # at least eight pictures a second
    assert player._burst_seconds(0.05) <= burst  # two that play at once


def test_players_that_play_at_once_share_the_time(monkeypatch):
    monkeypatch.setattr(one, "_last_tick", type(one._last_tick)())
    asked = []
    players = [new_player(), new_player()]
    for p in players:
        p.trainer.burst = lambda n_steps=None, seconds=None, players="DG": asked.append(seconds)
        p._draw_seconds = 0.005
        p.redraw = lambda message="": None
    tick(players[0])
    tick(players[1])
    tick(players[0])
    assert asked == pytest.approx([0.095, 0.045, 0.045])
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
