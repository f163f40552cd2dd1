"""Three things called truncation: z shrunk, z cut off, w pulled to its mean; each to one sd.

The sd of a normal number that is cut off to [-tau, tau] is below 1; `cut_of` finds the tau that
leaves a given one, so that the three ways are compared at the same narrowness. A number out of
range, or an unknown way, raises ValueError.
"""

import math

import torch
from torch import Tensor
from torch.special import ndtr, ndtri

from gan_lesson import checks
from gan_lesson.networks import Generator
from gan_lesson.style import truncate

SHRUNK, CUT_OFF, TO_MEAN = "z shrunk", "z cut off", "w to its mean"
WAYS = (SHRUNK, CUT_OFF, TO_MEAN)
PSIS = (0.2, 0.4, 0.6, 0.8, 1.0)


def sd_of_cut(tau: float) -> float:
    """Return the sd of a standard normal number that is sampled again until it is in [-tau, tau].

    Raises:
        ValueError: `tau` is not positive.

    Source: Johnson, Kotz and Balakrishnan 1994, section 10.1.
    """
    if math.isinf(tau):
        return 1.0
    checks.positive("tau", tau)
    if tau < 1e-2:
        return tau / math.sqrt(3)  # uniform, to five digits; the formula would lose them
    density = math.exp(-tau * tau / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * tau * density / math.erf(tau / math.sqrt(2)))


def cut_of(sd: float) -> float:
    """Return the tau at which `sd_of_cut` is `sd`; infinite at 1.

    Raises:
        ValueError: `sd` does not lie between 0.01 and 1.
    """
    if not 0.01 <= sd <= 1:
        raise ValueError(f"sd is {sd}; it must lie between 0.01 and 1")
    if sd == 1:
        return math.inf
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if sd_of_cut(middle) > sd else (middle, high)
    return (low + high) / 2


def cut_off(z: Tensor, tau: float) -> Tensor:
    """Return normal numbers as the normal law on [-tau, tau] has them, in the same order.

    Of z ~ N(0, 1) this makes what sampling again until |z| <= tau gives, without sampling.
    """
    if math.isinf(tau):
        return z
    low = ndtr(torch.tensor(-tau, dtype=torch.float64))
    return ndtri(low + ndtr(z.double()) * (1 - 2 * low)).to(z.dtype)


@torch.no_grad()
def narrower(G: Generator, z: Tensor, way: str, psi: float, mean: Tensor | None = None) -> Tensor:
    """Return images of z, of which z or w has been made narrower, to `psi` of its sd.

    Args:
        G: a generator; for `TO_MEAN` one with styles.
        z: shape (n, latent_dim). Noise, if G has any, stays as it is.
        way: one of `WAYS`.
        psi: from 0.01 to 1.
        mean: of w, for `TO_MEAN`.
    """
    checks.one_of("way", way, WAYS)
    if way == TO_MEAN:
        w = truncate(G.mapping(z), mean, psi)
        return G.synthesis([w] * len(G.layers), G.noise(z))
    n_latent = getattr(G, "n_latent", G.latent_dim)
    latent, noise = z[:, :n_latent], z[:, n_latent:]
    latent = psi * latent if way == SHRUNK else cut_off(latent, cut_of(psi))
    return G(torch.cat([latent, noise], dim=1))
