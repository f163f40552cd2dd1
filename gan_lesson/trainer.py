"""The Trainer: turns of G and D, one after the other, that can be paused, kept and repeated.

Plain use, without any picture::

    trainer = Trainer(G, D, x_train, seed=0)
    for record in trainer.run(1000):
        print(record.step, record.d_real, record.d_fake)

The Trainer draws from its own `torch.Generator` only, so a run depends on its seed and number
of steps, and on nothing else: not on pauses, pictures, speed, or other cells.
"""

import copy
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gan_lesson.history import History, Record
from gan_lesson.losses import GENERATOR_LOSSES, discriminator_loss, generator_loss
from gan_lesson.networks import Discriminator, Generator
from gan_lesson.snapshots import Snapshot, tensors_in
from gan_lesson.turns import update_discriminator, update_generator

_LARGEST_SEED = 2**63 - 2


class TrainingDiverged(ArithmeticError):
    """A loss became infinite or NaN; `step` is the number of that step."""

    def __init__(self, name: str, value: float, step: int, kept: list[int]):
        self.step = step
        super().__init__(
            f"{name} became {value} in step {step}, so training stopped. Usual causes: a "
            "learning rate that is too high, or data that holds NaN. Finite states are kept "
            f"at steps {kept}: trainer.rewind(step) returns to one."
        )


