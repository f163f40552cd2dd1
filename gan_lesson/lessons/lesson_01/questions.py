"""Questions of lesson 01, from coin flips to binary cross-entropy."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, CurveQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial
from gan_lesson.lessons.mathematics.bce import bce_slope_in_logit

PLACES = [-4, -2, 0, 2, 4]

ask_how_much_dearer = ChoiceQuestion(
    "Two detectives are wrong about the same banknote. One was 90 % sure, the other 99 %. "
    "How much more log-loss does the second pay?",
    ["a tenth more", "exactly twice as much", "ten times as much", "eleven times as much"],
    truth="exactly twice as much",
    why={
        "a tenth more": "The loss does not compare .99 with .9: it looks at what was left "
        "for the truth, .01 and .1.",
        "ten times as much": "What was left for the truth is ten times smaller, and a "
        "logarithm turns a factor into a sum.",
        "eleven times as much": "Neither the share .99 / .9 nor .1 / .01 is what counts, "
        "but its logarithm.",
        "exactly twice as much": "−log .01 = −log .1² = 2 × (−log .1): 4.605 against 2.303.",
    },
    name="wrong-at-.99",
)

ask_claim_about_the_sign = claim_on_trial(
    "“BCE = y log p + (1 − y) log(1 − p).”",
    FALSE,
    why="The minus sign is missing: this is the log-likelihood. Whoever minimises it makes "
    "the worst predictions there are.",
    name="claim-1-sign",
)

ask_claim_about_the_maximum = claim_on_trial(
    "“The maximum of log D(x) is D(x) = 1.”",
    FALSE,
    why="D(x) = 1 is the place, 0 is the maximum; and in exact arithmetic no finite logit gets "
    "there.",
    name="claim-17-maximum",
)

ask_claim_about_the_label = claim_on_trial(
    "“In a GAN's cross-entropy, y is the original sample and ŷ its reconstruction.”",
    FALSE,
    why="y is the label, 1 for real and 0 for generated; ŷ is D's probability of y = 1.",
    name="claim-22-label",
)

ask_slope_in_logit = CurveQuestion(
    "The label is y = 1. How steep is the loss in the logit s, at these five places?",
    PLACES,
    truth=lambda: bce_slope_in_logit(PLACES, 1),
    tolerance=0.2,
    low=-4.0,
    high=1.0,
    xlabel="logit s",
    ylabel="slope (nats per unit of s)",
    why="The slope is σ(s) − 1: never steeper than −1, however wrong the prediction, and "
    "near 0 once it is right.",
    name="slope-in-logit",
)


ask_bceloss_at_20 = ChoiceQuestion(
    "The logit is s = 20 and the label y = 0: D is sure, and wrong. In float32, what does "
    "torch.nn.BCELoss of σ(s) return, and what is its slope in s?",
    ["20, slope 1", "inf, slope nan", "100, slope 1", "100, slope 0"],
    truth="100, slope 0",
    why={
        "20, slope 1": "That is the true answer, and what the loss from logits gives. But "
        "σ(20) is 1 in float32, and what was in s is lost.",
        "inf, slope nan": "−log 0 would be inf; BCELoss cuts the logarithm off at −100.",
        "100, slope 1": "The logarithm is cut off at −100. And at p = 1 the sigmoid's own "
        "slope p(1 − p) is 0 in float32.",
        "100, slope 0": "The logarithm is cut off at −100, and p(1 − p) is 0 at p = 1: "
        "from there on, a sure mistake teaches nothing.",
    },
    name="bceloss-at-20",
)
