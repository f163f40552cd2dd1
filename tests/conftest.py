"""Every test, and every kernel and command that a test starts, computes on one thread.

Two cores shared by several processes with two threads each are ten times slower than with
one: the threads wait for each other.
"""

import contextlib
import functools
import os
import re
import sys

import pytest
import run_numbers

pytest.register_assert_rewrite("front_ends")  # what its assertions compare is shown

from front_ends import ClassicNotebook, JupyterLab, Missing, absent, open_browser  # noqa: E402

os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items):
    """Begin with the longest file, so that no worker is left alone with it; skip what is slow."""
    items.sort(key=lambda item: item.path.name != "test_matrix.py")
    if not os.environ.get("GAN_LESSON_EVERY_CONTROL"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow: only in `make test-all`"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add to a failed browser test what its page says, of errors and to the reader."""
    report = yield
    front = getattr(item, "funcargs", {}).get("front")
    if report.when == "call" and report.failed and front is not None and front.page is not None:
        with contextlib.suppress(Exception):  # the page may be gone
            told = f"{front.console_errors}\n{front.visible_text()[:3000]}"
            report.longrepr.addsection("errors and text of the page", told)
    return report


@pytest.fixture(scope="module")
def browser():
    """One Chromium for a file of tests; a second beside it could not be driven."""
    try:
        with open_browser() as browser:
            yield browser
    except Missing as missing:
        absent(missing)


@pytest.fixture(scope="module")
def started(browser):
    """A function that starts a front end at its first call; each runs until the last test."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda kind: stack.enter_context(kind(browser)))


@pytest.fixture(params=[JupyterLab, ClassicNotebook], ids=["lab", "classic"])
def front(request, started):
    try:
        front = started(request.param)
    except Missing as missing:
        absent(missing)
    yield front
    front.close()


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
    for name, module in list(sys.modules.items()):
        if re.match(r"gan_lesson\.lessons\.lesson_\d\d\.exercises$", name):
            for exercise in vars(module).values():
                if hasattr(exercise, "wrong_tries"):
                    exercise.wrong_tries = 0


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
