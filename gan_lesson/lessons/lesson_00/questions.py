"""Questions of lesson 00, the forgery game, and its self-test of what the course builds on."""

import numpy as np

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.lesson_00.forgeries import detective_score
from gan_lesson.lessons.mathematics.bce import bce_from_probability

ask_always_half = NumberQuestion(
    "A player does not look at the images and answers ½ to each of them. What is the mean "
    "penalty of this player?",
    truth=lambda: float(bce_from_probability(0.5, 1)),
    tolerance=0.01,
    low=0.0,
    high=2.0,
    step=0.01,
    unit="nats",
    why="−log ½ = log 2, and it does not matter whether the image is real or forged. Whoever "
    "pays more than that in the long run would do better to answer ½.",
    name="always-half",
)

ask_sure_and_mostly_right = ChoiceQuestion(
    "A player is right about 90 of 100 images and always states the verdict with 99 % "
    "certainty. What is the mean penalty of this player, compared with always ½?",
    ["less: 0.470", "the same: 0.693", "more: 1.0 or above"],
    truth="less: 0.470",
    why={
        "more: 1.0 or above": "Each mistake costs 4.605, but only one answer in ten is a mistake.",
        "the same: 0.693": "Count the costs: 90 answers cost 0.010 each, and 10 cost 4.605 each.",
        "less: 0.470": "The mean is 0.9 × 0.010 + 0.1 × 4.605 = 0.470, which is better than ½.",
    },
    name="ninety-at-ninety-nine",
)

ask_examiner = ChoiceQuestion(
    "On an even mix of real digits and late forgeries, the examiner pays 0.10. The middle "
    "forger had trained for a twelfth of the late forger's steps. What does the examiner pay on "
    "an even mix of real digits and middle forgeries?",
    ["less than 0.10", "between 0.10 and 0.69, the price of always ½", "more than 0.69"],
    truth=lambda: (
        "more than 0.69"
        if detective_score("examiner", "middle")[0] > np.log(2)
        else "between 0.10 and 0.69, the price of always ½"
    ),
    why="Its last 3,000 steps taught it the marks of the late forger. It says “real” to 72 % of "
    "the middle forgeries, and some of these answers are sure and wrong.",
    name="examiner-on-middle",
)

ask_claim_about_being_wrong = claim_on_trial(
    "“A player who is wrong about most of the images can still pay less than one who always "
    "answers ½.”",
    HOLDS,
    why={
        HOLDS: "The penalty depends on how sure the player was. Many unsure mistakes can cost less "
        "than a few sure right answers save.",
        ONLY_IF: "The claim says “can”, so one such player is enough.",
        FALSE: "You may have counted the wrong verdicts. The penalty also asks how sure they were.",
    },
    name="claim-46-mostly-wrong",
)

ask_claim_about_deciding = claim_on_trial(
    "“The discriminator decides whether an image is real or forged.”",
    ONLY_IF,
    why={
        HOLDS: "It holds once somebody has added a threshold, such as “real if D says more than "
        "½”. Before that there is only a probability.",
        ONLY_IF: "The condition is a threshold that somebody adds, such as “real if D says more "
        "than ½”. D itself states a probability.",
        FALSE: "With a threshold added, D and the threshold together do decide. The claim leaves "
        "the threshold out.",
    },
    name="claim-5-decides",
)

ask_claim_about_labels = claim_on_trial(
    "“In the penalty, y is the original image and ŷ (say: y hat), the prediction, is its "
    "reconstruction.”",
    FALSE,
    why="y is the label, 1 or 0, and ŷ = D(x) is the predicted probability: for each image one "
    "number. Nothing is reconstructed.",
    name="claim-22-labels",
)

# The self-test of what the course builds on.

ask_logarithm = NumberQuestion(
    "log 0.5 = −0.693. Without a calculator: what is log 0.25?",
    truth=lambda: float(np.log(0.25)),
    tolerance=0.02,
    low=-3.0,
    high=0.0,
    step=0.01,
    why="0.25 = 0.5 × 0.5, and the logarithm of a product is the sum of the logarithms.",
    name="prerequisite-logarithm",
)

ask_chain_rule = NumberQuestion(
    "f(w) = (3w − 2)². What is its slope at w = 1?",
    truth=6.0,
    tolerance=0.01,
    low=0.0,
    high=12.0,
    step=0.5,
    why="The outer slope is 2(3w − 2) = 2, and the inner slope is 3. The chain rule multiplies "
    "them.",
    name="prerequisite-chain-rule",
)

ask_expectation = NumberQuestion(
    "A coin shows heads with probability 0.7. Heads pays 2 and tails pays 0. What does a flip "
    "pay on average, in the long run?",
    truth=1.4,
    tolerance=0.01,
    low=0.0,
    high=2.0,
    step=0.05,
    why="The expectation is 0.7 × 2 + 0.3 × 0: each value is multiplied by its probability.",
    name="prerequisite-expectation",
)


ask_autograd = ChoiceQuestion(
    "w = torch.tensor(1., requires_grad=True); f = (3 * w - 2) ** 2; f.backward(). "
    "What has happened?",
    ["w has moved downhill", "w.grad holds the slope, w is unchanged", "f has become smaller"],
    truth="w.grad holds the slope, w is unchanged",
    why="backward() only computes slopes. It is the step of an optimiser that moves w.",
    name="prerequisite-autograd",
)
