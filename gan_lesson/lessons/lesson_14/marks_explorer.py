"""Explorer of lesson 14: how strong a watermark must be, and what it survives."""

from functools import lru_cache

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from torch import Tensor

from gan_lesson import plots
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_14.detector import drawn
from gan_lesson.lessons.lesson_14.marks import (
    ATTACKS,
    correlation,
    guessed_pattern,
    marked,
    secret_pattern,
    threshold_for,
)
from gan_lesson.live import LivePanel
from gan_lesson.metrics import psnr

N = 200  # images of each kind
STRONGEST, STEP = 32, 2  # grey levels
FORGED, UNMARKED = "real, forged mark", "real, unmarked"


class MarksExplorer(Explorer):
    """Digits with a watermark, and how many are found after each attack.

    Args:
        strength: of the pattern, grey levels, 0 to 32.
        knows: whether the forger knows the pattern, or guesses it from 200 published images.
    """

    columns, gap = 4, 2

    def __init__(self, strength: int = 16, knows: bool = False):
        digits = load_digits()
        self._real, self._plain = digits.test.images[::10], drawn("fully connected", N, seed=2)
        self._more = drawn("fully connected", N, seed=3)
        self._pattern = secret_pattern()
        self._threshold = threshold_for(digits.train.images, self._pattern)
        self._own = lru_cache(maxsize=None)(self._mark)
        self._measured = lru_cache(maxsize=None)(self._measure)
        self.panel = LivePanel(9.6, 4.0)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1, 1.1])))
        self.strength = widgets.IntSlider(
            value=strength, min=0, max=STRONGEST, step=STEP, description="strength",
            layout={"width": "420px"},
        )  # fmt: skip
        self.knows = widgets.Checkbox(
            value=knows, description="the forger knows the pattern", indent=False,
            layout={"width": "260px"},
        )  # fmt: skip
        self.assemble([self.strength, self.knows])

    def prepare(self) -> None:
        """Measure what is found at every strength of the slider."""
        for level in range(0, STRONGEST + 1, STEP):
            self._own(level)

    def _draw(self, sheet: Axes, bars: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        blank = np.zeros((3 * self.columns, 28, 28), np.uint8)
        self._sheet = plots.digits_sheet(sheet, blank, self.columns)
        self._sheet.set_clim(0, 255)
        rows = (("G's", plots.GENERATED), ("marked", plots.GENERATED), ("forged", plots.REAL))
        for number, (name, colour) in enumerate(rows):
            sheet.text(-3, 14 + 30 * number, name, ha="right", va="center", fontsize=11,
                       color=plots.in_words(colour))  # fmt: skip
        names = [*ATTACKS, FORGED, UNMARKED]
        colours = [plots.GENERATED] * len(ATTACKS) + [plots.REAL] * 2
        self._bars = bars.barh(range(len(names)), [0] * len(names), color=colours, height=0.62)
        for bar in self._bars[len(ATTACKS) :]:
            bar.set_hatch("//")
            bar.set_edgecolor("white")
        self._told = [
            bars.text(0, place, "", va="center", fontsize=11) for place in range(len(names))
        ]
        bars.set(xlim=(0, 1.16), ylim=(len(names) - 0.4, -0.6), xticks=[0, 0.5, 1])
        bars.set_xticklabels(["0 %", "50 %", "100 %"])
        bars.set_yticks(range(len(names)), names)
        bars.set_xlabel("share in which the mark is found")
        bars.grid(False, axis="y")
        return [self._sheet, *self._bars, *self._told]

    def _forged(self, strength: int, knows: bool) -> Tensor:
        """Return real digits that the forger has marked."""
        pattern = self._pattern
        if not knows:
            pattern = guessed_pattern(marked(self._more, self._pattern, strength))
        return marked(self._real, pattern, strength)

    def _found(self, x: Tensor) -> float:
        """Return the share of images in which the mark is found."""
        return float((correlation(x, self._pattern) > self._threshold).float().mean())

    def _mark(self, strength: int) -> tuple[np.ndarray, list[float], float]:
        """Return a row of marked images, the share found after each attack, and the PSNR in dB."""
        own = marked(self._plain, self._pattern, strength)
        decibels = float(psnr(self._plain, own, 2).mean()) if strength else np.inf
        row = tensor_to_images(own[: self.columns])
        return row, [self._found(attack(own)) for attack in ATTACKS.values()], decibels

    def _measure(self, strength: int, knows: bool) -> tuple[np.ndarray, list[float], float]:
        """Return three rows of images, the share found of each bar, and the PSNR in dB."""
        own, found, decibels = self._own(strength)
        forged = self._forged(strength, knows)
        found = [*found, self._found(forged), self._found(self._real)]
        plain, forged = (tensor_to_images(x[: self.columns]) for x in (self._plain, forged))
        return np.concatenate([plain, own, forged]), found, decibels

    def redraw(self) -> None:
        """Mark with the chosen strength, attack, and count."""
        strength, knows = self.strength.value, self.knows.value
        images, shares, decibels = self._measured(strength, knows)
        self._sheet.set_data(255 - plots.tile(images, self.columns, gap=self.gap, background=0))
        for bar, text, share in zip(self._bars, self._told, shares, strict=True):
            bar.set_width(share)
            text.set_x(share + 0.02)
            text.set_text(f"{share:.0%}")
        names = [*ATTACKS, FORGED, UNMARKED]
        each = ", ".join(f"{n} {s:.0%}" for n, s in zip(names, shares, strict=True))
        loud = f", {decibels:.1f} dB" if strength else ""
        who = "knows the pattern" if knows else f"has seen {N} marked images"
        told = (
            f"Strength {strength} grey levels{loud}; the forger {who}. At a threshold that one "
            f"real digit in 1,000 exceeds, the mark is found: {each}."
        )
        self.say(told)
        self.panel.redraw(
            "Digits of G, the same with a watermark, and real digits with a forged one; beside "
            f"them a bar for each attack. {told}"
        )
