"""What lesson 06 shows: digits, the curves of their training, copies, and the latent space.

Live: `digits_player`, `TimelineExplorer`, `LatentWalk`, `LatentSlice`, `LatentCoordinate`. The
last three are tiled as arrays and encoded by Pillow, without matplotlib. Functions whose
names end in `_figure` draw pictures that do not move.
"""

import contextlib
import copy
import functools
import io
from collections.abc import Mapping

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from gan_lesson import plots
from gan_lesson.data import images_to_tensor, tensor_to_images
from gan_lesson.evaluation import MemorisationCheck, load_classifier
from gan_lesson.latent_space import fixed_z, on_line, on_sphere, share_shorter
from gan_lesson.live import Explorer, LivePanel, Picture, is_projector
from gan_lesson.networks import Generator
from gan_lesson.player import TrainingPlayer
from gan_lesson.pretrained import CURVES, DigitsRuns, Timeline
from gan_lesson.training import Trainer


class DigitsScene:
    """A sheet of generated digits, always from the same z, beside the curves.

    Args:
        rows: digits down.
        columns: digits across.
        seed: start of the generator of the fixed z; independent of the training run.
    """

    size = (9.4, 4.2)

    def __init__(self, rows: int = 6, columns: int = 6, seed: int = 0):
        self.rows, self.columns, self.seed = rows, columns, seed

    def setup(self, figure: Figure, trainer: Trainer) -> list[Artist]:
        """Make the sheet on the left, D's answers and the losses on the right."""
        generator = torch.Generator().manual_seed(self.seed)
        self._z_fixed = trainer.G.sample_z(self.rows * self.columns, generator)
        with plots.lesson_style():
            boxes = figure.add_gridspec(2, 2, width_ratios=[1, 1.25])
            axes_digits = figure.add_subplot(boxes[:, 0])
            axes_d, axes_loss = (figure.add_subplot(boxes[i, 1]) for i in (0, 1))
            self._lines = plots.history_axes(axes_d, axes_loss, trainer.history)
        axes_d.set(xlabel="", xticklabels=[])
        self._sheet = plots.digits_sheet(axes_digits, self._images(trainer), self.columns)
        axes_digits.set_title("G(z) for 36 fixed z" if len(self._z_fixed) == 36 else "G(z)")
        return [self._sheet, *self._lines]

    def _images(self, trainer: Trainer):
        return tensor_to_images(trainer.sample(self._z_fixed))

    def update(self, trainer: Trainer) -> tuple[str, bool]:
        """Draw the same z again with the present generator."""
        self._sheet.set_data(255 - plots.tile(self._images(trainer), self.columns, background=0))
        changed = plots.update_history(self._lines, trainer.history)
        n = len(self._z_fixed)
        return f"{n} generated digits. {plots.describe_history(trainer.history)}", changed


def digits_player(trainer: Trainer, preview_steps: int = 0) -> TrainingPlayer:
    """Return the player of lesson 06 for a trainer of 28 x 28 images in [-1, 1].

    It shows up to nine pictures a second.
    """
    return TrainingPlayer(trainer, DigitsScene(), preview_steps=preview_steps, tick_seconds=0.11)


# --- the time-line: the same z at every kept moment ---------------------------------------------


def timeline_of(trainer: Trainer, n: int = 36) -> Timeline:
    """Return the kept moments of a run as `TimelineExplorer` shows them; no distances.

    Args:
        trainer: a run; each kept moment is drawn by the averaged generator it had then.
        n: samples a moment.
    """
    with trainer.lock:
        G = copy.deepcopy(trainer.G_ema)
        z = fixed_z(G, n)
        steps, sheets = [], []
        for snapshot in trainer.snapshots:
            if snapshot.step <= trainer.step:
                G.load_state_dict(snapshot.state["G_ema"])
                steps.append(snapshot.step)
                with torch.no_grad():
                    sheets.append(tensor_to_images(G(z)))
        rows = plots.thinned(len(trainer.history), 500)
        curves = np.stack(
            [plots.running_mean(trainer.history[name], 20)[rows] for name in CURVES], axis=1
        )
        curve_steps = trainer.history["step"][rows]
    no_distance = np.full(len(steps), np.nan)
    return Timeline(np.array(steps), np.stack(sheets), no_distance, curve_steps, curves)


