"""Lesson 10: what `diagnose` says of runs, what remedies do, and patients on digits, recorded."""

import copy
import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from assets.files import Assets
from gan_lesson.data import load_digits, load_fashion_mnist
from gan_lesson.diagnosis import HEALTHY, diagnose
from gan_lesson.lessons.lesson_10.examinations import examine
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.lessons.lesson_10.patients import N_SHOWN, ClinicTrainer, clinic_data
from gan_lesson.lessons.lesson_10.recorded import CLINIC_FILE, N_NEAREST, ClinicRuns, as_row
from gan_lesson.lessons.lesson_10.remedies import REMEDIES, measure_remedy
from gan_lesson.metrics import nearest_training_images
from gan_lesson.networks import fully_connected_pair


class Plan(NamedTuple):
    """How much of the clinic is made.

    Attributes:
        judged: for each set of data its turns, the seeds of each fault, and those of health.
        remedy_seeds: seeds of each remedy.
        remedy_turns: turns of each of their runs.
    """

    judged: dict[str, tuple[int, range, range]]
    remedy_seeds: range
    remedy_turns: int


FULL = Plan(
    {
        "moons": (600, range(5), range(8)),
        "digits": (300, range(5), range(7)),
        "Fashion-MNIST": (300, range(5), range(7)),
    },
    range(3),
    800,
)
TRIAL = Plan({data: (20, range(1), range(1)) for data in FULL.judged}, range(1), 20)


def make_clinic(root: str, assets: Assets, plan: Plan) -> dict:
    """Judge `diagnose`, measure the remedies, and record a run of each patient on digits.

    Rows of the two tables that are there are kept, so they can be interrupted and continued;
    delete them to make them anew.
    """
    start = time.perf_counter()
    folder = assets.folder("lesson_10")
    folder.mkdir(parents=True, exist_ok=True)
    images_of = functools.cache(functools.partial(_images_of, root=root))
    judged = [
        (data, fault, seed)
        for data, (_, seeds, healthy_seeds) in plan.judged.items()
        for fault in PATIENTS
        for seed in (healthy_seeds if fault == HEALTHY else seeds)
    ]
    cures = [
        (remedy, patient, seed)
        for patient in (HEALTHY, "mode collapse")
        for remedy in REMEDIES
        for seed in plan.remedy_seeds
    ]
    n_bytes = fill_table(
        folder / "clinic_judged.csv",
        ("data", "truth", "seed"),
        judged,
        lambda data, *case: judge_run(data, images_of(data), *case, plan.judged[data][0]),
    )
    n_bytes += fill_table(
        folder / "clinic_remedies.csv",
        ("remedy", "patient", "seed"),
        cures,
        lambda *case: measure_remedy(*case, plan.remedy_turns),
    )
    recorded = record_clinic(plan.judged["digits"][0])
    recorded_bytes = assets.write_arrays(CLINIC_FILE, recorded._asdict(), "lesson_10")
    return {
        "seconds": round(time.perf_counter() - start),
        "bytes": n_bytes,
        "judged": len(judged),
        "cures": len(cures),
        "recorded": len(recorded.faults),
        "first_seed": RECORDED[0][2],
        "turns": (plan.judged["moons"][0], plan.judged["digits"][0], plan.remedy_turns),
        "recorded_kilobytes": recorded_bytes // 1000,
    }


def _images_of(data: str, root: str) -> Tensor | None:
    """Return the training images of a set; None of one in the plane."""
    if data == "digits":
        return load_digits().train.images
    return load_fashion_mnist(root).train.images if data == "Fashion-MNIST" else None


def judge_run(data: str, images: Tensor | None, fault: str, seed: int, turns: int) -> dict:
    """Train one patient and return what `diagnose` says of it, given more and more.

    Args:
        data: a name in a `Plan`.
        images: what it is trained on if they are images; lesson 06's networks then.
        fault: a name in `PATIENTS`.
        seed: start of weights and random numbers.
        turns: length of the run.
    """
    if images is None:
        run = ClinicTrainer(fault, clinic_data(data), seed=seed)
    else:
        run = patient_on_images(images, fault, seed)
    run.burst(turns)
    G = copy.deepcopy(run.G).eval()
    with torch.no_grad():
        samples = G(G.sample_z(500, torch.Generator().manual_seed(1)))
    given = {"samples": samples, "real": run.draw_real(500), "D": run.D, "G": run.G}
    optimizers = {"optimizer_d": run.optimizer_d, "optimizer_g": run.optimizer_g}
    row = {"data": data, "seed": seed, "turns": run.step, "truth": fault}
    for column, more in (
        ("", given),
        ("_curves", {}),
        ("_optimizers", given | optimizers),
    ):
        report = diagnose(run.history, **more)
        row |= {f"said{column}": report.name, f"certainty{column}": round(report.certainty, 3)}
    return row


def patient_on_images(
    images: Tensor, fault: str, seed: int, loss: str = "non_saturating"
) -> ClinicTrainer:
    """Return a patient with lesson 06's networks, not trained yet."""
    pair = fully_connected_pair(seed=seed)
    return ClinicTrainer(
        fault, images, seed=seed, pair=pair, lr_d=5e-4, lr_g=1e-3, batch_size=64, loss=loss
    )


# Fault, G's loss, seed. The second healthy run has the saturating loss, so that this loss betrays
# no fault. `judge_run` has used the seeds below 20. All of 20 to 29 were tried for mode collapse:
# with 27 and 28 a collapsed G draws two kinds of blot, with the other eight, as 29, only one.
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
