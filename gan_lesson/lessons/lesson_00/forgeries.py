"""Lesson 00's images: real digits, forgeries of three stages, and what four Ds said of them.

No network runs here, and no torch is loaded: the probabilities were computed when the file
was made (`make pretrained`; assets/PROVENANCE.md). All are for the lesson's prior, one half.
"""

import io
from functools import cache
from typing import NamedTuple

import numpy as np

from gan_lesson import checks
from gan_lesson.assets import read_asset
from gan_lesson.lessons.mathematics.bce import bce_from_probability

FILE = "forgery.npz"
SOURCES = ("real", "early", "middle", "late")
STAGES = SOURCES[1:]
DETECTIVES = (*STAGES, "examiner")
IMAGES = 200  # of each source
BINS = 5  # equal parts of [0, 1] that stated probabilities are sorted into
GREY_STEP = 17  # 16 grey levels, 0 to 255


class Forgeries(NamedTuple):
    """What the file holds.

    images: by source, uint8, shape (200, 28, 28), 255 is ink.
    probabilities: by detective, then by source: D(x) of those images, shape (200,), float64.
    """

    images: dict[str, np.ndarray]
    probabilities: dict[str, dict[str, np.ndarray]]


@cache
def load_forgeries() -> Forgeries:
    """Return the images and the detectives' probabilities, from inside the package.

    The detectives "early", "middle" and "late" are the discriminators of one GAN's run at
    those stages, each trained against the generator of its own moment. The "examiner" is
    the late one, trained on while the late generator stood still.

    Raises:
        FileNotFoundError: the file is missing from the installation.
        ValueError: the file is damaged (its sha256 is checked).

    Source: real ones are MNIST test digits (LeCun and Cortes), CC BY-SA 3.0, see
    assets/NOTICE.md.
    """
    with np.load(io.BytesIO(read_asset(FILE, __package__)), allow_pickle=False) as arrays:
        table = arrays["probabilities"]
        return Forgeries(
            {source: arrays[source] for source in SOURCES},
            {
                detective: dict(zip(SOURCES, rows, strict=True))
                for detective, rows in zip(DETECTIVES, table, strict=True)
            },
        )


def detective_score(detective: str, stage: str) -> tuple[float, float]:
    """Return mean log-loss in nats and accuracy of a detective on all 400 images of a stage.

    Args:
        detective: one of `DETECTIVES`.
        stage: one of `STAGES`, whose 200 forgeries it judges beside the 200 real digits.

    Raises:
        ValueError: an unknown name.
    """
    checks.one_of("detective", detective, DETECTIVES)
    checks.one_of("stage", stage, STAGES)
    said = load_forgeries().probabilities[detective]
    p = np.concatenate([said["real"], said[stage]])
    y = np.repeat([1, 0], IMAGES)
    return float(bce_from_probability(p, y).mean()), float(np.mean((p > 0.5) == y))


def calibration(p: np.ndarray, y: np.ndarray) -> list[tuple[float, float, int]]:
    """Return, for each group of similar p that occurs, what was said and what came true.

    Args:
        p: stated probabilities of y = 1, shape (n,).
        y: labels, 0 or 1, shape (n,).

    Returns:
        A list of (mean stated p, share of y = 1, number of answers), lowest p first. Whoever
        is calibrated has the first two equal, but for chance.

    Raises:
        ValueError: `p` and `y` differ in shape, `p` is not a probability, or `y` holds
            something else than 0 and 1.
    """
    p, y = _answers(p, y)
    group = np.minimum((p * BINS).astype(int), BINS - 1)
    found = [group == g for g in np.unique(group)]
    return [(float(p[g].mean()), float(y[g].mean()), int(g.sum())) for g in found]


def accuracy(p: np.ndarray, y: np.ndarray) -> float:
    """Return the share of answers on the right side of 1/2; an answer of 1/2 counts half.

    Args:
        p: stated probabilities of y = 1, shape (n,), n >= 1.
        y: labels, 0 or 1, shape (n,).

    Raises:
        ValueError: as `calibration`, or there is no answer.
    """
    p, y = _answers(p, y)
    checks.not_empty("p", p)
    return float(np.mean(np.where(p == 0.5, 0.5, (p > 0.5) == (y == 1))))


def _answers(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return stated probabilities and labels as arrays; raise ValueError for what is neither."""
    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)
    checks.same_shape("p", p, "y", y)
    checks.shape("p", p, "n")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p holds something that is no probability between 0 and 1")
    if not ((y == 0) | (y == 1)).all():
        raise ValueError("y holds something else than the labels 0 and 1")
    return p, y
