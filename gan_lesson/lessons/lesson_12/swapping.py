"""Explorer of lesson 12: which layer takes its style from whom, and what that decides."""

from collections.abc import Collection
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from gan_lesson import checks, plots
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.kit.controls import labelled, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_12.recorded import Swapped, load_generators, load_scores
from gan_lesson.live import LivePanel
from gan_lesson.metrics import load_classifier
from gan_lesson.style import LAYERS, StyleGenerator, mean_w, truncate

NETS = [("linear start", "linear"), ("constant start", "constant")]
PSIS, NOISES = (0.5, 0.7, 1.0), (0.0, 1.0)
SIDE = 5  # images at the top, and images at the side
PITCH = 30  # pixels from one digit of the sheet to the next
SIDES, THIRD = "#AA4499", "#444444"  # read as the side's digit, as a third one
LOOKS = {SIDES: {"linestyles": "solid", "linewidths": 2.4},
         THIRD: {"linestyles": "dashed", "linewidths": 1.6}}  # fmt: skip
TOP, OTHER = "A", "B"  # the letters of the recorded scores: the image at the top, that at the side


@torch.no_grad()
def mixed(G: StyleGenerator, w: dict, styles: str, noise: torch.Tensor) -> torch.Tensor:
    """Return images whose layers take their styles from w["A"], the top's, or w["B"].

    Args:
        G: a generator with styles.
        w: two tensors of shape (n, w_dim).
        styles: a letter for each layer, such as "ABB".
        noise: shape (n, 49 + 49 + 196).
    """
    return G.synthesis([w[letter] for letter in styles], noise)


