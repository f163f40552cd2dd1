"""One examination: ask each of what was given for its signs, and rank the findings."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from gan_lesson import checks
from gan_lesson.diagnosis.asking import Asked, NotExamined, untouched
from gan_lesson.diagnosis.curves import Curves, read_curves, signs_of_curves
from gan_lesson.diagnosis.kept import keep
from gan_lesson.diagnosis.networks import (
    signs_of_answers,
    signs_of_gradients,
    signs_of_weights,
)
from gan_lesson.diagnosis.optimisers import signs_of_optimisers
from gan_lesson.diagnosis.samples import as_samples, signs_of_samples
from gan_lesson.diagnosis.signs import Sign, fact
from gan_lesson.diagnosis.standstill import moved
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
    score: Callable | None = None,
    z: Tensor | Callable | None = None,
    y: Tensor | None = None,
) -> Diagnosis:
    """Say what a run's curves, samples and gradients look like, how surely, and on which evidence.

    Args:
        history: a `History`, 20 rows or more, or whatever `old_runs.as_history` makes one of: a
            table, a mapping of columns, printed lines, a file. Its last half is read, and its end.
            Without attributes `losses` and `generator_loss` it is taken as sums, and as
            non-saturating unless a G loss is below 0.
        samples: generated samples, shape (n, ...), n >= 20.
        real: real samples as D gets them, same shape but for n, n >= 20.
        D: any callable from samples to one number each, or to a map of numbers, which is
            averaged; a `gan_lesson` Discriminator is asked for logits. If it is a module, its
            stored gradients and weights are looked at.
        G: the generator, a module; likewise.
        d_output: what another D returns, "logit" or "probability".
        optimizer_d: D's optimiser; with G too, it is asked whether it holds G's parameters. One
            that does not acquits.
        optimizer_g: G's optimiser; of both it is computed how far a first step would go.
        score: a function from samples to one logit each, asked in D's place: for a D that returns
            several things, or needs more than samples.
        z: noise for a G without `latent_dim`: one row a sample, or a function from n to it.
        y: labels for a D and a G that take them as second argument, one a sample.

    Returns:
        The findings, ranked, and a line for each part not examined. No argument is changed.

    Raises:
        ValueError: `d_output` is unknown or contradicted by what D returns, the history is too
            short or holds what no probability can be, or samples do not fit.
    """
    checks.one_of("d_output", d_output, ("logit", "probability"))
    curves = read_curves(history)
    asked, optimisers = Asked(D, G, d_output, score, z, y), (optimizer_d, optimizer_g)
    given, skipped = _given(curves, samples, real)
    signs, more = _all_signs(curves, *given, asked, optimisers)
    report = rank(signs, skipped + more + _left_out(*given, asked, *optimisers))
    return replace(report, kept=keep(curves.run, *given, signs))


def _given(curves: Curves, samples, real) -> tuple[list, list[str]]:
    """Return generated and real samples as tensors, and why one of them is left out."""
    skipped, given = [], []
    for name, x in (("samples", samples), ("real", real)):
        if x is not None and _ended_with_it(curves, x):
            skipped.append(f"{name}: they hold NaN or infinity, as the end of the curves does")
            x = None
        given.append(as_samples(name, x))
    return given, skipped


def _ended_with_it(curves: Curves, x) -> bool:
    """Tell whether samples are not finite because the run was not at its end."""
    x = torch.as_tensor(x)
    ended = any(len(c) and not np.isfinite(c[-1]) for c in curves.whole.values())
    return ended and x.is_floating_point() and not bool(torch.isfinite(x).all())


def _all_signs(curves, x_fake, x_real, asked: Asked, optimisers) -> tuple[list, list[str]]:
    """Return the signs of all that was given, and why a part of it could not be asked."""
    signs, skipped = signs_of_curves(curves), []

    def look(part, *arguments):
        try:
            signs.extend(part(asked, *arguments))
        except NotExamined as reason:
            if str(reason) not in skipped:
                skipped.append(str(reason))

    if x_fake is not None and x_real is not None:
        x_real = x_real.to(x_fake.device)
        signs += signs_of_samples(x_fake, x_real)
        if asked.has_d:
            look(signs_of_answers, x_real, x_fake, curves)
    with untouched(asked.D, asked.G):  # to read a weight under spectral norm changes its memory
        signs += signs_of_weights(asked.D, asked.G)
    modules = isinstance(asked.D, nn.Module) and isinstance(asked.G, nn.Module)
    if modules and x_real is not None:
        look(signs_of_gradients, x_real, curves.saturating, curves.loss)
    scale = next((s.value for s in signs if s.name == "loss_scale"), 1.0)
    found = signs_of_optimisers(asked.D, asked.G, *optimisers, scale)
    if any(o is not None for o in optimisers) and not any(s.name == "large_steps" for s in found):
        skipped.append(
            "the optimisers' steps: no gradient is stored, or a step needs a closure; call "
            "diagnose before zero_grad"
        )
    if moved(curves.loss, curves.whole["d_real"]) and any(map(_stands_still, found)):
        skipped.append("D's optimiser does not hold this D, whose answers moved: is it a copy?")
        found = [fact(s.name, 0, "") if _stands_still(s) else s for s in found]
    return signs + found, skipped


def _stands_still(sign: Sign) -> bool:
    """Tell whether a sign says that D's optimiser cannot move D."""
    return sign.name == "d_stands_still" and sign.strength > 0


def _left_out(samples, real, asked: Asked, optimizer_d, optimizer_g) -> list[str]:
    """Return what was not handed over, a line each."""
    found = []
    if samples is None or real is None:
        found.append("the samples; give samples=… and real=…")
    if not asked.has_d:
        found.append("D's answers; give D=…")
    if not (isinstance(asked.D, nn.Module) and isinstance(asked.G, nn.Module)):
        found.append("the stored gradients; give D=… and G=… as modules")
    if optimizer_d is None and optimizer_g is None:
        found.append("the optimisers; give optimizer_d=… and optimizer_g=…")
    elif optimizer_d is None:
        found.append("D's optimiser; give optimizer_d=…")
    elif optimizer_g is None:
        found.append("G's optimiser; give optimizer_g=…")
    return found
