"""Lesson 05, the training loop: what its notebook imports."""

from gan_lesson.lessons.lesson_05.exercises import (
    check_frozen_forger,
    check_helpful_forger,
    check_update_discriminator,
    check_update_generator,
    update_discriminator,
    update_generator,
)
from gan_lesson.lessons.lesson_05.loop import LoopPlayer, loop_run
from gan_lesson.lessons.lesson_05.paper import check_paper, paper_sheet
from gan_lesson.lessons.lesson_05.questions import (
    ask_at_once,
    ask_claim_about_detach,
    ask_claim_about_fooling,
    ask_claim_about_losses,
    ask_step_d,
)
from gan_lesson.lessons.lesson_05.scene import LoopScene
from gan_lesson.lessons.lesson_05.sound import hear
from gan_lesson.lessons.lesson_05.state import game_state

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "LoopPlayer",
    "LoopScene",
    "ask_at_once",
    "ask_claim_about_detach",
    "ask_claim_about_fooling",
    "ask_claim_about_losses",
    "ask_step_d",
    "check_frozen_forger",
    "check_helpful_forger",
    "check_paper",
    "check_update_discriminator",
    "check_update_generator",
    "game_state",
    "hear",
    "loop_run",
    "paper_sheet",
    "update_discriminator",
    "update_generator",
]
