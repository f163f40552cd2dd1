"""Explorer of lesson 13: what a training set is worth, and how many labels stand behind it."""

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import checks, plots
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_13.recorded import EACH, load_scores
from gan_lesson.live import LivePanel

# What the rows of the table are called, and how many labels from outside stand behind each.
ROWS = (
    ("1  the labelled digits alone", 0, plots.REAL),
    ("2  the same, shifted", 0, plots.REAL),
    ("3  + 3,000 of G, labelled by 2", 0, plots.GENERATED),
    ("4  + 3,000 real ones, labelled by 2", 0, plots.REAL),
    ("5  + 3,000 of G, labelled by X", 60_000, plots.GENERATED),
    ("6  + 3,000 asked of GAN Y", 0, plots.GENERATED),
    ("7  + 3,000 asked of GAN Z", 10_000, plots.GENERATED),
)


class AugmentationExplorer(Explorer):
    """Accuracy after training on each of seven sets, three draws of the labelled digits each.

    Args:
        each: labelled digits of each class, 3, 10 or 30.
        sets: how many of the seven are shown, 5 or more: the last two come from a GAN that one can
            ask.

    Raises:
        ValueError: `sets` is not from 5 to 7.
    """

    def __init__(self, each: int = 10, sets: int = 5):
        checks.count("sets", sets, least=5, most=len(ROWS))
        self.rows = ROWS[:sets]
        self.scores = load_scores().accuracy[:sets]
        self.panel = LivePanel(9.6, 0.9 + 0.43 * sets)
        with plots.lesson_style():
            axes, words = self.panel.figure.subplots(1, 2, width_ratios=[1, 0.2], sharey=True)
            self.panel.moving(self._draw(axes, words))
        self.each = widgets.SelectionSlider(
            options=[(str(each), each) for each in EACH], value=each,
            description="labels a class", style={"description_width": "110px"},
        )  # fmt: skip
        self.labellers = widgets.Checkbox(
            value=False, description="how many labels it took", indent=False
        )
        self.assemble([self.each, self.labellers])

    def _draw(self, axes: Axes, words: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        places = np.arange(len(self.rows))[::-1]
        words.set_axis_off()
        axes.set(xlim=(0.4, 1.0), ylim=(-0.6, len(self.rows) - 0.4))
        axes.set_yticks(places, [name for name, _, _ in self.rows])
        axes.set_xlabel("accuracy on 2,000 test digits")
        axes.tick_params(axis="y", length=0)
        self._dots, self._means, self._words = [], [], []
        for place, (_, _, colour) in zip(places, self.rows, strict=True):
            self._dots += axes.plot([], [], "o", color=colour, markersize=5)
            self._means += axes.plot([], [], "|", color=colour, markersize=22, markeredgewidth=3)
            self._words.append(words.text(0, place, "", va="center", fontsize=11))
        self._places = places
        self._head = words.text(0, len(places) - 0.4, "", va="bottom", fontsize=11)
        return [*self._dots, *self._means, *self._words, self._head]

    def redraw(self) -> None:
        """Put the dots and the means of the chosen number of labels."""
        accuracy = self.scores[:, EACH.index(self.each.value)]
        few, told = 10 * self.each.value, []
        for i, (name, outside, _) in enumerate(self.rows):
            place, mean = self._places[i], accuracy[i].mean()
            self._dots[i].set_data(accuracy[i], np.full(len(accuracy[i]), place))
            self._means[i].set_data([mean], [place])
            labels = f"{outside:,} + {few}" if outside else f"{few}"
            self._words[i].set_text(labels if self.labellers.value else f"{mean:.3f}")
            told.append(f"{name} {mean:.3f}")
        gain = accuracy[2].mean() - accuracy[1].mean()
        self.say(
            f"{few} labelled digits, three draws of them. Shifts bring "
            f"{100 * (accuracy[1] - accuracy[0]).mean():+.1f} points; to these, generated digits "
            f"with the net's own labels add {100 * gain:+.1f}.".replace("-", "−")
        )
        behind = "labels behind each set" if self.labellers.value else "means"
        self._head.set_text("labels" if self.labellers.value else "mean")
        self.panel.redraw(
            f"Accuracy after training on {len(self.rows)} sets, a dot for each of three draws and "
            f"a stroke for their mean, with the {behind}: {'; '.join(told)}."
        )
