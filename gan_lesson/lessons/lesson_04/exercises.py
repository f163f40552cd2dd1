"""Exercises of lesson 04, two generator losses."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.mathematics.bce import bce_from_logits, sigmoid, softplus
from gan_lesson.lessons.mathematics.value import generator_slope_in_logit

_BATCHES = [
    (np.array([-5.0, 0.0, 2.0]),),
    (np.array([-1.0, -0.5, 0.25, 3.0]),),
]

SATURATING_SLOPE = Exercise(
    "saturating_slope",
    reference=lambda s: generator_slope_in_logit(s, "saturating"),
    cases=[(-5.0,), (0.5,), (3.0,), (np.array([-2.0, 0.0, 4.0]),)],
    mistakes=[
        (sigmoid, "The sign: log(1 − σ(s)) falls when s rises, so its slope is below 0."),
        (
            lambda s: -1 / (1 - sigmoid(s)),
            "That is the slope in D. The slope in s has one factor more: the sigmoid's own slope.",
        ),
        (
            lambda s: sigmoid(s) - 1,
            "That is the slope of the other loss, the non-saturating −log σ(s).",
        ),
        (
            lambda s: -sigmoid(s) * (1 - sigmoid(s)),
            "That is the sigmoid's slope alone, with a minus: the slope of the log is missing.",
        ),
        (
            lambda s: -np.asarray(s),
            "You used the logit s where a probability belongs; D is σ(s).",
        ),
        (
            lambda s: -1 / (1 - np.asarray(s)),
            "That is the slope in D, and with the logit s where the probability σ(s) belongs.",
        ),
        (
            lambda s: -sigmoid(s) / np.log(2),
            "The logarithm's base: that is the slope of log2. All our logarithms are natural.",
        ),
        (
            lambda s: -sigmoid(s) / np.log(10),
            "The logarithm's base: that is the slope of log10. All our logarithms are natural.",
        ),
    ],
    hints=(
        "Chain rule: the slope of log(1 − D) in D, times the slope D(1 − D) of the sigmoid.",
        "One factor cancels. At s = 0, where D = ½, the result is −½.",
    ),
)

NON_SATURATING_LOSS = Exercise(
    "non_saturating_loss",
    reference=lambda s: np.mean(softplus(-np.asarray(s))),
    cases=[*_BATCHES, (np.array([-800.0, 1.0]),)],
    mistakes=[
        (
            lambda s: -np.mean(np.log(1 / (1 + np.exp(-s)))),
            "Right on paper, but at s = −800 σ(s) is rounded to 0, and its log is infinite.",
        ),
        (lambda s: np.sum(softplus(-s)), "That is the sum over the batch; the loss is the mean."),
        (lambda s: softplus(-s), "That is one number a sample; the loss of a batch is their mean."),
        (
            lambda s: np.mean(softplus(s)),
            "The label: that is BCE with label 0, D's own loss on these samples.",
        ),
        (
            lambda s: -np.mean(softplus(s)),
            "That is the saturating loss, log(1 − D(G(z))), not −log D(G(z)).",
        ),
        (
            lambda s: -np.mean(softplus(-s)),
            "The sign: −log of a probability is never below 0.",
        ),
        (
            lambda s: -np.mean(np.log(s)),
            "You took the logit s for a probability; log s is not even defined below 0.",
        ),
        (
            lambda s: np.mean(softplus(-s)) / np.log(2),
            "The logarithm's base: that is log2, bits. All our logarithms are natural.",
        ),
        (
            lambda s: np.mean(softplus(-s)) / np.log(10),
            "The logarithm's base: that is log10. All our logarithms are natural.",
        ),
    ],
    hints=(
        "Write −log σ(s) without σ: σ(s) = 1 / (1 + e^−s), so −log σ(s) = log(1 + e^−s).",
        "softplus(t) = log(1 + e^t), safely. Which t? And then the mean over the batch.",
    ),
)

FLIPPED_LABEL = Exercise(
    "generator_step_loss",
    reference=lambda s: np.mean(bce_from_logits(s, 1.0)),
    cases=_BATCHES,
    mistakes=[
        (
            lambda s: np.mean(bce_from_logits(s, 0.0)),
            "Label 0 is the true origin. Going down that loss, G would make D surer of itself.",
        ),
        (
            lambda s: np.mean(bce_from_logits(s, 0.5)),
            "Label ½ is smallest where D says ½ everywhere. In its step G wants to pass as real.",
        ),
        (
            lambda s: np.mean(bce_from_logits(s, sigmoid(s))),
            "A label is an origin, 0 or 1. You gave D's own prediction.",
        ),
        (
            lambda s: -np.mean(bce_from_logits(s, 0.0)),
            "That is the saturating loss. It keeps label 0 and flips the sign; flip the label.",
        ),
        (
            lambda s: -np.mean(bce_from_logits(s, 1.0)),
            "The label is flipped, but the sign too. Flip one of the two.",
        ),
        (
            lambda s: np.sum(bce_from_logits(s, 1.0)),
            "That is the sum over the batch; the loss is the mean.",
        ),
    ],
    hints=(
        "What would G like D to think of G(z)?",
        "In D's step generated samples carry label 0. There is only one other label.",
    ),
)

RATIO = Exercise(
    "ratio",
    reference=lambda s: np.exp(-np.asarray(s, dtype=float)),
    cases=[(-5.0,), (0.5,), (3.0,), (np.array([-2.0, 0.0, 4.0]),)],
    mistakes=[
        (lambda s: np.exp(np.asarray(s)), "Upside down: non-saturating above, saturating below."),
        (
            lambda s: -np.exp(-np.asarray(s)),
            "The sign: both slopes are negative, so their ratio is positive.",
        ),
        (
            lambda s: 1 - 2 * sigmoid(s),
            "That is the difference of the two sizes, not their ratio.",
        ),
        (
            lambda s: (1 - np.asarray(s)) / np.asarray(s),
            "You used the logit s where a probability belongs; D is σ(s).",
        ),
        (
            lambda s: 2.0 ** -np.asarray(s),
            "The base: with natural logarithms the odds are powers of e, not of 2.",
        ),
        (
            lambda s: 10.0 ** -np.asarray(s),
            "The base: with natural logarithms the odds are powers of e, not of 10.",
        ),
    ],
    hints=(
        "The sizes are 1 − D and D. Divide the first by the second, then put D = σ(s).",
        "D / (1 − D) are the odds, and s is their logarithm.",
    ),
)

check_saturating_slope = SATURATING_SLOPE.check
check_non_saturating_loss = NON_SATURATING_LOSS.check
check_generator_step_loss = FLIPPED_LABEL.check
check_ratio = RATIO.check
