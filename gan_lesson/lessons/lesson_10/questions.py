"""Questions of lesson 10, when training fails."""

import numpy as np

from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.kit.prediction import ChoicePrediction
from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial

ask_collapse_curves = ChoiceQuestion(
    "G puts all its samples in one heap: this is mode collapse. D moves in one turn of ten. What "
    "do the curves of D(x), D(G(z)) and D's loss look like?",
    [
        "D(G(z)) is near 0, and so is D's loss",
        "D(x) and D(G(z)) are near ½ and D's loss is near log 4",
        "D(G(z)) is near 1, and D's loss is high",
    ],
    truth="D(x) and D(G(z)) are near ½ and D's loss is near log 4",
    why="G runs after the best spot of a D that hardly moves, and that D says about ½ everywhere. "
    "The curves are those of a healthy run. Curves tell how D does against this G. Only samples "
    "tell whether G covers the data.",
    name="clinic-collapse-curves",
)

ask_least_loss_with_two_sigmoids = NumberQuestion(
    "D ends in a sigmoid, and by mistake the loss applies a sigmoid once more. Suppose that D is "
    "perfect: it says 1 for each real sample and 0 for each generated one. What is D's loss, the "
    "sum of its two halves?",
    truth=lambda: float(np.log1p(np.exp(-1.0)) + np.log(2)),
    tolerance=0.02,
    low=0.0,
    high=2.0,
    step=0.005,
    unit="nats",
    why="The loss takes 1 and 0 for logits, so it is softplus(−1) + softplus(0) = 0.313 + 0.693 = "
    "1.006. With this fault D's loss can never fall below 1.006, however good D is.",
    name="clinic-two-sigmoids",
)

ask_which_test = ChoiceQuestion(
    "D(x) is 1, D(G(z)) is 0, D's loss is 0, G's loss is high, and the samples are far from the "
    "data. Three faults look like this. Which one test tells for sure whether the patient has the "
    "shared optimiser?",
    ["curves", "D's answers", "best response", "one step"],
    truth="one step",
    why={
        "one step": "Only this test watches G's weights while D moves. They move by exactly 0, or "
        "the optimiser is shared.",
        "curves": "Every G that is beaten under the non-saturating loss has these curves. The "
        "question is who moves G's weights.",
        "D's answers": "They say once more that D separates. They say nothing of G's weights.",
        "best response": "A new D separates these samples too, whatever is wrong with G. The "
        "question is who moves G's weights.",
    },
    name="clinic-which-test",
)

SAME_CURVES = "mode collapse, and samples far from the data"

ask_same_curves = ChoiceQuestion(
    "Two causes look the same from curves alone if a doctor who sees nothing else gives both the "
    "same name. For which of these pairs is that so?",
    [
        "swapped labels, and a sigmoid that is applied twice",
        "a run that diverged, and one that broke at its end",
        SAME_CURVES,
        "a D that says 1 to everything, and one that does not learn",
    ],
    truth=SAME_CURVES,
    why="Curves say how D does against this G. In both runs D is hardly ahead, so the curves are "
    "those of health. What is wrong lies in the samples, and only they show it.",
    name="clinic-same-curves",
)

ask_repaired = claim_on_trial(
    "“If you repair the faulty line in the middle of a run and train on, the run recovers.”",
    ONLY_IF,
    why={
        HOLDS: "Some runs recover, but in others no gradient reaches G any more. A right line "
        "cannot help them.",
        ONLY_IF: "It can hold only if gradients still reach G. A G whose samples stick at the ends "
        "of tanh stays there, so such a run needs a new start.",
        FALSE: "Some runs do recover, for example the collapsed one: its G still has gradients.",
    },
    name="claim-clinic-repaired",
)

CLAIMS = {
    18: claim_on_trial(
        "“A GAN on MNIST needs 200 epochs, or days.”",
        FALSE,
        why="One recipe that needs far less refutes it. Measure a distance against epochs and "
        "seconds.",
        name="claim-18-epochs",
    ),
    25: claim_on_trial(
        "“Exchange the labels 1 and 0 for both players, and start with the D whose logit has the "
        "opposite sign: then G learns the same as before.”",
        HOLDS,
        why="“Real” and 1 are only names. D now gives the probability of “generated”, and G moves "
        "down the same slope as before.",
        name="claim-25-swapped-labels",
    ),
    30: claim_on_trial(
        "“D's loss can rise while the samples improve.”",
        HOLDS,
        why="D's loss measures D against the G of this moment. When G comes nearer, even the best "
        "D has a higher loss: log 4 − 2 JSD (lesson 03).",
        name="claim-30-loss-rises",
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
