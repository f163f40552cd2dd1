"""Exercises of lesson 03, the best discriminator."""

import copy

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.mathematics.bce import softplus
from gan_lesson.lessons.mathematics.divergence import (
    auc,
    d_star,
    jensen_shannon_divergence,
    kl_divergence,
    normal_density,
)
from gan_lesson.lessons.mathematics.value import LOG_2, LOG_4


def _pair(low: float, high: float, dx: float, *bells: tuple[float, float]) -> tuple:
    """Return two normal densities on a grid that holds all of them, and its spacing."""
    x = np.arange(low, high + dx / 2, dx)
    return (*(normal_density(x, mean, sd) for mean, sd in bells), dx)


_PAIRS = [
    _pair(-10, 12, 0.05, (0.0, 1.0), (2.0, 1.0)),
    _pair(-12, 14, 0.1, (0.0, 1.0), (1.0, 1.5)),
    _pair(-8, 8, 0.02, (1.0, 0.7), (0.0, 1.0)),
    _pair(-12, 20, 0.05, (0.0, 1.0), (8.0, 1.0)),  # as wide as the lesson's
]

D_STAR = Exercise(
    "d_star",
    reference=d_star,
    cases=[
        (0.3, 0.1),  # the lesson leaves the prior out
        (0.2, 0.2, 0.9),
        (0.1, 0.4, 0.7),
        (1.3, 0.45, 0.2),  # a density may exceed 1
        (np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.2, 0.05]), 0.25),
    ],
    mistakes=[
        (
            lambda p, q, prior=0.5: prior * q / (prior * q + (1 - prior) * p),
            "The densities are swapped: this is high where generated samples prevail.",
        ),
        (
            lambda p, q, prior=0.5: (1 - prior) * q / (prior * p + (1 - prior) * q),
            "This is P(generated | x), one minus what is asked.",
        ),
        (
            lambda p, q, prior=0.5: p / (p + q),
            "The prior is missing: this is right only for as many real samples as generated ones.",
        ),
        (
            lambda p, q, prior=0.5: p / (prior * p + (1 - prior) * q),
            "The prior is missing above the line: at equal halves this is twice too large.",
        ),
        (
            lambda p, q, prior=0.5: prior * p / (p + q),
            "The prior is missing below the line: this is never more than the prior.",
        ),
        (
            lambda p, q, prior=0.5: (1 - prior) * p / ((1 - prior) * p + prior * q),
            "The prior belongs to the real samples, yours stands with the generated ones.",
        ),
        (
            lambda p, q, prior=0.5: prior * p / ((1 - prior) * q),
            "These are the odds, real to generated: a probability divides by the whole.",
        ),
    ],
    hints=(
        "out of 1000 samples, how many real ones lie near x, and how many of both kinds?",
        "near x there are prior × p_data real and (1 − prior) × p_g generated ones; divide.",
    ),
)


class _Unchanged(Exercise):
    """An exercise whose answer must leave alone the arrays that the lesson goes on to use."""

    def _result(self, answer, case: tuple):
        """Return the result; raise ValueError if the answer has changed its arguments."""
        before = copy.deepcopy(case)
        result = super()._result(answer, case)
        if not all(map(np.array_equal, case, before)):
            raise ValueError("it changes an array that it is given, which later cells need")
        return result


