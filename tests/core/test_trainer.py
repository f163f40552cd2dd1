"""Trainer and History: equal to Algorithm 1, repeatable, rewindable, honest when they fail."""

import copy
import os
import signal
import threading

import numpy as np
import pytest
import torch
from torch import nn

from gan_lesson.data import load_digits, ring
from gan_lesson.history import History
from gan_lesson.losses import discriminator_loss, generator_loss, r1_penalty
from gan_lesson.networks import Discriminator, Generator, small_pair
from gan_lesson.recipes import doubling_at, long_run_trainer
from gan_lesson.shelter import interrupt_deferred
from gan_lesson.trainer import Trainer, TrainingDiverged, adam
from gan_lesson.turns import update_discriminator, update_generator

COLUMNS = ("step", "d_real", "d_fake", "loss_d", "loss_g")


def new_trainer(seed=0, **settings):
    G, D = small_pair(2, seed=seed)
    return Trainer(G, D, ring(), **({"seed": seed, "batch_size": 32} | settings))


def same_history(a, b):
    return all(np.array_equal(a.history[c], b.history[c]) for c in COLUMNS)


def same_weights(a, b):
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.equal(x, y) for x, y in pairs)


# --- the two updates -------------------------------------------------------------------------


@pytest.mark.parametrize("with_batch_norm", [False, True])
def test_the_discriminators_step_is_gradient_descent_on_its_loss(with_batch_norm):
    G, D = small_pair(2)
    if with_batch_norm:
        D = Discriminator(nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 1)))
    twin = copy.deepcopy(D)
    x, z = torch.randn(16, 2), torch.randn(16, 2)
    update_discriminator(D, G, torch.optim.SGD(D.parameters(), lr=0.1), x, z)
    discriminator_loss(twin.logits(x), twin.logits(G(z).detach())).backward()
    for moved, before in zip(D.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(moved, before - 0.1 * before.grad, atol=1e-6)


@pytest.mark.parametrize("kind", ["non_saturating", "saturating"])
def test_the_generators_step_moves_g_alone(kind):
    G, D = small_pair(2)
    twin, d_before = copy.deepcopy(G), copy.deepcopy(D)
    z = torch.randn(16, 2)
    update_generator(D, G, torch.optim.SGD(G.parameters(), lr=0.1), z, kind)
    assert all(p.grad is None for p in D.parameters())
    generator_loss(D.logits(twin(z)), kind).backward()
    for moved, before in zip(G.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(moved, before - 0.1 * before.grad, atol=1e-6)
    assert same_weights(D, d_before)


def test_the_discriminators_step_leaves_g_without_gradient():
    G, D = small_pair(2)
    update_discriminator(D, G, adam(D.parameters()), torch.randn(8, 2), torch.randn(8, 2), 0.1)
    assert all(p.grad is None for p in G.parameters())


# --- a run depends on its seed and steps, and on nothing else ----------------------------------


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


def test_run_yields_every_step_and_ends():
    trainer = new_trainer()
    assert [r.step for r in trainer.run(5)] == [1, 2, 3, 4, 5]
    assert [r.step for r in trainer.run(10, every=4)] == [9, 13, 15]
    assert len(list(trainer.run(seconds=0.05))) >= 1


def test_single_players_move_alone_and_are_recorded():
    trainer = new_trainer()
    g, d = copy.deepcopy(trainer.G), copy.deepcopy(trainer.D)
    trainer.burst(1, players="D")
    assert same_weights(g, trainer.G)
    assert not same_weights(d, trainer.D)
    d = copy.deepcopy(trainer.D)
    trainer.burst(1, players="G")
    assert same_weights(d, trainer.D)
    assert not same_weights(g, trainer.G)
    assert trainer.step == len(trainer.history) == 2
    assert np.isfinite(trainer.history["loss_g"]).all()


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


@pytest.mark.parametrize("model", ["fc", "conv"])
def test_a_long_run_starts_from_its_seed_and_learns(model):
    images = load_digits().train.images[:512]
    ends = []
    for _ in range(2):
        trainer = long_run_trainer(images, model, seed=3, n_steps=12)
        trainer.burst(12)
        ends.append([*trainer.G_ema.state_dict().values()])
    assert all(torch.equal(a, b) for a, b in zip(*ends, strict=True))
    assert trainer.history["loss_d"][-1] < trainer.history["loss_d"][0]
    assert trainer.sample(trainer.G.sample_z(2)).shape == (2, 1, 28, 28)


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


# --- when it fails -----------------------------------------------------------------------------


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


def test_a_state_with_nan_is_not_kept():
    trainer = new_trainer()
    trainer.burst(3)
    with torch.no_grad():
        next(trainer.G.parameters()).fill_(float("nan"))
    assert not trainer.snapshot()
    assert [s.step for s in trainer.snapshots] == [0]


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
    ("settings", "names"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"d_steps": -1}, "d_steps is -1"),
        ({"n_steps": 0}, "n_steps is 0"),
        ({"threads": 0}, "threads is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"schedules": {"lr": 3}}, "must be a function"),
        ({"r1_gamma": -1.0}, "r1_gamma is -1.0"),
        ({"r1_gamma": float("nan")}, "r1_gamma is nan"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0"),
        ({"loss": "hinge"}, "loss is 'hinge'"),
        ({"schedules": {"speed": abs}}, "'speed'"),
        ({"data": torch.zeros(0, 2)}, r"data has shape \(0, 2\)"),
        ({"data": torch.full((4, 2), float("nan"))}, "data holds NaN"),
        ({"data": [1, 2, 3]}, "data is a list"),
    ],
)
def test_bad_settings_are_named(settings, names):
    G, D = small_pair(2)
    data = settings.pop("data", ring())
    with pytest.raises(ValueError, match=names):
        Trainer(G, D, data, **settings)


def test_dropout_is_refused_because_it_draws_global_random_numbers():
    G, _ = small_pair(2)
    D = Discriminator(nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.3), nn.Linear(4, 1)))
    with pytest.raises(ValueError, match="Dropout.*LiveCurves"):
        Trainer(G, D, ring())


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


