"""Signs in the optimisers: whose weights they hold, and how far a first step would go."""

import copy
import math

import torch
from torch import nn

from gan_lesson.diagnosis.signs import PROVED, TESTED, Sign, measured


def signs_of_optimisers(
    G: nn.Module | None,
    optimizer_d: torch.optim.Optimizer | None,
    optimizer_g: torch.optim.Optimizer | None,
) -> list[Sign]:
    """Return what those optimisers show that were given."""
    signs = []
    if optimizer_d is not None and isinstance(G, nn.Module):
        of_g = {id(p) for p in G.parameters()}
        held = [p for group in optimizer_d.param_groups for p in group["params"] if id(p) in of_g]
        signs.append(
            Sign(
                "d_moves_g",
                float(bool(held)),
                f"D's optimiser holds {len(held)} of G's parameters: its step moves G",
                PROVED,
            )
        )
    given = {"D": optimizer_d, "G": optimizer_g}
    steps = {name: first_step(own) for name, own in given.items() if own is not None}
    if steps:
        name = max(steps, key=steps.get)
        told = (
            f"a first step of {name}'s optimiser moves a layer by {steps[name]:.2g} times the size "
            "that weights start with"
        )
        signs.append(measured("large_steps", steps[name], told, TESTED))
    return signs


def first_step(optimizer: torch.optim.Optimizer) -> float:
    """Return how far a first step of an optimiser moves a layer, over the size it starts with.

    A copy of the optimiser, its memory emptied, takes one step along the stored gradients. The
    move's root mean square in each layer is compared with 1/√(3 n_in), the size that PyTorch
    gives to new weights; the largest is returned. With Adam it is about lr √(3 n_in).
    """
    twin = copy.deepcopy(optimizer)
    twin.state.clear()
    pairs = [
        (p, q)
        for ours, theirs in zip(optimizer.param_groups, twin.param_groups, strict=True)
        for p, q in zip(ours["params"], theirs["params"], strict=True)
        if p.grad is not None and p.ndim > 1
    ]
    for p, q in pairs:
        q.grad = p.grad.detach().clone()
    twin.step()
    moves = [
        float((q - p).detach().square().mean().sqrt()) * math.sqrt(3 * p[0].numel())
        for p, q in pairs
    ]
    return max(moves, default=0.0)
