"""What ships trained for lesson 06: a generator, the moments of its training, and short runs.

    G = load_digits_generator()          # draws digits at once: G(G.sample_z(36))
    timeline = load_digits_timeline()    # the same z drawn at 20 moments of that training
    runs = load_digits_runs()            # four short runs, and what each piece of the recipe buys

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


def _arrays(file: str, sha256: str) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(read_asset(file, sha256)), allow_pickle=False) as arrays:
        return dict(arrays)


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
    arrays = _arrays(TIMELINE_FILE, TIMELINE_SHA256)
    return Timeline(*(arrays[name] for name in Timeline._fields))


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
    arrays = _arrays(RUNS_FILE, RUNS_SHA256)
    return DigitsRuns(*(arrays[name] for name in DigitsRuns._fields))


def as_float16(G: Generator) -> dict[str, torch.Tensor]:
    """Return a generator's state as it ships: floating-point numbers in half precision."""
    state = G.state_dict().items()
    return {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in state}
