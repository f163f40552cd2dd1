"""Explorers of lesson 01: what a prediction costs, and how that cost pulls."""

import ipywidgets as widgets
import numpy as np

from gan_lesson import plots
from gan_lesson.binary_cross_entropy import bce_from_probability
from gan_lesson.live import Explorer, LivePanel


class LogLossExplorer(Explorer):
    """Both branches of the log-loss over p, with the point that p and the label choose.

    Args:
        p: predicted probability of y = 1 to start from, between .01 and .99.
        y: the label to start from, 0 or 1.
    """

    def __init__(self, p: float = 0.8, y: int = 1):
        self.panel = LivePanel(7.0, 3.4)
        grid = np.linspace(0.002, 0.998, 400)
        with plots.lesson_style():
            axes = self.panel.figure.subplots()
        colours = {1: plots.REAL, 0: plots.GENERATED}
        names = {1: "y = 1:  −log p", 0: "y = 0:  −log(1 − p)"}
        for label in (1, 0):
            cost = bce_from_probability(grid, label)
            axes.plot(grid, cost, color=colours[label], label=names[label])
        axes.set(xlim=(0, 1), ylim=(0, 5), xlabel="predicted probability p of y = 1")
        axes.set_ylabel("log-loss (nats)")
        plots.reference_line(axes, np.log(2), "log 2 = .693")
        axes.legend(loc="upper center")
        self._colours = colours
        self._drop, self._dot = self.panel.moving(
            [
                axes.plot([], [], ":", color="#333333", linewidth=1.5)[0],
                axes.plot([], [], "o", markersize=13, markeredgecolor="white")[0],
            ]
        )
        self.p = widgets.FloatSlider(
            value=p, min=0.01, max=0.99, step=0.01, description="p", readout_format=".2f"
        )
        self.y = widgets.ToggleButtons(
            options=[("y = 1", 1), ("y = 0", 0)],
            value=y,
            description="label",
            style={"button_width": "70px"},
        )
        self.assemble([self.p, self.y])

    def redraw(self) -> None:
        """Move the point to p on the branch of the chosen label."""
        p, y = self.p.value, self.y.value
        cost = float(bce_from_probability(p, y))
        self._drop.set_data([p, p, 0], [0, cost, cost])
        self._dot.set_data([p], [cost])
        self._dot.set_color(self._colours[y])
        term = f"−log {p:.2f}" if y == 1 else f"−log(1 − {p:.2f})"
        self.say(f"You said p = {p:.2f} and the label was y = {y}: you pay {term} = {cost:.3f} nats.")
        self.panel.redraw(
            f"Log-loss against p, two curves; at p = {p:.2f} with label y = {y} "
            f"the loss is {cost:.3f} nats."
        )
