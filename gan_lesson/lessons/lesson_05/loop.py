"""The loop of lesson 05 as a Trainer, whose two steps are handed to it, and its player."""

import numbers
from collections.abc import Callable

import ipywidgets as widgets
import torch
from torch import Tensor

from gan_lesson.data import Mixture
from gan_lesson.lessons.lesson_05.scene import LoopScene
from gan_lesson.live import is_headless
from gan_lesson.networks import small_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.trainer import Trainer, adam
from gan_lesson.turns import Turn


class HandedSteps(Turn):
    """A turn whose two steps are functions handed to it.

    Args:
        step_d: function (D, G, optimizer_d, x_real, z) that moves D and returns its loss.
        step_g: function (D, G, optimizer_g, z) that moves G and returns its loss.
    """

    ignores = {"loss": "non_saturating", "r1_gamma": 0.0, "r2_gamma": 0.0, "r1_every": 1}
    ignores |= {"gp_weight": 0.0, "clip_d": 0.0}
    why = "this run has the losses and penalties of its functions step_d and step_g"
    keep_gradients = True  # a step without zero_grad goes on from what the last one left

    def __init__(self, step_d: Callable, step_g: Callable):
        self.step_d, self.step_g = step_d, step_g

    def move_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Move D once; return mean D(x), mean D(G(z)) and D's loss, all before the step."""
        with torch.no_grad():
            answers = game.D(x_real).mean(), game.D(game.G(z)).mean()
        loss_d = self.step_d(game.D, game.G, game.optimizer_d, x_real, z)
        return *answers, _finite_number("step_d", loss_d)

    def move_g(self, game, z: Tensor) -> Tensor:
        """Move G once; return its loss."""
        return _finite_number("step_g", self.step_g(game.D, game.G, game.optimizer_g, z))

    def move_both(self, game, x_real: Tensor, z_d: Tensor, z_g: Tensor) -> tuple[Tensor, ...]:
        """Move D, then let G answer the D from before; what a function does cannot be split."""
        weights = list(game.D.parameters())
        before = [w.detach().clone() for w in weights]
        of_d = self.move_d(game, x_real, z_d)
        after = [w.detach().clone() for w in weights]
        with torch.no_grad():
            torch._foreach_copy_(weights, before)
        try:
            loss_g = self.move_g(game, z_g)
        finally:
            with torch.no_grad():
                torch._foreach_copy_(weights, after)
        return *of_d, loss_g


class LoopTrainer(Trainer):
    """A `Trainer` whose two steps are functions handed to it: a lesson's, a learner's.

    Either may be replaced while training, as any setting: `trainer.step_d = another`.

    Args:
        G: as in `Trainer`.
        D: as in `Trainer`.
        data: as in `Trainer`.
        step_d: as in `HandedSteps`.
        step_g: as in `HandedSteps`.
        settings: as in `Trainer`, but for the loss and the penalties, which the two functions have.
    """

    def __init__(self, G, D, data, *, step_d: Callable, step_g: Callable, **settings):
        super().__init__(G, D, data, turn=HandedSteps(step_d, step_g), **settings)

    @property
    def step_d(self) -> Callable:
        """The function that moves D."""
        return self.turn.step_d

    @step_d.setter
    def step_d(self, step: Callable) -> None:
        self.turn.step_d = step

    @property
    def step_g(self) -> Callable:
        """The function that moves G."""
        return self.turn.step_g

    @step_g.setter
    def step_g(self, step: Callable) -> None:
        self.turn.step_g = step


def _finite_number(name: str, loss) -> Tensor:
    """Return what a step returned, a tensor or a number, as a scalar tensor without a gradient."""
    if isinstance(loss, numbers.Real):
        return torch.tensor(float(loss))
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise ValueError(f"{name} returned {loss!r}; it must return its loss, one number")
    return loss.detach().reshape(())


class LoopPlayer(TrainingPlayer):
    """The player of lesson 05, with the run's settings above it; they count from the next step.

    Args:
        trainer: a run on 1-D data.
        preview_steps: as in `TrainingPlayer`.
        zooms_in: as in `LoopScene`.
    """

    rates = (0.0005, 0.001, 0.002, 0.005, 0.01)

    def __init__(self, trainer: Trainer, *, preview_steps: int = 0, zooms_in: bool = True):
        super().__init__(trainer, LoopScene(zooms_in=zooms_in), preview_steps=preview_steps)

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
            options = [(f"{value:g}", value) for value in sorted({*options, now})]
        buttons = widgets.ToggleButtons(
            options=options,
            value=now,
            description=label,
            style={"button_width": "72px"},
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
        step_d: as in `HandedSteps`.
        step_g: as in `HandedSteps`.
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
