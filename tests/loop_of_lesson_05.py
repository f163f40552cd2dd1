"""What the tests of lesson 05 share: its data, its two steps, and its runs."""

import functools
import os

import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import two_bumps
from gan_lesson.lessons.lesson_05 import exercises
from gan_lesson.lessons.lesson_05.loop import loop_run
from gan_lesson.lessons.lesson_05.state import game_state

LESSON = LessonText("05_the_training_loop")
DATA = two_bumps((-1.5, 1.5), sd=0.6)
STEP_D, STEP_G = exercises.update_discriminator, exercises.update_generator
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
SEVERAL = range(5 if EVERYTHING else 2)  # for what is judged over runs together


@pytest.fixture(scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def lesson():
    """What the lesson writes out: both steps, the loop with its switches, `gradients`."""
    steps = "update_discriminator", "update_generator"
    return LESSON.define(*steps, "play", "gradients", "weights", data=DATA)


@pytest.fixture(
    params=[range(1), pytest.param(range(1, 6), marks=pytest.mark.slow)], ids=["one", "more"]
)
def seeds(request):
    """One seed, and five more in `make test-all`: for what each seed shows with much to spare."""
    return request.param


def weights(*nets):
    return torch.cat([p.detach().flatten() for net in nets for p in net.parameters()])


def new_run(seed=0):
    """The lesson's run, at step 0."""
    return loop_run(STEP_D, STEP_G, DATA, seed)


def state_of(run):
    return game_state(run.G, run.D, DATA)


@functools.cache
def watched_run(seed):
    """The run of the lesson after 400 turns, and its states by the turn."""
    run, states = new_run(seed), {}
    for turn in (5, 10, 15, *range(20, 401, 20)):
        run.burst(turn - run.step)
        states[turn] = state_of(run)
    return run, states
