"""Lesson 09's pages of `make demo`."""

from gan_lesson.data import load_digits
from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_09.explorers import (
    CheckerboardExplorer,
    ConvolutionExplorer,
    RaceExplorer,
)
from gan_lesson.player import DigitsScene, TrainingPlayer
from gan_lesson.recipes import convolutional_trainer


def player() -> TrainingPlayer:
    """Return the player of the convolutional recipe, on the bundled digits."""
    images = load_digits().train.images
    return TrainingPlayer(convolutional_trainer(images, n_steps=20_000), DigitsScene())


DEMONSTRATIONS = (
    Demonstration(
        "convolution",
        "What a convolution computes",
        lambda: ConvolutionExplorer(place=2),
        height=520,
    ),
    Demonstration(
        "checkerboard",
        "Where checkerboards come from",
        lambda: CheckerboardExplorer(kernel=3, stride=2),
        height=520,
    ),
    Demonstration("convolutional_digits", "Digits by convolutions", player, height=520),
    Demonstration("race", "The same seconds, twice", RaceExplorer, height=525),
)
