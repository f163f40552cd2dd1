"""Charts: what each test of the ward shows of a patient, live or recorded."""

import copy
from functools import cached_property

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from gan_lesson import plots
from gan_lesson.data import images_to_tensor, load_digits, tensor_to_images
from gan_lesson.diagnosis import fresh_gradients, stored_gradients, weight_sizes
from gan_lesson.history import History
from gan_lesson.lessons.lesson_10.examinations import DIGITS_TESTS, TESTS
from gan_lesson.lessons.lesson_10.faults import FAULTS, FAULTS_ON_DIGITS
from gan_lesson.lessons.lesson_10.patients import (
    ClinicTrainer,
    clinic_pair,
    generated,
    real_samples,
)
from gan_lesson.lessons.lesson_10.pictures import LEGEND, scatter
from gan_lesson.lessons.lesson_10.recorded import load_clinic_runs
from gan_lesson.losses import discriminator_loss
from gan_lesson.networks import fully_connected_pair
from gan_lesson.trainer import adam


class Chart:
    """All tests of one patient, each computed when it is first asked for.

    Args:
        patient: a trained run.
    """

    tests, faults = TESTS, FAULTS
    healthy = "Curves near ½ and samples at all modes: a run like this needs no doctor."
    _pages = {
        "curves": "_curves", "samples": "_samples", "modes": "_modes", "D's answers": "_answers",
        "gradients": "_gradients", "best response": "_best", "one step": "_one_step",
        "classes": "_classes", "nearest images": "_nearest",
    }  # fmt: skip

    def __init__(self, patient: ClinicTrainer):
        self.patient, self.history = patient, patient.history
        self.real, self.fake = real_samples(patient), generated(patient)

    def draw(self, name: str, figure: Figure) -> str:
        """Draw one of `tests` on an empty figure; return what it shows, in words."""
        return getattr(self, self._pages[name])(figure)

    def _curves(self, figure: Figure) -> str:
        axes, history = figure.subplots(1, 2, gridspec_kw=WIDE), self.history
        plots.update_history(plots.history_axes(*axes, history), history)
        return (
            f"{plots.describe_history(history)} That is the last turn alone; a strong line is a "
            f"mean over {max(1, len(history) // 50)} turns."
        )

    def _samples(self, figure: Figure) -> str:
        axes = figure.subplots(gridspec_kw=ONE)
        scatter(axes, self.real, self.fake)
        if self.real.shape[1] > 1:
            axes.set_aspect("equal")
        axes.set_title("blue: real, as D gets them; orange: generated")
        low, high = float(self.real.min()), float(self.real.max())
        return (
            f"Real numbers lie in [{low:.2f}, {high:.2f}], generated ones in "
            f"[{float(self.fake.min()):.2f}, {float(self.fake.max()):.2f}]."
        ).replace("-", "−")

    @cached_property
    def shares(self) -> np.ndarray:
        """Share of generated samples within 3 sd of each mode, and of none; shape (k + 1,)."""
        mixture = self.patient.data
        distance = torch.cdist(self.fake, mixture.centres)
        mode = torch.where(distance.amin(1) <= 3 * mixture.sd, distance.argmin(1),
                           len(mixture.centres))  # fmt: skip
        return np.bincount(mode.numpy(), minlength=len(mixture.centres) + 1) / len(mode)

    def _modes(self, figure: Figure) -> str:
        k = len(self.shares) - 1
        _bars(figure, self.shares, [*(str(i + 1) for i in range(k)), "elsewhere"], k)
        figure.axes[0].set_xlabel("mode (within 3 sd)")
        fair = int((self.shares[:-1] >= fair_share(k)).sum())
        return (
            f"{fair} of {k} modes have a fair share, {fair_share(k):.1%} of the samples or more. "
            f"{1 - self.shares[-1]:.0%} of the samples lie at a mode, the others elsewhere; the "
            f"largest share of a mode is {self.shares[:-1].max():.0%}."
        )

    @cached_property
    def answers(self) -> tuple[np.ndarray, np.ndarray]:
        """D's probability for each real and for each generated sample."""
        with torch.no_grad():
            return tuple(self.patient.D(x)[:, 0].numpy() for x in (self.real, self.fake))

    def _answers(self, figure: Figure) -> str:
        axes, edges = figure.subplots(gridspec_kw=ONE), np.linspace(0, 1, 41)
        means = []
        roles = (plots.REAL, "D(x), real"), (plots.GENERATED, "D(G(z)), generated")
        for d, (colour, name) in zip(self.answers, roles, strict=True):
            share = np.histogram(d, edges)[0] / len(d)
            axes.stairs(share, edges, fill=True, color=colour, alpha=0.55, label=name)
            means.append(d.mean())
        axes.set(xlabel="D's probability that a sample is real", ylabel="share of samples",
                 ylim=(0, 1.02))  # fmt: skip
        axes.legend(**LEGEND)
        return f"The mean of D(x) is {means[0]:.3f}, that of D(G(z)) {means[1]:.3f}."

    @cached_property
    def gradients(self) -> dict:
        """Norms by layer, stored and fresh: {"G": (stored, fresh), "D": …}, arrays."""
        stored = stored_gradients(self.patient.D, self.patient.G)
        G = copy.deepcopy(self.patient.G)  # its BatchNorm must not notice that we looked
        fresh = fresh_gradients(
            self.patient.score, self.patient.D, G, self.real, self.patient.loss == "saturating"
        )
        return {name: (stored[name], fresh[name]) for name in ("G", "D")}

    def _gradients(self, figure: Figure) -> str:
        told, floor = [], 1e-8
        # not shared: Matplotlib 3.10 warns when shared logarithmic axes are cleared
        all_axes = figure.subplots(1, 2, gridspec_kw=WIDE)
        for axes, (name, both) in zip(all_axes, self.gradients.items(), strict=True):
            colour = plots.GENERATED if name == "G" else plots.DISCRIMINATOR
            at = np.arange(len(both[0]))
            for norms, place, paint, label in (
                (both[0], at - 0.2, "#8A8A8A", "stored in .grad"),
                (both[1], at + 0.2, colour, "fresh batch"),
            ):
                axes.bar(place, np.maximum(norms, floor), 0.38, color=paint, label=label)
                for x in place[norms < floor]:
                    axes.text(x, 1.5 * floor, "0", ha="center", va="bottom")
            axes.set(yscale="log", ylim=(floor, 1e4), xlabel=f"layer of {name}")
            axes.set_xticks(at, [str(i + 1) for i in at])
            axes.set_yticks([1e-8, 1e-4, 1, 1e4], ["1e−8", "1e−4", "1", "1e4"], minor=False)
            axes.minorticks_off()
            axes.legend(**LEGEND)
            told.append("{}: stored {}, fresh {}".format(name, *map(_size, both)))
        all_axes[0].set_ylabel("norm of the gradient")
        all_axes[1].tick_params(labelleft=False)
        size = max(max(sizes) for sizes in self.weights.values())
        return (
            f"Gradients, {'; '.join(told)}. The largest layer has weights {size:.1f} times the "
            "usual starting size."
        )

    @cached_property
    def weights(self) -> dict:
        """Size of each layer's weights over the size they usually start with."""
        return {"D": weight_sizes(self.patient.D), "G": weight_sizes(self.patient.G)}

    @cached_property
    def best(self) -> tuple[float, float]:
        """Return D's honest loss on fresh samples, and that of a new D trained on them alone."""
        x_real, x_fake = self.real, self.fake
        scale = max(1.0, float(x_real.abs().max()))
        images = x_real.ndim > 2
        _, fresh = fully_connected_pair(seed=99) if images else clinic_pair(x_real.shape[1], 99)
        optimizer, reached = adam(fresh.parameters(), lr=5e-4 if images else 0.005), np.inf
        for _ in range(60 if images else 200):
            loss = discriminator_loss(fresh.logits(x_real / scale), fresh.logits(x_fake / scale))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            now = float(loss.detach())
            reached = min(reached, now) if images else now  # on images it jumps up and down
        with torch.no_grad():
            own = discriminator_loss(self.patient.D.logits(x_real), self.patient.D.logits(x_fake))
        return float(own), reached

    def _best(self, figure: Figure) -> str:
        axes, (own, best) = figure.subplots(gridspec_kw=NAMED), self.best
        shown = [min(v, 5.0) for v in (own, best)]
        green = plots.DISCRIMINATOR
        axes.barh([1, 0], shown, color=[green, "#99d0bd"], edgecolor=green, height=0.5)
        for y, value in zip((1, 0), (own, best), strict=True):
            axes.text(min(value, 5.0) + 0.05, y, f"{value:.3f}", va="center")
        axes.axvline(np.log(4), color=plots.REFERENCE, linestyle="--", linewidth=1)
        axes.text(np.log(4), 1.45, " log 4 = 1.386", va="center", color="#555555")
        axes.set_yticks([1, 0], ["the patient's D", "a new D, trained\non these samples"])
        axes.set(xlim=(0, 5.6), ylim=(-0.5, 1.65), xlabel="−V on the same samples (nats)")
        return (
            f"Computed from D's answers, −V is {own:.3f} nats; a new D reaches {best:.3f} "
            "(chance: 1.386)."
        )

    @cached_property
    def step_report(self) -> list[str]:
        """What one turn prints, line by line; it is taken by a twin."""
        twin = self.patient.branch()
        for name in ("D", "G"):  # a branch has no gradients lying about
            nets = getattr(self.patient, name), getattr(twin, name)
            for one, other in zip(*(net.parameters() for net in nets), strict=True):
                other.grad = None if one.grad is None else one.grad.clone()
        with torch.no_grad():
            score = twin.score(self.real)
        weights = {name: _copy(getattr(twin, name)) for name in ("D", "G")}
        twin.burst(1, players="D")
        row = twin.history.last
        moved = {name: _moved(weights[name], getattr(twin, name)) for name in weights}
        between = _copy(twin.G)
        twin.burst(1, players="G")
        real, fake = ((float(x.min()), float(x.max())) for x in (self.real, self.fake))
        shown = plots.shown
        return [
            f"real batch       {shown(real[0], 3):>9} to {shown(real[1], 3):>9}",
            f"generated batch  {shown(fake[0], 3):>9} to {shown(fake[1], 3):>9}",
            f"score of real    {float(score.min()):9.3f} to {float(score.max()):9.3f}"
            "   (what the loss takes for logits)",
            f"D(x) {row.d_real:.4f}   D(G(z)) {row.d_fake:.4f}",
            f"D's loss, printed {shown(row.loss_d, 4)}   "
            f"-log D(x) - log(1 - D(G(z))) {_honest(row):.4f}",
            f"G's loss, printed {shown(row.loss_g, 4)}   ({self.patient.loss})",
            f"D's step moved D's weights by {_far(moved['D'])}",
            f"D's step moved G's weights by {_far(moved['G'])}",
            f"G's step moved G's weights by {_far(_moved(between, twin.G))}",
        ]

    def _one_step(self, figure: Figure) -> str:
        axes = figure.subplots(gridspec_kw=ONE)
        axes.set_axis_off()
        axes.text(0.0, 1.0, "\n".join(self.step_report), family="monospace", fontsize=13, va="top",
                  linespacing=1.7)  # fmt: skip
        return " · ".join(" ".join(line.split()) for line in self.step_report) + "."


