"""The Trainer: turns of G and D, one after the other, that can be paused, kept and repeated.

Plain use, without any picture::

    trainer = Trainer(G, D, x_train, seed=0)
    for record in trainer.run(1000):
        print(record.step, record.d_real, record.d_fake)

The Trainer draws from its own `torch.Generator` only, so a run depends on its seed and number
of steps, and on nothing else: not on pauses, pictures, speed, or other cells.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from gan_lesson.game import Game, Sampler
from gan_lesson.history import Record
from gan_lesson.networks import Discriminator, Generator
from gan_lesson.settings import check_count
from gan_lesson.shelter import interrupt_deferred, same_arithmetic
from gan_lesson.snapshots import Snapshot, is_finite, put_back, taken, thinned
from gan_lesson.turns import Turn


class TrainingDiverged(ArithmeticError):
    """A loss became infinite or NaN; `step` is the number of that step."""

    def __init__(self, name: str, value: float, step: int, kept: list[int]):
        self.step = step
        super().__init__(
            f"{name} became {value} in step {step}, so training stopped. Usual causes: a "
            "learning rate that is too high, or data that holds NaN. Finite states are kept "
            f"at steps {kept}: trainer.rewind(step) returns to one."
        )


def adam(parameters, lr: float = 1e-3, betas: tuple[float, float] = (0.0, 0.99)):
    """Return a fused Adam; `betas` (0, .99) suits two players who never stop moving."""
    return torch.optim.Adam(parameters, lr=lr, betas=betas, fused=True)


class Trainer(Game):
    """Train G against D, a turn at a time, in a way that can be paused, kept and repeated.

    Args:
        G: generator.
        D: discriminator.
        data: all real samples as one tensor, shape (n, ...), or an object with
            `sample(n, generator)`.
        optimizer_g: optimiser of G's parameters; Adam(1e-3, betas (0, .99)) if left out.
        optimizer_d: optimiser of D's parameters; likewise.
        batch_size: real samples, and generated ones, in each step of D.
        loss: the game, a name of `losses.LOSSES`: "non_saturating" or "saturating", in which D
            gives probabilities, or "least_squares", "hinge", "wasserstein" or "relativistic".
        r1_gamma: weight of the R1 penalty on D, 0 for none.
        r2_gamma: weight of the same penalty on generated samples, 0 for none.
        r1_every: at 8, one step of D in eight has the penalties, with 8 times their weights.
        gp_weight: weight of the gradient penalty on D, in each of its steps; 0 for none.
        clip_d: largest size of a weight of D after each of its steps; 0 for no limit.
        d_steps: steps of D for each step of G.
        simultaneous: G answers the D from before D's (last) step, as if both moved at once;
            otherwise it answers the D that has just moved.
        ema_decay: decay a step of the averaged generator `G_ema`, less in the first steps; 0
            makes it a copy of G.
        schedules: functions of progress in [0, 1] that multiply a setting, by its name: "lr"
            (both players), "lr_d", "lr_g", "r1_gamma", "r2_gamma", "batch_size".
        n_steps: the number of steps that schedules refer to; progress is step / n_steps, and 1
            afterwards. Without it, each `run` goes from 0 to 1 by itself.
        turn: how a turn is played; algorithm 1 if left out.
        seed: start of this trainer's own random generator.
        threads: torch threads to use while training: 1 is quickest for small networks, and
            leaves a core to the browser; None leaves torch's setting alone.
        snapshot_bytes: memory that kept states may take together (the first and the newest
            are always kept).

    Raises:
        ValueError: a setting is out of range or ignored by this turn, the data is empty or holds
            NaN, data, G and D do not fit together, an optimiser holds another network's
            parameters, a schedule has an unknown name, or a network draws global random numbers
            (Dropout).

    While training one may assign every setting, `lr_d` and `lr_g` as well; the next step follows.
    An assignment that is out of range, ignored or misspelt is refused in the same way.

    Source: Goodfellow et al. 2014, algorithm 1; R1 and R2: Mescheder et al. 2018, lazily as in
    Karras et al. 2020.
    """

    max_snapshots = 64
    seconds_between_snapshots = 1.0

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
        gp_weight: float = 0.0,
        clip_d: float = 0.0,
        d_steps: int = 1,
        simultaneous: bool = False,
        ema_decay: float = 0.0,
        schedules: Mapping[str, Callable[[float], float]] | None = None,
        n_steps: int | None = None,
        turn: Turn | None = None,
        seed: int = 0,
        threads: int | None = 1,
        snapshot_bytes: int = 200_000_000,
    ):
        settings = {
            "batch_size": batch_size, "loss": loss, "d_steps": d_steps, "ema_decay": ema_decay,
            "r1_gamma": r1_gamma, "r2_gamma": r2_gamma, "r1_every": r1_every,
            "gp_weight": gp_weight, "clip_d": clip_d, "simultaneous": simultaneous,
            "n_steps": n_steps, "threads": threads, "schedules": dict(schedules or {}),
        }  # fmt: skip
        optimizers = optimizer_g or adam(G.parameters()), optimizer_d or adam(D.parameters())
        super().__init__(G, D, data, optimizers, turn or Turn(), seed, settings)
        self.snapshot_bytes, self.seconds = snapshot_bytes, 0.0
        self.lock = threading.RLock()
        self.snapshots: list[Snapshot] = []
        self.diverged: TrainingDiverged | None = None
        self.complete = True
        self.snapshot()

    def _turn(self, players: str) -> Tensor:
        """Play one turn at the present rates; return its four numbers."""
        self._apply_rates()
        return self.turn.play(self, players)

    # --- many turns ----------------------------------------------------------------------

    def burst(
        self, n_steps: int | None = None, seconds: float | None = None, players: str = "DG"
    ) -> int:
        """Train until `n_steps` or `seconds` are over, whichever is first; at least one turn.

        An interrupt takes effect at the end of a turn, so the next call resumes cleanly.

        Args:
            n_steps: most turns to take; the run counts each as one step.
            seconds: time to spend; the turn under way is finished.
            players: "DG" for whole turns, "D" or "G" to let one player take its step alone.

        Returns:
            The number of turns taken.

        Raises:
            ValueError: neither limit is given, one is negative, or a player is unknown.
            TrainingDiverged: a statistic is infinite or NaN; earlier steps are recorded.
        """
        if n_steps is None and seconds is None:
            raise ValueError("give n_steps, seconds or both")
        _check_limits(n_steps, seconds)
        if players not in ("D", "G", "DG"):
            raise ValueError(f"players is {players!r}; it must be 'D', 'G' or 'DG'")
        with self.lock, same_arithmetic(self.threads), interrupt_deferred() as interrupted:
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
        _check_limits(n_steps, seconds)
        check_count("every", every)
        return _records(self, n_steps, seconds, every)

    # --- kept states ---------------------------------------------------------------------

    def snapshot(self, also_keep: int | None = None) -> bool:
        """Keep the present state; tell whether it was kept (a state with NaN is not).

        Older states make room, the crowded ones first, but for the first, the newest and
        that of step `also_keep`.
        """
        with self.lock:
            if not is_finite(self):
                return False
            kept = [s for s in self.snapshots if s.step != self.step] + [taken(self)]
            kept.sort(key=lambda s: s.step)
            self.snapshots = thinned(kept, self.max_snapshots, self.snapshot_bytes, also_keep)
            return True

    def rewind(self, step: int) -> None:
        """Return to a kept state: networks, optimisers, random numbers and history.

        Later states stay available until training goes on from here. Where it cannot be done,
        nothing has changed.

        Raises:
            ValueError: no state is kept for `step`, or it is that of other networks.
        """
        with self.lock, interrupt_deferred():
            found = [s for s in self.snapshots if s.step == step]
            if not found:
                kept = [s.step for s in self.snapshots]
                raise ValueError(f"no state is kept for step {step}; there are {kept}")
            put_back(self, found[0])
            self._lr_applied = {}  # the optimisers have their old rates back
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
            twin = self._twin()
            twin.lock, twin.snapshots = threading.RLock(), list(self.snapshots)
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
        with self.lock, same_arithmetic(self.threads):
            return torch.cat([self.G_ema(part) for part in z.split(batch)])


def _check_limits(n_steps: int | None, seconds: float | None) -> None:
    if n_steps is not None:
        check_count("n_steps", n_steps)
    if seconds is not None and not seconds > 0:
        raise ValueError(f"seconds is {seconds}; it must be positive")


def _records(
    trainer: Trainer, n_steps: int | None, seconds: float | None, every: int
) -> Iterator[Record]:
    """Train as `Trainer.run` says, and yield its records."""
    first, start = trainer.step, time.perf_counter()

    def of_steps() -> float:
        return (trainer.step - first) / n_steps

    def of_time() -> float:
        return (time.perf_counter() - start) / seconds

    while True:
        left = first + n_steps - trainer.step if seconds is None else seconds * (1 - of_time())
        if left <= 0:
            trainer.after_a_run = True
            for snapshot in trainer.snapshots:
                if snapshot.step == trainer.step:
                    snapshot.state["after_a_run"] = True
            return
        if seconds is not None or not trainer.n_steps:
            trainer._progress_of_run = of_time if seconds is not None else of_steps
        try:
            if seconds is None:
                trainer.burst(min(every, left))
            else:
                trainer.burst(every, left)
        finally:  # between two records, other cells may train by rules of their own
            trainer._progress_of_run = None
        yield trainer.history.last
