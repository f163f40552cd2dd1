"""Make and judge the bank of patients: GAN runs with planted faults, see `bank`.

    python tools/make_bank.py train --root FOLDER    play all runs, one after the other (ten minutes
                                                     of one core); goes on where it was stopped
    python tools/make_bank.py record --half tuned    examine one half, and keep what was seen
    python tools/make_bank.py fit                    fit the weights of the rules on tuned cells
    python tools/make_bank.py calibrate              print how sure verdicts may be, on tuned cells
                                                     that no weight is fitted to
    python tools/make_bank.py judge [--half tuned]   print the figures, and for the judged half
                                                     write the tables that lesson 10 shows

FOLDER holds FashionMNIST/raw. Runs are kept in a scratch folder (`--scratch`), recordings in
tests/core/bank. Everything has a seed; another processor makes other runs of the same plan.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
import torch
from assets.files import Assets
from assets.provenance import write_row_of_the_bank
from bank import judging
from bank.fitting import fit, fitted_rules
from bank.held_out import held_out, in_fitted_cells, temperatures
from bank.plan import HALVES, JUDGED, PARTS, TUNED, all_patients
from bank.records import record, trained


def train(options) -> None:
    """Play each run that the scratch folder lacks."""
    for patient in all_patients():
        _, seconds = trained(patient, options.root, options.scratch)
        print(*patient, round(seconds, 1), flush=True)


def make_records(options) -> None:
    """Examine each run of one half, and write the recordings."""
    own = [patient for patient in all_patients() if patient.half == options.half]
    records = [record(patient, options.root, options.scratch) for patient in own]
    print(len(records), "patients,", judging.save_bank(options.half, records), "bytes")


def fit_rules(options) -> None:
    """Print the weights that fit best the cells that are there for it."""
    patients, curves = judging.half_of(TUNED)
    own = in_fitted_cells(patients)
    model = fit(patients[own], [rows for rows, fits in zip(curves, own, strict=True) if fits])
    print(json.dumps(fitted_rules(model), indent=4, ensure_ascii=False))


def calibrate(options) -> None:
    """Print what temperatures make of the tuned cells that no weight was fitted to."""
    print(temperatures(held_out(*judging.half_of(TUNED))).round(3).to_string(index=False))


def judge(options) -> None:
    """Print the figures of one half; of the judged half write lesson 10's tables."""
    table = judging.judged(options.half)
    figures = judging.figures(table)
    for name, value in figures.items():
        print(f"{name:32}{value:8.3f}")
    for columns in (["loss"], ["data"], ["network"], ["truth"], ["data", "network", "loss"]):
        cells = judging.by_cell(table, *columns)
        print(cells.sort_values("right").head(12).round(2).to_string(), "\n")
    if options.half == JUDGED:
        folder = Assets().folder("lesson_10")
        style = {"index": False, "lineterminator": "\n"}
        judging.confusion(table).to_csv(folder / "bank_confusion.csv", **style)
        rows = pd.Series(figures, name="value").rename_axis("figure").reset_index()
        rows.round(4).to_csv(folder / "bank_figures.csv", **style)
        write_row_of_the_bank(_how_many(table), Assets())


def _how_many(table: pd.DataFrame) -> dict:
    """Return what PROVENANCE.md says of the bank."""
    return {half: len(judging.load_bank(half)[0]) for half in HALVES} | {
        "patients": table["number"].nunique(),
        "first_seed": PARTS[JUDGED][0][0],
        "torch": torch.__version__.split("+")[0],
    }


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("train", "record", "fit", "calibrate", "judge"))
    parser.add_argument("--root", default="data", help="folder of FashionMNIST/raw")
    parser.add_argument("--scratch", type=Path, default=Path("build/bank"), help="folder of runs")
    parser.add_argument("--half", choices=HALVES, default=JUDGED)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    tasks = {"train": train, "record": make_records, "fit": fit_rules, "calibrate": calibrate}
    tasks["judge"] = judge
    tasks[options.what](options)


if __name__ == "__main__":
    main()
