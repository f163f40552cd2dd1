"""Questions of lesson 06, digits."""

import math

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial

ask_where_d_stands = ChoiceQuestion(
    "After a minute of training, where will D(x) and D(G(z)) stand?",
    [
        "D(x) near 1 and D(G(z)) near 0: the detective wins",
        "both exactly ½: the forger has won",
        "D(x) a little above ½, D(G(z)) a little below",
    ],
    truth="D(x) a little above ½, D(G(z)) a little below",
    why="Both improve together: D stays a little better than guessing, never far ahead.",
    name="digits-where-d-stands",
)

ask_curves_after_the_start = ChoiceQuestion(
    "From step 1,000 to step 20,000 of the long run: what happens to the images (their "
    "Fréchet distance) and to D(x), D(G(z)) and the losses?",
    [
        "the images become several times better, the curves hardly move",
        "both losses fall towards 0 as the images become better",
        "G's loss falls to log 2 and stays, then the images stop improving",
    ],
    truth="the images become several times better, the curves hardly move",
    why="Each curve measures one player against the other. When both improve at one pace, "
    "nothing shows.",
    name="digits-curves-after-the-start",
)

ask_memoriser_distance = ChoiceQuestion(
    "A “generator” returns images of the training set, drawn at random. What is its Fréchet "
    "distance from MNIST's test digits?",
    [
        "exactly 0",
        "about the floor, as real digits do",
        "far above the trained G: cheating does not pay",
    ],
    truth="about the floor, as real digits do",
    why="Its images are real digits; their features have the right mean and covariance. Not 0, "
    "because the test digits are other ones.",
    name="digits-memoriser",
)

ask_length_half_way = NumberQuestion(
    "Two z in 64 dimensions, drawn independently from N(0, I), each about 8 long. How long is "
    "the point half way between them, (z + z′) / 2?",
    truth=8 / math.sqrt(2),
    tolerance=0.3,
    low=0.0,
    high=10.0,
    step=0.1,
    why="In many dimensions two random directions are nearly at right angles, so |z + z′| is "
    "about 8 √2, and half of it 5.66. Hardly any z ~ N(0, I) is so short.",
    name="digits-length-half-way",
)

ask_one_coordinate = ChoiceQuestion(
    "z has 64 coordinates. What does moving one of them from 0 to 2 do to ten different digits?",
    [
        "it changes one property in all of them, such as slant or thickness",
        "it turns them into another digit",
        "a little of everything, differently for each digit",
    ],
    truth="a little of everything, differently for each digit",
    why="The law of z is the same in every direction, so nothing in training ties a property "
    "to an axis. And one coordinate is a small part of the length 8.",
    name="digits-one-coordinate",
)

ask_claim_d_loss_zero = claim_on_trial(
    "“D's loss near 0 is good: it has learned its task.”",
    FALSE,
    why="D separates real from generated, by whatever trace. That is no sign of good samples: see "
    "curves 2 and their sheet.",
    name="claim-13-d-loss-zero",
)

ask_claim_losses_apart = claim_on_trial(
    "“D's loss going down and G's going up means that training has failed.”",
    FALSE,
    why="It happens in good runs too: D is a little ahead. The samples decide.",
    name="claim-14-losses-apart",
)

ask_claim_no_error_metric = claim_on_trial(
    "“Generative models have no error metric.”",
    FALSE,
    why="Models with a likelihood are scored by it, GANs on their samples; each score is blind to "
    "something.",
    name="claim-19-no-error-metric",
)

ask_claim_copying = claim_on_trial(
    "“The generator learns to copy real images.”",
    FALSE,
    why="The aim is the distribution, and G never sees an image; but a game on a finite set is "
    "won by copying it, so one has to look.",
    name="claim-10-copying",
)

ask_claim_gaussian = claim_on_trial(
    "“The noise must be Gaussian.”",
    FALSE,
    why="Any continuous law will do that is easy to draw from and has enough dimensions. In the "
    "plane of lesson 07 you can try others.",
    name="claim-15-noise",
)
