"""Lesson 12, style: what its notebook imports."""

from gan_lesson.lessons.lesson_12.diagram import show_generator
from gan_lesson.lessons.lesson_12.exercises import check_adain, check_truncate
from gan_lesson.lessons.lesson_12.live_run import StylePlayer
from gan_lesson.lessons.lesson_12.questions import (
    ask_claim_about_axes_of_w,
    ask_claim_about_coarse_and_fine,
    ask_claim_about_demodulation,
    ask_claim_about_mixing,
    ask_claim_about_one_convolution,
    ask_claim_about_truncation,
    ask_claim_about_y,
    ask_five_times,
    ask_which_layer,
)
from gan_lesson.lessons.lesson_12.swapping import SwapExplorer
from gan_lesson.lessons.lesson_12.truncation import TruncationExplorer

NEEDS_TORCH = True  # its explorers draw with networks

__all__ = [
    "StylePlayer",
    "SwapExplorer",
    "TruncationExplorer",
    "ask_claim_about_axes_of_w",
    "ask_claim_about_coarse_and_fine",
    "ask_claim_about_demodulation",
    "ask_claim_about_mixing",
    "ask_claim_about_one_convolution",
    "ask_claim_about_truncation",
    "ask_claim_about_y",
    "ask_five_times",
    "ask_which_layer",
    "check_adain",
    "check_truncate",
    "show_generator",
]
