"""Lesson 15, other games: what its notebook imports."""

from gan_lesson.lessons.lesson_15.circles import GamesOnAPoint
from gan_lesson.lessons.lesson_15.critic import CriticExplorer
from gan_lesson.lessons.lesson_15.dirac import Dirac, play
from gan_lesson.lessons.lesson_15.exercises import check_chance, check_w1
from gan_lesson.lessons.lesson_15.playground import GamesPlayer
from gan_lesson.lessons.lesson_15.questions import (
    ask_claim_about_clipping,
    ask_claim_about_collapse,
    ask_claim_about_hinge,
    ask_claim_about_least_squares,
    ask_claim_about_negative_loss,
    ask_claim_about_quality,
    ask_claim_about_sigmoid,
    ask_claim_about_training_to_the_end,
    ask_floor,
    ask_invented_table,
    ask_loss_or_penalty,
    ask_wasserstein_in_turn,
)
from gan_lesson.lessons.lesson_15.table import show_games_on_digits, show_published, show_table
from gan_lesson.lessons.lesson_15.transport import best_critic, w1_of_densities
from gan_lesson.lessons.lesson_15.which_game import WhichGameExplorer

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "CriticExplorer",
    "Dirac",
    "GamesOnAPoint",
    "GamesPlayer",
    "WhichGameExplorer",
    "ask_claim_about_clipping",
    "ask_claim_about_collapse",
    "ask_claim_about_hinge",
    "ask_claim_about_least_squares",
    "ask_claim_about_negative_loss",
    "ask_claim_about_quality",
    "ask_claim_about_sigmoid",
    "ask_claim_about_training_to_the_end",
    "ask_floor",
    "ask_invented_table",
    "ask_loss_or_penalty",
    "ask_wasserstein_in_turn",
    "best_critic",
    "check_chance",
    "check_w1",
    "play",
    "show_games_on_digits",
    "show_published",
    "show_table",
    "w1_of_densities",
]
