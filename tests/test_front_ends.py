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
# Lesson 06 has only a player, which has a test of its own. Those after it take minutes each, so
# they are tried with GAN_LESSON_EVERY_CONTROL=1 (`make test-all`).
WITH_EXPLORERS = [
    path
    for path in STORED
    if "gan_lesson.explorers" in path.read_text("utf-8") and path != LESSON_06
    if path.name < "05" or os.environ.get("GAN_LESSON_EVERY_CONTROL")
]
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
    pressed = front.wait_for_picture(cell=cell, differs_from=first, says=f"p = {p + 0.01:.2f}")
    wait_until("other pixels on screen", lambda: pixels(front.pictures(cell).first) != on_screen)

    front.drag(0, -30, cell=cell)
    dragged = front.wait_for_picture(
        cell=cell, differs_from=pressed, says=lambda alt: number_after("p", alt) < p - 0.02
    )
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
        self.front.wait_for_quiet()
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
    assert front.run("1 + 1") == "2"
    assert front.is_playing(cell)
    learner.wait_for_step(lambda step: step > before)
    wait_until("three kept states to rewind to", lambda: front.run(KEPT) >= "3")

    # pause: at most the picture on its way, the burst under way and the tick that waits behind it
    with recorded_pictures(front, cell) as after_pause:
        front.pause(cell)
        paused = learner.settled_step()
    assert after_pause.arrived_after_click <= 3
    wait_until("the buttons show the pause", lambda: not front.is_playing(cell))
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
    assert learner.wait_for_step(lambda step: step == first) < back
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
    steps = {step_in(alt) for alt in seen.arrived}
    assert steps >= set(range(before + 1, after + 1))

    assert front.pictures(cell).count() == 1
    assert grown.width > 200
    front.screenshot(tmp_path / "player.png")
    assert_clean(front)


TWO_RUNS = """\
from gan_lesson.data import ring
from gan_lesson.explorers.coin_flips import LogLossExplorer
from gan_lesson.networks import small_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.training import Trainer

a, b = (Trainer(*small_pair(2), ring(), batch_size=32) for _ in range(2))
"""
CLASS_ROOM = [TWO_RUNS, "TrainingPlayer(a)", "TrainingPlayer(b)", "LogLossExplorer()"]


def steps(front):
    """Ask the kernel how far both runs are."""
    return [int(n) for n in front.run("print(a.step, b.step)").split()]


def wait_until_both_go_on(front):
    before = steps(front)
    wait_until("both go on", lambda: all(m > n for m, n in zip(steps(front), before, strict=True)))


def assert_nothing_trains(front):
    front.wait_for_quiet()
    before = steps(front)
    assert [steps(front) for _ in range(3)] == [before] * 3


def test_players_survive_a_class_room_and_no_orphan_trains(front, tmp_path):
    front.open(write_notebook(tmp_path / "room.ipynb", CLASS_ROOM))
    front.run_all()
    for cell in (1, 2):
        front.play(cell)
    wait_until_both_go_on(front)

    # a slider is moved 500 times while both play
    front.press(0, "ArrowRight", 500, cell=3)
    front.wait_for_picture(cell=3, says="p = 0.99")
    wait_until_both_go_on(front)

    # an interrupt stops at most the burst under way
    front.interrupt()
    assert front.run("1 + 1") == "2"
    wait_until_both_go_on(front)

    # a player's cell runs again: the new player waits for Play, the old one is gone for good
    front.run_cell(1)
    front.pause(2)
    assert_nothing_trains(front)
    front.play(1)
    before = steps(front)
    wait_until("the new player trains", lambda: steps(front)[0] > before[0])

    # the page is closed while it plays, and opened again
    front.play(2)
    wait_until_both_go_on(front)
    front.reload()
    assert_nothing_trains(front)
    front.run_cell(1)
    front.play(1)
    before = steps(front)
    wait_until("it trains again", lambda: steps(front)[0] > before[0])

    # the kernel restarts below a player that plays
    front.restart()
    assert front.run("1 + 1") == "2"
    assert front.run("'a' in globals()") == "False"
    front.run_all()
    front.play(2)
    wait_until("training from the start", lambda: steps(front)[1] > 0)
    front.pause(2)


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
    assert step_in(front.picture().alt) < 100
    with recorded_pictures(front, 0) as seen:
        wait_until("the loop has ended", lambda: not front.is_running(0))
    assert len(set(seen.arrived)) >= 5, "the curves must move while the cell still runs"
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
            wait_until("pictures", lambda v=visible, n=stored: v.count() >= n)
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
        # the click may overtake the slider's last move: then the truth is shown twice
        says = f"You said {said} and {pays}"
        locked = front.wait_for_picture(cell=cell, differs_from=slider, says=says)
        front.wait_for_quiet()
        keys.press("Enter")
        slider = front.wait_for_picture(cell=cell, differs_from=locked, says="real or forged?")
    front.screenshot(tmp_path / "game.png", cell=cell)
    assert_clean(front)


IN_HASTE = """\
import time
from gan_lesson.explorers.forgery import ForgeryGame
from gan_lesson.predict import predict_number

game = ForgeryGame()
question = predict_number("How much?", truth=0.5, tolerance=0.1, low=0, high=1, step=0.01)
for slider in (game.p, question.slider):
    slider.observe(lambda change: time.sleep(0.1), "value")  # a kernel with much to do
"""


