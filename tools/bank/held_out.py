"""How sure a verdict may be: temperatures, fitted on runs whose cell of the plan was left out.

Rules that were fitted on a run flatter it. So for each cell (data and network) of the tuned half
rules are fitted to the other cells alone: first from the directions that were chosen by hand, then
again and again from where they came to. They score the runs of that cell. A view's temperature is
the one at which the certainty of the first name, right or wrong, costs least nats on those runs.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from bank.fitting import Rules, directions, fit
from bank.judging import VIEWS, calibration_error, signs_again
from gan_lesson.diagnosis import rules
from gan_lesson.diagnosis.verdict import NAMED, certainties, known

CELL = ("data", "network")
ROUNDS = 4  # then fitted rules are as sure of the runs they saw as those that stand
GRID = np.round(np.arange(0.5, 2.01, 0.05), 2)


class Scored(NamedTuple):
    """One run in one view, with the scores of rules that never saw its cell."""

    view: str
    truth: str
    scores: dict[str, float]
    missing: list[str]


def scored(model: Rules, row: pd.Series, curves: np.ndarray, view: str) -> Scored:
    """Return what rules make of one run."""
    seen = known(signs_again(row, curves, view))
    missing = rules.not_looked_at(seen)
    strengths = torch.tensor([[seen.get(name, 0.0) for name in model.signs]])
    gone = torch.tensor([[float(part in missing) for part in model.parts]])
    possible = torch.tensor([[rules.is_possible(f, seen) for f in model.findings]])
    with torch.no_grad():
        values = model(strengths, gone, possible)[0].tolist()
    kept = {f: v for f, v, p in zip(model.findings, values, possible[0], strict=True) if p}
    return Scored(view, row["truth"], kept, missing)


def held_out(
    patients: pd.DataFrame, curves: list[np.ndarray], by: tuple[str, ...] = CELL
) -> list[Scored]:
    """Return runs in all views, a `Scored` each, by rules that were fitted to other cells.

    Runs whose cause stands in one cell alone are fitted, and not scored: without them no rule
    could know their cause.

    Args:
        patients: a row each.
        curves: their thinned curves.
        by: columns of which each combination is left out in turn.
    """
    cells, found = patients[list(by)].agg("/".join, axis=1), []
    alone = cells.groupby(patients["truth"]).transform("nunique") == 1
    for cell in sorted(set(cells)):
        own = ((cells == cell) & ~alone).to_numpy()
        rest = [rows for rows, here in zip(curves, own, strict=True) if not here]
        start = directions()
        for _ in range(ROUNDS):
            model = fit(patients[~own], rest, start)
            start = {name: getattr(model, name).detach().clone() for name in start}
        for at in np.flatnonzero(own):
            found += [scored(model, patients.iloc[at], curves[at], view) for view in VIEWS]
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
