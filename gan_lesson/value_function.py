"""The value V(D, G), the best discriminator D* and the divergence it measures.

V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))]. Worked by hand: D(x) = .8 and D(G(z)) = .4
everywhere give log .8 + log .6 = -.7340. NumPy only; densities are given on an even grid.
Taught in lessons 02 to 04. Natural logarithms, the unit is the nat.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.binary_cross_entropy import (
    as_finite,
    bce_from_logits,
    bce_from_probability,
    bce_slope_in_logit,
    bce_slope_in_probability,
    sigmoid,
    softplus,
)

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


class Ledger(NamedTuple):
    """Five numbers that one state of the game is called by, in nats; see `ledger`.

    Attributes:
        value: V, which D pushes up and G pushes down.
        loss_d: -V, the sum over both halves; D minimises it.
        mean_bce: loss_d / 2, the mean over all predictions of a balanced batch.
        loss_g_saturating: mean log(1 - D(G(z))), the part of V that G can move.
        loss_g_non_saturating: mean of -log D(G(z)), what G minimises in practice.
    """

    value: float
    loss_d: float
    mean_bce: float
    loss_g_saturating: float
    loss_g_non_saturating: float


def ledger(d_real: ArrayLike, d_fake: ArrayLike) -> Ledger:
    """Return the value and the four losses that go with it.

    Worked by hand: where D says 1/2 to everything they are -1.386, 1.386, .693, -.693, .693.

    Args:
        d_real: D(x) for samples x ~ p_data, a probability, any non-empty shape.
        d_fake: D(G(z)) for samples z ~ p_z, a probability, any non-empty shape.

    Raises:
        ValueError: as `value`.

    Source: Goodfellow et al. 2014, equation 1 and section 3. Derived in lesson 02.
    """
    v = value(d_real, d_fake)
    saturating = -float(np.mean(bce_from_probability(d_fake, 0.0)))
    non_saturating = float(np.mean(bce_from_probability(d_fake, 1.0)))
    return Ledger(v, -v, -v / 2, saturating, non_saturating)


def push_forward(z: ArrayLike, a: float, b: float, bend: float = 0.0) -> np.ndarray:
    """Return G(z) = u + bend * sqrt(1 + u^2) with u = a z + b: a line, then a smooth bend.

    Worked by hand: at z = 0, b = 0 the line gives u = 0 and the bend x = 0 + bend * 1.

    Args:
        z: noise, any shape.
        a: stretch, not 0.
        b: shift, in units of x.
        bend: strictly between -1 and 1; the slope goes from 1 - bend far to the left of u = 0
            to 1 + bend far to the right. 0 leaves the line straight.

    Returns:
        Array of the shape of `z`.

    Raises:
        ValueError: `a` is 0, `bend` is not strictly between -1 and 1, or a number is not
            finite.

    Source: a smooth leaky ReLU, chosen because its inverse is known. Lesson 02.
    """
    _check_push(a, bend)
    with np.errstate(over="ignore"):
        u = as_finite("a z + b", a * as_finite("z", z) + b)
        return u + bend * np.hypot(1, u)


def push_forward_density(x: ArrayLike, a: float, b: float, bend: float = 0.0) -> np.ndarray:
    """Return the density of G(z), z ~ N(0, 1), at `x`: p_z(z) / |G'(z)| where G(z) = x.

    Worked by hand: a = 2, b = bend = 0 give half the height of the noise, .3989 / 2 at x = 0.

    Args:
        x: places, any shape.
        a: stretch, not 0.
        b: shift, in units of x.
        bend: strictly between -1 and 1.

    Returns:
        Density of the shape of `x`, per unit of x.

    Raises:
        ValueError: as `push_forward`.

    Source: change of variables; u = (x - bend sqrt(x^2 + 1 - bend^2)) / (1 - bend^2). Lesson 02.
    """
    _check_push(a, bend)
    x, b = as_finite("x", x), as_finite("b", b)
    u = (x - bend * np.sqrt(x * x + 1 - bend * bend)) / (1 - bend * bend)
    slope = abs(a) * (1 + bend * u / np.sqrt(1 + u * u))
    return normal_density((u - b) / a) / slope


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
    if x.shape != z.shape:
        raise ValueError(f"x has shape {x.shape}; it must be {z.shape}")
    if not np.isfinite(x).all():
        raise ValueError("x holds NaN or infinite numbers")
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


def _check_push(a: float, bend: float) -> None:
    if a == 0 or not np.isfinite(a):
        raise ValueError(f"a is {a}; it must be finite, and 0 would send all noise to one point")
    if not -1 < bend < 1:
        raise ValueError(f"bend is {bend}; it must lie strictly between -1 and 1")


def overlap(p: ArrayLike, q: ArrayLike, dx: float) -> float:
    """Return the area that two densities share: the integral of min(p, q), at most 1.

    Args:
        p: density on an even grid, shape (n,).
        q: density on the same grid, shape (n,).
        dx: the grid's spacing, in units of x.

    Raises:
        ValueError: as `kl_divergence`.

    Source: 1 minus the total variation distance.
    """
    p, q = _two_densities(p, q, dx)
    return float(np.sum(np.minimum(p, q)) * dx)


def value_slopes(d_real: ArrayLike, d_fake: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return dV/dD(x) = 1 / D(x) and dV/dD(G(z)) = -1 / (1 - D(G(z))), for V of two numbers.

    Worked by hand: at (1/2, 1/2) they are 2 and -2; they are 0 nowhere, so V has no saddle here.

    Args:
        d_real: D(x), strictly between 0 and 1, any shape.
        d_fake: D(G(z)), strictly between 0 and 1, any shape.

    Returns:
        Two arrays, nats per unit of probability.

    Raises:
        ValueError: a probability is not strictly between 0 and 1.

    Source: derivatives of log D and log(1 - D). Lesson 02.
    """
    d_real, d_fake = np.asarray(d_real, dtype=float), np.asarray(d_fake, dtype=float)
    for name, d in (("d_real", d_real), ("d_fake", d_fake)):
        if not ((d > 0) & (d < 1)).all():
            raise ValueError(f"{name} is {d}; it must lie strictly between 0 and 1")
    return 1 / d_real, -1 / (1 - d_fake)


