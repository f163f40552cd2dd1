"""Lesson 03, the best discriminator: the numbers and sentences of its core, and its questions."""

import re

import numpy as np
import pytest
import scipy.optimize
import sympy
from lesson_text import LessonText, lock_and_reveal
from scipy.integrate import quad
from scipy.special import expit, log_expit
from scipy.stats import norm
from two_densities import normal_jsd

from gan_lesson.lessons.kit.answers import forget
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF
from gan_lesson.lessons.lesson_03 import exercises, explorers, questions
from gan_lesson.lessons.mathematics.divergence import (
    auc,
    bayes_accuracy,
    d_star,
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    mixture_density,
    normal_density,
    value_on_grid,
)
from gan_lesson.lessons.mathematics.value import LOG_2, LOG_4

LESSON = LessonText("03_the_best_discriminator")
cell_with, printed = LESSON.cell_with, LESSON.printed
X, DX = np.linspace(-12, 20, 3201), 0.01


# 1. The best answer, by counting


def test_near_one_half_the_share_of_real_samples_is_d_star():
    p, q = norm.pdf(0.5), norm.pdf(0.5, 2)
    assert f"{p:.3f} {q:.3f} {p / (p + q):.3f}" == "0.352 0.130 0.731"
    said = printed("n_real, n_fake = ")
    assert "3561 real, 1318 generated: share of real ones 0.730" in said
    assert "densities 0.352 and 0.130: p / (p + q) = 0.731" in said
    inside = norm.cdf(0.55) - norm.cdf(0.45)
    assert abs(3561 / 1e5 - inside) < 3 * np.sqrt(inside / 1e5)


def test_bayes_by_counting_samples_in_a_short_stretch():
    n, share, x, dx = sympy.symbols("N pi x dx", positive=True)
    p, q = sympy.symbols("p q", positive=True)
    real, generated = share * n * p * dx, (1 - share) * n * q * dx
    left = sympy.simplify(real / (real + generated) - share * p / (share * p + (1 - share) * q))
    assert left == 0, "N and dx cancel"
    assert sympy.simplify((real / (real + generated)).subs(share, sympy.Rational(1, 2))) == (
        p / (p + q)
    ), "and so does a prior of one half"


def test_where_both_densities_agree_d_star_is_the_prior():
    for prior in (0.1, 0.5, 0.9):
        assert d_star(0.2, 0.2, prior) == pytest.approx(prior)
    said = printed("p = q = 0.2")
    assert "50% real: best D = 0.50" in said and "90% real: best D = 0.90" in said


# 2. The best answer, by calculus


def test_by_calculus_the_peak_of_the_bracket_is_at_p_over_p_plus_q():
    p, q, d = sympy.symbols("p q d", positive=True)
    bracket = p * sympy.log(d) + q * sympy.log(1 - d)
    assert sympy.solve(sympy.diff(bracket, d), d) == [p / (p + q)]
    slope = (p - (p + q) * d) / (d * (1 - d))
    assert sympy.simplify(sympy.diff(bracket, d) - slope) == 0, "so + below the peak and - above"
    said = printed("bracket = p * np.log(d)")
    for p, q in ((0.3, 0.1), (0.25, 0.25), (0.1, 0.3)):
        best = scipy.optimize.minimize_scalar(
            lambda d, p=p, q=q: -p * np.log(d) - q * np.log(1 - d), bounds=(0, 1), method="bounded"
        ).x
        assert best == pytest.approx(float(d_star(p, q)), abs=1e-5)
        assert f"p = {p}, q = {q}: largest at D = {best:.2f}, p/(p + q) = {best:.2f}" in said


def test_the_logit_of_d_star_between_two_bells_is_a_line():
    x, m = sympy.symbols("x m", real=True)
    for mean in (-1.0, 2.0):  # the logarithm of N(m, 1) is -(x - m)²/2 plus a constant
        rest = norm.logpdf(X, mean) + (X - mean) ** 2 / 2
        assert rest == pytest.approx(-np.log(2 * np.pi) / 2)
    logit = -(x**2) / 2 + (x - m) ** 2 / 2
    assert sympy.expand(logit - (m**2 / 2 - m * x)) == 0
    for place in (-1.0, 0.0, 1.0, 2.0):
        s = norm.logpdf(place) - norm.logpdf(place, 2)
        assert (
            s
            == pytest.approx(2 - 2 * place)
            == pytest.approx(d_star_logit(norm.pdf(place), norm.pdf(place, 2)))
        )
    p, q = normal_density(X), normal_density(X, 2)
    assert np.isfinite(d_star_logit(p, q)).all(), "D* is a possible D, so its V is reached"


