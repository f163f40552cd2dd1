"""Lesson 08's game in the course's own trainer, and the swings of a real pair."""

import functools

import numpy as np
import pytest
from lesson_text import LessonText

from gan_lesson.lessons.lesson_08.dirac import LOSSES, DiracGAN, play

LESSON = LessonText("08_why_training_circles")
OURS = (1.0, 1.0)


def radius(*args, **kwargs):
    return np.hypot(*play(*args, **kwargs).T)


@pytest.mark.trains
def test_the_trainer_of_the_course_plays_this_game():
    space = LESSON.run("import torch", *map(LESSON.cell_with, ("class Place", "def dirac_trainer")))
    for loss in LOSSES:
        for gamma in (0.0, 0.3):
            for at_once in (True, False):
                trainer = space["dirac_trainer"](loss=loss, r1_gamma=gamma, simultaneous=at_once)
                order = "simultaneous" if at_once else "alternating"
                path = play(DiracGAN(loss, gamma), OURS, 0.2, 60, order)
                for more, step in ((1, 1), (59, 60)):
                    trainer.burst(more)
                    found = trainer.G.net.theta.item(), trainer.D.net.weight.item()
                    assert found == pytest.approx(tuple(path[step]), abs=3e-5)


PRINTED = [  # as the lesson prints them after 500 steps: loss, gamma, at once, distance
    ("saturating", 0.0, True, 3.3534),
    ("saturating", 0.0, False, 1.3392),
    ("non_saturating", 0.0, True, 0.6402),
    ("non_saturating", 0.06, False, 0.0304),
]


@pytest.mark.trains
@pytest.mark.parametrize("loss, gamma, at_once, printed", PRINTED)
def test_the_digits_that_the_trainer_prints_are_those_of_any_processor(
    loss, gamma, at_once, printed
):
    """No chance and no chaos here: rounding moves the distance by less than a tenth of a digit."""
    space = LESSON.run("import torch", *map(LESSON.cell_with, ("class Place", "def dirac_trainer")))
    trainer = space["dirac_trainer"](loss=loss, r1_gamma=gamma, simultaneous=at_once)
    trainer.burst(500)
    found = np.hypot(trainer.G.net.theta.item(), trainer.D.net.weight.item())
    order = "simultaneous" if at_once else "alternating"
    exact = radius(DiracGAN(loss, r1_gamma=gamma), OURS, 0.2, 500, order)[-1]
    assert found == pytest.approx(exact, abs=1e-5)
    assert round(exact - 1e-5, 4) == round(exact + 1e-5, 4) == printed


@pytest.fixture(scope="module")
def swings():
    """A function from a seed to the mean distances at once, in turn and with R1."""
    distances = LESSON.run("import torch", LESSON.cell_with("def distances"))["distances"]

    @functools.cache
    def of(seed):
        settings = (True, 0.0), (False, 0.0), (False, 0.1)
        return [np.mean(distances(*setting, seed=seed)[67:]) for setting in settings]

    return of


@pytest.mark.trains
def test_in_the_playground_at_once_swings_most_and_r1_least(swings, run_number):
    at_once, in_turn, braked = np.array(swings(0))  # five seeds: the next test
    statement = "at once the mean swings widely, in turn it swings less, and R1 brakes it"
    run_number("08", statement, at_once=at_once, in_turn=in_turn, R1=braked)
    assert at_once > 1.5 * in_turn > 1.5 * braked


@pytest.mark.slow
@pytest.mark.trains
def test_in_the_playground_the_mean_distances_over_five_seeds(swings, run_number):
    found = np.transpose([swings(seed) for seed in range(5)])
    at_once, in_turn, braked = found.mean(axis=1)
    statement = "the distance is about 0.12 at once, 0.04 in turn and 0.02 with R1"
    run_number("08", statement, at_once=at_once, in_turn=in_turn, R1=braked)
    assert at_once == pytest.approx(0.12, abs=0.03)
    assert in_turn == pytest.approx(0.04, abs=0.012)
    assert braked == pytest.approx(0.02, abs=0.009)
    assert at_once > 2 * in_turn and in_turn > 1.25 * braked
