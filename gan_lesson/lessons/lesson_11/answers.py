"""Explorer of lesson 11: sixteen digits that a search in z found for one small image."""

from functools import lru_cache
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.latent_search import fits_about_as_well
from gan_lesson.lessons.kit.controls import toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.named_sheet import NamedSheet
from gan_lesson.lessons.lesson_11.recorded import load_answers
from gan_lesson.live import LivePanel
from gan_lesson.metrics import load_classifier
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.super_resolution import enlarge, shrink


class Shown(NamedTuple):
    """What one search found: images uint8 (16, 28, 28), digits as read, misfits, and who fits."""

    images: np.ndarray
    digits: np.ndarray
    misfit: np.ndarray
    fits: np.ndarray


class AnswersExplorer(Explorer):
    """Sixteen answers that were searched for one small image, the best fit first.

    Args:
        digit: the class of the original, 0 to 9.
        size: pixels along an edge of the small image, 7, 4 or 2.
    """

    def __init__(self, digit: int = 4, size: int = 7):
        self._answers = load_answers()
        self._x = load_digits().test.images[torch.from_numpy(self._answers.rows)]
        self._generator, self._classifier = load_digits_generator(), load_classifier()
        self._found = lru_cache(maxsize=None)(self._look)
        self.panel = LivePanel(9.6, 3.2)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1, 3.6])))
        sizes = [(f"{s} × {s} pixels", int(s)) for s in self._answers.sizes]
        self.size = toggle_buttons(sizes, size)
        self.digit = widgets.SelectionSlider(
            options=[(str(digit), digit) for digit in range(10)], value=digit, description="digit"
        )
        self.assemble([self.size, self.digit])

    def _draw(self, left: Axes, right: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        pair = np.zeros((2, 28, 28), np.uint8)
        self._pair = plots.digits_sheet(left, pair, 1)
        for number, (name, colour) in enumerate((("given", "#333333"), ("original", plots.REAL))):
            left.text(-3, 14 + 30 * number, name, ha="right", va="center", fontsize=11,
                      color=plots.in_words(colour))  # fmt: skip
        title = "answers of the search, and what the classifier reads"
        self._sheet = NamedSheet(right, 16, title=title)
        return [self._pair, *self._sheet.artists]

    @torch.no_grad()
    def _look(self, digit: int, size: int) -> Shown:
        """Return what the search found for one digit and size."""
        column = list(self._answers.sizes).index(size)
        images = self._generator(torch.from_numpy(self._answers.z[digit, column]))
        gap = shrink(images, size) - shrink(self._x[digit : digit + 1], size)
        misfit = gap.square().mean(dim=(1, 2, 3)).sqrt().double().numpy()
        order = misfit.argsort()  # rounding for the file has changed the smallest ones a little
        digits = self._classifier(images).argmax(dim=1).numpy()[order]
        fits = fits_about_as_well(misfit[order])
        return Shown(tensor_to_images(images)[order], digits, misfit[order], fits)

    def redraw(self) -> None:
        """Show the answers to the chosen small image."""
        digit, size = self.digit.value, self.size.value
        found, x = self._found(digit, size), self._x[digit : digit + 1]
        pair = tensor_to_images(torch.cat([enlarge(shrink(x, size)), x]))
        self._pair.set_data(255 - plots.tile(pair, 1, background=0))
        self._sheet.show(found.images, [str(read) for read in found.digits], found.fits)
        read = sorted(set(found.digits[found.fits].tolist()))
        count, digits = int(found.fits.sum()), ", ".join(map(str, read))
        all_read = f"{len(read)} different digits: {digits}" if len(read) > 1 else f"a {digits}"
        told = (
            f"Given {size} × {size} pixels of a {digit}: {count} of 16 answers fit about as well "
            f"as the best, whose misfit is {found.misfit.min():.3f}. They are read as "
            f"{all_read}."
        )
        self.say(told)
        self.panel.redraw(
            "The small image and its original; beside them sixteen answers of the search, the best "
            f"fit first, with what the classifier reads, framed if they fit. {told}"
        )
