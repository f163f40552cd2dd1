"""Lesson 07's γ: what R1 and R2 leave of the best discriminator, and where γ should end."""

import math

import numpy as np
import pytest
import sympy
from lesson_text import LessonText, lock_and_reveal
from scipy import optimize

from gan_lesson.data import ring
from gan_lesson.lessons.lesson_07 import exercises as lesson_07
from gan_lesson.lessons.lesson_07 import questions
from gan_lesson.lessons.lesson_07.scores import scored_samples
from gan_lesson.lessons.lesson_07.smoothing import penalised_logit
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.divergence import d_star_logit, normal_density
from gan_lesson.metrics import mode_scores
from gan_lesson.recipes import geometric_fall, plain_trainer

LESSON = LessonText("07_a_playground_in_two_dimensions")


def test_the_penalised_logit_is_what_scipy_minimises():
    x = np.linspace(-0.3, 0.3, 61)
    dx = x[1] - x[0]
    p, q = normal_density(x, 0, 0.05), normal_density(x, 0, 0.1)

    def loss(s):
        fit = np.sum(p * np.logaddexp(0, -s) + q * np.logaddexp(0, s)) * dx
        weight = 0.002 * p + 0.001 * q
        slope = np.diff(s) / dx
        return fit + 0.5 * np.sum((weight[1:] + weight[:-1]) / 2 * slope**2) * dx

    ours = penalised_logit(p, q, dx, r1_gamma=0.002, r2_gamma=0.001)
    theirs = optimize.minimize(loss, np.zeros(61), method="BFGS", options={"gtol": 1e-9}).x
    inner = np.abs(x) < 0.2
    assert np.abs(ours - theirs)[inner].max() < 1e-3
    assert loss(ours) <= loss(theirs) + 1e-9


def test_without_a_penalty_it_is_d_star_and_with_a_large_one_it_is_flat():
    x = np.linspace(-3, 3, 201)
    dx = x[1] - x[0]
    p, q = normal_density(x), normal_density(x, 0.5)
    free = penalised_logit(p, q, dx, r1_gamma=1e-9)
    assert np.abs(free - d_star_logit(p, q))[20:-20].max() < 1e-4
    flat = penalised_logit(p, q, dx, 1e4, 1e4)
    assert np.ptp(flat) < 1e-3


@pytest.mark.parametrize("k", [1, 2, 4])
@pytest.mark.parametrize("gammas", [(0.1, 0.1), (0.1, 0.0), (0.0, 0.02)])
def test_a_ripple_keeps_1_over_1_plus_2_gamma_k_squared_of_each_penalty(k, gammas):
    x = np.linspace(-np.pi, np.pi, 801)
    p_g = np.ones_like(x)
    p_data = p_g * (1 + 0.001 * np.cos(k * x))
    s = penalised_logit(p_data, p_g, x[1] - x[0], *gammas)
    left = s[400] / d_star_logit(p_data, p_g)[400]
    assert left == pytest.approx(1 / (1 + 2 * sum(gammas) * k * k), abs=2e-3)


def test_across_a_mode_a_shift_keeps_1_over_1_plus_4_gamma_and_a_width_1_over_1_plus_8_gamma():
    sd = 0.05
    x = np.linspace(-8 * sd, 8 * sd, 401)
    dx = x[1] - x[0]
    p = normal_density(x, 0, sd)
    for times in (0.01, 0.1, 0.25, 1.0, 20.0):  # γ / sd²
        shifted, wider = normal_density(x, 0.01 * sd, sd), normal_density(x, 0, 1.01 * sd)
        for q, weight, eigenvalue in ((shifted, p, 1), (wider, p * x, 2)):
            logits = penalised_logit(p, q, dx, times * sd**2, times * sd**2), d_star_logit(p, q)
            s, free = (np.sum(weight * np.gradient(logit, dx)) for logit in logits)
            assert s / free == pytest.approx(1 / (1 + 4 * eigenvalue * times), abs=3e-3)


