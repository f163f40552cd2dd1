"""Lesson 14, whom it can harm: what its notebook imports."""

from gan_lesson.lessons.lesson_14.base_rate import BaseRateExplorer
from gan_lesson.lessons.lesson_14.detector_explorer import DetectorExplorer
from gan_lesson.lessons.lesson_14.exercises import check_share_of_accused, check_tpr_at_fpr
from gan_lesson.lessons.lesson_14.law import CasesExplorer, law_box, six_cases
from gan_lesson.lessons.lesson_14.marks_explorer import MarksExplorer
from gan_lesson.lessons.lesson_14.membership_explorer import MembershipExplorer
from gan_lesson.lessons.lesson_14.minority_explorer import MinorityExplorer
from gan_lesson.lessons.lesson_14.practice import code_of_practice
from gan_lesson.lessons.lesson_14.questions import (
    ask_after_saving,
    ask_claim_about_accused,
    ask_claim_about_anonymity,
    ask_claim_about_average_precision,
    ask_claim_about_bias,
    ask_claim_about_false_alarms,
    ask_claim_about_marks,
    ask_claim_about_other_gans,
    ask_claim_about_the_act,
    ask_claim_about_total_variation,
    ask_forger,
    ask_three_shares,
    ask_unseen_generator,
    ask_who_tells,
)

NEEDS_TORCH = True  # it trains networks

__all__ = [
    "BaseRateExplorer",
    "CasesExplorer",
    "DetectorExplorer",
    "MarksExplorer",
    "MembershipExplorer",
    "MinorityExplorer",
    "ask_after_saving",
    "ask_claim_about_accused",
    "ask_claim_about_anonymity",
    "ask_claim_about_average_precision",
    "ask_claim_about_bias",
    "ask_claim_about_false_alarms",
    "ask_claim_about_marks",
    "ask_claim_about_other_gans",
    "ask_claim_about_the_act",
    "ask_claim_about_total_variation",
    "ask_forger",
    "ask_three_shares",
    "ask_unseen_generator",
    "ask_who_tells",
    "check_share_of_accused",
    "check_tpr_at_fpr",
    "code_of_practice",
    "law_box",
    "six_cases",
]
