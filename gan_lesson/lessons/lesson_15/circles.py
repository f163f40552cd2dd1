"""Explorer of lesson 15: the Dirac-GAN with a menu of games and of penalties."""

import ipywidgets as widgets
import numpy as np

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.phase_plane import PATH, PhasePlane
from gan_lesson.lessons.kit.words import scientific
from gan_lesson.lessons.lesson_15.dirac import Dirac, play
from gan_lesson.live import LivePanel

GAMES = {
    "wasserstein": "Wasserstein",
    "hinge": "hinge",
    "least_squares": "least squares",
    "non_saturating": "logistic, non-saturating",
    "relativistic": "relativistic pairs",
}
PENALTIES = {"none": "nothing", "r1": "R1", "gp": "gradient penalty", "clip": "clipping at 1"}
ORDERS = {"simultaneous": "both at once", "alternating": "in turn, D first"}
N_STEPS = 400
HALF_WIDTH = 3.2


class GamesOnAPoint(Explorer):
    """The plane of θ and ψ with an orbit of 400 steps; beside it the distance from (0, 0).

    Args:
        game: one of `GAMES`.
        penalty: one of `PENALTIES`; its weight is 1.
        order: "simultaneous" or "alternating".
        h: step size to start from, between .02 and .4.
    """

    def __init__(
        self,
        game: str = "wasserstein",
        penalty: str = "none",
        order: str = "alternating",
        h: float = 0.2,
    ):
        self.panel = LivePanel(8.6, 4.0)
        with plots.lesson_style():
            left, right = self.panel.figure.subplots(1, 2, width_ratios=(1, 1.2))
            self._draw_plane(left)
            self._draw_distance(right)
        self.game, self.penalty, self.order = (
            widgets.Dropdown(
                options=[(label, key) for key, label in names.items()],
                value=value,
                description=title,
                layout={"width": "270px"},
            )
            for names, value, title in (
                (GAMES, game, "game"), (PENALTIES, penalty, "added to D"), (ORDERS, order, "moves"),
            )
        )  # fmt: skip
        self.h = slider("step h", h, 0.02, 0.4, 0.02)
        self.assemble([self.game, self.penalty, self.order, self.h])

    def _draw_plane(self, axes) -> None:
        self._plane = PhasePlane(
            axes, HALF_WIDTH, np.linspace(-HALF_WIDTH, HALF_WIDTH, 15)[1:-1],
            "θ, where G's samples lie", "ψ, slope of D's score", linewidth=0.8, markersize=3,
        )  # fmt: skip
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        self.panel.moving([self._plane.arrows, *self._plane.orbit])

    def _draw_distance(self, axes) -> None:
        axes.set(xlim=(0, N_STEPS), ylim=(0, 4), xlabel="step")
        axes.set_ylabel("distance from (0, 0), and |θ|")
        self._radius = axes.plot([], [], color=PATH, linewidth=1.6, label="√(θ² + ψ²)")[0]
        self._place = axes.plot(
            [], [], ":", color=plots.GENERATED, linewidth=1.4, label="|θ|, G's error"
        )[0]
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        self.panel.moving([self._radius, self._place])

    def redraw(self) -> None:
        """Play the orbit from (1, 1), and draw field, orbit and distance."""
        game = Dirac(self.game.value, self.penalty.value)
        path = play(game, (1.0, 1.0), self.h.value, N_STEPS, self.order.value)
        theta, psi = self._plane.theta, self._plane.psi
        self._plane.show_field(game.pull_on_g(theta, psi), game.pull_on_d(theta, psi))
        radius = np.hypot(*path.T)
        shown = np.clip(np.nan_to_num(path, nan=1e3), -1e3, 1e3)  # nothing far outside the picture
        self._plane.show_orbit(shown)
        steps = np.arange(N_STEPS + 1)
        self._radius.set_data(steps, np.clip(np.nan_to_num(radius, nan=1e3), 0, 1e3))
        self._place.set_data(steps, np.abs(shown[:, 0]))
        late = radius[-100:]
        told = (
            f"{GAMES[game.game]}, {PENALTIES[game.penalty]} added, {ORDERS[self.order.value]}, "
            f"h = {self.h.value:.2f}: the distance is {radius[0]:.2f} at first. In the last 100 of "
            f"{N_STEPS:,} steps it lies between {scientific(late.min())} and "
            f"{scientific(late.max())}, and |θ| reaches {scientific(np.abs(path[-100:, 0]).max())}."
        )
        self.say(told)
        self.panel.redraw(f"The plane of θ and ψ, and the distance from (0, 0) over steps. {told}")
