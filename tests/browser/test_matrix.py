"""Each lesson in each front end, in a real Chromium: run, played, touched, and as it is stored."""

import collections
import contextlib
import hashlib
import json
import os
import re

import pytest
from front_ends import (
    CONTROLS,
    REPO,
    ClassicNotebook,
    JupyterLab,
    Missing,
    Notebook7,
    VoilaPage,
    absent,
    wait_until,
)

from gan_lesson.lessons.kit.explorer import DOUBLE_CLICK
from gan_lesson.lessons.wall import BY_LESSON

# A browser waits for other programs: what fails once under load is tried again, and reported.
pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=2)]

# On each change all lessons are run in JupyterLab, three in the others, and the controls of lesson
# 01 are used in JupyterLab and classic Notebook; GAN_LESSON_EVERY_CONTROL=1 (`make test-all`) does
# everything everywhere.
# GAN_LESSON_WRITE_TABLE=1 runs every lesson everywhere too, and writes what was found into
# CONTRIBUTING.md.
LESSONS = sorted((REPO / "notebooks").glob("[0-9]*.ipynb"))
FRONT_ENDS = {"lab": JupyterLab, "notebook7": Notebook7, "classic": ClassicNotebook}
WRITE_TABLE = bool(os.environ.get("GAN_LESSON_WRITE_TABLE"))
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
ON_EACH_CHANGE = ("01", "05", "06")
QUICK = {("JupyterLab", "01"), ("classic Notebook", "01")}
MATRIX = [
    pytest.param(front, lesson, id=f"{name}-{lesson.name[:2]}")
    for name, front in FRONT_ENDS.items()
    for lesson in LESSONS
    if EVERYTHING or WRITE_TABLE or name == "lab" or lesson.name[:2] in ON_EACH_CHANGE
]
CONTRIBUTING = REPO / "CONTRIBUTING.md"
NAMES = [front.name for front in (*FRONT_ENDS.values(), VoilaPage)]
UNTOUCHED = "–"  # in the table, where a run tried no controls
TABLE = re.compile(r"(^\| lesson \|.*\n\|[-|]+\n)((?:\|.*\n)*)", re.M)

# Controls that rightly leave the picture as it is: (lesson, label or kind) and why. Each must
# still change what the cell says.
PICTURE_STAYS = {
    ("00", "P(real)"): "an answer changes its price, in words; the picture waits for the lock",
    ("01", "Lock in"): "the curve is kept as it is",
    ("03", "Lock in"): "the curve is kept as it is",
    ("03", "G plays"): "G's sliders take the place of D's",
    ("03", "D plays"): "D's sliders take the place of G's",
    ("03", "Keep this round"): "the round goes into the table below",
    ("03", "New duel"): "the table is emptied; densities and line stay",
    ("05", "toggle"): "a run's settings count from the next step on",
    ("07", "toggle"): "a setting counts from the next step on, or other controls are shown",
    **{
        ("07", label): "a setting counts from the next step on"
        for label in ("R1, γ", "R2, γ", "batch", "D steps", "rate of D", "rate of G")
    },
    ("08", "toggle"): "other sliders are shown",
    ("10", "menu"): "a diagnosis is scored when it is decided",
    ("10", "how sure"): "a diagnosis is scored when it is decided",
    ("10", "Decide"): "the score is told in words",
    ("any", "speed"): "a player's speed counts from the next tick on",
}


def pixels(element):
    """Return a hash of what the screen shows of an element, which may just be replaced."""
    shot = wait_until("a picture that stays for a moment", lambda: screenshot_or_none(element))
    return hashlib.sha256(shot).hexdigest()


def screenshot_or_none(element):
    with contextlib.suppress(Exception):  # Playwright's own, wherever it is installed
        return element.screenshot(timeout=5000)


def shown_in(front, cell):
    """The description and the pixels of each live picture of a cell."""
    pictures = [front.picture(i, cell) for i in range(front.pictures(cell).count())]
    return [(picture.alt, picture.src_hash) for picture in pictures]


