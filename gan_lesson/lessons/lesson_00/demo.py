"""Lesson 00's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_00.game import ForgeryGame

DEMONSTRATIONS = (
    Demonstration("forgery_game", "Real or forged? You play D", ForgeryGame, height=525),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "P(real)": "an answer changes its price, in words; the picture waits for the lock",
}
