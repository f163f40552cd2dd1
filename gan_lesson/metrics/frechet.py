"""The Fréchet distance between two sets of features, and on the bundled classifier.

It is in squared units of the features, 0 where mean and covariance agree. It falls as sets
grow, so compare sets of one size: 10,000 here and in the benchmark.
"""

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from gan_lesson import checks
from gan_lesson.metrics.classifier import Statistics, features, mnist_statistics

REAL_AGAINST_REAL = 2.881


def statistics(features: ArrayLike) -> Statistics:
    """Return mean and covariance (divided by n - 1) of features of shape (n, d), n >= 2.

    Raises:
        ValueError: a wrong shape, fewer than two rows, or a number that is not finite.
    """
    features = checks.finite("features", features)
    checks.shape("features", features, "n", "d", least=2)
    return Statistics(features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False)))


def frechet_distance_from_statistics(
    mean1: ArrayLike, cov1: ArrayLike, mean2: ArrayLike, cov2: ArrayLike
) -> float:
    """Return |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) >= 0.

    The trace of (C1 C2)^(1/2) is the sum of the square roots of the eigenvalues of
    S C2 S with S = C1^(1/2), a symmetric matrix: NumPy's `eigh` twice, in float64, where
    `scipy.linalg.sqrtm` of the unsymmetric product may stray into complex numbers.

    Args:
        mean1: mean of the first set, shape (d,).
        cov1: covariance of the first set, shape (d, d), symmetric.
        mean2: mean of the second set, shape (d,).
        cov2: covariance of the second set, shape (d, d), symmetric.

    Raises:
        ValueError: shapes do not fit, a number is not finite, or a covariance has an
            eigenvalue clearly below 0.

    Source: Dowson and Landau 1982, for two normal distributions; Heusel et al. 2017.
    """
    given = {"mean1": mean1, "cov1": cov1, "mean2": mean2, "cov2": cov2}
    mean1, cov1, mean2, cov2 = (checks.finite(name, a) for name, a in given.items())
    d = mean1.shape[0] if mean1.ndim == 1 else -1
    if mean2.shape != (d,) or cov1.shape != (d, d) or cov2.shape != (d, d):
        raise ValueError(
            f"shapes are {mean1.shape}, {cov1.shape}, {mean2.shape}, {cov2.shape}; "
            "they must be (d,), (d, d), (d,), (d, d)"
        )
    values, vectors = np.linalg.eigh(cov1)
    root = (vectors * np.sqrt(_not_negative(values, "cov1"))) @ vectors.T
    _not_negative(np.linalg.eigvalsh(cov2), "cov2")
    product = np.linalg.eigvalsh(root @ cov2 @ root)
    cross = np.sqrt(np.maximum(product, 0.0)).sum()
    distance = np.sum((mean1 - mean2) ** 2) + np.trace(cov1) + np.trace(cov2) - 2 * cross
    return max(0.0, float(distance))  # rounding alone can leave -1e-13


def _not_negative(eigenvalues: np.ndarray, name: str) -> np.ndarray:
    largest = np.abs(eigenvalues).max()
    if eigenvalues.min() < -1e-6 * largest:
        raise ValueError(
            f"{name} has the eigenvalue {eigenvalues.min():.3g}; a covariance has none below 0"
        )
    return np.maximum(eigenvalues, 0.0)


def frechet_distance(features_a: ArrayLike, features_b: ArrayLike) -> float:
    """Return the Fréchet distance between two sets of features, shapes (n, d) and (m, d).

    Raises:
        ValueError: as `statistics` and `frechet_distance_from_statistics`.
    """
    a, b = statistics(features_a), statistics(features_b)
    return frechet_distance_from_statistics(*a, *b)


def digit_distance(images: Tensor | np.ndarray) -> float:
    """Return the Fréchet distance of images from MNIST's 10,000 test digits.

    Take 10,000 of them; fewer than 1,000 say little. Print `REAL_AGAINST_REAL` beside it, the
    floor: what the 10,000 bundled training digits score, and a perfect generator would.

    Raises:
        ValueError: as `features`.
    """
    return frechet_distance_from_statistics(*statistics(features(images)), *mnist_statistics())
