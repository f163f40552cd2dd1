"""Lesson 07: its predictions and verdicts, and the checks of its exercises.

A sampler that cheats a score is judged by what it scores, not by how it is written: any
sampler that has the score and misses the data is right.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gan_lesson.data import Mixture, grid, ring
from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction
from gan_lesson.metrics import ModeScores, jsd_on_grid, mode_scores

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"
N = 2500  # samples, as in the published tables
FAR = 9.0  # a place that no set of this lesson comes near

Sampler = Callable[[np.ndarray, float, int, np.random.Generator], np.ndarray]


class Judged(NamedTuple):
    """What a sampler did on one set: its samples' scores, and the set's number of modes."""

    scores: ModeScores
    jsd: float
    k: int


def judge(sampler: Sampler, data: Mixture, seed: int = 0) -> Judged:
    """Score 2,500 samples of `sampler(centres, sd, n, draw)` against a set.

    Args:
        sampler: function of the centres (k, 2), the sd, a number of samples n and a NumPy
            generator to samples, shape (n, 2).
        data: the set.
        seed: start of the generator that the sampler gets.

    Raises:
        ValueError: the samples are not of shape (n, 2) or not finite.
    """
    centres = data.centres.numpy().astype(float)
    x = np.asarray(sampler(centres, data.sd, N, np.random.default_rng(seed)), dtype=float)
    if x.shape != (N, 2):
        raise ValueError(f"the samples have shape {x.shape}; it must be ({N}, 2)")
    half_width = 1.25 * np.abs(centres).max()
    jsd = jsd_on_grid(x, centres, data.sd, half_width=half_width)
    return Judged(mode_scores(x, centres, data.sd), jsd, len(centres))


def uniform_noise(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator) -> np.ndarray:
    """Return points anywhere in a square, a quarter wider than the centres reach."""
    half_width = 1.25 * np.abs(centres).max()
    return draw.uniform(-half_width, half_width, size=(n, 2))


def circle(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator) -> np.ndarray:
    """Return points on a circle around 0, through the centre that is farthest out."""
    angle = draw.uniform(0, 2 * np.pi, n)
    radius = np.linalg.norm(centres, axis=1).max()
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def points_on_centres(
    centres: np.ndarray, sd: float, n: int, draw: np.random.Generator
) -> np.ndarray:
    """Return points that lie exactly on centres drawn at random."""
    return centres[draw.integers(len(centres), size=n)]


def one_mode(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator) -> np.ndarray:
    """Return honest samples of the first mode, and none of the others."""
    return centres[0] + sd * draw.normal(size=(n, 2))


def perfect_sampler(centres: np.ndarray, sd: float, n: int, draw: np.random.Generator):
    """Return samples of the data's own law."""
    return points_on_centres(centres, sd, n, draw) + sd * draw.normal(size=(n, 2))


# --- the samplers that cheat -----------------------------------------------------------------


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


class Cheat(NamedTuple):
    """An exercise: a sampler that has one score of a perfect one and still misses the data."""

    name: str
    verdict: Callable[[Judged], str]
    reference: Sampler
    exercise: Exercise

    def check(self, answer: Sampler) -> Sampler:
        """Return the learner's sampler if it cheats on ring and grid, ours if it is untouched.

        Raises:
            WrongAnswer: it does not; the message says which of the two conditions fails.
        """

        def verdict_on(_):
            return self._verdict(answer)

        return answer if self.exercise.check(verdict_on) is verdict_on else self.reference

    def _verdict(self, sampler: Sampler):
        for data in (grid(), ring()):
            centres = data.centres.numpy().astype(float)
            x = sampler(centres.copy(), data.sd, N, np.random.default_rng(0))
            if x is None or x is Ellipsis:
                return x
            told = self.verdict(judge(sampler, data))
            if told != "cheats":
                return told
        return "cheats"


def _cheat(
    name: str,
    verdict: Callable[[Judged], str],
    reference: Sampler,
    mistakes: dict[str, str],
    hints: tuple[str, str],
) -> Cheat:
    def named(centres, sd, n, draw):
        return reference(centres, sd, n, draw)

    named.__name__ = name
    exercise = Exercise(
        name,
        reference=lambda _: "cheats",
        cases=[("ring and grid",)],
        mistakes=[((lambda _, told=told: told), text) for told, text in mistakes.items()],
        hints=hints,
    )
    return Cheat(name, verdict, named, exercise)


CHEAT_MODES = _cheat(
    "cheat_modes",
    _cheats_modes,
    _few_on_the_centres(0.01),
    {
        "misses": "A mode is missing. Noise gets most of them by chance; you know where all are.",
        "honest": "Every mode is captured, but by good samples: more than a tenth of them are of "
        "high quality. That is no cheat.",
    },
    (
        "How many of the 2,500 samples does it take to capture one mode?",
        "One sample on each centre is enough. Where may all the others be?",
    ),
)

