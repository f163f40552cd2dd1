"""Lesson 03, what is headed "More": samples, slopes, a published case and the duel."""

import re

import numpy as np
import pytest
import scipy.optimize
import sympy
from lesson_text import LessonText
from scipy.integrate import quad
from scipy.special import expit, log_expit
from scipy.stats import norm
from two_densities import normal_jsd

from gan_lesson.lessons.lesson_03 import explorers
from gan_lesson.lessons.mathematics.divergence import (
    normal_density,
    shift_slopes,
    value_on_grid,
)
from gan_lesson.lessons.mathematics.value import LOG_2, LOG_4

LESSON = LessonText("03_the_best_discriminator")
cell_with, printed = LESSON.cell_with, LESSON.printed
X, DX = np.linspace(-12, 20, 3201), 0.01


# A D that learns from samples


def test_logistic_regression_finds_the_line_of_d_star():
    names = LESSON.run_alone(cell_with("import LogisticRegression"))
    cost = lambda w: np.mean(  # noqa: E731
        -log_expit(np.where(names["labels"], 1, -1) * (w[0] + w[1] * names["samples"][:, 0]))
    )
    best = scipy.optimize.minimize(cost, [0, 0]).x
    assert [names["fit"].intercept_[0], names["fit"].coef_[0, 0]] == pytest.approx(best, abs=0.01)
    told = f"fitted logit {best[0]:.1f} + ({best[1]:.1f}) x"
    assert told in printed("import LogisticRegression")


def test_claim_4_pairs_do_not_matter():
    said = printed("partner in")
    assert "alone and in its batch: True" in said
    assert len(set(re.findall(r"-0\.\d{4}", said))) == 1


def test_with_10_of_each_the_fitted_slopes_scatter_and_with_500_they_do_not():
    explorer = explorers.LogisticExplorer(mean=2.0)
    for n, low, high in ((10, -60, -1.4), (500, -2.4, -1.8)):
        explorer.n.value, slopes, separable = n, [], 0
        for draw in range(1, 21):
            explorer.draw.value = draw
            x_real, x_fake = explorer.samples()
            separable += x_real.max() < x_fake.min()
            slopes.append(explorer.fit(x_real, x_fake)[1])
        assert low < min(slopes) and max(slopes) < high + 0.01
        if n == 10:
            assert separable == 1 and min(slopes) < -50
            assert sorted(slopes)[1] == pytest.approx(-6.1, abs=0.05)
            assert max(slopes) == pytest.approx(-1.4, abs=0.05)
        else:
            assert separable == 0
            assert (min(slopes), max(slopes)) == pytest.approx((-2.4, -1.8), abs=0.05)
    explorer.mean.value = 6.0
    for n in (10, 20, 50):
        explorer.n.value = n
        for draw in range(1, 21):
            explorer.draw.value = draw
            x_real, x_fake = explorer.samples()
            assert x_real.max() < x_fake.min(), "few samples at mean 6 can be separated"


def test_near_minus_1_there_are_55_real_samples_to_one_generated():
    assert round(norm.pdf(-1) / norm.pdf(-1, 2)) == 55


def test_on_separable_samples_doubling_the_logit_always_lowers_the_cost():
    rng = np.random.default_rng(0)
    real, fake = rng.uniform(-1, 1, 30), rng.uniform(2, 4, 30)

    def cost(scale, real, fake):
        s_real, s_fake = scale * (1.5 - real), scale * (1.5 - fake)
        return -log_expit(s_real).mean() - log_expit(-s_fake).mean()

    costs = [cost(2.0**k, real, fake) for k in range(9)]
    assert all(after < before for before, after in zip(costs, costs[1:], strict=False))
    assert costs[-1] < 1e-20
    fake = np.append(fake, 0.0)  # one that overlaps: now a finite line is best
    far = [cost(2.0**k, real, fake) for k in range(9)]
    assert far[-1] > far[-2] > min(far)


# What G feels from far away


@pytest.mark.parametrize("m", [0.5, 1, 2, 4, 6, 8])
def test_the_slopes_of_both_generator_losses(m):
    q = norm(m, 1).pdf
    saturating = quad(lambda x: q(x) * m * expit(m**2 / 2 - m * x), m - 12, m + 12, limit=200)[0]
    non_saturating = quad(lambda x: q(x) * m * expit(m * x - m**2 / 2), m - 12, m + 12)[0]
    ours = shift_slopes(m**2 / 2 - m * X, normal_density(X, m), DX)
    assert ours == pytest.approx((saturating, non_saturating), abs=1e-7)
    lessons = LESSON.run_alone(cell_with("def slopes("))
    assert lessons["slopes"](m) == pytest.approx(ours, abs=1e-9)
    assert sum(ours) == pytest.approx(m)  # the slope of KL = m²/2
    h = 1e-3
    assert ours[0] == pytest.approx((normal_jsd(m + h) - normal_jsd(m - h)) / h, abs=1e-5)
    known = {1: (0.398, 0.60), 2: (0.450, 1.55), 4: (0.137, 3.86), 6: (0.012, 5.99), 8: (4e-4, 8)}
    if m in known:
        assert ours[0] == pytest.approx(known[m][0], abs=6e-4)
        assert ours[1] == pytest.approx(known[m][1], abs=6e-3)
    if m in (1, 2, 4, 8):
        told = f"m = {m}: saturating {saturating:.4f}, non-saturating {non_saturating:.2f}"
        assert f"{told}; slope of 2 JSD {saturating:.4f}" in printed("def slopes(")


