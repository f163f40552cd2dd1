"""Lesson 04 in numbers: two generator losses, their slopes, runs, divergences and end points."""

import re
import time

import numpy as np
import pytest
import sympy
from lesson_text import LessonText, lock_and_reveal
from scipy import integrate, optimize, special, stats

from gan_lesson.lessons.kit.verdict import FALSE
from gan_lesson.lessons.lesson_04 import exercises as lesson_04
from gan_lesson.lessons.lesson_04 import questions
from gan_lesson.lessons.lesson_04.descent import descend, generator_slopes_on_grid
from gan_lesson.lessons.lesson_04.explorers import (
    KINDS,
    FixedPointExplorer,
    RunsExplorer,
    TwoLossesExplorer,
)
from gan_lesson.lessons.mathematics.bce import bce_from_logits, sigmoid
from gan_lesson.lessons.mathematics.divergence import (
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    mixture_density,
    normal_density,
    shift_slopes,
)
from gan_lesson.lessons.mathematics.value import (
    generator_loss_from_logit,
    generator_slope_in_logit,
    generator_slope_in_probability,
)

LESSON = LessonText("04_two_generator_losses")


@pytest.fixture(scope="module")
def lesson():
    """The NumPy functions that the lesson writes out, and the grid they use."""
    losses = "loss_saturating", "loss_non_saturating"
    runs = "slope_in_m", "places_with_sgd", "steps_with_adam"
    return LESSON.define(*losses, *runs, "z", "weight")


@pytest.fixture(scope="module")
def runs():
    return RunsExplorer()


@pytest.fixture(scope="module")
def fixed_point():
    return FixedPointExplorer()


# --- section 1: two losses, slopes in D and in s ------------------------------------------


def test_slopes_are_the_derivatives_that_sympy_finds():
    s, d = sympy.symbols("s d", real=True)
    big_d = 1 / (1 + sympy.exp(-s))
    losses = {
        "saturating": (sympy.log(1 - big_d), sympy.log(1 - d)),
        "non_saturating": (-sympy.log(big_d), -sympy.log(d)),
    }
    for kind, (of_s, of_d) in losses.items():
        for place in (-5.0, -0.3, 0.0, 2.0):
            prob = float(special.expit(place))
            assert generator_loss_from_logit(place, kind) == pytest.approx(
                float(of_s.subs(s, place)), abs=1e-12
            )
            assert generator_slope_in_logit(place, kind) == pytest.approx(
                float(of_s.diff(s).subs(s, place)), abs=1e-12
            )
            assert generator_slope_in_probability(prob, kind) == pytest.approx(
                float(of_d.diff(d).subs(d, prob)), rel=1e-9
            )


def test_slope_in_s_is_slope_in_D_times_the_sigmoids_own_slope():
    s = np.linspace(-8, 8, 33)
    d = sigmoid(s)
    for kind in KINDS:
        product = generator_slope_in_probability(d, kind) * d * (1 - d)
        np.testing.assert_allclose(generator_slope_in_logit(s, kind), product, rtol=1e-9)


def test_the_numbers_at_s_minus_5():
    d = float(sigmoid(-5.0))
    assert d == pytest.approx(0.0067, abs=5e-5)
    assert d * (1 - d) == pytest.approx(0.0066, abs=5e-5)
    assert generator_slope_in_probability(d, "saturating") == pytest.approx(-1.007, abs=5e-4)
    assert generator_slope_in_probability(d, "non_saturating") == pytest.approx(-149.4, abs=0.05)
    assert generator_slope_in_logit(-5.0, "saturating") == pytest.approx(-0.0067, abs=5e-5)
    assert generator_slope_in_logit(-5.0, "non_saturating") == pytest.approx(-0.9933, abs=5e-5)


def test_the_sizes_differ_by_e_to_the_minus_s_and_148_times_at_minus_5():
    s = np.linspace(-8, 8, 33)
    ratio = generator_slope_in_logit(s, "non_saturating") / generator_slope_in_logit(
        s, "saturating"
    )
    np.testing.assert_allclose(ratio, np.exp(-s), rtol=1e-9)
    assert np.exp(5) == pytest.approx(148, abs=0.5)


