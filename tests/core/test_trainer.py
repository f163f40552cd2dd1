"""Trainer: a run depends on its seed and steps alone, and is honest when it fails."""

import copy
import os
import signal
import threading

import numpy as np
import pytest
import torch
from small_runs import new_trainer, same_history, same_weights
from torch import nn

from gan_lesson.data import load_digits, ring
from gan_lesson.networks import Discriminator, Generator, small_pair
from gan_lesson.recipes import long_run_trainer
from gan_lesson.schedules import doubling_at
from gan_lesson.shelter import interrupt_deferred
from gan_lesson.trainer import Trainer, TrainingDiverged


def test_pieces_pauses_and_foreign_random_numbers_change_nothing():
    whole, pieces = new_trainer(r1_gamma=0.1, r1_every=4), new_trainer(r1_gamma=0.1, r1_every=4)
    whole.burst(60)
    stop = threading.Event()
    noise = threading.Thread(target=lambda: [torch.randn(9) for _ in iter(stop.is_set, True)])
    noise.start()
    try:
        for n in (1, 7, 2, 50):
            pieces.burst(n)
            pieces.snapshot()
            pieces.sample(torch.randn(5, 2))
    finally:
        stop.set()
        noise.join()
    assert same_history(whole, pieces)
    assert same_weights(whole.G, pieces.G)


def test_another_seed_is_another_run():
    a, b = new_trainer(seed=0), new_trainer(seed=1)
    a.burst(5)
    b.burst(5)
    assert not same_history(a, b)


def test_the_thread_that_calls_does_not_matter():
    here, there = new_trainer(threads=1), new_trainer(threads=1)
    here.burst(40)
    thread = threading.Thread(target=there.burst, args=(40,))
    thread.start()
    thread.join()
    assert same_history(here, there)


def test_run_yields_every_step_and_ends():
    trainer = new_trainer()
    assert [r.step for r in trainer.run(5)] == [1, 2, 3, 4, 5]
    assert [r.step for r in trainer.run(10, every=4)] == [9, 13, 15]
    assert len(list(trainer.run(seconds=0.05))) >= 1


def test_schedules_follow_progress_and_hold_their_end():
    seen = []

    def fall(progress):
        seen.append(progress)
        return 1.0 - progress

    trainer = new_trainer(schedules={"lr": fall}, n_steps=10)
    trainer.burst(15)
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert trainer.optimizer_d.param_groups[0]["lr"] == 0.0


def test_a_batch_grows_as_its_schedule_says():
    trainer = new_trainer(schedules={"batch_size": doubling_at(0.5, 0.75)}, n_steps=4)
    seen = []
    trainer.G.register_forward_hook(lambda G, z, x: seen.append(len(x)))
    trainer.burst(4)
    assert seen == [32] * 4 + [64] * 2 + [128] * 2  # G draws for D's step, then for its own


@pytest.mark.trains
@pytest.mark.parametrize("model", ["fc", "conv"])
def test_a_long_run_starts_from_its_seed_and_learns(model):
    """Over twelve steps one run may begin by chance with an easy batch: three are judged."""
    images = load_digits().train.images[:512]
    runs = []
    for seed in (3, 3, 4, 5):
        runs.append(long_run_trainer(images, model, seed=seed, n_steps=12))
        runs[-1].burst(12)
    once, again = ([*run.G_ema.state_dict().values()] for run in runs[:2])
    assert all(map(torch.equal, once, again))
    losses = np.array([run.history["loss_d"] for run in runs[1:]])
    assert losses[:, -3:].mean() < losses[:, 0].mean()
    assert runs[0].sample(runs[0].G.sample_z(2)).shape == (2, 1, 28, 28)


def test_a_long_run_of_another_model_is_refused():
    with pytest.raises(ValueError, match="model is 'vae'"):
        long_run_trainer(torch.zeros(2, 1, 28, 28), "vae")


def test_the_averaged_generator_lags_behind():
    copied, lagging = new_trainer(ema_decay=0.0), new_trainer(ema_decay=0.99)
    for trainer in (copied, lagging):
        trainer.burst(30)
    assert same_weights(copied.G, copied.G_ema)
    assert not same_weights(lagging.G, lagging.G_ema)
    assert same_weights(copied.G, lagging.G)


