"""Signs in the optimisers: whose weights they hold, and how far a first step would go."""

import copy
import math

import torch
from torch import nn

from gan_lesson.diagnosis.signs import Sign, fact, measured


def signs_of_optimisers(
    D: nn.Module | None,
    G: nn.Module | None,
    optimizer_d: torch.optim.Optimizer | None,
    optimizer_g: torch.optim.Optimizer | None,
    scale: float = 1.0,
) -> list[Sign]:
    """Return what those optimisers show that were given.

    Args:
        D: discriminator, or None; likewise the others.
        G: generator.
        optimizer_d: D's optimiser.
        optimizer_g: G's optimiser.
        scale: what the gradients stored in D are multiplied by (automatic mixed precision).
    """
    signs = []
    if optimizer_d is not None and isinstance(G, nn.Module):
        held = _held(optimizer_d, G)
        told = f"D's optimiser holds {held} of G's parameters: its step moves G"
        signs.append(fact("d_moves_g", held > 0, told))
    if optimizer_d is not None and isinstance(D, nn.Module):
        signs += [_still(D, optimizer_d), _moved(D, optimizer_d, scale)]
    given = {"D": optimizer_d, "G": optimizer_g}
    scales = {"D": scale, "G": 1.0}
    steps = {n: first_step(own, scale=scales[n]) for n, own in given.items() if own is not None}
    steps = {name: step for name, step in steps.items() if step is not None}
    if steps:
        name = max(steps, key=steps.get)
        told = (
            f"a first step of {name}'s optimiser moves a layer by {steps[name]:.2g} times the size "
            "that weights start with"
        )
        signs.append(measured("large_steps", steps[name], told))
    if len(steps) == 2:
        ratio = steps["D"] / max(steps["G"], 1e-12)
        told = f"a first step of D's optimiser goes {ratio:.0f} times as far as one of G's"
        signs.append(measured("g_is_slow", ratio, told))
    return signs


def _held(optimizer: torch.optim.Optimizer, net: nn.Module) -> int:
    """Return how many of a network's parameters an optimiser holds."""
    own = {id(p) for p in net.parameters()}
    return sum(id(p) in own for group in optimizer.param_groups for p in group["params"])


def _still(D: nn.Module, optimizer_d: torch.optim.Optimizer) -> Sign:
    """Return whether D's optimiser cannot move D."""
    none = _held(optimizer_d, D) == 0
    still = all(_rate(group) == 0 for group in optimizer_d.param_groups)
    told = "D's optimiser holds none of D's parameters" if none else "D's learning rate is 0"
    return fact("d_stands_still", none or still, told)


def _rate(group: dict) -> float:
    """Return a learning rate, before schedules changed it: one that has fallen to 0 was not 0."""
    return float(group.get("initial_lr", group["lr"]))


def _moved(D: nn.Module, optimizer_d: torch.optim.Optimizer, scale: float) -> Sign:
    """Return whether D's optimiser has moved D: the steps that it remembers times a first step.

    One that remembers nothing (SGD, or one that was made after the run) shows no move.
    """
    made = steps_made(optimizer_d, D)
    step = (first_step(optimizer_d, D, scale) or 0.0) if made else 0.0
    told = (
        f"D's optimiser made {made:.0f} steps, of up to {step:.2g} times the size that weights "
        "start with: D has moved"
    )
    return measured("d_moved", made * step, told)


def steps_made(optimizer: torch.optim.Optimizer, net: nn.Module) -> float:
    """Return how many steps an optimiser remembers for a network; 1 if it does not count them."""
    memories = [optimizer.state[p] for p in net.parameters() if p in optimizer.state]
    return max((float(memory.get("step", 1)) for memory in memories if memory), default=0.0)


DIVIDES = ("Adam", "RMSprop", "Adagrad", "Adadelta")  # by the size of past gradients


def first_step(
    optimizer: torch.optim.Optimizer, net: nn.Module | None = None, scale: float = 1.0
) -> float | None:
    """Return how far a first step of an optimiser moves a layer, over the size it starts with.

    A copy of the optimiser, its memory emptied, takes one step along the stored gradients. The
    move's root mean square in each layer is compared with 1/√(3 n_in), the size that PyTorch
    gives to new weights; the largest is returned. With Adam it is about lr √(3 n_in). An optimiser
    that divides by the gradient's size gets ones where no gradient arrives: its rate counts.
    With `net`, only layers of that network count, and gradients are taken as they are. `scale` is
    what the stored gradients are multiplied by. None if no layer's gradient is stored, or if a step
    needs a closure.
    """
    own = None if net is None else {id(p) for p in net.parameters()}
    twin = copy.deepcopy(optimizer)
    twin.state.clear()
    for group in twin.param_groups:
        group["lr"] = _rate(group)
    pairs = [
        (p, q)
        for ours, theirs in zip(optimizer.param_groups, twin.param_groups, strict=True)
        for p, q in zip(ours["params"], theirs["params"], strict=True)
        if p.grad is not None and p.ndim > 1 and (own is None or id(p) in own)
    ]
    if not pairs or isinstance(twin, torch.optim.LBFGS):
        return None
    for p, q in pairs:
        q.grad = p.grad.detach() / scale
        if own is None and any(name in type(optimizer).__name__ for name in DIVIDES):
            q.grad[q.grad.abs() < 1e-6] = 1.0
    twin.step()
    moves = [
        float((q - p).detach().square().mean().sqrt()) * math.sqrt(3 * p[0].numel())
        for p, q in pairs
    ]
    return max(moves)