class RecordedChart(Chart):
    """All tests of a run on digits that ships with the package; nothing is trained.

    Args:
        row: of `load_clinic_runs`.
    """

    tests = DIGITS_TESTS
    healthy = (
        "D a little ahead, all ten digits drawn, none of them copied pixel by pixel: so a healthy "
        "run begins on digits."
    )

    def __init__(self, row: int):
        runs = load_clinic_runs()
        self.runs, self.row, self.fault = runs, row, str(runs.faults[row])
        self.faults = FAULTS_ON_DIGITS
        self.history = History(generator_loss=str(runs.losses[row]))
        turns = np.arange(1, len(runs.curves[row]) + 1)
        self.history.extend(np.column_stack([turns, 0 * turns, runs.curves[row]]))
        self.answers = runs.answers[row].astype(float)
        self.gradients = dict(zip("GD", runs.gradients[row], strict=True))
        self.weights = dict(zip("GD", runs.weights[row], strict=True))
        self.best, self.step_report = runs.best[row], runs.step_reports[row].tolist()

    @cached_property
    def digits(self):
        """The digits that the run was trained on, and new ones."""
        return load_digits()

    def _samples(self, figure: Figure) -> str:
        left, right = figure.subplots(1, 2, gridspec_kw=SHEETS)
        sheet = self.runs.sheets[self.row]
        real = tensor_to_images(self.digits.train.images[: len(sheet)])
        plots.digits_sheet(left, real, 6, "real digits")
        plots.digits_sheet(right, sheet, 6, "generated")
        (low, high), (least, most) = self.runs.spans[self.row]
        among_real, among_generated = _apart(real), _apart(sheet)
        return (
            f"Real numbers, as D gets them, lie in [{low:.2f}, {high:.2f}], generated ones in "
            f"[{least:.2f}, {most:.2f}]. Pixel distance between two images, median: real digits "
            f"{among_real:.1f}, samples {among_generated:.1f}."
        ).replace("-", "−")

    def _classes(self, figure: Figure) -> str:
        shares = self.runs.shares[self.row]
        _bars(figure, shares, list("0123456789"), 10)
        figure.axes[0].set_xlabel("digit, as the classifier of lesson 06 names it")
        return (
            f"{(shares >= fair_share(10)).sum()} of 10 digits have a fair share, "
            f"{fair_share(10):.0%} of the samples or more; the largest is {shares.max():.0%}. The "
            "classifier must name a digit, also where there is none."
        )

    def _nearest(self, figure: Figure) -> str:
        digits, runs, row = self.digits, self.runs, self.row
        n = runs.nearest.shape[1]
        new = tensor_to_images(digits.test.images[:n])
        medians = []
        for axes, title, images, index, distance in zip(
            figure.subplots(2, 1, gridspec_kw=SHEETS),
            ("samples of G, and the training digits nearest to them", "new real digits, likewise"),
            (runs.sheets[row][:n], new),
            (runs.nearest[row], runs.held_out_nearest),
            (runs.distances[row], runs.held_out_distances),
            strict=True,
        ):
            below = tensor_to_images(digits.train.images[index])
            plots.digits_sheet(axes, np.concatenate([images, below]), n, title)
            for i in range(n):
                axes.text(30 * i + 13.5, 63, f"{distance[i]:.1f}", ha="center", va="top")
            medians.append(np.median(distance))
        near, far = runs.distances[row], runs.held_out_distances
        closer = np.mean(near[:, None] < far)
        return (
            f"Pixel distance from the nearest training digit, median of {len(near)}: samples "
            f"{medians[0]:.1f}, new real digits {medians[1]:.1f}. A sample is nearer than a new "
            f"digit in {closer:.0%} of all comparisons; copies would be in all."
        )