def is_without_effect(front, cell, lesson, control, use):
    """Use a control; tell whether the cell shows the same as before."""
    rules = {(lesson, control.label), (lesson, control.kind), ("any", control.label)}
    in_picture = front.pictures(cell).count() and control.kind != "text"
    look = shown_in if in_picture and not rules & PICTURE_STAYS.keys() else type(front).state
    if control.kind == "button":
        front.page.wait_for_timeout(1000 * DOUBLE_CLICK)  # some take a second click only then
    front.wait_for_quiet()  # nothing is on its way any more
    before = look(front, cell)
    use(control, cell)
    front.wait_for_quiet()
    with contextlib.suppress(TimeoutError):
        wait_until("an effect", lambda: look(front, cell) != before, seconds=20)
        return False
    return True


def use_every_control(front, cell, lesson, way):
    """Use every control of a cell once, by "key" or "mouse"; return how many, and complaints.

    Some appear or wake up only by others, so they are listed again each time. Those that came
    last are used first: a group of settings is folded away as soon as another is chosen. Of
    toggle buttons the first, which is the usual choice, is pressed last.
    """
    use = {"key": front.use_by_key, "mouse": front.use_by_mouse}[way]
    came, done, places, complaints = {}, [], set(), []

    def on_screen():
        return tuple(pixels(picture) for picture in front.pictures(cell).all())

    screens = {on_screen()}

    def turn(found):
        name, control = found
        backwards = -1 if control.kind == "toggle" else 1
        return -came[name], list(CONTROLS).index(control.kind), backwards * control.index

    def listed():
        twins = collections.Counter()
        for control in front.controls(cell):
            twins[control.kind, control.label] += 1
            name = (control.kind, control.label, twins[control.kind, control.label])
            came.setdefault(name, len(done))
            yield name, control

    while todo := [(n, c) for n, c in listed() if c.usable and n not in done]:
        name, control = min(todo, key=turn)
        done.append(name)
        places.add((control.kind, control.index))
        if is_without_effect(front, cell, lesson, control, use):
            complaints.append(f"cell {cell}: {control.kind} {control.label!r}: nothing by {way}")
        if len(screens) == 1:
            screens.add(on_screen())
    if len(screens) == 1 and screens != {()}:
        complaints.append(f"cell {cell}: the same pixels on screen all the time")
    complaints += [
        f"cell {cell}: {control.kind} {control.label!r} could never be used by {way}"
        for name, control in listed()
        if name not in done and (control.kind, control.index) not in places
    ]
    return len(done), complaints


def play_a_little(front, cell, by_key=False):
    """Let a cell's player train until it has a past to rewind to, pause it, and take a step."""
    before = front.picture(cell=cell)
    front.play(cell, by_key=by_key)
    middle = front.wait_for_picture(cell=cell, differs_from=before)
    front.wait_for_picture(cell=cell, differs_from=middle)
    if EVERYTHING:  # two runs train half of the time each, and keep a state a second of training
        front.page.wait_for_timeout(4000)
    front.pause(cell, by_key=by_key)
    wait_until("the buttons show the pause", lambda: not front.is_playing(cell))
    front.wait_for_quiet()
    paused = front.picture(cell=cell)
    front.click("Step D", cell)
    front.wait_for_picture(cell=cell, differs_from=paused)


def cells_with_widgets(front):
    """Wait until every widget that the kernel sent is on the page; return their cells."""
    view = "application/vnd.jupyter.widget-view+json"
    cells = [
        cell
        for cell in range(len(front.sources()))
        if any(view in output.get("data", {}) for output in front.outputs(cell))
    ]
    for cell in cells:
        front.cell(cell).locator(".jupyter-widgets").first.wait_for(state="attached")
    return cells


def players_among(front, cells):
    return [cell for cell in cells if front.cell(cell).locator(".widget-play").count()]


