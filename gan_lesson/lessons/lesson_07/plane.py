"""The plane: D as a heat map, points, the arrows that G follows, and G's bent grid."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from gan_lesson import plots
from gan_lesson.data import Mixture
from gan_lesson.trainer import Trainer

N_SHOWN = 400  # real points and generated ones in the picture
N_ARROWS = 80


_COARSE = 44  # places in each direction where D is asked
_BANDS = 20  # colours of the heat map
_FULL = 0.25  # D this far from 1/2 has the full colour, and so has what is farther

_HEAT = LinearSegmentedColormap.from_list("D", ["#f3b98e", "#ffffff", "#8fc1e3"])
_COLOURS = (_HEAT((np.arange(_BANDS) + 0.5) / _BANDS) * 255).astype(np.uint8)


def half_width_of(data: Mixture) -> float:
    """Return half the side of the square to show: a quarter wider than the centres reach."""
    return 1.25 * float(data.centres.abs().max()) or 10 * data.sd


@torch.no_grad()
def logits_on_square(logits_of: Callable[[Tensor], Tensor], half_width: float) -> Tensor:
    """Return a function's values at 44 x 44 places of a square, shape (44, 44), lowest y first.

    Args:
        logits_of: function of places, shape (n, 2), to logits, shape (n, 1); called once.
        half_width: the square is [-half_width, half_width]², split into 44 x 44 cells.
    """
    step = 2 * half_width / _COARSE
    line = torch.arange(_COARSE) * step + (step / 2 - half_width)
    y, x = torch.meshgrid(line, line, indexing="ij")
    return logits_of(torch.stack([x.flatten(), y.flatten()], dim=1)).reshape(_COARSE, _COARSE)


def hills(logits_of: Callable[[Tensor], Tensor], half_width: float) -> int:
    """Return how many of the 44 x 44 places of a square are higher than all within 3 places.

    A hill on the edge of the square counts.

    Args:
        logits_of: function of places, shape (n, 2), to logits, shape (n, 1).
        half_width: the square is [-half_width, half_width]².
    """
    s = logits_on_square(logits_of, half_width)[None]
    return int((s == max_pool2d(s, 7, stride=1, padding=3)).sum())


class HeatMap(Artist):
    """D over the whole of an axes: bands of .025, white at 1/2, full colour at 1/4 and 3/4.

    It writes pixels itself, as an image that need not be resampled: 2 ms instead of 12.
    """

    def __init__(self, axes: Axes):
        super().__init__()
        self.axes = axes
        self.set_figure(axes.figure)
        self.logits = torch.zeros(_COARSE, _COARSE)

    def draw(self, renderer) -> None:
        """Draw the logits, interpolated to the pixels of the axes."""
        if not self.get_visible():
            return
        box = self.axes.get_window_extent(renderer)
        left, bottom = round(box.x0), round(box.y0)
        size = round(box.y1) - bottom, round(box.x1) - left
        s = interpolate(self.logits[None, None], size=size, mode="bilinear")[0, 0]
        d = torch.sigmoid_(s).sub_(0.5 - _FULL).mul_(_BANDS / (2 * _FULL))
        band = d.clamp_(0, _BANDS - 1).to(torch.uint8)
        context = renderer.new_gc()
        renderer.draw_image(context, left, bottom, _COLOURS.take(band.numpy(), axis=0))
        context.restore()


def pulls(trainer: Trainer, x: Tensor) -> Tensor:
    """Return -d loss / dx of the generator's loss for samples at `x`, shape (n, 2).

    It is the way in which the loss of one sample falls fastest, in nats per unit of x: all
    that D tells G. For the non-saturating loss it is (1 - D(x)) times the logit's gradient.
    """
    x = x.detach().requires_grad_()
    s = trainer.D(x, as_logits=True)
    (slope,) = torch.autograd.grad(s.sum(), x)
    d = torch.sigmoid(s.detach())
    return slope * (d if trainer.loss == "saturating" else 1 - d)


class PlaneScene:
    """The plane: D as a heat map, real points, generated points and the pull on each.

    The data is the trainer's own, a `Mixture` in the plane, so that the scene follows when
    the trainer is replaced by another.

    Args:
        seed: start of the generator of the points shown; independent of the training run.
    """

    size = (4.6, 4.9)

    def __init__(self, seed: int = 0):
        self.seed = seed
        self.show = {"heat map": True, "arrows": True}
        self._data = None

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the plane on the whole figure."""
        with plots.lesson_style():
            return self._plane(figure.subplots())

    def _plane(self, axes: Axes) -> list[Artist]:
        axes.set_aspect("equal")
        axes.grid(False)
        axes.set(xlabel="x₁", ylabel="x₂")
        self._axes = axes
        self._heat = HeatMap(axes)
        dots = {"linestyle": "", "markeredgewidth": 0}  # two shapes, for those who see no colours
        self._real = axes.plot(
            [], [], "o", color=plots.REAL, markersize=3.6, alpha=0.75, label="x, real", **dots
        )[0]
        self._fake = axes.plot(
            [], [], "^", color=plots.GENERATED, markersize=4.4, label="G(z)", **dots
        )[0]
        self._arrows = axes.plot([], [], color="#222222", linewidth=1.1)[0]
        square = {"linestyle": "", "marker": "s", "markersize": 6, "markeredgecolor": "#888888"}
        key = [
            Line2D([], [], color=_HEAT(end), label=label, **square)
            for end, label in ((1.0, "D > ½"), (0.0, "D < ½"))
        ]
        axes.legend(
            handles=[self._real, self._fake, *key],
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=4,
            borderaxespad=0.2,
            handletextpad=0.1,
            columnspacing=1.2,
            markerscale=1.6,
        )
        cross = {"linestyle": "", "marker": "+", "markersize": 16, "markeredgewidth": 2}
        self.cursor = axes.plot([], [], color="#222222", **cross)[0]
        return [self._heat, self._real, self._arrows, self._fake, self.cursor]

    def _follow(self, trainer: Trainer) -> bool:
        """Move to the trainer's data if it is new; tell whether axes changed."""
        if self._data is trainer.data:
            return False
        self._data = trainer.data
        self._half = half_width_of(trainer.data)
        real = trainer.data.sample(N_SHOWN, torch.Generator().manual_seed(self.seed))
        self._real.set_data(*real.T.numpy())
        self._axes.set(xlim=(-self._half, self._half), ylim=(-self._half, self._half))
        return True

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw D, the points of the same z, and the arrows of the present players."""
        changed = self._follow(trainer)
        z = trainer.G.sample_z(N_SHOWN, torch.Generator().manual_seed(self.seed + 1))
        x_fake = trainer.sample(z)
        self._fake.set_data(*x_fake.T.numpy())
        if self.show["heat map"]:
            self._heat.logits = logits_on_square(trainer.D.logits, self._half)
        self._heat.set_visible(self.show["heat map"])
        self._arrows.set_visible(self.show["arrows"])
        if self.show["arrows"]:
            self._arrows.set_data(*_joined(self._arrow_lines(trainer, x_fake[:N_ARROWS])))
        return self._in_words(trainer, x_fake), changed

    def _arrow_lines(self, trainer: Trainer, x: Tensor) -> np.ndarray:
        """Return one polyline an arrow, shape (n, 5, 2): shaft, then both barbs of its head.

        An arrow grows with its pull, from 0 to at most a seventh of the half-width, which it
        nears where the pull is far above 1/4 nat per half-width.
        """
        pull = pulls(trainer, x).numpy() * self._half
        size = np.linalg.norm(pull, axis=1, keepdims=True)
        shaft = self._half / 7 * pull / (0.25 + size)
        start = x.numpy()
        tip = start + shaft
        across = np.stack([-shaft[:, 1], shaft[:, 0]], axis=1)
        barbs = [tip - 0.35 * shaft + side * 0.22 * across for side in (1, -1)]
        return np.stack([start, tip, barbs[0], tip, barbs[1]], axis=1)

    def _in_words(self, trainer: Trainer, x_fake: Tensor) -> str:
        inside = float((x_fake.abs().amax(dim=1) <= self._half).float().mean())
        far = torch.cdist(x_fake, trainer.data.centres).amin(dim=1).median()
        return (
            f"Step {trainer.step:,}: D over the plane as a heat map, real points as dots, and "
            f"generated points as triangles with arrows that show the pull. {inside:.0%} of the "
            f"generated points are in view, and half of them lie within {float(far):.2f} of a "
            "centre of the data."
        )


class PlaygroundScene(PlaneScene):
    """The plane, and beside it D(x) and D(G(z)) over time and the z-plane bent by G."""

    size = (9.4, 5.0)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the plane on the left; curves and the bent grid on the right."""
        with plots.lesson_style():
            boxes = figure.add_gridspec(2, 2, width_ratios=[1.15, 1], height_ratios=[1, 1.25])
            moving = self._plane(figure.add_subplot(boxes[:, 0]))
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
        self._bent.set_data(*_joined(bent_grid(trainer)))
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


