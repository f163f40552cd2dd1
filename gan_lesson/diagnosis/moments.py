"""Since when a sign has been there: the row from which it holds, to the end of the run."""

import numpy as np

from gan_lesson.diagnosis.signs import THRESHOLDS
from gan_lesson.plots import running_mean

D_SAYS, D_ANSWERS = ("d_real", "d_fake"), ("d_real", "d_fake", "loss_d")
MOSTLY = 0.95  # of the rows from the moment on


def began(sign: str, history) -> int | None:
    """Return the row since which a history shows a sign, or None.

    It is the first row that shows it and after which at least 95 % do. Curves are smoothed over a
    fiftieth of the run, as they are in the picture.

    Args:
        sign: a name; only signs that single rows can show have a moment.
        history: a `History`.
    """
    if sign in ("ended_not_finite", "not_finite"):
        return _first_that_stays(np.arange(len(history)), _not_finite(history))
    if sign not in _SHOWN_BY:
        return None
    names, shows = _SHOWN_BY[sign]
    there = ~np.any([history.missing(name) for name in names], axis=0)
    if not there.any():
        return None
    window = max(1, len(history) // 50)
    single = [history[name][there].astype(float) for name in names]
    if names == D_ANSWERS and history.losses == "mean" and history.loss == "logistic":
        single[2] = 2 * single[2]
    with np.errstate(all="ignore"):
        smooth = shows(*(running_mean(column, window) for column in single))
        return _first_that_stays(np.flatnonzero(there), smooth, shows(*single), window)


def _first_that_stays(
    rows: np.ndarray, smooth: np.ndarray, single: np.ndarray | None = None, window: int = 0
) -> int | None:
    """Return the first of the rows that shows something and after which at least 95 % do.

    The mean over a window lags behind it, so single rows just before that show it as well count.
    """
    if not len(smooth):
        return None
    share = np.cumsum(smooth[::-1])[::-1] / np.arange(len(smooth), 0, -1)
    found = np.flatnonzero(smooth & (share >= MOSTLY))
    if not found.size:
        return None
    first = int(found[0])
    for _ in range(window if single is not None else 0):
        first -= bool(first and single[first - 1])
    return int(rows[first])


def _not_finite(history) -> np.ndarray:
    """Return in which rows one of D's answers or losses is NaN or infinite, and no gap."""
    wrong = np.zeros(len(history), bool)
    for name in history.columns[2:]:
        wrong |= ~np.isfinite(history[name]) & ~history.missing(name)
    return wrong


def _bound(d_real: np.ndarray, d_fake: np.ndarray) -> np.ndarray:
    """Return the least that D's loss can be with these answers, nats."""
    return -np.log(np.maximum(d_real, 1e-7)) - np.log(np.maximum(1 - d_fake, 1e-7))


def _broke(d_real: np.ndarray, d_fake: np.ndarray) -> np.ndarray:
    gap, n = d_real - d_fake, len(d_real)
    return gap - np.nanmedian(gap[int(0.4 * n) : int(0.85 * n) or None]) > THRESHOLDS["broke"][0]


def _squashed(d_real: np.ndarray, d_fake: np.ndarray, loss_d: np.ndarray) -> np.ndarray:
    of_probabilities = np.logaddexp(0, -d_real) + np.logaddexp(0, d_fake)
    return np.abs(loss_d - of_probabilities) < THRESHOLDS["scores_squashed"][0]


def _unclear(d_real: np.ndarray, d_fake: np.ndarray, loss_d: np.ndarray) -> np.ndarray:
    return (loss_d < -0.01) | (loss_d < 0.75 * _bound(d_real, d_fake))


# sign: the columns that show it, and in which of their rows they do
_SHOWN_BY = {
    "separated": (D_SAYS, lambda p, q: p - q > THRESHOLDS["separated"][0]),
    "reversed": (D_SAYS, lambda p, q: q - p > THRESHOLDS["reversed"][0]),
    "starved": (("d_fake",), lambda q: q < THRESHOLDS["starved"][0]),
    "blind": (D_SAYS, lambda p, q: (np.maximum(p, q) < 0.02) | (np.minimum(p, q) > 0.98)),
    "never_moved": (D_SAYS, lambda p, q: np.maximum(abs(p - 0.5), abs(q - 0.5)) < 1e-3),
    "same_rows": (D_SAYS, lambda p, q: abs(p - q) < 1e-6),
    "d_stands": (("d_real",), lambda p: np.isfinite(p)),  # of the whole run, from its start
    "frozen": (("loss_d",), lambda loss: abs(loss - loss[-1]) <= 1e-3 * max(1.0, abs(loss[-1]))),
    "broke": (D_SAYS, _broke),
    "loss_contradicts": (
        D_ANSWERS,
        lambda p, q, loss: _bound(p, q) - loss > THRESHOLDS["loss_contradicts"][0],
    ),
    "scores_squashed": (D_ANSWERS, _squashed),
    "unclear_loss": (D_ANSWERS, _unclear),
}


def told_since(sign: str, history) -> tuple[int, str] | None:
    """Return the row since which a sign is there and how a picture says so; None if no row does."""
    row = began(sign, history)
    if row is None:
        return None
    step = int(history["step"][row])
    return row, f"since step {step:,}" if row else "from the start"
