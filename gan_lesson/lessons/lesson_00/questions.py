"""Questions of lesson 00, the forgery game, and its self-test of what the course builds on."""

import functools

import numpy as np

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial
from gan_lesson.lessons.lesson_00.forgeries import detective_score
from gan_lesson.lessons.mathematics.bce import bce_from_probability

_on_trial = functools.partial(claim_on_trial, wording="On trial: {claim} Your verdict?")

ask_always_half = NumberQuestion(
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

ask_sure_and_mostly_right = ChoiceQuestion(
    "A player is right on 90 of 100 images and always says the answer with 99 % certainty. "
    "What is their mean penalty, compared with always ½?",
    ["less: .470", "the same: .693", "more: 1.0 or above"],
    truth="less: .470",
    why={
        "more: 1.0 or above": "Each mistake costs 4.605, but only one answer in ten is one.",
        "the same: .693": "Count: 90 answers at .010 and 10 at 4.605.",
        "less: .470": ".9 × .010 + .1 × 4.605 = .470. Better than ½, yet with 90 % certainty the "
        "same player would pay only .325.",
    },
    name="ninety-at-ninety-nine",
)

ask_examiner = ChoiceQuestion(
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

ask_claim_about_deciding = _on_trial(
    "“The discriminator decides whether an image is real or fake.”",
    FALSE,
    why="It states a probability, P(real | x), for the prior it was trained at. A decision "
    "needs a threshold on top, and forgets how sure it was.",
    name="claim-5-decides",
)

ask_claim_about_difference = _on_trial(
    "“The discriminator minimises the difference between its predictions on real and on "
    "fake images.”",
    FALSE,
    why="Rather the reverse: the penalty falls as D(x) rises on real images and falls on forged "
    "ones. Closing the gap is the generator's business.",
    name="claim-21-difference",
)

ask_claim_about_labels = _on_trial(
    "“In the loss, y is the original sample and ŷ its reconstruction.”",
    FALSE,
    why="y is the label, 1 or 0, and ŷ = D(x) the predicted probability: one number each, for "
    "one image. Nothing is reconstructed.",
    name="claim-22-labels",
)

# The self-test of what the course builds on.

ask_logarithm = NumberQuestion(
    "log .5 = −.693. Without a calculator: what is log .25?",
    truth=lambda: float(np.log(0.25)),
    tolerance=0.02,
    low=-3.0,
    high=0.0,
    step=0.01,
    why=".25 = .5 × .5, and the logarithm of a product is the sum of the logarithms.",
    name="prerequisite-logarithm",
)

ask_chain_rule = NumberQuestion(
    "f(w) = (3w − 2)². What is its slope at w = 1?",
    truth=6.0,
    tolerance=0.01,
    low=0.0,
    high=12.0,
    step=0.5,
    why="Outer slope 2(3w − 2) = 2, times inner slope 3.",
    name="prerequisite-chain-rule",
)

ask_expectation = NumberQuestion(
    "A coin shows heads with probability .7. Heads pays 2, tails pays 0. What does a flip "
    "pay on average, in the long run?",
    truth=1.4,
    tolerance=0.01,
    low=0.0,
    high=2.0,
    step=0.05,
    why="The expectation is .7 × 2 + .3 × 0: each value times how often it comes.",
    name="prerequisite-expectation",
)


ask_autograd = ChoiceQuestion(
    "w = torch.tensor(1., requires_grad=True); f = (3 * w - 2) ** 2; f.backward(). "
    "What has happened?",
    ["w has moved downhill", "w.grad holds the slope, w is unchanged", "f has become smaller"],
    truth="w.grad holds the slope, w is unchanged",
    why="backward() only computes slopes. Moving w is an optimiser's step.",
    name="prerequisite-autograd",
)