# places of axes in the ward's figure: two beside each other, one, one with long names at its left
WIDE = {"left": 0.085, "right": 0.985, "bottom": 0.155, "top": 0.87, "wspace": 0.2}
ONE = {"left": 0.085, "right": 0.985, "bottom": 0.155, "top": 0.91}
NAMED = {**ONE, "left": 0.24}
SHEETS = {"left": 0.02, "right": 0.98, "bottom": 0.07, "top": 0.91, "wspace": 0.06, "hspace": 0.4}


def _apart(images: np.ndarray) -> float:
    """Return the median distance between two of these images, pixels from -1 to 1."""
    return float(torch.pdist(images_to_tensor(images).flatten(1)).median())


def _bars(figure: Figure, shares: np.ndarray, names: list[str], k: int) -> None:
    """Draw the share of samples at each of k places, and at what comes after them."""
    axes = figure.subplots(gridspec_kw=ONE)
    axes.bar(range(len(shares)), shares, color=plots.GENERATED, width=0.6)
    axes.hlines(1 / k, -0.4, k - 0.6, color=plots.REAL, linewidth=2)
    axes.hlines(fair_share(k), -0.4, k - 0.6, color=plots.REAL, linewidth=2, linestyle=":")
    axes.set_xticks(range(len(shares)), names)
    axes.set(ylabel="share of samples", ylim=(0, 1.02))
    axes.set_title("orange: generated; blue: an equal share; dotted: the fair share")


def fair_share(k: int) -> float:
    """Return the share of samples that a mode of k needs: a fifth of an equal share."""
    return 1 / (5 * k)


def _size(norms: np.ndarray) -> str:
    """Return the size of a whole gradient in words; exactly nothing is said to be so."""
    whole = float(np.linalg.norm(norms))
    return f"{whole:.2g}" if whole else "exactly 0"


def _far(way: float) -> str:
    """Return the length of a way in words; one of exactly nothing is said to be so."""
    return f"{way:.1e}" if way else "exactly 0"


def _copy(net: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in net.parameters()]


def _honest(row) -> float:
    tiny = 1e-7
    return -np.log(max(row.d_real, tiny)) - np.log(max(1 - row.d_fake, tiny))


def _moved(before: list[Tensor], net: nn.Module) -> float:
    """Return the length of the way that a network's weights have gone."""
    with torch.no_grad():
        parts = zip(before, net.parameters(), strict=True)
        return float(sum((p - q).square().sum() for p, q in parts).sqrt())
