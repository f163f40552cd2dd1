"""Explorers of lesson 04: two generator losses, runs down each, and where they end.

Dashed orange is the saturating loss log(1 - D), solid orange the non-saturating -log D.
"""

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.words import significant
from gan_lesson.lessons.lesson_04.descent import descend, generator_slopes_on_grid
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.divergence import (
    d_star,
    d_star_logit,
    jensen_shannon_divergence,
    kl_divergence,
    mixture_density,
    normal_density,
    shift_slopes,
)
from gan_lesson.lessons.mathematics.value import (
    generator_loss_from_logit,
    generator_slope_in_logit,
    generator_slope_in_probability,
)
from gan_lesson.live import LivePanel

KINDS = ("saturating", "non_saturating")
NAMES = {"saturating": "saturating", "non_saturating": "non-saturating"}
STYLES = {"saturating": "--", "non_saturating": "-"}
FORMULAS = {"saturating": "log(1 − D)", "non_saturating": "−log D"}

RATES = {"sgd": 0.1, "adam": 0.05}
OPTIMIZERS = {"sgd": "gradient descent, rate 0.1", "adam": "Adam, rate 0.05"}


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Return an HTML table of plain cells; the text comes from this module only."""
    cell = '<{0} style="padding:1px 14px 1px 0;text-align:left;font-weight:{1}">{2}</{0}>'
    lines = ["".join(cell.format("th", 600, text) for text in head)]
    lines += ["".join(cell.format("td", 400, text) for text in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table style="font-size:15px;border-collapse:collapse">{body}</table>'


class _Tangent:
    """A piece of the tangent at a place of a curve, and its slope in words."""

    half_length = 60.0  # CSS pixels

    def __init__(self, axes: Axes, kind: str, ends: tuple[float, float]):
        self._axes, self._ends = axes, ends  # the tangent stays between them
        self._line = axes.plot([], [], color="#222222", linewidth=2.2)[0]
        place = {  # corners that no curve comes near
            "saturating": {"x": 0.04, "y": 0.06, "ha": "left"},
            "non_saturating": {"x": 0.97, "y": 0.82, "ha": "right"},
        }[kind]
        still = {**place, "y": place["y"] + 0.09}
        axes.text(s=f"slope of {FORMULAS[kind]}", transform=axes.transAxes, **still)
        self._text = axes.text(s="", transform=axes.transAxes, fontsize=13, **place)
        self.artists = [self._line, self._text]

    def move(self, x: float, y: float, slope: float) -> None:
        """Put the tangent at (x, y); the slope is in units of the axes."""
        (left, right), (bottom, top) = self._axes.get_xlim(), self._axes.get_ylim()
        box = self._axes.get_window_extent()
        run, rise = box.width / (right - left), slope * box.height / (top - bottom)
        step = self.half_length / float(np.hypot(run, rise))
        reach = np.clip([x - step, x + step], *self._ends)
        self._line.set_data(reach, y + slope * (reach - x))
        self._text.set_text(significant(slope))


class TwoLossesExplorer(Explorer):
    """Both generator losses against D(G(z)) and against its logit s, one slider for both.

    Args:
        s: logit of D(G(z)) to start from, between -8 and 8.
    """

    def __init__(self, s: float = 0.0):
        self.panel = LivePanel(8.6, 3.5)
        with plots.lesson_style():
            artists = self._draw(*self.panel.figure.subplots(1, 2))
        self.panel.moving(artists)
        self.s = slider("s", s, -8, 8, 0.1, places=1, layout={"width": "480px"})
        self.panel.redraw("")  # places the axes, on which the tangents' lengths depend
        self.assemble([self.s])

    def _draw(self, in_d: Axes, in_s: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        grid = np.linspace(-9.5, 9.5, 600)
        for kind in KINDS:
            loss = generator_loss_from_logit(grid, kind)
            label = f"{NAMES[kind]}, {FORMULAS[kind]}"
            for axes, places in ((in_d, sigmoid(grid)), (in_s, grid)):
                axes.plot(places, loss, STYLES[kind], color=plots.GENERATED, label=label)
        in_d.set(xlim=(-0.03, 1.03), xlabel="D(G(z)), a probability")
        in_s.set(xlim=(-9, 9), xlabel="s, the logit of D(G(z))")
        for axes in (in_d, in_s):
            axes.set(ylim=(-9.5, 9.5), ylabel="generator loss (nats)")
            axes.axhline(0, color=plots.REFERENCE, linewidth=0.8)
        in_d.figure.legend(handles=in_d.get_lines()[:2], loc="outside upper center", ncols=2)
        self._tangents = {
            (axis, kind): _Tangent(axes, kind, ends)
            for axis, axes, ends in (("D", in_d, (0.0, 1.0)), ("s", in_s, (-9.0, 9.0)))
            for kind in KINDS
        }
        dots = {"color": plots.GENERATED, "markersize": 10, "markeredgecolor": "white"}
        self._places = [axes.plot([], [], "o", **dots)[0] for axes in (in_d, in_s)]
        tangents = [artist for tangent in self._tangents.values() for artist in tangent.artists]
        return [*tangents, *self._places]

    def redraw(self) -> None:
        """Move both dots and both tangents on both axes to the chosen logit."""
        s = self.s.value
        d = float(sigmoid(s))
        slopes = {}
        losses = [float(generator_loss_from_logit(s, kind)) for kind in KINDS]
        for dots, place in zip(self._places, (d, s), strict=True):
            dots.set_data([place, place], losses)
        for kind, loss in zip(KINDS, losses, strict=True):
            slopes[kind] = (
                float(generator_slope_in_probability(d, kind)),
                float(generator_slope_in_logit(s, kind)),
            )
            self._tangents["D", kind].move(d, loss, slopes[kind][0])
            self._tangents["s", kind].move(s, loss, slopes[kind][1])
        ratio = slopes["non_saturating"][1] / slopes["saturating"][1]
        factor = f"× {significant(d * (1 - d))}"  # the sigmoid's own slope
        rows = [
            [NAMES[kind], significant(slopes[kind][0]), factor, significant(slopes[kind][1])]
            for kind in KINDS
        ]
        head = ["generator loss", "slope in D", "× D(1 − D)", "= slope in s"]
        told = f"s = {significant(s)}, D(G(z)) = {significant(d)}. "
        told += f"The slopes in s differ by the factor e⁻ˢ = {significant(ratio)}."
        self.readout.value = f'<div style="font-size:15px">{told}</div>{_table(head, rows)}'
        self.panel.redraw(
            "Both generator losses, left against D(G(z)), right against its logit s, with "
            f"tangents at s = {significant(s)}, D(G(z)) = {significant(d)}. Slope in D: saturating "
            f"{rows[0][1]}, non-saturating {rows[1][1]}. Slope in s: saturating {rows[0][3]}, "
            f"non-saturating {rows[1][3]}."
        )


class RunsExplorer(Explorer):
    """Runs down each generator loss from the same far start, D the best response at each step.

    The data are N(0, 1), the generator is G(z) = m + z. All runs are computed once, here.

    Args:
        step: step to start from.
        optimizer: "sgd" or "adam".
        m: where all runs start, in units of x.
        n_steps: length of the runs.
    """

    def __init__(self, step: int = 0, optimizer: str = "sgd", m: float = 6.0, n_steps: int = 700):
        self._x = np.linspace(-10, 16, 521)
        self._dx = float(self._x[1] - self._x[0])
        self._p_data = normal_density(self._x)
        self.paths = {
            (name, kind): descend(
                lambda place, i=i: self._slopes(place)[i], m, RATES[name], n_steps, name
            )
            for name in RATES
            for i, kind in enumerate(KINDS)
        }
        self.panel = LivePanel(8.6, 3.4)
        with plots.lesson_style():
            artists = self._draw(*self.panel.figure.subplots(1, 2), m, n_steps)
        self.panel.moving(artists)
        self.step = widgets.IntSlider(
            value=step, min=0, max=n_steps, description="step", layout={"width": "480px"}
        )
        optimizers = [(label, name) for name, label in OPTIMIZERS.items()]
        self.optimizer = toggle_buttons(optimizers, optimizer, width=200)
        self.assemble([self.step, self.optimizer])

    def _draw(self, axes_m: Axes, axes_x: Axes, m: float, n_steps: int) -> list[Artist]:
        """Draw what stays, return what moves."""
        axes_m.set(xlim=(-0.04 * n_steps, n_steps), ylim=(-1, 1.1 * m), xlabel="step")
        axes_m.set_ylabel("m, mean of G (units of x)")
        axes_m.axhline(0, color=plots.REAL, linewidth=1.2)
        words = {"color": plots.in_words(plots.REAL), "ha": "right", "va": "top"}
        axes_m.text(0.97 * n_steps, -0.25, "mean of the data", **words)
        axes_x.set(xlim=(-4, m + 4), ylim=(0, 0.46), xlabel="x", ylabel="density (per unit of x)")
        axes_x.fill_between(self._x, self._p_data, color=plots.REAL, alpha=0.2, lw=0)
        axes_x.plot(self._x, self._p_data, color=plots.REAL, label="data, mean 0")
        orange = {"color": plots.GENERATED}
        big = {"markersize": 10, "markeredgecolor": "white"}
        self._curves, self._dots, self._densities = {}, {}, {}
        for kind in KINDS:
            style, label = STYLES[kind], f"G, {NAMES[kind]}"
            self._curves[kind] = axes_m.plot([], [], style, **orange, label=label)[0]
            self._dots[kind] = axes_m.plot([], [], "o", **orange, **big)[0]
            self._densities[kind] = axes_x.plot([], [], style, **orange)[0]
        for axes in (axes_m, axes_x):
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        return [*self._curves.values(), *self._densities.values(), *self._dots.values()]

    def _slopes(self, m: float) -> tuple[float, float]:
        """Return both losses' slopes in m where D is the best response to N(m, 1)."""
        p_g = normal_density(self._x, m)
        return shift_slopes(d_star_logit(self._p_data, p_g), p_g, self._dx)

    def redraw(self) -> None:
        """Move both runs to the chosen step of the chosen optimiser."""
        step, name = self.step.value, self.optimizer.value
        rows = []
        for i, kind in enumerate(KINDS):
            path = self.paths[name, kind]
            m = float(path[step])
            p_g = normal_density(self._x, m)
            d_fake = float(np.sum(p_g * d_star(self._p_data, p_g)) * self._dx)
            slope = self._slopes(m)[i]
            self._curves[kind].set_data(np.arange(len(path)), path)
            self._dots[kind].set_data([step], [m])
            self._densities[kind].set_data(self._x, p_g)
            rows.append([NAMES[kind], f"{m:.3f}".replace("-", "−"), f"{d_fake:.4f}"])
            rows[-1].append(f"{slope:.4f}".replace("-", "−"))
        head = ["generator loss", "m", "mean D*(G(z))", "slope in m"]
        self.readout.value = _table(head, rows)
        self.panel.redraw(
            f"Left, the generator's mean m against the step with {OPTIMIZERS[name]}, a run for "
            f"each loss; right, the densities at step {step}. Saturating: m = {rows[0][1]}, "
            f"non-saturating: m = {rows[1][1]}."
        )


