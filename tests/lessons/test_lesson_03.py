"""Lesson 03, the best discriminator: every number, exercise and widget."""

import functools
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
import sympy
from lesson_text import LessonText, alt, lock_and_reveal
from scipy.integrate import quad
from scipy.special import expit, log_expit

from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.kit.words import signed
from gan_lesson.lessons.lesson_03 import exercises as lesson_03
from gan_lesson.lessons.lesson_03 import explorers, questions
from gan_lesson.lessons.mathematics.divergence import (
    auc,
    bayes_accuracy,
    d_star,
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    mixture_density,
    normal_density,
    shift_slopes,
    value_on_grid,
)
from gan_lesson.lessons.mathematics.value import LOG_2, LOG_4

LESSON = LessonText("03_the_best_discriminator")
TEXT, cell_with, printed = LESSON.text, LESSON.cell_with, LESSON.printed
X, DX = np.linspace(-12, 20, 3201), 0.01
run = functools.partial(LESSON.run, x=X, dx=DX, p_data=normal_density(X))
EXERCISES = {
    "d_star": lesson_03.D_STAR,
    "d_star_logit": lesson_03.LOGIT,
    "jsd": lesson_03.JSD,
    "best_value": lesson_03.BEST_VALUE,
}
norm = scipy.stats.norm


def taught(name, tag="answer"):
    """The function `name` of an exercise, as the lesson's stub or answer defines it."""
    others = [cell_with("def d_star_logit(", "answer")] if name == "best_value" else []
    return run(*others, cell_with(f"def {name}(", tag))[name]


def jsd_by_quadrature(p, q, low, high):
    """JSD of two densities given as functions, by an integrator that is not ours."""

    def integrand(x):
        a, b = p(x), q(x)
        m = (a + b) / 2
        return sum(0.5 * d * np.log(d / m) for d in (a, b) if d > 0)

    return quad(integrand, low, high, limit=400, epsabs=1e-11)[0]


def normal_jsd(m, sd=1.0):
    return jsd_by_quadrature(norm(0, 1).pdf, norm(m, sd).pdf, -18, m + 18)


# 1. The best answer, twice


def test_near_one_half_the_share_of_real_samples_is_d_star():
    p, q = norm.pdf(0.5), norm.pdf(0.5, 2)
    assert f"{p:.3f} {q:.3f} {p / (p + q):.3f}" == "0.352 0.130 0.731"
    said = printed("n_real = ")
    assert "3561 real, 1318 generated: share of real ones 0.730" in said
    assert "densities 0.352 and 0.130: p / (p + q) = 0.731" in said
    inside = norm.cdf(0.55) - norm.cdf(0.45)
    assert abs(3561 / 1e5 - inside) < 3 * np.sqrt(inside / 1e5)


def test_by_calculus_the_peak_of_a_log_d_plus_b_log_1_minus_d_is_at_a_over_a_plus_b():
    a, b, d = sympy.symbols("a b d", positive=True)
    gain = a * sympy.log(d) + b * sympy.log(1 - d)
    assert sympy.solve(sympy.diff(gain, d), d) == [a / (a + b)]
    assert sympy.simplify(sympy.diff(gain, d, 2) + a / d**2 + b / (1 - d) ** 2) == 0
    slope = (a - (a + b) * d) / (d * (1 - d))
    assert sympy.simplify(sympy.diff(gain, d) - slope) == 0, "so + below the peak and - above it"
    said = printed("gain = a * np.log(d)")
    for a, b in ((0.3, 0.1), (0.2, 0.2), (0.1, 0.3)):
        best = scipy.optimize.minimize_scalar(
            lambda d, a=a, b=b: -a * np.log(d) - b * np.log(1 - d), bounds=(0, 1), method="bounded"
        ).x
        assert best == pytest.approx(float(d_star(a, b)), abs=1e-5)
        assert f"a = {a}, b = {b}: largest at D = {best:.2f}, a/(a+b) = {best:.2f}" in said


def test_at_90_percent_real_equal_densities_give_9():
    for prior in (0.1, 0.5, 0.9):
        assert d_star(0.2, 0.2, prior) == pytest.approx(prior)
    assert "50% real: D* = 0.50" in printed("p = q = .2") and "90% real: D* = 0.90" in printed(
        "p = q = .2"
    )


