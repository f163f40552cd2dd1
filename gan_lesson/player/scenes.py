"""Scenes: what a player shows of a trainer."""

from typing import Protocol

import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.trainer import Trainer


class Scene(Protocol):
    """What a player shows: artists made once, then moved to the trainer's present state."""

    size: tuple[float, float]

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make all artists on `figure`; return those that move, in drawing order."""

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Move the artists; return a one-sentence description, and whether axes changed."""


def up_to_date(scene: Scene, trainer: Trainer) -> tuple[str, bool]:
    """Return what `scene.update` does; of a run that diverged there may be nothing left to draw."""
    try:
        return scene.update(trainer)
    except ValueError:
        if not trainer.diverged:
            raise
        return f"{trainer.diverged} The picture is the last that could be drawn.", False


class CurvesScene:
    """D(x), D(G(z)) and both losses of any trainer, with their chance levels."""

    size = (9.0, 3.2)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the two axes and four lines."""
        with plots.lesson_style():
            axes_d, axes_loss = figure.subplots(1, 2)
            self._lines = plots.history_axes(axes_d, axes_loss, trainer.history)
        return self._lines

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Put the history on the lines."""
        changed = plots.update_history(self._lines, trainer.history)
        return plots.describe_history(trainer.history), changed


class DigitsScene:
    """A sheet of generated digits, always from the same z, beside the curves.

    Args:
        rows: digits down.
        columns: digits across.
        seed: start of the generator of the fixed z; independent of the training run.
    """

    size = (9.4, 4.2)

    def __init__(self, rows: int = 6, columns: int = 6, seed: int = 0):
        self.rows, self.columns, self.seed = rows, columns, seed

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the sheet on the left, D's answers and the losses on the right."""
        generator = torch.Generator().manual_seed(self.seed)
        self._z_fixed = trainer.G.sample_z(self.rows * self.columns, generator)
        with plots.lesson_style():
            boxes = figure.add_gridspec(2, 2, width_ratios=[1, 1.25])
            axes_digits = figure.add_subplot(boxes[:, 0])
            axes_d, axes_loss = (figure.add_subplot(boxes[i, 1]) for i in (0, 1))
            self._lines = plots.history_axes(axes_d, axes_loss, trainer.history)
        axes_d.set(xlabel="", xticklabels=[])
        self._sheet = plots.digits_sheet(axes_digits, self._images(trainer), self.columns)
        axes_digits.set_title("G(z) for 36 fixed z" if len(self._z_fixed) == 36 else "G(z)")
        return [self._sheet, *self._lines]

    def _images(self, trainer: Trainer):
        return tensor_to_images(trainer.sample(self._z_fixed))

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw the same z again with the present generator."""
        self._sheet.set_data(255 - plots.tile(self._images(trainer), self.columns, background=0))
        changed = plots.update_history(self._lines, trainer.history)
        n = len(self._z_fixed)
        return f"{n} generated digits. {plots.describe_history(trainer.history)}", changed
