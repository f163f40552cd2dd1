"""One examination: ask each of what was given for its signs, and rank the findings."""

from collections.abc import Callable

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from gan_lesson import checks
from gan_lesson.diagnosis.curves import read_curves, signs_of_curves
from gan_lesson.diagnosis.networks import (
    refuse_other_output,
    signs_of_gradients,
    signs_of_weights,
)
from gan_lesson.diagnosis.optimisers import signs_of_optimisers
from gan_lesson.diagnosis.samples import as_samples, signs_of_samples
from gan_lesson.diagnosis.verdict import Diagnosis, rank


def diagnose(
    history,
    *,
    samples: Tensor | ArrayLike | None = None,
    real: Tensor | ArrayLike | None = None,
    D: Callable | None = None,
    G: nn.Module | None = None,
    d_output: str = "logit",
    optimizer_d: torch.optim.Optimizer | None = None,
    optimizer_g: torch.optim.Optimizer | None = None,
) -> Diagnosis:
    """Say what a run's curves, samples and gradients look like, and how surely.

    Args:
        history: a `History`, or any mapping with columns "d_real", "d_fake", "loss_d" and
            "loss_g", 20 rows or more; its last half is read. Without attributes `losses` and
            `generator_loss` it is taken as sums, and as non-saturating unless a G loss is
            below 0.
        samples: generated samples, shape (n, ...), n >= 20.
        real: real samples as D gets them, same shape but for n, n >= 20.
        D: any callable from samples to one number each; a `gan_lesson` Discriminator is asked
            for logits. If it is a module, its stored gradients and weights are looked at.
        G: the generator, a module; likewise.
        d_output: what another D returns, "logit" or "probability".
        optimizer_d: D's optimiser; with G too, it is asked whether it holds G's parameters.
        optimizer_g: G's optimiser; of both it is computed how far a first step would go.

    Returns:
        Nine findings, ranked. No argument is changed.

    Raises:
        ValueError: `d_output` is unknown or contradicted by what D returns, the history is too
            short or holds what no probability can be, or samples do not fit.
    """
    checks.one_of("d_output", d_output, ("logit", "probability"))
    curves = read_curves(history)
    signs = signs_of_curves(curves)
    x_fake, x_real = as_samples("samples", samples), as_samples("real", real)
    if x_fake is not None and x_real is not None:
        x_real = x_real.to(x_fake.device)
        signs += signs_of_samples(x_fake, x_real)
    if D is not None:
        given = [x for x in (x_real, x_fake) if x is not None]
        refuse_other_output(D, d_output, given, curves)
    signs += signs_of_weights(D, G)
    if isinstance(D, nn.Module) and isinstance(G, nn.Module) and x_real is not None:
        signs += signs_of_gradients(D, G, d_output, x_real, curves.saturating)
    return rank(signs + signs_of_optimisers(G, optimizer_d, optimizer_g))
