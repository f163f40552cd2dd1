"""LivePanel: one figure that is kept alive and redrawn fast.

A figure is created once. What does not move is kept as a background; a redraw restores it,
draws only the artists that move, encodes the pixels as PNG, and puts the picture as
`<img alt="…" src="data:…">` into one `ipywidgets.HTML`. That is a plain text trait of a
core widget, so JupyterLab, the classic Notebook and Colab all show it the same way, and
the alternative text reaches screen readers.
"""

import base64
import io
import os
import threading
import weakref
from html import escape

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from gan_lesson import plots
from gan_lesson.live.lettering import Lettering
from gan_lesson.live.png import encode_figure, encode_png
from gan_lesson.live.projector_view import (
    LEAST,
    PICTURE,
    Room,
    enlarge,
    is_projector,
    pictures,
    room,
)

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def is_headless() -> bool:
    """Tell whether lessons run without a learner: GAN_LESSON_HEADLESS=1 (builds, nbval, CI)."""
    return os.environ.get("GAN_LESSON_HEADLESS", "") not in ("", "0")


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
        self._fits: Room | None = None  # the projector's room it is made for
        self.html = widgets.HTML(layout={"max_width": "100%", "margin": "0"})
        self._set_width()
        pictures.add(self)

    def _set_width(self) -> None:
        """Give the picture its width on the page; its own attributes keep the height."""
        layout = self.html.layout
        # on a projector the place would be enlarged with the controls, the picture is not
        layout.width = None if self._fits else f"{self._size[0]}px"
        (self.html.add_class if self._fits else self.html.remove_class)(PICTURE)

    def _fit(self) -> None:
        """Take the size of the desk or of the projector, whichever now holds."""
        if self._fits != room():
            self._fits = room()
            self._take_size()
            self._set_width()

    def _take_size(self) -> None:
        width, height = self._on_desk
        wall = room()
        scale = min(wall.width / width, wall.height / height) if wall else 1
        self._size = (round(scale * width), round(scale * height))

    def close(self) -> None:
        """Take the picture off the page for good."""
        pictures.discard(self)
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
        self._lettering: Lettering | None = None
        super().__init__(round(width * dpi), round(height * dpi))

    def _take_size(self) -> None:
        width, height, dpi = self._inches
        self._size = self._on_desk
        wall = room()
        if wall:
            across, down = wall.width, min(wall.height, round(150 * height))
            dpi = min(wall.dpi, across / (LEAST * width), down / (LEAST * height))
            if self._finished:
                dpi = min(wall.dpi, across / width, down / height)
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

    def start_over(self, width: float | None = None, height: float | None = None) -> None:
        """Empty the figure, for other axes; give it another size in inches if asked."""
        with self.lock:
            self.figure.clear()
            self._moving, self._background = [], None
            if width and height:
                self._inches = (width, height, self._inches[2])
                self._on_desk = (round(width * self._inches[2]), round(height * self._inches[2]))
                self._take_size()
                self._set_width()
            self.figure.set_layout_engine(self._layout)

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
            renderer = canvas.get_renderer()
            pen = self._pen(renderer)
            for artist in self._moving:
                artist.draw(pen if isinstance(artist, Text) else renderer)
            self.put(_encoded(np.asarray(canvas.buffer_rgba())), description)

    def _pen(self, renderer: RendererAgg) -> Lettering | RendererAgg:
        """Return what draws words: a built notebook keeps them as Matplotlib draws them."""
        if is_headless():
            return renderer
        if self._lettering is None or self._lettering.renderer is not renderer:
            self._lettering = Lettering(renderer)
        return self._lettering

    def _ipython_display_(self) -> None:
        show(self.html, self)


def _encoded(pixels: np.ndarray) -> bytes:
    """Return the file of a drawn figure; a built notebook keeps every colour, for `_as_stored`."""
    return encode_png(pixels[..., :3]) if is_headless() else encode_figure(pixels)


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
