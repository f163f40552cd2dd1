"""Lesson 05, the training loop: what its notebook imports."""

from gan_lesson.lessons.lesson_05.exercises import (
    ask_at_once,
    ask_claim_about_fooling,
    ask_claim_about_losses,
    ask_detach,
    ask_frozen_generator,
    ask_reuse_z,
    check_frozen_forger,
    check_helpful_forger,
    check_paper,
    check_update_discriminator,
    check_update_generator,
    paper_sheet,
)
from gan_lesson.lessons.lesson_05.loop import LoopPlayer, loop_run
from gan_lesson.lessons.lesson_05.scene import LoopScene
from gan_lesson.lessons.lesson_05.sound import hear
from gan_lesson.lessons.lesson_05.state import game_state

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "LoopPlayer",
    "LoopScene",
    "ask_at_once",
    "ask_claim_about_fooling",
    "ask_claim_about_losses",
    "ask_detach",
    "ask_frozen_generator",
    "ask_reuse_z",
    "check_frozen_forger",
    "check_helpful_forger",
    "check_paper",
    "check_update_discriminator",
    "check_update_generator",
    "game_state",
    "hear",
    "loop_run",
    "paper_sheet",
]