def test_claim_3_the_slope_in_D_tends_to_minus_1_and_not_to_0():
    d = np.array([0.1, 0.01, 0.001])
    np.testing.assert_allclose(
        generator_slope_in_probability(d, "saturating"), [-1.111, -1.010, -1.001], atol=5e-4
    )


def test_the_lessons_losses_are_the_packages(lesson):
    import torch

    from gan_lesson.losses import generator_loss

    s = np.random.default_rng(0).normal(0, 6, (50, 1))
    for kind, written in zip(
        KINDS, (lesson["loss_saturating"], lesson["loss_non_saturating"]), strict=True
    ):
        np.testing.assert_allclose(written(s), generator_loss_from_logit(s, kind), atol=1e-12)
        of_torch = generator_loss(torch.tensor(s), kind)
        assert np.mean(written(s)) == pytest.approx(of_torch.item(), abs=1e-12)


def test_unknown_kinds_are_refused_by_name():
    for function in (generator_loss_from_logit, generator_slope_in_logit):
        with pytest.raises(ValueError, match="'minimax'.*'non_saturating' or 'saturating'"):
            function(0.0, "minimax")


# --- section 2: labels ---------------------------------------------------------------------


def test_saturating_is_minus_bce_with_label_0_and_non_saturating_bce_with_label_1():
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as bce

    s = torch.linspace(-9, 9, 19, dtype=torch.float64)
    zero = bce(s, torch.zeros_like(s), reduction="none").numpy()
    one = bce(s, torch.ones_like(s), reduction="none").numpy()
    np.testing.assert_allclose(generator_loss_from_logit(s, "saturating"), -zero, atol=1e-12)
    np.testing.assert_allclose(generator_loss_from_logit(s, "non_saturating"), one, atol=1e-12)


def test_claim_9_with_label_0_the_sum_of_y_log_D_is_0_and_with_1_it_is_6_447():
    log_d = special.log_expit(np.array([-5.0, -1.0, 2.0]))
    assert -np.sum(0 * log_d) == 0
    assert -np.sum(1 * log_d) == pytest.approx(6.4469, abs=5e-5)


# --- section 3: runs -----------------------------------------------------------------------


def slope_by_quadrature(m, kind):
    """The expectation over x ~ N(m, 1) by scipy: another route than the package's."""

    def integrand(x):
        d = special.expit(m * m / 2 - m * x)
        return stats.norm.pdf(x, m) * m * (d if kind == "saturating" else 1 - d)

    return integrate.quad(integrand, m - 12, m + 12, points=[0, m / 2, m], limit=400)[0]


@pytest.mark.parametrize(
    ("m", "saturating", "non_saturating"),
    [(1, 0.398, 0.60), (2, 0.450, 1.55), (4, 0.137, 3.86), (6, 0.012, 5.99), (8, 0.0004, 8.00)],
)
def test_table_of_slopes_in_m_by_three_routes(lesson, m, saturating, non_saturating):
    x = np.linspace(-12, 20, 3201)
    p, q = normal_density(x), normal_density(x, m)
    shifts = shift_slopes(d_star_logit(p, q), q, x[1] - x[0])
    for i, (kind, printed) in enumerate(
        (("saturating", saturating), ("non_saturating", non_saturating))
    ):
        truth = slope_by_quadrature(m, kind)
        assert truth == pytest.approx(printed, abs=6e-3 if printed > 0.1 else 5e-4)
        assert lesson["slope_in_m"](m, kind) == pytest.approx(truth, abs=1e-7)
        assert shifts[i] == pytest.approx(truth, abs=1e-7)
        on_grid = generator_slopes_on_grid(m, 1.0, x, p, kind)
        assert on_grid[0] == pytest.approx(truth, abs=1e-7)


def test_sgd_takes_677_and_34_steps_and_adam_81_and_219(lesson, runs):
    def steps_with_sgd(kind):
        return len(lesson["places_with_sgd"](kind)) - 1

    counted = {"sgd": steps_with_sgd, "adam": lesson["steps_with_adam"]}
    counts = {"sgd": (677, 34), "adam": (81, 219)}
    for optimizer, pair in counts.items():
        for kind, count in zip(KINDS, pair, strict=True):
            assert counted[optimizer](kind) == count
            assert int(np.argmax(runs.paths[optimizer, kind] <= 0.5)) == count