def test_at_a_crossing_d_star_is_the_prior_and_v_is_below_the_best():
    for prior in (0.2, 0.5, 0.8):
        explorer = explorers.DensitiesExplorer(2.0, 1.0, prior)
        p, q = explorer.densities()
        at = int(np.flatnonzero(np.isclose(explorers.X, 1.0))[0])
        assert p[at] == pytest.approx(q[at]) and d_star(p, q, prior)[at] == pytest.approx(prior)
        shift = d_star_logit(p, q, prior) - d_star_logit(p, q)
        assert shift == pytest.approx(np.log(prior / (1 - prior)))
        assert ("too low" in explorer.readout.value) == (prior != 0.5)
        assert (explorer._regret.get_height() > 1e-6) == (prior != 0.5), "the green bar"
        assert explorer._gain.get_height() == pytest.approx(2 * normal_jsd(2), abs=1e-6)
        assert f"orange bar, 2 JSD, is {2 * normal_jsd(2):.3f} high" in explorer.readout.value


def test_one_bump_never_brings_d_star_to_one_half_everywhere_against_two():
    explorer = explorers.DensitiesExplorer(0.0, 1.0)
    p_data, p_g = explorer.densities()
    assert d_star(p_data, p_g) == pytest.approx(0.5) and explorer._gain.get_height() < 1e-9
    explorer.real.value = "two bumps"
    for mean in np.linspace(-4, 8, 25):
        for sd in np.linspace(0.45, 3, 18):
            explorer.mean.value, explorer.sd.value = mean, sd
            assert np.abs(d_star(*explorer.densities()) - 0.5).max() > 0.1
            assert explorer._gain.get_height() > 0.05


def test_a_balanced_batch_has_one_curve_of_d_and_no_slider_for_the_share():
    balanced, any_share = explorers.DensitiesExplorer(2.0), explorers.DensitiesExplorer(2.0, 1, 0.9)
    assert balanced.prior is None and any_share.prior.value == 0.9
    assert not balanced._best.get_visible() and any_share._best.get_visible()
    assert balanced._regret.get_height() == pytest.approx(0, abs=1e-12)
    assert "π" not in balanced.readout.value + balanced.panel.description
    assert "at π = 0.90" in any_share.readout.value and "at π = 0.90" in any_share.panel.description


def test_where_d_star_is_one_half_everywhere():
    bumps = mixture_density(X, [-1.5, 1.5], [0.6, 0.6], [0.5, 0.5])
    explorer = explorers.DensitiesExplorer(0.0, 0.6, real="two bumps", generated="two bumps")
    p_data, p_g = explorer.densities()
    assert np.array_equal(p_data, p_g) and bumps.sum() * DX == pytest.approx(1)
    assert d_star(p_data, p_g) == pytest.approx(0.5)


# 3. How large can V get?


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
    if m in (0, 1, 2, 4):
        row = f"{m}  {jsd:.5f}  {v:14.5f}  {v:8.5f}  {-v:10.5f}"
        assert row in printed("-log 4 + 2 JSD  V(D*, G)")


def test_claim_34_no_d_pays_less_than_d_star():
    assert f"{LOG_4 - 2 * normal_jsd(2):.3f}" == "0.713"
    p, q = normal_density(X), normal_density(X, 2)
    best, rng = d_star_logit(p, q), np.random.default_rng(0)
    for size in (0.01, 0.1, 1.0):
        other = best + size * rng.normal(size=X.shape)
        assert -value_on_grid(other, p, q, DX) > LOG_4 - 2 * normal_jsd(2)


# 4. What does 1.386 prove?


def test_v_of_a_multiple_of_the_best_logit_and_its_regret():
    said = printed("for scale in (0, 0.5, 1, 2, 3.85)")
    best = -LOG_4 + 2 * normal_jsd(2)
    for scale in (0, 0.5, 1, 2, 3.85):
        v = 2 * quad(lambda x, c=scale: norm.pdf(x) * log_expit(c * (2 - 2 * x)), -12, 12)[0]
        told = f"times {scale:.2f}: V = {v:.3f}, regret = {abs(best - v):.3f}"
        assert told in said and best - v > -1e-9
        if scale == 0:  # lazy: log 4 = 2 JSD's worth of regret above the best loss
            assert v == pytest.approx(-LOG_4) and best - v == pytest.approx(2 * normal_jsd(2))
        if scale == 3.85:  # far too sure, and with the order of D*
            assert f"{-v:.3f}" == f"{LOG_4:.3f}" == "1.386" and "V = -1.386" in told
    x = np.random.default_rng(0).normal([[0], [2]], 1, (2, 500))
    assert auc(*(3.85 * (2 - 2 * x))) == auc(*(2 - 2 * x)) > 0.85 and auc(*(0 * x)) == 0.5
    lessons = LESSON.define("value_of", dx=DX)
    p, q = normal_density(X), normal_density(X, 1, 2)
    s = np.sin(X)
    assert lessons["value_of"](s, p, q) == pytest.approx(value_on_grid(s, p, q, DX), abs=1e-12)


