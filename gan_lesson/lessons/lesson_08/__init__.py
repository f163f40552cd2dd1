"""Lesson 08, why training circles: what its notebook imports."""

from gan_lesson.lessons.lesson_08.dirac import DiracGAN, eigenvalues, largest_step, play, rate
from gan_lesson.lessons.lesson_08.exercises import (
    check_alternating_step,
    check_largest_h,
    check_simultaneous_step,
)
from gan_lesson.lessons.lesson_08.explorers import DiracExplorer
from gan_lesson.lessons.lesson_08.questions import (
    ask_claim_about_r1,
    ask_claim_about_small_steps,
    ask_claim_about_taking_turns,
    ask_limit_cycle,
    ask_rest,
    ask_smallest_gamma,
)
from gan_lesson.lessons.lesson_08.swings import show_swings

__all__ = [
    "DiracExplorer",
    "DiracGAN",
    "ask_claim_about_r1",
    "ask_claim_about_small_steps",
    "ask_claim_about_taking_turns",
    "ask_limit_cycle",
    "ask_rest",
    "ask_smallest_gamma",
    "check_alternating_step",
    "check_largest_h",
    "check_simultaneous_step",
    "eigenvalues",
    "largest_step",
    "play",
    "rate",
    "show_swings",
]