def use_cell(front, cell, lesson, way):
    """Use all of one cell by "key" or "mouse"; return how many controls, and complaints."""
    count = front.pictures(cell).count()
    if players_among(front, [cell]):
        play_a_little(front, cell, by_key=way == "key")
    number, complaints = use_every_control(front, cell, lesson, way)
    if front.pictures(cell).count() != count:
        complaints.append(f"cell {cell}: a move must not stack a second picture")
    return number, complaints


def use_everything(front, lesson, cells):
    """Use all by key; then, in cells run once more, all by mouse. Return how many controls."""
    touchable = [cell for cell in cells if front.controls(cell)]
    numbers, complaints = {}, []
    for way in ("key", "mouse"):
        for cell in touchable:
            if way == "mouse":
                front.run("from gan_lesson.lessons.kit.answers import forget; forget()")
                front.run_cell(cell)
            numbers[cell, way], wrong = use_cell(front, cell, lesson, way)
            complaints += wrong
    complaints += [
        f"cell {cell}: {numbers[cell, 'key']} controls by key, {numbers[cell, 'mouse']} by mouse"
        for cell in touchable
        if numbers[cell, "key"] != numbers[cell, "mouse"]
    ]
    assert complaints == []
    return sum(numbers[cell, "key"] for cell in touchable)


def read_table():
    """Return the table in CONTRIBUTING.md: {lesson: {name of the front end: what it says}}."""
    rows = TABLE.search(CONTRIBUTING.read_text("utf-8"))[2].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {row[0]: dict(zip(NAMES, row[1:], strict=True)) for row in cells}


def write_in_table(lesson, name, controls, players):
    table = read_table()
    row = table.setdefault(lesson, dict.fromkeys(NAMES, "not run"))
    if controls == UNTOUCHED and " · " in row[name]:  # another run may have used them
        controls = row[name].split(" · ")[0]
    row[name] = f"{controls} · {players}"
    rows = [f"| {number} | {' | '.join(row.values())} |\n" for number, row in sorted(table.items())]
    text = CONTRIBUTING.read_text("utf-8")
    text = TABLE.sub(lambda match: match[1] + "".join(rows), text)
    CONTRIBUTING.write_text(text, "utf-8")


@pytest.mark.parametrize(("front", "lesson"), MATRIX, indirect=["front"])
def test_lesson_runs_plays_and_moves_without_error_or_network(front, lesson):
    number = lesson.name[:2]
    front.open(lesson)
    front.run_all()
    front.wait_for_quiet()
    cells = cells_with_widgets(front)
    players = players_among(front, cells)
    controls = UNTOUCHED
    if EVERYTHING or (front.name, number) in QUICK:
        controls = use_everything(front, number, cells)
    else:
        for cell in players:
            play_a_little(front, cell)
    front.assert_clean()
    if WRITE_TABLE:
        write_in_table(number, front.name, str(controls), len(players))
    told = read_table()[number][front.name]
    if told != "not run":
        told_controls, told_players = told.split(" · ")
        assert told_players == str(len(players))
        assert controls == UNTOUCHED or told_controls in (UNTOUCHED, str(controls))


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
    return sorted({lesson.name[:2] for lesson in LESSONS} - set(read_table()))


def test_the_table_says_of_every_lesson_in_every_front_end_how_far_it_was_tried():
    table = read_table()
    assert lessons_without_a_row() == []
    assert list(table) == [lesson.name[:2] for lesson in LESSONS]
    said = [cell for row in table.values() for cell in row.values()]
    assert [cell for cell in said if not re.fullmatch(r"\d+ · \d+", cell)] == []


BROKEN = ("model not found", "Error displaying widget", "Loading widget", "Error creating widget")


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
    stored = [x for x in LESSONS if EVERYTHING or x.name[:2] in ON_EACH_CHANGE]
    for lesson in stored:
        assert '"image/png"' in lesson.read_text(encoding="utf-8"), "nothing to see in this test"
    if trusted:
        front.trust(*stored)
    wrong = [sentence for lesson in stored for sentence in what_is_wrong_with_stored(front, lesson)]
    assert wrong == []
