"""The picture of the forgery game: an image, both players' penalties, the learner's calibration."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from gan_lesson import plots
from gan_lesson.lessons.lesson_00.forgeries import BINS, calibration
from gan_lesson.lessons.mathematics.value import LOG_2
from gan_lesson.live import LivePanel

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


class Board:
    """Three axes in a panel, and what moves in them.

    Args:
        panel: where to draw.
        rounds: images in a game.
    """

    def __init__(self, panel: LivePanel, rounds: int):
        self.panel = panel
        with plots.lesson_style():
            grid = panel.figure.add_gridspec(1, 3, width_ratios=[1.15, 1.15, 1])
            panel.figure.get_layout_engine().set(w_pad=0.12, h_pad=0.08)
            digit, losses, said = (panel.figure.add_subplot(grid[i]) for i in range(3))
        self._losses = losses
        self._draw_image(digit)
        self._draw_losses(losses, rounds)
        self._draw_calibration(said)
        moving = [self._image, self._frame, self._verdict, *self._means, self._dots, *self._counts]
        moving.append(self._hint)
        panel.moving(moving)

    def _draw_image(self, axes) -> None:
        axes.set(xticks=[], yticks=[], title=" ")
        for spine in axes.spines.values():
            spine.set_visible(False)
        paper = np.zeros((28, 28))
        self._image = axes.imshow(paper, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
        self._frame = Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, clip_on=False)
        self._frame.set_linewidth(6)
        axes.add_patch(self._frame)
        above = {"transform": axes.transAxes, "ha": "center", "va": "bottom"}
        self._verdict = axes.text(0.5, 1.03, "", fontsize=13, fontweight="bold", **above)

    def _draw_losses(self, axes, rounds: int) -> None:
        axes.set(xlim=(0, rounds), ylim=(0, 2), xlabel="images judged")
        axes.set_title("mean penalty so far (nats)")
        axes.xaxis.get_major_locator().set_params(integer=True)
        yours = axes.plot([], [], color=LEARNER, linewidth=2.2, label="you")[0]
        theirs = axes.plot([], [], color=plots.DISCRIMINATOR, linewidth=2.2, label="D")[0]
        theirs.set_dashes((4, 1))
        half = {"color": plots.REFERENCE, "linewidth": 1.2, "linestyle": ":", "zorder": 1}
        axes.axhline(LOG_2, label="always ½", **half)
        self._means = yours, theirs
        axes.legend(loc="upper right")

    def _draw_calibration(self, axes) -> None:
        axes.set(xlim=(0, 1), ylim=(-0.03, 1.03), aspect="equal")
        axes.set(xlabel="p that you stated", ylabel="share that was real", title="calibration")
        axes.plot([0, 1], [0, 1], "--", color=plots.REFERENCE, linewidth=1)
        self._dots = axes.scatter([], [], color=LEARNER, zorder=3, clip_on=False)
        middle = {"color": "white", "fontsize": 8, "zorder": 4, "ha": "center", "va": "center"}
        self._counts = [axes.text(0, 0, "", **middle) for _ in range(BINS)]
        self._hint = axes.text(0.5, 0.9, "", ha="center", va="top", color="#555555", fontsize=10)

    def show_image(self, image: np.ndarray, title: str, truth: int | None) -> None:
        """Show an image, shape (28, 28), under its title, or under its truth if that is out."""
        self._image.set_data(image)
        if truth is None:
            self._verdict.set(text=title, color="#333333")
            self._frame.set_edgecolor("#BBBBBB")
        else:
            word, colour = TRUTH[truth]
            self._verdict.set(text=word, color=plots.in_words(colour))
            self._frame.set_edgecolor(colour)

    def show_scores(self, answers: Sequence[Answer]) -> None:
        """Show both players' mean penalties so far, and how calibrated the learner is."""
        n = np.arange(1, len(answers) + 1)
        means = [np.cumsum([getattr(a, key) for a in answers]) / n for key in ("loss", "d_loss")]
        for line, mean in zip(self._means, means, strict=True):
            line.set_data(n, mean)
            line.set_marker("o" if len(n) < 3 else "")  # one point makes no line
        top = plots.doubling_limit(max([0.0, *means[0], *means[1]]), 2.0)
        if self._losses.get_ylim()[1] != top:
            self._losses.set_ylim(0, top)
            self.panel.invalidate()
        groups = calibration([a.p for a in answers], [a.y for a in answers])
        if len(answers) < CALIBRATED_FROM:
            groups = []
        self._hint.set_text("" if groups else f"begins with {CALIBRATED_FROM} answers")
        self._dots.set_offsets([(p, share) for p, share, _ in groups] or np.empty((0, 2)))
        self._dots.set_sizes([90.0 + 30.0 * count for *_, count in groups])  # room for a number
        for number, text in enumerate(self._counts):
            p, share, count = groups[number] if number < len(groups) else (0, 0, "")
            text.set(position=(p, share), text=f"{count}")
