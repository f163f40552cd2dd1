"""Densities on a grid, the best discriminator between two of them, and how far apart they are.

NumPy only. Natural logarithms; every divergence is in nats. Derived in lesson 03.

`p_data` and `p_g` (`p` and `q` where neither comes from a game) are two densities at the same
places, arrays of one shape, not negative, per unit of x. Where something is integrated, the
places are an even grid of spacing `dx`, in units of x, and the arrays have shape (n,). `prior` is
the share of real samples that D meets, strictly between 0 and 1. Anything else raises ValueError,
and so do shapes that differ and numbers that are infinite or NaN.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks
from gan_lesson.lessons.mathematics.bce import sigmoid, softplus
from gan_lesson.lessons.mathematics.value import LOG_2


def normal_density(x: ArrayLike, mean: float = 0.0, sd: float = 1.0) -> np.ndarray:
    """Return the density of N(mean, sd^2) at `x`, any shape, which may be infinite."""
    checks.positive("sd", sd)
    t = (checks.numbers("x", x) - checks.finite("mean", mean)) / sd
    return np.exp(-0.5 * t * t) / (sd * np.sqrt(2 * np.pi))


def mixture_density(
    x: ArrayLike, means: ArrayLike, sds: ArrayLike, weights: ArrayLike
) -> np.ndarray:
    """Return the density of a mixture of normals at `x`, any shape.

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
    checks.shape("means", means, "k")
    checks.same_shape("means", means, "sds", sds)
    checks.same_shape("means", means, "weights", weights)
    if (weights < 0).any() or not np.isclose(weights.sum(), 1.0):
        raise ValueError(f"weights are {weights}; they must be >= 0 and sum to 1")
    return sum(w * normal_density(x, m, s) for m, s, w in zip(means, sds, weights, strict=True))


def d_star(p_data: ArrayLike, p_g: ArrayLike, prior: float = 0.5) -> np.ndarray:
    """Return the best discriminator: P(real | x) by Bayes' rule.

    It is prior p_data / (prior p_data + (1 - prior) p_g), and 1/2 where both densities are 0.

    Source: Goodfellow et al. 2014, proposition 1. Derived in lesson 03.
    """
    p_data, p_g = two_densities(p_data, p_g)
    checks.between("prior", prior, 0, 1)
    top, other = prior * p_data, (1 - prior) * p_g
    both = top + other
    return np.divide(top, both, out=np.full_like(both, 0.5), where=both > 0)


def d_star_logit(p_data: ArrayLike, p_g: ArrayLike, prior: float = 0.5) -> np.ndarray:
    """Return the logit of `d_star`: log p_data - log p_g + log(prior / (1 - prior)).

    It is infinite where one density is 0, and 0 where both are.

    Source: the log-odds of Bayes' posterior. Derived in lesson 03.
    """
    p_data, p_g = two_densities(p_data, p_g)
    checks.between("prior", prior, 0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.log(p_data) - np.log(p_g) + np.log(prior / (1 - prior))
    return np.where((p_data == 0) & (p_g == 0), 0.0, logit)


def kl_divergence(p: ArrayLike, q: ArrayLike, dx: float) -> float:
    """Return KL(p || q) = integral of p log(p / q); infinite if q misses some of p."""
    p, q = two_densities(p, q, dx)
    with np.errstate(divide="ignore", invalid="ignore"):
        integrand = np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)
    return float(np.sum(integrand) * dx)


def jensen_shannon_divergence(p: ArrayLike, q: ArrayLike, dx: float) -> float:
    """Return JSD(p, q): 0 where the densities agree, at most log 2.

    Source: half the divergence of each density from their average. Lesson 03.
    """
    p, q = two_densities(p, q, dx)
    with np.errstate(divide="ignore", invalid="ignore"):
        from_p = np.where(p > 0, p * np.log(p / (p + q)), 0.0)
        from_q = np.where(q > 0, q * np.log(q / (p + q)), 0.0)
    mass = (p.sum() + q.sum()) * dx / 2
    return float(0.5 * np.sum(from_p + from_q) * dx + mass * LOG_2)


def value_on_grid(logits: ArrayLike, p_data: ArrayLike, p_g: ArrayLike, dx: float) -> float:
    """Return V <= 0 for a discriminator known on a grid: integral of p log D + q log(1 - D).

    It takes D's logits, shape (n,), because 1 - D rounds to 0 long before its logarithm stops
    mattering. At `d_star_logit` it is -log 4 + 2 JSD.

    Source: Goodfellow et al. 2014, equation 3. Derived in lesson 03.
    """
    p_data, p_g = two_densities(p_data, p_g, dx)
    logits = np.asarray(logits, dtype=float)
    checks.same_shape("logits", logits, "p_data", p_data)
    with np.errstate(invalid="ignore"):
        cost_real = np.where(p_data > 0, p_data * softplus(-logits), 0.0)
        cost_fake = np.where(p_g > 0, p_g * softplus(logits), 0.0)
    return float(-np.sum(cost_real + cost_fake) * dx)


def bayes_accuracy(p_data: ArrayLike, p_g: ArrayLike, dx: float, prior: float = 0.5) -> float:
    """Return the best possible share of right real-or-generated guesses.

    Source: guess the likelier origin everywhere: the integral of max(prior p, (1 - prior) q).
    """
    p_data, p_g = two_densities(p_data, p_g, dx)
    checks.between("prior", prior, 0, 1)
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
    batches = {"scores_real": scores_real, "scores_fake": scores_fake}
    for name, batch in batches.items():
        checks.not_empty(name, batch)
        batches[name] = np.sort(checks.numbers(name, batch).ravel())
    real, fake = batches.values()
    below = np.searchsorted(fake, real, side="left")
    not_above = np.searchsorted(fake, real, side="right")
    return float(np.mean(below + not_above) / (2 * fake.size))


def shift_slopes(logits: ArrayLike, p_g: ArrayLike, dx: float) -> tuple[float, float]:
    """Return how fast both generator losses grow when all of G's samples shift, D held still.

    A sample at x has the logit s(x); shifted by dm its logit changes by s'(x) dm, the loss
    log(1 - D) by -D s'(x) dm and the loss -log D by -(1 - D) s'(x) dm. Both are averaged
    over p_g. For N(0, 1) against N(m, 1) and D = D* they sum to m.

    Args:
        logits: finite logit of D(x), shape (n,), n >= 2.
        p_g: density of the generator.
        dx: the grid's spacing.

    Returns:
        The slope of the saturating and of the non-saturating generator loss, nats per unit
        of x; G descends, so a positive slope pushes its samples to the left.

    Source: chain rule through the frozen D. Lessons 03 and 04.
    """
    logits = checks.finite("logits", logits)
    p_g, _ = two_densities(p_g, p_g, dx)
    checks.same_shape("logits", logits, "p_g", p_g)
    pull = -np.gradient(logits, dx) * p_g * dx
    return float(np.sum(sigmoid(logits) * pull)), float(np.sum(sigmoid(-logits) * pull))


def two_densities(p: ArrayLike, q: ArrayLike, dx: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays; raise ValueError for what cannot be densities on one grid."""
    checks.positive("dx", dx)
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    if p.shape != q.shape:
        raise ValueError(f"the densities have shapes {p.shape} and {q.shape}; they must agree")
    for density in (p, q):
        if not ((density >= 0) & (density < np.inf)).all():
            raise ValueError("a density is negative, infinite or NaN somewhere; it must be >= 0")
    return p, q
