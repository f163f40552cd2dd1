"""The mathematics of the package, against torch, scipy, scikit-learn and published numbers."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats
from sklearn.metrics import log_loss
from torch.nn.functional import binary_cross_entropy_with_logits as torch_bce

from gan_lesson.lessons.mathematics import bce, value
from gan_lesson.lessons.mathematics.divergence import (
    bayes_accuracy,
    d_star,
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    mixture_density,
    normal_density,
    value_on_grid,
)
from gan_lesson.losses import discriminator_loss, generator_loss, r1_penalty

RNG = np.random.default_rng(0)
GRID = np.linspace(-30, 38, 200_001)
DX = GRID[1] - GRID[0]


# --- binary cross-entropy --------------------------------------------------------------------


def test_sigmoid_of_minus_s_is_one_minus_sigmoid_of_s():
    s = np.linspace(-700, 700, 1401)
    assert np.allclose(bce.sigmoid(-s), 1 - bce.sigmoid(s), atol=1e-15)
    assert np.allclose(bce.sigmoid(s), special.expit(s), atol=1e-15)


def test_bce_agrees_with_scikit_learn_and_torch():
    p, y = RNG.uniform(0.001, 0.999, 500), RNG.integers(0, 2, 500)
    s = special.logit(p)
    ours = bce.bce_from_probability(p, y).mean()
    assert ours == pytest.approx(log_loss(y, p))
    assert ours == pytest.approx(bce.bce_from_logits(s, y).mean())
    assert ours == pytest.approx(torch_bce(torch.tensor(s), torch.tensor(y).double()).item())


def test_bce_from_logits_stays_finite_and_true_far_out():
    s = np.array([-1000.0, -100, 100, 1000])
    assert bce.bce_from_logits(s, 0) == pytest.approx([0, 0, 100, 1000], abs=1e-40)
    assert bce.bce_from_logits(s, 1) == pytest.approx([1000, 100, 0, 0], abs=1e-40)


def test_both_slopes_are_the_derivatives_that_autograd_finds():
    s = torch.linspace(-6, 6, 25, dtype=torch.double, requires_grad=True)
    p = torch.sigmoid(s).detach().requires_grad_()
    for y in (0.0, 1.0):
        (in_s,) = torch.autograd.grad(torch_bce(s, torch.full_like(s, y), reduction="sum"), s)
        cost = -(y * p.log() + (1 - y) * (1 - p).log()).sum()
        (in_p,) = torch.autograd.grad(cost, p)
        assert bce.bce_slope_in_logit(s.detach().numpy(), y) == pytest.approx(in_s.numpy())
        assert bce.bce_slope_in_probability(p.detach().numpy(), y) == pytest.approx(in_p.numpy())


@pytest.mark.parametrize(
    ("function", "arguments", "names"),
    [
        (bce.bce_from_probability, (1.2, 1), "p goes"),
        (bce.bce_from_probability, (float("nan"), 1), "p holds a NaN"),
        (bce.bce_from_probability, (0.5, 2), "y goes"),
        (bce.bce_from_logits, (float("nan"), 1), "s holds a NaN"),
        (bce.bce_slope_in_probability, (1.0, 1), "p holds a 0 or a 1"),
        (value.value, ([], [0.5]), "d_real is empty"),
        (value.value, ([0.5], [3.0]), "p goes"),
        (d_star, ([1.0], [1.0, 2.0]), "shapes"),
        (d_star, ([-1.0], [1.0]), "negative"),
        (d_star, ([1.0], [1.0], 1.0), "prior is 1.0"),
        (kl_divergence, ([1.0], [1.0], 0.0), "dx is 0.0"),
        (normal_density, (0.0, 0.0, -1.0), "sd is -1.0"),
        (mixture_density, (0.0, [0], [1], [0.5]), "sum to 1"),
    ],
)
def test_bad_numbers_are_named(function, arguments, names):
    with pytest.raises(ValueError, match=names):
        function(*arguments)


# --- value, best discriminator, divergence ---------------------------------------------------


def test_the_worked_value():
    assert value.value(0.8, 0.4) == pytest.approx(-0.7340, abs=5e-5)
    assert value.value([0.5, 0.5], [0.5]) == pytest.approx(-math.log(4))


@pytest.mark.parametrize(
    ("m", "jsd", "value", "accuracy"),
    [
        (0, 0, -1.38629, 0.5000),
        (0.5, 0.03031, -1.32567, 0.5987),
        (1, 0.11142, -1.16345, 0.6915),
        (2, 0.33683, -0.71263, 0.8413),
        (3, 0.52678, -0.33274, 0.9332),
        (4, 0.63272, -0.12085, 0.9772),
        (6, 0.68930, -0.00770, 0.9987),
        (8, 0.69305, -0.00019, 1.0000),
    ],
)
def test_two_normals_give_the_table(m, jsd, value, accuracy):
    p, q = normal_density(GRID), normal_density(GRID, m)
    assert jensen_shannon_divergence(p, q, DX) == pytest.approx(jsd, abs=1e-5)
    best = value_on_grid(d_star_logit(p, q), p, q, DX)
    assert best == pytest.approx(value, abs=1e-5)
    assert best == pytest.approx(-math.log(4) + 2 * jensen_shannon_divergence(p, q, DX))
    assert bayes_accuracy(p, q, DX) == pytest.approx(stats.norm.cdf(m / 2), abs=1e-5)
    assert bayes_accuracy(p, q, DX) == pytest.approx(accuracy, abs=1e-4)


def test_the_jsd_agrees_with_adaptive_quadrature():
    def integrand(x):
        p, q = stats.norm.pdf(x), stats.norm.pdf(x, 0, 2)
        return 0.5 * p * math.log(2 * p / (p + q)) + 0.5 * q * math.log(2 * q / (p + q))

    p, q = normal_density(GRID), normal_density(GRID, 0, 2)
    ours = jensen_shannon_divergence(p, q, DX)
    assert ours == pytest.approx(integrate.quad(integrand, -15, 15)[0], abs=1e-7)
    assert ours == pytest.approx(0.09273, abs=1e-5)


def test_no_other_discriminator_beats_d_star():
    p, q = normal_density(GRID), normal_density(GRID, 1.5, 0.7)
    best = d_star_logit(p, q)
    top = value_on_grid(best, p, q, DX)
    for _ in range(20):
        other = best + RNG.normal() * np.sin(RNG.uniform(0.2, 3) * GRID + RNG.uniform(0, 6))
        assert value_on_grid(other, p, q, DX) < top


def test_d_star_is_bayes_posterior_and_its_logit():
    p, q = normal_density(GRID), normal_density(GRID, 2)
    near = np.abs(GRID - 1) < 8
    assert special.expit(d_star_logit(p, q)[near]) == pytest.approx(d_star(p, q)[near])
    assert d_star(p, p, prior=0.9) == pytest.approx(0.9)
    assert d_star_logit(p, q)[near] == pytest.approx(2 - 2 * GRID[near], abs=1e-9)


def test_kl_of_two_normals_is_half_the_squared_distance():
    p, q = normal_density(GRID), normal_density(GRID, 3)
    near = np.abs(GRID) < 30
    assert kl_divergence(q[near], p[near], DX) == pytest.approx(4.5)
    assert kl_divergence(np.array([1.0, 1.0]), np.array([2.0, 0.0]), 0.5) == math.inf


# --- losses ----------------------------------------------------------------------------------


def test_losses_are_cross_entropies_with_the_right_labels():
    real, fake = torch.randn(7, 1), torch.randn(5, 1)
    ones, zeros = torch.ones(7, 1), torch.zeros(5, 1)
    expected = torch_bce(real, ones) + torch_bce(fake, zeros)
    assert torch.allclose(discriminator_loss(real, fake), expected)
    assert torch.allclose(generator_loss(fake), torch_bce(fake, torch.ones(5, 1)))
    assert torch.allclose(generator_loss(fake, "saturating"), -torch_bce(fake, zeros))


def test_the_discriminator_loss_is_minus_the_value():
    real, fake = torch.randn(7, 1).double(), torch.randn(5, 1).double()
    v = value.value(torch.sigmoid(real).numpy(), torch.sigmoid(fake).numpy())
    assert discriminator_loss(real, fake).item() == pytest.approx(-v)


def test_the_published_oracle_is_reproduced():
    """UDL notebook 15_1: loss 1.38 although D separates the two sets perfectly."""
    np.random.seed(0)
    x = np.random.normal(size=(1, 10)) + 7.5
    np.random.seed(1)
    fake = np.random.normal(size=(1, 10)) + 3.0
    logits_real, logits_fake = (torch.tensor(-2 + 1 * s).reshape(-1, 1) for s in (x, fake))
    total = 10 * discriminator_loss(logits_real, logits_fake).item()
    assert total == pytest.approx(13.814757170851447, rel=1e-9)
    saturating = 10 * generator_loss(logits_fake, "saturating").item()
    assert saturating == pytest.approx(-13.78437035945412, rel=1e-9)
    assert logits_real.min() > logits_fake.max()  # so the area under the ROC curve is 1


def test_losses_stay_finite_where_probabilities_in_float32_do_not():
    far = torch.full((4, 1), 100.0)
    assert discriminator_loss(-far, far).item() == pytest.approx(200)
    assert generator_loss(far, "saturating").item() == pytest.approx(-100)


def test_r1_of_a_linear_discriminator_is_half_its_squared_slope():
    w = torch.tensor([[1.0, 2.0, -2.0]])
    x = torch.randn(6, 3, requires_grad=True)
    assert r1_penalty(x @ w.T, x).item() == pytest.approx(4.5)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: discriminator_loss(torch.zeros(0, 1), torch.zeros(1, 1)), "logits_real"),
        (lambda: discriminator_loss(torch.zeros(3), torch.zeros(3, 1)), r"\(3,\)"),
        (lambda: generator_loss(torch.zeros(3, 2)), "logits_fake"),
        (lambda: generator_loss(torch.zeros(3, 1), "hinge"), "'hinge'"),
        (lambda: r1_penalty(torch.zeros(3, 1), torch.zeros(3, 2)), "requires_grad"),
    ],
)
def test_bad_losses_are_named(call, names):
    with pytest.raises(ValueError, match=names):
        call()
