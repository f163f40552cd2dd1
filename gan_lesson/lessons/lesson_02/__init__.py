"""Lesson 02, the value of the game: what its notebook imports."""

from gan_lesson.lessons.lesson_02.exercises import (
    check_gains,
    check_losses_of_d,
    check_simultaneous_step,
    check_value,
)
from gan_lesson.lessons.lesson_02.explorers import (
    CirclingExplorer,
    LedgerExplorer,
    PushForwardExplorer,
    SaddleExplorer,
)
from gan_lesson.lessons.lesson_02.games import overlap, saddle_game_slopes
from gan_lesson.lessons.lesson_02.questions import (
    ask_circling,
    ask_claim_about_gaussian_noise,
    ask_claim_about_maximising,
    ask_claim_about_the_label,
    ask_claim_about_two_generators,
    ask_first_term,
    ask_reach_of_a_line,
    ask_value_of_always_9,
)

__all__ = [
    "CirclingExplorer",
    "LedgerExplorer",
    "PushForwardExplorer",
    "SaddleExplorer",
    "ask_circling",
    "ask_claim_about_gaussian_noise",
    "ask_claim_about_maximising",
    "ask_claim_about_the_label",
    "ask_claim_about_two_generators",
    "ask_first_term",
    "ask_reach_of_a_line",
    "ask_value_of_always_9",
    "check_gains",
    "check_losses_of_d",
    "check_simultaneous_step",
    "check_value",
    "overlap",
    "saddle_game_slopes",
]
