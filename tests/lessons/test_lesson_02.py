"""Lesson 02, the minimax value function: every number, exercise and widget."""

import inspect
import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special
import scipy.stats
import sympy
from lesson_text import LessonText, alt, lock_and_reveal

from gan_lesson.lessons.kit.answers import forget
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_02 import exercises as lesson_02
from gan_lesson.lessons.lesson_02.explorers import (
    CirclingExplorer,
    LedgerExplorer,
    PushForwardExplorer,
    SaddleExplorer,
)
from gan_lesson.lessons.lesson_02.games import (
    overlap,
    play_xy,
    push_forward,
    push_forward_density,
    saddle_game_slopes,
    saddle_game_value,
)
from gan_lesson.lessons.mathematics.value import ledger, value

LESSON = LessonText("02_the_minimax_value_function")
TEXT, cell_with, run, printed = LESSON.text, LESSON.cell_with, LESSON.run, LESSON.printed
TARGET = inspect.signature(PushForwardExplorer).parameters["target"].default
EXERCISES = {
    "value": lesson_02.VALUE,
    "losses_of_d": lesson_02.LOSSES_OF_D,
    "label": lesson_02.LABEL,
    "simultaneous_step": lesson_02.SIMULTANEOUS_STEP,
}
CHOICES = [name for name in dir(lesson_02) if name.startswith("ask_") and "always" not in name]


def numbers(text):
    return [float(n.replace("−", "-")) for n in re.findall(r"[-−+]?\d*\.?\d+(?:e-\d+)?", text)]


def log_d_terms(theta, w):
    """V of the saddle's game by adaptive quadrature, from log_expit."""

    def integrand(z):
        both = scipy.special.log_expit(w * z) + scipy.special.log_expit(-w * (z + theta))
        return scipy.stats.norm.pdf(z) * both

    return scipy.integrate.quad(integrand, -15, 15, epsabs=1e-12, limit=200)[0]


# 1. What is G(z)?


def test_the_lessons_g_and_its_density_are_the_packages():
    names = run(cell_with("def G(z"), cell_with("def density_of_G(z"))
    z = np.random.default_rng(5).normal(0, 2, 200)
    for a, b, c in ((1.2, -0.6, 0.8), (0.2, 2.0, -0.9), (1.0, 0.0, 0.0)):
        x = names["G"](z, a, b, c)
        assert x == pytest.approx(push_forward(z, a, b, c))
        assert names["density_of_G"](z, a, b, c) == pytest.approx(push_forward_density(x, a, b, c))


@pytest.mark.parametrize("c", [-0.9, -0.3, 0.0, 0.5, 0.9])
def test_p_g_is_a_density_and_its_distribution_is_that_of_the_noise(c):
    a, b = 0.8, -0.5
    for z in (-1.5, 0.2, 1.1):
        x = float(push_forward(z, a, b, c))
        low = float(push_forward(-9.0, a, b, c))
        mass = scipy.integrate.quad(
            push_forward_density, low, x, args=(a, b, c), limit=400, epsabs=1e-11
        )[0]
        assert mass == pytest.approx(scipy.stats.norm.cdf(z), abs=1e-8)


def test_the_inverse_and_the_slopes_of_the_bend_by_sympy():
    u, c = sympy.symbols("u c", real=True)
    x = u + c * sympy.sqrt(1 + u**2)
    back = (x - c * sympy.sqrt(x**2 + 1 - c**2)) / (1 - c**2)
    for values in ({u: 2, c: sympy.Rational(1, 2)}, {u: -3, c: sympy.Rational(-4, 5)}):
        assert float((back - u).subs(values)) == pytest.approx(0, abs=1e-12)
    slope = sympy.diff(x, u)
    assert sympy.limit(slope, u, -sympy.oo) == 1 - c
    assert sympy.limit(slope, u, sympy.oo) == 1 + c
    for bend in (-0.9, 0.9):  # strictly between its two limits: G is monotone for every a > 0
        steep = sympy.lambdify(u, slope.subs(c, bend))(np.linspace(-50, 50, 2001))
        assert 1 - abs(bend) < steep.min() and steep.max() < 1 + abs(bend)
        x = push_forward(np.linspace(-6, 6, 2001), 0.3, 0.4, bend)
        assert (np.diff(x) > 0).all()


def test_without_a_bend_p_g_is_normal_with_mean_b_and_standard_deviation_a():
    x = np.linspace(-4, 4, 41)
    for a, b in ((0.2, 1.0), (1.6, -2.0)):
        assert push_forward_density(x, a, b) == pytest.approx(scipy.stats.norm.pdf(x, b, a))
    assert "this is **N(b, a²)**" in " ".join(TEXT.split())


def test_where_two_z_land_on_one_x_their_shares_add():
    x = np.array([0.3, 1.0, 2.5])  # x = z², |dx/dz| = 2 sqrt(x): the chi-squared law
    one = scipy.stats.norm.pdf(np.sqrt(x)) / (2 * np.sqrt(x))
    assert 2 * one == pytest.approx(scipy.stats.chi2.pdf(x, 1))


