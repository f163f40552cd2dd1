"""Explorer: controls above one picture, a read-out below; what all explorers stand on."""

import contextlib
import functools
import sys
import weakref
from collections.abc import Iterator
from html import escape

import ipywidgets as widgets

from gan_lesson.live.panel import LivePanel, show

DOUBLE_CLICK = 0.4  # seconds; a button whose meaning changes takes a second click only after them


@functools.cache
def _pools():
    """Return what limits the threads of linear algebra; scikit-learn brings it, if it is loaded."""
    return sys.modules["threadpoolctl"].ThreadpoolController()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, if torch or scikit-learn is loaded: more only wait for each other.

    They wait by counting, so that the page waits, too: ten times as long for sixteen digits.
    """
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch else 1
    with contextlib.ExitStack() as limited:
        if "threadpoolctl" in sys.modules:
            limited.enter_context(_pools().limit(limits=1))
        if threads > 1:
            torch.set_num_threads(1)
            limited.callback(torch.set_num_threads, threads)
        yield


class Explorer:
    """Controls above one LivePanel, a read-out below: the common part of all explorers.

    A subclass makes `self.panel`, its controls and `redraw()`, then calls `assemble`.
    """

    panel: LivePanel

    def assemble(self, controls: list[widgets.Widget]) -> None:
        """Lay out the controls, the picture and the read-out, and draw for the first time."""
        self.readout = widgets.HTML(layout={"margin": "2px 0 8px 0"})
        row = widgets.HBox(controls, layout={"flex_flow": "row wrap", "max_width": "100%"})
        self.widget = widgets.VBox([row, self.panel.html, self.readout])
        for control in controls:
            control.observe(self._moved, "value")
        self.panel.drawn_by = weakref.WeakMethod(self.redraw)
        with one_thread():
            self.prepare()
            self.redraw()

    def prepare(self) -> None:
        """Compute once what pictures would have to wait for; nothing, if it is not overridden."""

    def _moved(self, change) -> None:
        # the read-out is sent right behind the picture: a page that shows both at once paints once
        with self.panel.lock, self.readout.hold_sync(), one_thread():
            self.redraw()

    def redraw(self) -> None:
        """Compute from the controls, move the artists, and redraw the panel."""
        raise NotImplementedError  # abstract: every explorer defines it

    def say(self, sentence: str) -> None:
        """Show `sentence`, plain text, as the read-out."""
        self.readout.value = f'<span style="font-size:15px">{escape(sentence)}</span>'

    def _ipython_display_(self) -> None:
        show(self.widget, self.panel)
