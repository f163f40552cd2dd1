"""Lesson 08 in numbers: the Dirac-GAN's field, eigenvalues, orbits, exercises and widget."""

import functools
import math
import subprocess
import sys

import numpy as np
import pytest
import sympy
from lesson_text import LessonText, alt, lock_and_reveal
from scipy import integrate, linalg, special

from gan_lesson.lessons.kit.answers import forget
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_08 import exercises as lesson_08
from gan_lesson.lessons.lesson_08.dirac import (
    LOSSES,
    ORDERS,
    DiracGAN,
    averaged_radius,
    eigenvalues,
    largest_step,
    limit_radius,
    play,
    rate,
    step_matrix,
)
from gan_lesson.lessons.lesson_08.explorers import EXTRAS, GAMMAS, DiracExplorer
from gan_lesson.lessons.mathematics.bce import sigmoid

LESSON = LessonText("08_why_training_circles")
TEXT = LESSON.text
EXERCISES = {
    "simultaneous_step": lesson_08.SIMULTANEOUS_STEP,
    "alternating_step": lesson_08.ALTERNATING_STEP,
    "modulus": lesson_08.MODULUS,
    "d_pull_with_r1": lesson_08.R1_PULL,
    "largest_h": lesson_08.LARGEST_STEP,
}
PLAIN, OTHER = DiracGAN(), DiracGAN(loss="non_saturating")
R1 = DiracGAN(r1_gamma=0.3)
OURS, THEIRS = (1.0, 1.0), (1.0, -1.0)  # their (1, 1): D high on generated, their psi = -psi


def radius(*args, **kwargs):
    return np.hypot(*play(*args, **kwargs).T)


@pytest.fixture(scope="module")
def lesson():
    """Both fields, as the lesson's cells write them out."""
    return LESSON.define("field", "field_non_saturating")


def numerical_jacobian(function, place, e=1e-6):
    """Central differences of (theta, psi) -> (theta, psi), shape (2, 2)."""
    columns = []
    for direction in np.eye(2):
        high, low = (np.array(function(*(place + s * e * direction))) for s in (1, -1))
        columns.append((high - low) / (2 * e))
    return np.array(columns).T


# --- sections 1 and 2: the field and the flow ----------------------------------------------


def test_the_field_is_what_sympy_derives_from_v(lesson):
    theta, psi = sympy.symbols("theta psi", real=True)

    def sig(s):
        return 1 / (1 + sympy.exp(-s))

    v = sympy.log(sig(0)) + sympy.log(1 - sig(psi * theta))
    non_saturating = -sympy.log(sig(psi * theta))
    field, other = lesson["field"], lesson["field_non_saturating"]
    gamma = 0.7
    for place in ((1.0, 1.0), (0.3, -2.0), (-1.5, 0.5), (2.0, 3.0)):
        at = dict(zip((theta, psi), place, strict=True))
        in_theta, in_psi = float(-v.diff(theta).subs(at)), float(v.diff(psi).subs(at))
        assert PLAIN.pulls(*place) == pytest.approx((in_theta, in_psi), abs=1e-12)
        assert field(*place) == pytest.approx((in_theta, in_psi), abs=1e-12)
        in_other = float(-non_saturating.diff(theta).subs(at))
        assert OTHER.pulls(*place) == pytest.approx((in_other, in_psi), abs=1e-12)
        assert other(*place) == pytest.approx((in_other, in_psi), abs=1e-12)
        braked = DiracGAN(r1_gamma=gamma).pulls(*place)
        assert braked == pytest.approx((in_theta, in_psi - gamma * place[1]), abs=1e-12)


def test_r1_is_the_packages_own_penalty():
    import torch

    from gan_lesson.losses import r1_penalty

    psi = torch.tensor(1.7, dtype=torch.float64, requires_grad=True)
    x = torch.zeros(5, 1, dtype=torch.float64, requires_grad=True)
    (0.3 * r1_penalty(psi * x, x)).backward()
    without, with_r1 = PLAIN.pulls(0.4, 1.7)[1], R1.pulls(0.4, 1.7)[1]
    assert without - with_r1 == pytest.approx(psi.grad.item(), abs=1e-12)


def test_the_field_vanishes_only_at_the_end():
    grid = np.linspace(-4, 4, 41)
    theta, psi = np.meshgrid(grid, grid)
    speed = np.hypot(*PLAIN.pulls(theta, psi))
    assert speed[20, 20] == 0
    assert np.sum(speed == 0) == 1