def test_without_a_bend_at_most_79_percent_are_shared_and_with_it_all():
    x, dx = np.linspace(-12, 16, 2801, retstep=True)
    p_data = push_forward_density(x, *TARGET)
    best = max(
        -scipy.optimize.minimize(
            lambda ab: -overlap(p_data, scipy.stats.norm.pdf(x, ab[1], abs(ab[0]) + 1e-9), dx),
            start,
            method="Nelder-Mead",
        ).fun
        for start in ((1.0, 0.5), (0.4, 0.2), (0.7, 0.0), (1.5, 1.0))
    )
    explorer = PushForwardExplorer()
    a, b, shared = re.search(
        r"([\d.]+) z \+ ([\d.]+), shares (\d+)%", printed("shared, a, b = max(")
    ).groups()
    assert shared == f"{100 * best:.0f}" == "79", "no line beats those of the sliders' places"
    explorer.a.value, explorer.b.value = float(a), float(b)
    assert "share 79% of area" in explorer.readout.value
    assert (explorer.a.min, explorer.a.max, explorer.a.step) == (0.2, 1.6, 0.05)
    assert (explorer.b.min, explorer.b.max, explorer.b.step) == (-2.0, 2.0, 0.05)
    assert overlap(p_data, p_data, dx) == pytest.approx(1)
    explorer = PushForwardExplorer(*TARGET)
    assert "share 100% of area" in explorer.readout.value
    assert not re.search(r"1\.2, b=-0\.6", TEXT), "the lesson would tell how to match"


def test_formula_and_count_of_samples_agree():
    for line in printed("def density_of_G").splitlines():
        _, formula, counted = numbers(line)
        assert counted == pytest.approx(formula, abs=0.011)


def test_claim_11_what_g_gives_is_not_distributed_like_its_noise():
    z_mean, z_sd, x_mean, x_sd = (n for n in numbers(printed("x_fake = G(z)")))
    assert abs(z_mean) < 0.1 and z_sd == pytest.approx(1, abs=0.02)
    assert abs(x_mean - z_mean) > 0.1 and abs(x_sd - z_sd) > 0.1


def test_claim_15_two_uniform_numbers_become_normal_ones():
    names = run(cell_with("u1, u2 ="))
    assert scipy.stats.kstest(names["x"][:20_000], "norm").pvalue > 0.01
    said = printed("u1, u2 =")
    for within in (1, 2):
        exact = scipy.stats.norm.cdf(within) - scipy.stats.norm.cdf(-within)
        assert (
            f"within {within} of the mean: {exact:.3f} (normal: {exact:.3f}".replace(
                "normal: 0", "normal: "
            )
            in said
        )


# 2. One state, five numbers


def test_the_ledger_at_chance_and_its_signs():
    at_chance = ledger(0.5, 0.5)
    assert [f"{n:.3f}" for n in at_chance] == ["-1.386", "1.386", "0.693", "-0.693", "0.693"]
    assert at_chance.value == pytest.approx(-math.log(4))
    rows = re.findall(r"(?m)^\| ([^|]+) \|[^|]+\|[^|]+\| ([−.\d]+) \|$", TEXT)
    assert [name.split(",")[-1].strip() for name, _ in rows] == [
        "value V", "discriminator loss", "mean BCE", "saturating", "non-saturating",
    ]  # fmt: skip
    assert [float(n.replace("−", "-")) for _, n in rows] == [round(n, 3) for n in at_chance]


def test_the_ledger_against_pytorch():
    torch = pytest.importorskip("torch")
    bce = torch.nn.functional.binary_cross_entropy
    rng = np.random.default_rng(0)
    for _ in range(20):
        d_real, d_fake = rng.uniform(0.02, 0.98, (2, 8))
        real, fake = torch.tensor(d_real), torch.tensor(d_fake)
        ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
        ours = ledger(d_real, d_fake)
        both = bce(torch.cat([real, fake]), torch.cat([ones, zeros])).item()
        assert ours.loss_d == pytest.approx((bce(real, ones) + bce(fake, zeros)).item())
        assert ours.mean_bce == pytest.approx(both)
        assert ours.value == pytest.approx(-2 * both)
        assert ours.loss_g_saturating == pytest.approx(-bce(fake, zeros).item())
        assert ours.loss_g_non_saturating == pytest.approx(bce(fake, ones).item())


def test_the_worked_numbers():
    said = printed("D says .5 to everything")
    assert "log(1 - .5) = -0.6931, log(1 - .9) = -2.3026" in said
    assert "V = -0.2231 -0.5108 = -0.7340" in said
    assert "V = -1.386 = -log 4" in said
    assert value(0.8, 0.4) == pytest.approx(math.log(0.8) + math.log(0.6))
    assert f"{value(0.9, 0.9):.2f}" == f"{value(0.1, 0.1):.2f}" == "-2.41"


