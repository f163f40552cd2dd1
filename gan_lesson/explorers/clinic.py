"""What lesson 10 shows: a clinic of runs, eight of them with one planted fault.

Every patient is the training loop of lesson 05 with one line changed. `ClinicTrainer` is that
loop as a `Trainer`, so that the player, the ward and the tests all meet the same patient. On
digits it takes too long for a lesson: there the ward shows runs that were recorded.
"""

import copy
import csv
import io
import time
from functools import cached_property
from html import escape as _escape
from importlib.resources import files
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson import plots
from gan_lesson.data import (
    Mixture,
    images_to_tensor,
    load_digits,
    ring,
    tensor_to_images,
    two_bumps,
    two_moons,
)
from gan_lesson.diagnosis import HEALTHY, fresh_gradients, stored_gradients, weight_sizes
from gan_lesson.evaluation import mode_scores
from gan_lesson.live import Explorer, LivePanel, is_headless, is_projector, show_figure
from gan_lesson.losses import discriminator_loss, r1_penalty
from gan_lesson.networks import (
    Discriminator,
    Generator,
    fully_connected_pair,
    multilayer_perceptron,
    seeded,
)
from gan_lesson.player import SideBySide
from gan_lesson.pretrained import load_clinic_runs
from gan_lesson.training import History, Sampler, Trainer, adam


class Fault(NamedTuple):
    """One planted fault.

    Attributes:
        wrong: the line as the patient has it.
        right: the line as it should be.
        sign: the tell-tale sign, one or two sentences.
    """

    wrong: str
    right: str
    sign: str


FAULTS = {
    "shared optimiser": Fault(
        "movable_d, cut = [*D.parameters(), *G.parameters()], False",
        "movable_d, cut = [*D.parameters()], True",
        "D's step moves G too, to where D finds it: D's loss near 0, the non-saturating G loss "
        "high and restless, samples far from the data, gradients in D and G large.",
    ),
    "swapped labels": Fault(
        "labels = zero, one",
        "labels = one, zero",
        "Both losses are near 0 while D(x) is near 0 and D(G(z)) near 1. With labels 1 and 0 no "
        "loss of D is below −log D(x) − log(1 − D(G(z))).",
    ),
    "sigmoid twice": Fault(
        "score = D",
        "score = D.logits",
        "G's loss never leaves [.313, .693], D's is never below 1.006, and in the end D says "
        "nearly 0 to everything: only then does the second sigmoid say ½.",
    ),
    "no zero_grad": Fault(
        "# the line is not there",
        "optimizer.zero_grad()  # before each backward, for both",
        "The stored gradient is many times that of a fresh batch: it is the sum of all turns. Both "
        "players overshoot, and their weights grow.",
    ),
    "D too strong": Fault(
        "lr_d, ahead, saturating = 0.02, 200, True  # and SGD for G, which Adam would rescue",
        "lr_d, ahead, saturating = 0.002, 0, False",
        "D(G(z)) near 0 under the saturating loss: G's gradient is nearly nothing, and the samples "
        "stay where they began.",
    ),
    "learning rate": Fault(
        "rate = 100",
        "rate = 1",
        "Weights are many times their usual size after a few turns; the samples stick at "
        "the ends of tanh, where no gradient passes.",
    ),
    "mode collapse": Fault(
        "every, rate_g = 10, 5",
        "every, rate_g = 1, 1",
        "Curves near ½, as in health, but all samples on one place: G runs after the best spot of "
        "a D that hardly moves.",
    ),
    "data range": Fault(
        "x_real = (x_real + 1) * 127.5",
        "x_real = x_real  # inside [−1, 1], as G's samples",
        "Real numbers lie between 0 and 255, G ends in tanh and cannot leave [−1, 1]: D's loss is "
        "near 0 for good.",
    ),
}

