"""Explorer of lesson 15: five runs without names, and five games to match with them."""

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_15.circles import GAMES
from gan_lesson.lessons.lesson_15.recorded import PLAYED, load_curves
from gan_lesson.live import LivePanel
from gan_lesson.loss_families import chance_levels

ORDER = ("hinge", "wasserstein", "relativistic", "least_squares", "non_saturating")
RUNS = dict(zip("ABCDE", ORDER, strict=True))
FAMILY = {"non_saturating": "logistic"}
LATE = slice(-75, None)  # the last half of the run
HOW_TO_SEE = {
    "hinge": "D's loss is mostly below 2, G's loss is about minus the orange score, and "
    "scores cross 0.",
    "wasserstein": "D's loss, shown without its penalty, is the orange score minus the blue one. "
    "It is mostly below 0.",
    "relativistic": "Both losses lie around log 2, and only the difference of the scores counts.",
    "least_squares": "The scores lie around ½, and after the first steps D's loss is at most "
    "about ½.",
    "non_saturating": "D's answers are probabilities, and its loss lies near 2 log 2.",
}


def levels_of(game: str) -> dict[str, float]:
    """Return the chance levels of a game, by the names of a history's columns.

    Of the hinge game only D's loss has one: a D that gives one score c between -1 and 1 to
    everything pays 2 for any c, and G's loss is -c.
    """
    losses = "mean" if game == "relativistic" else "sum"
    levels = chance_levels(FAMILY.get(game, game), losses, "non_saturating")
    return {"loss_d": levels["loss_d"]} if game == "hinge" else levels


class WhichGameExplorer(Explorer):
    """The curves of a run; a guess draws the chance levels of the game that is guessed.

    Args:
        run: which run to start from, "A" to "E".
    """

    def __init__(self, run: str = "A"):
        self._curves = load_curves()
        self.panel = LivePanel(8.8, 3.4)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2)))
        self.run = toggle_buttons([(f"run {name}", name) for name in RUNS], run)
        options = [("no guess yet", "")] + [(GAMES[game], game) for game in PLAYED]
        self.guess = widgets.Dropdown(options=options, description="your guess")
        self._shown = None
        self.assemble([self.run, self.guess])

    def _draw(self, answers: Axes, losses: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        colours = (plots.REAL, plots.GENERATED, plots.DISCRIMINATOR, plots.GENERATED)
        names = ("of real samples", "of generated ones", "loss of D", "loss of G")
        axes = (answers, answers, losses, losses)
        self._lines = [
            ax.plot([], [], "-" if i in (0, 2) else "--", color=colours[i], label=names[i])[0]
            for i, ax in enumerate(axes)
        ]
        self._chance = [ax.plot([], [], color="#333333", linewidth=1.2)[0] for ax in axes]
        for ax, what in ((answers, "mean answer of D"), (losses, "loss")):
            ax.set(xlabel="step", ylabel=what, xlim=(0, float(self._curves.steps[-1])))
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        self._axes = axes
        return [*self._lines, *self._chance]

    def _rescale(self, numbers: np.ndarray) -> None:
        """Give both axes room for this run's curves, with all chance levels of its kind."""
        for columns, least in (((0, 1), (-0.1, 1.1)), ((2, 3), (-0.2, 2.2))):
            low, high = numbers[:, columns].min(), numbers[:, columns].max()
            room = 0.05 * (high - low)
            limits = min(low - room, least[0]), max(high + room, least[1])
            self._axes[columns[0]].set_ylim(limits)
        self.panel.invalidate()

    def redraw(self) -> None:
        """Show the run that is chosen, and judge the guess."""
        name, guess = self.run.value, self.guess.value
        game, steps = RUNS[name], self._curves.steps
        numbers = self._curves.numbers[PLAYED.index(game)]
        if name != self._shown:
            self._rescale(numbers)
            self._shown = name
        for line, values in zip(self._lines, numbers.T, strict=True):
            line.set_data(steps, values)
        levels = levels_of(guess) if guess else {}
        columns = ("d_real", "d_fake", "loss_d", "loss_g")
        for line, column in zip(self._chance, columns, strict=True):
            there = [levels[column]] * 2 if column in levels else []
            line.set_data([0, steps[-1]] if there else [], there)
        told = self.verdict(game, guess, numbers)
        self.say(told)
        real, fake, loss_d, loss_g = numbers[LATE].mean(axis=0)
        self.panel.redraw(
            f"Run {name}. In its second half D's mean answers are {real:.2f} to real and "
            f"{fake:.2f} to generated samples, D's loss is {loss_d:.2f}, G's {loss_g:.2f}. {told}"
        )

    @staticmethod
    def verdict(game: str, guess: str, numbers: np.ndarray) -> str:
        """Return what is said of a guess."""
        if not guess:
            return "Which game is this? Your guess draws the chance levels of that game in black."
        if guess == game:
            return f"Right: {GAMES[game]}. {HOW_TO_SEE[game]}"
        loss_d = numbers[LATE, 2].mean()
        level = levels_of(guess)["loss_d"]
        if guess == "wasserstein":
            return (
                f"No. There D's loss is the orange answer minus the blue one. Here D's loss is "
                f"{loss_d:.2f}, and this difference is "
                f"{numbers[LATE, 1].mean() - numbers[LATE, 0].mean():.2f}."
            )
        return (
            f"No. In the game “{GAMES[guess]}” D's chance level is {level:.2f}. Here D's loss is "
            f"near {loss_d:.2f}; look at the answers too."
        )