JSD = _Unchanged(
    "jsd",
    reference=jensen_shannon_divergence,
    cases=_PAIRS,
    mistakes=[
        (kl_divergence, "This is KL(p ‖ q): it compares p with q, not with their average."),
        (
            lambda p, q, dx: kl_divergence(q, p, dx),
            "This is KL(q ‖ p): it compares q with p, not with their average.",
        ),
        (
            lambda p, q, dx: kl_divergence(p, (p + q) / 2, dx),
            "Only p is compared with the average: q is missing.",
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
        "what is the mean of two divergences, one of p and one of q?",
    ),
    tolerance=1e-5,  # float32 will do
)


class Forge(_Unchanged):
    """The last exercise: a D with loss log 4 and AUC 1 on given samples, real and generated.

    There are many right answers, so that what is judged is what the logits do.
    """

    def _first_difference(self, results: list, others: list) -> int | None:
        """Return None if the logits are a forgery, else 0; the reference is one of many."""
        failed = any(isinstance(result, Exception) for result in results)
        return 0 if failed or self.problem(*results) else None

    def _diagnosis(self, results: list) -> str:
        """Return what is wrong, '' if the answer stopped with an exception."""
        failed = any(isinstance(result, Exception) for result in results)
        return "" if failed else self.problem(*results)

    def _accepted(self, answer, told: str = ""):
        """Say that the answer is right, and return it."""
        print(f"Right: the loss is log 4 and AUC is 1. The loss alone would hide D's order.{told}")
        return answer

    def problem(self, s_real, s_fake) -> str:
        """Return what is wrong with the logits of real and generated samples, '' if nothing is."""
        try:
            s_real, s_fake = map(_as_floats, (s_real, s_fake))
        except (TypeError, ValueError):
            return "The logits are no numbers."
        if (s_real.shape, s_fake.shape) != tuple(np.shape(case[0]) for case in self.cases):
            return "There must be one logit for each sample."
        if not (np.isfinite(s_real).all() and np.isfinite(s_fake).all()):
            return "A logit is infinite or no number."
        loss, order = self.loss(s_real, s_fake), auc(s_real, s_fake)
        told = self._what_is_off(s_real, s_fake, loss, order)
        return f"Loss {loss:.3f}, AUC {order:.2f}. {told}" if told else ""

    def _what_is_off(self, s_real, s_fake, loss: float, order: float) -> str:
        off = abs(loss - LOG_4) > self.tolerance
        if order == 0:
            return "The order is turned round: D scores all generated samples above all real ones."
        if order < 1:
            return "D mixes up some pairs, or gives them the same score."
        if off and self._fits_as_probability(s_real, s_fake):
            return "These numbers fit as probabilities; a logit is asked."
        if abs(loss - 2 * LOG_4) <= 2 * self.tolerance:
            return "The mean over both halves is log 4; the loss is their sum."
        if off:
            return f"The order is right, the loss is too {'low' if loss < LOG_4 else 'high'}."
        return ""

    @staticmethod
    def loss(s_real: np.ndarray, s_fake: np.ndarray) -> float:
        """Return the discriminator loss -V of logits, in nats, the sum of two means."""
        return float(np.mean(softplus(-s_real)) + np.mean(softplus(s_fake)))

    def _fits_as_probability(self, s_real: np.ndarray, s_fake: np.ndarray) -> bool:
        both = np.concatenate([s_real, s_fake])
        if both.min() <= 0 or both.max() >= 1:
            return False
        loss = -np.mean(np.log(s_real)) - np.mean(np.log(1 - s_fake))
        return abs(loss - LOG_4) <= self.tolerance


def _as_floats(logits) -> np.ndarray:
    """Return logits as an array: of a tensor its values, without its slopes."""
    if hasattr(logits, "detach"):
        logits = logits.detach().cpu().numpy()
    return np.asarray(logits, dtype=float)


def _near_zero(x: np.ndarray) -> np.ndarray:
    """Return the logit of a D that knows the order and keeps close to ½, any shape."""
    return np.asarray(x, dtype=float) / 1000


FORGE = Forge(
    "forged_logit",
    reference=_near_zero,
    cases=[(np.array([2.0, 3.0, 4.0]),), (np.array([-4.0, -3.0, -2.0]),)],
    hints=(
        "the loss asks whether D's numbers fit as probabilities, AUC only for their order.",
        "keep all logits near 0, or shift them all until one kind costs log 4 and the other "
        "nearly 0.",
    ),
    tolerance=0.01,
)

check_d_star = D_STAR.check
check_jsd = JSD.check
check_forge = FORGE.check
