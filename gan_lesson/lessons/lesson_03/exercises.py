"""Exercises of lesson 03, the best discriminator."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.mathematics.bce import softplus
from gan_lesson.lessons.mathematics.divergence import (
    auc,
    d_star,
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    normal_density,
    value_on_grid,
)
from gan_lesson.lessons.mathematics.value import LOG_2, LOG_4

_X, _DX = np.linspace(-6, 8, 281), 0.05
_PAIRS = [
    (normal_density(_X), normal_density(_X, 2.0), _DX),
    (normal_density(_X), normal_density(_X, 1.0, 1.5), _DX),
    (normal_density(_X, 1.0, 0.7), normal_density(_X), _DX),
]

D_STAR = Exercise(
    "d_star",
    reference=d_star,
    cases=[
        (0.3, 0.1, 0.5),
        (0.2, 0.2, 0.9),
        (0.1, 0.4, 0.7),
        (np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.2, 0.05]), 0.25),
    ],
    mistakes=[
        (
            lambda p, q, prior: prior * q / (prior * q + (1 - prior) * p),
            "The densities are swapped: this is high where generated samples prevail.",
        ),
        (
            lambda p, q, prior: (1 - prior) * q / (prior * p + (1 - prior) * q),
            "This is P(generated | x), one minus what is asked.",
        ),
        (
            lambda p, q, prior: p / (p + q),
            "The prior is missing: this is right only for as many real samples as generated ones.",
        ),
        (
            lambda p, q, prior: p / (prior * p + (1 - prior) * q),
            "The prior is missing above the line: at equal halves this is twice too large.",
        ),
        (
            lambda p, q, prior: prior * p / (p + q),
            "The prior is missing below the line: this is never more than the prior.",
        ),
        (
            lambda p, q, prior: (1 - prior) * p / ((1 - prior) * p + prior * q),
            "The prior belongs to the real samples, yours stands with the generated ones.",
        ),
        (
            lambda p, q, prior: prior * p / ((1 - prior) * q),
            "These are the odds, real to generated; a probability divides by the whole.",
        ),
    ],
    hints=(
        "out of 1000 samples, how many real ones lie near x, and how many of both kinds?",
        "near x there are prior × p_data real and (1 − prior) × p_g generated ones; divide.",
    ),
)

LOGIT = Exercise(
    "d_star_logit",
    reference=d_star_logit,
    cases=[
        (0.3, 0.1),
        (0.05, 0.4),
        (np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.2, 0.05])),
    ],
    mistakes=[
        (lambda p, q: d_star(p, q), "This is the probability D*, not its logit."),
        (
            lambda p, q: np.log(q) - np.log(p),
            "The sign is turned round: where real prevails, s > 0.",
        ),
        (lambda p, q: p / q, "These are the odds D*/(1 − D*); the logit is their logarithm."),
        (lambda p, q: np.log2(p / q), "This logarithm has base 2; ours are natural."),
        (lambda p, q: np.log10(p / q), "This logarithm has base 10; ours are natural."),
        (lambda p, q: np.log(p / (p + q)), "This is log D*; the logit is log D* − log(1 − D*)."),
        (lambda p, q: p - q, "A difference of densities; the logit is one of their logarithms."),
    ],
    hints=(
        "write D*/(1 − D*) with both densities; what cancels?",
        "the odds are p_data/p_g. What turns odds into a logit?",
    ),
)

JSD = Exercise(
    "jsd",
    reference=jensen_shannon_divergence,
    cases=_PAIRS,
    mistakes=[
        (kl_divergence, "This is KL(p ‖ q): it compares p with q, not with their average."),
        (lambda p, q, dx: kl_divergence(q, p, dx), "This is KL(q ‖ p), not compared with m."),
        (
            lambda p, q, dx: kl_divergence(p, (p + q) / 2, dx),
            "Only p is compared with the average; q is missing.",
        ),
        (
            lambda p, q, dx: (
                kl_divergence((p + q) / 2, p, dx) / 2 + kl_divergence((p + q) / 2, q, dx) / 2
            ),
            "The order is turned round: p and q come first, the average second.",
        ),
        (
            lambda p, q, dx: jensen_shannon_divergence(p, q, dx) * 2,
            "The ½ is missing: this is the sum of both divergences, not their mean.",
        ),
        (
            lambda p, q, dx: jensen_shannon_divergence(p, q, dx) / 2,
            "A ½ too many: each of the two divergences gets one, once.",
        ),
        (
            lambda p, q, dx: jensen_shannon_divergence(p, q, dx) / LOG_2,
            "This is in bits (logarithm of base 2); ours are nats.",
        ),
        (
            lambda p, q, dx: jensen_shannon_divergence(p, q, dx) / dx,
            "A sum is not yet an integral: the spacing dx is missing.",
        ),
        (
            lambda p, q, dx: jensen_shannon_divergence(p, q, dx) - LOG_2,
            "Compared with p + q instead of their average: off by log 2.",
        ),
        (
            lambda p, q, dx: (kl_divergence(p, q, dx) + kl_divergence(q, p, dx)) / 2,
            "This is the symmetric KL; JSD compares both densities with their average.",
        ),
    ],
    hints=(
        "kl(p, q, dx) is given. With what are p and q compared?",
        "half of one divergence from m, plus half of another.",
    ),
)


def _best_value(p_data: np.ndarray, p_g: np.ndarray, dx: float) -> float:
    """Return V(D*, G) in nats for two densities on an even grid of spacing dx."""
    return value_on_grid(d_star_logit(p_data, p_g), p_data, p_g, dx)


BEST_VALUE = Exercise(
    "best_value",
    reference=_best_value,
    cases=_PAIRS,
    mistakes=[
        (
            lambda p, q, dx: -_best_value(p, q, dx),
            "This is the loss: V is what D maximises, V ≤ 0.",
        ),
        (lambda p, q, dx: -_best_value(p, q, dx) / 2, "This is the mean BCE, −V/2."),
        (
            lambda p, q, dx: _best_value(p, q, dx) / 2,
            "A ½ too many: in V each half has its own mean, and the two are added.",
        ),
        (
            lambda p, q, dx: _best_value(p, q, dx) / dx,
            "A sum is not yet an integral: the spacing dx is missing.",
        ),
        (
            lambda p, q, dx: value_on_grid(d_star_logit(q, p), p, q, dx),
            "The labels are swapped: log D belongs to the data, log(1 − D) to G.",
        ),
        (
            lambda p, q, dx: -np.sum(p * softplus(-d_star_logit(p, q))) * dx,
            "Only the real half is there.",
        ),
        (
            lambda p, q, dx: -np.sum(q * softplus(d_star_logit(p, q))) * dx,
            "Only the generated half is there.",
        ),
        (
            lambda p, q, dx: _best_value(p, q, dx) / LOG_2,
            "This is in bits (logarithm of base 2); ours are nats.",
        ),
        (
            lambda p, q, dx: jensen_shannon_divergence(p, q, dx) - LOG_4,
            "In V the divergence counts twice.",
        ),
        (
            lambda p, q, dx: 2 * jensen_shannon_divergence(p, q, dx) - LOG_2,
            "The level at p = q is −log 4, not −log 2.",
        ),
    ],
    hints=(
        "V = E[log D(x)] + E[log(1 − D(G(z)))]; which density does each mean use?",
        "an expectation is an integral: density × quantity, summed, × dx. Two of them.",
    ),
)

check_d_star = D_STAR.check
check_logit = LOGIT.check
check_jsd = JSD.check
check_best_value = BEST_VALUE.check


class Forge(Exercise):
    """The last exercise: data and a D with loss log 4 and AUC 1. Many answers are right."""

    def check(self, logit: Callable, x_real: ArrayLike, x_fake: ArrayLike) -> Callable:
        """Return `logit` if its loss is log 4 and its AUC 1, the reference if untouched.

        Raises:
            WrongAnswer: it was attempted and is not right; never tells the answer.
        """
        try:
            s_real, s_fake = logit(np.asarray(x_real)), logit(np.asarray(x_fake))
        except Exception as error:
            if "ellipsis" not in str(error).lower():
                self.refuse(f"forged_logit stops with {type(error).__name__}: {error}.")
            s_real = s_fake = None
        if any(s is None or s is Ellipsis for s in (s_real, s_fake)):
            print("Not attempted yet: here is one of ours. Write your line, then run both again.")
            return self.reference
        problem = self.problem(s_real, s_fake, x_real, x_fake)
        if problem:
            self.refuse(problem)
        print("Right: loss log 4, AUC 1. Nobody could mistake these samples, and the loss says ½.")
        return logit

    def problem(self, s_real, s_fake, x_real, x_fake) -> str:
        """Return what is wrong with a forgery, '' if nothing is."""
        s_real, s_fake = np.asarray(s_real, dtype=float), np.asarray(s_fake, dtype=float)
        if s_real.shape != np.shape(x_real) or s_fake.shape != np.shape(x_fake):
            return "There must be one logit for each sample."
        if min(s_real.size, s_fake.size) < 2:
            return "At least two samples of each kind, please."
        if not (np.isfinite(s_real).all() and np.isfinite(s_fake).all()):
            return "A logit is infinite or no number."
        loss = self.loss(s_real, s_fake)
        order, told = auc(s_real, s_fake), ""
        off = abs(loss - LOG_4) > self.tolerance
        if order == 0:
            told = "The order is turned round: D scores every generated sample above all real ones."
        elif order < 1:
            told = "D mixes up some pairs, or gives them the same score."
        elif off and self._fits_as_probability(s_real, s_fake):
            told = "These numbers fit as probabilities; a logit is asked."
        elif abs(loss - 2 * LOG_4) < self.tolerance:
            told = "The mean over both halves is log 4; the loss is their sum."
        elif off:
            told = "The order is right, the loss is too " + ("low." if loss < LOG_4 else "high.")
        return f"Loss {loss:.3f}, AUC {order:.2f}. {told}" if told else ""

    @staticmethod
    def loss(s_real: np.ndarray, s_fake: np.ndarray) -> float:
        """Return the discriminator loss -V of logits, in nats, the sum of two means."""
        return float(np.mean(softplus(-s_real)) + np.mean(softplus(s_fake)))

    def _fits_as_probability(self, s_real: np.ndarray, s_fake: np.ndarray) -> bool:
        both = np.concatenate([s_real.ravel(), s_fake.ravel()])
        if both.min() <= 0 or both.max() >= 1:
            return False
        loss = -np.mean(np.log(s_real)) - np.mean(np.log(1 - s_fake))
        return abs(loss - LOG_4) <= self.tolerance


def _whisper(x: ArrayLike) -> np.ndarray:
    """Return the logit of a D that knows and whispers, any shape."""
    return np.asarray(x, dtype=float) / 1000


FORGE = Forge(
    "forged_logit",
    reference=_whisper,
    cases=[(np.array([-3.0, -2.0, 2.0, 3.0]),)],
    hints=(
        "the loss asks whether D's numbers fit as probabilities, AUC only for their order.",
        "either let D whisper, or let it be as wrong on one side as it is right on the other.",
    ),
    tolerance=0.01,
)

check_forge = FORGE.check
