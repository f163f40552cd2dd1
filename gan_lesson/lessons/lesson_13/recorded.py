"""What ships for lesson 13: scores of training sets, searches behind a mask, a conditional G."""

from typing import NamedTuple

import numpy as np

from gan_lesson.assets import read_asset
from gan_lesson.pretrained import read_arrays

SCORES_FILE = "training_sets.csv"
SEARCHES_FILE = "behind_the_mask.npz"
GENERATOR_FILE = "asked_generator.safetensors"

EACH = (3, 10, 30)  # labelled digits of each class
# What is added to the labelled digits, in the order of the table; all but the first are shifted.
SETS = (
    "labelled",
    "shifts",
    "generated, own labels",
    "real, own labels",
    "generated, other's labels",
    "asked, own labels",
    "asked, 10,000 labels",
)


class Scores(NamedTuple):
    """Accuracy on the 2,000 bundled test digits after training on each set.

    accuracy: float64, shape (sets, labels a class, draws), in the order of `SETS` and `EACH`.
    """

    accuracy: np.ndarray


def load_scores() -> Scores:
    """Return the table that ships with the package.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    text = read_asset(SCORES_FILE, __package__).decode("utf-8")
    _, *rows = (line.split(",") for line in text.splitlines())
    found = np.array([[float(number) for number in row[2:]] for row in rows])
    return Scores(found.reshape(len(SETS), len(EACH), -1))


class Searches(NamedTuple):
    """Searches in z for test digits whose lower rows are hidden, 16 starts each.

    rows: which of the bundled test digits, 20 of each class, shape (200,). hidden: rows of pixels
    that are hidden, shape (3,). digits: what the classifier reads in each answer, the best fit
    first, uint8, shape (3, 200, 16). misfit: on the seen pixels, float32, shape (3, 200, 16).
    """

    rows: np.ndarray
    hidden: np.ndarray
    digits: np.ndarray
    misfit: np.ndarray


def load_searches() -> Searches:
    """Return the searches that ship with the package.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged.
    """
    return read_arrays(Searches, SEARCHES_FILE, __package__)


def load_asked_generator():
    """Return the conditional generator that ships, in evaluation mode: `draw(labels)` asks it.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: it is damaged.
    """
    from safetensors.torch import load  # here: the rest of this module needs NumPy only

    from gan_lesson.conditional import conditional_pair

    G, _ = conditional_pair()
    stored = load(read_asset(GENERATOR_FILE, __package__))
    G.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in stored.items()})
    return G.eval().requires_grad_(False)
