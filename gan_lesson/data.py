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

from gan_lesson import checks, downloads
from gan_lesson.assets import read_asset
from gan_lesson.downloads import fetch_files


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
    checks.shape("x", x, "n", 1, "height", "width")
    return x.detach().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)[:, 0].cpu().numpy()


def load_digits() -> Digits:
    """Return 10,000 MNIST digits for training and 2,000 for testing, from inside the package.

    Raises:
        FileNotFoundError: the bundled file is missing.
        ValueError: it is damaged (its sha256 is checked each time).

    Source: MNIST (LeCun and Cortes), the first 1,000 of each digit of the training set and
    the first 200 of each of the test set; CC BY-SA 3.0, see assets/NOTICE.md.
    """
    content = read_asset("mnist_12000.npz")
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
        root: folder that holds, or shall hold, MNIST/raw with the four files, unpacked or .gz;
            MNIST or MNIST/raw itself is understood too.
        download: check every file's SHA-256 and fetch what is missing or damaged, 12 MB; without
            it no network is touched, and files that are whole are read whatever they hold.

    Raises:
        ValueError: `root` is a file.
        RuntimeError: the files are not there or damaged, or could not be fetched (after
            several tries; no half file is left); the message names `load_digits()`, which
            needs neither.
    """
    return _load_with_torchvision("MNIST", root, download)


def load_fashion_mnist(root: str | Path, download: bool = False) -> Digits:
    """Return all 60,000 + 10,000 pictures of clothes of Fashion-MNIST through torchvision.

    Labels 0 … 9: T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag,
    ankle boot.

    Args:
        root: folder that holds, or shall hold, FashionMNIST/raw with the four files, unpacked
            or .gz.
        download: as `load_mnist` takes it; 31 MB.

    Raises:
        ValueError: `root` is a file.
        RuntimeError: as `load_mnist`.

    Source: Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST: a novel image dataset for
    benchmarking machine learning algorithms"; MIT licence.
    """
    return _load_with_torchvision("FashionMNIST", root, download)


def _load_with_torchvision(name: str, root: str | Path, download: bool) -> Digits:
    from torchvision import datasets  # 2 s to import, and most lessons do without

    root = Path(root)
    checks.folder("root", root)
    kind = getattr(datasets, name)
    root = _above(root, name)
    raw = root / name / "raw"
    try:
        if download:
            fetch_files(raw, downloads.SHA256[name], kind.mirrors, dict(kind.resources))
        for file, sha256 in downloads.SHA256[name].items():
            if not (raw / file).exists():
                downloads.unpack_if_packed(raw, file, sha256)
            if (raw / file).exists() and (reason := downloads.what_is_wrong_with_idx(raw / file)):
                raise ValueError(f"{file} is damaged: {reason}")
        parts = [kind(root, train=t) for t in (True, False)]
        for part in parts:
            if part.data.shape[1:] != (28, 28) or part.targets.shape != part.data.shape[:1]:
                raise ValueError(f"{len(part.targets)} labels, images {tuple(part.data.shape)}")
            if not 0 <= int(part.targets.min()) <= int(part.targets.max()) <= 9:
                raise ValueError("a label is not between 0 and 9")
    except Exception as error:  # torchvision raises many kinds; a learner needs one
        if getattr(error, "errno", None) in downloads.NO_ROOM:
            advice = "Make room"
        elif download:
            advice = "Try again later"
        else:
            advice = f"Pass download=True to fetch what is missing from {name}'s servers"
        raise RuntimeError(
            f"{name} could not be read from {str(root)!r}: {error}. {advice}, or use "
            "load_digits(), 10,000 digits that ship with the package and need no network."
        ) from error
    return Digits(
        *(LabelledImages(images_to_tensor(p.data.numpy()), p.targets.long()) for p in parts)
    )


def _above(root: Path, name: str) -> Path:
    """Return the folder that holds name/raw, if `root` lies within it; else `root`."""
    for place, inside in ((root.parent, [name]), (root.parent.parent, [name, "raw"])):
        if list(root.absolute().parts[-len(inside) :]) == inside and root.is_dir():
            return place
    return root


class Mixture:
    """Equal round Gaussians in `d` dimensions: samples, and their exact density.

    Args:
        centres: one row a mode, shape (k, d).
        sd: standard deviation of every mode in every direction, positive.
        weights: share of each mode, shape (k,); equal if left out.

    Raises:
        ValueError: `centres` is not of shape (k, d), `sd` is not positive and finite, or the
            weights are no distribution.
    """

    def __init__(self, centres: Tensor, sd: float, weights: Tensor | None = None):
        self.centres = torch.as_tensor(centres, dtype=torch.float32)
        checks.shape("centres", self.centres, "k", "d", least=1)
        checks.all_finite("centres", self.centres)
        checks.positive("sd", sd)
        k = len(self.centres)
        self.weights = torch.full((k,), 1 / k)
        if weights is not None:
            self.weights = torch.as_tensor(weights, dtype=torch.float32)
        total = float(self.weights.sum())
        if self.weights.shape != (k,) or (self.weights < 0).any() or not abs(total - 1) < 1e-5:
            raise ValueError(f"weights are {self.weights}; they must be {k} shares summing to 1")
        self.sd = float(sd)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` samples, shape (n, d), float32.

        Raises:
            ValueError: `n` is below 1.
        """
        checks.count("n", n)
        mode = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.centres.shape[1], generator=generator)
        return self.centres[mode] + self.sd * noise

    def log_density(self, x: Tensor) -> Tensor:
        """Return log p(x) in nats, shape (n,), for places `x` of shape (n, d).

        Raises:
            ValueError: `x` is not of shape (n, d).
        """
        d = self.centres.shape[1]
        checks.shape("x", x, "n", d)
        if not x.is_floating_point() or x.dtype.itemsize < 4:
            x = x.float()  # half precision would round most densities to 0
        squared = torch.cdist(x, self.centres.to(x), compute_mode="donot_use_mm_for_euclid_dist")
        exponent = -0.5 * (squared / self.sd) ** 2 + self.weights.to(x).log()
        return torch.logsumexp(exponent, 1) - d * math.log(self.sd * math.sqrt(2 * math.pi))

    def density(self, x: Tensor) -> Tensor:
        """Return p(x), shape (n,), per unit of volume; arguments as `log_density`."""
        return self.log_density(x).exp()


