"""Precision and recall of samples by nearest neighbours."""

from typing import NamedTuple

import numpy as np
from torch import Tensor

from gan_lesson import checks
from gan_lesson.metrics.samples import squared_distances, two_sets


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
    a, b = two_sets("generated", generated, "real", real)
    checks.count("k", k)
    for name, rows in (("generated", a), ("real", b)):
        if len(rows) <= k:
            raise ValueError(f"{name} has {len(rows)} rows; it must have more than k = {k}")
    return PrecisionRecall(_share_inside(a, b, k), _share_inside(b, a, k))


def _share_inside(points: np.ndarray, centres: np.ndarray, k: int, batch: int = 1000) -> float:
    """Return the share of points in at least one ball around the centres."""
    reach = np.empty(len(centres), np.float32)
    for start in range(0, len(centres), batch):
        rows = slice(start, start + batch)
        squared = squared_distances(centres[rows], centres)
        inside = np.arange(len(centres))[rows]
        squared[np.arange(len(inside)), inside] = 0.0  # a point's distance from itself
        reach[rows] = np.partition(squared, k, axis=1)[:, k]
    inside = [
        (squared_distances(points[start : start + batch], centres) <= reach).any(axis=1)
        for start in range(0, len(points), batch)
    ]
    return float(np.concatenate(inside).mean())
