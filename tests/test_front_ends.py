"""What a learner does, done in a real Chromium: JupyterLab, and classic Notebook as in Colab."""

import hashlib
import json
import re

import pytest
from bench_browser import measure_slider, step_in
from front_ends import (
    REPO,
    ClassicNotebook,
    JupyterLab,
    Missing,
    open_browser,
    wait_until,
    write_notebook,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LESSON_01 = REPO / "notebooks" / "01_coin_flips_to_binary_cross_entropy.ipynb"
LESSON_06 = REPO / "notebooks" / "06_digits.ipynb"
STORED = sorted((REPO / "notebooks").glob("[0-9]*.ipynb"))
BROKEN = ("model not found", "Error displaying widget", "Loading widget", "Error creating widget")


@pytest.fixture(scope="session")
def browser():
    try:
        with open_browser() as browser:
            yield browser
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module", params=[JupyterLab, ClassicNotebook], ids=["lab", "classic"])
def front(request, browser):
    front = request.param(browser)
    try:
        front.python
    except Missing as missing:
        pytest.skip(str(missing))
    with front:
        yield front


def pixels(element):
    """Return a hash of what the screen shows of an element."""
    return hashlib.sha256(element.screenshot()).hexdigest()


def assert_clean(front):
    """No error on the console, and nothing asked of any other machine."""
    assert front.console_errors == []
    assert front.hosts == {"127.0.0.1"}


def number_after(name, text):
    return float(re.search(rf"\b{name} = (-?[\d.]+\d)", text)[1])


def test_slider_moves_picture_by_key_and_by_mouse(front, tmp_path):
    front.open(LESSON_01)
    front.run_all()
    cell = front.find_cell("LogLossExplorer(")
    first = front.picture(cell=cell)
    on_screen = pixels(front.pictures(cell).first)
    p = number_after("p", first.alt)

    front.press(0, "ArrowRight", cell=cell)
    pressed = front.wait_for_picture(cell=cell, differs_from=first)
    assert pixels(front.pictures(cell).first) != on_screen
    assert number_after("p", pressed.alt) == pytest.approx(p + 0.01)

    front.drag(0, -30, cell=cell)
    dragged = front.wait_for_picture(cell=cell, differs_from=pressed)
    assert number_after("p", dragged.alt) < p
    assert front.pictures(cell).count() == 1, "a move must not stack a second picture"
    assert first.width == pressed.width == dragged.width > 200

    front.screenshot(tmp_path / "slider.png")
    assert_clean(front)


def test_slider_keeps_up_with_one_that_only_changes_a_text(front):
    """The budget: its median at most 1.5 times as long, and of 30 quick presses as many shown.

    Compared by turns in one page. A busy machine can spoil a comparison, so one of three counts.
    """
    front.open(LESSON_01)
    front.run_all()
    cell = front.find_cell("LogLossExplorer(")
    tries = []
    for _ in range(3):
        picture, text = measure_slider(front, 0, cell, rounds=2)
        tries.append(f"picture: {picture}; text: {text}")
        if picture.median <= 1.5 * text.median and picture.shown >= 0.75 * text.shown:
            return
    pytest.fail("\n".join(tries))


LOOP_OF_SOMEBODY_ELSE = """\
import time
from gan_lesson import History, LiveCurves

history = History()
curves = LiveCurves(history)
for step in range(1, 101):
    time.sleep(0.03)
    history.append(d_real=0.9 - step / 250, d_fake=step / 250, loss_d=1.2, loss_g=0.8)
    curves.update()
"""


def test_live_curves_grow_while_the_loop_runs_and_end_at_its_last_step(front, tmp_path):
    front.open(write_notebook(tmp_path / "loop.ipynb", [LOOP_OF_SOMEBODY_ELSE]))
    front.start_all()
    steps = [step_in(front.picture().alt)]
    while front.is_running(0):
        step = step_in(front.picture().alt)
        if step > steps[-1]:
            steps.append(step)
    assert len(steps) >= 5, "the curves must move while the cell still runs"
    wait_until("the last step is drawn", lambda: step_in(front.picture().alt) == 100)
    assert front.pictures().count() == 1
    assert_clean(front)


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
@pytest.mark.parametrize("lesson", STORED, ids=lambda path: path.stem)
def test_stored_notebook_shows_its_pictures_before_any_cell_is_run(front, lesson, trusted):
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    stored = {
        index: sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
        for index, cell in enumerate(cells)
    }
    assert sum(stored.values()) > 0, "a lesson without a picture"

    front.open(lesson, trust=trusted)
    for index, pictures in stored.items():
        images = front.images(index)
        assert images.count() >= pictures, f"cell {index}"
        for number in range(pictures):
            assert images.nth(number).is_visible()
            assert front.image(number, index).width > 200, f"cell {index}"
    words = front.visible_text()
    assert not [sentence for sentence in BROKEN if sentence in words]
    assert_clean(front)
