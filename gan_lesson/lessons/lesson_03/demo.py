"""Lesson 03's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_03.explorers import (
    DensitiesExplorer,
    DistanceExplorer,
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
