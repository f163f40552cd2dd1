"""The player of lesson 13's translation: arrows from A to B in one plane, and the losses."""

import time

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import button, labelled, toggle_buttons
from gan_lesson.lessons.lesson_13.translation import (
    HELPS,
    kept_share,
    round_trip_error,
    translation_trainer,
)
from gan_lesson.live import is_headless
from gan_lesson.player import TrainingPlayer
from gan_lesson.trainer import Trainer

ANGLES = (45.0, 135.0)
SHOWN = 40  # points of A whose translation has an arrow
MARKS = ("o", "^")  # cats, dogs
KINDS = ("cats", "dogs")
DOMAIN_A = "#777777"
# What the four curves are called here: two translators in place of G, two judges in place of D.
NAMES = ("real points", "translations", "judges", "translators")


class TranslationScene:
    """Points of A, real points of B, and where T sends the points of A; beside it the losses."""

    size = (9.6, 4.3)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the plane on the left, the judges' answers and the losses on the right."""
        with plots.lesson_style():
            boxes = figure.add_gridspec(2, 2, width_ratios=[1.15, 1])
            plane = figure.add_subplot(boxes[:, 0])
            axes = [figure.add_subplot(boxes[i, 1]) for i in (0, 1)]
            self._curves = self._history(*axes, trainer)
            plane.set(xlim=(-3.6, 3.6), ylim=(-3.6, 3.6), aspect="equal")
            plane.set(xlabel="$x_1$ (units of the plane)", ylabel="$x_2$")
            self._real_a = self._dots(plane, DOMAIN_A, "A: ")
            self._real_b = self._dots(plane, plots.REAL, "B: ")
            self._arrows = plane.quiver(
                *np.zeros((4, SHOWN)), angles="xy", scale_units="xy", scale=1.0, width=0.003,
                color=plots.GENERATED, alpha=0.35,
            )  # fmt: skip
            self._translated = self._dots(plane, plots.GENERATED, "T(a): ")
            plane.legend(loc="lower left", bbox_to_anchor=(-0.12, 1.0), ncols=3, fontsize=9,
                         borderaxespad=0.2, columnspacing=0.9, handletextpad=0.2)  # fmt: skip
            self._told = plane.text(0, -3.5, "", ha="center", va="bottom", fontsize=10.5)
        self._place(trainer)
        moving = [*self._real_a, *self._real_b, self._arrows, *self._translated, self._told]
        return [*moving, *self._curves]

    def _history(self, answers, losses, trainer: Trainer) -> list[Artist]:
        """Return the lines of the judges' answers and of the losses, by their names here."""
        curves = plots.history_axes(answers, losses, trainer.history)
        named = [line for line in curves if line.get_gid().endswith("mean")]
        for line, name in zip(named, NAMES, strict=True):
            line.set_label(name)
        for axes in (answers, losses):
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        answers.set(xlabel="", xticklabels=[], ylabel="judges' answer")
        return curves

    def _dots(self, axes, colour: str, prefix: str) -> list[Artist]:
        """Return an empty line for the cats and one for the dogs."""
        return [
            axes.plot([], [], mark, color=colour, markersize=5, fillstyle="none" if prefix[0] == "B"
                      else "full", label=prefix + kind)[0]
            for mark, kind in zip(MARKS, KINDS, strict=True)
        ]  # fmt: skip

    def _place(self, trainer: Trainer) -> None:
        """Draw the points of both domains, which stay while one data set is played."""
        own = torch.Generator().manual_seed(0)
        data = self._data = trainer.data
        self._a, self._kinds = data.draw(SHOWN, own)
        b, kinds_b = data.draw(SHOWN, own)
        self._put(self._real_a, self._a, self._kinds)
        self._put(self._real_b, b @ data.turn, kinds_b)

    def _put(self, lines: list[Artist], points, kinds) -> None:
        for kind, line in enumerate(lines):
            line.set_data(*points[kinds == kind].T.numpy())

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Translate the same points again."""
        if trainer.data is not self._data:
            self._place(trainer)
        translated = trainer.sample(torch.cat([self._a, self._a], dim=1))[:, 2:]
        self._put(self._translated, translated, self._kinds)
        self._arrows.set_offsets(self._a.numpy())
        self._arrows.set_UVC(*(translated - self._a).T.numpy())
        changed = plots.update_history(self._curves, trainer.history)
        self.kept = kept_share(trainer.G_ema.net.T, trainer.data)
        self.error = round_trip_error(trainer)
        self._told.set_text(f"round trip off by {self.error:.2f}, {self.kept:.0%} keep their kind")
        return (
            "Cats and dogs of domain A, those of domain B, and lines from each point of A to its "
            f"translation. {self.kept:.0%} of the points keep their kind, and the round trip is "
            f"off by {self.error:.2f}. {self._described(trainer)}",
            changed,
        )

    def _described(self, trainer: Trainer) -> str:
        """Return one sentence that says where the curves stand."""
        last = trainer.history.last
        if last is None:
            return "No step has been taken, and the curves are empty."
        numbers = (last.d_real, last.d_fake, last.loss_d, last.loss_g)
        told = ", ".join(f"{name} {x:.2f}" for name, x in zip(NAMES, numbers, strict=True))
        return f"Curves after step {last.step:,}, answers of the judges and losses: {told}."


class TranslationPlayer(TrainingPlayer):
    """A player of CycleGAN in the plane; another angle, help or start restarts it.

    Args:
        angle: how far B is turned against A, degrees.
        help: what helps T and S, one of `HELPS`.
        seed: start of the weights and of the run.
        preview_steps: as in `TrainingPlayer`.
    """

    def __init__(
        self,
        angle: float = 45.0,
        help: str = "nothing",
        seed: int = 0,
        preview_steps: int = 0,
    ):
        self.seed, self._given = seed, (float(angle), help)
        trainer = translation_trainer(angle, help, seed)
        super().__init__(trainer, TranslationScene(), preview_steps=preview_steps)

    def _make_controls(self) -> None:
        super()._make_controls()
        angle, help = self._given
        self.help = toggle_buttons(list(HELPS), help)
        angles = [(f"{a:g}°", a) for a in sorted({*ANGLES, angle})]
        self.angle = toggle_buttons(angles, angle, width=64)
        self.new_start = button("New start")
        self.help.observe(lambda _: self._restart(), "value")
        self.angle.observe(lambda _: self._restart(), "value")
        self.new_start.on_click(lambda _: self._restart(self.seed + 1))
        rows = [labelled("help", self.help), labelled("B is turned by", self.angle)]
        rows[1].children[0].layout.width = "110px"
        rows[1].children = (*rows[1].children, self.new_start)
        self.widget.children = (*rows, *self.widget.children)

    def _restart(self, seed: int | None = None) -> None:
        """Begin again at step 0, with the chosen angle, help and seed."""
        self.seed = self.seed if seed is None else seed
        with self.panel.lock:
            self.trainer = translation_trainer(self.angle.value, self.help.value, self.seed)
            self._rate = (time.monotonic(), 0, 0.0)
            self._after_training()

    def _numbers(self) -> str:
        last, start = self.trainer.history.last, f"start {self.seed}, help: {self.help.value}"
        if last is None:
            return f"Step 0, {start}. Nothing is trained yet. Press ▶."
        text = (
            f"Step {last.step:,}, {start} · round trip off by {self.scene.error:.2f} · judges' "
            f"loss {last.loss_d:.2f} (chance: log 4 = 1.39) · {self.scene.kept:.0%} keep their kind"
        )
        return text if is_headless() else f"{text} · {self._steps_a_second():.0f} steps/s"
