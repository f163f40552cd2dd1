"""The Dirac-GAN, the smallest GAN there is: its field, its steps, its eigenvalues. NumPy only.

All real samples lie at 0, all generated ones at theta, and D(x) = sigma(psi x) is, as
everywhere in these lessons, the probability that x is real. D takes psi uphill on

    V(theta, psi) = log D(0) + log(1 - D(theta)) = -log 2 - softplus(psi theta),

G takes theta downhill; the rest point is (0, 0). Where players move in turn, D moves first.
Mescheder et al. 2018 let D be high on generated samples: their psi is our -psi, and their
start (1, 1) is our (1, -1).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks

LOSSES = ("saturating", "non_saturating")
ORDERS = ("simultaneous", "alternating", "extragradient", "flow")

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()  # means over N(0, 1)


@dataclass(frozen=True)
class DiracGAN:
    """The game: which generator loss, and what is added to it.

    Args:
        loss: generator loss, "saturating" (the game of V) or "non_saturating".
        r1_gamma: weight of R1, which adds gamma / 2 times psi^2 to D's loss; in nats times
            squared units of x.
        noise_sd: standard deviation of normal noise added to real and generated samples
            alike (instance noise), in units of x; means over it are taken by Gauss's
            quadrature, with an error below 1e-5 while noise_sd * |psi| <= 2.

    Raises:
        ValueError: `loss` is unknown, or a number is negative or not finite.

    Source: Mescheder et al. 2018, sections 2 to 4. Lesson 08.
    """

    loss: str = "saturating"
    r1_gamma: float = 0.0
    noise_sd: float = 0.0

    def __post_init__(self):
        checks.one_of("loss", self.loss, LOSSES)
        checks.not_negative("r1_gamma", self.r1_gamma)
        checks.not_negative("noise_sd", self.noise_sd)

    @property
    def damping(self) -> float:
        """The gamma that acts near (0, 0): R1's own, and noise_sd^2 / 2 for the noise."""
        return self.r1_gamma + self.noise_sd**2 / 2

    def pulls(self, theta: ArrayLike, psi: ArrayLike) -> tuple[ArrayLike, ArrayLike]:
        """Return where G and D want to go, per unit of step size: the field.

        Args:
            theta: G's parameter, the place of all generated samples; number or array.
            psi: D's parameter; same shape.

        Returns:
            Minus the slope of G's loss in theta, and the slope of V - gamma / 2 psi^2 in psi;
            both of that shape.
        """
        sign = 1.0 if self.loss == "saturating" else -1.0  # sigma(s) against 1 - sigma(s)
        if not self.noise_sd:
            half_tanh = 0.5 * np.tanh(0.5 * psi * theta)  # sigma(s) = 1/2 + half_tanh
            on_fake, on_real = theta * (0.5 + half_tanh), 0.0
        else:
            noise, slope = self.noise_sd * _NODES, _spread(psi)
            x = _spread(theta) + noise
            half_tanhs = 0.5 * np.tanh(0.5 * slope * x)
            half_tanh = half_tanhs @ _WEIGHTS
            on_fake = 0.5 * theta + (x * half_tanhs) @ _WEIGHTS
            on_real = -0.5 * np.tanh(0.5 * slope * noise) @ (noise * _WEIGHTS)
        return psi * (0.5 + sign * half_tanh), on_real - on_fake - self.r1_gamma * psi

    def jacobian(self) -> np.ndarray:
        """Return the field's derivatives at (0, 0): rows theta, psi; shape (2, 2).

        Its eigenvalues are -g/2 ± sqrt(g^2/4 - 1/4) with g = `damping`, for either loss.
        """
        return np.array([[0.0, 0.5], [-0.5, -self.damping]])


