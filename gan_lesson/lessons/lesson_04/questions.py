"""Questions of lesson 04, two generator losses."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.value import generator_slope_in_probability

ask_slope_in_d = NumberQuestion(
    "D(G(z)) = 0.0067. What is the slope of the saturating loss log(1 − D) with respect to D?",
    truth=lambda: generator_slope_in_probability(sigmoid(-5.0), "saturating"),
    tolerance=0.03,
    low=-2.0,
    high=0.0,
    step=0.01,
    unit="nats per unit of D",
    why="The slope of log(1 − D) is −1 / (1 − D), and this is −1 at D = 0. So it is not small.",
    name="slope-in-D",
)

ask_claim_about_the_gradient = claim_on_trial(
    "“The gradient of log(1 − D) is small when D(G(z)) is near 0.”",
    ONLY_IF,
    why={
        HOLDS: "In D it does not hold: the slope there is −1 / (1 − D), which is near −1.",
        ONLY_IF: "The condition is that the slope is not taken in D, where it is near −1. In the "
        "logit s it is near 0.",
        FALSE: "In the logit s the claim is right: the slope there is near 0, and it is a factor "
        "of the slope in each of G's weights.",
    },
    name="claim-3-gradient",
)

ask_adam_rescue = ChoiceQuestion(
    "Take Adam (learning rate 0.05) instead of plain gradient descent (learning rate 0.1), from "
    "the same start. Does it help the saturating run?",
    [
        "no, a slope of almost 0 stays almost 0",
        "yes, but the non-saturating run still arrives first",
        "yes, and the saturating run arrives first",
    ],
    truth="yes, and the saturating run arrives first",
    why="From m = 6 the saturating slope grows on most of the way, so it is large beside the "
    "earlier slopes, and Adam's steps are long. The non-saturating slope shrinks, so its steps "
    "are short.",
    name="does-adam-rescue",
)

ask_claim_about_the_same_game = claim_on_trial(
    "“Training with the non-saturating loss is still the same min-max game.”",
    FALSE,
    why="In the min-max game the slopes of both players' losses in s cancel. With the "
    "non-saturating loss they do not: what D loses is not what G gains.",
    name="claim-12-same-game",
)

ask_claim_about_the_sum = claim_on_trial(
    "“Against the best discriminator D*, the two generator losses add up to the divergence "
    "KL(p_g‖p_data).”",
    HOLDS,
    why="The sum is the mean of log((1 − D*) / D*) over generated samples. D* is "
    "p_data / (p_data + p_g), so this fraction is p_g / p_data.",
    name="claim-36-sum",
)

ask_where_it_goes = ChoiceQuestion(
    "One normal density rests where the saturating loss ends: it is broad and covers both bumps. "
    "Now G goes down the non-saturating loss from there. Where does it go?",
    [
        "nowhere: it is at rest for both losses",
        "it grows broader",
        "to the higher bump",
        "to the lower bump",
    ],
    truth="to the higher bump",
    why="This loss follows KL(q‖p) − 2 JSD. On the way to the higher bump KL(q‖p) grows by 0.04, "
    "but 2 JSD grows by 0.09, so the difference falls.",
    name="where-does-it-go",
)
