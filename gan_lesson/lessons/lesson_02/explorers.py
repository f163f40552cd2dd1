"""Explorers of lesson 02: what G(z) is, five numbers of one state, the saddle, the circling."""

from statistics import NormalDist

import ipywidgets as widgets
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import FancyArrowPatch

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.words import signed
from gan_lesson.lessons.lesson_02.games import (
    overlap,
    play_product,
    push_forward,
    push_forward_density,
    saddle_game_slopes,
    saddle_game_value,
)
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.divergence import normal_density
from gan_lesson.lessons.mathematics.value import LOG_4, ledger
from gan_lesson.live import LivePanel

INK = "#333333"


class PushForwardExplorer(Explorer):
    """Noise goes through G, a line and a bend; beside it where the samples land.

    Args:
        a: stretch to start from, between 0.2 and 1.6.
        b: shift to start from, between -2 and 2, in units of x.
        bend: bend to start from, between -0.9 and 0.9.
        target: a, b and bend that made the real data, which the learner is to match.
        n_samples: samples in the histogram.

    `x` and `p_data`, each of shape (1401,), hold the density of the data for calculations.
    """

    x_range = (-5.0, 6.0)

    def __init__(
        self,
        a: float = 1.0,
        b: float = 1.0,
        bend: float = 0.0,
        target: tuple[float, float, float] = (1.2, -0.6, 0.8),
        n_samples: int = 2000,
    ):
        self.panel = LivePanel(8.6, 4.0)
        self._z = np.random.default_rng(0).standard_normal(n_samples)
        self._z_line = np.linspace(-3.2, 3.2, 161)
        self._z_marks = np.array([NormalDist().inv_cdf(k / 20) for k in range(1, 20)])
        self.x, self._dx = np.linspace(-12, 16, 1401, retstep=True)
        self._bins = np.linspace(*self.x_range, 56)
        self.p_data = push_forward_density(self.x, *target)
        with plots.lesson_style():
            left, right = self.panel.figure.subplots(1, 2, sharey=True, width_ratios=(1.15, 1))
            self._draw_map(left)
            self._draw_densities(right)
        self.a = slider("stretch a", a, 0.2, 1.6, 0.05)
        self.b = slider("shift b", b, -2.0, 2.0, 0.05)
        self.bend = slider("bend", bend, -0.9, 0.9, 0.05)
        self.assemble([self.a, self.b, self.bend])

    def _draw_map(self, axes) -> None:
        bottom, top = self.x_range
        axes.set(xlim=(-3.2, 3.2), ylim=self.x_range, xlabel="noise z", ylabel="x = G(z)")
        hill = bottom + 3.2 * normal_density(self._z_line)
        axes.fill_between(self._z_line, bottom, hill, color="#949494", linewidth=0)
        axes.text(-3.1, bottom + 0.3, "z ~ N(0, 1)", color="#555555", fontsize=10)
        self._paths = LineCollection([], colors=plots.GENERATED, linewidths=0.7, alpha=0.6)
        axes.add_collection(self._paths)
        self._curve = axes.plot([], [], color=INK)[0]
        self._marks = axes.plot([], [], "o", color=plots.GENERATED, markersize=5)[0]
        self.panel.moving([self._paths, self._curve, self._marks])

    def _draw_densities(self, axes) -> None:
        axes.set(xlim=(0, 1.2), xlabel="density (per unit of x)")
        self._bars = axes.stairs(
            np.zeros(len(self._bins) - 1),
            self._bins,
            orientation="horizontal",
            fill=True,
            color=plots.GENERATED,
            alpha=0.3,
            label=f"{len(self._z):,} samples G(z)",
        )
        self._p_g = axes.plot([], [], color=plots.GENERATED, label="p_g, exact")[0]
        self.panel.moving([self._bars, self._p_g])
        real = axes.plot(self.p_data, self.x, "--", color=plots.REAL, label="p_data, to be covered")
        self.panel.moving(real)
        axes.legend(loc="upper right")
        self._shared = axes.text(1.17, -4.4, "", ha="right", weight="bold", color=INK)
        self.panel.moving([self._shared])

    def redraw(self) -> None:
        """Push noise, marks and density through G at the present a, b and bend."""
        a, b, bend = self.a.value, self.b.value, self.bend.value
        marks = push_forward(self._z_marks, a, b, bend)
        low = self.x_range[0]
        self._paths.set_segments(
            [[(z, low), (z, x), (3.2, x)] for z, x in zip(self._z_marks, marks, strict=True)]
        )
        self._curve.set_data(self._z_line, push_forward(self._z_line, a, b, bend))
        self._marks.set_data(self._z_marks, marks)
        samples = push_forward(self._z, a, b, bend)
        counts = np.histogram(samples, self._bins)[0]
        self._bars.set_data(counts / (len(samples) * np.diff(self._bins)))
        p_g = push_forward_density(self.x, a, b, bend)
        self._p_g.set_data(p_g, self.x)
        shared = overlap(p_g, self.p_data, self._dx)
        self._shared.set_text(f"shared area: {shared:.0%}")
        formula = f"u = {a:.2f} z {'−' if b < 0 else '+'} {abs(b):.2f}"
        bent = f" {'−' if bend < 0 else '+'} {abs(bend):.2f} √(1 + u²)" if bend else ""
        self.say(
            f"G: {formula}, x = u{bent}. The samples have mean {signed(samples.mean())} and "
            f"standard deviation {samples.std():.2f}; p_g and p_data share {shared:.0%} of area."
        )
        self.panel.redraw(
            f"Left, the curve x = G(z) over the noise z, for stretch {a:.2f}, shift {b:.2f} and "
            f"bend {bend:.2f}; right, sideways, the histogram of the samples with the exact "
            f"density p_g, sharing {shared:.0%} of its area with p_data."
        )


