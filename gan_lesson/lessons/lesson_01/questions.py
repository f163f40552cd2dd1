"""Questions of lesson 01, from coin flips to binary cross-entropy."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, CurveQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.mathematics.bce import bce_slope_in_logit

PLACES = [-4, -2, 0, 2, 4]

ask_how_much_dearer = ChoiceQuestion(
    "Two players are wrong about the same flip. One was 90 % sure, and the other was 99 % sure. "
    "How does the log-loss of the second compare with that of the first?",
    [
        "a tenth more",
        "exactly twice as much",
        "ten times as much",
        "eleven times as much",
    ],
    truth="exactly twice as much",
    why={
        "a tenth more": "The loss does not compare 0.99 with 0.9. It looks at what was left for "
        "the truth, 0.01 and 0.1.",
        "ten times as much": "What was left for the truth is ten times smaller, and a logarithm "
        "turns that factor into a sum.",
        "eleven times as much": "Neither 0.99 / 0.9 nor 0.1 / 0.01 is the ratio of the losses, "
        "because each loss is a logarithm.",
        "exactly twice as much": "−log 0.01 = −log 0.1² = 2 × (−log 0.1), which is 4.605 against "
        "2.303.",
    },
    name="wrong-at-.99",
)

ask_claim_about_the_sign = claim_on_trial(
    "“BCE = y log p + (1 − y) log(1 − p).”",
    FALSE,
    why="The minus sign is missing, so this is the logarithm of the likelihood. Whoever minimises "
    "it makes the worst predictions there are.",
    name="claim-1-sign",
)

ask_claim_about_one_half = claim_on_trial(
    "“A D that says ½ to everything pays log 2 an image, whatever the images are, and also if "
    "90 % of them are real.”",
    HOLDS,
    why="A real image costs −log ½ and a generated one −log(1 − ½), which is the same. So the "
    "numbers of real and generated images do not matter.",
    name="claim-26-one-half",
)

ask_claim_about_the_maximum = claim_on_trial(
    "“log D(x) has its maximum at D(x) = 1.”",
    ONLY_IF,
    why={
        HOLDS: "That would be so if D could say exactly 1.",
        ONLY_IF: "The condition is that D may say exactly 1. The sigmoid of a finite logit is "
        "always less than 1 in exact arithmetic, and then there is no maximum.",
        FALSE: "If D may say exactly 1, the claim is right: no other D(x) has a larger logarithm.",
    },
    name="claim-17-maximum",
)

ask_slope_in_logit = CurveQuestion(
    "The label is y = 1. What is the slope of the loss in the logit s, at these five logits? Set "
    "one slider for each.",
    PLACES,
    truth=lambda: bce_slope_in_logit(PLACES, 1),
    tolerance=0.2,
    low=-4.0,
    high=1.0,
    xlabel="logit s",
    ylabel="slope (nats per unit of s)",
    why="The slope is σ(s) − 1. It is near −1 where the prediction is very wrong, and near 0 "
    "where it is right.",
    name="slope-in-logit",
)


ask_bceloss_at_20 = ChoiceQuestion(
    "The logit is s = 20 and the label is y = 0, so D is sure and wrong. In float32 σ(s) is 1, and "
    "torch.nn.BCELoss returns 100. What is the slope of this loss in s?",
    ["1", "0", "infinite"],
    truth="0",
    why={
        "1": "That is the slope of the true loss, and the loss from logits gives it. But at p = 1 "
        "the sigmoid's own slope p(1 − p) is 0.",
        "0": "At p = 1 the sigmoid's own slope p(1 − p) is 0, and the chain rule multiplies by it. "
        "So this sure mistake teaches nothing.",
        "infinite": "The slope in p grows without limit near p = 1. But the sigmoid's own slope "
        "p(1 − p) is 0 at p = 1, and BCELoss keeps the other factor finite.",
    },
    name="bceloss-at-20",
)
