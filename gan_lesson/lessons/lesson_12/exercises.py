"""Exercises of lesson 12, style."""

import numpy as np
import torch

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.style import truncate


def _normal(x, dims, unbiased=False, eps=0.0):
    """Return x, normalised over some axes."""
    x = torch.as_tensor(x)
    mean = x.mean(dim=dims, keepdim=True)
    sd = x.std(dim=dims, keepdim=True, correction=int(unbiased))
    return (x - mean) / (sd + eps)


def _wide(y):
    return torch.as_tensor(y)[:, :, None, None]


def _adain(x, y_s, y_b):
    """Return y_s (x - mean) / sd + y_b, over the places of each image and channel."""
    return _wide(y_s) * _normal(x, (2, 3)) + _wide(y_b)


def _places():
    """Return maps and styles: 3 images of 2 channels, 1 image of 3, and a map that one can read."""
    draw = torch.Generator().manual_seed(12)

    def random(*shape):
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    small = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]], dtype=torch.float64)
    return [
        (small, torch.tensor([[2.0]]).double(), torch.tensor([[10.0]]).double()),
        (2 * random(3, 2, 4, 4) + 1, random(3, 2), random(3, 2)),
        (random(1, 3, 5, 5) - 4, random(1, 3), random(1, 3)),
    ]


class _OfMaps(Exercise):
    """An exercise whose cases are maps: too many numbers to print."""

    def _what_came_out(self, index: int, result) -> str:
        if isinstance(result, Exception):
            return f"{self.name} stops with {type(result).__name__}: {result}."
        x, y_s, y_b = self.cases[index]
        if np.shape(result) != tuple(x.shape):
            return f"{self.name} gives shape {np.shape(result)}, but x has {tuple(x.shape)}."
        result = torch.as_tensor(np.asarray(result)).double()
        if not result.isfinite().all():
            return (
                f"{self.name} gives {float(result[~result.isfinite()][0])} in case {index + 1}. Is "
                "an sd 0 there? Each sd is taken over the rows and columns of one map."
            )
        mean, sd = result.mean(dim=(2, 3)), result.std(dim=(2, 3), correction=0)
        if not torch.allclose(mean, y_b, atol=1e-5):
            at = tuple((mean - y_b).abs().gt(1e-5).nonzero()[0])
            return f"A map of case {index + 1} has mean {mean[at]:.3f}; y_b is {y_b[at]:.3f}."
        if not torch.allclose(sd, y_s.abs(), atol=1e-5):
            at = tuple((sd - y_s.abs()).abs().gt(1e-5).nonzero()[0])
            return f"A map of case {index + 1} has sd {sd[at]:.4f}; |y_s| is {abs(y_s[at]):.4f}."
        return f"{self.name} gives each map the right mean and sd, and the wrong pattern."