class LedgerExplorer(Explorer):
    """One state of the game, D(x) and D(G(z)), and the five numbers it is called by.

    Args:
        d_real: D(x) to start from, the same for every real sample, between 0.1 and 0.9.
        d_fake: D(G(z)) to start from, the same for every generated one, between 0.1 and 0.9.
    """

    rows = (
        ("value", "V = log D(x) + log(1 − D(G(z)));  D wants it large, G small", INK),
        ("loss_d", "discriminator loss = −V;  D minimises it", plots.DISCRIMINATOR),
        ("mean_bce", "mean BCE = −V / 2;  D minimises it", plots.DISCRIMINATOR),
        (
            "loss_g_saturating",
            "saturating generator loss = log(1 − D(G(z)));  G minimises it",
            plots.GENERATED,
        ),
        (
            "loss_g_non_saturating",
            "non-saturating generator loss = −log D(G(z));  G minimises it",
            plots.GENERATED,
        ),
    )

    def __init__(self, d_real: float = 0.8, d_fake: float = 0.4):
        self.panel = LivePanel(8.6, 4.4)
        with plots.lesson_style():
            axes = self.panel.figure.subplots()
        self._draw_axes(axes)
        self._bars, self._texts, marks = [], [], []
        for row, (name, title, colour) in enumerate(self.rows):
            level = getattr(ledger(0.5, 0.5), name)
            words = axes.text(-4.7, row - 0.4, title, color=plots.in_words(colour), va="center")
            words.set_bbox({"facecolor": "white", "linewidth": 0, "pad": 1.5})  # no line behind
            self._bars.append(axes.barh(row, 0, 0.42, color=colour, alpha=0.75)[0])
            now = axes.text(5.9, row, "", ha="right", va="center", color=INK, weight="bold")
            self._texts.append(now)
            marks += axes.plot([level, level], [row - 0.21, row + 0.21], color="black", linewidth=3)
            axes.text(7.2, row, signed(level, 3), ha="right", va="center", color="#555555")
        self.panel.moving([*self._bars, *self._texts, *marks])
        self.d_real = slider("D(x)", d_real, 0.1, 0.9, 0.01)
        self.d_fake = slider("D(G(z))", d_fake, 0.1, 0.9, 0.01)
        self.assemble([self.d_real, self.d_fake])

    def _draw_axes(self, axes) -> None:
        axes.set(xlim=(-4.8, 7.3), ylim=(4.4, -1.1), xticks=range(-4, 5), yticks=[])
        axes.set_xlabel("nats (a black mark: the bar's end at chance, D = ½)", x=4.8 / 12.1)
        axes.spines["bottom"].set_bounds(-4.8, 4.8)
        axes.spines["left"].set_visible(False)
        axes.plot([0, 0], [-0.2, 4.4], color=INK, linewidth=1)
        axes.text(5.9, -0.85, "now", ha="right", va="center", weight="bold", color=INK)
        axes.text(7.2, -0.85, "at chance", ha="right", va="center", color="#555555")

    def redraw(self) -> None:
        """Set the five bars from the two probabilities."""
        d_real, d_fake = self.d_real.value, self.d_fake.value
        now = ledger(d_real, d_fake)
        for (name, *_), bar, text in zip(self.rows, self._bars, self._texts, strict=True):
            number = getattr(now, name)
            bar.set_width(number)
            text.set_text(signed(number, 3))
        self.say(
            f"V = log {d_real:.2f} + log(1 − {d_fake:.2f}) = {signed(now.value, 3)}. The "
            f"discriminator loss is {signed(now.loss_d, 3)}, and the mean BCE is "
            f"{signed(now.mean_bce, 3)}. The generator loss is {signed(now.loss_g_saturating, 3)} "
            f"(saturating) or {signed(now.loss_g_non_saturating, 3)} (non-saturating)."
        )
        self.panel.redraw(
            f"Five bars with a mark where each ends at chance. At D(x) = {d_real:.2f} and "
            f"D(G(z)) = {d_fake:.2f}, V is {now.value:.3f}, the discriminator loss "
            f"{now.loss_d:.3f}, the mean BCE {now.mean_bce:.3f}, and the generator loss "
            f"{now.loss_g_saturating:.3f} (saturating) or {now.loss_g_non_saturating:.3f} "
            "(non-saturating)."
        )


