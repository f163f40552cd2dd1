"""A sign: how plainly something was seen, and the sentence that says it with its numbers."""

import math
from typing import NamedTuple

# sign: (value at which it is absent, value at which it is plain)
THRESHOLDS = {
    "loss_contradicts": (0.3, 1.5),  # nats that D's loss lies below its bound
    "reversed": (0.1, 0.5),  # D(G(z)) - D(x)
    "separated": (0.6, 0.9),  # D(x) - D(G(z))
    "scores_squashed": (0.06, 0.03),  # nats between the losses and those of a second sigmoid
    "backlog": (12.0, 25.0),  # stored gradient over a fresh one
    "large_weights": (4.0, 7.0),  # over the size that PyTorch starts with
    "starved": (0.05, 0.01),  # sigma(s) of generated samples, the factor of G's gradient
    "few_places": (0.45, 0.3),  # occupied cells, generated over real
    "far": (4.0, 8.0),  # distance from the data, in distances between real samples
    "out_of_range": (3.0, 10.0),  # span of real samples over the largest generated number
    "large_steps": (0.5, 1.0),  # first step of an optimiser, in sizes that weights start with
    "beyond": (1.1, 1.4),  # distance from the data, in distances between two real samples
    "broke": (0.4, 0.7),  # change of D(x) - D(G(z)) from the run's middle to its last tenth
}

PROVED, TESTED, SEEN, READ = "proved", "tested", "seen in the samples", "read from the curves"


class Sign(NamedTuple):
    """What was looked for, how plainly it was seen, from 0 to 1, and a sentence of evidence.

    `rank` says what the evidence rests on: PROVED, TESTED, SEEN or READ.
    """

    name: str
    strength: float
    told: str
    rank: str = READ


def measured(name: str, value: float, told: str, rank: str = READ) -> Sign:
    """Return a sign of `THRESHOLDS` by the value that was measured; NaN counts as absent."""
    return Sign(name, strength(name, value), told, rank)


def strength(name: str, value: float) -> float:
    """Return how plainly a value shows a sign of `THRESHOLDS`, from 0 to 1; 0 for NaN."""
    absent, plain = THRESHOLDS[name]
    place = (value - absent) / (plain - absent)
    return float(min(1.0, max(0.0, place))) if math.isfinite(place) else 0.0