def test_the_saturating_slope_grows_up_to_m_1_64_and_falls_from_there_on():
    places = np.arange(0, 801) / 100
    slopes = [shift_slopes(m**2 / 2 - m * X, normal_density(X, m), DX)[0] for m in places]
    peak = int(np.argmax(slopes))
    assert places[peak] == 1.64 and slopes[0] == 0
    assert (np.diff(slopes[: peak + 1]) > 0).all() and (np.diff(slopes[peak:]) < 0).all()


def test_kl_is_8_at_4_and_32_at_8_while_jsd_stays_below_log_2():
    assert [m**2 / 2 for m in (4, 8)] == [8, 32]
    assert 0.693 < normal_jsd(8) < LOG_2
    x, m = sympy.symbols("x m", real=True)
    bell = sympy.exp(-((x - m) ** 2) / 2) / sympy.sqrt(2 * sympy.pi)
    kl = sympy.integrate(bell * (m * x - m**2 / 2), (x, -sympy.oo, sympy.oo))
    assert sympy.simplify(kl - m**2 / 2) == 0


# A published case


def test_the_published_oracle_to_the_last_digit():
    s_real = np.random.RandomState(0).normal(size=10) + 7.5 - 2
    s_fake = np.random.RandomState(1).normal(size=10) + 3 - 2
    on_real, on_fake = -log_expit(s_real).sum(), -log_expit(-s_fake).sum()
    assert on_real + on_fake == pytest.approx(13.814757170851447, rel=1e-14)
    assert on_fake == pytest.approx(13.78437035945412, rel=1e-14)
    said = printed("RandomState(0)")
    assert "sum over 20 labels 13.8147571709, generated part 13.7843703595" in said
    assert (
        f"lowest real logit {s_real.min():.2f}, highest generated logit {s_fake.max():.2f}" in said
    )
    assert "4.52" in said and "2.74" in said
    assert "loss 1.381, AUC 1.00" in said
    assert np.sum(s_fake > 0) == 8 and "generated samples called real: 8 of 10" in said
    assert "13.814757170851447" in LESSON.text and "13.78437035945412" in LESSON.text


# A duel


def test_against_one_half_v_is_minus_log_4_wherever_g_goes():
    for mean, sd in ((-4, 0.5), (0, 1), (3, 2)):
        p, q = normal_density(explorers.X), normal_density(explorers.X, mean, sd)
        v = value_on_grid(np.zeros_like(explorers.X), p, q, explorers.DX)
        assert v == pytest.approx(-LOG_4, abs=1e-9)


def test_the_best_line_slopes_away_from_where_g_stands():
    """So when both play their best, b changes its sign: G goes right for b > 0, to its end."""
    for sd in (0.45, 1.0, 3.0):
        p = normal_density(explorers.X)
        for mean in (-4.0, 4.0):
            q, e = normal_density(explorers.X, mean, sd), 1e-4
            for a in (-6.0, 0.0, 2.0, 6.0):  # V bends downwards: its slope at b = 0 tells
                up, down = (value_on_grid(a + b * explorers.X, p, q, explorers.DX) for b in (e, -e))
                assert np.sign(up - down) == -np.sign(mean)


def test_in_the_duel_neither_can_gain_at_one_line_and_one_mean_only():
    rng = np.random.default_rng(0)
    x, dx, e = explorers.X, explorers.DX, 1e-4

    def v(a, b, mean, sd):
        return value_on_grid(a + b * x, normal_density(x), normal_density(x, mean, sd), dx)

    for sd in (0.5, 1.0, 2.0):
        here = v(0, 0, 0, sd)
        for a, b in rng.normal(0, 0.5, (10, 2)):
            assert v(a, b, 0, sd) < here, "D loses by any move"
        assert v(0, 0, 2, sd) == pytest.approx(here), "and G cannot gain"
    for a, b, mean, sd in rng.uniform([-2, -2, -3, 0.6], [2, 2, 3, 2], (12, 4)):
        in_mean = (v(a, b, mean + e, sd) - v(a, b, mean - e, sd)) / (2 * e)
        assert np.sign(in_mean) == -np.sign(b), "G gains by going where D is higher"
        in_a = (v(a + e, 0, mean, sd) - v(a - e, 0, mean, sd)) / (2 * e)
        assert in_a == pytest.approx(1 - 2 * expit(a), abs=1e-6)
        in_b = (v(0, e, mean, sd) - v(0, -e, mean, sd)) / (2 * e)
        assert in_b == pytest.approx(-mean / 2, abs=1e-6)
        (a2, b2), t = rng.uniform(-2, 2, (2,)), 0.5
        middle = v((a + a2) / 2, (b + b2) / 2, mean, sd)
        assert middle > t * v(a, b, mean, sd) + t * v(a2, b2, mean, sd), "V is concave in a, b"


# What the kit of slopes promises


def test_shift_slopes_refuses_what_it_cannot_differentiate():
    p = normal_density(X)
    with pytest.raises(ValueError, match="finite"):
        shift_slopes(np.full_like(X, np.inf), p, DX)
    with pytest.raises(ValueError, match="dx is 0"):
        shift_slopes(X, p, 0)
    with pytest.raises(ValueError, match="shape"):
        shift_slopes(X[:-1], p, DX)
