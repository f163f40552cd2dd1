"""Lesson 01's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer, SlopeExplorer

DEMONSTRATIONS = (
    Demonstration("log_loss", "What a prediction costs", LogLossExplorer, height=510),
    Demonstration("slopes", "Two slopes of one loss", lambda: SlopeExplorer(s=-4.0), height=525),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "Lock in": "the curve is kept as it is",
}