def play(
    game: DiracGAN,
    start: tuple[float, float],
    h: float,
    n_steps: int,
    order: str = "simultaneous",
    d_steps: int = 1,
    g_steps: int = 1,
    first: str = "D",
) -> np.ndarray:
    """Return the orbit of both parameters.

    Worked by hand: plain game, start (1, 0), h = .2, simultaneous: sigma(0) = 1/2, so theta
    stays 1 and psi becomes 0 - .2 / 2 = -.1; the radius has grown to sqrt(1 + .2^2 / 4).

    Args:
        game: the game.
        start: theta and psi at step 0.
        h: step size of both players, positive; for the flow, the time between two rows.
        n_steps: number of steps, at least 0.
        order: "simultaneous", both from the same point; "alternating", each
            in its turn against the other as it then is; "extragradient", both from the same
            point, by the slopes at the place a simultaneous step would lead to; "flow", no
            steps at all: the differential equation, by Runge-Kutta's, at most .25 long.
        d_steps: steps of D in a turn, at least 1; "alternating" only.
        g_steps: steps of G in a turn, at least 1; "alternating" only.
        first: who begins a turn, "D" or "G"; "alternating" only.

    Returns:
        Array (n_steps + 1, 2), columns theta and psi, the start included. A step that leads
        out of the floating-point numbers gives inf or NaN.

    Raises:
        ValueError: a number is out of range, or `order` is unknown or takes no `d_steps`.
    """
    _check_moves(h, order, d_steps, g_steps, first)
    checks.count("n_steps", n_steps, 0)
    step = _stepper(game, h, order, d_steps, g_steps, first)
    if np.shape(start) != (2,) or not np.isfinite(np.asarray(start, dtype=float)).all():
        raise ValueError(f"start is {start}; it must be two finite numbers, theta and psi")
    place = (float(start[0]), float(start[1]))
    path = [place]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_steps):
            place = step(*place)
            path.append(place)
    return np.array(path, dtype=float)


def step_matrix(
    game: DiracGAN,
    h: float,
    order: str = "simultaneous",
    d_steps: int = 1,
    g_steps: int = 1,
    first: str = "D",
) -> np.ndarray:
    """Return the matrix, shape (2, 2), by which a step multiplies (theta, psi) near (0, 0).

    Arguments and errors are those of `play`.

    Source: the derivative of one step at the rest point. Derived in lesson 08.
    """
    _check_moves(h, order, d_steps, g_steps, first)
    field, one = game.jacobian(), np.eye(2)
    if order == "simultaneous":
        return one + h * field
    if order == "extragradient":
        return one + h * field @ (one + h * field)
    if order == "alternating":
        d_moves, g_moves = one.copy(), one.copy()
        d_moves[1] += h * field[1]
        g_moves[0] += h * field[0]
        power = np.linalg.matrix_power
        turns = [power(d_moves, d_steps), power(g_moves, g_steps)]
        return turns[1] @ turns[0] if first == "D" else turns[0] @ turns[1]
    tau, fine = h / 64, one  # the exponential of h times the field: Taylor, then squared
    for k in range(12, 0, -1):
        fine = one + tau / k * field @ fine
    return np.linalg.matrix_power(fine, 64)


