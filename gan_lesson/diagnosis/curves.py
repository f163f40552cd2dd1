"""Signs in the curves: what D(x), D(G(z)) and both losses say, and where they contradict."""

import math
from typing import NamedTuple

import numpy as np

from gan_lesson.diagnosis.signs import Sign, measured, strength

COLUMNS = ("d_real", "d_fake", "loss_d", "loss_g")


class Curves(NamedTuple):
    """What is read of a history: the last half of each column, shape (n,), float64.

    loss_d is the sum over both halves of the loss. all_d holds D's answers of the whole run.
    saturating tells which loss G has; finite, whether all numbers of the half are.
    """

    d_real: np.ndarray
    d_fake: np.ndarray
    loss_d: np.ndarray
    loss_g: np.ndarray
    all_d: np.ndarray
    saturating: bool
    finite: bool


def read_curves(history) -> Curves:
    """Return what is read of a history, as `diagnose` takes it.

    Raises:
        ValueError: it is too short, or holds what no probability can be.
    """
    columns = {n: np.asarray(history[n], dtype=float) for n in COLUMNS}
    lengths = {len(c) for c in columns.values()}
    if len(lengths) > 1 or min(lengths) < 20:
        raise ValueError(f"history has columns of {sorted(lengths)} rows; it needs 20 or more")
    for name in ("d_real", "d_fake"):
        finite = columns[name][np.isfinite(columns[name])]
        if finite.size and not 0 <= finite.min() <= finite.max() <= 1:
            raise ValueError(
                f"{name} reaches from {finite.min():g} to {finite.max():g}; it must be a "
                "probability. For logits, append torch.sigmoid of them"
            )
    half = {name: column[len(column) // 2 :] for name, column in columns.items()}
    if getattr(history, "losses", "sum") == "mean":
        half["loss_d"] = 2 * half["loss_d"]
    kind = getattr(history, "generator_loss", None)
    return Curves(
        **half,
        all_d=np.concatenate([columns["d_real"], columns["d_fake"]]),
        saturating=bool(kind == "saturating" or (kind is None and half["loss_g"].min() < 0)),
        finite=all(np.isfinite(column).all() for column in half.values()),
    )


def signs_of_curves(curves: Curves) -> list[Sign]:
    """Return what the medians of the curves show."""
    d_real, d_fake, loss_d, loss_g = (float(np.nanmedian(getattr(curves, n))) for n in COLUMNS)
    tiny = 1e-7
    bound = -math.log(max(d_real, tiny)) - math.log(max(1 - d_fake, tiny))
    where = f"D(x) = {d_real:.3f}, D(G(z)) = {d_fake:.3f}"
    starved = strength("starved", d_fake) if curves.saturating else 0.0
    separated = measured("separated", d_real - d_fake, f"{where}: D is far ahead")
    return [
        measured(
            "loss_contradicts",
            bound - loss_d,
            f"{where} allow no D's loss below {bound:.2f}; yours is {loss_d:.3f}",
        ),
        measured(
            "reversed", d_fake - d_real, f"{where}: D takes generated samples for the real ones"
        ),
        separated,
        _squashed(curves, d_real, d_fake, loss_d, loss_g),
        Sign("not_finite", float(not curves.finite), "a loss is infinite or NaN"),
        Sign(
            "starved",
            starved,
            f"the saturating loss pulls with σ(s) = {d_fake:.1e} at generated samples",
        ),
        Sign(
            "balanced",
            float(not separated.strength),
            f"{where}, D's loss {loss_d:.3f}: neither player is beaten",
        ),
    ]


def _squashed(curves: Curves, d_real: float, d_fake: float, loss_d: float, loss_g: float) -> Sign:
    """Return the sign of a second sigmoid: by D's range in the whole run, or by both losses."""
    all_d = curves.all_d
    if all_d.min() >= 0.4999 and 0.52 <= all_d.max() <= 0.7312:
        return Sign(
            "scores_squashed", 1.0, "D never leaves [.5, .731], the sigmoid of a probability"
        )
    of_g = _softplus(d_fake) if curves.saturating else -_softplus(-d_fake)
    apart = max(abs(loss_d - _softplus(-d_real) - _softplus(d_fake)), abs(loss_g + of_g))
    return measured(
        "scores_squashed",
        apart,
        f"D(x) = {d_real:.3f}, D(G(z)) = {d_fake:.3f}, D's loss {loss_d:.3f} and G's "
        f"{loss_g:.3f}: as if D's probability had been taken for a logit",
    )


def _softplus(t: float) -> float:
    return float(np.logaddexp(0.0, t))
