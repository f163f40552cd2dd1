"""Since when a sign has been there: the row from which it holds, to the end of the run."""

import numpy as np

from gan_lesson.diagnosis.family_losses import (
    advantage,
    least_loss,
    unit_below_bound,
    unit_of_loss,
)
from gan_lesson.diagnosis.signs import THRESHOLDS
from gan_lesson.diagnosis.standstill import says_one_thing
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
    if "loss_d" in names and history.losses == "mean":
        single[-1] = 2 * single[-1]
    with np.errstate(all="ignore"):
        smooth = shows(history.loss, *(running_mean(column, window) for column in single))
        plain = shows(history.loss, *single)
    return _first_that_stays(np.flatnonzero(there), smooth, plain, window)


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


# --- which rows show a sign, by the family of losses and the columns -----------------------------


def _separated(loss: str, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    return advantage(loss, real, fake) > THRESHOLDS["separated"][0]


def _reversed(loss: str, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    return -advantage(loss, real, fake) > THRESHOLDS["reversed"][0]


def _broke(loss: str, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    lead, n = advantage(loss, real, fake), len(real)
    return lead - np.nanmedian(lead[int(0.4 * n) : int(0.85 * n) or None]) > THRESHOLDS["broke"][0]


def _contradicts(loss: str, real: np.ndarray, fake: np.ndarray, loss_d: np.ndarray) -> np.ndarray:
    below = least_loss(loss, real, fake) - loss_d
    unit = unit_below_bound(loss, loss_d[len(loss_d) // 2 :])
    return below / unit > THRESHOLDS["loss_contradicts"][0]


def _frozen(loss: str, loss_d: np.ndarray) -> np.ndarray:
    return abs(loss_d - loss_d[-1]) <= 1e-3 * max(unit_of_loss(loss), abs(loss_d[-1]))


def _squashed(loss: str, real: np.ndarray, fake: np.ndarray, loss_d: np.ndarray) -> np.ndarray:
    of_probabilities = np.logaddexp(0, -real) + np.logaddexp(0, fake)
    return np.abs(loss_d - of_probabilities) < THRESHOLDS["scores_squashed"][0]


def _unclear(loss: str, real: np.ndarray, fake: np.ndarray, loss_d: np.ndarray) -> np.ndarray:
    return (loss_d < -0.01) | (loss_d < 0.75 * least_loss(loss, real, fake))


# sign: the columns that show it, and in which of their rows they do; those that are not of any
# loss are signs of the logistic one
_SHOWN_BY = {
    "separated": (D_SAYS, _separated),
    "reversed": (D_SAYS, _reversed),
    "broke": (D_SAYS, _broke),
    "blind": (D_SAYS, says_one_thing),
    "same_rows": (D_SAYS, lambda loss, p, q: abs(p - q) < 1e-6),
    "loss_contradicts": (D_ANSWERS, _contradicts),
    "d_stands": (("d_real",), lambda loss, p: np.isfinite(p)),  # of the whole run, from its start
    "frozen": (("loss_d",), _frozen),
    "never_moved": (D_SAYS, lambda loss, p, q: np.maximum(abs(p - 0.5), abs(q - 0.5)) < 1e-3),
    "starved": (("d_fake",), lambda loss, q: q < THRESHOLDS["starved"][0]),
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
