"""Exercises of lesson 11, super-resolution."""

import numpy as np
import torch

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.super_resolution import back_project, enlarge, shrink


def _psnr(x, x_hat, data_range):
    """Return 10 log10(data_range^2 / mean squared error), dB, of two arrays of one shape."""
    error = np.mean((np.asarray(x, float) - np.asarray(x_hat, float)) ** 2)
    return 10 * np.log10(data_range**2 / error)


def _error(x, x_hat):
    return np.mean((np.asarray(x, float) - np.asarray(x_hat, float)) ** 2)


PSNR = Exercise(
    "psnr",
    reference=_psnr,
    cases=[
        (np.array([[-1.0, 0.8], [0.6, -1.0]]), np.array([[-1.0, 1.0], [1.0, -1.0]]), 2),
        (np.array([[0.0, 0.5], [0.25, 1.0]]), np.array([[0.5, 0.5], [0.0, 1.0]]), 1),
        (np.array([10.0, 20.0, 250.0]), np.array([13.0, 16.0, 255.0]), 255),
        (np.zeros((3, 4)), np.full((3, 4), 0.25), 2),
    ],
    mistakes=[
        (
            lambda x, x_hat, data_range: 20 * np.log10(data_range**2 / _error(x, x_hat)),
            "The factor 20 belongs to a ratio of lengths. Here both numbers are squares.",
        ),
        (
            lambda x, x_hat, data_range: 10 * np.log10(data_range / _error(x, x_hat)),
            "The range is not squared, but the error is.",
        ),
        (
            lambda x, x_hat, data_range: 10 * np.log10(1 / _error(x, x_hat)),
            "The range is missing: on [−1, 1] an error of 1 is half the range, on [0, 1] all of "
            "it.",
        ),
        (
            lambda x, x_hat, data_range: 10 * np.log(data_range**2 / _error(x, x_hat)),
            "A decibel counts powers of ten, so the logarithm has base 10: `np.log10`.",
        ),
        (
            lambda x, x_hat, data_range: 10 * np.log10(_error(x, x_hat) / data_range**2),
            "The fraction is upside down: a smaller error must give more decibels.",
        ),
        (
            lambda x, x_hat, data_range: (
                10 * np.log10(data_range**2 / (_error(x, x_hat) * np.size(x)))
            ),
            "You added the squares up. The error is their mean, so that the size of the image "
            "does not matter.",
        ),
        (
            lambda x, x_hat, data_range: 10 * np.log10(data_range**2 / np.sqrt(_error(x, x_hat))),
            "You took the root of the mean squared error. The range is squared, so the error "
            "stays squared too.",
        ),
        (
            lambda x, x_hat, data_range: (
                10 * np.log10(data_range**2 / np.mean(np.abs(np.subtract(x, x_hat))))
            ),
            "This is the mean absolute difference. PSNR takes the mean of its square.",
        ),
        (
            lambda x, x_hat, data_range: np.log10(data_range**2 / _error(x, x_hat)),
            "These are bels. One bel has ten decibels.",
        ),
    ],
    hints=(
        "Take the mean of the squared differences first. Over it stands the square of the range.",
        "A bel is one power of ten, and a decibel is a tenth of a bel. So ten times log10 counts "
        "decibels.",
    ),
)


class _Fitting(Exercise):
    """An exercise whose cases are images: too many numbers to print."""

    def _what_came_out(self, index: int, result) -> str:
        if isinstance(result, Exception):
            return f"{self.name} stops with {type(result).__name__}: {result}."
        x_hat, y = self.cases[index]
        if np.shape(result) != tuple(x_hat.shape):
            wanted = tuple(x_hat.shape)
            return f"{self.name} gives shape {np.shape(result)}, but x_hat has {wanted}."
        gap = (shrink(torch.as_tensor(result)) - y).abs().max()
        if gap > 1e-6:
            return f"What {self.name} gives does not fit: made small, it is off by up to {gap:.2f}."
        return f"What {self.name} gives fits y, but it changes more of x̂ than it must."


def _cases():
    """Return pairs of a restoration and a small image, as the lesson has them."""
    generator = torch.Generator().manual_seed(0)
    x, x_hat = (torch.rand(2, 3, 1, 28, 28, generator=generator) * 2 - 1).double()
    return [(x_hat, shrink(x)), (torch.zeros(1, 1, 28, 28).double(), shrink(x[:1])), (x, shrink(x))]


BACK_PROJECTION = _Fitting(
    "back_project",
    reference=back_project,
    cases=_cases(),
    mistakes=[
        (
            lambda x_hat, y: x_hat - enlarge(y - shrink(x_hat)),
            "The sign is wrong: where y is larger than the small restoration, ink is missing.",
        ),
        (
            lambda x_hat, y: x_hat + enlarge(y),
            "You add the whole small image. Add only what is missing from it.",
        ),
        (
            lambda x_hat, y: enlarge(y - shrink(x_hat)),
            "This is the correction alone. Add it to the restoration.",
        ),
        (
            lambda x_hat, y: enlarge(y),
            "This throws the restoration away. Keep it, and add what is missing.",
        ),
        (
            lambda x_hat, y: x_hat + enlarge(y - shrink(x_hat)) / 16,
            "The 16 pixels have the mean of the small pixel, so each of them takes the whole "
            "difference.",
        ),
        (
            lambda x_hat, y: x_hat + enlarge(y - shrink(x_hat)) * 16,
            "The 16 pixels have the mean of the small pixel, not its sixteenth part.",
        ),
        (
            lambda x_hat, y: x_hat + enlarge(y - shrink(x_hat)) / 2,
            "Half of the difference is still missing afterwards.",
        ),
    ],
    hints=(
        "Make x̂ small. What must be added to it to give y?",
        "Enlarge the difference of the two small images, and add it to x̂.",
    ),
)

check_psnr = PSNR.check
check_back_project = BACK_PROJECTION.check
