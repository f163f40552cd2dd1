"""The value V(D, G), the best discriminator D* and the divergence it measures.

V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))]. Worked by hand: D(x) = .8 and D(G(z)) = .4
everywhere give log .8 + log .6 = -.7340. NumPy only; densities are given on an even grid.
Taught in lessons 02 and 03. Natural logarithms, the unit is the nat.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.binary_cross_entropy import bce_from_probability, softplus

LOG_2 = float(np.log(2.0))
LOG_4 = float(np.log(4.0))


def value(d_real: ArrayLike, d_fake: ArrayLike) -> float:
    """Return V = mean log D(x) + mean log(1 - D(G(z))), in nats.

    Args:
        d_real: D(x) for samples x ~ p_data, a probability, any non-empty shape.
        d_fake: D(G(z)) for samples z ~ p_z, a probability, any non-empty shape.

    Returns:
        Number <= 0; -log 4 = -1.386 where D says 1/2 to everything.

    Raises:
        ValueError: a batch is empty, or holds something that is not a probability.

    Source: Goodfellow et al. 2014, equation 1. Derived in lesson 02.
    """
    for name, batch in (("d_real", d_real), ("d_fake", d_fake)):
        if np.size(batch) == 0:
            raise ValueError(f"{name} is empty; it must hold at least one probability")
    on_real = -np.mean(bce_from_probability(d_real, 1.0))
    on_fake = -np.mean(bce_from_probability(d_fake, 0.0))
    return float(on_real + on_fake)


def normal_density(x: ArrayLike, mean: float = 0.0, sd: float = 1.0) -> np.ndarray:
    """Return the density of N(mean, sd^2) at `x`, any shape, per unit of x.

    Raises:
        ValueError: `sd` is not positive.
    """
    if not sd > 0:
        raise ValueError(f"sd is {sd}; it must be positive")
    t = (np.asarray(x, dtype=float) - mean) / sd
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
        ValueError: the three do not have one length, or the weights are no distribution.
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
    p_data, p_g = _two_densities(p_data, p_g)
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
    p_data, p_g = _two_densities(p_data, p_g)
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
    p, q = _two_densities(p, q)
    if not dx > 0:
        raise ValueError(f"dx is {dx}; it must be positive")
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
    p, q = _two_densities(p, q)
    if not dx > 0:
        raise ValueError(f"dx is {dx}; it must be positive")
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
    p_data, p_g = _two_densities(p_data, p_g)
    if not dx > 0:
        raise ValueError(f"dx is {dx}; it must be positive")
    logits = np.asarray(logits, dtype=float)
    if logits.shape != p_data.shape:
        raise ValueError(f"logits have shape {logits.shape}; it must be {p_data.shape}")
    with np.errstate(invalid="ignore"):
        cost_real = np.where(p_data > 0, p_data * softplus(-logits), 0.0)
        cost_fake = np.where(p_g > 0, p_g * softplus(logits), 0.0)
    return float(-np.sum(cost_real + cost_fake) * dx)


def bayes_accuracy(p_data: ArrayLike, p_g: ArrayLike, dx: float) -> float:
    """Return the best possible share of right real-or-generated guesses at prior 1/2.

    Args:
        p_data: density of the data on an even grid, shape (n,).
        p_g: density of the generator there, shape (n,).
        dx: the grid's spacing, in units of x.

    Raises:
        ValueError: shapes differ, a density is negative or NaN.

    Source: guess the larger density everywhere: half the integral of max(p, q).
    """
    p_data, p_g = _two_densities(p_data, p_g)
    return float(0.5 * np.sum(np.maximum(p_data, p_g)) * dx)


def _two_densities(p: ArrayLike, q: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    if p.shape != q.shape:
        raise ValueError(f"the densities have shapes {p.shape} and {q.shape}; they must agree")
    for density in (p, q):
        if np.isnan(density).any() or (density.size and density.min() < 0):
            raise ValueError("a density is negative or NaN somewhere; it must be >= 0")
    return p, q
