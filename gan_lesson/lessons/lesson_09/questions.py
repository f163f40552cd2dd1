"""Questions of lesson 09, convolutions."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.lesson_09.convolve import inner_overlaps
from gan_lesson.lessons.lesson_09.recorded import load_race

ask_claim_about_undoing = claim_on_trial(
    "“A transposed convolution with the same kernel size, stride and padding undoes what a "
    "convolution did to the size of an image.”",
    ONLY_IF,
    why={
        HOLDS: "Kernel 3 with stride 2 and padding 1 takes both 27 and 28 pixels to 14. The way "
        "back cannot lead to both.",
        ONLY_IF: "The condition is that the division by the stride leaves no remainder. Otherwise "
        "it is rounded down, and the way back gives fewer pixels.",
        FALSE: "With stride 1 it holds for every kernel, and with stride 2 for many: 28 pixels "
        "become 14 and 28 again with kernel 4 and padding 1.",
    },
    name="claim-transposed-size",
)

ask_most_stamps = NumberQuestion(
    "The stamps have 3 × 3 pixels, and there is one every 2 pixels in both directions. Far from "
    "the rim, some pixels get only one stamp. How many does the most crowded pixel get?",
    truth=lambda: int(inner_overlaps(3, 2).max()) ** 2,
    tolerance=0.5,
    low=0,
    high=9,
    step=1,
    unit="stamps",
    why="Along an edge the counts alternate between 1 and 2. In two dimensions they multiply, so "
    "a pixel gets 1, 2, 2 or 4 stamps.",
    name="most-stamps",
)

ask_claim_about_divisible_kernels = claim_on_trial(
    "“With stride 2, a kernel that 2 divides rules checkerboards out, whatever its weights.”",
    FALSE,
    why="The counts of stamps are even then. But with stride 2 there are four kinds of pixels, "
    "and each kind has weights of its own.",
    name="claim-divisible-kernel",
)

ask_which_has_more_weights = ChoiceQuestion(
    "Compare the convolutional D of this section with the fully connected D of lesson 06, which "
    "has layers of 784, 256, 128 and 1 numbers. What does the convolutional one have?",
    [
        "more weights and more multiplications",
        "fewer weights and more multiplications",
        "fewer weights and fewer multiplications",
        "more weights and fewer multiplications",
    ],
    truth="fewer weights and more multiplications",
    why="Its kernels are small, but each of their weights is used at every place. A fully "
    "connected layer uses each weight once.",
    name="weights-and-multiplications",
)

FC_AHEAD = "the fully connected one's, by more than a quarter"
LEVEL = "neither's: the two differ by at most a quarter"
CONV_AHEAD = "the convolutional one's, by more than a quarter"


def _ahead() -> str:
    race = load_race()
    ratio = race.distances["conv"][-1] / race.distances["fc"][-1]
    if 0.8 <= ratio <= 1.25:
        return LEVEL
    return CONV_AHEAD if ratio < 1 else FC_AHEAD


ask_who_is_ahead = ChoiceQuestion(
    "Both kinds train on the same digits, with one core each, for the same 40 seconds. A step of "
    "the convolutional GAN takes more than twice as long. Whose Fréchet distance is clearly "
    "smaller at the end?",
    [FC_AHEAD, LEVEL, CONV_AHEAD],
    truth=_ahead,
    why="The convolutional one gains more from each step: it relies on neighbours (section 6), "
    "and its learning rates are set higher here. But its steps cost more time, and here the two "
    "balance.",
    name="who-is-ahead",
)

ask_claim_about_two_processes = claim_on_trial(
    "“Two processes that get half of the batch each, and average their gradients, take the same "
    "step as one process with the whole batch.”",
    ONLY_IF,
    why={
        HOLDS: "It does not hold for our G. BatchNorm takes mean and variance of the images that "
        "it gets, and in a half these are others than in the whole batch.",
        ONLY_IF: "The conditions are that the loss is a mean, that the shards are equal, and that "
        "no layer looks at the other images of its shard.",
        FALSE: "It holds for our D: its loss is a mean over images, none of its layers looks at "
        "other images, and a mean of two means over equal halves is the mean over all.",
    },
    name="claim-two-processes",
)

ask_claim_about_shuffling = claim_on_trial(
    "“If you shuffle the pixels of all images in one fixed order, a fully connected GAN learns as "
    "well as before.”",
    HOLDS,
    why="A fully connected layer does not know which pixels are neighbours, so no order is special "
    "to it. A convolution relies on neighbours, and it is the one that suffers.",
    name="claim-29-shuffling",
)
