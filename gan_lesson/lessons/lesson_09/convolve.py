"""Convolution and transposed convolution by hand, in NumPy, and what they cost."""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.lessons.mathematics.bce import as_finite


def _square(name: str, values: ArrayLike) -> np.ndarray:
    values = as_finite(name, values)
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not values.size:
        raise ValueError(f"{name} has shape {values.shape}; it must be square, (n, n)")
    return values


def _check(least: int = 1, **counts: int) -> None:
    """Raise ValueError, naming the argument, for what is no integer, or one below `least`."""
    for name, count in counts.items():
        if not isinstance(count, (int, np.integer)) or count < least:
            raise ValueError(f"{name} is {count!r}; it must be an integer >= {least}")


def output_size(n: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Return how many places a window of `kernel` pixels has along an edge of `n` pixels.

    Args:
        n: pixels along one edge of the input.
        kernel: pixels along one edge of the kernel.
        stride: pixels from one place of the window to the next.
        padding: zeros added at each end of the edge.

    Raises:
        ValueError: the kernel is larger than the padded edge, or a number is out of range.
    """
    _check(n=n, kernel=kernel, stride=stride)
    _check(0, padding=padding)
    if not 1 <= kernel <= n + 2 * padding:
        raise ValueError(f"kernel is {kernel}; it must be between 1 and {n + 2 * padding}")
    return (n + 2 * padding - kernel) // stride + 1


def transposed_output_size(n: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Return the pixels along an edge after `n` stamps of `kernel` pixels, `padding` cut off.

    Args:
        n: pixels along one edge of the input.
        kernel: pixels along one edge of the kernel.
        stride: pixels from one stamp to the next.
        padding: pixels cut off at each end.

    Raises:
        ValueError: nothing would be left, or a number is out of range.
    """
    _check(n=n, kernel=kernel, stride=stride)
    _check(0, padding=padding)
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

    Raises:
        ValueError: an array is not square or not finite, or sizes do not fit.

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

    Raises:
        ValueError: an array is not square or not finite, or nothing would be left.

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


def convolution_matrix(n: int, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Return the matrix C with C @ x.ravel() = convolve(x, kernel).ravel().

    Its transpose gives `transposed_convolve`, hence the name.

    Args:
        n: pixels along one edge of x.
        kernel: weights, shape (k, k).
        stride: as in `convolve`.
        padding: as in `convolve`.

    Returns:
        Shape (m * m, n * n).

    Raises:
        ValueError: as `convolve`.
    """
    _check(n=n)
    pixels = np.eye(n * n).reshape(-1, n, n)
    columns = [convolve(pixel, kernel, stride, padding).ravel() for pixel in pixels]
    return np.stack(columns, axis=1)


def overlaps(n: int, kernel: int, stride: int) -> np.ndarray:
    """Return how many stamps reach each pixel along one edge; nothing is cut off.

    Args:
        n: stamps along the edge.
        kernel: pixels along one edge of a stamp.
        stride: pixels from one stamp to the next.

    Returns:
        Integers, shape ((n - 1) * stride + kernel,). In two dimensions the count of pixel
        (i, j) is the product of the counts of i and of j.

    Raises:
        ValueError: a number is below 1.

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


# --- what layers cost --------------------------------------------------------------------------


def linear_cost(n_in: int, n_out: int) -> tuple[int, int]:
    """Return (weights, multiplications a sample) of a fully connected layer, biases left out.

    Raises:
        ValueError: a width is no integer >= 1.
    """
    _check(n_in=n_in, n_out=n_out)
    return n_in * n_out, n_in * n_out


def convolution_cost(c_in: int, c_out: int, kernel: int, places: int) -> tuple[int, int]:
    """Return (weights, multiplications a sample) of a convolution, biases left out.

    Args:
        c_in: channels that go in.
        c_out: channels that come out.
        kernel: pixels along one edge of the kernel.
        places: how often each weight is used: pixels of the output of a convolution, of the
            input of a transposed one (padding counted in).

    Raises:
        ValueError: a number is no integer >= 1.
    """
    _check(c_in=c_in, c_out=c_out, kernel=kernel, places=places)
    weights = c_in * c_out * kernel * kernel
    return weights, weights * places
