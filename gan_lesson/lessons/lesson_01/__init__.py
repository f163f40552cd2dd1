"""Lesson 01, coin flips and log-loss: what its notebook imports."""

from gan_lesson.lessons.lesson_01.exercises import (
    check_bce,
    check_bce_with_logits,
    check_slope_in_logit,
)
from gan_lesson.lessons.lesson_01.explorers import (
    LogLossExplorer,
    SlopeExplorer,
    show_likelihood,
)
from gan_lesson.lessons.lesson_01.questions import (
    ask_bceloss_at_20,
    ask_claim_about_one_half,
    ask_claim_about_the_maximum,
    ask_claim_about_the_sign,
    ask_how_much_dearer,
    ask_slope_in_logit,
)

__all__ = [
    "LogLossExplorer",
    "SlopeExplorer",
    "ask_bceloss_at_20",
    "ask_claim_about_one_half",
    "ask_claim_about_the_maximum",
    "ask_claim_about_the_sign",
    "ask_how_much_dearer",
    "ask_slope_in_logit",
    "check_bce",
    "check_bce_with_logits",
    "check_slope_in_logit",
    "show_likelihood",
]
