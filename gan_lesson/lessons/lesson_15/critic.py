"""Explorer of lesson 15: two densities, D* below them, and the best 1-Lipschitz critic."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.words import signed
from gan_lesson.lessons.lesson_15.transport import best_critic, w1_of_densities
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.divergence import (
    d_star_logit,
    jensen_shannon_divergence,
    mixture_density,
    normal_density,
)
from gan_lesson.live import LivePanel

X = np.linspace(-30.0, 34.0, 3201)
DX = 0.02
SEEN = np.flatnonzero((X >= -6) & (X <= 12))[::4]


class CriticExplorer(Explorer):
    """p, the data, and a movable q; below them D*, and the best critic of slope at most 1.

    Args:
        mean: centre of q to start from, between -4 and 10.
        sd: standard deviation of q, between 0.3 and 2.
        real: "one bump", N(0, 1), or "two bumps", at ±2.
    """

    def __init__(self, mean: float = 4.0, sd: float = 1.0, real: str = "one bump"):
        self.panel = LivePanel(8.4, 5.2)
        with plots.lesson_style():
            rows = self.panel.figure.subplots(3, 1, sharex=True)
            self.panel.moving(self._draw(*rows))
        shapes = [(f"data: {shape}", shape) for shape in ("one bump", "two bumps")]
        self.real = toggle_buttons(shapes, real)
        self.mean = slider("q mean", mean, -4.0, 10.0, 0.1)
        self.sd = slider("q sd", sd, 0.3, 2.0, 0.05)
        self.assemble([self.real, self.mean, self.sd])

    def _draw(self, densities: Axes, judge: Axes, critic: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        green = plots.DISCRIMINATOR
        densities.set(xlim=(-6, 12), ylim=(0, 0.9), ylabel="density\n(per unit x)")
        self._real = densities.plot([], [], color=plots.REAL, label="p, real")[0]
        self._fake = densities.plot([], [], "--", color=plots.GENERATED, label="q, generated")[0]
        judge.set(ylim=(-0.05, 1.05), yticks=[0, 0.5, 1], ylabel="D*(x)\n(probability)")
        self._judge = judge.plot([], [], color=green, label="D*, the best judge")[0]
        critic.set(ylim=(-6.5, 6.5), xlabel="x", ylabel="f(x)\n(units of x)")
        self._critic = critic.plot([], [], color=green, label="f, the best critic")[0]
        self._dots = []
        for axes in (judge, critic):
            self._dots.append(axes.plot([], [], "^", color=plots.GENERATED, markersize=10,
                                        label="mean of G's samples")[0])  # fmt: skip
            axes.legend(loc="lower right", bbox_to_anchor=(1, 0.97), ncols=2, borderaxespad=0.2)
            axes.axhline(0.5 if axes is judge else 0, color=plots.REFERENCE, linewidth=0.8)
        densities.legend(loc="lower right", bbox_to_anchor=(1, 0.97), ncols=2, borderaxespad=0.2)
        return [self._real, self._fake, self._judge, self._critic, *self._dots]

    def densities(self) -> tuple[np.ndarray, np.ndarray]:
        """Return p and q on the grid `X`, per unit of x."""
        if self.real.value == "one bump":
            p = normal_density(X)
        else:
            p = mixture_density(X, [-2.0, 2.0], [0.6, 0.6], [0.5, 0.5])
        return p, normal_density(X, self.mean.value, self.sd.value)

    def redraw(self) -> None:
        """Compute both best answers and the slope that each has at G's mean."""
        p, q = self.densities()
        judge, f = sigmoid(d_star_logit(p, q)), best_critic(p, q, DX)
        x = X[SEEN]
        for line, y in ((self._real, p), (self._fake, q), (self._judge, judge)):
            line.set_data(x, y[SEEN])
        self._critic.set_data(x, f[SEEN])
        at = int(np.abs(X - self.mean.value).argmin())
        for dot, y in zip(self._dots, (judge, f), strict=True):
            dot.set_data([X[at]], [y[at]])
        slope_d, slope_f = (np.gradient(y, DX)[at] for y in (judge, f))
        told = (
            f"JSD is {jensen_shannon_divergence(p, q, DX):.4f} nats (at most 0.6931), W1 "
            f"is {w1_of_densities(p, q, DX):.3f} units of x. At G's mean D* has the slope "
            f"{signed(slope_d, 4)}, the critic {signed(slope_f, 2)}."
        )
        self.say(told)
        self.panel.redraw(
            f"Above, p ({self.real.value}) and q, N({signed(self.mean.value, 1)}, "
            f"{self.sd.value:.2f}²); in the middle D*; below, the best critic of slope at most 1. "
            f"{told}"
        )
