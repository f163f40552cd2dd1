"""What lesson 06 shows: digits that a generator draws, and the curves of its training."""

import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.player import TrainingPlayer
from gan_lesson.training import Trainer


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


def digits_player(trainer: Trainer, preview_steps: int = 0) -> TrainingPlayer:
    """Return the player of lesson 06 for a trainer of 28 x 28 images in [-1, 1]."""
    return TrainingPlayer(trainer, DigitsScene(), preview_steps=preview_steps)
