"""How often diagnosis is right on the bank: verdicts again from what is kept, and their counts."""

import io
from pathlib import Path

import numpy as np
import pandas as pd

from bank.plan import JUDGED
from bank.records import as_history
from gan_lesson.diagnosis import HEALTHY, Diagnosis
from gan_lesson.diagnosis.curves import read_curves, signs_of_curves
from gan_lesson.diagnosis.signs import PROVED, Sign, replayed
from gan_lesson.diagnosis.verdict import NAMED, rank

FOLDER = Path(__file__).parents[2] / "tests" / "core" / "bank"
VOID = "void"
# What is handed over in each view, by the signs that it gives beside those of the curves.
SAMPLES = (
    "out_of_range", "ends_at_1", "one_sided", "far", "beyond", "few_places", "unlike",
    "column_stands",
)  # fmt: skip
NETWORKS = (
    "answers_alike", "answers_reversed", "answers_apart", "large_weights", "backlog", "loss_scale",
    "no_way_to_g",
)  # fmt: skip
OPTIMISERS = ("d_moves_g", "d_stands_still", "d_moved", "large_steps", "g_is_slow")
VIEWS = {
    "curves": (),
    "samples": SAMPLES,
    "networks": SAMPLES + NETWORKS,
    "everything": SAMPLES + NETWORKS + OPTIMISERS,
}
BINS = 5  # of certainty, from 0 to 1, in the calibration error


def load_bank(half: str, folder: Path = FOLDER) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Return the patients of one half, a row each, and their thinned curves, shapes (rows, 4)."""
    patients = pd.read_csv(folder / f"{half}.csv", keep_default_na=False, na_values=["nan"])
    with np.load(folder / f"{half}.npz", allow_pickle=False) as file:
        curves = np.split(file["rows"], np.cumsum(file["lengths"])[:-1])
    return patients, curves


def save_bank(half: str, records: list[tuple[dict, np.ndarray]], folder: Path = FOLDER) -> int:
    """Write both files of one half; return their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame([row for row, _ in records])
    numbers = table.select_dtypes("float").columns
    table[numbers] = table[numbers].map(lambda x: float(f"{x:.4g}"))
    table.to_csv(folder / f"{half}.csv", index=False, lineterminator="\n", na_rep="nan")
    stored, rows = io.BytesIO(), [rows for _, rows in records]
    lengths = np.array([len(r) for r in rows], np.int16)
    np.savez_compressed(stored, rows=np.concatenate(rows), lengths=lengths)
    (folder / f"{half}.npz").write_bytes(stored.getvalue())
    return sum((folder / name).stat().st_size for name in (f"{half}.csv", f"{half}.npz"))


def signs_again(row: pd.Series, curves: np.ndarray, view: str) -> list[Sign]:
    """Return the signs of one patient, as they are by the thresholds of today."""
    history = as_history(curves, row["loss"], row["losses"], row["generator_loss"])
    kept = {name: row.get(f"sign:{name}", np.nan) for name in VIEWS[view]}
    looked_at = {name: value for name, value in kept.items() if np.isfinite(value)}
    return [*signs_of_curves(read_curves(history)), *(replayed(*s) for s in looked_at.items())]


def verdict(row: pd.Series, curves: np.ndarray, view: str) -> Diagnosis:
    """Return what diagnosis says of one patient, given what a view hands over."""
    return rank(signs_again(row, curves, view))


def half_of(half: str, folder: Path = FOLDER) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Return the patients of one half that are not void, and their curves."""
    patients, curves = load_bank(half, folder)
    wanted = patients["truth"] != VOID
    return patients[wanted], [c for c, w in zip(curves, wanted, strict=True) if w]


def judged(half: str = JUDGED, folder: Path = FOLDER) -> pd.DataFrame:
    """Return the verdicts on one half but for void patients, a row for each patient and view."""
    return verdicts(*half_of(half, folder))


def verdicts(patients: pd.DataFrame, curves: list[np.ndarray]) -> pd.DataFrame:
    """Return the verdicts on some patients, a row for each patient and view."""
    return pd.DataFrame(
        [
            _row(row, verdict(row, rows, view), view)
            for (_, row), rows in zip(patients.iterrows(), curves, strict=True)
            for view in VIEWS
        ]
    )


def _row(row: pd.Series, report: Diagnosis, view: str) -> dict:
    sure = {f.name: f.certainty for f in report.findings}
    names = ("number", "data", "network", "loss", "turns", "fault", "variant", "truth")
    return {name: row[name] for name in names} | {
        "view": view,
        "said": report.name,
        "certainty": report.certainty,
        "right": report.name == row["truth"],
        "named": sure.get(row["truth"], 0.0) >= NAMED,
        "how_many": sum(c >= NAMED for c in sure.values()),
        "of_truth": sure.get(row["truth"], 0.0),
        "healthy": sure.get(HEALTHY, 0.0),
        "proved": report.findings[0].rank == PROVED,
    }


def calibration_error(certainty: np.ndarray, right: np.ndarray) -> float:
    """Return the mean distance of certainty and share right, over bins of certainty.

    The first finding of each patient is put into one of five bins of equal width; in each the
    share of right ones is compared with the mean certainty, and bins count by their patients.
    """
    certainty, right = np.asarray(certainty, float), np.asarray(right, float)
    place = np.minimum((certainty * BINS).astype(int), BINS - 1)
    errors = [
        abs(right[place == b].mean() - certainty[place == b].mean()) * (place == b).mean()
        for b in range(BINS)
        if (place == b).any()
    ]
    return float(sum(errors))


def figures(table: pd.DataFrame) -> dict[str, float]:
    """Return the figures that have a bar, of one half's verdicts."""
    full, curves = (table[table["view"] == v] for v in ("everything", "curves"))
    healthy = full[full["truth"] == HEALTHY]
    alarms = (healthy["said"] != HEALTHY) & (healthy["certainty"] > 0.5)
    proved = full[full["proved"]]
    return {
        "patients": len(full),
        "healthy": len(healthy),
        "right": full["right"].mean(),
        "proved": len(proved),
        "right where proved": proved["right"].mean(),
        "alarms at the healthy": alarms.mean(),
        "calibration error": calibration_error(full["certainty"], full["right"]),
        "curves: right": curves["right"].mean(),
        "curves: named": curves["named"].mean(),
        "curves: how many are named": curves["how_many"].mean(),
        "curves: most for health": curves["healthy"].max(),
        "curves: calibration error": calibration_error(curves["certainty"], curves["right"]),
    }


def by_cell(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return share right with everything, and share named by curves, by the values of columns."""
    full, curves = (table[table["view"] == v] for v in ("everything", "curves"))
    found = (
        full.groupby(list(columns))["right"]
        .agg(["size", "mean"])
        .rename(columns={"size": "patients", "mean": "right"})
    )
    return found.assign(named_by_curves=curves.groupby(list(columns))["named"].mean())


def confusion(table: pd.DataFrame) -> pd.DataFrame:
    """Return how often each cause was called what, a row for view, true cause and first named."""
    counted = table.groupby(["view", "truth", "said"]).size().rename("patients")
    return counted.reset_index()
