"""LivePanel: one figure that is kept alive and redrawn fast; LiveCurves: a run, live.

A figure is created once. What does not move is kept as a background; a redraw restores it,
draws only the artists that move, encodes the pixels as PNG, and puts the picture as
`<img alt="…" src="data:…">` into one `ipywidgets.HTML`. That is a plain text trait of a
core widget, so JupyterLab, the classic Notebook and Colab all show it the same way, and
the alternative text reaches screen readers.
"""

import base64
import io
import os
import struct
import threading
import time
import weakref
import zlib
from html import escape
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from IPython import get_ipython
from IPython.display import display, update_display
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from gan_lesson import plots

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
DOUBLE_CLICK = 0.4  # seconds; a button whose meaning changes takes a second click only after them


def is_headless() -> bool:
    """Tell whether lessons run without a learner: GAN_LESSON_HEADLESS=1 (builds, nbval, CI)."""
    return os.environ.get("GAN_LESSON_HEADLESS", "") not in ("", "0")


# --- the projector view ------------------------------------------------------------------------

_ZOOM = 1.35  # of controls and read-outs; pictures keep the size they have
_ENLARGED = "gan-lesson-projector"  # class of the boxes that are enlarged
_PICTURE = "gan-lesson-picture"
_STYLE = f"""<style>
.{_ENLARGED} {{zoom: {_ZOOM}; --jp-widgets-font-size: 14px; --jp-widgets-color: #000;
    --jp-ui-font-color1: #000}}
.{_ENLARGED} img {{zoom: {1 / _ZOOM}}}
.{_ENLARGED} .noUi-connect {{background: #000}}
.{_ENLARGED} .noUi-handle {{border: 2px solid #000}}
.{_ENLARGED} button {{border: 1px solid #000; min-width: max-content; padding: 0 6px}}
.{_ENLARGED} .mod-active {{background: #222; color: #fff}}
</style>"""
_LEAST = 0.8  # of its inches that a figure keeps, so that larger type still has room


class _Room(NamedTuple):
    """What a projector gives to a picture: pixels, and dots per inch at most."""

    width: int
    height: int
    dpi: int  # at 150, 11 points are 23 pixels


_room: _Room | None = None  # None on a desk
_pictures: "weakref.WeakSet[Picture]" = weakref.WeakSet()
_boxes: "weakref.WeakSet[widgets.Box]" = weakref.WeakSet()


def is_projector() -> bool:
    """Tell whether pictures and controls are drawn for a projector."""
    return _room is not None


if os.environ.get("GAN_LESSON_PROJECTOR", "") not in ("", "0"):
    _room = _Room(1120, 600, 150)


def projector(on: bool = True, width: int = 1120, height: int = 600, dpi: int = 150) -> None:
    """Draw all pictures and controls for a projector: large type, thick lines, dark on white.

    Those on the page follow at once. The environment variable GAN_LESSON_PROJECTOR=1 switches
    it on from the start.

    Args:
        on: False goes back to the desk.
        width: most that a picture may be wide, pixels.
        height: most that a picture may be high, pixels.
        dpi: most dots per inch of a figure; 100 leaves its type as on a desk.

    Raises:
        ValueError: one of them is below 100.
    """
    global _room
    room = _Room(width, height, dpi)
    if min(room) < 100:
        raise ValueError(f"width, height and dpi are {tuple(room)}; each must be at least 100")
    _room = room if on else None
    for picture in list(_pictures):
        with picture.lock:
            picture.draw_again()
    for box in list(_boxes):
        enlarge(box)


def projector_switch() -> widgets.ToggleButton:
    """Return a button that switches the projector view on and off."""
    button = widgets.ToggleButton(value=is_projector(), description="projector view")
    button.observe(lambda change: projector(change["new"]), "value")
    return button


def enlarge(box: widgets.Box) -> None:
    """Show a box's controls large or as usual, whichever holds now and later."""
    _boxes.add(box)
    if not is_projector():
        box.remove_class(_ENLARGED)
        return
    box.add_class(_ENLARGED)
    if getattr(box.children[-1], "value", None) != _STYLE:
        box.children += (widgets.HTML(_STYLE, layout={"display": "none"}),)


