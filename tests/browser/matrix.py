"""What the tests of each lesson in each front end ask, and the table of what they found."""

import contextlib
import json
import os
import re

import pytest
from every_control import (
    EVERYTHING,
    cells_with_each_kind,
    cells_with_widgets,
    play_a_little,
    players_among,
    use_everything,
)
from front_ends import REPO, ClassicNotebook, JupyterLab, Notebook7, VoilaPage, wait_until
from lesson_text import lessons_in, number_of
from stored import cells_of, in_short, is_compared, said

# On each change some lessons are opened: what a front end does otherwise than a kernel is the same
# in all of them. Some cells of lesson 01 that hold each kind of control are used, in JupyterLab by
# key and in classic Notebook by mouse; 15 has a player, and is opened in Notebook 7, which is made
# of JupyterLab. GAN_LESSON_EVERY_CONTROL=1 (`make test-all`) does everything everywhere.
# GAN_LESSON_WRITE_TABLE=1 runs every lesson everywhere too, and writes what was found into
# CONTRIBUTING.md.
LESSONS = lessons_in(REPO / "notebooks")
FRONT_ENDS = {"lab": JupyterLab, "notebook7": Notebook7, "classic": ClassicNotebook}
WRITE_TABLE = bool(os.environ.get("GAN_LESSON_WRITE_TABLE"))
ON_EACH_CHANGE = {"lab": ("00", "01"), "notebook7": ("15",), "classic": ("01",)}
TRUSTED = ("05",)
WAYS = {("JupyterLab", "01"): ("key",), ("classic Notebook", "01"): ("mouse",)}
CONTRIBUTING = REPO / "CONTRIBUTING.md"
NAMES = [front.name for front in (*FRONT_ENDS.values(), VoilaPage)]
UNTOUCHED = "–"  # in the table, where a run tried no controls
TABLE = re.compile(r"(^\| lesson \|.*\n\|[-|]+\n)((?:\|.*\n)*)", re.M)


def cases(*names):
    """The lessons in these front ends, as parameters (front, lesson) of a test."""
    return [
        pytest.param(FRONT_ENDS[name], lesson, id=f"{name}-{number_of(lesson)}")
        for name in names
        for lesson in LESSONS
        if EVERYTHING or WRITE_TABLE or number_of(lesson) in ON_EACH_CHANGE[name]
    ]


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


def with_shorter_runs(lesson, folder):
    """A copy of a lesson that trains for a tenth of the time, but where the output is compared."""
    book = json.loads(lesson.read_text("utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = in_short(cell)
    copy = folder / lesson.name
    copy.write_text(json.dumps(book), "utf-8")
    return copy


def play_and_move(front, lesson):
    """Touch the widgets of a lesson that has been run; compare what there was with the table."""
    number = number_of(lesson)
    front.wait_for_quiet()
    cells = cells_with_widgets(front)
    players = players_among(front, cells)
    controls = UNTOUCHED
    if EVERYTHING:
        controls = use_everything(front, number, cells)
    elif (front.name, number) in WAYS:
        use_everything(front, number, cells_with_each_kind(front, cells), WAYS[front.name, number])
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


BROKEN = ("model not found", "Error displaying widget", "Loading widget", "Error creating widget")


def pictures_stored(lesson):
    """How many pictures each cell of a lesson holds, as {index of the cell: number}."""
    stored = {
        index: sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
        for index, cell in enumerate(cells_of(lesson))
    }
    return {index: number for index, number in stored.items() if number}


def what_is_wrong_with_stored(front, lesson):
    """Return what a reader would miss in a lesson just opened, no cell run, in sentences."""
    pictures = pictures_stored(lesson)
    wrong = [] if pictures else [f"{lesson.name} stores no picture, so nothing was tried"]
    for index, stored in pictures.items():
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


def what_differs_from_stored(front, lesson):
    """Return what cells tagged nbval-check-output say now and said then, where these differ."""
    return [
        (index, now, then)
        for index, cell in enumerate(cells_of(lesson))
        if is_compared(cell)
        and (now := said(front.outputs(index))) != (then := said(cell["outputs"]))
    ]


def assert_trusted_ones_show_their_pictures(front):
    """What a reader sees who runs no cell of a notebook that was trusted before."""
    lessons = [x for x in LESSONS if EVERYTHING or number_of(x) in TRUSTED]
    front.trust(*lessons)
    wrong = []
    for lesson in lessons:
        front.open(lesson, kernel=False)
        wrong += what_is_wrong_with_stored(front, lesson)
    assert wrong == []
