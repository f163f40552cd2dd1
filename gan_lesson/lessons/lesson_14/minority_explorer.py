"""Explorer of lesson 14: what becomes of a minority while G learns, and when z is made shorter."""

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import labelled, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_14.recorded import load_minority
from gan_lesson.live import LivePanel

SHARES = (0.1, 0.02)


class MinorityExplorer(Explorer):
    """Twenty-four samples of a run, and the share of the minority in five runs.

    Args:
        share: of the minority in the data, one of the shares of `load_minority()`.
        moment: number of the moment to start from; the last if left out.
        factor: what z is multiplied by, one of the factors of `load_minority()`.
    """

    columns, gap = 6, 4

    def __init__(self, share: float = 0.1, moment: int = -1, factor: float = 1.0):
        self._stored = load_minority()
        steps = self._stored.steps.tolist()
        self.panel = LivePanel(9.6, 3.9)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1, 1.15])))
        self.share = toggle_buttons([(f"{s:.0%} are an 8", s) for s in SHARES], share)
        self.moment = widgets.SelectionSlider(
            options=[(f"{step:,}", i) for i, step in enumerate(steps)],
            value=range(len(steps))[moment], description="step", layout={"width": "330px"},
        )  # fmt: skip
        factors = [(f"{f:g} z", i) for i, f in enumerate(self._stored.factors.tolist())]
        start = self._stored.factors.tolist().index(factor)
        self.factor = toggle_buttons(factors, start, width=72)
        self.assemble([self.share, self.moment, self.factor])
        rows = [labelled("data", self.share), labelled("G gets", self.factor)]
        self.widget.children = (*rows, self.moment, *self.widget.children[1:])

    def _draw(self, sheet: Axes, curves: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        blank = np.zeros((24, 28, 28), np.uint8)
        tiled = plots.tile(blank, self.columns, gap=self.gap, background=0)
        self._sheet = sheet.imshow(255 - tiled, cmap="gray", vmin=0, vmax=255)
        sheet.set_axis_off()
        self._frames = []
        for number in range(24):
            row, column = divmod(number, self.columns)
            corner = (column * (28 + self.gap) - 1.5, row * (28 + self.gap) - 1.5)
            self._frames.append(sheet.add_patch(Rectangle(
                corner, 30, 30, fill=False, linewidth=2.2, edgecolor=plots.GENERATED)))  # fmt: skip
        sheet.set(xlim=(-4, self.columns * (28 + self.gap)), ylim=(4 * (28 + self.gap), -4))
        self._data = curves.axhline(1, color=plots.REAL, linestyle="--", linewidth=1.6)
        self._runs = [
            curves.plot([], [], "-", color=plots.GENERATED, linewidth=1.1)[0]
            for _ in range(self._stored.found.shape[1])
        ]
        (self._dot,) = curves.plot([], [], "o", color=plots.GENERATED, markersize=11,
                                   markeredgecolor="white")  # fmt: skip
        curves.set(xlim=(30, 470), ylim=(-0.06, 1.3), xlabel="step")
        curves.set_ylabel("share of 8 ÷ its share in the data")
        curves.text(468, 1.04, "as in the data", color=plots.REAL, ha="right", fontsize=11)
        return [self._sheet, *self._frames, self._data, *self._runs, self._dot]

    def redraw(self) -> None:
        """Show the chosen moment of the first run, and the shares of all."""
        stored, share = self._stored, self.share.value
        i, m, k = stored.shares.tolist().index(share), self.moment.value, self.factor.value
        tiled = plots.tile(stored.sheets[i, m, k], self.columns, gap=self.gap, background=0)
        self._sheet.set_data(255 - tiled)
        for frame, few in zip(self._frames, stored.eights[i, m, k], strict=True):
            frame.set_visible(bool(few))
        found = stored.found[i, :, :, k]
        for line, row in zip(self._runs, found, strict=True):
            line.set_data(stored.steps, row / share)
        self._dot.set_data([stored.steps[m]], [found[0, m] / share])
        low, high = found[:, m].min(), found[:, m].max()
        told = (
            f"The data have {share:.0%} of the digit 8. After step {stored.steps[m]:,}, with "
            f"{stored.factors[k]:g} z, the run of the samples draws {found[0, m]:.1%}; the five "
            f"runs draw {low:.1%} to {high:.1%}."
        )
        self.say(told)
        self.panel.redraw(
            "Twenty-four samples, those read as an 8 in frames, and the share of the digit 8 over "
            f"the steps in five runs. {told}"
        )
