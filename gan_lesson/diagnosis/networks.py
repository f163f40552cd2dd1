"""Signs in the networks: D's answers, the size of weights, gradients stored and fresh."""

import copy
import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_lesson.diagnosis.curves import Curves
from gan_lesson.diagnosis.signs import Sign, measured, strength


def _ask(D: Callable, x: Tensor, d_output: str) -> Tensor:
    """Return D's answers on x as logits, shape (n, 1), from a `gan_lesson` D or any other."""
    if hasattr(D, "logits"):
        return D.logits(x).reshape(-1, 1)
    answer = torch.as_tensor(D(x)).reshape(len(x), -1)
    if answer.shape[1] != 1:
        raise ValueError(f"D returned {answer.shape[1]} numbers a sample; it must be one")
    return torch.logit(answer, eps=1e-7) if d_output == "probability" else answer


@torch.no_grad()
def refuse_other_output(D: Callable, d_output: str, samples: list[Tensor], curves: Curves) -> None:
    """Compare what D returns of samples with what it is said to return.

    Raises:
        ValueError: its range, or its mean beside that of the curves, contradicts `d_output`.
    """
    if not samples or hasattr(D, "logits"):
        return
    twin = copy.deepcopy(D).eval() if isinstance(D, nn.Module) else D
    answers = torch.cat([torch.as_tensor(twin(x)).float().flatten() for x in samples])
    low, high = float(answers.min()), float(answers.max())
    if d_output == "probability" and not 0 <= low <= high <= 1:
        raise ValueError(
            f"d_output is 'probability', but D returned numbers from {low:.3g} to {high:.3g}; "
            "pass d_output='logit'"
        )
    if d_output == "logit" and 0 <= low <= high <= 1:
        end = np.concatenate([curves.d_real[-20:], curves.d_fake[-20:]]).mean()
        as_probability, as_logit = answers.mean(), torch.sigmoid(answers).mean()
        if abs(float(as_probability) - end) < abs(float(as_logit) - end):
            raise ValueError(
                f"d_output is 'logit', but D returned numbers from {low:.3g} to {high:.3g}, "
                "whose mean is what the history calls a probability; pass d_output='probability'"
            )


def weight_sizes(net: nn.Module) -> list[float]:
    """Return the size of each layer's weights over that of PyTorch's start, layer by layer.

    A linear layer starts with weights uniform in ±1/√n_in, whose root mean square is 1/√(3 n_in).
    """
    return [
        float(m.weight.detach().square().mean().sqrt()) * math.sqrt(3 * m.weight[0].numel())
        for m in net.modules()
        if isinstance(m, (nn.Linear, nn.Conv2d))
    ]


def signs_of_weights(D, G) -> list[Sign]:
    """Return the sign of the largest layer of those two that are modules, if they have layers."""
    sizes = {
        name: max(found)
        for name, net in (("G", G), ("D", D))
        if isinstance(net, nn.Module) and (found := weight_sizes(net))
    }
    if not sizes:
        return []
    name = max(sizes, key=lambda name: strength("large_weights", sizes[name]))
    told = f"a layer of {name} has weights {sizes[name]:.1f} times the usual"
    return [measured("large_weights", sizes[name], told)]


def _weights_of(net: nn.Module) -> list[Tensor]:
    return [p for p in net.parameters() if p.ndim > 1]


def stored_gradients(D: nn.Module, G: nn.Module) -> dict[str, np.ndarray]:
    """Return the norm of the gradient that lies in each layer's weights, by "D" and "G"."""
    return {
        name: np.array([0.0 if p.grad is None else float(p.grad.norm()) for p in _weights_of(net)])
        for name, net in (("D", D), ("G", G))
    }


def fresh_gradients(
    score: Callable, D: nn.Module, G: nn.Module, x_real: Tensor, saturating: bool = False
) -> dict[str, np.ndarray]:
    """Return what one turn's gradients would be: the norm in each layer, mean over 5 batches.

    In D the norms of its own loss and of G's are added, since G's step leaves both there.
    No `.grad` is touched.

    Args:
        score: function from samples to logits of D, shape (n, 1).
        D: discriminator.
        G: generator with `latent_dim`.
        x_real: real samples, shape (n, ...).
        saturating: which loss G has.
    """
    own = torch.Generator().manual_seed(0)
    total = {"D": 0.0, "G": 0.0}
    weights_d, weights_g = _weights_of(D), _weights_of(G)
    for _ in range(5):
        z = torch.randn(min(128, len(x_real)), G.latent_dim, generator=own)
        index = torch.randint(len(x_real), (len(z),), generator=own)
        x_fake = G(z.to(weights_g[0]))
        s_fake = score(x_fake)
        loss_g = -softplus(s_fake).mean() if saturating else softplus(-s_fake).mean()
        of_g = _gradients(loss_g, [*weights_g, *weights_d])
        loss_d = softplus(-score(x_real[index])).mean() + softplus(score(x_fake.detach())).mean()
        of_d = _gradients(loss_d, weights_d)
        total["G"] = total["G"] + of_g[: len(weights_g)] / 5
        total["D"] = total["D"] + (of_g[len(weights_g) :] + of_d) / 5
    return total


def _gradients(loss: Tensor, weights: list[Tensor]) -> np.ndarray:
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    return np.array([0.0 if g is None else float(g.norm()) for g in found])


def signs_of_gradients(
    D: nn.Module, G: nn.Module, d_output: str, x_real: Tensor, saturating: bool
) -> list[Sign]:
    """Return what the gradients that lie in D and G show beside those of fresh batches.

    No sign comes of a G without `latent_dim`, for which no z can be drawn.
    """
    if not hasattr(G, "latent_dim"):
        return []
    own_d, own_g = copy.deepcopy((D, G))  # BatchNorm must not notice that we looked
    for p in (*own_d.parameters(), *own_g.parameters()):
        p.requires_grad_()
    stored = stored_gradients(D, G)
    fresh = fresh_gradients(lambda x: _ask(own_d, x, d_output), own_d, own_g, x_real, saturating)
    ratios = {n: np.linalg.norm(stored[n]) / max(np.linalg.norm(fresh[n]), 1e-6) for n in stored}
    name = max(ratios, key=ratios.get)
    told = f"the gradient stored in {name} is {ratios[name]:.0f} times that of a fresh batch"
    return [measured("backlog", ratios[name], told)]
