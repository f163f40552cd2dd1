"""Ask for a prediction: a number, a choice or a curve."""

from collections.abc import Callable, Mapping, Sequence

from gan_lesson.lessons.kit.prediction import ChoicePrediction, CurvePrediction, NumberPrediction


def predict_number(
    question: str,
    truth: float | Callable[[], float],
    tolerance: float,
    low: float,
    high: float,
    step: float,
    unit: str = "",
    why: str = "",
    name: str | None = None,
) -> NumberPrediction:
    """Ask for a number, with one slider that starts at `low`.

    Args:
        question: plain text.
        truth: the number, in `unit`, or a function without arguments that returns it.
        tolerance: how far an answer may be off and still be right, in `unit`.
        low: the slider's lowest value.
        high: the slider's highest value.
        step: the slider's step.
        unit: written behind the numbers.
        why: one or two sentences shown at the end, plain text.
        name: what the answer is called in `answers()`.

    Raises:
        ValueError: an argument is out of range; the message says what it may be.
    """
    return NumberPrediction(question, truth, tolerance, low, high, step, unit, why, name)


def predict_choice(
    question: str,
    options: Sequence[str],
    truth: str | Callable[[], str],
    why: str | Mapping[str, str] = "",
    name: str | None = None,
) -> ChoicePrediction:
    """Ask for one of several options, and how sure the learner is of it.

    Args:
        question: plain text.
        options: two or more different texts.
        truth: the right one, or a function without arguments that returns it.
        why: one or two sentences shown at the end, or the feedback for each option.
        name: what the answer is called in `answers()`.

    Raises:
        ValueError: an argument is out of range; the message says what it may be.
    """
    return ChoicePrediction(question, options, truth, why, name)


def predict_curve(
    question: str,
    x: Sequence[float],
    truth: Sequence[float] | Callable[[], Sequence[float]],
    low: float,
    high: float,
    xlabel: str,
    ylabel: str,
    why: str = "",
    name: str | None = None,
) -> CurvePrediction:
    """Ask for a curve: its height at five places, set by five vertical sliders.

    Args:
        question: plain text.
        x: five rising places, none nearer to the next than a tenth of their range.
        truth: the five heights, or a function without arguments that returns them.
        low: lowest height that can be set.
        high: highest height that can be set.
        xlabel: what stands along the axis, with its unit.
        ylabel: what the heights mean, with their unit.
        why: one or two sentences shown at the end, plain text.
        name: what the answer is called in `answers()`.

    Raises:
        ValueError: an argument is out of range; the message says what it may be.
    """
    return CurvePrediction(question, x, truth, low, high, xlabel, ylabel, why, name)
