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


def _as_batch(images: Tensor | np.ndarray, batch: int) -> tuple[Tensor, ...]:
    """Return the images in parts of `batch`, in the classifier's own type and place."""
    if not isinstance(batch, int) or batch < 1:
        raise ValueError(f"batch is {batch!r}; it must be an integer >= 1")
    if not isinstance(images, Tensor | np.ndarray):
        raise TypeError(f"images is of type {type(images).__name__}; give a tensor or an array")
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
    return images.to("cpu", torch.float32).split(batch)


@torch.no_grad()
def features(images: Tensor | np.ndarray, batch: int = 500) -> np.ndarray:
    """Return what the shipped classifier sees in images, shape (n, 64), float64, >= 0.

    Args:
        images: tensor (n, 1, 28, 28) in [-1, 1], or array uint8 (n, 28, 28).
        batch: images computed at once.

    Raises:
        ValueError: no images, a wrong shape or type, or numbers outside [-1, 1].
    """
    parts, classifier = _as_batch(images, batch), _classifier()
    return torch.cat([classifier.features(part) for part in parts]).double().numpy()


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
    parts, classifier = _as_batch(images, batch), _classifier()
    digit = torch.cat([classifier(part).argmax(dim=1) for part in parts])
    return np.bincount(digit.numpy(), minlength=10) / len(digit)


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


# --- scores of samples in the plane ---------------------------------------------------------------

HIGH_QUALITY_SDS = 3.0
FAIR_SHARE = 0.2


class ModeScores(NamedTuple):
    """How well samples cover modes whose centres are known.

    Attributes:
        modes: how many modes hold at least one high-quality sample.
        fair_modes: how many hold at least a fifth of an equal share of all samples.
        high_quality: share of samples within 3 sd of their nearest centre, from 0 to 1.
        reverse_kl: KL divergence of the high-quality samples' shares of the modes from equal
            shares, nats; 0 for equal shares, log k if one mode has them all, NaN without any.
        covariance_ratio: variance of high-quality samples around the mean of their mode, over
            sd squared; NaN if no mode holds two of them.
    """

    modes: float
    fair_modes: float
    high_quality: float
    reverse_kl: float
    covariance_ratio: float


def mode_scores(samples: ArrayLike, centres: ArrayLike, sd: float) -> ModeScores:
    """Score samples against equal round Gaussians, each score blind to something.

    Modes are captured by uniform noise, high quality by points that sit on the centres or by
    a single mode, a small reverse KL by a circle through the ring: read all five together,
    beside `reference_scores`.

    A sample of high quality lies within 3 sd, which cuts the tails: a perfect sampler has
    98.9 % of them, and in the plane a covariance ratio of .949 instead of 1, because
    1 - (c²/2) e^(-c²/2) / (1 - e^(-c²/2)) = .949 at c = 3.

    Args:
        samples: shape (n, d), n >= 1; the published tables use n = 2,500.
        centres: shape (k, d), distinct.
        sd: standard deviation of each mode in every direction, in the unit of the samples.

    Raises:
        ValueError: a shape does not fit, a number is not finite, `sd` is not positive, or
            two centres coincide.

    Source: Srivastava et al. 2017 (VEEGAN) for modes and high quality, Lin et al. 2018
    (PacGAN) for the reverse KL; the fair share and the covariance ratio are ours.
    """
    x, mu = _places("samples", samples), _places("centres", centres)
    if x.shape[1] != mu.shape[1]:
        raise ValueError(f"samples have {x.shape[1]} numbers each, centres {mu.shape[1]}")
    if not 0 < sd < np.inf:
        raise ValueError(f"sd is {sd}; it must be positive")
    if len(np.unique(mu, axis=0)) < len(mu):
        raise ValueError(f"only {len(np.unique(mu, axis=0))} of {len(mu)} centres are distinct")
    squared = np.square(x[:, None] - mu).sum(axis=2)
    near = squared.min(axis=1) <= (HIGH_QUALITY_SDS * sd) ** 2
    good, mode = x[near], squared.argmin(axis=1)[near]
    counts = np.bincount(mode, minlength=len(mu))
    return ModeScores(
        modes=int((counts > 0).sum()),
        fair_modes=int((counts >= FAIR_SHARE * len(x) / len(mu)).sum()),
        high_quality=float(near.mean()),
        reverse_kl=_kl_from_equal_shares(counts),
        covariance_ratio=_within_mode_variance(good, mode, counts) / sd**2,
    )


