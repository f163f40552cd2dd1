"""Lesson 12's pages of `make demo`."""

from gan_lesson.data import load_digits
from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_12.live_run import StylePlayer
from gan_lesson.lessons.lesson_12.swapping import SwapExplorer
from gan_lesson.lessons.lesson_12.truncation import TruncationExplorer
from gan_lesson.recipes import style_trainer


def player() -> StylePlayer:
    """Return the player of a generator with styles, on the bundled digits."""
    return StylePlayer(style_trainer(load_digits().train.images, n_steps=20_000))


DEMONSTRATIONS = (
    Demonstration(
        "swap", "Who decides what?", lambda: SwapExplorer(swapped={1}, more=True), height=500
    ),
    Demonstration("truncation", "Three things called truncation", TruncationExplorer, height=480),
    Demonstration("styles_live", "A small StyleGAN learns", player, height=500),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {"toggle": "the share counts from the next step on"}
