"""Faults of a class room that take a page: haste, five hundred moves, a narrow window.

They stand in CONTRIBUTING.md's table; tests/test_faults.py has those that take none.
"""

import pytest
from front_ends import JupyterLab, Missing, absent, wait_until, write_notebook

# A browser waits for other programs: what fails once under load is tried again, and reported.
pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=2)]

PAGE = [
    """\
import time
from gan_lesson.lessons.lesson_03 import DensitiesExplorer, DuelExplorer
from gan_lesson.lessons.lesson_00 import ForgeryGame

explorer, duel, game = DensitiesExplorer(), DuelExplorer(a=0.0), ForgeryGame()
duel.a.observe(lambda change: time.sleep(0.1), "value")  # a kernel with much to do
""",
    "explorer",
    "duel",
    "game",
]


@pytest.fixture(scope="module")
def page(started, tmp_path_factory):
    """JupyterLab with a page of two explorers and a game."""
    try:
        page = started(JupyterLab)
    except Missing as missing:
        absent(missing)
    page.open(write_notebook(tmp_path_factory.mktemp("page") / "page.ipynb", PAGE))
    page.run_all()
    yield page
    page.leave()


def test_five_hundred_slider_moves_end_at_the_last_one(page):
    page.press(0, "ArrowRight", 250, cell=1)
    page.press(0, "ArrowLeft", 250, cell=1)
    page.wait_for_picture(cell=1, says="mean −4.00")
    assert page.pictures(1).count() == 1
    assert page.run("explorer.mean.value, explorer.panel.frames < 600") == "(-4.0, True)"


def test_a_window_of_390_pixels_keeps_everything_in_reach(page, tmp_path):
    before = page.picture(cell=1)
    page.page.set_viewport_size({"width": 390, "height": 844})
    try:
        for cell in (1, 2, 3):
            page.pictures(cell).first.scroll_into_view_if_needed()
            boxes = [page.pictures(cell).first.bounding_box()]
            sliders = page.sliders(cell)
            boxes += [sliders.nth(i).bounding_box() for i in range(sliders.count())]
            beyond = [box for box in boxes if box and box["x"] + box["width"] > 390]
            assert not beyond, f"cell {cell}: {beyond}"
        page.press(0, "ArrowRight", 3, cell=1)
        page.wait_for_picture(cell=1, differs_from=before)
        page.screenshot(tmp_path / "narrow.png", full=False)
    finally:
        page.page.set_viewport_size({"width": 1200, "height": 900})
    page.press(0, "Home", cell=1)
    after = page.wait_for_picture(cell=1, says="mean −4.00")
    assert after.width == before.width


def test_clicks_in_haste_lock_what_is_shown_and_only_once(page):
    page.press(0, "ArrowRight", 5, cell=2)
    page.button("Keep this round", cell=2).dblclick()
    kept = "[(kept['moved'], round(kept['a'], 6)) for kept in duel.rounds]"
    wait_until("the round is kept", lambda: page.run(kept) == "[('D', 0.5)]")
    page.wait_for_quiet()
    assert page.run(f"time.sleep(1); {kept}") == "[('D', 0.5)]"
    page.button("Lock in", cell=3).dblclick()
    assert page.run("time.sleep(1); len(game.answers), game.button.description") == (
        "(1, 'Next image')"
    )
