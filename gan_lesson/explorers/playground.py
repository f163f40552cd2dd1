"""What lesson 07 shows: two players in the plane, every setting live, and honest scores."""

import math
import time
from collections.abc import Callable
from html import escape

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from gan_lesson import plots
from gan_lesson.data import Mixture, from_points, grid, letters, ring, spiral, two_moons
from gan_lesson.evaluation import jsd_on_grid, mode_scores, reference_scores
from gan_lesson.live import DOUBLE_CLICK
from gan_lesson.networks import (
    Discriminator,
    Generator,
    multilayer_perceptron,
    seeded,
    small_pair,
)
from gan_lesson.player import SideBySide, TrainingPlayer
from gan_lesson.training import Trainer, adam, playground_trainer

N_SHOWN = 400  # real points and generated ones in the picture
N_ARROWS = 80
N_SCORED = 2500  # as in the published tables
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
        dots = {"linestyle": "", "marker": "o", "markersize": 3.6, "markeredgewidth": 0}
        self._real = axes.plot([], [], color=plots.REAL, alpha=0.75, label="x, real", **dots)[0]
        self._fake = axes.plot([], [], color=plots.GENERATED, label="G(z)", **dots)[0]
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
            f"Step {trainer.step:,}: heat map of D over the plane, real points and generated "
            f"points, {inside:.0%} of them in view, half of them within {float(far):.2f} of a "
            "centre of the data, with arrows where D sends them."
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
            axes.plot([], [], color=plots.REAL, label="D(x)")[0],
            axes.plot([], [], color=plots.GENERATED, label="D(G(z))")[0],
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
        return told, changed


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


def bent_grid(trainer: Trainer, lines: int = 11, points: int = 61) -> np.ndarray:
    """Return where G sends a grid of z, shape (2 * lines, points, 2).

    The lines lie at the tenths of the normal distribution in z₁ and in z₂ (the outermost at
    .005 and .995), so that a cell between four of them gets 1 % of all G(z) if z has two
    numbers; at the rim .95 %, in a corner .90 %. Further numbers of z are 0 here; if z is one
    number, there is one line only.
    """
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


# --- what can be chosen --------------------------------------------------------------------

SETS: dict[str, Callable[[], Mixture]] = {
    "wide ring": lambda: ring(sd=0.05),
    "ring of 8": ring,
    "grid of 25": grid,
    "two moons": two_moons,
    "spiral": spiral,
    "letters": lambda: letters("AB"),
    "my points": lambda: from_points([[-1.0, -0.6], [1.0, -0.6], [0.0, 1.0]]),
}
WITH_MODES = (
    "wide ring",
    "ring of 8",
    "grid of 25",
    "my points",
)  # the others are curves and areas

PRESETS: dict[str, dict] = {
    "plain": {},
    "R1 + R2": {"r1_gamma": 0.01, "r2_gamma": 0.01},
    "hasty G": {"lr_g": 2e-3, "lr_d": 2e-4},
    "recipe": {},  # not from settings: `playground_trainer`
}
_RECIPE_STEPS = 12_000  # over which the recipe's γ and rates fall
_DEFAULTS = {
    "loss": "non_saturating",
    "r1_gamma": 0.0,
    "r2_gamma": 0.0,
    "batch_size": 150,
    "d_steps": 1,
    "lr_d": 1e-3,
    "lr_g": 1e-3,
    "width": 32,
    "latent_dim": 2,
}
_LIVE = ("loss", "r1_gamma", "r2_gamma", "batch_size", "d_steps", "lr_d", "lr_g")
_RATES = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2]
_GAMMAS = [0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0]
_OPTIONS = {
    "r1_gamma": ("R1, γ", _GAMMAS),
    "r2_gamma": ("R2, γ", _GAMMAS),
    "batch_size": ("batch", [8, 16, 32, 64, 150, 300, 600]),
    "d_steps": ("D steps", [1, 2, 3, 5, 10]),
    "lr_d": ("rate of D", _RATES),
    "lr_g": ("rate of G", _RATES),
    "width": ("width", [8, 16, 32, 64, 128]),
    "latent_dim": ("length of z", [1, 2, 4, 8, 16]),
}


