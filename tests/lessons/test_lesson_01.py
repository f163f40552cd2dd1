"""Lesson 01, from coin flips to binary cross-entropy: every number, and its predictions."""

import re

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
import sympy
from lesson_text import LessonText, lock_and_reveal

from gan_lesson.lessons.lesson_01 import questions
from gan_lesson.lessons.lesson_01.explorers import SlopeExplorer
from gan_lesson.lessons.mathematics.bce import (
    bce_from_logits,
    bce_from_probability,
    bce_slope_in_logit,
    bce_slope_in_probability,
    sigmoid,
    softplus,
)

LESSON = LessonText("01_coin_flips_to_binary_cross_entropy")
TEXT, cell_with, run, printed = LESSON.text, LESSON.cell_with, LESSON.run, LESSON.printed
FLIPS = np.array([1, 1, 0, 1, 1, 1, 0, 1, 0, 1])


def taught(name, tag="answer"):
    """The function of an exercise; the lesson's own sigmoid is known to it."""
    return run(cell_with("def sigmoid(s)"), cell_with(f"def {name}(", tag))[name]


# 1. One flip, two prices


def test_said_08_costs_little_if_heads_and_much_if_tails():
    heads, tails = bce_from_probability(0.8, 1), bce_from_probability(0.8, 0)
    assert f"{heads:.4f} {tails:.4f}" == "0.2231 1.6094"
    assert heads == pytest.approx(-scipy.stats.bernoulli(0.8).logpmf(1))
    assert tails == pytest.approx(-scipy.stats.bernoulli(0.8).logpmf(0))


def test_wrong_at_99_is_exactly_twice_as_dear_as_wrong_at_9():
    at_9, at_99 = -sympy.log(sympy.Rational(1, 10)), -sympy.log(sympy.Rational(1, 100))
    assert sympy.expand_log(at_99 / at_9, force=True).equals(2)
    assert f"{float(at_9):.3f} {float(at_99):.3f}" == "2.303 4.605"
    assert bce_from_probability(0.99, 0) == pytest.approx(2 * bce_from_probability(0.9, 0))
    assert f"{bce_from_probability(0.999, 0):.3f}" == "6.908"  # the teacher's question
    assert 3 * float(at_9) == pytest.approx(bce_from_probability(0.999, 0))


def test_one_half_costs_log_2_whatever_the_label():
    assert bce_from_probability(0.5, [0, 1]) == pytest.approx([0.693, 0.693], abs=5e-4)


# 2. Why the logarithm


def test_seven_of_ten_heads_are_most_likely_at_seven_tenths():
    likelihood = run(cell_with("def likelihood("))["likelihood"]
    for p, told in ((0.5, "0.000977"), (0.7, "0.002224"), (0.9, "0.000478")):
        assert likelihood(p, FLIPS) == pytest.approx(scipy.stats.bernoulli(p).pmf(FLIPS).prod())
        assert f"{likelihood(p, FLIPS):.6f}" == told
        assert f"p = {p}: L = {told}" in printed("def likelihood(")
    best = scipy.optimize.minimize_scalar(
        lambda p: -likelihood(p, FLIPS), bounds=(0, 1), method="bounded"
    )
    assert best.x == pytest.approx(0.7, abs=1e-4)
    p = sympy.symbols("p", positive=True)
    assert sympy.solve(sympy.diff(7 * sympy.log(p) + 3 * sympy.log(1 - p), p), p) == [
        sympy.Rational(7, 10)
    ]


def test_the_product_of_2000_halves_is_0_to_a_computer_and_its_logarithm_is_not():
    assert np.prod(np.full(2000, 0.5)) == 0.0
    assert 2000 * np.log(0.5) == pytest.approx(-1386.3, abs=0.05)
    assert round(2000 * np.log10(0.5)) == -602 < np.log10(np.finfo(np.float64).tiny)
    assert printed("factors = ") == "product: 0.0\nsum of logarithms: -1386.3\n"


