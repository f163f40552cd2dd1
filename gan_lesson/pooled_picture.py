"""What a class predicted, drawn: bars of options, dots of numbers, curves of five heights."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from statistics import mean, median

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.pooling import Pooled

PANELS = 4  # a picture
SAID, TRUTH = "#444444", plots.DISCRIMINATOR
BINS = 40  # places on the axis of a number; answers that share one are stacked


def draw_pooled(questions: Sequence[Pooled], learners: int, truth: bool = False) -> Figure:
    """Return a figure for a projector with a panel for each question, up to `PANELS`.

    Args:
        questions: as `pool_predictions` gives them.
        learners: how many files were read.
        truth: whether to mark what is right.
    """
    rows = 1 if len(questions) <= 2 else 2
    figure = plots.new_figure(12.8, 7.2)
    with plots.lesson_style():
        panels = figure.subplots(rows, 1 if len(questions) == 1 else 2, squeeze=False).ravel()
    for axes, question in zip(panels, questions, strict=False):
        draw = {"choice": _bars, "number": _dots, "curve": _curves}[question.kind]
        draw(axes, question, truth)
        width = 50 if len(questions) > 1 else 105
        words = textwrap.wrap(question.question, width, break_on_hyphens=False)
        if len(words) > 5:
            words = [*words[:4], f"{words[4]} …"]
        axes.set_title("\n".join(words), loc="left", fontsize=12, parse_math=False)
    for axes in panels[len(questions) :]:
        axes.set_axis_off()
    noun = "learner" if learners == 1 else "learners"
    figure.suptitle(f"{learners} {noun}", x=0.99, ha="right", fontsize=12, color=SAID)
    return figure


def _bars(axes: Axes, question: Pooled, truth: bool) -> None:
    counts = Counter(question.answers)
    if truth and question.truth is not None:
        counts.setdefault(question.truth, 0)
    options = sorted(counts, reverse=True)  # not by how many: the order tells nothing
    for place, option in enumerate(options):
        right = truth and option == question.truth
        axes.barh(place, counts[option], color=TRUTH if right else SAID, height=0.6)
        sure = [s for s, said in zip(question.sure, question.answers, strict=True)
                if said == option and s is not None]  # fmt: skip
        told = f"{counts[option]}"
        told += f", {mean(sure):.0%} sure on average" if sure else ""
        told += "  ← right" if right else ""
        axes.annotate(
            told,
            (counts[option], place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=11,
        )
    labels = ["\n".join(textwrap.wrap(option, 30)) for option in options]
    axes.set_yticks(range(len(options)), labels, fontsize=11, parse_math=False)
    axes.set(xlabel="learners", xlim=(0, max(1, *counts.values()) * 1.9))
    axes.set_ylim(-0.6, max(len(options) - 0.4, 1.6))
    axes.xaxis.get_major_locator().set_params(integer=True)


def _dots(axes: Axes, question: Pooled, truth: bool) -> None:
    said = sorted(question.answers)
    shown = [*said, question.truth] if truth and question.truth is not None else said
    low, high = min(shown), max(shown)
    width = (high - low or max(abs(low), 1.0)) / BINS
    heights: Counter = Counter()
    for number in said:
        place = round((number - low) / width)
        heights[place] += 1
        axes.plot(low + place * width, heights[place], "o", color=SAID, markersize=8)
    top = max(*heights.values(), 3)
    half = median(said)
    axes.axvline(half, color=SAID, linestyle=":", linewidth=1.5)
    axes.annotate(f" median {half:.3g}", (half, top + 0.9), fontsize=11, color=SAID, va="top")
    if truth and question.truth is not None:
        axes.axvline(question.truth, color=TRUTH, linewidth=2.5)
        axes.annotate(
            f" truth {question.truth:.4g}",
            (question.truth, top + 1.8),
            fontsize=11,
            color=plots.in_words(TRUTH),
            va="top",
        )
    axes.set(xlabel="answer", ylabel="learners", ylim=(0, top + 2))
    axes.set_xlim(low - 3 * width, high + 8 * width)
    axes.yaxis.get_major_locator().set_params(integer=True)


def _curves(axes: Axes, question: Pooled, truth: bool) -> None:
    places = range(1, 6)
    for heights in question.answers:
        axes.plot(places, heights, color=SAID, linewidth=1, alpha=0.35)
    middle = [median(place) for place in zip(*question.answers, strict=True)]
    axes.plot(places, middle, "o:", color=SAID, linewidth=2, label="median")
    if truth and question.truth is not None:
        axes.plot(places, question.truth, "s-", color=TRUTH, linewidth=2.5, label="truth")
    axes.set(xlabel="place, from left to right", ylabel="height")
    axes.set_xticks(list(places))
    axes.legend(frameon=False, fontsize=11)
