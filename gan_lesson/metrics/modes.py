"""Scores of points in the plane against known modes: coverage, quality, reverse KL, JSD.

Samples have shape (n, d), n >= 1, centres of modes (k, d), distinct; `sd` is the standard
deviation of each mode in every direction, in the unit of both. Anything else raises ValueError.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike

from gan_lesson import checks

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

    The published tables use 2,500 samples.

    Raises:
        ValueError: a shape does not fit, a number is not finite, `sd` is not positive, or
            two centres coincide.

    Source: Srivastava et al. 2017 (VEEGAN) for modes and high quality, Lin et al. 2018
    (PacGAN) for the reverse KL; the fair share and the covariance ratio are ours.
    """
    x, mu = _places("samples", samples), _places("centres", centres)
    if x.shape[1] != mu.shape[1]:
        raise ValueError(f"samples have {x.shape[1]} numbers each, centres {mu.shape[1]}")
    checks.positive("sd", sd)
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
    places = checks.finite(name, places)
    checks.shape(name, places, "n", "d", least=1)
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
    centres: ArrayLike, sd: float, n: int = 2500, repeats: int = 20
) -> dict[str, ModeScores]:
    """Return the rows to print beside any `mode_scores`, each a mean over `repeats` drawings.

    Args:
        centres: as in `mode_scores`.
        sd: likewise.
        n: samples in each drawing.
        repeats: drawings.

    Returns:
        "perfect sampler": samples of the mixture itself, with equal weights.
        "uniform noise": uniform in a square around the centres, a quarter wider than they
            are spread: [-5, 5]² for the grid of 25.

    Raises:
        ValueError: as `mode_scores`, or `n` or `repeats` is not at least 1.
    """
    mu = _places("centres", centres)
    checks.count("n", n)
    checks.count("repeats", repeats)
    draw = np.random.default_rng(0)
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
        sd: as in `mode_scores`.
        cells: number of cells in each direction.
        half_width: the square is [-half_width, half_width]².

    Returns:
        Number from 0 to log 2 = .693, nats.

    Raises:
        ValueError: samples or centres are not in the plane or not finite, or `sd`, `cells` or
            `half_width` is not positive.
    """
    x, mu = _places("samples", samples), _places("centres", centres)
    checks.shape("samples", x, "n", 2)
    checks.shape("centres", mu, "n", 2)
    checks.positive("sd", sd)
    checks.positive("half_width", half_width)
    checks.count("cells", cells)
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
