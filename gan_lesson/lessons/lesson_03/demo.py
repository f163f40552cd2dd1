"""Lesson 03's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_03.distances import DistanceExplorer
from gan_lesson.lessons.lesson_03.explorers import (
    DensitiesExplorer,
    DuelExplorer,
    LogisticExplorer,
)

DEMONSTRATIONS = (
    Demonstration(
        "densities",
        "The best discriminator",
        lambda: DensitiesExplorer(mean=2.0),
        height=525,
        dpi=140,
    ),
    Demonstration(
        "logistic",
        "A trained D beside the best one",
        lambda: LogisticExplorer(mean=2.0, n=20, draw=1),
    ),
    Demonstration(
        "distances", "A distance that saturates", lambda: DistanceExplorer(mean=4.0), height=525
    ),
    Demonstration(
        "duel",
        "A duel for two at one keyboard",
        lambda: DuelExplorer(a=1.0, b=0.5, mean=3.0),
        height=440,
        dpi=120,
    ),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "Lock in": "the curve is kept as it is",
    "G plays": "G's sliders take the place of D's",
    "D plays": "D's sliders take the place of G's",
    "Keep this round": "the round goes into the table below",
    "New duel": "the table is emptied; densities and line stay",
}