def test_the_mean_log_loss_of_three_constant_predictions():
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    for p, told in ((0.5, "0.6931"), (0.7, "0.6109"), (0.9, "0.7645")):
        assert f"{log_loss(FLIPS, np.full(10, p)):.4f}" == told
        assert f"always p = {p}: BCE = {told} nats" in printed("np.full(10, p), flips")


def test_claim_1_without_the_minus_the_worst_prediction_gets_the_lowest_loss():
    claimed = [np.log(p) for p in (0.1, 0.5, 0.9)]
    assert claimed == sorted(claimed)
    for p, told in ((0.1, "-2.303"), (0.5, "-0.693"), (0.9, "-0.105")):
        assert f"{np.log(p):.3f}" == told
        assert f"p = {p}, y = 1: the claimed loss is {told}" in printed("claimed =")


def test_the_share_of_heads_is_the_best_p_whatever_fell():
    p, k, n = sympy.symbols("p k n", positive=True)
    slope = sympy.diff(-(k * sympy.log(p) + (n - k) * sympy.log(1 - p)) / n, p)
    assert sympy.simplify(slope - (p - k / n) / (p * (1 - p))) == 0
    said = -(k / n) / p + (1 - k / n) / (1 - p)  # as the lesson writes it
    assert sympy.simplify(slope - said) == 0
    assert r"-\frac{k/n}{p} + \frac{1 - k/n}{1-p} = \frac{p - k/n}{p(1-p)}" in TEXT
    grid = np.linspace(0.001, 0.999, 999)
    for heads in range(11):  # at 0 and 10 it is the end of the grid, and the slope is 0 / 0 at p
        likeliest = grid[scipy.stats.binom(10, grid).pmf(heads).argmax()]
        assert likeliest == pytest.approx(np.clip(heads / 10, 0.001, 0.999))


# 3. From a coin to an image


def test_the_mean_over_six_images_is_the_mean_of_the_means_over_two_halves():
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    d_real, d_fake = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1, 0.5])
    six = log_loss([1, 1, 1, 0, 0, 0], np.r_[d_real, d_fake])
    halves = log_loss([1] * 3, d_real, labels=[0, 1]), log_loss([0] * 3, d_fake, labels=[0, 1])
    assert six == pytest.approx(np.mean(halves))
    said = printed("d_fake = np.array([0.3")
    for number in (*halves, six, sum(halves)):
        assert f"{number:.4f}" in said
    assert six == pytest.approx(sum(halves) / 2)
    assert f"{6 * six:.4f}" == "1.9945" and "a third number, 1.9945" in TEXT


def test_claim_26_one_half_costs_log_2_whatever_the_images_are():
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    for n_real in (10, 50, 90):
        y = np.repeat([1, 0], [n_real, 100 - n_real])
        assert log_loss(y, np.full(100, 0.5)) == pytest.approx(np.log(2))
        assert f"{n_real} % real: always ½ pays 0.6931 nats" in printed("always ½ pays")
    assert f"{log_loss(y, np.full(100, 0.9)):.3f}" == "0.325"  # the teacher's question


# 4. The logit, and two slopes


def test_both_branches_are_softplus():
    s = np.linspace(-30, 30, 61)
    assert softplus(s) == pytest.approx(np.logaddexp(0, s))
    assert bce_from_logits(s, 1) == pytest.approx(-scipy.special.log_expit(s))
    assert bce_from_logits(s, 0) == pytest.approx(-scipy.special.log_expit(-s))
    assert 1 - sigmoid(s) == pytest.approx(sigmoid(-s))
    assert scipy.special.logit(0.8) == pytest.approx(1.3863, abs=5e-5)
    assert "logit 1.3863, probability 0.8\ny = 1: 0.2231 = 0.2231" in printed("def sigmoid(s)")


