"""Every test, and every kernel and command that a test starts, computes on one thread.

Two cores shared by several processes with two threads each are ten times slower than with
one: the threads wait for each other. (`make test-all` says OMP_NUM_THREADS=2 for one process.)

Here is also in which order the files of tests are run, what is left for `make test-all`, and the
table of seconds at the end.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import run_numbers

os.environ.setdefault("OMP_NUM_THREADS", "1")

EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
LESSONS = Path(__file__).parent.parent / "gan_lesson" / "lessons"
ROOMS = [path.name for path in LESSONS.glob("lesson_*")]

# --- which tests are run, and in which order ---------------------------------------------------

LONGEST = ("test_every_lesson.py", "test_front_ends.py", "test_matrix.py")


def longest_first(item):
    """Where a test's file stands, so that no worker is left alone with a long one at the end.

    The files of browser tests follow each other: they share Chromium and the servers.
    """
    file, folder = item.path.name, item.path.parent.name
    if file in LONGEST:
        return LONGEST.index(file)
    folders = {"browser": 3, "notebooks": 4, "tests": 5, "lessons": 6}
    return folders.get(folder, 7)


@pytest.hookimpl(trylast=True)  # after -m and -k have chosen
def pytest_collection_modifyitems(items):
    """Begin with the longest; leave more seeds for `make test-all`."""
    items.sort(key=longest_first)
    for item in items:
        if item.get_closest_marker("slow") and not EVERYTHING:
            item.add_marker(pytest.mark.skip(reason="slow: only in `make test-all`"))


# --- the seconds of each file ------------------------------------------------------------------

seconds = defaultdict(float)


def pytest_runtest_logreport(report):
    """Add up what the tests of a file took, with their fixtures."""
    seconds[report.nodeid.partition("::")[0]] += report.duration


def pytest_terminal_summary(terminalreporter):
    """Say the seconds of each file of tests, the longest first; pytest's own summary follows."""
    if len(seconds) < 2:
        return
    terminalreporter.section("seconds of each file")
    for file, its in sorted(seconds.items(), key=lambda pair: -pair[1]):
        terminalreporter.line(f"{its:7.1f} {file}")


# --- what tests share --------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def a_new_learner():
    """Around each test: nothing is locked in, and no exercise of any room has been tried."""
    start_afresh()
    yield
    start_afresh()


def start_afresh():
    """Do so with what has been imported; importing all rooms would take seconds."""
    if "gan_lesson.lessons.kit.answers" in sys.modules:
        sys.modules["gan_lesson.lessons.kit.answers"].forget()
    for room in ROOMS:
        module = sys.modules.get(f"gan_lesson.lessons.{room}.exercises")
        for exercise in vars(module or object).values():
            if hasattr(exercise, "wrong_tries"):
                exercise.wrong_tries = 0


@pytest.fixture
def in_tmp_path(tmp_path, monkeypatch):
    """The working folder is the test's own: outside a notebook LiveCurves writes a file there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run_number(request):
    """A function (lesson, statement, **measured) that notes a statement about training runs.

    The statement must stand in the lesson's text word for word. What was measured, a number or a
    list of numbers under each name, goes into the table of tests/run_numbers.py.
    """
    test = request.node.nodeid.partition("[")[0].rpartition("/")[2]

    def noted(lesson, statement, **measured):
        run_numbers.note(test, lesson, statement, measured)

    return noted
