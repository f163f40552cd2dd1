"""Explorers of lesson 01: what a prediction costs, and how that cost pulls."""

import numpy as np

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.words import signed
from gan_lesson.lessons.mathematics.bce import (
    bce_from_logits,
    bce_from_probability,
    bce_slope_in_logit,
    bce_slope_in_probability,
    sigmoid,
)
from gan_lesson.live import LivePanel, show_figure

COLOURS = {1: plots.REAL, 0: plots.GENERATED}
BRANCHES = {1: "y = 1:  −log p", 0: "y = 0:  −log(1 − p)"}
DASHES = {1: "-", 0: (0, (6, 1.5))}

LABELS = [("y = 1", 1), ("y = 0", 0)]


class LogLossExplorer(Explorer):
    """Both branches of the log-loss over p; what p pays now, and had it come otherwise.

    Args:
        p: predicted probability of y = 1 to start from, between 0.01 and 0.99.
        y: the label to start from, 0 or 1.
    """

    def __init__(self, p: float = 0.8, y: int = 1):
        self.panel = LivePanel(7.0, 3.4)
        grid = np.linspace(0.002, 0.998, 400)
        with plots.lesson_style():
            axes = self.panel.figure.subplots()
            for label in (1, 0):
                cost = bce_from_probability(grid, label)
                look = {"color": COLOURS[label], "linestyle": DASHES[label]}
                axes.plot(grid, cost, label=BRANCHES[label], **look)
            self._parts = {
                "drop": axes.plot([], [], "-", color="#333333", linewidth=0.8)[0],
                "other": axes.plot([], [], "o", markersize=11, markerfacecolor="white")[0],
                "dot": axes.plot([], [], "o", markersize=13, markeredgecolor="white")[0],
            }
            above = {"transform": axes.transAxes, "ha": "center", "va": "bottom", "fontsize": 14}
            self._parts["price"] = axes.text(0.5, 1.03, "", fontweight="bold", **above)
            axes.set_title(" ", fontsize=17)  # room for the price, which moves
            self._parts["price"].set_in_layout(False)
        axes.set(xlim=(0, 1), ylim=(0, 5), xlabel="predicted probability p of y = 1")
        axes.set_ylabel("log-loss (nats)")
        half = {"color": plots.REFERENCE, "linewidth": 1.2, "linestyle": ":", "zorder": 1}
        axes.axhline(np.log(2), label="log 2 = 0.693", **half)
        axes.legend(loc="upper center")
        self.panel.moving(list(self._parts.values()))
        self.p = slider("p", p, 0.01, 0.99, 0.01)
        self.y = toggle_buttons(LABELS, y, width=70)
        self.assemble([self.p, self.y])

    def redraw(self) -> None:
        """Move the point to p on the branch of the chosen label."""
        p, y = self.p.value, self.y.value
        cost, other = (float(bce_from_probability(p, label)) for label in (y, 1 - y))
        parts = self._parts
        parts["drop"].set_data([p, p, 0], [0, cost, cost])
        parts["dot"].set_data([p], [cost])
        parts["dot"].set_color(COLOURS[y])
        parts["dot"].set_markeredgecolor("white")
        parts["other"].set_data([p], [other])
        parts["other"].set_markeredgecolor(COLOURS[1 - y])
        parts["price"].set(text=f"you pay {cost:.3f} nats", color=plots.in_words(COLOURS[y]))
        terms = {1: f"−log {p:.2f}", 0: f"−log(1 − {p:.2f})"}
        self.say(
            f"You said p = {p:.2f} and the label was y = {y}: you pay {terms[y]} = {cost:.3f} "
            f"nats. If y = {1 - y} had come, you would pay {terms[1 - y]} = {other:.3f}."
        )
        self.panel.redraw(
            f"Log-loss against p, two curves; at p = {p:.2f} with label y = {y} "
            f"the loss is {cost:.3f} nats, and with the other label {other:.3f}."
        )