def test_bayes_by_counting_samples_in_a_short_stretch():
    n, share, x, dx = sympy.symbols("N pi x dx", positive=True)
    p, q = sympy.symbols("p q", positive=True)
    real, generated = share * n * p * dx, (1 - share) * n * q * dx
    left = sympy.simplify(real / (real + generated) - share * p / (share * p + (1 - share) * q))
    assert left == 0, "N and dx cancel"
    assert sympy.simplify((real / (real + generated)).subs(share, sympy.Rational(1, 2))) == (
        p / (p + q)
    ), "and so does a prior of one half"


def test_where_one_density_is_0_d_star_is_0_or_1():
    assert [float(d_star(*pair)) for pair in ((0.0, 0.3), (0.3, 0.0))] == [0, 1]


def test_at_a_crossing_d_star_is_the_prior_and_v_is_below_the_best():
    for prior in (0.2, 0.5, 0.8):
        explorer = explorers.DensitiesExplorer(2.0, 1.0, prior)
        p, q = explorer.densities()
        at = int(np.flatnonzero(np.isclose(explorers.X, 1.0))[0])
        assert p[at] == pytest.approx(q[at]) and d_star(p, q, prior)[at] == pytest.approx(prior)
        shift = d_star_logit(p, q, prior) - d_star_logit(p, q)
        assert shift == pytest.approx(np.log(prior / (1 - prior)))
        assert ("too low" in explorer.readout.value) == (prior != 0.5)
        assert explorer._gain.get_height() == pytest.approx(2 * normal_jsd(2), abs=1e-6)
        assert f"orange bar: 2 JSD = {2 * normal_jsd(2):.3f}" in explorer.readout.value


def test_the_logit_of_d_star_between_two_bells_is_a_line():
    x, m = sympy.symbols("x m", real=True)
    logit = -(x**2) / 2 + (x - m) ** 2 / 2
    assert sympy.expand(logit - (m**2 / 2 - m * x)) == 0
    for place in (-1.0, 0.0, 1.0, 2.0):
        s = norm.logpdf(place) - norm.logpdf(place, 2)
        assert s == pytest.approx(2 - 2 * place)
        assert f"x = {place:4.1f}: logit of D* = {s:5.2f}" in printed("logit of D* =")
    assert round(expit(4) / expit(-4)) == 55  # the teacher's 55 real ones to one


def test_where_d_star_is_one_half_everywhere():
    bumps = mixture_density(X, [-1.5, 1.5], [0.6, 0.6], [0.5, 0.5])
    explorer = explorers.DensitiesExplorer(0.0, 0.6, real="two bumps", generated="two bumps")
    p_data, p_g = explorer.densities()
    assert np.array_equal(p_data, p_g) and bumps.sum() * DX == pytest.approx(1)
    assert d_star(p_data, p_g) == pytest.approx(0.5)


def test_claim_5_one_sample_has_another_verdict_at_another_prior():
    said = printed("the same x = 1.5")
    for prior in (0.1, 0.5, 0.9):
        p, q = prior * norm.pdf(1.5), (1 - prior) * norm.pdf(1.5, 2)
        assert f"{prior:.0%} real: D* = {p / (p + q):.2f}" in said


# 2. Samples know it too