class TimelineExplorer(Explorer):
    """One slider through the moments of a run: the same z, and where the curves stood.

    Args:
        run: a `Timeline`, such as `load_digits_timeline()`, or a trainer with kept moments.
        moment: number of the moment to start from; the last if left out.
    """

    def __init__(self, run: Timeline | Trainer, moment: int = -1):
        self.timeline = timeline_of(run) if isinstance(run, Trainer) else run
        self._has_distance = bool(np.isfinite(self.timeline.distance).any())
        self.panel = LivePanel(9.4, 4.9 if self._has_distance else 4.2)
        self.panel.moving(self._setup(self.panel.figure))
        steps = self.timeline.steps.tolist()
        self.moment = widgets.SelectionSlider(
            options=[(f"{step:,}", i) for i, step in enumerate(steps)],
            value=range(len(steps))[moment],
            description="step",
            layout={"width": "620px", "max_width": "100%"},
        )
        self.assemble([self.moment])

    def _setup(self, figure: Figure) -> list[Artist]:
        t = self.timeline
        rows = 3 if self._has_distance else 2
        with plots.lesson_style():
            boxes = figure.add_gridspec(rows, 2, width_ratios=[1, 1.2])
            axes_sheet = figure.add_subplot(boxes[:, 0])
            axes = [figure.add_subplot(boxes[i, 1]) for i in range(rows)]
        columns = int(np.ceil(np.sqrt(t.sheets.shape[1])))
        self._columns = columns
        self._sheet = plots.digits_sheet(axes_sheet, t.sheets[0], columns, title="G(z), the same z")
        colours = (plots.REAL, plots.GENERATED, plots.DISCRIMINATOR, plots.GENERATED)
        labels = ("D(x), real", "D(G(z)), generated", "discriminator", "generator")
        x = np.maximum(t.curve_steps, 1)
        for i, (colour, label) in enumerate(zip(colours, labels, strict=True)):
            y = plots.running_mean(t.curves[:, i], 9)
            axes[i // 2].plot(x, y, color=colour, linewidth=1.8, label=label)
        with plots.lesson_style():
            self._dress(axes)
        if self._has_distance:
            seen = np.isfinite(t.distance)
            axes[2].plot(np.maximum(t.steps[seen], 1), t.distance[seen], "o-", color="#555555")
            axes[2].set(yscale="log", ylabel="Fréchet distance")
        return [self._sheet, *(a.axvline(1, color="#222222", linewidth=1.5) for a in axes)]

    def _dress(self, axes: list[Axes]) -> None:
        plots.reference_line(axes[0], 0.5, "½")
        plots.reference_line(axes[1], np.log(4), "log 4")
        plots.reference_line(axes[1], np.log(2), "log 2")
        axes[0].set(ylim=(0, 1), ylabel="probability")
        high = self.timeline.curves[:, 2:].max(initial=0)
        axes[1].set(ylim=(0, plots.doubling_limit(high, 2.0)), ylabel="loss (nats)")
        end = max(10, self.timeline.steps[-1], self.timeline.curve_steps.max(initial=1))
        for a in axes:
            a.set(xscale="log", xlim=(0.8, 2.2 * end))  # room for the lines' names
        for a in axes[:-1]:
            a.set_xticklabels([])
        for a in axes[:2]:
            a.legend(loc="lower left", bbox_to_anchor=(0, 0.98), ncols=2, borderaxespad=0.2)
        axes[-1].set_xlabel("step (0 stands at the left edge)")

    def redraw(self) -> None:
        """Show the chosen moment's sheet and put the three cursors at its step."""
        t, i = self.timeline, self.moment.value
        step = int(t.steps[i])
        self._sheet.set_data(255 - plots.tile(t.sheets[i], self._columns, background=0))
        for artist in self.panel._moving[1:]:
            artist.set_xdata([max(step, 0.8)] * 2)
        told = f"After step {step:,}: {self._curves_at(step)}"
        if np.isfinite(t.distance[i]):
            told += f" Fréchet distance {t.distance[i]:.1f}."
        self.say(told)
        self.panel.redraw(f"{t.sheets.shape[1]} generated digits, always from the same z. {told}")

    def _curves_at(self, step: int) -> str:
        row = int(np.searchsorted(self.timeline.curve_steps, step, side="right")) - 1
        if row < 0:
            return "nothing is trained yet."
        d_real, d_fake, loss_d, loss_g = self.timeline.curves[row]
        return (
            f"D(x) = {d_real:.2f}, D(G(z)) = {d_fake:.2f}, discriminator loss {loss_d:.2f}, "
            f"generator loss {loss_g:.2f}."
        )


# --- the latent space: pictures tiled as arrays --------------------------------------------------

GAP = 2
INK = 34  # grey level of labels
FRAME = 1  # the grey level that is given up, so that one byte a pixel leaves room for a colour
PALETTE = [level for grey in range(256) for level in (grey, grey, grey)]
PALETTE[3 * FRAME : 3 * FRAME + 3] = (int(plots.GENERATED[i : i + 2], 16) for i in (1, 3, 5))


class SheetPanel(Picture):
    """A picture made of an array of pixels, encoded by Pillow and shown as `LivePanel` does."""

    def redraw(self, pixels: np.ndarray, description: str) -> None:
        """Show pixels, uint8 of shape (height, width): grey levels, and `FRAME` for frames.

        Args:
            pixels: the picture, as `_Canvas` draws it.
            description: one sentence for those who cannot see it.
        """
        with self.lock:
            self._fit()
            buffer = io.BytesIO()
            image = Image.fromarray(pixels)
            image.putpalette(PALETTE)
            image.save(buffer, "png", compress_level=1)
            self.put(buffer.getvalue(), description)


class _Canvas:
    """White pixels, with what never changes already written on them; finer for a projector."""

    def __init__(self, width: int, height: int, labels: list[tuple[int, int, str]]):
        self._size, self._labels, self._fine = (width, height), labels, 0
        self.wipe()

    def wipe(self) -> None:
        fine = 2 if is_projector() else 1
        if fine != self._fine:
            self._fine = fine
            image = Image.new("L", tuple(fine * n for n in self._size), 255)
            draw, font = ImageDraw.Draw(image), ImageFont.load_default(15 * fine)
            for x, y, text in self._labels:
                draw.text((fine * x, fine * y), text, fill=INK, font=font)
            self._still = np.array(image)
        self.pixels = self._still.copy()

    def put(self, x: int, y: int, image: np.ndarray, zoom: int = 1) -> None:
        """Put a grey image, dark ink 255, as dark on white, each pixel zoom x zoom large."""
        x, y, zoom = (self._fine * n for n in (x, y, zoom))
        grey = np.repeat(np.repeat(255 - image, zoom, axis=0), zoom, axis=1)
        grey[grey == FRAME] = 0
        self.pixels[y : y + len(grey), x : x + grey.shape[1]] = grey

    def frame(self, x: int, y: int, width: int, height: int, thick: int = 3) -> None:
        """Draw a frame in the generator's colour just outside a rectangle."""
        x, y, width, height, thick = (self._fine * n for n in (x, y, width, height, thick))
        top, left = max(y - thick, 0), max(x - thick, 0)
        self.pixels[top : y + height + thick, left:x] = FRAME
        self.pixels[top : y + height + thick, x + width : x + width + thick] = FRAME
        self.pixels[top:y, x : x + width] = FRAME
        self.pixels[y + height : y + height + thick, x : x + width] = FRAME


@contextlib.contextmanager
def _one_thread():
    """Compute on one thread: for a few images, more only wait for each other and for the page."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@torch.no_grad()
def _draw(G: Generator, z: torch.Tensor) -> np.ndarray:
    """Return G(z) as uint8 images, shape (n, 28, 28)."""
    return tensor_to_images(G(z))


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.2%}" if share >= 1e-4 else "under .01 %"


class LatentWalk(Explorer):
    """Walk from one z to another, on the straight line and on the sphere.

    Args:
        G: a trained generator in evaluation mode.
        t: place to start from, between 0 and 1.
        ends: which pair of z, 0 to 19.
    """

    steps = 9

    def __init__(self, G: Generator, t: float = 0.5, ends: int = 0):
        self.G = G
        self.panel = SheetPanel(712, 262)
        self._canvas = _Canvas(712, 262, [(4, 4, "on the line"), (4, 136, "on the sphere")])
        self.t = widgets.FloatSlider(
            value=t, min=0, max=1, step=0.025, description="t", readout_format=".3f"
        )
        self.ends = widgets.IntSlider(value=ends, min=0, max=19, description="pair")
        self._strips = None
        self.assemble([self.t, self.ends])

    def _pair(self) -> torch.Tensor:
        return self.G.sample_z(2, torch.Generator().manual_seed(100 + self.ends.value))

    @_one_thread()
    def redraw(self) -> None:
        """Draw both strips and, large, where t is on each."""
        z_a, z_b = self._pair()
        t = torch.linspace(0, 1, self.steps)
        if self._strips is None or self._strips[0] != self.ends.value:
            z = torch.cat([on_line(z_a, z_b, t), on_sphere(z_a, z_b, t)])
            self._strips = (self.ends.value, _draw(self.G, z))
        here = torch.tensor([self.t.value])
        z = torch.cat([on_line(z_a, z_b, here), on_sphere(z_a, z_b, here)])
        large = _draw(self.G, z)
        self._canvas.wipe()
        nearest = round(self.t.value * (self.steps - 1))
        for row in (0, 1):
            top = 26 + 132 * row
            for i in range(self.steps):
                x, y = 4 + i * 60, top + 26
                self._canvas.put(x, y, self._strips[1][row * self.steps + i], zoom=2)
                if i == nearest:
                    self._canvas.frame(x, y, 56, 56)
            self._canvas.put(584, top - 16, large[row], zoom=4)
        self._speak(z)

    def _speak(self, z: torch.Tensor) -> None:
        line, sphere = (float(length) for length in z.norm(dim=1))
        dim = self.G.latent_dim
        told = (
            f"t = {self.t.value:.3f}: |z| = {line:.2f} on the line, {sphere:.2f} on the sphere. "
            f"Of all z ~ N(0, I) in {dim} dimensions, {_percent(share_shorter(line, dim))} are "
            f"shorter than the first and {_percent(share_shorter(sphere, dim))} shorter than the "
            "second."
        )
        self.say(told)
        self.panel.redraw(
            self._canvas.pixels,
            f"Two rows of generated digits that change step by step from one to another. {told}",
        )


class LatentSlice(Explorer):
    """A two-dimensional slice of the latent space: four z at the corners, two sliders between.

    Args:
        G: a trained generator in evaluation mode.
        corners: which four z, 0 to 19.
    """

    side = 11

    def __init__(self, G: Generator, corners: int = 0):
        self.G = G
        self.panel = SheetPanel(660, 330)
        self._canvas = _Canvas(660, 330, [(362, 2, "G(z) at (u, v)")])
        options = {"min": 0, "max": 1, "step": 0.02, "readout_format": ".2f"}
        self.u = widgets.FloatSlider(value=0.5, description="u →", **options)
        self.v = widgets.FloatSlider(value=0.5, description="v ↓", **options)
        self.corners = widgets.IntSlider(value=corners, min=0, max=19, description="corners")
        self._map = None
        self.assemble([self.u, self.v, self.corners])

    def at(self, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """Return the z of places u, v in [0, 1], shape (n, latent_dim), all of length sqrt(dim)."""
        draw = torch.Generator().manual_seed(200 + self.corners.value)
        a, b, c, d = self.G.sample_z(4, draw)
        u, v = u[:, None], v[:, None]
        z = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d)
        return z * (self.G.latent_dim**0.5 / z.norm(dim=1, keepdim=True))

    @_one_thread()
    def redraw(self) -> None:
        """Draw the map with a frame at (u, v), and the image there."""
        if self._map is None or self._map[0] != self.corners.value:
            places = torch.linspace(0, 1, self.side)
            v, u = (grid.flatten() for grid in torch.meshgrid(places, places, indexing="ij"))
            sheet = plots.tile(_draw(self.G, self.at(u, v)), self.side, GAP, background=0)
            self._map = (self.corners.value, sheet)
        u, v = self.u.value, self.v.value
        z = self.at(torch.tensor([u]), torch.tensor([v]))
        self._canvas.wipe()
        self._canvas.put(2, 2, self._map[1])
        column, row = round(u * (self.side - 1)), round(v * (self.side - 1))
        self._canvas.frame(2 + 30 * column, 2 + 30 * row, 28, 28, thick=2)
        self._canvas.put(362, 26, _draw(self.G, z)[0], zoom=10)
        told = f"u = {u:.2f}, v = {v:.2f}: G draws this from a z of length {float(z.norm()):.1f}."
        self.say(told)
        self.panel.redraw(
            self._canvas.pixels,
            f"An {self.side} by {self.side} map of digits between four corners, each turning into "
            f"its neighbours, and one of them large. {told}",
        )


class LatentCoordinate(Explorer):
    """Move one coordinate of z and leave the others: what changes in ten digits?

    Args:
        G: a trained generator in evaluation mode.
        j: the coordinate to start with.
        value: what to set it to.
    """

    def __init__(self, G: Generator, j: int = 0, value: float = 2.0):
        self.G = G
        self._z = one_z_of_each_digit(G)
        self._before = _draw(G, self._z)
        self._digits = self._read(self._before)
        self.panel = SheetPanel(712, 212)
        names = ["as drawn", "changed", "difference"]
        self._canvas = _Canvas(712, 212, [(4, 24 + 70 * i, name) for i, name in enumerate(names)])
        self.j = widgets.IntSlider(value=j, min=0, max=G.latent_dim - 1, description="coordinate")
        self.value = widgets.FloatSlider(
            value=value, min=-3, max=3, step=0.1, description="set to", readout_format=".1f"
        )
        self.assemble([self.j, self.value])

    @staticmethod
    def _read(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return _classifier()(images_to_tensor(images)).argmax(dim=1).numpy()

    @_one_thread()
    def redraw(self) -> None:
        """Draw ten digits, the same with one coordinate changed, and the difference."""
        z = self._z.clone()
        z[:, self.j.value] = self.value.value
        after = _draw(self.G, z)
        change = np.abs(after.astype(int) - self._before)
        self._canvas.wipe()
        for i in range(len(z)):
            for row, image in enumerate((self._before[i], after[i], change[i].astype(np.uint8))):
                self._canvas.put(100 + 61 * i, 2 + 70 * row, image, zoom=2)
        others = int((self._read(after) != self._digits).sum())
        told = (
            f"Coordinate {self.j.value} set to {self.value.value:.1f}: the ink changes by "
            f"{change.mean() / 255:.1%} of full black on average; the classifier reads "
            f"{others} of {len(z)} digits otherwise."
        )
        self.say(told)
        self.panel.redraw(
            self._canvas.pixels,
            f"Ten generated digits, the same with one coordinate of z changed, and what differs. "
            f"{told}",
        )


_classifier = functools.cache(load_classifier)  # read once


@torch.no_grad()
def one_z_of_each_digit(G: Generator, n: int = 2000, seed: int = 5) -> torch.Tensor:
    """Return ten z, one drawn as each digit 0 … 9, those the classifier is surest of.

    Args:
        G: a generator of digits in evaluation mode.
        n: z to choose from.
        seed: start of their random numbers.

    Returns:
        Shape (10, latent_dim).
    """
    z = fixed_z(G, n, seed)
    return z[_classifier()(G(z)).argmax(dim=0)]


# --- pictures that do not move ------------------------------------------------------------------


def curves_and_sheets_figure(runs: DigitsRuns, order: str = "CADB") -> Figure:
    """Return four runs' curves, numbered 1 to 4, above their sheets, lettered A to D otherwise.

    Args:
        runs: as `load_digits_runs` returns.
        order: the letter of the sheet of run 1, of run 2, …: a rearrangement of "ABCD".
    """
    figure = plots.new_figure(9.2, 5.2)
    with plots.lesson_style():
        axes = figure.subplots(3, 4, height_ratios=[1, 1, 1.5])
    x = 6 * (np.arange(runs.curves.shape[1]) + 1)
    colours = (plots.REAL, plots.GENERATED, plots.DISCRIMINATOR, plots.GENERATED)
    labels = ("D(x)", "D(G(z))", "loss D", "loss G")
    for run, letter in enumerate(order):
        for i, (colour, label) in enumerate(zip(colours, labels, strict=True)):
            y = runs.curves[run, :, i]
            axes[i // 2, run].plot(x, y, color=colour, linewidth=1.8, label=label)
        axes[0, run].set(ylim=(-0.03, 1.03), title=f"curves {run + 1}", xticklabels=[])
        axes[0, run].axhline(0.5, color=plots.REFERENCE, linestyle="--", linewidth=1)
        high = np.quantile(runs.curves[run, :, 2:], 0.99)
        axes[1, run].set(ylim=(0, plots.doubling_limit(high, 2.0)), xlabel="step")
        column = "ABCD".index(letter)
        nine = runs.sheets[run, :9] // 17 * 17  # 16 grey levels: noise makes large files
        plots.digits_sheet(axes[2, column], nine, 3, title=f"sheet {letter}")
    axes[0, 0].set_ylabel("probability")
    axes[1, 0].set_ylabel("loss (nats)")
    for row in (0, 1):
        axes[row, 0].legend(loc="best", fontsize=8)
    return figure


def ladder_figure(distances: Mapping[str, float]) -> Figure:
    """Return Fréchet distances as dots on a logarithmic axis, named, the smallest below.

    Args:
        distances: name -> distance, positive. Names that begin with "real" are blue.
    """
    figure = plots.new_figure(8.4, 0.6 + 0.36 * len(distances))
    with plots.lesson_style():
        axes = figure.subplots()
    ranked = sorted(distances.items(), key=lambda item: item[1])
    for y, (name, distance) in enumerate(ranked):
        colour = plots.REAL if name.startswith("real") else plots.GENERATED
        axes.plot([distance], [y], "o", color=colour, markersize=9)
        axes.annotate(f"{distance:,.1f}", (distance, y), (10, -4), textcoords="offset points")
    axes.set_yticks(range(len(ranked)), [name for name, _ in ranked])
    low, high = ranked[0][1], ranked[-1][1]
    axes.set(xscale="log", xlim=(low / 1.5, high * 4), ylim=(-0.7, len(ranked) - 0.3))
    axes.set_xlabel("Fréchet distance from MNIST's test digits, features of the bundled classifier")
    axes.grid(axis="x", alpha=0.3)
    return figure


def pairs_figure(above: np.ndarray, below: np.ndarray, labels: tuple[str, str]) -> Figure:
    """Return two rows of images, uint8 (n, 28, 28) each: every image above its partner."""
    figure = plots.new_figure(8.8, 1.7)
    with plots.lesson_style():
        axes = figure.subplots()
    plots.digits_sheet(axes, np.concatenate([above, below]), len(above))
    for row, label in enumerate(labels):
        axes.text(-6, 14 + 30 * row, label, ha="right", va="center", fontsize=10)
    return figure


def distances_figure(checks: Mapping[str, MemorisationCheck]) -> Figure:
    """Return, for each check, how far samples and held-out real images are from their nearest."""
    figure = plots.new_figure(9.2, 2.7)
    with plots.lesson_style():
        axes = figure.subplots(1, len(checks), sharey=True, squeeze=False)[0]
    top = max(np.max([c.samples.max(), c.held_out.max()]) for c in checks.values())
    bins = np.linspace(0, top, 41)
    for a, (name, check) in zip(axes, checks.items(), strict=True):
        sets = (("new real digits", check.held_out, plots.REAL),)
        sets += (("samples", check.samples, plots.GENERATED),)
        for label, distances, colour in sets:
            share = np.full(len(distances), 1 / len(distances))
            style = {"bins": bins, "histtype": "step", "linewidth": 2.0, "color": colour}
            a.hist(distances, weights=share, label=label, **style)
        a.set(title=name, xlabel="distance to the nearest training image")
    axes[0].set_ylabel("share")
    axes[0].legend()
    return figure


def lengths_figure(lengths: Mapping[str, np.ndarray]) -> Figure:
    """Return histograms of the lengths |z| of several sets of z."""
    figure = plots.new_figure(7.2, 2.7)
    with plots.lesson_style():
        axes = figure.subplots()
    colours = (plots.GENERATED, "#555555", plots.DISCRIMINATOR)
    top = max(values.max() for values in lengths.values())
    for (name, values), colour in zip(lengths.items(), colours, strict=False):
        bins = np.linspace(0, top, 80)
        axes.hist(values, bins, density=True, histtype="step", color=colour, label=name, lw=2)
    axes.set(xlabel="length |z|", ylabel="density", xlim=(0, top))
    axes.legend()
    return figure
