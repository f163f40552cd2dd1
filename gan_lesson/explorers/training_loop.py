"""What lesson 05 shows: one run of the two steps on 1-D data, with everything that is known.

The data's density is known, and G maps one number to one number, so that the density of its
samples follows from its map. So D* is known at each moment of a real training run, and with
it how far D is from its best response and how far G is from the data.
"""

import base64
import io
import wave
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
from IPython.display import HTML
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from gan_lesson import plots
from gan_lesson.data import Mixture
from gan_lesson.live import is_headless
from gan_lesson.losses import generator_loss
from gan_lesson.networks import Discriminator, Generator, small_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.training import Trainer, adam
from gan_lesson.value_function import (
    LOG_4,
    d_star,
    density_of_map,
    jensen_shannon_divergence,
    value_on_grid,
)

EDGES = np.linspace(-10.0, 10.0, 1001)
PLACES = (EDGES[1:] + EDGES[:-1]) / 2
DX = float(EDGES[1] - EDGES[0])
NOISE = np.linspace(-5.0, 5.0, 2001)
VIEW = (-4.5, 4.5)  # the part of the x axis that is drawn
BARS = np.linspace(*VIEW, 46)
SHARED_GAUGE = (-2.0, 0.03)  # nats; the same for runs beside each other, so that bars compare
GAUGES = (0.12, 0.3, 0.75, 1.6)  # nats on either side of -log 4 that the gauge may show

_NOISE = torch.tensor(NOISE, dtype=torch.float32).unsqueeze(1)
_PLACES = torch.tensor(PLACES, dtype=torch.float32).unsqueeze(1)


class GameState(NamedTuple):
    """How one game on 1-D data stands, on the grid `PLACES`; see `game_state`.

    Attributes:
        p_data: density of the data, shape (1000,), per unit of x.
        p_g: density of G's samples, shape (1000,), per unit of x.
        d: D(x), shape (1000,), a probability.
        d_star: the best discriminator's D*(x), shape (1000,).
        x_of_z: G(z) at `NOISE`, shape (2001,), in units of x.
        value: V(D, G), nats.
        best_value: V(D*, G) = -log 4 + 2 JSD, nats.
        jsd: JSD(p_data, p_g), nats.
    """

    p_data: np.ndarray
    p_g: np.ndarray
    d: np.ndarray
    d_star: np.ndarray
    x_of_z: np.ndarray
    value: float
    best_value: float
    jsd: float

    @property
    def regret(self) -> float:
        """V(D*, G) - V(D, G) >= 0, nats: how far D is from its best response."""
        return self.best_value - self.value

    @property
    def d_error(self) -> float:
        """Mean of |D - D*| where p_data + p_g is at least .01 per unit of x."""
        counts = self.p_data + self.p_g >= 0.01
        return float(np.abs(self.d - self.d_star)[counts].mean())


@torch.no_grad()
def game_state(G: Generator, D: Discriminator, data: Mixture) -> GameState:
    """Return densities, D, D*, V and JSD of a game on 1-D data, by sums over a grid.

    Args:
        G: generator of one number from one number, so that p_g follows from its map.
        D: discriminator of one number.
        data: mixture in one dimension, its bulk between -10 and 10.

    Raises:
        ValueError: G takes or makes more than one number, or G(z) is not finite.
    """
    if G.latent_dim != 1:
        raise ValueError(f"G.latent_dim is {G.latent_dim}; only 1 has a map that can be drawn")
    x_of_z = G(_NOISE)
    if x_of_z.shape[1:] != (1,):
        raise ValueError(f"G makes samples of shape {tuple(x_of_z.shape[1:])}; it must be (1,)")
    x_of_z = x_of_z[:, 0].double().numpy()
    logits = D(_PLACES, as_logits=True)[:, 0].double()
    p_data = data.density(_PLACES).double().numpy()
    p_g = density_of_map(NOISE, x_of_z, EDGES)
    jsd = jensen_shannon_divergence(p_data, p_g, DX)
    return GameState(
        p_data,
        p_g,
        torch.sigmoid(logits).numpy(),
        d_star(p_data, p_g),
        x_of_z,
        value_on_grid(logits.numpy(), p_data, p_g, DX),
        2 * jsd - LOG_4,
        jsd,
    )