# what is different where the same lines are changed in a run of 300 turns on digits
FAULTS_ON_DIGITS = FAULTS | {
    "shared optimiser": FAULTS["shared optimiser"]._replace(
        sign="D's step moves G's weights, half as far as G's own step does. Nothing else proves "
        "it: D is a little further ahead than in two healthy runs, digits appear all the same."
    ),
    "sigmoid twice": FAULTS["sigmoid twice"]._replace(
        sign="G's loss never leaves [.313, .693], D's is never below 1.006 though D tells many "
        "samples apart, and what the losses take for logits lies between 0 and 1. Digits appear "
        "all the same."
    ),
    "no zero_grad": FAULTS["no zero_grad"]._replace(
        sign="The gradient stored in G is over 1,000 times that of a fresh batch: it is the sum of "
        "all turns. Weights have grown, and all samples are one image."
    ),
    "D too strong": FAULTS["D too strong"]._replace(
        wrong="lr_d, ahead, saturating = 0.005, 200, True  # SGD for G, which Adam would rescue",
        right="lr_d, ahead, saturating = 0.0005, 0, False",
        sign="D(G(z)) near 0 under the saturating loss: G's gradient is nearly nothing, and the "
        "samples are still the noise that they were.",
    ),
    "learning rate": FAULTS["learning rate"]._replace(
        sign="Losses of 1,000 nats in the first turns; then weights 5 times their usual size and "
        "next to no gradient in G, below 10⁻⁸. D says ½ to everything: that is death, no draw.",
    ),
    "mode collapse": FAULTS["mode collapse"]._replace(
        sign="Curves near ½, nearer than in health, but all samples are much the same blot, "
        "none a digit: G runs after the best spot of a D that hardly moves.",
    ),
    "data range": FAULTS["data range"]._replace(
        sign="Real numbers reach 255, G ends in tanh and cannot leave [−1, 1]: D(x) is 1 for good, "
        "whatever G draws.",
    ),
}

PATIENTS = (HEALTHY, *FAULTS)


def clinic_data(name: str) -> Mixture:
    """Return one of the clinic's data sets, inside tanh's range: bumps, ring or moons.

    Raises:
        KeyError: another name.
    """
    if name == "moons":
        moons = two_moons(sd=0.08)
        return Mixture(0.55 * moons.centres, 0.55 * moons.sd)
    return {"bumps": two_bumps((-0.7, 0.1), sd=0.1), "ring": ring(radius=0.7, sd=0.05)}[name]


def clinic_pair(sample_dim: int, seed: int = 0) -> tuple[Generator, Discriminator]:
    """Return two small perceptrons, two hidden layers of 64 each; G ends in tanh, as for images.

    Args:
        sample_dim: numbers in one sample.
        seed: start of the weights; the global random state is left as it was.
    """
    with seeded(seed):
        layers_g = multilayer_perceptron((2, 64, 64, sample_dim))
        with torch.no_grad():
            layers_g[-1].bias += 1.5  # so that samples begin in a corner, away from all data
        G = Generator(nn.Sequential(*layers_g, nn.Tanh()), latent_dim=2)
        D = Discriminator(multilayer_perceptron((sample_dim, 64, 64, 1)))
    return G, D