ADAIN = _OfMaps(
    "adain",
    reference=_adain,
    cases=_places(),
    mistakes=[
        (
            lambda x, y_s, y_b: _wide(y_s) * _normal(x, (2, 3), unbiased=True) + _wide(y_b),
            "Your standard deviation divides by one less than the number of places, which is "
            "PyTorch's default. This one divides by the number of places: `correction=0`.",
        ),
        (
            lambda x, y_s, y_b: _wide(y_s) * _normal(x, (0, 2, 3)) + _wide(y_b),
            "Mean and standard deviation are taken over the whole batch. Then an image depends on "
            "the others in its batch. Take them for each image alone.",
        ),
        (
            lambda x, y_s, y_b: _wide(y_s) * _normal(x, (0, 2, 3), unbiased=True) + _wide(y_b),
            "Mean and standard deviation are taken over the whole batch. Then an image depends on "
            "the others in its batch. Take them for each image alone, and divide by the number of "
            "places.",
        ),
        (
            lambda x, y_s, y_b: _wide(y_s) * _normal(x, (1, 2, 3)) + _wide(y_b),
            "Mean and standard deviation are taken over all channels together. Each channel has "
            "its own.",
        ),
        (
            lambda x, y_s, y_b: _wide(y_s) * (_normal(x, (2, 3)) + _wide(y_b)),
            "The shift is scaled too. Scale first, and add the shift afterwards.",
        ),
        (
            lambda x, y_s, y_b: _wide(y_b) * _normal(x, (2, 3)) + _wide(y_s),
            "Scale and shift have changed places.",
        ),
        (
            lambda x, y_s, y_b: (_wide(y_s) + 1) * _normal(x, (2, 3)) + _wide(y_b),
            "You scale by y_s + 1. Some programs store the scale that way, but the equation has "
            "y_s alone.",
        ),
        (
            lambda x, y_s, y_b: (
                _wide(y_s)
                * (torch.as_tensor(x) - torch.as_tensor(x).mean(dim=(2, 3), keepdim=True))
                / torch.as_tensor(x).var(dim=(2, 3), keepdim=True, correction=0)
                + _wide(y_b)
            ),
            "You divide by the variance. The standard deviation is its root.",
        ),
        (
            lambda x, y_s, y_b: (
                _wide(y_s)
                * torch.as_tensor(x)
                / torch.as_tensor(x).std(dim=(2, 3), keepdim=True, correction=0)
                + _wide(y_b)
            ),
            "The mean of x is still in it. Subtract it before you divide.",
        ),
        (
            lambda x, y_s, y_b: _wide(y_s) * torch.as_tensor(x) + _wide(y_b),
            "x is scaled and shifted as it is. First it must get mean 0 and standard deviation 1.",
        ),
        (
            lambda x, y_s, y_b: _normal(x, (2, 3)),
            "This is the normalised map alone. Its style is missing.",
        ),
    ],
    hints=(
        "x has the axes image, channel, row, column. A map is what two of them span.",
        "`keepdim=True` keeps the shape for the subtraction, and `y_s[:, :, None, None]` has one "
        "number for each map.",
    ),
    tolerance=1e-5,
)


def _vectors():
    """Return w, their mean, and psi."""
    draw = torch.Generator().manual_seed(3)
    w, mean = torch.randn(4, 3, generator=draw).double(), torch.tensor([1.0, -2.0, 0.5]).double()
    by_hand = torch.tensor([[4.0, 0.0]]).double(), torch.tensor([2.0, 2.0]).double()
    return [(*by_hand, 0.5), (w, mean, 0.7), (w, mean, 0.0), (w, mean, 1.0), (w, mean, 1.3)]


TRUNCATE = Exercise(
    "truncate",
    reference=truncate,
    cases=_vectors(),
    mistakes=[
        (
            lambda w, mean, psi: psi * w,
            "This goes towards 0. The place that w goes to is its mean, which is not 0.",
        ),
        (
            lambda w, mean, psi: w + psi * (mean - w),
            "At ψ = 1 nothing may change, and at ψ = 0 only the mean is left. Yours is the other "
            "way round.",
        ),
        (
            lambda w, mean, psi: psi * (w - mean),
            "The way from the mean is right, and it must be added to the mean again.",
        ),
        (
            lambda w, mean, psi: mean + psi * w,
            "The way from the mean to w is w − mean. Yours takes all of w.",
        ),
        (
            lambda w, mean, psi: w + psi * (w - mean),
            "You start at w and go on. Start at the mean.",
        ),
        (
            lambda w, mean, psi: mean - psi * (w - mean),
            "You go away from w, to the other side of the mean.",
        ),
        (
            lambda w, mean, psi: torch.as_tensor(w).clamp(-psi, psi),
            "This cuts each number off. Truncation in w shortens the way from the mean.",
        ),
        (
            lambda w, mean, psi: mean + psi**2 * (w - mean),
            "ψ itself is the factor. Its square is what happens to the variance.",
        ),
        (
            lambda w, mean, psi: mean + (torch.as_tensor(w) - mean) / psi if psi else mean + 0 * w,
            "You divide by ψ, so a small ψ makes the way longer.",
        ),
    ],
    hints=(
        "What must come out at ψ = 1, and what at ψ = 0?",
        "Start at the mean and go the share ψ of the way to w.",
    ),
)

check_adain = ADAIN.check
check_truncate = TRUNCATE.check