def test_mescheders_sign_is_the_mirror_of_ours():
    """V with D high on generated: f(psi theta) + f(0), f(t) = -log(1 + e^-t); D up, G down."""
    t = sympy.symbols("t", real=True)
    f = -sympy.log(1 + sympy.exp(-t))
    slope = sympy.lambdify(t, f.diff(t))
    for theta, psi in ((1.0, 1.0), (0.4, -1.7)):
        theirs = -psi * slope(psi * theta), theta * slope(psi * theta)
        mirrored = PLAIN.pulls(theta, -psi)
        assert theirs == pytest.approx((mirrored[0], -mirrored[1]), abs=1e-12)


def test_the_flow_keeps_its_distance_and_turns_in_4_pi_near_the_middle():
    for start in (OURS, THEIRS, (0.3, -2.0)):
        r = radius(PLAIN, start, 0.2, 500, "flow")
        np.testing.assert_allclose(r, r[0], rtol=5e-5)
    small = play(PLAIN, (0.001, 0.0), 4 * np.pi / 100, 100, "flow")
    np.testing.assert_allclose(small[-1], small[0], atol=1e-6)
    assert 2 * np.pi / 0.5 == pytest.approx(12.6, abs=0.05)
    assert np.sum(np.multiply(PLAIN.pulls(0.7, -1.1), (0.7, -1.1))) == pytest.approx(0, abs=1e-15)


def test_claim_6_d_is_one_half_everywhere_twice_a_round_where_g_is_farthest_off():
    path = play(PLAIN, OURS, 0.001, 16_000, "flow")
    crossings = np.flatnonzero(path[:-1, 1] * path[1:, 1] <= 0)
    assert len(crossings) == 3
    for step in crossings:
        d = sigmoid(path[step, 1] * np.array([-2.0, 0.0, 2.0]))
        np.testing.assert_allclose(d, 0.5, atol=5e-4)
        assert abs(path[step, 0]) == pytest.approx(np.sqrt(2), abs=1e-4)
    angle = np.unwrap(np.arctan2(*path.T[::-1]))
    round_ = np.flatnonzero(np.abs(angle - angle[0]) >= 2 * np.pi)[0]
    assert np.sum(crossings < round_) == 2


# --- FACTS: eigenvalues, each against numpy.linalg.eigvals of a Jacobian ---------------------

GAMES = [
    PLAIN,
    OTHER,
    R1,
    DiracGAN(r1_gamma=1.0),
    DiracGAN(r1_gamma=3.0),
    DiracGAN("non_saturating", r1_gamma=0.3),
    DiracGAN(noise_sd=0.6**0.5),
    DiracGAN("non_saturating", r1_gamma=0.2, noise_sd=0.5),
]


def same_pair(one, other, tolerance=1e-7):
    return min(
        max(abs(one[0] - other[i]), abs(one[1] - other[1 - i])) for i in (0, 1)
    ) == pytest.approx(0, abs=tolerance)


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_the_fields_jacobian_and_its_eigenvalues(game):
    measured = numerical_jacobian(game.pulls, np.zeros(2))
    np.testing.assert_allclose(game.jacobian(), measured, atol=1e-8)
    g = game.damping
    root = np.emath.sqrt(g**2 / 4 - 0.25)
    assert same_pair((-g / 2 + root, -g / 2 - root), np.linalg.eigvals(game.jacobian()))
    assert same_pair(eigenvalues(game.jacobian()), np.linalg.eigvals(game.jacobian()))
    assert same_pair(eigenvalues(game.jacobian()), np.linalg.eigvals(measured), 2e-4)


@pytest.mark.parametrize("game", GAMES, ids=str)
@pytest.mark.parametrize("order", ORDERS)
def test_a_steps_matrix_is_the_derivative_of_a_step(game, order):
    for h in (0.05, 0.2, 0.9):
        measured = numerical_jacobian(
            lambda theta, psi, h=h: play(game, (theta, psi), h, 1, order)[-1], np.zeros(2)
        )
        matrix = step_matrix(game, h, order)
        # the flow's orbit is Runge and Kutta's, its matrix exact
        np.testing.assert_allclose(matrix, measured, atol=1e-3 if order == "flow" else 1e-7)
        assert same_pair(eigenvalues(matrix), np.linalg.eigvals(matrix))
        modulus = np.abs(np.linalg.eigvals(matrix)).max()
        assert rate(game, h, order) == pytest.approx(modulus, abs=1e-7)


def test_the_flows_step_is_the_matrix_exponential():
    for game in GAMES:
        for h in (0.2, 1.0):
            np.testing.assert_allclose(
                step_matrix(game, h, "flow"), linalg.expm(h * game.jacobian()), atol=1e-10
            )


