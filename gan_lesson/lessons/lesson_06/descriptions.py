"""Alternative texts of lesson 06's still pictures."""

from collections.abc import Mapping

import numpy as np

from gan_lesson.metrics import MemorisationCheck

DESCRIPTION_OF_THE_MATCH = (
    "Four columns of curves above four sheets. Curves 1: D(x) near .54 and D(G(z)) near .46, "
    "losses near 1.28 and .84. Curves 2: D(x) 1, D(G(z)) 0 and D's loss 0, but for the start and "
    "one short peak near step 220; G's loss large. Curves 3: D(x) stays at ½, D(G(z)) rises to "
    ".88, G's loss falls to .13. Curves 4: everything stays on the lines. Sheets: A harsh noise, "
    "uneven from image to image, B even grey noise, C digits, D a fine pattern of black and white "
    "dots, the same in all nine places."
)


def describe_ladder(ladder: Mapping[str, float]) -> str:
    """Return a ladder of Fréchet distances as one sentence."""
    told = ", ".join(f"{name} {distance:,.1f}" for name, distance in ladder.items())
    return f"Fréchet distances on a logarithmic axis: {told}."


def describe_distances(in_pixels: MemorisationCheck, in_features: MemorisationCheck) -> str:
    """Return two checks for copies as one sentence."""
    told = ", ".join(
        f"{name}: median {np.median(check.samples):.1f} for samples, "
        f"{np.median(check.held_out):.1f} for new real digits"
        for name, check in (("in pixels", in_pixels), ("in features", in_features))
    )
    return f"Histograms of the distance to the nearest training image that lie together; {told}."


def describe_lengths(lengths: Mapping[str, np.ndarray]) -> str:
    """Return histograms of |z| as one sentence."""
    told = ", ".join(f"{name} {x.mean():.2f} ± {x.std():.2f}" for name, x in lengths.items())
    return f"Two narrow histograms of lengths that overlap little: {told}."
