"""Exercises of lesson 04, two generator losses."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.mathematics.bce import bce_from_logits, sigmoid, softplus
from gan_lesson.lessons.mathematics.value import generator_slope_in_logit

_FLOAT32 = 1e-5  # the tolerance that an answer in single precision meets
_LOGITS = [(-5.0,), (0.5,), (3.0,), (np.array([-2.0, 0.0, 4.0]),)]
_BATCHES = [
    (np.array([-5.0, 0.0, 2.0]),),
    (np.array([-1.0, -0.5, 0.25, 3.0]),),
    (np.array([-12.0, 9.0]),),
]

SATURATING_SLOPE = Exercise(
    "saturating_slope",
    reference=lambda s: generator_slope_in_logit(s, "saturating"),
    cases=_LOGITS,
    mistakes=[
        (sigmoid, "The sign is wrong: log(1 − σ(s)) falls when s rises, so its slope is below 0."),
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
            "That is only the sigmoid's slope with a minus. The slope of the logarithm is missing.",
        ),
        (
            lambda s: -np.asarray(s),
            "You used the logit s where the probability D = σ(s) belongs.",
        ),
        (
            lambda s: -1 / (1 - np.asarray(s)),
            "That is the slope in D, and it has the logit s where the probability σ(s) belongs.",
        ),
        (
            lambda s: -softplus(s),
            "That is the loss itself. The exercise asks for its slope.",
        ),
        (
            lambda s: -sigmoid(s) / np.log(2),
            "That is the slope of a logarithm with base 2. All our logarithms are natural.",
        ),
        (
            lambda s: -sigmoid(s) / np.log(10),
            "That is the slope of a logarithm with base 10. All our logarithms are natural.",
        ),
    ],
    hints=(
        "By the chain rule, multiply the slope of log(1 − D) in D by the sigmoid's slope D(1 − D).",
        "One factor cancels. At s = 0, where D = ½, the result is −½.",
    ),
    tolerance=_FLOAT32,
)

FLIPPED_LABEL = Exercise(
    "generator_step_loss",
    reference=lambda s: np.mean(bce_from_logits(s, 1.0)),
    cases=_BATCHES,
    mistakes=[
        (
            lambda s: np.mean(bce_from_logits(s, 0.0)),
            "Label 0 is the true origin. Going down that loss, G would help D against G.",
        ),
        (
            lambda s: np.mean(bce_from_logits(s, 0.5)),
            "With label ½ the loss is lowest where D says ½. But G wants D to say that it is real.",
        ),
        (
            lambda s: np.mean(bce_from_logits(s, sigmoid(s))),
            "A label is 0 or 1. You gave D's own prediction.",
        ),
        (
            lambda s: -np.mean(bce_from_logits(s, 0.0)),
            "That is the saturating loss: it keeps label 0 and changes the sign. Change the label.",
        ),
        (
            lambda s: -np.mean(bce_from_logits(s, 1.0)),
            "You changed the label and the sign too. Change only one of them.",
        ),
        (
            lambda s: np.sum(bce_from_logits(s, 1.0)),
            "That is the sum over the batch. The loss is the mean.",
        ),
        (
            lambda s: bce_from_logits(s, 1.0),
            "That is one number for each sample. The loss of a batch is their mean.",
        ),
    ],
    hints=(
        "Which answer does G want from D when D sees a generated sample?",
        "In D's step generated samples have the label 0. There is only one other label.",
    ),
    tolerance=_FLOAT32,
)

RATIO = Exercise(
    "ratio",
    reference=lambda s: np.exp(-np.asarray(s, dtype=float)),
    cases=_LOGITS,
    mistakes=[
        (
            lambda s: np.exp(np.asarray(s)),
            "That is the ratio upside down. Divide the non-saturating slope by the saturating one.",
        ),
        (
            lambda s: -np.exp(-np.asarray(s)),
            "The sign is wrong: both slopes are negative, so their ratio is positive.",
        ),
        (
            lambda s: 1 - 2 * sigmoid(s),
            "That is the difference of the two sizes. The exercise asks for their ratio.",
        ),
        (
            lambda s: (1 - np.asarray(s)) / np.asarray(s),
            "You used the logit s where the probability D = σ(s) belongs.",
        ),
        (
            lambda s: 2.0 ** -np.asarray(s),
            "The base is wrong: with natural logarithms the ratio is a power of e, and not of 2.",
        ),
        (
            lambda s: 10.0 ** -np.asarray(s),
            "The base is wrong: with natural logarithms the ratio is a power of e, and not of 10.",
        ),
    ],
    hints=(
        "The sizes are 1 − D and D. Divide the first by the second, then put D = σ(s).",
        "The fraction D / (1 − D) is called the odds, and s is its logarithm.",
    ),
    tolerance=_FLOAT32,
)

check_saturating_slope = SATURATING_SLOPE.check
check_generator_step_loss = FLIPPED_LABEL.check
check_ratio = RATIO.check
