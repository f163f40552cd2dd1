"""Lesson 10's patients on digits, examined once and recorded: the file, and the way to it."""

from typing import NamedTuple

import numpy as np

from gan_lesson.data import images_to_tensor, tensor_to_images
from gan_lesson.history import History
from gan_lesson.lessons.lesson_10.examinations import Examination
from gan_lesson.metrics import Nearest
from gan_lesson.pretrained import CURVES, read_arrays

CLINIC_FILE = "clinic_digits.npz"
N_SHEET, N_NEAREST = 36, 12  # samples of each run that the file keeps as images, as neighbours


class ClinicRuns(NamedTuple):
    """Runs of lesson 10 on the bundled digits: eight faults, two in health; each examined.

    Attributes:
        faults: what was planted in each of the r runs; shape (r,).
        losses: "saturating" or "non_saturating": G's loss; shape (r,).
        seeds: start of their weights and random numbers; shape (r,).
        curves: D(x), D(G(z)), loss_d, loss_g of each turn, float32, shape (r, turns, 4).
        sheets: samples at the end, uint8, shape (r, n, 28, 28).
        spans: least and largest number of 500 real samples, as D gets them, and of 500
            generated ones; shape (r, 2, 2).
        answers: D's probability for those, real and generated; float16, shape (r, 2, 500).
        gradients: norms in each layer of G and of D, stored and fresh; shape (r, 2, 2, 3).
        weights: size of each layer of G and of D over that at the start; shape (r, 2, 3).
        best: D's honest loss, and that of a new D, see `best_response`; shape (r, 2).
        step_reports: what one turn prints; shape (r, lines).
        shares: share of each digit among those 500 samples, by the classifier; shape (r, 10).
        nearest: rows of the training digits nearest to the first samples; shape (r, few).
        distances: of those 500 samples from their nearest training digits, float16; (r, 500).
        held_out_nearest: as `nearest`, for the first test digits; shape (few,).
        held_out_distances: as `distances`, for the first 500 test digits; shape (500,).
    """

    faults: np.ndarray
    losses: np.ndarray
    seeds: np.ndarray
    curves: np.ndarray
    sheets: np.ndarray
    spans: np.ndarray
    answers: np.ndarray
    gradients: np.ndarray
    weights: np.ndarray
    best: np.ndarray
    step_reports: np.ndarray
    shares: np.ndarray
    nearest: np.ndarray
    distances: np.ndarray
    held_out_nearest: np.ndarray
    held_out_distances: np.ndarray


def load_clinic_runs() -> ClinicRuns:
    """Return the recorded patients of lesson 10.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged.
    """
    return read_arrays(ClinicRuns, CLINIC_FILE, __package__)


def recorded_examination(row: int) -> Examination:
    """Return what was found of one run of `load_clinic_runs`.

    Raises:
        FileNotFoundError: as `load_clinic_runs`.
        ValueError: as `load_clinic_runs`.
    """
    runs = load_clinic_runs()
    history = History(generator_loss=str(runs.losses[row]))
    turns = np.arange(1, len(runs.curves[row]) + 1)
    history.extend(np.column_stack([turns, 0 * turns, runs.curves[row]]))
    return Examination(
        fault=str(runs.faults[row]),
        history=history,
        real=None,
        fake=images_to_tensor(runs.sheets[row]),
        spans=runs.spans[row],
        answers=tuple(runs.answers[row].astype(float)),
        gradients=dict(zip("GD", runs.gradients[row], strict=True)),
        weights=dict(zip("GD", runs.weights[row], strict=True)),
        best=tuple(runs.best[row]),
        step_report=runs.step_reports[row].tolist(),
        shares=runs.shares[row],
        nearest=Nearest(runs.nearest[row], runs.distances[row]),
    )


def as_row(found: Examination) -> dict[str, np.ndarray]:
    """Return one patient's part of `ClinicRuns`, but for its seed; it must be on digits."""
    return {
        "faults": np.array(found.fault),
        "losses": np.array(found.history.generator_loss),
        "curves": np.stack([found.history[name] for name in CURVES], axis=1),
        "sheets": tensor_to_images(found.fake[:N_SHEET]),
        "spans": found.spans,
        "answers": np.array(found.answers, np.float16),
        "gradients": np.array([found.gradients[name] for name in "GD"], np.float32),
        "weights": np.array([found.weights[name] for name in "GD"], np.float32),
        "best": np.array(found.best),
        "step_reports": np.array(found.step_report),
        "shares": found.shares,
        "nearest": found.nearest.index[:N_NEAREST],
        "distances": found.nearest.distance.astype(np.float16),
    }