def test_d_of_x_moves_only_the_first_three_and_both_generator_losses_fall_with_d_of_g():
    before, after = ledger(0.6, 0.4), ledger(0.9, 0.4)
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] * 3 + [True] * 2
    low, high = ledger(0.6, 0.2), ledger(0.6, 0.7)
    assert high.loss_g_saturating < low.loss_g_saturating < 0
    assert 0 < high.loss_g_non_saturating < low.loss_g_non_saturating


def test_three_numbers_are_v_one_is_a_term_of_it_and_one_stands_nowhere_in_it():
    d_real, d_fake = np.random.default_rng(1).uniform(0.05, 0.95, (2, 6))
    now = ledger(d_real, d_fake)
    assert (now.loss_d, now.mean_bce) == pytest.approx((-now.value, -now.value / 2))
    assert now.value - np.log(d_real).mean() == pytest.approx(now.loss_g_saturating)
    d, f = sympy.symbols("d f", positive=True)
    v, fifth = sympy.log(d) + sympy.log(1 - f), -sympy.log(f)
    ratio = sympy.simplify(sympy.diff(fifth, f) / sympy.diff(v, f))
    assert ratio.has(f), "its slope is no fixed multiple of that of V"


def test_claim_2_as_v_rises_the_loss_falls():
    before, after = (numbers(line) for line in printed('"before", 0.6').splitlines())
    assert after[0] > before[0] and after[1] < before[1] and after[2] < before[2]
    expected = [math.log(0.6 * 0.5), -math.log(0.6 * 0.5), -math.log(0.6 * 0.5) / 2]
    assert before == pytest.approx(expected, abs=6e-4)


def test_0_is_a_supremum():
    for line in printed("np.log1p(np.exp(-s))").splitlines():
        s, v = numbers(line)
        assert v < 0
        assert v == pytest.approx(2 * scipy.special.log_expit(s), rel=0.05)
    d, f = sympy.symbols("d f", positive=True)
    assert sympy.limit(sympy.log(d), d, 1) == 0 and sympy.limit(sympy.log(1 - f), f, 0) == 0


# 3. From labels to two expectations


def test_mean_bce_is_minus_half_v_on_a_balanced_batch_only():
    from sklearn.metrics import log_loss

    balanced, lopsided = (numbers(line) for line in printed("lopsided = mean_bce").splitlines())
    assert balanced[0] == balanced[-1]
    assert lopsided[0] != pytest.approx(lopsided[-1], abs=1e-3)
    p, y = [0.9, 0.6, 0.8, 0.3, 0.1, 0.5], [1, 1, 1, 0, 0, 0]
    assert balanced[0] == pytest.approx(log_loss(y, p), abs=6e-5)
    assert lopsided[0] == pytest.approx(log_loss(y[:4], p[:4]), abs=6e-5)
    on_real, on_fake = np.mean(np.log(p[:3])), np.log(1 - p[3])
    assert lopsided[0] == pytest.approx(-(3 * on_real + on_fake) / 4, abs=6e-5), "weights ¾ and ¼"
    assert lopsided[-1] == pytest.approx(-(on_real + on_fake) / 2, abs=6e-5), "½ each"


def test_claim_9_with_y_0_nothing_is_left_and_with_y_1_minus_log_d():
    for line in printed("claimed, flipped").splitlines():
        d, _, claimed, _, flipped = numbers(line)
        assert claimed == 0 and flipped == pytest.approx(-math.log(d), abs=6e-4)


def test_claim_23_g_of_x_is_distributed_differently():
    x, gz, gx = (numbers(line) for line in printed('"G(x)"').splitlines())
    assert x == gz == [2.0, 0.5]
    assert gx == [0.5 * 2 + 2, 0.5 * 0.5]


# 4. Who may move which term?


def test_claim_7_g_moves_the_second_term_only_and_d_both():
    start, g_moves, d_moves = (numbers(line) for line in printed("def two_terms").splitlines())
    assert start[0] == g_moves[0] and start[1] != g_moves[1]
    assert start[0] != d_moves[0] and start[1] != d_moves[1]
    two_terms = run(cell_with("def two_terms"))["two_terms"]
    x, z = np.array([-0.5, 0, 0.5, 1]), np.array([-1, 0, 0.5, 1.5])
    for theta, w in ((1, 1), (2, 1), (1, -1), (0.3, 0.7)):
        expected = value(scipy.special.expit(w * x), scipy.special.expit(w * (z + theta)))
        assert sum(two_terms(theta, w)) == pytest.approx(expected)


