"""Signs in the networks: D's answers, the size of weights, gradients stored and fresh."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from gan_lesson.diagnosis.asking import Asked, NotExamined, untouched
from gan_lesson.diagnosis.curves import Curves
from gan_lesson.diagnosis.family_losses import loss_of_d, loss_of_g
from gan_lesson.diagnosis.signs import THRESHOLDS, Sign, fact, measured, strength
from gan_lesson.loss_families import FAMILIES


@torch.no_grad()
def signs_of_answers(asked: Asked, x_real: Tensor, x_fake: Tensor, curves: Curves) -> list[Sign]:
    """Return whether D tells samples apart at all, after a look at what it returns.

    Raises:
        NotExamined: D cannot be asked.
        ValueError: the range of what D returns, or its mean beside that of the curves, contradicts
            `d_output`.
    """
    with untouched(asked.D):
        if isinstance(asked.D, nn.Module):
            asked.D.eval()
        real, fake = asked.raw(x_real).float(), asked.raw(x_fake).float()
    answers = torch.cat([real, fake])
    if not torch.isfinite(answers).all():
        raise NotExamined("D: its answers hold NaN or infinity")
    foreign = asked.D is not None and not hasattr(asked.D, "logits")
    if FAMILIES[curves.loss].probability and (foreign or not asked.gives_logits):
        _refuse_other_output(asked, real, fake, curves)
    spread = float(answers.std())
    told = f"D gives {float(answers.mean()):.3g} to each of {len(answers)} samples, real or not"
    area, chance = _area(real, fake), "0.5 is chance"
    sure = f"D ranks real above generated samples with probability {area:.2f}; {chance}"
    return [
        fact("answers_alike", spread < 1e-6, told),
        measured("answers_reversed", area, sure),
        measured("answers_apart", area, sure),
    ]


def _area(real: Tensor, fake: Tensor) -> float:
    """Return how often a real sample's answer is above a generated one's; equals count half."""
    above = (real[:, None] > fake).double() + 0.5 * (real[:, None] == fake).double()
    return float(above.mean())


def _refuse_other_output(asked: Asked, real: Tensor, fake: Tensor, curves: Curves) -> None:
    """Compare what D returns with what it is said to return.

    Logits may lie between 0 and 1 by chance, so the history must plainly speak against them.
    """
    low, high = (float(f(torch.cat([real, fake]))) for f in (torch.min, torch.max))
    if not asked.gives_logits and not 0 <= low <= high <= 1:
        raise ValueError(
            f"d_output is 'probability', but D returned numbers from {low:.3g} to {high:.3g}; "
            "pass d_output='logit'"
        )
    pairs = [
        (answers, column[-20:].mean())
        for answers, column in ((real, curves.d_real), (fake, curves.d_fake))
        if len(column)
    ]
    if asked.gives_logits and 0 <= low < high <= 1:
        as_probability = sum(abs(float(answers.mean()) - end) for answers, end in pairs)
        as_logit = sum(abs(float(answers.sigmoid().mean()) - end) for answers, end in pairs)
        if as_probability < as_logit / 4:
            raise ValueError(
                f"d_output is 'logit', but D returned numbers from {low:.3g} to {high:.3g}, "
                "whose means are what the history calls probabilities; pass d_output='probability'"
            )


def weight_sizes(net: nn.Module) -> list[float]:
    """Return the size of each layer's weights over that of PyTorch's start, layer by layer.

    A linear layer starts with weights uniform in ±1/√n_in, whose root mean square is 1/√(3 n_in).
    """
    return [
        float(m.weight.detach().square().mean().sqrt()) * math.sqrt(3 * m.weight[0].numel())
        for m in net.modules()
        if isinstance(m, (nn.Linear, nn.Conv1d, nn.Conv2d))
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
    score: Callable,
    D: nn.Module,
    G: nn.Module,
    x_real: Tensor,
    saturating: bool = False,
    draw: Callable | None = None,
    loss: str = "logistic",
) -> dict[str, np.ndarray]:
    """Return what one turn's gradients would be: the norm in each layer, mean over 5 batches.

    In D the norms of its own loss and of G's are added, since G's step leaves both there.
    No `.grad` is touched.

    Args:
        score: function from samples to logits of D, shape (n, 1).
        D: discriminator.
        G: generator, with `latent_dim` unless `draw` is given.
        x_real: real samples, shape (n, ...).
        saturating: which loss G has.
        draw: function (n, generator) to G's samples; without it, G(z) for z ~ N(0, I).
        loss: the family.
    """
    own = torch.Generator().manual_seed(0)
    total = {"D": 0.0, "G": 0.0}
    weights_d, weights_g = _weights_of(D), _weights_of(G)

    def of_normal_noise(n, generator):
        return G(torch.randn(n, G.latent_dim, generator=generator).to(weights_g[0]))

    draw = draw or of_normal_noise
    for _ in range(5):
        n = min(128, len(x_real))
        x_fake = draw(n, own)
        index = torch.randint(len(x_real), (n,), generator=own)
        s_real = score(x_real[index])
        of_g = _gradients(
            loss_of_g(loss, s_real.detach(), score(x_fake), saturating), [*weights_g, *weights_d]
        )
        of_d = _gradients(loss_of_d(loss, s_real, score(x_fake.detach())), weights_d)
        total["G"] = total["G"] + of_g[: len(weights_g)] / 5
        total["D"] = total["D"] + (of_g[len(weights_g) :] + of_d) / 5
    return total


def _gradients(loss: Tensor, weights: list[Tensor]) -> np.ndarray:
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    return np.array([0.0 if g is None else float(g.norm()) for g in found])


def signs_of_gradients(asked: Asked, x_real: Tensor, saturating: bool, loss: str) -> list[Sign]:
    """Return what the gradients that lie in D and G show beside those of fresh batches.

    Where D's is a thousand times a fresh one and G's is not, it is no pile of old gradients, which
    is never so high in one network alone, but a loss scale (automatic mixed precision): G's step
    leaves it in D.

    Raises:
        NotExamined: D or G cannot be asked.
    """
    D, G = asked.D, asked.G
    stored = stored_gradients(D, G)
    none = all(p.grad is None for net in (D, G) for p in _weights_of(net))
    with untouched(D, G):
        fresh = fresh_gradients(
            asked.logits, D, G, x_real, saturating, lambda n, own: asked.draw(n, x_real, own), loss
        )
    force = math.log10(max(float(np.linalg.norm(fresh["G"])), 1e-30))
    told = f"the gradient that reaches G has norm 10^{force:.1f}"
    way = measured("no_way_to_g", force, told)
    if none:  # cleared after the step, or just loaded: that proves nothing
        return [measured("backlog", math.nan, ""), way]
    ratios = {n: np.linalg.norm(stored[n]) / max(np.linalg.norm(fresh[n]), 1e-6) for n in stored}
    if ratios["D"] > THRESHOLDS["loss_scale"][1] and ratios["G"] < THRESHOLDS["backlog"][0]:
        told = f"the gradient stored in D is {ratios['D']:.0f} times a fresh one: AMP's loss scale"
        return [measured("backlog", 0.0, ""), measured("loss_scale", ratios["D"], told), way]
    name = max(ratios, key=ratios.get)
    told = f"the gradient stored in {name} is {ratios[name]:.0f} times that of a fresh batch"
    return [measured("backlog", ratios[name], told), way]
