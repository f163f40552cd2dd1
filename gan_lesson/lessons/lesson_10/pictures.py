"""A patient's samples and curves: in the player beside the repaired loop, and of all on a sheet."""

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from gan_lesson import checks, plots
from gan_lesson.data import Mixture
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.lessons.lesson_10.patients import N_SHOWN, ClinicTrainer, clinic_data, generated
from gan_lesson.networks import Generator
from gan_lesson.player import SideBySide

LEGEND = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "ncols": 2, "borderaxespad": 0.2}


def scatter(axes: Axes, real: Tensor, fake: Tensor) -> Artist:
    """Draw samples in the plane, or as histograms if they are single numbers; return G's."""
    style = {"linestyle": "none", "marker": ".", "markersize": 3}
    if real.shape[1] == 1:
        edges = np.linspace(-1.05, 1.05, 61)
        axes.hist(real[:, 0].numpy(), edges, density=True, color=plots.REAL, alpha=0.4)
        density = np.histogram(fake, edges, density=True)[0]
        bars = axes.stairs(density, edges, color=plots.GENERATED, linewidth=1.8)
        axes.set(xlabel="x", ylabel="density (per unit)", ylim=(0, 6))
        return bars
    axes.plot(*real.T.numpy(), color=plots.REAL, alpha=0.75, **style)
    crosses = style | {"marker": "x", "markersize": 4.5, "markeredgewidth": 1.1}
    (dots,) = axes.plot(*fake.T.numpy(), color=plots.GENERATED, **crosses)
    axes.set(xlabel="x₁", ylabel="x₂")
    return dots


class ClinicScene:
    """Samples in the plane, D(x) with D(G(z)), and the losses, in a row."""

    size = (9.0, 2.7)  # so wide that a player puts two below each other

    def setup(self, figure: Figure, trainer: ClinicTrainer) -> list[Artist]:
        """Make the three axes."""
        with plots.lesson_style():
            axes, axes_d, axes_loss = figure.subplots(1, 3, width_ratios=[1.35, 1.9, 1.9])
            self._dots = scatter(axes, trainer.clean_data(N_SHOWN), generated(trainer))
            axes.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), aspect="equal")
            axes.set_title("data, samples", fontsize=11)
            self._lines = plots.history_axes(axes_d, axes_loss, trainer.history)
            for curves in (axes_d, axes_loss):  # a legend wider than its axes would make gaps
                curves.legend(**LEGEND, handlelength=1.0, columnspacing=1.0)
        return [self._dots, *self._lines]

    def update(self, trainer: ClinicTrainer) -> tuple[str, bool]:
        """Draw the trainer's present state."""
        self._dots.set_data(*generated(trainer).numpy().T)
        changed = plots.update_history(self._lines, trainer.history)
        scores = trainer.scores()
        told = (
            f"{scores.fair_modes} of {len(trainer.data.centres)} modes have their fair share, "
            f"{scores.high_quality:.0%} of the samples lie at a mode. "
        )
        return told + plots.describe_history(trainer.history), changed


def recovery(fault: str, preview_steps: int = 600) -> SideBySide:
    """Return one player for a patient and the same loop with its line repaired, from one start.

    Args:
        fault: a name in `FAULTS`.
        preview_steps: as in `TrainingPlayer`.
    """
    pair = {f"patient: {fault}": fault, "repaired": HEALTHY}
    trainers = {name: ClinicTrainer(f, clinic_data("ring")) for name, f in pair.items()}
    return SideBySide(trainers, ClinicScene, preview_steps=preview_steps)


def atlas(runs: dict, data: Mixture) -> tuple[Figure, str]:
    """Draw curves and samples of one patient, or of up to four; return the sheet and its words.

    Args:
        runs: (G, D, history) by the patient's name.
        data: the mixture they were trained on, in the plane.

    Raises:
        ValueError: there is no run, or there are more than four.
    """
    checks.count("number of runs", len(runs), 1, 4)
    columns = min(2, len(runs))
    rows = -(-len(runs) // columns)
    figure = plots.new_figure(11.4, 3.6 if rows == 1 else 8.0)
    real = data.sample(N_SHOWN, torch.Generator().manual_seed(2))
    told = []
    with plots.lesson_style():
        parts = figure.subfigures(rows, columns, wspace=0.03, hspace=0.03, squeeze=False)
        for part, (name, (G, _, history)) in zip(parts.ravel(), runs.items(), strict=False):
            told.append(_atlas_page(part, name, G, history, real))
    each = "the curves of D(x) and D(G(z)), those of both losses, and 300 samples"
    return figure, f"For each patient {each}. {' '.join(told)}"


def _atlas_page(part, name: str, G: Generator, history, real: Tensor) -> str:
    """Draw one patient; return its last numbers in words."""
    boxes = part.add_gridspec(2, 2, width_ratios=[1.35, 1])
    axes_d, axes_loss = (part.add_subplot(boxes[i, 0]) for i in (0, 1))
    axes = part.add_subplot(boxes[:, 1])
    part.suptitle(name, fontsize=14, fontweight="bold")
    _atlas_curves(axes_d, axes_loss, history)
    with torch.no_grad():
        x = G(torch.randn(300, G.latent_dim, generator=torch.Generator().manual_seed(1)))
    scatter(axes, real, x)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    axes.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    last = history.last
    return (
        f"{name}: D(x) {last.d_real:.2f}, D(G(z)) {last.d_fake:.2f}, D's loss "
        f"{plots.shown(last.loss_d)}, G's loss {plots.shown(last.loss_g)}."
    )


def _atlas_curves(axes_d: Axes, axes_loss: Axes, history) -> None:
    """Draw the four curves of a run and their levels of chance; G's curves are dashed."""
    step, window = history["step"], max(1, len(history) // 50)
    for column, colour, on, label in (
        ("d_real", plots.REAL, axes_d, "D(x)"),
        ("d_fake", plots.GENERATED, axes_d, "D(G(z))"),
        ("loss_d", plots.DISCRIMINATOR, axes_loss, "of D"),
        ("loss_g", plots.GENERATED, axes_loss, "of G"),
    ):
        curve = plots.running_mean(history[column], window)
        dashes = (0, (3, 1.2)) if colour == plots.GENERATED else "-"
        on.plot(step, curve, color=colour, linewidth=1.9, linestyle=dashes, label=label)
    level = {"color": plots.REFERENCE, "linestyle": ":", "linewidth": 1.3, "zorder": 1}
    axes_d.axhline(0.5, **level)
    for value in {history.chance_levels["loss_d"], history.chance_levels["loss_g"]}:
        axes_loss.axhline(value, **level)
    axes_d.set(ylim=(-0.05, 1.05), ylabel="probability", yticks=(0, 0.5, 1))
    axes_loss.set(ylim=(-1, 4), ylabel="losses (nats)", xlabel="turn")
    axes_d.tick_params(labelbottom=False)
    for axes in (axes_d, axes_loss):
        axes.legend(**LEGEND, handlelength=1.8, columnspacing=1.0)
