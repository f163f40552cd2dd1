"""Game: the two players, their data and the settings of play, at one moment of a run."""

import copy
from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor

from gan_lesson.fit import check_data, check_optimizer, check_that_they_fit
from gan_lesson.history import History
from gan_lesson.losses import LOSSES
from gan_lesson.networks import Discriminator, Generator
from gan_lesson.settings import CHECKS, check_assignment, check_seed
from gan_lesson.snapshots import gradients, set_gradients
from gan_lesson.turns import Turn


class Sampler(Protocol):
    """Anything that draws real samples, such as `gan_lesson.data.Mixture`."""

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` samples, shape (n, ...)."""


class Game:
    """The two players, their data and the settings of play: all that a `Turn` asks for.

    A `Trainer` is a game that goes on in time; its arguments are explained there.

    Raises:
        ValueError: a setting is out of range, misspelt, or ignored by the turn; the data is empty
            or holds NaN; data, networks and optimisers do not fit together.
    """

    complete = False  # while the constructor runs, attributes are new and no misspellings

    def __init__(
        self,
        G: Generator,
        D: Discriminator,
        data: Tensor | Sampler,
        optimizers: tuple[torch.optim.Optimizer, torch.optim.Optimizer],
        turn: Turn,
        seed: int,
        settings: Mapping[str, object],
    ):
        self.turn, self.history = turn, History()
        for name, value in settings.items():
            setattr(self, name, value)
        check_seed("seed", seed)
        check_data(data)
        check_that_they_fit(G, D, data)
        self.G, self.D, self.data = G, D, data
        self.optimizer_g, self.optimizer_d = optimizers
        check_optimizer("optimizer_g", self.optimizer_g, "G", G)
        check_optimizer("optimizer_d", self.optimizer_d, "D", D)
        self.lr_g = self.optimizer_g.param_groups[0]["lr"]
        self.lr_d = self.optimizer_d.param_groups[0]["lr"]
        self._lr_applied = {"lr_d": self.lr_d, "lr_g": self.lr_g}
        self._lr_ratios = {  # groups of parameters keep their ratios to the first
            name: [g["lr"] / (o.param_groups[0]["lr"] or 1.0) for g in o.param_groups]
            for name, o in (("lr_d", self.optimizer_d), ("lr_g", self.optimizer_g))
        }
        self.G_ema = copy.deepcopy(G).eval().requires_grad_(False)
        self._find_averages()
        self.generator = torch.Generator(device=next(G.parameters()).device).manual_seed(seed)
        self.step = self.d_count = 0
        self.after_a_run = False
        self._progress_of_run: Callable[[], float] | None = None

    def __setattr__(self, name: str, value) -> None:
        """Refuse a setting that is out of range, misspelt or ignored, whenever it is assigned."""
        if name in CHECKS or name not in self.__dict__:
            check_assignment(self, name, value)
        super().__setattr__(name, value)
        if name == "loss":
            family = LOSSES[value].family
            self.history.generator_loss = "non_saturating"  # what every family allows
            self.history.loss = family
            self.history.losses = "mean" if family == "relativistic" else "sum"  # pairs
            if family == "logistic":
                self.history.generator_loss = value

    # --- what is drawn -------------------------------------------------------------------

    def draw_real(self, n: int) -> Tensor:
        """Draw `n` real samples, as D gets them, with this game's own random generator."""
        if not isinstance(self.data, Tensor):
            x = self.data.sample(n, self.generator)
        else:
            index = torch.randint(
                len(self.data), (n,), generator=self.generator, device=self.generator.device
            )
            x = self.data[index]
        return self.turn.as_d_gets_it(self, x)

    def draw_z(self, n: int) -> Tensor:
        """Draw what G makes `n` samples of, with this game's own random generator."""
        return self.turn.draw_z(self, n)

    def draw_u(self, n: int) -> Tensor:
        """Draw `n` numbers from [0, 1), shape (n, 1): places between samples, for a penalty."""
        weight = next(self.D.parameters())
        like = {"device": self.generator.device, "dtype": weight.dtype}
        return torch.rand(n, 1, generator=self.generator, **like)

    # --- how the settings stand now ------------------------------------------------------

    @property
    def progress(self) -> float:
        """How far the run is, from 0 to 1: what schedules are functions of."""
        if self._progress_of_run is not None:
            return min(1.0, self._progress_of_run())
        if self.n_steps:
            return min(1.0, self.step / self.n_steps)
        return 1.0 if self.after_a_run else 0.0

    def _factor(self, name: str) -> float:
        schedule = self.schedules.get(name)
        return 1.0 if schedule is None else schedule(self.progress)

    @property
    def batch(self) -> int:
        """How many samples a batch has now."""
        return max(1, round(self.batch_size * self._factor("batch_size")))

    def penalties_due(self) -> tuple[float, float]:
        """Count a step of D; return the weights of R1 and R2 in it, 0 in steps without them."""
        due = self.d_count % self.r1_every == 0
        self.d_count += 1
        if not due:
            return 0.0, 0.0
        return tuple(
            getattr(self, name) * self._factor(name) * self.r1_every
            for name in ("r1_gamma", "r2_gamma")
        )

    def _apply_rates(self) -> None:
        """Scale both optimisers' learning rates, if a schedule or the learner changed them."""
        both = self._factor("lr")
        for optimizer, lr, name in (
            (self.optimizer_d, self.lr_d, "lr_d"),
            (self.optimizer_g, self.lr_g, "lr_g"),
        ):
            wanted = lr * both * self._factor(name)
            if wanted != self._lr_applied.get(name):
                for group, ratio in zip(optimizer.param_groups, self._lr_ratios[name], strict=True):
                    group["lr"] = wanted * ratio
                self._lr_applied[name] = wanted

    # --- the averaged generator ----------------------------------------------------------

    def _find_averages(self) -> None:
        """Pair every number of G with its average in G_ema."""
        averages, numbers = self.G_ema.state_dict().values(), self.G.state_dict().values()
        self._averaged = [t for t in averages if t.is_floating_point()]
        self._current = [t for t in numbers if t.is_floating_point()]

    @torch.no_grad()
    def average(self) -> None:
        """Let G_ema follow the G that has just moved."""
        # at first the average is short, so that early pictures do not show random weights
        decay = min(self.ema_decay, (1 + self.step) / (10 + self.step)) if self.ema_decay else 0.0
        torch._foreach_lerp_(self._averaged, self._current, 1.0 - decay)

    # --- a game of its own ---------------------------------------------------------------

    def _twin(self):
        """Return a copy that shares only the data with this game."""
        twin = copy.copy(self)
        twin.history, twin.turn = copy.deepcopy(self.history), copy.copy(self.turn)
        nets = self.G, self.D, self.G_ema, self.optimizer_g, self.optimizer_d
        copies = copy.deepcopy(nets)  # in one go: optimisers must hold the copies' parameters
        twin.G, twin.D, twin.G_ema, twin.optimizer_g, twin.optimizer_d = copies
        twin._find_averages()
        set_gradients(twin, copy.deepcopy(gradients(self)))  # copies of networks have none
        twin.generator = torch.Generator(device=self.generator.device)
        twin.generator.set_state(self.generator.get_state())
        twin.schedules, twin._lr_applied = dict(self.schedules), dict(self._lr_applied)
        twin._progress_of_run = None
        return twin
