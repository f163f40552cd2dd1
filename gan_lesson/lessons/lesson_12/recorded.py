"""What ships for lesson 12: two generators with styles, and what was measured of their images."""

import csv
import io
from typing import NamedTuple

import numpy as np

from gan_lesson.assets import read_asset

SCORES_FILE = "style_scores.csv"
TRUNCATION_FILE = "truncation.csv"


def generator_file(start: str) -> str:
    """Return the name of the file of the generator with this start."""
    return f"style_{start}.safetensors"


def load_generator(start: str):
    """Return a trained generator with styles, in evaluation mode.

    Args:
        start: "constant" or "linear".

    Raises:
        ValueError: another start, or its file is damaged.
        FileNotFoundError: its file is missing from the installation.

    Source: trained by `make pretrained`; assets/PROVENANCE.md says how.
    """
    from safetensors.torch import load  # here: the tables need NumPy only

    from gan_lesson.style import style_pair

    G, _ = style_pair(start)
    stored = load(read_asset(generator_file(start), __package__))
    G.load_state_dict({k: v.float() for k, v in stored.items()})
    return G.eval().requires_grad_(False)


def load_generators() -> dict:
    """Return both generators, by their start.

    Raises:
        ValueError: a file is damaged.
        FileNotFoundError: a file is missing from the installation.
    """
    return {start: load_generator(start) for start in ("linear", "constant")}


class Swapped(NamedTuple):
    """1,000 images whose layers take their styles from A or B, two independent z.

    changed: share that is read as another digit than G(A), with the same noise. side: share that
    is read as G(B)'s digit, with this noise, where that is another than G(A)'s. ink: mean
    brightness of the pixels, from 0 (paper) to 1. precision, recall: against 1,000 bundled test
    digits.
    """

    changed: float
    side: float
    ink: float
    precision: float
    recall: float


def load_scores() -> dict[tuple[str, str, float, float], Swapped]:
    """Return the scores by start, whose styles ("ABB": the first layer's from A), ψ and noise.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged.
    """
    return {
        (start, styles, float(psi), float(noise)): Swapped(*map(float, scores))
        for start, styles, psi, noise, *scores in _rows(SCORES_FILE)
    }


class Truncated(NamedTuple):
    """2,000 images of a generator whose z or w was made narrower, to ψ of its sd.

    Each array has one number for each ψ, shape (m,). precision, recall: against the 2,000 bundled
    test digits. distance: Fréchet distance. largest: share of the most frequent digit.
    """

    psi: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    distance: np.ndarray
    largest: np.ndarray


def load_truncation() -> dict[tuple[str, str], Truncated]:
    """Return the scores by net ("fully connected", "linear", "constant") and way.

    The ways are "z shrunk", "z cut off" and "w to its mean"; the first net has no w.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged.
    """
    found: dict[tuple[str, str], list] = {}
    for net, way, *numbers in _rows(TRUNCATION_FILE):
        found.setdefault((net, way), []).append([float(number) for number in numbers])
    return {key: Truncated(*np.array(rows).T) for key, rows in found.items()}


def _rows(name: str) -> list[list[str]]:
    """Return the rows of a table without its header."""
    text = read_asset(name, __package__).decode("utf-8")
    return list(csv.reader(io.StringIO(text)))[1:]
