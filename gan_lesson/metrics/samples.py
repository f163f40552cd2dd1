"""Samples as rows, and the distances between them: what several scores stand on."""

import numpy as np
from torch import Tensor

from gan_lesson import checks


def as_rows(name: str, points: Tensor | np.ndarray) -> np.ndarray:
    """Return points or images as float32 rows, shape (n, d); ValueError for what is none."""
    if isinstance(points, Tensor):
        points = points.detach().cpu().numpy()
    points = np.asarray(points)
    checks.shape(name, points, "n", ..., least=1)
    if points.dtype == np.uint8:  # one scale for bytes and tensors: -1 is paper, 1 full ink
        points = points / np.float32(127.5) - np.float32(1.0)
    rows = np.ascontiguousarray(points.reshape(len(points), -1), dtype=np.float32)
    checks.all_finite(name, rows)
    return rows


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return |a_i - b_j|^2, shape (len(a), len(b)), by one matrix product; >= 0."""
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * (a @ b.T)
    return np.maximum(squared, 0.0)


def two_sets(name_a, a, name_b, b) -> tuple[np.ndarray, np.ndarray]:
    """Return two sets as float32 rows of one length, moved so that the second's mean is 0.

    Distances stay as they are; the numbers to subtract become smaller, and rounding with them.

    Raises:
        ValueError: their rows differ in length.
    """
    a, b = as_rows(name_a, a), as_rows(name_b, b)
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"{name_a} has {a.shape[1]} numbers in a row, {name_b} {b.shape[1]}; they must agree"
        )
    middle = b.mean(axis=0)
    return a - middle, b - middle