def test_gradient_flow_plus_minus_i_over_2():
    assert same_pair(eigenvalues(PLAIN.jacobian()), (0.5j, -0.5j))
    assert rate(PLAIN, 0.2, "flow") == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("h", [0.05, 0.1, 0.2, 0.4, 1.0])
def test_simultaneous_steps_root_of_1_plus_h_squared_over_4(h):
    for game in (PLAIN, OTHER):
        assert same_pair(eigenvalues(step_matrix(game, h)), (1 + 0.5j * h, 1 - 0.5j * h))
        assert rate(game, h) == pytest.approx(math.sqrt(1 + h * h / 4), rel=1e-12)
    r = radius(PLAIN, (1e-4, 1e-4), h, 10)
    np.testing.assert_allclose(r[1:] / r[:-1], math.sqrt(1 + h * h / 4), rtol=1e-6)


def test_a_simultaneous_step_multiplies_the_distance_by_root_1_plus_h_squared_sigma_squared():
    for h in (0.05, 0.2, 1.0):
        path = play(PLAIN, OURS, h, 300)
        s = special.expit(path[:-1, 0] * path[:-1, 1])
        r = np.hypot(*path.T)
        np.testing.assert_allclose(r[1:], r[:-1] * np.sqrt(1 + h * h * s * s), rtol=1e-12)
        assert np.all(np.diff(r) > 0)


def test_halving_h_halves_the_exponent_of_a_round():
    for h, printed in ((0.4, 1.852), (0.2, 1.367), (0.1, 1.170), (0.05, 1.082)):
        round_ = rate(PLAIN, h) ** (4 * np.pi / h)
        assert round_ == pytest.approx(printed, abs=5e-4)
        assert round_ == pytest.approx(np.exp(np.pi * h / 2), rel=0.013)


@pytest.mark.parametrize("n_d, n_g", [(1, 1), (5, 1), (1, 3), (2, 4)])
def test_alternating_steps_by_the_formula_in_a(n_d, n_g):
    for a in (0.1, 1.0, 1.9, 2.1, 3.0):
        h = 2 * a / math.sqrt(n_d * n_g)
        half = 1 - a * a / 2
        root = np.emath.sqrt(half**2 - 1)
        for first in "DG":
            matrix = step_matrix(PLAIN, h, "alternating", n_d, n_g, first)
            measured = numerical_jacobian(
                lambda theta, psi, h=h, f=first: play(
                    PLAIN, (theta, psi), h, 1, "alternating", n_d, n_g, f
                )[-1],
                np.zeros(2),
            )
            np.testing.assert_allclose(matrix, measured, atol=1e-6)
            assert same_pair((half + root, half - root), np.linalg.eigvals(matrix))
        modulus = rate(PLAIN, h, "alternating", n_d, n_g)
        assert modulus == pytest.approx(1, abs=1e-9) if a < 2 else modulus > 1.5


def test_the_alternating_orbit_drifts_outwards_slowly():
    def ends(start, first):
        r = radius(PLAIN, start, 0.2, 10_000, "alternating", first=first)
        return r[:400].max(), r[-400:].max()

    assert ends(OURS, "D") == pytest.approx((1.416, 1.427), abs=6e-4)  # as the lesson prints
    assert ends(THEIRS, "G") == pytest.approx((1.422, 1.434), abs=6e-4)  # Mescheder's


def test_the_simultaneous_orbit_is_slow_far_out():
    r = radius(PLAIN, THEIRS, 0.2, 200_000)
    assert (r[5000], r[-1]) == pytest.approx((4.24, 4.96), abs=5e-3)
    ours = radius(PLAIN, OURS, 0.2, 200_000)
    assert (ours[5000], ours[-1]) == pytest.approx((3.92, 5.37), abs=5e-3)


def test_non_saturating_at_once_keeps_a_circle_of_root_2_h():
    r = radius(OTHER, OURS, 0.2, 10_000)[-2000:]
    assert (r.min(), r.max()) == pytest.approx((0.624, 0.640), abs=5e-4)
    for h in (0.1, 0.05, 0.02):
        r = radius(OTHER, THEIRS, h, int(400 / h**2) if h > 0.04 else 60_000)[-2000:]
        assert r.mean() == pytest.approx(math.sqrt(2 * h), rel=0.03)
        assert limit_radius(h) == pytest.approx(math.sqrt(2 * h))
    inside = radius(OTHER, (0.01, 0.0), 0.2, 3000)
    assert 0.62 < inside[-1] < 0.65


