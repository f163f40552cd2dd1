"""Lesson 11's pages of `make demo`."""

from gan_lesson.data import load_digits
from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_11.answers import AnswersExplorer
from gan_lesson.lessons.lesson_11.live_run import SuperResolutionPlayer
from gan_lesson.lessons.lesson_11.long_runs import LongRunsExplorer
from gan_lesson.lessons.lesson_11.plane import NearestExplorer
from gan_lesson.lessons.lesson_11.recorded import load_generator
from gan_lesson.lessons.lesson_11.tradeoff import TradeoffExplorer
from gan_lesson.recipes import super_resolution_trainer


def player() -> SuperResolutionPlayer:
    """Return the player of the small SRGAN, from the shipped G, on the bundled digits."""
    trainer = super_resolution_trainer(
        load_digits().train.images, generator=load_generator(0), start_steps=0, n_steps=20_000
    )
    trainer.lr_d = 0.001
    return SuperResolutionPlayer(trainer)


DEMONSTRATIONS = (
    Demonstration("tradeoff", "The mean is near, the guess is real", TradeoffExplorer, height=500),
    Demonstration("nearest", "The mean of k digits, on the plane", NearestExplorer, height=520),
    Demonstration("super_resolution", "A small SRGAN walks on the plane", player, height=480),
    Demonstration(
        "long_runs", "Four weights of the adversarial loss", LongRunsExplorer, height=500
    ),
    Demonstration(
        "answers", "How many originals fit?", lambda: AnswersExplorer(size=2), height=440
    ),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {"toggle": "the weight counts from the next step on"}
