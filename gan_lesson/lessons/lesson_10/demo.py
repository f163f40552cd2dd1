"""Lesson 10's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_10.pictures import recovery
from gan_lesson.lessons.lesson_10.ward import Ward

DEMONSTRATIONS = (
    Demonstration("ward", "What is wrong with this run?", lambda: Ward(0), height=430),
    Demonstration(
        "recovery",
        "A patient and the repaired loop",
        lambda: recovery("mode collapse"),
        height=520,
        dpi=115,
    ),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "menu": "a diagnosis is scored when it is decided",
    "how sure": "a diagnosis is scored when it is decided",
    "Decide": "the score is told in words",
}
