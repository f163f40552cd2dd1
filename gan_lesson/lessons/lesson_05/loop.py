"""The loop of lesson 05 as a Trainer, whose two steps are handed to it, and its player."""

from collections.abc import Callable

import ipywidgets as widgets
import torch
from torch import Tensor

from gan_lesson.data import Mixture
from gan_lesson.lessons.lesson_05.scene import LoopScene
from gan_lesson.live import is_headless
from gan_lesson.losses import generator_loss
from gan_lesson.networks import small_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.trainer import Trainer, adam


class LoopTrainer(Trainer):
    """A `Trainer` whose two steps are functions handed to it: a lesson's, a learner's.

    Either may be replaced while training, as any setting: `trainer.step_d = another`.

    Args:
        G: as in `Trainer`.
        D: as in `Trainer`.
        data: as in `Trainer`.
        step_d: function (D, G, optimizer_d, x_real, z) that moves D and returns its loss.
        step_g: function (D, G, optimizer_g, z) that moves G and returns its loss.
        settings: as in `Trainer`; the loss and penalties are those of the two functions.
    """

    keep_gradients = True  # a step without zero_grad goes on from what the last one left

    def __init__(self, G, D, data, *, step_d: Callable, step_g: Callable, **settings):
        self.step_d, self.step_g = step_d, step_g
        super().__init__(G, D, data, **settings)

    def _move_d(self, batch: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, ...]:
        """Move D once; return mean D(x), mean D(G(z)) and D's loss, all before the step."""
        x_real, z = batch or self._draw_for_d()
        with torch.no_grad():
            answers = self.D(x_real).mean(), self.D(self.G(z)).mean()
        loss_d = self.step_d(self.D, self.G, self.optimizer_d, x_real, z)
        return *answers, _finite_number("step_d", loss_d)

    def _move_g(self, z: Tensor) -> Tensor:
        loss_g = self.step_g(self.D, self.G, self.optimizer_g, z)
        self._average()
        return _finite_number("step_g", loss_g)

    def _turn(self, players: str) -> Tensor:
        """As in `Trainer`, with the two functions."""
        self._apply_schedules()
        if players == "D":
            statistics, z = self._move_d(), self.draw_z(self._batch)
            with torch.no_grad():
                loss_g = generator_loss(self.D.logits(self.G(z)), self.loss)
            return torch.stack([*statistics, loss_g])
        if players == "G":
            statistics = self._look()
            return torch.stack([*statistics, self._move_g(self.draw_z(self._batch))])
        for _ in range(self.d_steps - 1):
            self._move_d()
        batch, before = self._draw_for_d(), None
        if self.simultaneous:
            before = [p.detach().clone() for p in self.D.parameters()]
        statistics = self._move_d(batch)
        if before is None:
            return torch.stack([*statistics, self._move_g(self.draw_z(self._batch))])
        after = [p.detach().clone() for p in self.D.parameters()]
        with torch.no_grad():  # G answers the D that had not moved yet
            torch._foreach_copy_(list(self.D.parameters()), before)
        try:
            loss_g = self._move_g(self.draw_z(self._batch))
        finally:
            with torch.no_grad():
                torch._foreach_copy_(list(self.D.parameters()), after)
        return torch.stack([*statistics, loss_g])


def _finite_number(name: str, loss) -> Tensor:
    """Return what a step returned as a scalar tensor that needs no gradient."""
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise ValueError(f"{name} returned {loss!r}; it must return its loss, one number")
    return loss.detach().reshape(())


class LoopPlayer(TrainingPlayer):
    """The player of lesson 05, with the run's settings above it; they count from the next step.

    Args:
        trainer: a run on 1-D data.
        preview_steps: as in `TrainingPlayer`.
    """

    rates = (0.0005, 0.001, 0.002, 0.005, 0.01)

    def __init__(self, trainer: Trainer, *, preview_steps: int = 0):
        super().__init__(trainer, LoopScene(), preview_steps=preview_steps)

    def _make_controls(self) -> None:
        super()._make_controls()
        self.order = self._choice("simultaneous", "moves", [("in turn", False), ("at once", True)])
        self.d_steps = self._choice("d_steps", "D steps", [1, 2, 5])
        self.lr_d = self._choice("lr_d", "rate of D", self.rates)
        self.lr_g = self._choice("lr_g", "rate of G", self.rates)
        rows = [[self.order, self.d_steps], [self.lr_d, self.lr_g]]
        boxes = [widgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        self.widget.children = (*boxes, *self.widget.children)

    def _choice(self, setting: str, label: str, options) -> widgets.ToggleButtons:
        """Return buttons that assign one setting of the trainer, whatever it is now included."""
        now = getattr(self.trainer, setting)
        if not isinstance(options[0], tuple):
            options = [(f"{value:g}".lstrip("0"), value) for value in sorted({*options, now})]
        buttons = widgets.ToggleButtons(
            options=options,
            value=now,
            description=label,
            style={"button_width": "72px" if setting == "simultaneous" else "58px"},
            layout={"width": "auto", "margin": "2px 18px 2px 2px"},
        )

        def assign(change) -> None:
            with self.trainer.lock:
                setattr(self.trainer, setting, change["new"])

        buttons.observe(assign, "value")
        return buttons

    def _numbers(self) -> str:
        state, (step, _, told) = self.scene.state, super()._numbers().partition(" · ")
        rate = "" if is_headless() or not told else f" · {self._steps_a_second():.0f} steps/s"
        return (
            f"{step} · V = {state.value:.3f}, at best {state.best_value:.3f} · D's regret "
            f"{state.regret:.3f} · JSD {state.jsd:.3f} nats{rate}"
        ).replace("-", "−")


def loop_run(step_d: Callable, step_g: Callable, data: Mixture, seed: int = 0) -> LoopTrainer:
    """Return the run of lesson 05, at step 0: two small networks on 1-D data.

    Args:
        step_d: as in `LoopTrainer`.
        step_g: as in `LoopTrainer`.
        data: mixture in one dimension.
        seed: start of the weights and of the random numbers.
    """
    G, D = small_pair(sample_dim=1, latent_dim=1, seed=seed)
    return LoopTrainer(
        G,
        D,
        data,
        step_d=step_d,
        step_g=step_g,
        optimizer_g=adam(G.parameters(), lr=0.001),
        optimizer_d=adam(D.parameters(), lr=0.01),
        batch_size=128,
        seed=seed,
    )
