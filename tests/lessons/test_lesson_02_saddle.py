"""Lesson 02, the saddle and the order of steps: every number of section 4 and of the last."""

import math
import re

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special
import scipy.stats
import sympy
from of_lesson_02 import LESSON, log_d_terms, numbers

from gan_lesson.lessons.lesson_02.games import (
    overlap,
    play_product,
    push_forward,
    push_forward_density,
    saddle_game_slopes,
    saddle_game_value,
)
from gan_lesson.lessons.mathematics.value import ledger, value

cell_with, run, printed = LESSON.cell_with, LESSON.run, LESSON.printed


# 4. Who may move which term?


def test_claim_7_g_moves_the_second_term_only_and_d_both():
    start, g_moves, d_moves = (numbers(line) for line in printed("def two_terms").splitlines())
    assert start[0] == g_moves[0] and start[1] != g_moves[1]
    assert start[0] != d_moves[0] and start[1] != d_moves[1]
    names = run(cell_with("def two_terms"))
    x, z = names["x_real"], names["z"]
    for theta, w in ((1.5, 0.8), (0.5, 0.8), (1.5, 0.2), (-1, 0.7)):
        d_real, d_fake = scipy.special.expit(w * x), scipy.special.expit(w * (z + theta))
        first, second = names["two_terms"](theta, w)
        assert first + second == pytest.approx(value(d_real, d_fake))
        assert first + second == pytest.approx(log_d_terms(theta, w), abs=0.01)


def test_neither_player_gains_alone_and_only_a_move_of_both_raises_v():
    ends = [numbers(line) for line in printed('"nobody", 0, 0').splitlines()]
    assert [v for _, _, v in ends] == [-1.39, -1.61, -1.61, -1.39, -1.39, -1.57, -1.27]
    for theta, w, v in ends:
        assert f"{log_d_terms(theta, w):.2f}" == f"{v:.2f}"
    theta, w = np.meshgrid(np.linspace(-3, 3, 61), np.linspace(-2, 2, 61))
    higher = saddle_game_value(theta, w) > -math.log(4) + 1e-9
    assert higher.any() and not higher[(abs(theta) < 1e-9) | (abs(w) < 1e-9)].any()


@pytest.mark.parametrize("w", [-2.0, -0.3, 0.5, 3.0])
def test_at_theta_0_v_is_the_mean_of_one_logarithm_of_a_product_of_at_most_a_quarter(w):
    def integrand(x):
        d = scipy.special.expit(w * x)
        return scipy.stats.norm.pdf(x) * math.log(d * (1 - d))

    mean = scipy.integrate.quad(integrand, -12, 12, epsabs=1e-11, limit=200)[0]
    assert mean == pytest.approx(log_d_terms(0, w), abs=1e-8) and mean < math.log(1 / 4)
    p = sympy.symbols("p", real=True)
    assert sympy.expand(sympy.Rational(1, 4) - p * (1 - p) - (p - sympy.Rational(1, 2)) ** 2) == 0


def test_v_over_two_numbers_has_the_slopes_2_and_minus_2_in_the_middle_and_no_saddle():
    d, f = sympy.symbols("d f", positive=True)
    v = sympy.log(d) + sympy.log(1 - f)
    assert [sympy.diff(v, s).subs({d: sympy.Rational(1, 2), f: sympy.Rational(1, 2)})
            for s in (d, f)] == [2, -2]  # fmt: skip
    assert sympy.solve([sympy.diff(v, d), sympy.diff(v, f)], [d, f]) == []
    assert "2.000 in D(x), -2.000 in D(G(z))" in printed("in_d_fake = ")


@pytest.mark.parametrize("theta, w", [(0, 0), (1.5, 0.8), (-3, 2), (3, 2), (2.2, -1.4)])
def test_the_saddles_game_by_quadrature(theta, w):
    v = log_d_terms(theta, w)
    assert float(saddle_game_value(theta, w)) == pytest.approx(v, abs=1e-9)
    slopes = scipy.optimize.approx_fprime([theta, w], lambda p: log_d_terms(*p), 1e-6)
    assert np.array(saddle_game_slopes(theta, w)) == pytest.approx(slopes, abs=1e-4)


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


