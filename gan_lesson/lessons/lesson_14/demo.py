"""Lesson 14's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_14.base_rate import BaseRateExplorer
from gan_lesson.lessons.lesson_14.detector_explorer import DetectorExplorer
from gan_lesson.lessons.lesson_14.law import CasesExplorer
from gan_lesson.lessons.lesson_14.marks_explorer import MarksExplorer
from gan_lesson.lessons.lesson_14.membership_explorer import MembershipExplorer
from gan_lesson.lessons.lesson_14.minority_explorer import MinorityExplorer


def detector() -> DetectorExplorer:
    """Return the explorer of the detectors, with the attack."""
    return DetectorExplorer(attack=True)


DEMONSTRATIONS = (
    Demonstration("detector", "What does a detector look at?", detector, height=440),
    Demonstration("base_rate", "Whom does it accuse?", BaseRateExplorer, height=480),
    Demonstration("membership", "Who was in the training set?", MembershipExplorer, height=470),
    Demonstration("minority", "What becomes of a minority?", MinorityExplorer, height=470),
    Demonstration("marks", "What does a watermark survive?", MarksExplorer, height=500),
    Demonstration("cases", "Whom does the law bind?", CasesExplorer, height=440),
)

# Controls, by label or kind, that rightly leave the picture as it is, and why.
PICTURE_STAYS = {}
