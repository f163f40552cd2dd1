"""D's mean answer to each column of a sheet of digits, written below it.

A sheet shows what G draws, and nothing of it changes when D alone moves.
"""

import torch
from matplotlib.axes import Axes
from matplotlib.text import Text
from torch import Tensor

from gan_lesson import plots
from gan_lesson.shelter import same_arithmetic
from gan_lesson.trainer import Trainer

_PITCH = 30  # pixels from one digit of a sheet to the next: 28 and a gap of 2


class ColumnAnswers:
    """A green number below each column of a sheet of 28 x 28 digits.

    Args:
        axes: those of the sheet, as `plots.digits_sheet` leaves them.
        columns: columns of the sheet.
        rows: rows of the sheet.
        name: what the numbers are, written on their left.
        fontsize: of the numbers, points.
        places: of the numbers behind the point.
    """

    def __init__(
        self,
        axes: Axes,
        columns: int,
        rows: int,
        name: str,
        fontsize: float = 10,
        places: int = 2,
    ):
        self._form = f".{places}f"
        below = _PITCH * rows + 4
        style = {"va": "top", "fontsize": fontsize, "color": plots.in_words(plots.DISCRIMINATOR)}
        axes.text(-3, below, name, ha="right", **style)
        self.texts: list[Text] = [
            axes.text(13.5 + _PITCH * column, below, "", ha="center", **style)
            for column in range(columns)
        ]

    def update(self, trainer: Trainer, x: Tensor) -> None:
        """Write the answers of the trainer's D to `x`.

        Args:
            trainer: the run, whose D keeps nothing of what it is asked (spectral norm does).
            x: what D judges, row after row of the sheet, shape (rows * columns, ...).
        """
        with torch.no_grad(), trainer.lock, same_arithmetic(trainer.threads):
            answers = trainer.D(x).view(-1, len(self.texts)).mean(dim=0)
        for text, answer in zip(self.texts, answers.tolist(), strict=True):
            text.set_text(format(answer, self._form))
