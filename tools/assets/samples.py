"""Sets of images that several parts use: 10,000 samples, rows of each digit, 16 grey levels."""

import numpy as np
import torch
from torch import Tensor

from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.lesson_00.forgeries import GREY_STEP
from gan_lesson.trainer import Trainer


def ten_thousand(trainer: Trainer) -> Tensor:
    """Return 10,000 samples, always of the same z."""
    return trainer.sample(trainer.G.sample_z(10_000, torch.Generator().manual_seed(1)))


def first_rows_of_each_digit(labels: Tensor, each: int) -> Tensor:
    """Return the rows of the first `each` of every digit, in file order."""
    rows = torch.cat([(labels == digit).nonzero()[:each, 0] for digit in range(10)])
    return rows.sort().values


def in_grey_levels(x: Tensor) -> np.ndarray:
    """Return images as uint8 in 16 grey levels, real and generated ones alike.

    A real digit's paper is exactly 0 and a generator's only nearly, which no eye sees and
    any program does. Sixteen levels take that difference away.
    """
    levels = np.round(tensor_to_images(x) / GREY_STEP)
    return (levels * GREY_STEP).astype(np.uint8)