def test_a_click_in_haste_locks_what_the_slider_shows(front, tmp_path):
    """While the kernel answers one move, the browser holds back the next, but not the click."""
    front.open(write_notebook(tmp_path / "haste.ipynb", [IN_HASTE, "game", "question"]))
    front.run_all()
    for _ in range(3):
        front.press(0, "ArrowRight", 5, cell=1)
        front.click("Lock in", cell=1)
        wait_until("0.55 is locked in", lambda: "You said 0.55" in front.picture(cell=1).alt)
        front.click("Next image", cell=1)
        wait_until("the next image", lambda: "real or forged?" in front.picture(cell=1).alt)
    assert front.run("[answer.p for answer in game.answers]") == "[0.55, 0.55, 0.55]"

    front.press(0, "ArrowRight", cell=2)  # the button wakes up
    wait_until("an answer", lambda: front.run("question.slider.value") == "0.01")
    front.press(0, "ArrowRight", 4, cell=2)
    front.click("Lock in", cell=2)
    wait_until("it is locked in", lambda: front.run("question.locked") == "True")
    wait_until("0.05 is kept", lambda: front.run("question.row['answer']") == "0.05")
    assert_clean(front)


# Controls that rightly leave the picture as it is: (lesson, label) and why. Each must still
# change what the cell says.
PICTURE_STAYS = {
    ("00", "P(real)"): "an answer changes its price, in words; the picture waits for the lock",
    ("01", "Lock in"): "the curve is kept as it is",
    ("03", "Lock in"): "the curve is kept as it is",
    ("03", "G plays"): "G's sliders take the place of D's",
    ("03", "D plays"): "D's sliders take the place of G's",
    ("03", "Keep this round"): "the round goes into the table below",
    ("03", "New duel"): "the table is emptied; densities and line stay",
    ("any", "speed"): "a player's speed counts from the next tick on",
}


def shown_in(front, cell):
    """The description and the pixels of each live picture of a cell."""
    front.wait_for_quiet()
    pictures = [front.picture(i, cell) for i in range(front.pictures(cell).count())]
    return [(picture.alt, picture.src_hash) for picture in pictures]


def is_without_effect(front, cell, lesson, control, use):
    """Use a control; tell whether the cell shows the same as before."""
    stays = any((where, control.label) in PICTURE_STAYS for where in (lesson.name[:2], "any"))
    look = front.visible_text if stays else lambda cell: shown_in(front, cell)
    shown_in(front, cell)  # nothing is on its way any more
    before = look(cell)
    use(control, cell)
    front.wait_for_quiet()
    with contextlib.suppress(TimeoutError):
        wait_until("an effect", lambda: look(cell) != before, seconds=20)
        return False
    return True


def use_every_control(front, cell, lesson):
    """Use every control of a cell by key, sliders by mouse too; return complaints.

    Some controls appear or are switched on only by others, so they are listed again each time.
    """
    done, complaints = set(), []
    while todo := [c for c in front.controls(cell) if c.usable and (c.kind, c.index) not in done]:
        control = todo[0]
        done.add((control.kind, control.index))
        ways = {"key": front.use_by_key}
        if control.kind == "slider":
            ways["mouse"] = front.use_by_mouse
        complaints += [
            f"cell {cell}: {control.kind} {control.label!r} does nothing by {way}"
            for way, use in ways.items()
            if is_without_effect(front, cell, lesson, control, use)
        ]
    never = [c.label for c in front.controls(cell) if (c.kind, c.index) not in done]
    return complaints + [f"cell {cell}: {label!r} could never be used" for label in never]


def play_a_little(front, cell):
    """Let the player of a cell, if there is one, train until it has a past to rewind to."""
    if front.cell(cell).locator(".widget-play").count():
        before = front.picture(cell=cell)
        front.play(cell)
        middle = front.wait_for_picture(cell=cell, differs_from=before)
        front.wait_for_picture(cell=cell, differs_from=middle)
        front.pause(cell)


def assert_every_control_works(front, lesson):
    front.open(lesson)
    front.run_all()
    live = [
        cell
        for cell in range(len(front.sources()))
        if front.pictures(cell).count() and front.controls(cell)
    ]
    complaints = []
    for cell in live:
        play_a_little(front, cell)
        complaints += use_every_control(front, cell, lesson)
        assert front.pictures(cell).count() == 1, "a move must not stack a second picture"
    assert complaints == []
    assert live, "nothing to touch in this lesson"
    assert_clean(front)


@pytest.mark.parametrize("front", [JupyterLab], indirect=True, ids=["lab"])
@pytest.mark.parametrize("lesson", WITH_EXPLORERS, ids=lambda path: path.name[:2])
def test_every_control_of_every_explorer_works_in_jupyterlab(front, lesson):
    assert_every_control_works(front, lesson)


@pytest.mark.parametrize("front", [ClassicNotebook], indirect=True, ids=["classic"])
def test_every_control_of_lesson_01_works_in_the_classic_notebook(front):
    assert_every_control_works(front, LESSON_01)
