"""What ships for lesson 15: curves of five games, and the tables of playground and digits."""

import csv
import io
from typing import NamedTuple

import numpy as np

from gan_lesson.assets import read_asset

CURVES_FILE = "five_curves.npz"
TABLE_FILE = "games.csv"
DIGITS_FILE = "games_on_digits.csv"
PLAYED = ("non_saturating", "least_squares", "hinge", "wasserstein", "relativistic")


class Curves(NamedTuple):
    """One run of each game on two bumps in one dimension, with the same networks and seed.

    steps: number of the last step of each mean, shape (m,). numbers: means over the steps since
    the one before of D's answer to real and to generated samples, D's loss and G's loss, in the
    order of `PLAYED`, float32, shape (5, m, 4).
    """

    steps: np.ndarray
    numbers: np.ndarray


def load_curves() -> Curves:
    """Return the curves that ship with the package; see assets/PROVENANCE.md.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    from gan_lesson.pretrained import read_arrays  # here: it brings torch

    return read_arrays(Curves, CURVES_FILE, __package__)


def load_table() -> list[dict]:
    """Return the rows of the playground's table that ships: text, and numbers as floats.

    Columns: data (the set, "ring"), game, d_steps, penalty, seeds, steps, processor seconds of
    all seeds together; mean and standard error (its name ends in "_se") over the seeds of modes,
    fair_modes, high_quality, reverse_kl; and the least number of modes. What has no number is
    NaN. A perfect sampler and uniform noise stand where the game stands, with no penalty.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    return _rows(TABLE_FILE, words=("data", "game", "penalty"))


def load_digits_table() -> list[dict]:
    """Return what each recipe drew on digits: text, and numbers as floats.

    Columns: recipe, seed, processor seconds, steps, Fréchet distance of 10,000 samples with the
    shipped classifier, and the share of the rarest digit among them. The last row is that of
    real digits, the floor.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    return _rows(DIGITS_FILE, words=("recipe",))


def _rows(name: str, words: tuple[str, ...]) -> list[dict]:
    text = read_asset(name, __package__).decode("utf-8")
    return [
        {k: v if k in words else float(v or "nan") for k, v in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]
