"""What G does to noise in one dimension, and two small games with their moves.

Numbers of a game (`z`, `x`, `theta`, `w`) have any shape, those of one call are broadcast, and
what is computed of them has the broadcast shape. Every number must be finite, or ValueError is
raised. NumPy only, natural logarithms. Lesson 02.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks
from gan_lesson.lessons.mathematics.bce import sigmoid, softplus
from gan_lesson.lessons.mathematics.divergence import normal_density, two_densities


def push_forward(z: ArrayLike, a: float, b: float, bend: float = 0.0) -> np.ndarray:
    """Return G(z) = u + bend * sqrt(1 + u^2) with u = a z + b: a line, then a smooth bend.

    Worked by hand: at z = 0, b = 0 the line gives u = 0 and the bend x = 0 + bend * 1.

    Args:
        z: noise.
        a: stretch, not 0.
        b: shift, in units of x.
        bend: strictly between -1 and 1; the slope goes from 1 - bend far to the left of u = 0
            to 1 + bend far to the right. 0 leaves the line straight.

    Raises:
        ValueError: `a` or `bend` is out of range, or a number is not finite.

    Source: a smooth leaky ReLU, chosen because its inverse is known. Lesson 02.
    """
    _check_push(a, bend)
    with np.errstate(over="ignore"):
        u = checks.finite("a z + b", a * checks.finite("z", z) + b)
        return u + bend * np.hypot(1, u)


def push_forward_density(x: ArrayLike, a: float, b: float, bend: float = 0.0) -> np.ndarray:
    """Return the density, per unit of x, of G(z), z ~ N(0, 1): p_z(z) / |G'(z)| where G(z) = x.

    Worked by hand: a = 2, b = bend = 0 give half the height of the noise, 0.3989 / 2 at x = 0.
    Arguments and errors are those of `push_forward`.

    Source: change of variables; u = (x - bend sqrt(x^2 + 1 - bend^2)) / (1 - bend^2). Lesson 02.
    """
    _check_push(a, bend)
    x, b = checks.finite("x", x), checks.finite("b", b)
    u = (x - bend * np.sqrt(x * x + 1 - bend * bend)) / (1 - bend * bend)
    slope = abs(a) * (1 + bend * u / np.sqrt(1 + u * u))
    return normal_density((u - b) / a) / slope


def _check_push(a: float, bend: float) -> None:
    if a == 0 or not np.isfinite(a):
        raise ValueError(f"a is {a}; it must be finite, and 0 would send all noise to one point")
    checks.between("bend", bend, -1, 1)


def overlap(p: ArrayLike, q: ArrayLike, dx: float) -> float:
    """Return the area that two densities share: the integral of min(p, q), at most 1.

    Arguments and errors are those of `mathematics.divergence`.

    Source: 1 minus the total variation distance.
    """
    p, q = two_densities(p, q, dx)
    return float(np.sum(np.minimum(p, q)) * dx)


_NODES = np.linspace(-9.0, 9.0, 241)  # the midpoint sum of an analytic function converges fast
_WEIGHTS = normal_density(_NODES) * (_NODES[1] - _NODES[0])


def saddle_game_value(theta: ArrayLike, w: ArrayLike) -> np.ndarray:
    """Return V when data are N(0, 1), G(z) = z + theta with z ~ N(0, 1), and D(x) = sigma(w x).

    Worked by hand: at w = 0, D says 1/2 to everything and V = -log 4 = -1.386 for any theta.
    The saddle is at theta = 0, w = 0.

    Args:
        theta: the generator's parameter, in units of x.
        w: the discriminator's parameter, logits per unit of x.

    Returns:
        V <= 0, in nats.

    Source: Goodfellow et al. 2014, equation 1, by quadrature. Lesson 02.
    """
    theta, w = checks.finite("theta", theta)[..., None], checks.finite("w", w)[..., None]
    on_real = -softplus(-w * _NODES) @ _WEIGHTS
    on_fake = -softplus(w * (_NODES + theta)) @ _WEIGHTS
    return on_real + on_fake


def saddle_game_slopes(theta: ArrayLike, w: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return dV/dtheta and dV/dw of `saddle_game_value`.

    G moves against the first, D along the second. Worked by hand: at theta = 1, w = 0 they are
    0 and -1/2, because D says 1/2 everywhere and generated samples lie at 1 on average.

    Arguments are those of `saddle_game_value`; the slopes are in nats per unit of theta and of w.

    Source: E[x (1 - D(x))] - E[G(z) D(G(z))] for w, and -w E[D(G(z))] for theta. Lesson 02.
    """
    theta, w = np.broadcast_arrays(checks.finite("theta", theta), checks.finite("w", w))
    x_fake = _NODES + theta[..., None]
    d_real = sigmoid(w[..., None] * _NODES)
    d_fake = sigmoid(w[..., None] * x_fake)
    in_theta = -w * (d_fake @ _WEIGHTS)
    in_w = (_NODES * (1 - d_real)) @ _WEIGHTS - (x_fake * d_fake) @ _WEIGHTS
    return in_theta, in_w


def play_product(theta: float, w: float, h: float, n_steps: int, alternating: bool) -> np.ndarray:
    """Return the path of two players on f = theta w: theta steps downhill, w uphill.

    Worked by hand: from (1, 0) with h = 0.2 both step at once to (1, 0.2); there the distance
    from (0, 0) has grown from 1 to sqrt(1 + 0.2^2) = 1.0198.

    Args:
        theta: where the minimising player starts.
        w: where the maximising player starts.
        h: step size, positive.
        n_steps: number of rounds, at least 0; both players move in each.
        alternating: w answers the theta that has just moved, instead of both moving at once.

    Returns:
        Array (n_steps + 1, 2), the start included. Moving at once multiplies the distance by
        sqrt(1 + h^2) a round; in turn keeps theta^2 - h theta w + w^2 as it is. Steps that lead
        out of the floating-point numbers give inf or NaN.

    Source: gradient descent-ascent; the slopes of theta w are w and theta. Lesson 02.
    """
    checks.positive("h", h)
    checks.count("n_steps", n_steps, 0)
    checks.finite("the start (theta, w)", (theta, w))
    path = [(theta, w)]
    for _ in range(n_steps):
        theta_new = theta - h * w
        w = w + h * (theta_new if alternating else theta)
        theta = theta_new
        path.append((theta, w))
    return np.array(path, dtype=float)
