"""Signs in the curves: what D's answers and both losses say, and where they contradict."""

import math
from typing import NamedTuple

import numpy as np

from gan_lesson.diagnosis.family_losses import (
    advantage,
    least_loss,
    unit_below_bound,
    unit_of_loss,
)
from gan_lesson.diagnosis.signs import Sign, fact, measured
from gan_lesson.diagnosis.standstill import signs_of_standstill
from gan_lesson.history import History
from gan_lesson.loss_families import FAMILIES
from gan_lesson.old_runs import as_history
from gan_lesson.plots import running_mean

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

    @property
    def middle(self) -> list[float]:
        """The medians of the four columns, NaN of an empty one."""
        return [median(getattr(self, name)) for name in COLUMNS]


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
    if run.losses == "mean":
        half["loss_d"] = 2 * half["loss_d"]
    below = bool((half["loss_g"] < 0).any())
    saturating = run.loss == "logistic" and (kind == "saturating" or (kind is None and below))
    told = {"saturating": saturating, "loss": run.loss, "losses": run.losses}
    return Curves(**half, whole=whole, **told, run=run)


def signs_of_curves(curves: Curves) -> list[Sign]:
    """Return what the curves show."""
    d_real, d_fake, loss_d, loss_g = curves.middle
    where = _where(curves, d_real, d_fake)
    ahead = median(advantage(curves.loss, *_pairs(curves)))
    left = _left_of_the_gap(curves) if curves.loss == "wasserstein" else 1.0
    unit = unit_below_bound(curves.loss, curves.loss_d)
    bound = float(least_loss(curves.loss, d_real, d_fake))
    unclear = _convention(curves)
    contradicts = measured(
        "loss_contradicts",
        (bound - loss_d) / unit,
        f"{where} allow no D's loss below {bound:.2f}; yours is {loss_d:.3f}",
    )
    if unclear.strength:  # what the convention explains contradicts nothing
        contradicts = measured("loss_contradicts", 0.0, "")
    separated = measured("separated", ahead * left, f"{where}: D is far ahead")
    signs = [
        *signs_of_the_end(curves),
        *signs_of_standstill(curves.loss, curves.whole, d_real, d_fake, *_pairs(curves)),
        contradicts,
        measured("reversed", -ahead, f"{where}: D takes generated samples for the real ones"),
        _loss_fits(curves),
        separated,
        *_of_the_way(curves),
        _balanced(curves, where, float(separated.strength)),
        fact("unknown_answers", not math.isfinite(ahead), "the history has no D(x) and D(G(z))"),
    ]
    if FAMILIES[curves.loss].probability:
        told = f"the saturating loss pulls with σ(s) = {d_fake:.1e} at generated samples"
        signs += [
            unclear,
            _squashed(curves, d_real, d_fake, loss_d, loss_g),
            measured("starved", d_fake if curves.saturating else math.nan, told),
            _other_way_round(curves),
        ]
    return signs


def _where(curves: Curves, d_real: float, d_fake: float) -> str:
    """Return D's answers in words."""
    if FAMILIES[curves.loss].probability:
        return f"D(x) = {d_real:.3f}, D(G(z)) = {d_fake:.3f}"
    return f"scores of {d_real:.3g} for real and {d_fake:.3g} for generated samples"


def _balanced(curves: Curves, where: str, separated: float) -> Sign:
    """Return that nobody is beaten, with the words for what is known of it."""
    _, _, loss_d, loss_g = curves.middle
    loss = f", D's loss {loss_d:.3f}" if math.isfinite(loss_d) else ""
    told = f"{where}{loss}: neither player is beaten"
    if not FAMILIES[curves.loss].probability:
        told = f"{where}, D's loss {loss_d:.3g}: scores, which have no scale of their own"
    if not len(curves.d_real) or not len(curves.d_fake):
        told = f"D's loss {loss_d:.3f}, G's {loss_g:.3f}: without D(x) and D(G(z)) that says little"
    return fact("balanced", float(not separated), told)


def median(column: np.ndarray) -> float:
    """Return the median without NaN; NaN of nothing."""
    column = column[np.isfinite(column)]
    return float(np.median(column)) if column.size else math.nan