def test_v_over_two_numbers_has_the_slopes_2_and_minus_2_in_the_middle_and_no_saddle():
    d, f = sympy.symbols("d f", positive=True)
    v = sympy.log(d) + sympy.log(1 - f)
    assert [sympy.diff(v, s).subs({d: sympy.Rational(1, 2), f: sympy.Rational(1, 2)})
            for s in (d, f)] == [2, -2]  # fmt: skip
    assert sympy.solve([sympy.diff(v, d), sympy.diff(v, f)], [d, f]) == []
    assert "2.000 in D(x), -2.000 in D(G(z))" in printed("in_d_fake = ")


@pytest.mark.parametrize("theta, w", [(0, 0), (1.5, 0.8), (-3, 2), (3, 2), (2.2, -1.4)])
def test_the_saddles_game_by_quadrature(theta, w):
    game = run(cell_with("def game(theta, w)"))["game"]
    v = log_d_terms(theta, w)
    assert float(saddle_game_value(theta, w)) == pytest.approx(v, abs=1e-9)
    assert game(theta, w) == pytest.approx(v, abs=1e-9)
    slopes = scipy.optimize.approx_fprime([theta, w], lambda p: log_d_terms(*p), 1e-6)
    assert np.array(saddle_game_slopes(theta, w)) == pytest.approx(slopes, abs=1e-4)


def test_v_of_the_saddles_game_by_sampling():
    rng = np.random.default_rng(0)
    x, z = rng.standard_normal((2, 200_000))
    sampled = value(scipy.special.expit(0.8 * x), scipy.special.expit(0.8 * (z + 1.5)))
    assert float(saddle_game_value(1.5, 0.8)) == pytest.approx(sampled, abs=0.01)


def test_the_saddle_neither_player_gains_by_moving():
    at_saddle = float(saddle_game_value(0, 0))
    assert at_saddle == pytest.approx(-math.log(4))
    w = np.linspace(-2, 2, 81)
    assert w[saddle_game_value(0.0, w).argmax()] == 0, "D's best answer to p_g = p_data"
    assert saddle_game_value(np.linspace(-3, 3, 61), 0.0) == pytest.approx(at_saddle)
    in_theta, in_w = saddle_game_slopes(0.0, 0.0)
    assert abs(in_theta) < 1e-12 and abs(in_w) < 1e-12
    theta = np.linspace(-3, 3, 61)
    best_of_d = saddle_game_value(theta[:, None], w[None, :]).max(axis=1)
    assert theta[best_of_d.argmin()] == pytest.approx(0), "min max is at the saddle"
    worst_of_w = saddle_game_value(theta[:, None], w[None, :]).min(axis=0)
    assert w[worst_of_w.argmax()] == 0, "and max min too"
    assert "'-1.612', '-1.386', '-1.612'" in printed("def game")
    assert f"{log_d_terms(0, 1):.3f}" == f"{log_d_terms(0, -1):.3f}" == "-1.612"


def test_it_curves_up_one_way_and_down_another():
    # E[x^2] = 1 and softplus(t) = log 2 + t/2 + t^2/8: V near (0, 0) to second order
    theta, w = sympy.symbols("theta w")
    v = -sympy.log(4) - w * theta / 2 - w**2 / 8 - w**2 * (1 + theta**2) / 8
    at = {theta: 0, w: 0}
    hessian = sympy.hessian(v, (theta, w)).subs(at)
    assert hessian.det() == sympy.Rational(-1, 4), "a saddle: the determinant is negative"
    e = 1e-3
    measured = np.column_stack([
        (np.array(saddle_game_slopes(*step)) - np.array(saddle_game_slopes(*-step))) / (2 * e)
        for step in (np.array([e, 0.0]), np.array([0.0, e]))
    ])  # fmt: skip
    assert measured == pytest.approx(np.array(hessian, dtype=float), abs=1e-5)


def test_v_is_concave_in_w_and_there_is_one_saddle_only():
    def curvature(theta, w):
        def integrand(z):
            d, f = scipy.special.expit(w * z), scipy.special.expit(w * (z + theta))
            return -scipy.stats.norm.pdf(z) * (z**2 * d * (1 - d) + (z + theta) ** 2 * f * (1 - f))

        return scipy.integrate.quad(integrand, -15, 15, limit=200)[0]

    for theta in (-3.0, -0.7, 0.0, 1.5, 3.0):
        for w in (-2.0, -0.3, 0.0, 0.8, 2.0):
            e = 1e-4
            up, down = (saddle_game_slopes(theta, w + s)[1] for s in (e, -e))
            assert (up - down) / (2 * e) == pytest.approx(curvature(theta, w), abs=1e-5)
            assert curvature(theta, w) < 0
            in_theta, in_w = saddle_game_slopes(theta, w)
            assert np.sign(round(float(in_theta), 12)) == -np.sign(w), "0 only at w = 0"
            if w == 0:
                assert in_w == pytest.approx(-theta / 2), "and there 0 only at theta = 0"


