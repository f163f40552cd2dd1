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
    cases=[(_P, _Y), (np.array([0.8]), np.array([1])), (np.array([0.8]), np.array([0]))],
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
            "Only the branch y = 1 pays: where y = 0 this costs nothing.",
        ),
        (
            lambda p, y: -np.mean((1 - y) * np.log(1 - p)),
            "Only the branch y = 0 pays: where y = 1 this costs nothing.",
        ),
        (lambda p, y: -np.mean(np.log(p)), "The label never enters: every flip pays −log p."),
        (lambda p, y: np.mean((y - p) ** 2), "This is the squared error, without a logarithm."),
        (
            lambda p, y: np.mean(bce_from_logits(p, y)),
            "p went in as if it were a logit; it already is a probability.",
        ),
    ],
    hints=(
        "One flip has likelihood p if y = 1 and 1 − p if y = 0. Take the logarithm, then minus.",
        "Two terms: y times one logarithm, (1 − y) times the other, and a minus before both.",
    ),
)

_S = np.array([-3.0, -0.5, 0.0, 2.0])

SLOPE_IN_LOGIT = Exercise(
    "slope_in_logit",
    reference=bce_slope_in_logit,
    cases=[(_S, np.ones(4)), (_S, np.zeros(4))],
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
            "Divided by the sigmoid's slope, where the chain rule multiplies.",
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
        "Chain rule: how fast the loss moves with p, times how fast p moves with s.",
        "The denominator of the first factor cancels; two letters and a minus are left.",
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
    ],
    mistakes=[
        (
            lambda s, y: -np.mean(_log_likelihoods(_float32_sigmoid(s), y)),
            "It went through the probability: in float32, 1 − σ(20) is 0.",
        ),
        (
            lambda s, y: (
                -np.mean(
                    np.where(y == 1, np.log(_float32_sigmoid(s)), np.log(1 - _float32_sigmoid(s)))
                )
            ),
            "It went through the probability: in float32, 1 − σ(20) is 0.",
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
            "The labels are swapped: a large logit makes y = 1 cheap.",
        ),
        (
            lambda s, y: -np.mean(y * softplus(-s) + (1 - y) * softplus(s)),
            "The sign: softplus already is a loss, and positive.",
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
        "Which softplus does y = 1 pay, and which does y = 0 pay? The table above tells.",
        "y times one softplus plus (1 − y) times the other; no logarithm and no sigmoid.",
    ),
    tolerance=1e-5,
)


def _mean_bce_of_halves(d_real, d_fake):
    """Return the mean cross-entropy of a balanced batch, real labelled 1, generated 0."""
    return (_mean_bce(d_real, 1) + _mean_bce(d_fake, 0)) / 2


BATCH_BCE = Exercise(
    "batch_bce",
    reference=_mean_bce_of_halves,
    cases=[
        (np.array([0.8]), np.array([0.4])),
        (np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1, 0.5])),
    ],
    mistakes=[
        (
            lambda d_real, d_fake: 2 * _mean_bce_of_halves(d_real, d_fake),
            "The ½ is missing: this adds the two means, as if the batch were half as large.",
        ),
        (
            lambda d_real, d_fake: len(d_real) * 2 * _mean_bce_of_halves(d_real, d_fake),
            "This is the sum over the batch, not its mean.",
        ),
        (
            lambda d_real, d_fake: -_mean_bce_of_halves(d_real, d_fake),
            "The sign: both halves are losses already.",
        ),
        (
            lambda d_real, d_fake: (_mean_bce(d_real, 1) - _mean_bce(d_fake, 0)) / 2,
            "Both halves cost; subtracting would reward a mistake on the generated ones.",
        ),
        (
            lambda d_real, d_fake: _mean_bce_of_halves(d_real, d_fake) / 2,
            "One ½ too many: each half is a mean already.",
        ),
        (
            lambda d_real, d_fake: _mean_bce_of_halves(1 - d_real, 1 - d_fake),
            "The labels are swapped: real is 1, generated is 0.",
        ),
        (
            lambda d_real, d_fake: _mean_bce(d_real, 1),
            "Only the real half is counted.",
        ),
        (
            lambda d_real, d_fake: _mean_bce(d_fake, 0),
            "Only the generated half is counted.",
        ),
    ],
    hints=(
        "The batch has n real and n generated: by how many flips do you divide in the end?",
        "Each half is a mean over n; the mean over 2n is their average.",
    ),
)

check_bce = BCE.check
check_slope_in_logit = SLOPE_IN_LOGIT.check
check_bce_with_logits = BCE_WITH_LOGITS.check
check_batch_bce = BATCH_BCE.check
