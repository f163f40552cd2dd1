"""Explorer of lesson 08: the Dirac-GAN's phase plane, an orbit, and its radius."""

import ipywidgets as widgets
import numpy as np

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.phase_plane import INK, PATH, PhasePlane
from gan_lesson.lessons.kit.words import scientific
from gan_lesson.lessons.lesson_08.dirac import (
    DiracGAN,
    averaged_radius,
    eigenvalues,
    limit_radius,
    play,
    rate,
    step_matrix,
)
from gan_lesson.live import LivePanel

LOSSES = {"saturating": "saturating (V)", "non_saturating": "non-saturating"}
ORDERS = {
    "simultaneous": "both at once",
    "alternating": "in turn, D first",
    "extragradient": "extragradient",
    "flow": "gradient flow",
}
GAMMAS = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9)
GAMMAS += (1.0, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
EXTRAS = {"nothing": "nothing added", "r1": "R1 penalty", "noise": "instance noise"}


def _pair(numbers: np.ndarray) -> str:
    """Return two eigenvalues as a ± b i, or as two real numbers."""
    first, second = numbers
    if abs(first.imag) > 1e-12:
        real = scientific(first.real) + " " if abs(first.real) > 1e-12 else ""
        return f"{real}± {abs(first.imag):.4f} i"
    if abs(first - second) < 1e-12:
        return f"{scientific(first.real)} twice"
    return f"{scientific(first.real)} and {scientific(second.real)}"


class DiracExplorer(Explorer):
    """The phase plane of the Dirac-GAN with an orbit; beside it radius against step.

    Three choices name the method; `show` says which sliders are open, those of the start or
    those of the step.

    Args:
        loss: generator loss, "saturating" or "non_saturating".
        order: "simultaneous", "alternating" (D first), "extragradient" or "flow".
        extra: "nothing", "r1" or "noise".
        start: theta and psi to start from, each between -2 and 2.
        h: step size to start from, between .02 and 1.
        gamma: R1's weight to start from, one of `GAMMAS`, .01 to 10.
        noise_sd: standard deviation of the noise to start from, between 0 and 1.
        n_steps: steps to start from, 0 to 500.
        show: which sliders are open, "step" or "start".
    """

    half_width = 3.6

    def __init__(
        self,
        loss: str = "saturating",
        order: str = "simultaneous",
        extra: str = "nothing",
        start: tuple[float, float] = (1.0, 1.0),
        h: float = 0.2,
        gamma: float = 0.3,
        noise_sd: float = 0.5,
        n_steps: int = 500,
        show: str = "step",
    ):
        self.panel = LivePanel(8.6, 4.0)
        with plots.lesson_style():
            left, self._right = self.panel.figure.subplots(1, 2, width_ratios=(1, 1.15))
            self._draw_plane(left)
            self._draw_radius(self._right)
        self._make_choices(loss, order, extra, show)
        self.theta, self.psi = (
            slider(title, place, -2.0, 2.0, 0.05)
            for title, place in zip(("start θ", "start ψ"), start, strict=True)
        )
        self.h = slider("step h", h, 0.02, 1.0, 0.02)
        self.gamma = widgets.SelectionSlider(
            options=[(f"{g:g}", g) for g in GAMMAS], value=gamma, description="γ"
        )
        self.noise_sd = slider("noise sd", noise_sd, 0.0, 1.0, 0.05)
        self.n_steps = widgets.IntSlider(value=n_steps, min=0, max=500, description="steps")
        self._scale = None
        sliders = [self.n_steps, self.h, self.gamma, self.noise_sd, self.theta, self.psi]
        self.assemble([self.loss, self.order, self.extra, self.show, *sliders])

    def _make_choices(self, loss: str, order: str, extra: str, show: str) -> None:
        self.loss, self.order, self.extra = (
            widgets.Dropdown(
                options=[(label, key) for key, label in names.items()],
                value=value,
                description=title,
                layout={"width": "230px"},
            )
            for names, value, title in (
                (LOSSES, loss, "G's loss"),
                (ORDERS, order, "moves"),
                (EXTRAS, extra, "added"),
            )
        )
        self.show = widgets.ToggleButtons(
            options=[("step", "step"), ("start", "start")],
            value=show,
            description="sliders",
            style={"button_width": "70px"},
            layout={"width": "300px"},
        )

    def _draw_plane(self, axes) -> None:
        w = self.half_width
        grid = np.linspace(-w, w, 16)[1:-1] * 1.04
        self._plane = PhasePlane(
            axes, w, grid,
            "θ, where G's samples lie (units of x)", "ψ, slope of D's logit (per unit of x)",
        )  # fmt: skip
        self._cycle = axes.plot([], [], "--", color=INK, linewidth=1.2)[0]
        self.panel.moving([self._plane.arrows, self._cycle, *self._plane.orbit])

    def _draw_radius(self, axes) -> None:
        axes.set(xlim=(0, 500), xlabel="step", ylabel="distance r = √(θ² + ψ²)")
        self._law = axes.plot(
            [], [], color=plots.REFERENCE, linewidth=6, alpha=0.8, label="predicted"
        )[0]
        self._radius = axes.plot([], [], color=PATH, linewidth=1.6, label="this orbit")[0]
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        self.panel.moving([self._law, self._radius])

    def game(self) -> DiracGAN:
        """Return the game that the controls describe."""
        return DiracGAN(
            self.loss.value,
            r1_gamma=self.gamma.value if self.extra.value == "r1" else 0.0,
            noise_sd=self.noise_sd.value if self.extra.value == "noise" else 0.0,
        )

    def predicted(self, game: DiracGAN, start: float, steps: np.ndarray) -> np.ndarray:
        """Return the predicted radius at some steps, from the radius at step 0.

        Where the linearisation decides it is start * rate^step; where it does not, for the
        non-saturating game without damping, the averaged equation.
        """
        h, order = self.h.value, self.order.value
        if start == 0:
            return np.zeros(len(steps))
        if game.loss == "non_saturating" and not game.damping and order != "extragradient":
            return averaged_radius(start, h, steps, order == "simultaneous")
        with np.errstate(over="ignore"):
            return start * rate(game, h, order) ** steps

    def _open_sliders(self) -> None:
        """Show the sliders that count, three at most."""
        of_step = self.show.value == "step"
        wanted = {
            self.h: of_step,
            self.gamma: of_step and self.extra.value == "r1",
            self.noise_sd: of_step and self.extra.value == "noise",
            self.theta: not of_step,
            self.psi: not of_step,
        }
        for control, is_open in wanted.items():
            control.layout.display = None if is_open else "none"

    def _rescale(self) -> None:
        """Take a logarithmic radius where orbits are meant to close in, else a linear one."""
        wanted = "log" if self.extra.value != "nothing" else "linear"
        if self.order.value == "extragradient":
            wanted = "log"
        if wanted != self._scale:
            self._scale = wanted
            low = 1e-6 if wanted == "log" else 0
            self._right.set(yscale=wanted, ylim=(low, 20 if wanted == "log" else 5))
            self.panel.invalidate()

    def redraw(self) -> None:
        """Play the orbit afresh and draw field, orbit, radius and what was predicted."""
        self._open_sliders()
        self._rescale()
        game, h, order, n = self.game(), self.h.value, self.order.value, self.n_steps.value
        self._plane.show_field(*game.pulls(self._plane.theta, self._plane.psi))
        path = play(game, (self.theta.value, self.psi.value), h, n, order)
        radius = np.hypot(*path.T)
        law = self.predicted(game, radius[0], np.arange(501))
        path = np.clip(np.nan_to_num(path, nan=1e3), -1e3, 1e3)  # nothing far outside the picture
        self._plane.show_orbit(path)
        self._radius.set_data(np.arange(n + 1), np.clip(np.nan_to_num(radius, nan=1e3), 1e-12, 1e3))
        self._law.set_data(np.arange(501), np.clip(law, 1e-12, 1e3))
        self._draw_cycle(game, h, order, radius[0])
        self._tell(game, h, order, n, radius, law[n])

    def _draw_cycle(self, game: DiracGAN, h: float, order: str, start: float) -> None:
        """Draw the circle the orbit is predicted to keep, if there is one."""
        undamped = not game.damping and order != "extragradient"
        r = start if undamped and game.loss == "saturating" else 0.0
        if undamped and game.loss == "non_saturating" and order == "simultaneous":
            r = limit_radius(h)
        angle = np.linspace(0, 2 * np.pi, 121)
        self._cycle.set_data(r * np.cos(angle), r * np.sin(angle))

    def _tell(self, game, h: float, order: str, n: int, radius, predicted: float) -> None:
        """Write the read-out and the description."""
        of_field = _pair(eigenvalues(game.jacobian()))
        of_step = _pair(eigenvalues(step_matrix(game, h, order)))
        modulus = rate(game, h, order)
        fate = "the eigenvalues do not decide"
        if abs(modulus - 1) > 1e-9:
            fate = "near (0, 0) the orbit " + ("closes in" if modulus < 1 else "leaves")
        self.say(
            f"Near (0, 0) the field has the eigenvalues {of_field}. A step has {of_step}, of "
            f"modulus {modulus:.4f}: {fate}. At the start the distance is "
            f"{scientific(radius[0])}. After {n} steps {scientific(predicted)} is predicted and "
            f"{scientific(radius[-1])} measured."
        )
        extra = "" if self.extra.value == "nothing" else f", {EXTRAS[self.extra.value]}"
        self.panel.redraw(
            f"Phase plane of the Dirac-GAN, {LOSSES[game.loss]}, {ORDERS[order]}{extra}, step "
            f"{h:.2f}: in {n} steps the distance from (0, 0) goes from {scientific(radius[0])} to "
            f"{scientific(radius[-1])}, where {scientific(predicted)} was predicted."
        )
