"""Each lesson in JupyterLab, in a real Chromium: as it is stored, run, compared, played, touched.

Where this runs, nbval does not run the same lessons once more (tests/conftest.py): the error of a
cell fails here too, and what nbval compares is compared.
"""

import pytest
from front_ends import JupyterLab
from matrix import (
    assert_trusted_ones_show_their_pictures,
    cases,
    play_and_move,
    said,
    what_differs_from_stored,
    what_is_wrong_with_stored,
)

# A browser waits for other programs: what fails once under load is tried again, and reported.
pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=2)]


@pytest.mark.parametrize(("front", "lesson"), cases("lab"), indirect=["front"])
def test_lesson_runs_plays_and_moves_without_error_or_network(front, lesson):
    front.open(lesson)
    assert what_is_wrong_with_stored(front, lesson) == []
    front.run_all()
    assert what_differs_from_stored(front, lesson) == []
    play_and_move(front, lesson)


@pytest.mark.parametrize("front", [JupyterLab], indirect=True, ids=["lab"])
def test_stored_notebooks_that_are_trusted_show_their_pictures_too(front):
    assert_trusted_ones_show_their_pictures(front)


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def result(**data):
    return {"output_type": "execute_result", "data": data, "execution_count": 3}


def test_outputs_are_compared_by_what_they_say():
    """As nbval does: however a stream was cut, and whatever a picture shows."""
    assert said([stream("a\n"), stream("b")]) == said([stream(["a\n", "b"])])
    assert said([stream("a"), result(text="1")]) != said([stream("a"), result(text="2")])
    assert said([stream("a")]) != said([stream("a", "stderr")]) != said([])
    assert said([result(**{"image/png": "x"})]) == said([result(**{"image/png": "y"})])