def ring(modes: int = 8, radius: float = 1.0, sd: float = 0.01) -> Mixture:
    """Return `modes` Gaussians evenly spaced on a circle.

    Raises:
        ValueError: `modes` is no positive integer, or `sd` is not positive.

    Source: the ring of 8 of VEEGAN and PacGAN (radius 1, sd .01), with 8 distinct centres.
    """
    checks.count("modes", modes)
    angle = torch.arange(modes) * (2 * math.pi / modes)  # the end point is the start: left out
    return Mixture(radius * torch.stack([angle.cos(), angle.sin()], dim=1), sd)


def grid(side: int = 5, spacing: float = 2.0, sd: float = 0.05) -> Mixture:
    """Return side x side Gaussians on a square grid around 0.

    Raises:
        ValueError: `side` is no positive integer, or `sd` is not positive.

    Source: the grid of 25 of VEEGAN and PacGAN, {-4, -2, 0, 2, 4} squared, sd .05.
    """
    checks.count("side", side)
    place = (torch.arange(side) - (side - 1) / 2) * spacing
    return Mixture(torch.cartesian_prod(place, place), sd)


def from_points(points: Tensor | np.ndarray, sd: float = 0.05) -> Mixture:
    """Return a set that a learner has placed: a round Gaussian at each point.

    Args:
        points: places in the plane, shape (k, 2), distinct.
        sd: spread around each point, positive.

    Raises:
        ValueError: a shape does not fit, a number is not finite, or two points coincide.
    """
    points = torch.as_tensor(points, dtype=torch.float32)
    checks.shape("points", points, "k", 2, least=1)
    if len(points.unique(dim=0)) < len(points):
        raise ValueError("two of the points coincide; each must stand alone")
    return Mixture(points, sd)


