"""Lesson 07's picture: the plane, curves beside it, and G's bent grid."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import max_pool2d

from gan_lesson import plots
from gan_lesson.player.plane import PlaneScene, joined, logits_on_square
from gan_lesson.trainer import Trainer


def hills(logits_of: Callable[[Tensor], Tensor], half_width: float) -> int:
    """Return how many of the 44 x 44 places of a square are higher than all within 3 places.

    A hill on the edge of the square counts.

    Args:
        logits_of: function of places, shape (n, 2), to logits, shape (n, 1).
        half_width: the square is [-half_width, half_width]².
    """
    s = logits_on_square(logits_of, half_width)[None]
    return int((s == max_pool2d(s, 7, stride=1, padding=3)).sum())


class PlaygroundScene(PlaneScene):
    """The plane, and beside it D(x) and D(G(z)) over time and the z-plane bent by G."""

    size = (9.4, 5.0)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the plane on the left; curves and the bent grid on the right."""
        with plots.lesson_style():
            boxes = figure.add_gridspec(2, 2, width_ratios=[1.15, 1], height_ratios=[1, 1.25])
            moving = self._plane(figure.add_subplot(boxes[:, 0]), trainer)
            axes_d, self._axes_grid = (figure.add_subplot(boxes[i, 1]) for i in (0, 1))
            self._lines = self._curves(axes_d)
            self._axes_grid.set_aspect("equal")
            self._axes_grid.grid(False)
            self._axes_grid.set(xlabel="x₁", ylabel="x₂")
            self._name_grid(latent_dim=2)
            self._bent = self._axes_grid.plot([], [], color=plots.GENERATED, linewidth=0.9)[0]
        return [*moving, *self._lines, self._bent]

    def _curves(self, axes: Axes) -> list[Artist]:
        plots.reference_line(axes, 0.5, "½")
        axes.set(xlim=(0, 100), ylim=(-0.02, 1.02), xlabel="step", ylabel="mean D")
        self._axes_d = axes
        lines = [
            axes.plot([], [], color=plots.REAL, linewidth=2.6, label="D(x)")[0],
            axes.plot([], [], color=plots.GENERATED, linewidth=1.3, label="D(G(z))")[0],
        ]
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        return lines

    def _name_grid(self, latent_dim: int) -> None:
        told = {
            1: "G's line: z is one number",
            2: "G's grid: each cell gets about 1 % of the points",
        }
        title = told.get(latent_dim, "G's grid: z₁ and z₂, the other numbers of z are 0")
        self._axes_grid.set_title(title, fontsize=11)
        self._latent_dim = latent_dim

    def _follow(self, trainer: Trainer) -> bool:
        changed = super()._follow(trainer)
        if trainer.G.latent_dim != self._latent_dim:
            self._name_grid(trainer.G.latent_dim)
            self._axes_grid.set(xlim=self._axes.get_xlim(), ylim=self._axes.get_ylim())
            return True
        if changed:
            self._axes_grid.set(xlim=self._axes.get_xlim(), ylim=self._axes.get_ylim())
        return changed

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw the plane, the curves so far, and G's grid."""
        told, changed = super().update(trainer)
        history = trainer.history
        end = plots.doubling_limit(trainer.step, 100.0)
        if end != self._axes_d.get_xlim()[1]:
            self._axes_d.set_xlim(0, end)
            changed = True
        for line, name in zip(self._lines, ("d_real", "d_fake"), strict=True):
            line.set_data(*_means_of_parts(history["step"], history[name]))
        self._bent.set_data(*joined(bent_grid(trainer)))
        return told + _means_in_words(trainer), changed


def _means_in_words(trainer: Trainer) -> str:
    """Return a sentence on the two curves, and one on the grid."""
    history = trainer.history
    grid = " Below them: a square grid of z, bent by G."
    if not len(history["d_real"]):
        return " Beside it: no curves yet." + grid
    real, fake = (history[name][-100:].mean() for name in ("d_real", "d_fake"))
    return (
        " Beside it: curves of the mean D against the step; over the last 100 steps D(x) is "
        f"{real:.2f} and D(G(z)) {fake:.2f} on average.{grid}"
    )


def _means_of_parts(steps: np.ndarray, values: np.ndarray, parts: int = 150):
    """Return the last step and the mean value of each of at most `parts` parts of a run."""
    if not len(values):
        return [], []
    starts = np.linspace(0, len(values), parts, endpoint=False).astype(int)
    if len(values) < parts:
        starts = np.unique(starts)
    lengths = np.diff(np.append(starts, len(values)))
    return steps[starts + lengths - 1], np.add.reduceat(values.astype(float), starts) / lengths


def bent_grid(trainer: Trainer) -> np.ndarray:
    """Return where G sends a grid of z: 11 lines each way with 61 points, shape (22, 61, 2).

    The lines lie at the tenths of the normal distribution in z₁ and in z₂ (the outermost at
    .005 and .995), so that a cell between four of them gets 1 % of all G(z) if z has two
    numbers; at the rim .95 %, in a corner .90 %. Further numbers of z are 0 here; if z is one
    number, there is one line only.
    """
    z = _grid_of_z(trainer.G.latent_dim)
    flat = z.flatten(0, 1).clone()  # a network may change what it is given
    return trainer.sample(flat, batch=len(flat)).unflatten(0, z.shape[:2]).numpy()


@lru_cache(maxsize=8)
def _grid_of_z(latent_dim: int) -> Tensor:
    """Return the z of `bent_grid`'s lines, shape (22, 61, latent_dim); not to be changed."""
    lines, points = 11, 61
    tenths = torch.linspace(0, 1, lines).clamp(0.005, 0.995)
    along = torch.special.ndtri(torch.linspace(0.005, 0.995, points))
    across = torch.special.ndtri(tenths)
    z = torch.zeros(2 * lines, points, latent_dim)
    z[:lines, :, 0] = along
    if latent_dim > 1:
        z[:lines, :, 1] = across[:, None]
        z[lines:, :, 0] = across[:, None]
        z[lines:, :, 1] = along
    return z
