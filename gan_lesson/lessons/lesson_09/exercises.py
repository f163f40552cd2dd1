"""Lesson 09: its predictions and verdicts, and the checks of its exercises."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction
from gan_lesson.lessons.lesson_09.convolve import (
    convolution_cost,
    inner_overlaps,
    output_size,
    transposed_convolve,
)
from gan_lesson.lessons.lesson_09.recorded import load_race

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"

OUTPUT_SIZE = Exercise(
    "output_size",
    reference=output_size,
    cases=[(4, 3, 1, 0), (28, 4, 2, 1), (14, 3, 1, 1), (7, 3, 2, 1), (28, 5, 3, 0), (9, 1, 2, 0)],
    mistakes=[
        (
            lambda n, kernel, stride, padding: (n + 2 * padding - kernel) // stride,
            "The first place is missing: a window that cannot move at all still gives one number.",
        ),
        (
            lambda n, kernel, stride, padding: (n + padding - kernel) // stride + 1,
            "The padding goes on both ends of the edge.",
        ),
        (
            lambda n, kernel, stride, padding: (n + 2 * padding - kernel) / stride + 1,
            "A window that would stick out is not taken: the division is rounded down.",
        ),
        (
            lambda n, kernel, stride, padding: (n + 2 * padding) // stride,
            "The size of the kernel is missing: how far can the window move?",
        ),
        (
            lambda n, kernel, stride, padding: (n + 2 * padding - kernel + 1) // stride,
            "The + 1 counts places, not pixels: it comes after the division.",
        ),
        (
            lambda n, kernel, stride, padding: (n - 1) * stride + kernel - 2 * padding,
            "That is the size after a transposed convolution: the way back up.",
        ),
    ],
    hints=(
        "How many pixels can the window's left edge move to the right? Count strides in them.",
        "Padded edge minus kernel, divided by the stride, rounded down; then the first place.",
    ),
)


def _flat(y, kernel, stride):
    """Stamp as `transposed_convolve`, but let a later stamp cover an earlier one."""
    y, kernel = np.asarray(y, float), np.asarray(kernel, float)
    n, k = len(y), len(kernel)
    x = np.zeros(((n - 1) * stride + k,) * 2)
    for i, j in np.ndindex(n, n):
        x[i * stride : i * stride + k, j * stride : j * stride + k] = y[i, j] * kernel
    return x


def _turned(y, kernel, stride):
    return transposed_convolve(y, np.asarray(kernel)[::-1, ::-1], stride)


def _unweighted(y, kernel, stride):
    return transposed_convolve(np.ones_like(np.asarray(y, float)), kernel, stride)


def _plus(y, kernel, stride):
    """Add the number to the stamp instead of multiplying."""
    y, kernel = np.asarray(y, float), np.asarray(kernel, float)
    n, k = len(y), len(kernel)
    x = np.zeros(((n - 1) * stride + k,) * 2)
    for i, j in np.ndindex(n, n):
        x[i * stride : i * stride + k, j * stride : j * stride + k] += y[i, j] + kernel
    return x


_UNEVEN = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0], [2.0, 0.5, 1.0]])

STAMP = Exercise(
    "stamp",
    reference=lambda y, kernel, stride: transposed_convolve(y, kernel, stride),
    cases=[
        (np.array([[1.0, 2.0], [0.0, -1.0]]), _UNEVEN, 1),
        (np.array([[1.0, 2.0], [0.0, -1.0]]), _UNEVEN, 2),
        (np.arange(9.0).reshape(3, 3) - 3, np.array([[1.0, -2.0], [0.5, 4.0]]), 2),
    ],
    mistakes=[
        (_flat, "Where two stamps overlap they add up; a later one must not cover an earlier."),
        (_turned, "The kernel is stamped as it is; you turned it round."),
        (
            lambda y, kernel, stride: transposed_convolve(np.asarray(y).T, kernel, stride),
            "Rows and columns are swapped: i counts rows, j columns.",
        ),
        (_unweighted, "The stamp has no ink: the kernel is multiplied by the number y[i, j]."),
        (_plus, "The number y[i, j] multiplies the kernel; you added it."),
    ],
    hints=(
        "One number of y, times the whole kernel, is added to k × k pixels of x.",
        "The slice of x is given above your line; += adds to what earlier stamps left there.",
    ),
)

EVEN = Exercise(
    "is_even",
    reference=lambda kernel, stride: bool(len(set(inner_overlaps(kernel, stride))) == 1),
    cases=[(k, s) for s in (1, 2, 3, 4) for k in range(1, 9)],
    mistakes=[
        (
            lambda kernel, stride: kernel % 2 == 0,
            "Kernel 4 with stride 3 is uneven, kernel 3 with stride 3 even: 2 is not special.",
        ),
        (
            lambda kernel, stride: stride % kernel == 0,
            "The other way round: what must fit how many times into what?",
        ),
        (
            lambda kernel, stride: kernel == stride,
            "Then no stamps overlap, which is even. But overlaps can be even too.",
        ),
        (
            lambda kernel, stride: kernel >= stride,
            "Kernel 3 with stride 2 leaves no gap, yet it is uneven.",
        ),
        (
            lambda kernel, stride: kernel % stride != 0,
            "That is the opposite: it tells when the counts are uneven.",
        ),
    ],
    hints=(
        "Along an edge, stamps begin every `stride` pixels. How many reach a pixel, on average?",
        "kernel ÷ stride of them. All pixels can only be alike if that is a whole number.",
    ),
)

MULTIPLICATIONS = Exercise(
    "multiplications",
    reference=lambda c_in, c_out, kernel, size: convolution_cost(c_in, c_out, kernel, size**2)[1],
    cases=[(1, 1, 3, 2), (4, 32, 3, 14), (32, 64, 4, 7), (3, 5, 2, 9)],
    mistakes=[
        (
            lambda c_in, c_out, kernel, size: c_in * c_out * kernel**2,
            "Those are the weights. Each of them is used at every place of the output.",
        ),
        (
            lambda c_in, c_out, kernel, size: c_in * c_out * kernel * size**2,
            "The kernel is square: kernel × kernel weights between two channels.",
        ),
        (
            lambda c_in, c_out, kernel, size: c_out * kernel**2 * size**2,
            "The channels that go in are missing: an output sums over all of them.",
        ),
        (
            lambda c_in, c_out, kernel, size: c_in * kernel**2 * size**2,
            "The channels that come out are missing: each is computed by itself.",
        ),
        (
            lambda c_in, c_out, kernel, size: c_in * c_out * kernel**2 * size,
            "The output is square: size × size places.",
        ),
        (
            lambda c_in, c_out, kernel, size: (c_in + c_out) * kernel**2 * size**2,
            "Each output channel looks at each input channel: their numbers multiply.",
        ),
    ],
    hints=(
        "One output number: kernel × kernel pixels in each of c_in channels.",
        "There are c_out × size × size output numbers.",
    ),
)


def check_output_size(answer):
    """Check the number of places of a window along an edge; return what to use."""
    return OUTPUT_SIZE.check(answer)


def check_stamp(answer):
    """Check a transposed convolution of one channel; return what to use."""
    return STAMP.check(answer)


def check_is_even(answer):
    """Check whether all pixels get the same number of stamps; return what to use."""
    return EVEN.check(answer)


def check_multiplications(answer):
    """Check the multiplications of a convolution layer; return what to use."""
    return MULTIPLICATIONS.check(answer)


def ask_output_size() -> NumberPrediction:
    """Ask for the size of 28 pixels after kernel 4, stride 2, padding 1."""
    return predict_number(
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


def ask_claim_about_undoing() -> ChoicePrediction:
    """Ask for a verdict on the claim that a transposed convolution undoes a convolution."""
    return _ask_verdict(
        "“A transposed convolution, also called deconvolution, undoes a convolution.”",
        "It gives back the size, not the numbers. Sixteen numbers cannot be found from four.",
        "claim-deconvolution",
    )


def ask_most_stamps() -> NumberPrediction:
    """Ask for the largest count of stamps with kernel 3 and stride 2 in two dimensions."""
    return predict_number(
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


def ask_claim_about_divisible_kernels() -> ChoicePrediction:
    """Ask for a verdict on the claim that a divisible kernel removes checkerboards."""
    return _ask_verdict(
        "“Take a kernel that the stride divides, and there are no checkerboards.”",
        "The counts are even then, but the four kinds of pixels still have weights of their own.",
        "claim-divisible-kernel",
    )


def ask_which_has_more_weights() -> ChoicePrediction:
    """Ask which discriminator has more weights, and which multiplies more."""
    truth = "fewer weights, more multiplications"
    return predict_choice(
        "The convolutional D above beside the fully connected 784-256-128-1 of lesson 06. "
        "The convolutional one has …",
        [
            "more weights, more multiplications",
            truth,
            "fewer weights, fewer multiplications",
            "more weights, fewer multiplications",
        ],
        truth=truth,
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


def ask_who_is_ahead() -> ChoicePrediction:
    """Ask which GAN is ahead at the end of the race."""
    return predict_choice(
        "Both kinds train on the same digits, one core each, for the same 40 seconds. A step of "
        "the convolutional GAN takes more than twice as long. Whose digits have the smaller "
        "Fréchet distance at the end?",
        ["the fully connected one", LEVEL, "the convolutional one"],
        truth=_ahead,
        why="The convolutional one learns more from each step: what is learnt about a stroke at "
        "one place holds at every other. But its steps are dearer, and here the two balance.",
        name="who-is-ahead",
    )


def ask_who_suffers() -> ChoicePrediction:
    """Ask which kind suffers when all pixels are shuffled in the same way."""
    return predict_choice(
        "Shuffle the 784 pixels: one random order, the same for all images. Nothing is lost; who "
        "puts them back in order sees the same digits. Train both kinds on the shuffled images. "
        "Who suffers?",
        ["neither: no information is lost", "only the fully connected one", "only the "
         "convolutional one", "both, about equally"],
        truth="only the convolutional one",
        why="A fully connected layer does not know which pixels are neighbours, so the order is "
        "nothing to it. A convolution bets on neighbours, and now the bet is lost.",
        name="who-suffers",
    )  # fmt: skip


def ask_claim_about_size() -> ChoicePrediction:
    """Ask for a verdict on the claim that convolutional networks win by size."""
    return _ask_verdict(
        "“Convolutional networks are better because they are bigger.”",
        "The convolutional pair has fewer weights, and on shuffled pixels the very same networks "
        "lose.",
        "claim-size",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"A tutorial says: {claim} What is your verdict?"
    return predict_choice(question, [HOLDS, FALSE], FALSE, why, name)
