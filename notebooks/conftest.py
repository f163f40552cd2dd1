"""Notebooks under nbval run as `make notebooks` runs them: headless, so players store a picture."""

import os
from pathlib import Path

import pytest

# On each change the lessons are run by tests/lessons/test_every_lesson.py, in one kernel. The
# answers are the lessons with their exercises solved: `make notebooks` runs them, and
# tests/lessons/test_build.py reads what their checks said. `make test-all` runs all under nbval.
NOTEBOOKS = Path(__file__).parent.glob("*.ipynb")
LATER = ["answers", *(path.name for path in NOTEBOOKS if path.stem != "refresher")]
collect_ignore = [] if os.environ.get("GAN_LESSON_EVERY_CONTROL") else LATER


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Let the kernel, which starts with a notebook's first cell, inherit GAN_LESSON_HEADLESS."""
    before = os.environ.get("GAN_LESSON_HEADLESS")
    os.environ["GAN_LESSON_HEADLESS"] = "1"
    try:
        return (yield)
    finally:
        if before is None:
            del os.environ["GAN_LESSON_HEADLESS"]
        else:
            os.environ["GAN_LESSON_HEADLESS"] = before
