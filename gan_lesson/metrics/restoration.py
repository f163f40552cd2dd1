"""Scores of restored images beside their originals: MSE, PSNR, SSIM, and all that a table shows.

`x` are originals and `x_hat` their restorations, tensors or arrays of one shape, (n, 1, h, w) or
(n, h, w), n >= 1. Each score is an array of n float64, one number an image: their mean is what is
published. `data_range` is the brightest possible pixel minus the darkest: 2 on [-1, 1], 1 on
[0, 1], 255 for bytes. No score can tell it from the images, so it has no default; unless `strict`
is False, images that span more than it, or less than a twentieth of it, raise ValueError.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from gan_lesson import checks
from gan_lesson.metrics.classifier import features, load_classifier, mnist_statistics
from gan_lesson.metrics.frechet import frechet_distance_from_statistics, statistics


def mse(x: Tensor | np.ndarray, x_hat: Tensor | np.ndarray) -> np.ndarray:
    """Return the mean squared difference of each pair's pixels, shape (n,)."""
    x, x_hat = _pair(x, x_hat)
    return np.square(x - x_hat).mean(axis=(1, 2))


def psnr(
    x: Tensor | np.ndarray, x_hat: Tensor | np.ndarray, data_range: float, strict: bool = True
) -> np.ndarray:
    """Return 10 log10(data_range^2 / MSE) of each pair, dB, shape (n,); infinite for equal images.

    Half the range, forgotten, is 20 log10(2) = 6.02 dB less for every pair.
    """
    x, x_hat = _pair(x, x_hat)
    _check_range(x, x_hat, data_range, strict)
    error = np.square(x - x_hat).mean(axis=(1, 2))
    with np.errstate(divide="ignore"):
        return 10 * np.log10(data_range**2 / error)


def ssim(
    x: Tensor | np.ndarray, x_hat: Tensor | np.ndarray, data_range: float, strict: bool = True
) -> np.ndarray:
    """Return the mean structural similarity of each pair, shape (n,), at most 1.

    In a window at each place where it fits: (2 m m' + C1) (2 c + C2) over
    (m^2 + m'^2 + C1) (v + v' + C2), with means m, variances v and the covariance c; C1 is
    (.01 data_range)^2 and C2 (.03 data_range)^2. The window is Gaussian, 11 x 11, sd 1.5.

    Raises:
        ValueError: as all scores here; or an image is smaller than the window.

    Source: Wang, Bovik, Sheikh and Simoncelli 2004, for brightness >= 0.
    """
    x, x_hat = _pair(x, x_hat)
    _check_range(x, x_hat, data_range, strict)
    if min(x.shape[1:]) < _WINDOW:
        raise ValueError(f"images are of {x.shape[1:]} pixels; the window needs {_WINDOW}")
    across, down = _means_in_windows(x.shape[2]).T, _means_in_windows(x.shape[1])
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    m, m_hat = down @ x @ across, down @ x_hat @ across
    v = down @ (x * x) @ across - m * m
    v_hat = down @ (x_hat * x_hat) @ across - m_hat * m_hat
    c = down @ (x * x_hat) @ across - m * m_hat
    similarity = (2 * m * m_hat + c1) * (2 * c + c2)
    similarity /= (m * m + m_hat * m_hat + c1) * (v + v_hat + c2)
    return similarity.mean(axis=(1, 2))


_WINDOW, _WINDOW_SD = 11, 1.5


@cache
def _means_in_windows(n: int) -> np.ndarray:
    """Return the matrix that averages along one edge of n pixels, shape (n - 10, n)."""
    places = np.arange(_WINDOW) - _WINDOW // 2
    weights = np.exp(-(places**2) / (2 * _WINDOW_SD**2))
    matrix = np.zeros((n - _WINDOW + 1, n))
    for row in range(len(matrix)):
        matrix[row, row : row + _WINDOW] = weights / weights.sum()
    return matrix


def _pair(x, x_hat) -> tuple[np.ndarray, np.ndarray]:
    x, x_hat = _images("x", x), _images("x_hat", x_hat)
    checks.same_shape("x", x, "x_hat", x_hat)
    return x, x_hat


def _images(name: str, images) -> np.ndarray:
    if isinstance(images, Tensor):
        images = images.detach().cpu()
    images = checks.finite(name, images)
    if images.ndim == 4:
        checks.shape(name, images, "n", 1, "h", "w", least=1)
        return images[:, 0]
    checks.shape(name, images, "n", "h", "w", least=1)
    return images


def _check_range(x: np.ndarray, x_hat: np.ndarray, data_range: float, strict: bool) -> None:
    checks.positive("data_range", data_range)
    if not strict:
        return
    lowest, highest = min(x.min(), x_hat.min()), max(x.max(), x_hat.max())
    span = highest - lowest
    if span > 1.001 * data_range or 0 < span < data_range / 20:
        raise ValueError(
            f"data_range is {data_range:g}, but the images go from {lowest:.3g} to {highest:.3g}; "
            "it is 2 for images in [-1, 1], 1 in [0, 1], 255 for bytes"
        )


# --- a row of a table ------------------------------------------------------------------------


class RestorationScores(NamedTuple):
    """Scores of restored digits, in [-1, 1].

    psnr: mean over the images, dB. ssim: likewise. distance: Fréchet distance from MNIST's test
    digits; it depends on n, so print beside it what the originals score. read_rightly: share that
    the shipped classifier reads as they are labelled; NaN without labels. misfit: root mean square
    of shrink(x_hat) - shrink(x).
    """

    psnr: float
    ssim: float
    distance: float
    read_rightly: float
    misfit: float


@torch.no_grad()
def restoration_scores(
    x: Tensor, x_hat: Tensor, labels: Tensor | None = None, size: int = 7
) -> RestorationScores:
    """Return all scores of restored digits, on both axes; SSIM on [-1, 1] as they are.

    Args:
        x: originals, shape (n, 1, 28, 28), in [-1, 1].
        x_hat: restorations, of the same shape and range.
        labels: what the digits are, shape (n,).
        size: pixels along an edge of the small images.
    """
    checks.same_shape("x", x, "x_hat", x_hat)
    seen, right = features(x_hat), float("nan")
    if labels is not None:
        digit = load_classifier().logits(torch.from_numpy(seen).float()).argmax(dim=1)
        right = float((digit == labels).double().mean())
    gap = avg_pool2d(x_hat - x, x.shape[-1] // size)
    return RestorationScores(
        psnr=float(psnr(x, x_hat, 2).mean()),
        ssim=float(ssim(x, x_hat, 2).mean()),
        distance=frechet_distance_from_statistics(*statistics(seen), *mnist_statistics()),
        read_rightly=right,
        misfit=float(gap.square().mean().sqrt()),
    )
