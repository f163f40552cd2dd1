"""The bundled digit classifier, and what it says of images; see `metrics` for their shapes."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn.functional import relu

from gan_lesson import checks
from gan_lesson.assets import read_asset
from gan_lesson.data import images_to_tensor

CLASSIFIER_FILE = "digit_classifier.safetensors"
PART = 500  # images that are looked at together


def _relu_of_largest(x: Tensor) -> Tensor:
    """Return ReLU of the largest number of each 2 x 2 square: (n, c, h, w) -> (n, c, h/2, w/2).

    The same numbers as `max_pool2d(relu(x), 2)`; on a CPU all features take a third of its time.
    """
    of_rows = torch.maximum(x[..., ::2, :], x[..., 1::2, :])
    return relu(torch.maximum(of_rows[..., ::2], of_rows[..., 1::2]))


class DigitClassifier(nn.Module):
    """A small convolutional network that tells the ten digits apart.

    Two convolutions of 5 x 5 (16, then 32 channels), each with ReLU and max-pooling, then
    800 -> 64 features with ReLU -> 10 logits: 65,162 numbers.

    Args:
        channels: of the two convolutions.
        n_features: units of the last layer but one.
    """

    def __init__(self, channels: tuple[int, int] = (16, 32), n_features: int = 64):
        super().__init__()
        first, second = channels
        self.n_features = n_features
        self.conv1 = nn.Conv2d(1, first, 5, padding=2)
        self.conv2 = nn.Conv2d(first, second, 5)
        self.hidden = nn.Linear(25 * second, n_features)
        self.logits = nn.Linear(n_features, 10)

    def features(self, x: Tensor) -> Tensor:
        """Return the features of images in [-1, 1], shape (n, 1, 28, 28) -> (n, n_features), >= 0.

        Where nobody asks for gradients, many images are taken in parts: one image takes 50 kB
        in the first layer alone, so 10,000 at once took 0.8 GB, half of a learner's share of a
        common machine.

        Raises:
            ValueError: `x` has another shape.
        """
        checks.shape("x", x, "n", 1, 28, 28)
        learns = torch.is_grad_enabled() and (x.requires_grad or self.conv1.weight.requires_grad)
        if len(x) > PART and not learns:
            return torch.cat([self.features(part) for part in x.split(PART)])
        x = _relu_of_largest(self.conv1(x))
        x = _relu_of_largest(self.conv2(x))
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
    return load(read_asset(CLASSIFIER_FILE))


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


def _parts(images: Tensor | np.ndarray) -> tuple[Tensor, ...]:
    """Return the images in parts, in the classifier's own type and place."""
    if not isinstance(images, Tensor | np.ndarray):
        raise TypeError(f"images is of type {type(images).__name__}; give a tensor or an array")
    if isinstance(images, np.ndarray):
        if images.dtype != np.uint8 or images.ndim != 3:
            raise ValueError(
                f"images is {images.dtype} of shape {images.shape}; an array must be uint8 "
                "(n, 28, 28), a tensor (n, 1, 28, 28) in [-1, 1]"
            )
        images = images_to_tensor(images)
    checks.shape("images", images, "n", 1, 28, 28, least=1)
    if not bool(images.abs().amax() <= 1.001):  # NaN fails too
        raise ValueError("images holds NaN or numbers outside [-1, 1], the scale of the lessons")
    if float(images.amin()) >= 0 and float(images.amax()) > 0:
        raise ValueError(
            "images lie in [0, 1], where nothing is below 0; scores expect [-1, 1] with paper at "
            "-1: pass 2 * images - 1"
        )
    return images.to("cpu", torch.float32).split(PART)


@torch.no_grad()
def features(images: Tensor | np.ndarray) -> np.ndarray:
    """Return what the shipped classifier sees in images, shape (n, 64), float64, >= 0.

    Raises:
        ValueError: no images, a wrong shape or type, or numbers outside [-1, 1].
    """
    parts, classifier = _parts(images), _classifier()
    return torch.cat([classifier.features(part) for part in parts]).double().numpy()


@torch.no_grad()
def class_shares(images: Tensor | np.ndarray) -> np.ndarray:
    """Return the share of each digit 0 … 9 among images, shape (10,), summing to 1.

    The classifier must choose one of ten digits, also for an image that shows none. Arguments
    and errors are those of `features`.
    """
    parts, classifier = _parts(images), _classifier()
    digit = torch.cat([classifier(part).argmax(dim=1) for part in parts])
    return np.bincount(digit.numpy(), minlength=10) / len(digit)
