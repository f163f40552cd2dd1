"""Lesson 07's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_07.playground import Playground, TwoRuns

DEMONSTRATIONS = (
    Demonstration(
        "playground",
        "A playground in two dimensions",
        lambda: Playground("wide ring"),
        height=440,
        beside=True,
        dpi=110,
    ),
    Demonstration(
        "two_runs",
        "Two runs, one thing changed",
        lambda: TwoRuns("wide ring"),
        height=430,
        beside=True,
        dpi=117,
    ),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "toggle": "a setting counts from the next step on, or other controls are shown",
    **dict.fromkeys(
        ("R1, γ", "R2, γ", "batch", "D steps", "rate of D", "rate of G"),
        "a setting counts from the next step on",
    ),
}
