"""Explorer of lesson 11: what an answer to a normal number costs, and how real it looks."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_11.gaussian import answers, frontier, scores
from gan_lesson.live import LivePanel

NARROWEST = 0.04  # sd of the narrowest curve that is drawn; an answer that never varies is a line
MARKS = {"mean": "o", "draw": "s", "stretched mean": "^"}


class TradeoffExplorer(Explorer):
    """An answer a Y + b Z to a hidden X: its law beside X's, and its place on the plane.

    Args:
        rho: correlation of X and the seen Y, from 0 to 0.95.
        a: how much of Y the answer takes, from 0 to 1.
        b: how much noise of its own, from 0 to 1.
    """

    def __init__(self, rho: float = 0.5, a: float = 0.5, b: float = 0.0):
        self.panel = LivePanel(9.2, 3.9)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1, 1.2])))
        self.rho = slider("ρ", rho, 0.0, 0.95, 0.05)
        self.a = slider("a, of Y", a, 0.0, 1.0, 0.05)
        self.b = slider("b, of noise", b, 0.0, 1.0, 0.05)
        self.assemble([self.rho, self.a, self.b])

    def _draw(self, law: Axes, plane: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        self._x = np.linspace(-3.4, 3.4, 401)
        law.plot(self._x, _density(self._x, 1.0), color=plots.REAL, label="hidden X")
        (self._law,) = law.plot([], [], "--", color=plots.GENERATED, label="answers")
        law.set(xlim=(-3.4, 3.4), ylim=(0, 1.25), xlabel="value", ylabel="density (per unit)")
        law.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        plane.set(xlim=(3.05, 0), ylim=(-0.04, 1.04))
        plane.set_xlabel("mean squared error (better to the right)")
        plane.set_ylabel("distance of the laws (better below)")
        (self._frontier,) = plane.plot([], [], color=plots.REFERENCE, label="least possible")
        self._marks = [
            plane.plot([], [], mark, color="#333333", markersize=8, fillstyle="none", label=name)[0]
            for name, mark in MARKS.items()
        ]
        (self._dot,) = plane.plot(
            [], [], "o", color=plots.GENERATED, markersize=11, markeredgecolor="white"
        )
        plane.legend(loc="lower left", bbox_to_anchor=(-0.05, 1.0), ncols=4, borderaxespad=0.2,
                     columnspacing=1.0, handletextpad=0.4)  # fmt: skip
        return [self._law, self._frontier, *self._marks, self._dot]

    def redraw(self) -> None:
        """Compute the two scores of the chosen answer, and where the least ones lie."""
        rho, a, b = self.rho.value, self.a.value, self.b.value
        error, distance = scores(rho, a, b)
        sd = float(np.hypot(a, b))
        self._law.set_data(self._x, _density(self._x, max(sd, NARROWEST)))
        reach = np.linspace(0.0, 1.0, 101)
        inside = reach <= 1 - rho
        self._frontier.set_data(frontier(rho, reach[inside]), reach[inside])
        for mark, answer in zip(self._marks, answers(rho).values(), strict=True):
            mark.set_data(*([number] for number in scores(rho, *answer)))
        self._dot.set_data([error], [distance])
        least = float(frontier(rho, distance))
        told = (
            f"Mean squared error {error:.2f}, distance of the laws {distance:.2f}: the answers "
            f"have standard deviation {sd:.2f}, and X has 1. At this distance or less, the "
            f"least error of all answers is {least:.2f}."
        )
        self.say(told)
        self.panel.redraw(
            f"Left the densities of X and of the answers {a:.2f} Y + {b:.2f} Z, at correlation "
            f"{rho:.2f}; right the answer's dot beside the curve of least error. {told}"
        )


def _density(x: np.ndarray, sd: float) -> np.ndarray:
    return np.exp(-((x / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
