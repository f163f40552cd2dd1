"""What ships for lesson 14: who D and G remember, and what became of a minority."""

from typing import NamedTuple

import numpy as np

from gan_lesson.pretrained import read_arrays

MEMBERS_FILE = "members.npz"
MINORITY_FILE = "minority.npz"


class Members(NamedTuple):
    """Runs of lesson 06's pair on n of MNIST's training digits, and scores of these members.

    sizes: n of each kind of run, shape (3,). steps: length of a run. For each size and seed, of
    the members against 2,000 other training digits of MNIST: auc_d and auc_g, the share of pairs
    that a score puts in the right order, and tpr_d and tpr_g, the share of the members above the
    threshold that 1 % of the others exceed; shape (3, 5). d is the score by D's logit, g that by
    the nearest of 4,000 samples, with a minus sign. members_d, others_d, members_g, others_g: the
    scores of seed 0, float16, shape (3, 2000); NaN where there are fewer members.
    """

    sizes: np.ndarray
    steps: np.ndarray
    auc_d: np.ndarray
    auc_g: np.ndarray
    tpr_d: np.ndarray
    tpr_g: np.ndarray
    members_d: np.ndarray
    others_d: np.ndarray
    members_g: np.ndarray
    others_g: np.ndarray


def load_members() -> Members:
    """Return the scores that ship with the package; see assets/PROVENANCE.md.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    return read_arrays(Members, MEMBERS_FILE, __package__)


class Minority(NamedTuple):
    """Runs of lesson 06's pair on 1,000 digits 1 and 8, of which few are an 8.

    shares: share of the 8 in the data, shape (2,). steps: the moments, shape (m,). factors: what z
    is multiplied by, shape (k,). found: share of 2,000 samples that are read as an 8 rather than a
    1, shape (2, 5, m, k), five seeds. sheets: 24 samples of seed 0, among them as large a share of
    the 8 as of all 2,000, rounded; uint8 in 16 grey levels, shape (2, m, k, 24, 28, 28). eights:
    whether each is read as an 8, shape (2, m, k, 24).
    """

    shares: np.ndarray
    steps: np.ndarray
    factors: np.ndarray
    found: np.ndarray
    sheets: np.ndarray
    eights: np.ndarray


def load_minority() -> Minority:
    """Return the runs that ship with the package; see assets/PROVENANCE.md.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    return read_arrays(Minority, MINORITY_FILE, __package__)
