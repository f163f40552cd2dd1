"""The figures of lesson 06 that do not move."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.lessons.lesson_06.exercises import ORDER
from gan_lesson.lessons.lesson_06.recorded import DigitsRuns
from gan_lesson.metrics import MemorisationCheck

# --- pictures that do not move ------------------------------------------------------------------


def curves_and_sheets_figure(runs: DigitsRuns) -> Figure:
    """Return four runs' curves, numbered 1 to 4, above their sheets, lettered as in ORDER.

    Args:
        runs: as `load_digits_runs` returns.
    """
    figure = plots.new_figure(9.2, 5.2)
    with plots.lesson_style():
        axes = figure.subplots(3, 4, height_ratios=[1, 1, 1.5])
    x = 6 * (np.arange(runs.curves.shape[1]) + 1)
    colours = (plots.REAL, plots.GENERATED, plots.DISCRIMINATOR, plots.GENERATED)
    labels = ("D(x)", "D(G(z))", "loss D", "loss G")
    for run, letter in enumerate(ORDER):
        for i, (colour, label) in enumerate(zip(colours, labels, strict=True)):
            y = runs.curves[run, :, i]
            axes[i // 2, run].plot(x, y, color=colour, linewidth=1.8, label=label)
        axes[0, run].set(ylim=(-0.03, 1.03), title=f"curves {run + 1}", xticklabels=[])
        axes[0, run].axhline(0.5, color=plots.REFERENCE, linestyle="--", linewidth=1)
        high = np.quantile(runs.curves[run, :, 2:], 0.99)
        axes[1, run].set(ylim=(0, plots.doubling_limit(high, 2.0)), xlabel="step")
        column = "ABCD".index(letter)
        nine = runs.sheets[run, :9] // 17 * 17  # 16 grey levels: noise makes large files
        plots.digits_sheet(axes[2, column], nine, 3, title=f"sheet {letter}")
    axes[0, 0].set_ylabel("probability")
    axes[1, 0].set_ylabel("loss (nats)")
    for row in (0, 1):
        axes[row, 0].legend(loc="best", fontsize=8)
    return figure


def ladder_figure(distances: Mapping[str, float]) -> Figure:
    """Return Fréchet distances as dots on a logarithmic axis, named, the smallest below.

    Args:
        distances: name -> distance, positive. Names that begin with "real" are blue.
    """
    figure = plots.new_figure(8.4, 0.6 + 0.36 * len(distances))
    with plots.lesson_style():
        axes = figure.subplots()
    ranked = sorted(distances.items(), key=lambda item: item[1])
    for y, (name, distance) in enumerate(ranked):
        colour = plots.REAL if name.startswith("real") else plots.GENERATED
        axes.plot([distance], [y], "o", color=colour, markersize=9)
        axes.annotate(f"{distance:,.1f}", (distance, y), (10, -4), textcoords="offset points")
    axes.set_yticks(range(len(ranked)), [name for name, _ in ranked])
    low, high = ranked[0][1], ranked[-1][1]
    axes.set(xscale="log", xlim=(low / 1.5, high * 4), ylim=(-0.7, len(ranked) - 0.3))
    axes.set_xlabel("Fréchet distance from MNIST's test digits, features of the bundled classifier")
    axes.grid(axis="x", alpha=0.3)
    return figure


def pairs_figure(above: np.ndarray, below: np.ndarray, labels: tuple[str, str]) -> Figure:
    """Return two rows of images, uint8 (n, 28, 28) each: every image above its partner."""
    figure = plots.new_figure(8.8, 1.7)
    with plots.lesson_style():
        axes = figure.subplots()
    plots.digits_sheet(axes, np.concatenate([above, below]), len(above))
    for row, label in enumerate(labels):
        axes.text(-6, 14 + 30 * row, label, ha="right", va="center", fontsize=10)
    return figure


def distances_figure(checks: Mapping[str, MemorisationCheck]) -> Figure:
    """Return, for each check, how far samples and held-out real images are from their nearest."""
    figure = plots.new_figure(9.2, 2.7)
    with plots.lesson_style():
        axes = figure.subplots(1, len(checks), sharey=True, squeeze=False)[0]
    top = max(np.max([c.samples.max(), c.held_out.max()]) for c in checks.values())
    bins = np.linspace(0, top, 41)
    for a, (name, check) in zip(axes, checks.items(), strict=True):
        sets = (("new real digits", check.held_out, plots.REAL),)
        sets += (("samples", check.samples, plots.GENERATED),)
        for label, distances, colour in sets:
            share = np.full(len(distances), 1 / len(distances))
            style = {"bins": bins, "histtype": "step", "linewidth": 2.0, "color": colour}
            a.hist(distances, weights=share, label=label, **style)
        a.set(title=name, xlabel="distance to the nearest training image")
    axes[0].set_ylabel("share")
    axes[0].legend()
    return figure


def lengths_figure(lengths: Mapping[str, np.ndarray]) -> Figure:
    """Return histograms of the lengths |z| of several sets of z."""
    figure = plots.new_figure(7.2, 2.7)
    with plots.lesson_style():
        axes = figure.subplots()
    colours = (plots.GENERATED, "#555555", plots.DISCRIMINATOR)
    top = max(values.max() for values in lengths.values())
    for (name, values), colour in zip(lengths.items(), colours, strict=False):
        bins = np.linspace(0, top, 80)
        axes.hist(values, bins, density=True, histtype="step", color=colour, label=name, lw=2)
    axes.set(xlabel="length |z|", ylabel="density", xlim=(0, top))
    axes.legend()
    return figure
