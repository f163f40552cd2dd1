"""Questions and checks of lesson 03, the best discriminator."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.lessons.kit.exercise import Exercise, WrongAnswer
from gan_lesson.lessons.kit.predict import predict_choice, predict_curve, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, CurvePrediction, NumberPrediction
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

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"
PLACES = [-1, 0, 1, 2, 3]


# Predictions. They stand here, so that a lesson's cell does not tell the answer.


def ask_d_star_at_90_percent() -> NumberPrediction:
    """Ask for D* at equal densities when nine samples of ten are real."""
    return predict_number(
        "Of all samples that D meets, 90 % are real. At some x both densities are equal, "
        "p_data(x) = p_g(x). What is the best D(x) there?",
        truth=lambda: float(d_star(0.2, 0.2, prior=0.9)),
        tolerance=0.02,
        low=0.0,
        high=1.0,
        step=0.01,
        why="Equal densities say nothing about the origin, so the share before looking, .9, "
        "is also the share after. ½ belongs to a batch of equal halves.",
        name="90-percent-real",
    )


def ask_curve_of_d_star() -> CurvePrediction:
    """Ask for D* between N(0, 1) and N(2, 1) at five places."""
    return predict_curve(
        "Real samples come from N(0, 1), generated ones from N(2, 1), half and half. "
        "How high is the best D(x) at these five places?",
        x=PLACES,
        truth=lambda: d_star(normal_density(PLACES), normal_density(PLACES, 2.0)).tolist(),
        low=0.0,
        high=1.0,
        xlabel="x",
        ylabel="best D(x)",
        why="½ where the densities cross, at x = 1. To the left real samples prevail, to the "
        "right generated ones; nowhere is D exactly 0 or 1.",
        name="curve-of-d-star",
    )


def ask_jsd_far_away() -> NumberPrediction:
    """Ask for the JSD at m = 8, after m = 4 has been seen."""
    return predict_number(
        "At m = 4 the Jensen-Shannon divergence of N(0, 1) and N(m, 1) is .633 nats. "
        "What is it at m = 8, twice as far?",
        truth=lambda: _jsd_of_normals(8.0),
        tolerance=0.02,
        low=0.5,
        high=3.0,
        step=0.01,
        unit="nats",
        why="JSD cannot exceed log 2 = .693, and at m = 8 it is almost there: once D can tell "
        "nearly all samples apart, moving farther makes it hardly better.",
        name="jsd-at-8",
    )


def ask_auc_at_chance_loss() -> ChoicePrediction:
    """Ask which AUC can go with a loss of 1.38."""
    options = ["only about ½", "½ or a little more", "anything up to 1", "1 and nothing else"]
    return predict_choice(
        "The discriminator loss (sum of both halves) stands at 1.38, close to log 4. How well can "
        "this D order real before generated samples? AUC = ½: not at all, 1: without a mistake.",
        options,
        truth="anything up to 1",
        why={
            options[0]: "That would be so if D were the best response. Nothing says it is.",
            options[1]: "The loss also counts how well D's numbers fit as probabilities; a bad "
            "fit can hide a perfect order.",
            options[2]: "Order and calibration are two things. You will build such a D below.",
            options[3]: "The D that always says ½ has this loss too, and AUC ½.",
        },
        name="auc-at-1.38",
    )


def ask_move_against_one_half() -> ChoicePrediction:
    """Ask where G should go when D says one half to everything."""
    options = ["towards the data", "away from the data", "it does not matter"]
    return predict_choice(
        "Duel: D's line is a = 0, b = 0, so D says ½ to everything. G wants V small. "
        "Where should G move its mean?",
        options,
        truth="it does not matter",
        why={
            options[0]: "G gets told nothing about where the data are: D's slope is 0.",
            options[1]: "G gets told nothing about where the data are: D's slope is 0.",
            options[2]: "V = log ½ + log ½ = −log 4 for every G. Against this D nothing helps and "
            "nothing hurts.",
        },
        name="against-one-half",
    )


def ask_claim_about_deciding() -> ChoicePrediction:
    """Ask for a verdict on claim 5: D decides."""
    return _ask_verdict(
        "“The discriminator decides whether a sample is real or fake.”",
        "It estimates P(real | x) at the batch's share of real samples. A decision adds a "
        "threshold, and the share moves it.",
        "claim-5-decides",
    )


def ask_claim_about_comparing() -> ChoicePrediction:
    """Ask for a verdict on claim 4: D compares with the original."""
    return _ask_verdict(
        "“The discriminator compares the generated image with the original.”",
        "The plain D scores one sample at a time, and there is no original. (Relativistic, packed "
        "or batch-statistics discriminators do see several.)",
        "claim-4-compares",
    )


def ask_claim_about_the_difference() -> ChoicePrediction:
    """Ask for a verdict on claim 21: D minimises a difference of predictions."""
    return _ask_verdict(
        "“The discriminator minimises the difference between its predictions on real and on fake.”",
        "The reverse: D(x) should be high and D(G(z)) low. It is G that brings them together.",
        "claim-21-difference",
    )


def ask_claim_about_chance_loss() -> ChoicePrediction:
    """Ask for a verdict on claim 20: loss 1.386 as a proof."""
    return _ask_verdict(
        "“A discriminator loss of 1.386 proves p_g = p_data, or at least that D cannot tell.”",
        "Neither. A lazy or badly calibrated D has this loss on samples that nobody could mistake.",
        "claim-20-chance-loss",
    )


def ask_claim_about_winning() -> ChoicePrediction:
    """Ask for a verdict on claim 6: one half means that G has won."""
    return _ask_verdict(
        "“When D has been trained to the end and outputs ½, the generator has won.”",
        "Trained to the end within its class only: a D that can draw nothing but lines says ½ to "
        "two bells of different width.",
        "claim-6-won",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"A tutorial says: {claim} What is your verdict?"
    return predict_choice(question, [HOLDS, FALSE], FALSE, why, name)


def _jsd_of_normals(mean: float) -> float:
    x = np.linspace(-12, 20, 3201)
    return jensen_shannon_divergence(normal_density(x), normal_density(x, mean), 0.01)


# Exercises

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


def check_d_star(answer: Callable) -> Callable:
    """Check exercise 1, Bayes' rule with any prior; return what to use from here on."""
    return D_STAR.check(answer)


