"""Lesson 15's player: one game after the other on the wide ring, with or without a penalty."""

import math
import time

import ipywidgets as widgets
import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import checks, plots
from gan_lesson.data import ring
from gan_lesson.lessons.kit.controls import labelled, sentence_html, toggle_buttons
from gan_lesson.lessons.lesson_15.recorded import PLAYED
from gan_lesson.metrics import mode_scores
from gan_lesson.player import TrainingPlayer
from gan_lesson.player.plane import PlaneScene
from gan_lesson.recipes import plain_trainer
from gan_lesson.trainer import Trainer

SETTINGS = {"batch_size": 100, "lr_d": 2e-3, "lr_g": 2e-3, "width": 32}  # as in the table
PENALTIES = {
    "none": {},
    "R1 + R2": {"r1_gamma": 0.03, "r2_gamma": 0.03},
    "GP, λ = 1": {"gp_weight": 1.0},
    "GP, λ = 0.1": {"gp_weight": 0.1},
}
D_STEPS = {"1 step of D": 1, "5 steps of D": 5}
SHORT_NAMES = dict(
    zip(
        PLAYED,
        ("logistic", "least squares", "hinge", "Wasserstein", "relativistic"),
        strict=True,
    )
)
N_SCORED = 2500


class GamesScene(PlaneScene):
    """The plane, and beside it D's answers and both losses with the game's chance levels."""

    size = (9.4, 4.9)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the plane on the left, the curves on the right."""
        with plots.lesson_style():
            boxes = figure.add_gridspec(2, 2, width_ratios=[1.15, 1])
            moving = self._plane(figure.add_subplot(boxes[:, 0]), trainer)
            axes_d, axes_loss = (figure.add_subplot(boxes[i, 1]) for i in (0, 1))
            self._curves = plots.history_axes(axes_d, axes_loss, trainer.history)
        axes_d.set(xlabel="", xticklabels=[])
        return [*moving, *self._curves]

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw the plane and the curves so far."""
        told, changed = super().update(trainer)
        changed = plots.update_history(self._curves, trainer.history) or changed
        return f"{told} Beside it: {plots.describe_history(trainer.history)}", changed


class GamesPlayer(TrainingPlayer):
    """A player of the five games on the wide ring; another choice restarts the run.

    Networks, batch, rates and start are the same in every game: those of the lesson's table.

    Args:
        game: one of `PLAYED`.
        penalty: one of `PENALTIES`.
        d_steps: steps of D in a turn, 1 or 5.
        seed: start of all random numbers.
        preview_steps: as in `TrainingPlayer`.

    Raises:
        ValueError: an unknown name.
    """

    seconds_between_scores = 0.5

    def __init__(
        self,
        game: str = "non_saturating",
        penalty: str = "none",
        d_steps: int = 1,
        seed: int = 0,
        preview_steps: int = 0,
    ):
        checks.one_of("game", game, PLAYED)
        checks.one_of("penalty", penalty, tuple(PENALTIES))
        checks.one_of("d_steps", d_steps, tuple(D_STEPS.values()))
        self.seed, self._data = seed, ring(sd=0.05)
        self._scored_at, self._found = -math.inf, ""
        self.game = toggle_buttons([(SHORT_NAMES[name], name) for name in PLAYED], game)
        self.penalty = toggle_buttons(list(PENALTIES), penalty)
        self.d_steps = toggle_buttons(list(D_STEPS.items()), d_steps)
        super().__init__(self._new_trainer(), GamesScene(), preview_steps=preview_steps)
        controls = {"game": self.game, "added to D": self.penalty, "in a turn": self.d_steps}
        self.notice = widgets.HTML()
        for control in controls.values():
            control.observe(lambda _: self._restart(), "value")
        rows = [labelled(name, control) for name, control in controls.items()]
        self.widget.children = [*rows, self.notice, *self.widget.children]

    def _new_trainer(self) -> Trainer:
        """Return the chosen game at step 0."""
        settings = dict(PENALTIES[self.penalty.value])
        weight = settings.pop("gp_weight", 0.0)
        settings |= {**SETTINGS, "loss": self.game.value, "d_steps": self.d_steps.value}
        trainer = plain_trainer(self._data, self.seed, **settings)
        trainer.gp_weight = weight
        return trainer

    def _restart(self) -> None:
        """Begin again at step 0 with what is chosen, on axes of that game."""
        with self.panel.lock:
            self.trainer, self.scene = self._new_trainer(), GamesScene()
            self.panel.start_over()
            self.panel.moving(self.scene.setup(self.panel.figure, self.trainer))
            self._rate = (time.monotonic(), 0, 0.0)
            self._scored_at = -math.inf
            self._after_training()
        n = self.d_steps.value
        self.notice.value = sentence_html(
            f"Restarted at step 0: {SHORT_NAMES[self.game.value]}, penalty: {self.penalty.value}, "
            f"{n} step{'s' if n > 1 else ''} of D in a turn, seed {self.seed}."
        )

    def _numbers(self) -> str:
        """Return the player's numbers, and what G has learnt, counted every half second."""
        if time.monotonic() - self._scored_at >= self.seconds_between_scores:
            self._scored_at, self._found = time.monotonic(), self._score()
        return f"{super()._numbers()} · {self._found}"

    def _score(self) -> str:
        z = self.trainer.G.sample_z(N_SCORED, torch.Generator().manual_seed(2))
        x = self.trainer.sample(z, batch=N_SCORED)
        if not bool(torch.isfinite(x).all()):
            return "samples that are no numbers"
        found = mode_scores(x, self._data.centres, self._data.sd)
        return f"{found.modes} of 8 modes, {found.high_quality:.0%} good samples"
