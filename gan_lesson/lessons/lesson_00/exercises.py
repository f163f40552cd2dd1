"""Questions and checks of lesson 00, the forgery game."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction
from gan_lesson.lessons.lesson_00.forgeries import detective_score
from gan_lesson.lessons.mathematics.bce import bce_from_probability

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"


# Predictions. They stand here, so that a lesson's cell does not tell the answer.


def ask_always_half() -> NumberPrediction:
    """Ask what a player pays who answers one half to every image."""
    return predict_number(
        "Somebody does not look at all and answers ½ to every image. What is their mean penalty?",
        truth=lambda: float(bce_from_probability(0.5, 1)),
        tolerance=0.005,
        low=0.0,
        high=2.0,
        step=0.01,
        unit="nats",
        why="−log ½ = log 2 whether the image is real or forged. Whoever pays more in the long "
        "run would do better to answer ½.",
        name="always-half",
    )


def ask_sure_and_mostly_right() -> ChoicePrediction:
    """Ask whether 90 % right at 99 % certainty beats always one half."""
    better, same, worse = "less: .470", "the same: .693", "more: 1.0 or above"
    return predict_choice(
        "A player is right on 90 of 100 images and always says the answer with 99 % certainty. "
        "What is their mean penalty, compared with always ½?",
        [better, same, worse],
        truth=better,
        why={
            worse: "Each mistake costs 4.605, but only one answer in ten is one.",
            same: "Count: 90 answers at .010 and 10 at 4.605.",
            better: ".9 × .010 + .1 × 4.605 = .470. Better than ½, yet with 90 % certainty the "
            "same player would pay only .325.",
        },
        name="ninety-at-ninety-nine",
    )


def ask_examiner() -> ChoicePrediction:
    """Ask how the examiner of the late forger does on the middle one's forgeries."""
    return predict_choice(
        "The examiner pays .10 on late forgeries. Now it gets the middle forger's, which look "
        "plainly worse to you. What does it pay?",
        ["less than .10", "between .10 and always ½ (.69)", "more than always ½ (.69)"],
        truth=lambda: (
            "more than always ½ (.69)"
            if detective_score("examiner", "middle")[0] > np.log(2)
            else "between .10 and always ½ (.69)"
        ),
        why="It was trained on one forger's marks. Where they are missing it mostly says “real” "
        "(of the middle forgeries, 72 %), and pays dearly for it.",
        name="examiner-on-middle",
    )


def ask_claim_about_deciding() -> ChoicePrediction:
    """Ask for a verdict on claim 5: the discriminator decides."""
    return _ask_verdict(
        "“The discriminator decides whether an image is real or fake.”",
        "It states a probability, P(real | x), for the prior it was trained at. A decision "
        "needs a threshold on top, and forgets how sure it was.",
        "claim-5-decides",
    )


def ask_claim_about_difference() -> ChoicePrediction:
    """Ask for a verdict on claim 21: D makes its two answers alike."""
    return _ask_verdict(
        "“The discriminator minimises the difference between its predictions on real and on "
        "fake images.”",
        "Rather the reverse: the penalty falls as D(x) rises on real images and falls on forged "
        "ones. Closing the gap is the generator's business.",
        "claim-21-difference",
    )


