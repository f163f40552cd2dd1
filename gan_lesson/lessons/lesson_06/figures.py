"""The figures of lesson 06 that do not move."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.lessons.lesson_06.exercises import ORDER
from gan_lesson.lessons.lesson_06.recorded import DigitsRuns
from gan_lesson.metrics import MemorisationCheck

SHOWN = (0, 16, 15, 19)  # of a sheet's images: where D is far ahead, they differ most in contrast


def curves_figure(runs: DigitsRuns) -> Figure:
    """Return D(x) and D(G(z)) of four runs, numbered 1 to 4, with the losses at the end.

    Args:
        runs: as `load_digits_runs` returns.
    """
    figure = plots.new_figure(9.2, 2.9)
    with plots.lesson_style():
        row = figure.subplots(1, 4, sharey=True)
    steps = 6 * (np.arange(runs.curves.shape[1]) + 1)
    for run, axes in enumerate(row):
        d_real, d_fake = runs.curves[run, :, :2].T
        axes.plot(steps, d_real, color=plots.REAL, linewidth=4, label="D(x)")
        axes.plot(steps, d_fake, color=plots.GENERATED, linewidth=2, label="D(G(z))", ls="-.")
        axes.axhline(0.5, color=plots.REFERENCE, linestyle="--", linewidth=1)
        loss_d, loss_g = runs.curves[run, -20:, 2:].mean(axis=0)
        told = f"step\nloss of D {loss_d:.2f}\nloss of G {loss_g:.2f}"
        axes.set(title=f"curves {run + 1}", xlabel=told, xticks=[0, 300, 600])
    row[0].set(ylim=(-0.05, 1.05), ylabel="probability")
    handles, labels = row[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure


def sheets_figure(runs: DigitsRuns) -> Figure:
    """Return what the four runs drew at the end, lettered as in ORDER, four images each.

    Args:
        runs: as `load_digits_runs` returns.
    """
    figure = plots.new_figure(9.2, 2.5)
    figure.get_layout_engine().set(w_pad=0.15)
    with plots.lesson_style():
        row = figure.subplots(1, 4)
    for run, letter in enumerate(ORDER):
        four = runs.sheets[run, SHOWN] // 17 * 17  # 16 grey levels: noise makes large files
        plots.digits_sheet(row["ABCD".index(letter)], four, 2, title=f"sheet {letter}")
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


def rows_figure(rows: Sequence[np.ndarray], labels: Sequence[str]) -> Figure:
    """Return named rows of images, uint8 (n, 28, 28) each: every image above its partner."""
    figure = plots.new_figure(8.8, 0.85 * len(rows))
    with plots.lesson_style():
        axes = figure.subplots()
    plots.digits_sheet(axes, np.concatenate(rows), len(rows[0]))
    for row, label in enumerate(labels):
        axes.text(-6, 14 + 30 * row, label, ha="right", va="center", fontsize=11)
    return figure


def distances_figure(checks: Mapping[str, MemorisationCheck]) -> Figure:
    """Return, for each check, how far samples and held-out real images are from their nearest."""
    figure = plots.new_figure(9.2, 2.7)
    with plots.lesson_style():
        axes = figure.subplots(1, len(checks), sharey=True, squeeze=False)[0]
    top = max(np.max([c.samples.max(), c.held_out.max()]) for c in checks.values())
    bins = np.linspace(0, top, 41)
    for a, (name, check) in zip(axes, checks.items(), strict=True):
        sets = (("new real digits", check.held_out, plots.REAL, "-"),)
        sets += (("samples", check.samples, plots.GENERATED, "--"),)
        for label, distances, colour, line in sets:
            share = np.full(len(distances), 1 / len(distances))
            style = {"bins": bins, "histtype": "step", "lw": 2, "color": colour, "ls": line}
            a.hist(distances, weights=share, label=label, **style)
        a.set(title=name, xlabel="distance to the nearest training image")
    axes[0].set_ylabel("share of the images")
    axes[0].legend()
    return figure


def lengths_figure(lengths: Mapping[str, np.ndarray]) -> Figure:
    """Return histograms of the lengths |z| of several sets of z."""
    figure = plots.new_figure(7.2, 2.7)
    with plots.lesson_style():
        axes = figure.subplots()
    styles = ((plots.GENERATED, "-"), ("#555555", "--"), (plots.DISCRIMINATOR, "-."))
    top = max(values.max() for values in lengths.values())
    for (name, values), (colour, line) in zip(lengths.items(), styles, strict=False):
        style = {"density": True, "histtype": "step", "color": colour, "ls": line, "lw": 2}
        axes.hist(values, np.linspace(0, top, 80), label=name, **style)
    axes.set(xlabel="length", ylabel="density", xlim=(0, top))
    axes.legend(loc="upper left")
    return figure
