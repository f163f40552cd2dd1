"""Lesson 11, super-resolution: what its notebook imports."""

from gan_lesson.lessons.lesson_11.answers import AnswersExplorer
from gan_lesson.lessons.lesson_11.exercises import check_back_project, check_psnr
from gan_lesson.lessons.lesson_11.live_run import SuperResolutionPlayer
from gan_lesson.lessons.lesson_11.long_runs import LongRunsExplorer
from gan_lesson.lessons.lesson_11.plane import NearestExplorer
from gan_lesson.lessons.lesson_11.questions import (
    ask_claim_about_consistency,
    ask_claim_about_falling_psnr,
    ask_claim_about_psnr,
    ask_claim_about_ssim,
    ask_claim_about_three_decibels,
    ask_claim_about_twice,
    ask_claim_about_two_originals,
    ask_error_of_a_guess,
    ask_one_or_thirty,
    ask_where_the_dot_goes,
)
from gan_lesson.lessons.lesson_11.tradeoff import TradeoffExplorer

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "AnswersExplorer",
    "LongRunsExplorer",
    "NearestExplorer",
    "SuperResolutionPlayer",
    "TradeoffExplorer",
    "ask_claim_about_consistency",
    "ask_claim_about_falling_psnr",
    "ask_claim_about_psnr",
    "ask_claim_about_ssim",
    "ask_claim_about_three_decibels",
    "ask_claim_about_twice",
    "ask_claim_about_two_originals",
    "ask_error_of_a_guess",
    "ask_one_or_thirty",
    "ask_where_the_dot_goes",
    "check_back_project",
    "check_psnr",
]
