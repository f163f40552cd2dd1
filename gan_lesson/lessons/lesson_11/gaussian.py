"""Two normal numbers, and what an answer costs: the whole trade-off in one formula. NumPy only.

X is hidden and Y is seen. Both are N(0, 1), and rho, at least 0 and below 1, is their
correlation. An answer is a Y + b Z, where Z ~ N(0, 1) is noise of the answerer's own. Its two
scores are the mean squared error, and how far the law of the answers lies from N(0, 1). Lesson 11.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks


def scores(rho: float, a: float, b: float) -> tuple[float, float]:
    """Return (mean squared error, Wasserstein-2 distance) of the answer a Y + b Z.

    The error is E (X - a Y - b Z)^2 = 1 - 2 a rho + a^2 + b^2. The answers are normal with mean
    0, and the distance of two such laws is the difference of their standard deviations.

    Args:
        rho: correlation of X and Y.
        a: how much of Y the answer takes.
        b: standard deviation of the answerer's own noise, 0 or more.

    Raises:
        ValueError: a number is out of range or not finite.
    """
    _check_correlation(rho)
    checks.all_finite("a", np.asarray(a, dtype=float))
    checks.not_negative("b", b)
    spread = a * a + b * b
    return float(1 - 2 * a * rho + spread), float(abs(1 - np.sqrt(spread)))


def frontier(rho: float, distance: ArrayLike) -> np.ndarray:
    """Return the least mean squared error of answers at most that far from N(0, 1) in law.

    It is D + max(0, P - distance)^2, where D = 1 - rho^2 is the least error of all and P = 1 - rho
    the distance of the mean, which reaches it.

    Args:
        rho: correlation of X and Y.
        distance: Wasserstein-2 distances, 0 or more, any shape.

    Raises:
        ValueError: a number is out of range or not finite.

    Source: Freirich, Michaeli and Meir 2021, for squared error and Wasserstein-2.
    """
    _check_correlation(rho)
    distance = checks.finite("distance", distance)
    if (distance < 0).any():
        raise ValueError(f"distance is {distance.min():g} somewhere; it must be at least 0")
    return 1 - rho**2 + np.maximum(0.0, 1 - rho - distance) ** 2


def answers(rho: float) -> dict[str, tuple[float, float]]:
    """Return (a, b) of three answers: the mean, a draw given Y, and the mean stretched to sd 1.

    Raises:
        ValueError: `rho` is out of range.
    """
    _check_correlation(rho)
    return {
        "mean": (rho, 0.0),
        "draw": (rho, float(np.sqrt(1 - rho**2))),
        "stretched mean": (1.0, 0.0),
    }


def _check_correlation(rho: float) -> None:
    if not 0 <= rho < 1:
        raise ValueError(f"rho is {rho}; it must be at least 0 and below 1")
