"""A sign: how plainly something was seen, and the sentence that says it with its numbers."""

import math
from typing import NamedTuple

# sign: (value at which it is absent, value at which it is plain)
THRESHOLDS = {
    "loss_contradicts": (0.3, 1.5),  # nats that D's loss lies below its bound
    "loss_fits": (0.3, 0.6),  # how D's loss falls with its lead, a correlation
    "reversed": (0.1, 0.5),  # D(G(z)) - D(x)
    "separated": (0.6, 0.9),  # D(x) - D(G(z))
    "scores_squashed": (0.06, 0.03),  # nats between the losses and those of a second sigmoid
    "backlog": (12.0, 25.0),  # stored gradient over a fresh one
    "large_weights": (4.0, 7.0),  # over the size that PyTorch starts with
    "starved": (0.05, 0.01),  # sigma(s) of generated samples, the factor of G's gradient
    "few_places": (0.45, 0.3),  # occupied cells, generated over real
    "far": (6.0, 15.0),  # distance from the data, in distances between real samples
    "out_of_range": (3.0, 10.0),  # span of real samples over the largest generated number or 1
    "large_steps": (0.5, 1.0),  # first step of an optimiser, in sizes that weights start with
    "beyond": (0.85, 1.2),  # distance from the data, in distances between two real samples
    "answers_reversed": (0.35, 0.1),  # probability that D ranks a real sample above another
    "answers_apart": (0.9, 0.995),
    "unlike": (0.95, 1.0),  # share of samples whose nearest neighbour is of their own kind
    "loss_scale": (500.0, 1000.0),  # gradient stored in D over a fresh one, where G's is as usual
    "no_way_to_g": (-3.0, -5.0),  # log10 of the norm of G's gradient
    "g_is_slow": (20.0, 100.0),  # D's first step over G's
    "d_moved": (0.1, 1.0),  # steps that D's optimiser made times its first one, in such sizes
    "d_stands": (0.03, 0.01),  # range of D's answer on real samples, a running mean
    "frozen": (1e-3, 1e-5),  # sd of D's loss at the end, in units of it
    "wild": (5.0, 50.0),  # greatest losses, in units of them
    "restless": (0.1, 0.4),  # change of D's lead from row to row
    "jumped": (0.5, 2.0),  # way out of the range of the run before, in widths of it
    "broke": (0.4, 0.7),  # change of D(x) - D(G(z)) from the run's middle to its last tenth
}

PROVED, TESTED, SEEN, READ = "proved", "tested", "seen in the samples", "read from the curves"
RANKS = (PROVED, TESTED, SEEN, READ)
# What a sign's evidence rests on; those that are not named here are READ.
RANK_OF = {
    **dict.fromkeys(
        ("ended_not_finite", "d_moves_g", "d_stands_still", "ends_at_1", "one_sided",
         "unclear_loss", "other_way_round", "column_stands"), PROVED),
    **dict.fromkeys(
        ("answers_alike", "answers_reversed", "answers_apart", "lazy_d", "large_weights", "backlog",
         "loss_scale", "d_moved", "large_steps", "g_is_slow", "no_way_to_g"), TESTED),
    **dict.fromkeys(("out_of_range", "far", "beyond", "few_places", "unlike"), SEEN),
}  # fmt: skip


class Sign(NamedTuple):
    """What was looked for, how plainly it was seen, from 0 to 1, and a sentence of evidence.

    `rank` says what the evidence rests on: PROVED, TESTED, SEEN or READ. `value` is the number
    that was measured, before a threshold made a strength of it; of a fact it is the strength.
    """

    name: str
    strength: float
    told: str
    rank: str
    value: float


def fact(name: str, strength: float | bool, told: str) -> Sign:
    """Return a sign that has no threshold."""
    return Sign(name, float(strength), told, RANK_OF.get(name, READ), float(strength))


def measured(name: str, value: float, told: str) -> Sign:
    """Return a sign of `THRESHOLDS` by the value that was measured; NaN counts as absent."""
    return Sign(name, strength(name, value), told, RANK_OF.get(name, READ), float(value))


def replayed(name: str, value: float) -> Sign:
    """Return a sign again of a value that was kept, by the thresholds of today."""
    return measured(name, value, "") if name in THRESHOLDS else fact(name, value, "")


def strength(name: str, value: float) -> float:
    """Return how plainly a value shows a sign of `THRESHOLDS`, from 0 to 1; 0 for NaN."""
    absent, plain = THRESHOLDS[name]
    place = (value - absent) / (plain - absent)
    return 0.0 if math.isnan(place) else float(min(1.0, max(0.0, place)))