def test_the_two_terms_of_the_circle():
    theta, psi, h = sympy.symbols("theta psi h", real=True)
    s = psi * theta
    sig = 1 / (1 + sympy.exp(-s))
    new = (theta + h * psi * (1 - sig)) ** 2 + (psi - h * theta * sig) ** 2
    change = sympy.expand(new - theta**2 - psi**2)
    at = {theta: sympy.Rational(3, 10), psi: sympy.Rational(-2, 10)}
    first = change.coeff(h, 1).subs(at)
    assert float(first) == pytest.approx(float((2 * s * (1 - 2 * sig)).subs(at)), abs=1e-12)
    assert float(first) == pytest.approx(float((-(s**2)).subs(at)), rel=1e-2)
    assert float(change.coeff(h, 2).subs(at)) == pytest.approx((0.09 + 0.04) / 4, rel=0.03)
    mean = integrate.quad(lambda a: (np.sin(a) * np.cos(a)) ** 2, 0, 2 * np.pi)[0] / (2 * np.pi)
    assert mean == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    "n, printed", [(500, (0.284, 0.278, 0.283)), (5000, (0.088, 0.089, 0.089))]
)
def test_non_saturating_in_turn_or_flow_creeps_in(n, printed):
    law = math.sqrt(8 / (0.2 * n))
    turn = radius(OTHER, OURS, 0.2, n, "alternating")[-1]
    flow = radius(OTHER, OURS, 0.2, n, "flow")[-1]
    assert (turn, flow, law) == pytest.approx(printed, abs=5e-4)
    assert averaged_radius(np.sqrt(2), 0.2, n, False) == pytest.approx(flow, rel=0.02)


def test_the_averaged_radius_solves_its_equation():
    h, start = 0.2, 1.3
    for simultaneous in (True, False):
        solution = integrate.solve_ivp(
            lambda n, q, on=simultaneous: -h * q**2 / 8 + on * h * h * q / 4,
            (0, 800),
            [start**2],
            rtol=1e-9,
            atol=1e-12,
        )
        ours = averaged_radius(start, h, 800, simultaneous)
        assert ours == pytest.approx(math.sqrt(solution.y[0, -1]), rel=1e-6)
    assert averaged_radius(start, h, 1e6, True) == pytest.approx(limit_radius(h))


@pytest.mark.parametrize("gamma", [0.02, 0.05, 0.3, 0.9, 1.0, 1.5, 5.0])
def test_r1_converges_below_the_largest_step_and_not_above(gamma):
    game = DiracGAN(r1_gamma=gamma)
    largest = largest_step(gamma)
    formula = 4 * gamma if gamma <= 1 else 4 * (gamma - math.sqrt(gamma**2 - 1))
    assert largest == pytest.approx(formula)
    for h in (0.5 * largest, 0.98 * largest):
        assert np.abs(np.linalg.eigvals(np.eye(2) + h * game.jacobian())).max() < 1
    assert np.abs(np.linalg.eigvals(np.eye(2) + 1.02 * largest * game.jacobian())).max() > 1
    if gamma <= 1:
        for h in (0.1, 0.2, 1.0):
            expected = math.sqrt(1 - h * gamma + h * h / 4)
            assert rate(game, h) == pytest.approx(expected, rel=1e-7)


def test_at_h_02_the_smallest_gamma_is_above_05_in_the_true_game():
    for gamma, factor, after in ((0.04, 1.0010, 1.3), (0.06, 0.9990, 9.9e-5)):
        game = DiracGAN(r1_gamma=gamma)
        assert rate(game, 0.2) == pytest.approx(factor, abs=5e-5)
        assert radius(game, (0.01, 0.01), 0.2, 5000)[-1] == pytest.approx(after, rel=0.05)
    assert largest_step(0.05) == pytest.approx(0.2)
    assert largest_step(np.nextafter(0.05, 1)) > 0.2


def test_the_best_gamma_is_1_with_the_factor_1_minus_h_over_2():
    gammas = np.linspace(0.05, 6, 400)
    rates = [rate(DiracGAN(r1_gamma=g), 0.2) for g in gammas]
    assert gammas[np.argmin(rates)] == pytest.approx(1, abs=0.02)
    assert rate(DiracGAN(r1_gamma=1.0), 0.2) == pytest.approx(0.9)
    assert rate(R1, 0.2) == pytest.approx(0.9747, abs=5e-5)
    assert rate(DiracGAN(r1_gamma=5.0), 0.2) == pytest.approx(0.9899, abs=5e-5)
    for gamma, printed in ((0.3, 1.200), (1.0, 4.000), (2.0, 1.072), (5.0, 0.404)):
        assert largest_step(gamma) == pytest.approx(printed, abs=5e-4)


