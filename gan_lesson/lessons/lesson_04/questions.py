"""Questions of lesson 04, two generator losses."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.value import (
    generator_slope_in_logit,
    generator_slope_in_probability,
)

ask_slope_in_d = NumberQuestion(
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

ask_slope_in_s = NumberQuestion(
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

ask_claim_about_the_small_gradient = ChoiceQuestion(
    "A tutorial says: “The gradient of log(1 − D) is small when D(G(z)) is near 0.” "
    "What is your verdict?",
    [
        "true of both slopes",
        "true of the slope in s, false of the slope in D",
        "true of the slope in D, false of the slope in s",
    ],
    truth="true of the slope in s, false of the slope in D",
    why="In D it is −1 / (1 − D), about −1; in s it is −D, about 0. The second is a factor in "
    "the slope of every weight of G.",
    name="claim-3-small-gradient",
)

ask_claim_about_labels = claim_on_trial(
    "“A GAN is unsupervised, so there are no labels.”",
    FALSE,
    why="Nobody annotates, but each sample has a label from its origin: 1 real, 0 generated.",
    name="claim-8-labels",
)

ask_loss_with_label_zero = ChoiceQuestion(
    "A tutorial says: “L_G = −Σ y log D(G(z))”, with y the label of a generated sample, "
    "0. What is this loss worth?",
    ["it depends on D(G(z))", "0, always", "it has no lower bound"],
    truth="0, always",
    why="Every term is multiplied by 0. Such a G never moves; the label must be flipped to 1.",
    name="claim-9-label-zero",
)

ask_adam_rescue = ChoiceQuestion(
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

ask_where_it_goes = ChoiceQuestion(
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

ask_claim_about_the_same_game = claim_on_trial(
    "“Non-saturating training is still the same min-max game.”",
    FALSE,
    why="The two objectives no longer add up to a constant: what D loses, G does not gain.",
    name="claim-12-same-game",
)
