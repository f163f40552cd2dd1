"""Notebooks under nbval run as `make notebooks` runs them: headless, so players store a picture."""

import os

import pytest

# The answers are the lessons with their exercises solved: `make notebooks` runs them,
# tests/lessons/test_build.py reads what their checks said, and `make test-all` runs them again.
collect_ignore = [] if os.environ.get("GAN_LESSON_EVERY_CONTROL") else ["answers"]


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
