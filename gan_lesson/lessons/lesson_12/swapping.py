"""Explorer of lesson 12: which layer takes its style from whom, and what that decides."""

from collections.abc import Collection
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.kit.controls import labelled, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_12.recorded import load_generators, load_scores
from gan_lesson.live import LivePanel
from gan_lesson.metrics import load_classifier
from gan_lesson.style import LAYERS, StyleGenerator, mean_w, truncate

NETS = [("linear start", "linear"), ("constant start", "constant")]
PSIS, NOISES = (0.5, 0.7, 1.0), (0.0, 1.0)
SIDE = 5  # images at the top, and images at the side
PITCH = 30  # pixels from one digit of the sheet to the next
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
        swapped: the layers, 0 to 2, that take their style from the side at first.
        psi: truncation, one of `PSIS`.
        noise: its strength, one of `NOISES`.
        more: whether truncation and noise can be moved.
    """

    def __init__(
        self,
        start: str = "linear",
        swapped: Collection[int] = (),
        psi: float = 1.0,
        noise: float = 1.0,
        more: bool = False,
    ):
        self._nets, self._scores = load_generators(), load_scores()
        self._classifier = load_classifier()
        self._mixed = lru_cache(maxsize=None)(self._mix)
        self._w = {name: self._sources(G) for name, G in self._nets.items()}
        self._mean = {name: mean_w(G) for name, G in self._nets.items()}
        self.panel = LivePanel(9.6, 4.3)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1.6, 1])))
        self.start = toggle_buttons(NETS, start)
        letters = [OTHER if layer in swapped else TOP for layer in range(len(LAYERS))]
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

    def _draw(self, sheet: Axes, bars: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        n = SIDE + 1
        self._sheet = plots.digits_sheet(sheet, np.zeros((n * n, 28, 28), np.uint8), n)
        sheet.text(-4, 14, "top →", ha="right", va="center", fontsize=12)
        sheet.text(-4, 3.5 * PITCH, "side", ha="right", va="center", fontsize=12)
        rules = [sheet.axhline(PITCH - 1.5, color="#333333", linewidth=1.5),
                 sheet.axvline(PITCH - 1.5, color="#333333", linewidth=1.5)]  # fmt: skip
        self._frames = sheet.add_collection(
            LineCollection([], colors=plots.GENERATED, linewidths=2, clip_on=False)
        )
        self._bars = bars.barh([name for name, _ in NETS], [0] * len(NETS), 0.5)
        bars.set(xlim=(0, 1), xlabel="share of 1,000 mixtures")
        bars.set_title("another digit than at the top", fontsize=12)
        bars.set_xticks([0, 0.5, 1])
        bars.invert_yaxis()
        self._values = [bars.text(0, i, "", va="center", fontsize=12) for i in range(len(NETS))]
        return [self._sheet, *rules, self._frames, *self._bars, *self._values]

    @property
    def styles(self) -> str:
        """A letter for each layer, as the switches stand."""
        return "".join(switch.value for switch in self.switches)

    def redraw(self) -> None:
        """Mix as the switches say, read the mixtures, and show what was counted of 1,000."""
        start, psi, strength = self.start.value, self.psi.value, self.noise.value
        sheet, changed = self._mixed(start, self.styles, psi, strength)
        self._sheet.set_data(255 - sheet)
        self._frames.set_segments([_frame(place) for place in np.flatnonzero(changed)])
        shares = {n: self._scores[n, self.styles, psi, strength].changed for _, n in NETS}
        for bar, value, (name, share) in zip(self._bars, self._values, shares.items(), strict=True):
            bar.set_width(share)
            bar.set_color(plots.GENERATED if name == start else "#777777")
            value.set_text(f"{share:.2f}")
            value.set_x(share + 0.02)
        self._tell(int(changed.sum()), shares)

    def _tell(self, n_changed: int, shares: dict[str, float]) -> None:
        whose = ["the side" if letter == OTHER else "the top" for letter in self.styles]
        told = (
            f"Styles of the three layers from {whose[0]}, {whose[1]}, {whose[2]}: "
            f"{n_changed} of these {SIDE * SIDE} mixtures are read as another digit than the one "
            f"at the top. Of 1,000 mixtures {shares['linear']:.0%} are with the linear start, and "
            f"{shares['constant']:.0%} with the constant start."
        )
        self.say(told)
        self.panel.redraw(
            "A row of five digits at the top, a column of five at the side, and their 25 mixtures, "
            "framed where the digit is another than at the top; beside them a bar for each net. "
            f"{told}"
        )

    @torch.no_grad()
    def _mix(self, start: str, styles: str, psi: float, strength: float) -> tuple:
        """Return the sheet, and which of its mixtures show another digit than at the top."""
        G, source, mean = self._nets[start], self._w[start], self._mean[start]
        w, noise = truncate(source["w"], mean, psi), strength * source["noise"]
        pairs = {TOP: w[:SIDE].repeat(SIDE, 1), OTHER: w[SIDE:].repeat_interleave(SIDE, 0)}
        ends = mixed(G, {TOP: w}, TOP * len(LAYERS), noise)
        images = mixed(G, pairs, styles, noise[:SIDE].repeat(SIDE, 1))
        read = self._classifier(torch.cat([ends[:SIDE], images])).argmax(dim=1)
        changed = read[SIDE:] != read[:SIDE].repeat(SIDE)
        return self._laid_out(ends, images), changed.numpy()

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
    """Return the corners of a frame around a mixture, by its place among the 25."""
    row, column = divmod(place, SIDE)
    left, top = PITCH * (1 + column) - 1.5, PITCH * (1 + row) - 1.5
    right, bottom = left + PITCH, top + PITCH
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _steps(description: str, options: tuple[float, ...], value: float) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(
        options=[(f"{option:g}", option) for option in options],
        value=value,
        description=description,
        layout={"width": "300px"},
        style={"description_width": "100px"},
    )
