"""Lesson 10: what remedies do, and patients on digits, recorded."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from torch import Tensor

from assets.files import Assets
from gan_lesson.data import load_digits
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.lessons.lesson_10.examinations import examine
from gan_lesson.lessons.lesson_10.patients import N_SHOWN, ClinicTrainer
from gan_lesson.lessons.lesson_10.recorded import CLINIC_FILE, N_NEAREST, ClinicRuns, as_row
from gan_lesson.lessons.lesson_10.remedies import REMEDIES, measure_remedy
from gan_lesson.metrics import nearest_training_images
from gan_lesson.networks import fully_connected_pair


class Plan(NamedTuple):
    """How much of the clinic is made.

    Attributes:
        turns: turns of each patient on digits.
        remedy_seeds: seeds of each remedy.
        remedy_turns: turns of each of their runs.
    """

    turns: int
    remedy_seeds: range
    remedy_turns: int


FULL = Plan(300, range(3), 800)
TRIAL = Plan(20, range(1), 20)


def make_clinic(assets: Assets, plan: Plan) -> dict:
    """Measure the remedies, and record a run of each patient on digits.

    Rows of the table that are there are kept, so it can be interrupted and continued; delete them
    to make them anew.
    """
    start = time.perf_counter()
    folder = assets.folder("lesson_10")
    folder.mkdir(parents=True, exist_ok=True)
    cures = [
        (remedy, patient, seed)
        for patient in (HEALTHY, "mode collapse")
        for remedy in REMEDIES
        for seed in plan.remedy_seeds
    ]
    n_bytes = fill_table(
        folder / "clinic_remedies.csv",
        ("remedy", "patient", "seed"),
        cures,
        lambda *case: measure_remedy(*case, plan.remedy_turns),
    )
    recorded = record_clinic(plan.turns)
    recorded_bytes = assets.write_arrays(CLINIC_FILE, recorded._asdict(), "lesson_10")
    return {
        "seconds": round(time.perf_counter() - start),
        "bytes": n_bytes,
        "cures": len(cures),
        "recorded": len(recorded.faults),
        "first_seed": RECORDED[0][2],
        "turns": (plan.turns, plan.remedy_turns),
        "recorded_kilobytes": recorded_bytes // 1000,
    }


def patient_on_images(
    images: Tensor, fault: str, seed: int, loss: str = "non_saturating"
) -> ClinicTrainer:
    """Return a patient with lesson 06's networks, not trained yet."""
    pair = fully_connected_pair(seed=seed)
    return ClinicTrainer(
        fault, images, seed=seed, pair=pair, lr_d=5e-4, lr_g=1e-3, batch_size=64, loss=loss
    )


# Fault, G's loss, seed. The second healthy run has the saturating loss, so that this loss betrays
# no fault. Seeds below 20 were looked at while `diagnose` was made. All of 20 to 29 were tried for
# mode collapse: with 27 and 28 a collapsed G draws two kinds of blot, with the others only one.
RECORDED = (
    (HEALTHY, "non_saturating", 20),
    ("shared optimiser", "non_saturating", 21),
    ("swapped labels", "non_saturating", 22),
    ("sigmoid twice", "non_saturating", 23),
    ("no zero_grad", "non_saturating", 24),
    ("D too strong", "saturating", 25),
    ("learning rate", "non_saturating", 26),
    (HEALTHY, "saturating", 27),
    ("data range", "non_saturating", 28),
    ("mode collapse", "non_saturating", 29),
)


def record_clinic(turns: int) -> ClinicRuns:
    """Train each patient on the bundled digits once, examine it, and return what was seen."""
    train, test = load_digits()
    rows = []
    for fault, loss, seed in RECORDED:
        run = patient_on_images(train.images, fault, seed, loss)
        run.burst(turns)
        rows.append(as_row(examine(run)) | {"seeds": np.array(seed)})
        print("recorded", fault, loss, seed, flush=True)
    new = nearest_training_images(test.images[:N_SHOWN], train.images)
    return ClinicRuns(
        **{name: np.stack([row[name] for row in rows]) for name in rows[0]},
        held_out_nearest=new.index[:N_NEAREST],
        held_out_distances=new.distance.astype(np.float16),
    )


def fill_table(
    path: Path, key: tuple[str, ...], cases: list[tuple], make: Callable[..., dict]
) -> int:
    """Append the rows that a table lacks, one by one, then put them in order; return its bytes.

    Args:
        path: the table; it need not exist.
        key: columns that tell one case from another.
        cases: their values, a row each.
        make: function from these values to a row.
    """
    style = {"index": False, "lineterminator": "\n", "na_rep": "nan"}
    wanted = [tuple(map(str, case)) for case in cases]
    there = path.exists() and path.stat().st_size > 0
    done = set(_as_text(path)[list(key)].itertuples(index=False, name=None)) if there else set()
    for case, name in zip(cases, wanted, strict=True):
        if name in done:
            continue
        row = {k: round(v, 4) if isinstance(v, float) else v for k, v in make(*case).items()}
        pd.DataFrame([row]).to_csv(path, mode="a", header=not there, **style)
        there = True
        print(*row.values(), flush=True)
    table = _as_text(path)
    in_order = table.set_index(list(key)).loc[wanted].reset_index()
    in_order[table.columns].to_csv(path, **style)
    return path.stat().st_size


def _as_text(path: Path) -> pd.DataFrame:
    """Return a table whose cells are text as it stands, so that what is kept stays equal."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)
