"""The player of lesson 12: a generator with styles learns, with or without mixed images."""

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.kit.controls import labelled, toggle_buttons
from gan_lesson.live import is_headless
from gan_lesson.player import DigitsScene, TrainingPlayer
from gan_lesson.trainer import Trainer

SHARES = (0.0, 0.5, 0.9)


def z_for_each_layer(z: torch.Tensor, other: torch.Tensor, begins: int = 1) -> torch.Tensor:
    """Return a row of z for each of three layers: `other` from layer `begins` on, 0 to 3.

    Args:
        z: shape (n, latent_dim).
        other: as z.
        begins: the first layer that takes the other z.

    Returns:
        Shape (n, 3, latent_dim), as `StyleGenerator` takes it.
    """
    return torch.stack([z if layer < begins else other for layer in range(3)], dim=1)


class MixedScene(DigitsScene):
    """Three rows of digits of one z each, three of two z each, beside the curves."""

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the sheet and the curves; the lower half of the sheet takes its z from two."""
        moving = super().setup(figure, trainer)
        half = len(self._z_fixed) // 2
        one = self._z_fixed[:half]
        rows = one, z_for_each_layer(one, self._z_fixed[half:])
        self._z_fixed = torch.cat([rows[0][:, None].expand_as(rows[1]), rows[1]])
        axes = self._sheet.axes
        axes.set_title("")
        for number, name in enumerate(("one z", "two z")):
            axes.text(-4, 45 + 90 * number, name, rotation=90, ha="right", va="center",
                      fontsize=11, color=plots.in_words(plots.GENERATED))  # fmt: skip
        rule = axes.axhline(88.5, color="#333333", linewidth=1.2)
        return [*moving, rule]  # drawn after the sheet, which would hide it

    def _images(self, trainer: Trainer) -> np.ndarray:
        return tensor_to_images(trainer.sample(self._z_fixed))


class StylePlayer(TrainingPlayer):
    """A player whose buttons set the share of images that are mixed while G learns.

    Args:
        trainer: the run, of `recipes.style_trainer`.
        preview_steps: as in `TrainingPlayer`.
    """

    def __init__(self, trainer: Trainer, preview_steps: int = 0):
        super().__init__(trainer, MixedScene(), preview_steps=preview_steps)

    def _make_controls(self) -> None:
        super()._make_controls()
        given = self.trainer.turn.mixing
        options = [(f"{share:g}", share) for share in sorted({*SHARES, given})]
        self.mixing = toggle_buttons(options, given, width=64)
        self.mixing.observe(self._mix, "value")
        row = labelled("share mixed", self.mixing)
        row.children[0].layout.width = "110px"
        self.widget.children = (self.widget.children[0], row, *self.widget.children[1:])

    def _mix(self, change) -> None:
        """Take the share that the buttons show; it counts from the next step on."""
        with self.panel.lock, self.trainer.lock:
            self.trainer.turn.mixing = change["new"]
            self._tell(self._numbers())

    def _numbers(self) -> str:
        share = f"share mixed {self.trainer.turn.mixing:g}"
        last = self.trainer.history.last
        if last is None:
            return f"Step 0, {share}: nothing has been learnt yet. Press ▶."
        text = f"Step {last.step:,} · {share} · D(x) = {last.d_real:.2f} · "
        text += f"D(G(z)) = {last.d_fake:.2f}"
        return text if is_headless() else f"{text} · {self._steps_a_second():.0f} steps/s"