def test_a_loss_of_log_4_has_any_auc():
    """Loss 1.386 with a bad, no, a weak and a perfect order: it does not tell."""
    real, fake = np.array([2.0, 3.0, 4.0]), np.array([-4.0, -3.0, -2.0])
    mostly_wrong = np.r_[np.full(9, -0.01), 0.1], np.zeros(10)
    orders = {0.5: (0 * real, 0 * fake), 1.0: (real / 1000, fake / 1000), 0.1: mostly_wrong}
    orders[5 / 9] = np.array([0.001, 0.003, 0.005]), np.array([0.002, 0.0025, 0.004])
    for truth, (s_real, s_fake) in orders.items():
        assert exercises.Forge.loss(s_real, s_fake) == pytest.approx(LOG_4, abs=0.01)
        assert auc(s_real, s_fake) == pytest.approx(truth) or truth == 5 / 9
    assert 0.3 < auc(*orders[5 / 9]) < 0.7


def test_the_lessons_loss_and_auc_are_scikit_learns_and_ours(capsys):
    metrics = pytest.importorskip("sklearn.metrics")
    report = LESSON.define("report")["report"]
    rng = np.random.default_rng(3)
    for _ in range(5):
        real, fake = rng.normal(1, 1, 40), rng.normal(0, 1, 30)
        labels, scores = np.repeat([1, 0], [40, 30]), np.r_[real, fake]
        theirs = metrics.roc_auc_score(labels, scores)
        assert auc(real, fake) == pytest.approx(theirs)
        loss = metrics.log_loss(labels, expit(scores), sample_weight=np.repeat([3, 4], [40, 30]))
        report(real, fake)
        assert capsys.readouterr().out == f"loss {2 * loss:.3f}, AUC {theirs:.2f}\n"
        rounded = real.round(1), fake.round(1)  # with ties
        assert auc(*rounded) == pytest.approx(metrics.roc_auc_score(labels, np.r_[rounded]))
    with pytest.raises(ValueError, match="scores_fake is empty"):
        auc([1.0], [])
    with pytest.raises(ValueError, match="NaN"):
        auc([np.nan], [1.0])


# More: has G won when D says ½?


def test_claim_6_a_line_says_one_half_to_two_bells_of_different_width():
    jsd = normal_jsd(0, 2.0)
    assert jsd == pytest.approx(0.09273, abs=6e-6)
    said = printed("best line: a =")
    assert "best line: a = 0.0, b = 0.0, V = -1.3863" in said
    assert f"3 x²/8: V = {-LOG_4 + 2 * jsd:.4f}" in said
    x = sympy.symbols("x", real=True)
    constant = -sympy.log(2 * sympy.pi) / 2
    for sd, told in ((1, -(x**2) / 2), (2, -(x**2) / 8 - sympy.log(2))):
        bell = sympy.exp(-((x / sd) ** 2) / 2) / (sd * sympy.sqrt(2 * sympy.pi))
        assert sympy.simplify(sympy.expand_log(sympy.log(bell), force=True) - told - constant) == 0
    logit = -(x**2) / 2 + x**2 / 8 + sympy.log(2)  # log N(0, 1) - log N(0, 2²)
    assert [float(c) for c in sympy.Poly(logit, x).all_coeffs()] == pytest.approx(
        [-0.375, 0, 0.693], abs=5e-4
    )
    assert f"-log 4 + 2 JSD = {-LOG_4 + 2 * jsd:.4f}" in said


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


def test_d_star_says_one_half_on_average_against_every_g():
    for mean, sd in ((0.0, 1.0), (2.0, 1.0), (8.0, 1.0), (-1.0, 3.0)):
        p, q = norm.pdf, norm(mean, sd).pdf
        share = lambda x, p=p, q=q: 0.5 * (p(x) + q(x)) * d_star(p(x), q(x))  # noqa: E731
        ends = -12 + min(mean, 0) - 6 * sd, 12 + mean + 6 * sd
        assert quad(share, *ends, points=[0, mean], limit=200)[0] == pytest.approx(0.5, abs=1e-6)


# What the kit of densities promises


