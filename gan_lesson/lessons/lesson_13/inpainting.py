"""Explorer of lesson 13: hide a part of a digit, search z for what fits the rest, then look."""

from collections import Counter
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from torch import Tensor

from gan_lesson import plots
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.latent_search import fits_about_as_well, search_latent
from gan_lesson.lessons.kit.controls import button
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.named_sheet import NamedSheet
from gan_lesson.live import LivePanel
from gan_lesson.metrics import load_classifier
from gan_lesson.nearest_image import nearest_image
from gan_lesson.pretrained import load_digits_generator
from gan_lesson.shelter import same_arithmetic

N_STARTS = 16
N_STEPS = 120
TIMES, LEAST = (
    2**0.5,
    0.1,
)  # of the best misfit; a misfit that this G seldom reaches on whole digits
HIDDEN = np.array([168, 203, 228], np.uint8)  # pale blue: no ink and no paper is so


def mask_of(rows: int, columns: int) -> Tensor:
    """Return which pixels are seen, booleans (28, 28): all but the last rows and columns."""
    mask = torch.ones(28, 28, dtype=torch.bool)
    mask[28 - rows :] = False
    mask[:, 28 - columns :] = False
    return mask


class Answers(NamedTuple):
    """What a search found: images uint8 (n, 28, 28), digits read, misfits, and which fit; (n,)."""

    images: np.ndarray
    digits: np.ndarray
    misfit: np.ndarray
    fits: np.ndarray


def fill_in(x: Tensor, mask: Tensor, n_starts: int = N_STARTS, seed: int = 0) -> Answers:
    """Search z of lesson 06's generator for digits that agree with `x` where it is seen.

    Args:
        x: one digit, shape (1, 1, 28, 28).
        mask: which pixels are seen, booleans (28, 28), at least one.
        n_starts: how many searches.
        seed: start of their z.
    """
    G = load_digits_generator()
    with same_arithmetic(threads=1):
        found = search_latent(G, lambda image: image[..., mask], x[..., mask],
                              n_starts=n_starts, n_steps=N_STEPS, seed=seed)  # fmt: skip
        with torch.no_grad():
            digits = load_classifier()(found.images).argmax(dim=1).numpy()
    return Answers(tensor_to_images(found.images), digits, found.misfit, who_fits(found.misfit))


def who_fits(misfit: np.ndarray) -> np.ndarray:
    """Tell which answers fit: a squared misfit of at most twice the best's, or a misfit of 0.1.

    Args:
        misfit: shape (n,).
    """
    return fits_about_as_well(misfit, TIMES, LEAST)


def one_of_each() -> Tensor:
    """Return the first bundled test digit of each class, shape (10, 1, 28, 28)."""
    test = load_digits().test
    return torch.cat([test.images[test.labels == digit][:1] for digit in range(10)])


def counted(digits: np.ndarray) -> str:
    """Say how often each digit was read, the commonest first: "4 (9×), 9 (2×)"."""
    return ", ".join(f"{digit} ({n}×)" for digit, n in Counter(digits.tolist()).most_common())


class InpaintingExplorer(Explorer):
    """Sixteen digits that agree with what is seen of one; what was hidden is shown at the end.

    A search is started by a button, because it takes a fifth of a second; a new mask clears it.

    Args:
        digit: the class of the original, 0 to 9.
        rows: rows hidden, from below, 0 to 24.
        columns: columns hidden, from the right, 0 to 24.
        searched: whether the first search has been made already.
    """

    def __init__(self, digit: int = 4, rows: int = 14, columns: int = 0, searched: bool = True):
        self._x = one_of_each()
        self._answers: Answers | None = None
        self._seed = 0
        self.panel = LivePanel(9.6, 3.2)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1, 3.6])))
        self.digit = widgets.SelectionSlider(
            options=[(str(digit), digit) for digit in range(10)], value=digit, description="digit"
        )
        style = {"description_width": "110px"}
        self.rows, self.columns = (
            widgets.IntSlider(value=value, min=0, max=24, description=name, style=style)
            for name, value in (("rows hidden", rows), ("columns hidden", columns))
        )
        self.look = widgets.Checkbox(value=False, description="show what is hidden", indent=False)
        self.start = button("Search")
        self.start.on_click(lambda _: self.search())
        for control in (self.digit, self.rows, self.columns):
            control.observe(lambda _: self._forget(), "value")
        self.assemble([self.digit, self.rows, self.columns, self.start, self.look])
        if searched:
            self.search()

    def _draw(self, left: Axes, right: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        self._given = nearest_image(left, np.zeros((58, 28, 3), np.uint8))
        left.set_axis_off()
        for number, (name, colour) in enumerate((("given", "#333333"), ("original", plots.REAL))):
            left.text(-3, 14 + 30 * number, name, ha="right", va="center", fontsize=11,
                      color=plots.in_words(colour))  # fmt: skip
        title = "answers of the search, the best fit first, and what the classifier reads"
        self._sheet = NamedSheet(right, N_STARTS, title=title)
        return [self._given, *self._sheet.artists]

    @property
    def mask(self) -> Tensor:
        """Which pixels are seen, booleans (28, 28)."""
        return mask_of(self.rows.value, self.columns.value)

    def _forget(self) -> None:
        """Clear the answers: they were those to another question. A redraw follows."""
        with self.panel.lock:
            self._answers, self._seed = None, 0

    def search(self) -> None:
        """Search from sixteen starts, other ones at each press."""
        with self.panel.lock:
            x = self._x[self.digit.value : self.digit.value + 1]
            self._answers = fill_in(x, self.mask, seed=self._seed)
            self._seed += 1
            self.redraw()

    def redraw(self) -> None:
        """Show the seen part, the answers if there are any, and the original if it is asked for."""
        original = 255 - tensor_to_images(self._x[self.digit.value : self.digit.value + 1])[0]
        original = np.repeat(original[..., None], 3, axis=2)
        given = np.where(self.mask.numpy()[..., None], original, HIDDEN)
        below = original if self.look.value else np.broadcast_to(HIDDEN, original.shape)
        gap = np.full((2, 28, 3), 255, np.uint8)
        self._given.set_data(np.concatenate([given, gap, below]))
        told = self._show_answers()
        self.say(told)
        truth = f"a {self.digit.value}" if self.look.value else "still hidden"
        self.panel.redraw(
            f"A digit of which {self.rows.value} rows below and {self.columns.value} columns on "
            f"the right are hidden; the original is {truth}. Beside it sixteen answers of the "
            f"search, framed if they fit. {told}"
        )

    def _show_answers(self) -> str:
        """Put the answers on the sheet; return what is to be said of them."""
        found = self._answers
        if found is None:
            nothing = np.zeros((N_STARTS, 28, 28), np.uint8)
            self._sheet.show(nothing, [""] * N_STARTS, np.zeros(N_STARTS, bool))
            seen = int(self.mask.sum())
            return f"{seen} of 784 pixels are seen. Press “Search”."
        self._sheet.show(found.images, [str(read) for read in found.digits], found.fits)
        return (
            f"Start {self._seed}: the best misfit is {found.misfit[0]:.3f}. {found.fits.sum()} of "
            f"{N_STARTS} answers fit about as well; they are read as "
            f"{counted(found.digits[found.fits])}."
        )
