"""Lesson 04, two generator losses: what its notebook imports."""

from gan_lesson.lessons.lesson_04.descent import descend, generator_slopes_on_grid
from gan_lesson.lessons.lesson_04.exercises import (
    check_generator_step_loss,
    check_ratio,
    check_saturating_slope,
)
from gan_lesson.lessons.lesson_04.explorers import (
    FixedPointExplorer,
    RunsExplorer,
    TwoLossesExplorer,
)
from gan_lesson.lessons.lesson_04.questions import (
    ask_adam_rescue,
    ask_claim_about_the_gradient,
    ask_claim_about_the_same_game,
    ask_claim_about_the_sum,
    ask_slope_in_d,
    ask_where_it_goes,
)

__all__ = [
    "FixedPointExplorer",
    "RunsExplorer",
    "TwoLossesExplorer",
    "ask_adam_rescue",
    "ask_claim_about_the_gradient",
    "ask_claim_about_the_same_game",
    "ask_claim_about_the_sum",
    "ask_slope_in_d",
    "ask_where_it_goes",
    "check_generator_step_loss",
    "check_ratio",
    "check_saturating_slope",
    "descend",
    "generator_slopes_on_grid",
]
