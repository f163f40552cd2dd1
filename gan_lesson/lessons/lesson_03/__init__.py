"""Lesson 03, the best discriminator: what its notebook imports."""

from gan_lesson.lessons.lesson_03.distances import DistanceExplorer
from gan_lesson.lessons.lesson_03.exercises import (
    check_d_star,
    check_forge,
    check_jsd,
)
from gan_lesson.lessons.lesson_03.explorers import (
    DensitiesExplorer,
    DuelExplorer,
    LogisticExplorer,
)
from gan_lesson.lessons.lesson_03.questions import (
    ask_auc_at_chance_loss,
    ask_claim_about_comparing,
    ask_claim_about_overlap,
    ask_claim_about_winning,
    ask_curve_of_d_star,
    ask_d_star_at_90_percent,
    ask_jsd_far_away,
    ask_move_against_one_half,
)

__all__ = [
    "DensitiesExplorer",
    "DistanceExplorer",
    "DuelExplorer",
    "LogisticExplorer",
    "ask_auc_at_chance_loss",
    "ask_claim_about_comparing",
    "ask_claim_about_overlap",
    "ask_claim_about_winning",
    "ask_curve_of_d_star",
    "ask_d_star_at_90_percent",
    "ask_jsd_far_away",
    "ask_move_against_one_half",
    "check_d_star",
    "check_forge",
    "check_jsd",
]