def test_when_d_answers_its_own_answer_changes_nothing_to_first_order():
    def best_w(theta):
        return scipy.optimize.minimize_scalar(
            lambda w: -saddle_game_value(theta, w), bounds=(-4, 4), method="bounded",
            options={"xatol": 1e-10},
        ).x  # fmt: skip

    theta, e = 1.2, 1e-4
    total = (
        saddle_game_value(theta + e, best_w(theta + e))
        - saddle_game_value(theta - e, best_w(theta - e))
    ) / (2 * e)
    assert total == pytest.approx(saddle_game_slopes(theta, best_w(theta))[0], abs=1e-5)


# 5. Does the order matter?


def test_min_max_and_max_min():
    x, y = sympy.symbols("x y", real=True)
    square = sympy.Interval(-1, 1)
    for f, min_max, max_min in (((x - y) ** 2, 1, 0), (x * y, 0, 0)):
        grid = [sympy.Rational(k, 10) for k in range(-10, 11)]
        assert min(sympy.maximum(f.subs(x, k), y, square) for k in grid) == min_max
        assert max(sympy.minimum(f.subs(y, k), x, square) for k in grid) == max_min
        name = "(x - y)^2" if min_max else "x y      "
        assert f"{name}: min max = {min_max}, max min = {max_min}" in printed("min_max = f.max")


def test_one_step_at_once_multiplies_the_distance_by_the_root_of_1_plus_h_squared():
    x, y, h = sympy.symbols("x y h")
    new = (x - h * y) ** 2 + (y + h * x) ** 2
    assert sympy.expand(new - (1 + h**2) * (x**2 + y**2)) == 0
    for step in (0.05, 0.2, 0.4):
        distance = np.hypot(*play_xy(0.3, -0.8, step, 60, alternating=False).T)
        assert distance[1:] / distance[:-1] == pytest.approx(math.sqrt(1 + step**2))
    assert play_xy(1, 0, 0.2, 1, alternating=False)[-1] == pytest.approx([1, 0.2])
    assert f"{math.sqrt(1 + 0.2**2):.4f}" == "1.0198"


def test_steps_in_turn_stay_on_a_closed_curve():
    x, y, h = sympy.symbols("x y h")
    x_new = x - h * y
    y_new = y + h * x_new

    def curve(x, y):
        return x**2 - h * x * y + y**2

    assert sympy.expand(curve(x_new, y_new) - curve(x, y)) == 0
    path = play_xy(1, 0, 0.2, 10_000, alternating=True)
    assert path[:, 0] ** 2 - 0.2 * path[:, 0] * path[:, 1] + path[:, 1] ** 2 == pytest.approx(1)
    assert 0.9 < np.hypot(*path.T).min() and np.hypot(*path.T).max() < 1.06
    assert sympy.expand(x_new**2 - h * x_new * y_new + y_new**2) == sympy.expand(
        x_new**2 + h * x_new * y + y**2
    ), "the step between, as printed"
    # an ellipse where the form is positive definite, 1 - h²/4 > 0: only for h < 2
    form = sympy.Matrix([[1, -h / 2], [-h / 2, 1]])
    assert sympy.solveset(form.det() > 0, h, sympy.Interval.open(0, sympy.oo)) == (
        sympy.Interval.open(0, 2)
    )
    for step, stays in ((1.9, True), (2.0, False), (2.1, False)):
        far = np.hypot(*play_xy(1, 0, step, 2_000, alternating=True).T).max()
        assert (far < 5) == stays


def test_the_printed_distances():
    at_once, in_turn = printed("y = y + h * x  # the new x").splitlines()
    assert f"distance {1.04**20:.4f} = {1.04**20:.4f}" in at_once
    path = play_xy(1, 0, 0.2, 40, alternating=True)
    assert f"distance {np.hypot(*path[-1]):.4f}" in in_turn and in_turn.endswith("= 1.0000")


def test_the_saddles_game_closes_in_in_either_order():
    in_turn, at_once = (
        re.findall(r"([\d.]+) after (\d+)", line)
        for line in printed('for order in ("in turn", "at once")').splitlines()
    )
    for said, answers in ((in_turn, True), (at_once, False)):
        theta, w, path = 1.5, 0.8, []
        for _ in range(41):
            path.append(math.hypot(theta, w))
            slopes = scipy.optimize.approx_fprime([theta, w], lambda p: log_d_terms(*p), 1e-6)
            w += slopes[1]
            if answers:
                slopes = scipy.optimize.approx_fprime([theta, w], lambda p: log_d_terms(*p), 1e-6)
            theta -= slopes[0]
        assert [int(n) for _, n in said] == [0, 5, 10, 20, 40]
        expected = [path[int(n)] for _, n in said]
        assert [float(d) for d, _ in said] == pytest.approx(expected, abs=2e-3)
        assert path[0] == 1.7 and path[-1] < 0.01