def encode_png(pixels: np.ndarray) -> bytes:
    """Return a PNG file of an RGB picture, shape (height, width, 3), uint8.

    Pillow, which tries five filters on every row, takes more than twice as long for a file
    that is no smaller: on flat figures the plain rows compress as well.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter, none
    for colour in range(3):  # three strided copies take a quarter of one reshape's time
        rows[:, 1 + colour :: 3] = pixels[..., colour]
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits a colour, RGB
    file = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")):
        file += struct.pack(">I", len(data)) + name + data
        file += struct.pack(">I", zlib.crc32(name + data))
    return file


class Picture:
    """A PNG with its description in one `ipywidgets.HTML`, sized for a desk or a projector.

    Args:
        width: on the page, CSS pixels.
        height: on the page, CSS pixels.
    """

    def __init__(self, width: int, height: int):
        self.lock = threading.RLock()
        self.description = ""
        self.png = b""
        self.frames = 0
        self.drawn_by: weakref.WeakMethod | None = None  # what draws it anew in another size
        self._on_desk = self._size = (width, height)
        self._fits: _Room | None = None  # the projector's room it is made for
        self.html = widgets.HTML(layout={"max_width": "100%", "margin": "0"})
        self._set_width()
        _pictures.add(self)

    def _set_width(self) -> None:
        """Give the picture its width on the page; its own attributes keep the height."""
        layout = self.html.layout
        # on a projector the place would be enlarged with the controls, the picture is not
        layout.width = None if self._fits else f"{self._size[0]}px"
        (self.html.add_class if self._fits else self.html.remove_class)(_PICTURE)

    def _fit(self) -> None:
        """Take the size of the desk or of the projector, whichever now holds."""
        if self._fits != _room:
            self._fits = _room
            self._take_size()
            self._set_width()

    def _take_size(self) -> None:
        width, height = self._on_desk
        scale = min(_room.width / width, _room.height / height) if _room else 1
        self._size = (round(scale * width), round(scale * height))

    def close(self) -> None:
        """Take the picture off the page for good."""
        _pictures.discard(self)
        self.html.close()

    def draw_again(self) -> None:
        """Draw the present state in the size that now holds."""
        draw = self.drawn_by and self.drawn_by()
        if draw and self.frames:
            draw()

    def put(self, png: bytes, description: str) -> None:
        """Show a PNG with the sentence that describes it."""
        self.png, self.description = png, description
        self.frames += 1
        width, height = self._size
        self.html.value = (
            f'<img alt="{escape(description, quote=True)}" width="{width}" height="{height}" '
            'decoding="sync" style="max-width:100%;height:auto;pointer-events:none" '
            f'src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        )


class LivePanel(Picture):
    """A figure in a widget, redrawn by drawing only what moved.

        panel = LivePanel(7, 3.6)
        axes = panel.figure.subplots()
        dot, = panel.moving(axes.plot([.5], [.5], "o"))
        panel.redraw("A dot at one half.")
        dot.set_data([.7], [.5])
        panel.redraw("A dot at .7.")

    Args:
        width: width of the figure, inches.
        height: height of the figure, inches.
        dpi: dots per inch; width * dpi is the size on the page, in CSS pixels.
        figure: a finished figure to show instead of a new one; its own size then counts.
    """

    def __init__(
        self,
        width: float = 7.0,
        height: float = 3.6,
        dpi: int = 100,
        figure: Figure | None = None,
    ):
        if figure is not None:
            width, height, dpi = *figure.get_size_inches(), figure.dpi
        self.figure: Figure = figure or plots.new_figure(width, height, dpi)
        self._inches = (width, height, dpi)
        self._finished = figure is not None  # its parts stay where its author put them
        self._layout = self.figure.get_layout_engine()
        self._moving: list[Artist] = []
        self._background = None
        super().__init__(round(width * dpi), round(height * dpi))

    def _take_size(self) -> None:
        width, height, dpi = self._inches
        self._size = self._on_desk
        if _room:
            across, down = _room.width, min(_room.height, round(150 * height))
            dpi = min(_room.dpi, across / (_LEAST * width), down / (_LEAST * height))
            if self._finished:
                dpi = min(_room.dpi, across / width, down / height)
                across, down = round(width * dpi), round(height * dpi)
            self._size = (across, down)
            width, height = (across + 0.01) / dpi, (down + 0.01) / dpi
        plots.strengthen(self.figure, is_projector())
        self.figure.set_dpi(dpi)
        self.figure.set_size_inches(width, height)
        self.figure.set_layout_engine(self._layout)
        self._background = None

    def draw_again(self) -> None:
        """Draw the present state in the size that now holds."""
        super().draw_again()
        if self.frames and self.drawn_by is None:
            self.redraw(self.description)

    def moving(self, artists: list[Artist]) -> list[Artist]:
        """Declare artists that move, in drawing order; return them."""
        with self.lock:
            for artist in artists:
                artist.set_animated(True)
            self._moving += artists
            self._background = None  # it may still show them
        return artists

    def invalidate(self) -> None:
        """Say that something else changed (an axis limit, a title): redraw everything once."""
        with self.lock:
            self._background = None

    def redraw(self, description: str) -> None:
        """Draw, encode and show the present state.

        Args:
            description: one sentence that says what the picture shows, for those who cannot
                see it; becomes its alternative text.
        """
        with self.lock:
            self._fit()
            canvas = self.figure.canvas
            if self._background is None:
                if self._fits:
                    plots.strengthen(self.figure)
                if self._layout and self.figure.get_layout_engine() is self._layout:
                    self.figure.draw_without_rendering()
                    self.figure.set_layout_engine("none")  # place axes once, never jump later
                canvas.draw()
                self._background = canvas.copy_from_bbox(self.figure.bbox)
            else:
                canvas.restore_region(self._background)
            for artist in self._moving:
                artist.axes.draw_artist(artist) if artist.axes else self.figure.draw_artist(artist)
            self.put(encode_png(np.asarray(canvas.buffer_rgba())[..., :3]), description)

    def _ipython_display_(self) -> None:
        show(self.html, self)


def _as_stored(png: bytes) -> bytes:
    """Return the picture that a built notebook keeps: a large one in 256 colours, a third as long.

    Nothing changes for a learner, whose picture is the widget's own.
    """
    if not is_headless() or len(png) < 30_000:
        return png
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    buffer = io.BytesIO()
    image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        buffer, "png", optimize=True
    )
    return min(png, buffer.getvalue(), key=len)


def bundle(widget: widgets.Widget, panel: LivePanel) -> tuple[dict, dict]:
    """Return what to display for a widget that holds a panel, and its metadata.

    It has three faces: the live widget, the present picture, and its description, so that
    GitHub, nbconvert and a notebook without a kernel show the picture.
    """
    data = {
        "text/plain": panel.description,
        "image/png": base64.b64encode(_as_stored(panel.png)).decode(),
        WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id},
    }
    return data, {"image/png": {"alt": panel.description}}


def show(widget: widgets.Widget, panel: LivePanel, display_id: str | None = None) -> None:
    """Display a widget that holds a panel, with its picture and description beside it."""
    if isinstance(widget, widgets.Box):
        enlarge(widget)
    data, metadata = bundle(widget, panel)
    display(data, raw=True, metadata=metadata, display_id=display_id)


def show_figure(figure: Figure, description: str) -> None:
    """Display a figure that does not move, with its description as alternative text.

    Args:
        figure: a figure made by `plots.new_figure`.
        description: one sentence that states its message.
    """
    panel = LivePanel(figure=figure)
    panel.redraw(description)
    show(panel.html, panel)


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
        self.redraw()

    def _moved(self, change) -> None:
        with self.panel.lock:
            self.redraw()

    def redraw(self) -> None:
        """Compute from the controls, move the artists, and redraw the panel."""
        raise NotImplementedError  # abstract: every explorer defines it

    def say(self, sentence: str) -> None:
        """Show `sentence`, plain text, as the read-out."""
        self.readout.value = f'<span style="font-size:15px">{escape(sentence)}</span>'

    def _ipython_display_(self) -> None:
        show(self.widget, self.panel)


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