def test_the_saturating_run_creeps_before_it_rushes(lesson, runs):
    places = lesson["places_with_sgd"]("saturating")
    np.testing.assert_allclose(places[::100], [6, 5.86, 5.69, 5.47, 5.15, 4.61, 3.31], atol=5e-3)
    np.testing.assert_allclose(runs.paths["sgd", "saturating"][:678], places, atol=1e-6)


def test_from_m_14_adams_eps_turns_the_order_back(lesson):
    """2196 against 633, where without eps it would be 149; from 13 the rescue still holds."""
    steps = lesson["steps_with_adam"]
    found = {m: tuple(steps(kind, m) for kind in KINDS) for m in (10.0, 13.0, 14.0)}
    assert found == {10.0: (115, 423), 13.0: (200, 580), 14.0: (2196, 633)}
    assert steps("saturating", 14.0, eps=0.0) == 149
    assert slope_by_quadrature(14.0, "saturating") == pytest.approx(2.8e-11, rel=0.01)


def test_torchs_own_adam_takes_2196_steps_from_m_14_too(lesson):
    import torch

    m = torch.tensor(14.0, dtype=torch.float64, requires_grad=True)
    optimizer, steps = torch.optim.Adam([m], lr=0.05), 0
    while m.item() > 0.5 and steps < 3000:
        m.grad = torch.tensor(lesson["slope_in_m"](m.item(), "saturating"), dtype=torch.float64)
        optimizer.step()
        steps += 1
    assert steps == 2196


def test_34_sgd_steps_by_scipys_quadrature():
    m, steps = 6.0, 0
    while m > 0.5:
        m, steps = m - 0.1 * slope_by_quadrature(m, "non_saturating"), steps + 1
    assert steps == 34


def test_with_adam_both_leave_at_one_pace_and_the_saturating_run_overshoots(runs):
    first = {kind: 6.0 - runs.paths["adam", kind][5] for kind in KINDS}
    assert first["saturating"] == pytest.approx(first["non_saturating"], rel=0.03)
    assert runs.paths["adam", "saturating"].min() == pytest.approx(-0.2, abs=0.005)
    assert runs.paths["adam", "saturating"].argmin() == 101
    assert runs.paths["adam", "non_saturating"].min() > 0


def test_adam_here_is_torchs_adam():
    import torch

    target = torch.tensor([1.0, -2.0], dtype=torch.float64)
    place = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([place], lr=0.05)
    for _ in range(40):
        optimizer.zero_grad()
        ((place - target) ** 4).sum().backward()
        optimizer.step()
    ours = descend(lambda t: 4 * (t - target.numpy()) ** 3, [0.0, 0.0], 0.05, 40, "adam")
    np.testing.assert_allclose(ours[-1], place.detach().numpy(), rtol=1e-9)
    assert ours.shape == (41, 2)


def test_descend_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="'rmsprop'"):
        descend(lambda t: t, 1.0, 0.1, 5, "rmsprop")
    with pytest.raises(ValueError, match="n_steps 0"):
        descend(lambda t: t, 1.0, 0.1, 0)


@pytest.fixture(scope="module")
def first_arrivals():
    """Steps until G's mean passes 5.5, of each optimiser and loss, and how the stuck run ended.

    Both are lists over seeds 0 to 4; a step is None where G did not arrive in 200 steps.
    """
    import torch

    settings = (("SGD", torch.optim.SGD, 0.01), ("Adam", torch.optim.Adam, 0.005))
    steps, stuck = {}, []
    for name, optimizer, lr in settings:
        for loss in KINDS:
            for seed in range(5):
                trainer = trainer_far_from_the_data(loss, optimizer, lr, seed)
                step, mean, loss_d = arrival(trainer)
                steps.setdefault((name, loss), []).append(step)
                if (name, loss) == ("SGD", "saturating"):
                    stuck.append((mean, loss_d))
    return steps, stuck


