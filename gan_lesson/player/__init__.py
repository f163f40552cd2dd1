"""Watch and drive training without blocking the kernel: one run, several, or a page of its own."""

from gan_lesson.player.flip_book import flip_book
from gan_lesson.player.one import TrainingPlayer
from gan_lesson.player.scenes import CurvesScene, DigitsScene, Scene
from gan_lesson.player.together import SideBySide

__all__ = ["CurvesScene", "DigitsScene", "Scene", "SideBySide", "TrainingPlayer", "flip_book"]
