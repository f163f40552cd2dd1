"""Lessons in JupyterLab, in a real Chromium: as they are stored, run, compared, played, touched.

Notebook 7 and classic Notebook are in test_matrix_elsewhere.py; all lessons are run without a page
by lessons/test_every_lesson.py, and here by `make test-all`.
"""

import re

import pytest
from every_control import EVERYTHING, players_among, use_cell
from front_ends import JupyterLab, Missing, VoilaPage, absent
from lesson_text import number_of
from matrix import (
    LESSONS,
    WRITE_TABLE,
    assert_trusted_ones_show_their_pictures,
    cases,
    play_and_move,
    read_table,
    what_differs_from_stored,
    what_is_wrong_with_stored,
    with_shorter_runs,
    write_in_table,
)

from gan_lesson.lessons.wall import BY_LESSON

# A browser waits for other programs: what fails once under load is tried again, and reported.
pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=2)]


@pytest.mark.parametrize(("front", "lesson"), cases("lab"), indirect=["front"])
def test_lesson_runs_plays_and_moves_without_error_or_network(front, lesson, tmp_path):
    front.open(lesson if EVERYTHING else with_shorter_runs(lesson, tmp_path))
    assert what_is_wrong_with_stored(front, lesson) == []
    front.run_all()
    assert what_differs_from_stored(front, lesson) == []
    play_and_move(front, lesson)


@pytest.mark.parametrize("front", [JupyterLab], indirect=True, ids=["lab"])
def test_stored_notebooks_that_are_trusted_show_their_pictures_too(front):
    assert_trusted_ones_show_their_pictures(front)


@pytest.mark.skipif(
    not EVERYTHING, reason="make test-all; tests/browser/test_wall.py opens some pages"
)
@pytest.mark.parametrize("number", list(BY_LESSON))
def test_each_demonstration_of_a_lesson_plays_and_moves_in_voila(started, number):
    try:
        front = started(VoilaPage)
    except Missing as missing:
        absent(missing)
    controls, players, complaints = 0, 0, []
    for name in [each.name for each in BY_LESSON[number]]:
        used = []
        for way in ("key", "mouse"):
            front.open(name)
            count, wrong = use_cell(front, 0, number, way)
            complaints += [f"{name}: {complaint}" for complaint in wrong]
            used.append(count)
            front.assert_clean()
        if used[0] != used[1]:
            complaints.append(f"{name}: {used[0]} controls by key, {used[1]} by mouse")
        controls += used[0]
        players += len(players_among(front, [0]))
    front.close()
    assert complaints == []
    if WRITE_TABLE:
        write_in_table(number, front.name, str(controls), players)
    assert read_table()[number][front.name] in ("not run", f"{controls} · {players}")


def lessons_without_a_row():
    return sorted({number_of(lesson) for lesson in LESSONS} - set(read_table()))


def test_the_table_says_of_every_lesson_in_every_front_end_how_far_it_was_tried():
    table = read_table()
    assert lessons_without_a_row() == []
    assert list(table) == [number_of(lesson) for lesson in LESSONS]
    said = [cell for row in table.values() for cell in row.values()]
    assert [cell for cell in said if not re.fullmatch(r"(\d+|–) · \d+", cell)] == []
