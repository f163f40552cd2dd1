"""LoopScene: one run of the two steps on 1-D data, with everything that is known."""

from collections import deque

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.lessons.lesson_05.state import _PLACES, PLACES, GameState, game_state, shares
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.trainer import Trainer

VIEW = (-4.5, 4.5)  # the part of the x axis that is drawn
BARS = np.linspace(*VIEW, 46)
SHARED_GAUGE = (-2.0, 0.03)  # nats; the same for runs beside each other, so that bars compare
GAUGES = (0.12, 0.3, 0.75, 1.6)  # nats on either side of -log 4 that the gauge may show


class LoopScene:
    """Four panels at most: both densities, D beside D*, both losses, and V between its bounds.

    Args:
        curves: also draw D beside D* and the losses; without them two panels are left, for two
            runs beside each other.
        zooms_in: let the axis of V show a shorter stretch when both bars have become short.
            Without it the axis only grows, so that the lengths of two moments compare.
    """

    def __init__(self, curves: bool = True, zooms_in: bool = True):
        self.curves, self.zooms_in = curves, zooms_in
        self._reach = 0.0
        self._needed: deque[float] = deque(maxlen=50)
        self.size = (9.4, 5.2) if curves else (5.2, 3.9)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make all axes; return what moves."""
        self._z_fixed = trainer.G.sample_z(500, torch.Generator().manual_seed(0))
        with plots.lesson_style():
            if not self.curves:
                density, gauge = figure.subplots(2, 1, height_ratios=[1.6, 1])
                return [*self._density(density, trainer), *self._gauge(gauge)]
            (density, losses), (answers, gauge) = figure.subplots(2, 2, width_ratios=[1.15, 1])
            moving = [*self._density(density, trainer), *self._answers(answers)]
            return [*moving, *self._losses(losses), *self._gauge(gauge)]

    def _density(self, axes: Axes, trainer: Trainer) -> list[Artist]:
        """Draw p_data; make the histogram and the density of p_g."""
        p_data = trainer.data.density(_PLACES).numpy()
        axes.fill_between(PLACES, p_data, color=plots.REAL, alpha=0.25, lw=0)
        axes.plot(PLACES, p_data, "--", color=plots.REAL, linewidth=2.0, label="p_data")
        orange = {"color": plots.GENERATED}
        self._bars = axes.stairs(np.zeros(len(BARS) - 1), BARS, fill=True, alpha=0.35, **orange)
        self._p_g = axes.plot([], [], **orange, label="p_g (histogram: 500 samples)")[0]
        axes.set(xlim=VIEW, ylim=(0, 2.2 * float(p_data.max())), ylabel="density (per unit of x)")
        axes.set_xlabel("x")
        self._legend(axes)
        return [self._bars, self._p_g]

    def _answers(self, axes: Axes) -> list[Artist]:
        """Make D(x) and D*(x)."""
        green = {"color": plots.DISCRIMINATOR}
        self._d_star = axes.plot([], [], "--", **green, linewidth=1.6, label="D*(x), best")[0]
        self._d = axes.plot([], [], **green, linewidth=2.4, label="D(x)")[0]
        plots.reference_line(axes, 0.5, "½")
        axes.set(xlim=VIEW, ylim=(-0.02, 1.02), ylabel="probability", xlabel="x")
        self._legend(axes)
        return [self._d_star, self._d]

    def _losses(self, axes: Axes) -> list[Artist]:
        """Make both losses over the steps, with their chance levels."""
        self._curves = []
        for name, colour, dashes, label in (
            ("loss_d", plots.DISCRIMINATOR, "-", "loss of D"),
            ("loss_g", plots.GENERATED, "--", "loss of G"),
        ):
            line = axes.plot([], [], dashes, color=colour, linewidth=2.0, label=label)[0]
            self._curves.append((name, line))
        plots.reference_line(axes, LOG_4, "log 4")
        plots.reference_line(axes, LOG_4 / 2, "log 2")
        axes.set(xlim=(0, 100), ylim=(0, 2.4), xlabel="step", ylabel="loss (nats)")
        self._legend(axes)
        return [line for _, line in self._curves]

    def _gauge(self, axes: Axes) -> list[Artist]:
        """Make two bars: from -log 4 up to V(D*), and from there back to V of the present D."""
        axes.set(xlim=SHARED_GAUGE, ylim=(-0.7, 1.7), xlabel="V (nats)")
        axes.set_yticks([1, 0], ["G", "D"])
        axes.axvline(-LOG_4, color=plots.REFERENCE, linewidth=1.0, linestyle="--", zorder=1)
        axes.annotate(
            "−log 4", (-LOG_4, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2),
            textcoords="offset points", ha="center", va="bottom", fontsize=10, color="#555555",
        )  # fmt: skip
        axes.locator_params(axis="x", nbins=5)
        thick = {"linewidth": 9, "solid_capstyle": "butt"}
        self._distance = axes.plot([], [], color=plots.GENERATED, **thick)[0]
        self._regret = axes.plot([], [], color=plots.DISCRIMINATOR, **thick)[0]
        marks = {"color": "#222222", "linestyle": "none", "markersize": 8}
        self._best = axes.plot([], [], marker="|", markeredgewidth=2, **marks)[0]
        self._now = axes.plot([], [], marker="o", **marks)[0]
        words = {"transform": axes.get_yaxis_transform(), "va": "center", "ha": "right", "x": 0.98}
        self._words = [axes.text(s="", y=y, **words) for y in (1.45, 0.45)]
        return [self._distance, self._regret, self._best, self._now, *self._words]

    def _zoom(self, needed: float) -> bool:
        """Show the shortest stretch of V that holds both bars; tell whether it changed.

        It grows at once, and shrinks after fifty pictures with room to spare: V of a game that
        circles swings so much that an axis which followed would flicker.
        """
        self._needed.append(needed)
        most = max(self._needed)
        fits = next((reach for reach in GAUGES if most <= 0.9 * reach), GAUGES[-1])
        steady = self.zooms_in and len(self._needed) == self._needed.maxlen
        if fits > self._reach or steady and fits < self._reach:
            self._reach = fits
            self._now.axes.set_xlim(-LOG_4 - fits, -LOG_4 + fits)
            return True
        return False

    @staticmethod
    def _legend(axes: Axes) -> None:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw the trainer's present state."""
        self.state = state = game_state(trainer.G, trainer.D, trainer.data)
        with torch.no_grad():
            samples = trainer.G(self._z_fixed)[:, 0].numpy()
        counts = np.histogram(samples, BARS)[0]
        self._bars.set_data(counts / len(samples) / (BARS[1] - BARS[0]))
        self._p_g.set_data(PLACES, state.p_g)
        changed = False
        if self.curves:
            self._d.set_data(PLACES, state.d)
            self._d_star.set_data(PLACES, state.d_star)
            changed = self._move_losses(trainer.history)
            changed |= self._zoom(max(abs(v + LOG_4) for v in (state.value, state.best_value)))
        self._move_gauge(state)
        return describe(trainer, state), changed

    def _move_losses(self, history) -> bool:
        """Draw the losses, each point the mean of the last fiftieth; tell whether axes changed."""
        steps, window = history["step"], max(1, len(history) // 50)
        rows, most = plots.thinned(len(history)), 0.0
        for name, line in self._curves:
            means = plots.running_mean(history[name], window, rows)
            line.set_data(steps[rows].astype(float), means)
            most = max(most, np.nanmax(means, initial=0.0))
        axes = self._curves[0][1].axes
        end = plots.doubling_limit(steps[-1] / 0.88 if len(steps) else 0.0, 100.0)  # 0.88: names
        top = plots.doubling_limit(1.05 * most, 2.4)
        changed = (axes.get_xlim()[1], axes.get_ylim()[1]) != (end, top)
        axes.set(xlim=(0, end), ylim=(0, top))
        return changed

    def _move_gauge(self, state: GameState) -> None:
        """Draw both bars and their lengths; what lies below the axis ends at its left border."""
        low, high = self._now.axes.get_xlim()
        end = low + 0.01 * (high - low)
        now, best = max(state.value, end), max(state.best_value, end)
        self._distance.set_data([-LOG_4, best], [1, 1])
        self._regret.set_data([now, best], [0, 0])
        self._best.set_data([best, best], [1, 0])
        self._now.set_data([now], [0])
        self._words[0].set_text(f"2 JSD = {2 * state.jsd:.3f}")
        self._words[1].set_text(f"D's regret = {state.regret:.3f}")


def describe(trainer: Trainer, state: GameState) -> str:
    """Return the sentence that tells a state to those who cannot see it."""
    at = " and ".join(f"{share:.0%}" for share in shares(state, trainer.data))
    told = f"Step {trainer.step:,}. {at} of G's samples lie at the data's bumps, left to right. "
    last = trainer.history.last
    if last is not None:
        told += f"D(x) = {last.d_real:.2f}, D(G(z)) = {last.d_fake:.2f}. "
    return (
        f"{told}V is {state.value:.3f}; the best D would reach {state.best_value:.3f}, so D's "
        f"regret is {state.regret:.3f}. JSD is {state.jsd:.3f} nats."
    )
