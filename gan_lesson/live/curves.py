"""LiveCurves: D(x), D(G(z)) and the losses of any training loop, drawn while it runs."""

import time
import weakref

from IPython import get_ipython
from IPython.display import update_display

from gan_lesson import plots
from gan_lesson.live.panel import LivePanel, bundle, is_headless, show


class LiveCurves:
    """Show a history's D(x), D(G(z)) and losses while any training loop fills it.

        history = History()
        curves = LiveCurves(history)      # shows the panel here
        for step in range(1000):
            ...                           # your own two updates
            history.append(d_real=…, d_fake=…, loss_d=…, loss_g=…)
            curves.update()

    `update` redraws at most ten times a second, so it may stand in the innermost loop; once
    the cell has ended, the last state is drawn by itself.

    Args:
        history: a `gan_lesson.History`.
        width: inches.
        height: inches.
    """

    seconds_between_pictures = 0.1

    def __init__(self, history, width: float = 9.0, height: float = 3.2):
        self.history = history
        self.panel = LivePanel(width, height)
        with plots.lesson_style():
            axes_d, axes_loss = self.panel.figure.subplots(1, 2)
            self._lines = plots.history_axes(axes_d, axes_loss, history)
        self.panel.moving(self._lines)
        self._drawn_version = -1
        self._drawn_at = 0.0
        self._display_id = f"live-curves-{id(self)}"
        self.update(now=True)
        self._shell = get_ipython()
        if self._shell is not None:
            show(self.panel.html, self.panel, self._display_id)
            self._finish_after_cells()

    def update(self, now: bool = False) -> None:
        """Redraw if a tenth of a second has passed since the last picture, or if `now`."""
        if not now and time.monotonic() - self._drawn_at < self.seconds_between_pictures:
            return
        if self.history.version == self._drawn_version:
            return
        with self.panel.lock:
            if plots.update_history(self._lines, self.history):
                self.panel.invalidate()
            self._drawn_version = self.history.version
            self.panel.redraw(plots.describe_history(self.history))
        self._drawn_at = time.monotonic()

    def _finish_after_cells(self) -> None:
        """Call `_finish` when a cell ends, for as long as anybody holds this object."""
        weak, events = weakref.ref(self), self._shell.events

        def finish(*_) -> None:
            curves = weak()
            if curves is None or curves._shell is None:
                events.unregister("post_run_cell", finish)
            else:
                curves._finish()

        events.register("post_run_cell", finish)

    def _finish(self) -> None:
        """Draw what the last tenth of a second added, when a cell ends."""
        if self.history.version == self._drawn_version:
            return
        self.update(now=True)
        if is_headless():  # store the last picture, not the empty first one
            data, metadata = bundle(self.panel.html, self.panel)
            update_display(data, raw=True, metadata=metadata, display_id=self._display_id)

    def close(self) -> None:
        """Stop following the history."""
        self._shell = None