def plain_trainer(data: Mixture, seed: int = 0, **settings) -> Trainer:
    """Return two perceptrons with two hidden layers, and their trainer.

    Args:
        data: the set, in the plane.
        seed: start of the weights and of the trainer's random numbers.
        settings: `width`, `latent_dim`, and what `Trainer` takes: `loss`, `batch_size`,
            `d_steps`, `r1_gamma`, `r2_gamma`; `lr_d` and `lr_g` are Adam's. What is left out is
            32, 2, non-saturating, 150, 1, 0, 0 and 1e-3.

    Raises:
        ValueError: a setting is unknown or out of range.
    """
    if unknown := set(settings) - set(_DEFAULTS):
        raise ValueError(f"{unknown.pop()!r} is no setting; there are {tuple(_DEFAULTS)}")
    s = {**_DEFAULTS, **settings}
    G, D = small_pair(2, latent_dim=s["latent_dim"], width=s["width"], seed=seed)
    return Trainer(
        G,
        D,
        data,
        optimizer_g=adam(G.parameters(), lr=s["lr_g"]),
        optimizer_d=adam(D.parameters(), lr=s["lr_d"]),
        **{name: s[name] for name in _LIVE if not name.startswith("lr_")},
        seed=seed,
    )


class Pack(nn.Module):
    """A network of points in the plane that takes m of them side by side: (n, 2m) -> (n, 2m)."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, z: Tensor) -> Tensor:
        """Return the network's answer to each pair of numbers, side by side again."""
        return self.net(z.reshape(-1, 2)).reshape(len(z), -1)


