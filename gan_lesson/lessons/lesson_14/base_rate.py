"""Explorer of lesson 14: how many of those whom a detector accuses are innocent."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import checks, plots
from gan_lesson.lessons.kit.controls import option_slider, slider
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.live import LivePanel

SHARES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
N = 1000  # images
COLUMNS = 50


def share_of_accused(caught: float, accused: float, share: float) -> float:
    """Return the share of the accused images that are generated (Bayes' rule).

    Args:
        caught: share of the generated images that the detector accuses.
        accused: share of the real images that it accuses, wrongly.
        share: share of generated images among all.

    Raises:
        ValueError: a share is outside [0, 1], or nothing at all is accused.
    """
    for name, value in (("caught", caught), ("accused", accused), ("share", share)):
        checks.probabilities(name, value)
    all_accused = share * caught + (1 - share) * accused
    if not all_accused > 0:
        raise ValueError("nothing is accused; one of the products must be positive")
    return share * caught / all_accused


class BaseRateExplorer(Explorer):
    """A thousand images that a detector has judged, one dot each.

    Args:
        share: of generated images among all.
        caught: share of the generated ones that are accused.
        accused: share of the real ones that are accused, wrongly.
    """

    def __init__(self, share: float = 0.5, caught: float = 0.9, accused: float = 0.05):
        self.panel = LivePanel(9.2, 3.3)
        with plots.lesson_style():
            self.panel.moving(self._draw(self.panel.figure.subplots()))
        self.share = option_slider("generated", SHARES, share)
        self.caught = slider("caught", caught, 0.05, 1.0, 0.05)
        self.accused = slider("accused", accused, 0.0, 0.2, 0.01)
        self.assemble([self.share, self.caught, self.accused])

    def _draw(self, axes: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        looks = (
            ("generated, accused", "^", plots.GENERATED, plots.GENERATED),
            ("generated, missed", "^", "none", plots.GENERATED),
            ("real, accused", "o", plots.REAL, plots.REAL),
            ("real, left alone", "o", "none", "#5f86a1"),
        )
        self._dots = [
            axes.plot([], [], mark, markersize=6, markerfacecolor=face, markeredgecolor=edge,
                      label=name)[0]
            for name, mark, face, edge in looks
        ]  # fmt: skip
        axes.set(xlim=(-1, COLUMNS), ylim=(N / COLUMNS, -1))
        axes.set_axis_off()
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, borderaxespad=0.1,
                    handletextpad=0.2)  # fmt: skip
        return self._dots

    def counts(self) -> tuple[int, int, int, int]:
        """Return how many of the thousand are of each kind, in the legend's order."""
        n_fake = round(N * self.share.value)
        hit = round(n_fake * self.caught.value)
        wrong = round((N - n_fake) * self.accused.value)
        return hit, n_fake - hit, wrong, N - n_fake - wrong

    def redraw(self) -> None:
        """Lay out the thousand dots, the generated ones first."""
        first, counts = 0, self.counts()
        for dots, count in zip(self._dots, counts, strict=True):
            place = np.arange(first, first + count)
            dots.set_data(place % COLUMNS, place // COLUMNS)
            first += count
        hit, missed, wrong, _ = counts
        told = (
            f"Of 1,000 images {hit + missed} are generated. {hit} of them and {wrong} real ones "
            f"are accused."
        )
        if self.caught.value * self.share.value + self.accused.value:
            right = share_of_accused(self.caught.value, self.accused.value, self.share.value)
            told += f" In the long run {right:.1%} of the accused are generated."
        self.say(told)
        self.panel.redraw(f"A thousand dots, one for each image. {told}")
