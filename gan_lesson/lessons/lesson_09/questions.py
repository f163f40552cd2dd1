"""Questions of lesson 09, convolutions."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial
from gan_lesson.lessons.lesson_09.convolve import inner_overlaps, output_size
from gan_lesson.lessons.lesson_09.recorded import load_race

ask_output_size = NumberQuestion(
    "An edge of 28 pixels, a kernel of 4, stride 2, padding 1. How many numbers come out "
    "along that edge?",
    truth=lambda: output_size(28, 4, 2, 1),
    tolerance=0.5,
    low=0,
    high=30,
    step=1,
    unit="numbers",
    why="28 + 2 pixels with padding; the window can move 30 − 4 = 26 pixels, 13 strides; with "
    "the first place that is 14. Exactly half the edge, and 4 is a multiple of the stride.",
    name="output-size-28",
)

ask_claim_about_undoing = claim_on_trial(
    "“A transposed convolution, also called deconvolution, undoes a convolution.”",
    FALSE,
    why="It gives back the size, not the numbers. Sixteen numbers cannot be found from four.",
    name="claim-deconvolution",
)

ask_most_stamps = NumberQuestion(
    "Kernel 3 × 3, stride 2, far from the edges. Some pixels get one stamp only. How many "
    "does the most crowded pixel get?",
    truth=lambda: int(inner_overlaps(3, 2).max()) ** 2,
    tolerance=0.5,
    low=0,
    high=9,
    step=1,
    unit="stamps",
    why="Along an edge counts alternate between 1 and 2. In two dimensions they multiply: "
    "1, 2, 2 and 4.",
    name="most-stamps",
)

ask_claim_about_divisible_kernels = claim_on_trial(
    "“Take a kernel that the stride divides, and there are no checkerboards.”",
    FALSE,
    why="The counts are even then, but the four kinds of pixels still have weights of their own.",
    name="claim-divisible-kernel",
)

ask_which_has_more_weights = ChoiceQuestion(
    "The convolutional D above beside the fully connected 784-256-128-1 of lesson 06. "
    "The convolutional one has …",
    [
        "more weights, more multiplications",
        "fewer weights, more multiplications",
        "fewer weights, fewer multiplications",
        "more weights, fewer multiplications",
    ],
    truth="fewer weights, more multiplications",
    why="Its kernels are small, but each weight is used at every place; a fully connected "
    "layer uses each weight once.",
    name="weights-and-multiplications",
)

LEVEL = "level, within a quarter of each other"


def _ahead() -> str:
    race = load_race()
    ratio = race.distances["conv"][-1] / race.distances["fc"][-1]
    if 0.8 <= ratio <= 1.25:
        return LEVEL
    return "the convolutional one" if ratio < 1 else "the fully connected one"


ask_who_is_ahead = ChoiceQuestion(
    "Both kinds train on the same digits, one core each, for the same 40 seconds. A step of "
    "the convolutional GAN takes more than twice as long. Whose digits have the smaller "
    "Fréchet distance at the end?",
    ["the fully connected one", LEVEL, "the convolutional one"],
    truth=_ahead,
    why="The convolutional one learns more from each step: what is learnt about a stroke at "
    "one place holds at every other. But its steps are dearer, and here the two balance.",
    name="who-is-ahead",
)

ask_who_suffers = ChoiceQuestion(
    "Shuffle the 784 pixels: one random order, the same for all images. Nothing is lost; who "
    "puts them back in order sees the same digits. Train both kinds on the shuffled images. "
    "Who suffers?",
    [
        "neither: no information is lost",
        "only the fully connected one",
        "only the convolutional one",
        "both, about equally",
    ],
    truth="only the convolutional one",
    why="A fully connected layer does not know which pixels are neighbours, so the order is "
    "nothing to it. A convolution bets on neighbours, and now the bet is lost.",
    name="who-suffers",
)

ask_claim_about_size = claim_on_trial(
    "“Convolutional networks are better because they are bigger.”",
    FALSE,
    why="The convolutional pair has fewer weights, and on shuffled pixels the very same networks "
    "lose.",
    name="claim-size",
)
