"""Lesson 07, a playground in two dimensions: what its notebook imports."""

from gan_lesson.lessons.lesson_07.exercises import (
    check_cheat_covariance,
    check_cheat_jsd,
    check_cheat_modes,
    check_cheat_quality,
    check_gamma_that_keeps,
)
from gan_lesson.lessons.lesson_07.plane import hills
from gan_lesson.lessons.lesson_07.playground import Playground, TwoRuns
from gan_lesson.lessons.lesson_07.questions import (
    ask_claim_about_better_than_perfect,
    ask_claim_about_one_place,
    ask_claim_about_seeing_the_data,
    ask_claim_about_the_circle,
    ask_flat_d,
    ask_modes_of_hasty_g,
    ask_share_left,
)
from gan_lesson.lessons.lesson_07.samplers import (
    circle,
    judge,
    perfect_sampler,
    show_scores,
    uniform_noise,
)
from gan_lesson.lessons.lesson_07.scores import report, scored_samples
from gan_lesson.lessons.lesson_07.smoothing import penalised_logit
from gan_lesson.player.plane import logits_on_square

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "Playground",
    "TwoRuns",
    "ask_claim_about_better_than_perfect",
    "ask_claim_about_one_place",
    "ask_claim_about_seeing_the_data",
    "ask_claim_about_the_circle",
    "ask_flat_d",
    "ask_modes_of_hasty_g",
    "ask_share_left",
    "check_cheat_covariance",
    "check_cheat_jsd",
    "check_cheat_modes",
    "check_cheat_quality",
    "check_gamma_that_keeps",
    "circle",
    "hills",
    "judge",
    "logits_on_square",
    "penalised_logit",
    "perfect_sampler",
    "report",
    "scored_samples",
    "show_scores",
    "uniform_noise",
]