class SwapExplorer(Explorer):
    """Five images at the top, five at the side, and their mixtures: switches say whose style.

    Args:
        start: the generator's, "linear" or "constant".
        swapped: the layers, 1 to 3, that take their style from the side at first.
        psi: truncation, one of `PSIS`.
        noise: its strength, one of `NOISES`.
        more: whether truncation and noise can be moved.

    Raises:
        ValueError: there is no such layer.
    """

    def __init__(
        self,
        start: str = "linear",
        swapped: Collection[int] = (),
        psi: float = 1.0,
        noise: float = 1.0,
        more: bool = False,
    ):
        for layer in swapped:
            checks.count("swapped", layer, 1, len(LAYERS))
        self._nets, self._scores = load_generators(), load_scores()
        self._classifier = load_classifier()
        self._mixed = lru_cache(maxsize=None)(self._mix)
        self._w = {name: self._sources(G) for name, G in self._nets.items()}
        self._mean = {name: mean_w(G) for name, G in self._nets.items()}
        self.panel = LivePanel(9.6, 4.3)
        with plots.lesson_style():
            sheet, bars = self.panel.figure.subplots(1, 2, width_ratios=[1.6, 1])
            self.panel.moving([*self._draw_sheet(sheet), *self._draw_bars(bars)])
        self.start = toggle_buttons(NETS, start)
        letters = [OTHER if 1 + at in swapped else TOP for at in range(len(LAYERS))]
        whose = [("top", TOP), ("side", OTHER)]
        self.switches = [toggle_buttons(whose, letter, width=56) for letter in letters]
        self.psi = _steps("truncation ψ", PSIS, psi)
        self.noise = _steps("noise ×", NOISES, noise)
        self.assemble([self.start, *self.switches, self.psi, self.noise])
        rows = []
        for name, switch in zip(LAYERS, self.switches, strict=True):
            row = labelled(name, switch)
            row.children[0].layout.width = "112px"
            rows.append(row)
        top = [widgets.HBox([self.start, *rows], layout={"flex_flow": "row wrap"})]
        if more:
            top += [widgets.HBox([self.psi, self.noise], layout={"flex_flow": "row wrap"})]
        self.widget.children = (*top, *self.widget.children[1:])

    @staticmethod
    def _sources(G: StyleGenerator) -> dict:
        """Return w and noise of five images at the top and, after them, five at the side."""
        z = G.sample_z(2 * SIDE, torch.Generator().manual_seed(12))
        return {"w": G.mapping(z), "noise": G.noise(z)}

    def _draw_sheet(self, sheet: Axes) -> list[Artist]:
        """Draw what stays of the digits, return what moves."""
        n = SIDE + 1
        self._sheet = plots.digits_sheet(sheet, np.zeros((n * n, 28, 28), np.uint8), n)
        sheet.text(-4, 14, "top →", ha="right", va="center", fontsize=12)
        sheet.text(-4, 3.5 * PITCH, "side", ha="right", va="center", fontsize=12)
        rules = [sheet.axhline(PITCH - 1.5, color="#333333", linewidth=1.5),
                 sheet.axvline(PITCH - 1.5, color="#333333", linewidth=1.5)]  # fmt: skip
        self._frames = {
            colour: sheet.add_collection(LineCollection([], colors=colour, **look))
            for colour, look in LOOKS.items()
        }
        self._read = {
            place: sheet.text(PITCH * (place % n) + 26.5, PITCH * (place // n) + 26.5, "",
                              ha="right", va="bottom", fontsize=9, color="#333333")
            for place in range(1, n * n)
        }  # fmt: skip
        self._name = sheet.text(3 * PITCH, -5, "", ha="center", va="bottom", fontsize=12)
        return [self._sheet, *rules, *self._frames.values(), *self._read.values(), self._name]

    def _draw_bars(self, bars: Axes) -> list[Artist]:
        """Draw what stays of the bars, return what moves."""
        self._bars, self._values = {}, {}
        for place, (_, start) in enumerate(NETS):
            for below, colour in ((-0.2, THIRD), (0.2, SIDES)):
                (self._bars[start, colour],) = bars.barh(place + below, 0, 0.36, color=colour)
                self._values[start, colour] = bars.text(
                    0, place + below, "", va="center", fontsize=12
                )
        names = ("another digit than at the top", "the side's digit")
        bars.legend(list(self._bars.values())[:2], names, loc="lower left",
                    bbox_to_anchor=(-0.3, 1.0), fontsize=11, frameon=False)  # fmt: skip
        bars.set(xlim=(0, 1.1), ylim=(1.5, -0.5), xlabel="share of 1,000 mixtures")
        bars.set_xticks([0, 0.5, 1])
        bars.set_yticks(range(len(NETS)), [name.replace(" ", "\n") for name, _ in NETS])
        return [*self._bars.values(), *self._values.values()]

    @property
    def styles(self) -> str:
        """A letter for each layer, as the switches stand."""
        return "".join(switch.value for switch in self.switches)

    def redraw(self) -> None:
        """Mix as the switches say, read the mixtures, and show what was counted of 1,000."""
        start, psi, strength = self.start.value, self.psi.value, self.noise.value
        sheet, digits = self._mixed(start, self.styles, psi, strength)
        self._sheet.set_data(255 - sheet)
        for place, words in self._read.items():
            words.set_text(str(digits.flat[place]))
        inside, side = digits[1:, 1:], digits[1:, :1]
        changed = inside != digits[:1, 1:]
        kinds = {SIDES: changed & (inside == side), THIRD: changed & (inside != side)}
        for colour, which in kinds.items():
            frames = [_frame(place) for place in np.flatnonzero(which)]
            self._frames[colour].set_segments(frames)
        shares = {name: self._scores[name, self.styles, psi, strength] for _, name in NETS}
        for (name, colour), bar in self._bars.items():
            share = shares[name].changed if colour == THIRD else shares[name].side
            bar.set_width(share)
            self._values[name, colour].set_text(f"{share:.2f}")
            self._values[name, colour].set_x(share + 0.02)
        self._name.set_text(f"{start} start, {self._swapped()}")
        self._tell(int(changed.sum()), int(kinds[SIDES].sum()), shares)

    def _swapped(self) -> str:
        """Which layers take their w from the side, in words."""
        numbers = [str(n) for n, letter in enumerate(self.styles, 1) if letter == OTHER]
        if not numbers:
            return "nothing swapped"
        return f"swapped: layer{'s' * (len(numbers) > 1)} {', '.join(numbers)}"

    def _tell(self, n_changed: int, n_sides: int, shares: dict[str, Swapped]) -> None:
        linear, constant = shares["linear"], shares["constant"]
        told = (
            f"{self.start.value.capitalize()} start, {self._swapped()}: {n_changed} of these "
            f"{SIDE * SIDE} mixtures are read as another digit than the one at the top, "
            f"{n_sides} of them as the side's. Of 1,000 mixtures {linear.changed:.0%} are with the "
            f"linear start ({linear.side:.0%} as the side's), and {constant.changed:.0%} with the "
            f"constant start ({constant.side:.0%})."
        )
        self.say(told)
        self.panel.redraw(
            "A row of five digits at the top, a column of five at the side, and their 25 mixtures, "
            "each with the digit that is read: a solid frame where it is the side's, a dashed one "
            f"where it is a third one; beside them two bars for each net. {told}"
        )

    @torch.no_grad()
    def _mix(self, start: str, styles: str, psi: float, strength: float) -> tuple:
        """Return the sheet, and the digit that is read in each of its cells; -1 in the corner."""
        G, source, mean = self._nets[start], self._w[start], self._mean[start]
        w, noise = truncate(source["w"], mean, psi), strength * source["noise"]
        pairs = {TOP: w[:SIDE].repeat(SIDE, 1), OTHER: w[SIDE:].repeat_interleave(SIDE, 0)}
        ends = mixed(G, {TOP: w}, TOP * len(LAYERS), noise)
        images = mixed(G, pairs, styles, noise[:SIDE].repeat(SIDE, 1))
        read = self._classifier(torch.cat([ends, images])).argmax(dim=1).numpy()
        digits = np.full((SIDE + 1, SIDE + 1), -1)
        digits[0, 1:], digits[1:, 0] = read[:SIDE], read[SIDE : 2 * SIDE]
        digits[1:, 1:] = read[2 * SIDE :].reshape(SIDE, SIDE)
        return self._laid_out(ends, images), digits

    @staticmethod
    def _laid_out(ends: torch.Tensor, images: torch.Tensor) -> np.ndarray:
        """Return the sheet: one half across, the other down, and between them the mixtures."""
        a, b = tensor_to_images(ends[:SIDE]), tensor_to_images(ends[SIDE:])
        rows = [np.zeros((1, 28, 28), np.uint8), a]
        inside = tensor_to_images(images).reshape(SIDE, SIDE, 28, 28)
        for one, its in zip(b, inside, strict=True):
            rows += [one[None], its]
        return plots.tile(np.concatenate(rows), SIDE + 1, background=0)


def _frame(place: int) -> list[tuple[float, float]]:
    """Return the corners of a frame inside a mixture's cell, by its place among the 25."""
    row, column = divmod(place, SIDE)
    left, top = PITCH * (1 + column) + 0.5, PITCH * (1 + row) + 0.5
    right, bottom = left + 26, top + 26
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _steps(description: str, options: tuple[float, ...], value: float) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(
        options=[(f"{option:g}", option) for option in options],
        value=value,
        description=description,
        layout={"width": "300px"},
        style={"description_width": "100px"},
    )
