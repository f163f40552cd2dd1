"""Lesson 08's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_08.explorers import DiracExplorer

DEMONSTRATIONS = (
    Demonstration(
        "why_it_circles",
        "Why training circles",
        lambda: DiracExplorer(order="simultaneous", h=0.2),
        height=440,
    ),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "toggle": "other sliders are shown",
}
