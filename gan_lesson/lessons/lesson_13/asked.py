"""The player of lesson 13's conditional GAN: ten columns, one for each digit that is asked for."""

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.conditional import images_of
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.kit.column_answers import ColumnAnswers
from gan_lesson.live import is_headless
from gan_lesson.metrics import load_classifier
from gan_lesson.player import TrainingPlayer
from gan_lesson.shelter import same_arithmetic
from gan_lesson.trainer import Trainer

ROWS = 7
EACH = 50  # digits of each class behind the bars
SCORE_EVERY = 80  # steps from one count to the next: counting takes as long as several of them


@torch.no_grad()
def read_as_asked(G, each: int = EACH, seed: int = 1) -> np.ndarray:
    """Return for each digit the share of G's images that are read as the digit asked for, (10,).

    Args:
        G: a conditional generator, in evaluation mode.
        each: how many images of each digit.
        seed: start of their noise.
    """
    asked = torch.arange(10).repeat_interleave(each)
    classifier = load_classifier()
    with same_arithmetic(threads=1):
        x = G.draw(asked, torch.Generator().manual_seed(seed))
        read = torch.cat([classifier(part).argmax(dim=1) for part in x.split(500)])
    return (read == asked).view(10, each).double().mean(dim=1).numpy()


class AskedScene:
    """Seven images of each digit asked for, a row for each noise; D's answers; shares as asked."""

    size = (9.6, 3.9)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the sheet on the left and the bars on the right."""
        asked = torch.arange(10).repeat(ROWS)
        z, n = trainer.G.asked(asked, torch.Generator().manual_seed(0)), trainer.G.noise_dim
        z[:, :n] = z[::10, :n].repeat_interleave(10, dim=0)  # a row of the sheet has one noise
        self._z_fixed = z
        self._scored_at, self.shares = trainer.step, read_as_asked(trainer.G_ema)
        with plots.lesson_style():
            sheet, axes = figure.subplots(1, 2, width_ratios=[1.5, 1])
            images = self._images(trainer.sample(self._z_fixed))
            self._sheet = plots.digits_sheet(sheet, images, 10)
            sheet.set_title("the digit that is asked for", fontsize=11, pad=26)
            for digit in range(10):
                sheet.text(13.5 + 30 * digit, -6, str(digit), ha="center", va="bottom", fontsize=11)
            self._answers = ColumnAnswers(sheet, 10, ROWS, "D", fontsize=9, places=3)
            self._bars = list(axes.bar(range(10), self.shares, color=plots.GENERATED, width=0.7))
            axes.set(xticks=range(10), ylim=(0, 1.02), xlim=(-0.6, 9.6))
            axes.set_xlabel("digit that is asked for")
            axes.set_ylabel("share read as asked")
            axes.axhline(0.1, color="#333333", linewidth=1.2, linestyle="--", label="chance, 0.1")
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), borderaxespad=0.2)
        return [self._sheet, *self._bars, *self._answers.texts]

    @staticmethod
    def _images(drawn: torch.Tensor) -> np.ndarray:
        return tensor_to_images(images_of(drawn))

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw the same z again; count anew where the last count is old."""
        if trainer.step < self._scored_at or trainer.step - self._scored_at >= SCORE_EVERY:
            self._scored_at, self.shares = trainer.step, read_as_asked(trainer.G_ema)
        drawn = trainer.sample(self._z_fixed)
        self._sheet.set_data(255 - plots.tile(self._images(drawn), 10, background=0))
        self._answers.update(trainer, drawn)
        for bar, share in zip(self._bars, self.shares, strict=True):
            bar.set_height(share)
        worst = int(self.shares.argmin())
        return (
            f"Seven images for each of the ten digits asked for, after step {trainer.step:,}, D's "
            f"mean answer to each column, and bars of how many are read as asked: "
            f"{self.shares.mean():.0%} in all, the {worst} least often, {self.shares[worst]:.0%}.",
            False,
        )


class AskedPlayer(TrainingPlayer):
    """A player of a conditional GAN, of `recipes.conditional_trainer`.

    Args:
        trainer: the run.
        preview_steps: as in `TrainingPlayer`.
    """

    def __init__(self, trainer: Trainer, preview_steps: int = 0):
        super().__init__(trainer, AskedScene(), preview_steps=preview_steps)

    def _numbers(self) -> str:
        last, shares = self.trainer.history.last, self.scene.shares
        if last is None:
            return "Step 0: nothing is trained yet. Press ▶."
        text = (
            f"Step {last.step:,} · {shares.mean():.0%} read as asked, least often the "
            f"{int(shares.argmin())} ({shares.min():.0%}) · D(x, y) = {last.d_real:.2f} · "
            f"D(G(z, y), y) = {last.d_fake:.2f}"
        )
        return text if is_headless() else f"{text} · {self._steps_a_second():.0f} steps/s"
