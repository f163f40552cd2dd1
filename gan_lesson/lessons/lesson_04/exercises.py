"""Lesson 04: its predictions and verdicts, and the checks of its exercises."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction
from gan_lesson.lessons.mathematics.bce import bce_from_logits, sigmoid, softplus
from gan_lesson.lessons.mathematics.value import (
    generator_slope_in_logit,
    generator_slope_in_probability,
)

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"

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


def check_saturating_slope(answer):
    """Check d log(1 - sigma(s)) / ds for a logit or an array of logits; return what to use."""
    return SATURATING_SLOPE.check(answer)


def check_non_saturating_loss(answer):
    """Check the mean of -log sigma(s) over a batch of logits; return what to use."""
    return NON_SATURATING_LOSS.check(answer)


def check_generator_step_loss(answer):
    """Check the generator's BCE with the label flipped; return what to use."""
    return FLIPPED_LABEL.check(answer)


def check_ratio(answer):
    """Check |non-saturating slope| / |saturating slope| at logits s; return what to use."""
    return RATIO.check(answer)


def ask_slope_in_d() -> NumberPrediction:
    """Ask for the slope of the saturating loss in D at D(G(z)) = .0067."""
    return predict_number(
        "D(G(z)) = .0067. What is the slope of the saturating loss log(1 − D) with respect to D?",
        truth=lambda: generator_slope_in_probability(sigmoid(-5.0), "saturating"),
        tolerance=0.03,
        low=-2.0,
        high=0.0,
        step=0.01,
        unit="nats per unit of D",
        why="d log(1 − D) / dD = −1 / (1 − D), which is −1 at D = 0. That is not small.",
        name="slope-in-D",
    )


def ask_slope_in_s() -> NumberPrediction:
    """Ask for the slope of the saturating loss in the logit at the same place, s = -5."""
    return predict_number(
        "Same place: s = −5, D(G(z)) = σ(−5) = .0067. What is the slope of log(1 − σ(s)) with "
        "respect to the logit s?",
        truth=lambda: generator_slope_in_logit(-5.0, "saturating"),
        tolerance=0.02,
        low=-2.0,
        high=0.0,
        step=0.01,
        unit="nats per unit of s",
        why="It is −D: the slope in D, −1 / (1 − D), times the sigmoid's own slope D(1 − D).",
        name="slope-in-s",
    )


def ask_claim_about_the_small_gradient() -> ChoicePrediction:
    """Ask for a verdict on claim 3: where the gradient of log(1 - D) is small."""
    truth = "true of the slope in s, false of the slope in D"
    return predict_choice(
        "A tutorial says: “The gradient of log(1 − D) is small when D(G(z)) is near 0.” "
        "What is your verdict?",
        ["true of both slopes", truth, "true of the slope in D, false of the slope in s"],
        truth=truth,
        why="In D it is −1 / (1 − D), about −1; in s it is −D, about 0. The second is a factor in "
        "the slope of every weight of G.",
        name="claim-3-small-gradient",
    )


def ask_claim_about_labels() -> ChoicePrediction:
    """Ask for a verdict on claim 8: that a GAN has no labels."""
    return _ask_verdict(
        "“A GAN is unsupervised, so there are no labels.”",
        "Nobody annotates, but each sample has a label from its origin: 1 real, 0 generated.",
        "claim-8-labels",
    )


def ask_loss_with_label_zero() -> ChoicePrediction:
    """Ask for the value of claim 9's loss, where generated samples keep label 0."""
    return predict_choice(
        "A tutorial says: “L_G = −Σ y log D(G(z))”, with y the label of a generated sample, "
        "0. What is this loss worth?",
        ["it depends on D(G(z))", "0, always", "it has no lower bound"],
        truth="0, always",
        why="Every term is multiplied by 0. Such a G never moves; the label must be flipped to 1.",
        name="claim-9-label-zero",
    )


def ask_adam_rescue() -> ChoicePrediction:
    """Ask whether Adam rescues the run on the saturating loss."""
    return predict_choice(
        "Take Adam (rate .05) instead of plain gradient descent (rate .1), from the same start. "
        "Does it rescue the saturating run?",
        [
            "no, a gradient of nearly 0 stays nearly 0",
            "a little, but the non-saturating run stays ahead",
            "yes, the saturating run even arrives first",
        ],
        truth="yes, the saturating run even arrives first",
        why="Adam divides the gradient by its own recent size. A tiny gradient that grows makes "
        "full steps; one that shrinks on the way, as the non-saturating one does, short ones.",
        name="does-adam-rescue",
    )


def ask_where_it_goes() -> ChoicePrediction:
    """Ask where the non-saturating loss leads from the end of the saturating one."""
    return predict_choice(
        "One Gaussian rests where the saturating loss ends: broad, over both bumps. "
        "Now G goes down the non-saturating loss from there. Where does it go?",
        [
            "nowhere: both losses have the same fixed point",
            "it grows broader",
            "to the higher bump",
            "to the lower bump",
        ],
        truth="to the higher bump",
        why="KL(q‖p) punishes q where p is small, in the gap and beyond the bumps. Giving up the "
        "lower bump costs it less.",
        name="where-does-it-go",
    )


def ask_claim_about_the_same_game() -> ChoicePrediction:
    """Ask for a verdict on claim 12: that the flipped label leaves the game as it is."""
    return _ask_verdict(
        "“Non-saturating training is still the same min-max game.”",
        "The two objectives no longer add up to a constant: what D loses, G does not gain.",
        "claim-12-same-game",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"A tutorial says: {claim} What is your verdict?"
    return predict_choice(question, [HOLDS, FALSE], FALSE, why, name)
