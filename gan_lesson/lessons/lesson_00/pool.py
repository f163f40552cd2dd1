"""The answers of a whole class, pooled."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.lessons.lesson_00.board import LEARNER
from gan_lesson.lessons.lesson_00.forgeries import SOURCES, accuracy, calibration
from gan_lesson.lessons.lesson_00.game import COLUMNS
from gan_lesson.lessons.mathematics.bce import bce_from_probability


class PooledAnswers(NamedTuple):
    """The answers of several learners together.

    players: how many files. answers: how many answers. loss: mean log-loss in nats. accuracy:
    share right. d_loss, d_accuracy: the same for D on the same images. groups: as
    `forgeries.calibration`.
    """

    players: int
    answers: int
    loss: float
    accuracy: float
    d_loss: float
    d_accuracy: float
    groups: list[tuple[float, float, int]]

    def figure(self) -> Figure:
        """Return the class's calibration as a figure: dots on the diagonal are well calibrated."""
        figure = plots.new_figure(4.2, 3.9)
        with plots.lesson_style():
            axes = figure.subplots()
        axes.plot([0, 1], [0, 1], "--", color=plots.REFERENCE, linewidth=1)
        for p, share, count in self.groups:
            axes.plot(p, share, "o", color=LEARNER, markersize=9)
            axes.annotate(f"{count}", (p, share), xytext=(8, -10), textcoords="offset points")
        axes.set(xlim=(0, 1), ylim=(-0.03, 1.03), xlabel="stated P(real)")
        axes.set(ylabel="share that was real", title=f"{self.players} players")
        return figure

    def describe(self) -> str:
        """Return the scores in one sentence."""
        return (
            f"{self.players} players, {self.answers} answers: mean penalty {self.loss:.3f} nats, "
            f"{self.accuracy:.0%} right; D on the same images {self.d_loss:.3f} nats, "
            f"{self.d_accuracy:.0%} right."
        )


def pool_answers(paths: Iterable[str | Path]) -> PooledAnswers:
    """Put the answers of several learners together: one CSV of `export_answers` each.

    Penalties are computed anew from p and y, not believed.

    Args:
        paths: the files.

    Raises:
        ValueError: no file, no answer, or a line that no game wrote; names file and line.
        OSError: a file cannot be read.
    """
    paths = [Path(path) for path in paths]
    answers = [row for path in paths for row in _read_answers(path)]
    if not answers:
        raise ValueError(f"there are no answers in the {len(paths)} files of paths")
    p, y, d = np.array(answers).T
    return PooledAnswers(
        players=len(paths),
        answers=len(p),
        loss=float(bce_from_probability(p, y).mean()),
        accuracy=accuracy(p, y),
        d_loss=float(bce_from_probability(d, y).mean()),
        d_accuracy=accuracy(d, y),
        groups=calibration(p, y),
    )


def _read_answers(path: Path) -> list[tuple[float, float, float]]:
    """Return (p, y, D's probability) of each line of a file."""
    with open(path, newline="", encoding="utf-8-sig") as file:  # spreadsheets add a mark
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path.name}: the first line must be {','.join(COLUMNS)}")
        rows = []
        for row in reader:
            try:
                p, y, d = (float(row[key]) for key in "pyd")
                if not (0 < p < 1 and 0 < d < 1 and y == (row["source"] == SOURCES[0])):
                    raise ValueError
            except (TypeError, ValueError):
                raise ValueError(
                    f"{path.name}, line {reader.line_num}: this is no answer of the game"
                ) from None
            rows.append((p, y, d))
        return rows