class FixedPointExplorer(Explorer):
    """One Gaussian fitted to two bumps, from the place where the saturating loss rests.

    The data are 0.7 N(-2, 1) + 0.3 N(2, 1), the generator is N(mean, sd^2), and D is the best
    response at each step of plain gradient descent (rate 0.5). All is computed once, here.

    Args:
        step: step to start from, 0 to 200.
        kind: the loss that G goes down.
    """

    def __init__(self, step: int = 0, kind: str = "non_saturating"):
        self._x = np.linspace(-12, 12, 481)
        self._dx = float(self._x[1] - self._x[0])
        self._p_data = mixture_density(self._x, [-2, 2], [1, 1], [0.7, 0.3])
        start = self._descend("saturating", np.array([0.0, 1.0]), 300)[-1]
        self.paths = {name: self._descend(name, start, 200) for name in KINDS}
        self._goals = {name: self._measure(path) for name, path in self.paths.items()}
        self.panel = LivePanel(8.6, 3.4)
        with plots.lesson_style():
            artists = self._draw(*self.panel.figure.subplots(1, 2))
        self.panel.moving(artists)
        self.step = widgets.IntSlider(
            value=step, min=0, max=200, description="step", layout={"width": "480px"}
        )
        kinds = [(NAMES[name], name) for name in ("non_saturating", "saturating")]
        self.kind = toggle_buttons(kinds, kind, width=130)
        self.assemble([self.step, self.kind])

    def _draw(self, axes_x: Axes, axes_goal: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        orange = {"color": plots.GENERATED}
        green = {"color": plots.DISCRIMINATOR, "lw": 1.8, "ls": "-."}
        axes_d = axes_x.twinx()
        axes_d.spines["right"].set_visible(True)
        axes_d.set(ylim=(0, 1))
        axes_d.grid(False)
        axes_d.set_ylabel("D*(x)", color=plots.in_words(plots.DISCRIMINATOR))
        axes_x.set(xlim=(-7, 7), ylim=(0, 0.4), xlabel="x", ylabel="density (per unit of x)")
        axes_x.fill_between(self._x, self._p_data, color=plots.REAL, alpha=0.2, lw=0)
        axes_x.plot(self._x, self._p_data, color=plots.REAL, label="data")
        self._density = axes_x.plot([], [], **orange, label="G")[0]
        self._d_line = axes_d.plot([], [], **green)[0]
        axes_x.plot([], [], **green, label="D* (right axis)")
        labels = ("2 JSD", "KL − 2 JSD")
        self._lines = [
            axes_goal.plot([], [], STYLES[name], **orange, label=label)[0]
            for name, label in zip(KINDS, labels, strict=True)
        ]
        self._dots = axes_goal.plot(
            [], [], "o", ls="", **orange, markersize=10, markeredgecolor="white"
        )[0]
        axes_goal.set(xlim=(-4, 204), ylim=(0, 0.2), xlabel="step", ylabel="divergence (nats)")
        for axes in (axes_x, axes_goal):
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)
        return [self._d_line, self._density, *self._lines, self._dots]

    def _descend(self, kind: str, start: np.ndarray, n_steps: int) -> np.ndarray:
        """Return the path of (mean, sd), shape (n_steps + 1, 2)."""

        def slopes(place: np.ndarray) -> np.ndarray:
            return generator_slopes_on_grid(*place, self._x, self._p_data, kind)

        return descend(slopes, start, 0.5, n_steps)

    def _measure(self, path: np.ndarray) -> np.ndarray:
        """Return 2 JSD and KL(p_g || p_data) - 2 JSD along a path, shape (n, 2), nats."""
        rows = []
        for mean, sd in path:
            p_g = normal_density(self._x, mean, sd)
            twice = 2 * jensen_shannon_divergence(self._p_data, p_g, self._dx)
            rows.append((twice, kl_divergence(p_g, self._p_data, self._dx) - twice))
        return np.array(rows)

    def redraw(self) -> None:
        """Show the generator, D* and both goals at the chosen step."""
        step, kind = self.step.value, self.kind.value
        mean, sd = self.paths[kind][step]
        p_g = normal_density(self._x, mean, sd)
        self._density.set_data(self._x, p_g)
        self._density.set_linestyle(STYLES[kind])
        self._d_line.set_data(self._x, d_star(self._p_data, p_g))
        goals = self._goals[kind]
        for line, column in zip(self._lines, goals.T, strict=True):
            line.set_data(np.arange(len(column)), column)
        self._dots.set_data([step, step], goals[step])
        state = f"N({mean:.2f}, {sd:.2f}²)".replace("-", "−")
        self.say(
            f"{NAMES[kind]}, step {step}: G = {state}, 2 JSD = {goals[step, 0]:.3f}, "
            f"KL − 2 JSD = {goals[step, 1]:.3f} nats."
        )
        self.panel.redraw(
            f"Left, data with two bumps, one Gaussian generator {state} after {step} steps on "
            f"the {NAMES[kind]} loss, and D*. Right, 2 JSD = {goals[step, 0]:.3f} and "
            f"KL − 2 JSD = {goals[step, 1]:.3f} against the step."
        )