CHEAT_QUALITY = _cheat(
    "cheat_quality",
    _cheats_quality,
    lambda centres, sd, n, draw: np.tile(centres[0], (n, 1)),
    {
        "bad": "One sample in twenty or more is farther than 3 sd from every centre.",
        "no better than perfect": "High quality is 99.5 % or less. A perfect sampler has 98.9 %, "
        "because 1.1 % of its samples are farther than 3 sd from their centre. Beat it.",
        "honest": "All modes have their fair share, and their width is right: no cheat.",
    },
    (
        "Which place in the plane is surely within 3 sd of a centre?",
        "The centres themselves. One of them would do.",
    ),
)

CHEAT_FAIR_SHARES = _cheat(
    "cheat_fair_shares",
    _cheats_fair_shares,
    _few_on_the_centres(0.2),
    {
        "unfair": "A mode has less than its fair share: n / (5K) samples of high quality.",
        "honest": "All shares are fair, but more than a quarter of the samples are good. Do less.",
    },
    (
        "K modes, n / (5K) good samples each: what part of n is that?",
        "A fifth of the samples on the centres is enough; np.resize repeats rows.",
    ),
)

CHEAT_REVERSE_KL = _cheat(
    "cheat_reverse_kl",
    _cheats_reverse_kl,
    _few_on_the_centres(0.1),
    {
        "uneven": "The reverse KL is above .005. It compares the shares of the modes among the "
        "good samples: make these shares equal, not just alike on average.",
        "honest": "The shares are even, but more than a quarter of the samples are good: no cheat.",
    },
    (
        "Which samples does the reverse KL not even look at?",
        "Those that are far from every centre. Put the same number of the others on each centre.",
    ),
)

CHEAT_COVARIANCE = _cheat(
    "cheat_covariance",
    _cheats_covariance,
    one_mode,
    {
        "wrong width": "The covariance ratio is not within .9 and 1.1: the samples of a mode have "
        "the wrong spread around their own mean.",
        "honest": "The width is right, but more than half of the modes have their fair share.",
    },
    (
        "The ratio looks inside a mode. How many modes must there be?",
        "One mode, sampled honestly: its centre plus sd times normal noise.",
    ),
)

CHEAT_JSD = _cheat(
    "cheat_jsd",
    _cheats_jsd,
    _snapped,
    {
        "far away": "The JSD is above .03, so the shares of the cells are wrong.",
        "honest": "The JSD is low because the samples are good.",
    },
    (
        "Two samples in the same cell count the same. Where in the cell they lie is not seen.",
        "Take samples of the data and move each to the middle of its cell, cell wide.",
    ),
)

CHEATS = {
    cheat.name: cheat
    for cheat in (
        CHEAT_MODES,
        CHEAT_QUALITY,
        CHEAT_FAIR_SHARES,
        CHEAT_REVERSE_KL,
        CHEAT_COVARIANCE,
        CHEAT_JSD,
    )
}


def check_cheat_modes(answer: Sampler) -> Sampler:
    """Check a sampler that captures all modes with hardly a good sample; return what to use."""
    return CHEAT_MODES.check(answer)


def check_cheat_quality(answer: Sampler) -> Sampler:
    """Check a sampler of better quality than perfect that misses the data; return what to use."""
    return CHEAT_QUALITY.check(answer)


def check_cheat_fair_shares(answer: Sampler) -> Sampler:
    """Check a sampler with fair shares whose samples are mostly bad; return what to use."""
    return CHEAT_FAIR_SHARES.check(answer)


def check_cheat_reverse_kl(answer: Sampler) -> Sampler:
    """Check a sampler with a perfect reverse KL and mostly bad samples; return what to use."""
    return CHEAT_REVERSE_KL.check(answer)


def check_cheat_covariance(answer: Sampler) -> Sampler:
    """Check a sampler with modes of the right width that misses most; return what to use."""
    return CHEAT_COVARIANCE.check(answer)


def check_cheat_jsd(answer: Sampler) -> Sampler:
    """Check a sampler that has the shares of all cells but not their inside; return it."""
    return CHEAT_JSD.check(answer)


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


def check_gamma_that_keeps(answer):
    """Check the γ of R1 and R2 that keeps a share of what D* says of a mode's place; return it."""
    return GAMMA.check(answer)


# --- predictions and verdicts ------------------------------------------------------------------


def ask_flat_d() -> ChoicePrediction:
    """Ask how a D that is sure but flat pulls on samples."""
    truth = "none at all"
    return predict_choice(
        "In some region D says .01 to every place: surely generated, and equally so everywhere. "
        "How strong is the pull on a generated point there?",
        ["the strongest of all, D is so sure", truth, "strong, but in a random direction"],
        truth=truth,
        why="The pull is (1 − D) times the slope of the logit in x. Where D is flat the slope is "
        "0. D teaches by its slope, not by its score.",
        name="pull-where-d-is-flat",
    )


