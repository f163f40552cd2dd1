"""Explorer of lesson 14: what a detector looks at, and which images it is tested on."""

from functools import cache, lru_cache

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from torch import Tensor

from gan_lesson import plots
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.kit.controls import labelled, slider, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_14.detector import (
    FILES,
    GENERATORS,
    TRACES,
    as_saved,
    found,
    images_to_test,
    trace_detector,
    train_detector,
    training_images,
    uphill,
)
from gan_lesson.live import LivePanel
from gan_lesson.networks import Discriminator

NETWORK = "all pixels"
LOOKS = (*TRACES, NETWORK)
LANES = {"real": (1.0, plots.REAL, "o"), "generated": (0.0, plots.GENERATED, "^")}
PART = 50  # images that the network scores at a time
REACH = 1.15  # of the axis, in units of the score that 99 of 100 images stay below
ROUND = np.array([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10])  # numbers that an axis counts by


@cache
def network_detector() -> Discriminator:
    """Return a network that was trained as the lesson's cell does it."""
    return train_detector(*map(as_saved, training_images()))


class DetectorExplorer(Explorer):
    """Three detectors, two generators, four kinds of files, and an attack on the network.

    Args:
        detector: the network, trained on saved images; one is trained in 2 s if left out.
        looks_at: a name of `LOOKS`.
        generator: a name of `GENERATORS`.
        files: a name of `FILES`.
        attack: whether there is a slider for an attack on the network.
    """

    columns, gap = 6, 2

    def __init__(
        self,
        detector: Discriminator | None = None,
        looks_at: str = "exact paper",
        generator: str = "fully connected",
        files: str = "as computed",
        attack: bool = False,
    ):
        self._network = detector if detector is not None else network_detector()
        self._images = lru_cache(maxsize=None)(self._make_images)
        self._uphill = lru_cache(maxsize=None)(self._make_uphill)
        self._scores = lru_cache(maxsize=400)(self._make_scores)
        self.panel = LivePanel(9.6, 3.9)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1, 1.25])))
        self.looks_at = toggle_buttons(list(LOOKS), looks_at)
        self.generator = toggle_buttons([(f"{g} G", g) for g in GENERATORS], generator)
        self.files = toggle_buttons(list(FILES), files)
        self.epsilon = slider("attack ε", 0.0, 0.0, 0.2, 0.01)
        self._can_attack = attack
        last = [self.epsilon] if attack else []
        self.assemble([self.looks_at, self.generator, self.files, *last])
        rows = [
            labelled(word, buttons)
            for word, buttons in (
                ("looks at", self.looks_at),
                ("tested on", self.generator),
                ("files", self.files),
            )
        ]
        self.widget.children = (*rows, *last, *self.widget.children[1:])

    def _draw(self, sheet: Axes, lanes: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        blank = np.zeros((4 * self.columns, 28, 28), np.uint8)
        self._sheet = plots.digits_sheet(sheet, blank, self.columns)
        self._sheet.set_clim(0, 255)
        for row, (name, (_, colour, _)) in zip((29, 89), LANES.items(), strict=True):
            sheet.text(-3, row, name, rotation=90, ha="right", va="center", fontsize=11,
                       color=plots.in_words(colour))  # fmt: skip
        rng = np.random.default_rng(0)
        self._jitter = rng.uniform(-0.3, 0.3, 2000)
        self._dots, self._told = [], []
        for height, colour, mark in LANES.values():
            self._dots += lanes.plot([], [], mark, color=colour, markersize=2.6,
                                     markeredgewidth=0)  # fmt: skip
            self._told.append(lanes.text(REACH, height + 0.41, "", ha="right", va="center",
                                         fontsize=12, color=plots.in_words(colour)))  # fmt: skip
        self._told.append(lanes.text(-0.97 * REACH, 1.41, "", va="center", fontsize=12))
        lanes.axvline(0, color="#333333", linewidth=1.2)
        lanes.set(xlim=(-REACH, REACH), ylim=(-0.45, 1.6))
        lanes.set_yticks([0, 1], ["generated", "real"])
        lanes.set_xticks([0], [" "])  # room for the numbers, which move: each detector has its own
        lanes.set_xlabel("← called generated     score     called real →")
        below = {"transform": lanes.get_xaxis_transform(), "clip_on": False}
        self._ticks = lanes.plot([], [], "|", color="#333333", markersize=8, **below)
        self._numbers = [
            lanes.text(0, -0.025, "", fontsize=10, ha="center", va="top", **below) for _ in range(5)
        ]
        return [self._sheet, *self._dots, *self._told, *self._ticks, *self._numbers]

    def _count_by(self, scale: float) -> None:
        """Put five round numbers below the axis, whose unit of length is a score of `scale`."""
        power = 10.0 ** np.floor(np.log10(scale / 2))
        step = power * ROUND[ROUND <= scale / 2 / power + 1e-9].max()
        places = step * np.arange(-2, 3)
        self._ticks[0].set_data(places / scale, np.zeros(5))
        for number, place in zip(self._numbers, places, strict=True):
            number.set_x(place / scale)
            number.set_text(f"{place:g}".replace("-", "−"))

    def _make_images(self, generator: str, files: str) -> tuple[Tensor, Tensor]:
        """Return the test images, real and generated, as the detector gets them."""
        return tuple(FILES[files](x) for x in images_to_test(generator))

    def _make_uphill(self, *which) -> Tensor:
        """Return which way each pixel of the generated ones looks more real to the network."""
        return uphill(self._network, self._images(*which)[1])

    def _attacked(
        self, generator: str, files: str, epsilon: float, n: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the first `n` of each kind after the attack on the generated, saved again."""
        real, fake = (x[:n] for x in self._images(generator, files))
        if epsilon:
            fake = as_saved(fake + epsilon * self._uphill(generator, files)[:n])
        return real, fake

    @torch.no_grad()
    def _make_scores(self, look: str, *which) -> tuple[Tensor, Tensor]:
        """Return the logits of the real and of the generated test images."""
        real, fake = self._attacked(*which)
        if which[-1]:  # an attack leaves the real ones as they are
            return self._scores(look, *which[:-1], 0.0)[0], self._logits(look, fake)
        return self._logits(look, real), self._logits(look, fake)

    def prepare(self) -> None:
        """Find the scale of each detector, and score every attack on the files at hand."""
        self._scale = {look: self._scale_of(look) for look in LOOKS}
        steps = round(self.epsilon.max / self.epsilon.step)
        attacks = np.linspace(0, self.epsilon.max, steps + 1).round(2).tolist()
        for generator in GENERATORS if self._can_attack else ():
            for epsilon in attacks:
                self._scores(NETWORK, generator, self.files.value, epsilon)

    def _logits(self, look: str, x: Tensor) -> Tensor:
        """Return a detector's logits, shape (n,); images in parts, which stay in the cache."""
        detector = self._network if look == NETWORK else trace_detector(look)
        return torch.cat([detector.logits(part).double().flatten() for part in x.split(PART)])

    def _scale_of(self, look: str) -> float:
        """Return the score that 99 of 100 images as the detector knows them stay below."""
        files = "saved" if look == NETWORK else TRACES[look][1]
        scores = torch.cat(self._scores(look, "fully connected", files, 0.0)).abs()
        return float(scores.quantile(0.99))

    def redraw(self) -> None:
        """Score the chosen images by the chosen detector, and show both."""
        look, files = self.looks_at.value, self.files.value
        self.epsilon.disabled = look != NETWORK
        epsilon = self.epsilon.value if look == NETWORK else 0.0
        which = self.generator.value, files, round(epsilon, 2)
        sheet = tensor_to_images(torch.cat(self._attacked(*which, 2 * self.columns)))
        self._sheet.set_data(255 - plots.tile(sheet, self.columns, gap=self.gap, background=0))
        scores = self._scores(look, *which)
        for dots, (height, _, _), row in zip(self._dots, LANES.values(), scores, strict=True):
            x = (row.numpy() / self._scale[look]).clip(-REACH * 0.97, REACH * 0.97)
            dots.set_data(x, height + self._jitter[: len(x)])
        got = found(*scores)
        self._count_by(self._scale[look])
        self._told[0].set_text(f"{got.real_right:.0%} called real")
        self._told[1].set_text(f"{got.caught:.0%} caught")
        self._told[2].set_text(f"AUC {got.auc:.2f}")
        attack = f", attacked with ε = {epsilon:.2f}" if self._can_attack else ""
        told = (
            f"{look.capitalize()}, files {files}{attack}: {got.real_right:.0%} of the real digits "
            f"are called real, {got.caught:.0%} of the {self.generator.value} G's are caught. "
            f"Accuracy {got.accuracy:.0%}, AUC {got.auc:.2f}."
        )
        self.say(told)
        self.panel.redraw(
            "Twelve real and twelve generated digits as the detector gets them; beside them its "
            f"scores of 500 of each kind, with the threshold. {told}"
        )