class Sampler(Protocol):
    """Anything that draws real samples, such as `gan_lesson.data.Mixture`."""

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` samples, shape (n, ...)."""


@contextmanager
def interrupt_deferred() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C (or a notebook's stop button) back until the block ends.

    Yields a function that tells whether an interrupt has arrived; KeyboardInterrupt is
    raised after the block, also where the block itself fails. Outside the main thread, where
    Python delivers none, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    arrived: list[bool] = []
    previous = signal.signal(signal.SIGINT, lambda *_: arrived.append(True))
    try:
        yield lambda: bool(arrived)
    finally:
        signal.signal(signal.SIGINT, previous or signal.SIG_DFL)
        if arrived:
            raise KeyboardInterrupt


def adam(parameters, lr: float = 1e-3, betas: tuple[float, float] = (0.0, 0.99)):
    """Return a fused Adam; `betas` (0, .99) suits two players who never stop moving."""
    return torch.optim.Adam(parameters, lr=lr, betas=betas, fused=True)


class Trainer:
    """Train G against D, a step at a time, in a way that can be paused, kept and repeated.

    Args:
        G: generator.
        D: discriminator.
        data: all real samples as one tensor, shape (n, ...), or an object with
            `sample(n, generator)`.
        optimizer_g: optimiser of G's parameters; Adam(1e-3, betas (0, .99)) if left out.
        optimizer_d: optimiser of D's parameters; likewise.
        batch_size: real samples, and generated ones, in each step of D.
        loss: kind of generator loss, "non_saturating" or "saturating".
        r1_gamma: weight of the R1 penalty on D, 0 for none.
        r2_gamma: weight of the same penalty on generated samples, 0 for none.
        r1_every: the penalties are taken in every so-manyth step of D, times as strong.
        d_steps: steps of D for each step of G.
        simultaneous: G answers the D from before D's (last) step, as if both moved at once;
            otherwise it answers the D that has just moved.
        ema_decay: decay a step of the averaged generator `G_ema`, less in the first steps; 0
            makes it a copy of G.
        schedules: functions of progress in [0, 1] that multiply a setting, by its name: "lr"
            (both players), "lr_d", "lr_g", "r1_gamma", "r2_gamma", "batch_size".
        n_steps: the number of steps that schedules refer to; progress is step / n_steps, and 1
            afterwards. Without it, each `run` goes from 0 to 1 by itself.
        seed: start of this trainer's own random generator.
        threads: torch threads to use while training: 1 is quickest for small networks, and
            leaves a core to the browser; None leaves torch's setting alone.
        snapshot_bytes: memory that kept states may take together (the first and the newest
            are always kept).

    Raises:
        ValueError: a setting is out of range, the data is empty or holds NaN, data, G and D do
            not fit together, an optimiser holds another network's parameters, a schedule has
            an unknown name, or a network draws global random numbers (Dropout).

    While training one may assign `lr_d`, `lr_g`, `batch_size`, `loss`, `r1_gamma`, `r2_gamma`,
    `r1_every`, `d_steps`, `simultaneous` and `ema_decay`; the next step follows.

    Source: Goodfellow et al. 2014, algorithm 1; R1 and R2: Mescheder et al. 2018, lazily as in
    Karras et al. 2020.
    """

    max_snapshots = 64
    seconds_between_snapshots = 1.0
    keep_gradients = False  # each step here starts by clearing them; other steps may not

    def __init__(
        self,
        G: Generator,
        D: Discriminator,
        data: Tensor | Sampler,
        *,
        optimizer_g: torch.optim.Optimizer | None = None,
        optimizer_d: torch.optim.Optimizer | None = None,
        batch_size: int = 64,
        loss: str = "non_saturating",
        r1_gamma: float = 0.0,
        r2_gamma: float = 0.0,
        r1_every: int = 1,
        d_steps: int = 1,
        simultaneous: bool = False,
        ema_decay: float = 0.0,
        schedules: Mapping[str, Callable[[float], float]] | None = None,
        n_steps: int | None = None,
        seed: int = 0,
        threads: int | None = 1,
        snapshot_bytes: int = 200_000_000,
    ):
        self.history = History()
        self.batch_size, self.loss, self.d_steps = batch_size, loss, d_steps
        self.r1_gamma, self.r2_gamma, self.r1_every = r1_gamma, r2_gamma, r1_every
        self.simultaneous, self.ema_decay = simultaneous, ema_decay
        for name, count in (("n_steps", n_steps), ("threads", threads)):
            if count is not None:
                _check_count(name, count)
        if not isinstance(seed, (int, np.integer)) or not 0 <= seed <= _LARGEST_SEED:
            raise ValueError(f"seed is {seed!r}; it must be an integer from 0 to 2**63 - 2")
        _check_data(data)
        _check_that_they_fit(G, D, data)
        self.G, self.D, self.data = G, D, data
        self.optimizer_g = optimizer_g or adam(G.parameters())
        self.optimizer_d = optimizer_d or adam(D.parameters())
        _check_optimizer("optimizer_g", self.optimizer_g, "G", G)
        _check_optimizer("optimizer_d", self.optimizer_d, "D", D)
        self.lr_g = self.optimizer_g.param_groups[0]["lr"]
        self.lr_d = self.optimizer_d.param_groups[0]["lr"]
        self._lr_applied = {"lr_d": self.lr_d, "lr_g": self.lr_g}
        self._lr_ratios = {  # groups of parameters keep their ratios to the first
            name: [g["lr"] / (o.param_groups[0]["lr"] or 1.0) for g in o.param_groups]
            for name, o in (("lr_d", self.optimizer_d), ("lr_g", self.optimizer_g))
        }
        self.schedules = _checked_schedules(schedules)
        self.n_steps = n_steps
        self.threads = threads
        self.G_ema = copy.deepcopy(G).eval().requires_grad_(False)
        self._find_averages()
        self.generator = torch.Generator(device=next(G.parameters()).device).manual_seed(seed)
        self.step = 0
        self.seconds = 0.0
        self.lock = threading.RLock()
        self.snapshot_bytes = snapshot_bytes
        self.snapshots: list[Snapshot] = []
        self.diverged: TrainingDiverged | None = None
        self._progress_of_run: Callable[[], float] | None = None
        self._after_a_run = False
        self._d_count = 0
        self.snapshot()

    def __setattr__(self, name: str, value) -> None:
        """Refuse a setting that is out of range, whenever it is assigned."""
        if name in _SETTINGS:
            _SETTINGS[name](name, value)
        super().__setattr__(name, value)
        if name == "loss":
            self.history.generator_loss = value

    def _find_averages(self) -> None:
        """Pair every number of G with its average in G_ema."""
        averages, numbers = self.G_ema.state_dict().values(), self.G.state_dict().values()
        self._averaged = [t for t in averages if t.is_floating_point()]
        self._current = [t for t in numbers if t.is_floating_point()]

    # --- one turn ------------------------------------------------------------------------

    def draw_real(self, n: int) -> Tensor:
        """Draw `n` real samples with this trainer's own random generator."""
        if not isinstance(self.data, Tensor):
            return self.data.sample(n, self.generator)
        index = torch.randint(
            len(self.data), (n,), generator=self.generator, device=self.generator.device
        )
        return self.data[index]

    def draw_z(self, n: int) -> Tensor:
        """Draw `n` latent vectors with this trainer's own random generator."""
        return self.G.sample_z(n, self.generator)

    def _turn(self, players: str) -> Tensor:
        """Let the named players ("D", "G" or "DG") move once; return the four statistics."""
        self._apply_schedules()
        if players == "G":
            d_real, d_fake, loss_d = self._look()
        for _ in range(self.d_steps - 1 if players == "DG" else 0):
            self._move_d()
        if players == "DG" and self.simultaneous:
            batch, z = self._draw_for_d(), self.draw_z(self._batch)
            loss_g = self._gradient_of_g(z)  # of the D that has not moved yet
            d_real, d_fake, loss_d = self._move_d(batch)
            self.optimizer_g.step()
            self._average()
            return torch.stack([d_real, d_fake, loss_d, loss_g])
        if "D" in players:
            d_real, d_fake, loss_d = self._move_d()
        z = self.draw_z(self._batch)
        if "G" in players:
            loss_g = update_generator(self.D, self.G, self.optimizer_g, z, self.loss)
            self._average()
        else:
            with torch.no_grad():
                loss_g = generator_loss(self.D(self.G(z), as_logits=True), self.loss)
        return torch.stack([d_real, d_fake, loss_d, loss_g])

    def _draw_for_d(self) -> tuple[Tensor, Tensor]:
        n = self._batch  # once: by the clock it may double between two looks
        return self.draw_real(n), self.draw_z(n)

    def _move_d(self, batch: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, ...]:
        """Move D once, with the penalties that are due; return its three statistics."""
        penalised = self._d_count % self.r1_every == 0
        self._d_count += 1
        return update_discriminator(
            self.D,
            self.G,
            self.optimizer_d,
            *(batch or self._draw_for_d()),
            *(
                getattr(self, name) * self._factor(name) * self.r1_every if penalised else 0.0
                for name in ("r1_gamma", "r2_gamma")
            ),
        )

    def _gradient_of_g(self, z: Tensor) -> Tensor:
        """Do all of `update_generator` but the step itself."""
        loss_g = generator_loss(self.D(self.G(z), as_logits=True), self.loss)
        self.optimizer_g.zero_grad()
        loss_g.backward(inputs=list(self.G.parameters()))
        return loss_g.detach()

    @torch.no_grad()
    def _look(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the statistics of D on fresh batches, moving no weight."""
        logits_real = self.D(self.draw_real(self._batch), as_logits=True)
        logits_fake = self.D(self.G(self.draw_z(self._batch)), as_logits=True)
        loss_d = discriminator_loss(logits_real, logits_fake)
        return torch.sigmoid(logits_real).mean(), torch.sigmoid(logits_fake).mean(), loss_d

    @torch.no_grad()
    def _average(self) -> None:
        # at first the average is short, so that early pictures do not show random weights
        decay = min(self.ema_decay, (1 + self.step) / (10 + self.step)) if self.ema_decay else 0.0
        torch._foreach_lerp_(self._averaged, self._current, 1.0 - decay)

    # --- schedules -----------------------------------------------------------------------

    @property
    def progress(self) -> float:
        """How far the run is, from 0 to 1: what schedules are functions of."""
        if self._progress_of_run is not None:
            return min(1.0, self._progress_of_run())
        if self.n_steps:
            return min(1.0, self.step / self.n_steps)
        return 1.0 if self._after_a_run else 0.0

    def _factor(self, name: str) -> float:
        schedule = self.schedules.get(name)
        return 1.0 if schedule is None else schedule(self.progress)

    @property
    def _batch(self) -> int:
        """How many samples a batch has now."""
        return max(1, round(self.batch_size * self._factor("batch_size")))

    def _apply_schedules(self) -> None:
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

    # --- many turns ----------------------------------------------------------------------

    def burst(
        self, n_steps: int | None = None, seconds: float | None = None, players: str = "DG"
    ) -> int:
        """Train until `n_steps` or `seconds` are over, whichever is first; at least one step.

        An interrupt takes effect at the end of a step, so the next call resumes cleanly.

        Args:
            n_steps: most steps to take.
            seconds: time to spend; the step under way is finished.
            players: "DG" for full steps, "D" or "G" to let one player move alone.

        Returns:
            The number of steps taken.

        Raises:
            ValueError: neither limit is given, one is negative, or a player is unknown.
            TrainingDiverged: a statistic is infinite or NaN; earlier steps are recorded.
        """
        if n_steps is None and seconds is None:
            raise ValueError("give n_steps, seconds or both")
        if n_steps is not None:
            _check_count("n_steps", n_steps)
        if seconds is not None and not seconds > 0:
            raise ValueError(f"seconds is {seconds}; it must be positive")
        if players not in ("D", "G", "DG"):
            raise ValueError(f"players is {players!r}; it must be 'D', 'G' or 'DG'")
        with self.lock, self._own_arithmetic(), interrupt_deferred() as interrupted:
            if self.diverged:
                raise self.diverged
            self.snapshots = [s for s in self.snapshots if s.step <= self.step]
            rows: list[Tensor] = []
            times: list[float] = []
            start = time.perf_counter()
            try:
                while not interrupted():
                    rows.append(self._turn(players))
                    times.append(time.perf_counter() - start)
                    self.step += 1
                    if len(rows) == n_steps or (seconds and times[-1] >= seconds):
                        break
            finally:
                self._record(rows, times)
            kept = self.snapshots[-1].seconds if self.snapshots else 0.0
            if self.seconds - kept >= self.seconds_between_snapshots:
                self.snapshot()
        return len(rows)

    def _record(self, rows: list[Tensor], times: list[float]) -> None:
        if not rows:
            return
        numbers = torch.stack(rows[: len(times)]).cpu().double().numpy()
        first = self.step - len(numbers) + 1
        finite = np.isfinite(numbers).all(axis=1)
        good = len(numbers) if finite.all() else int(np.argmin(finite))
        table = np.column_stack([np.arange(first, self.step + 1), self.seconds + np.array(times)])
        self.history.extend(np.hstack([table, numbers])[:good])
        self.seconds += times[-1]
        if good < len(numbers):
            column = int(np.argmin(np.isfinite(numbers[good])))
            name, value = self.history.columns[2 + column], float(numbers[good, column])
            kept = [s.step for s in self.snapshots]
            self.step = first + good - 1
            self.diverged = TrainingDiverged(name, value, first + good, kept)
            raise self.diverged

    def run(
        self, n_steps: int | None = None, *, seconds: float | None = None, every: int = 1
    ) -> Iterator[Record]:
        """Train, and yield the newest record after every `every` steps.

        With `seconds` alone, schedules follow the clock from the first step on, and the
        result depends on the machine's speed. With `n_steps` it is reproducible.

        Args:
            n_steps: number of steps; schedules without their own n_steps refer to it.
            seconds: time to spend.
            every: steps between two records.

        Raises:
            ValueError: neither limit is given, or one is not positive.
            TrainingDiverged: as `burst`.
        """
        if (n_steps is None) == (seconds is None):
            raise ValueError("give n_steps or seconds, one of them")
        if n_steps is not None:
            _check_count("n_steps", n_steps)
        elif not seconds > 0:
            raise ValueError(f"seconds is {seconds}; it must be positive")
        _check_count("every", every)
        return self._run(n_steps, seconds, every)

    def _run(self, n_steps: int | None, seconds: float | None, every: int) -> Iterator[Record]:
        first, start = self.step, time.perf_counter()

        def of_steps() -> float:
            return (self.step - first) / n_steps

        def of_time() -> float:
            return (time.perf_counter() - start) / seconds

        while True:
            left = first + n_steps - self.step if seconds is None else seconds * (1 - of_time())
            if left <= 0:
                self._after_a_run = True
                for snapshot in self.snapshots:
                    if snapshot.step == self.step:
                        snapshot.state["after_a_run"] = True
                return
            if seconds is not None or not self.n_steps:
                self._progress_of_run = of_time if seconds is not None else of_steps
            try:
                if seconds is None:
                    self.burst(min(every, left))
                else:
                    self.burst(every, left)
            finally:  # between two records, other cells may train by rules of their own
                self._progress_of_run = None
            yield self.history.last

    @contextmanager
    def _own_arithmetic(self) -> Iterator[None]:
        """Compute alike on whichever thread a front end calls from.

        Numbers below 1e-38 are flushed to 0: processors handle them up to 100 times slower,
        and Adam's averages are full of them.
        """
        before = torch.get_num_threads()
        flushed = float(torch.tensor(1e-40) * 1.0) == 0.0
        torch.set_flush_denormal(True)
        if self.threads is not None and self.threads != before:
            torch.set_num_threads(self.threads)
        try:
            yield
        finally:
            torch.set_flush_denormal(flushed)
            if torch.get_num_threads() != before:
                torch.set_num_threads(before)

    # --- kept states ---------------------------------------------------------------------

    def snapshot(self, also_keep: int | None = None) -> bool:
        """Keep the present state; tell whether it was kept (a state with NaN is not).

        Older states make room, the crowded ones first, but for the first, the newest and
        that of step `also_keep`.
        """
        with self.lock:
            state = copy.deepcopy(
                {
                    "G": self.G.state_dict(),
                    "D": self.D.state_dict(),
                    "G_ema": self.G_ema.state_dict(),
                    "optimizer_g": self.optimizer_g.state_dict(),
                    "optimizer_d": self.optimizer_d.state_dict(),
                    "generator": self.generator.get_state(),
                    "d_count": self._d_count,
                    "after_a_run": self._after_a_run,
                    "gradients": self._gradients(),
                }
            )
            tensors = list(tensors_in(state))
            if not all(bool(torch.isfinite(w).all()) for w in self._weights()):
                return False
            nbytes = sum(t.numel() * t.element_size() for t in tensors)
            new = Snapshot(self.step, len(self.history), self.seconds, state, nbytes)
            self.snapshots = [s for s in self.snapshots if s.step != self.step] + [new]
            self.snapshots.sort(key=lambda s: s.step)
            self._thin(also_keep)
            return True

    def _weights(self) -> list[Tensor]:
        return [*self.G.parameters(), *self.D.parameters()]

    def _gradients(self) -> list[Tensor | None]:
        return [w.grad for w in self._weights()] if self.keep_gradients else []

    def _set_gradients(self, gradients: list[Tensor | None]) -> None:
        for w, gradient in zip(self._weights(), gradients, strict=False):  # none if not kept
            w.grad = gradient

    def _thin(self, also_keep: int | None) -> None:
        """Drop kept states until they fit, so that the gaps grow with age."""
        kept = self.snapshots
        while len(kept) > 2 and (
            len(kept) > self.max_snapshots or sum(s.nbytes for s in kept) > self.snapshot_bytes
        ):
            newest = kept[-1].step
            crowding = {
                i: (kept[i + 1].step - kept[i - 1].step) / (newest - kept[i].step + 1)
                for i in range(1, len(kept) - 1)
                if kept[i].step != also_keep
            }
            if not crowding:
                return
            del kept[min(crowding, key=crowding.get)]

    def rewind(self, step: int) -> None:
        """Return to a kept state: networks, optimisers, random numbers and history.

        Later states stay available until training goes on from here.

        Raises:
            ValueError: no state is kept for `step`.
        """
        with self.lock:
            found = [s for s in self.snapshots if s.step == step]
            if not found:
                kept = [s.step for s in self.snapshots]
                raise ValueError(f"no state is kept for step {step}; there are {kept}")
            state = copy.deepcopy(found[0].state)
            self.G.load_state_dict(state["G"])
            self.D.load_state_dict(state["D"])
            self.G_ema.load_state_dict(state["G_ema"])
            self.optimizer_g.load_state_dict(state["optimizer_g"])
            self.optimizer_d.load_state_dict(state["optimizer_d"])
            self.generator.set_state(state["generator"])
            self._lr_applied = {}  # the optimisers have their old rates back
            self._d_count = state["d_count"]
            self._after_a_run = state["after_a_run"]
            self._set_gradients(state["gradients"])
            self.step, self.seconds = found[0].step, found[0].seconds
            self.history.truncate(found[0].rows)
            self.diverged = None

    def branch(self, step: int | None = None) -> "Trainer":
        """Return another trainer in the same state, which this one knows nothing of.

        Until one of them is changed, both have the same future, bit for bit. The data is
        shared, and so are the states kept so far.

        Args:
            step: start from the state kept for this step; from the present one if left out.

        Raises:
            ValueError: no state is kept for `step`.
        """
        with self.lock:
            twin = copy.copy(self)
            twin.lock = threading.RLock()
            twin.history = copy.deepcopy(self.history)
            nets = self.G, self.D, self.G_ema, self.optimizer_g, self.optimizer_d
            copies = copy.deepcopy(nets)  # in one go: optimisers must hold the copies' parameters
            twin.G, twin.D, twin.G_ema, twin.optimizer_g, twin.optimizer_d = copies
            twin._find_averages()
            twin._set_gradients(copy.deepcopy(self._gradients()))  # copies of networks have none
            twin.generator = torch.Generator(device=self.generator.device)
            twin.generator.set_state(self.generator.get_state())
            twin.snapshots = list(self.snapshots)
            twin.schedules, twin._lr_applied = dict(self.schedules), dict(self._lr_applied)
            twin._progress_of_run = None
        if step is not None:
            twin.rewind(step)
        elif not twin.diverged:
            twin.snapshot()
        return twin

    # --- samples -------------------------------------------------------------------------

    @torch.no_grad()
    def sample(self, z: Tensor, batch: int = 1000) -> Tensor:
        """Return the averaged generator's samples for `z`, shape (n, ...), without side effects.

        Args:
            z: latent vectors, shape (n, latent_dim).
            batch: samples computed at once.
        """
        with self.lock, self._own_arithmetic():
            return torch.cat([self.G_ema(part) for part in z.split(batch)])


def _check_count(name: str, value: int) -> None:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {value!r}; it must be an integer >= 1")


def _check_not_negative(name: str, value: float) -> None:
    if not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError(f"{name} is {value!r}; it must be a number >= 0")


def _check_decay(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}; it must be at least 0 and below 1")


def _check_loss(name: str, value: str) -> None:
    if value not in GENERATOR_LOSSES:
        raise ValueError(f"{name} is {value!r}; it must be one of {GENERATOR_LOSSES}")


def _check_flag(name: str, value: bool) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; it must be True or False")


_SETTINGS = {
    "batch_size": _check_count,
    "loss": _check_loss,
    "r1_gamma": _check_not_negative,
    "r2_gamma": _check_not_negative,
    "r1_every": _check_count,
    "d_steps": _check_count,
    "simultaneous": _check_flag,
    "ema_decay": _check_decay,
    "lr_d": _check_not_negative,
    "lr_g": _check_not_negative,
}


def _check_data(data: Tensor | Sampler) -> None:
    if isinstance(data, Tensor):
        if data.ndim < 2 or len(data) == 0:
            raise ValueError(f"data has shape {tuple(data.shape)}; it must be (n, ...) with n >= 1")
        if not bool(torch.isfinite(data).all()):
            raise ValueError("data holds NaN or infinite numbers; every sample must be finite")
    elif not hasattr(data, "sample"):
        raise ValueError(
            f"data is a {type(data).__name__}; it must be a tensor of samples or have .sample(n)"
        )


def _check_that_they_fit(G: nn.Module, D: nn.Module, data: Tensor | Sampler) -> None:
    """Try two samples on copies of G and D, so that mistakes are named before training.

    Copies, because a forward pass in training mode moves BatchNorm's statistics.
    """
    twins = copy.deepcopy(G).train(), copy.deepcopy(D).train()
    own = torch.Generator(device=next(G.parameters()).device).manual_seed(0)
    before = torch.get_rng_state()
    with torch.no_grad():
        x_fake = twins[0](G.sample_z(2, own))
        x_real = data[:2] if isinstance(data, Tensor) else data.sample(2, own)
        if x_real.device != x_fake.device:
            raise ValueError(
                f"data is on {x_real.device}, but G makes samples on {x_fake.device}; move one, "
                f"for example with data.to({str(x_fake.device)!r})"
            )
        if x_real.dtype != x_fake.dtype:
            raise ValueError(
                f"data is of type {x_real.dtype}, but G makes {x_fake.dtype}; convert it, for "
                "example images of uint8 with data.float() / 127.5 - 1"
            )
        if x_real.shape[1:] != x_fake.shape[1:]:
            raise ValueError(
                f"data holds samples of shape {tuple(x_real.shape[1:])}, but G makes "
                f"{tuple(x_fake.shape[1:])}; they must agree"
            )
        try:
            twins[1](x_fake, as_logits=True)
        except (TypeError, RuntimeError) as error:
            raise ValueError(
                f"D cannot judge G's samples of shape {tuple(x_fake.shape[1:])}: {error}. D must "
                "be a gan_lesson.networks.Discriminator, or take as_logits=True as it does"
            ) from error
    if not torch.equal(before, torch.get_rng_state()):
        torch.set_rng_state(before)
        raise ValueError(
            "G or D draws from torch's global random state (Dropout does), so a run could not be "
            "repeated. Leave that layer out, or train in a loop of your own and show it with "
            "LiveCurves(history)."
        )


def _check_optimizer(name: str, optimizer: torch.optim.Optimizer, net_name: str, net) -> None:
    """Refuse an optimiser that moves anything but the parameters of its own network."""
    own = {id(p) for p in net.parameters()}
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not held <= own:
        raise ValueError(
            f"{name} holds parameters that are not {net_name}'s; it must hold {net_name}'s only"
        )


def _checked_schedules(schedules: Mapping | None) -> dict:
    schedules = dict(schedules or {})
    known = ("lr", "lr_d", "lr_g", "r1_gamma", "r2_gamma", "batch_size")
    for name, schedule in schedules.items():
        if name not in known:
            raise ValueError(f"schedules names {name!r}; it may name {known}")
        if not callable(schedule):
            raise ValueError(f"schedules[{name!r}] is {schedule!r}; it must be a function")
    return schedules