def test_logistic_regression_finds_the_line_of_d_star():
    names = run(cell_with("n_real = "), cell_with("import LogisticRegression"))
    cost = lambda w: np.mean(  # noqa: E731
        -log_expit(np.where(names["labels"], 1, -1) * (w[0] + w[1] * names["x_both"][:, 0]))
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
            assert separable == 1 and min(slopes) < -50 and sorted(slopes)[1] > -50
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


# 3. How good can D be?


def test_v_of_d_star_line_by_line():
    p, q = sympy.symbols("p q", positive=True)
    m = (p + q) / 2
    for density in (p, q):
        left = sympy.log(density / (p + q)) - (sympy.log(density / m) - sympy.log(2))
        assert sympy.simplify(sympy.expand_log(left, force=True)) == 0


def test_jsd_lies_between_0_only_for_equal_densities_and_log_2():
    t = sympy.symbols("t", positive=True)
    gap = t - 1 - sympy.log(t)
    assert sympy.solve(sympy.diff(gap, t), t) == [1] and gap.subs(t, 1) == 0
    assert sympy.diff(gap, t, 2).is_positive, "log t ≤ t - 1, equal only at t = 1"
    for m, sd in ((0.0, 1.0), (0.001, 1.0), (0.0, 1.02), (3.0, 0.5), (8.0, 1.0), (18.0, 1.0)):
        p, q = normal_density(X), normal_density(X, m, sd)
        middle = (p + q) / 2
        both = [kl_divergence(d, middle, DX) for d in (p, q)]
        assert all(-1e-12 <= k <= LOG_2 + 1e-9 for k in both)
        assert (max(both) < 1e-12) == (m == 0 and sd == 1)
        assert jensen_shannon_divergence(p, q, DX) == pytest.approx(sum(both) / 2, abs=1e-9)
        assert (2 * p <= 4 * middle).all()
    apart = (X < 0) / 12.0, (X >= 0) / 20.0
    assert jensen_shannon_divergence(*apart, DX) == pytest.approx(LOG_2, abs=1e-3)


TABLE = {  # m: JSD, V, mean BCE, accuracy, as the plan's table has them
    0: (0, -1.38629, 0.69315, 0.5),
    0.5: (0.03031, -1.32567, 0.66284, 0.5987),
    1: (0.11142, -1.16345, 0.58173, 0.6915),
    2: (0.33683, -0.71263, 0.35632, 0.8413),
    3: (0.52678, -0.33274, 0.16637, 0.9332),
    4: (0.63272, -0.12085, 0.06043, 0.9772),
    6: (0.68930, -0.00770, 0.00385, 0.9987),
    8: (0.69305, -0.00019, 0.00009, 1.0),
}


@pytest.mark.parametrize("m", TABLE)
def test_the_table_of_two_bells(m):
    jsd, v, bce, accuracy = TABLE[m]
    p, q = normal_density(X), normal_density(X, m)
    assert jensen_shannon_divergence(p, q, DX) == pytest.approx(normal_jsd(m), abs=1e-7)
    assert normal_jsd(m) == pytest.approx(jsd, abs=6e-6)
    best = value_on_grid(d_star_logit(p, q), p, q, DX)
    assert best == pytest.approx(-LOG_4 + 2 * normal_jsd(m), abs=1e-7)
    assert (best, -best / 2) == pytest.approx((v, bce), abs=6e-6)
    assert bayes_accuracy(p, q, DX) == pytest.approx(norm.cdf(m / 2), abs=1e-5)
    assert norm.cdf(m / 2) == pytest.approx(accuracy, abs=6e-5)
    assert kl_divergence(q, p, DX) == pytest.approx(m**2 / 2, abs=1e-9)
    if m <= 4:
        row = f"{m:3.1f}  {jsd:.5f}  {v:14.5f}  {v:8.5f}   {norm.cdf(m / 2):.3f}"
        assert row in printed("-log 4 + 2 JSD  V(D*, G)")


@pytest.mark.parametrize("m", [0.5, 1, 2, 4, 6, 8])
def test_the_slopes_of_both_generator_losses(m):
    q = norm(m, 1).pdf
    saturating = quad(lambda x: q(x) * m * expit(m**2 / 2 - m * x), m - 12, m + 12, limit=200)[0]
    non_saturating = quad(lambda x: q(x) * m * expit(m * x - m**2 / 2), m - 12, m + 12)[0]
    ours = shift_slopes(m**2 / 2 - m * X, normal_density(X, m), DX)
    assert ours == pytest.approx((saturating, non_saturating), abs=1e-7)
    lessons = run(cell_with("def jsd(", "answer"), cell_with("def slopes("))
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


def test_kl_is_8_at_4_and_32_at_8_while_jsd_stays_below_log_2():
    assert [m**2 / 2 for m in (4, 8)] == [8, 32]
    assert 0.693 < normal_jsd(8) < LOG_2
    x, m = sympy.symbols("x m", real=True)
    bell = sympy.exp(-((x - m) ** 2) / 2) / sympy.sqrt(2 * sympy.pi)
    kl = sympy.integrate(bell * (m * x - m**2 / 2), (x, -sympy.oo, sympy.oo))
    assert sympy.simplify(kl - m**2 / 2) == 0
    told = printed("for m in (4.0, 8.0)")
    assert told.splitlines() == [
        f"m = {m}: KL {m * m / 2:.2f}, JSD {normal_jsd(m):.5f}" for m in (4, 8)
    ]


def test_claim_21_as_v_rises_the_means_part():
    said = printed("for c in (0.0, 0.5, 1.0, 2.0)")
    gaps, values = [], []
    for c in (0.0, 0.5, 1.0, 2.0):
        d_real = quad(lambda x, c=c: norm.pdf(x) * expit(c * (2 - 2 * x)), -12, 12)[0]
        d_fake = quad(lambda x, c=c: norm.pdf(x, 2) * expit(c * (2 - 2 * x)), -10, 14)[0]
        v = 2 * quad(lambda x, c=c: norm.pdf(x) * log_expit(c * (2 - 2 * x)), -12, 12)[0]
        told = f"c = {c}: mean D(x) = {d_real:.3f}, mean D(G(z)) = {d_fake:.3f}, V = {v:.3f}"
        assert told in said
        gaps.append(d_real - d_fake)
        values.append(v)
    assert gaps == sorted(gaps), "the means part further and further"
    assert values[:3] == sorted(values[:3]) and values[3] < values[1], "c = 2 is over-sure"
    assert (f"{d_real:.3f}", f"{d_fake:.3f}", f"{v:.3f}") == ("0.819", "0.181", "-0.864")


# 4. What does 1.386 prove?


def test_the_lessons_auc_is_scikit_learns_and_ours():
    roc_auc_score = pytest.importorskip("sklearn.metrics").roc_auc_score
    lessons = run(cell_with("def auc("))["auc"]
    rng = np.random.default_rng(3)
    for _ in range(5):
        real, fake = rng.normal(1, 1, 40).round(1), rng.normal(0, 1, 30).round(1)  # with ties
        theirs = roc_auc_score(np.repeat([1, 0], [40, 30]), np.r_[real, fake])
        assert auc(real, fake) == pytest.approx(theirs) == lessons(real, fake)
    with pytest.raises(ValueError, match="scores_fake is empty"):
        auc([1.0], [])
    with pytest.raises(ValueError, match="NaN"):
        auc([np.nan], [1.0])


def test_the_lazy_d_pays_log_4_on_samples_that_nobody_could_mistake():
    said = printed('report("lazy D')
    assert "lazy D, always 1/2: loss 1.386, AUC 0.50" in said
    assert "the best D        : loss 0.000, AUC 1.00" in said
    assert -2 * np.log(0.5) == pytest.approx(1.386, abs=5e-4)


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
    assert "13.814757170851447" in TEXT and "13.78437035945412" in TEXT


# 5. A duel


def test_against_one_half_v_is_minus_log_4_wherever_g_goes():
    for mean, sd in ((-4, 0.5), (0, 1), (3, 2)):
        p, q = normal_density(explorers.X), normal_density(explorers.X, mean, sd)
        v = value_on_grid(np.zeros_like(explorers.X), p, q, explorers.DX)
        assert v == pytest.approx(-LOG_4, abs=1e-9)


def best_line(mean, sd):
    """The best a, b against N(mean, sd²), and its V, by scipy."""
    p, q = normal_density(explorers.X), normal_density(explorers.X, mean, sd)

    def loss(w):
        return -value_on_grid(w[0] + w[1] * explorers.X, p, q, explorers.DX)

    found = scipy.optimize.minimize(loss, [0.1, 0.1], method="Nelder-Mead", tol=1e-9)
    return found.x, -found.fun, value_on_grid(d_star_logit(p, q), p, q, explorers.DX)


def test_at_mean_0_the_best_line_is_one_half_whatever_the_sd():
    for sd in (0.5, 2.0):
        w, v, best = best_line(0.0, sd)
        assert w == pytest.approx([0, 0], abs=1e-3) and v == pytest.approx(-LOG_4, abs=1e-7)
        assert best - v > 0.05, "so the regret never reaches 0"
    assert best_line(2.0, 1.0)[1] == pytest.approx(best_line(2.0, 1.0)[2], abs=1e-7)
    assert best_line(1.0, 2.0)[2] - best_line(1.0, 2.0)[1] > 0.05


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


def test_claim_6_a_line_says_one_half_to_two_bells_of_different_width():
    jsd = normal_jsd(0, 2.0)
    assert jsd == pytest.approx(0.09273, abs=6e-6)
    said = printed("for name, inputs in")
    assert "best line: coefficients [0. 0.], V = -1.3863" in said
    assert f"best parabola: coefficients [ 0.693  0.    -0.375], V = {-LOG_4 + 2 * jsd:.4f}" in said
    x = sympy.symbols("x", real=True)
    logit = -(x**2) / 2 + x**2 / 8 + sympy.log(2)  # log N(0, 1) - log N(0, 2²)
    assert [float(c) for c in sympy.Poly(logit, x).all_coeffs()] == pytest.approx(
        [-0.375, 0, 0.693], abs=5e-4
    )
    assert f"-log 4 + 2 JSD = {-LOG_4 + 2 * jsd:.4f}" in said


# What value_function gained for this lesson


def test_bayes_accuracy_at_another_prior():
    p, q = normal_density(X), normal_density(X, 2.0)
    for prior in (0.1, 0.5, 0.9):
        edge = 1 + np.log(prior / (1 - prior)) / 2  # logit D* = 2 - 2x + log odds = 0
        right = prior * norm.cdf(edge) + (1 - prior) * norm.sf(edge - 2)
        assert bayes_accuracy(p, q, DX, prior) == pytest.approx(right, abs=1e-5)
    with pytest.raises(ValueError, match="prior is 1"):
        bayes_accuracy(p, q, DX, 1)


def test_shift_slopes_refuses_what_it_cannot_differentiate():
    p = normal_density(X)
    with pytest.raises(ValueError, match="finite"):
        shift_slopes(np.full_like(X, np.inf), p, DX)
    with pytest.raises(ValueError, match="dx is 0"):
        shift_slopes(X, p, 0)
    with pytest.raises(ValueError, match="shape"):
        shift_slopes(X[:-1], p, DX)


# The predictions


def test_the_numbers_and_the_curve_to_predict():
    numbers = {"ask_d_star_at_90_percent": 0.9, "ask_jsd_far_away": normal_jsd(8)}
    for question, truth in numbers.items():
        control = lock_and_reveal(getattr(questions, question)(), 0.77)
        assert control.row["truth"] == pytest.approx(truth, abs=1e-6)
    control = lock_and_reveal(questions.ask_curve_of_d_star(), 0.9)
    assert control.row["truth"] == pytest.approx(expit(2 - 2 * np.array(questions.PLACES)))


# The exercises


@pytest.mark.parametrize("name", EXERCISES)
def test_the_answer_agrees_with_the_package_on_random_densities(name):
    rng = np.random.default_rng(5)
    answer = taught(name)
    for _ in range(20):
        p, q = (normal_density(X, *pair) for pair in rng.uniform([-1, 0.8], [3, 2], (2, 2)))
        arguments = (p, q, DX) if name in ("jsd", "best_value") else (p, q)
        theirs = EXERCISES[name].reference(*arguments)
        assert answer(*arguments) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "name, line, sentence",
    [
        ("d_star", "return p_data / (p_data + p_g)", "prior is missing"),
        ("d_star", "return prior * p_data / ((1 - prior) * p_g)", "odds"),
        ("d_star_logit", "return p_data / (p_data + p_g)", "the probability D*"),
        ("d_star_logit", "return np.log2(p_data) - np.log2(p_g)", "base 2"),
        ("d_star_logit", "return np.log(p_g / p_data)", "turned round"),
        ("jsd", "return kl(p, q, dx)", "KL(p ‖ q)"),
        ("jsd", "return kl(p, m, dx) + kl(q, m, dx)", "½ is missing"),
        ("jsd", "return (kl(m, p, dx) + kl(m, q, dx)) / 2", "order is turned round"),
        ("jsd", "return (kl(p, m, dx) + kl(q, m, dx)) / 2 / np.log(2)", "in bits"),
        ("best_value", "return -np.sum(p_data * log_d + p_g * log_not_d) * dx", "the loss"),
        ("best_value", "return np.sum(p_data * log_d + p_g * log_not_d)", "dx is missing"),
        (
            "best_value",
            "return np.sum(p_g * log_d + p_data * log_not_d) * dx",
            "labels are swapped",
        ),
        ("best_value", "return 0.5 * np.sum(p_data * log_d + p_g * log_not_d) * dx", "½ too many"),
    ],
)
def test_a_line_that_a_learner_would_write(name, line, sentence):
    stub = cell_with(f"def {name}(", "stub")
    source = re.sub(r"return \.\.\..*", lambda _: line, stub)
    assert source != stub
    helpers = [cell_with("def d_star_logit(", "answer")] if name == "best_value" else []
    with pytest.raises(WrongAnswer, match=re.escape(sentence)):
        EXERCISES[name].check(run(*helpers, source)[name])


