"""Search in z: which samples of a trained G fit what was measured of an image?

    y = shrink(x, 2)                                          # what is known: four numbers
    found = search_latent(G, lambda x: shrink(x, 2), y)       # 32 answers of G
    fits = found.images[fits_about_as_well(found.misfit)]

A perfect fit proves nothing while several answers fit. First used in lesson 11.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_lesson import checks
from gan_lesson.networks import Generator


class Found(NamedTuple):
    """Answers of a search, the best first.

    z: shape (n, latent_dim). images: G(z), shape (n, ...). misfit: root mean square of
    measure(image) - target, NumPy, shape (n,).
    """

    z: Tensor
    images: Tensor
    misfit: np.ndarray


def search_latent(
    G: Generator,
    measure: Callable[[Tensor], Tensor],
    target: Tensor,
    *,
    n_starts: int = 32,
    n_steps: int = 150,
    lr: float = 0.1,
    seed: int = 0,
) -> Found:
    """Descend from `n_starts` random z to samples whose measurements agree with `target`.

    Each z is kept at the length sqrt(latent_dim), where nearly all of N(0, I) lies, and moved by
    Adam on its own squared misfit.

    Args:
        G: trained generator, in evaluation mode.
        measure: what is known of an image; a differentiable function of (n, ...).
        target: one measurement, shape (1, ...).
        n_starts: how many searches run side by side.
        n_steps: steps of each.
        lr: Adam's learning rate.
        seed: start of the z.

    Raises:
        ValueError: a count is below 1, or `target` is no single measurement of that shape.

    Source: the sphere is that of Menon et al. 2020 (PULSE).
    """
    checks.count("n_starts", n_starts)
    checks.count("n_steps", n_steps)
    checks.positive("lr", lr)
    own = torch.Generator(device=next(G.parameters()).device).manual_seed(seed)
    z = on_the_sphere(G.sample_z(n_starts, own)).requires_grad_()
    with torch.no_grad():
        shape = measure(G(z)).shape[1:]
    if target.shape != (1, *shape):
        raise ValueError(f"target has shape {tuple(target.shape)}; it must be {(1, *shape)}")
    optimizer = torch.optim.Adam([z], lr=lr)
    for _ in range(n_steps):
        loss = (measure(G(z)) - target).flatten(1).square().mean(dim=1).sum()
        (z.grad,) = torch.autograd.grad(loss, z)
        optimizer.step()
        with torch.no_grad():
            z.copy_(on_the_sphere(z))
    return _best_first(G, measure, target, z.detach())


def on_the_sphere(z: Tensor) -> Tensor:
    """Return z, shape (n, d), at the root mean square length of a normal z: sqrt(d)."""
    return z * (math.sqrt(z.shape[1]) / z.norm(dim=1, keepdim=True))


@torch.no_grad()
def _best_first(G, measure, target: Tensor, z: Tensor) -> Found:
    images = G(z)
    misfit = (measure(images) - target).flatten(1).square().mean(dim=1).sqrt()
    order = misfit.argsort()
    return Found(z[order], images[order], misfit[order].double().cpu().numpy())


def fits_about_as_well(misfit: np.ndarray, times: float = 2.0, least: float = 0.01) -> np.ndarray:
    """Tell which answers fit about as well as the best: misfit <= max(times * best, least).

    Args:
        misfit: root mean squares, shape (n,).
        times: how many times worse than the best may be.
        least: a misfit that nobody could see, 0.01 on a scale from -1 to 1.

    Returns:
        Booleans, shape (n,).

    Raises:
        ValueError: `misfit` has another shape, or a number is not finite.
    """
    misfit = checks.finite("misfit", misfit)
    checks.shape("misfit", misfit, "n", least=1)
    return misfit <= max(times * misfit.min(), least)
