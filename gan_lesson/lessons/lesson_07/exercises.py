"""Exercises of lesson 07: four scores to be cheated, and a γ to be found.

A sampler that cheats a score is judged by what it scores, not by how it is written: any
sampler that has what the text asks for, on ring and grid, is right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gan_lesson.data import grid, ring
from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.lesson_07.samplers import (
    Judged,
    N,
    judge,
    one_mode,
    perfect_sampler,
)

FAR = 9.0  # a place that no set of this lesson comes near


def _one_on_each_centre(centres, sd, n, draw):
    x = np.full((n, 2), FAR)
    x[: len(centres)] = centres
    return x


def _on_one_centre(centres, sd, n, draw):
    return np.tile(centres[0], (n, 1))


def _snapped(centres, sd, n, draw):
    cell = 2 * 1.25 * np.abs(centres).max() / 50
    return (np.floor(perfect_sampler(centres, sd, n, draw) / cell) + 0.5) * cell


def _cheats_modes(j: Judged) -> str:
    if j.scores.modes < j.k:
        return "misses"
    return "honest" if j.scores.high_quality > 0.1 else "cheats"


def _cheats_quality(j: Judged) -> str:
    if j.scores.high_quality <= 0.95:
        return "bad"
    return "cheats" if j.scores.high_quality > 0.995 else "no better than perfect"


def _cheats_covariance(j: Judged) -> str:
    if not 0.9 <= j.scores.covariance_ratio <= 1.1:
        return "wrong width"
    return "honest" if j.scores.fair_modes > j.k / 2 else "cheats"


def _cheats_jsd(j: Judged) -> str:
    if j.jsd > 0.03:
        return "far away"
    honest = 0.6 <= j.scores.covariance_ratio <= 1.4 and j.scores.high_quality > 0.9
    return "honest" if honest else "cheats"


@dataclass
class Cheat(Exercise):
    """An exercise: a sampler that has one score of a perfect one and still misses the data.

    A mistake is a pair (verdict, sentence).

    Args:
        verdict: function of what a sampler scores to "cheats", or to why it does not.
    """

    verdict: Callable[[Judged], str] = lambda judged: "cheats"
    cases: Sequence[tuple] = (("ring and grid",),)

    def _result(self, answer, case: tuple):
        """Return the verdict on a sampler; "cheats" only if it does on ring and grid."""
        if isinstance(answer, str):
            return answer
        for data in (grid(), ring()):
            centres = data.centres.numpy().astype(float)
            x = answer(centres.copy(), data.sd, N, np.random.default_rng(0))
            if x is None or x is Ellipsis:
                return x
            told = self.verdict(judge(answer, data))
            if told != "cheats":
                return told
        return "cheats"


CHEAT_MODES = Cheat(
    "cheat_modes",
    reference=_one_on_each_centre,
    mistakes=[
        (
            "misses",
            "A mode has no good sample. Noise gets most of the grid's modes, but you know all "
            "centres.",
        ),
        (
            "honest",
            "Every mode is captured, but more than a tenth of your samples are good. "
            "Make fewer of them good.",
        ),
    ],
    hints=(
        "How many of the 2,500 samples does it take to capture one mode?",
        "One sample on each centre is enough. Where may all the others be?",
    ),
    verdict=_cheats_modes,
)

CHEAT_QUALITY = Cheat(
    "cheat_quality",
    reference=_on_one_centre,
    mistakes=[
        (
            "bad",
            "At least one sample in twenty is not good: it is farther than 3 sd from every centre.",
        ),
        (
            "no better than perfect",
            "At most 99.5 % of your samples are good. A perfect sampler has 98.9 %, "
            "because 1.1 % of its samples are farther than 3 sd from their centre. Beat it.",
        ),
    ],
    hints=(
        "Which place in the plane is surely within 3 sd of a centre?",
        "The centres themselves. One of them would do.",
    ),
    verdict=_cheats_quality,
)

CHEAT_COVARIANCE = Cheat(
    "cheat_covariance",
    reference=one_mode,
    mistakes=[
        (
            "wrong width",
            "The covariance is not between 0.9 and 1.1: the good samples of a mode have "
            "the wrong spread around their own mean, or there are too few of them.",
        ),
        (
            "honest",
            "The covariance is right, but more than half of the modes have their fair share.",
        ),
    ],
    hints=(
        "This score looks inside a mode. How many modes must there be?",
        "One mode is enough, sampled honestly: its centre plus sd times normal noise.",
    ),
    verdict=_cheats_covariance,
)

CHEAT_JSD = Cheat(
    "cheat_jsd",
    reference=_snapped,
    mistakes=[
        ("far away", "The JSD is above 0.03, so the shares of the cells are wrong."),
        (
            "honest",
            "The JSD is low, but more than 90 % of the samples are good and the covariance is "
            "between 0.6 and 1.4. That is too honest.",
        ),
    ],
    hints=(
        "Two samples in the same cell count the same. Where in the cell they lie is not seen.",
        "Draw samples of the data, then move each one to the middle of its cell.",
    ),
    verdict=_cheats_jsd,
)

check_cheat_modes = CHEAT_MODES.check
check_cheat_quality = CHEAT_QUALITY.check
check_cheat_covariance = CHEAT_COVARIANCE.check
check_cheat_jsd = CHEAT_JSD.check


GAMMA = Exercise(
    "gamma_that_keeps",
    reference=lambda share, sd: sd**2 * (1 / share - 1) / 4,
    cases=[(0.5, 0.05), (0.9, 0.5), (0.9, 0.01), (0.25, 1.0), (0.6, 2.0)],
    mistakes=[
        (
            lambda share, sd: sd**2 * (1 / share - 1) / 2,
            "That is right for R1 alone. R1 and R2 together count twice: 1 + 4 γ / sd².",
        ),
        (
            lambda share, sd: sd * (1 / share - 1) / 4,
            "The unit is wrong: γ is a squared length, so sd enters squared.",
        ),
        (
            lambda share, sd: (1 / share - 1) / (4 * sd**2),
            "That is upside down: a narrow mode needs a smaller γ, not a larger one.",
        ),
        (
            lambda share, sd: sd**2 * (1 - share) / 4,
            "Solve share = 1 / (1 + 4 γ / sd²) for γ: begin with 1 / share.",
        ),
        (
            lambda share, sd: sd**2 / share / 4,
            "The 1 in 1 + 4 γ / sd² is missing: at share = 1, γ must be 0.",
        ),
    ],
    hints=(
        "Take the reciprocal of both sides of share = 1 / (1 + 4 γ / sd²).",
        "1 / share − 1 = 4 γ / sd². One product and one division are left.",
    ),
)

check_gamma_that_keeps = GAMMA.check
