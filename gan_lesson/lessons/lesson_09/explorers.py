"""Explorers of lesson 09: a convolution by hand, checkerboards, and two GANs at equal seconds.

Green belongs to D, which convolves; orange to G, which stamps.
"""

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.words import signed
from gan_lesson.lessons.lesson_09.convolve import (
    convolve,
    inner_overlaps,
    output_size,
    overlaps,
    transposed_convolve,
    transposed_output_size,
)
from gan_lesson.lessons.lesson_09.recorded import KINDS, load_race
from gan_lesson.live import LivePanel

TOY = np.array([[0, 1, 2, 0], [0, 2, 1, 0], [0, 3, 0, 1], [1, 2, 0, 0]])
TOY_SMALL = np.array([[1, 2], [0, -1]])
TOY_KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])  # dark left, light right: an edge
TOY_STAMP = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])

CONVOLVE, STAMP = "convolve", "stamp"
GEOMETRIES = {
    CONVOLVE: {
        "stride 1": (1, 0),
        "stride 1, padding 1": (1, 1),
        "stride 2, padding 1": (2, 1),
    },
    STAMP: {"stride 1": (1, 0), "stride 2": (2, 0), "stride 2, padding 1": (2, 1)},
}
_PAPER, _FRAME, _FAINT = "#FFFFFF", "#BBBBBB", "#737373"


class _Numbers:
    """A square table of numbers in the middle of axes that are `height` cells high."""

    def __init__(self, axes: Axes, pixels: int, height: int, title: str):
        self.axes, self.pixels, self.title = axes, pixels, title
        slack = (height - pixels) / 2
        axes.set(xlim=(-0.1, pixels + 0.1), ylim=(pixels + slack + 0.1, -slack - 0.7))
        axes.set_aspect("equal")
        axes.set_axis_off()
        self.caption = axes.text(pixels / 2, 0, title, ha="center", va="bottom", fontsize=13)
        self.cells = [
            [Rectangle((j, i), 1, 1, facecolor=_PAPER, edgecolor=_FRAME) for j in range(pixels)]
            for i in range(pixels)
        ]
        self.texts = [[self._text(i, j) for j in range(pixels)] for i in range(pixels)]
        for row in self.cells:
            for cell in row:
                axes.add_patch(cell)

    def _text(self, row: int, column: int) -> Text:
        place = {"ha": "center", "va": "center_baseline", "fontsize": 13}
        return self.axes.text(column + 0.5, row + 0.5, "", **place)

    def show(self, numbers: list[list[str]], faint: int = 0) -> None:
        """Put a square table of texts in the middle; `faint` rows and columns at its rim."""
        n = len(numbers)
        self.start = (self.pixels - n) // 2
        self.caption.set_y(self.start - 0.15)
        for i in range(self.pixels):
            for j in range(self.pixels):
                row, column = i - self.start, j - self.start
                inside = 0 <= row < n and 0 <= column < n
                rim = inside and not (faint <= row < n - faint and faint <= column < n - faint)
                self.cells[i][j].set_visible(inside)
                self.cells[i][j].set_linestyle(":" if rim else "-")
                self.texts[i][j].set_text(numbers[row][column] if inside else "")
                self.texts[i][j].set_color(_FAINT if rim else "#222222")

    def frame(self, colour: str) -> Rectangle:
        """Return a thick frame, still without a place."""
        patch = Rectangle((0, 0), 1, 1, facecolor=colour, edgecolor=colour, alpha=0.3, linewidth=3)
        return self.axes.add_patch(patch)

    def put(self, frame: Rectangle, row: int, column: int, size: int) -> None:
        """Move a frame over `size` x `size` cells, counted in the table that is shown."""
        frame.set_bounds(self.start + column, self.start + row, size, size)