def test_the_slope_in_the_logit_is_prediction_minus_label():
    s, y = sympy.symbols("s y")
    p = 1 / (1 + sympy.exp(-s))
    q = sympy.symbols("q")
    loss = -(y * sympy.log(q) + (1 - y) * sympy.log(1 - q))
    in_p, own = sympy.diff(loss, q), sympy.diff(p, s)
    assert sympy.simplify(in_p - (q - y) / (q * (1 - q))) == 0
    assert sympy.simplify(in_p + y / q - (1 - y) / (1 - q)) == 0
    assert sympy.simplify(own - p * (1 - p)) == 0
    assert sympy.simplify(in_p.subs(q, p) * own - (p - y)) == 0
    assert sympy.simplify(own - sympy.exp(-s) / (1 + sympy.exp(-s)) ** 2) == 0
    assert r"$\frac{e^{-s}}{(1 + e^{-s})^2} = p(1-p)$ in s" in TEXT


def test_the_slopes_that_the_lesson_names():
    assert f"{bce_slope_in_probability(sigmoid(-4), 1):.1f}" == "-55.6"
    assert f"{bce_slope_in_probability(sigmoid(-8), 1):.0f}" == "-2982"
    p = np.linspace(1e-6, 1 - 1e-6, 10_001)
    steep = np.abs(bce_slope_in_probability(p, 1)) > 100
    assert steep.any() and (p * (1 - p))[steep].max() < 0.01  # tiny wherever the other is huge
    assert (p * (1 - p))[-1] < 0.01 and not steep[-1]  # and not only there
    s = np.linspace(-50, 50, 101)
    assert -1 <= bce_slope_in_logit(s, 1).min() and bce_slope_in_logit(s, 1).max() <= 0
    assert 0 <= bce_slope_in_logit(s, 0).min() and bce_slope_in_logit(s, 0).max() <= 1
    said = printed("measured = ")
    for s, y in ((-4.0, 1), (2.0, 1), (2.0, 0)):
        slope = scipy.optimize.approx_fprime([s], lambda t, y=y: bce_from_logits(t[0], y))[0]
        assert f"s = {s}, y = {y}: formula {slope:+.4f}, measured {slope:+.4f}" in said


def test_claim_17_log_d_has_a_maximum_only_if_d_may_say_1():
    x = sympy.symbols("x")
    assert sympy.maximum(sympy.log(x), x, sympy.Interval.Lopen(0, 1)) == 0
    said = printed("np.log(d).max()")
    assert "the largest log D(x) is 0, found at D(x) = 1" in said
    logit = sympy.symbols("s", real=True)
    log_d = -sympy.log(1 + sympy.exp(-logit))
    assert sympy.limit(log_d, logit, sympy.oo) == 0  # as near as you like,
    assert sympy.diff(log_d, logit).subs(logit, 3) > 0  # always rising,
    assert sympy.solve(log_d, logit) == []  # and never there
    for s in (5, 10, 15):
        assert scipy.special.log_expit(s) < 0
        assert f"logit {s}: log D(x) = {scipy.special.log_expit(s):.7f}" in said


# 5. Losses take logits; what float32 does to a logarithm


def test_at_20_float32_goes_wrong_through_the_probability_and_not_from_the_logit():
    s = np.float32(20)
    assert 1 / (1 + np.exp(-s)) == 1 and (1 / (1 + np.exp(-s))).dtype == np.float32
    said = printed("the infinity is the lesson")
    assert said == "through the probability: inf\nfrom the logit: 20.0\n"
    assert f"{20 + scipy.special.log1p(np.exp(-20.0)):.9f}" == "20.000000002"  # softplus(20)
    assert "The true loss is 20.000000002." in TEXT


def test_float32_loses_the_loss_from_16_6_and_from_minus_88_7():
    s = np.arange(0, 100, 0.001, dtype=np.float32)
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-s))
        q = 1 / (1 + np.exp(s))
        assert f"{s[np.isinf(np.log(1 - p))][0]:.1f}" == "16.6"
        assert f"{s[np.isinf(np.log(q))][0]:.1f}" == "88.7"
    assert "-inf from s = 16.64 on, log(sigmoid(s)) from -88.73 down" in printed("np.isinf")
    one = np.float32(1)
    assert np.spacing(one) == 2.0**-23 and one + np.float32(2**-24) == one
    assert f"{24 * np.log(2):.3f}" == "16.636" and "$2^{-24} = e^{-16.636}$" in TEXT
    with np.errstate(over="ignore"):
        sums = 1 + np.exp(-s)
        assert s[sums == 1][0] == pytest.approx(24 * np.log(2), abs=2e-3)
        assert f"{s[np.isinf(np.exp(s))][0]:.1f}" == "88.7"  # e^88.7 overflows
    assert np.log(np.finfo(np.float32).max) == pytest.approx(88.72, abs=5e-3)
    said = printed("np.isinf")
    for logit, told in ((10, "10.000"), (15, "14.844"), (16.6, "15.942"), (16.7, "   inf")):
        assert f"s = {logit:5.1f}: -log(1 - sigmoid(s)) = {told}" in said
    for logit in (10.0, 15.0, 16.6, 100.0):
        assert 0 <= softplus(logit) - logit < 5e-5, "larger by at most 0.00005"


