"""Short runs of lesson 06 that were recorded, because they would take a learner minutes."""

from typing import NamedTuple

import numpy as np

from gan_lesson.pretrained import read_arrays

RUNS_FILE = "digits_runs.npz"


class DigitsRuns(NamedTuple):
    """Short runs on the bundled digits, made once because they would take a learner minutes.

    Attributes:
        names: the four runs: what was done to them.
        curves: means over 6 steps of D(x), D(G(z)), loss_d, loss_g; shape (4, 100, 4).
        sheets: samples at the end, uint8, shape (4, 25, 28, 28).
        pieces: names of the variants of the recipe, the recipe itself first.
        piece_distance: their Fréchet distances at the end, shape (p, seeds).
        piece_steps: steps of each variant, shape (p,).
        few_steps: steps at which a run on 1,000 digits was looked at, shape (l,).
        few_answers: D's mean answer there on those 1,000 digits, on 2,000 digits it has never
            seen, and on generated ones; shape (l, 3).
        few_closer: how often 2,000 samples come nearer to those 1,000 digits than new digits
            do, as `metrics.memorisation_check`; shape (l,).
    """

    names: np.ndarray
    curves: np.ndarray
    sheets: np.ndarray
    pieces: np.ndarray
    piece_distance: np.ndarray
    piece_steps: np.ndarray
    few_steps: np.ndarray
    few_answers: np.ndarray
    few_closer: np.ndarray


def load_digits_runs() -> DigitsRuns:
    """Return the short runs of lesson 06.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged.
    """
    return read_arrays(DigitsRuns, RUNS_FILE, __package__)