def test_the_printed_slopes_of_the_game_by_sympy():
    theta, w, x, z = sympy.symbols("theta w x z", real=True)
    sigma = lambda s: 1 / (1 + sympy.exp(-s))  # noqa: E731
    inside = sympy.log(sigma(w * x)) + sympy.log(1 - sigma(w * (z + theta)))
    d_real, d_fake = sigma(w * x), sigma(w * (z + theta))
    in_theta = -w * d_fake
    in_w = x * (1 - d_real) - (z + theta) * d_fake
    curved = -(x**2) * d_real * (1 - d_real) - (z + theta) ** 2 * d_fake * (1 - d_fake)
    for place in ({theta: 0.7, w: -1.3, x: 0.4, z: -0.2}, {theta: -2.0, w: 0.6, x: -1.1, z: 0.9}):
        for derived, told in (
            (sympy.diff(inside, theta), in_theta),
            (sympy.diff(inside, w), in_w),
            (sympy.diff(inside, w, 2), curved),
        ):
            assert float(derived.subs(place)) == pytest.approx(float(told.subs(place)))


def test_when_d_answers_its_own_answer_leaves_the_slope_as_it_is():
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


# More: does the order of the steps matter?


def test_min_max_and_max_min():
    x, y = sympy.symbols("x y", real=True)
    square = sympy.Interval(-1, 1)
    for f, min_max, max_min in (((x - y) ** 2, 1, 0), (x * y, 0, 0)):
        grid = [sympy.Rational(k, 10) for k in range(-10, 11)]
        assert min(sympy.maximum(f.subs(x, k), y, square) for k in grid) == min_max
        assert max(sympy.minimum(f.subs(y, k), x, square) for k in grid) == max_min
        name = "(theta - w)^2" if min_max else "theta w      "
        assert f"{name}: min max = {min_max}, max min = {max_min}" in printed("min_max = f.max")


def test_one_step_at_once_multiplies_the_distance_by_the_root_of_1_plus_h_squared():
    x, y, h = sympy.symbols("x y h")
    new = (x - h * y) ** 2 + (y + h * x) ** 2
    assert sympy.expand(new - (1 + h**2) * (x**2 + y**2)) == 0
    for step in (0.05, 0.2, 0.4):
        distance = np.hypot(*play_product(0.3, -0.8, step, 60, alternating=False).T)
        assert distance[1:] / distance[:-1] == pytest.approx(math.sqrt(1 + step**2))
    assert play_product(1, 0, 0.2, 1, alternating=False)[-1] == pytest.approx([1, 0.2])
    assert f"{math.sqrt(1 + 0.2**2):.4f}" == "1.0198"


def test_steps_in_turn_stay_on_a_closed_curve():
    x, y, h = sympy.symbols("x y h")
    x_new = x - h * y
    y_new = y + h * x_new

    def curve(x, y):
        return x**2 - h * x * y + y**2

    assert sympy.expand(curve(x_new, y_new) - curve(x, y)) == 0
    path = play_product(1, 0, 0.2, 10_000, alternating=True)
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
        far = np.hypot(*play_product(1, 0, step, 2_000, alternating=True).T).max()
        assert (far < 5) == stays


def test_the_printed_distances():
    at_once, in_turn = printed("w = w + h * theta  # the new theta").splitlines()
    assert f"distance {1.04**20:.4f} = {1.04**20:.4f}" in at_once
    path = play_product(1, 0, 0.2, 40, alternating=True)
    assert f"distance {np.hypot(*path[-1]):.4f}" in in_turn and in_turn.endswith(" 1.0000")


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


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: push_forward(0.0, 0.0, 1.0), "a is 0"),
        (lambda: push_forward_density(0.0, 1.0, 1.0, 1.0), "bend is 1"),
        (lambda: play_product(1, 0, 0.0, 3, False), "h is 0"),
        (lambda: play_product(1, 0, 0.1, -1, False), "n_steps is -1"),
        (lambda: overlap([1.0], [1.0, 2.0], 0.1), "shapes"),
        (lambda: ledger([], [0.5]), "d_real is empty"),
        (lambda: ledger([0.5], [1.5]), "between 0 and 1"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
