"""The Dirac-GAN under five games: field, steps, orbits. NumPy only.

All real samples lie at 0, all generated ones at theta, and the score of D is psi x (for least
squares 1/2 + psi x, so that its chance level is at rest). With s = psi theta, D pays b(s) for the
generated samples and G pays c(s):

    non_saturating   b = softplus(s)    c = softplus(-s)
    least_squares    b = (1/2 + s)^2    c = (s - 1/2)^2
    hinge            b = max(0, 1 + s)  c = -s
    wasserstein      b = s              c = -s
    relativistic     b = softplus(s)    c = softplus(-s), because the real score is 0

What D pays for the real samples does not depend on psi. D moves first where they move in turn.

Source: Mescheder et al. 2018, sections 2 to 4, with their -psi for our psi. Lesson 15.
"""

from typing import NamedTuple

import numpy as np

from gan_lesson import checks
from gan_lesson.lessons.mathematics.bce import sigmoid

GAMES = ("non_saturating", "least_squares", "hinge", "wasserstein", "relativistic")
ORDERS = ("simultaneous", "alternating")
PENALTIES = ("none", "r1", "gp", "clip")


class Dirac(NamedTuple):
    """One game on a point.

    Attributes:
        game: one of `GAMES`.
        penalty: "none"; "r1", which adds weight/2 psi^2 to D's loss; "gp", which adds
            weight/2 (|psi| - 1)^2; or "clip", which keeps psi within ± weight.
        weight: of the penalty, or the limit of psi.
    """

    game: str = "wasserstein"
    penalty: str = "none"
    weight: float = 1.0

    def slopes(self, s):
        """Return b'(s) and c'(s), of the shape of `s`."""
        if self.game in ("non_saturating", "relativistic"):
            fooled = sigmoid(s)
            return fooled, fooled - 1
        if self.game == "least_squares":
            return 1 + 2 * s, 2 * s - 1
        if self.game == "hinge":
            return np.where(s > -1, 1.0, 0.0), -np.ones_like(s)
        return np.ones_like(s), -np.ones_like(s)

    def pull_on_g(self, theta, psi):
        """Return minus the slope of G's loss in theta; numbers or arrays of one shape."""
        return -self.slopes(np.asarray(psi * theta, dtype=float))[1] * psi

    def pull_on_d(self, theta, psi):
        """Return minus the slope of D's loss in psi, its penalty included."""
        pull = -self.slopes(np.asarray(psi * theta, dtype=float))[0] * theta
        if self.penalty == "r1":
            pull = pull - self.weight * psi
        if self.penalty == "gp":
            pull = pull - self.weight * (np.abs(psi) - 1) * np.sign(psi)
        return pull

    def kept(self, psi):
        """Return psi as it is after a step of D: within ± weight where weights are clipped."""
        return np.clip(psi, -self.weight, self.weight) if self.penalty == "clip" else psi


def play(
    game: Dirac, start: tuple[float, float], h: float, n_steps: int, order: str = "simultaneous"
) -> np.ndarray:
    """Return the orbit of theta and psi, the start included, shape (n_steps + 1, 2).

    Worked by hand: Wasserstein, start (1, 0), h = .2, simultaneous: theta stays 1, psi becomes
    -.2; the radius has grown to sqrt(1 + .2^2).

    Args:
        game: the game.
        start: theta and psi at step 0.
        h: step size of both players, positive.
        n_steps: number of steps, at least 0.
        order: "simultaneous", or "alternating": D first, G against the D that has moved.

    Raises:
        ValueError: a name is unknown or a number out of range.
    """
    checks.one_of("game", game.game, GAMES)
    checks.one_of("penalty", game.penalty, PENALTIES)
    checks.not_negative("weight", game.weight)
    checks.positive("h", h)
    checks.count("n_steps", n_steps, 0)
    checks.one_of("order", order, ORDERS)
    theta, psi = (float(each) for each in start)
    path = [(theta, psi)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_steps):
            moved = game.kept(psi + h * game.pull_on_d(theta, psi))
            seen = psi if order == "simultaneous" else moved
            theta, psi = float(theta + h * game.pull_on_g(theta, seen)), float(moved)
            path.append((theta, psi))
    return np.array(path)
