"""Lesson 04, what is headed "More": what the two losses measure, and where they end."""

import builtins
import re
import symtable

import numpy as np
import pytest
import sympy
from lesson_text import LessonText, names_read
from scipy import integrate, optimize, stats

from gan_lesson.lessons.lesson_04.descent import generator_slopes_on_grid
from gan_lesson.lessons.lesson_04.explorers import KINDS, FixedPointExplorer
from gan_lesson.lessons.lesson_04.questions import ask_where_it_goes
from gan_lesson.lessons.mathematics.divergence import (
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    mixture_density,
    normal_density,
)
from gan_lesson.lessons.mathematics.value import (
    generator_loss_from_logit,
    generator_slope_in_logit,
)

LESSON = LessonText("04_two_generator_losses")


def test_a_section_headed_more_needs_only_what_stands_before_the_first_of_them():
    sections = re.split(r"(?m)^## ", LESSON.visible)
    more = [text for text in sections if text.startswith("More")]
    known = set(dir(builtins))
    for text in sections[: sections.index(more[0])]:
        known |= bound_in(text)
    assert len(more) > 3
    for text in more:
        read = set().union(*map(names_read, code_of(text)))
        assert read <= known | bound_in(text), text.partition("\n")[0]


def code_of(text):
    return [
        re.sub("%pip .*", "pass", code)
        for code in re.findall(r"```python.*?\n(.*?)```", text, re.S)
    ]


def bound_in(text):
    """What the code of a section binds, at any depth: loops and `try` bind names too."""
    tables = [symtable.symtable(code, "cell", "exec") for code in code_of(text)]
    return {symbol.get_name() for table in tables for symbol in table.get_symbols()
            if symbol.is_assigned() or symbol.is_imported()}  # fmt: skip


@pytest.fixture(scope="module")
def fixed_point():
    return FixedPointExplorer()


# --- what the losses measure ---------------------------------------------------------------