class ClinicTrainer(Trainer):
    """The loop of lesson 10 as a `Trainer`: healthy, or with one line changed.

    Args:
        fault: a name in `PATIENTS`.
        data: as in `Trainer`; inside [-1, 1], where G's tanh ends.
        seed: start of the weights and of the random numbers.
        pair: G and D; `clinic_pair` for the data's dimension if left out.
        lr_d: healthy learning rate of D.
        lr_g: healthy learning rate of G.
        batch_size: as in `Trainer`.
        loss: as in `Trainer`; "D too strong" has the saturating loss whatever is said here.

    Raises:
        ValueError: an unknown fault.
    """

    def __init__(
        self,
        fault: str,
        data: Tensor | Sampler,
        *,
        seed: int = 0,
        pair: tuple[Generator, Discriminator] | None = None,
        lr_d: float = 0.002,
        lr_g: float = 0.001,
        batch_size: int = 128,
        loss: str = "non_saturating",
    ):
        if fault not in PATIENTS:
            raise ValueError(f"fault is {fault!r}; it must be one of {PATIENTS}")
        self.fault = fault
        G, D = pair or clinic_pair(data.centres.shape[1], seed)
        strong, rate = fault == "D too strong", 100 if fault == "learning rate" else 1
        if strong:
            optimizer_g = torch.optim.SGD(G.parameters(), lr=lr_g)
        else:
            rate_g = 5 if fault == "mode collapse" else rate
            optimizer_g = adam(G.parameters(), lr=lr_g * rate_g)
        optimizer_d = adam(D.parameters(), lr=lr_d * (10 if strong else rate))
        super().__init__(
            G, D, data, optimizer_g=optimizer_g, optimizer_d=optimizer_d, seed=seed,
            batch_size=batch_size, loss="saturating" if strong else loss,
        )  # fmt: skip
        if fault == "shared optimiser":  # the Trainer itself would refuse it
            optimizer_d.param_groups[0]["params"].extend(G.parameters())

    @property
    def sample_dim(self) -> int:
        """Numbers in one sample of a mixture."""
        return self.data.centres.shape[1]

    def clean_data(self, n: int) -> Tensor:
        """Return samples of the data itself, always the same, whatever the fault does to them."""
        return self.data.sample(n, torch.Generator().manual_seed(2))

    def scores(self, n: int = 1000):
        """Return the `ModeScores` of G as it is."""
        return mode_scores(generated(self, n).numpy(), self.data.centres.numpy(), self.data.sd)

    def draw_real(self, n: int) -> Tensor:
        """Draw real samples as D gets them; 0 to 255 where that is the fault."""
        x = super().draw_real(n)
        return (x + 1) * 127.5 if self.fault == "data range" else x

    def score(self, x: Tensor) -> Tensor:
        """Return what this patient's losses take for the logit of D on x, shape (n, 1)."""
        logits = self.D(x, as_logits=True)
        return torch.sigmoid(logits) if self.fault == "sigmoid twice" else logits

    def _turn(self, players: str) -> Tensor:
        """As in `Trainer`, with the clinic's two steps."""
        n = self.batch_size
        one, zero = torch.ones(n, 1), torch.zeros(n, 1)
        x_real, z = self.draw_real(n), self.draw_z(n)
        x_fake = self.G(z)
        if self.fault != "shared optimiser":
            x_fake = x_fake.detach()
        score_real, score_fake = self.score(x_real), self.score(x_fake)
        labels = (zero, one) if self.fault == "swapped labels" else (one, zero)
        loss_d = bce(score_real, labels[0]) + bce(score_fake, labels[1])
        with torch.no_grad():
            twice = self.fault == "sigmoid twice"  # the score is then D(x) itself
            d_real, d_fake = (
                (s if twice else torch.sigmoid(s)).mean() for s in (score_real, score_fake)
            )
        waits = self.fault == "mode collapse" and self.step % 10
        if "D" in players and not waits:
            self._forget(self.optimizer_d)
            loss_d.backward()
            self.optimizer_d.step()
        score_fake = self.score(self.G(self.draw_z(n)))
        loss_g = -bce(score_fake, zero) if self.loss == "saturating" else bce(score_fake, one)
        ahead = self.fault == "D too strong" and self.step < 200
        if "G" in players and not ahead:
            self._forget(self.optimizer_g)
            loss_g.backward()
            self.optimizer_g.step()
            self._average()
        return torch.stack([d_real, d_fake, loss_d.detach(), loss_g.detach()])

    def _forget(self, optimizer: torch.optim.Optimizer) -> None:
        if self.fault != "no zero_grad":
            optimizer.zero_grad()


# --- pictures of a patient ---------------------------------------------------------------------

