"""Lesson 00's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_00.game import ForgeryGame

DEMONSTRATIONS = (
    Demonstration("forgery_game", "Real or forged? You play D", ForgeryGame, height=525),
)
