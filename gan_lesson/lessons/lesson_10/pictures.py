"""A patient's samples and curves, and the player that shows it beside the repaired loop."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from gan_lesson import plots
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.lessons.lesson_10.patients import N_SHOWN, ClinicTrainer, clinic_data, generated
from gan_lesson.player import SideBySide

LEGEND = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "ncols": 2, "borderaxespad": 0.2}


def scatter(axes: Axes, real: Tensor, fake: Tensor | None) -> list[Artist]:
    """Draw samples in the plane, or as histograms if they are single numbers; return G's."""
    style = {"linestyle": "none", "marker": ".", "markersize": 3}
    if real.shape[1] == 1:
        edges = np.linspace(-1.05, 1.05, 61)
        axes.hist(real[:, 0].numpy(), edges, density=True, color=plots.REAL, alpha=0.4)
        counts = np.zeros(60) if fake is None else np.histogram(fake, edges, density=True)[0]
        bars = axes.stairs(counts, edges, color=plots.GENERATED, linewidth=1.8)
        axes.set(xlabel="x", ylabel="density (per unit)", ylim=(0, 6))
        return [bars]
    axes.plot(*real.T.numpy(), color=plots.REAL, alpha=0.75, **style)
    points = [] if fake is None else fake.numpy()
    (dots,) = axes.plot(*(np.array(points).T if len(points) else ([], [])),
                        color=plots.GENERATED, **style | {"markersize": 5})  # fmt: skip
    axes.set(xlabel="x₁", ylabel="x₂")
    return [dots]


class ClinicScene:
    """Samples, D(x) with D(G(z)), and the losses, in a row."""

    size = (9.0, 2.7)  # so wide that a player puts two below each other

    def setup(self, figure: Figure, trainer: ClinicTrainer) -> list[Artist]:
        """Make the three axes."""
        with plots.lesson_style():
            self._axes, axes_d, axes_loss = figure.subplots(1, 3, width_ratios=[1.35, 1.9, 1.9])
            self._shown = scatter(self._axes, trainer.clean_data(N_SHOWN), None)
            self._axes.set(xlim=(-1.05, 1.05))
            if trainer.sample_dim > 1:
                self._axes.set(ylim=(-1.05, 1.05), aspect="equal")
            self._axes.set_title("data, samples", fontsize=11)
            self._lines = plots.history_axes(axes_d, axes_loss, trainer.history)
            for axes in (axes_d, axes_loss):  # a legend wider than its axes would make gaps
                axes.legend(**LEGEND, handlelength=1.0, columnspacing=1.0)
        return [*self._shown, *self._lines]

    def update(self, trainer: ClinicTrainer) -> tuple[str, bool]:
        """Draw the trainer's present state."""
        x = generated(trainer).numpy()
        if x.shape[1] == 1:
            edges = np.linspace(-1.05, 1.05, 61)
            self._shown[0].set_data(np.minimum(np.histogram(x, edges, density=True)[0], 6))
        else:
            self._shown[0].set_data(*x.T)
        changed = plots.update_history(self._lines, trainer.history)
        scores = trainer.scores()
        told = (
            f"{scores.fair_modes} of {len(trainer.data.centres)} modes have their fair share, "
            f"{scores.high_quality:.0%} of the samples lie at a mode. "
        )
        return told + plots.describe_history(trainer.history), changed


def recovery(fault: str, data: str = "ring", seed: int = 0, preview_steps: int = 600) -> SideBySide:
    """Return one player for a patient and the same loop with its line repaired.

    Args:
        fault: a name in `FAULTS`.
        data: as `clinic_data` takes.
        seed: both start from it.
        preview_steps: as in `TrainingPlayer`.
    """
    sets = clinic_data(data)
    pair = {f"patient: {fault}": fault, "repaired": HEALTHY}
    trainers = {name: ClinicTrainer(f, sets, seed=seed) for name, f in pair.items()}
    return SideBySide(trainers, ClinicScene, preview_steps=preview_steps)
