"""What ships trained: two generators of digits, and the moments of one's training.

    G = load_digits_generator()          # draws digits at once: G(G.sample_z(36))
    G = load_convolutional_generator()   # likewise, with convolutions
    timeline = load_digits_timeline()    # the same z drawn at 21 moments of that training

assets/PROVENANCE.md says how they were made; `make pretrained` makes them again.
"""

import io
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load

from gan_lesson.assets import read_asset
from gan_lesson.networks import Generator, convolutional_pair, fully_connected_pair

GENERATOR_FILE = "digits_generator.safetensors"
CONVOLUTIONAL_FILE = "convolutional_generator.safetensors"
TIMELINE_FILE = "digits_timeline.npz"


CURVES = ("d_real", "d_fake", "loss_d", "loss_g")


def load_digits_generator() -> Generator:
    """Return the fully connected generator of lesson 06, trained, in evaluation mode.

    The weights ship as float16 and are used as float32.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged (its sha256 is checked).

    Source: trained by `make pretrained` on MNIST's 60,000 training digits.
    """
    return _with_weights(fully_connected_pair()[0], GENERATOR_FILE)


def load_convolutional_generator() -> Generator:
    """Return the trained convolutional generator of lesson 09, in evaluation mode.

    Raises:
        FileNotFoundError: its file is missing from the installation.
        ValueError: the file is damaged (its sha256 is checked).

    Source: trained by `make pretrained`; assets/PROVENANCE.md has seconds and scores.
    """
    return _with_weights(convolutional_pair()[0], CONVOLUTIONAL_FILE)


def _with_weights(G: Generator, file: str) -> Generator:
    """Return G with the stored weights, which ship as float16 and are used as float32."""
    stored = load(read_asset(file))
    G.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in stored.items()})
    return G.eval().requires_grad_(False)


def read_arrays(kind, file: str, room: str = "gan_lesson"):
    """Return a named tuple, whose fields are the arrays of a file; see `read_asset`."""
    with np.load(io.BytesIO(read_asset(file, room)), allow_pickle=False) as arrays:
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
    return read_arrays(Timeline, TIMELINE_FILE)


def as_float16(G: Generator) -> dict[str, torch.Tensor]:
    """Return a generator's state as it ships: floating-point numbers in half precision."""
    state = G.state_dict().items()
    return {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in state}