def two_moons(sd: float = 0.05, places: int = 200) -> Mixture:
    """Return two half circles that reach into each other, blurred by `sd`.

    They are `places` Gaussians in a row. Neighbours are nearer than one sd, so the density is
    exact and, along each moon, even to within a millionth part (for the sd given here).

    Raises:
        ValueError: there are fewer than two places, or `sd` is not positive.

    Source: the shape of scikit-learn's `make_moons`, moved so that its middle is 0.
    """
    checks.count("places", places, 2)
    angle = torch.linspace(0, math.pi, places // 2)
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=1)
    return Mixture(torch.cat([upper, -upper]), sd)


def spiral(turns: float = 2.0, radius: float = 1.0, sd: float = 0.03, places: int = 300) -> Mixture:
    """Return a spiral r = radius * angle / (2 pi turns), blurred by `sd`.

    It is `places` Gaussians, evenly spaced along the curve from a tenth of its radius on.

    Raises:
        ValueError: a number is not positive, or there are fewer than two places.
    """
    checks.positive("turns", turns)
    checks.positive("radius", radius)
    checks.count("places", places, 2)
    fine = torch.linspace(0.1, 1, 200_001, dtype=torch.float64)  # r / radius
    angle = 2 * math.pi * turns * fine
    curve = radius * fine.unsqueeze(1) * torch.stack([angle.cos(), angle.sin()], dim=1)
    length = torch.cat([torch.zeros(1), curve.diff(dim=0).norm(dim=1).cumsum(0)])
    even = torch.linspace(0, float(length[-1]), places, dtype=torch.float64)
    return Mixture(curve[torch.searchsorted(length, even).clamp(max=len(curve) - 1)], sd)


def letters(text: str, width: float = 3.0, height: float = 2.0) -> Mixture:
    """Return a set in the shape of letters, such as a learner's initials.

    The letters are drawn as pixels in matplotlib's own bold font; each dark pixel becomes a
    Gaussian of sd .6 pixels, so the density is exact.

    Args:
        text: one to six letters, digits or signs that the font DejaVu Sans has.
        width: the most that the letters may span, in units of x.
        height: likewise upwards; the letters fill one of the two.

    Raises:
        ValueError: no letter, more than six, or one that the font does not have.
    """
    from matplotlib import get_data_path  # the font comes with it: nothing is looked for
    from matplotlib.ft2font import FT2Font
    from PIL import Image, ImageDraw, ImageFont

    text = "".join(text.split())
    if not 1 <= len(text) <= 6:
        raise ValueError(f"text is {text!r}; it must be one to six letters")
    path = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    known = FT2Font(str(path)).get_charmap()
    for letter in text:
        if ord(letter) not in known:
            raise ValueError(f"text holds {letter!r}, which the font DejaVu Sans does not have")
    font = ImageFont.truetype(str(path), 32)
    left, top, right, bottom = font.getbbox(text)
    sheet = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(sheet).text((-left, -top), text, fill=255, font=font)
    rows, columns = np.nonzero(np.asarray(sheet) > 127)
    if not len(rows):
        raise ValueError(f"text is {text!r}, which leaves no ink")
    places = np.stack([columns, -rows], axis=1).astype(float)
    span = np.ptp(places, axis=0)
    pixel = min(width / max(span[0], 1), height / max(span[1], 1))
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    return Mixture(torch.tensor((places - middle) * pixel), 0.6 * pixel)


def two_bumps(
    means: tuple[float, float] = (-2.0, 2.0), sd: float = 0.5, share: float = 0.5
) -> Mixture:
    """Return a 1-D mixture of two normals, the first with weight `share`; x has shape (n, 1)."""
    return Mixture(torch.tensor(means).unsqueeze(1), sd, torch.tensor([share, 1 - share]))
