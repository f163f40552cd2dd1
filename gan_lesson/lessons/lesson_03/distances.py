"""The explorer of two distances between densities, and of the slopes that G gets from each."""

import numpy as np

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_03.explorers import DX, INK, X, legend_above
from gan_lesson.lessons.mathematics.divergence import (
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    normal_density,
    shift_slopes,
)
from gan_lesson.lessons.mathematics.value import LOG_2
from gan_lesson.live import LivePanel


class DistanceExplorer(Explorer):
    """N(0, 1) against N(m, 1): two divergences, and both generator losses' slopes at D*.

    Args:
        mean: m to start from, between 0 and 8.
    """

    def __init__(self, mean: float = 2.0):
        self.panel = LivePanel(8.0, 3.8)
        means = np.linspace(0, 8, 81)
        curves = {name: [] for name in ("jsd", "kl", "saturating", "non_saturating")}
        for m in means:
            for name, number in self.numbers(float(m)).items():
                curves[name].append(number)
        with plots.lesson_style():
            self._draw(*self.panel.figure.subplots(1, 2), means, curves)
        self.mean = slider("mean m", mean, 0.0, 8.0, 0.1)
        self.assemble([self.mean])

    def _draw(self, left, right, means: np.ndarray, curves: dict[str, list[float]]) -> None:
        purple, orange = "#CC79A7", plots.GENERATED
        kl = left.plot(means, curves["kl"], "-.", color=purple, label="KL = m²/2")
        jsd = left.plot(means, curves["jsd"], color=INK, label="JSD")
        plots.reference_line(left, LOG_2, "log 2 = 0.693")
        left.set(xlim=(0, 8), ylim=(0, 4), xlabel="m, mean of p_g", ylabel="divergence (nats)")
        right.plot(means, curves["non_saturating"], color=orange, label="non-saturating")
        right.plot(means, curves["saturating"], "--", color=orange, label="saturating")
        right.set(xlim=(0, 8), ylim=(0, 8.4), xlabel="m, mean of p_g")
        right.set_ylabel("slope of G's loss (nats per unit)")
        legend_above(left, [*kl, *jsd])
        legend_above(right, right.get_lines())
        dot = {"markersize": 11, "markeredgecolor": "white"}
        self._dots = {
            "jsd": left.plot([], [], "o", color=INK, **dot)[0],
            "kl": left.plot([], [], "o", color=purple, **dot)[0],
            "saturating": right.plot([], [], "s", color=orange, **dot)[0],
            "non_saturating": right.plot([], [], "o", color=orange, **dot)[0],
        }
        self._beyond = left.text(0, 0, "", ha="center", va="top", fontsize=11, color=INK)
        self.panel.moving([*self._dots.values(), self._beyond])

    @staticmethod
    def numbers(mean: float) -> dict[str, float]:
        """Return both divergences (nats) and both slopes (nats per unit) at one mean."""
        p_data, p_g = normal_density(X), normal_density(X, mean)
        saturating, non_saturating = shift_slopes(d_star_logit(p_data, p_g), p_g, DX)
        return {
            "jsd": jensen_shannon_divergence(p_data, p_g, DX),
            "kl": kl_divergence(p_g, p_data, DX),
            "saturating": saturating,
            "non_saturating": non_saturating,
        }

    def redraw(self) -> None:
        """Move the four points to the chosen mean."""
        mean = self.mean.value
        numbers = self.numbers(mean)
        for name, dot in self._dots.items():
            top = dot.axes.get_ylim()[1]
            dot.set_data([mean], [min(numbers[name], 0.97 * top)])
            outside = numbers[name] > top
            dot.set_marker("^" if outside else "s" if name == "saturating" else "o")
            if name == "kl":
                self._beyond.set_text(f"KL is {numbers[name]:.1f}" if outside else "")
                self._beyond.set_position((min(max(mean, 3.9), 7.1), 0.93 * top))  # beside curves
        told = (
            f"At m = {mean:.1f}, JSD = {numbers['jsd']:.4f} and KL = {numbers['kl']:.2f} nats. The "
            f"saturating loss has the slope {numbers['saturating']:.4f}, the non-saturating one "
            f"{numbers['non_saturating']:.2f} nats per unit."
        )
        self.say(told)
        self.panel.redraw(
            f"Left, JSD and KL over m; right, the slopes of both generator losses. {told}"
        )
