"""The table of confusions: what `diagnose` named first, of each judged run of the bank."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gan_lesson import checks, plots
from gan_lesson.diagnosis import WEIGHTS
from gan_lesson.lessons.lesson_10.tables import stored_table

BANK_FILE = "bank_confusion.csv"
# what `diagnose` had: in words, as the picture's title says it
GIVEN = {
    "curves": "the curves alone",
    "samples": "curves and samples",
    "networks": "curves, samples, D and G",
    "everything": "curves, samples, D, G and both optimisers",
}


def confusions(given: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the names of causes, and how often a run of cause i was first called j.

    Args:
        given: what `diagnose` had, one of `GIVEN`.

    Returns:
        The k names, health first, and counts of shape (k, k).

    Raises:
        ValueError: another name.
    """
    checks.one_of("given", given, tuple(GIVEN))
    table = stored_table(BANK_FILE)
    table = table[table["view"] == given]
    names = tuple(name for name in WEIGHTS if name in {*table["truth"], *table["said"]})
    place = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), int)
    at = table["truth"].map(place).to_numpy(), table["said"].map(place).to_numpy()
    np.add.at(counts, at, table["patients"].to_numpy())
    return names, counts


def confusion_figure(given: str = "curves") -> tuple[Figure, str]:
    """Draw the table of confusions; return it and its words, for `show_figure`.

    A row is a true cause, a column what was named first, a cell how many runs. Frames mark what is
    right.

    Args:
        given: what `diagnose` had, one of `GIVEN`.

    Raises:
        ValueError: another name.
    """
    names, counts = confusions(given)
    figure = plots.new_figure(10.5, 0.38 * len(names) + 2.7)
    with plots.lesson_style():
        axes = figure.subplots()
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(share, cmap="Greys", vmin=0, vmax=1.25, aspect="auto")
        for (row, column), n in np.ndenumerate(counts):
            if n:
                colour = "white" if share[row, column] > 0.6 else "black"
                axes.text(column, row, n, color=colour, ha="center", va="center", fontsize=12)
        for i in range(len(names)):
            frame = {"fill": False, "edgecolor": "black", "linewidth": 1.6, "clip_on": False}
            axes.add_patch(Rectangle((i - 0.5, i - 0.5), 1, 1, **frame))
        _name(axes, names, counts)
    title = f"given {GIVEN[given]}: {counts.trace()} of {counts.sum()} right"
    axes.set_title(title, loc="left", fontsize=13, pad=10)
    return figure, _in_words(given, names, counts)


def _name(axes, names: tuple[str, ...], counts: np.ndarray) -> None:
    """Name rows and columns, and write at the right how many of a row are right."""
    axes.set_yticks(range(len(names)), names, fontsize=12)
    axes.set_xticks(range(len(names)), names, fontsize=11, rotation=38, ha="right")
    axes.set_ylabel("true cause", fontsize=12)
    axes.set_xlabel("named first", fontsize=12)
    axes.grid(False)
    axes.tick_params(length=0)
    for i, row in enumerate(counts):
        told = f"{row[i]} of {row.sum()}"
        axes.annotate(told, (len(names) - 0.3, i), va="center", fontsize=11, annotation_clip=False)


def _in_words(given: str, names: tuple[str, ...], counts: np.ndarray) -> str:
    """Return what the table shows: how many are right, and the commonest confusions."""
    wrong = counts - np.diag(counts.diagonal())
    pairs = sorted(zip(*np.nonzero(wrong), strict=True), key=lambda at: -wrong[at])[:4]
    told = [f"{names[i]} called {names[j]}, {wrong[i, j]} times" for i, j in pairs]
    often = f" The commonest confusions: {'; '.join(told)}." if told else ""
    return (
        f"A table of {counts.sum()} runs, given {GIVEN[given]}: rows are true causes, columns what "
        f"was named first. {counts.trace()} are right.{often}"
    )
