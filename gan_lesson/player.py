"""TrainingPlayer: watch and drive a Trainer without ever blocking the kernel.

`SideBySide` drives two or more trainers at once; `flip_book` writes a run as a page.

The clock is the browser's: a `Play` widget ticks, and each tick is owed one burst that is
bounded in time and draws once. A burst begins when the kernel has answered the tick, so that
the page sends its next one meanwhile; of ticks that come too early one burst is owed, not
more. Between two bursts all waiting messages are served, so sliders move and other cells run
while training goes on. There is no thread of our own, hence nothing that could keep training
after the page is closed.
"""

import asyncio
import base64
import contextlib
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Protocol

import ipywidgets as widgets
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.live import LivePanel, is_headless, show
from gan_lesson.saving import write_whole
from gan_lesson.training import Snapshot, Trainer, TrainingDiverged

# Colab loads no Font-Awesome, and no Play widget names its buttons: they get a text instead of
# an empty square, and after the slash, where a browser knows it, what a screen reader says.
_GLYPHS = """<style>
.widget-play button .fa::before {font-family: sans-serif; font-style: normal}
.widget-play button .fa-play::before {content: "▶"; content: "▶" / "Play"}
.widget-play button .fa-pause::before {content: "❚❚"; content: "❚❚" / "Pause"}
.widget-play button .fa-stop::before {content: "■"; content: "■" / "Stop"}
</style>"""

_SPEEDS = [("1 step a picture", 1), ("10 steps a picture", 10), ("full speed", 0)]

_SHORTEST_BURST = 0.02  # seconds, however slow the drawing

_NOW = -1  # the slider's last place: the run as it stands, kept or not

_last_tick: "weakref.WeakKeyDictionary[TrainingPlayer, float]" = weakref.WeakKeyDictionary()


def _after_the_answer(burst: Callable[[], None]) -> None:
    """Call `burst` when the kernel has answered the message at hand; at once outside a kernel."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return burst()

    def guarded() -> None:
        with contextlib.suppress(KeyboardInterrupt):  # would end the kernel's loop, not a cell
            burst()

    loop.call_soon(guarded)


class Scene(Protocol):
    """What a player shows: artists made once, then moved to the trainer's present state."""

    size: tuple[float, float]

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make all artists on `figure`; return those that move, in drawing order."""

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Move the artists; return a one-sentence description, and whether axes changed."""


def _up_to_date(scene: Scene, trainer: Trainer) -> tuple[str, bool]:
    """Return what `scene.update` does; of a run that diverged there may be nothing left to draw."""
    try:
        return scene.update(trainer)
    except ValueError:
        if not trainer.diverged:
            raise
        return f"{trainer.diverged} The picture is the last that could be drawn.", False


class CurvesScene:
    """D(x), D(G(z)) and both losses of any trainer, with their chance levels."""

    size = (9.0, 3.2)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the two axes and four lines."""
        with plots.lesson_style():
            axes_d, axes_loss = figure.subplots(1, 2)
            self._lines = plots.history_axes(axes_d, axes_loss, trainer.history)
        return self._lines

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Put the history on the lines."""
        changed = plots.update_history(self._lines, trainer.history)
        return plots.describe_history(trainer.history), changed


