"""LiveCurves: D's answers and the losses of any training loop, drawn while it runs."""

import atexit
import time
import weakref
from collections.abc import Mapping
from pathlib import Path

from IPython import get_ipython
from IPython.display import update_display

from gan_lesson import plots
from gan_lesson.live.panel import LivePanel, bundle, is_headless, show
from gan_lesson.saving import whole

FILE = "live_curves.png"


class LiveCurves:
    """Show a history's D(x), D(G(z)) and losses while any training loop fills it.

        history = History()
        curves = LiveCurves(history)      # shows the panel here
        for step in range(1000):
            ...                           # your own two updates
            history.append(d_real=…, d_fake=…, loss_d=…, loss_g=…)
            curves.update()

    `update` redraws at most ten times a second, and seldom enough to take less than a twentieth of
    the loop's time, so it may stand in the innermost loop; once the cell has ended, the last state
    is drawn by itself. Further columns of the history are drawn below.

    Outside a notebook the picture goes to a file, every two seconds and at the end, and its name
    is printed once.

    Args:
        history: a `gan_lesson.History`; or {name: history} of up to four runs, which are compared.
        width: inches.
        height: inches; two rows of panels take more than one.
        path: the file outside a notebook; live_curves.png in the working folder if left out.
    """

    seconds_between_pictures = 0.1
    seconds_between_files = 2.0
    share, advance = 0.03, 0.2  # of the loop's time, at most, and seconds beyond it

    def __init__(
        self, history, width: float = 9.0, height: float = 3.2, path: str | Path | None = None
    ):
        self.history = history
        self.path = Path(path or FILE).absolute()  # the working folder may change
        self._several = isinstance(history, Mapping)
        self._inches = (width, height)
        self._shell = get_ipython()
        self._in_notebook = getattr(self._shell, "kernel", None) is not None
        self._told, self._closed = "", False
        self.panel = LivePanel(width, 5.2 if self._several else height)
        self._drawn = None
        self._drawn_at = self._spent = self._last_took = self._started = 0.0
        self._set_out()
        self._display_id = f"live-curves-{id(self)}"
        self.update(now=True)
        self._spent = self._last_took = 0.0  # the first picture is not the loop's
        self._started = time.monotonic()
        if self._in_notebook:
            show(self.panel.html, self.panel, self._display_id)
            self._finish_after_cells()
        else:
            self._finish_at_exit()

    def _set_out(self) -> None:
        """Lay the figure out anew, for the columns that there are."""
        self._extras = () if self._several else self.history.extras
        if self._several:
            return
        width, height = self._inches
        rows = -(-len(self._extras) // 2)
        if rows or self.panel.figure.axes:
            self.panel.start_over(width, height + 1.8 * rows)
        with plots.lesson_style():
            axes = plots.axes_below(self.panel.figure, rows)
            self._lines = plots.history_axes(*axes[0], self.history)
            below = axes[1:].ravel()
            self._lines_below = plots.extra_axes(below, self._extras)
        self.panel.moving([*self._lines, *self._lines_below])

    def _version(self):
        """Return what changes whenever the picture should."""
        if self._several:
            return tuple(run.version for run in self.history.values())
        return self.history.version

    def update(self, now: bool = False) -> None:
        """Redraw if enough time has passed since the last picture, or if `now`."""
        start = time.monotonic()
        if self._closed or not (now or self._may_draw(start)):
            return
        if (version := self._version()) == self._drawn:
            return
        with self.panel.lock:
            self._draw()
        self._drawn, self._drawn_at = version, time.monotonic()
        if not self._in_notebook:
            self._write()
        self._last_took = time.monotonic() - start
        self._spent += self._last_took

    def _may_draw(self, now: float) -> bool:
        """Tell whether enough time has passed since the last picture, and for all of them."""
        least = self.seconds_between_pictures if self._in_notebook else self.seconds_between_files
        affordable = self.share * (now - self._started) + self.advance
        # what the picture will take counts beforehand, or slow ones would overdraw
        return now - self._drawn_at >= least and self._spent + self._last_took <= affordable

    def _draw(self) -> None:
        if self._several:
            self.panel.start_over()
            plots.compare(self.history, self.panel.figure)
            told = [f"{name}: {plots.describe_history(h)}" for name, h in self.history.items()]
            self.panel.redraw(" ".join(told))
            return
        if self.history.extras != self._extras:
            self._set_out()
        changed = plots.update_history(self._lines, self.history)
        if plots.update_extras(self._lines_below, self.history) or changed:
            self.panel.invalidate()
        self.panel.redraw(plots.describe_history(self.history))

    def _write(self) -> None:
        """Write the picture to the file, and say its name the first time."""
        runs = self.history.values() if self._several else [self.history]
        if not any(len(run) for run in runs):
            return
        told = f"LiveCurves draws to {self.path}"
        try:
            with whole(self.path) as partial:
                partial.write_bytes(self.panel.png)
        except OSError as error:  # the loop is worth more than its picture
            told = f"LiveCurves cannot draw: {error}"
        if told != self._told:
            print(told)
            self._told = told

    def _finish_at_exit(self) -> None:
        """Draw the last state when the program ends, if somebody still holds this object."""
        weak = weakref.ref(self)

        def finish() -> None:
            if (curves := weak()) is not None:
                curves.close()

        atexit.register(finish)
        weakref.finalize(self, atexit.unregister, finish)

    def _finish_after_cells(self) -> None:
        """Call `_finish` when a cell ends, for as long as anybody holds this object."""
        weak, events = weakref.ref(self), self._shell.events

        def finish(*_) -> None:
            curves = weak()
            if curves is None or curves._closed:
                events.unregister("post_run_cell", finish)
            else:
                curves._finish()

        events.register("post_run_cell", finish)

    def _finish(self) -> None:
        """Draw what the last moments added, when a cell ends."""
        if self._version() == self._drawn:
            return
        self.update(now=True)
        if is_headless():  # store the last picture, not the empty first one
            data, metadata = bundle(self.panel.html, self.panel)
            update_display(data, raw=True, metadata=metadata, display_id=self._display_id)

    def __del__(self):
        if not getattr(self, "_closed", True):
            self.close()  # a local name of a script's main() ends before the program does

    def close(self) -> None:
        """Stop following the history; outside a notebook, write its last state first."""
        if not self._in_notebook:
            self.update(now=True)
        self._closed = True