def _places(name: str, places: ArrayLike) -> np.ndarray:
    places = np.asarray(places, dtype=np.float64)
    if places.ndim != 2 or not places.size:
        raise ValueError(f"{name} has shape {places.shape}; it must be (n, d) with n >= 1")
    if not np.isfinite(places).all():
        raise ValueError(f"{name} holds NaN or infinite numbers; every one must be finite")
    return places


def _kl_from_equal_shares(counts: np.ndarray) -> float:
    if not counts.any():
        return float("nan")
    shares = counts[counts > 0] / counts.sum()
    return float(max(0.0, shares @ np.log(shares * len(counts))))


def _within_mode_variance(x: np.ndarray, mode: np.ndarray, counts: np.ndarray) -> float:
    """Return the variance around each mode's own mean, pooled over modes and directions."""
    freedom = int(np.maximum(counts - 1, 0).sum()) * x.shape[1]
    if not freedom:
        return float("nan")
    sums = np.stack([np.bincount(mode, x[:, j], len(counts)) for j in range(x.shape[1])], axis=1)
    own_mean = sums[mode] / counts[mode, None]
    return float(np.square(x - own_mean).sum() / freedom)


def reference_scores(
    centres: ArrayLike, sd: float, n: int = 2500, repeats: int = 20, seed: int = 0
) -> dict[str, ModeScores]:
    """Return the rows to print beside any `mode_scores`, each a mean over `repeats` drawings.

    Args:
        centres: shape (k, d).
        sd: standard deviation of each mode.
        n: samples in each drawing.
        repeats: drawings.
        seed: start of the random numbers.

    Returns:
        "perfect sampler": samples of the mixture itself, with equal weights.
        "uniform noise": uniform in a square around the centres, a quarter wider than they
            are spread: [-5, 5]² for the grid of 25.

    Raises:
        ValueError: as `mode_scores`, or `n` or `repeats` is not at least 1.
    """
    mu = _places("centres", centres)
    if n < 1 or repeats < 1:
        raise ValueError(f"n is {n} and repeats is {repeats}; both must be at least 1")
    draw = np.random.default_rng(seed)
    middle = (mu.min(axis=0) + mu.max(axis=0)) / 2
    half_width = 1.25 * np.abs(mu - middle).max() or 5 * sd  # a single mode: some square around it
    rows: dict[str, list[ModeScores]] = {"perfect sampler": [], "uniform noise": []}
    for _ in range(repeats):
        perfect = mu[draw.integers(len(mu), size=n)] + sd * draw.normal(size=(n, mu.shape[1]))
        noise = middle + half_width * draw.uniform(-1, 1, size=(n, mu.shape[1]))
        rows["perfect sampler"].append(mode_scores(perfect, mu, sd))
        rows["uniform noise"].append(mode_scores(noise, mu, sd))
    return {name: ModeScores(*np.mean(row, axis=0).tolist()) for name, row in rows.items()}


