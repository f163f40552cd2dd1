"""Densities on a grid, the best discriminator between two of them, and how far apart they are.

NumPy only. Natural logarithms; every divergence is in nats. Derived in lesson 03.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.lessons.mathematics.bce import as_finite, sigmoid, softplus
from gan_lesson.lessons.mathematics.value import LOG_2


def normal_density(x: ArrayLike, mean: float = 0.0, sd: float = 1.0) -> np.ndarray:
    """Return the density of N(mean, sd^2) at `x`, any shape, per unit of x.

    Raises:
        ValueError: `sd` is not positive, or a number is not finite (`x` may be infinite).
    """
    if not 0 < sd < np.inf:
        raise ValueError(f"sd is {sd}; it must be positive and finite")
    x = np.asarray(x, dtype=float)
    if np.isnan(x).any():
        raise ValueError("x holds a NaN; it must hold numbers only")
    t = (x - as_finite("mean", mean)) / sd
    return np.exp(-0.5 * t * t) / (sd * np.sqrt(2 * np.pi))


def mixture_density(
    x: ArrayLike, means: ArrayLike, sds: ArrayLike, weights: ArrayLike
) -> np.ndarray:
    """Return the density of a mixture of normals at `x`, any shape, per unit of x.

    Args:
        x: places, any shape.
        means: centre of each part, shape (k,).
        sds: standard deviation of each part, shape (k,).
        weights: share of each part, shape (k,), non-negative, summing to 1.

    Raises:
        ValueError: the three do not have one length, or the weights are no distribution; or
            as `normal_density`.
    """
    means, sds, weights = (np.asarray(a, dtype=float) for a in (means, sds, weights))
    if not means.shape == sds.shape == weights.shape or means.ndim != 1:
        raise ValueError(
            f"means, sds and weights have shapes {means.shape}, {sds.shape} and "
            f"{weights.shape}; they must be one-dimensional and of one length"
        )
    if (weights < 0).any() or not np.isclose(weights.sum(), 1.0):
        raise ValueError(f"weights are {weights}; they must be >= 0 and sum to 1")
    return sum(w * normal_density(x, m, s) for m, s, w in zip(means, sds, weights, strict=True))


def d_star(p_data: ArrayLike, p_g: ArrayLike, prior: float = 0.5) -> np.ndarray:
    """Return the best discriminator: P(real | x) by Bayes' rule.

    Args:
        p_data: density of the data, any shape.
        p_g: density of the generator at the same places, same shape.
        prior: share of real samples that D meets, strictly between 0 and 1.

    Returns:
        prior p_data / (prior p_data + (1 - prior) p_g); 1/2 where both densities are 0.

    Raises:
        ValueError: shapes differ, a density is negative or NaN, or `prior` is not in (0, 1).

    Source: Goodfellow et al. 2014, proposition 1. Derived in lesson 03.
    """
    p_data, p_g = two_densities(p_data, p_g)
    if not 0 < prior < 1:
        raise ValueError(f"prior is {prior}; it must lie strictly between 0 and 1")
    top, other = prior * p_data, (1 - prior) * p_g
    both = top + other
    return np.divide(top, both, out=np.full_like(both, 0.5), where=both > 0)


def d_star_logit(p_data: ArrayLike, p_g: ArrayLike, prior: float = 0.5) -> np.ndarray:
    """Return the logit of `d_star`: log p_data - log p_g + log(prior / (1 - prior)).

    Arguments and errors are those of `d_star`; infinite where one density is 0, and 0 where
    both are.

    Source: the log-odds of Bayes' posterior. Derived in lesson 03.
    """
    p_data, p_g = two_densities(p_data, p_g)
    if not 0 < prior < 1:
        raise ValueError(f"prior is {prior}; it must lie strictly between 0 and 1")
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.log(p_data) - np.log(p_g) + np.log(prior / (1 - prior))
    return np.where((p_data == 0) & (p_g == 0), 0.0, logit)


def kl_divergence(p: ArrayLike, q: ArrayLike, dx: float) -> float:
    """Return KL(p || q) = integral of p log(p / q), in nats; infinite if q misses some of p.

    Args:
        p: density on an even grid, shape (n,).
        q: density on the same grid, shape (n,).
        dx: the grid's spacing, in units of x.

    Raises:
        ValueError: shapes differ, a density is negative or NaN, or `dx` is not positive.
    """
    p, q = two_densities(p, q, dx)
    with np.errstate(divide="ignore", invalid="ignore"):
        integrand = np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)
    return float(np.sum(integrand) * dx)


def jensen_shannon_divergence(p: ArrayLike, q: ArrayLike, dx: float) -> float:
    """Return JSD(p, q), in nats: 0 where the densities agree, at most log 2.

    Args:
        p: density on an even grid, shape (n,).
        q: density on the same grid, shape (n,).
        dx: the grid's spacing, in units of x.

    Raises:
        ValueError: as `kl_divergence`.

    Source: half the divergence of each density from their average. Lesson 03.
    """
    p, q = two_densities(p, q, dx)
    with np.errstate(divide="ignore", invalid="ignore"):
        from_p = np.where(p > 0, p * np.log(p / (p + q)), 0.0)
        from_q = np.where(q > 0, q * np.log(q / (p + q)), 0.0)
    mass = (p.sum() + q.sum()) * dx / 2
    return float(0.5 * np.sum(from_p + from_q) * dx + mass * LOG_2)


def value_on_grid(logits: ArrayLike, p_data: ArrayLike, p_g: ArrayLike, dx: float) -> float:
    """Return V for a discriminator known on a grid: integral of p log D + q log(1 - D).

    It takes D's logit, because 1 - D rounds to 0 long before its logarithm stops mattering.

    Args:
        logits: logit of D(x) on an even grid, shape (n,).
        p_data: density of the data there, shape (n,).
        p_g: density of the generator there, shape (n,).
        dx: the grid's spacing, in units of x.

    Returns:
        Number <= 0, in nats; at `d_star_logit` it is -log 4 + 2 JSD.

    Raises:
        ValueError: shapes differ, a density is negative or `dx` is not positive.

    Source: Goodfellow et al. 2014, equation 3. Derived in lesson 03.
    """
    p_data, p_g = two_densities(p_data, p_g, dx)
    logits = np.asarray(logits, dtype=float)
    if logits.shape != p_data.shape:
        raise ValueError(f"logits have shape {logits.shape}; it must be {p_data.shape}")
    with np.errstate(invalid="ignore"):
        cost_real = np.where(p_data > 0, p_data * softplus(-logits), 0.0)
        cost_fake = np.where(p_g > 0, p_g * softplus(logits), 0.0)
    return float(-np.sum(cost_real + cost_fake) * dx)


def bayes_accuracy(p_data: ArrayLike, p_g: ArrayLike, dx: float, prior: float = 0.5) -> float:
    """Return the best possible share of right real-or-generated guesses.

    Args:
        p_data: density of the data on an even grid, shape (n,).
        p_g: density of the generator there, shape (n,).
        dx: the grid's spacing, in units of x.
        prior: share of real samples among those to guess, strictly between 0 and 1.

    Raises:
        ValueError: shapes differ, a density is negative or not finite, `dx` is not positive or
            `prior` is not in (0, 1).

    Source: guess the likelier origin everywhere: the integral of max(prior p, (1 - prior) q).
    """
    p_data, p_g = two_densities(p_data, p_g, dx)
    if not 0 < prior < 1:
        raise ValueError(f"prior is {prior}; it must lie strictly between 0 and 1")
    return float(np.sum(np.maximum(prior * p_data, (1 - prior) * p_g)) * dx)


def auc(scores_real: ArrayLike, scores_fake: ArrayLike) -> float:
    """Return the share of pairs, one real and one generated, that D puts in the right order.

    Args:
        scores_real: D's score of real samples, probability or logit, any non-empty shape.
        scores_fake: D's score of generated samples on the same scale, any non-empty shape.

    Returns:
        1 when every real sample scores above every generated one, 1/2 for a D that cannot
        tell; a tie counts one half. Also called the area under the ROC curve.

    Raises:
        ValueError: a batch is empty or holds a NaN.

    Source: Mann and Whitney's statistic divided by the number of pairs. Lesson 03.
    """
    scores = {}
    for name, batch in (("scores_real", scores_real), ("scores_fake", scores_fake)):
        scores[name] = np.sort(np.asarray(batch, dtype=float).ravel())
        if scores[name].size == 0 or np.isnan(scores[name]).any():
            raise ValueError(f"{name} is empty or holds a NaN; it must hold numbers only")
    real, fake = scores["scores_real"], scores["scores_fake"]
    below = np.searchsorted(fake, real, side="left")
    not_above = np.searchsorted(fake, real, side="right")
    return float(np.mean(below + not_above) / (2 * fake.size))


def shift_slopes(logits: ArrayLike, p_g: ArrayLike, dx: float) -> tuple[float, float]:
    """Return how fast both generator losses grow when all of G's samples shift, D held still.

    A sample at x has the logit s(x); shifted by dm its logit changes by s'(x) dm, the loss
    log(1 - D) by -D s'(x) dm and the loss -log D by -(1 - D) s'(x) dm. Both are averaged
    over p_g. For N(0, 1) against N(m, 1) and D = D* they sum to m.

    Args:
        logits: finite logit of D(x) on an even grid, shape (n,), n >= 2.
        p_g: density of the generator there, shape (n,).
        dx: the grid's spacing, in units of x.

    Returns:
        The slope of the saturating and of the non-saturating generator loss, nats per unit
        of x; G descends, so a positive slope pushes its samples to the left.

    Raises:
        ValueError: shapes differ, a logit is not finite, a density is negative or NaN, or
            `dx` is not positive.

    Source: chain rule through the frozen D. Lessons 03 and 04.
    """
    logits, p_g = np.asarray(logits, dtype=float), np.asarray(p_g, dtype=float)
    two_densities(p_g, p_g, dx)
    if logits.shape != p_g.shape or not np.isfinite(logits).all():
        raise ValueError(f"logits must be finite and of shape {p_g.shape}, as p_g is")
    pull = -np.gradient(logits, dx) * p_g * dx
    return float(np.sum(sigmoid(logits) * pull)), float(np.sum(sigmoid(-logits) * pull))


def two_densities(p: ArrayLike, q: ArrayLike, dx: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays; raise ValueError for what cannot be densities on one grid."""
    if not 0 < dx < np.inf:
        raise ValueError(f"dx is {dx}; it must be positive and finite")
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    if p.shape != q.shape:
        raise ValueError(f"the densities have shapes {p.shape} and {q.shape}; they must agree")
    for density in (p, q):
        if not ((density >= 0) & (density < np.inf)).all():
            raise ValueError("a density is negative, infinite or NaN somewhere; it must be >= 0")
    return p, q
