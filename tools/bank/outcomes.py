"""How a run ended, by measures that diagnosis does not use, and what its label is therefore.

A planted fault is a line of the loop, and not every line of that kind does harm: a rate that is a
hundred times too high may train well, and a healthy loop may lose modes. So faults of degree keep
their label only where the outcome shows it, and a run that is called healthy ended well. These
rules were fixed before any verdict on the judged half was seen.
"""

import numpy as np
import torch
from torch import Tensor

from gan_lesson.diagnosis import HEALTHY

N = 600  # samples of each kind that an outcome is measured on
NEAR = 5  # neighbours that make a real sample's surroundings
# What a good run reaches: energy distance and spread, both in mean distances of two real samples.
DISTANCE, SPREAD = 0.15, 0.6
COLLAPSED = 0.5  # spread below which a healthy loop has collapsed if its samples lie among the data
AMONG = 0.2  # share of samples in the surroundings of a real one, from which on they are
FACTS = (  # a property of the code or of the log, whatever it did
    "shared optimiser", "swapped labels", "sigmoid twice", "no zero_grad", "D is blind",
    "D does not learn", "loss convention unclear", "labels the other way round",
    "one column constant",
)  # fmt: skip
VOID = "void"


def energy_distance(x: Tensor, y: Tensor) -> float:
    """Return 2 E‖x − y‖ − E‖x − x'‖ − E‖y − y'‖ of rows, shapes (n, d) and (m, d).

    Source: Székely and Rizzo 2013.
    """
    n, m = len(x), len(y)
    within = torch.cdist(x, x).sum() / (n * (n - 1)) + torch.cdist(y, y).sum() / (m * (m - 1))
    return float(2 * torch.cdist(x, y).mean() - within)


def coverage(fake: Tensor, real: Tensor) -> tuple[float, float]:
    """Return which share of real samples has a generated one in its surroundings, and vice versa.

    The surroundings of a real sample reach to its fifth neighbour.
    Source: Naeem et al. 2020; Kynkäänniemi et al. 2019.
    """
    radius = torch.cdist(real, real).kthvalue(NEAR + 1, dim=1).values
    within = torch.cdist(real, fake) <= radius[:, None]
    return float(within.any(dim=1).double().mean()), float(within.any(dim=0).double().mean())


@torch.no_grad()
def outcome(run) -> dict[str, float]:
    """Return what is measured of a run that is over.

    Args:
        run: the `games.Run`.
    """
    own = torch.Generator().manual_seed(5)
    real = run.real(N, own).flatten(1).double()  # as D gets them
    z = torch.randn(N, run.G.latent_dim, generator=own)
    fake = run.G(z).flatten(1).double()
    pairs = float(torch.cdist(real, real).mean())
    finite = bool(torch.isfinite(fake).all())
    covered, among = coverage(fake, real) if finite else (0.0, 0.0)
    gap = run.history["d_real"].astype(float) - run.history["d_fake"]
    return {
        "finite": float(finite and np.isfinite(gap[-20:]).any()),
        "distance": energy_distance(fake, real) / pairs if finite else np.nan,
        "spread": float(torch.cdist(fake, fake).mean()) / pairs if finite else 0.0,
        "coverage": covered,
        "among": among,
        "gap": float(np.nanmean(gap[-len(gap) // 4 :])) if np.isfinite(gap[-20:]).any() else np.nan,
    }


def label(fault: str, found: dict[str, float]) -> str:
    """Return the true cause by what was planted and what was measured, or `VOID`.

    - a run that ended in NaN has diverged, whatever was planted;
    - a fault that is a fact of the code or of the log stays;
    - any other fault did no harm where the run ended well: such a run is void;
    - a collapse that was planted must show a small spread, else the run is void;
    - samples that were to be far must not lie among the data: else the run is void;
    - a healthy loop that did not end well is void, because it is unfinished or its data are too
      hard for it; but where its samples lie close together among the data it has collapsed.
    """
    if not found["finite"]:
        return "diverged"
    if fault in FACTS:
        return fault
    good = found["distance"] < DISTANCE and found["spread"] >= SPREAD
    if good:
        return HEALTHY if fault == HEALTHY else VOID
    if fault == HEALTHY:
        collapsed = found["spread"] < COLLAPSED and found["among"] >= AMONG
        return "mode collapse" if collapsed else VOID
    if fault == "diverged" or (fault == "mode collapse" and found["spread"] >= SPREAD):
        return VOID
    if fault == "far from the data" and found["among"] >= AMONG:
        return VOID
    return fault
