"""Lesson 05's pages of `make demo`."""

from gan_lesson.data import two_bumps
from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_05.exercises import update_discriminator, update_generator
from gan_lesson.lessons.lesson_05.loop import LoopPlayer, loop_run
from gan_lesson.lessons.lesson_05.scene import LoopScene
from gan_lesson.player import SideBySide


def player() -> LoopPlayer:
    """Return the player of the loop, with the two steps that its learner writes."""
    return LoopPlayer(loop_run(update_discriminator, update_generator, _two_bumps()))


def in_turn_or_at_once() -> SideBySide:
    """Return two runs from one start: the players move in turn, or both at once."""
    in_turn = loop_run(update_discriminator, update_generator, _two_bumps())
    in_turn.lr_g = 0.01  # as fast as D
    at_once = in_turn.branch()
    at_once.simultaneous = True
    return SideBySide({"in turn": in_turn, "at once": at_once}, lambda: LoopScene(curves=False))


def _two_bumps():
    return two_bumps(means=(-1.5, 1.5), sd=0.6)


DEMONSTRATIONS = (
    Demonstration("training_loop", "The training loop", player, height=555, beside=True, dpi=120),
    Demonstration("at_once", "In turn, or both at once?", in_turn_or_at_once, height=520, dpi=118),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "toggle": "a run's settings count from the next step on",
}
