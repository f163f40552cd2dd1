"""Charts: which tests the ward can order in the plane and on digits, and what draws them."""

from collections.abc import Callable
from typing import NamedTuple

from matplotlib.figure import Figure

from gan_lesson.lessons.lesson_10 import pages
from gan_lesson.lessons.lesson_10.examinations import Examination
from gan_lesson.lessons.lesson_10.faults import FAULTS, FAULTS_ON_DIGITS, Fault


class WardTest(NamedTuple):
    """One test that the ward can order.

    Attributes:
        question: what it answers.
        health: what it shows of a healthy patient.
        draw: its page; see `pages`.
    """

    question: str
    health: str
    draw: Callable[[Examination, Figure], str]


# in health: on the ring after 600 turns
TESTS = {
    "curves": WardTest(
        "Which player is ahead? Do the losses fit D's answers?",
        "D(x) and D(G(z)) are from 0.4 to 0.6, D's loss is from 1.28 to 1.44",
        pages.draw_curves,
    ),
    "samples": WardTest(
        "Where do the samples lie, and in what range?",
        "samples lie all around the ring, real and generated numbers are within ±1",
        pages.draw_points,
    ),
    "modes": WardTest(
        "How many modes get samples?",
        "6 to 8 of 8 modes have a fair share, 40 to 70 % of the samples lie at a mode",
        pages.draw_modes,
    ),
    "D's answers": WardTest(
        "Does D separate single samples?",
        "two heaps overlap around ½, no mean is below 0.35 or above 0.65",
        pages.draw_answers,
    ),
    "gradients": WardTest(
        "Do gradients pass, do they add up, have weights grown?",
        "stored is a fifth to five times fresh, the largest layer is below 4.5 times its start",
        pages.draw_gradients,
    ),
    "best response": WardTest(
        "Could a better D tell real from generated?",
        "−V is from 1.28 to 1.44, a new D reaches 0.8 to 1.35",
        pages.draw_best_response,
    ),
    "one step": WardTest(
        "What does each line of one turn do?",
        "D's step moves G's weights by exactly 0, D's loss is a little above its bound",
        pages.draw_one_step,
    ),
}
# in health: the recorded runs on digits, after 300 turns
DIGITS_TESTS = {
    "curves": TESTS["curves"]._replace(
        health="in the second half of the strong lines D(x) is from 0.5 to 0.65, D(G(z)) from "
        "0.35 to 0.5, D's loss from 1.05 to 1.35",
    ),
    "samples": TESTS["samples"]._replace(
        health="shapes are like digits, 16 to 19 apart, real and generated numbers are within ±1",
        draw=pages.draw_sheets,
    ),
    "classes": WardTest(
        "How many of the ten digits are drawn?",
        "10 of 10 digits have a fair share, the largest share is 15 to 30 %",
        pages.draw_classes,
    ),
    "nearest images": WardTest(
        "Are samples copies of training digits?",
        "the median is 11 to 12, a sample is nearer in 20 to 30 % of all comparisons",
        pages.draw_nearest,
    ),
    "D's answers": TESTS["D's answers"]._replace(
        health="two broad heaps overlap, their means are 0.1 to 0.2 apart",
    ),
    "gradients": TESTS["gradients"]._replace(
        health="stored is half to twice fresh, the largest layer is below 2 times its start",
    ),
    "best response": TESTS["best response"]._replace(
        health="−V is from 1.1 to 1.25, and a new D reaches 0.1 to 0.5, because 300 turns are few. "
        "(Between two sets of real digits a new D reaches 1.1 and not 1.386, because it learns "
        "these images by heart)",
    ),
    "one step": TESTS["one step"],
}


class Domain(NamedTuple):
    """What differs between patients in the plane and those on digits.

    Attributes:
        tests: that can be ordered, by name.
        faults: by name; the sign of a fault is another on digits.
        healthy: what is said of a patient that has none.
    """

    tests: dict[str, WardTest]
    faults: dict[str, Fault]
    healthy: str


PLANE = Domain(
    TESTS, FAULTS, "The curves are near ½ and samples lie at all modes. This run needs no repair."
)
DIGITS = Domain(
    DIGITS_TESTS,
    FAULTS_ON_DIGITS,
    "D is a little ahead, all ten digits are drawn, and none is copied pixel by pixel. A healthy "
    "run on digits begins like this.",
)


class Chart:
    """One patient's examination, which draws every test of its domain.

    Args:
        found: the patient's record, live or recorded.
        domain: `PLANE` or `DIGITS`.
    """

    def __init__(self, found: Examination, domain: Domain = PLANE):
        self.found, self.domain = found, domain

    def draw(self, name: str, figure: Figure) -> str:
        """Draw a test of the domain on an empty figure; return what it shows, in words."""
        return self.domain.tests[name].draw(self.found, figure)