def forge(line):
    names = run(cell_with("def forged_logit(", "stub").replace("...  # your line", line))
    return lesson_03.check_forge(names["forged_logit"], names["x_real"], names["x_fake"])


def test_the_forge_takes_whispers_offsets_and_other_data(capsys):
    roc_auc_score = pytest.importorskip("sklearn.metrics").roc_auc_score
    a = scipy.optimize.brentq(
        lambda a: lesson_03.Forge.loss(np.array([12.0, 13, 14]) - a, np.array([6.0, 7, 8]) - a)
        - LOG_4,
        0, 7.5,
    )  # fmt: skip
    for line in ("0.001 * x", "1e-6 * np.sign(x)", f"x + 10 - {a!r}"):
        logit = forge(line)
        real, fake = np.array([2.0, 3, 4]), np.array([-4.0, -3, -2])
        s = np.r_[logit(real), logit(fake)]
        assert roc_auc_score([1, 1, 1, 0, 0, 0], s) == 1
        loss = -log_expit(s[:3]).mean() - log_expit(-s[3:]).mean()
        assert loss == pytest.approx(1.386, abs=0.011)
        assert "Right" in capsys.readouterr().out
    lesson_03.check_forge(
        lambda x: x - 2, 7.5 + norm.ppf([0.2, 0.5, 0.8]), np.array([2.9, 3.1, 3.27])
    )


