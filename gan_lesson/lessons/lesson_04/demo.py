"""Lesson 04's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_04.explorers import (
    FixedPointExplorer,
    RunsExplorer,
    TwoLossesExplorer,
)

DEMONSTRATIONS = (
    Demonstration(
        "two_losses", "Two generator losses", lambda: TwoLossesExplorer(s=-5), height=445
    ),
    Demonstration("far_start", "A race from far away", lambda: RunsExplorer(step=34)),
    Demonstration(
        "fixed_point", "Two resting places", lambda: FixedPointExplorer(step=200), height=510
    ),
)