N_SHOWN = 500
LEGEND = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "ncols": 2, "borderaxespad": 0.2}


def generated(trainer: Trainer, n: int = N_SHOWN) -> Tensor:
    """Return samples of G as it is, from noise that is always the same, shape (n, ...)."""
    return trainer.sample(trainer.G.sample_z(n, torch.Generator().manual_seed(1)))


def _real(trainer: ClinicTrainer, n: int = N_SHOWN) -> Tensor:
    """Return real samples as this patient's D gets them, leaving its random numbers alone."""
    state = trainer.generator.get_state()
    x = trainer.draw_real(n)
    trainer.generator.set_state(state)
    return x


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


# --- the ward ----------------------------------------------------------------------------------

# test: (the question it answers, what it shows in health, on the ring after 600 turns)
TESTS = {
    "curves": (
        "Who is ahead? Do the losses fit D?",
        "D(x) and D(G(z)) from .4 to .6, D's loss from 1.28 to 1.44",
    ),
    "samples": (
        "Where do samples lie, in what range?",
        "all around the ring, real and generated numbers within ±1",
    ),
    "modes": (
        "How many places are served?",
        "8 of 8 modes have a fair share, 45 to 65 % of the samples lie at a mode",
    ),
    "D's answers": (
        "Does D separate single samples?",
        "two heaps that overlap around ½, no mean below .4 or above .6",
    ),
    "gradients": (
        "Do gradients pass? Add up? Have weights grown?",
        "stored is a third to three times fresh, the largest layer below 4 times its start",
    ),
    "best response": (
        "Could a better D tell them apart?",
        "−V near 1.35, and a new D reaches 1.0 to 1.3",
    ),
    "one step": (
        "What does each line do?",
        "D's step moves G's weights by exactly 0, D's loss is hardly above the bound beside it",
    ),
}
WARD_TURNS = 600
# the same for the recorded runs on digits, after 300 turns
DIGITS_TESTS = {
    "curves": (
        TESTS["curves"][0],
        "strong lines, second half: D(x) from .5 to .65, D(G(z)) from .35 to .5, D's loss from "
        "1.05 to 1.35",
    ),
    "samples": (
        TESTS["samples"][0],
        "shapes like digits, 16 to 19 apart, real and generated numbers within ±1",
    ),
    "classes": (
        "How many of the ten digits are drawn?",
        "10 of 10 digits have a fair share, the largest 15 to 30 %",
    ),
    "nearest images": (
        "Are samples copies of training digits?",
        "the median is 11 to 12, a sample is nearer in 20 to 30 % of all comparisons",
    ),
    "D's answers": (
        TESTS["D's answers"][0],
        "two broad heaps that overlap, the means .1 to .2 apart",
    ),
    "gradients": (
        TESTS["gradients"][0],
        "stored is half to twice fresh, the largest layer below 2 times its start",
    ),
    "best response": (
        TESTS["best response"][0],
        "−V from 1.1 to 1.25, and a new D reaches .1 to .5 here too: 300 turns are few. (Between "
        "two sets of real digits it reaches 1.1, not 1.386: it learns these images by heart)",
    ),
    "one step": TESTS["one step"],
}


def recorded_case(number: int) -> int:
    """Return the row of `load_clinic_runs` that a numbered digits case shows: each comes once.

    Raises:
        ValueError: there is no such case.
    """
    cases = len(load_clinic_runs().faults)
    if not isinstance(number, int) or not 0 <= number < cases:
        raise ValueError(f"number is {number!r}; the cases on digits are 0 to {cases - 1}")
    return int(np.random.default_rng(1021).permutation(cases)[number])


