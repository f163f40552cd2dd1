"""Lesson 00, the forgery game: what its notebook imports."""

from gan_lesson.lessons.lesson_00.exercises import (
    check_expected_penalty,
    check_penalty,
    check_running_mean,
)
from gan_lesson.lessons.lesson_00.forgeries import (
    DETECTIVES,
    STAGES,
    accuracy,
    detective_score,
    load_forgeries,
)
from gan_lesson.lessons.lesson_00.game import ForgeryGame
from gan_lesson.lessons.lesson_00.pool import pool_answers
from gan_lesson.lessons.lesson_00.questions import (
    ask_always_half,
    ask_autograd,
    ask_chain_rule,
    ask_claim_about_being_wrong,
    ask_claim_about_deciding,
    ask_claim_about_labels,
    ask_examiner,
    ask_expectation,
    ask_logarithm,
    ask_sure_and_mostly_right,
)

__all__ = [
    "DETECTIVES",
    "STAGES",
    "ForgeryGame",
    "accuracy",
    "ask_always_half",
    "ask_autograd",
    "ask_chain_rule",
    "ask_claim_about_being_wrong",
    "ask_claim_about_deciding",
    "ask_claim_about_labels",
    "ask_examiner",
    "ask_expectation",
    "ask_logarithm",
    "ask_sure_and_mostly_right",
    "check_expected_penalty",
    "check_penalty",
    "check_running_mean",
    "detective_score",
    "load_forgeries",
    "pool_answers",
]