def test_data_networks_and_optimizers_that_do_not_fit_are_named_before_training():
    G, D = small_pair(2)
    with pytest.raises(ValueError, match=r"shape \(3,\), but G makes \(2,\)"):
        Trainer(G, D, torch.zeros(10, 3))
    with pytest.raises(ValueError, match="uint8.*convert it"):
        Trainer(G, D, torch.zeros(10, 2, dtype=torch.uint8))
    with pytest.raises(ValueError, match="as_logits"):
        Trainer(G, nn.Linear(2, 1), ring())
    with pytest.raises(ValueError, match="D cannot judge"):
        Trainer(G, small_pair(5)[1], ring())
    with pytest.raises(ValueError, match="optimizer_d holds parameters that are not D's"):
        Trainer(G, D, ring(), optimizer_d=adam(G.parameters()))


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


def test_groups_of_parameters_keep_their_ratio_and_foreign_changes_are_left_alone():
    G, D = small_pair(2)
    first, *rest = D.parameters()
    groups = [{"params": [first], "lr": 1e-5}, {"params": rest, "lr": 1e-3}]
    trainer = Trainer(G, D, ring(), optimizer_d=torch.optim.Adam(groups, betas=(0.0, 0.99)))
    trainer.burst(1)
    assert [g["lr"] for g in trainer.optimizer_d.param_groups] == [1e-5, 1e-3]
    trainer.optimizer_g.param_groups[0]["lr"] = 0.5  # as a scheduler of torch does
    trainer.lr_d = 2e-5
    trainer.burst(1)
    assert [g["lr"] for g in trainer.optimizer_d.param_groups] == pytest.approx([2e-5, 2e-3])
    assert trainer.optimizer_g.param_groups[0]["lr"] == 0.5


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


@pytest.mark.parametrize("gammas", [(0.4, 0.0), (0.0, 0.7), (0.4, 0.7)])
def test_each_penalty_weighs_the_slopes_at_its_own_samples(gammas):
    trainer = new_trainer()
    x, z = trainer.draw_real(8), trainer.draw_z(5)
    D = copy.deepcopy(trainer.D)
    samples = x.clone().requires_grad_(), trainer.G(z).detach().requires_grad_()
    logits = [D.logits(half) for half in samples]
    loss = discriminator_loss(*logits)
    for gamma, score, half in zip(gammas, logits, samples, strict=True):
        loss = loss + gamma * r1_penalty(score, half)
    wanted = torch.autograd.grad(loss, list(D.parameters()))
    sgd = torch.optim.SGD(trainer.D.parameters(), lr=0.1)
    before = [w.detach().clone() for w in trainer.D.parameters()]
    update_discriminator(trainer.D, trainer.G, sgd, x, z, *gammas)
    for w, old, slope in zip(trainer.D.parameters(), before, wanted, strict=True):
        assert torch.allclose(w, old - 0.1 * slope, atol=1e-7)


def test_simultaneous_players_answer_the_same_point():
    at_once, in_turn = new_trainer(simultaneous=True), new_trainer()
    old_d, old_g = copy.deepcopy(at_once.D), copy.deepcopy(at_once.G)
    at_once.burst(1)
    in_turn.burst(1)
    assert same_weights(at_once.D, in_turn.D)  # D moves alike in both
    assert not same_weights(at_once.G, in_turn.G)
    twin = new_trainer()
    _, _, z_g = twin.draw_real(32), twin.draw_z(32), twin.draw_z(32)  # the order of a turn
    update_generator(old_d, old_g, adam(old_g.parameters()), z_g)  # by the D before its step
    assert same_weights(old_g, at_once.G)


