"""Questions as data: a number, a choice or a curve to predict. Called, one becomes a widget.

    ask_one_half = NumberQuestion(
        "What does one half cost?",
        truth=lambda: -math.log(0.5),
        tolerance=0.005,
        low=0.0,
        high=2.0,
        step=0.01,
        unit="nats",
        why="−log ½ = log 2.",
        name="one-half",
    )
    ask_one_half()   # in a cell of the lesson: asks, locks the answer in, reveals the truth

A truth may be a function without arguments, which is called when the learner reveals. The
questions stand in the rooms' `questions.py`, so that no cell of a lesson tells an answer.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from gan_lesson import checks
from gan_lesson.lessons.kit.curve import CurvePrediction
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction, Prediction


@dataclass(frozen=True, eq=False, repr=False)  # a generated repr would tell the truth
class Question:
    """What all questions have.

    Args:
        question: plain text.
        truth: the right answer, or a function without arguments that returns it.
        why: one or two sentences shown with the truth, plain text.
        name: what the answer is called in `answers()`, unlike that of any other question.

    Raises:
        ValueError: an argument is out of range; the message says what it may be.
    """

    question: str
    _: KW_ONLY
    truth: object
    why: str | Mapping[str, str]
    name: str

    def __post_init__(self):
        if not self.question.strip():
            raise ValueError("question is empty; it must say what to predict")
        self._check()
        if not callable(self.truth):
            self.checked(self.truth)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def __call__(self) -> Prediction:
        """Return the widget that asks."""
        raise NotImplementedError  # abstract: every kind has a widget of its own

    def _check(self) -> None:
        """Refuse arguments that are out of range."""
        raise NotImplementedError

    def checked(self, truth):
        """Return the truth as it is stored.

        Raises:
            ValueError: it is none that the question allows.
        """
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class NumberQuestion(Question):
    """A number, set with one slider that starts at `low`.

    Args:
        truth: the number, in `unit`.
        tolerance: how far an answer may be off and still be right, in `unit`.
        low: the slider's lowest value.
        high: the slider's highest value.
        step: the slider's step.
        unit: written behind the numbers.
    """

    _: KW_ONLY
    truth: float | Callable[[], float]
    tolerance: float
    low: float
    high: float
    step: float
    unit: str = ""

    def _check(self) -> None:
        _check_range(self.low, self.high)
        if not 0 < self.step <= self.high - self.low:
            raise ValueError(f"step is {self.step}; it must be positive and at most high - low")
        checks.not_negative("tolerance", self.tolerance)

    def checked(self, truth) -> float:
        """Return the truth as a float; ValueError if it is not finite."""
        if not math.isfinite(truth):
            raise ValueError(f"truth is {truth}; it must be a finite number")
        return float(truth)

    def __call__(self) -> NumberPrediction:
        """Return the slider that asks for the number."""
        return NumberPrediction(self)


@dataclass(frozen=True, eq=False, repr=False)
class ChoiceQuestion(Question):
    """One of several options, and how sure the learner is of it.

    Args:
        options: two or more different texts.
        truth: the right one.
        why: one or two sentences shown with the truth, or the feedback for each option.
    """

    options: Sequence[str]
    _: KW_ONLY
    truth: str | Callable[[], str]

    def _check(self) -> None:
        options = self.options
        if len(options) < 2 or len(set(options)) < len(options):
            raise ValueError(f"options is {options}; it must hold two or more different texts")
        if isinstance(self.why, Mapping) and (unknown := set(self.why) - set(options)):
            raise ValueError(f"why explains {sorted(unknown)}, which are not among the options")

    def checked(self, truth) -> str:
        """Return the truth; ValueError if it is none of the options."""
        checks.one_of("truth", truth, self.options)
        return truth

    def __call__(self) -> ChoicePrediction:
        """Return the buttons that ask."""
        return ChoicePrediction(self)


@dataclass(frozen=True, eq=False, repr=False)
class CurveQuestion(Question):
    """A curve: its height at five places, set by five vertical sliders.

    Args:
        x: five rising places, none nearer to the next than a tenth of their range.
        truth: the five heights.
        tolerance: how far each height may be off and still be right, in their unit.
        low: lowest height that can be set.
        high: highest height that can be set.
        xlabel: what stands along the axis, with its unit.
        ylabel: what the heights mean, with their unit.
        names: five things, of one line or several each, in place of a curve's places; what has no
            order is joined by no line. Without them the points are joined.
    """

    x: Sequence[float]
    _: KW_ONLY
    truth: Sequence[float] | Callable[[], Sequence[float]]
    tolerance: float
    low: float
    high: float
    xlabel: str
    ylabel: str
    names: Sequence[str] = ()

    def _check(self) -> None:
        _check_range(self.low, self.high)
        checks.not_negative("tolerance", self.tolerance)
        x = np.asarray(self.x, dtype=float)
        if x.shape != (5,) or not (np.diff(x) >= 0.1 * np.ptp(x)).all():
            raise ValueError(
                f"x is {self.x}; it must be five rising places, none nearer to the next than a "
                "tenth of their range"
            )
        if len(self.names) not in (0, 5):
            raise ValueError(f"names is {self.names}; it must hold five names, or none")

    def checked(self, truth) -> list[float]:
        """Return the truth as a list; ValueError if it is not five finite numbers."""
        heights = np.asarray(truth, dtype=float)
        if heights.shape != (5,) or not np.isfinite(heights).all():
            raise ValueError(f"truth is {truth}; it must be five finite numbers")
        return heights.tolist()

    def __call__(self) -> CurvePrediction:
        """Return the sliders and the picture that ask for the curve."""
        return CurvePrediction(self)


def _check_range(low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low is {low} and high is {high}; both must be finite, low < high")
