"""ForgeryGame: the learner plays the discriminator."""

import csv
import io
import time
from pathlib import Path
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.patches import Rectangle

from gan_lesson import checks, plots
from gan_lesson.lessons.kit.explorer import DOUBLE_CLICK, Explorer
from gan_lesson.lessons.lesson_00.forgeries import (
    DETECTIVES,
    IMAGES,
    STAGES,
    accuracy,
    calibration,
    load_forgeries,
)
from gan_lesson.lessons.mathematics.bce import bce_from_probability
from gan_lesson.lessons.mathematics.value import LOG_2
from gan_lesson.live import LivePanel, is_headless
from gan_lesson.saving import write_whole

COLUMNS = ("seed", "stage", "round", "source", "image", "p", "y", "loss", "d", "d_loss")
LEARNER = "#333333"
TRUTH = {1: ("REAL", plots.REAL), 0: ("FORGED", plots.GENERATED)}
CALIBRATED_FROM = 8  # answers, before which a calibration picture says nothing


class Answer(NamedTuple):
    """One locked answer: what was shown, what both said, and what it cost them in nats."""

    seed: int
    stage: str
    round: int
    source: str
    image: int
    p: float
    y: int
    loss: float
    d: float
    d_loss: float


def deal(seed: int, stage: str, rounds: int) -> list[tuple[str, int]]:
    """Return the images of a game: (source, number of the image), none of them twice.

    A fair coin for each round says whether it is real, so that the prior is one half
    whatever came before.

    Args:
        seed: the same seed deals the same images, to a whole class.
        stage: whose forgeries, one of `STAGES`.
        rounds: how many, 1 to 200.
    """
    random = np.random.default_rng([seed, STAGES.index(stage)])
    real = random.integers(0, 2, rounds).astype(bool)
    order = {source: random.permutation(IMAGES) for source in ("real", stage)}
    numbers = np.where(real, order["real"][:rounds], order[stage][:rounds])
    sources = ("real" if is_real else stage for is_real in real)
    return list(zip(sources, numbers.tolist(), strict=True))


