"""Exercises of lesson 09, convolutions."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.lesson_09.convolve import (
    convolution_cost,
    inner_overlaps,
    output_size,
    transposed_convolve,
)

OUTPUT_SIZE = Exercise(
    "output_size",
    reference=output_size,
    cases=[
        (4, 3, 1, 0),
        (28, 4, 2, 1),
        (14, 3, 1, 1),
        (7, 3, 2, 1),
        (28, 5, 3, 0),
        (9, 1, 2, 0),
        (5, 5, 1, 0),
        (30, 7, 4, 2),
    ],  # fmt: skip
    mistakes=[
        (
            lambda n, kernel, stride, padding: (n + 2 * padding - kernel) // stride,
            "The first place is missing: even a window that cannot move gives one number.",
        ),
        (
            lambda n, kernel, stride, padding: (n + padding - kernel) // stride + 1,
            "The padding goes on both ends of the edge.",
        ),
        (
            lambda n, kernel, stride, padding: (n + 2 * padding - kernel) / stride + 1,
            "A window that would stick out is left out, so the division is rounded down.",
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
            "This is the size after a transposed convolution, the way back up.",
        ),
    ],
    hints=(
        "How many pixels can the window move to the right? Count the strides in them.",
        "Divide padded edge minus kernel by the stride, round down, and add the first place.",
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
        (np.array([[3, -1], [2, 5]]), np.array([[1, 4], [0, -2]]), 1),
        (np.array([[2.0]]), _UNEVEN, 3),
    ],
    mistakes=[
        (
            _flat,
            "Where two stamps overlap, they add up. A later one must not cover an earlier one.",
        ),
        (_turned, "The kernel is stamped as it is, but you turned it round."),
        (
            lambda y, kernel, stride: transposed_convolve(np.asarray(y).T, kernel, stride),
            "Rows and columns are swapped: i counts rows, j columns.",
        ),
        (_unweighted, "The number is missing: multiply the kernel by y[i, j]."),
        (_plus, "The number y[i, j] multiplies the kernel, but you added it."),
    ],
    hints=(
        "One number of y, times the whole kernel, is added to k × k pixels of x.",
        "The slices are given above your line. += adds to what earlier stamps left there.",
    ),
)

EVEN = Exercise(
    "is_even",
    reference=lambda kernel, stride: bool(len(set(inner_overlaps(kernel, stride))) == 1),
    cases=[(k, s) for s in (1, 2, 3, 4) for k in range(1, 9)],
    mistakes=[
        (
            lambda kernel, stride: kernel % 2 == 0,
            "At stride 3 kernel 4 is uneven and kernel 3 is even, so 2 is not special.",
        ),
        (
            lambda kernel, stride: stride % kernel == 0,
            "It is the other way round. Which of the two must be a multiple of the other?",
        ),
        (
            lambda kernel, stride: kernel == stride,
            "Then no stamps overlap, which is even. But stamps that overlap can be even too.",
        ),
        (
            lambda kernel, stride: kernel >= stride,
            "Kernel 3 with stride 2 leaves no gap, yet it is uneven.",
        ),
        (
            lambda kernel, stride: kernel % stride != 0,
            "This is the opposite: it tells when the counts are uneven.",
        ),
    ],
    hints=(
        "Along an edge, stamps begin every `stride` pixels. How many reach a pixel, on average?",
        "On average it is kernel ÷ stride. All counts can be equal only if this is a whole number.",
    ),
)

MULTIPLICATIONS = Exercise(
    "multiplications",
    reference=lambda c_in, c_out, kernel, size: convolution_cost(c_in, c_out, kernel, size**2)[1],
    cases=[(1, 1, 3, 2), (4, 32, 3, 14), (32, 64, 4, 7), (3, 5, 2, 9)],
    mistakes=[
        (
            lambda c_in, c_out, kernel, size: c_in * c_out * kernel**2,
            "These are the weights. Each of them is used at every place of the output.",
        ),
        (
            lambda c_in, c_out, kernel, size: c_in * c_out * kernel * size**2,
            "The kernel is square: kernel × kernel weights between two channels.",
        ),
        (
            lambda c_in, c_out, kernel, size: c_out * kernel**2 * size**2,
            "The channels that go in are missing: each output number is a sum over all of them.",
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
        "One output number needs kernel × kernel pixels in each of c_in channels.",
        "There are c_out × size × size output numbers.",
    ),
)

check_output_size = OUTPUT_SIZE.check
check_stamp = STAMP.check
check_is_even = EVEN.check
check_multiplications = MULTIPLICATIONS.check