def _joined(lines: np.ndarray) -> np.ndarray:
    """Return polylines, shape (n, points, 2), as one, shape (2, n * (points + 1)), with gaps."""
    gaps = np.full((len(lines), 1, 2), np.nan)
    return np.concatenate([lines, gaps], axis=1).reshape(-1, 2).T


def _means_of_parts(steps: np.ndarray, values: np.ndarray, parts: int = 150):
    """Return the last step and the mean value of each of at most `parts` parts of a run."""
    if not len(values):
        return [], []
    starts = np.unique(np.linspace(0, len(values), parts, endpoint=False).astype(int))
    lengths = np.diff(np.append(starts, len(values)))
    return steps[starts + lengths - 1], np.add.reduceat(values.astype(float), starts) / lengths


def bent_grid(trainer: Trainer) -> np.ndarray:
    """Return where G sends a grid of z: 11 lines each way with 61 points, shape (22, 61, 2).

    The lines lie at the tenths of the normal distribution in z₁ and in z₂ (the outermost at
    .005 and .995), so that a cell between four of them gets 1 % of all G(z) if z has two
    numbers; at the rim .95 %, in a corner .90 %. Further numbers of z are 0 here; if z is one
    number, there is one line only.
    """
    lines, points = 11, 61
    tenths = torch.linspace(0, 1, lines).clamp(0.005, 0.995)
    along = torch.special.ndtri(torch.linspace(0.005, 0.995, points))
    across = torch.special.ndtri(tenths)
    z = torch.zeros(2 * lines, points, trainer.G.latent_dim)
    z[:lines, :, 0] = along
    if trainer.G.latent_dim > 1:
        z[:lines, :, 1] = across[:, None]
        z[lines:, :, 0] = across[:, None]
        z[lines:, :, 1] = along
    flat = z.flatten(0, 1)
    return trainer.sample(flat, batch=len(flat)).unflatten(0, z.shape[:2]).numpy()
