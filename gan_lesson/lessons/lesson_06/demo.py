"""Lesson 06's pages of `make demo`."""

from collections.abc import Callable

from gan_lesson.data import load_digits
from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_06.latent import LatentCoordinate, LatentSlice, LatentWalk
from gan_lesson.lessons.lesson_06.timeline import TimelineExplorer, digits_player
from gan_lesson.player import TrainingPlayer
from gan_lesson.pretrained import load_digits_generator, load_digits_timeline
from gan_lesson.recipes import fully_connected_trainer


def player() -> TrainingPlayer:
    """Return the player of the fully connected recipe, on the bundled digits."""
    images = load_digits().train.images
    return digits_player(fully_connected_trainer(images, n_steps=20_000))


def timeline() -> TimelineExplorer:
    """Return the time-line of the run that ships."""
    return TimelineExplorer(load_digits_timeline())


def latent(explorer: type) -> Callable:
    """Return a function that makes one of the explorers of the generator that ships."""
    return lambda: explorer(load_digits_generator())


DEMONSTRATIONS = (
    Demonstration("digits", "Two networks learn to draw digits", player, height=520),
    Demonstration("timeline", "The same noise, from step to step", timeline, height=560),
    Demonstration("latent_walk", "A walk in the latent space", latent(LatentWalk)),
    Demonstration("latent_slice", "A slice of the latent space", latent(LatentSlice), height=515),
    Demonstration("latent_coordinate", "One coordinate of the noise", latent(LatentCoordinate)),
)