def trainer_far_from_the_data(loss, optimizer, lr, seed):
    import torch

    from gan_lesson.data import Mixture
    from gan_lesson.networks import small_pair
    from gan_lesson.trainer import Trainer

    G, D = small_pair(sample_dim=1, latent_dim=1, seed=seed)
    return Trainer(
        G, D, Mixture([[6.0]], sd=1.0), batch_size=128, d_steps=5, loss=loss,
        seed=seed, threads=1, optimizer_g=optimizer(G.parameters(), lr=lr),
        optimizer_d=torch.optim.Adam(D.parameters(), lr=0.01),
    )  # fmt: skip


def arrival(trainer):
    """The step at which G's mean passes 5.5, or None; G's mean and D's loss at the end."""
    import torch

    z = torch.linspace(-2, 2, 41).unsqueeze(1)
    for record in trainer.run(200):
        mean = trainer.G(z).mean().item()
        if mean > 5.5:
            return record.step, mean, record.loss_d
    return None, mean, record.loss_d


@pytest.mark.trains
def test_with_networks_only_sgd_on_the_saturating_loss_stays_where_it_was(
    first_arrivals, run_number
):
    steps, stuck = first_arrivals
    assert steps["SGD", "saturating"] == [None] * 5
    assert max(abs(mean) for mean, _ in stuck) < 1
    others = {key: found for key, found in steps.items() if key != ("SGD", "saturating")}
    assert all(step is not None and step < 80 for found in others.values() for step in found)
    run_number(
        "04",
        "SGD on the saturating loss does not leave, on the non-saturating loss it arrives within "
        "tens of steps, and Adam frees the saturating run.",
        **{f"steps, {name} {loss}": found for (name, loss), found in others.items()},
        mean_of_the_run_that_stays=[mean for mean, _ in stuck],
    )
    pairs = zip(steps["Adam", "saturating"], steps["Adam", "non_saturating"], strict=True)
    behind = [slow - quick for slow, quick in pairs]
    assert min(behind) > 0
    run_number("04", "It does not win here, where D is learnt.", steps_behind=behind)


@pytest.mark.trains
def test_claim_13_d_separates_where_the_saturating_generator_starves(first_arrivals, run_number):
    losses = [loss_d for _, loss_d in first_arrivals[1]]
    assert max(losses) < 1e-4
    run_number("04", "In the first run D's loss was below 0.0001.", loss_d=losses)


# --- section 4: what the losses measure ----------------------------------------------------


@pytest.mark.parametrize("m", [1.0, 2.0, 4.0])
def test_the_two_losses_sum_to_KL_at_D_star(m):
    x = np.linspace(-12, 18, 3001)
    dx = x[1] - x[0]
    q = normal_density(x, m)
    s = d_star_logit(normal_density(x), q)
    total = sum(np.sum(q * generator_loss_from_logit(s, kind)) * dx for kind in KINDS)
    assert total == pytest.approx(m * m / 2, abs=1e-6)
    assert kl_divergence(q, normal_density(x), dx) == pytest.approx(m * m / 2, abs=1e-6)


@pytest.mark.parametrize("m", [0.5, 1.0, 2.0, 4.0, 6.0])
def test_at_frozen_D_star_the_two_slopes_in_m_add_up_to_m_because_those_in_s_add_to_minus_1(m):
    s = np.linspace(-30, 30, 61)
    total = sum(generator_slope_in_logit(s, kind) for kind in KINDS)
    np.testing.assert_allclose(total, -1, atol=1e-12)
    assert sum(slope_by_quadrature(m, kind) for kind in KINDS) == pytest.approx(m, abs=1e-9)


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


# --- section 5: a generator that cannot reach the data -------------------------------------


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


def test_claim_12_only_the_saturating_pair_of_slopes_adds_up_to_0():
    s = np.array([-5.0, 0.0, 5.0])
    of_d = special.expit(s)  # slope of softplus(s), D's loss on a generated sample
    np.testing.assert_allclose(of_d + generator_slope_in_logit(s, "saturating"), 0, atol=1e-12)
    np.testing.assert_allclose(
        of_d + generator_slope_in_logit(s, "non_saturating"), [-0.9866, 0, 0.9866], atol=5e-5
    )


# --- the exercises -------------------------------------------------------------------------

