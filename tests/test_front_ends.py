"""What a learner does, done in a real Chromium: JupyterLab, and classic Notebook as in Colab."""

import contextlib
import hashlib
import json
import os
import re

import pytest
from bench_browser import measure_slider, recorded_pictures, step_in
from front_ends import (
    HANDLES,
    REPO,
    ClassicNotebook,
    JupyterLab,
    Missing,
    open_browser,
    wait_until,
    write_notebook,
)

# A browser waits for other programs: what fails once under load is tried again, and reported.
pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=2)]

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
        absent(missing)


def absent(missing):
    """Skip on a learner's machine; fail where GAN_LESSON_REQUIRE_BROWSER is set (CI)."""
    if os.environ.get("GAN_LESSON_REQUIRE_BROWSER"):
        pytest.fail(str(missing))
    pytest.skip(str(missing))


@pytest.fixture(scope="module", params=[JupyterLab, ClassicNotebook], ids=["lab", "classic"])
def front(request, browser):
    with contextlib.ExitStack() as stack:
        try:
            front = stack.enter_context(request.param(browser))
        except Missing as missing:
            absent(missing)
        yield front


def pixels(element):
    """Return a hash of what the screen shows of an element."""
    return hashlib.sha256(element.screenshot()).hexdigest()


def assert_clean(front):
    """No error on the console, and nothing asked of any other machine."""
    assert front.console_errors == []
    assert front.hosts == {"127.0.0.1"}


def number_after(name, text):
    """Return x of "name = x" in a description."""
    return float(re.search(rf"\b{name} = (-?[\d.]+\d)", text)[1])


def test_slider_moves_picture_by_key_and_by_mouse(front, tmp_path):
    front.open(LESSON_01)
    front.run_all()
    cell = front.cell_with(HANDLES)
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
    """Of 30 quick presses a fair share reach the screen, and the last one always does.

    Compared by turns with a plain text in one page. The budget (1.5 times as long, 28 shown) is
    measured by `make bench`; on a machine that does other things too, this bound is what holds.
    """
    front.open(LESSON_01)
    front.run_all()
    cell = front.cell_with(HANDLES)
    tries = []
    for _ in range(4):
        picture, text = measure_slider(front, 0, cell, rounds=1)
        tries.append(f"picture: {picture}; text: {text}")
        if picture.median <= 5 * text.median and picture.shown >= 0.25 * text.shown:
            break
    else:
        pytest.fail("\n".join(tries))
    front.press(0, "Home", cell=cell)
    wait_until("the last press", lambda: number_after("p", front.picture(cell=cell).alt) == 0.01)
    assert front.pictures(cell).count() == 1


KEPT = """\
import gc
_player = next(o for o in gc.get_objects() if type(o).__name__ == "TrainingPlayer")
min(9, len(_player.trainer.snapshots))
"""

# Asks the kernel for a number that changes whenever a network does, of D and of G.
FINGERPRINTS = """\
import gc
_player = next(o for o in gc.get_objects() if type(o).__name__ == "TrainingPlayer")
for _net in (_player.trainer.D, _player.trainer.G):
    print(sum(p.detach().double().abs().sum().item() for p in _net.parameters()))
"""


class Learner:
    """A person at the player of lesson 06."""

    def __init__(self, front):
        self.front = front
        self.cell = front.cell_with(".widget-play")

    def step(self):
        return step_in(self.front.picture(cell=self.cell).alt)

    def settled_step(self):
        """The step once the kernel has answered everything that was asked of it before."""
        assert self.front.run("1 + 1") == "2"
        self.front.page.wait_for_timeout(300)
        return self.step()

    def wait_for_step(self, condition):
        wait_until("the player's step changes", lambda: condition(self.step()))
        return self.step()

    def wait_for_growth(self):
        now = self.step()
        return self.wait_for_step(lambda step: step > now)

    def networks(self):
        return self.front.run(FINGERPRINTS).split()