class SlopeExplorer(Explorer):
    """One prediction seen twice, over p and over its logit s, with the slope of the loss in each.

    Args:
        s: logit to start from, between -8 and 8.
        y: the label to start from, 0 or 1.
    """

    half_length = 44  # of a tangent, in pixels

    def __init__(self, s: float = -4.0, y: int = 1):
        self.panel = LivePanel(8.6, 3.5)
        grid = np.linspace(-12, 12, 400)
        self._branches = {1: [], 0: []}
        self._tangents, self._dots, self._titles = [], [], []
        with plots.lesson_style():
            self._axes = self.panel.figure.subplots(1, 2, sharey=True)
            for axes, x in zip(self._axes, (sigmoid(grid), grid), strict=True):
                for label, lines in self._branches.items():
                    cost = bce_from_logits(grid, label)
                    look = {"color": COLOURS[label], "linestyle": DASHES[label]}
                    lines += axes.plot(x, cost, label=BRANCHES[label], **look)
                self._tangents += axes.plot([], [], color="#111111", linewidth=2.5)
                self._dots += axes.plot([], [], "o", markersize=12, clip_on=False)
                centre = {"ha": "center", "va": "bottom", "transform": axes.transAxes}
                self._titles.append(axes.text(0.5, 1.03, "", fontsize=13, **centre))
                axes.set_title(" ", fontsize=17)  # room for the title that moves
            legend = self._axes[0].legend(loc="upper center")
        for label, line in zip((1, 0), legend.get_lines(), strict=True):
            self._branches[label].append(line)  # it fades with its curves
        self._axes[0].set(xlim=(-0.16, 1.16), ylim=(-0.6, 10), xlabel="probability p = σ(s)")
        self._axes[0].set_xticks(np.linspace(0, 1, 6))
        self._axes[1].set_xticks(range(-8, 9, 4))
        self._axes[0].set_ylabel("log-loss (nats)")
        self._axes[1].set(xlim=(-11, 11), xlabel="logit s = log(p / (1 − p))")
        for artist in self.panel.moving([*self._tangents, *self._dots, *self._titles]):
            artist.set_in_layout(False)  # what moves must not move the axes
        self.panel.redraw("")  # places the axes, so that a tangent's length is known
        self.s = slider("logit s", s, -8, 8, 0.1, places=1)
        self.y = toggle_buttons(LABELS, y, width=70)
        self.y.observe(self._fade_other_branch, "value")
        self._fade_other_branch()
        self.assemble([self.s, self.y])

    def _fade_other_branch(self, change=None) -> None:
        with self.panel.lock:
            for label, lines in self._branches.items():
                for line in lines:
                    line.set_alpha(1.0 if label == self.y.value else 0.25)
            self.panel.invalidate()

    def redraw(self) -> None:
        """Move both points and their tangents to the logit s."""
        s, y = self.s.value, self.y.value
        p, cost = float(sigmoid(s)), float(bce_from_logits(s, y))
        slopes = float(bce_slope_in_probability(p, y)), float(bce_slope_in_logit(s, y))
        for side, x in enumerate((p, s)):
            self._dots[side].set_data([x], [cost])
            self._dots[side].set(color=COLOURS[y], markeredgecolor="white")
            self._tangents[side].set_data(*self._tangent(self._axes[side], x, cost, slopes[side]))
            self._titles[side].set_text(f"slope in {'ps'[side]}: {_slope(slopes[side])}")
        own = p * (1 - p)
        chain = f"{_slope(slopes[0])} × {own:.4f} = {_slope(slopes[1])}"
        self.say(
            f"s = {s:.1f} is p = {p:.4f}; with y = {y} the loss is {cost:.3f} nats. "
            f"Slope in p × p(1 − p) = slope in s: {chain}."
        )
        self.panel.redraw(
            f"Log-loss with label y = {y}, over p and over the logit, with tangents at "
            f"s = {s:.1f}, p = {p:.4f}: "
            f"the slope in p is {_slope(slopes[0])}, in s {_slope(slopes[1])}."
        )

    def _tangent(self, axes, x: float, y: float, slope: float) -> tuple[list, list]:
        """Return the ends of a tangent of one length on the screen, whatever its slope."""
        corners = axes.transData.transform([(0, 0), (1, 1)])
        wide, high = corners[1] - corners[0]  # pixels a unit
        step = self.half_length / np.hypot(wide, high * slope)
        return [x - step, x + step], [y - slope * step, y + slope * step]


def show_likelihood(p: np.ndarray, likelihood: np.ndarray, bce: np.ndarray) -> None:
    """Show the likelihood of the ten flips and their BCE over p, shape (n,) each."""
    figure = plots.new_figure(8.4, 3.0)
    best = p[np.argmax(likelihood)]
    with plots.lesson_style():
        left, right = figure.subplots(1, 2)
    left.plot(p, likelihood, color="#333333")
    left.set(ylabel="L(p)", title="likelihood: best is largest")
    right.plot(p, bce, color="#333333")
    right.set(ylabel="BCE (nats)", title="BCE: best is smallest")
    for axes in (left, right):
        axes.set(xlabel="predicted probability p", xlim=(0, 1))
        axes.axvline(best, color=plots.REFERENCE, linestyle="--", label=f"p = {best:.1f}")
    left.legend(loc="upper left")
    right.legend(loc="upper center")
    show_figure(
        figure,
        f"Likelihood and BCE of ten flips over p: a peak and a valley, both at p = {best:.1f}.",
    )


def _slope(number: float) -> str:
    """Write a slope to about four digits."""
    return signed(number, 1 if abs(number) >= 100 else 4 if abs(number) < 10 else 2)