@pytest.mark.trains
def test_divergence_names_the_exact_step_and_keeps_finite_states():
    G, D = small_pair(2)
    trainer = Trainer(
        G, D, ring(), batch_size=32, optimizer_d=torch.optim.SGD(D.parameters(), lr=1e12)
    )
    alone = copy.deepcopy(D)
    with pytest.raises(TrainingDiverged, match=r"in step \d+.*learning rate.*rewind") as error:
        trainer.burst(200)
    assert len(trainer.history) == error.value.step - 1
    assert np.isfinite(trainer.history["loss_d"]).all()
    assert trainer.step == error.value.step - 1
    with pytest.raises(TrainingDiverged) as again:
        trainer.burst(1)
    assert again.value.step == error.value.step
    trainer.rewind(0)
    assert same_weights(alone, trainer.D)
    trainer.lr_d = 0.01
    trainer.burst(5)
    assert trainer.step == 5


def test_an_interrupt_waits_for_the_end_of_the_step_and_the_next_call_resumes():
    interrupted, whole = new_trainer(), new_trainer()
    calls = []
    draw = interrupted.draw_real

    def draw_and_interrupt(n):
        calls.append(n)
        if len(calls) == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return draw(n)

    interrupted.draw_real = draw_and_interrupt
    with pytest.raises(KeyboardInterrupt):
        interrupted.burst(10)
    assert interrupted.step == len(interrupted.history) == 4
    interrupted.burst(6)
    whole.burst(10)
    assert same_history(interrupted, whole)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda t: t.burst(), "n_steps, seconds or both"),
        (lambda t: t.burst(-3), "n_steps is -3"),
        (lambda t: t.burst(2.5), "n_steps is 2.5"),
        (lambda t: t.burst(seconds=-1.0), "seconds is -1.0"),
        (lambda t: t.burst(1, players="X"), "players is 'X'"),
        (lambda t: t.run(), "one of them"),
        (lambda t: t.run(-5), "n_steps is -5"),
        (lambda t: t.run(5, every=0), "every is 0"),
        (lambda t: t.rewind(77), "no state is kept for step 77"),
    ],
)
def test_bad_calls_are_named_and_change_nothing(call, names):
    trainer = new_trainer()
    with pytest.raises(ValueError, match=names):
        call(trainer)
    assert trainer.step == len(trainer.history) == 0


def test_each_run_without_n_steps_has_schedules_of_its_own():
    seen = []
    trainer = new_trainer(schedules={"lr": lambda progress: seen.append(progress) or 1 - progress})
    for _ in range(2):
        list(trainer.run(4))
        assert seen == [0, 0.25, 0.5, 0.75]
        seen.clear()
    trainer.burst(1)  # after a run its end is held
    assert seen == [1.0]
    abandoned = trainer.run(seconds=60)
    next(abandoned)
    seen.clear()
    trainer.burst(1)
    assert seen == [1.0]


def test_an_interrupt_in_a_step_that_fails_is_not_lost():
    with pytest.raises(KeyboardInterrupt), interrupt_deferred():
        signal.raise_signal(signal.SIGINT)
        raise ArithmeticError("the step failed")


@pytest.mark.trains
@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in (1, 2))])
def test_training_moves_the_generator_towards_the_data(seed):
    """On a ring of radius 1, samples that start near 0 end near the circle."""
    trainer = new_trainer(seed=seed, batch_size=128, r1_gamma=0.1, ema_decay=0.95)
    z = torch.randn(500, 2, generator=torch.Generator().manual_seed(9))
    before = (trainer.sample(z).norm(dim=1) - 1).abs().mean()
    trainer.burst(600)
    after = (trainer.sample(z).norm(dim=1) - 1).abs().mean()
    assert after < 0.4 * before


def test_the_generator_may_be_any_module_with_any_optimizer():
    G = Generator(nn.Linear(1, 2), latent_dim=1)
    D = Discriminator(nn.Linear(2, 1))
    trainer = Trainer(
        G,
        D,
        torch.randn(50, 2),
        optimizer_g=torch.optim.SGD(G.parameters(), lr=0.1),
        optimizer_d=torch.optim.RMSprop(D.parameters()),
        d_steps=3,
    )
    trainer.burst(10)
    trainer.snapshot()
    trainer.rewind(10)
    assert trainer.step == 10
