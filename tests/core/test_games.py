"""The five games of lesson 15: losses, penalty and turns, each against an outside authority."""

import copy
import math

import numpy as np
import pytest
import torch
from small_runs import new_trainer, same_weights
from torch import nn
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    hinge_embedding_loss,
    logsigmoid,
    mse_loss,
)

from gan_lesson import diagnose
from gan_lesson.diagnosis.family_losses import least_loss, loss_of_d, loss_of_g
from gan_lesson.losses import LOSSES, gradient_penalty, r1_penalty
from gan_lesson.networks import Discriminator, small_pair
from gan_lesson.turns import clip_weights, update_discriminator

GAMES = tuple(LOSSES)
OTHERS = GAMES[2:]


def scores(seed, n=12):
    """Scores of real and of generated samples, float64, (n, 1) each."""
    draw = torch.Generator().manual_seed(seed)
    return [2 * torch.randn(n, 1, generator=draw, dtype=torch.float64) for _ in range(2)]


def authority(game, real, fake):
    """D's and G's loss by torch.nn.functional."""
    ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
    bce = binary_cross_entropy_with_logits
    if game in ("non_saturating", "saturating"):
        of_g = bce(fake, ones) if game == "non_saturating" else -bce(fake, zeros)
        return bce(real, ones) + bce(fake, zeros), of_g
    if game == "least_squares":
        return mse_loss(real, ones) + mse_loss(fake, zeros), mse_loss(fake, ones)
    if game == "hinge":  # with target -1 torch's loss is max(0, margin - input)
        halves = [hinge_embedding_loss(s, -ones, margin=1.0) for s in (real, -fake)]
        return sum(halves), -fake.mean()
    if game == "wasserstein":
        return fake.mean() - real.mean(), -fake.mean()
    return -logsigmoid(real - fake).mean(), -logsigmoid(fake - real).mean()


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_both_losses_are_those_of_torch(game, seed):
    real, fake = scores(seed)
    for ours, theirs in zip(
        (LOSSES[game].of_d(real, fake), LOSSES[game].of_g(real, fake)),
        authority(game, real, fake),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("game", GAMES)
def test_the_slopes_of_both_losses_are_finite_differences(game):
    pair = [s.requires_grad_() for s in scores(3, n=5)]
    for loss in LOSSES[game][:2]:
        assert torch.autograd.gradcheck(loss, pair, eps=1e-7, atol=1e-6)


@pytest.mark.parametrize("game", GAMES)
def test_what_the_diagnosis_takes_for_the_losses_is_what_a_trainer_plays(game):
    real, fake = scores(4)
    family = LOSSES[game].family
    if game != "relativistic":
        of_g = loss_of_g(family, real, fake, saturating=game == "saturating")
        torch.testing.assert_close(LOSSES[game].of_d(real, fake), loss_of_d(family, real, fake))
        torch.testing.assert_close(LOSSES[game].of_g(real, fake), of_g)
    means = [torch.sigmoid(s) if family == "logistic" else s for s in (real, fake)]
    half = 0.5 if game == "relativistic" else 1.0  # History(losses="mean")
    least = half * least_loss(family, *(float(m.mean()) for m in means))
    assert float(LOSSES[game].of_d(real, fake)) >= least - 1e-12


@pytest.mark.parametrize("game", OTHERS)
def test_a_blind_d_shows_the_chance_levels_of_the_history(game):
    trainer = new_trainer(loss=game)
    levels = trainer.history.chance_levels
    answer = torch.full((6, 1), levels.get("d_real", 0.7), dtype=torch.float64)
    for name, loss in (("loss_d", LOSSES[game].of_d), ("loss_g", LOSSES[game].of_g)):
        if name in levels:
            assert float(loss(answer, answer)) == pytest.approx(levels[name], abs=1e-12)
    wanted = {"least_squares": (0.5, 0.25), "hinge": (2, 0), "wasserstein": (0, None),
              "relativistic": (math.log(2), math.log(2))}[game]  # fmt: skip
    assert (levels["loss_d"], levels.get("loss_g")) == pytest.approx(wanted)


def test_pairs_must_be_pairs():
    real, fake = scores(0)
    with pytest.raises(ValueError, match="they must agree"):
        LOSSES["relativistic"].of_d(real[:5], fake)


# --- the gradient penalty --------------------------------------------------------------------


def smooth_critic(seed=0, sample_dim=2):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(sample_dim, 6), nn.Tanh(), nn.Linear(6, 1)).double()
    return net


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_penalty_is_that_of_slopes_by_finite_differences(seed):
    critic, draw = smooth_critic(seed), torch.Generator().manual_seed(seed)
    x_real, x_fake = torch.randn(2, 7, 2, generator=draw, dtype=torch.float64)
    u = torch.rand(7, 1, generator=draw, dtype=torch.float64)
    x, h = u * x_real + (1 - u) * x_fake, 1e-6
    with torch.no_grad():
        slopes = [(critic(x + h * e) - critic(x - h * e)) / (2 * h) for e in torch.eye(2).double()]
        wanted = (torch.cat(slopes, 1).norm(dim=1) - 1).square().mean()
    penalty = gradient_penalty(critic, x_real, x_fake, u)
    torch.testing.assert_close(penalty, wanted, rtol=1e-7, atol=1e-9)
    (by_autograd,) = torch.autograd.grad(penalty, critic[0].bias, retain_graph=True)
    for i in range(3):  # the penalty's own slope in a weight
        values = []
        for sign in (1, -1):
            with torch.no_grad():
                critic[0].bias[i] += sign * h
            values.append(float(gradient_penalty(critic, x_real, x_fake, u).detach()))
            with torch.no_grad():
                critic[0].bias[i] -= sign * h
        assert float(by_autograd[i]) == pytest.approx((values[0] - values[1]) / (2 * h), abs=1e-6)


