"""Questions of lesson 07, a playground in two dimensions."""

from gan_lesson.data import ring
from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial
from gan_lesson.lessons.lesson_07.samplers import circle, expected_modes_of_noise, judge

ask_flat_d = ChoiceQuestion(
    "In some region D says .01 to every place: surely generated, and equally so everywhere. "
    "How strong is the pull on a generated point there?",
    ["the strongest of all, D is so sure", "none at all", "strong, but in a random direction"],
    truth="none at all",
    why="The pull is (1 − D) times the slope of the logit in x. Where D is flat the slope is "
    "0. D teaches by its slope, not by its score.",
    name="pull-where-d-is-flat",
)

ask_modes_of_the_circle = NumberQuestion(
    "2,500 points evenly at random on the circle of radius 1, without any regard for the "
    "eight modes on it (sd .01). How many modes do they capture?",
    truth=lambda: judge(circle, ring()).scores.modes,
    tolerance=0.5,
    low=0,
    high=8,
    step=1,
    why="All 8. A mode is captured by one sample within 3 sd of its centre, and the circle "
    "runs through every centre: about 24 points lie near each by chance.",
    name="modes-of-the-circle",
)

ask_modes_of_noise = NumberQuestion(
    "2,500 points of uniform noise on [−5, 5]². How many of the grid's 25 modes (sd .05) do "
    "they capture, on average?",
    truth=lambda: expected_modes_of_noise(),
    tolerance=2,
    low=0,
    high=25,
    step=0.5,
    why="A mode is missed if none of 2,500 points falls into its circle of radius .15, which "
    "is .07 % of the square: .17 of all drawings. So 83 % of the 25 are captured.",
    name="modes-of-noise",
)

ask_better_than_perfect = ChoiceQuestion(
    "A perfect sampler, drawing from the data's own law, has 98.9 % samples of high quality. "
    "Can another sampler have more?",
    ["yes", "no, perfect is perfect", "only by luck"],
    truth="yes",
    why="Points that sit on the centres score 100 %. 98.9 % is what the data has, not a "
    "ceiling; above it, something is wrong.",
    name="better-than-perfect",
)

ask_modes_of_hasty_g = NumberQuestion(
    "G's learning rate is .002, D's .0002, the set the wide ring, 1,500 steps. How many of the "
    "eight modes does G capture then, in the middle one (the median) of ten runs?",
    truth=1,
    tolerance=1,
    low=0,
    high=8,
    step=1,
    why="One or two. The points gather in one heap (on a mode, or on the way to the next one), "
    "and move on together when D has noticed. Most runs end with three modes or fewer.",
    name="modes-of-a-hasty-g",
)

ask_g_alone = ChoiceQuestion(
    "A good run has all eight modes. Now D stands still and G moves 500 times alone. What "
    "becomes of G's points?",
    [
        "they gather in one place, where D is highest",
        "they leave the data",
        "it keeps all eight modes",
    ],
    truth="it keeps all eight modes",
    why="D has a hill on each mode, and slopes lead up the hill where a point is. One place is "
    "the best of all, but no slope leads there from the other seven.",
    name="g-moves-alone",
)

ask_claim_about_one_half = claim_on_trial(
    "“When D outputs 0.5 the generator has won; stop there.”",
    FALSE,
    why="D must be the best response to G. One that learns too slowly stays near ½, on average and "
    "everywhere, against a G that has collapsed, too.",
    name="claim-6-one-half",
)

ask_claim_about_error_metrics = claim_on_trial(
    "“Generative models have no error metric.”",
    FALSE,
    why="You have just used six on samples alone. Each can be cheated, so none is read alone.",
    name="claim-19-no-metric",
)

ask_claim_about_seeing_the_data = claim_on_trial(
    "“During training, G sees the real data.”",
    FALSE,
    why="G's step takes no x at all. What G knows of the data it has from the slope of D.",
    name="claim-15-g-sees-the-data",
)

ask_share_left = NumberQuestion(
    "R1 and R2 with γ = .05, modes of sd .05. A generated mode lies slightly off its place. "
    "Which share of what D* would say about that is left (k = 1/sd)?",
    truth=lambda: 1 / (1 + 4 * 0.05 / 0.05**2),
    tolerance=0.03,
    low=0,
    high=1,
    step=0.01,
    why="1 / (1 + 4 γ / sd²) = 1 / 81. γ must be compared with sd², which is .0025.",
    name="share-left-at-gamma",
)