def jsd_on_grid(
    samples: ArrayLike, centres: ArrayLike, sd: float, cells: int = 50, half_width: float = 5.0
) -> float:
    """Return the JSD between samples, counted in square cells, and the mixture's exact shares.

    Counts fluctuate, so a perfect sampler does not score 0: print its figure beside it.

    Args:
        samples: shape (n, 2). What falls outside the square is counted as one more cell.
        centres: shape (k, 2), modes of equal weight.
        sd: standard deviation of each mode.
        cells: number of cells in each direction.
        half_width: the square is [-half_width, half_width]².

    Returns:
        Number from 0 to log 2 = .693, nats.

    Raises:
        ValueError: samples or centres are not in the plane or not finite, or `sd`, `cells` or
            `half_width` is not positive.
    """
    x, mu = _places("samples", samples), _places("centres", centres)
    if x.shape[1] != 2 or mu.shape[1] != 2:
        raise ValueError(f"samples are {x.shape} and centres {mu.shape}; both must be (n, 2)")
    if not (0 < sd < np.inf and cells >= 1 and 0 < half_width < np.inf):
        raise ValueError(
            f"sd is {sd}, cells is {cells}, half_width is {half_width}; all must be positive "
            "and finite"
        )
    edges = np.linspace(-half_width, half_width, cells + 1)
    z = torch.from_numpy((edges - mu[..., None]) / sd)  # (k, 2, cells + 1)
    shares = torch.special.ndtr(z).diff(dim=2).numpy()  # of each mode, in x and in y
    p = np.einsum("ki,kj->ij", shares[:, 0], shares[:, 1]).ravel() / len(mu)
    q = np.histogram2d(x[:, 0], x[:, 1], bins=(edges, edges))[0].ravel() / len(x)
    p, q = (np.append(share, max(0.0, 1.0 - share.sum())) for share in (p, q))
    return (_kl(p, (p + q) / 2) + _kl(q, (p + q) / 2)) / 2


def _kl(p: np.ndarray, q: np.ndarray) -> float:
    some = p > 0
    return float(p[some] @ np.log(p[some] / q[some]))


# --- images beside images: copies, fidelity and variety ----------------------------------------