def test_a_round_at_once_near_that_saddle_contracts_for_every_step_below_2():
    # slopes near it, from the Hessian: -w/2 in theta and -theta/2 - w/2 in w
    h = sympy.symbols("h", positive=True)
    step = sympy.Matrix([[1, h / 2], [-h / 2, 1 - h / 2]])
    assert sympy.expand(step.det() - (1 - h / 2 + h**2 / 4)) == 0
    discriminant = step.trace() ** 2 - 4 * step.det()
    assert sympy.expand(discriminant) == -3 * h**2 / 4, "two conjugate eigenvalues: modulus² = det"
    assert sympy.solveset(step.det() < 1, h, sympy.Interval.open(0, 9)) == sympy.Interval.open(0, 2)
    assert f"{math.sqrt(0.75):.2f}" == "0.87"
    for size, closes_in in ((0.2, True), (1.0, True), (2.2, False)):
        theta, w = 1.5, 0.8
        for _ in range(400):
            in_theta, in_w = saddle_game_slopes(theta, w)
            theta, w = theta - size * in_theta, w + size * in_w
        assert (math.hypot(theta, w) < 0.01) == closes_in


def test_pytorch_gives_the_same_number():
    torch = pytest.importorskip("torch")
    d, y = torch.tensor([0.8, 0.4]), torch.tensor([1.0, 0.0])
    total = torch.nn.functional.binary_cross_entropy(d, y, reduction="sum").item()
    assert total == pytest.approx(-value(0.8, 0.4)) and f"{total:.4f}" == "0.7340"
    assert printed("import torch").count("0.7340") == 2


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: push_forward(0.0, 0.0, 1.0), "a is 0"),
        (lambda: push_forward_density(0.0, 1.0, 1.0, 1.0), "bend is 1"),
        (lambda: play_xy(1, 0, 0.0, 3, False), "h is 0"),
        (lambda: play_xy(1, 0, 0.1, -1, False), "n_steps is -1"),
        (lambda: overlap([1.0], [1.0, 2.0], 0.1), "shapes"),
        (lambda: ledger([], [0.5]), "d_real is empty"),
        (lambda: ledger([0.5], [1.5]), "between 0 and 1"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


# The predictions


@pytest.mark.parametrize("question", CHOICES)
def test_each_option_predicted_gets_its_verdict(question):
    truths = set()
    for option in getattr(lesson_02, question)().options:
        forget()
        control = getattr(lesson_02, question)()
        control.sure.value = 0.99
        lock_and_reveal(control, option)
        assert control.revealed and control.reason(control.row)
        assert control.row["right"] == (option == control.row["truth"])
        truths.add(control.row["truth"])
    assert len(truths) == 1
    assert TEXT.count(f"lesson_02.{question}()") == 1


@pytest.mark.parametrize("said, right", [(-2.41, True), (-0.21, False), (-1.39, False)])
def test_predict_v_of_always_9(said, right):
    control = lock_and_reveal(lesson_02.ask_value_of_always_9(), said)
    assert control.row["truth"] == pytest.approx(math.log(0.9) + math.log(0.1))
    assert control.row["right"] is right
    assert f"{math.log(0.9):.3f} {math.log(0.1):.3f}" == "-0.105 -2.303"


def test_no_visible_cell_tells_an_answer_before_it_is_asked():
    for question, words in (
        ("ask_value_of_always_9", ("2.41",)),
        ("ask_first_term", ("second term only", "has no θ")),
        ("ask_circling", ("spirals", "√(1 + h²)", r"\sqrt{1 + h^2}")),
        ("ask_reach_of_a_line", ("only moves", "normal curve")),
    ):
        before = LESSON.visible.split(f"lesson_02.{question}()")[0]
        assert not any(word in before for word in words), question


@pytest.mark.parametrize("number", [2, 9, 11, 15, 23])
def test_claims_on_trial_are_asked_and_repaired(number):
    asked = re.findall(r"claim-(\d+)", inspect.getsource(lesson_02))
    assert str(number) in asked
    assert TEXT.count("**Repaired:**") == 5, "claim 7 is repaired by section 4's first cell"


# The exercises


@pytest.mark.parametrize("name", EXERCISES)
def test_the_lessons_own_answer_is_right(name, capsys):
    answer = LESSON.taught(name)
    assert EXERCISES[name].check(answer) is answer
    assert getattr(lesson_02, f"check_{name}")(answer) is answer
    assert "Right" in capsys.readouterr().out


@pytest.mark.parametrize("name", EXERCISES)
def test_the_untouched_stub_hands_out_ours_with_the_same_arguments(name, capsys):
    stub = LESSON.taught(name, "stub")
    ours = EXERCISES[name].check(stub)
    assert ours is EXERCISES[name].reference
    assert "Not attempted yet" in capsys.readouterr().out
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(stub).parameters)


