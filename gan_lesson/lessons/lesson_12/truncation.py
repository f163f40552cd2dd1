"""Explorer of lesson 12: three things called truncation, on precision and recall."""

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.kit.controls import toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_12.narrower import CUT_OFF, PSIS, SHRUNK, TO_MEAN, WAYS, narrower
from gan_lesson.lessons.lesson_12.recorded import load_generators, load_truncation
from gan_lesson.live import LivePanel
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.style import mean_w

FULLY_CONNECTED = "fully connected"
NETS = [(FULLY_CONNECTED, FULLY_CONNECTED), ("linear start", "linear"),
        ("constant start", "constant")]  # fmt: skip
LOOKS = {SHRUNK: ("o-", "#D55E00"), CUT_OFF: ("^--", "#333333"), TO_MEAN: ("s-.", "#AA4499")}
COLUMNS = 8


def three_nets() -> dict:
    """Return the three generators that the explorer compares, by name."""
    return {FULLY_CONNECTED: load_digits_generator(), **load_generators()}


class TruncationExplorer(Explorer):
    """The same z, made narrower in three ways to the same sd: images, precision and recall.

    Args:
        net: "fully connected" (lesson 06's), "linear" or "constant".
        psi: sd that is left, one of `PSIS`.
    """

    def __init__(self, net: str = "linear", psi: float = 1.0):
        self._nets, self._scores = three_nets(), load_truncation()
        draw = torch.Generator
        self._z = {n: G.sample_z(COLUMNS, draw().manual_seed(5)) for n, G in self._nets.items()}
        self._mean = {n: mean_w(self._nets[n]) for n in ("linear", "constant")}
        self.panel = LivePanel(9.6, 3.9)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1.6, 1])))
        self.net = toggle_buttons(NETS, net)
        self.psi = widgets.SelectionSlider(
            options=[(f"{psi:g}", psi) for psi in PSIS], value=psi, description="ψ",
            layout={"width": "330px"},
        )  # fmt: skip
        self.assemble([self.net, self.psi])

    def _draw(self, sheet: Axes, plane: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        blank = np.zeros((3 * COLUMNS, 28, 28), np.uint8)
        self._sheet = plots.digits_sheet(sheet, blank, COLUMNS)
        for number, way in enumerate(WAYS):
            sheet.text(-4, 14 + 30 * number, way, ha="right", va="center", fontsize=11,
                       color=plots.in_words(LOOKS[way][1]))  # fmt: skip
        self._no_w = sheet.text(4 * 30, 74, "this generator has no w", ha="center", va="center",
                                fontsize=11, color="#555555")  # fmt: skip
        plane.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        plane.set_xlabel("recall: variety")
        plane.set_ylabel("precision: typical images")
        self._paths, self._dots = {}, {}
        for way, (look, colour) in LOOKS.items():
            (self._paths[way],) = plane.plot([], [], look, color=colour, markersize=4,
                                             linewidth=1.3, label=way)  # fmt: skip
            (self._dots[way],) = plane.plot([], [], look[0], color=colour, markersize=12,
                                            markerfacecolor="none", markeredgewidth=2)  # fmt: skip
        self._ends = [
            plane.annotate(
                words, (0, 0), (0, 0), textcoords="offset points", fontsize=11, va="center"
            )
            for words in (f"ψ = {PSIS[0]:g}", f"ψ = {PSIS[-1]:g}")
        ]
        plane.legend(loc="lower right", borderaxespad=0.3)
        moving = self._sheet, self._no_w, *self._paths.values(), *self._dots.values()
        return [*moving, *self._ends]

    def redraw(self) -> None:
        """Draw the same z in three ways, and put the dots on the plane."""
        net, psi = self.net.value, self.psi.value
        G, z, mean = self._nets[net], self._z[net], self._mean.get(net)
        rows = []
        for way in WAYS:
            there = way != TO_MEAN or mean is not None
            images = narrower(G, z, way, psi, mean) if there else -torch.ones(COLUMNS, 1, 28, 28)
            rows.append(tensor_to_images(images))
        self._sheet.set_data(255 - plots.tile(np.concatenate(rows), COLUMNS, background=0))
        self._no_w.set_visible(mean is None)
        told = [self._place(net, way, psi) for way in WAYS]
        self._name_ends(net)
        told = f"ψ = {psi:g}: " + "; ".join(part for part in told if part) + "."
        self.say(told)
        self.panel.redraw(
            "Three rows of digits from the same z, made narrower in three ways; beside them a "
            f"path for each way on the plane of recall and precision. {told}"
        )

    def _name_ends(self, net: str) -> None:
        """Put the smallest ψ at the left end of the paths, and 1 at their common right end."""
        scores = self._scores[net, SHRUNK]
        left, right = self._ends
        high = scores.precision[0] > 0.93  # then no room is left above
        highest = max(scores.precision)
        left.xy = scores.recall[0], highest - 0.08 if high else highest + 0.08
        left.set_position((-4, 0))
        right.xy = scores.recall[-1], scores.precision[-1]
        right.set_position((11, 0))

    def _place(self, net: str, way: str, psi: float) -> str:
        """Put a way's path and dot on the plane; return its numbers in words."""
        path, dot = self._paths[way], self._dots[way]
        scores = self._scores.get((net, way))
        for artist in (path, dot):
            artist.set_visible(scores is not None)
        if scores is None:
            return ""
        path.set_data(scores.recall, scores.precision)
        at = int(np.abs(scores.psi - psi).argmin())
        dot.set_data([scores.recall[at]], [scores.precision[at]])
        return (
            f"{way}: precision {scores.precision[at]:.2f}, recall {scores.recall[at]:.2f}, "
            f"Fréchet distance {scores.distance[at]:.0f}"
        )