class TrainingPlayer:
    """Play, pause, step one player, change speed, and rewind a `Trainer`, live.

    Nothing trains before Play is pressed, except that with GAN_LESSON_HEADLESS=1 (builds
    and tests) `preview_steps` steps are run and their picture is stored.

    Args:
        trainer: the run to drive; it may also be trained from cells meanwhile.
        scene: what to show; the curves if left out.
        preview_steps: steps to run when there is no learner to press Play.
        tick_seconds: time that training and drawing may take together in each tick, which
            comes after so long but not before .1 s; shared among the players that play at once.

    Raises:
        ValueError: `preview_steps` or `tick_seconds` is out of range, or the trainer has
            schedules and no `n_steps`.
    """

    def __init__(
        self,
        trainer: Trainer,
        scene: Scene | None = None,
        *,
        preview_steps: int = 0,
        tick_seconds: float = 0.1,
    ):
        if trainer.schedules and trainer.n_steps is None:
            raise ValueError("trainer has schedules but n_steps is None; give it n_steps")
        if not tick_seconds > 0:
            raise ValueError(f"tick_seconds is {tick_seconds}; it must be positive")
        if not isinstance(preview_steps, int) or preview_steps < 0:
            raise ValueError(f"preview_steps is {preview_steps!r}; it must be an integer >= 0")
        self.trainer = trainer
        self.scene = scene or CurvesScene()
        self.tick_seconds = tick_seconds
        self._draw_seconds = 0.02
        self._moving_slider = False
        self._rate = (time.monotonic(), trainer.step, 0.0)
        self.panel = LivePanel(*self.scene.size)
        self.panel.moving(self.scene.setup(self.panel.figure, trainer))
        self._make_controls()
        if preview_steps and is_headless():
            for _ in trainer.run(preview_steps, every=preview_steps):
                pass
            trainer.snapshot()
        self._after_training()

    def _make_controls(self) -> None:
        interval = max(100, round(1000 * self.tick_seconds))
        self.play = widgets.Play(interval=interval, min=0, max=10**9, step=1, value=0)
        if "show_repeat" in self.play.trait_names():  # gone in later ipywidgets 8 releases
            self.play.show_repeat = False
        self.play._view_count = 0  # a number asks the front end to count the views on the page
        self._due = False  # a tick has come whose burst is not trained yet
        self._left = False  # all views are gone: the cell ran again, or its output was cleared
        self.step_d = widgets.Button(description="Step D", tooltip="move D once, G fixed")
        self.step_g = widgets.Button(description="Step G", tooltip="move G once, D fixed")
        for button in (self.step_d, self.step_g):
            button.layout.width = "76px"
        self.speed = widgets.SelectionSlider(
            options=_SPEEDS, value=0, description="speed", layout={"width": "330px"}
        )
        self.moment = widgets.SelectionSlider(
            options=[("now", _NOW)],
            value=_NOW,
            description="rewind to",
            continuous_update=True,
            layout={"width": "100%", "max_width": "620px"},
        )
        self.status = widgets.HTML(layout={"margin": "2px 0 8px 0"})
        buttons = widgets.HBox(
            [self.play, self.step_d, self.step_g, self.speed, widgets.HTML(_GLYPHS)],
            layout={"flex_flow": "row wrap", "max_width": "100%", "align_items": "center"},
        )
        self.widget = widgets.VBox([buttons, self.panel.html, self.moment, self.status])
        self.play.observe(self._tick, "value")
        self.play.observe(self._count_views, "_view_count")
        self.step_d.on_click(lambda _: self._advance(n_steps=1, players="D"))
        self.step_g.on_click(lambda _: self._advance(n_steps=1, players="G"))
        self.moment.observe(self._rewind, "value")

    # --- what the controls do ------------------------------------------------------------

    def _tick(self, change) -> None:
        """Let one burst be trained for a tick of the clock; value 0 is the stop button."""
        was_due, self._due = self._due, change["new"] != 0
        if self._due and not was_due:
            _after_the_answer(self._train_a_burst)

    def _train_a_burst(self) -> None:
        was_due, self._due = self._due, False
        if not was_due or self.trainer.diverged or self._left:
            return
        _last_tick[self] = now = time.monotonic()
        playing = sum(now - tick < 1.0 for tick in _last_tick.values())
        seconds = max(_SHORTEST_BURST, self.tick_seconds / playing - self._draw_seconds)
        self._advance(n_steps=self.speed.value or None, seconds=seconds)

    def _count_views(self, change) -> None:
        """Stop when the last view leaves the page: the clock lives on without it."""
        self._left = change["new"] == 0
        if self._left:
            for name in ("playing", "_playing"):  # ipywidgets 8, 7
                if self.play.has_trait(name):
                    setattr(self.play, name, False)

    def _advance(self, **burst) -> None:
        try:
            self.trainer.burst(**burst)
        except TrainingDiverged as error:
            self._after_training(str(error))
        except Exception as error:  # a widget's callback would swallow it
            self._after_training(f"{type(error).__name__}: {error}")
            raise
        else:
            self._after_training()

    def _rewind(self, change) -> None:
        step = change["new"]
        if self._moving_slider or step == _NOW:
            return
        self._due = False
        with self.trainer.lock:
            if not self.trainer.diverged:
                self.trainer.snapshot(also_keep=step)  # so that one can come back from there
            self.trainer.rewind(step)
        self._show_moments(step)
        self.redraw()

    # --- what they show ------------------------------------------------------------------

    def _after_training(self, message: str = "") -> None:
        self._show_moments(_NOW)
        self.redraw(message)

    def _show_moments(self, chosen: int) -> None:
        """Offer the kept steps on the slider and put it at `chosen`, without rewinding."""
        steps = [snapshot.step for snapshot in self.trainer.snapshots]
        options = [(f"{step:,}", step) for step in steps] + [("now", _NOW)]
        self._moving_slider = True
        try:
            if list(self.moment.options) != options:
                self.moment.options = options
            self.moment.value = chosen
        finally:
            self._moving_slider = False

    def redraw(self, message: str = "") -> None:
        """Draw the trainer's present state, with `message` (plain text) or its numbers below."""
        with self.panel.lock, self.trainer.lock:  # always in this order
            start = time.perf_counter()
            if message:  # first of all: drawing may fail, too
                self._tell(message)
            description, axes_changed = _up_to_date(self.scene, self.trainer)
            if axes_changed:
                self.panel.invalidate()
            self.panel.redraw(description)
            self._tell(message or self._numbers())
            self._draw_seconds += 0.2 * (time.perf_counter() - start - self._draw_seconds)

    def _tell(self, words: str) -> None:
        self.status.value = f'<span style="font-size:15px">{escape(words)}</span>'

    def _numbers(self) -> str:
        last = self.trainer.history.last
        if last is None:
            return "Step 0: nothing is trained yet. Press ▶."
        text = (
            f"Step {last.step:,} · D(x) = {last.d_real:.2f} · D(G(z)) = {last.d_fake:.2f} · "
            f"loss D {last.loss_d:.2f} · loss G {last.loss_g:.2f}"
        )
        return text if is_headless() else f"{text} · {self._steps_a_second():.0f} steps/s"

    def _steps_a_second(self) -> float:
        """Return the rate over the last second or so, waiting included."""
        now = time.monotonic()
        since, step, rate = self._rate
        if now - since >= 1.0:
            rate = max(0.0, (self.trainer.step - step) / (now - since))
            self._rate = (now, self.trainer.step, rate)
        return rate

    def _ipython_display_(self) -> None:
        show(self.widget, self.panel)


