"""Samplers that see the data's centres instead of learning, and what they score."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gan_lesson.data import Mixture, grid, ring
from gan_lesson.metrics import ModeScores, jsd_on_grid, mode_scores

N = 2500  # samples, as in the published tables

Sampler = Callable[[np.ndarray, float, int, np.random.Generator], np.ndarray]


class Judged(NamedTuple):
    """What a sampler did on one set: its samples' scores, and the set's number of modes."""

    scores: ModeScores
    jsd: float
    k: int


def judge(sampler: Sampler, data: Mixture, seed: int = 0) -> Judged:
    """Score 2,500 samples of `sampler(centres, sd, n, draw)` against a set.

    Args:
        sampler: function of the centres (k, 2), the sd, a number of samples n and a NumPy
            generator to samples, shape (n, 2).
        data: the set.
        seed: start of the generator that the sampler gets.

    Raises:
        ValueError: the samples are not of shape (n, 2) or not finite.
    """
    centres = data.centres.numpy().astype(float)
    draw = np.random.default_rng(seed)
    x = np.asarray(sampler(centres.copy(), data.sd, N, draw), dtype=float)  # it may write there
    if x.shape != (N, 2):
        raise ValueError(f"the samples have shape {x.shape}; it must be ({N}, 2)")
    half_width = 1.25 * np.abs(centres).max()
    jsd = jsd_on_grid(x, centres, data.sd, half_width=half_width)
    return Judged(mode_scores(x, centres, data.sd), jsd, len(centres))


def uniform_noise(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator) -> np.ndarray:
    """Return points anywhere in a square, a quarter wider than the centres reach."""
    half_width = 1.25 * np.abs(centres).max()
    return draw.uniform(-half_width, half_width, size=(n, 2))


def circle(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator) -> np.ndarray:
    """Return points on a circle around 0, through the centre that is farthest out."""
    angle = draw.uniform(0, 2 * np.pi, n)
    radius = np.linalg.norm(centres, axis=1).max()
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def points_on_centres(
    centres: np.ndarray, sd: float, n: int, draw: np.random.Generator
) -> np.ndarray:
    """Return points that lie exactly on centres drawn at random."""
    return centres[draw.integers(len(centres), size=n)]


def one_mode(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator) -> np.ndarray:
    """Return honest samples of the first mode, and none of the others."""
    return centres[0] + sd * draw.normal(size=(n, 2))


def perfect_sampler(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator):
    """Return samples of the data's own law."""
    return points_on_centres(centres, sd, n, draw) + sd * draw.normal(size=(n, 2))


def show_scores(**samplers: Sampler) -> None:
    """Print all six scores of each sampler on the ring and on the grid, under its title."""
    print(f"{'':23}modes fair quality   rKL covar.   JSD")
    for data, name in ((ring(), "ring"), (grid(), "grid")):
        for title, sampler in samplers.items():
            found, jsd, k = judge(sampler, data)
            print(
                f"{name} {title:16}{found.modes:4.0f}/{k:2}{found.fair_modes:5.0f}"
                f"{found.high_quality:8.1%}{found.reverse_kl:6.3f}"
                f"{found.covariance_ratio:7.2f}{jsd:6.3f}"
            )


def expected_modes_of_noise(n: int = N, half_width: float = 5.0, sd: float = 0.05, k: int = 25):
    """Return how many of `k` modes `n` uniform points capture on average, exactly."""
    area = np.pi * (3 * sd) ** 2 / (2 * half_width) ** 2
    return float(k * (1 - (1 - area) ** n))