class PackedData:
    """Real samples in rows of m: shape (n, 2m).

    Args:
        data: a set in the plane.
        m: points in a row.
    """

    def __init__(self, data: Mixture, m: int):
        self.data, self.m = data, m

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` rows."""
        return self.data.sample(n * self.m, generator).reshape(n, -1)


def packed_trainer(
    data: Mixture, m: int, seed: int = 0, lr_d: float = 1e-3, lr_g: float = 1e-3, points: int = 150
) -> Trainer:
    """Return the trainer of a plain pair whose D judges m points at once.

    Args:
        data: the set, in the plane.
        m: points in a row, at least 1.
        seed: start of the weights and of the trainer's random numbers.
        lr_d: Adam's rate for D.
        lr_g: Adam's rate for G.
        points: real points in a batch, and generated ones; rows are `points // m`.

    Source: Lin et al. 2018, PacGAN. Written out in lesson 07.
    """
    with seeded(seed):
        G = Generator(Pack(multilayer_perceptron((2, 32, 32, 2))), latent_dim=2 * m)
        D = Discriminator(multilayer_perceptron((2 * m, 32, 32, 1)))
    return Trainer(
        G,
        D,
        PackedData(data, m),
        optimizer_g=adam(G.parameters(), lr=lr_g),
        optimizer_d=adam(D.parameters(), lr=lr_d),
        batch_size=points // m,
        seed=seed,
    )


# --- scores --------------------------------------------------------------------------------


class Scoreboard:
    """Scores of a generator below those of a perfect sampler and of uniform noise.

    Args:
        data: the set.
        has_modes: whether its centres are modes to count, and not places along a curve.
    """

    def __init__(self, data: Mixture, has_modes: bool = True):
        self.data, self.has_modes = data, has_modes
        self._centres = data.centres.numpy().astype(float)
        self._half = half_width_of(data)
        draw = torch.Generator().manual_seed(0)
        noise = self._half * (2 * torch.rand(N_SCORED, 2, generator=draw) - 1)
        perfect = data.sample(N_SCORED, draw)
        self.rows = {"perfect sampler": self.score(perfect), "uniform noise": self.score(noise)}
        if has_modes:  # means over 20 drawings instead of one
            for name, row in reference_scores(self._centres, data.sd).items():
                self.rows[name] = {**self.rows[name], **row._asdict()}

    def score(self, x: Tensor) -> dict[str, float]:
        """Return the scores of samples, shape (n, 2), by name.

        Samples that are not finite (a diverged generator's) score NaN.
        """
        x = x.numpy()
        names = ("modes", "fair_modes", "high_quality", "reverse_kl", "covariance_ratio")
        if not np.isfinite(x).all():
            return dict.fromkeys((*names, "jsd") if self.has_modes else ("on_set", "jsd"), math.nan)
        jsd = jsd_on_grid(x, self._centres, self.data.sd, half_width=self._half)
        if self.has_modes:
            return {**mode_scores(x, self._centres, self.data.sd)._asdict(), "jsd": jsd}
        near = torch.cdist(torch.from_numpy(x), self.data.centres).amin(dim=1) <= 3 * self.data.sd
        return {"on_set": float(near.float().mean()), "jsd": jsd}

    def table(self, samples: dict[str, Tensor]) -> str:
        """Return an HTML table: each named sample's scores, then the two rows to compare."""
        rows = {name: self.score(x) for name, x in samples.items()} | self.rows
        heads = {
            "modes": f"modes of {len(self._centres)}",
            "fair_modes": "with fair share",
            "high_quality": "high quality",
            "reverse_kl": "reverse KL",
            "covariance_ratio": "covariance ratio",
            "on_set": "within 3 sd of the set",
            "jsd": "JSD",
        }
        columns = list(next(iter(rows.values())))
        lines = ["".join(_CELL.format("th", "left", t) for t in ["", *(heads[c] for c in columns)])]
        for label, row in rows.items():
            cells = [_score_in_words(column, row[column]) for column in columns]
            lines.append("".join(_CELL.format("td", "left", escape(t)) for t in [label, *cells]))
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f'<table style="font-size:15px;border-collapse:collapse">{body}</table>'


_CELL = '<{0} style="text-align:{1};padding:1px 16px 1px 0;font-weight:normal">{2}</{0}>'


def _score_in_words(name: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    if name in ("modes", "fair_modes"):
        return f"{value:.3g}"
    if name in ("high_quality", "on_set"):
        return f"{value:.1%}"
    return f"{value:.3f}"


# --- the playground ------------------------------------------------------------------------


class Playground(TrainingPlayer):
    """A player with the whole workshop around it: data sets, settings applied live, scores.

    Rates, batch, loss, penalties and D's steps take effect in the next step. What shapes the
    networks or the data restarts the run, and a line says so.

    Args:
        data: name of a set, one of `SETS`.
        preset: name of the settings to start from, one of `PRESETS`.
        seed: start of all random numbers.
        preview_steps: as in `TrainingPlayer`.

    Raises:
        ValueError: an unknown name.
    """

    seconds_between_scores = 0.5

    def __init__(
        self,
        data: str = "wide ring",
        preset: str = "plain",
        seed: int = 0,
        preview_steps: int = 0,
    ):
        _check_name("data", data, SETS)
        _check_name("preset", preset, PRESETS)
        self.seed = seed
        self._preset = preset
        self.settings = {**_DEFAULTS, **PRESETS[preset]}
        self._sets = {name: make() for name, make in SETS.items()}
        self._placed_at = -DOUBLE_CLICK
        self._points: list[list[float]] = self._sets["my points"].centres.tolist()
        self._applying = False
        self._scored_at = -math.inf
        self.scores = widgets.HTML()
        self.scoreboard = Scoreboard(self._sets[data], data in WITH_MODES)
        super().__init__(
            self._new_trainer(self._sets[data]),
            PlaygroundScene(),
            preview_steps=preview_steps,
        )
        self._make_choices(data, preset)

    # --- controls ----------------------------------------------------------------------------

    def _make_choices(self, data: str, preset: str) -> None:
        """Make what stands above and below the player, and lay it all out."""
        self.data_set = _buttons(list(SETS), data)
        self.preset = _buttons(list(PRESETS), preset)
        self.sliders = {
            name: _slider(label, options, self.settings[name])
            for name, (label, options) in _OPTIONS.items()
        }
        self.loss = _buttons(
            [("non-saturating", "non_saturating"), ("saturating", "saturating")],
            self.settings["loss"],
        )
        self.new_seed = _button("Restart, next seed")
        self.text = widgets.Text(value="AB", description="letters", layout={"width": "160px"})
        self.use_text = _button("Use letters")
        self.x, self.y = (
            widgets.FloatSlider(
                value=0, min=-1.2, max=1.2, step=0.1, description=name, layout={"width": "300px"}
            )
            for name in ("x₁", "x₂")
        )
        self.place = _button("Place a point")
        self.forget = _button("Remove last")
        self.picture = _buttons(["heat map and arrows", "heat map", "arrows", "points only"])
        self.speed.layout.width = "330px"
        self.groups = {
            "speed": [self.speed],
            "rates": [self.sliders["lr_d"], self.sliders["lr_g"]],
            "turns": [self.sliders["batch_size"], self.sliders["d_steps"]],
            "loss": [self.loss],
            "penalty": [self.sliders["r1_gamma"], self.sliders["r2_gamma"]],
            "networks": [
                self.sliders["width"],
                self.sliders["latent_dim"],
                self.new_seed,
                widgets.HTML(_sentence("These restart the run.")),
            ],
            "draw": [
                widgets.HBox([self.text, self.use_text]),
                widgets.HBox([self.x, self.y]),
                widgets.HBox([self.place, self.forget]),
            ],
            "picture": [self.picture],
        }
        self.group = _buttons(list(self.groups), "speed")
        self.open_group = widgets.HBox(layout={**_ROW, "min_height": "34px"})
        self.notice = widgets.HTML()
        buttons, picture, moment, status = self.widget.children
        buttons.children = [c for c in buttons.children if c is not self.speed]
        self.widget = widgets.VBox(
            [
                _labelled("data", self.data_set),
                _labelled("start from", self.preset),
                _labelled("settings", self.group),
                self.open_group,
                self.notice,
                *(buttons, picture, moment, status),
                self.scores,
            ]
        )
        self._observe()
        self._open()
        self._show_settings()

    def _observe(self) -> None:
        self.data_set.observe(lambda _: self._restart(), "value")
        self.preset.observe(lambda _: self._take_preset(), "value")
        self.group.observe(lambda _: self._open(), "value")
        for slider in (self.x, self.y):
            slider.observe(lambda _: self._aim(), "value")
        self.picture.observe(lambda _: self._choose_picture(), "value")
        for name, control in {**self.sliders, "loss": self.loss}.items():
            control.observe(lambda change, name=name: self._set(name, change["new"]), "value")
        self.new_seed.on_click(lambda _: self._restart(self.seed + 1))
        self.use_text.on_click(lambda _: self._draw(lambda: letters(self.text.value), "letters"))
        self.place.on_click(lambda _: self._place())
        self.forget.on_click(lambda _: self._remove())

    def _open(self) -> None:
        """Show the chosen group of controls, and fold the others away."""
        self.open_group.children = self.groups[self.group.value]
        self._point_at()

    def _say(self, sentence: str) -> None:
        self.notice.value = _sentence(sentence)

    # --- what the controls do ------------------------------------------------------------------

    def _set(self, name: str, value) -> None:
        """Apply one setting: live if the trainer can take it, with a restart otherwise."""
        if self._applying:
            return
        self.settings[name] = value
        if name not in _LIVE:
            self._restart()
            return
        with self.trainer.lock:
            setattr(self.trainer, name, value)
        label = "G's loss" if name == "loss" else _OPTIONS[name][0]
        value = value.replace("_", "-") if name == "loss" else f"{value:g}"
        self._say(f"From step {self.trainer.step + 1:,} on: {label} = {value}.")

    def _new_trainer(self, data: Mixture) -> Trainer:
        """Return a trainer at step 0, and note its settings."""
        if self._preset != "recipe":
            return plain_trainer(data, self.seed, **self.settings)
        trainer = playground_trainer(data, seed=self.seed, n_steps=_RECIPE_STEPS)
        self.settings |= {name: getattr(trainer, name) for name in _LIVE}
        return trainer

    def _take_preset(self) -> None:
        self._preset = self.preset.value
        self.settings = {**_DEFAULTS, **PRESETS[self._preset]}
        self._restart()

    def _show_settings(self) -> None:
        """Put all controls where the settings are, without applying them again."""
        self._applying = True
        try:
            self.loss.value = self.settings["loss"]
            for name, slider in self.sliders.items():
                slider.options = _options_with(_OPTIONS[name][1], self.settings[name])
                slider.value = self.settings[name]
                slider.disabled = self._preset == "recipe" and name not in _LIVE
        finally:
            self._applying = False

    def _restart(self, seed: int | None = None) -> None:
        """Begin again at step 0, with the chosen data, networks and seed."""
        name = self.data_set.value
        self.seed = self.seed if seed is None else seed
        with self.panel.lock:
            if self.scoreboard.data is not self._sets[name]:
                self.scoreboard = Scoreboard(self._sets[name], name in WITH_MODES)
            self.trainer = self._new_trainer(self._sets[name])
            self._rate = (time.monotonic(), 0, 0.0)
            self._scored_at = -math.inf
            self._after_training()
            self._show_settings()
        G, s = self.trainer.G, self.settings
        size = f"width {s['width']}, length of z {G.latent_dim}"
        if self._preset == "recipe":
            size = f"the recipe, whose γ and rates fall until step {_RECIPE_STEPS:,}"
        self._say(f"Restarted at step 0: {name}, {size}, seed {self.seed}.")

    def _draw(self, make: Callable[[], Mixture], name: str) -> None:
        """Take a set that the learner drew, or say why it cannot be taken."""
        try:
            self._sets[name] = make()
        except ValueError as error:
            self._say(str(error))
            return
        if self.data_set.value == name:
            self._restart()
        else:
            self.data_set.value = name

    def _point_at(self) -> None:
        """Mark the place that the two sliders mean, while they are shown."""
        place = [[self.x.value], [self.y.value]] if self.group.value == "draw" else [[], []]
        with self.panel.lock:
            self.scene.cursor.set_data(*place)
            self.redraw()

    def _aim(self) -> None:
        """Follow the two sliders; a move that "Place a point" has overtaken moves that point.

        The browser holds a slider's last move back while the kernel is busy, but no click.
        """
        if time.monotonic() - self._placed_at < DOUBLE_CLICK:
            self._take_points([*self._points[:-1], [self.x.value, self.y.value]])
        self._point_at()

    def _place(self) -> None:
        points = [*self._points, [self.x.value, self.y.value]]
        self._take_points(points)
        if self._points == points:  # they may be too many
            self._placed_at = time.monotonic()

    def _remove(self) -> None:
        self._placed_at = -DOUBLE_CLICK
        if len(self._points) == 1:
            self._say("One point must stay.")
        else:
            self._take_points(self._points[:-1])

    def _take_points(self, points: list[list[float]]) -> None:
        def make() -> Mixture:
            data = from_points(points)
            self._points = points
            return data

        self._draw(make, "my points")

    def _choose_picture(self) -> None:
        with self.panel.lock:
            for part in self.scene.show:
                self.scene.show[part] = part in self.picture.value
            self.redraw()

    # --- what they show --------------------------------------------------------------------------

    def redraw(self, message: str = "") -> None:
        """Draw as any player; score every half second."""
        with self.panel.lock:
            super().redraw(message)
            if time.monotonic() - self._scored_at >= self.seconds_between_scores:
                self._score()

    def _score(self) -> None:
        with self.trainer.lock:
            x, step = scored_samples(self.trainer), self.trainer.step
        self.scores.value = self.scoreboard.table({f"G at step {step:,}": x})
        self._scored_at = time.monotonic()


CHANGES: dict[str, dict] = {
    "no change": {},
    "5 D steps": {"d_steps": 5},
    "10 × D's rate": {"lr_d": 2e-3},
    "R1 + R2, .03": {"r1_gamma": 0.03, "r2_gamma": 0.03},
    "saturating": {"loss": "saturating"},
    "z of length 8": {"latent_dim": 8},
}


class TwoRuns(SideBySide):
    """Two runs side by side from one seed: A as the preset has it, B with one thing changed.

    Another choice restarts both.

    Args:
        data: name of a set, one of `SETS`.
        preset: name of the settings of A, one of `PRESETS`.
        change: what B has different, one of `CHANGES`.
        seed: start of all random numbers of both.
        preview_steps: as in `TrainingPlayer`.

    Raises:
        ValueError: an unknown name.
    """

    def __init__(
        self,
        data: str = "wide ring",
        preset: str = "hasty G",
        change: str = "10 × D's rate",
        seed: int = 0,
        preview_steps: int = 0,
    ):
        _check_name("data", data, SETS)
        _check_name("preset", preset, PRESETS)
        _check_name("change", change, CHANGES)
        self._data, self._preset, self.seed = SETS[data](), preset, seed
        self._scored_at = -math.inf
        self.scores = widgets.HTML()
        self.scoreboard = Scoreboard(self._data, data in WITH_MODES)
        super().__init__(self._trainers(change), PlaneScene, preview_steps=preview_steps)
        self.change = _buttons(list(CHANGES), change)
        self.change.observe(lambda _: self._restart(), "value")
        self.notice = widgets.HTML()
        self.widget.children = [
            _labelled("B has", self.change),
            self.notice,
            *self.widget.children,
            self.scores,
        ]

    def _trainers(self, change: str) -> dict[str, Trainer]:
        settings = PRESETS[self._preset]
        return {
            "A": plain_trainer(self._data, self.seed, **settings),
            "B": plain_trainer(self._data, self.seed, **{**settings, **CHANGES[change]}),
        }

    def _restart(self) -> None:
        change = self.change.value
        with self.panel.lock:
            self.trainer = type(self.trainer)(self._trainers(change))
            self._scored_at = -math.inf
            self._after_training()
        self.notice.value = _sentence(
            f"Both restarted at step 0 with seed {self.seed}. A: {self._preset}. B: the same, but "
            f"with {change}."
        )

    def redraw(self, message: str = "") -> None:
        """Draw both runs; score them every half second."""
        with self.panel.lock:
            super().redraw(message)
            if time.monotonic() - self._scored_at >= Playground.seconds_between_scores:
                self._scored_at = time.monotonic()
                self.scores.value = self.scoreboard.table(
                    {
                        f"{name} at step {trainer.step:,}": scored_samples(trainer)
                        for name, trainer in self.trainer.trainers.items()
                    }
                )


def scored_samples(trainer: Trainer, seed: int = 2) -> Tensor:
    """Return 2,500 samples from z of a generator of their own, shape (2500, 2)."""
    z = trainer.G.sample_z(N_SCORED, torch.Generator().manual_seed(seed))
    return trainer.sample(z, batch=N_SCORED)


def _check_name(what: str, name: str, known: dict) -> None:
    if name not in known:
        raise ValueError(f"{what} is {name!r}; it must be one of {tuple(known)}")


def _sentence(text: str) -> str:
    return f'<span style="font-size:15px">{escape(text)}</span>'


_ROW = {"flex_flow": "row wrap", "max_width": "100%", "align_items": "center"}


def _buttons(options: list, value=None) -> widgets.ToggleButtons:
    longest = max(len(o if isinstance(o, str) else o[0]) for o in options)
    return widgets.ToggleButtons(
        options=options,
        value=value or options[0],
        style={"button_width": f"{34 + 6.5 * longest:.0f}px"},
    )


def _labelled(label: str, buttons: widgets.ToggleButtons) -> widgets.HBox:
    """Put a word of fixed width before buttons (their own description would stand above)."""
    word = widgets.HTML(_sentence(label), layout={"width": "86px"})
    return widgets.HBox([word, buttons], layout=_ROW)


def _button(description: str) -> widgets.Button:
    return widgets.Button(
        description=description, layout={"width": f"{36 + 8 * len(description)}px"}
    )


def _slider(description: str, options: list, value) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(
        options=_options_with(options, value),
        value=value,
        description=description,
        continuous_update=True,
        layout={"width": "330px"},
        style={"description_width": "90px"},
    )


def _options_with(options: list, value) -> list[tuple[str, float]]:
    """Return a slider's options by name, `value` among them."""
    return [(f"{option:.3g}", option) for option in sorted({*options, value})]