def check_logit(answer: Callable) -> Callable:
    """Check exercise 2, the logit of D*; return what to use from here on."""
    return LOGIT.check(answer)


def check_jsd(answer: Callable) -> Callable:
    """Check exercise 3, the JSD on a grid; return what to use from here on."""
    return JSD.check(answer)


def check_best_value(answer: Callable) -> Callable:
    """Check exercise 4, V at the best response; return what to use from here on."""
    return BEST_VALUE.check(answer)


class Forge:
    """The last exercise: data and a D with loss log 4 and AUC 1. Many answers are right."""

    tolerance = 0.01
    hints = (
        "the loss asks whether D's numbers fit as probabilities, AUC only for their order.",
        "either let D whisper, or let it be as wrong on one side as it is right on the other.",
    )

    def __init__(self):
        self.wrong_tries = 0

    @staticmethod
    def reference(x: ArrayLike) -> np.ndarray:
        """Return the logit of a D that knows and whispers, any shape."""
        return np.asarray(x, dtype=float) / 1000

    def check(self, logit: Callable, x_real: ArrayLike, x_fake: ArrayLike) -> Callable:
        """Return `logit` if its loss is log 4 and its AUC 1, the reference if untouched.

        Raises:
            WrongAnswer: it was attempted and is not right; never tells the answer.
        """
        try:
            s_real, s_fake = logit(np.asarray(x_real)), logit(np.asarray(x_fake))
        except Exception as error:
            if "ellipsis" not in str(error).lower():
                self._refuse(f"forged_logit stops with {type(error).__name__}: {error}.")
            s_real = s_fake = None
        if any(s is None or s is Ellipsis for s in (s_real, s_fake)):
            print("Not attempted yet: here is one of ours. Write your line, then run both again.")
            return self.reference
        problem = self.problem(s_real, s_fake, x_real, x_fake)
        if problem:
            self._refuse(problem)
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

    def _refuse(self, problem: str) -> None:
        hint = self.hints[0 if self.wrong_tries == 0 else 1]
        self.wrong_tries += 1
        raise WrongAnswer(f"{problem} Hint: {hint}")


FORGE = Forge()


def check_forge(logit: Callable, x_real: ArrayLike, x_fake: ArrayLike) -> Callable:
    """Check exercise 5, a D with loss log 4 and AUC 1; return the logit to use."""
    return FORGE.check(logit, x_real, x_fake)
