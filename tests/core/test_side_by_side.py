"""SideBySide: several runs driven by one clock, always at the same step."""

import threading

import numpy as np
import pytest
import torch
from small_runs import new_player, tick

from gan_lesson.player import CurvesScene, SideBySide
from gan_lesson.trainer import Trainer, TrainingDiverged


def test_two_runs_stay_at_one_step_while_a_cell_trains_and_keep_their_own_states_later():
    runs = {name: new_player().trainer for name in "ab"}
    player = SideBySide(runs, CurvesScene)
    held, seen = runs["b"].lock, []
    with held:  # a cell trains it
        begun = threading.Event()
        thread = threading.Thread(
            target=lambda: (begun.set(), seen.append(player.trainer.burst(5)))
        )
        thread.start()
        assert begun.wait(60)
        thread.join(0.2)
        assert runs["a"].step == runs["b"].step == 0
    thread.join(60)
    assert seen and runs["a"].step == runs["b"].step == 5
    assert {run.seconds_between_snapshots for run in runs.values()} == {1.0}
    assert runs["a"].branch().seconds_between_snapshots == 1.0


def side_by_side(**change):
    player = new_player()
    other = player.trainer.branch()
    for name, value in change.items():
        setattr(other, name, value)
    return SideBySide({"as it is": player.trainer, "<changed>": other}), player.trainer, other


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


def test_a_run_that_a_cell_trains_alone_is_followed_by_the_other():
    player, a, b = side_by_side(lr_g=0.0)
    a.burst(7)  # from a cell
    player.speed.value, player.tick_seconds = 1, 60
    tick(player)
    assert a.step == b.step == 8
    alone = new_player().trainer
    alone.burst(8)
    assert np.array_equal(a.history["loss_d"], alone.history["loss_d"])
    b.burst(3)
    player.step_d.click()
    assert a.step == b.step == 12
    b.rewind(0)
    player.step_g.click()
    assert a.step == b.step == 13


def test_a_long_way_behind_is_made_up_for_in_bursts_that_are_bounded_too():
    player, a, b = side_by_side()
    a.burst(400)
    player.trainer._seconds_a_step = 0.001  # chunks of 10 steps
    player.trainer.burst(seconds=1e-9)
    assert 0 < b.step < 400 == a.step
    player.trainer.burst(1)
    assert a.step == b.step == 401


def test_one_that_diverged_ahead_of_the_other_is_not_followed():
    player, a, b = side_by_side(lr_g=1e30, lr_d=1e30)
    a.burst(5)
    with pytest.raises(TrainingDiverged):
        b.burst(200)
    player.trainer.burst(1)
    assert a.step == 6 and b.diverged
    for run in (a, b):
        run.diverged = run.diverged or b.diverged
    with pytest.raises(TrainingDiverged):
        player.trainer.burst(1)


def test_other_runs_may_take_the_places_of_these():
    player, a, b = side_by_side(lr_g=0.0)
    player.speed.value, player.tick_seconds = 10, 60
    tick(player)
    names = list(player.trainer.trainers)
    fresh = {name: new_player().trainer for name in names}
    player.replace(fresh)
    assert "no step has been taken" in player.panel.description
    assert player.status.value.count("Step 0")
    tick(player)
    assert {run.step for run in fresh.values()} == {10} and a.step == b.step == 10
    with pytest.raises(ValueError, match="they must be called"):
        player.replace({"x": new_player().trainer, "y": new_player().trainer})
    with pytest.raises(ValueError, match="two or more different"):
        player.replace(dict.fromkeys(names, a))
    assert player.trainer.trainers == fresh


def test_a_rewind_that_one_run_cannot_do_moves_none():
    player, a, b = side_by_side(lr_g=0.0)
    player.trainer.burst(5)
    player.trainer.snapshot()
    player.trainer.burst(5)
    weights = [p.detach().clone() for p in a.D.parameters()]
    b.optimizer_d = torch.optim.SGD(b.D.parameters(), lr=0.1)  # the kept state is Adam's
    with pytest.raises(ValueError, match="does not fit this trainer any more"):
        player.trainer.rewind(5)
    assert a.step == b.step == len(a.history) == len(b.history) == 10
    assert all(map(torch.equal, weights, a.D.parameters()))