def test_a_smaller_rate_helps_only_with_a_brake_and_the_quickest_is_2_gamma():
    for h in (0.8, 0.4, 0.21, 0.19, 0.1, 0.05, 0.001):
        assert rate(PLAIN, h) > 1
        assert (rate(DiracGAN(r1_gamma=0.05), h) < 1) == (h < 0.2)
    steps = np.linspace(0.01, 0.19, 181)
    rates = [rate(DiracGAN(r1_gamma=0.05), h) for h in steps]
    assert steps[np.argmin(rates)] == pytest.approx(0.1, abs=2e-3)


@pytest.mark.parametrize("sd", [0.3, 0.6**0.5, 1.0])
def test_instance_noise_is_r1_with_gamma_half_its_variance_near_the_end(sd):
    noisy = DiracGAN(noise_sd=sd)
    np.testing.assert_allclose(
        numerical_jacobian(noisy.pulls, np.zeros(2)),
        DiracGAN(r1_gamma=sd**2 / 2).jacobian(),
        atol=1e-8,
    )
    assert rate(noisy, 0.2) == pytest.approx(rate(DiracGAN(r1_gamma=sd**2 / 2), 0.2))


@pytest.mark.parametrize("sd, theta, psi", [(0.5, 1.0, 1.0), (1.0, -0.7, 2.0), (0.5, 2.0, -3.6)])
def test_the_noisy_pulls_by_scipys_quadrature(sd, theta, psi):
    def mean(f):
        density = lambda e: f(e) * np.exp(-e * e / 2) / np.sqrt(2 * np.pi)  # noqa: E731
        return integrate.quad(density, -12, 12, epsabs=1e-11, limit=400)[0]

    to_d = mean(
        lambda e: (
            sd * e * special.expit(-psi * sd * e)
            - (theta + sd * e) * special.expit(psi * (theta + sd * e))
        )
    )
    for game, sign in ((DiracGAN(noise_sd=sd), 1), (DiracGAN("non_saturating", 0.0, sd), -1)):
        to_g = psi * mean(lambda e, sign=sign: special.expit(sign * psi * (theta + sd * e)))
        assert game.pulls(theta, psi) == pytest.approx((to_g, to_d), abs=1e-5)
        arrays = game.pulls(np.array([[theta, 0.1]]), np.array([[psi, 0.2]]))
        assert arrays[0][0, 0] == pytest.approx(to_g, abs=1e-5)
        assert arrays[1][0, 0] == pytest.approx(to_d, abs=1e-5)


@pytest.mark.parametrize("h", [0.1, 0.2, 1.0, 1.9, 2.1])
def test_extragradient(h):
    squared = 1 - (h / 2) ** 2 + (h / 2) ** 4
    moduli = np.abs(np.linalg.eigvals(step_matrix(PLAIN, h, "extragradient")))
    np.testing.assert_allclose(moduli**2, squared, rtol=1e-9)
    for lam in (0.5j, -0.5j):
        assert abs(1 + h * lam + h**2 * lam**2) ** 2 == pytest.approx(squared)
    assert (squared < 1) == (h < 2)


# --- FACTS: radii after 500 steps at h = .2, both signs, both orders -------------------------

RADII = [  # start, who is first, plain, non-saturating, R1 with .3
    (THEIRS, None, 3.097, 0.640, 2.6e-6),
    (THEIRS, "G", 1.421, 0.284, 2.3e-7),
    (OURS, None, 3.353, 0.640, 4.8e-6),
    (OURS, "G", 1.495, 0.271, 3.2e-7),
    (OURS, "D", 1.339, 0.284, 3.0e-7),  # the course's sign and order
    (THEIRS, "D", 1.413, 0.271, 2.4e-7),
]


@pytest.mark.parametrize("start, first, plain, other, braked", RADII)
def test_radius_after_500_steps(start, first, plain, other, braked):
    how = {"order": "simultaneous"} if first is None else {"order": "alternating", "first": first}
    found = [radius(game, start, 0.2, 500, **how)[-1] for game in (PLAIN, OTHER, R1)]
    assert found[:2] == pytest.approx([plain, other], abs=6e-4)
    assert found[2] == pytest.approx(braked, rel=0.02)


def test_predicted_and_measured_factors_agree_to_three_digits():
    for game, order in (
        (PLAIN, "simultaneous"),
        (PLAIN, "alternating"),
        (PLAIN, "extragradient"),
        (R1, "simultaneous"),
        (R1, "alternating"),
        (DiracGAN(noise_sd=0.6**0.5), "simultaneous"),
        (OTHER, "simultaneous"),
        (OTHER, "alternating"),
    ):
        r = radius(game, (0.01, 0.01), 0.2, 500, order)
        assert (r[-1] / r[0]) ** (1 / 500) == pytest.approx(rate(game, 0.2, order), abs=7e-4)