def shares(state: GameState, data: Mixture) -> list[float]:
    """Return the share of G's samples at each bump of the data, left to right.

    A sample belongs to the nearest centre, if that is within 2 sd, and else to none: what lies
    in the gap is at no bump.
    """
    distance = np.abs(PLACES - np.sort(data.centres[:, 0].double().numpy())[:, None])
    nearest = distance.argmin(axis=0)
    near = distance.min(axis=0) <= 2 * data.sd
    return [
        float(np.sum(state.p_g[near & (nearest == bump)]) * DX) for bump in range(len(distance))
    ]


class LoopScene:
    """Densities, D and D*, the map G, the curves, and where V stands between its bounds.

    The densities, D and the map share one x axis, with z upwards: where the map's curve lies
    flat, little noise is spread over many x, and p_g is thin.

    Args:
        curves: also draw the map and the curves; without them the picture is narrower, for
            two runs beside each other.
    """

    def __init__(self, curves: bool = True):
        self.curves = curves
        self._reach = 0.0
        self._needed: deque[float] = deque(maxlen=50)
        self.size = (9.4, 5.7) if curves else (5.2, 4.1)

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make all axes; return what moves."""
        self._z_fixed = trainer.G.sample_z(500, torch.Generator().manual_seed(0))
        with plots.lesson_style():
            if self.curves:
                boxes = figure.add_gridspec(
                    3, 2, width_ratios=[1.25, 1], height_ratios=[1.25, 1, 1]
                )
                axes = [figure.add_subplot(boxes[i, j]) for j in (0, 1) for i in range(3)]
                density, answers, the_map, axes_d, axes_loss, gauge = axes
                self._lines = plots.history_axes(axes_d, axes_loss, trainer.history)
                axes_d.set(xlabel="")
                axes_d.tick_params(labelbottom=False)
            else:
                boxes = figure.add_gridspec(3, 1, height_ratios=[1.25, 1, 0.55])
                density, answers, gauge = (figure.add_subplot(boxes[i]) for i in range(3))
                self._lines, the_map = [], None
            moving = [*self._density(density, trainer), *self._answers(answers)]
            if the_map is not None:
                moving += self._map(the_map)
            return [*moving, *self._lines, *self._gauge(gauge)]

    def _density(self, axes: Axes, trainer: Trainer) -> list[Artist]:
        """Draw p_data; make the histogram and the density of p_g."""
        p_data = trainer.data.density(_PLACES).numpy()
        axes.fill_between(PLACES, p_data, color=plots.REAL, alpha=0.25, lw=0)
        axes.plot(PLACES, p_data, color=plots.REAL, label="p_data")
        orange = {"color": plots.GENERATED}
        self._bars = axes.stairs(np.zeros(len(BARS) - 1), BARS, fill=True, alpha=0.35, **orange)
        self._p_g = axes.plot([], [], **orange, label="p_g (bars: 500 samples)")[0]
        axes.set(xlim=VIEW, ylim=(0, 2.2 * float(p_data.max())), ylabel="p (per unit)")
        axes.tick_params(labelbottom=False)
        self._legend(axes)
        return [self._bars, self._p_g]

    def _answers(self, axes: Axes) -> list[Artist]:
        """Make D(x) and D*(x)."""
        green = {"color": plots.DISCRIMINATOR}
        self._d_star = axes.plot([], [], "--", **green, linewidth=1.6, label="D*(x), best")[0]
        self._d = axes.plot([], [], **green, linewidth=2.4, label="D(x)")[0]
        plots.reference_line(axes, 0.5, "½")
        axes.set(xlim=VIEW, ylim=(-0.02, 1.02), ylabel="probability")
        if self.curves:
            axes.tick_params(labelbottom=False)
        else:
            axes.set_xlabel("x")
        self._legend(axes)
        return [self._d_star, self._d]

    def _map(self, axes: Axes) -> list[Artist]:
        """Make the map, lying on its side, so that it shares the x axis."""
        self._g = axes.plot([], [], color=plots.GENERATED, linewidth=2.4, label="x = G(z)")[0]
        axes.set(xlim=VIEW, ylim=(-3, 3), xlabel="x", ylabel="z (noise)")
        self._legend(axes)
        return [self._g]

    def _gauge(self, axes: Axes) -> list[Artist]:
        """Make two bars: from -log 4 up to V(D*), and from there back to V of the present D."""
        axes.set(xlim=SHARED_GAUGE, ylim=(-0.6, 1.6), xlabel="V (nats)")
        axes.set_yticks([1, 0], ["G: 2 JSD", "D: regret"])
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
        words = {"transform": axes.transAxes, "va": "center", "x": 0.02}
        self._words = [axes.text(s="", y=y, **words) for y in (0.74, 0.28)]
        return [self._distance, self._regret, self._best, self._now, *self._words]

    def _zoom(self, needed: float) -> bool:
        """Show the shortest stretch of V that holds both bars; tell whether it changed.

        It grows at once, and shrinks after fifty pictures with room to spare: V of a game that
        circles swings so much that an axis which followed would flicker.
        """
        self._needed.append(needed)
        most = max(self._needed)
        fits = next((reach for reach in GAUGES if most <= 0.9 * reach), GAUGES[-1])
        steady = len(self._needed) == self._needed.maxlen
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
        self._d.set_data(PLACES, state.d)
        self._d_star.set_data(PLACES, state.d_star)
        changed = False
        if self.curves:
            self._g.set_data(state.x_of_z, NOISE)
            changed = plots.update_history(self._lines, trainer.history)
            changed |= self._zoom(max(abs(v + LOG_4) for v in (state.value, state.best_value)))
        low, high = self._now.axes.get_xlim()
        end = low + 0.01 * (high - low)
        low, best = max(state.value, end), max(state.best_value, end)
        self._distance.set_data([-LOG_4, best], [1, 1])
        self._regret.set_data([low, best], [0, 0])
        self._best.set_data([best, best], [1, 0])
        self._now.set_data([low], [0])
        self._words[0].set_text(f"{2 * state.jsd:.3f}")
        self._words[1].set_text(f"{state.regret:.3f}")
        return describe(trainer, state), changed


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


class LoopTrainer(Trainer):
    """A `Trainer` whose two steps are functions handed to it: a lesson's, a learner's.

    Either may be replaced while training, as any setting: `trainer.step_d = another`.

    Args:
        G: as in `Trainer`.
        D: as in `Trainer`.
        data: as in `Trainer`.
        step_d: function (D, G, optimizer_d, x_real, z) that moves D and returns its loss.
        step_g: function (D, G, optimizer_g, z) that moves G and returns its loss.
        settings: as in `Trainer`; the loss and penalties are those of the two functions.
    """

    keep_gradients = True  # a step without zero_grad goes on from what the last one left

    def __init__(self, G, D, data, *, step_d: Callable, step_g: Callable, **settings):
        self.step_d, self.step_g = step_d, step_g
        super().__init__(G, D, data, **settings)

    def _move_d(self, batch: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, ...]:
        """Move D once; return mean D(x), mean D(G(z)) and D's loss, all before the step."""
        x_real, z = batch or self._draw_for_d()
        with torch.no_grad():
            answers = self.D(x_real).mean(), self.D(self.G(z)).mean()
        loss_d = self.step_d(self.D, self.G, self.optimizer_d, x_real, z)
        return *answers, _finite_number("step_d", loss_d)

    def _move_g(self, z: Tensor) -> Tensor:
        loss_g = self.step_g(self.D, self.G, self.optimizer_g, z)
        self._average()
        return _finite_number("step_g", loss_g)

    def _turn(self, players: str) -> Tensor:
        """As in `Trainer`, with the two functions."""
        self._apply_schedules()
        if players == "D":
            statistics, z = self._move_d(), self.draw_z(self._batch)
            with torch.no_grad():
                loss_g = generator_loss(self.D.logits(self.G(z)), self.loss)
            return torch.stack([*statistics, loss_g])
        if players == "G":
            statistics = self._look()
            return torch.stack([*statistics, self._move_g(self.draw_z(self._batch))])
        for _ in range(self.d_steps - 1):
            self._move_d()
        batch, before = self._draw_for_d(), None
        if self.simultaneous:
            before = [p.detach().clone() for p in self.D.parameters()]
        statistics = self._move_d(batch)
        if before is None:
            return torch.stack([*statistics, self._move_g(self.draw_z(self._batch))])
        after = [p.detach().clone() for p in self.D.parameters()]
        with torch.no_grad():  # G answers the D that had not moved yet
            torch._foreach_copy_(list(self.D.parameters()), before)
        try:
            loss_g = self._move_g(self.draw_z(self._batch))
        finally:
            with torch.no_grad():
                torch._foreach_copy_(list(self.D.parameters()), after)
        return torch.stack([*statistics, loss_g])


