"""Lesson 15's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_15.circles import GamesOnAPoint
from gan_lesson.lessons.lesson_15.critic import CriticExplorer
from gan_lesson.lessons.lesson_15.playground import GamesPlayer
from gan_lesson.lessons.lesson_15.which_game import WhichGameExplorer

DEMONSTRATIONS = (
    Demonstration("critic", "D* goes flat far away, a critic does not", CriticExplorer, height=560),
    Demonstration("which_game", "Which game is this?", WhichGameExplorer, height=420),
    Demonstration("games", "Five games on one ring", GamesPlayer, height=430, dpi=110),
    Demonstration("games_on_a_point", "Five games on a point", GamesOnAPoint, height=470),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {"toggle": "a penalty and D's steps count from the next step on"}