def ask_modes_of_the_circle() -> NumberPrediction:
    """Ask how many of the ring's eight modes a plain circle captures."""
    return predict_number(
        "2,500 points evenly at random on the circle of radius 1, without any regard for the "
        "eight modes on it (sd .01). How many modes do they capture?",
        truth=lambda: judge(circle, ring()).scores.modes,
        tolerance=0.5,
        low=0,
        high=8,
        step=1,
        why="All 8. A mode is captured by one sample within 3 sd of its centre, and the circle "
        "runs through every centre: about 24 points lie near each by chance.",
        name="modes-of-the-circle",
    )


def ask_modes_of_noise() -> NumberPrediction:
    """Ask how many of the grid's 25 modes uniform noise captures, on average."""
    return predict_number(
        "2,500 points of uniform noise on [−5, 5]². How many of the grid's 25 modes (sd .05) do "
        "they capture, on average?",
        truth=lambda: expected_modes_of_noise(),
        tolerance=2,
        low=0,
        high=25,
        step=0.5,
        why="A mode is missed if none of 2,500 points falls into its circle of radius .15, which "
        "is .07 % of the square: .17 of all drawings. So 83 % of the 25 are captured.",
        name="modes-of-noise",
    )


def expected_modes_of_noise(n: int = N, half_width: float = 5.0, sd: float = 0.05, k: int = 25):
    """Return how many of `k` modes `n` uniform points capture on average, exactly."""
    area = np.pi * (3 * sd) ** 2 / (2 * half_width) ** 2
    return float(k * (1 - (1 - area) ** n))


def ask_better_than_perfect() -> ChoicePrediction:
    """Ask whether a sampler can have more high-quality samples than the data itself."""
    truth = "yes"
    return predict_choice(
        "A perfect sampler, drawing from the data's own law, has 98.9 % samples of high quality. "
        "Can another sampler have more?",
        [truth, "no, perfect is perfect", "only by luck"],
        truth=truth,
        why="Points that sit on the centres score 100 %. 98.9 % is what the data has, not a "
        "ceiling; above it, something is wrong.",
        name="better-than-perfect",
    )


def ask_modes_of_hasty_g() -> NumberPrediction:
    """Ask how many modes a generator has whose D learns ten times more slowly."""
    return predict_number(
        "G's learning rate is .002, D's .0002, the set the wide ring, 1,500 steps. How many of the "
        "eight modes does G capture then, in the middle one (the median) of ten runs?",
        truth=1,
        tolerance=1,
        low=0,
        high=8,
        step=1,
        why="One or two. The points gather in one heap (on a mode, or on the way to the next one), "
        "and move on together when D has noticed. Most runs end with three modes or fewer.",
        name="modes-of-a-hasty-g",
    )


def ask_g_alone() -> ChoicePrediction:
    """Ask what 500 steps of G alone do to a run with eight modes."""
    truth = "it keeps all eight modes"
    return predict_choice(
        "A good run has all eight modes. Now D stands still and G moves 500 times alone. What "
        "becomes of G's points?",
        ["they gather in one place, where D is highest", "they leave the data", truth],
        truth=truth,
        why="D has a hill on each mode, and slopes lead up the hill where a point is. One place is "
        "the best of all, but no slope leads there from the other seven.",
        name="g-moves-alone",
    )


def ask_claim_about_one_half() -> ChoicePrediction:
    """Ask for a verdict on claim 6: D at one half means that G has won."""
    return _ask_verdict(
        "“When D outputs 0.5 the generator has won; stop there.”",
        "D must be the best response to G. One that learns too slowly stays near ½, on average and "
        "everywhere, against a G that has collapsed, too.",
        "claim-6-one-half",
    )


def ask_claim_about_error_metrics() -> ChoicePrediction:
    """Ask for a verdict on claim 19: that generative models have no error metric."""
    return _ask_verdict(
        "“Generative models have no error metric.”",
        "You have just used six on samples alone. Each can be cheated, so none is read alone.",
        "claim-19-no-metric",
    )


def ask_claim_about_seeing_the_data() -> ChoicePrediction:
    """Ask for a verdict on claim 15: that G sees the data."""
    return _ask_verdict(
        "“During training, G sees the real data.”",
        "G's step takes no x at all. What G knows of the data it has from the slope of D.",
        "claim-15-g-sees-the-data",
    )


def ask_share_left() -> NumberPrediction:
    """Ask how much of what D* says about a small shift of a mode survives γ = .05."""
    return predict_number(
        "R1 and R2 with γ = .05, modes of sd .05. A generated mode lies slightly off its place. "
        "Which share of what D* would say about that is left (k = 1/sd)?",
        truth=lambda: 1 / (1 + 4 * 0.05 / 0.05**2),
        tolerance=0.03,
        low=0,
        high=1,
        step=0.01,
        why="1 / (1 + 4 γ / sd²) = 1 / 81. γ must be compared with sd², which is .0025.",
        name="share-left-at-gamma",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"A tutorial says: {claim} What is your verdict?"
    return predict_choice(question, [HOLDS, FALSE], FALSE, why, name)
