"""Lesson 13's pages of `make demo`."""

from gan_lesson.data import load_digits
from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_13.asked import AskedPlayer
from gan_lesson.lessons.lesson_13.augmentation import AugmentationExplorer
from gan_lesson.lessons.lesson_13.inpainting import InpaintingExplorer
from gan_lesson.lessons.lesson_13.plane import TranslationPlayer
from gan_lesson.recipes import conditional_trainer


def player() -> AskedPlayer:
    """Return the player of the conditional GAN, on the bundled digits."""
    digits = load_digits().train
    return AskedPlayer(conditional_trainer(digits.images, digits.labels, n_steps=6000))


DEMONSTRATIONS = (
    Demonstration("inpainting", "What stands behind the mask?", InpaintingExplorer, height=430),
    Demonstration("augmentation", "Which training set helps?", AugmentationExplorer, height=470),
    Demonstration("asked", "A generator that one can ask", player, height=480),
    Demonstration(
        "translation", "Translation without pairs", TranslationPlayer, height=430, dpi=115
    ),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {
    "toggle": "what helps counts from the first step on",
    "Lock in": "the curve is kept as it is",
}
