"""Signs in the curves: what D(x), D(G(z)) and both losses say, and where they contradict."""

import math
from typing import NamedTuple

import numpy as np

from gan_lesson.diagnosis.signs import PROVED, Sign, measured, strength
from gan_lesson.history import History
from gan_lesson.loss_families import FAMILIES
from gan_lesson.old_runs import as_history

COLUMNS = ("d_real", "d_fake", "loss_d", "loss_g")


class Curves(NamedTuple):
    """What is read of a history, float64; a gap is left out of a column.

    The four columns hold the last half of the run, loss_d as the sum over both halves of the
    loss; a column that the history lacks is empty. `whole` has the columns of the whole run.
    saturating tells which loss G has; loss and losses are the history's conventions. `run` is the
    history itself.
    """

    d_real: np.ndarray
    d_fake: np.ndarray
    loss_d: np.ndarray
    loss_g: np.ndarray
    whole: dict[str, np.ndarray]
    saturating: bool
    loss: str
    losses: str
    run: History | None = None

    @property
    def finite(self) -> bool:
        """Whether all numbers of the last half are finite."""
        return all(np.isfinite(getattr(self, name)).all() for name in COLUMNS)


def read_curves(history) -> Curves:
    """Return what is read of a history, as `diagnose` takes it.

    Raises:
        ValueError: it is too short, or holds what no probability can be.
    """
    kind = getattr(history, "generator_loss", None)
    run = as_history(history)
    if len(run) < 20:
        raise ValueError(f"history has {len(run)} rows; it needs 20 or more")
    whole = {n: run[n][~run.missing(n)].astype(float) for n in COLUMNS}
    half = {name: column[len(column) // 2 :] for name, column in whole.items()}
    if run.losses == "mean" and run.loss == "logistic":
        half["loss_d"] = 2 * half["loss_d"]
    below = bool((half["loss_g"] < 0).any())
    saturating = run.loss == "logistic" and (kind == "saturating" or (kind is None and below))
    told = {"saturating": saturating, "loss": run.loss, "losses": run.losses}
    return Curves(**half, whole=whole, **told, run=run)


def signs_of_curves(curves: Curves) -> list[Sign]:
    """Return what the curves show; of a family without probabilities only what holds for all."""
    signs = [*signs_of_the_end(curves), *signs_of_standstill(curves)]
    if not FAMILIES[curves.loss].probability:
        told = "D's scores have no scale by which one could tell who is ahead"
        return [*signs, Sign("balanced", 1.0, told)]
    d_real, d_fake, loss_d, loss_g = (_median(getattr(curves, n)) for n in COLUMNS)
    tiny = 1e-7
    bound = -math.log(max(d_real, tiny)) - math.log(max(1 - d_fake, tiny))
    where = f"D(x) = {d_real:.3f}, D(G(z)) = {d_fake:.3f}"
    starved = strength("starved", d_fake) if curves.saturating else 0.0
    separated = measured("separated", d_real - d_fake, f"{where}: D is far ahead")
    unclear = _convention(curves, loss_d)
    contradicts = measured(
        "loss_contradicts",
        bound - loss_d,
        f"{where} allow no D's loss below {bound:.2f}; yours is {loss_d:.3f}",
    )
    if unclear.strength:  # what the convention explains contradicts nothing
        contradicts = contradicts._replace(strength=0.0)
    known = math.isfinite(d_real) and math.isfinite(d_fake)
    told = f"{where}, D's loss {loss_d:.3f}: neither player is beaten"
    if not known:
        told = f"D's loss {loss_d:.3f}, G's {loss_g:.3f}: without D(x) and D(G(z)) that says little"
    return [
        *signs,
        unclear,
        contradicts,
        measured(
            "reversed", d_fake - d_real, f"{where}: D takes generated samples for the real ones"
        ),
        separated,
        _squashed(curves, d_real, d_fake, loss_d, loss_g),
        Sign(
            "starved",
            starved,
            f"the saturating loss pulls with σ(s) = {d_fake:.1e} at generated samples",
        ),
        Sign("balanced", float(not separated.strength), told),
        Sign("unknown_answers", float(not known), "the history has no D(x) and D(G(z))"),
    ]


def _median(column: np.ndarray) -> float:
    """Return the median without NaN; NaN of nothing."""
    column = column[np.isfinite(column)]
    return float(np.median(column)) if column.size else math.nan


def signs_of_the_end(curves: Curves) -> list[Sign]:
    """Return whether the run ended in NaN or infinity, and whether it broke in its last tenth."""
    first = [_first_of_the_end(column) for column in curves.whole.values()]
    since = min((k for k in first if k is not None), default=None)
    told = "" if since is None else f"from row {since + 1} to the end a number is NaN or infinite"
    ended = Sign("ended_not_finite", float(since is not None), told, PROVED)
    some = Sign("not_finite", float(not curves.finite), "a number is infinite or NaN")
    if not FAMILIES[curves.loss].probability:
        return [ended, some]
    n = min(len(curves.whole["d_real"]), len(curves.whole["d_fake"]))
    gap = curves.whole["d_real"][-n:] - curves.whole["d_fake"][-n:]
    before, after = _median(gap[int(0.4 * n) : int(0.85 * n)]), _median(gap[int(0.92 * n) :])
    told = f"D(x) − D(G(z)) went from {before:.2f} to {after:.2f} in the last tenth of the run"
    return [ended, some, measured("broke", after - before if n >= 100 else math.nan, told)]


def _first_of_the_end(column: np.ndarray) -> int | None:
    """Return where the numbers that are not finite, and last to the end, begin; None if none."""
    finite = np.flatnonzero(np.isfinite(column))
    start = int(finite[-1]) + 1 if finite.size else 0
    return start if start < len(column) else None


def signs_of_standstill(curves: Curves) -> list[Sign]:
    """Return whether D says the same of everything, or has said ½ from the first row on."""
    d_real, d_fake = _median(curves.d_real), _median(curves.d_fake)
    if not FAMILIES[curves.loss].probability:
        return []
    end = max(d_real, d_fake) < 0.02 or min(d_real, d_fake) > 0.98
    blind = Sign(
        "blind",
        float(end and abs(d_real - d_fake) < 0.02),
        f"D(x) = {d_real:.3f} and D(G(z)) = {d_fake:.3f}: D says the same of everything",
    )
    answers = np.concatenate([curves.whole["d_real"], curves.whole["d_fake"]])
    still = answers.size and np.isfinite(answers).all() and np.abs(answers - 0.5).max() < 1e-3
    told = "D has said ½ to everything, to three decimals, from the first row to the last"
    return [blind, Sign("never_moved", float(bool(still) and len(answers) >= 200), told)]


def _convention(curves: Curves, loss_d: float) -> Sign:
    """Return whether D's loss is no sum of two log-losses of these answers, and what it may be."""
    n = min(len(curves.d_real), len(curves.d_fake), len(curves.loss_d))
    if not n and not loss_d < 0:
        return Sign("unclear_loss", 0.0, "")
    p, q, loss = (getattr(curves, name)[-n:] for name in ("d_real", "d_fake", "loss_d"))
    if loss_d < -0.01:
        told = f"D's loss is {loss_d:.3g}, and no log-loss is below 0: is it V, or a critic's loss?"
        return Sign("unclear_loss", 1.0, told, PROVED)
    with np.errstate(all="ignore"):
        bounds = -np.log(p) - np.log1p(-q)  # a batch's mean loss is never below this
        ratio = loss / bounds
    ratio = ratio[np.isfinite(ratio) & (bounds > 0.05)]
    if curves.losses == "sum" and ratio.size >= 10:
        low, middle, high = np.quantile(ratio, [0.02, 0.5, 0.98])
        if 0.45 <= low and high <= 0.75 and abs(middle - 0.5) < 0.1:
            told = (
                f"D's loss is {middle:.2f} times the least that its answers allow, in every row: a "
                "mean over the two halves? Then say History(losses='mean')"
            )
            return Sign("unclear_loss", 1.0, told, PROVED)
    return Sign("unclear_loss", 0.0, "")


def _squashed(curves: Curves, d_real: float, d_fake: float, loss_d: float, loss_g: float) -> Sign:
    """Return the sign of a second sigmoid: by D's range in the whole run, or by both losses."""
    all_d = np.concatenate([curves.whole["d_real"], curves.whole["d_fake"]])
    if all_d.size and all_d.min() >= 0.4999 and 0.52 <= all_d.max() <= 0.7312:
        return Sign(
            "scores_squashed", 1.0, "D never leaves [0.5, 0.731], the sigmoid of a probability"
        )
    if not all(map(math.isfinite, (d_real, d_fake, loss_d, loss_g))):
        return Sign("scores_squashed", 0.0, "")
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