def ward_patient(number: int) -> tuple[str, int, str]:
    """Return the fault, the seed and G's loss of a numbered case: the same for everybody.

    Twelve cases in a row hold each fault once, and health four times. Healthy patients with an
    even number have the saturating loss, so that this loss gives "D too strong" not away.

    Args:
        number: 0 or more.

    Raises:
        ValueError: it is no such integer.
    """
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"number is {number!r}; it must be an integer >= 0")
    beds = [*FAULTS, *[HEALTHY] * 4]
    order = np.random.default_rng(1013 + number // len(beds)).permutation(len(beds))
    fault = beds[order[number % len(beds)]]
    saturating = fault == "D too strong" or (fault == HEALTHY and number % 2 == 0)
    return fault, 10 + number, "saturating" if saturating else "non_saturating"


def penalty(certainty: float, right: bool, options: int = len(PATIENTS)) -> float:
    """Return the log-loss of a diagnosis, nats: what is left is shared by the other options.

    Args:
        certainty: probability given to the diagnosis named, between 0 and 1.
        right: whether it was right.
        options: diagnoses on the list.
    """
    return float(-np.log(certainty if right else (1 - certainty) / (options - 1)))


class Ward(Explorer):
    """One case: order tests, name the fault, say how sure, and be told.

    The run is trained and examined when the object is made, in two or three seconds; ordering a
    test only shows its page. Runs on digits are recorded; nothing is trained then. No test
    prints a learning rate: what counts is what a run does. Results of all cases are kept in
    `Ward.results`, a row each: data, case, diagnosis, certainty, truth, penalty, tests ordered.

    Args:
        number: which case; everybody who gives the same number meets the same patient. On digits
            there are ten, from 0.
        data: as `clinic_data` takes, or "digits".
        turns: how long it has been in training; recorded runs have taken 300.
    """

    results: list[dict] = []

    def __init__(self, number: int, data: str = "ring", turns: int = WARD_TURNS):
        self.number, self.data = number, data
        if data == "digits":
            self.chart = RecordedChart(recorded_case(number))
            self.fault = self.chart.fault
        else:
            self.fault, seed, loss = ward_patient(number)
            self.patient = ClinicTrainer(self.fault, clinic_data(data), seed=seed, loss=loss)
            self.patient.burst(turns)
            self.chart = Chart(self.patient)
        self.tests = self.chart.tests
        self.ordered: list[str] = []
        self._pages: dict[str, tuple[bytes, str, str]] = {}
        self._large = is_projector()
        figure = plots.new_figure(9.0, 3.9)
        figure.set_layout_engine("none")  # its solver takes longer than all the drawing
        self.panel = LivePanel(figure=figure)
        wide = {"description_width": "auto"}
        self.test = widgets.ToggleButtons(
            options=list(self.tests), description="test", style={**wide, "button_width": "122px"}
        )
        self.named = widgets.Dropdown(
            options=["choose", *PATIENTS], description="diagnosis", style=wide
        )
        self.sure = widgets.FloatSlider(
            value=0.5, min=0.12, max=0.99, step=0.01, description="how sure", style=wide
        )
        self.decide = widgets.Button(description="Decide", disabled=True)
        self.feedback = widgets.HTML()
        self.named.observe(self._may_decide, "value")
        self.sure.observe(self._moved_too_late, "value")
        self.decide.on_click(self._decide)
        self.assemble([self.test])
        answers = widgets.HBox(
            [self.named, self.sure, self.decide], layout={"flex_flow": "row wrap"}
        )
        self.widget.children = (*self.widget.children, answers, self.feedback)
        if not is_headless():  # nobody turns the pages of a build
            for name in self.tests:
                self._draw(name)
            self.redraw()

    def redraw(self) -> None:
        """Show the test that is ordered."""
        name = self.test.value
        if name not in self.ordered:
            self.ordered.append(name)
        if self._large != is_projector():
            self._pages, self._large = {}, is_projector()
        if name in self._pages:
            png, description, told = self._pages[name]
            self.panel.put(png, description)
        else:
            told = self._draw(name)
        measured = self.data in ("ring", "digits")
        health = f" In health: {self.tests[name][1]}." if measured else ""
        self.say(f"Case {self.number} · tests ordered: {len(self.ordered)} · {told}{health}")

    def _draw(self, name: str) -> str:
        """Take a test and keep its page: a whole new drawing takes a tenth of a second."""
        figure = self.panel.figure
        figure.clear()
        with plots.lesson_style():
            told = self.chart.draw(name, figure)
        self.panel.invalidate()
        self.panel.redraw(f"Case {self.number}, test “{name}”. {told}")
        self._pages[name] = self.panel.png, self.panel.description, told
        return told

    def _may_decide(self, change) -> None:
        self.decide.disabled = self.named.value == "choose" or self.named.disabled

    def _decide(self, button) -> None:
        """Lock the diagnosis, score it, and show the sign and the line."""
        if self.decide.disabled:
            return
        for control in (self.named, self.sure, self.decide):
            control.disabled = True
        self._judge()

    def _moved_too_late(self, change) -> None:
        """Judge anew by a move that the click on "Decide" has overtaken: it came before it."""
        if self.sure.disabled:
            self._judge()

    def _judge(self) -> None:
        right = self.named.value == self.fault
        cost = penalty(self.sure.value, right)
        row = {
            "data": self.data, "case": self.number, "diagnosis": self.named.value,
            "certainty": self.sure.value, "truth": self.fault, "penalty": cost,
            "tests": len(self.ordered),
        }  # fmt: skip
        own = self.data, self.number
        Ward.results = [r for r in Ward.results if (r["data"], r["case"]) != own] + [row]
        mean = np.mean([r["penalty"] for r in Ward.results])
        sign, lines = self.chart.healthy, ""
        if self.fault != HEALTHY:
            fault = self.chart.faults[self.fault]
            sign = f"The sign: {fault.sign}"
            lines = f"<pre>- {_escape(fault.wrong)}\n+ {_escape(fault.right)}</pre>"
        self.feedback.value = (
            f'<div style="font-size:15px;max-width:880px;line-height:1.4"><b>'
            f"{'Right' if right else 'No'}: {_escape(self.fault)}.</b> Your log-loss is {cost:.2f} "
            f"nats; the mean over {len(Ward.results)} case(s) is {mean:.2f} (guessing among nine "
            f"costs log 9 = 2.20).<br>{_escape(sign)}{lines}</div>"
        )


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
        self.real, self.fake = _real(patient), generated(patient)

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


# --- remedies, measured ------------------------------------------------------------------------

REMEDIES = (
    "none",
    "R1",
    "R1 + R2",
    "spectral norm",
    "two time scales",
    "EMA",
    "label smoothing",
    "packing",
    "instance noise",
)


class RemedyTrainer(ClinicTrainer):
    """A patient of the clinic that is given one remedy; everything else is as it was.

    "R1" and "R2" have weight .01; spectral norm is on every layer of D; two time scales make D's
    learning rate four times larger; EMA averages G with decay .99; real samples get the label .9;
    packing shows D two samples at once; instance noise of sd .1 falls to 0 over the run.

    Args:
        remedy: a name in `REMEDIES`.
        fault: as in `ClinicTrainer`.
        data: as in `ClinicTrainer`.
        seed: as in `ClinicTrainer`.
        turns: length of the run, to which the noise refers.

    Raises:
        ValueError: an unknown remedy.

    Source: Mescheder et al. 2018 (R1, R2), Miyato et al. 2018 (spectral norm), Heusel et al. 2017
    (two time scales), Yazıcı et al. 2019 (EMA), Salimans et al. 2016 (one-sided smoothing), Lin et
    al. 2018 (packing), Sønderby et al. 2017 (instance noise).
    """

    def __init__(self, remedy: str, fault: str, data: Mixture, *, seed: int, turns: int):
        if remedy not in REMEDIES:
            raise ValueError(f"remedy is {remedy!r}; it must be one of {REMEDIES}")
        self.remedy, self.turns = remedy, turns
        dim = data.centres.shape[1]
        G, D = clinic_pair(dim, seed)
        self.pack = 2 if remedy == "packing" else 1
        if self.pack > 1:
            with seeded(seed):
                D = _Packed(multilayer_perceptron((2 * dim, 64, 64, 1)))
        if remedy == "spectral norm":
            with seeded(seed):
                for layer in D.net:
                    if isinstance(layer, nn.Linear):
                        nn.utils.parametrizations.spectral_norm(layer)
        lr_d = 0.008 if remedy == "two time scales" else 0.002
        super().__init__(fault, data, seed=seed, pair=(G, D), lr_d=lr_d)
        self.ema_decay = 0.99 if remedy == "EMA" else 0.0

    def _turn(self, players: str) -> Tensor:
        """One turn of the healthy or the collapsing loop, with the remedy."""
        n = self.batch_size * self.pack  # D sees as many packs as it saw samples
        x_real = self._noisy(self.draw_real(n))
        x_fake = self._noisy(self.G(self.draw_z(n)).detach())
        penalised = self.remedy in ("R1", "R1 + R2")
        if penalised:
            x_real.requires_grad_()
            x_fake.requires_grad_(self.remedy == "R1 + R2")
        s_real, s_fake = self.D.logits(x_real), self.D.logits(x_fake)
        one = torch.ones_like(s_real)
        soft = 0.9 * one if self.remedy == "label smoothing" else one
        loss_d = bce(s_real, soft) + bce(s_fake, 0 * one)
        objective = loss_d
        if penalised:
            objective = objective + 0.01 * r1_penalty(s_real, x_real)
        if self.remedy == "R1 + R2":
            objective = objective + 0.01 * r1_penalty(s_fake, x_fake)
        if not (self.fault == "mode collapse" and self.step % 10):
            self.optimizer_d.zero_grad()
            objective.backward()
            self.optimizer_d.step()
        loss_g = bce(self.D.logits(self._noisy(self.G(self.draw_z(n)))), one)
        self.optimizer_g.zero_grad()
        loss_g.backward()
        self.optimizer_g.step()
        self._average()
        d_real, d_fake = (torch.sigmoid(s.detach()).mean() for s in (s_real, s_fake))
        return torch.stack([d_real, d_fake, loss_d.detach(), loss_g.detach()])

    def _noisy(self, x: Tensor) -> Tensor:
        if self.remedy != "instance noise":
            return x
        sd = 0.1 * max(0.0, 1 - self.step / self.turns)
        return x + sd * torch.randn(x.shape, generator=self.generator)


class _Packed(Discriminator):
    """A D that judges two samples at once: the second half of a batch beside the first."""

    def forward(self, x: Tensor, as_logits: bool = False) -> Tensor:
        half = len(x) // 2
        return super().forward(torch.cat([x[:half], x[half : 2 * half]], dim=1), as_logits)


def measure_remedy(remedy: str, fault: str, seed: int, turns: int = 800) -> dict:
    """Train one patient on the ring with one remedy; return its scores and CPU seconds.

    Args:
        remedy: a name in `REMEDIES`.
        fault: "healthy" or "mode collapse".
        seed: start of weights and random numbers.
        turns: turns of D and G.
    """
    start = time.process_time()
    data = clinic_data("ring")
    trainer = RemedyTrainer(remedy, fault, data, seed=seed, turns=turns)
    trainer.burst(turns)
    z = trainer.G.sample_z(2500, torch.Generator().manual_seed(1))
    scores = mode_scores(trainer.sample(z).numpy(), data.centres.numpy(), data.sd)
    seconds = time.process_time() - start
    return {"remedy": remedy, "patient": fault, "seed": seed, "turns": turns,
            "seconds": round(seconds, 2), **scores._asdict()}  # fmt: skip


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
        text = files("gan_lesson").joinpath("assets", name).read_text("utf-8")
    except OSError as error:
        raise FileNotFoundError(
            f"{name} is missing from gan_lesson/assets; install the package again"
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
