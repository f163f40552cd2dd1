"""Exercises of lesson 01, from coin flips to binary cross-entropy."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.mathematics.bce import (
    bce_from_logits,
    bce_from_probability,
    bce_slope_in_logit,
    bce_slope_in_probability,
    sigmoid,
    softplus,
)

_P = np.array([0.9, 0.2, 0.6, 0.7])
_Y = np.array([1, 0, 0, 1])


def _log_likelihoods(p, y):
    return y * np.log(p) + (1 - y) * np.log(1 - p)


def _mean_bce(p, y):
    """Return the mean of -[y log p + (1 - y) log(1 - p)], in nats."""
    return np.mean(bce_from_probability(p, y))


BCE = Exercise(
    "bce",
    reference=_mean_bce,
    cases=[
        (_P, _Y),
        (_P, np.array([1, 0, 1, 1])),  # unbalanced: the mean of two class means is another number
        (np.array([0.8]), np.array([1])),
        (np.array([0.8]), np.array([0])),
        (0.3, 1),  # the lesson measures slopes with single numbers
        (0.3, 0),
    ],
    tolerance=1e-5,  # float32
    mistakes=[
        (lambda p, y: np.mean(_log_likelihoods(p, y)), "The sign: this is the log-likelihood."),
        (
            lambda p, y: -np.mean(_log_likelihoods(p, 1 - y)),
            "The labels are swapped: p is the probability of y = 1.",
        ),
        (
            lambda p, y: -np.mean(_log_likelihoods(p, y)) / np.log(2),
            "The logarithm has base 2: these are bits. np.log is the natural one.",
        ),
        (
            lambda p, y: -np.mean(_log_likelihoods(p, y)) / np.log(10),
            "The logarithm has base 10. np.log is the natural one.",
        ),
        (lambda p, y: -np.sum(_log_likelihoods(p, y)), "This is the sum, not the mean."),
        (
            lambda p, y: -np.mean(y * np.log(p)),
            "Only the flips with y = 1 pay: where y = 0 this costs nothing.",
        ),
        (
            lambda p, y: -np.mean((1 - y) * np.log(1 - p)),
            "Only the flips with y = 0 pay: where y = 1 this costs nothing.",
        ),
        (lambda p, y: -np.mean(np.log(p)), "The label is missing: every flip pays −log p."),
        (lambda p, y: np.mean((y - p) ** 2), "This is the squared error, without a logarithm."),
        (
            lambda p, y: np.mean(bce_from_logits(p, y)),
            "p was used as if it were a logit, but it already is a probability.",
        ),
    ],
    hints=(
        "A flip has the likelihood p if y = 1 and 1 − p if y = 0. Take minus the logarithm.",
        "Two terms: y times one logarithm, (1 − y) times the other, and a minus before both.",
    ),
)

_S = np.array([-3.0, -0.5, 0.0, 2.0])

SLOPE_IN_LOGIT = Exercise(
    "slope_in_logit",
    reference=bce_slope_in_logit,
    cases=[(_S, np.ones(4)), (_S, np.zeros(4)), (-4.0, 1), (2.0, 0)],
    tolerance=1e-5,  # float32
    mistakes=[
        (
            lambda s, y: bce_slope_in_probability(sigmoid(s), y),
            "This is the slope in p. The sigmoid's own slope is missing.",
        ),
        (lambda s, y: y - sigmoid(s), "The sign: a larger logit makes y = 1 cheaper."),
        (lambda s, y: sigmoid(s), "The label is missing: this is right for y = 0 only."),
        (lambda s, y: s - y, "The logit stands where its probability belongs."),
        (
            lambda s, y: bce_slope_in_probability(sigmoid(s), y) / (sigmoid(s) * sigmoid(-s)),
            "You divided by the sigmoid's slope, but the chain rule multiplies by it.",
        ),
        (
            lambda s, y: sigmoid(s) * sigmoid(-s),
            "This is the sigmoid's own slope. Multiply the slope in p by it.",
        ),
        (
            lambda s, y: bce_slope_in_probability(sigmoid(s), y) * sigmoid(s),
            "The sigmoid's slope is p(1 − p), not p.",
        ),
    ],
    hints=(
        "By the chain rule, multiply the slope of the loss in p by the slope of p in s.",
        "The denominator of the first factor cancels. Two letters and a minus are left.",
    ),
)

_LOGITS = np.array([-100, -20, -1, 0, 2, 20, 100], dtype=np.float32)
_ONES, _ZEROS = np.ones(7, np.float32), np.zeros(7, np.float32)


def _mean_bce_with_logits(s, y):
    """Return the mean of softplus(-s) where y = 1 and softplus(s) where y = 0, in nats."""
    return np.mean(bce_from_logits(s, y))


def _float32_sigmoid(s):
    return 1 / (1 + np.exp(-s))


BCE_WITH_LOGITS = Exercise(
    "bce_with_logits",
    reference=_mean_bce_with_logits,
    cases=[
        (_LOGITS[2:5], _ONES[2:5]),
        (_LOGITS[4:6], _ZEROS[4:6]),
        (_LOGITS, _ONES),
        (_LOGITS, _ZEROS),
        (_S, np.array([1, 0, 0, 1])),
        (_S, np.array([1, 0, 1, 1])),  # unbalanced
        (np.array([-200.0, 200.0]), np.array([1, 0])),  # where a logarithm clamped at −100 fails
    ],
    mistakes=[
        (
            lambda s, y: np.mean(np.minimum(bce_from_logits(s, y), 100.0)),
            "No loss may stop growing: something replaces a logarithm below −100 by −100.",
        ),
        (
            lambda s, y: -np.mean(_log_likelihoods(_float32_sigmoid(s), y)),
            "It uses the probability σ(s): in float32, 1 − σ(20) is 0.",
        ),
        (
            lambda s, y: (
                -np.mean(
                    np.where(y == 1, np.log(_float32_sigmoid(s)), np.log(1 - _float32_sigmoid(s)))
                )
            ),
            "It uses the probability σ(s): in float32, 1 − σ(20) is 0.",
        ),
        (
            lambda s, y: np.mean(y * np.log(1 + np.exp(-s)) + (1 - y) * np.log(1 + np.exp(s))),
            "e^100 overflows in float32. Use the softplus of the cell above.",
        ),
        (
            lambda s, y: np.mean(np.where(y == 1, np.log(1 + np.exp(-s)), np.log(1 + np.exp(s)))),
            "e^100 overflows in float32. Use the softplus of the cell above.",
        ),
        (
            lambda s, y: np.mean(y * softplus(s) + (1 - y) * softplus(-s)),
            "The labels are swapped: where y = 1, a large logit must cost little.",
        ),
        (
            lambda s, y: -np.mean(y * softplus(-s) + (1 - y) * softplus(s)),
            "The sign: softplus already is a loss, which is positive.",
        ),
        (
            lambda s, y: np.mean(bce_from_logits(sigmoid(s), y)),
            "The sigmoid came first: a probability stands where the logit belongs.",
        ),
        (lambda s, y: np.sum(bce_from_logits(s, y)), "This is the sum, not the mean."),
        (
            lambda s, y: np.mean(softplus(s) + y * s),
            "The term y s has the wrong sign: softplus(−s) = softplus(s) − s.",
        ),
        (lambda s, y: np.mean(softplus(-s)), "The label is missing: this is right for y = 1 only."),
        (lambda s, y: np.mean(softplus(s)), "The label is missing: this is right for y = 0 only."),
    ],
    hints=(
        "Which softplus is paid where y = 1, and which where y = 0? Section 4 has both.",
        "Add y times one softplus and (1 − y) times the other, without logarithm or sigmoid.",
    ),
    tolerance=1e-5,
)

check_bce = BCE.check
check_slope_in_logit = SLOPE_IN_LOGIT.check
check_bce_with_logits = BCE_WITH_LOGITS.check