def test_the_untouched_forge_hands_out_ours(capsys):
    logit = forge("...")
    assert logit is lesson_03.FORGE.reference and "Not attempted" in capsys.readouterr().out
    assert forge("... * x") is logit
    assert lesson_03.FORGE.problem(logit([2.0, 3]), logit([-3.0, -2]), [2, 3], [-3, -2]) == ""


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("0 * x", "AUC 0.50. D mixes up some pairs, or gives them the same score."),
        ("-0.001 * x", "AUC 0.00. The order is turned round"),
        ("x", "The order is right, the loss is too low."),
        ("x + 20", "The order is right, the loss is too high."),
        ("0.5 + 1e-5 * x", "These numbers fit as probabilities; a logit is asked."),
        ("0.5", "There must be one logit for each sample."),
        ("x / 0", "A logit is infinite or no number."),
        ("y", "forged_logit stops with NameError"),
        ("x + 5.675", "The mean over both halves is log 4; the loss is their sum."),
    ],
)
def test_each_failed_forgery_is_told_what_is_wrong(line, sentence):
    with np.errstate(divide="ignore"):
        for hint in (*lesson_03.FORGE.hints, lesson_03.FORGE.hints[1]):
            with pytest.raises(WrongAnswer, match=re.escape(sentence)) as error:
                forge(line)
            assert str(error.value).endswith(f"Hint: {hint}")


