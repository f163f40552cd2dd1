"""Explorer of lesson 11: four long runs, one for each weight of the adversarial loss."""

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.lessons.kit.controls import labelled, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_11.plane import draw_plane, mark_bicubic, row_of
from gan_lesson.lessons.lesson_11.recorded import load_runs
from gan_lesson.live import LivePanel
from gan_lesson.super_resolution import enlarge, shrink

LOOKS = ("o-", "s--", "^-.", "D:")  # of the four weights: more than colour tells them apart
COLOURS = ("#777777", "#CC79A7", "#D55E00", "#333333")


class LongRunsExplorer(Explorer):
    """The same digits as four runs restore them at each kept moment, and the runs' paths.

    Args:
        weight: of the adversarial loss, one of the four of `load_runs()`.
        moment: number of the moment to start from; the last if left out.
    """

    columns, gap = 6, 2

    def __init__(self, weight: float = 0.1, moment: int = -1):
        self.runs = load_runs()
        run = self.runs[weight]
        x = load_digits().test.images[np.asarray(run.shown[: self.columns]).tolist()]
        self._fixed = tensor_to_images(enlarge(shrink(x))), tensor_to_images(x)
        self.floor = row_of("original")[1]
        self.panel = LivePanel(9.6, 4.1)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1.2, 1])))
        self.weight = toggle_buttons([(f"{w:g}", w) for w in self.runs], weight, width=64)
        steps = run.steps.tolist()
        self.moment = widgets.SelectionSlider(
            options=[(f"{step:,}", i) for i, step in enumerate(steps)],
            value=range(len(steps))[moment],
            description="step",
            layout={"width": "420px"},
        )
        self.assemble([self.weight, self.moment])
        row = labelled("adversarial weight", self.weight)
        row.children[0].layout.width = "150px"
        self.widget.children = (row, self.moment, *self.widget.children[1:])

    def _draw(self, sheet: Axes, plane: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        self._sheet = plots.digits_sheet(sheet, np.concatenate(self._fixed * 2)[:18], self.columns)
        rows = (("given", "#333333"), ("G's", plots.GENERATED), ("original", plots.REAL))
        for number, (name, colour) in enumerate(rows):
            sheet.text(-3, 14 + 30 * number, name, ha="right", va="center", fontsize=11,
                       color=plots.in_words(colour))  # fmt: skip
        draw_plane(plane, self.floor)
        mark_bicubic(plane)
        for (weight, run), look, colour in zip(self.runs.items(), LOOKS, COLOURS, strict=True):
            plane.plot(run.psnr, run.distance, look, color=colour, markersize=4, linewidth=1.3,
                       label=f"{weight:g}")  # fmt: skip
        plane.legend(loc="upper right", title="weight", borderaxespad=0.2)
        (self._dot,) = plane.plot(
            [], [], "o", color=plots.GENERATED, markersize=12, markeredgecolor="white"
        )
        return [self._sheet, self._dot]

    def redraw(self) -> None:
        """Show the chosen run at the chosen moment."""
        run, i = self.runs[self.weight.value], self.moment.value
        given, original = self._fixed
        images = np.concatenate([given, run.sheets[i][: self.columns], original])
        sheet = plots.tile(images, self.columns, gap=self.gap, background=0)
        self._sheet.set_data(255 - sheet)
        self._dot.set_data([run.psnr[i]], [run.distance[i]])
        joins = f"D joins at step {run.joins:,}." if run.weight else "D never takes part."
        told = (
            f"Weight {run.weight:g} after step {int(run.steps[i]):,}: PSNR {run.psnr[i]:.2f} dB, "
            f"Fréchet distance {run.distance[i]:.1f}, {run.read_rightly[i]:.0%} read rightly. "
            f"{joins} The originals have {self.floor:.1f}."
        )
        self.say(told)
        self.panel.redraw(
            "Six digits, given, restored and original, and the paths of four runs on the plane of "
            f"PSNR and Fréchet distance. {told}"
        )