def eigenvalues(matrix: ArrayLike) -> np.ndarray:
    """Return both eigenvalues of a (2, 2) matrix: t/2 ± sqrt(t^2/4 - det), t the trace.

    Returns:
        Complex array (2,), the one with the plus sign first.

    Raises:
        ValueError: the matrix is not of shape (2, 2), or not finite.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.shape != (2, 2) or not np.isfinite(matrix).all():
        raise ValueError(f"the matrix is {matrix.tolist()}; it must be finite, of shape (2, 2)")
    half = np.trace(matrix) / 2
    root = np.emath.sqrt(half**2 - (matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]))
    return np.array([half + root, half - root], dtype=complex)


def rate(
    game: DiracGAN, h: float, order: str = "simultaneous", d_steps: int = 1, g_steps: int = 1
) -> float:
    """Return the factor by which the radius changes a step near (0, 0), in the long run.

    It is the larger modulus of the two eigenvalues of `step_matrix`, whose arguments it takes
    (who is first makes no difference): below 1 a near orbit closes in, above 1 it leaves,
    at 1 the linearisation does not decide.
    """
    return float(np.abs(eigenvalues(step_matrix(game, h, order, d_steps, g_steps))).max())


def largest_step(gamma: float) -> float:
    """Return the step size below which simultaneous steps with R1 converge.

    Args:
        gamma: R1's weight, at least 0, in nats times squared units of x.

    Returns:
        4 gamma for gamma <= 1, 4 (gamma - sqrt(gamma^2 - 1)) above; never more than 4.

    Raises:
        ValueError: `gamma` is negative or not finite.

    Source: |1 + h lambda| < 1 with lambda = -gamma/2 ± sqrt(gamma^2/4 - 1/4). Lesson 08.
    """
    checks.not_negative("gamma", gamma)
    return 4 * gamma if gamma <= 1 else 4 / (gamma + math.sqrt(gamma * gamma - 1))


def limit_radius(h: float) -> float:
    """Return sqrt(2 h): the radius, to leading order in h, that the non-saturating game keeps.

    Simultaneous steps of size h, at least 0, no penalty. A step changes the squared radius r^2
    by about -h (psi theta)^2 + h^2 r^2 / 4, and the mean of (psi theta)^2 over a round of the
    circle is r^4 / 8.

    Raises:
        ValueError: `h` is negative.

    Source: the two terms in balance. Derived in lesson 08.
    """
    checks.not_negative("h", h)
    return math.sqrt(2 * h)


def averaged_radius(start: float, h: float, steps: ArrayLike, simultaneous: bool) -> np.ndarray:
    """Return the radius that the non-saturating game is predicted to have after some steps.

    The changes of `limit_radius`, taken as a differential equation for the squared radius q:
    dq/dn = -h q^2 / 8 + h^2 q / 4, the second term for simultaneous steps only.

    Args:
        start: radius at step 0, positive.
        h: step size, positive.
        steps: step numbers, any shape.
        simultaneous: whether both move at once; else in turn, or along the flow.

    Returns:
        Array of the shape of `steps`; it tends to sqrt(2 h), or to sqrt(8 / (h n)).

    Raises:
        ValueError: `start` or `h` is not positive and finite, or a step number is negative.

    Source: Bernoulli's equation, solved for 1 / q. Lesson 08.
    """
    checks.positive("start", start)
    checks.positive("h", h)
    n = np.asarray(steps, dtype=float)
    if not ((n >= 0) & (n < math.inf)).all():
        raise ValueError(f"steps are {steps}; they must be finite and at least 0")
    if not simultaneous:
        return 1 / np.sqrt(np.float64(start) ** -2 + h * n / 8)
    left = np.exp(-h * (h * n) / 4)
    return 1 / np.sqrt(left * np.float64(start) ** -2 + (1 - left) / (2 * h))


def _spread(values: ArrayLike) -> ArrayLike:
    """Give an array one axis more, for the nodes of a mean; leave a number alone."""
    return values[..., None] if isinstance(values, np.ndarray) else values


def _check_moves(h: float, order: str, d_steps: int, g_steps: int, first: str) -> None:
    checks.positive("h", h)
    checks.one_of("order", order, ORDERS)
    checks.count("d_steps", d_steps)
    checks.count("g_steps", g_steps)
    checks.one_of("first", first, ("D", "G"))
    if order != "alternating" and (d_steps, g_steps) != (1, 1):
        raise ValueError(f"d_steps and g_steps must be 1 where order is {order!r}")


def _stepper(
    game: DiracGAN, h: float, order: str, d_steps: int, g_steps: int, first: str
) -> Callable:
    """Return the function from one place (theta, psi) to the next."""
    turn = "D" * d_steps + "G" * g_steps if first == "D" else "G" * g_steps + "D" * d_steps

    def simultaneous(theta, psi):
        to_g, to_d = game.pulls(theta, psi)
        return theta + h * to_g, psi + h * to_d

    def alternating(theta, psi):
        for player in turn:
            to_g, to_d = game.pulls(theta, psi)
            if player == "D":
                psi = psi + h * to_d
            else:
                theta = theta + h * to_g
        return theta, psi

    def extragradient(theta, psi):
        to_g, to_d = game.pulls(*simultaneous(theta, psi))
        return theta + h * to_g, psi + h * to_d

    return {
        "simultaneous": simultaneous,
        "alternating": alternating,
        "extragradient": extragradient,
        "flow": lambda theta, psi: _follow(game, theta, psi, h),
    }[order]


def _follow(game: DiracGAN, theta: float, psi: float, time: float) -> tuple[float, float]:
    """Return the place to which the flow carries (theta, psi) in a time."""
    n = math.ceil(time / 0.25)
    dt = time / n
    for _ in range(n):
        k = [(0.0, 0.0)]
        for share in (0.0, 0.5, 0.5, 1.0):
            at = theta + share * dt * k[-1][0], psi + share * dt * k[-1][1]
            k.append(game.pulls(*at))
        theta = theta + dt / 6 * (k[1][0] + 2 * k[2][0] + 2 * k[3][0] + k[4][0])
        psi = psi + dt / 6 * (k[1][1] + 2 * k[2][1] + 2 * k[3][1] + k[4][1])
    return theta, psi