class _Locks:
    """The locks of several trainers as one: taken in one order, let go in the other."""

    def __init__(self, trainers: list[Trainer]):
        self._locks = [trainer.lock for trainer in trainers]

    def __enter__(self) -> None:
        for lock in self._locks:
            lock.acquire()

    def __exit__(self, *_) -> None:
        for lock in reversed(self._locks):
            lock.release()


class _Together:
    """Several trainers that a player drives as if they were one, always at the same step."""

    schedules: dict = {}
    n_steps = None

    def __init__(self, trainers: Mapping[str, Trainer]):
        self.trainers = dict(trainers)
        self.lock = _Locks(list(self.trainers.values()))
        self._seconds_a_step = 0.001
        self._kept_at = -1.0

    @property
    def first(self) -> Trainer:
        """The trainer that has gone furthest: the others are with it, or have diverged."""
        return max(self.trainers.values(), key=lambda trainer: trainer.step)

    @property
    def step(self) -> int:
        return self.first.step

    @property
    def history(self):
        return self.first.history

    @property
    def diverged(self) -> TrainingDiverged | None:
        """Set once there is nobody left to train."""
        errors = [trainer.diverged for trainer in self.trainers.values()]
        return errors[0] if all(errors) else None

    @property
    def snapshots(self) -> list[Snapshot]:
        """States that all trainers keep."""
        kept = [{s.step for s in trainer.snapshots} for trainer in self.trainers.values()]
        common = set.intersection(*kept)
        return [s for s in self.first.snapshots if s.step in common]

    def burst(self, n_steps: int | None = None, seconds: float | None = None, players="DG") -> None:
        """Train all of them by the same number of steps, in turns of about 10 ms."""
        with self.lock, self._kept_together():
            start, taken = time.perf_counter(), 0
            while n_steps is None or taken < n_steps:
                chunk = max(1, int(0.01 / self._seconds_a_step))
                chunk = chunk if n_steps is None else min(chunk, n_steps - taken)
                before = time.perf_counter()
                self._turn(chunk, players)
                now = time.perf_counter()
                self._seconds_a_step = (now - before) / chunk
                taken += chunk
                if seconds is not None and now - start + (now - before) / 2 >= seconds:
                    break
            if self.first.seconds - self._kept_at >= Trainer.seconds_between_snapshots:
                self.snapshot()

    def _turn(self, n_steps: int, players: str) -> None:
        for trainer in self.trainers.values():
            if not trainer.diverged:
                try:
                    trainer.burst(n_steps, players=players)
                except TrainingDiverged:  # the others go on; the status line says it
                    if self.diverged:
                        raise

    @contextlib.contextmanager
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
            for trainer in self.trainers.values():
                if not trainer.diverged:
                    trainer.snapshot(also_keep)

    def rewind(self, step: int) -> None:
        with self.lock:
            for trainer in self.trainers.values():
                trainer.rewind(step)
            self._kept_at = self.first.seconds


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
            description, axes_changed = _up_to_date(scene, together.trainers[name])
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
        steps = {name: trainer.step for name, trainer in trainers.items()}
        if len(trainers) < 2 or len({id(t) for t in trainers.values()}) < len(trainers):
            raise ValueError(f"trainers are {list(trainers)}; give two or more different ones")
        if len(set(steps.values())) > 1:
            raise ValueError(f"trainers are at steps {steps}; they must start at the same step")
        for name, trainer in trainers.items():
            if trainer.schedules and trainer.n_steps is None:
                raise ValueError(f"trainer {name!r} has schedules but n_steps is None; give it one")
        super().__init__(
            _Together(trainers),
            _Beside(list(trainers), scene),
            preview_steps=preview_steps,
            tick_seconds=tick_seconds,
        )

    def _numbers(self) -> str:
        if not self.trainer.step:
            return "Step 0: nothing is trained yet. Press ▶."
        return f"Step {self.trainer.step:,} · " + " · ".join(
            f"{name}: " + (str(t.diverged) if t.diverged else _d_in_words(t.history))
            for name, t in self.trainer.trainers.items()
        )


