"""Wasserstein-1 on a line, the best critic between two densities, and its rivals. NumPy only.

W1 is the smallest average distance, in units of x, that samples of one distribution must travel to
become samples of the other. On a line it never helps if two of them cross, so two sets of samples
are carried to each other in their sorted order. By duality it is also the largest lead
E_p f - E_q f that a function f of slope at most 1 can have, and

    E_p f - E_q f = integral of f' (F_q - F_p),    largest for f' = sign(F_q - F_p).

Sources: Villani 2003, theorem 1.14 and section 2.2; Arjovsky et al. 2017. Lesson 15.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks


def wasserstein_1(x: ArrayLike, y: ArrayLike) -> float:
    """Return W1 between two sets of equally many samples, in units of x.

    Worked by hand: of (0, 3) and (4, 1), sorted (0, 3) and (1, 4), it is (1 + 1) / 2 = 1.

    Args:
        x: samples, shape (n,).
        y: as many others, same shape.

    Raises:
        ValueError: shapes differ, a set is empty, or a number is not finite.
    """
    x, y = checks.finite("x", x), checks.finite("y", y)
    checks.shape("x", x, "n", least=1)
    checks.same_shape("x", x, "y", y)
    return float(np.abs(np.sort(x) - np.sort(y)).mean())


def lead(p: ArrayLike, q: ArrayLike, dx: float) -> np.ndarray:
    """Return F_q - F_p between the places of a grid: how much more of q lies to the left.

    Args:
        p: density at the places of an even grid, shape (n,), per unit of x.
        q: another, same shape.
        dx: spacing of the grid, positive.

    Returns:
        Array (n - 1,): at the middle between each place and the next.

    Raises:
        ValueError: the shapes differ, a number is not finite, or `dx` is not positive.
    """
    return _lead_and_tails(p, q, dx)[0]


def _lead_and_tails(p: ArrayLike, q: ArrayLike, dx: float) -> tuple[np.ndarray, np.ndarray]:
    """Return `lead`, and F_p + F_q or (1 - F_p) + (1 - F_q), whichever is smaller.

    Where the shares to the right are the smaller ones they are added up from the right. Taken
    from 1 they would keep only the first 16 digits of 1, too few for the sign far to the right.
    """
    p, q = checks.finite("p", p), checks.finite("q", q)
    checks.shape("p", p, "n", least=2)
    checks.same_shape("p", p, "q", q)
    checks.positive("dx", dx)
    shares = np.stack([p / p.sum(), q / q.sum()])
    left = np.cumsum(shares, axis=1)[:, :-1]
    right = np.cumsum(shares[:, ::-1], axis=1)[:, -2::-1]
    at_left = left.sum(axis=0) <= 1
    ahead = np.where(at_left, left[1] - left[0], right[0] - right[1])
    return ahead, np.where(at_left, left, right).sum(axis=0)


def w1_of_densities(p: ArrayLike, q: ArrayLike, dx: float) -> float:
    """Return W1 between two densities on an even grid: the integral of |F_q - F_p|, units of x."""
    return float(np.abs(lead(p, q, dx)).sum() * dx)


def best_critic(p: ArrayLike, q: ArrayLike, dx: float, still: float = 1e-9) -> np.ndarray:
    """Return a best 1-Lipschitz f between two densities on an even grid: f' = sign(F_q - F_p).

    Where F_q = F_p the slope is free, and 0 is taken. Any constant may be added to f; this one
    has the mean 0 over the half-half mixture.

    Args:
        p: density of the real samples, shape (n,), per unit of x.
        q: density of the generated ones, same shape.
        dx: spacing of the grid, positive.
        still: part of the tails' shares, F_p + F_q or those to the right, below which
            |F_q - F_p| counts as 0.

    Returns:
        f at the places of the grid, shape (n,), in units of x.
    """
    ahead, tails = _lead_and_tails(p, q, dx)
    slope = np.where(np.abs(ahead) > still * tails, np.sign(ahead), 0.0)
    f = np.concatenate([[0.0], np.cumsum(slope) * dx])
    weights = np.asarray(p) / np.sum(p) + np.asarray(q) / np.sum(q)
    return f - (f * weights).sum() / 2


def lead_of(f: ArrayLike, p: ArrayLike, q: ArrayLike) -> float:
    """Return E_p f - E_q f for densities on one grid: what a critic f reaches."""
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    return float((np.asarray(f) * (p / p.sum() - q / q.sum())).sum())
