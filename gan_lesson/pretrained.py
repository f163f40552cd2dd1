"""What ships trained for lessons 06 and 10: a generator, its training, and short runs.

    G = load_digits_generator()          # draws digits at once: G(G.sample_z(36))
    timeline = load_digits_timeline()    # the same z drawn at 20 moments of that training
    runs = load_digits_runs()            # four short runs, and what each piece of the recipe buys
    cases = load_clinic_runs()           # ten patients of lesson 10, examined

assets/PROVENANCE.md says how they were made; `make pretrained` makes them again.
"""

import io
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load

from gan_lesson.assets import read_asset
from gan_lesson.networks import Generator, fully_connected_pair

GENERATOR_FILE = "digits_generator.safetensors"
GENERATOR_SHA256 = "2f15296c97cc9046a4c398cf5841d6edc41b1027a5b43429eaed1e6b29961bc2"
TIMELINE_FILE = "digits_timeline.npz"
TIMELINE_SHA256 = "bb4a73aa8ca4a17bdffc8d3a37f6ccc233b12d5537a5c998e1feed0fb89d191a"
RUNS_FILE = "digits_runs.npz"
RUNS_SHA256 = "e7c9f8754e0a0286cbbe08416beb7b7b3f0d600f740a20f77ecfb28aad7e5f17"
CLINIC_FILE = "clinic_digits.npz"
CLINIC_SHA256 = "85f0d59e0268776c5d25a7d435bfc4fd68a687a6c6afa41d492896f9d3c5d874"

CURVES = ("d_real", "d_fake", "loss_d", "loss_g")


def load_digits_generator() -> Generator:
    """Return the fully connected generator of lesson 06, trained, in evaluation mode.

    The weights ship as float16 and are used as float32.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged (its sha256 is checked).

    Source: trained by `make pretrained` on MNIST's 60,000 training digits.
    """
    weights = load(read_asset(GENERATOR_FILE, GENERATOR_SHA256))
    G, _ = fully_connected_pair()
    G.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in weights.items()})
    return G.eval().requires_grad_(False)


def _read(kind, file: str, sha256: str):
    """Return a named tuple, whose fields are the arrays of a file."""
    with np.load(io.BytesIO(read_asset(file, sha256)), allow_pickle=False) as arrays:
        return kind(*(arrays[name] for name in kind._fields))


class Timeline(NamedTuple):
    """Moments of one run, always drawn from the same z, and the curves of all its steps.

    Attributes:
        steps: int64, shape (m,), the steps of the moments, 0 first.
        sheets: uint8, shape (m, n, 28, 28), the n samples of each moment.
        distance: Fréchet distance of 10,000 samples at each moment, shape (m,); NaN where it
            was not measured.
        curve_steps: int64, shape (c,).
        curves: the means of D(x), D(G(z)), loss_d and loss_g since the curve step before,
            float32, shape (c, 4).
    """

    steps: np.ndarray
    sheets: np.ndarray
    distance: np.ndarray
    curve_steps: np.ndarray
    curves: np.ndarray


def load_digits_timeline() -> Timeline:
    """Return the training run of `load_digits_generator`, 36 fixed z at each kept moment.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged.
    """
    return _read(Timeline, TIMELINE_FILE, TIMELINE_SHA256)


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
            do, as `evaluation.memorisation_check`; shape (l,).
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
    return _read(DigitsRuns, RUNS_FILE, RUNS_SHA256)


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
    return _read(ClinicRuns, CLINIC_FILE, CLINIC_SHA256)


def as_float16(G: Generator) -> dict[str, torch.Tensor]:
    """Return a generator's state as it ships: floating-point numbers in half precision."""
    state = G.state_dict().items()
    return {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in state}