EXERCISES = [
    (lesson_04.SATURATING_SLOPE, lambda s: -special.expit(s)),
    (lesson_04.RATIO, lambda s: np.exp(-s)),
    (lesson_04.FLIPPED_LABEL, lambda s: np.mean(bce_from_logits(s, np.ones_like(s)))),
    (lesson_04.NON_SATURATING_LOSS, lambda s: np.mean(np.logaddexp(0, -s))),
]


@pytest.mark.parametrize(("exercise", "right"), EXERCISES, ids=lambda e: getattr(e, "name", ""))
def test_answers_by_another_road_are_right(exercise, right):
    assert exercise.check(right) is right


# --- the predictions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "truth"), [(questions.ask_slope_in_d, -1.0067), (questions.ask_slope_in_s, -0.0067)]
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), round(truth, 2))
    assert question.row["right"] and question.row["truth"] == pytest.approx(truth, abs=1e-4)


# --- the explorers -------------------------------------------------------------------------


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def test_two_losses_over_its_whole_range():
    explorer = TwoLossesExplorer()
    seen = set()
    for s in np.linspace(-8, 8, 17):
        explorer.s.value = float(s)
        seen.add(shown(explorer))
    assert len(seen) == 17
    for i in range(200):  # a fast burst
        explorer.s.value = 8 * (-1) ** i * (i % 17) / 16
    explorer.s.value = -5.0
    told = shown(explorer)
    for number in ("−1.007", "−149.4", "−0.006693", "−0.9933", "148.4", "0.006648"):
        assert number in told


def test_two_losses_read_out_against_scipy():
    explorer = TwoLossesExplorer(s=2.5)
    d = special.expit(2.5)
    told = shown(explorer).replace("−", "-")
    for number in (-1 / (1 - d), -1 / d, -d, d - 1, d * (1 - d), np.exp(-2.5)):
        assert np.format_float_positional(number, 4, False, False, "-") in told


def test_runs_over_their_whole_range(runs):
    for optimizer in ("sgd", "adam"):
        runs.optimizer.value = optimizer
        seen = set()
        for step in (0, 1, 34, 81, 219, 677, 700):
            runs.step.value = step
            seen.add(shown(runs))
        assert len(seen) == 7
    for i in range(200):
        runs.step.value = (i * 37) % 701
        if i % 20 == 0:
            runs.optimizer.value = ("sgd", "adam")[i // 20 % 2]
    runs.optimizer.value, runs.step.value = "sgd", 34
    told = shown(runs).replace("−", "-")
    m = float(runs.paths["sgd", "non_saturating"][34])
    assert f"{m:.3f}" in told and m < 0.5
    assert f"{slope_by_quadrature(m, 'non_saturating'):.4f}" in told


def test_fixed_point_over_its_whole_range(fixed_point):
    for kind in KINDS:
        fixed_point.kind.value = kind
        seen = set()
        for step in (0, 1, 100, 200):
            fixed_point.step.value = step
            seen.add(shown(fixed_point))
        assert len(seen) == 4
    for i in range(200):
        fixed_point.step.value = (i * 37) % 201
    fixed_point.kind.value, fixed_point.step.value = "non_saturating", 200
    assert "N(−1.85, 1.14²)" in shown(fixed_point)


def test_an_explorer_loads_no_torch_and_runs_are_ready_at_once():
    import subprocess
    import sys

    program = "import sys, gan_lesson.lessons.lesson_04; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout.strip() == "False"
    start = time.process_time()
    RunsExplorer()
    assert time.process_time() - start < 5


def test_choices_reveal_what_the_other_tests_found():
    found = {
        questions.ask_claim_about_the_small_gradient: (
            "true of the slope in s, false of the slope in D"
        ),
        questions.ask_claim_about_labels: FALSE,
        questions.ask_loss_with_label_zero: "0, always",
        questions.ask_adam_rescue: "yes, the saturating run even arrives first",  # 81 < 219
        questions.ask_where_it_goes: "to the higher bump",  # N(-1.85, 1.14^2)
        questions.ask_claim_about_the_same_game: FALSE,
    }
    for ask, truth in found.items():
        assert lock_and_reveal(ask(), truth).row["truth"] == truth