def test_of_the_pull_on_a_modes_width_1_9_32_and_57_percent_are_left():
    for sd in (0.05, 1.0):  # only γ / sd² counts
        x = np.linspace(-12 * sd, 12 * sd, 481)  # six sd of the wider mode to each side
        dx = x[1] - x[0]
        p, q = normal_density(x, 0, sd), normal_density(x, 0, 2 * sd)

        def pull(s, x=x, q=q, dx=dx):
            return np.sum(q * x * (1 - sigmoid(s)) * np.gradient(s, dx)) * dx

        free = pull(d_star_logit(p, q))
        for times, left in ((10, 0.01), (1, 0.09), (0.1, 0.32), (0.01, 0.57)):
            s = penalised_logit(p, q, dx, times * sd**2, times * sd**2)
            assert pull(s) / free == pytest.approx(left, abs=0.005)


def ended_at(last_gamma, seed, n_steps=4000):
    """The scores of a quick run whose γ falls from .03 to its last value, and its rates to 0."""
    data, gamma = ring(sd=0.05), 0.03
    rates = {"lr_g": 2e-3, "lr_d": 2e-3}  # D as fast as G
    trainer = plain_trainer(data, seed=seed, **rates, r1_gamma=gamma, r2_gamma=gamma)
    fall = geometric_fall(last_gamma / gamma, 0.0, 0.8)
    trainer.schedules = {"r1_gamma": fall, "r2_gamma": fall, "lr": flat_then_cosine}
    trainer.n_steps = n_steps
    trainer.burst(n_steps)
    return mode_scores(scored_samples(trainer), data.centres, data.sd)


def flat_then_cosine(progress):
    """1 for three fifths of a run, then half a cosine wave down to 0."""
    return 0.5 + 0.5 * math.cos(math.pi * max(0.0, progress - 0.6) / 0.4)


@pytest.mark.trains
@pytest.mark.slow
def test_where_gamma_ends_far_below_the_squared_width_modes_get_wider(run_number):
    ends = {last: [ended_at(last, seed) for seed in range(5)] for last in (0.03, 0.0003)}
    widths = {last: [s.covariance_ratio for s in found] for last, found in ends.items()}
    assert all(s.modes == 8 for found in ends.values() for s in found)
    assert max(map(max, widths.values())) < 0.949  # narrower than the data, all of them
    assert np.mean(widths[0.0003]) > np.mean(widths[0.03])
    run_number(
        "07",
        "where γ ends far below sd², the width comes nearer to 0.95",
        with_last_gamma_03=widths[0.03],
        with_last_gamma_0003=widths[0.0003],
    )


@pytest.mark.parametrize(
    "said, right", [(0.11, True), (0.09, True), (0.0, False), (0.05, False), (0.98, False)]
)
def test_the_share_left_is_neither_nothing_nor_nearly_all(said, right):
    asked = questions.ask_share_left()
    asked.slider.value = 1.0  # what was not moved cannot be locked
    assert lock_and_reveal(asked, said).row["right"] == right
    assert asked.row["truth"] == pytest.approx(1 / 9)


def test_the_first_order_equation_follows_from_the_condition_for_the_least_loss():
    """Both equations by SymPy, and what s = x and s = x^2 - sd^2 make of the left-hand side."""
    x, gamma, sd, e = sympy.symbols("x gamma sd e", positive=True)
    q, r, t = (sympy.Function(name)(x) for name in ("q", "r", "t"))
    p, s = q * (1 + e * r), e * t  # a small difference, and a small logit
    sig = 1 / (1 + sympy.exp(-s))
    least = q * sig - p * (1 - sig) - gamma * ((p + q) * s.diff(x)).diff(x)
    first = sympy.simplify(sympy.diff(least, e).subs(e, 0).doit() * 2 / q)
    assert sympy.simplify(first - (t - 4 * gamma / q * (q * t.diff(x)).diff(x) - r)) == 0
    normal = sympy.exp(-(x**2) / (2 * sd**2))
    for shape, factor in ((x, 4), (x**2 - sd**2, 8)):
        left = shape - 4 * gamma / normal * (normal * shape.diff(x)).diff(x)
        assert sympy.simplify(left / shape - (1 + factor * gamma / sd**2)) == 0


def test_the_numbers_of_the_part_on_gamma():
    keeps = lesson_07.check_gamma_that_keeps(LESSON.taught("gamma_that_keeps"))
    assert keeps(0.5, 0.05) == pytest.approx(0.000625)
    assert keeps(0.5, 0.01) == pytest.approx(0.000025)