# --- section 7: the same in torch, and in the playground -------------------------------------


@pytest.mark.trains
def test_the_trainer_of_the_course_plays_this_game():
    space = LESSON.run(*map(LESSON.cell_with, ("class Place", "def dirac_trainer")))
    for loss in LOSSES:
        for gamma in (0.0, 0.3):
            for at_once in (True, False):
                trainer = space["dirac_trainer"](loss=loss, r1_gamma=gamma, simultaneous=at_once)
                order = "simultaneous" if at_once else "alternating"
                path = play(DiracGAN(loss, gamma), OURS, 0.2, 200, order)
                for more, step in ((1, 1), (199, 200)):
                    trainer.burst(more)
                    found = trainer.G.net.theta.item(), trainer.D.net.weight.item()
                    assert found == pytest.approx(tuple(path[step]), abs=3e-5)


PRINTED = [  # as section 7 prints them after 500 steps: loss, gamma, at once, distance
    ("saturating", 0.0, True, 3.3534),
    ("saturating", 0.0, False, 1.3392),
    ("non_saturating", 0.0, True, 0.6402),
    ("non_saturating", 0.06, False, 0.0304),
]


@pytest.mark.trains
@pytest.mark.parametrize("loss, gamma, at_once, printed", PRINTED)
def test_the_digits_printed_in_section_7_are_those_of_any_processor(loss, gamma, at_once, printed):
    """No chance and no chaos here: rounding moves the distance by less than a tenth of a digit."""
    space = LESSON.run(*map(LESSON.cell_with, ("class Place", "def dirac_trainer")))
    trainer = space["dirac_trainer"](loss=loss, r1_gamma=gamma, simultaneous=at_once)
    trainer.burst(500)
    found = np.hypot(trainer.G.net.theta.item(), trainer.D.net.weight.item())
    order = "simultaneous" if at_once else "alternating"
    exact = radius(DiracGAN(loss, r1_gamma=gamma), OURS, 0.2, 500, order)[-1]
    assert found == pytest.approx(exact, abs=1e-5)
    assert round(exact - 1e-5, 4) == round(exact + 1e-5, 4) == printed


@pytest.fixture(scope="module")
def swings():
    """A function from a seed to the mean distances at once, in turn and with R1."""
    distances = LESSON.run("import torch", LESSON.cell_with("def distances"))["distances"]

    @functools.cache
    def of(seed):
        settings = (True, 0.0), (False, 0.0), (False, 0.1)
        return [np.mean(distances(*setting, seed=seed)[67:]) for setting in settings]

    return of


@pytest.mark.trains
def test_in_the_playground_at_once_swings_most_and_r1_least(swings, run_number):
    at_once, in_turn, braked = np.transpose([swings(seed) for seed in (0, 1)])
    statement = "at once the mean swings widely, in turn it swings less, and R1 brakes it"
    run_number("08", statement, at_once=at_once, in_turn=in_turn, R1=braked)
    assert at_once.mean() > 1.5 * in_turn.mean() > 1.5 * braked.mean()


@pytest.mark.slow
@pytest.mark.trains
def test_in_the_playground_the_mean_distances_over_five_seeds(swings, run_number):
    found = np.transpose([swings(seed) for seed in range(5)])
    at_once, in_turn, braked = found.mean(axis=1)
    statement = "the distance is about 0.12 at once, 0.04 in turn and 0.02 with R1"
    run_number("08", statement, at_once=at_once, in_turn=in_turn, R1=braked)
    assert at_once == pytest.approx(0.12, abs=0.03)
    assert in_turn == pytest.approx(0.04, abs=0.012)
    assert braked == pytest.approx(0.02, abs=0.009)
    assert at_once > 2 * in_turn and in_turn > 1.25 * braked


