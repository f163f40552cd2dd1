"""Two GANs after the same seconds, recorded."""

import io
from typing import NamedTuple

import numpy as np

from gan_lesson.assets import read_asset

# --- what ships for lesson 09 ------------------------------------------------------------------

KINDS = {"fc": "fully connected", "conv": "convolutional"}
RACE_FILE = "same_seconds.npz"


class Race(NamedTuple):
    """Two GANs trained for the same processor seconds, seen at the same moments.

    seconds: CPU seconds of training, shape (t,).
    steps: steps taken by then, for each kind, shape (t,).
    distances: Fréchet distance of 10,000 samples with the shipped classifier, likewise.
    images: 36 samples from the same z, uint8, shape (t, 36, 28, 28), in 16 grey levels.
    floor: the distance of as many real digits.
    """

    seconds: np.ndarray
    steps: dict[str, np.ndarray]
    distances: dict[str, np.ndarray]
    images: dict[str, np.ndarray]
    floor: float


def load_race() -> Race:
    """Return the race that ships with the package; assets/PROVENANCE.md says how it was run.

    Raises:
        FileNotFoundError: the file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    content = read_asset(RACE_FILE, __package__)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        per_kind = [
            {kind: arrays[f"{name}_{kind}"] for kind in KINDS}
            for name in ("steps", "distances", "images")
        ]
        return Race(arrays["seconds"], *per_kind, float(arrays["floor"]))
