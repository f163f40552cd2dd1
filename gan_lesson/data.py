"""Real samples: mixtures with known densities, bundled digits, and larger sets by choice.

`load_digits()` needs no network, ever. Images come as one float tensor in [-1, 1], shape
(n, 1, 28, 28): a batch is then one indexing operation, with no per-image work.
"""

import io
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_lesson.assets import read_asset

DIGITS_SHA256 = "2b932e6e904919c77fc08e81971cf358fab80078b14e22e6cfdd4e2833cdb85c"


class LabelledImages(NamedTuple):
    """Images, shape (n, 1, 28, 28), float32 in [-1, 1], and labels, shape (n,), int64."""

    images: Tensor
    labels: Tensor


class Digits(NamedTuple):
    """The training and the test part of a data set of images."""

    train: LabelledImages
    test: LabelledImages


def images_to_tensor(images: np.ndarray) -> Tensor:
    """Return uint8 images (n, 28, 28) as float32 (n, 1, 28, 28): 0 becomes -1, 255 becomes 1."""
    return torch.tensor(images, dtype=torch.float32).div_(127.5).sub_(1.0).unsqueeze(1)


def tensor_to_images(x: Tensor) -> np.ndarray:
    """Return images (n, 1, 28, 28) in [-1, 1] as uint8 (n, 28, 28), rounded and clipped.

    Raises:
        ValueError: `x` is not of shape (n, 1, height, width).
    """
    if x.ndim != 4 or x.shape[1] != 1:
        raise ValueError(f"x has shape {tuple(x.shape)}; it must be (n, 1, height, width)")
    return x.detach().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)[:, 0].cpu().numpy()


def load_digits() -> Digits:
    """Return 10,000 MNIST digits for training and 2,000 for testing, from inside the package.

    Raises:
        FileNotFoundError: the bundled file is missing.
        ValueError: it is damaged (its sha256 is checked each time).

    Source: MNIST (LeCun and Cortes), the first 1,000 of each digit of the training set and
    the first 200 of each of the test set; CC BY-SA 3.0, see assets/NOTICE.md.
    """
    content = read_asset("mnist_12000.npz", DIGITS_SHA256)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        parts = [
            LabelledImages(
                images_to_tensor(arrays[f"{part}_images"]),
                torch.tensor(arrays[f"{part}_labels"], dtype=torch.int64),
            )
            for part in ("train", "test")
        ]
    return Digits(*parts)


def load_mnist(root: str | Path, download: bool = False) -> Digits:
    """Return all 60,000 + 10,000 MNIST digits from `root` through torchvision.

    Args:
        root: folder that holds, or shall hold, MNIST/raw.
        download: fetch what is missing; without it no network is touched.

    Raises:
        ValueError: `root` is a file.
        RuntimeError: the files are not there (or could not be fetched); the message names
            `load_digits()`, which needs neither.
    """
    return _load_with_torchvision("MNIST", root, download)


def _load_with_torchvision(name: str, root: str | Path, download: bool) -> Digits:
    from torchvision import datasets  # 2 s to import, and most lessons do without

    root = Path(root)
    if root.exists() and not root.is_dir():
        raise ValueError(f"root is {str(root)!r}, a file; it must be a folder")
    try:
        parts = [getattr(datasets, name)(root, train=t, download=download) for t in (True, False)]
        for part in parts:
            if part.data.shape[1:] != (28, 28) or part.targets.shape != part.data.shape[:1]:
                raise ValueError(f"{len(part.targets)} labels, images {tuple(part.data.shape)}")
            if not 0 <= int(part.targets.min()) <= int(part.targets.max()) <= 9:
                raise ValueError("a label is not between 0 and 9")
    except Exception as error:  # torchvision raises many kinds; a learner needs one
        raise RuntimeError(
            f"{name} could not be read from {str(root)!r} ({error}). "
            f"Delete the folder {name} there and pass download=True to fetch it afresh, or use "
            "load_digits(), which needs no network."
        ) from error
    return Digits(
        *(LabelledImages(images_to_tensor(p.data.numpy()), p.targets.long()) for p in parts)
    )


