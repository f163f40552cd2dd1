"""How good are generated digits? A small classifier's features, shares and Fréchet distance.

    features(images)              (n, 64) numbers a small convolutional classifier sees
    digit_distance(images)        Fréchet distance from MNIST's 10,000 test digits
    class_shares(images)          how much of each digit 0 … 9 there is

A Fréchet distance has no unit that travels: it holds for one network's features only, so
never set this one beside a published FID, which uses Inception's. Always print beside it
the distance of real digits from real ones, `REAL_AGAINST_REAL`. Used from lesson 06 on.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, relu

from gan_lesson.assets import read_asset
from gan_lesson.data import images_to_tensor

CLASSIFIER_FILE = "digit_classifier.safetensors"
CLASSIFIER_SHA256 = "939baafa87cb4b092490750b67852dc500a24f8b60295996168cf3ac242aeb0e"
REAL_AGAINST_REAL = 2.881


class DigitClassifier(nn.Module):
    """A small convolutional network that tells the ten digits apart.

    Two convolutions of 5 x 5 (16, then 32 channels), each with ReLU and max-pooling, then
    800 -> 64 features with ReLU -> 10 logits: 65,162 numbers.
    """

    n_features = 64

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, padding=2)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.hidden = nn.Linear(800, self.n_features)
        self.logits = nn.Linear(self.n_features, 10)

    def features(self, x: Tensor) -> Tensor:
        """Return the features of images in [-1, 1], shape (n, 1, 28, 28) -> (n, 64), >= 0.

        Raises:
            ValueError: `x` is not of shape (n, 1, 28, 28).
        """
        if x.ndim != 4 or x.shape[1:] != (1, 28, 28):
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (n, 1, 28, 28)")
        x = max_pool2d(relu(self.conv1(x)), 2)
        x = max_pool2d(relu(self.conv2(x)), 2)
        return relu(self.hidden(x.flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the ten logits of images in [-1, 1], shape (n, 1, 28, 28) -> (n, 10)."""
        return self.logits(self.features(x))


class Statistics(NamedTuple):
    """Mean, shape (d,), and covariance, shape (d, d), divided by n - 1, of features; float64."""

    mean: np.ndarray
    cov: np.ndarray


@cache
def _bundle() -> dict[str, Tensor]:
    return load(read_asset(CLASSIFIER_FILE, CLASSIFIER_SHA256))


def load_classifier() -> DigitClassifier:
    """Return the trained classifier that ships with the package, in evaluation mode.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged (its sha256 is checked).

    Source: trained by `make pretrained` on MNIST's 60,000 training digits; assets/PROVENANCE.md
    has its accuracy on the 10,000 test digits.
    """
    classifier = DigitClassifier()
    weights = {k: v for k, v in _bundle().items() if not k.startswith("mnist_test.")}
    classifier.load_state_dict(weights)
    return classifier.eval().requires_grad_(False)


_classifier = cache(load_classifier)


def mnist_statistics() -> Statistics:
    """Return the statistics of the features of MNIST's 10,000 test digits, as they ship."""
    return Statistics(*(_bundle()[f"mnist_test.{name}"].numpy() for name in Statistics._fields))


def _as_batch(images: Tensor | np.ndarray) -> Tensor:
    if isinstance(images, np.ndarray):
        if images.dtype != np.uint8 or images.ndim != 3:
            raise ValueError(
                f"images is {images.dtype} of shape {images.shape}; an array must be uint8 "
                "(n, 28, 28), a tensor (n, 1, 28, 28) in [-1, 1]"
            )
        images = images_to_tensor(images)
    if images.ndim != 4 or len(images) == 0:
        raise ValueError(f"images has shape {tuple(images.shape)}; it must be (n, 1, 28, 28)")
    if not bool(images.abs().amax() <= 1.001):  # NaN fails too
        raise ValueError("images holds NaN or numbers outside [-1, 1], the scale of the lessons")
    return images


@torch.no_grad()
def features(images: Tensor | np.ndarray, batch: int = 500) -> np.ndarray:
    """Return what the shipped classifier sees in images, shape (n, 64), float64, >= 0.

    Args:
        images: tensor (n, 1, 28, 28) in [-1, 1], or array uint8 (n, 28, 28).
        batch: images computed at once.

    Raises:
        ValueError: no images, a wrong shape or type, or numbers outside [-1, 1].
    """
    x, classifier = _as_batch(images), _classifier()
    return torch.cat([classifier.features(part) for part in x.split(batch)]).double().numpy()


