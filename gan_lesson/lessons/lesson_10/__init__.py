"""Lesson 10, the clinic: what its notebook imports."""

from gan_lesson.lessons.lesson_10.confusion import confusion_figure
from gan_lesson.lessons.lesson_10.examinations import examine
from gan_lesson.lessons.lesson_10.exercises import (
    check_least_loss,
    check_patient_a,
    check_patient_b,
    check_penalty,
)
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.lessons.lesson_10.patients import ClinicTrainer, clinic_data, clinic_pair
from gan_lesson.lessons.lesson_10.pictures import atlas, recovery
from gan_lesson.lessons.lesson_10.questions import (
    ask_claim,
    ask_collapse_curves,
    ask_least_loss_with_two_sigmoids,
    ask_repaired,
    ask_same_curves,
    ask_which_test,
)
from gan_lesson.lessons.lesson_10.tables import remedies_table
from gan_lesson.lessons.lesson_10.ward import Ward

NEEDS_TORCH = True  # its player trains networks

__all__ = [
    "PATIENTS",
    "ClinicTrainer",
    "Ward",
    "ask_claim",
    "ask_collapse_curves",
    "ask_least_loss_with_two_sigmoids",
    "ask_repaired",
    "ask_same_curves",
    "ask_which_test",
    "atlas",
    "check_least_loss",
    "check_patient_a",
    "check_patient_b",
    "check_penalty",
    "clinic_data",
    "clinic_pair",
    "confusion_figure",
    "examine",
    "recovery",
    "remedies_table",
]
