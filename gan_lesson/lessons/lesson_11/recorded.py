"""What ships for lesson 11: the plane's dots, four long runs and their generators, a search."""

import io
from typing import NamedTuple

import numpy as np

from gan_lesson.assets import read_asset
from gan_lesson.pretrained import read_arrays

PLANE_FILE = "restorations.csv"
ANSWERS_FILE = "answers.npz"
RUNS_FILE = "four_weights.npz"
SECOND_FILE = "second_classifier.safetensors"
SECOND_SIZES = {"channels": (8, 16), "n_features": 32}
WEIGHTS = (0.0, 0.01, 0.1, 1.0)


def generator_file(weight: float) -> str:
    """Return the name of the file of a run's generator."""
    return f"restorer_{weight:g}.safetensors"


class Plane(NamedTuple):
    """Restorations of the 2,000 bundled test digits from 7 x 7 pixels, a row each.

    names: "original", "nearest pixel", "bilinear", "bicubic", "k=1" ... "k=30": the mean of the k
    training digits with the nearest small images, and the same 30 with " back-projected" behind,
    clamped to [-1, 1]. The others are the fields of `RestorationScores`; float64, shape (64,).
    """

    names: np.ndarray
    psnr: np.ndarray
    ssim: np.ndarray
    distance: np.ndarray
    read_rightly: np.ndarray
    misfit: np.ndarray


def load_plane() -> Plane:
    """Return the table that ships with the package.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: it is damaged (its sha256 is checked).
    """
    text = read_asset(PLANE_FILE, __package__).decode("utf-8")
    header, *rows = (line.split(",") for line in text.splitlines())
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    scores = (np.array(columns[name], dtype=float) for name in Plane._fields[1:])
    return Plane(np.array(columns["names"]), *scores)


class Answers(NamedTuple):
    """What a search in z of lesson 06's generator found for small test digits.

    rows: which test digits, one of each class 0 ... 9, shape (10,). sizes: pixels along an edge of
    the small images, shape (3,). z: the answers, the best fit first, float32, shape
    (10, 3, 16, 64).
    """

    rows: np.ndarray
    sizes: np.ndarray
    z: np.ndarray


def load_answers() -> Answers:
    """Return the answers of `gan_lesson.latent_search` that ship with the package.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged.
    """
    found = read_arrays(Answers, ANSWERS_FILE, __package__)
    return found._replace(z=found.z.astype(np.float32))


class Run(NamedTuple):
    """One long run, seen at the same moments as the others; all share a start by pixel loss.

    weight: of the adversarial loss. joins: the step at which D begins to take part. shown: which
    test digits the sheets hold, shape (12,). steps: the moments, shape (m,). psnr, ssim, distance,
    read_rightly, misfit: scores of the 2,000 bundled test digits, shape (m,). sheets: restorations
    by the averaged G, uint8 in 16 grey levels, shape (m, 12, 28, 28). curve_steps: shape (c,).
    curves: means since the curve step before of D(x), D(x_hat), D's loss and G's adversarial loss,
    float32, shape (c, 4).
    """

    weight: float
    joins: int
    shown: np.ndarray
    steps: np.ndarray
    psnr: np.ndarray
    ssim: np.ndarray
    distance: np.ndarray
    read_rightly: np.ndarray
    misfit: np.ndarray
    sheets: np.ndarray
    curve_steps: np.ndarray
    curves: np.ndarray


def load_runs() -> dict[float, Run]:
    """Return the four long runs that ship, by their adversarial weight; see assets/PROVENANCE.md.

    Raises:
        FileNotFoundError: their file is missing from the installation.
        ValueError: it is damaged.
    """
    with np.load(io.BytesIO(read_asset(RUNS_FILE, __package__)), allow_pickle=False) as arrays:
        stored = dict(arrays)
    runs = {}
    for i, weight in enumerate(WEIGHTS):
        scores = np.concatenate([stored["start_scores"], stored["scores"][i]]).T
        sheets = np.concatenate([stored["start_sheets"], stored["sheets"][i]])
        runs[weight] = Run(
            weight, int(stored["joins"]), stored["shown"], stored["steps"], *scores, sheets,
            stored["curve_steps"], stored["curves"][i],
        )  # fmt: skip
    return runs


def load_generator(weight: float):
    """Return the averaged generator at the end of a long run, in evaluation mode.

    Args:
        weight: of the adversarial loss: 0, 0.01, 0.1 or 1.

    Raises:
        ValueError: another weight, or its file is damaged.
        FileNotFoundError: its file is missing from the installation.
    """
    from safetensors.torch import load  # here: the rest of this module needs NumPy only

    from gan_lesson.networks import super_resolution_pair

    if weight not in WEIGHTS:
        raise ValueError(f"weight is {weight}; it must be one of {WEIGHTS}")
    G, _ = super_resolution_pair()
    stored = load(read_asset(generator_file(weight), __package__))
    G.load_state_dict({k: v.float() for k, v in stored.items()})
    return G.eval().requires_grad_(False)


def load_generators() -> dict:
    """Return the generators of all four long runs, by their weight.

    Raises:
        ValueError: a file is damaged.
        FileNotFoundError: a file is missing from the installation.
    """
    return {weight: load_generator(weight) for weight in WEIGHTS}


def load_second_classifier():
    """Return a classifier of digits that gives no scores, in evaluation mode: 16,586 numbers.

    It is smaller than the one of `gan_lesson.metrics` and was trained from another seed. Its
    `features` are for a content loss, so that G does not learn from the net that judges it.

    Raises:
        ValueError: its file is damaged.
        FileNotFoundError: its file is missing from the installation.

    Source: trained by `make pretrained`; assets/PROVENANCE.md has its accuracy.
    """
    from safetensors.torch import load  # here: the rest of this module needs NumPy only

    from gan_lesson.metrics import DigitClassifier

    classifier = DigitClassifier(**SECOND_SIZES)
    stored = load(read_asset(SECOND_FILE, __package__))
    classifier.load_state_dict({k: v.float() for k, v in stored.items()})
    return classifier.eval().requires_grad_(False)
