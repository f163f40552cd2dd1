"""Lesson 08's steps: eigenvalues against NumPy's, orbits, and the radii of FACTS."""

import math

import numpy as np
import pytest
import sympy
from scipy import integrate, linalg, special

from gan_lesson.lessons.lesson_08.dirac import (
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

PLAIN, OTHER = DiracGAN(), DiracGAN(loss="non_saturating")
R1 = DiracGAN(r1_gamma=0.3)
OURS, THEIRS = (1.0, 1.0), (1.0, -1.0)  # their (1, 1): D high on generated, their psi = -psi


def radius(*args, **kwargs):
    return np.hypot(*play(*args, **kwargs).T)


def numerical_jacobian(function, place, e=1e-6):
    """Central differences of (theta, psi) -> (theta, psi), shape (2, 2)."""
    columns = []
    for direction in np.eye(2):
        high, low = (np.array(function(*(place + s * e * direction))) for s in (1, -1))
        columns.append((high - low) / (2 * e))
    return np.array(columns).T


# --- FACTS: eigenvalues, each against numpy.linalg.eigvals of a Jacobian --------------------


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
        both = np.abs(eigenvalues(matrix))
        assert both.prod() == pytest.approx(1, abs=1e-9)  # above a = 2 both leave 1
        modulus = rate(PLAIN, h, "alternating", n_d, n_g)
        assert modulus == pytest.approx(1, abs=1e-9) if a < 2 else modulus > 1.5


def test_the_alternating_orbit_drifts_outwards_slowly():
    def ends(start, first):
        r = radius(PLAIN, start, 0.2, 10_000, "alternating", first=first)
        return r[:400].max(), r[-400:].max()

    assert ends(OURS, "D") == pytest.approx((1.416, 1.427), abs=6e-4)  # as the lesson prints
    assert ends(THEIRS, "G") == pytest.approx((1.422, 1.434), abs=6e-4)  # Mescheder's
    close = radius(PLAIN, OURS, 0.2, 500, "alternating")
    assert np.ptp(close) < 0.1  # close to a ring; with long steps it is none
    far = radius(PLAIN, THEIRS, 1.0, 500, "alternating")
    assert far[-20:].max() > 3.3


def test_in_turn_both_moduli_are_1_only_below_h_of_4():
    for h, leaves in ((0.2, False), (3.99, False), (4.01, True), (5.0, True)):
        assert (rate(PLAIN, h, "alternating") > 1 + 1e-6) == leaves
    a = 2.05
    values = np.linalg.eigvals(step_matrix(PLAIN, 2 * a, "alternating")).real
    assert np.sort(values) == pytest.approx([-1.5625, -0.64], abs=1e-4)  # both values below 1


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


def test_claim_r1_converges_near_the_rest_point_and_not_from_everywhere():
    """h < 4 gamma is the law of the linearisation: section 3 of FACTS, with our sign."""
    braked = DiracGAN(r1_gamma=1.0)
    assert 2.0 < largest_step(1.0)
    assert radius(braked, (0.1, 0.1), 2.0, 8)[-1] < 1e-6
    assert radius(braked, OURS, 2.0, 8)[-1] > 90
    for gamma, h in ((0.8, 1.6), (0.6, 1.8)):
        assert h < largest_step(gamma)
        assert radius(DiracGAN(r1_gamma=gamma), OURS, h, 1000)[-1] > 1e6
        assert radius(DiracGAN(r1_gamma=gamma), THEIRS, h, 1000)[-1] < 1e-6


@pytest.mark.parametrize("gamma", [0.05, 0.1, 0.3, 0.6, 1.0])
def test_with_r1_and_h_of_at_most_1_all_starts_of_a_grid_converge(gamma):
    h = min(1.0, 0.9 * largest_step(gamma))
    n = 400 + round(6 / (1 - rate(DiracGAN(r1_gamma=gamma), h)))
    for theta in (-2, -0.7, 0.7, 2):
        for psi in (-2, -0.7, 0.7, 2):
            assert radius(DiracGAN(r1_gamma=gamma), (theta, psi), h, n)[-1] < 0.01


@pytest.mark.parametrize("h", [0.1, 0.2, 1.0])
def test_with_r1_the_squared_modulus_is_that_of_real_and_imaginary_part(h):
    for gamma in (0.05, 0.3, 1.0):
        parts = (1 - h * gamma / 2) ** 2 + h**2 * (0.25 - gamma**2 / 4)
        assert parts == pytest.approx(1 - h * gamma + h**2 / 4)
        assert rate(DiracGAN(r1_gamma=gamma), h) ** 2 == pytest.approx(parts, rel=1e-6)


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
    near = radius(PLAIN, (1e-3, 1e-3), h, 2000, "extragradient")
    assert (near[-1] < near[0]) == (h < 2)


def test_extragradient_closes_in_near_the_rest_point_and_not_from_everywhere():
    assert radius(PLAIN, (0.1, 1.0), 1.9, 20_000, "extragradient")[-1] > 4


# --- FACTS: radii after 500 steps at h = .2, both signs, both orders --------------------


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
