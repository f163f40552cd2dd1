"""Signs that D says the same of everything, or has not moved since it began."""

import math
from collections.abc import Mapping

import numpy as np

from gan_lesson.diagnosis.family_losses import unit_of_loss
from gan_lesson.diagnosis.signs import THRESHOLDS, Sign, fact, measured
from gan_lesson.loss_families import FAMILIES

SMOOTHED = 5  # rows
BEATEN = 3.0  # standard deviations


def signs_of_standstill(
    loss: str,
    whole: Mapping[str, np.ndarray],
    d_real: float,
    d_fake: float,
    real: np.ndarray,
    fake: np.ndarray,
) -> list[Sign]:
    """Return whether D is blind, never moved from ½, still answers as it began, or all is dead.

    Args:
        loss: the family.
        whole: the history's columns, whole.
        d_real: median of D's answers on real samples in the last half.
        d_fake: the same on generated ones.
        real: D's answers on real samples in the last half, in rows that have both answers.
        fake: the same on generated ones.
    """
    blind = fact(
        "blind",
        bool(says_one_thing(loss, d_real, d_fake)),
        f"D(x) = {d_real:.3f} and D(G(z)) = {d_fake:.3f}: D says the same of everything",
    )
    signs = [blind]
    if FAMILIES[loss].probability:
        answers = np.concatenate([whole["d_real"], whole["d_fake"]])
        still = answers.size and np.isfinite(answers).all() and np.abs(answers - 0.5).max() < 1e-3
        told = "D has said ½ to everything, to three decimals, from the first row to the last"
        signs.append(fact("never_moved", bool(still) and len(answers) >= 200, told))
    same = _same_rows(whole["d_real"], whole["d_fake"])
    told = "D's answers on both kinds are the same number in each row of the last half"
    signs.append(fact("same_rows", same, told))
    stands = [c for c in whole.values() if len(c)]
    told = "every number of the history is the same from the first row to the last"
    never = bool(stands) and min(map(len, stands)) >= 200 and not any(map(np.ptp, stands))
    signs.append(fact("all_stands", never, told))
    unit = {"hinge": 2.0}.get(loss, 1.0)
    way = _way(whole["d_real"]) / unit if _beaten(real, fake) else math.nan
    told = f"D's answer on real samples stayed within {way:.3g} from the first row to the last"
    signs.append(measured("d_stands", way, told))
    end = whole["loss_d"][-max(20, len(whole["loss_d"]) // 4) :]
    end = end[np.isfinite(end)]
    rest = float(np.std(end)) / unit_of_loss(loss) if end.size >= 10 and np.ptp(end) else math.nan
    signs.append(measured("frozen", rest, f"D's loss does not move any more: sd {rest:.1e}"))
    return signs


def _beaten(real: np.ndarray, fake: np.ndarray) -> bool:
    """Tell whether D is behind in nearly every row: by more than three standard deviations.

    G climbs a D that stands, and stays above the data. Of two equals who both learn now one is
    ahead and now the other, so that a D whose answers stay near ½ has not therefore stood still.
    """
    lead = (real - fake)[np.isfinite(real - fake)]
    return not lead.size or bool(lead.mean() < -BEATEN * lead.std())


def moved(loss: str, d_real: np.ndarray) -> bool:
    """Tell whether D's answers on real samples went a way, so that D has learned."""
    return _way(d_real) > THRESHOLDS["d_stands"][0] * {"hinge": 2.0}.get(loss, 1.0)


def says_one_thing(loss: str, d_real, d_fake) -> np.ndarray:
    """Tell where D gives the same extreme answer to both kinds."""
    with np.errstate(invalid="ignore"):  # of infinite scores
        gap = np.abs(np.asarray(d_real) - d_fake)
    least, most = np.minimum(d_real, d_fake), np.maximum(d_real, d_fake)
    if loss == "logistic":
        return ((most < 0.02) | (least > 0.98)) & (gap < 0.02)
    if loss == "least_squares":
        return (gap < 0.05) & ((least > 0.9) | (most < 0.1))
    if loss == "hinge":
        return (least > 0.9) | (most < -0.9)
    return np.zeros_like(gap, bool)


def _same_rows(real: np.ndarray, fake: np.ndarray) -> bool:
    """Tell whether both answers are one number in each row, and not the same one in all rows."""
    n = min(len(real), len(fake)) // 2
    if n < 50 or not np.isfinite(real).all() or not np.isfinite(fake).all() or not np.ptp(real):
        return False
    return bool(np.abs(real[-n:] - fake[-n:]).max() < 1e-6)


def _way(column: np.ndarray) -> float:
    """Return the range of a column's running mean; NaN if it is short or not finite.

    NaN too if it is one number: batches differ, so that such a column was not measured in a run.
    """
    if len(column) < 50 or not np.isfinite(column).all() or not np.ptp(column):
        return math.nan
    means = np.convolve(column, np.full(SMOOTHED, 1 / SMOOTHED), "valid")
    return float(means.max() - means.min())
