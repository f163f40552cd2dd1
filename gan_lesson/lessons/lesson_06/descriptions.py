"""Alternative texts of lesson 06's still pictures."""

from collections.abc import Mapping

import numpy as np

from gan_lesson.metrics import MemorisationCheck

DESCRIPTION_OF_THE_CURVES = (
    "Four panels of D(x) and D(G(z)) over 600 steps. Curves 1: D(x) is near 0.54 and D(G(z)) near "
    "0.46, and the losses are 1.28 and 0.84. Curves 2: D(x) is 1 and D(G(z)) is 0 but for the "
    "start and one short peak near step 220, and the losses are 0.00 and 7.89. Curves 3: D(x) "
    "stays at ½ and D(G(z)) rises to 0.88, and the losses are 2.82 and 0.13. Curves 4: both stay "
    "at ½, and the losses are 1.39 and 0.69."
)
DESCRIPTION_OF_THE_SHEETS = (
    "Four sheets of four images each. Sheet A: harsh noise, uneven from image to image. Sheet B: "
    "even grey noise. Sheet C: digits. Sheet D: one fine pattern of black and white dots, the same "
    "in all four places."
)


def describe_ladder(ladder: Mapping[str, float]) -> str:
    """Return a ladder of Fréchet distances as one sentence."""
    told = ", ".join(f"{name} {distance:,.1f}" for name, distance in ladder.items())
    return f"Fréchet distances as points on a logarithmic axis: {told}."


def describe_distances(in_pixels: MemorisationCheck, in_features: MemorisationCheck) -> str:
    """Return two checks for copies as one sentence."""
    told = ", ".join(
        f"{name}: median {np.median(check.samples):.1f} for samples, "
        f"{np.median(check.held_out):.1f} for new real digits"
        for name, check in (("in pixels", in_pixels), ("in features", in_features))
    )
    return f"Histograms of the distance to the nearest training digit, which lie together; {told}."


def describe_lengths(lengths: Mapping[str, np.ndarray]) -> str:
    """Return histograms of lengths as one sentence."""
    told = ", ".join(f"{name}: {x.mean():.2f} ± {x.std():.2f}" for name, x in lengths.items())
    return f"Two narrow histograms of lengths that overlap little: {told}."
