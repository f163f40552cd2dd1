"""Convolution and its transpose written out in NumPy, and what they cost: lesson 09.

    convolve(x, kernel)               a window slides over x: many pixels -> one number
    transposed_convolve(y, kernel)    each number stamps the kernel: one number -> many pixels
    overlaps(n, kernel, stride)       how many stamps reach each pixel: checkerboards

Sizes, weights and multiplications of layers stand beside them, and the files that ship for
the lesson: the race between both kinds of GAN, and a trained convolutional generator. What
deep-learning libraries call convolution does not turn the kernel round; nor do we.
"""

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.assets import read_asset
from gan_lesson.binary_cross_entropy import as_finite


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


# --- what ships for lesson 09 ------------------------------------------------------------------

KINDS = {"fc": "fully connected", "conv": "convolutional"}
RACE_FILE = "same_seconds.npz"
RACE_SHA256 = "01b24184c7737c0843dc7dfe2edca70528c2fd6a2d33b2264364a3ea81c36b14"
GENERATOR_FILE = "convolutional_generator.safetensors"
GENERATOR_SHA256 = "fc05c72c2d81528f672d9e4a5fa91b644ff8badbb01578ca93d079fcbcae7c65"


class Race(NamedTuple):
    """Two GANs trained for the same processor seconds, seen at the same moments.

    seconds: CPU seconds of training, shape (t,).
    steps: steps taken by then, for each kind, shape (t,).
    distances: Fréchet distance of 10,000 samples with the shipped classifier, likewise.
    images: 36 samples from the same z, uint8, shape (t, 36, 28, 28), in 16 grey levels.
    floor: the distance of as many real digits.
    """

    seconds: np.ndarray
    steps: dict[str, np.ndarray]
    distances: dict[str, np.ndarray]
    images: dict[str, np.ndarray]
    floor: float


def load_race() -> Race:
    """Return the race that ships with the package; assets/PROVENANCE.md says how it was run.

    Raises:
        FileNotFoundError: the file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    content = read_asset(RACE_FILE, RACE_SHA256)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        per_kind = [
            {kind: arrays[f"{name}_{kind}"] for kind in KINDS}
            for name in ("steps", "distances", "images")
        ]
        return Race(arrays["seconds"], *per_kind, float(arrays["floor"]))


def load_convolutional_generator():
    """Return the trained convolutional generator that ships, in evaluation mode.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged (its sha256 is checked).

    Source: trained by `make pretrained`; assets/PROVENANCE.md has seconds and scores.
    """
    from safetensors.torch import load  # here: the rest of this module needs NumPy only

    from gan_lesson.networks import convolutional_pair

    G, _ = convolutional_pair()
    stored = load(read_asset(GENERATOR_FILE, GENERATOR_SHA256))
    G.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in stored.items()})
    return G.eval().requires_grad_(False)
