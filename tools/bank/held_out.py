"""How sure a verdict may be: temperatures, chosen on runs of cells that no weight was fitted to.

Rules that were fitted on a run flatter it. Those that stand were fitted to the cells (data and
network) of `plan.FITTED` alone. So they score the tuned runs of all other cells, and a view's
temperature is the one at which the certainty of the first name, right or wrong, costs least nats.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from bank.judging import VIEWS, calibration_error, signs_again
from bank.plan import FITTED
from gan_lesson.diagnosis import rules
from gan_lesson.diagnosis.verdict import NAMED, certainties, known

GRID = np.round(np.arange(0.5, 2.01, 0.05), 2)


class Scored(NamedTuple):
    """One run in one view, with the scores of rules that were fitted to other cells."""

    view: str
    truth: str
    scores: dict[str, float]
    missing: list[str]


def in_fitted_cells(patients: pd.DataFrame) -> np.ndarray:
    """Return for each patient whether weights are fitted to runs of its cell."""
    cells = zip(patients["data"], patients["network"], strict=True)
    return np.array([cell in FITTED for cell in cells])


def held_out(patients: pd.DataFrame, curves: list[np.ndarray]) -> list[Scored]:
    """Return the runs of all cells that no weight was fitted to, in all views, a `Scored` each.

    Args:
        patients: a row each.
        curves: their thinned curves.
    """
    found = []
    for at in np.flatnonzero(~in_fitted_cells(patients)):
        row = patients.iloc[at]
        for view in VIEWS:
            seen = known(signs_again(row, curves[at], view))
            found.append(Scored(view, row["truth"], rules.scores(seen), rules.not_looked_at(seen)))
    return found


def figures_at(runs: list[Scored], temperature: float) -> dict[str, float]:
    """Return what a temperature makes of runs in one view: nats, calibration, share named."""
    sure, right, named = [], [], []
    for run in runs:
        found = certainties(run.scores, run.missing, temperature)
        first = max(found, key=found.get)
        sure.append(found[first])
        right.append(first == run.truth)
        named.append(found.get(run.truth, 0.0) >= NAMED)
    cost = [-math.log(max(c if r else 1 - c, 1e-3)) for c, r in zip(sure, right, strict=True)]
    return {
        "temperature": temperature,
        "nats": float(np.mean(cost)),
        "calibration error": calibration_error(np.array(sure), np.array(right)),
        "right": float(np.mean(right)),
        "certainty": float(np.mean(sure)),
        "named": float(np.mean(named)),
    }


def temperatures(runs: list[Scored]) -> pd.DataFrame:
    """Return the figures of each temperature in each view."""
    rows = [
        {"view": view} | figures_at([run for run in runs if run.view == view], t)
        for view in VIEWS
        for t in GRID
    ]
    return pd.DataFrame(rows)
