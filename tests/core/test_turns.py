"""A turn: the two updates are gradient descent, and the order of play is Algorithm 1's."""

import copy

import numpy as np
import pytest
import torch
from small_runs import new_trainer, same_weights
from torch import nn

from gan_lesson.losses import discriminator_loss, generator_loss, r1_penalty
from gan_lesson.networks import Discriminator, Generator, small_pair
from gan_lesson.quick_turn import one_call_will_do, update_with_one_call
from gan_lesson.trainer import adam
from gan_lesson.turns import (
    Turn,
    update_discriminator,
    update_discriminator_quickly,
    update_generator,
)

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


def with_batch_norm():
    return Discriminator(nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 1)))


@pytest.mark.parametrize("gammas", [(0.0, 0.0), (0.4, 0.0), (0.0, 0.7), (0.4, 0.7)])
@pytest.mark.parametrize("norm", [False, True], ids=["plain D", "BatchNorm in D"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_quick_step_is_the_equations_step(seed, norm, gammas):
    draw = torch.Generator().manual_seed(seed)
    x, z = torch.randn(16, 2, generator=draw), torch.randn(11, 2, generator=draw)
    G, D = small_pair(2, seed=seed)
    D = with_batch_norm() if norm else D
    twin, calls = copy.deepcopy(D), []
    theirs = update_discriminator(
        twin, G, torch.optim.SGD(twin.parameters(), lr=0.1), x, z, *gammas
    )
    D.register_forward_hook(lambda *_: calls.append(1))
    sgd = torch.optim.SGD(D.parameters(), lr=0.1)
    ours = update_discriminator_quickly(D, G, sgd, x, z, *gammas)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
    for a, b in zip(D.state_dict().values(), twin.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)
    one_call = not norm and gammas in ((0.0, 0.0), (0.4, 0.7))
    assert len(calls) == (1 if one_call else 2)
    assert one_call_will_do(D, *gammas) == one_call


class Place(nn.Module):
    """Every z goes to the same place: what is returned is a view of a parameter (lesson 08)."""

    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(torch.ones(2))

    def forward(self, z):
        return self.theta.expand(len(z), 2)


@pytest.mark.parametrize("gammas", [(0.0, 0.0), (0.4, 0.0), (0.0, 0.7), (0.4, 0.7)])
@pytest.mark.parametrize("update", [update_discriminator, update_discriminator_quickly])
def test_a_generator_may_return_a_view_of_its_own_parameter(update, gammas):
    G, D = Generator(Place(), latent_dim=1), small_pair(2)[1]
    update(
        D, G, torch.optim.SGD(D.parameters(), lr=0.1), torch.randn(8, 2), torch.randn(8, 1), *gammas
    )
    assert G.net.theta.requires_grad and G.net.theta.grad is None


def test_one_call_of_D_would_mix_the_batches_where_D_has_batch_norm():
    G, D = small_pair(2)[0], with_batch_norm()
    twin = copy.deepcopy(D)
    x, z = torch.randn(16, 2) + 3, torch.randn(16, 2)
    update_discriminator(D, G, torch.optim.SGD(D.parameters(), lr=0.1), x, z)
    update_with_one_call(twin, G, torch.optim.SGD(twin.parameters(), lr=0.1), x, z)
    pairs = list(zip(D.parameters(), twin.parameters(), strict=True))
    assert max(float((a - b).abs().max().detach()) for a, b in pairs) > 1e-3


# --- the order of play -----------------------------------------------------------------------


class Told(Turn):
    """The usual turn, which notes what it is asked to do."""

    def __init__(self, waiting=""):
        self.waiting, self.notes = waiting, []

    def waits(self, player, step):
        return player in self.waiting

    def __getattribute__(self, name):
        if name in ("move_d", "move_g", "move_both", "look_at_d", "look_at_g"):
            self.notes.append(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    ("settings", "players", "waiting", "notes"),
    [
        ({}, "DG", "", ["move_d", "move_g"]),
        ({}, "D", "", ["move_d", "look_at_g"]),
        ({}, "G", "", ["look_at_d", "move_g"]),
        ({"d_steps": 3}, "DG", "", ["move_d", "move_d", "move_d", "move_g"]),
        ({"d_steps": 3}, "D", "", ["move_d", "look_at_g"]),
        ({"d_steps": 2, "simultaneous": True}, "DG", "", ["move_d", "move_both", "move_d"]),
        ({"simultaneous": True}, "G", "", ["look_at_d", "move_g"]),
        ({"d_steps": 3}, "DG", "D", ["look_at_d", "move_g"]),
        ({"simultaneous": True}, "DG", "G", ["move_d", "look_at_g"]),
        ({}, "DG", "DG", ["look_at_d", "look_at_g"]),
    ],
)
def test_the_order_of_play(settings, players, waiting, notes):
    turn = Told(waiting)
    trainer, average = new_trainer(turn=turn, **settings), []
    trainer.average = lambda: average.append(1)
    trainer.burst(1, players=players)
    assert turn.notes == notes
    assert bool(average) == bool({"move_g", "move_both"} & set(notes))


def test_a_look_draws_as_a_move_does_and_leaves_no_trace():
    moving, looking = new_trainer(), new_trainer(turn=Told("DG"))
    before = copy.deepcopy((looking.G, looking.D))
    moving.burst(1)
    looking.burst(1)
    for name in ("d_real", "d_fake", "loss_d"):  # numbers are from before the step
        assert moving.history[name] == pytest.approx(looking.history[name], rel=1e-5)
    assert torch.equal(moving.generator.get_state(), looking.generator.get_state())
    assert same_weights(before[0], looking.G) and same_weights(before[1], looking.D)


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
