"""SideBySide: two or more trainers driven by one clock, always at the same step."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import ClassVar

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson.player.one import TrainingPlayer
from gan_lesson.player.scenes import CurvesScene, Scene, up_to_date
from gan_lesson.shelter import interrupt_deferred
from gan_lesson.snapshots import Snapshot, put_back, taken
from gan_lesson.trainer import Trainer, TrainingDiverged


class _Together:
    """Several trainers that a player drives as if they were one, always at the same step.

    A cell may train or rewind one of them alone; the next burst then brings the others level.
    """

    __slots__ = ("_kept_at", "_seconds_a_step", "trainers")  # a setting belongs to one of these

    schedules: ClassVar[dict] = {}
    n_steps = None

    def __init__(self, trainers: Mapping[str, Trainer]):
        self.trainers = dict(trainers)
        self._seconds_a_step = 0.001
        self._kept_at = -1.0

    @property
    def lock(self) -> AbstractContextManager:
        """The locks of all trainers as one: taken in one order, let go in the other."""
        return _all_held([trainer.lock for trainer in self.trainers.values()])

    @property
    def training(self) -> list[Trainer]:
        """Those that have not diverged."""
        return [trainer for trainer in self.trainers.values() if not trainer.diverged]

    @property
    def first(self) -> Trainer:
        """The trainer that has gone furthest of those that train, or of all if none does."""
        return max(self.training or self.trainers.values(), key=lambda trainer: trainer.step)

    @property
    def step(self) -> int:
        return self.first.step

    @property
    def history(self):
        return self.first.history

    @property
    def diverged(self) -> TrainingDiverged | None:
        """Set once there is nobody left to train."""
        return None if self.training else next(iter(self.trainers.values())).diverged

    @property
    def snapshots(self) -> list[Snapshot]:
        """States that all trainers keep."""
        kept = [{s.step for s in trainer.snapshots} for trainer in self.trainers.values()]
        common = set.intersection(*kept)
        return [s for s in self.first.snapshots if s.step in common]

    def burst(self, n_steps: int | None = None, seconds: float | None = None, players="DG") -> None:
        """Train all of them by the same number of steps, each about 10 ms before the next one.

        First those that are behind catch up, by whole turns; within `seconds`, if given.

        Raises:
            TrainingDiverged: there is nobody left to train.
        """
        with self.lock, self._kept_together():
            if self.diverged:
                raise self.diverged
            start, taken = time.perf_counter(), 0
            while n_steps is None or taken < n_steps:
                before, chunk = time.perf_counter(), max(1, int(0.01 / self._seconds_a_step))
                if not self._catch_up(chunk):
                    chunk = chunk if n_steps is None else min(chunk, n_steps - taken)
                    self._advance(dict.fromkeys(self.training, chunk), players)
                    self._seconds_a_step = (time.perf_counter() - before) / chunk
                    taken += chunk
                now = time.perf_counter()
                if seconds is not None and now - start + (now - before) / 2 >= seconds:
                    break
            level = len({trainer.step for trainer in self.training}) == 1
            if level and self.first.seconds - self._kept_at >= Trainer.seconds_between_snapshots:
                self.snapshot()

    def _catch_up(self, most: int) -> bool:
        """Let those that are behind take up to `most` steps; tell whether there were any."""
        steps = {trainer: min(most, self.step - trainer.step) for trainer in self.training}
        behind = {trainer: n for trainer, n in steps.items() if n}
        self._advance(behind, "DG")
        return bool(behind)

    def _advance(self, steps: Mapping[Trainer, int], players: str) -> None:
        for trainer, n_steps in steps.items():
            try:
                trainer.burst(n_steps, players=players)
            except TrainingDiverged:  # the others go on; the status line says it
                if self.diverged:
                    raise

    @contextmanager
    def _kept_together(self) -> Iterator[None]:
        """Let no trainer keep a state by itself: all keep the same steps."""
        trainers = self.trainers.values()
        before = [trainer.seconds_between_snapshots for trainer in trainers]
        for trainer in trainers:
            trainer.seconds_between_snapshots = float("inf")
        try:
            yield
        finally:
            for trainer, seconds in zip(trainers, before, strict=True):
                trainer.seconds_between_snapshots = seconds

    def run(self, n_steps: int, every: int):
        """Take `n_steps` steps, as `Trainer.run`."""
        for _ in range(0, n_steps, every):
            self.burst(every)
            yield self.history.last

    def snapshot(self, also_keep: int | None = None) -> None:
        with self.lock:
            self._kept_at = self.first.seconds
            for trainer in self.training:
                trainer.snapshot(also_keep)

    def rewind(self, step: int) -> None:
        """Rewind all of them, or none: one that cannot leaves the others where they are."""
        before: list[tuple[Trainer, Snapshot]] = []
        with self.lock, interrupt_deferred():
            try:
                for trainer in self.trainers.values():
                    before.append((trainer, taken(trainer)))
                    trainer.rewind(step)
            except ValueError:
                for trainer, state in before:
                    put_back(trainer, state)
                raise
            self._kept_at = self.first.seconds


@contextmanager
def _all_held(locks: list) -> Iterator[None]:
    with ExitStack() as held:
        for lock in locks:
            held.enter_context(lock)
        yield


class _Beside:
    """One scene for each trainer, beside each other or, if they are wide, below each other."""

    widest = 13.0  # inches that a projector of 1280 pixels shows

    def __init__(self, names: list[str], scene: Callable[[], Scene]):
        self.scenes = {name: scene() for name in names}
        width, height = next(iter(self.scenes.values())).size
        self.across = width * len(names) <= self.widest
        self.size = (
            (width * len(names), height + 0.3)
            if self.across
            else (width, (height + 0.3) * len(names))
        )

    def setup(self, figure: Figure, together: _Together) -> list[Artist]:
        shape = (1, len(self.scenes)) if self.across else (len(self.scenes), 1)
        parts = figure.subfigures(*shape, squeeze=False).ravel()
        moving = []
        for part, (name, scene) in zip(parts, self.scenes.items(), strict=True):
            moving += scene.setup(part, together.trainers[name])
            part.suptitle(name, fontsize=13, fontweight="bold")
        return moving

    def update(self, together: _Together) -> tuple[str, bool]:
        told, changed = [], False
        for name, scene in self.scenes.items():
            description, axes_changed = up_to_date(scene, together.trainers[name])
            told.append(f"{name}: {description}")
            changed |= axes_changed
        return " ".join(told), changed


class SideBySide(TrainingPlayer):
    """One player for two or more trainers: the same clock, the same number of steps.

        SideBySide({"alternating": trainer, "at once": other}, CurvesScene)

    Make `other` with `trainer.branch()` and change one thing, to see what that thing does.
    A trainer that diverges stays where it is and says so; the others go on.

    Args:
        trainers: two or more, by the name to show; all at the same step.
        scene: makes a scene, such as a class of scenes; called once for each trainer.
        preview_steps: as in `TrainingPlayer`.
        tick_seconds: as in `TrainingPlayer`.

    Raises:
        ValueError: fewer than two trainers, one given twice, or they are at different steps.
    """

    def __init__(
        self,
        trainers: Mapping[str, Trainer],
        scene: Callable[[], Scene] = CurvesScene,
        *,
        preview_steps: int = 0,
        tick_seconds: float = 0.1,
    ):
        super().__init__(
            _Together(_checked(trainers)),
            _Beside(list(trainers), scene),
            preview_steps=preview_steps,
            tick_seconds=tick_seconds,
        )

    def replace(self, trainers: Mapping[str, Trainer]) -> None:
        """Show and drive other runs from now on, in the places of those with their names.

        Raises:
            ValueError: as above, or the names are others.
        """
        if list(trainers) != list(self.trainer.trainers):
            names = list(self.trainer.trainers)
            raise ValueError(f"trainers are {list(trainers)}; they must be called {names}")
        with self.panel.lock:
            self.trainer = _Together(_checked(trainers))
            self._after_training()

    def _numbers(self) -> str:
        if not self.trainer.step:
            return "Step 0: nothing is trained yet. Press ▶."
        return f"Step {self.trainer.step:,} · " + " · ".join(
            f"{name}: " + (str(t.diverged) if t.diverged else _d_in_words(t.history))
            for name, t in self.trainer.trainers.items()
        )


def _checked(trainers: Mapping[str, Trainer]) -> Mapping[str, Trainer]:
    """Refuse runs that cannot be driven by one clock."""
    steps = {name: trainer.step for name, trainer in trainers.items()}
    if len(trainers) < 2 or len({id(t) for t in trainers.values()}) < len(trainers):
        raise ValueError(f"trainers are {list(trainers)}; give two or more different ones")
    if len(set(steps.values())) > 1:
        raise ValueError(f"trainers are at steps {steps}; they must start at the same step")
    for name, trainer in trainers.items():
        if trainer.schedules and trainer.n_steps is None:
            raise ValueError(f"trainer {name!r} has schedules but n_steps is None; give it one")
    return trainers


def _d_in_words(history) -> str:
    last = history.last
    return "–" if last is None else f"D(x) = {last.d_real:.2f}, D(G(z)) = {last.d_fake:.2f}"
