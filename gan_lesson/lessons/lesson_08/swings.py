"""A picture of lesson 08: how far G's mean swings from the data's, in several runs."""

from collections.abc import Mapping, Sequence

import numpy as np

from gan_lesson import plots
from gan_lesson.live import show_figure

_STYLES = (("#777777", ":", 2.2), ("#A66F00", "--", 1.6), ("#7B3294", "-", 2.2))
STEPS_APART = 3
FROM = 200  # the step from which the mean is taken


def show_swings(runs: Mapping[str, Sequence[float]]) -> None:
    """Draw each run's distances against the step, and print their means from step 200 on.

    Args:
        runs: at most three lists, by name: the distance at steps 3, 6, 9 and so on, units of x.
    """
    figure = plots.new_figure(7.6, 3.0)
    with plots.lesson_style():
        axes = figure.subplots()
    means = []
    for (name, found), (colour, line, width) in zip(runs.items(), _STYLES, strict=False):
        steps = STEPS_APART * np.arange(1, len(found) + 1)
        axes.plot(steps, found, line, color=colour, linewidth=width, label=name)
        means.append(f"{name}: {np.mean(np.asarray(found)[steps > FROM]):.2f}")
    axes.set(xlabel="step", ylabel="distance of G's mean\n(units of x)", ylim=(0, 0.6))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)
    told = f"Mean distance from step {FROM} on: {'; '.join(means)}."
    show_figure(figure, f"Distance of G's mean from the data's centre against the step. {told}")
    print(told)