_NODES = np.linspace(-9.0, 9.0, 241)  # the midpoint sum of an analytic function converges fast
_WEIGHTS = normal_density(_NODES) * (_NODES[1] - _NODES[0])


def saddle_game_value(theta: ArrayLike, w: ArrayLike) -> np.ndarray:
    """Return V when data are N(0, 1), G(z) = z + theta with z ~ N(0, 1), and D(x) = sigma(w x).

    Worked by hand: at w = 0, D says 1/2 to everything and V = -log 4 = -1.386 for any theta.
    The saddle is at theta = 0, w = 0.

    Args:
        theta: the generator's parameter, in units of x, any shape.
        w: the discriminator's parameter, logits per unit of x, broadcast with `theta`.

    Returns:
        Array <= 0 of the broadcast shape, in nats.

    Raises:
        ValueError: a parameter is not finite.

    Source: Goodfellow et al. 2014, equation 1, by quadrature. Lesson 02.
    """
    theta, w = as_finite("theta", theta)[..., None], as_finite("w", w)[..., None]
    on_real = -softplus(-w * _NODES) @ _WEIGHTS
    on_fake = -softplus(w * (_NODES + theta)) @ _WEIGHTS
    return on_real + on_fake


def saddle_game_slopes(theta: ArrayLike, w: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return dV/dtheta and dV/dw of `saddle_game_value`.

    G moves against the first, D along the second. Worked by hand: at theta = 1, w = 0 they are
    0 and -1/2, because D says 1/2 everywhere and generated samples lie at 1 on average.

    Args:
        theta: the generator's parameter, in units of x, any shape.
        w: the discriminator's parameter, logits per unit of x, broadcast with `theta`.

    Returns:
        Two arrays of the broadcast shape: nats per unit of theta, nats per unit of w.

    Raises:
        ValueError: a parameter is not finite.

    Source: E[x (1 - D(x))] - E[G(z) D(G(z))] for w, and -w E[D(G(z))] for theta. Lesson 02.
    """
    theta, w = np.broadcast_arrays(as_finite("theta", theta), as_finite("w", w))
    x_fake = _NODES + theta[..., None]
    d_real = sigmoid(w[..., None] * _NODES)
    d_fake = sigmoid(w[..., None] * x_fake)
    in_theta = -w * (d_fake @ _WEIGHTS)
    in_w = (_NODES * (1 - d_real)) @ _WEIGHTS - (x_fake * d_fake) @ _WEIGHTS
    return in_theta, in_w


def play_xy(x: float, y: float, h: float, n_steps: int, alternating: bool) -> np.ndarray:
    """Return the path of two players on f = x y: x steps downhill, y uphill.

    Worked by hand: from (1, 0) with h = .2 both step at once to (1, .2); there the distance
    from (0, 0) has grown from 1 to sqrt(1 + .2^2) = 1.0198.

    Args:
        x: where the minimising player starts.
        y: where the maximising player starts.
        h: step size, positive.
        n_steps: number of rounds, at least 0; both players move in each.
        alternating: y answers the x that has just moved, instead of both moving at once.

    Returns:
        Array (n_steps + 1, 2), the start included. Moving at once multiplies the distance by
        sqrt(1 + h^2) a round; in turn keeps x^2 - h x y + y^2 as it is. Steps that lead out of
        the floating-point numbers give inf or NaN.

    Raises:
        ValueError: `h` is not positive, `n_steps` is negative or a number is not finite.

    Source: gradient descent-ascent; slopes of x y are y and x. Lesson 02.
    """
    if not 0 < h < np.inf:
        raise ValueError(f"h is {h}; it must be positive and finite")
    if n_steps < 0:
        raise ValueError(f"n_steps is {n_steps}; it must be at least 0")
    as_finite("the start (x, y)", (x, y))
    path = [(x, y)]
    for _ in range(n_steps):
        x_new = x - h * y
        y = y + h * (x_new if alternating else x)
        x = x_new
        path.append((x, y))
    return np.array(path, dtype=float)


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
    p, q = _two_densities(p, q, dx)
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
    p, q = _two_densities(p, q, dx)
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
    p_data, p_g = _two_densities(p_data, p_g, dx)
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
    p_data, p_g = _two_densities(p_data, p_g, dx)
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
    _two_densities(p_g, p_g, dx)
    if logits.shape != p_g.shape or not np.isfinite(logits).all():
        raise ValueError(f"logits must be finite and of shape {p_g.shape}, as p_g is")
    pull = -np.gradient(logits, dx) * p_g * dx
    return float(np.sum(sigmoid(logits) * pull)), float(np.sum(sigmoid(-logits) * pull))


def generator_loss_from_logit(s: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return what one generated sample costs G at the logit s of D(G(z)), in nats.

    Args:
        s: logit of D(G(z)), any shape.
        kind: "non_saturating", -log D(G(z)), or "saturating", log(1 - D(G(z))).

    Returns:
        Array of the shape of `s`, one cost a sample; their mean is the loss of a batch.

    Raises:
        ValueError: `s` holds a NaN, or `kind` is unknown.

    Source: Goodfellow et al. 2014, section 3: BCE with label 1, and minus BCE with label 0.
        Derived in lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_from_logits(s, label)


def generator_slope_in_logit(s: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return d loss / ds at the logit s of D(G(z)), nats per unit of logit.

    Returns:
        -(1 - D) for the non-saturating loss, -D for the saturating one, D = sigma(s). Both
        are negative: either loss wants the logit to rise.

    Raises:
        ValueError: `s` holds a NaN, or `kind` is unknown.

    Source: derivative of `generator_loss_from_logit`. Derived in lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_slope_in_logit(s, label)


def generator_slope_in_probability(d: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return d loss / dD at the probability D(G(z)) = d, nats per unit of probability.

    Returns:
        -1 / d for the non-saturating loss, -1 / (1 - d) for the saturating one.

    Raises:
        ValueError: `d` is not strictly between 0 and 1, or `kind` is unknown.

    Source: the slope in the logit divided by the sigmoid's own slope d (1 - d). Lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_slope_in_probability(d, label)


def generator_slopes_on_grid(
    mean: float, sd: float, x: ArrayLike, p_data: ArrayLike, kind: str = "non_saturating"
) -> np.ndarray:
    """Return d loss / d(mean, sd) of a generator N(mean, sd^2), with D* frozen.

    Args:
        mean: the generator's mean, in units of x.
        sd: its standard deviation, positive, in units of x.
        x: even grid that covers both densities, shape (n,).
        p_data: density of the data there, shape (n,).
        kind: as in `generator_loss_from_logit`.

    Returns:
        Two slopes, nats per unit of x: those of 2 JSD (saturating) or of KL(p_g || p_data)
        - 2 JSD (non-saturating), although only p_g was moved and D* stood still.

    Raises:
        ValueError: `x` is no even grid of two or more places, `sd` is not positive, shapes
            differ, a density is negative, or `kind` is unknown.

    Source: integral of (d p_g / d theta) loss(D*(x)) dx. Lesson 04.
    """
    x = as_finite("x", x)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"x has shape {x.shape}; it must be (n,) with n >= 2")
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
            betas (.9, .999) and eps 1e-8.

    Returns:
        Places of shape (n_steps + 1, k), or (n_steps + 1,) for a number. Steps that lead out of
        the floating-point numbers give inf or NaN.

    Raises:
        ValueError: a setting is out of range, or `optimizer` is unknown.

    Source: Adam: Kingma and Ba 2015, algorithm 1. Written out in lesson 04.
    """
    if not 0 < lr < np.inf or n_steps < 1:
        raise ValueError(f"lr is {lr} and n_steps {n_steps}; both must be positive and finite")
    if optimizer not in ("sgd", "adam"):
        raise ValueError(f"optimizer is {optimizer!r}; it must be 'sgd' or 'adam'")
    theta = as_finite("start", start).copy()
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
    p, q = _two_densities(p_data, p_g, dx)
    if p.ndim != 1 or len(p) < 3:
        raise ValueError(f"the densities have shape {p.shape}; it must be (n,) with n >= 3")
    if not min(r1_gamma, r2_gamma) >= 0 or not 0 < r1_gamma + r2_gamma < np.inf:
        raise ValueError(
            f"r1_gamma is {r1_gamma}, r2_gamma is {r2_gamma}; both must be finite, >= 0, one above"
        )
    weight = r1_gamma * p + r2_gamma * q
    between = (weight[1:] + weight[:-1]) / (2 * dx * dx)
    difference = np.diff(np.eye(len(p)), axis=0)
    stiffness = difference.T @ (between[:, None] * difference)
    stiffness += np.eye(len(p)) * 1e-12 * max(p.max(), q.max())
    s = np.zeros_like(p)
    for _ in range(100):
        slope = q * sigmoid(s) - p * sigmoid(-s) + stiffness @ s
        curvature = np.diag((p + q) * sigmoid(s) * sigmoid(-s)) + stiffness
        try:
            step = np.linalg.solve(curvature, slope)
        except np.linalg.LinAlgError as error:
            raise ValueError(
                f"dx is {dx}, r1_gamma {r1_gamma}, r2_gamma {r2_gamma}: beyond what "
                "floating-point numbers can solve"
            ) from error
        s = s - step / max(1.0, np.abs(step).max() / 4)  # a logit moves by at most 4 at once
        if np.abs(step).max() < 1e-9:
            break
    return s


def _label_and_sign(kind: str) -> tuple[float, float]:
    """Return the BCE label and sign behind a generator loss."""
    if kind == "non_saturating":
        return 1.0, 1.0
    if kind == "saturating":
        return 0.0, -1.0
    raise ValueError(f"kind is {kind!r}; it must be 'non_saturating' or 'saturating'")


def _two_densities(p: ArrayLike, q: ArrayLike, dx: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
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