def _finite_number(name: str, loss) -> Tensor:
    """Return what a step returned as a scalar tensor that needs no gradient."""
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise ValueError(f"{name} returned {loss!r}; it must return its loss, one number")
    return loss.detach().reshape(())


class LoopPlayer(TrainingPlayer):
    """The player of lesson 05, with the run's settings above it; they count from the next step.

    Args:
        trainer: a run on 1-D data.
        preview_steps: as in `TrainingPlayer`.
    """

    rates = (0.0005, 0.001, 0.002, 0.005, 0.01)

    def __init__(self, trainer: Trainer, *, preview_steps: int = 0):
        super().__init__(trainer, LoopScene(), preview_steps=preview_steps)

    def _make_controls(self) -> None:
        super()._make_controls()
        self.order = self._choice("simultaneous", "moves", [("in turn", False), ("at once", True)])
        self.d_steps = self._choice("d_steps", "D steps", [1, 2, 5])
        self.lr_d = self._choice("lr_d", "rate of D", self.rates)
        self.lr_g = self._choice("lr_g", "rate of G", self.rates)
        rows = [[self.order, self.d_steps], [self.lr_d, self.lr_g]]
        boxes = [widgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        self.widget.children = (*boxes, *self.widget.children)

    def _choice(self, setting: str, label: str, options) -> widgets.ToggleButtons:
        """Return buttons that assign one setting of the trainer, whatever it is now included."""
        now = getattr(self.trainer, setting)
        if not isinstance(options[0], tuple):
            options = [(f"{value:g}".lstrip("0"), value) for value in sorted({*options, now})]
        buttons = widgets.ToggleButtons(
            options=options,
            value=now,
            description=label,
            style={"button_width": "72px" if setting == "simultaneous" else "58px"},
            layout={"width": "auto", "margin": "2px 18px 2px 2px"},
        )

        def assign(change) -> None:
            with self.trainer.lock:
                setattr(self.trainer, setting, change["new"])

        buttons.observe(assign, "value")
        return buttons

    def _numbers(self) -> str:
        state, (step, _, told) = self.scene.state, super()._numbers().partition(" · ")
        rate = "" if is_headless() or not told else f" · {self._steps_a_second():.0f} steps/s"
        return (
            f"{step} · V = {state.value:.3f}, at best {state.best_value:.3f} · D's regret "
            f"{state.regret:.3f} · JSD {state.jsd:.3f} nats{rate}"
        ).replace("-", "−")


def loop_run(step_d: Callable, step_g: Callable, data: Mixture, seed: int = 0) -> LoopTrainer:
    """Return the run of lesson 05, at step 0: two small networks on 1-D data.

    Args:
        step_d: as in `LoopTrainer`.
        step_g: as in `LoopTrainer`.
        data: mixture in one dimension.
        seed: start of the weights and of the random numbers.
    """
    G, D = small_pair(sample_dim=1, latent_dim=1, seed=seed)
    return LoopTrainer(
        G,
        D,
        data,
        step_d=step_d,
        step_g=step_g,
        optimizer_g=adam(G.parameters(), lr=0.001),
        optimizer_d=adam(D.parameters(), lr=0.01),
        batch_size=128,
        seed=seed,
    )


# --- the game as sound -------------------------------------------------------------------------

RATE = 6000  # numbers a second: more than twice the highest overtone, 3 * 880 Hz


def pitch(p: np.ndarray) -> np.ndarray:
    """Return the tone that stands for a probability, Hz: 220 at 0, 440 at 1/2, 880 at 1."""
    return 220.0 * 4.0 ** np.asarray(p, dtype=float)


def two_tones(d_real: np.ndarray, d_fake: np.ndarray, seconds: float = 3.0) -> np.ndarray:
    """Return a sound in which D(x) and D(G(z)) are the pitches of two voices.

    D(x) is a pure tone, D(G(z)) a reedy one with overtones. In unison both say the same, and a
    small difference is heard as a slow beat.

    Args:
        d_real: D(x) over the run, a probability, shape (n,), n >= 1.
        d_fake: D(G(z)) over the run, a probability, shape (n,).
        seconds: length of the sound.

    Returns:
        Numbers between -1 and 1, shape (6000 * seconds,): 6,000 a second.

    Raises:
        ValueError: shapes differ or are empty, a value is no probability, or `seconds` <= 0.
    """
    voices = [np.asarray(voice, dtype=float) for voice in (d_real, d_fake)]
    if voices[0].ndim != 1 or voices[0].shape != voices[1].shape or not voices[0].size:
        raise ValueError(f"shapes are {[v.shape for v in voices]}; both must be (n,), n >= 1")
    if not all(((v >= 0) & (v <= 1)).all() for v in voices):
        raise ValueError("d_real or d_fake holds something else than probabilities")
    if not seconds > 0:
        raise ValueError(f"seconds is {seconds}; it must be positive")
    places = np.linspace(0, len(voices[0]) - 1, round(RATE * seconds))
    phases = [
        2 * np.pi * np.cumsum(pitch(np.interp(places, np.arange(len(v)), v))) / RATE for v in voices
    ]
    reed = sum(np.sin(k * phases[1]) / k for k in (1, 3))
    fade = np.minimum(1.0, np.minimum(np.arange(len(places)), np.arange(len(places))[::-1]) / 200)
    return fade * (0.45 * np.sin(phases[0]) + 0.35 * reed)


def hear(history, seconds: float = 3.0) -> HTML:
    """Return an audio control that plays a run as two tones; press its play button.

    Args:
        history: a `History` with at least one row.
        seconds: length of the sound.

    Raises:
        ValueError: nothing is recorded yet, or as `two_tones`.
    """
    if not len(history):
        raise ValueError("history is empty; train some steps first")
    window = max(1, len(history) // 50)
    d_real, d_fake = (plots.running_mean(history[name], window) for name in ("d_real", "d_fake"))
    sound = np.round(32000 * two_tones(d_real, d_fake, seconds)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(sound.tobytes())
    start, end = (f"{pitch(d_real[i]):.0f} and {pitch(d_fake[i]):.0f} Hz" for i in (0, -1))
    told = f"D(x) and D(G(z)) as two tones: {start} at the start, {end} at the end."
    source = base64.b64encode(file.getvalue()).decode()
    return HTML(
        f'<audio controls aria-label="{told}" src="data:audio/wav;base64,{source}"></audio>'
        f'<div style="font-size:15px">{told}</div>'
    )