def ask_claim_about_labels() -> ChoicePrediction:
    """Ask for a verdict on claim 22: y is the original, ŷ its reconstruction."""
    return _ask_verdict(
        "“In the loss, y is the original sample and ŷ its reconstruction.”",
        "y is the label, 1 or 0, and ŷ = D(x) the predicted probability: one number each, for "
        "one image. Nothing is reconstructed.",
        "claim-22-labels",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"On trial: {claim} Your verdict?"
    return predict_choice(question, [HOLDS, FALSE], truth=FALSE, why=why, name=name)


# The self-test of what the course builds on.


def ask_logarithm() -> NumberPrediction:
    """Ask for log of a square."""
    return predict_number(
        "log .5 = −.693. Without a calculator: what is log .25?",
        truth=lambda: float(np.log(0.25)),
        tolerance=0.02,
        low=-3.0,
        high=0.0,
        step=0.01,
        unit="",
        why=".25 = .5 × .5, and the logarithm of a product is the sum of the logarithms.",
        name="prerequisite-logarithm",
    )


def ask_chain_rule() -> NumberPrediction:
    """Ask for the slope of a square of something linear."""
    return predict_number(
        "f(w) = (3w − 2)². What is its slope at w = 1?",
        truth=6.0,
        tolerance=0.01,
        low=0.0,
        high=12.0,
        step=0.5,
        unit="",
        why="Outer slope 2(3w − 2) = 2, times inner slope 3.",
        name="prerequisite-chain-rule",
    )


def ask_expectation() -> NumberPrediction:
    """Ask for a long-run average."""
    return predict_number(
        "A coin shows heads with probability .7. Heads pays 2, tails pays 0. What does a flip "
        "pay on average, in the long run?",
        truth=1.4,
        tolerance=0.01,
        low=0.0,
        high=2.0,
        step=0.05,
        unit="",
        why="The expectation is .7 × 2 + .3 × 0: each value times how often it comes.",
        name="prerequisite-expectation",
    )


def ask_autograd() -> ChoicePrediction:
    """Ask where autograd leaves a slope."""
    right = "w.grad holds the slope, w is unchanged"
    return predict_choice(
        "w = torch.tensor(1., requires_grad=True); f = (3 * w - 2) ** 2; f.backward(). "
        "What has happened?",
        ["w has moved downhill", right, "f has become smaller"],
        truth=right,
        why="backward() only computes slopes. Moving w is an optimiser's step.",
        name="prerequisite-autograd",
    )


# Exercises.


PENALTY = Exercise(
    "penalty",
    reference=lambda p, y: np.where(np.asarray(y) == 1, -np.log(p), -np.log(1 - np.asarray(p))),
    cases=[
        (np.array([0.8]), np.array([1])),
        (np.array([0.8]), np.array([0])),
        (np.array([0.9, 0.3, 0.5, 0.01]), np.array([1, 0, 0, 1])),
    ],
    mistakes=[
        (
            lambda p, y: np.where(y == 1, np.log(p), np.log(1 - p)),
            "The minus is missing: a logarithm of a probability is below 0, a penalty is not.",
        ),
        (
            lambda p, y: np.where(y == 1, -np.log(1 - p), -np.log(p)),
            "The two cases are swapped: the surer you are of the truth, the more you pay.",
        ),
        (lambda p, y: -np.log(p), "A forged image (y = 0) is priced as if it were real."),
        (
            lambda p, y: np.where(y == 1, -np.log10(p), -np.log10(1 - p)),
            "This is the logarithm to base 10; the lessons use the natural one, np.log.",
        ),
        (
            lambda p, y: np.where(y == 1, -np.log2(p), -np.log2(1 - p)),
            "This is the logarithm to base 2; the lessons use the natural one, np.log.",
        ),
        (
            lambda p, y: np.where(y == 1, 1 - p, p),
            "This is the probability given to the wrong side; the penalty takes a logarithm.",
        ),
    ],
    hints=(
        "Which probability did you give to what it really was, if y = 0?",
        "np.where(y == 1, price if real, price if forged), each minus a logarithm.",
    ),
)

RUNNING_MEAN = Exercise(
    "running_mean",
    reference=lambda penalties: np.cumsum(penalties) / np.arange(1, len(penalties) + 1),
    cases=[
        (np.array([0.2, 1.6, 0.6]),),
        (np.array([0.5]),),
        (np.array([0.1, 0.1, 4.6, 0.1, 0.7]),),
    ],
    mistakes=[
        (np.cumsum, "This is the running sum: it grows with every image, however well you play."),
        (
            lambda penalties: np.cumsum(penalties) / len(penalties),
            "Each sum is divided by the length of the whole game, also after the first image.",
        ),
        (
            lambda penalties: np.full(len(penalties), np.mean(penalties)),
            "This is the mean of the whole game at every place; after two images only two count.",
        ),
    ],
    hints=(
        "After three images: add three penalties and divide by what?",
        "np.cumsum gives the sums, np.arange(1, n + 1) the numbers of images.",
    ),
)

EXPECTED_PENALTY = Exercise(
    "expected_penalty",
    reference=lambda c, share: -(share * np.log(c) + (1 - share) * np.log(1 - c)),
    cases=[(0.99, 0.9), (0.7, 0.7), (0.5, 0.2), (np.array([0.6, 0.8]), 0.7)],
    mistakes=[
        (
            lambda c, share: share * np.log(c) + (1 - share) * np.log(1 - c),
            "The minus is missing: the price comes out below 0.",
        ),
        (
            lambda c, share: -(share * np.log(1 - c) + (1 - share) * np.log(c)),
            "The prices are swapped: a right answer is charged like a wrong one.",
        ),
        (lambda c, share: -share * np.log(c), "The wrong answers are left out."),
        (
            lambda c, share: -np.log(share * c + (1 - share) * (1 - c)),
            "This is the logarithm of an average; the mean penalty averages logarithms.",
        ),
    ],
    hints=(
        "A share of the answers is right and pays −log c. What do the others pay?",
        "share × (price if right) + (1 − share) × (price if wrong).",
    ),
)


def check_penalty(answer):
    """Check exercise 1, the penalty of each answer."""
    return PENALTY.check(answer)


def check_running_mean(answer):
    """Check exercise 2, the running mean."""
    return RUNNING_MEAN.check(answer)


def check_expected_penalty(answer):
    """Check exercise 3, the mean penalty of a player with one certainty."""
    return EXPECTED_PENALTY.check(answer)
