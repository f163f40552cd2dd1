"""What the gradient penalties leave of the best discriminator, in one dimension."""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.divergence import two_densities


def penalised_logit(
    p_data: ArrayLike, p_g: ArrayLike, dx: float, r1_gamma: float, r2_gamma: float = 0.0
) -> np.ndarray:
    """Return the logit of the best discriminator under R1 and R2, in one dimension.

    It minimises -V plus half the penalties, which weigh the squared slope of the logit s:
    integral of p softplus(-s) + q softplus(s) + (r1_gamma p + r2_gamma q) s'(x)^2 / 2, by
    Newton's method. Without penalties that is `d_star_logit`; with them it is blurred: where
    p and q are nearly equal and flat, a ripple cos kx keeps 1 / (1 + 2 (r1_gamma + r2_gamma) k^2).

    Args:
        p_data: density of the data on an even grid, shape (n,), n >= 3.
        p_g: density of the generator there, shape (n,).
        dx: the grid's spacing, in units of x.
        r1_gamma: weight of the penalty on real samples, squared units of x.
        r2_gamma: the same on generated samples.

    Returns:
        Array (n,); where both densities are below 1e-12 of the peak it is as good as free.

    Raises:
        ValueError: shapes differ, a density is negative or NaN, the densities overlap nowhere
            and nothing is penalised, or `dx` or a weight is out of range, or so far out that
            the equations cannot be solved.

    Source: the Euler-Lagrange equation of Mescheder et al. 2018, equation 9. Lesson 07.
    """
    p, q = two_densities(p_data, p_g, dx)
    checks.shape("p_data", p, "n", least=3)
    if not min(r1_gamma, r2_gamma) >= 0 or not 0 < r1_gamma + r2_gamma < np.inf:
        raise ValueError(
            f"r1_gamma is {r1_gamma}, r2_gamma is {r2_gamma}; both must be finite, >= 0, one above"
        )
    weight = r1_gamma * p + r2_gamma * q
    between = (weight[1:] + weight[:-1]) / (2 * dx * dx)
    difference = np.diff(np.eye(len(p)), axis=0)
    stiffness = difference.T @ (between[:, None] * difference)
    stiffness += np.eye(len(p)) * 1e-12 * max(p.max(), q.max())
    try:
        return _by_newton(p, q, stiffness)
    except np.linalg.LinAlgError as error:
        raise ValueError(
            f"dx is {dx}, r1_gamma {r1_gamma}, r2_gamma {r2_gamma}: beyond what "
            "floating-point numbers can solve"
        ) from error


def _by_newton(p: np.ndarray, q: np.ndarray, stiffness: np.ndarray) -> np.ndarray:
    """Return the s that solves q sigma(s) - p sigma(-s) + stiffness s = 0, shape (n,)."""
    s = np.zeros_like(p)
    for _ in range(100):
        slope = q * sigmoid(s) - p * sigmoid(-s) + stiffness @ s
        curvature = np.diag((p + q) * sigmoid(s) * sigmoid(-s)) + stiffness
        step = np.linalg.solve(curvature, slope)
        s = s - step / max(1.0, np.abs(step).max() / 4)  # a logit moves by at most 4 at once
        if np.abs(step).max() < 1e-9:
            break
    return s
