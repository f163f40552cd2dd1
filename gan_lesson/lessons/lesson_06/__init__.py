"""Lesson 06, digits: what its notebook imports."""

from gan_lesson.lessons.lesson_06.descriptions import (
    DESCRIPTION_OF_THE_CURVES,
    DESCRIPTION_OF_THE_SHEETS,
    describe_distances,
    describe_ladder,
    describe_lengths,
)
from gan_lesson.lessons.lesson_06.exercises import (
    check_direction,
    check_match,
    check_nearest,
    check_to_sphere,
)
from gan_lesson.lessons.lesson_06.figures import (
    curves_figure,
    distances_figure,
    ladder_figure,
    lengths_figure,
    rows_figure,
    sheets_figure,
)
from gan_lesson.lessons.lesson_06.latent import (
    LatentCoordinate,
    LatentSlice,
    LatentWalk,
    one_z_of_each_digit,
)
from gan_lesson.lessons.lesson_06.questions import (
    ask_claim_copying,
    ask_claim_d_loss_zero,
    ask_claim_memoriser,
    ask_claim_no_error_metric,
    ask_claim_scale,
    ask_curves_after_the_start,
    ask_length_half_way,
    ask_one_coordinate,
    ask_where_d_stands,
)
from gan_lesson.lessons.lesson_06.recorded import load_digits_runs
from gan_lesson.lessons.lesson_06.timeline import TimelineExplorer, digits_player

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "DESCRIPTION_OF_THE_CURVES",
    "DESCRIPTION_OF_THE_SHEETS",
    "LatentCoordinate",
    "LatentSlice",
    "LatentWalk",
    "TimelineExplorer",
    "ask_claim_copying",
    "ask_claim_d_loss_zero",
    "ask_claim_memoriser",
    "ask_claim_scale",
    "ask_claim_no_error_metric",
    "ask_curves_after_the_start",
    "ask_length_half_way",
    "ask_one_coordinate",
    "ask_where_d_stands",
    "check_direction",
    "check_match",
    "check_nearest",
    "check_to_sphere",
    "curves_figure",
    "describe_distances",
    "describe_ladder",
    "describe_lengths",
    "digits_player",
    "distances_figure",
    "ladder_figure",
    "lengths_figure",
    "load_digits_runs",
    "one_z_of_each_digit",
    "rows_figure",
    "sheets_figure",
]
