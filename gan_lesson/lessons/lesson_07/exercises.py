"""Exercises of lesson 07: six scores to be cheated, and a γ to be found.

A sampler that cheats a score is judged by what it scores, not by how it is written: any
sampler that has the score and misses the data is right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gan_lesson.data import grid, ring
from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.lesson_07.samplers import (
    Judged,
    N,
    Sampler,
    judge,
    one_mode,
    perfect_sampler,
)

FAR = 9.0  # a place that no set of this lesson comes near


def _few_on_the_centres(share: float) -> Sampler:
    """Return a sampler that puts `share` of its points on the centres and the rest far away."""

    def sampler(centres, sd, n, draw):
        x = np.full((n, 2), FAR)
        on = int(np.ceil(share * n / len(centres))) * len(centres)
        x[:on] = np.resize(centres, (on, 2))
        return x

    return sampler


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
    if j.scores.high_quality <= 0.995:
        return "no better than perfect"
    shape = j.scores.covariance_ratio
    return "honest" if j.scores.fair_modes == j.k and shape > 0.5 else "cheats"


def _cheats_fair_shares(j: Judged) -> str:
    if j.scores.fair_modes < j.k:
        return "unfair"
    return "honest" if j.scores.high_quality > 0.25 else "cheats"


def _cheats_reverse_kl(j: Judged) -> str:
    if not j.scores.reverse_kl <= 0.005:
        return "uneven"
    return "honest" if j.scores.high_quality > 0.25 else "cheats"


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
    reference=_few_on_the_centres(0.01),
    mistakes=[
        ("misses", "A mode is missing. Noise gets most of them by chance; you know where all are."),
        (
            "honest",
            "Every mode is captured, but by good samples: more than a tenth of them are of "
            "high quality. That is no cheat.",
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
    reference=lambda centres, sd, n, draw: np.tile(centres[0], (n, 1)),
    mistakes=[
        ("bad", "One sample in twenty or more is farther than 3 sd from every centre."),
        (
            "no better than perfect",
            "High quality is 99.5 % or less. A perfect sampler has 98.9 %, "
            "because 1.1 % of its samples are farther than 3 sd from their centre. Beat it.",
        ),
        ("honest", "All modes have their fair share, and their width is right: no cheat."),
    ],
    hints=(
        "Which place in the plane is surely within 3 sd of a centre?",
        "The centres themselves. One of them would do.",
    ),
    verdict=_cheats_quality,
)

CHEAT_FAIR_SHARES = Cheat(
    "cheat_fair_shares",
    reference=_few_on_the_centres(0.2),
    mistakes=[
        ("unfair", "A mode has less than its fair share: n / (5K) samples of high quality."),
        (
            "honest",
            "All shares are fair, but more than a quarter of the samples are good. Do less.",
        ),
    ],
    hints=(
        "K modes, n / (5K) good samples each: what part of n is that?",
        "A fifth of the samples on the centres is enough; np.resize repeats rows.",
    ),
    verdict=_cheats_fair_shares,
)

CHEAT_REVERSE_KL = Cheat(
    "cheat_reverse_kl",
    reference=_few_on_the_centres(0.1),
    mistakes=[
        (
            "uneven",
            "The reverse KL is above .005. It compares the shares of the modes among the "
            "good samples: make these shares equal, not just alike on average.",
        ),
        (
            "honest",
            "The shares are even, but more than a quarter of the samples are good: no cheat.",
        ),
    ],
    hints=(
        "Which samples does the reverse KL not even look at?",
        "Those that are far from every centre. Put the same number of the others on each centre.",
    ),
    verdict=_cheats_reverse_kl,
)

CHEAT_COVARIANCE = Cheat(
    "cheat_covariance",
    reference=one_mode,
    mistakes=[
        (
            "wrong width",
            "The covariance ratio is not within .9 and 1.1: the samples of a mode have "
            "the wrong spread around their own mean.",
        ),
        ("honest", "The width is right, but more than half of the modes have their fair share."),
    ],
    hints=(
        "The ratio looks inside a mode. How many modes must there be?",
        "One mode, sampled honestly: its centre plus sd times normal noise.",
    ),
    verdict=_cheats_covariance,
)

CHEAT_JSD = Cheat(
    "cheat_jsd",
    reference=_snapped,
    mistakes=[
        ("far away", "The JSD is above .03, so the shares of the cells are wrong."),
        ("honest", "The JSD is low because the samples are good."),
    ],
    hints=(
        "Two samples in the same cell count the same. Where in the cell they lie is not seen.",
        "Take samples of the data and move each to the middle of its cell, cell wide.",
    ),
    verdict=_cheats_jsd,
)

check_cheat_modes = CHEAT_MODES.check
check_cheat_quality = CHEAT_QUALITY.check
check_cheat_fair_shares = CHEAT_FAIR_SHARES.check
check_cheat_reverse_kl = CHEAT_REVERSE_KL.check
check_cheat_covariance = CHEAT_COVARIANCE.check
check_cheat_jsd = CHEAT_JSD.check


GAMMA = Exercise(
    "gamma_that_keeps",
    reference=lambda share, sd: sd**2 * (1 / share - 1) / 4,
    cases=[(0.5, 0.05), (0.9, 0.05), (0.9, 0.01), (0.25, 1.0)],
    mistakes=[
        (
            lambda share, sd: sd**2 * (1 / share - 1) / 2,
            "That is right for R1 alone. R1 and R2 together count twice: 1 + 4 γ k².",
        ),
        (
            lambda share, sd: sd * (1 / share - 1) / 4,
            "The unit: γ is a squared length. With k = 1/sd, k² is 1/sd².",
        ),
        (
            lambda share, sd: (1 / share - 1) / (4 * sd**2),
            "Upside down: narrow modes need a smaller γ, not a larger one.",
        ),
        (
            lambda share, sd: sd**2 * (1 - share) / 4,
            "Solve share = 1 / (1 + 4 γ k²) for γ: begin with 1 / share.",
        ),
        (
            lambda share, sd: sd**2 / share / 4,
            "The 1 in 1 + 4 γ k² is missing: at share = 1, γ must be 0.",
        ),
    ],
    hints=(
        "Put k = 1/sd into share = 1 / (1 + 4 γ k²), then solve for γ.",
        "1 / share − 1 = 4 γ / sd². One division and one product are left.",
    ),
)

check_gamma_that_keeps = GAMMA.check