class ForgeryGame(Explorer):
    """Digits, one at a time: state the probability that it is real, lock it in, see the truth.

    Keys alone suffice: Tab to the slider, arrows to set it, Tab to the button, Space to lock
    in and Space again for the next image. Each stage of the forger keeps its own game.

    Args:
        seed: which images are dealt; the same for a whole class, an integer >= 0.
        rounds: images in a game, 1 to 200.
        stage: the forger to start with: "early", "middle" or "late" in its training.
        detective: the discriminator that plays beside the learner, one of `DETECTIVES`.
        preview_rounds: answers, made up, that a build without a learner gives for its picture.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(
        self,
        seed: int = 0,
        rounds: int = 20,
        stage: str = "late",
        detective: str = "late",
        preview_rounds: int = 0,
    ):
        checks.count("seed", seed, 0, 2**32)
        checks.count("rounds", rounds, 1, IMAGES)
        checks.one_of("stage", stage, STAGES)
        checks.one_of("detective", detective, DETECTIVES)
        self.seed, self.rounds, self.detective = seed, rounds, detective
        self._data = load_forgeries()
        self._answers: dict[str, list[Answer]] = {name: [] for name in STAGES}
        self._open = True  # the present image has not been answered yet
        self._just_locked = False  # until the next image is shown
        self._locked_at = -DOUBLE_CLICK
        self._make_axes()
        self.stage = widgets.ToggleButtons(
            options=list(STAGES),
            value=stage,
            description="forger",
            style={"button_width": "80px"},
            layout={"width": "auto"},
        )
        self.p = widgets.FloatSlider(
            value=0.5,
            min=0.01,
            max=0.99,
            step=0.01,
            description="P(real)",
            readout_format=".2f",
            layout={"width": "400px", "max_width": "100%"},
        )
        self.button = widgets.Button(description="Lock in", layout={"width": "120px"})
        self.button.on_click(self._pressed)
        if preview_rounds and is_headless():
            self._play_by_itself(preview_rounds)
        self.assemble([self.stage, self.p, self.button])
        self.stage.observe(self._took_another_forger, "value")

    # --- what is drawn -----------------------------------------------------------------------

    def _make_axes(self) -> None:
        self.panel = LivePanel(9.4, 3.7)
        with plots.lesson_style():
            grid = self.panel.figure.add_gridspec(1, 3, width_ratios=[1.15, 1.15, 1])
            self.panel.figure.get_layout_engine().set(w_pad=0.12, h_pad=0.08)
            digit, losses, said = (self.panel.figure.add_subplot(grid[i]) for i in range(3))
        digit.set(xticks=[], yticks=[], title=" ")
        for spine in digit.spines.values():
            spine.set_visible(False)
        losses.set(xlim=(0, self.rounds), ylim=(0, 2), xlabel="images judged")
        losses.set_title("mean penalty so far (nats)")
        losses.xaxis.get_major_locator().set_params(integer=True)
        plots.reference_line(losses, LOG_2, "always ½")
        said.set(xlim=(0, 1), ylim=(-0.03, 1.03), aspect="equal")
        said.set(xlabel="you said P(real)", ylabel="share that was real", title="calibration")
        said.plot([0, 1], [0, 1], "--", color=plots.REFERENCE, linewidth=1)
        paper = np.zeros((28, 28))
        shown = digit.imshow(paper, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
        frame = Rectangle((0, 0), 1, 1, transform=digit.transAxes, fill=False, clip_on=False)
        frame.set_linewidth(6)
        digit.add_patch(frame)
        verdict = digit.text(0.5, 1.03, "", transform=digit.transAxes, ha="center", va="bottom")
        verdict.set(fontsize=13, fontweight="bold")
        yours = losses.plot([], [], color=LEARNER, linewidth=2.2, label="you")[0]
        theirs = losses.plot([], [], color=plots.DISCRIMINATOR, linewidth=2.2, label="D")[0]
        losses.legend(loc="upper right", ncols=2)
        dots = said.scatter([], [], color=LEARNER, zorder=3)
        hint = said.text(0.5, 0.9, "", ha="center", va="top", color="#555555", fontsize=10)
        self._losses = losses
        artists = [shown, frame, verdict, yours, theirs, dots, hint]
        self._artists = self.panel.moving(artists)

    def redraw(self) -> None:
        """Show the present image, or its truth, and both players' scores so far."""
        shown, frame, verdict, *_ = self._artists
        source, number = self._present
        shown.set_data(self._data.images[source][number])
        number_in_words = f"image {self._round} of {self.rounds}"
        if self._open:
            verdict.set(text=number_in_words, color="#333333")
            frame.set_edgecolor("#BBBBBB")
        else:
            word, colour = TRUTH[int(source == "real")]
            verdict.set(text=word, color=plots.in_words(colour))
            frame.set_edgecolor(colour)
        self._draw_scores()
        self.button.description = "Lock in" if self._open else "Next image"
        self.p.disabled = not self._open
        self.button.disabled = not self._open and self._round == self.rounds
        self._speak()
        score = self._score_in_words()
        truth = "real or forged?" if self._open else self._told_after()
        self.panel.redraw(f"A digit of 28 by 28 pixels, {number_in_words}: {truth} {score}")

    def _speak(self) -> None:
        told = self._told_before() if self._open else self._told_after()
        self.say(f"{told[0].upper()}{told[1:]} {self._score_in_words()}")

    def _draw_scores(self) -> None:
        *_, yours, theirs, dots, hint = self._artists
        answers = self.answers
        n = np.arange(1, len(answers) + 1)
        means = [np.cumsum([getattr(a, key) for a in answers]) / n for key in ("loss", "d_loss")]
        for line, mean in zip((yours, theirs), means, strict=True):
            line.set_data(n, mean)
            line.set_marker("o" if len(n) < 3 else "")  # one point makes no line
        top = plots.doubling_limit(max([0.0, *means[0], *means[1]]), 2.0)
        if self._losses.get_ylim()[1] != top:
            self._losses.set_ylim(0, top)
            self.panel.invalidate()
        groups = calibration([a.p for a in answers], [a.y for a in answers])
        if len(answers) < CALIBRATED_FROM:
            groups = []
        hint.set_text("" if groups else f"from {CALIBRATED_FROM} answers on")
        dots.set_offsets([(p, share) for p, share, _ in groups] or np.empty((0, 2)))
        dots.set_sizes([30.0 * count for *_, count in groups])

    def _told_before(self) -> str:
        p = self.p.value
        if_real, if_forged = bce_from_probability(p, 1), bce_from_probability(p, 0)
        return (
            f"real or forged? At {p:.2f} you pay {if_real:.2f} nats if it is real "
            f"and {if_forged:.2f} if it is forged."
        )

    def _told_after(self) -> str:
        a = self.answers[-1]
        was = "REAL" if a.y else "FORGED"
        return (
            f"it is {was}. You said {a.p:.2f} and pay {a.loss:.2f} nats; "
            f"D said {a.d:.2f} and pays {a.d_loss:.2f}."
        )

    def _score_in_words(self) -> str:
        answers = self.answers
        if not answers:
            return "Real and forged are equally likely."
        p, y, d = (np.array([getattr(a, key) for a in answers]) for key in "pyd")
        loss, d_loss = (np.mean([getattr(a, k) for a in answers]) for k in ("loss", "d_loss"))
        over = "Game over" if not self._open and self._round == self.rounds else "So far"
        return (
            f"{over}, {len(answers)} judged: you {loss:.3f} nats, {accuracy(p, y):.0%} right; "
            f"D {d_loss:.3f}, {accuracy(d, y):.0%}; always ½ {LOG_2:.3f}."
        )

    # --- the game ----------------------------------------------------------------------------

    @property
    def answers(self) -> list[Answer]:
        """The locked answers of the present stage's game, oldest first."""
        return self._answers[self.stage.value]

    @property
    def _round(self) -> int:
        return len(self.answers) + self._open

    @property
    def _present(self) -> tuple[str, int]:
        return deal(self.seed, self.stage.value, self.rounds)[self._round - 1]

    def lock(self) -> None:
        """Lock the slider's probability in for the present image, and show the truth."""
        if not self._open:
            return
        source, number = self._present
        y = int(source == "real")
        p = min(max(round(self.p.value, 2), 0.01), 0.99)
        d = float(self._data.probabilities[self.detective][source][number])
        loss, d_loss = (float(bce_from_probability(q, y)) for q in (p, d))
        place = (self.seed, self.stage.value, self._round, source, number)
        self.answers.append(Answer(*place, p, y, loss, d, d_loss))
        self._open, self._just_locked = False, True
        self.redraw()

    def next(self) -> None:
        """Show the next image, with the slider back at one half; nothing after the last."""
        if self._open or self._round == self.rounds:
            return
        self._open, self._just_locked = True, False
        self.p.value = 0.5
        self.redraw()

    def _pressed(self, _) -> None:
        with self.panel.lock:
            if self._open:
                self.lock()
                self._locked_at = time.monotonic()
            elif time.monotonic() - self._locked_at >= DOUBLE_CLICK:
                self.next()

    def _took_another_forger(self, _) -> None:
        with self.panel.lock:
            self._open, self._just_locked = len(self.answers) < self.rounds, False
            self.p.value = 0.5
            self.redraw()

    def _moved(self, change) -> None:
        with self.panel.lock:
            if change["owner"] is not self.p:
                return  # a new forger is _took_another_forger's business
            if self._just_locked:
                self._lock_again()
            else:
                self._speak()  # the slider changes what an answer would cost, not the picture

    def _lock_again(self) -> None:
        """Lock in the move that the click has overtaken.

        While the kernel answers one move of a slider, ipywidgets holds back the next, but
        never a click. Locking switches the slider off before the truth is shown, so whatever
        arrives after it was set before it.
        """
        self.answers.pop()
        self._open = True
        self.lock()

    def _play_by_itself(self, rounds: int) -> None:
        """Answer other images than a learner gets, at random but leaning to the truth."""
        self.seed += 1000
        random = np.random.default_rng(self.seed)
        for number, (source, image) in enumerate(
            deal(self.seed, self.stage.value, self.rounds)[: min(rounds, self.rounds)], start=1
        ):
            y = int(source == "real")
            p = float(np.clip(round(random.normal(0.25 + 0.5 * y, 0.2), 2), 0.05, 0.95))
            d = float(self._data.probabilities[self.detective][source][image])
            costs = [float(bce_from_probability(q, y)) for q in (p, d)]
            place = (self.seed, self.stage.value, number, source, image)
            self.answers.append(Answer(*place, p, y, costs[0], d, costs[1]))
        self._open = False

    def export_answers(self, path: str | Path) -> Path:
        """Write the locked answers of all stages as CSV, a header and a line an answer.

        Returns:
            The path written.

        Raises:
            OSError: the file cannot be written; one that was there before is as it was.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(answer for stage in STAGES for answer in self._answers[stage])
        return write_whole(path, text.getvalue())