def test_player_plays_pauses_steps_rewinds_and_stops(front, tmp_path):
    front.open(LESSON_06)
    front.run_all()
    learner = Learner(front)
    cell = learner.cell
    first = learner.settled_step()
    nothing = front.picture(cell=cell)

    # play: the curves grow, and another cell answers meanwhile
    front.play(cell)
    learner.wait_for_step(lambda step: step > first)
    grown = front.wait_for_picture(cell=cell, differs_from=nothing)
    before = learner.wait_for_growth()
    assert front.run("1 + 1", seconds=5) == "2"
    assert front.is_playing(cell)
    learner.wait_for_step(lambda step: step > before)
    wait_until("three kept states to rewind to", lambda: front.run(KEPT) >= "3")

    # pause: at most the picture on its way, the burst under way and the tick that waits behind it
    with recorded_pictures(front, cell) as after_pause:
        front.pause(cell)
        paused = learner.settled_step()
    assert after_pause.shown_after_click <= 3
    assert not front.is_playing(cell)
    assert learner.settled_step() == paused > first

    # one player at a time
    discriminator, generator = learner.networks()
    front.click("Step D", cell)
    assert learner.settled_step() == paused + 1
    moved, same = learner.networks()
    assert moved != discriminator and same == generator
    front.click("Step G", cell)
    assert learner.settled_step() == paused + 2
    same, moved_too = learner.networks()
    assert same == moved and moved_too != generator
    front.button("Step D", cell).dblclick()
    assert learner.settled_step() == paused + 4

    # rewind, to the state before and to the very first, and branch from there
    rewind = front.sliders(cell).count() - 1
    front.press(rewind, "ArrowLeft", cell=cell)
    back = learner.wait_for_step(lambda step: step < paused)
    front.press(rewind, "Home", cell=cell)
    assert learner.wait_for_step(lambda step: step < back) == first
    front.play(cell)
    learner.wait_for_step(lambda step: step > first)

    # stop
    front.stop(cell)
    stopped = learner.settled_step()
    assert learner.settled_step() == stopped
    front.stop(cell)
    assert learner.settled_step() == stopped, "Stop, pressed again, must train nothing"

    # slow motion: every step has its picture
    front.press(0, "Home", cell=cell)
    front.play(cell)
    learner.wait_for_growth()
    with recorded_pictures(front, cell) as seen:
        before = learner.step()
        learner.wait_for_step(lambda step: step >= before + 10)
        front.pause(cell)
        after = learner.settled_step()
    assert abs(seen.shown - (after - before)) <= 2

    assert front.pictures(cell).count() == 1
    assert grown.width > 200
    front.screenshot(tmp_path / "player.png")
    assert_clean(front)


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


def what_is_wrong_with_stored(front, lesson):
    """Open a lesson, run no cell, and return what a reader would miss, in sentences."""
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    front.open(lesson, kernel=False)
    wrong = []
    for index, cell in enumerate(cells):
        stored = sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
        visible = front.images(index).filter(visible=True)
        with contextlib.suppress(TimeoutError):
            wait_until("pictures", lambda v=visible, n=stored: v.count() >= n, seconds=10)
        shown = [front.image(number, index).width for number in range(visible.count())]
        if len(shown) < stored or min(shown, default=999) <= 200:
            wrong.append(f"{lesson.name}, cell {index}: {stored} pictures stored, {shown} wide")
    words = front.visible_text()
    wrong += [f"{lesson.name}: {sentence}" for sentence in BROKEN if sentence in words]
    wrong += [f"{lesson.name}: {error}" for error in front.console_errors]
    wrong += [f"{lesson.name} asks {host}" for host in front.hosts - {"127.0.0.1"}]
    return wrong


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
def test_stored_notebooks_show_their_pictures_before_any_cell_is_run(front, trusted):
    for lesson in (LESSON_01, LESSON_06):
        assert '"image/png"' in lesson.read_text(encoding="utf-8"), "nothing to see in this test"
    if trusted:
        front.trust(*STORED)
    wrong = [sentence for lesson in STORED for sentence in what_is_wrong_with_stored(front, lesson)]
    assert wrong == []


def test_the_forgery_game_is_played_by_keys_alone(front, tmp_path):
    front.open(REPO / "notebooks" / "00_can_you_spot_the_forgery.ipynb")
    front.run_all()
    cell, keys = front.find_cell("ForgeryGame(seed"), front.page.keyboard
    slider = front.picture(cell=cell)
    front.press(0, "ArrowRight", 5, cell=cell)
    for said, pays in (("0.55", "pay"), ("0.50", "pay")):
        for _ in range(3):  # a read-out that can be typed into lies between
            if front.page.evaluate("document.activeElement.tagName") != "BUTTON":
                keys.press("Tab")
        keys.press("Space")
        locked = front.wait_for_picture(cell=cell, differs_from=slider)
        assert f"You said {said} and {pays}" in locked.alt
        keys.press("Enter")
        slider = front.wait_for_picture(cell=cell, differs_from=locked)
        assert "real or forged?" in slider.alt
    front.screenshot(tmp_path / "game.png", cell=cell)
    assert_clean(front)
