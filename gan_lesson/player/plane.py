"""The plane: D as a heat map, real and generated points, and the pull on each of those.

It is drawn for any trainer of points in the plane, whatever game it plays.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor
from torch.nn.functional import interpolate

from gan_lesson import plots
from gan_lesson.data import Mixture
from gan_lesson.loss_families import FAMILIES
from gan_lesson.losses import LOSSES
from gan_lesson.trainer import Trainer

N_SHOWN = 400  # real points and generated ones in the picture
N_ARROWS = 80


_COARSE = 44  # places in each direction where D is asked
_BANDS = 20  # colours of the heat map
_FULL = 0.25  # D this far from 1/2 has the full colour, and so has what is farther

_UNIT = {"least_squares": 0.5}  # its scores lie between 0 and 1, those of others around -1 and 1

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
    return logits_of(_places_on_square(half_width).clone()).reshape(_COARSE, _COARSE)


@lru_cache(maxsize=8)
def _places_on_square(half_width: float) -> Tensor:
    """Return the middles of the 44 x 44 cells, shape (1936, 2); not to be changed."""
    step = 2 * half_width / _COARSE
    line = torch.arange(_COARSE) * step + (step / 2 - half_width)
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


@lru_cache(maxsize=8)
def _between(n: int) -> Tensor:
    """Return what interpolates 44 values linearly at n pixels, shape (n, 44); not to be changed."""
    each = torch.eye(_COARSE)[None]
    return interpolate(each, size=n, mode="linear")[0].T.contiguous()


class HeatMap(Artist):
    """D over the whole of an axes: bands of .025, white at 1/2, full colour at 1/4 and 3/4.

    Where D gives scores, `logits` are their distances from a middle.

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
        down, across = (_between(n) for n in (round(box.y1) - bottom, round(box.x1) - left))
        # a number that is not finite would spoil the whole map, since 0 times it is NaN
        s = down @ self.logits.nan_to_num(0.0, 50.0, -50.0) @ across.T
        d = torch.sigmoid_(s).sub_(0.5 - _FULL).mul_(_BANDS / (2 * _FULL))
        band = d.clamp_(0, _BANDS - 1).to(torch.uint8)
        context = renderer.new_gc()
        renderer.draw_image(context, left, bottom, _COLOURS.take(band.numpy(), axis=0))
        context.restore()


@torch.no_grad()
def middle_of_scores(trainer: Trainer, x_real: Tensor, x_fake: Tensor) -> float:
    """Return the score that says neither real nor generated; a logit where D has probabilities.

    It is the chance level of the game where that has one, else the middle of D's two mean scores.
    """
    family = FAMILIES[trainer.history.loss]
    if family.probability:
        return 0.0
    if family.d is not None:
        return family.d
    return float((trainer.D.logits(x_real).mean() + trainer.D.logits(x_fake).mean()) / 2)


def pulls(trainer: Trainer, x: Tensor, x_real: Tensor | None = None) -> Tensor:
    """Return -d loss / dx of the generator's loss for samples at `x`, shape (n, 2).

    It is the way in which the loss of one sample falls fastest, in units of the loss per unit of
    x: all that D tells G. For the non-saturating loss it is (1 - D(x)) times the logit's gradient.

    Args:
        trainer: whose D and game are asked.
        x: places of generated samples, shape (n, 2).
        x_real: real samples, shape (m, 2), for a game in which G's loss looks at them: each
            generated sample is then compared with every one of them.

    Raises:
        ValueError: the game needs `x_real` and there is none.
    """
    game = LOSSES[trainer.loss]
    x = x.detach().requires_grad_()
    s = trainer.D(x, as_logits=True)
    if game.needs_real and x_real is None:
        raise ValueError(f"G's loss of the {trainer.loss} game compares with real samples")
    if game.needs_real:
        with torch.no_grad():
            real = trainer.D(x_real, as_logits=True)
        loss = game.of_g(real.repeat(len(x), 1), s.repeat_interleave(len(real), dim=0))
    else:
        loss = game.of_g(None, s)
    (slope,) = torch.autograd.grad(len(x) * loss, x)  # the losses are means over the samples
    return -slope


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
            return self._plane(figure.subplots(), trainer)

    def _plane(self, axes: Axes, trainer: Trainer) -> list[Artist]:
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
        probability = FAMILIES[trainer.history.loss].probability
        told = ("D > ½", "D < ½") if probability else ("f high", "f low")
        key = [
            Line2D([], [], color=_HEAT(end), label=label, **square)
            for end, label in zip((1.0, 0.0), told, strict=True)
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
        self._x_real = trainer.data.sample(N_SHOWN, torch.Generator().manual_seed(self.seed))
        self._real.set_data(*self._x_real.T.numpy())
        self._axes.set(xlim=(-self._half, self._half), ylim=(-self._half, self._half))
        return True

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw D, the points of the same z, and the arrows of the present players."""
        changed = self._follow(trainer)
        z = trainer.G.sample_z(N_SHOWN, torch.Generator().manual_seed(self.seed + 1))
        x_fake = trainer.sample(z)
        self._fake.set_data(*x_fake.T.numpy())
        if self.show["heat map"]:
            s = logits_on_square(trainer.D.logits, self._half)
            middle = middle_of_scores(trainer, self._x_real, x_fake)
            self._heat.logits = (s - middle) / _UNIT.get(trainer.history.loss, 1.0)
        self._heat.set_visible(self.show["heat map"])
        self._arrows.set_visible(self.show["arrows"])
        if self.show["arrows"]:
            self._arrows.set_data(*joined(self._arrow_lines(trainer, x_fake[:N_ARROWS])))
        return self._in_words(trainer, x_fake), changed

    def _arrow_lines(self, trainer: Trainer, x: Tensor) -> np.ndarray:
        """Return one polyline an arrow, shape (n, 5, 2): shaft, then both barbs of its head.

        An arrow grows with its pull, from 0 to at most a seventh of the half-width, which it
        nears where the pull is far above 1/4 nat per half-width.
        """
        pull = pulls(trainer, x, self._x_real).numpy() * self._half
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


def joined(lines: np.ndarray) -> np.ndarray:
    """Return polylines, shape (n, points, 2), as one, shape (2, n * (points + 1)), with gaps."""
    gaps = np.full((len(lines), 1, 2), np.nan)
    return np.concatenate([lines, gaps], axis=1).reshape(-1, 2).T