def _d_in_words(history) -> str:
    last = history.last
    return "–" if last is None else f"D(x) = {last.d_real:.2f}, D(G(z)) = {last.d_fake:.2f}"


_FLIP_BOOK = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{font: 16px sans-serif; max-width: {width}px; margin: 1em auto; padding: 0 1em}}
figure {{margin: 0}} img {{max-width: 100%; height: auto}} input {{width: 100%}}
.flip figure {{display: none}} .flip figure.on {{display: block}}
</style>
<h1>{title}</h1>
<label>step <output id="step"></output>
<input id="moment" type="range" min="0" max="{last}" value="{last}" hidden></label>
<div id="book">
{pages}
</div>
<script>
const moment = document.getElementById("moment"), book = document.getElementById("book");
function turn() {{
  [...book.children].forEach((page, i) => page.classList.toggle("on", i == moment.value));
  document.getElementById("step").textContent = book.children[moment.value].dataset.step;
  moment.setAttribute("aria-valuetext", "step " + book.children[moment.value].dataset.step);
}}
book.classList.add("flip"); moment.hidden = false; moment.oninput = turn; turn();
</script>
</html>
"""
_PAGE = """<figure data-step="{step}">
<img alt="{alt}" width="{width}" src="data:image/png;base64,{png}">
<figcaption>{caption}</figcaption></figure>"""


def flip_book(
    trainer: Trainer, scene: Scene, path: str | Path, title: str = "A run, step by step"
) -> Path:
    """Write every kept moment of a run as one HTML page: a slider turns its pictures.

    The page needs no kernel, no network and no other file. The trainer is left as it is.

    Args:
        trainer: the run; its kept states are drawn, and its present one.
        scene: what to draw; a new one, not that of a player.
        path: the page to write.
        title: the page's heading.

    Returns:
        The path.

    Raises:
        OSError: the page cannot be written; one that was there before is as it was.
    """
    with trainer.lock:
        moments = [trainer.branch(s.step) for s in trainer.snapshots if s.step != trainer.step]
        moments = sorted([*moments, trainer.branch()], key=lambda moment: moment.step)
    panel = LivePanel(*scene.size)
    panel.moving(scene.setup(panel.figure, moments[-1]))
    _up_to_date(scene, moments[-1])  # so that all pictures share the last one's axes, if they grow
    pages = []
    for moment in moments:
        description, changed = _up_to_date(scene, moment)
        if changed:
            panel.invalidate()
        panel.redraw(description)
        pages.append(
            _PAGE.format(
                step=moment.step,
                alt=escape(description, quote=True),
                width=round(panel.figure.bbox.width),
                png=base64.b64encode(panel.png).decode(),
                caption=escape(description),
            )
        )
    text = _FLIP_BOOK.format(
        title=escape(title),
        width=round(panel.figure.bbox.width),
        last=len(pages) - 1,
        pages="\n".join(pages),
    )
    return write_whole(path, text)