@pytest.mark.parametrize(
    "name, wrong, sentence",
    [(name, *mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes],
)
def test_each_mistake_is_named_with_a_hint_and_then_another(name, wrong, sentence):
    exercise = EXERCISES[name]
    for hint in (*exercise.hints, exercise.hints[1]):
        with pytest.raises(WrongAnswer) as error:
            exercise.check(wrong)
        assert str(error.value) == f"{sentence} Hint: {hint}"


@pytest.mark.parametrize("name", EXERCISES)
def test_the_exercises_are_sound_and_never_tell_the_answer(name):
    exercise = EXERCISES[name]
    assert exercise.problems() == []
    told = " ".join([*exercise.hints, *(sentence for _, sentence in exercise.mistakes)])
    stub = cell_with(f"def {name}(", "stub").splitlines()
    answer = cell_with(f"def {name}(", "answer").splitlines()
    lines = [new for old, new in zip(stub, answer, strict=True) if old != new]
    assert 1 <= len(lines) <= 3
    for line in lines:
        right = line.split("=")[-1].strip()
        assert name == "label" or right not in told


@pytest.mark.parametrize(
    "name, lines, sentence",
    [
        ("value", ["np.mean(np.log(d_fake))"], "The label"),
        ("value", ["-np.mean(np.log(1 - d_fake))"], "The sign"),
        ("value", ["np.mean(np.log2(1 - d_fake))"], "base 2"),
        ("value", ["np.sum(np.log(1 - d_fake))"], "sum over the samples"),
        ("value", ["np.mean(np.log(1 - 1 / (1 + np.exp(-d_fake))))"], "taken for a logit"),
        ("value", ["np.mean(1 - d_fake)"], "which is not right"),
        ("losses_of_d", ["v", "v / 2"], "The sign"),
        ("losses_of_d", ["-v", "-v"], "½ is missing"),
        ("losses_of_d", ["-v / 2", "-v"], "Sum for mean"),
        ("label", ["1,", "0,", "0,"], "not flipped"),
        ("label", ["0,", "1,", "1,"], "swapped"),
        ("simultaneous_step", ["x - h * y", "y + h * x_new"], "in turn, not at once"),
        ("simultaneous_step", ["x - h * y", "y - h * x"], "The sign of y"),
        ("simultaneous_step", ["x - h * x", "y + h * y"], "slopes are swapped"),
    ],
)
def test_a_wrong_line_typed_into_the_stub_turns_the_cell_red(name, lines, sentence):
    source = cell_with(f"def {name}(", "stub")
    for line in lines:
        source = re.sub(r"\.\.\.,?  #.*", line, source, count=1)
    assert "..." not in source
    with pytest.raises(WrongAnswer, match=sentence):
        EXERCISES[name].check(run(source)[name])


# The explorers

MAKERS = [PushForwardExplorer, LedgerExplorer, SaddleExplorer, CirclingExplorer]


def sliders(explorer):
    return [c for c in explorer.widget.children[0].children if hasattr(c, "min")]


def finite(explorer):
    told = explorer.panel.description + explorer.readout.value
    return not re.search(r"\b(nan|inf)\b", told) and explorer.panel.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("make", MAKERS)
def test_every_explorer_moves_over_its_whole_range(make):
    explorer = make()
    for slider in sliders(explorer):
        seen = {explorer.panel.description}
        for where in (slider.min, slider.max, slider.value):
            slider.value = where
            assert finite(explorer)
            seen.add(explorer.panel.description)
        assert len(seen) >= 2
        assert explorer.panel.description in explorer.panel.html.value.replace("&#x27;", "'")


@pytest.mark.parametrize("make", MAKERS)
def test_every_explorer_holds_in_the_corners(make):
    explorer = make()
    controls = sliders(explorer)
    pictures = set()
    for corner in np.ndindex(*[2] * len(controls)):
        for slider, end in zip(controls, corner, strict=True):
            slider.value = slider.max if end else slider.min
        assert finite(explorer)
        pictures.add(explorer.panel.png)
    assert len(pictures) == 2 ** len(controls) or make is CirclingExplorer
    assert len(pictures) > 2


@pytest.mark.parametrize("make", MAKERS)
def test_every_explorer_survives_a_burst_of_200_moves_without_a_whole_redraw(make, monkeypatch):
    explorer = make()
    whole = []
    canvas = explorer.panel.figure.canvas
    draw = canvas.draw
    monkeypatch.setattr(canvas, "draw", lambda *args: (whole.append(1), draw(*args)))
    before = explorer.panel.frames
    slider = sliders(explorer)[0]
    places = slider.min + (slider.max - slider.min) * np.random.default_rng(0).random(200)
    for place in places:
        slider.value = float(place)
    assert explorer.panel.frames == before + 200
    assert whole == [] and finite(explorer)


def test_the_push_forward_explorer_says_what_a_long_run_would_give():
    explorer = PushForwardExplorer(0.5, -1.0, -0.5)
    said = explorer.readout.value
    mean, sd = re.search(r"mean (−?[\d.]+\d) and standard deviation ([\d.]+\d)", said).groups()
    density = lambda x: push_forward_density(x, 0.5, -1.0, -0.5)  # noqa: E731
    exact = scipy.integrate.quad(lambda x: x * density(x), -30, 30, limit=300, points=[-2])[0]
    square = scipy.integrate.quad(lambda x: x * x * density(x), -30, 30, limit=300, points=[-2])[0]
    assert float(mean.replace("−", "-")) == pytest.approx(exact, abs=0.08)
    assert float(sd) == pytest.approx(math.sqrt(square - exact**2), abs=0.06)
    shared = scipy.integrate.quad(
        lambda x: min(density(x), push_forward_density(x, *TARGET)), -12, 12, limit=500
    )[0]
    assert f"share {shared:.0%} of area" in said
    explorer.bend.value = 0.0
    assert "x = u. " in explorer.readout.value


def test_the_ledger_explorer_reads_out_the_five_numbers():
    explorer = LedgerExplorer(0.8, 0.4)
    assert "V = log 0.80 + log(1 − 0.40) = −0.734" in explorer.readout.value
    explorer.d_real.value = explorer.d_fake.value = 0.9
    said = explorer.readout.value
    for exact in (math.log(0.09), -math.log(0.09), -math.log(0.09) / 2, math.log(0.1)):
        assert f"{exact:.3f}".replace("-", "−") in said
    assert f"non-saturating {-math.log(0.9):.3f}" in said
    explorer.d_real.value = explorer.d_fake.value = 0.5
    for text in ("V = log 0.50 + log(1 − 0.50) = −1.386", "loss_d = 1.386", "mean BCE = 0.693"):
        assert text in explorer.readout.value
    assert [bar.get_width() for bar in explorer._bars] == pytest.approx(list(ledger(0.5, 0.5)))


def test_the_saddle_explorer_reads_out_v_and_both_slopes():
    explorer = SaddleExplorer(1.5, 0.8)
    said = explorer.readout.value
    slopes = scipy.optimize.approx_fprime([1.5, 0.8], lambda p: log_d_terms(*p), 1e-6)
    assert f"{log_d_terms(1.5, 0.8):.3f}".replace("-", "−") in said
    assert f"w by {slopes[1]:.2f}".replace("-", "−") in said
    assert f"θ by {-slopes[0]:.2f}".replace("-", "−") in said
    explorer.w.value = 0.0
    assert "θ by 0.00" in explorer.readout.value, "a D that says ½ everywhere teaches G nothing"
    assert not explorer._arrows["G"].get_visible()


def test_the_saddle_explorers_buttons_move_one_player_each_and_wind_into_the_saddle():
    explorer = SaddleExplorer(1.5, 0.8)
    step_d, step_g = explorer.widget.children[0].children[-2:]
    assert (step_d.description, step_g.description) == ("Step D", "Step G")
    v = log_d_terms(1.5, 0.8)
    step_d.click()
    assert explorer.theta.value == 1.5 and log_d_terms(1.5, explorer.w.value) > v, "D climbs"
    theta, w, v = 1.5, explorer.w.value, log_d_terms(1.5, explorer.w.value)
    step_g.click()
    assert explorer.w.value == w and log_d_terms(explorer.theta.value, w) < v, "G descends"
    assert explorer.theta.value != theta and len(explorer._trail) == 3
    for _ in range(30):
        step_d.click()
        step_g.click()
    assert math.hypot(explorer.theta.value, explorer.w.value) < 0.06
    explorer.theta.value = 2.0
    assert len(explorer._trail) == 1, "a slider starts afresh"


def test_the_circling_explorer_reads_out_the_distance():
    explorer = CirclingExplorer(0.2, 40, False)
    assert f"the distance is {1.04**20:.3f}" in explorer.readout.value
    explorer.h.value, explorer.n_steps.value = 0.4, 60
    assert f"{1.16**30:.3f}" in explorer.readout.value
    explorer.alternating.value = True
    distance = np.hypot(*play_xy(1, 0, 0.4, 60, True)[-1])
    assert f"in turn, h = 0.40: after 60 rounds the distance is {distance:.3f}" in (
        explorer.readout.value
    )
    assert 0.8 < distance < 1.3
    explorer.n_steps.value = 0
    assert "the distance is 1.000" in explorer.readout.value


def test_the_explorers_have_no_formula_of_their_own_and_load_no_torch():
    code = (
        "import sys; from gan_lesson.lessons import lesson_02 as m;"
        "[getattr(m, n)() for n in dir(m) if n.endswith('rer')]; print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )
    assert done.stdout.strip() == "False", done.stderr
    source = inspect.getsource(sys.modules[PushForwardExplorer.__module__])
    assert not re.search(r"np\.(log|exp)\b", source)


# The stored notebook


def test_the_stored_notebook_reads_without_a_kernel():
    assert LESSON.stored.stat().st_size < 500_000
    assert "widgets" not in LESSON.notebook()["metadata"]
    words = [alt(picture) for picture in LESSON.pictures()]
    assert len(words) == 5 and all(len(told) > 60 for told in words)
