"""Lesson 08, why training circles: what its notebook imports."""

from gan_lesson.lessons.lesson_08.dirac import DiracGAN, eigenvalues, largest_step, play, rate
from gan_lesson.lessons.lesson_08.exercises import (
    check_alternating_step,
    check_d_pull_with_r1,
    check_largest_h,
    check_modulus,
    check_simultaneous_step,
)
from gan_lesson.lessons.lesson_08.explorers import DiracExplorer
from gan_lesson.lessons.lesson_08.questions import (
    ask_half_everywhere,
    ask_halving,
    ask_limit_cycle,
    ask_more_gamma,
    ask_rest,
    ask_small_learning_rate,
    ask_smallest_gamma,
)

__all__ = [
    "DiracExplorer",
    "DiracGAN",
    "ask_half_everywhere",
    "ask_halving",
    "ask_limit_cycle",
    "ask_more_gamma",
    "ask_rest",
    "ask_small_learning_rate",
    "ask_smallest_gamma",
    "check_alternating_step",
    "check_d_pull_with_r1",
    "check_largest_h",
    "check_modulus",
    "check_simultaneous_step",
    "eigenvalues",
    "largest_step",
    "play",
    "rate",
]
