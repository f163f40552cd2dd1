"""The atlas of patients, and two stored tables."""

import csv
import io
from importlib.resources import files

import numpy as np
import torch
from torch import Tensor

from gan_lesson import plots
from gan_lesson.data import Mixture
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.lessons.lesson_10.patients import N_SHOWN
from gan_lesson.lessons.lesson_10.pictures import scatter
from gan_lesson.lessons.lesson_10.remedies import REMEDIES
from gan_lesson.live import show_figure
from gan_lesson.networks import Generator

# --- the atlas, and two stored tables ----------------------------------------------------------


def atlas(runs: dict, data: Mixture) -> None:
    """Show curves and samples of every patient on one sheet, with the reference lines.

    Args:
        runs: (G, D, history) by the patient's name.
        data: the mixture they were trained on, in the plane.
    """
    rows = 3
    figure = plots.new_figure(11.4, 9.6)
    real = data.sample(N_SHOWN, torch.Generator().manual_seed(2))
    told = []
    with plots.lesson_style():
        parts = figure.subfigures(rows, -(-len(runs) // rows), wspace=0.03)
        for part, (name, (G, _, history)) in zip(parts.ravel(), runs.items(), strict=False):
            told.append(_atlas_page(part, name, G, history, real))
    show_figure(
        figure,
        "For each of nine runs the curves of D(x) and D(G(z)), of both losses, and 300 samples. "
        + " ".join(told),
    )


def _atlas_page(part, name: str, G: Generator, history, real: Tensor) -> str:
    """Draw one patient; return its last numbers in words."""
    boxes = part.add_gridspec(2, 2, width_ratios=[1.25, 1])
    axes_d, axes_loss = (part.add_subplot(boxes[i, 0]) for i in (0, 1))
    axes = part.add_subplot(boxes[:, 1])
    part.suptitle(name, fontsize=13, fontweight="bold")
    step, window = history["step"], max(1, len(history) // 50)
    for column, colour, on in (
        ("d_real", plots.REAL, axes_d),
        ("d_fake", plots.GENERATED, axes_d),
        ("loss_d", plots.DISCRIMINATOR, axes_loss),
        ("loss_g", plots.GENERATED, axes_loss),
    ):
        on.plot(step, plots.running_mean(history[column], window), color=colour, linewidth=1.8)
    level = {"color": plots.REFERENCE, "linestyle": "--", "linewidth": 1, "zorder": 1}
    axes_d.axhline(0.5, **level)
    for value in {history.chance_levels["loss_d"], history.chance_levels["loss_g"]}:
        axes_loss.axhline(value, **level)
    axes_d.set(ylim=(-0.05, 1.05), ylabel="D(x), D(G(z))")
    axes_loss.set(ylim=(-1, 4), ylabel="losses (nats)", xlabel="turn")
    axes_d.tick_params(labelbottom=False)
    with torch.no_grad():
        x = G(torch.randn(300, G.latent_dim, generator=torch.Generator().manual_seed(1)))
    scatter(axes, real, x)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal", xlabel="", ylabel="")
    axes.set_xticks([])
    axes.set_yticks([])
    last = history.last
    return (
        f"{name}: D(x) {last.d_real:.2f}, D(G(z)) {last.d_fake:.2f}, D's loss "
        f"{plots.shown(last.loss_d)}, G's loss {plots.shown(last.loss_g)}."
    )


def _stored_rows(name: str) -> list[dict]:
    """Return the rows of a table that ships with the package.

    Raises:
        FileNotFoundError: the table is missing from the installation.
        ValueError: it ends in the middle, or holds no row.
    """
    try:
        text = files(__package__).joinpath("assets", name).read_text("utf-8")
    except OSError as error:
        raise FileNotFoundError(
            f"{name} is missing from {__package__}/assets; install the package again"
        ) from error
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or None in rows[-1].values() or not text.endswith("\n"):
        raise ValueError(f"{name} is damaged: it ends too early; install the package again")
    return rows


def confusion_table(given: str = "networks") -> None:
    """Print how `diagnose` did on runs it was not tuned on, from the stored table.

    Args:
        given: what it had: "curves" alone, also samples and "networks", or also "optimizers".

    Raises:
        ValueError: another name.
    """
    ends = {"curves": "_curves", "networks": "", "optimizers": "_optimizers"}
    if given not in ends:
        raise ValueError(f"given is {given!r}; it must be one of {tuple(ends)}")
    said, certainty = f"said{ends[given]}", f"certainty{ends[given]}"
    rows = _stored_rows("clinic_judged.csv")
    words = {name: max(name.split(), key=len) for name in PATIENTS}  # "zero_grad", "strong"
    print(" true \\ said" + "".join(f"{c:>10}" for c in (*words.values(), "right")))
    for truth in PATIENTS:
        own = [r for r in rows if r["truth"] == truth]
        counts = [sum(r[said] == name for r in own) for name in PATIENTS]
        right = counts[PATIENTS.index(truth)]
        cells = "".join(f"{c or '.':>10}" for c in counts)
        print(f"{words[truth]:>12}{cells}{right:>5} of {len(own)}")
    sets = {}
    for r in rows:
        sets.setdefault(r["data"], []).append(r["truth"] == r[said])
    told = "; ".join(f"{name} {sum(own)} of {len(own)}" for name, own in sets.items())
    print(f"right: {told}; all {sum(r['truth'] == r[said] for r in rows)} of {len(rows)}")
    alarms = [float(r[certainty]) for r in rows if r["truth"] == HEALTHY != r[said]]
    print(f"healthy runs called sick: {len(alarms)}", *(f"({c:.2f})" for c in alarms))


def remedies_table() -> None:
    """Print the remedies' scores, mean and standard error over seeds, from the stored table."""
    rows = _stored_rows("clinic_remedies.csv")
    for patient in dict.fromkeys(r["patient"] for r in rows):
        print(f"{patient} loop         fair modes of 8    % at a mode     CPU s   against none")
        none = _scores_of(rows, patient, REMEDIES[0])
        for remedy in REMEDIES:
            own = _scores_of(rows, patient, remedy)
            if not len(own):
                continue
            mean, error = own.mean(axis=0), own.std(axis=0, ddof=1) / np.sqrt(len(own))
            print(
                f"  {remedy:16} {mean[0]:9.1f} ± {error[0]:.1f}  {100 * mean[1]:10.0f} ± "
                f"{100 * error[1]:2.0f}  {mean[2]:9.1f}   {_verdict(own, none)}"
            )


def _scores_of(rows: list[dict], patient: str, remedy: str) -> np.ndarray:
    """Return fair modes, quality and seconds of one remedy, a row a seed, in order of seeds."""
    names = ("fair_modes", "high_quality", "seconds")
    own = [r for r in rows if r["patient"] == patient and r["remedy"] == remedy]
    own.sort(key=lambda r: int(r["seed"]))
    return np.array([[float(r[n]) for n in names] for r in own])


def _verdict(own: np.ndarray, none: np.ndarray) -> str:
    """Say what a remedy did, by differences on the same seeds beyond two standard errors."""
    if own is none or np.array_equal(own, none):
        return ""
    told = []
    for column, name in ((0, "coverage"), (1, "quality")):
        gain = own[:, column] - none[:, column]
        error = max(gain.std(ddof=1) / np.sqrt(len(gain)), 1e-9)
        if abs(gain.mean()) > 2 * error:
            told.append(f"{'more' if gain.mean() > 0 else 'less'} {name}")
    return ", ".join(told) or "no clear difference"