def _pairs(curves: Curves) -> tuple[np.ndarray, np.ndarray]:
    """Return D's two answers in those rows of the last half that have both."""
    real, fake = _rows(curves, "d_real", "d_fake")
    return real[len(real) // 2 :], fake[len(fake) // 2 :]


def _rows(curves: Curves, *names: str) -> list[np.ndarray]:
    """Return columns in those rows of the whole run that have them all, loss_d as a sum."""
    run = curves.run
    there = np.logical_and.reduce([~run.missing(name) for name in names])
    scale = {"loss_d": 2.0 if run.losses == "mean" else 1.0}
    return [scale.get(name, 1.0) * run[name][there].astype(float) for name in names]


def _left_of_the_gap(curves: Curves) -> float:
    """Return which share of its greatest gap a critic has in the last half, from 0 to 1.

    A critic's gap is no probability: how large it can be depends on the data. Where G learns it
    shrinks, and where D is too strong it stays. A fifth less than the greatest is noise.
    """
    real, fake = _rows(curves, "d_real", "d_fake")
    gap = (real - fake)[np.isfinite(real - fake)]
    greatest = float(running_mean(gap, max(5, len(gap) // 20)).max()) if gap.size else 0.0
    if not greatest > 0:
        return 1.0
    return min(1.0, max(0.0, median(gap[len(gap) // 2 :]) / (0.8 * greatest)))


def _turned(curves: Curves, changes: bool = False) -> float:
    """Return how D's loss goes with its lead D(x) − D(G(z)), row by row: a correlation, −1 to 1.

    With `changes` it is that of what changes from a row to the next: so a penalty in the loss that
    falls as slowly as the lead says nothing.

    A row in which D is further ahead has a lower loss of D: near ½ the logistic loss is
    log 4 − 2 (D(x) − D(G(z))). Where the labels are turned it has a higher one, however small the
    lead is. NaN where there is nothing to compare.
    """
    real, fake, loss = _rows(curves, "d_real", "d_fake", "loss_d")
    rows = np.stack([real - fake, loss])[:, len(loss) // 2 :]
    rows = rows[:, np.isfinite(rows).all(axis=0)]
    rows = np.diff(rows, axis=1) if changes else rows
    if rows.shape[1] < 10 or np.ptp(rows, axis=1).min() < 1e-6:
        return math.nan
    return float(np.corrcoef(rows)[0, 1])


def _loss_fits(curves: Curves) -> Sign:
    """Return whether D's loss falls where its lead grows: then labels are not swapped."""
    turned = _turned(curves)
    told = f"D's loss falls where its lead grows (correlation {turned:.2f})"
    return measured("loss_fits", -turned, told)


def signs_of_the_end(curves: Curves) -> list[Sign]:
    """Return whether the run ended in NaN or infinity, and whether it broke in its last tenth."""
    first = [_first_of_the_end(curves.run, name) for name in curves.whole]
    since = min((k for k in first if k is not None), default=None)
    told = "" if since is None else f"from row {since + 1} to the end a number is NaN or infinite"
    ended = fact("ended_not_finite", since is not None, told)
    some = fact("not_finite", not curves.finite, "a number is infinite or NaN")
    share = max(
        (1 - np.isfinite(getattr(curves, n)).mean() for n in COLUMNS if len(getattr(curves, n))),
        default=0,
    )
    told = f"{share:.0%} of the last half's numbers are NaN or infinite"
    often = fact("often_not_finite", share > OFTEN, told)
    real, fake = _rows(curves, "d_real", "d_fake")
    n = len(real)
    if n < 100:
        return [ended, some, often]
    gap = advantage(curves.loss, real, fake)
    before = median(gap[int(0.4 * n) : int(0.85 * n)])
    if curves.loss == "wasserstein":  # a critic's lead has no scale but what it was before
        middle = gap[int(0.4 * n) : int(0.85 * n)]
        middle = middle[np.isfinite(middle)]
        before = float(np.quantile(middle, 0.98)) if middle.size else math.nan
    after = max(median(end) for end in _ends(gap))
    told = f"D's lead went from {before:.2f} to {after:.2f} in the last tenth of the run"
    if FAMILIES[curves.loss].probability:
        told = f"D(x) − D(G(z)) went from {before:.2f} to {after:.2f} in the last tenth of the run"
    jump, name = max((_jump(column), name) for name, column in curves.whole.items())
    jumped = f"{name} left the range of all the run before in its last tenth"
    broke, jumped = measured("broke", after - before, told), measured("jumped", jump, jumped)
    return [ended, some, often, broke, jumped]


TURNED = 0.5  # correlation of D's loss and its lead; with labels as usual it is below 0
ENOUGH = 30  # rows of the last half, so that chance gives no such correlation
OFTEN = 0.05  # share of the last half's numbers


def _ends(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the last 7 % of a column, and its last rows: a run may break just before its end."""
    n = len(column)
    return column[int(0.93 * n) :], column[-max(10, n // 50) :]


def _jump(column: np.ndarray) -> float:
    """Return how far the end lies outside what the column did before, in widths of that."""
    n = len(column)
    before, ends = column[int(0.4 * n) : int(0.9 * n)], [median(end) for end in _ends(column)]
    if n < 100 or not np.isfinite(ends).all() or not np.isfinite(before).all():
        return 0.0
    low, high = np.quantile(before, [0.02, 0.98])
    way = max(max(after - high, low - after) for after in ends)
    return float(way / max(high - low, 0.02 * abs(high), 1e-3))


def _first_of_the_end(run: History, name: str) -> int | None:
    """Return the row where numbers that are not finite, to the end, begin; None if none."""
    rows = np.flatnonzero(~run.missing(name))
    finite = np.flatnonzero(np.isfinite(run[name][rows]))
    start = int(finite[-1]) + 1 if finite.size else 0
    return int(rows[start]) if start < len(rows) else None


def _of_the_way(curves: Curves) -> list[Sign]:
    """Return how wild the losses were, and how restless D's answers are in the last half.

    The last tenth does not count as wild: there a run may have broken that went well before. Nor
    does the loss of a critic's generator: it holds the constant that all scores may have in common.
    """
    unit = unit_of_loss(curves.loss)
    tops = []
    for name in ("loss_d",) if curves.loss == "wasserstein" else ("loss_d", "loss_g"):
        column = curves.whole[name][: int(0.9 * len(curves.whole[name]))]
        column = np.abs(column[np.isfinite(column)])
        tops.append(float(np.quantile(column, 0.98)) / unit if column.size else 0.0)
    real, fake = _pairs(curves)
    steps = np.abs(np.diff(advantage(curves.loss, real, fake)))
    restless = median(steps)
    return [
        measured("wild", max(tops), f"losses reached {max(tops) * unit:.3g}"),
        measured("restless", restless, f"D's lead changes by {restless:.2f} from row to row"),
    ]


def _convention(curves: Curves) -> Sign:
    """Return whether D's loss is no sum of two log-losses of these answers, and what it may be."""
    if not FAMILIES[curves.loss].probability:
        return fact("unclear_loss", 0, "")
    rows = _rows(curves, "d_real", "d_fake", "loss_d")
    p, q, loss = (column[len(column) // 2 :] for column in rows)
    if len(curves.loss_d) and np.mean(curves.loss_d < -1e-3) > 0.02:
        least = float(curves.loss_d.min())
        told = f"D's loss fell to {least:.3g}, and no log-loss is below 0: V, or a critic's loss?"
        return fact("unclear_loss", 1, told)
    if not len(p):
        return fact("unclear_loss", 0, "")
    with np.errstate(all="ignore"):
        bounds = -np.log(p) - np.log1p(-q)  # a batch's mean loss is never below this
        ratio = loss / bounds
    ratio = ratio[np.isfinite(ratio) & (bounds > 0.05)]
    turned = median(q) > median(p) + 0.02  # where labels may be swapped, it is no sign
    if curves.losses == "sum" and ratio.size >= 10 and not turned:
        low, middle, high = np.quantile(ratio, [0.02, 0.5, 0.98])
        if 0.45 <= low and high <= 0.75 and abs(middle - 0.5) < 0.1:
            told = (
                f"D's loss is {middle:.2f} times the least that its answers allow, in every row: a "
                "mean over the two halves? Then say History(losses='mean')"
            )
            return fact("unclear_loss", 1, told)
    return fact("unclear_loss", 0, "")


def _other_way_round(curves: Curves) -> Sign:
    """Return whether both losses are those of a game in which real samples have the label 0.

    Then D's loss grows with its lead, row by row, as it does where D's labels alone are swapped;
    but G's loss is that of 1 − D(G(z)) too. Or no row lies below the least loss of the answers
    1 − D, while many lie below that of D.
    """
    rows = _rows(curves, *COLUMNS)
    p, q, loss_d, loss_g = (column[len(column) // 2 :] for column in rows)
    if len(p) < 10:
        return fact("other_way_round", 0, "")
    slack = 0.02 + 0.02 * np.abs(loss_d)
    below = np.mean(loss_d < least_loss("logistic", p, q) - slack)
    below_turned = np.mean(loss_d < least_loss("logistic", 1 - p, 1 - q) - slack)
    least_g = -math.log(max(1 - median(q), 1e-7))
    of_g = median(loss_g) > 0.9 * least_g - 0.02
    turned = min(_turned(curves), _turned(curves, changes=True)) if len(p) >= ENOUGH else math.nan
    told = "D's loss grows with D(x) − D(G(z)), and G's loss is that of 1 − D"
    seen = turned > TURNED and below_turned < 0.05 and of_g and median(loss_d) > 0.1
    if not seen:
        seen = below > 0.2 and below_turned < 0.05 and of_g and median(q) > median(p)
        told = (
            f"D's loss lies below what D(x) and D(G(z)) allow in {below:.0%} of the rows, and "
            "never below what 1 − D(x) and 1 − D(G(z)) allow"
        )
    told += ": real samples have the label 0; hand over 1 − D"
    return fact("other_way_round", seen, told)


def _squashed(curves: Curves, d_real: float, d_fake: float, loss_d: float, loss_g: float) -> Sign:
    """Return the sign of a second sigmoid: by D's range in the whole run, or by both losses."""
    all_d = np.concatenate([curves.whole["d_real"], curves.whole["d_fake"]])
    if all_d.size and all_d.min() >= 0.4999 and 0.52 <= all_d.max() <= 0.7312:
        told = "D never leaves [0.5, 0.731], the sigmoid of a probability"
        return measured("scores_squashed", 0.0, told)
    if not all(map(math.isfinite, (d_real, d_fake, loss_d, loss_g))):
        return measured("scores_squashed", math.nan, "")
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