def test_a_straight_critic_pays_for_its_slope_and_a_flat_one_gives_no_nan():
    x_real, x_fake, u = torch.randn(2, 5, 3).double().unbind(0) + (torch.rand(5, 1).double(),)
    for slope in (0.0, 0.5, 1.0, 3.0):
        w = torch.tensor([slope, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
        penalty = gradient_penalty(lambda x, w=w: x @ w[:, None], x_real, x_fake, u)
        assert float(penalty.detach()) == pytest.approx((slope - 1) ** 2)
        assert torch.isfinite(torch.autograd.grad(penalty, w)[0]).all()


def test_shapes_that_do_not_fit_are_named():
    x = torch.zeros(4, 2)
    with pytest.raises(ValueError, match="x_real and x_fake have shapes"):
        gradient_penalty(nn.Linear(2, 1), x, x[:3], torch.zeros(4, 1))
    with pytest.raises(ValueError, match="u has shape"):
        gradient_penalty(nn.Linear(2, 1), x, x, torch.zeros(4))


def test_images_are_taken_as_points_are():
    critic = nn.Sequential(nn.Flatten(), smooth_critic(0, 9))
    x_real, x_fake, u = torch.rand(2, 4, 1, 3, 3).double().unbind(0) + (torch.rand(4, 1).double(),)
    flat = gradient_penalty(critic[1], x_real.flatten(1), x_fake.flatten(1), u)
    torch.testing.assert_close(gradient_penalty(critic, x_real, x_fake, u), flat)


# --- R1 and R2: one penalty, on real and on generated samples ----------------------------------


@pytest.mark.parametrize("gammas", [(0.7, 0.0), (0.0, 0.7), (0.3, 0.9)], ids=["R1", "R2", "both"])
def test_a_step_of_d_is_that_of_its_penalties_by_finite_differences(gammas):
    G, D = (net.double() for net in small_pair(2, seed=2))
    D.net = smooth_critic(3)
    draw = torch.Generator().manual_seed(4)
    x_real, z = torch.randn(2, 6, 2, generator=draw, dtype=torch.float64)
    x_fake, h = G(z).detach(), 1e-5

    def half_squared_slope(x):
        slopes = [(D.net(x + h * e) - D.net(x - h * e)) / (2 * h) for e in torch.eye(2).double()]
        return 0.5 * torch.cat(slopes, 1).square().sum(dim=1).mean()

    @torch.no_grad()
    def pays():
        loss = LOSSES["relativistic"].of_d(D.net(x_real), D.net(x_fake))
        penalties = [half_squared_slope(x) for x in (x_real, x_fake)]
        return float(loss + sum(g * p for g, p in zip(gammas, penalties, strict=True)))

    wanted = []
    w = D.net[0].weight
    for i in range(w.numel()):
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                w.view(-1)[i] += sign * h
            ends.append(pays())
            with torch.no_grad():
                w.view(-1)[i] -= sign * h
        wanted.append((ends[0] - ends[1]) / (2 * h))
    before = w.detach().clone()
    sgd = torch.optim.SGD(D.parameters(), lr=1.0)
    update_discriminator(D, G, sgd, x_real, z, *gammas, loss="relativistic")
    moved = (before - w.detach()).flatten().numpy()
    assert moved == pytest.approx(np.array(wanted), abs=1e-7)


# --- turns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("game", GAMES)
def test_a_turn_is_gradient_descent_on_both_losses_with_every_penalty(game):
    trainer = new_trainer(loss=game, r1_gamma=0.2, r2_gamma=0.3, gp_weight=0.7)
    for name in ("optimizer_g", "optimizer_d"):
        net = getattr(trainer, name[-1].upper())
        setattr(trainer, name, torch.optim.SGD(net.parameters(), lr=0.1))
    twin = trainer.branch()
    G, D = copy.deepcopy(trainer.G), copy.deepcopy(trainer.D)
    n = trainer.batch
    x, z = twin.draw_real(n).requires_grad_(), twin.draw_z(n)
    u, z_g = twin.draw_u(n), twin.draw_z(n)
    fake = G(z).detach().requires_grad_()
    loss_d = LOSSES[game].of_d(D.logits(x), D.logits(fake))
    whole = loss_d + 0.2 * r1_penalty(D.logits(x), x) + 0.3 * r1_penalty(D.logits(fake), fake)
    whole = whole + 0.7 * gradient_penalty(D.logits, x, fake, u)
    slopes = torch.autograd.grad(whole, list(D.parameters()))
    with torch.no_grad():
        for w, slope in zip(D.parameters(), slopes, strict=True):
            w -= 0.1 * slope
    real = D.logits(twin.draw_real(n)) if LOSSES[game].needs_real else None
    loss_g = LOSSES[game].of_g(real, D.logits(G(z_g)))
    slopes = torch.autograd.grad(loss_g, list(G.parameters()))
    trainer.burst(1)
    row = trainer.history.last
    wanted = float(loss_d.detach()), float(loss_g.detach())
    assert (row.loss_d, row.loss_g) == pytest.approx(wanted, rel=1e-4)
    for moved, w in zip(trainer.D.parameters(), D.parameters(), strict=True):
        torch.testing.assert_close(moved, w, rtol=1e-4, atol=1e-6)
    for moved, w, slope in zip(trainer.G.parameters(), G.parameters(), slopes, strict=True):
        torch.testing.assert_close(moved, w - 0.1 * slope, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("game", OTHERS)
def test_a_run_is_recorded_as_its_family_repeats_and_can_be_rewound(game):
    trainer = new_trainer(loss=game, gp_weight=1.0, d_steps=2)
    trainer.burst(12)
    assert trainer.history.loss == LOSSES[game].family
    trainer.snapshot()
    trainer.burst(12)
    end = trainer.history["loss_d"].copy()
    trainer.rewind(12)
    trainer.burst(12)
    assert np.array_equal(trainer.history["loss_d"], end)
    assert "D" in str(diagnose(trainer.history))


@pytest.mark.parametrize("game", GAMES)
def test_a_look_moves_nobody_and_a_player_alone_moves_alone(game):
    trainer = new_trainer(loss=game, simultaneous=True)
    D = copy.deepcopy(trainer.D)
    trainer.burst(1, players="G")
    assert same_weights(D, trainer.D)
    G = copy.deepcopy(trainer.G)
    trainer.burst(1, players="D")
    assert same_weights(G, trainer.G)
    trainer.burst(2)
    assert np.isfinite(trainer.history["loss_g"]).all()


def test_a_constant_added_to_a_critics_scores_changes_g_s_loss_alone():
    """The claim of the lesson: any constant may be added to a critic."""
    real, fake = scores(5)
    of_d, of_g = LOSSES["wasserstein"][:2]
    torch.testing.assert_close(of_d(real + 3, fake + 3), of_d(real, fake))
    torch.testing.assert_close(of_g(real + 3, fake + 3), of_g(real, fake) - 3)


def test_clipped_weights_stay_in_their_box_in_every_step():
    trainer = new_trainer(loss="wasserstein", clip_d=0.05, d_steps=2)
    assert max(float(w.abs().max()) for w in trainer.D.parameters()) > 0.05
    trainer.burst(3)
    assert max(float(w.abs().max()) for w in trainer.D.parameters()) <= 0.05 + 1e-8
    D = Discriminator(nn.Linear(2, 1))
    with torch.no_grad():
        D.net.weight.copy_(torch.tensor([[0.3, -4.0]]))
    clip_weights(D, 1.0)
    assert D.net.weight.tolist() == [[pytest.approx(0.3), -1.0]]


def test_a_run_that_has_curves_keeps_to_its_family():
    trainer = new_trainer()
    trainer.loss = "hinge"
    trainer.loss = "relativistic"
    assert (trainer.history.loss, trainer.history.losses) == ("relativistic", "mean")
    trainer.loss = "saturating"
    assert (trainer.history.loss, trainer.history.losses) == ("logistic", "sum")
    trainer.burst(1)
    trainer.loss = "non_saturating"  # the same family
    with pytest.raises(ValueError, match="curves are of the logistic game; make a new trainer"):
        trainer.loss = "hinge"
    assert trainer.loss == "non_saturating" and trainer.history.loss == "logistic"
    trainer.snapshot()
    trainer.rewind(0)
    with pytest.raises(ValueError, match="make a new trainer"):
        trainer.loss = "hinge"  # it may be rewound to step 1, which has rows


def test_the_equations_step_takes_a_game_by_name():
    G, D = small_pair(2)
    twin, x, z = copy.deepcopy(D), torch.randn(8, 2), torch.randn(8, 2)
    sgd = torch.optim.SGD(D.parameters(), lr=0.1)
    real, fake, loss = update_discriminator(D, G, sgd, x, z, loss="hinge")
    with torch.no_grad():
        s_real, s_fake = twin.logits(x), twin.logits(G(z))
    torch.testing.assert_close(real, s_real.mean())
    torch.testing.assert_close(fake, s_fake.mean())
    torch.testing.assert_close(loss, (1 - s_real).relu().mean() + (1 + s_fake).relu().mean())