@pytest.mark.parametrize("simultaneous", [False, True])
def test_several_steps_of_d_are_taken_before_one_of_g(simultaneous):
    trainer = new_trainer(d_steps=3, simultaneous=simultaneous)
    trainer.burst(2)
    moved = [o.state_dict()["state"][0]["step"] for o in (trainer.optimizer_d, trainer.optimizer_g)]
    assert [int(n) for n in moved] == [6, 2]


def test_settings_may_be_changed_while_training_and_are_checked():
    trainer = new_trainer()
    trainer.burst(3)
    trainer.batch_size, trainer.loss, trainer.d_steps = 16, "saturating", 2
    trainer.r1_gamma, trainer.r2_gamma, trainer.simultaneous = 0.1, 0.1, True
    trainer.burst(3)
    assert trainer.history["loss_g"][-1] < 0 < trainer.history["loss_g"][0]
    assert trainer.history.generator_loss == "saturating"
    for name, wrong in (
        ("batch_size", 0), ("loss", "wgan"), ("r1_gamma", -1), ("r2_gamma", float("nan")),
        ("d_steps", 1.5), ("simultaneous", 1), ("ema_decay", 1.0), ("lr_d", -0.1), ("r1_every", 0),
    ):  # fmt: skip
        before = getattr(trainer, name)
        with pytest.raises(ValueError, match=name):
            setattr(trainer, name, wrong)
        assert getattr(trainer, name) == before


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


def test_an_interrupt_in_a_step_that_fails_is_not_lost():
    with pytest.raises(KeyboardInterrupt), interrupt_deferred():
        signal.raise_signal(signal.SIGINT)
        raise ArithmeticError("the step failed")


# --- history, from anybody's loop --------------------------------------------------------------


def test_history_takes_floats_and_tensors_and_counts_by_itself():
    history = History(losses="mean")
    history.append(d_real=0.8, d_fake=0.4, loss_d=0.367, loss_g=0.916)
    d_real, d_fake = torch.tensor([[0.5], [0.7]]), torch.tensor(0.5)
    history.append(d_real=d_real, d_fake=d_fake, loss_d=1, loss_g=2)
    assert history["step"].tolist() == [1, 2]
    assert history["d_real"] == pytest.approx([0.8, 0.6])
    assert history.last.loss_g == 2
    assert history.chance_levels["loss_d"] == pytest.approx(np.log(2))
    assert History().chance_levels["loss_d"] == pytest.approx(np.log(4))
    saturating = History(generator_loss="saturating").chance_levels
    assert saturating["loss_g"] == pytest.approx(-np.log(2))


def test_history_grows_and_exports(tmp_path):
    history = History()
    for i in range(700):
        history.append(d_real=0.5, d_fake=0.25, loss_d=i, loss_g=-i)
    frame = history.to_frame()
    assert frame.index.tolist() == list(range(1, 701))
    assert frame["loss_d"].tolist() == list(range(700))
    history.to_csv(tmp_path / "h.csv")
    table = np.genfromtxt(tmp_path / "h.csv", delimiter=",", names=True)
    assert table.dtype.names == History.columns
    assert table["loss_g"][-1] == -699


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda h: h.append(d_real=3.0, d_fake=0.5, loss_d=0, loss_g=0), "d_real is 3.*logit"),
        (lambda h: h.append(d_real=0.5, d_fake=-1, loss_d=0, loss_g=0), "d_fake is -1"),
        (lambda h: h.append(d_real=0.5, d_fake=0.5, loss_d=0, loss_g=0, step=-2), "step is -2"),
        (
            lambda h: h.append(d_real=torch.tensor([-3.0, 4.2]), d_fake=0, loss_d=0, loss_g=0),
            "d_real is between -3 and 4.2.*logit",
        ),
        (lambda h: h.append(d_real=[], d_fake=0, loss_d=0, loss_g=0), "d_real is empty"),
        (lambda h: h.truncate(3), "between 0 and 0"),
        (lambda h: h["speed"], "speed"),
        (lambda h: History("total"), "losses is 'total'"),
        (lambda h: History(generator_loss="hinge"), "'hinge'"),
        (lambda h: h.truncate(-1), "rows is -1"),
    ],
)
def test_bad_history_is_named(call, names):
    with pytest.raises((ValueError, KeyError), match=names):
        call(History())


def test_training_moves_the_generator_towards_the_data():
    """On a ring of radius 1, samples that start near 0 end near the circle, on three seeds."""
    for seed in range(3):
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


def test_data_on_another_device_than_g_is_named():
    G, D = small_pair(2)
    with pytest.raises(ValueError, match="data is on meta, but G makes samples on cpu"):
        Trainer(G, D, OnMeta())


class OnMeta:
    """A sampler that forgot where G lives."""

    def sample(self, n, generator=None):
        return torch.empty(n, 2, device="meta")
