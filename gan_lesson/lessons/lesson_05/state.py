"""How a game on 1-D data stands: both densities, D and D*, V and its bounds, on a grid.

The data's density is known, and G maps one number to one number, so that the density of its
samples follows from its map. So D* is known at each moment of a real training run, and with
it how far D is from its best response and how far G is from the data.
"""

from typing import NamedTuple

import numpy as np
import torch

from gan_lesson import checks
from gan_lesson.data import Mixture
from gan_lesson.lessons.lesson_05.density import density_of_map
from gan_lesson.lessons.mathematics.divergence import (
    d_star,
    jensen_shannon_divergence,
    value_on_grid,
)
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.networks import Discriminator, Generator

EDGES = np.linspace(-10.0, 10.0, 1001)
PLACES = (EDGES[1:] + EDGES[:-1]) / 2
DX = float(EDGES[1] - EDGES[0])
NOISE = np.linspace(-5.0, 5.0, 2001)


_NOISE = torch.tensor(NOISE, dtype=torch.float32).unsqueeze(1)
_PLACES = torch.tensor(PLACES, dtype=torch.float32).unsqueeze(1)


class GameState(NamedTuple):
    """How one game on 1-D data stands, on the grid `PLACES`; see `game_state`.

    Attributes:
        p_data: density of the data, shape (1000,), per unit of x.
        p_g: density of G's samples, shape (1000,), per unit of x.
        d: D(x), shape (1000,), a probability.
        d_star: the best discriminator's D*(x), shape (1000,).
        x_of_z: G(z) at `NOISE`, shape (2001,), in units of x.
        value: V(D, G), nats.
        best_value: V(D*, G) = -log 4 + 2 JSD, nats.
        jsd: JSD(p_data, p_g), nats.
    """

    p_data: np.ndarray
    p_g: np.ndarray
    d: np.ndarray
    d_star: np.ndarray
    x_of_z: np.ndarray
    value: float
    best_value: float
    jsd: float

    @property
    def regret(self) -> float:
        """V(D*, G) - V(D, G) >= 0, nats: how far D is from its best response."""
        return self.best_value - self.value

    @property
    def d_error(self) -> float:
        """Mean of |D - D*| where p_data + p_g is at least 0.01 per unit of x."""
        counts = self.p_data + self.p_g >= 0.01
        return float(np.abs(self.d - self.d_star)[counts].mean())


@torch.no_grad()
def game_state(G: Generator, D: Discriminator, data: Mixture) -> GameState:
    """Return densities, D, D*, V and JSD of a game on 1-D data, by sums over a grid.

    Args:
        G: generator of one number from one number, so that p_g follows from its map.
        D: discriminator of one number.
        data: mixture in one dimension, its bulk between -10 and 10.

    Raises:
        ValueError: G takes or makes more than one number, or G(z) is not finite.
    """
    if G.latent_dim != 1:
        raise ValueError(f"G.latent_dim is {G.latent_dim}; only 1 has a map that can be drawn")
    x_of_z = G(_NOISE)
    checks.shape("a sample of G", x_of_z[0], 1)
    x_of_z = x_of_z[:, 0].double().numpy()
    logits = D(_PLACES, as_logits=True)[:, 0].double()
    p_data = data.density(_PLACES).double().numpy()
    p_g = density_of_map(NOISE, x_of_z, EDGES)
    jsd = jensen_shannon_divergence(p_data, p_g, DX)
    return GameState(
        p_data,
        p_g,
        torch.sigmoid(logits).numpy(),
        d_star(p_data, p_g),
        x_of_z,
        value_on_grid(logits.numpy(), p_data, p_g, DX),
        2 * jsd - LOG_4,
        jsd,
    )


def shares(state: GameState, data: Mixture) -> list[float]:
    """Return the share of G's samples at each bump of the data, left to right.

    A sample belongs to the nearest centre, if that is within 2 sd, and else to none: what lies
    in the gap is at no bump.
    """
    distance = np.abs(PLACES - np.sort(data.centres[:, 0].double().numpy())[:, None])
    nearest = distance.argmin(axis=0)
    near = distance.min(axis=0) <= 2 * data.sd
    return [
        float(np.sum(state.p_g[near & (nearest == bump)]) * DX) for bump in range(len(distance))
    ]
