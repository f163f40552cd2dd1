"""The player of lesson 11: G learns to restore digits, and its dot walks on the plane."""

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.lessons.kit.column_answers import ColumnAnswers
from gan_lesson.lessons.kit.controls import labelled, toggle_buttons
from gan_lesson.lessons.lesson_11.plane import draw_plane
from gan_lesson.live import is_headless
from gan_lesson.metrics import digit_distance, psnr
from gan_lesson.player import TrainingPlayer
from gan_lesson.super_resolution import SuperResolutionTrainer, enlarge, shrink

WEIGHTS = (0.0, 0.01, 0.1, 1.0)
SCORED = 500  # test digits behind the dot
NEAR = (16.2, 20.8), (9, 200)  # PSNR and Fréchet distance in view of a run from a trained G
SCORE_EVERY = 60  # steps from one score to the next: scoring takes as long as five of them


class RestorationScene:
    """Six test digits as G restores them, D's answers, and the path of 500 on the plane so far."""

    size = (9.6, 4.0)
    columns, gap = 6, 2

    def setup(self, figure: Figure, trainer: SuperResolutionTrainer) -> list[Artist]:
        """Make the sheet on the left and the plane on the right."""
        test = load_digits().test.images
        self._x = test[: 4 * SCORED : 4]
        self._y = shrink(self._x)
        self.floor = digit_distance(self._x)
        self.path = {trainer.step: self._score(trainer)}  # {step: (PSNR, Fréchet distance)}
        self._last_step = trainer.step
        with plots.lesson_style():
            sheet, plane = figure.subplots(1, 2, width_ratios=[1.3, 1])
            restored = trainer.restore(self._y[: self.columns])
            self._sheet = plots.digits_sheet(sheet, self._images(restored), self.columns)
            rows = (("given", "#333333"), ("G's", plots.GENERATED), ("original", plots.REAL))
            for number, (name, colour) in enumerate(rows):
                sheet.text(-3, 14 + 30 * number, name, ha="right", va="center", fontsize=11,
                           color=plots.in_words(colour))  # fmt: skip
            self._answers = ColumnAnswers(sheet, self.columns, len(rows), "D(x̂)")
            draw_plane(plane, self.floor)
            if self.path[trainer.step][1] < NEAR[1][1]:  # a trained G walks in a corner of it
                plane.set(xlim=NEAR[0], ylim=NEAR[1])
            (self._trail,) = plane.plot(
                [], [], ".-", color=plots.GENERATED, linewidth=1.4, markersize=5
            )
            (self._dot,) = plane.plot(
                [], [], "o", color=plots.GENERATED, markersize=11, markeredgecolor="white"
            )
        return [self._sheet, self._trail, self._dot, *self._answers.texts]

    @property
    def now(self) -> tuple[float, float]:
        """PSNR and Fréchet distance when they were computed last."""
        return self.path[max(self.path)]

    def update(self, trainer: SuperResolutionTrainer) -> tuple[str, bool]:
        """Restore the same digits again; score them where the last score is old."""
        step = trainer.step
        if step < self._last_step:  # the run was rewound: what came later is another future
            self.path = {at: scores for at, scores in self.path.items() if at <= step}
        if not self.path or step - max(self.path) >= SCORE_EVERY:
            self.path[step] = self._score(trainer)
        self._last_step = step
        restored = trainer.restore(self._y[: self.columns])
        sheet = plots.tile(self._images(restored), self.columns, gap=self.gap, background=0)
        self._sheet.set_data(255 - sheet)
        self._answers.update(trainer, restored)
        walked = np.array([self.path[at] for at in sorted(self.path)]).T
        self._trail.set_data(*walked)
        self._dot.set_data(walked[0, -1:], walked[1, -1:])
        return (
            f"Six digits, given, restored by G after step {step:,}, and original, and D's answers "
            f"to the restored ones; beside them G's path on the plane, now at PSNR "
            f"{self.now[0]:.1f} dB and Fréchet distance {self.now[1]:.0f}.",
            False,
        )

    def _score(self, trainer: SuperResolutionTrainer) -> tuple[float, float]:
        x_hat = trainer.restore(self._y)
        return float(psnr(self._x, x_hat, 2).mean()), digit_distance(x_hat)

    def _images(self, restored: torch.Tensor) -> np.ndarray:
        rows = (enlarge(self._y[: self.columns]), restored, self._x[: self.columns])
        return tensor_to_images(torch.cat(rows))


class SuperResolutionPlayer(TrainingPlayer):
    """A player whose buttons set the weight of the adversarial loss while G learns.

    Args:
        trainer: the run, of `recipes.super_resolution_trainer`.
        preview_steps: as in `TrainingPlayer`.
    """

    trainer: SuperResolutionTrainer

    def __init__(self, trainer: SuperResolutionTrainer, preview_steps: int = 0):
        super().__init__(trainer, RestorationScene(), preview_steps=preview_steps)

    def _make_controls(self) -> None:
        super()._make_controls()
        given = self.trainer.adversarial_weight
        options = [(f"{weight:g}", weight) for weight in sorted({*WEIGHTS, given})]
        self.weight = toggle_buttons(options, given, width=64)
        self.weight.observe(self._weigh, "value")
        row = labelled("adversarial weight", self.weight)
        row.children[0].layout.width = "150px"
        self.widget.children = (self.widget.children[0], row, *self.widget.children[1:])

    def _weigh(self, change) -> None:
        """Take the weight that the buttons show; it counts from the next step on."""
        with self.panel.lock, self.trainer.lock:
            self.trainer.adversarial_weight = change["new"]
            self._tell(self._numbers())

    def _numbers(self) -> str:
        weight = f"adversarial weight {self.trainer.adversarial_weight:g}"
        last = self.trainer.history.last
        if last is None:
            return f"Step 0, {weight}: D has not moved yet. Press ▶."
        psnr_now, distance = self.scene.now
        text = (
            f"Step {last.step:,} · {weight} · PSNR {psnr_now:.1f} dB · Fréchet distance "
            f"{distance:.0f} (originals {self.scene.floor:.0f}) · D(x) = {last.d_real:.2f} · "
            f"D(x̂) = {last.d_fake:.2f}"
        )
        return text if is_headless() else f"{text} · {self._steps_a_second():.0f} steps/s"
