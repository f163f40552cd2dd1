"""TrainingPlayer: watch and drive a Trainer without ever blocking the kernel.

The clock is the browser's: a `Play` widget sends a tick ten times a second, and a tick asks
for one *burst*: some turns, bounded in time, and one picture. The burst begins once the kernel
has answered the tick, so that the page can send its next one meanwhile. Ticks that arrive
before the burst has begun ask for nothing more: the kernel would fall behind otherwise.

Between two bursts all waiting messages are served, so sliders move and other cells run
while training goes on. There is no thread of our own, hence nothing that could keep training
after the page is closed.
"""

import asyncio
import contextlib
import time
import weakref
from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from gan_lesson import checks
from gan_lesson.live import LivePanel, is_headless, show
from gan_lesson.loss_families import FAMILIES
from gan_lesson.player.scenes import CurvesScene, Scene, up_to_date
from gan_lesson.trainer import Trainer, TrainingDiverged

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
_PATIENCE = 1.25  # of its time that a tick may take, so that training gets _SHARE times the drawing
_SHARE = 6.0

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
        checks.positive("tick_seconds", tick_seconds)
        checks.count("preview_steps", preview_steps, 0)
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
        self._due = False  # a tick has asked for a burst that has not begun yet
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
        """Train one burst for a tick of the clock, soon; value 0 comes from the stop button."""
        was_due, self._due = self._due, change["new"] != 0
        if self._due and not was_due:
            _after_the_answer(self._train_a_burst)

    def _train_a_burst(self) -> None:
        was_due, self._due = self._due, False
        if not was_due or self.trainer.diverged or self._left:
            return
        _last_tick[self] = now = time.monotonic()
        playing = sum(now - tick < 1.0 for tick in _last_tick.values())
        seconds = self._burst_seconds(self.tick_seconds / playing)
        self._advance(n_steps=self.speed.value or None, seconds=seconds)

    def _burst_seconds(self, tick: float) -> float:
        """Return how long to train in a tick: what drawing leaves, or more if it leaves little."""
        enough = min(_SHARE * self._draw_seconds, _PATIENCE * tick - self._draw_seconds)
        return max(_SHORTEST_BURST, tick - self._draw_seconds, enough)

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
            description, axes_changed = up_to_date(self.scene, self.trainer)
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
        d = "D" if FAMILIES[self.trainer.history.loss].probability else "f"  # f: a score
        text = (
            f"Step {last.step:,} · {d}(x) = {last.d_real:.2f} · {d}(G(z)) = {last.d_fake:.2f} · "
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