def test_where_one_density_is_0_d_star_is_0_or_1():
    assert [float(d_star(*pair)) for pair in ((0.0, 0.3), (0.3, 0.0))] == [0, 1]


def test_bayes_accuracy_at_another_prior():
    p, q = normal_density(X), normal_density(X, 2.0)
    for prior in (0.1, 0.5, 0.9):
        edge = 1 + np.log(prior / (1 - prior)) / 2  # logit D* = 2 - 2x + log odds = 0
        right = prior * norm.cdf(edge) + (1 - prior) * norm.sf(edge - 2)
        assert bayes_accuracy(p, q, DX, prior) == pytest.approx(right, abs=1e-5)
    with pytest.raises(ValueError, match="prior is 1"):
        bayes_accuracy(p, q, DX, 1)


# The questions


def test_the_numbers_and_the_curve_to_predict():
    numbers = {"ask_d_star_at_90_percent": 0.9, "ask_jsd_far_away": normal_jsd(8)}
    for question, truth in numbers.items():
        control = lock_and_reveal(getattr(questions, question)(), 0.77)
        assert control.row["truth"] == pytest.approx(truth, abs=1e-6)
    control = lock_and_reveal(questions.ask_curve_of_d_star(), 0.9)
    assert control.row["truth"] == pytest.approx(expit(2 - 2 * np.array(questions.PLACES)))


@pytest.mark.parametrize(
    "heights, right",
    [
        ([0.98, 0.88, 0.5, 0.12, 0.02], True),  # the truth, as near as the sliders come
        ([1.0, 0.9, 0.5, 0.1, 0.0], True),
        ([0.02, 0.12, 0.5, 0.88, 0.98], False),  # the densities swapped
        ([1.0, 1.0, 0.5, 0.0, 0.0], False),  # sure outside x = 1
        ([1.0, 0.75, 0.5, 0.25, 0.0], False),  # a straight line
        ([0.2, 0.15, 0.1, 0.05, 0.0], False),  # falls too, and is far too low
        ([0.24, 0.4, 0.24, 0.05, 0.0], False),  # the density itself
    ],
)
def test_the_curve_is_judged_by_its_heights(heights, right):
    forget()
    control = questions.ask_curve_of_d_star()
    for slider, height in zip(control.sliders, heights, strict=True):
        slider.value = height
    assert lock_and_reveal(control).row["right"] is right
    forget()


def test_one_claim_of_each_verdict_is_on_trial_and_its_verdict_is_told_first():
    claims = {
        questions.ask_claim_about_overlap: (34, HOLDS),
        questions.ask_claim_about_winning: (6, ONLY_IF),
        questions.ask_claim_about_comparing: (4, FALSE),
    }
    for claim, (number, verdict) in claims.items():
        assert claim.name.startswith(f"claim-{number}-") and claim.truth == verdict
    told = {
        HOLDS: "**The claim holds.**",
        ONLY_IF: "**The claim holds only under a condition.**",
        FALSE: "**The claim is false.**",
    }
    for claim in claims:
        assert LESSON.visible.count(told[claim.truth]) == 1


# The forge


def test_the_lessons_samples_are_those_that_the_check_takes():
    names = LESSON.run(cell_with("def forged_logit(", "stub"))
    for (samples,), name in zip(exercises.FORGE.cases, ("x_real", "x_fake"), strict=True):
        assert np.array_equal(samples, names[name])


@pytest.mark.parametrize(
    "logit, sentence",
    [
        (lambda x: 0 * x, "AUC 0.50. D mixes up some pairs, or gives them the same score."),
        (lambda x: -0.001 * x, "AUC 0.00. The order is turned round"),
        (lambda x: x, "The order is right, the loss is too low."),
        (lambda x: x + 20, "The order is right, the loss is too high."),
        (lambda x: 0.5 + 1e-5 * x, "These numbers fit as probabilities; a logit is asked."),
        (lambda x: 0.5, "There must be one logit for each sample."),
        (lambda x: x / 0, "A logit is infinite or no number."),
        (lambda x: ["real"] * 3, "The logits are no numbers."),
        (lambda x: unknown(x), "stops with NameError"),  # noqa: F821
        (lambda x: x + 5.675, "The mean over both halves is log 4; the loss is their sum."),
    ],
)
def test_each_failed_forgery_is_told_what_is_wrong(logit, sentence, monkeypatch):
    monkeypatch.setattr(exercises.FORGE, "wrong_tries", 0)
    for hint in (*exercises.FORGE.hints, exercises.FORGE.hints[1]):
        with pytest.raises(WrongAnswer, match=re.escape(sentence)) as error:
            exercises.check_forge(logit)
        assert str(error.value).endswith(f"Hint: {hint}")
