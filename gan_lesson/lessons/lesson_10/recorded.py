"""Lesson 10's patients on digits, examined once and recorded."""

from typing import NamedTuple

import numpy as np

from gan_lesson.pretrained import read_arrays

CLINIC_FILE = "clinic_digits.npz"


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
        best: D's honest loss, and that of a new D, as `Chart.best`; shape (r, 2).
        step_reports: what one turn prints, as `Chart.step_report`; shape (r, lines).
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