class ConvolutionExplorer(Explorer):
    """A 3 x 3 kernel slides over a 4 x 4 image, or is stamped by a 2 x 2 one: every number seen.

    Args:
        what: "convolve", many pixels to one number, or "stamp", one number to many pixels.
        place: how many places are done, from 1.
        geometry: a key of `GEOMETRIES[what]`.
    """

    def __init__(self, what: str = CONVOLVE, place: int = 1, geometry: str = "stride 1"):
        self.what = what
        self.colour = plots.DISCRIMINATOR if what == CONVOLVE else plots.GENERATED
        self.panel = LivePanel(9.2, 3.8)
        with plots.lesson_style():
            self.panel.moving(self._draw())
        self.geometry = toggle_buttons(list(GEOMETRIES[what]), geometry, width=170)
        self.place = widgets.IntSlider(
            value=place, min=1, max=4, description="places", layout={"width": "420px"}
        )
        self.geometry.observe(self._fit_slider, "value")
        self._fit_slider()
        self.assemble([self.place, self.geometry])

    def _draw(self) -> list[Artist]:
        """Make the three grids; return what moves."""
        conv = self.what == CONVOLVE
        n_in, n_out = (6, 4) if conv else (2, 5)
        axes = self.panel.figure.subplots(1, 3, width_ratios=[n_in + 0.2, 3.2, n_out + 0.2])
        height = max(n_in, n_out)
        self._in = _Numbers(axes[0], n_in, height, "input x" if conv else "input y")
        self._kernel = _Numbers(axes[1], 3, height, "kernel")
        self._out = _Numbers(axes[2], n_out, height, "output")
        kernel = TOY_KERNEL if conv else TOY_STAMP
        self._kernel.show([[signed(v, 0) for v in row] for row in kernel])
        self._frames = [self._in.frame(self.colour), self._out.frame(self.colour)]
        small = {"ha": "right", "va": "bottom", "fontsize": 9, "color": "#8A3D00"}
        self._added = [self._out.axes.text(0, 0, "", **small) for _ in range(0 if conv else 9)]
        return [*self._frames, *(t for row in self._out.texts for t in row), *self._added]

    def _fit_slider(self, change=None) -> None:
        """Let the slider run over all places of the present geometry, and draw the grids anew."""
        stride, padding = GEOMETRIES[self.what][self.geometry.value]
        n = output_size(4, 3, stride, padding) if self.what == CONVOLVE else len(TOY_SMALL)
        self.place.max = n * n
        self._show_input(padding)
        self.panel.invalidate()

    def _show_input(self, padding: int) -> None:
        if self.what == STAMP:
            self._in.show([[signed(v, 0) for v in row] for row in TOY_SMALL])
            return
        padded = np.pad(TOY, padding)
        self._in.show([[signed(v, 0) for v in row] for row in padded], faint=padding)

    def redraw(self) -> None:
        """Show the output so far, and where its newest number comes from."""
        (self._redraw_window if self.what == CONVOLVE else self._redraw_stamps)()

    def _redraw_window(self) -> None:
        stride, padding = GEOMETRIES[CONVOLVE][self.geometry.value]
        y = convolve(TOY, TOY_KERNEL, stride, padding)
        m, last = len(y), min(self.place.value, y.size) - 1
        i, j = divmod(last, m)
        shown = [[signed(v, 0) if r * m + c <= last else "" for c, v in enumerate(row)]
                 for r, row in enumerate(y)]  # fmt: skip
        self._out.show(shown)
        self._in.put(self._frames[0], i * stride, j * stride, 3)
        self._out.put(self._frames[1], i, j, 1)
        window = np.pad(TOY, padding)[i * stride : i * stride + 3, j * stride : j * stride + 3]
        terms = [f"{signed(a, 0)}·({signed(w, 0)})" if w < 0 else f"{signed(a, 0)}·{signed(w, 0)}"
                 for a, w in zip(window.ravel(), TOY_KERNEL.ravel(), strict=True) if w]  # fmt: skip
        told = f"Row {i + 1}, column {j + 1}: {' + '.join(terms)} = {signed(y[i, j], 0)}"
        self.say(f"{told}. The kernel's zeros are left out. There are {m} × {m} places in all.")
        self.panel.redraw(
            f"A 3 × 3 kernel slides over a 4 × 4 image, {self.geometry.value}. The frames mark the "
            f"window of place {last + 1} of {m * m} and its output. {told}."
        )

    def _redraw_stamps(self) -> None:
        stride, padding = GEOMETRIES[STAMP][self.geometry.value]
        n, k = len(TOY_SMALL), len(TOY_STAMP)
        last = min(self.place.value, n * n) - 1
        done = TOY_SMALL * (np.arange(n * n).reshape(n, n) <= last)
        x = transposed_convolve(done, TOY_STAMP, stride)
        self._out.show([[signed(v, 0) for v in row] for row in x], faint=padding)
        i, j = divmod(last, n)
        self._in.put(self._frames[0], i, j, 1)
        self._out.put(self._frames[1], i * stride, j * stride, k)
        corner = self._out.start
        for added, (row, column) in zip(self._added, np.ndindex(k, k), strict=True):
            number = TOY_SMALL[i, j] * TOY_STAMP[row, column]
            added.set_text(f"{'+' if number >= 0 else ''}{signed(number, 0)}")
            place = corner + j * stride + column + 0.95, corner + i * stride + row + 0.97
            added.set_position(place)
        m = transposed_output_size(n, k, stride, padding)
        cut = f", and the inner {m} × {m} of them stay" if padding else ""
        told = (
            f"Stamp {last + 1} of {n * n}: {signed(TOY_SMALL[i, j], 0)} times the kernel is added "
            f"to the framed pixels. The output has {len(x)} × {len(x)} pixels{cut}."
        )
        self.say(told)
        setting = self.geometry.value
        self.panel.redraw(f"A 2 × 2 image stamps a 3 × 3 kernel, {setting}. {told}")


