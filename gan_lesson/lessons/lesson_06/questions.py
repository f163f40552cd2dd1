"""Questions of lesson 06, digits."""

import math

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial

ask_where_d_stands = ChoiceQuestion(
    "After 600 steps of training, where will D(x) and D(G(z)) stand?",
    [
        "D(x) near 1 and D(G(z)) near 0: the detective wins",
        "both exactly ½: the forger has won",
        "D(x) a little above ½, D(G(z)) a little below",
    ],
    truth="D(x) a little above ½, D(G(z)) a little below",
    why="Both players improve. In such runs D is then a little better than guessing, and not far "
    "ahead.",
    name="digits-where-d-stands",
)

ask_curves_after_the_start = ChoiceQuestion(
    "From step 1,000 to step 20,000 of the long run: what happens to the images (their "
    "Fréchet distance) and to D(x), D(G(z)) and the losses?",
    [
        "the images become several times better, and the curves hardly move",
        "both losses fall towards 0 while the images become better",
        "G's loss falls to log 2 and stays there, and then the images stop improving",
    ],
    truth="the images become several times better, and the curves hardly move",
    why="Each curve measures one player against the other. When both improve at the same pace, "
    "the curves show nothing of it.",
    name="digits-curves-after-the-start",
)

ask_length_half_way = NumberQuestion(
    "Two z in 64 dimensions are drawn independently from N(0, I), and each is about 8 long. How "
    "long is the point half way between them, (z + z′) / 2?",
    truth=8 / math.sqrt(2),
    tolerance=0.3,
    low=0.0,
    high=10.0,
    step=0.1,
    why="In many dimensions two random directions are nearly at right angles. So z + z′ is about "
    "8 √2 long, and half of that is 5.66. Hardly any z ~ N(0, I) is so short.",
    name="digits-length-half-way",
)

ask_one_coordinate = ChoiceQuestion(
    "z has 64 coordinates. What does it do to ten different digits if one coordinate is set to 2?",
    [
        "it changes one property in all of them, such as slant or thickness",
        "it turns all of them into other digits",
        "it changes part of the ink, at other places in each digit",
    ],
    truth="it changes part of the ink, at other places in each digit",
    why="The law of z is the same in every direction, and the loss prefers no axis either. And "
    "one coordinate is a small part of a z that is 8 long.",
    name="digits-one-coordinate",
)

ask_claim_d_loss_zero = claim_on_trial(
    "“D's loss near 0 is good: D has learned its task, so training goes well.”",
    FALSE,
    why="D tells real from generated images, by any small difference. That is no sign of good "
    "samples: look at curves 2 and at their sheet.",
    name="claim-13-d-loss-zero",
)

ask_claim_memoriser = claim_on_trial(
    "“A generator that only repeats its 10,000 training images, all of them equally often, has a "
    "Fréchet distance near the floor.”",
    HOLDS,
    why="They are 10,000 real digits, so their features have nearly the right mean and "
    "covariance. The distance sees nothing else.",
    name="claim-27-memoriser",
)

ask_claim_copying = claim_on_trial(
    "“The generator learns to copy its training images.”",
    ONLY_IF,
    why={
        HOLDS: "G aims at the distribution, and it never sees an image. It has a reason to copy "
        "only if the images are so few, and the networks so large, that they know them by heart.",
        ONLY_IF: "G aims at the distribution. It has a reason to copy only if the images are so "
        "few, and the networks so large, that they know them by heart. So one has to look.",
        FALSE: "G aims at the distribution, but the best answer to a game on a finite set is that "
        "set itself. If the images are few and the networks large, G has a reason to copy.",
    },
    name="claim-10-copying",
)

ask_claim_no_error_metric = claim_on_trial(
    "“Generative models have no error metric.”",
    FALSE,
    why="A model that gives a likelihood is scored by it, and a GAN is scored on its samples. "
    "Each of these scores is blind to something, but each measures an error.",
    name="claim-19-no-error-metric",
)

ask_claim_scale = claim_on_trial(
    "“Double every z, halve the weight matrix of G's first layer, and G draws the same images.”",
    HOLDS,
    why="The first layer computes weight times z, plus a bias. Twice z times half the weight is "
    "the same number, so all that follows is the same, too.",
    name="claim-35-scale",
)
