"""Lesson 09, convolutions: what its notebook imports."""

from gan_lesson.lessons.lesson_09.convolve import convolution_matrix
from gan_lesson.lessons.lesson_09.exercises import (
    check_is_even,
    check_multiplications,
    check_output_size,
    check_stamp,
)
from gan_lesson.lessons.lesson_09.explorers import (
    CheckerboardExplorer,
    ConvolutionExplorer,
    RaceExplorer,
)
from gan_lesson.lessons.lesson_09.questions import (
    ask_claim_about_divisible_kernels,
    ask_claim_about_shuffling,
    ask_claim_about_two_processes,
    ask_claim_about_undoing,
    ask_most_stamps,
    ask_which_has_more_weights,
    ask_who_is_ahead,
)

__all__ = [
    "CheckerboardExplorer",
    "ConvolutionExplorer",
    "RaceExplorer",
    "ask_claim_about_divisible_kernels",
    "ask_claim_about_shuffling",
    "ask_claim_about_two_processes",
    "ask_claim_about_undoing",
    "ask_most_stamps",
    "ask_which_has_more_weights",
    "ask_who_is_ahead",
    "check_is_even",
    "check_multiplications",
    "check_output_size",
    "check_stamp",
    "convolution_matrix",
    "load_convolutional_generator",
]


def load_convolutional_generator():
    """Return the trained convolutional generator, as `gan_lesson.pretrained` does."""
    from gan_lesson.pretrained import load_convolutional_generator  # here: this room loads no torch

    return load_convolutional_generator()