def test_nothing_in_this_loss_keeps_logits_small():
    s, y = np.array([0.3, 2.0, -0.1, -4.0]), np.array([1, 1, 0, 0])  # every sign is right
    losses = [bce_from_logits(2.0**k * s, y).mean() for k in range(8)]
    assert (np.diff(losses) < 0).all() and losses[-1] > 0
    logit = sympy.symbols("s", real=True)
    assert sympy.solve(1 / (1 + sympy.exp(-logit)) - 1, logit) == []  # y = 1: the slope is not 0


def test_bceloss_keeps_the_slope_longer_where_y_is_1():
    torch = pytest.importorskip("torch")
    for s, told in ((-27.0, "-1.00"), (-30.0, "-0.09"), (-89.0, "-0.00")):
        logit = torch.tensor([s], requires_grad=True)
        loss = torch.nn.BCELoss()(torch.sigmoid(logit), torch.tensor([1.0]))
        assert f"{torch.autograd.grad(loss, logit)[0].item():.2f}" == told
    for s, slope in ((16.6, 1.0), (16.7, 0.0)):
        logit = torch.tensor([s], requires_grad=True)
        loss = torch.nn.BCELoss()(torch.sigmoid(logit), torch.tensor([0.0]))
        assert torch.autograd.grad(loss, logit)[0].item() == pytest.approx(slope, abs=1e-6)


def test_log1p_keeps_what_1_plus_u_rounds_away():
    u = np.float32(2**-25)
    assert np.log(1 + u) == 0 and np.log1p(u) == pytest.approx(u)


def test_the_value_function_is_minus_twice_the_bce_of_a_balanced_batch():
    d_real, d_fake = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1, 0.5])
    value = np.log(d_real).mean() + np.log(1 - d_fake).mean()
    bce = bce_from_probability(np.r_[d_real, d_fake], np.repeat([1, 0], 3)).mean()
    assert value == pytest.approx(-2 * bce)


def test_the_slopes_of_the_two_generator_losses_in_the_logit():
    s = sympy.symbols("s")
    p = 1 / (1 + sympy.exp(-s))
    assert sympy.simplify(sympy.diff(sympy.log(1 - p), s) + p) == 0
    assert sympy.simplify(sympy.diff(-sympy.log(p), s) + 1 - p) == 0


def test_bceloss_hides_it_and_the_loss_from_logits_does_not():
    torch = pytest.importorskip("torch")
    s = torch.tensor([20.0], requires_grad=True)
    y = torch.tensor([0.0])
    hidden = torch.nn.BCELoss()(torch.sigmoid(s), y)
    assert hidden.item() == 100 and torch.autograd.grad(hidden, s)[0].item() == 0
    honest = torch.nn.BCEWithLogitsLoss()(s, y)
    assert honest.item() == pytest.approx(20)
    assert torch.autograd.grad(honest, s)[0].item() == pytest.approx(1)
    assert printed("autograd.grad") == "loss 100.0, slope in s 0.0\nloss  20.0, slope in s 1.0\n"


def test_five_ways_give_one_number():
    numbers = set(re.findall(r"\d\.\d{6}", said := printed("scikit-learn  ")))
    assert len(said.splitlines()) == 5 and len(numbers) == 1
    logits, labels = np.array([2.2, 0.4, 1.4, -0.8, -2.2, 0.0]), np.array([1, 1, 1, 0, 0, 0])
    probability = np.where(labels == 1, scipy.special.expit(logits), scipy.special.expit(-logits))
    assert f"{-np.log(probability).mean():.6f}" in numbers


