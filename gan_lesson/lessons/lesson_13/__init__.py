"""Lesson 13, what a GAN is good for: what its notebook imports."""

from gan_lesson.lessons.lesson_13.agreement import agreement, sure_and_right
from gan_lesson.lessons.lesson_13.asked import AskedPlayer, read_as_asked
from gan_lesson.lessons.lesson_13.augmentation import AugmentationExplorer
from gan_lesson.lessons.lesson_13.exercises import check_cycle_loss, check_seen_misfit
from gan_lesson.lessons.lesson_13.inpainting import InpaintingExplorer
from gan_lesson.lessons.lesson_13.plane import TranslationPlayer
from gan_lesson.lessons.lesson_13.questions import (
    ask_claim_about_cycles,
    ask_claim_about_distance_and_training,
    ask_claim_about_label_in_g,
    ask_claim_about_scarce_labels,
    ask_claim_about_turning,
    ask_five_training_sets,
    ask_how_often_agreement_is_right,
    ask_same_losses,
)
from gan_lesson.lessons.lesson_13.recorded import load_asked_generator
from gan_lesson.lessons.lesson_13.scarce import (
    accuracy,
    few_labelled,
    labelled_by,
    train_classifier,
)
from gan_lesson.lessons.lesson_13.translation import (
    Domains,
    kept_share,
    round_trip_error,
    translation_trainer,
)

NEEDS_TORCH = True  # its players train networks

__all__ = [
    "AskedPlayer",
    "AugmentationExplorer",
    "Domains",
    "InpaintingExplorer",
    "TranslationPlayer",
    "accuracy",
    "agreement",
    "ask_claim_about_cycles",
    "ask_claim_about_distance_and_training",
    "ask_claim_about_label_in_g",
    "ask_claim_about_scarce_labels",
    "ask_claim_about_turning",
    "ask_five_training_sets",
    "ask_how_often_agreement_is_right",
    "ask_same_losses",
    "check_cycle_loss",
    "check_seen_misfit",
    "few_labelled",
    "kept_share",
    "labelled_by",
    "load_asked_generator",
    "read_as_asked",
    "round_trip_error",
    "sure_and_right",
    "train_classifier",
    "translation_trainer",
]