class SaddleExplorer(Explorer):
    """V over one parameter of each player, with D's uphill and G's downhill arrow.

    Data are N(0, 1), G(z) = z + theta, D(x) = sigma(w x); the saddle is at (0, 0). The buttons
    move one player by its arrow and leave a trail; a slider starts afresh.

    Args:
        theta: G's parameter to start from, between -3 and 3, in units of x.
        w: D's parameter to start from, between -2 and 2, logits per unit of x.
    """

    step_size = 1.0
    _places_of_labels = (  # on the lines of −5, −3, −2, −1.6, −1.2 and −1, in both halves
        [(-2.6, -1.55), (2.6, 1.55), (-1.4, -1.35), (1.0, 1.67), (-0.9, -0.85), (0.6, 1.06)]
        + [(-0.5, -0.54), (0.5, 0.54), (-1.4, 0.35), (1.9, -0.24), (-1.8, 0.8), (1.9, -0.8)]
    )

    def __init__(self, theta: float = 1.5, w: float = 0.8):
        self.panel = LivePanel(8.6, 4.0)
        with plots.lesson_style():
            left, right = self.panel.figure.subplots(1, 2, width_ratios=(1.15, 1))
            self._draw_value(left)
            self._draw_densities(right)
        self.theta = slider("θ, of G", theta, -3.0, 3.0, 0.01)
        self.w = slider("w, of D", w, -2.0, 2.0, 0.01)
        step_d, step_g = (widgets.Button(description=f"Step {who}") for who in ("D", "G"))
        step_d.on_click(lambda _: self.step("D"))
        step_g.on_click(lambda _: self.step("G"))
        self.assemble([self.theta, self.w])
        self.widget.children[0].children += (step_d, step_g)

    def _draw_value(self, axes) -> None:
        theta, w = np.linspace(-3, 3, 61), np.linspace(-2, 2, 61)
        heights = saddle_game_value(theta[None, :], w[:, None])
        levels = [-5, -3, -2, -1.6, -LOG_4, -1.2, -1]
        greys = [str(grey) for grey in np.linspace(0, 1, len(levels) + 1)]  # a step a line
        axes.contourf(theta, w, heights, levels=[-9, *levels, 0], colors=greys, alpha=0.49)
        others = [level for level in levels if level != -LOG_4]
        lines = axes.contour(theta, w, heights, others, colors="#555555", linewidths=0.7)
        lines.set(linestyle="-")
        axes.contour(theta, w, heights, [-LOG_4], colors=INK, linewidths=1.8, linestyles="-")
        places = self._places_of_labels
        axes.clabel(lines, fontsize=9, fmt=signed, manual=places, colors="#222222")
        axes.plot(0, 0, "x", color=INK, markersize=10, markeredgewidth=2.5)
        axes.text(-0.2, -0.27, "saddle", ha="right", fontsize=10)
        words = axes.text(-1.25, 1.72, "thick: −log 4", ha="right", fontsize=10)
        words.set_bbox({"facecolor": "white", "linewidth": 0, "pad": 1.5})
        axes.grid(visible=False)
        axes.set(xlim=(-3, 3), ylim=(-2, 2), xlabel="θ, the generator's parameter")
        axes.set(
            ylabel="w, the discriminator's parameter", title="V(θ, w) in nats: lighter is higher"
        )
        self._arrows = {}
        for who, colour in (("D", plots.DISCRIMINATOR), ("G", plots.GENERATED)):
            arrow = FancyArrowPatch(
                (0, 0),
                (0, 0),
                arrowstyle="-|>",
                mutation_scale=16,
                color=colour,
                linewidth=3,
                shrinkA=0,
                shrinkB=0,
            )
            self._arrows[who] = axes.add_patch(arrow)
        self._dot = axes.plot([], [], "o", color="white", markeredgecolor=INK, markersize=9)[0]
        self._trail = [(0.0, 0.0)]
        self._line = axes.plot([], [], ".-", color=INK, linewidth=1.2, markersize=5)[0]
        self.panel.moving([self._line, *self._arrows.values(), self._dot])

    def _draw_densities(self, axes) -> None:
        self._x = np.linspace(-5, 5, 201)
        axes.plot(self._x, normal_density(self._x), color=plots.REAL, label="p_data")
        self._p_g = axes.plot([], [], "--", color=plots.GENERATED, label="p_g")[0]
        self._d = axes.plot([], [], "-.", color=plots.DISCRIMINATOR, label="D(x)")[0]
        axes.set(xlim=(-5, 5), ylim=(0, 1.02), xlabel="x", ylabel="density; probability D(x)")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
        self.panel.moving([self._p_g, self._d])

    def step(self, who: str) -> None:
        """Move "D" uphill in w, or "G" downhill in theta, by `step_size` times the slope."""
        in_theta, in_w = saddle_game_slopes(self.theta.value, self.w.value)
        parameter, move = (self.w, in_w) if who == "D" else (self.theta, -in_theta)
        with self.panel.lock:
            trail = self._trail
            parameter.value = round(parameter.value + self.step_size * float(move), 2)
            self._trail = [*trail, (self.theta.value, self.w.value)]
            self.redraw()

    def redraw(self) -> None:
        """Move the point, both arrows, p_g and D to the present parameters."""
        theta, w = self.theta.value, self.w.value
        v = float(saddle_game_value(theta, w))
        in_theta, in_w = (float(slope) for slope in saddle_game_slopes(theta, w))
        ends = {
            "D": (theta, w + in_w),
            "G": (theta - in_theta, w),
        }
        for who, arrow in self._arrows.items():
            arrow.set_positions((theta, w), ends[who])
            arrow.set_visible(abs(in_w if who == "D" else in_theta) > 0.02)
        if self._trail[-1] != (theta, w):
            self._trail = [(theta, w)]  # a slider was moved by hand: a new start
        self._line.set_data(*zip(*self._trail, strict=True))
        self._dot.set_data([theta], [w])
        self._p_g.set_data(self._x, normal_density(self._x, theta))
        self._d.set_data(self._x, sigmoid(w * self._x))
        self.say(
            f"At θ = {signed(theta)} and w = {signed(w)}, V is {signed(v, 3)}; at the saddle it is "
            f"−1.386. The green arrow would change w by {signed(in_w)}, and the orange arrow would "
            f"change θ by {signed(-in_theta)}."
        )
        self.panel.redraw(
            f"Left, lines of equal V over theta and w, with a saddle at (0, 0). The point is at "
            f"theta = {theta:.2f}, w = {w:.2f}, where V is {v:.3f}; D's uphill arrow "
            f"changes w by {in_w:.2f}, and G's downhill arrow theta by {-in_theta + 0:.2f}. Right, "
            "the curves of p_data, p_g and D(x)."
        )


