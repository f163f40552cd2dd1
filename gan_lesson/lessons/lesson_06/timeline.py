"""The player of digits, and the time-line: the same noise, from step to step."""

import copy

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.latent_space import fixed_z
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.live import LivePanel
from gan_lesson.player import TrainingPlayer
from gan_lesson.player.scenes import DigitsScene
from gan_lesson.pretrained import CURVES, Timeline
from gan_lesson.trainer import Trainer


def digits_player(trainer: Trainer, preview_steps: int = 0) -> TrainingPlayer:
    """Return the player of lesson 06 for a trainer of 28 x 28 images in [-1, 1].

    It shows up to nine pictures a second.
    """
    return TrainingPlayer(trainer, DigitsScene(), preview_steps=preview_steps, tick_seconds=0.11)


# --- the time-line: the same z at every kept moment ---------------------------------------------


def timeline_of(trainer: Trainer) -> Timeline:
    """Return the kept moments of a run as `TimelineExplorer` shows them; no distances.

    Args:
        trainer: a run; each kept moment is drawn by the averaged generator it had then.
    """
    with trainer.lock:
        G = copy.deepcopy(trainer.G_ema)
        z = fixed_z(G)
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
        self.panel = LivePanel(9.4, 5.2 if self._has_distance else 4.2)
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
            style = {"linewidth": 2.4} if i % 2 == 0 else {"linewidth": 2, "linestyle": "-."}
            axes[i // 2].plot(x, y, color=colour, label=label, **style)
        with plots.lesson_style():
            self._dress(axes)
        if self._has_distance:
            seen = np.isfinite(t.distance)
            axes[2].plot(np.maximum(t.steps[seen], 1), t.distance[seen], "o-", color="#555555")
            axes[2].set(yscale="log", ylabel="Fréchet\ndistance")
        return [self._sheet, *(a.axvline(1, color="#222222", linewidth=1.5) for a in axes)]

    def _dress(self, axes: list[Axes]) -> None:
        plots.reference_line(axes[0], 0.5, "½")
        plots.reference_line(axes[1], np.log(4), "log 4")
        plots.reference_line(axes[1], np.log(2), "log 2")
        axes[0].set(ylim=(0, 1), ylabel="probability")
        high = self.timeline.curves[:, 2:].max(initial=0)
        axes[1].set(ylim=(0, plots.doubling_limit(high, 2.0)), ylabel="loss (nats)")
        end = max(10, self.timeline.steps[-1], self.timeline.curve_steps.max(initial=1))
        first, room = 0.8, 0.1  # a tenth of the axes for the lines' names, where no cursor goes
        for a in axes:
            a.set(xscale="log", xlim=(first, first * (end / first) ** (1 / (1 - room))))
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
