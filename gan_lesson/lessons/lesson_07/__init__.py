"""Lesson 07, a playground in two dimensions: what its notebook imports."""

from gan_lesson.lessons.lesson_07.exercises import (
    ask_better_than_perfect,
    ask_claim_about_error_metrics,
    ask_claim_about_one_half,
    ask_claim_about_seeing_the_data,
    ask_flat_d,
    ask_g_alone,
    ask_modes_of_hasty_g,
    ask_modes_of_noise,
    ask_modes_of_the_circle,
    ask_share_left,
    check_cheat_covariance,
    check_cheat_fair_shares,
    check_cheat_jsd,
    check_cheat_modes,
    check_cheat_quality,
    check_cheat_reverse_kl,
    check_gamma_that_keeps,
    circle,
    judge,
    one_mode,
    perfect_sampler,
    points_on_centres,
    uniform_noise,
)
from gan_lesson.lessons.lesson_07.plane import hills, logits_on_square
from gan_lesson.lessons.lesson_07.playground import Playground, TwoRuns
from gan_lesson.lessons.lesson_07.scores import scored_samples
from gan_lesson.lessons.lesson_07.smoothing import penalised_logit

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "Playground",
    "TwoRuns",
    "ask_better_than_perfect",
    "ask_claim_about_error_metrics",
    "ask_claim_about_one_half",
    "ask_claim_about_seeing_the_data",
    "ask_flat_d",
    "ask_g_alone",
    "ask_modes_of_hasty_g",
    "ask_modes_of_noise",
    "ask_modes_of_the_circle",
    "ask_share_left",
    "check_cheat_covariance",
    "check_cheat_fair_shares",
    "check_cheat_jsd",
    "check_cheat_modes",
    "check_cheat_quality",
    "check_cheat_reverse_kl",
    "check_gamma_that_keeps",
    "circle",
    "hills",
    "judge",
    "logits_on_square",
    "one_mode",
    "penalised_logit",
    "perfect_sampler",
    "points_on_centres",
    "scored_samples",
    "uniform_noise",
]