@torch.no_grad()
def class_shares(images: Tensor | np.ndarray, batch: int = 500) -> np.ndarray:
    """Return the share of each digit 0 … 9 among images, shape (10,), summing to 1.

    Args:
        images: tensor (n, 1, 28, 28) in [-1, 1], or array uint8 (n, 28, 28).
        batch: images computed at once.

    Raises:
        ValueError: as `features`.

    The classifier must choose one of ten digits, also for an image that shows none.
    """
    x, classifier = _as_batch(images), _classifier()
    digit = torch.cat([classifier(part).argmax(dim=1) for part in x.split(batch)])
    return np.bincount(digit.numpy(), minlength=10) / len(x)


def statistics(features: ArrayLike) -> Statistics:
    """Return mean and covariance (divided by n - 1) of features of shape (n, d), n >= 2.

    Raises:
        ValueError: a wrong shape, fewer than two rows, or a number that is not finite.
    """
    features = np.asarray(features, dtype=np.float64)
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(f"features has shape {features.shape}; it must be (n, d) with n >= 2")
    if not np.isfinite(features).all():
        raise ValueError("features holds NaN or infinite numbers; every one must be finite")
    return Statistics(features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False)))


def frechet_distance_from_statistics(
    mean1: ArrayLike, cov1: ArrayLike, mean2: ArrayLike, cov2: ArrayLike
) -> float:
    """Return |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), in squared units of the features.

    The trace of (C1 C2)^(1/2) is the sum of the square roots of the eigenvalues of
    S C2 S with S = C1^(1/2), a symmetric matrix: NumPy's `eigh` twice, in float64, where
    `scipy.linalg.sqrtm` of the unsymmetric product may stray into complex numbers.

    Args:
        mean1: mean of the first set, shape (d,).
        cov1: covariance of the first set, shape (d, d), symmetric.
        mean2: mean of the second set, shape (d,).
        cov2: covariance of the second set, shape (d, d), symmetric.

    Returns:
        Number >= 0; 0 where both statistics agree.

    Raises:
        ValueError: shapes do not fit, a number is not finite, or a covariance has an
            eigenvalue clearly below 0.

    Source: Dowson and Landau 1982, for two normal distributions; Heusel et al. 2017.
    """
    mean1, cov1, mean2, cov2 = (np.asarray(a, np.float64) for a in (mean1, cov1, mean2, cov2))
    d = mean1.shape[0] if mean1.ndim == 1 else -1
    if mean2.shape != (d,) or cov1.shape != (d, d) or cov2.shape != (d, d):
        raise ValueError(
            f"shapes are {mean1.shape}, {cov1.shape}, {mean2.shape}, {cov2.shape}; "
            "they must be (d,), (d, d), (d,), (d, d)"
        )
    if not all(np.isfinite(a).all() for a in (mean1, cov1, mean2, cov2)):
        raise ValueError("a mean or a covariance holds NaN or infinite numbers")
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
    """Return the Fréchet distance between two sets of features, in their squared units.

    Args:
        features_a: shape (n, d), n >= 2. The distance falls as n grows, so compare sets of
            one size: 10,000 here and in the benchmark.
        features_b: shape (m, d), m >= 2.

    Raises:
        ValueError: as `statistics` and `frechet_distance_from_statistics`.
    """
    a, b = statistics(features_a), statistics(features_b)
    return frechet_distance_from_statistics(*a, *b)


def digit_distance(images: Tensor | np.ndarray) -> float:
    """Return the Fréchet distance of images from MNIST's 10,000 test digits.

    Args:
        images: 10,000 of them, as `features` takes; fewer than 1,000 say little.

    Returns:
        Number >= 0. Real digits score `REAL_AGAINST_REAL`, the floor to print beside it.

    Raises:
        ValueError: as `features`.
    """
    return frechet_distance_from_statistics(*statistics(features(images)), *mnist_statistics())


def real_against_real() -> float:
    """Return the distance of the 10,000 bundled training digits from MNIST's test digits.

    It is what a perfect generator of that many images would score: the floor.
    """
    from gan_lesson.data import load_digits

    return digit_distance(load_digits().train.images)