@pytest.mark.parametrize("m", [1.0, 2.0, 4.0])
def test_the_two_losses_sum_to_KL_at_D_star(m):
    x = np.linspace(-12, 18, 3001)
    dx = x[1] - x[0]
    q = normal_density(x, m)
    s = d_star_logit(normal_density(x), q)
    total = sum(np.sum(q * generator_loss_from_logit(s, kind)) * dx for kind in KINDS)
    assert total == pytest.approx(m * m / 2, abs=1e-6)
    assert kl_divergence(q, normal_density(x), dx) == pytest.approx(m * m / 2, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_claim_36_the_sum_is_KL_for_any_two_densities(seed):
    p, q = np.random.default_rng(seed).dirichlet(np.ones(30), size=2)
    s = d_star_logit(p, q)
    total = sum(np.sum(q * generator_loss_from_logit(s, kind)) for kind in KINDS)
    assert total == pytest.approx(stats.entropy(q, p), abs=1e-12)


@pytest.mark.parametrize("m", [0.5, 1.0, 2.0, 4.0, 6.0])
def test_at_frozen_D_star_the_two_slopes_in_m_add_up_to_m_because_those_in_s_add_to_minus_1(m):
    s = np.linspace(-30, 30, 61)
    total = sum(generator_slope_in_logit(s, kind) for kind in KINDS)
    np.testing.assert_allclose(total, -1, atol=1e-12)
    x = np.linspace(-14, 20, 6801)
    p = normal_density(x)
    slopes = (generator_slopes_on_grid(m, 1.0, x, p, kind)[0] for kind in KINDS)
    assert sum(slopes) == pytest.approx(m, abs=1e-7)


@pytest.mark.parametrize(("mean", "sd", "printed"), [
    (1.0, 1.0, 0.2772), (2.0, 1.0, 1.3263), (4.0, 1.0, 6.7346), (1.0, 1.7, None), (-1.0, 0.6, None),
])  # fmt: skip
def test_KL_minus_2_JSD_is_2_KL_from_the_half_and_half_mixture_to_the_data(mean, sd, printed):
    """By scipy's quadrature of log-densities, and by the package on a grid."""
    p, q = stats.norm(), stats.norm(mean, sd)

    def log_mixture(x):
        return np.logaddexp(p.logpdf(x), q.logpdf(x)) - np.log(2)

    def kl(log_a, log_b):
        def integrand(x):
            return np.exp(log_a(x)) * (log_a(x) - log_b(x))

        return integrate.quad(integrand, -30, 30, points=[0, mean], limit=500, epsabs=1e-12)[0]

    two_jsd = kl(p.logpdf, log_mixture) + kl(q.logpdf, log_mixture)
    left, right = kl(q.logpdf, p.logpdf) - two_jsd, 2 * kl(log_mixture, p.logpdf)
    assert left == pytest.approx(right, abs=1e-10)
    assert left > 0
    assert printed is None or left == pytest.approx(printed, abs=5e-5)
    x = np.linspace(-18, 18, 3601)
    p_x, q_x = normal_density(x), normal_density(x, mean, sd)
    ours = 2 * kl_divergence((p_x + q_x) / 2, p_x, x[1] - x[0])
    assert ours == pytest.approx(right, abs=1e-6)


def test_KL_minus_2_JSD_is_that_divergence_as_sympy_writes_it_out():
    """Pointwise in p and q: no integral needed."""
    p, q = sympy.symbols("p q", positive=True)
    m = (p + q) / 2
    left = q * sympy.log(q / p) - p * sympy.log(p / m) - q * sympy.log(q / m)
    right = 2 * m * sympy.log(m / p)
    assert sympy.simplify(sympy.expand_log(left - right, force=True)) == 0


@pytest.mark.parametrize(("mean", "sd"), [(0.3, 1.0), (-0.8, 2.05), (-1.85, 1.14), (2.0, 0.8)])
def test_frozen_gradients_are_those_of_2_JSD_and_of_KL_minus_2_JSD(mean, sd):
    x = np.linspace(-14, 14, 2801)
    dx = x[1] - x[0]
    p = mixture_density(x, [-2, 2], [1, 1], [0.7, 0.3])

    def divergences(place):
        q = normal_density(x, *place)
        twice = 2 * jensen_shannon_divergence(p, q, dx)
        return np.array([twice, kl_divergence(q, p, dx) - twice])

    h, place = 1e-5, np.array([mean, sd])
    for j in (0, 1):
        step = h * np.eye(2)[j]
        numeric = (divergences(place + step) - divergences(place - step)) / (2 * h)
        for i, kind in enumerate(KINDS):
            ours = generator_slopes_on_grid(mean, sd, x, p, kind)
            assert ours[j] == pytest.approx(numeric[i], abs=1e-6)


# --- a generator that cannot reach the data ------------------------------------------------


def jsd_of(place, part_sd):
    x = np.linspace(-14, 14, 2801)
    p = mixture_density(x, [-2, 2], [part_sd, part_sd], [0.7, 0.3])
    q = normal_density(x, place[0], np.exp(place[1]))
    return jensen_shannon_divergence(p, q, x[1] - x[0])


def test_the_saturating_end_is_the_lowest_JSD_of_all_gaussians(fixed_point):
    ends = []
    for start in ([-2.0, 0.0], [0.0, 0.0], [2.0, 0.0], [-0.8, 0.7]):
        found = optimize.minimize(jsd_of, start, args=(1.0,), method="Nelder-Mead")
        ends.append((found.x[0], np.exp(found.x[1])))
    for end in ends:
        np.testing.assert_allclose(end, [-0.796, 2.046], atol=2e-3)
    np.testing.assert_allclose(fixed_point.paths["saturating"][0], ends[0], atol=2e-3)


def test_the_non_saturating_loss_goes_on_to_the_higher_bump(fixed_point):
    path = fixed_point.paths["non_saturating"]
    np.testing.assert_allclose(path[0], [-0.80, 2.05], atol=5e-3)
    np.testing.assert_allclose(path[-1], [-1.85, 1.14], atol=5e-3)
    stays = fixed_point.paths["saturating"]
    np.testing.assert_allclose(stays[-1], stays[0], atol=1e-6)
    goals = fixed_point._goals["non_saturating"]
    np.testing.assert_allclose(goals[0], [0.097, 0.154], atol=5e-4)
    np.testing.assert_allclose(goals[-1], [0.186, 0.106], atol=5e-4)
    assert (np.diff(goals[:, 1]) < 1e-9).all()
    grown = goals[-1] - goals[0]
    assert f"{grown.sum():.2f}" == "0.04" and f"{grown[0]:.2f}" == "0.09"  # KL(q‖p), 2 JSD
    assert "KL(q‖p) grows by 0.04, but 2 JSD grows by 0.09" in ask_where_it_goes.why


def test_the_non_saturating_end_is_where_scipy_ends_from_three_starts(fixed_point):
    x = np.linspace(-14, 14, 2801)
    dx = x[1] - x[0]
    p = mixture_density(x, [-2, 2], [1, 1], [0.7, 0.3])

    def goal(place):
        q = normal_density(x, place[0], np.exp(place[1]))
        return kl_divergence(q, p, dx) - 2 * jensen_shannon_divergence(p, q, dx)

    for start in ([-2.0, 0.0], [-0.8, 0.7], [2.0, 0.0]):
        found = optimize.minimize(goal, start, method="Nelder-Mead")
        np.testing.assert_allclose([found.x[0], np.exp(found.x[1])], [-1.848, 1.142], atol=3e-3)


def test_with_narrower_bumps_JSD_has_two_valleys_the_lower_one_at_the_bump():
    broad = optimize.minimize(jsd_of, [-0.8, 0.6], args=(0.5,), method="Nelder-Mead")
    narrow = optimize.minimize(jsd_of, [-2.0, -0.7], args=(0.5,), method="Nelder-Mead")
    np.testing.assert_allclose([broad.x[0], np.exp(broad.x[1])], [-0.85, 1.86], atol=0.01)
    np.testing.assert_allclose([narrow.x[0], np.exp(narrow.x[1])], [-2.0, 0.5], atol=0.01)
    assert narrow.fun < broad.fun
