"""Gradient descent on the generator's mean and width, with D* frozen."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks
from gan_lesson.lessons.mathematics.divergence import d_star_logit, normal_density
from gan_lesson.lessons.mathematics.value import generator_loss_from_logit


def generator_slopes_on_grid(
    mean: float, sd: float, x: ArrayLike, p_data: ArrayLike, kind: str = "non_saturating"
) -> np.ndarray:
    """Return d loss / d(mean, sd) of a generator N(mean, sd^2), with D* frozen.

    Args:
        mean: the generator's mean, in units of x.
        sd: its standard deviation, positive, in units of x.
        x: even grid that covers both densities, shape (n,).
        p_data: density of the data there, shape (n,), per unit of x.
        kind: as in `generator_loss_from_logit`.

    Returns:
        Two slopes, nats per unit of x: those of 2 JSD (saturating) or of KL(p_g || p_data)
        - 2 JSD (non-saturating), although only p_g was moved and D* stood still.

    Raises:
        ValueError: `x` is no even grid of two or more places, `sd` is not positive, shapes
            differ, a density is negative, or `kind` is unknown.

    Source: integral of (d p_g / d theta) loss(D*(x)) dx. Lesson 04.
    """
    x = checks.finite("x", x)
    checks.shape("x", x, "n", least=2)
    p_g = normal_density(x, mean, sd)
    logit = np.where(p_g > 0, d_star_logit(p_data, p_g), 0.0)
    t = (x - mean) / sd
    change = p_g * np.stack([t, t * t - 1]) / sd  # of p_g, per unit of mean and of sd
    return change @ generator_loss_from_logit(logit, kind) * (x[1] - x[0])


def descend(
    slope: Callable, start: ArrayLike, lr: float, n_steps: int, optimizer: str = "sgd"
) -> np.ndarray:
    """Follow a slope downhill and return every place on the way.

    Args:
        slope: function of the parameters, shape (k,) or a number, to a slope of that shape.
        start: the parameters at step 0.
        lr: learning rate, positive.
        n_steps: number of steps, at least 1.
        optimizer: "sgd", plain gradient descent, or "adam" with torch's usual settings,
            betas (0.9, 0.999) and eps 1e-8.

    Returns:
        Places of shape (n_steps + 1, k), or (n_steps + 1,) for a number. Steps that lead out of
        the floating-point numbers give inf or NaN.

    Raises:
        ValueError: a setting is out of range, or `optimizer` is unknown.

    Source: Adam: Kingma and Ba 2015, algorithm 1. Written out in lesson 04.
    """
    if not 0 < lr < np.inf or n_steps < 1:
        raise ValueError(f"lr is {lr} and n_steps {n_steps}; both must be positive and finite")
    checks.one_of("optimizer", optimizer, ("sgd", "adam"))
    theta = checks.finite("start", start).copy()
    path = [theta]
    mean, mean_square = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, n_steps + 1):
        g = np.asarray(slope(theta))
        mean = 0.9 * mean + 0.1 * g
        mean_square = 0.999 * mean_square + 0.001 * g * g
        if optimizer == "adam":
            size = np.sqrt(mean_square / (1 - 0.999**step))
            g = mean / (1 - 0.9**step) / (size + 1e-8)
        theta = theta - lr * g
        path.append(theta)
    return np.stack(path)