class CheckerboardExplorer(Explorer):
    """How many stamps of a transposed convolution reach each pixel: along one edge, and in 2-D.

    Args:
        kernel: pixels along one edge of a stamp, 1 to 6.
        stride: pixels from one stamp to the next, 1 to 4.
    """

    stamps, pixels = 6, 12

    def __init__(self, kernel: int = 3, stride: int = 2):
        self.panel = LivePanel(9.2, 3.8)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1.25, 1])))
        self.kernel = widgets.IntSlider(value=kernel, min=1, max=6, description="kernel")
        self.stride = widgets.IntSlider(value=stride, min=1, max=4, description="stride")
        self.assemble([self.kernel, self.stride])

    def _draw(self, edge: Axes, sheet: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        edge.set(xlim=(-0.3, 26.3), ylim=(-8.4, 6.6), xlabel="pixel of the output, along one edge")
        edge.set_yticks([0, 2, 4, 6])
        edge.set_ylabel("stamps that reach it", loc="top")
        edge.axhline(0, color=plots.REFERENCE, linewidth=0.8)
        self._stamps = [
            edge.add_patch(Rectangle((0, 0), 1, 0.8, facecolor=plots.GENERATED, alpha=0.35))
            for _ in range(self.stamps)
        ]
        self._counts = edge.plot([], [], color=plots.GENERATED, linewidth=2.4)[0]
        self._below: Text = edge.text(0.1, -8.2, "each bar is one stamp", fontsize=10)
        self._image = sheet.imshow(np.zeros((self.pixels, self.pixels)), cmap="Oranges")
        sheet.set_title("stamps a pixel, in two dimensions")
        sheet.set(xticks=[], yticks=[])
        sheet.grid(False)
        self._period = sheet.add_patch(Rectangle((0, 0), 1, 1, fill=False, linewidth=2.5))
        place = {"ha": "center", "va": "center_baseline", "fontsize": 11}
        self._texts = [sheet.text(j, i, "", **place) for i in range(4) for j in range(4)]
        return [*self._stamps, self._counts, self._image, self._period, *self._texts]

    def redraw(self) -> None:
        """Count the stamps of the chosen kernel and stride."""
        k, s = self.kernel.value, self.stride.value
        counts = overlaps(self.stamps, k, s)
        edges = np.arange(len(counts) + 1)
        self._counts.set_data(np.repeat(edges, 2), np.concatenate([[0], np.repeat(counts, 2), [0]]))
        for i, bar in enumerate(self._stamps):
            bar.set_bounds(i * s, -1.9 - 1.05 * i, k, 0.8)
        period = inner_overlaps(k, s)
        row = np.resize(period, self.pixels)
        plane = np.outer(row, row)
        self._image.set_data(plane)
        self._image.set_clim(0, 1.6 * plane.max())  # pale enough to read black numbers
        self._period.set_bounds(-0.5, -0.5, s, s)
        for text, (i, j) in zip(self._texts, np.ndindex(4, 4), strict=True):
            text.set_text(str(plane[i, j]) if max(i, j) < s else "")
        low, high = int(plane.min()), int(plane.max())
        number = f"{low}" if low == high else f"from {low} to {high}"
        verdict = "even" if low == high else "uneven, a checkerboard"
        told = (
            f"Kernel {k}, stride {s}: along an edge the counts are {', '.join(map(str, period))}, "
            f"again and again. In two dimensions a pixel gets {number} stamps, which is {verdict}."
        )
        self.say(told + f" The remainder of {k} ÷ {s} is {k % s}.")
        self.panel.redraw(f"Stamps that reach each pixel of a transposed convolution. {told}")


class RaceExplorer(Explorer):
    """What a fully connected and a convolutional GAN draw after the same seconds, same z each.

    Args:
        moment: index of the moment to start from; -1 is the last.
    """

    def __init__(self, moment: int = -1):
        self.race = load_race()
        self.panel = LivePanel(10.4, 4.0)
        with plots.lesson_style():
            self.panel.moving(self._draw())
        options = [(f"{s:g} s", i) for i, s in enumerate(self.race.seconds)]
        self.moment = widgets.SelectionSlider(
            options=options,
            value=options[moment][1],
            description="after",
            layout={"width": "480px"},
        )
        self.assemble([self.moment])

    def _draw(self) -> list[Artist]:
        """Draw what stays, return what moves."""
        self.panel.figure.get_layout_engine().set(wspace=0.05)  # a gap between the sheets
        axes = self.panel.figure.subplots(1, 3, width_ratios=[1, 1, 1.05])
        self._sheets = [
            plots.digits_sheet(axes[i], self.race.images[kind][0], 6, name)
            for i, (kind, name) in enumerate(KINDS.items())
        ]
        curve = axes[2]
        styles = {"fc": "s--", "conv": "o-"}
        self._dots = []
        for kind, name in KINDS.items():
            curve.plot(self.race.seconds, self.race.distances[kind], styles[kind],
                       color=plots.GENERATED, label=name)  # fmt: skip
            self._dots += curve.plot([], [], styles[kind][0], color=plots.GENERATED, markersize=11,
                                     markeredgecolor="white")  # fmt: skip
        plots.reference_line(curve, self.race.floor, "real digits")
        curve.set(xscale="log", yscale="log", xlabel="training (CPU seconds)")
        curve.set_ylabel("Fréchet distance (squared features)")
        curve.set_xticks(self.race.seconds, [f"{s:g}" for s in self.race.seconds])
        curve.set_yticks(ticks := [3, 10, 30, 100, 300, 1000], [str(tick) for tick in ticks])
        curve.minorticks_off()
        curve.legend(loc="upper right")
        return [*self._sheets, *self._dots]

    def redraw(self) -> None:
        """Show the sheets and the scores of the chosen moment."""
        at = self.moment.value
        seconds, told = self.race.seconds[at], []
        for sheet, dot, (kind, name) in zip(self._sheets, self._dots, KINDS.items(), strict=True):
            sheet.set_data(255 - plots.tile(self.race.images[kind][at], 6, background=0))
            distance = self.race.distances[kind][at]
            dot.set_data([seconds], [distance])
            told.append(f"{distance:.1f} for the {name} GAN ({self.race.steps[kind][at]:,} steps)")
        sentence = (
            f"After {seconds:g} s the Fréchet distance is {' and '.join(told)}. Between two sets "
            f"of real digits it is {self.race.floor:.1f}."
        )
        self.say(sentence)
        self.panel.redraw(
            "36 digits of each GAN from the same z, and the Fréchet distance over the seconds of "
            f"training. {sentence}"
        )
