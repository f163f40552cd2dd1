"""Lesson 06, digits: what its notebook imports."""

from gan_lesson.lessons.lesson_06.exercises import (
    DESCRIPTION_OF_THE_MATCH,
    ask_claim_copying,
    ask_claim_d_loss_zero,
    ask_claim_gaussian,
    ask_claim_losses_apart,
    ask_claim_no_error_metric,
    ask_curves_after_the_start,
    ask_length_half_way,
    ask_memoriser_distance,
    ask_one_coordinate,
    ask_where_d_stands,
    check_direction,
    check_match,
    check_nearest,
    check_to_sphere,
    describe_distances,
    describe_ladder,
    describe_lengths,
)
from gan_lesson.lessons.lesson_06.figures import (
    curves_and_sheets_figure,
    distances_figure,
    ladder_figure,
    lengths_figure,
    pairs_figure,
)
from gan_lesson.lessons.lesson_06.latent import (
    LatentCoordinate,
    LatentSlice,
    LatentWalk,
    one_z_of_each_digit,
)
from gan_lesson.lessons.lesson_06.recorded import load_digits_runs
from gan_lesson.lessons.lesson_06.timeline import TimelineExplorer, digits_player

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "DESCRIPTION_OF_THE_MATCH",
    "LatentCoordinate",
    "LatentSlice",
    "LatentWalk",
    "TimelineExplorer",
    "ask_claim_copying",
    "ask_claim_d_loss_zero",
    "ask_claim_gaussian",
    "ask_claim_losses_apart",
    "ask_claim_no_error_metric",
    "ask_curves_after_the_start",
    "ask_length_half_way",
    "ask_memoriser_distance",
    "ask_one_coordinate",
    "ask_where_d_stands",
    "check_direction",
    "check_match",
    "check_nearest",
    "check_to_sphere",
    "curves_and_sheets_figure",
    "describe_distances",
    "describe_ladder",
    "describe_lengths",
    "digits_player",
    "distances_figure",
    "ladder_figure",
    "lengths_figure",
    "load_digits_runs",
    "one_z_of_each_digit",
    "pairs_figure",
]
