"""Kept states: a run returns to one, branches from one, and goes on bit for bit."""

import copy
import signal

import numpy as np
import pytest
import torch
from small_runs import COLUMNS, new_trainer, same_history, same_weights

from gan_lesson.history import History
from gan_lesson.networks import small_pair
from gan_lesson.snapshots import taken, tensors_in


def test_rewind_repeats_the_same_future_and_a_change_makes_another():
    trainer = new_trainer(ema_decay=0.9)
    trainer.burst(20)
    trainer.snapshot()
    trainer.burst(30)
    first = {c: trainer.history[c].copy() for c in COLUMNS}
    weights = copy.deepcopy(trainer.G_ema.state_dict())
    trainer.snapshot()
    trainer.rewind(20)
    assert trainer.step == len(trainer.history) == 20
    trainer.rewind(50)  # forward again, as nothing was trained in between
    assert np.array_equal(trainer.history["loss_d"], first["loss_d"])
    trainer.rewind(20)
    trainer.burst(30)
    assert all(np.array_equal(trainer.history[c], first[c]) for c in COLUMNS)
    assert all(torch.equal(weights[k], v) for k, v in trainer.G_ema.state_dict().items())
    trainer.rewind(20)
    trainer.lr_d *= 2
    trainer.burst(30)
    assert np.array_equal(trainer.history["loss_d"][:20], first["loss_d"][:20])
    assert not np.array_equal(trainer.history["loss_d"], first["loss_d"])


def test_kept_states_stay_within_memory_and_span_the_run():
    trainer = new_trainer()
    trainer.burst(2)
    trainer.snapshot()
    size = trainer.snapshots[-1].nbytes  # the first is smaller: Adam knows nothing yet
    trainer.snapshot_bytes = 10 * size
    for _ in range(59):
        trainer.burst(2)
        trainer.snapshot()
    steps = [s.step for s in trainer.snapshots]
    assert sum(s.nbytes for s in trainer.snapshots) <= 10 * size
    assert len(steps) == 10
    assert (steps[0], steps[-1]) == (0, 120)
    gaps = np.diff(steps)
    assert gaps[:4].mean() > 2 * gaps[-4:].mean()  # wider the older


def test_a_state_with_nan_is_not_kept():
    trainer = new_trainer()
    trainer.burst(3)
    with torch.no_grad():
        next(trainer.G.parameters()).fill_(float("nan"))
    assert not trainer.snapshot()
    assert [s.step for s in trainer.snapshots] == [0]


def test_rewinding_never_loses_the_state_that_was_asked_for():
    trainer = new_trainer()
    trainer.max_snapshots = 6
    for _ in range(12):
        trainer.burst(3)
        trainer.snapshot()
    for place in (1, 2, 3, 4):
        trainer.burst(1)
        wanted = trainer.snapshots[place].step
        trainer.snapshot(also_keep=wanted)
        assert wanted in [s.step for s in trainer.snapshots]
        assert len(trainer.snapshots) <= 6


def test_a_branch_has_the_same_future_until_it_is_changed():
    trainer = new_trainer(ema_decay=0.9, schedules={"lr": lambda p: 1 - p}, n_steps=60)
    trainer.burst(10)
    trainer.snapshot()
    trainer.burst(10)
    late, early, changed = trainer.branch(), trainer.branch(10), trainer.branch()
    changed.lr_g = 10 * changed.lr_g
    weights = copy.deepcopy(trainer.G)
    for other in (late, early, changed):
        other.burst(40 - other.step)
    assert same_weights(weights, trainer.G)  # it knows nothing of its branches
    trainer.burst(20)
    for other in (late, early):
        assert same_history(trainer, other)
        assert same_weights(trainer.G, other.G) and same_weights(trainer.G_ema, other.G_ema)
    assert not same_weights(trainer.G, changed.G)
    assert late.data is trainer.data
    with pytest.raises(ValueError, match="no state is kept for step 7"):
        trainer.branch(7)


def test_a_rewound_run_trains_on_although_its_schedule_had_ended():
    trainer = new_trainer(schedules={"lr": lambda progress: 1 - progress})
    for _ in trainer.run(20):
        pass
    over = [p.clone() for p in trainer.G.parameters()]
    trainer.burst(5)
    assert all(map(torch.equal, over, trainer.G.parameters()))  # the rates have fallen to 0
    trainer.rewind(0)
    start = [p.clone() for p in trainer.G.parameters()]
    trainer.burst(5)
    assert not any(map(torch.equal, start, trainer.G.parameters()))


def test_a_state_at_the_end_of_a_run_remembers_that_it_was_the_end():
    trainer = new_trainer(schedules={"lr": lambda progress: 1 - progress})
    trainer.seconds_between_snapshots = 0.0
    for _ in trainer.run(20):
        pass
    trainer.burst(5)
    trainer.rewind(20)
    assert trainer.progress == 1.0


def another_g(trainer):
    trainer.G = small_pair(2, width=16)[0]


def another_optimizer(trainer):
    trainer.optimizer_g = torch.optim.SGD(trainer.G.parameters(), lr=0.1)


def one_more_parameter(trainer):
    trainer.optimizer_d.param_groups[0]["params"].extend(trainer.G.parameters())


def another_history(trainer):
    trainer.history = History()


@pytest.mark.parametrize(
    "change", [another_g, another_optimizer, one_more_parameter, another_history]
)
def test_a_rewind_that_cannot_be_done_changes_nothing(change):
    trainer = new_trainer(ema_decay=0.9)
    trainer.burst(4)
    trainer.snapshot()
    trainer.burst(5)
    change(trainer)
    before, rows = taken(trainer), len(trainer.history)
    with pytest.raises(ValueError, match=r"kept for step 4 does not fit .* stays at step 9"):
        trainer.rewind(4)
    assert (trainer.step, len(trainer.history)) == (9, rows)
    after = taken(trainer)
    assert after[:3] == before[:3]
    pairs = zip(tensors_in(before.state), tensors_in(after.state), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    if change is not another_g:  # its average is of another size
        trainer.burst(1)
        assert trainer.step == 10


def test_an_interrupt_waits_until_a_rewind_is_whole(monkeypatch):
    trainer, alone = new_trainer(), new_trainer()
    trainer.burst(6)
    load = trainer.G.load_state_dict

    def load_and_interrupt(state):
        signal.raise_signal(signal.SIGINT)
        return load(state)

    monkeypatch.setattr(trainer.G, "load_state_dict", load_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        trainer.rewind(0)
    assert trainer.step == len(trainer.history) == 0
    assert same_weights(trainer.G, alone.G) and same_weights(trainer.D, alone.D)
