"""Convolution and transposed convolution by hand, in NumPy, and what they cost.

Images and kernels are square. Along one edge `n` is the number of pixels of the input, `kernel`
that of the kernel, `stride` the pixels from one place of the window, or from one stamp, to the
next. `padding` is what a convolution adds of zeros at each end, and what a transposed one cuts
off there. All are integers, `padding` 0 or more and the others 1 or more; else, or where a kernel
does not fit, ValueError is raised. Lesson 09.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks


def output_size(n: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Return how many places a window has along an edge of `n` pixels."""
    checks.count("n", n)
    checks.count("stride", stride)
    checks.count("padding", padding, 0)
    checks.count("kernel", kernel, 1, n + 2 * padding)
    return (n + 2 * padding - kernel) // stride + 1


def transposed_output_size(n: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Return the pixels along an edge after `n` stamps of `kernel` pixels, `padding` cut off.

    Raises:
        ValueError: also where nothing would be left.
    """
    checks.count("n", n)
    checks.count("kernel", kernel)
    checks.count("stride", stride)
    checks.count("padding", padding, 0)
    size = (n - 1) * stride + kernel - 2 * padding
    if size < 1:
        raise ValueError(f"n {n}, kernel {kernel}, padding {padding} leave {size} pixels")
    return size


def convolve(x: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Slide a window over one channel; each output is the sum of window times kernel.

    Args:
        x: one image, shape (n, n).
        kernel: weights, shape (k, k), not turned round.
        stride: pixels from one place to the next.
        padding: rows and columns of zeros added on each side.

    Returns:
        Shape (m, m), m = `output_size(n, k, stride, padding)`.

    Source: Dumoulin and Visin 2016, section 2. Written out in lesson 09.
    """
    x, kernel = _square("x", x), _square("kernel", kernel)
    k, m = len(kernel), output_size(len(x), len(kernel), stride, padding)
    x = np.pad(x, padding)
    y = np.zeros((m, m))
    for i in range(m):
        for j in range(m):
            top, left = i * stride, j * stride
            y[i, j] = np.sum(x[top : top + k, left : left + k] * kernel)
    return y


def transposed_convolve(
    y: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Stamp the kernel once for each number of one channel; what overlaps adds up.

    Args:
        y: one small image, shape (n, n).
        kernel: weights, shape (k, k).
        stride: pixels from one stamp to the next.
        padding: rows and columns cut off on each side at the end.

    Returns:
        Shape (m, m), m = `transposed_output_size(n, k, stride, padding)`.

    Source: Dumoulin and Visin 2016, section 4. Written out in lesson 09.
    """
    y, kernel = _square("y", y), _square("kernel", kernel)
    n, k = len(y), len(kernel)
    transposed_output_size(n, k, stride, padding)
    x = np.zeros(((n - 1) * stride + k,) * 2)
    for i in range(n):
        for j in range(n):
            top, left = i * stride, j * stride
            x[top : top + k, left : left + k] += y[i, j] * kernel
    return x[padding : len(x) - padding, padding : len(x) - padding]


def _square(name: str, values: ArrayLike) -> np.ndarray:
    values = checks.finite(name, values)
    checks.shape(name, values, "n", "n", least=1)
    return values


def convolution_matrix(n: int, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Return the matrix C with C @ x.ravel() = convolve(x, kernel).ravel(), shape (m * m, n * n).

    Its transpose gives `transposed_convolve`, hence the name. Arguments are those of `convolve`.
    """
    checks.count("n", n)
    pixels = np.eye(n * n).reshape(-1, n, n)
    columns = [convolve(pixel, kernel, stride, padding).ravel() for pixel in pixels]
    return np.stack(columns, axis=1)


def overlaps(n: int, kernel: int, stride: int) -> np.ndarray:
    """Return how many of `n` stamps reach each pixel along one edge; nothing is cut off.

    Returns:
        Integers, shape ((n - 1) * stride + kernel,). In two dimensions the count of pixel
        (i, j) is the product of the counts of i and of j.

    Source: Odena, Dumoulin and Olah 2016.
    """
    counts = np.zeros(transposed_output_size(n, kernel, stride), dtype=int)
    for i in range(n):
        counts[i * stride : i * stride + kernel] += 1
    return counts


def inner_overlaps(kernel: int, stride: int) -> np.ndarray:
    """Return the counts of one period far from the edges, shape (stride,); all alike is even."""
    n = 2 * kernel + 2
    start = stride * (n // 2)
    return overlaps(n, kernel, stride)[start : start + stride]


def convolution_cost(c_in: int, c_out: int, kernel: int, places: int) -> tuple[int, int]:
    """Return (weights, multiplications a sample) of a convolution, biases left out.

    Args:
        c_in: channels that go in, 1 or more.
        c_out: channels that come out, 1 or more.
        kernel: pixels along one edge of the kernel.
        places: how often each weight is used, 1 or more: pixels of the output of a convolution,
            of the input of a transposed one (padding counted in). A fully connected layer is a
            kernel of 1 at 1 place.
    """
    for name, number in {"c_in": c_in, "c_out": c_out, "kernel": kernel, "places": places}.items():
        checks.count(name, number)
    weights = c_in * c_out * kernel * kernel
    return weights, weights * places
