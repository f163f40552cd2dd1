"""Lessons in Notebook 7 and classic Notebook, in a real Chromium.

JupyterLab's are in test_matrix.py: one worker takes one file, and there are two of them.
"""

import pytest
from every_control import EVERYTHING
from front_ends import ClassicNotebook
from matrix import (
    assert_trusted_ones_show_their_pictures,
    cases,
    play_and_move,
    what_is_wrong_with_stored,
    with_shorter_runs,
)

# A browser waits for other programs: what fails once under load is tried again, and reported.
pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=2)]


@pytest.mark.parametrize(("front", "lesson"), cases("notebook7", "classic"), indirect=["front"])
def test_lesson_runs_plays_and_moves_without_error_or_network(front, lesson, tmp_path):
    front.open(lesson if EVERYTHING else with_shorter_runs(lesson, tmp_path))
    assert what_is_wrong_with_stored(front, lesson) == []
    front.run_all()
    play_and_move(front, lesson)


@pytest.mark.parametrize("front", [ClassicNotebook], indirect=True, ids=["classic"])
def test_stored_notebooks_that_are_trusted_show_their_pictures_too(front):
    assert_trusted_ones_show_their_pictures(front)
