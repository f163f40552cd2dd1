"""Pages: each test of the ward drawn on an empty figure, and told in words.

A page is a function (found, figure) from an `Examination` and an empty Matplotlib figure to the
sentences that say what is seen.
"""

import numpy as np
import torch
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.data import images_to_tensor, load_digits, tensor_to_images
from gan_lesson.lessons.lesson_10.examinations import Examination
from gan_lesson.lessons.lesson_10.pictures import LEGEND, scatter
from gan_lesson.lessons.lesson_10.recorded import N_SHEET, load_clinic_runs

# places of axes in the ward's figure: two beside each other, one, one with long names at its left
WIDE = {"left": 0.085, "right": 0.985, "bottom": 0.155, "top": 0.87, "wspace": 0.2}
ONE = {"left": 0.085, "right": 0.985, "bottom": 0.155, "top": 0.91}
NAMED = {**ONE, "left": 0.24}
SHEETS = {"left": 0.02, "right": 0.98, "bottom": 0.07, "top": 0.91, "wspace": 0.06, "hspace": 0.4}


def draw_curves(found: Examination, figure: Figure) -> str:
    """Draw D(x), D(G(z)) and the losses."""
    axes, history = figure.subplots(1, 2, gridspec_kw=WIDE), found.history
    plots.update_history(plots.history_axes(*axes, history), history)
    told = f"A strong line is the mean of {max(1, len(history) // 50)} turns."
    return f"{plots.describe_history(history)} {told}"


def draw_points(found: Examination, figure: Figure) -> str:
    """Draw real and generated samples in the plane, or on a line."""
    axes = figure.subplots(gridspec_kw=ONE)
    scatter(axes, found.real, found.fake)
    if found.real.shape[1] > 1:
        axes.set_aspect("equal")
    axes.set_title("blue dots: real, as D gets them; orange crosses: generated")
    (low, high), (least, most) = found.spans
    return (
        f"Real numbers lie in [{low:.2f}, {high:.2f}], generated ones in [{least:.2f}, {most:.2f}]."
    ).replace("-", "−")


def draw_sheets(found: Examination, figure: Figure) -> str:
    """Draw a sheet of real digits beside one of generated ones."""
    left, right = figure.subplots(1, 2, gridspec_kw=SHEETS)
    sheet = tensor_to_images(found.fake[:N_SHEET])
    real = tensor_to_images(load_digits().train.images[:N_SHEET])
    plots.digits_sheet(left, real, 6, "real digits")
    plots.digits_sheet(right, sheet, 6, "generated")
    (low, high), (least, most) = found.spans
    return (
        f"Real numbers, as D gets them, lie in [{low:.2f}, {high:.2f}], generated ones in "
        f"[{least:.2f}, {most:.2f}]. Pixel distance between two images, median: real digits "
        f"{apart(real):.1f}, samples {apart(sheet):.1f}."
    ).replace("-", "−")


def apart(images: np.ndarray) -> float:
    """Return the median distance between two of these images, pixels from -1 to 1."""
    return float(torch.pdist(images_to_tensor(images).flatten(1)).median())


def draw_modes(found: Examination, figure: Figure) -> str:
    """Draw the share of samples at each mode of a mixture."""
    shares, k = found.shares, len(found.shares) - 1
    _draw_bars(figure, shares, [*(str(i + 1) for i in range(k)), "elsewhere"], k)
    figure.axes[0].set_xlabel("mode (within 3 sd)")
    fair = int((shares[:-1] >= fair_share(k)).sum())
    return (
        f"{fair} of {k} modes have a fair share, {fair_share(k):.1%} of the samples or more. "
        f"{1 - shares[-1]:.0%} of the samples lie at a mode, the others elsewhere; the "
        f"largest share of one mode is {shares[:-1].max():.0%}."
    )


def draw_classes(found: Examination, figure: Figure) -> str:
    """Draw the share of samples that the classifier takes for each digit."""
    shares = found.shares
    _draw_bars(figure, shares, list("0123456789"), 10)
    figure.axes[0].set_xlabel("digit, as the classifier of lesson 06 names it")
    return (
        f"{(shares >= fair_share(10)).sum()} of 10 digits have a fair share, "
        f"{fair_share(10):.0%} of the samples or more. The largest share is {shares.max():.0%}. "
        "The classifier must name a digit even where there is none."
    )


def fair_share(k: int) -> float:
    """Return the share of samples that a mode of k needs: a fifth of an equal share."""
    return 1 / (5 * k)


def _draw_bars(figure: Figure, shares: np.ndarray, names: list[str], k: int) -> None:
    """Draw the share of samples at each of k places, and at what comes after them."""
    axes = figure.subplots(gridspec_kw=ONE)
    axes.bar(range(len(shares)), shares, color=plots.GENERATED, width=0.6)
    axes.hlines(1 / k, -0.4, k - 0.6, color=plots.REAL, linewidth=2)
    axes.hlines(fair_share(k), -0.4, k - 0.6, color=plots.REAL, linewidth=2, linestyle=":")
    axes.set_xticks(range(len(shares)), names)
    axes.set(ylabel="share of samples", ylim=(0, 1.02))
    axes.set_title("bars: generated; blue line: an equal share; dotted line: the fair share")


