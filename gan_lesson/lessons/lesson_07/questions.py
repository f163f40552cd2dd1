"""Questions of lesson 07, a playground in two dimensions."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial

ask_flat_d = ChoiceQuestion(
    "In some region D says 0.01 to every place: it is sure that points there are generated, and "
    "equally sure everywhere. How strong is the pull on a generated point there?",
    [
        "it is the strongest of all, since D is so sure",
        "there is none",
        "it is strong, in a random direction",
    ],
    truth="there is none",
    why="The pull is 1 − D(x) times the slope of the logit in x. Where D is flat this slope is "
    "0. Where D is flat it teaches nothing, whatever its score is.",
    name="pull-where-d-is-flat",
)

ask_claim_about_seeing_the_data = claim_on_trial(
    "“During training, G sees the real data.”",
    FALSE,
    why="In this game G's step gets no real point. All that G learns of the data comes from D.",
    name="claim-15-g-sees-the-data",
)

ask_claim_about_the_circle = claim_on_trial(
    "“2,500 points spread at random over the circle of radius 1 around 0 practically always "
    "capture all eight modes of the ring.”",
    HOLDS,
    why="A mode is captured by one sample within 3 sd of its centre. This circle runs "
    "through every centre, and about 24 of its points lie that near to each.",
    name="claim-28-the-circle",
)

ask_claim_about_better_than_perfect = claim_on_trial(
    "“A sampler can have more samples of high quality than a perfect sampler has.”",
    HOLDS,
    why="A perfect sampler draws from the data, and 1.1 % of the data itself is farther than 3 sd "
    "from its centre. Points that sit on the centres score 100 %.",
    name="claim-37-better-than-perfect",
)

ask_modes_of_hasty_g = ChoiceQuestion(
    "G's learning rate is 0.002 and D's is 0.0002. How many of the eight modes of the wide ring "
    "does G capture after 1,500 steps, in most runs?",
    ["three or fewer", "four or five", "six or more"],
    truth="three or fewer",
    why="The points gather in one heap, on a mode or on the way to the next one. They move on "
    "together when D has noticed.",
    name="modes-of-a-hasty-g",
)

ask_claim_about_one_place = claim_on_trial(
    "“If D stands still, training brings all points of G to the one place where D is highest.”",
    ONLY_IF,
    why="The best G puts all points there. A G that follows slopes does so only if D has a highest "
    "place and no other hill of D can hold its points.",
    name="claim-one-place-for-a-fixed-d",
)

ask_share_left = NumberQuestion(
    "R1 and R2 have γ = 0.005, and the modes have sd = 0.05. A generated mode lies slightly off "
    "its place. Which share of what D* would say about this shift is left?",
    truth=lambda: 1 / (1 + 4 * 0.005 / 0.05**2),
    tolerance=0.03,
    low=0,
    high=1,
    step=0.01,
    why="1 / (1 + 4 γ / sd²) = 1 / 9. γ must be compared with sd², which is 0.0025.",
    name="share-left-at-gamma",
)