# The predictions


def ask(question, option):
    control = getattr(questions, question)()
    control.sure.value = 0.99
    return lock_and_reveal(control, option)


def test_the_truths_are_computed_not_remembered():
    torch = pytest.importorskip("torch")
    assert ask("ask_how_much_dearer", "a tenth more").row["truth"] == "exactly twice as much"
    s = torch.tensor([20.0], requires_grad=True)
    loss = torch.nn.BCELoss()(torch.sigmoid(s), torch.tensor([0.0]))
    (slope,) = torch.autograd.grad(loss, s)
    assert ask("ask_bceloss_at_20", "infinite").row["truth"] == f"{slope.item():.0f}"
    assert f"returns {loss.item():.0f}" in questions.ask_bceloss_at_20().question


def test_the_curve_of_slopes():
    torch = pytest.importorskip("torch")
    control = lock_and_reveal(questions.ask_slope_in_logit(), -4)
    s = torch.tensor(questions.PLACES, dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        s, torch.ones_like(s), reduction="sum"
    )
    assert control.row["truth"] == pytest.approx(torch.autograd.grad(loss, s)[0].tolist())
    low, high = control.sliders[0].min, control.sliders[0].max
    assert all(low < slope < high for slope in control.row["truth"])


@pytest.mark.parametrize(
    "said, right",
    [
        (lambda s: bce_slope_in_logit(s, 1), True),
        (lambda s: bce_slope_in_probability(sigmoid(s), 1), False),  # the named misconception
        (lambda s: bce_from_logits(s, 1), False),  # the loss itself
        (lambda s: -bce_slope_in_logit(s, 1), False),
        (lambda s: bce_slope_in_logit(s, 0), False),
        (lambda s: np.full(5, -0.5), False),
    ],
)
def test_a_curve_is_right_to_the_sliders_precision_and_a_misconception_is_not(said, right):
    control = questions.ask_slope_in_logit()
    for slider, height in zip(
        control.sliders, said(np.array(questions.PLACES, float)), strict=True
    ):
        steps = round((height - slider.min) / slider.step)
        slider.value = min(max(slider.min + steps * slider.step, slider.min), slider.max)
    assert lock_and_reveal(control).row["right"] is right


def test_what_bceloss_replaces_is_told_before_it_is_asked_for_and_its_slope_is_not():
    before = LESSON.visible.split("lesson_01.ask_bceloss_at_20()")[0]
    assert "`BCELoss` receives p and replaces each logarithm below −100 by −100" in before
    assert "teaches nothing" not in before


def test_the_legend_of_the_slopes_fades_with_the_curve_that_is_not_asked_for():
    explorer = SlopeExplorer(s=-4.0, y=1)
    for y in (1, 0):
        explorer.y.value = y
        handles = explorer._axes[0].get_legend().get_lines()
        shown = dict(zip((1, 0), handles, strict=True))
        assert shown[y].get_alpha() == 1 and shown[1 - y].get_alpha() == 0.25


# The exercises (answers_01.py has right and wrong answers to them)


def test_what_the_lesson_shows_is_what_the_package_does():
    random = np.random.default_rng(0)
    s = random.normal(0, 8, 200)
    y = random.integers(0, 2, 200)
    p = sigmoid(s)
    assert taught("bce")(p, y) == pytest.approx(bce_from_probability(p, y).mean())
    assert taught("bce_with_logits")(s, y) == pytest.approx(bce_from_logits(s, y).mean())
    assert taught("slope_in_logit")(s, y) == pytest.approx(bce_slope_in_logit(s, y))
    names = run(cell_with("def sigmoid(s)"), cell_with("def softplus(t)", "answer"))
    assert names["sigmoid"](s) == pytest.approx(sigmoid(s))
    assert names["softplus"](100 * s) == pytest.approx(softplus(100 * s))