class CirclingExplorer(Explorer):
    """Two players on f = θ w, θ downhill and w uphill: both at once, or in turn.

    Args:
        h: step size to start from, between 0.05 and 0.4.
        n_steps: rounds to start from, 0 to 60.
        alternating: whether w answers the θ that has just moved.
    """

    start = (1.0, 0.0)

    def __init__(self, h: float = 0.2, n_steps: int = 40, alternating: bool = False):
        self.panel = LivePanel(8.6, 4.0)
        with plots.lesson_style():
            left, right = self.panel.figure.subplots(1, 2, width_ratios=(1, 1.15))
            self._draw_plane(left)
            self._draw_distance(right)
        self.h = slider("step h", h, 0.05, 0.4, 0.05)
        self.n_steps = widgets.IntSlider(value=n_steps, min=0, max=60, description="rounds")
        self.alternating = toggle_buttons(
            [("both at once", False), ("in turn", True)],
            alternating,
            width=110,
            layout={"width": "auto", "margin": "2px 2px 2px 12px"},
        )
        self.assemble([self.h, self.n_steps, self.alternating])

    def _draw_plane(self, axes) -> None:
        grid = np.linspace(-4, 4, 81)
        height = grid[None, :] * grid[:, None]
        levels = [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16]
        axes.contourf(grid, grid, height, levels=levels, cmap="Greys_r", alpha=0.45)
        angle = np.linspace(0, 2 * np.pi, 200)
        axes.plot(np.cos(angle), np.sin(angle), "--", color=plots.REFERENCE, linewidth=1.2)
        axes.plot(0, 0, "x", color=INK, markersize=9, markeredgewidth=2.5)
        axes.grid(visible=False)
        axes.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal", title="f = θ w: lighter is higher")
        axes.set(xlabel="θ, makes f small", ylabel="w, makes f large")
        self._path = axes.plot([], [], ".-", color="#7B3294", linewidth=1.4, markersize=6)[0]
        self._dot = axes.plot([], [], "o", color="white", markeredgecolor=INK, markersize=10)[0]
        self.panel.moving([self._path, self._dot])

    def _draw_distance(self, axes) -> None:
        axes.set(xlim=(0, 60), ylim=(0.5, 100), yscale="log", xlabel="number of rounds")
        axes.set_ylabel("distance from the saddle")
        axes.set_yticks([0.5, 1, 2, 5, 10, 20, 50, 100], ["½", 1, 2, 5, 10, 20, 50, 100])
        axes.minorticks_off()
        self._law = axes.plot(
            [], [], color=plots.REFERENCE, linewidth=5, alpha=0.8, label="times √(1 + h²) a round"
        )[0]
        self._distance = axes.plot([], [], ".-", color="#7B3294", label="this path")[0]
        axes.legend(loc="upper left")
        self.panel.moving([self._law, self._distance])

    def redraw(self) -> None:
        """Play the rounds afresh and draw the path and its distance from the saddle."""
        h, n, alternating = self.h.value, self.n_steps.value, self.alternating.value
        path = play_product(*self.start, h, n, alternating)
        distance = np.hypot(*path.T)
        rounds = np.arange(61)
        self._path.set_data(path[:, 0], path[:, 1])
        self._dot.set_data(path[-1:, 0], path[-1:, 1])
        self._distance.set_data(np.arange(n + 1), distance)
        self._law.set_data(rounds, np.sqrt(1 + h * h) ** rounds)
        how = "in turn" if alternating else "both at once"
        self.say(
            f"The players step {how}, with h = {h:.2f}. After {n} rounds the distance is "
            f"{distance[-1]:.3f}, where it was 1 at the start. A factor √(1 + h²) = "
            f"{np.sqrt(1 + h * h):.4f} in each round would make {np.sqrt(1 + h * h) ** n:.3f}."
        )
        self.panel.redraw(
            f"Left, the path of two players on f = θ w from (1, 0), who step {how} with h = "
            f"{h:.2f}; right, its distance from the saddle after each round. After {n} rounds it "
            f"is {distance[-1]:.3f}."
        )
