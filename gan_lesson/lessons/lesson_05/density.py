"""The density of G's samples, read off its map."""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks
from gan_lesson.lessons.mathematics.divergence import normal_density


def density_of_map(z: ArrayLike, x: ArrayLike, edges: ArrayLike) -> np.ndarray:
    """Return the density of G(z), z ~ N(0, 1), in the cells of an even grid, for any 1-D G.

    The noise between two neighbouring z is spread evenly between their images. Samples beyond
    the grid count in its first or last cell. Worked by hand: x = 2 z halves the density of
    the noise, and doubles its width.

    Args:
        z: rising places that cover the noise, shape (n,), such as 4,001 from -5 to 5.
        x: G(z) at these places, shape (n,), in units of x.
        edges: borders of the cells, evenly spaced, shape (m + 1,).

    Returns:
        Mean density in each cell, shape (m,), per unit of x; its sum times the width is 1.

    Raises:
        ValueError: `z` does not rise, `x` has another shape or is not finite, or `edges` are
            not evenly spaced.

    Source: push-forward of the noise, as in lesson 02. Used in lesson 05.
    """
    z, x, edges = (np.asarray(a, dtype=float) for a in (z, x, edges))
    if z.ndim != 1 or len(z) < 2 or not (np.diff(z) > 0).all():
        raise ValueError(f"z has shape {z.shape}; it must be two or more rising numbers")
    checks.same_shape("x", x, "z", z)
    checks.all_finite("x", x)
    width = (edges[-1] - edges[0]) / (len(edges) - 1) if edges.ndim == 1 and len(edges) > 1 else 0
    if not width > 0 or not np.allclose(np.diff(edges), width):
        raise ValueError("edges must be two or more evenly spaced rising numbers")
    mass = normal_density((z[1:] + z[:-1]) / 2) * np.diff(z)
    mass /= mass.sum()
    places = np.clip((x - edges[0]) / width, 1e-3, len(edges) - 1 - 1e-3)  # in cells
    low, high = np.minimum(places[1:], places[:-1]), np.maximum(places[1:], places[:-1])
    high = np.maximum(high, low + 1e-4)  # a G that is flat there puts all in one cell
    slope = mass / (high - low)

    def ramps(start: np.ndarray) -> np.ndarray:
        """Return the sum of slope * max(edge - start, 0) at each edge."""
        cell = np.ceil(start).astype(int)
        of_slope = np.bincount(cell, slope, len(edges) + 1)[: len(edges)]
        of_start = np.bincount(cell, slope * start, len(edges) + 1)[: len(edges)]
        return np.arange(len(edges)) * np.cumsum(of_slope) - np.cumsum(of_start)

    below = ramps(low) - ramps(high)  # the share of samples below each edge
    return np.maximum(np.diff(below), 0.0) / width
