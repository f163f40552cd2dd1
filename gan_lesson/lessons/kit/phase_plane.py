"""The plane of θ and ψ of a GAN whose G is a point and whose D is a slope: arrows and an orbit."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots

INK, PATH = "#333333", "#7B3294"


class PhasePlane:
    """Axes of θ and ψ around the rest point (0, 0), with a field of arrows and one orbit.

    Args:
        axes: empty ones.
        half_width: of the square that is shown.
        grid: where the arrows stand along each axis, shape (n,).
        of_g: the label of θ.
        of_d: the label of ψ.
        linewidth, markersize: of the orbit, in points.
    """

    def __init__(
        self,
        axes: Axes,
        half_width: float,
        grid: np.ndarray,
        of_g: str,
        of_d: str,
        linewidth: float = 1.0,
        markersize: float = 4,
    ):
        self.theta, self.psi = np.meshgrid(grid, grid)  # where the arrows stand, (n, n) each
        axes.axhline(0, color=plots.REFERENCE, linewidth=0.8)
        axes.axvline(0, color=plots.REFERENCE, linewidth=0.8)
        axes.grid(visible=False)
        bounds = -half_width, half_width
        axes.set(xlim=bounds, ylim=bounds, aspect="equal")
        axes.set_xlabel(of_g, color=plots.in_words(plots.GENERATED))
        axes.set_ylabel(of_d, color=plots.in_words(plots.DISCRIMINATOR))
        still = np.zeros_like(self.theta)
        self.arrows = axes.quiver(
            self.theta, self.psi, still, still, color="#8A8A8A", angles="xy", pivot="mid",
            scale=1 / 0.46, scale_units="xy", width=0.005,
        )  # fmt: skip
        (self._path,) = axes.plot(
            [], [], ".-", color=PATH, linewidth=linewidth, markersize=markersize
        )
        white = {"color": "white", "markeredgecolor": PATH, "markersize": 9}
        (self._first,) = axes.plot([], [], "o", label="start", **white)
        full = {"color": PATH, "markeredgecolor": "white", "markersize": 10}
        (self._last,) = axes.plot([], [], "o", label="end", **full)
        axes.plot(0, 0, "x", color=INK, markersize=9, markeredgewidth=2.5)

    @property
    def orbit(self) -> list[Artist]:
        """What moves beside the arrows, in drawing order."""
        return [self._path, self._first, self._last]

    def show_field(self, on_g: np.ndarray, on_d: np.ndarray) -> None:
        """Point the arrows along the pulls on G and on D, shape (n, n) each; short where weak."""
        speed = np.hypot(on_g, on_d) + 1e-12
        length = np.tanh(1.5 * speed) / speed
        self.arrows.set_UVC(on_g * length, on_d * length)

    def show_orbit(self, path: np.ndarray) -> None:
        """Draw an orbit, shape (steps + 1, 2): columns θ and ψ."""
        self._path.set_data(*path.T)
        self._first.set_data(path[:1, 0], path[:1, 1])
        self._last.set_data(path[-1:, 0], path[-1:, 1])