def draw_nearest(found: Examination, figure: Figure) -> str:
    """Draw samples above the training digits nearest to them, and new digits above theirs."""
    digits, runs = load_digits(), load_clinic_runs()
    n, new_digits = len(runs.held_out_nearest), runs.held_out_distances
    medians = []
    for axes, title, images, index, distance in zip(
        figure.subplots(2, 1, gridspec_kw=SHEETS),
        (
            "samples of G, below them the nearest training digits",
            "new real digits, below them the nearest training digits",
        ),
        (found.fake[:n], digits.test.images[:n]),
        (found.nearest.index[:n], runs.held_out_nearest),
        (found.nearest.distance, new_digits),
        strict=True,
    ):
        both = [tensor_to_images(x) for x in (images, digits.train.images[index])]
        plots.digits_sheet(axes, np.concatenate(both), n, title)
        for i in range(n):
            axes.text(30 * i + 13.5, 63, f"{distance[i]:.1f}", ha="center", va="top")
        medians.append(np.median(distance))
    closer = np.mean(found.nearest.distance[:, None] < new_digits)
    return (
        f"Pixel distance from the nearest training digit, median of {len(found.nearest.distance)}: "
        f"samples {medians[0]:.1f}, new real digits {medians[1]:.1f}. A sample is nearer than a "
        f"new digit in {closer:.0%} of all comparisons. A copy would be nearer in all."
    )


def draw_answers(found: Examination, figure: Figure) -> str:
    """Draw how D's probabilities for single samples are spread."""
    axes, edges = figure.subplots(gridspec_kw=ONE), np.linspace(0, 1, 41)
    means = []
    roles = (plots.REAL, "D(x), real"), (plots.GENERATED, "D(G(z)), generated")
    for d, (colour, name) in zip(found.answers, roles, strict=True):
        share = np.histogram(d, edges)[0] / len(d)
        axes.stairs(share, edges, fill=True, color=colour, alpha=0.55, label=name)
        means.append(d.mean())
    axes.set(xlabel="D's probability that a sample is real", ylabel="share of samples",
             ylim=(0, 1.02))  # fmt: skip
    axes.legend(**LEGEND)
    return f"The mean of D(x) is {means[0]:.3f}, that of D(G(z)) {means[1]:.3f}."


def draw_gradients(found: Examination, figure: Figure) -> str:
    """Draw the norms of the stored and of fresh gradients, layer by layer."""
    # not shared: Matplotlib 3.10 warns when shared logarithmic axes are cleared
    all_axes = figure.subplots(1, 2, gridspec_kw=WIDE)
    told = []
    for axes, (name, (stored, fresh)) in zip(all_axes, found.gradients.items(), strict=True):
        _draw_norms(axes, name, stored, fresh)
        told.append(f"{name}: stored {_whole(stored)}, fresh {_whole(fresh)}")
    all_axes[0].set_ylabel("norm of the gradient")
    all_axes[1].tick_params(labelleft=False)
    size = max(max(sizes) for sizes in found.weights.values())
    return (
        f"Gradients, {'; '.join(told)}. The largest layer has weights {size:.1f} times the "
        "usual starting size."
    )


def _draw_norms(axes, player: str, stored: np.ndarray, fresh: np.ndarray) -> None:
    """Draw one player's bars on a logarithmic axis; what is below it gets the digit 0."""
    floor, at = 1e-8, np.arange(len(stored))
    colour = plots.GENERATED if player == "G" else plots.DISCRIMINATOR
    for norms, place, paint, label in (
        (stored, at - 0.2, "#8A8A8A", "stored in .grad"),
        (fresh, at + 0.2, colour, "fresh batch"),
    ):
        axes.bar(place, np.maximum(norms, floor), 0.38, color=paint, label=label)
        for x in place[norms < floor]:
            axes.text(x, 1.5 * floor, "0", ha="center", va="bottom")
    axes.set(yscale="log", ylim=(floor, 1e4), xlabel=f"layer of {player}")
    axes.set_xticks(at, [str(i + 1) for i in at])
    axes.set_yticks([1e-8, 1e-4, 1, 1e4], ["1e−8", "1e−4", "1", "1e4"], minor=False)
    axes.minorticks_off()
    axes.legend(**LEGEND)


def _whole(norms: np.ndarray) -> str:
    """Return the size of a whole gradient in words; exactly nothing is said to be so."""
    whole = float(np.linalg.norm(norms))
    return f"{whole:.2g}" if whole else "exactly 0"


def draw_best_response(found: Examination, figure: Figure) -> str:
    """Draw D's honest loss above that of a new D on the same samples."""
    axes, (own, best) = figure.subplots(gridspec_kw=NAMED), found.best
    shown = [min(v, 5.0) for v in (own, best)]
    green = plots.DISCRIMINATOR
    axes.barh([1, 0], shown, color=[green, "#99d0bd"], edgecolor=green, height=0.5)
    for y, value in zip((1, 0), (own, best), strict=True):
        axes.text(min(value, 5.0) + 0.05, y, f"{value:.3f}", va="center")
    axes.axvline(np.log(4), color=plots.REFERENCE, linestyle="--", linewidth=1)
    axes.text(np.log(4), 1.45, " log 4 = 1.386", va="center", color="#555555")
    axes.set_yticks([1, 0], ["the patient's D", "a new D, trained\non these samples"])
    axes.set(xlim=(0, 5.6), ylim=(-0.5, 1.65), xlabel="−V on the same samples (nats)")
    return (
        f"Computed from D's answers, −V is {own:.3f} nats. A new D reaches {best:.3f} nats. "
        "Chance is 1.386 nats."
    )


def draw_one_step(found: Examination, figure: Figure) -> str:
    """Write down what one turn prints."""
    axes, lines = figure.subplots(gridspec_kw=ONE), found.step_report
    axes.set_axis_off()
    axes.text(0.0, 1.0, "\n".join(lines), family="monospace", fontsize=13, va="top",
              linespacing=1.7)  # fmt: skip
    return " · ".join(" ".join(line.split()) for line in lines) + "."