# The widgets


def picture_of(explorer):
    assert explorer.panel.png.startswith(b"\x89PNG")
    words = explorer.panel.description + explorer.readout.value
    assert "nan" not in words and "inf" not in words
    assert "−0.00 " not in words
    return explorer.panel.description


def sliders_of(explorer):
    return [
        control
        for control in vars(explorer).values()
        if type(control).__name__ in ("FloatSlider", "IntSlider")
    ]


MAKERS = [
    explorers.DensitiesExplorer,
    explorers.LogisticExplorer,
    explorers.DistanceExplorer,
    explorers.DuelExplorer,
]


@pytest.mark.parametrize("make", MAKERS)
def test_each_explorer_moves_over_its_whole_range(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explorer = make()
        for slider in sliders_of(explorer):
            seen = set()
            for value in np.linspace(slider.min, slider.max, 9):
                whole = type(slider).__name__ == "IntSlider"
                slider.value = int(value) if whole else round(float(value), 2)
                seen.add(picture_of(explorer))
            assert len(seen) >= 8, slider.description
        for corner in range(2 ** len(sliders_of(explorer))):
            for bit, slider in enumerate(sliders_of(explorer)):
                slider.value = slider.max if corner >> bit & 1 else slider.min
            picture_of(explorer)


@pytest.mark.parametrize("make", MAKERS)
def test_a_fast_burst_on_an_explorer_draws_every_move(make):
    explorer = make()
    slider = sliders_of(explorer)[0]
    frames = explorer.panel.frames
    for value in np.linspace(slider.min, slider.max, 200):
        slider.value = round(float(value), 4)
    assert explorer.panel.frames >= frames + 199
    picture_of(explorer)


@pytest.mark.parametrize("make", MAKERS)
def test_an_explorer_shows_at_most_three_sliders(make):
    explorer = make()
    shown = [s for s in sliders_of(explorer) if s.layout.display != "none"]
    assert 1 <= len(shown) <= 3


@pytest.mark.parametrize(
    "m, sd, prior", [(0, 1, 0.5), (2, 1, 0.5), (2, 1, 0.9), (-4, 3, 0.1), (8, 0.45, 0.5)]
)
def test_the_densities_explorer_reads_out_what_quadrature_finds(m, sd, prior):
    explorer = explorers.DensitiesExplorer(m, sd, prior)
    q, far = norm(m, sd).pdf, max(18, m + 8 * sd)
    jsd = jsd_by_quadrature(norm.pdf, q, -far - 12, far)
    assert f"JSD = {jsd:.3f} nats" in explorer.readout.value
    shown = signed(-LOG_4 + 2 * jsd, 3)
    assert f"2 JSD = {shown}" in explorer.readout.value
    if prior != 0.5:

        def gain(x):
            s = norm.logpdf(x) - norm.logpdf(x, m, sd) + np.log(prior / (1 - prior))
            return norm.pdf(x) * log_expit(s) + q(x) * log_expit(-s)

        v = quad(gain, -30, 30, limit=400)[0]
        assert f"has V = {signed(v, 3)}" in explorer.readout.value


def test_all_shapes_of_the_densities_explorer():
    explorer, seen = explorers.DensitiesExplorer(), set()
    for real in ("one bump", "two bumps"):
        for generated in ("one bump", "two bumps"):
            explorer.real.value, explorer.generated.value = real, generated
            seen.add(picture_of(explorer))
            assert [density.sum() * explorers.DX for density in explorer.densities()] == (
                pytest.approx([1, 1])
            )
    assert len(seen) == 4


def test_the_logistic_explorer_fits_what_scipy_fits():
    explorer = explorers.LogisticExplorer(mean=2.0, n=100)
    for draw in (1, 7):
        explorer.draw.value = draw
        x_real, x_fake = explorer.samples()

        def cost(w, real=x_real, fake=x_fake):
            return -log_expit(w[0] + w[1] * real).mean() - log_expit(-w[0] - w[1] * fake).mean()

        best = scipy.optimize.minimize(cost, [0, 0]).x
        assert explorer.fit(x_real, x_fake) == pytest.approx(best, abs=0.02)
    again = explorers.LogisticExplorer(mean=2.0, n=100, draw=7)
    assert np.array_equal(again.samples()[0], explorer.samples()[0])


def test_the_logistic_explorer_never_warns_and_nears_d_star():
    explorer = explorers.LogisticExplorer()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in explorer.sizes:
            explorer.n.value = n
            for mean in (0.0, 2.0, 6.0):
                explorer.mean.value = mean
                assert explorer._model.n_iter_[0] < 500
                picture_of(explorer)

    def slopes(n):
        explorer.mean.value, explorer.n.value = 2.0, n
        found = []
        for draw in range(1, 21):
            explorer.draw.value = draw
            found.append(explorer.fit(*explorer.samples())[1])
        return np.array(found)

    few, many = slopes(10), slopes(500)
    assert many.std() < 0.2 < few.std() and many.mean() == pytest.approx(-2, abs=0.1)


def test_the_distance_explorer_reads_out_quadrature():
    explorer = explorers.DistanceExplorer()
    for m in (0.0, 2.0, 4.0, 8.0):
        explorer.mean.value = m
        assert f"JSD = {normal_jsd(m):.4f}, KL = {m * m / 2:.2f}" in explorer.readout.value
        saturating = quad(lambda x, m=m: norm.pdf(x, m) * m * expit(m * m / 2 - m * x), -8, m + 8)
        assert f"saturating loss {saturating[0]:.4f}" in explorer.readout.value


def test_in_the_duel_v_is_minus_log_4_plus_2_jsd_minus_regret():
    duel = explorers.DuelExplorer()
    for a, b, mean, sd in ((0, 0, 3, 1), (2, -1, 2, 1), (1, 0.5, 3, 1), (-3, 2, -2, 2.5)):
        duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = a, b, mean, sd
        v = quad(lambda x, a=a, b=b: norm.pdf(x) * log_expit(a + b * x), -12, 12)[0]
        v += quad(
            lambda x, a=a, b=b, m=mean, s=sd: norm.pdf(x, m, s) * log_expit(-a - b * x), -25, 25
        )[0]
        regret = -LOG_4 + 2 * normal_jsd(mean, sd) - v
        assert f"V = {signed(v)}," in duel.readout.value
        assert f"regret is {regret:.3f}" in duel.readout.value
    duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = 2, -2, 2, 1
    assert "regret is 0.000" in duel.readout.value.replace("-", "")


def test_the_axis_of_v_reaches_down_to_v_wherever_the_duel_goes():
    duel = explorers.DuelExplorer(a=1.0, b=0.5, mean=3.0)
    seen = set()
    for a in (-6, 0, 1, 6):
        for b in (-3, -0.5, 0.5, 3):
            for mean, sd in ((-4, 3), (-4, 0.45), (3, 1), (4, 3)):
                duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = a, b, mean, sd
                level = duel._level.get_ydata()[0]
                bottom, top = duel._account.get_ylim()
                assert bottom < 0.95 * bottom < level < top == 0
                assert level == duel._numbers["value"]
                seen.add(bottom)
    assert seen == {bottom for bottom, _ in duel.bottoms}
    duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = 1, 0.5, 3, 1
    assert duel._account.get_ylim()[0] == -3.5 and "V = −2.93," in duel.readout.value


def test_the_duel_keeps_rounds_and_passes_the_turn(monkeypatch):
    monkeypatch.setattr(explorers, "DOUBLE_CLICK", 0.0)  # these two click fast
    duel = explorers.DuelExplorer(a=2.0, b=-1.0, mean=2.0)
    assert "No round kept" in duel.table.value
    assert duel.a.layout.display == "flex" and duel.mean.layout.display == "none"
    for number in range(1, 13):
        assert duel.turn.value == ("D" if number % 2 else "G")
        duel.keep.click()
        assert len(duel.rounds) == number
    assert duel.rounds[0]["moved"] == "D" and duel.rounds[1]["moved"] == "G"
    assert duel.table.value.count("<tr>") == 1 + duel.shown_rounds
    paid = sum(kept["V"] + LOG_4 for kept in duel.rounds)
    assert f"paid D {signed(paid)} nats so far, V + log 4 a round (12 kept)" in duel.table.value
    duel.turn.value = "G"
    assert duel.a.layout.display == "none" and duel.sd.layout.display == "flex"
    before = duel.panel.png
    duel.help.value = True
    assert duel.panel.png != before, "D* appears"
    duel.again.click()
    assert duel.rounds == [] and "No round kept" in duel.table.value and duel.turn.value == "D"


# The lesson as a whole


def test_the_explorers_and_checks_load_neither_torch_nor_scikit_learn():
    code = (
        "import sys; from gan_lesson.lessons import lesson_03 as e;"
        "e.DuelExplorer(); e.DensitiesExplorer();"
        "print([m for m in ('torch', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_claims_4_5_6_20_and_21_are_on_trial_and_repaired():
    names = [asked.name for asked in vars(questions).values() if hasattr(asked, "why")]
    claims = sorted(int(n.split("-")[1]) for n in names if n.startswith("claim"))
    assert claims == [4, 5, 6, 20, 21]
    assert TEXT.count("**Repaired:**") == 5


def test_every_widget_has_its_picture_and_its_words_stored():
    words = [alt(picture) for picture in LESSON.pictures()]
    assert len(words) == 6 and all(len(told) > 40 for told in words)
    assert LESSON.stored.stat().st_size < 500_000