# --- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: DiracGAN("best"), "loss is 'best'"),
        (lambda: DiracGAN(r1_gamma=-1.0), "r1_gamma is -1.0"),
        (lambda: DiracGAN(noise_sd=math.nan), "noise_sd is nan"),
        (lambda: play(PLAIN, OURS, 0.0, 1), "h is 0.0"),
        (lambda: play(PLAIN, OURS, 0.2, -1), "n_steps is -1"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "sideways"), "order is 'sideways'"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "alternating", 0), "d_steps is 0"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "flow", 2), "must be 1 where order is 'flow'"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "alternating", first="z"), "first is 'z'"),
        (lambda: eigenvalues(np.eye(3)), r"of shape \(2, 2\)"),
        (lambda: largest_step(-0.1), "gamma is -0.1"),
        (lambda: limit_radius(-1), "h is -1"),
        (lambda: averaged_radius(0.0, 0.2, 1, True), "start is 0.0"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_orbit_that_leaves_the_numbers_says_inf_and_writes_nothing(recwarn):
    assert not np.isfinite(radius(DiracGAN(r1_gamma=10.0), OURS, 1.0, 500)[-1])
    assert not recwarn.list


# --- exercises and predictions ---------------------------------------------------------------


@pytest.mark.parametrize("name", EXERCISES)
def test_the_exercises_are_sound(name):
    assert EXERCISES[name].problems() == []


@pytest.mark.parametrize(
    "name, wrong, sentence",
    [(n, w, s) for n, e in EXERCISES.items() for w, s in e.mistakes],
)
def test_each_mistake_is_named_with_a_hint(name, wrong, sentence):
    check = getattr(lesson_08, f"check_{name}")
    with pytest.raises(WrongAnswer) as first:
        check(wrong)
    with pytest.raises(WrongAnswer) as second:
        check(wrong)
    assert str(first.value) == f"{sentence} Hint: {EXERCISES[name].hints[0]}"
    assert str(second.value) == f"{sentence} Hint: {EXERCISES[name].hints[1]}"


def test_the_lessons_stubs_count_as_untouched_and_its_answers_as_right(capsys, lesson):
    assert len(LESSON.cells("stub")) == len(LESSON.cells("answer")) == len(EXERCISES)
    for name, exercise in EXERCISES.items():
        check = getattr(lesson_08, f"check_{name}")
        assert check(LESSON.taught(name, "stub", field=lesson["field"])) is exercise.reference
        assert "Not attempted yet" in capsys.readouterr().out
        answer = LESSON.taught(name, field=lesson["field"])
        assert check(answer) is answer
        assert "Right" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name, old, new, sentence",
    [
        ("alternating_step", "field(theta, psi_new)", "field(theta, psi)", "still uses the old ψ"),
        ("alternating_step", "psi_new)[0]", "psi_new)[1]", "D's pull for θ"),
        ("simultaneous_step", "+ h * to_g", "- h * to_g", "G's sign"),
        ("simultaneous_step", "+ h * to_g", "+ h * to_d", "is not right"),
        ("d_pull_with_r1", "- gamma", "+ gamma", "The sign"),
        ("d_pull_with_r1", "-theta * sigmoid(psi * theta) - ", "-", "must stay"),
        ("modulus", "np.sqrt(1 + h**2 / 4)", "1 + h**2 / 4", "square of the modulus"),
        ("largest_h", "4 * gamma", "gamma / 4", "Upside down"),
    ],
)
def test_a_wrong_line_typed_into_the_answer_turns_the_cell_red(name, old, new, sentence, lesson):
    answer = LESSON.cell_with(f"def {name}(", "answer")
    assert old in answer
    wrong = LESSON.run(answer.replace(old, new), field=lesson["field"])[name]
    with pytest.raises(WrongAnswer, match=sentence):
        getattr(lesson_08, f"check_{name}")(wrong)


CHOICES = {
    "ask_rest": "round (0, 0) for ever, at one distance",
    "ask_half_everywhere": "false: D is ½ everywhere twice a round, where G is farthest off",
    "ask_halving": "no, but they leave more slowly",
    "ask_limit_cycle": "they keep to a smaller circle",
    "ask_more_gamma": "it converges, but more slowly than with .3",
    "ask_small_learning_rate": "false without a brake; with one, it helps",
}


@pytest.mark.parametrize("ask, truth", CHOICES.items())
def test_each_prediction_is_judged(ask, truth):
    for option in list(getattr(lesson_08, ask)().choice.options):
        forget()
        label = option[1] if isinstance(option, tuple) else option
        asked = lock_and_reveal(getattr(lesson_08, ask)(), label)
        assert asked.row["right"] == (label == truth)
    assert f"lesson_08.{ask}()" in TEXT


@pytest.mark.parametrize("said, right", [(0.05, True), (0.06, True), (0.2, False), (0.8, False)])
def test_the_smallest_gamma_is_judged(said, right):
    asked = lock_and_reveal(lesson_08.ask_smallest_gamma(), said)
    assert asked.row["right"] == right
    assert asked.row["truth"] == pytest.approx(0.05)


# --- the explorer ----------------------------------------------------------------------------


def visible(explorer):
    """The sliders that a learner sees."""
    return [
        c
        for c in explorer.widget.children[0].children
        if "Slider" in type(c).__name__ and c.layout.display != "none"
    ]


