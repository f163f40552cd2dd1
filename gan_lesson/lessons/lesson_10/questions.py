"""Questions of lesson 10, when training fails."""

import numpy as np

from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.kit.prediction import ChoicePrediction
from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial

ask_both_swapped = ChoiceQuestion(
    "Swap the labels for both players: in D's step real is 0 and generated 1, and G wants "
    "label 0 for its samples. What happens?",
    [
        "G runs away from the data",
        "both losses stay at chance",
        "nothing: the same game with D's answers mirrored",
    ],
    truth="nothing: the same game with D's answers mirrored",
    why="“Real” and 1 are names. D now says the probability of “generated”, and G goes down "
    "the same slope. Swapped for one player only, the two work for the same side.",
    name="clinic-both-swapped",
)

ask_collapse_curves = ChoiceQuestion(
    "G makes one and the same sample, again and again: mode collapse. D moves rarely. What "
    "do the curves of D(x), D(G(z)) and D's loss look like?",
    [
        "D(G(z)) near 0, D's loss near 0",
        "near ½ and log 4, as in a healthy run",
        "D(G(z)) near 1, D's loss high",
    ],
    truth="near ½ and log 4, as in a healthy run",
    why="G sits on D's best spot, and D, which hardly moves, is about ½ elsewhere. Curves "
    "say how D does against this G; whether G covers the data only samples tell.",
    name="clinic-collapse-curves",
)

ask_least_loss_with_two_sigmoids = NumberQuestion(
    "D ends in a sigmoid, and the loss applies another one. D is perfect: 1 for real, 0 for "
    "generated. What is D's loss?",
    truth=lambda: float(np.log1p(np.exp(-1.0)) + np.log(2)),
    tolerance=0.02,
    low=0.0,
    high=2.0,
    step=0.005,
    unit="nats",
    why="softplus(−1) + softplus(0) = .313 + .693 = 1.006. A D's loss that never falls below "
    "1.006 is a sign by itself.",
    name="clinic-two-sigmoids",
)

ask_which_test = ChoiceQuestion(
    "D(x) = 1, D(G(z)) = 0, D's loss 0, G's loss high; the samples are far from the data. "
    "Three faults look so. Which one test tells for sure whether it is the shared optimiser?",
    ["curves", "D's answers", "best response", "one step"],
    truth="one step",
    why={
        "one step": "Only there G's weights are looked at while D moves: 0, or the fault.",
        "curves": "They are those of every beaten G. What matters is who moves G's weights.",
        "D's answers": "They only say again that D separates. Look at G's weights in D's step.",
        "best response": "A new D separates too, whatever ails G. Look at who moves G.",
    },
    name="clinic-which-test",
)

CLAIMS = {
    6: claim_on_trial(
        "“When D outputs 0.5, the generator has won; stop there.”",
        FALSE,
        why="Only if D is the best response in its class and says ½ everywhere. A lazy D says it "
        "too.",
        name="clinic-claim-6",
    ),
    10: claim_on_trial(
        "“The generator learns to copy real images.”",
        FALSE,
        why="It never sees one; its aim is the distribution. With few real samples, copying is the "
        "best answer to what D knows, so look for copies.",
        name="clinic-claim-10",
    ),
    13: claim_on_trial(
        "“D's loss near 0 is good.”",
        FALSE,
        why="Five of our eight faults have it. It says that D separates, and nothing about G.",
        name="clinic-claim-13",
    ),
    18: claim_on_trial(
        "“A GAN on MNIST needs 200 epochs, or days.”",
        FALSE,
        why="It depends on the recipe. Measure a distance against epochs and seconds.",
        name="clinic-claim-18",
    ),
    19: claim_on_trial(
        "“Generative models have no error metric.”",
        FALSE,
        why="Models with a likelihood have one; a GAN is scored on its samples.",
        name="clinic-claim-19",
    ),
    20: claim_on_trial(
        "“D's loss of 1.386 proves that p_g = p_data.”",
        FALSE,
        why="It does not even prove that D cannot tell: all samples can be in the right order.",
        name="clinic-claim-20",
    ),
}


def ask_claim(number: int) -> ChoicePrediction:
    """Ask for a verdict on one of the claims on trial here.

    Raises:
        WrongAnswer: no such claim is.
    """
    if number not in CLAIMS:
        raise WrongAnswer(f"claim {number} is not on trial here; these are: {sorted(CLAIMS)}")
    return CLAIMS[number]()