def _as_rows(name: str, points: Tensor | np.ndarray) -> np.ndarray:
    """Return points or images as float32 rows, shape (n, d), finite."""
    if isinstance(points, Tensor):
        points = points.detach().cpu().numpy()
    points = np.asarray(points)
    if points.ndim < 2 or not len(points):
        raise ValueError(f"{name} has shape {points.shape}; it must be (n, ...) with n >= 1")
    if points.dtype == np.uint8:  # one scale for bytes and tensors: -1 is paper, 1 full ink
        points = points / np.float32(127.5) - np.float32(1.0)
    rows = np.ascontiguousarray(points.reshape(len(points), -1), dtype=np.float32)
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} holds NaN or infinite numbers; every one must be finite")
    return rows


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return |a_i - b_j|^2, shape (len(a), len(b)), by one matrix product; >= 0."""
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * (a @ b.T)
    return np.maximum(squared, 0.0)


def _two_sets(name_a, a, name_b, b) -> tuple[np.ndarray, np.ndarray]:
    """Return two sets as float32 rows of one length, moved so that the second's mean is 0.

    Distances stay as they are; the numbers to subtract become smaller, and rounding with them.
    """
    a, b = _as_rows(name_a, a), _as_rows(name_b, b)
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"{name_a} has {a.shape[1]} numbers in a row, {name_b} {b.shape[1]}; they must agree"
        )
    middle = b.mean(axis=0)
    return a - middle, b - middle


class Nearest(NamedTuple):
    """For each image: the row of its nearest training image, and how far away that is.

    index: int64, shape (n,). distance: float64, shape (n,), the length of the difference of
    all pixels on the scale from -1 to 1 (for 28 x 28 pixels at most 56).
    """

    index: np.ndarray
    distance: np.ndarray


def nearest_training_images(
    images: Tensor | np.ndarray, training: Tensor | np.ndarray, batch: int = 500
) -> Nearest:
    """Return the training image nearest to each image, by plain pixel distance.

    Args:
        images: tensor (n, 1, 28, 28) in [-1, 1], array uint8 (n, 28, 28), or any rows (n, d).
        training: the same kind of samples, m of them.
        batch: images compared at once.

    Raises:
        ValueError: a set is empty or not finite, or the two do not fit together.

    Pixel distance sees a copy and a nearly equal image; a copy that is shifted by one pixel
    is far away for it. Compare `features` of both sets to find such copies too.
    """
    a, b = _two_sets("images", images, "training", training)
    index = np.empty(len(a), np.int64)
    distance = np.empty(len(a))
    for start in range(0, len(a), batch):
        rows = slice(start, start + batch)
        index[rows] = _squared_distances(a[rows], b).argmin(axis=1)
        exact = a[rows].astype(np.float64) - b[index[rows]]  # 0 for a copy, which products miss
        distance[rows] = np.sqrt((exact**2).sum(axis=1))
    return Nearest(index, distance)


class MemorisationCheck(NamedTuple):
    """How near samples and new real images come to the training images.

    samples: distance of each sample from its nearest training image, shape (n,).
    held_out: the same for real images that were not trained on, shape (m,).
    closer: the chance that a random sample is nearer to its training image than a random
    held-out image is to its own (ties count half): 1/2 if the two distributions agree, near 1
    for copies.
    too_close: share of the samples that are nearer than all but the nearest 1 % of the
    held-out images: about .01 if the distributions agree, near 1 for copies.
    """

    samples: np.ndarray
    held_out: np.ndarray
    closer: float
    too_close: float


def memorisation_check(
    samples: Tensor | np.ndarray,
    training: Tensor | np.ndarray,
    held_out: Tensor | np.ndarray,
) -> MemorisationCheck:
    """Compare samples' distances from the training images with those of new real images.

    A generator that copies comes nearer to its training images than new real images do; one
    that has learned the distribution comes about as near.

    Args:
        samples: generated images (or rows of features), as `nearest_training_images`.
        training: what the generator's discriminator was trained on.
        held_out: real images of the same kind that neither player has seen.

    Raises:
        ValueError: as `nearest_training_images`.

    Source: the comparison with held-out images is that of Meehan, Chaudhuri and Dasgupta
    2020, "A non-parametric test to detect data-copying in generative models".
    """
    near = nearest_training_images(samples, training).distance
    far = nearest_training_images(held_out, training).distance
    below = np.searchsorted(np.sort(near), far, side="left")
    not_above = np.searchsorted(np.sort(near), far, side="right")
    closer = float((below + not_above).sum() / (2 * len(near) * len(far)))
    return MemorisationCheck(near, far, closer, float((near < np.quantile(far, 0.01)).mean()))


class PrecisionRecall(NamedTuple):
    """Share of generated samples among the real ones, and of real ones among the generated."""

    precision: float
    recall: float


def precision_recall(
    real: Tensor | np.ndarray, generated: Tensor | np.ndarray, k: int = 3
) -> PrecisionRecall:
    """Return fidelity and variety of generated samples apart, by k nearest neighbours.

    Around every point of a set lies a ball that just reaches its k-th nearest neighbour in
    that set; the balls together stand for where the set lives. Precision is the share of
    generated points inside the real set's balls, recall the share of real points inside the
    generated set's.

    Args:
        real: features of real images, shape (n, d), n > k.
        generated: features of generated ones, shape (m, d), m > k. Take n = m: both numbers
            depend on the sizes.
        k: which neighbour a ball reaches.

    Raises:
        ValueError: `k` is no integer >= 1 or a set has not more than k points, and as
            `nearest_training_images`.

    Source: Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing
    generative models" (there k = 3 on 50,000 images of a large network's features).
    """
    a, b = _two_sets("generated", generated, "real", real)
    if not isinstance(k, (int, np.integer)) or isinstance(k, bool) or k < 1:
        raise ValueError(f"k is {k!r}; it must be an integer >= 1")
    for name, rows in (("generated", a), ("real", b)):
        if len(rows) <= k:
            raise ValueError(f"{name} has {len(rows)} rows; it must have more than k = {k}")
    return PrecisionRecall(_share_inside(a, b, k), _share_inside(b, a, k))


def _share_inside(points: np.ndarray, centres: np.ndarray, k: int, batch: int = 1000) -> float:
    """Return the share of points in at least one ball around the centres."""
    reach = np.empty(len(centres), np.float32)
    for start in range(0, len(centres), batch):
        rows = slice(start, start + batch)
        squared = _squared_distances(centres[rows], centres)
        inside = np.arange(len(centres))[rows]
        squared[np.arange(len(inside)), inside] = 0.0  # a point's distance from itself
        reach[rows] = np.partition(squared, k, axis=1)[:, k]
    inside = [
        (_squared_distances(points[start : start + batch], centres) <= reach).any(axis=1)
        for start in range(0, len(points), batch)
    ]
    return float(np.concatenate(inside).mean())