class Mixture:
    """Equal round Gaussians in `d` dimensions: samples, and their exact density.

    Args:
        centres: one row a mode, shape (k, d).
        sd: standard deviation of every mode in every direction, positive.
        weights: share of each mode, shape (k,); equal if left out.

    Raises:
        ValueError: `centres` is not of shape (k, d), `sd` is not positive, or the weights
            are no distribution.
    """

    def __init__(self, centres: Tensor, sd: float, weights: Tensor | None = None):
        self.centres = torch.as_tensor(centres, dtype=torch.float32)
        if self.centres.ndim != 2 or self.centres.numel() == 0:
            raise ValueError(f"centres has shape {tuple(self.centres.shape)}; it must be (k, d)")
        if not torch.isfinite(self.centres).all():
            raise ValueError("centres holds NaN or infinite numbers")
        if not sd > 0:
            raise ValueError(f"sd is {sd}; it must be positive")
        k = len(self.centres)
        self.weights = torch.full((k,), 1 / k)
        if weights is not None:
            self.weights = torch.as_tensor(weights, dtype=torch.float32)
        total = float(self.weights.sum())
        if self.weights.shape != (k,) or (self.weights < 0).any() or not abs(total - 1) < 1e-5:
            raise ValueError(f"weights are {self.weights}; they must be {k} shares summing to 1")
        self.sd = float(sd)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` samples, shape (n, d), float32."""
        if n < 1:
            raise ValueError(f"n is {n}; it must be at least 1")
        mode = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.centres.shape[1], generator=generator)
        return self.centres[mode] + self.sd * noise

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x) in nats, shape (n,), for places `x` of shape (n, d).

        Raises:
            ValueError: `x` is not of shape (n, d).
        """
        d = self.centres.shape[1]
        if x.ndim != 2 or x.shape[1] != d:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (n, {d})")
        squared = torch.cdist(x, self.centres.to(x), compute_mode="donot_use_mm_for_euclid_dist")
        exponent = -0.5 * (squared / self.sd) ** 2 + self.weights.to(x).log()
        return torch.logsumexp(exponent, 1) - d * math.log(self.sd * math.sqrt(2 * math.pi))

    def density(self, x: Tensor) -> Tensor:
        """Return p(x), shape (n,), per unit of volume; arguments as `log_density`."""
        return self.log_density(x).exp()


def ring(modes: int = 8, radius: float = 1.0, sd: float = 0.01) -> Mixture:
    """Return `modes` Gaussians evenly spaced on a circle.

    Source: the ring of 8 of VEEGAN and PacGAN (radius 1, sd .01), with 8 distinct centres.
    """
    if modes < 1:
        raise ValueError(f"modes is {modes}; it must be at least 1")
    angle = torch.arange(modes) * (2 * math.pi / modes)  # the end point is the start: left out
    return Mixture(radius * torch.stack([angle.cos(), angle.sin()], dim=1), sd)


def grid(side: int = 5, spacing: float = 2.0, sd: float = 0.05) -> Mixture:
    """Return side x side Gaussians on a square grid around 0.

    Source: the grid of 25 of VEEGAN and PacGAN, {-4, -2, 0, 2, 4} squared, sd .05.
    """
    if side < 1:
        raise ValueError(f"side is {side}; it must be at least 1")
    place = (torch.arange(side) - (side - 1) / 2) * spacing
    return Mixture(torch.cartesian_prod(place, place), sd)


def two_bumps(
    means: tuple[float, float] = (-2.0, 2.0), sd: float = 0.5, share: float = 0.5
) -> Mixture:
    """Return a 1-D mixture of two normals, the first with weight `share`; x has shape (n, 1)."""
    return Mixture(torch.tensor(means).unsqueeze(1), sd, torch.tensor([share, 1 - share]))
