"""The widget of a curve to predict: five vertical sliders under a picture."""

from __future__ import annotations

import base64
import textwrap
from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from gan_lesson import plots
from gan_lesson.lessons.kit.prediction import Prediction
from gan_lesson.live import LivePanel

if TYPE_CHECKING:  # a question makes its widget, so it imports this module
    from gan_lesson.lessons.kit.question import CurveQuestion


class CurvePrediction(Prediction):
    """A curve through five points, each set by a vertical slider."""

    kind = "curve"
    slider_width = 52  # CSS pixels
    asked: CurveQuestion

    def __init__(self, asked: CurveQuestion):
        super().__init__(asked)
        self.x = np.asarray(asked.x, dtype=float)
        low, high = asked.low, asked.high
        self._draw_axes(low, high)
        middle = (low + high) / 2
        self.sliders = [
            widgets.FloatSlider(
                value=middle,
                min=low,
                max=high,
                step=(high - low) / 100,
                orientation="vertical",
                description=f"{place:g}",
                readout_format=".2f" if high - low < 20 else ".0f",
                layout={"width": f"{self.slider_width}px", "height": "180px", "margin": margin},
            )
            for place, margin in zip(self.x, self._margins(), strict=True)
        ]
        self.inputs = list(self.sliders)
        row = widgets.HBox(self.sliders, layout={"max_width": "100%"})
        self.assemble([self.panel.html, row])
        self._redraw()

    def _draw_axes(self, low: float, high: float) -> None:
        self.panel = LivePanel(7.0, 2.8)
        with plots.lesson_style():
            axes = self.panel.figure.subplots()
            joined = ("", "") if self.asked.names else ("--", "-")
            yours = axes.plot([], [], "o" + joined[0], color="#777777", label="you", markersize=9)
            true = axes.plot([], [], "D" + joined[1], color="#111111", label="truth", markersize=7)
        room, spread = 0.06 * (high - low), 0.1 * np.ptp(self.x)
        axes.set(xlabel=self.asked.xlabel, ylim=(low - room, high + room))
        axes.set_ylabel("\n".join(textwrap.wrap(self.asked.ylabel, 30)))
        axes.set(xlim=(self.x[0] - spread, self.x[-1] + spread), xticks=self.x)
        axes.set_xticks(self.x, self.asked.names or [f"{place:g}" for place in self.x])
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        self._yours, self._true = self.panel.moving([*yours, *true])
        self._axes = axes

    def _margins(self) -> list[str]:
        """Return the CSS margins that centre each slider under its place on the axis."""
        self.panel.redraw("")  # places the axes
        corners = np.column_stack([self.x, np.zeros(5)])
        left = self._axes.transData.transform(corners)[:, 0] - self.slider_width / 2
        gaps = np.diff(left, prepend=0.0) - np.array([0, *[self.slider_width] * 4])
        return [f"0 0 0 {gap:.0f}px" for gap in gaps]

    def _redraw(self) -> None:
        with self.panel.lock:
            heights = [slider.value for slider in self.sliders]
            self._yours.set_data(self.x, heights)
            if self.revealed:
                self._true.set_data(self.x, self.row["truth"])
            self.panel.redraw(self._describe())

    def _describe(self) -> str:
        heights = ", ".join(f"{slider.value:.3g}" for slider in self.sliders)
        places = self._places()
        told = f"Your five points of {self.asked.ylabel} at {self.asked.xlabel} {places}: {heights}"
        if self.revealed:
            told += "; the truth: " + ", ".join(f"{y:.3g}" for y in self.row["truth"])
        return told + "."

    def _places(self) -> str:
        """Return the five places, or their names, on one line."""
        if self.asked.names:
            return "; ".join(name.replace("\n", " ") for name in self.asked.names)
        return ", ".join(f"{place:g}" for place in self.x)

    def _moved(self, change) -> None:
        super()._moved(change)
        self._redraw()

    def _refresh(self) -> None:
        super()._refresh()
        self._redraw()

    def read(self) -> dict:
        """Return the five heights."""
        return {"answer": [round(slider.value, 10) for slider in self.sliders]}

    def write(self, row: dict) -> None:
        """Put the five sliders back."""
        for slider, height in zip(self.sliders, row["answer"], strict=True):
            slider.value = height

    def judge(self, row: dict, truth) -> dict:
        """Compare with the truth: right if all five heights are within the tolerance."""
        off = np.abs(np.subtract(row["answer"], truth))
        right = bool(off.max() <= self.asked.tolerance + 1e-9)
        return {"truth": truth, "right": right, "distance": float(off.mean())}

    def words(self, row: dict) -> str:
        """Say how many points are near the truth, and which one is farthest from it."""
        off = np.abs(np.subtract(row["answer"], row["truth"]))
        worst, near = int(off.argmax()), int(np.sum(off <= self.asked.tolerance + 1e-9))
        told = "Right: all 5" if row["right"] else f"{near} of 5"
        return (
            f"{told} points are within {self.asked.tolerance:g} of the truth. The farthest is at "
            f"{self.x[worst]:g}: you {row['answer'][worst]:.2f}, truth {row['truth'][worst]:.2f}."
        )

    def options_text(self) -> str:
        """Say at which places a height is asked."""
        asked = self.asked
        across = f"  {asked.ylabel}, from {asked.low:g} to {asked.high:g}, at {asked.xlabel}"
        if asked.names:
            return "\n    ".join([f"{across}:", *self._places().split("; ")])
        return f"{across}: {self._places()}"

    def bundle(self) -> tuple[dict, dict]:
        """Return live widget, picture and plain text, and the picture's description."""
        data, _ = super().bundle()
        data["image/png"] = base64.b64encode(self.panel.png).decode()
        return data, {"image/png": {"alt": f"{self.question} {self.panel.description}"}}