def holds(explorer):
    assert explorer.panel.description
    for text in (explorer.panel.description, explorer.readout.value):
        assert "nan" not in text.lower() and "inf" not in text
    assert 2 <= len(visible(explorer)) <= 3


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_explorer_holds_over_its_whole_range(loss, order, extra):
    explorer = DiracExplorer(n_steps=60)
    explorer.loss.value, explorer.order.value, explorer.extra.value = loss, order, extra
    holds(explorer)
    seen = {explorer.readout.value}
    for group in ("step", "start"):
        explorer.show.value = group
        for slider in visible(explorer):
            middle = slider.value
            ends = GAMMAS[::24] if slider is explorer.gamma else (slider.min, slider.max)
            for value in ends:
                slider.value = value
                holds(explorer)
                seen.add(explorer.readout.value)
            slider.value = middle
    assert len(seen) > 5


def test_the_explorer_in_the_corners():
    explorer = DiracExplorer(extra="r1", n_steps=500)
    for h in (0.02, 1.0):
        for gamma in (0.01, 10.0):
            for start in ((0.0, 0.0), (2.0, 2.0), (-2.0, 2.0)):
                explorer.h.value, explorer.gamma.value = h, gamma
                explorer.theta.value, explorer.psi.value = start
                holds(explorer)
    explorer.extra.value, explorer.loss.value = "nothing", "non_saturating"
    explorer.theta.value = explorer.psi.value = 0.0
    holds(explorer)
    assert "measured 0.0000" in explorer.readout.value


def test_a_burst_of_200_moves_draws_nothing_afresh(monkeypatch):
    explorer = DiracExplorer(extra="r1", n_steps=100)
    drawn = []
    monkeypatch.setattr(explorer.panel.figure.canvas, "draw", lambda: drawn.append(1))
    draw = np.random.default_rng(0)
    for _ in range(50):
        explorer.h.value = round(draw.uniform(0.02, 1), 2)
        explorer.gamma.value = float(draw.choice(GAMMAS))
        explorer.n_steps.value = int(draw.integers(500))
        explorer.theta.value = round(draw.uniform(-2, 2), 2)
    assert not drawn
    holds(explorer)


def test_the_read_out_against_numpy():
    explorer = DiracExplorer(extra="r1", gamma=0.3, h=0.2)
    matrix = np.eye(2) + 0.2 * np.array([[0, 0.5], [-0.5, -0.3]])
    value = np.linalg.eigvals(matrix)[0]
    for number in (f"{value.real:.4f} ± {abs(value.imag):.4f} i", f"modulus {abs(value):.4f}"):
        assert number in explorer.readout.value
    predicted = np.sqrt(2) * abs(value) ** 500
    assert f"{predicted:.1e}".split("e")[0] + "·10⁻⁶" in explorer.readout.value
    assert "measured 4.8·10⁻⁶" in explorer.readout.value
    assert "closes in on (0, 0)" in explorer.readout.value
    explorer.extra.value = "nothing"
    assert "modulus 1.0050: leaves (0, 0)" in explorer.readout.value
    assert "measured 3.3534" in explorer.readout.value
    explorer.order.value = "alternating"
    assert "does not decide" in explorer.readout.value
    explorer.loss.value, explorer.order.value = "non_saturating", "simultaneous"
    law = averaged_radius(np.sqrt(2), 0.2, 500, True)
    assert f"predicted {law:.4f}, measured 0.6402" in explorer.readout.value


def test_the_sliders_open_by_group_and_by_what_is_added():
    explorer = DiracExplorer()
    assert visible(explorer) == [explorer.n_steps, explorer.h]
    explorer.extra.value = "r1"
    assert visible(explorer) == [explorer.n_steps, explorer.h, explorer.gamma]
    explorer.extra.value = "noise"
    assert visible(explorer) == [explorer.n_steps, explorer.h, explorer.noise_sd]
    explorer.show.value = "start"
    assert visible(explorer) == [explorer.n_steps, explorer.theta, explorer.psi]


def test_the_explorer_and_the_checks_load_no_torch():
    program = "import sys, gan_lesson.lessons.lesson_08; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


# --- the notebook ----------------------------------------------------------------------------


def test_the_stored_notebook_reads_without_a_kernel():
    pictures = LESSON.pictures()
    assert len(pictures) == 3 and all(map(alt, pictures))
    assert not any("widget-view" in key for o in LESSON.outputs() for key in o.get("data", {}))
    assert LESSON.stored.stat().st_size < 500_000


def test_no_visible_cell_tells_a_prediction_before_it_is_asked():
    asked = TEXT.index("ask_smallest_gamma")
    assert "h < 4γ" not in TEXT[:asked] and ".05 it is" not in TEXT[:asked]
    assert "√(2h)" not in TEXT[: TEXT.index("ask_limit_cycle")]
