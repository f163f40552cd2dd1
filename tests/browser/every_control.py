"""Use every control of a cell once, by key or by mouse, and play every player a little."""

import collections
import contextlib
import hashlib
import os
from importlib import import_module

from front_ends import CONTROLS, wait_until

from gan_lesson.lessons.kit.explorer import DOUBLE_CLICK
from gan_lesson.lessons.wall import BY_LESSON

EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))

# Controls that rightly leave the picture as it is, and why, as the `demo.py` of each room says.
# Each must still change what the cell says.
PICTURE_STAYS = {
    (number, control): why
    for room in BY_LESSON
    for control, why in getattr(
        import_module(f"gan_lesson.lessons.lesson_{room}.demo"), "PICTURE_STAYS", {}
    ).items()
    for number in (room, "tour")  # which shows widgets of several rooms
} | {("any", "speed"): "a player's speed counts from the next tick on"}


def pixels(element):
    """Return a hash of what the screen shows of an element, which may just be replaced."""
    shot = wait_until("a picture that stays for a moment", lambda: screenshot_or_none(element))
    return hashlib.sha256(shot).hexdigest()


def screenshot_or_none(element):
    with contextlib.suppress(Exception):  # Playwright's own, wherever it is installed
        return element.screenshot(timeout=5000)


READ_PICTURES = """images => Promise.all(images.map(async ({alt, src}) => {
    const bytes = new TextEncoder().encode(src);
    return [alt, new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).join()];
}))"""


def shown_in(front, cell):
    """The description and a hash of the pixels of each live picture of a cell."""
    return front.pictures(cell).evaluate_all(READ_PICTURES)


def is_without_effect(front, cell, lesson, control, use):
    """Use a control of a cell that is quiet; tell whether it shows the same as before."""
    rules = {(lesson, control.label), (lesson, control.kind), ("any", control.label)}
    in_picture = front.pictures(cell).count() and control.kind != "text"
    look = shown_in if in_picture and not rules & PICTURE_STAYS.keys() else type(front).state
    if control.kind == "button":
        front.page.wait_for_timeout(1000 * DOUBLE_CLICK)  # some take a second click only then
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
    last are used first: a group of settings is folded away as soon as another is chosen, and a
    checkbox that an answer woke up sleeps again as soon as the answer is taken back. Of toggle
    buttons the first, which is the usual choice, is pressed last.
    """
    use = {"key": front.use_by_key, "mouse": front.use_by_mouse}[way]
    came, done, places, complaints = {}, [], set(), []

    def on_screen():
        return tuple(pixels(picture) for picture in front.pictures(cell).all())

    front.wait_for_quiet()  # nothing is on its way any more; each use ends so, too
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
            if control.usable or control.kind != "checkbox":
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


def cells_with_each_kind(front, cells):
    """Return few cells that hold a control of each kind that there is in any of them."""
    kinds = {cell: [control.kind for control in front.controls(cell)] for cell in cells}
    missing, chosen = set().union(*kinds.values()), []
    while missing:
        chosen.append(max(kinds, key=lambda c: (len(missing & {*kinds[c]}), -len(kinds[c]))))
        missing -= {*kinds[chosen[-1]]}
    return sorted(chosen)


def use_cell(front, cell, lesson, way):
    """Use all of one cell by "key" or "mouse"; return how many controls, and complaints."""
    count = front.pictures(cell).count()
    if players_among(front, [cell]):
        play_a_little(front, cell, by_key=way == "key")
    number, complaints = use_every_control(front, cell, lesson, way)
    if front.pictures(cell).count() != count:
        complaints.append(f"cell {cell}: a move must not stack a second picture")
    return number, complaints


def use_everything(front, lesson, cells, ways=("key", "mouse")):
    """Use all in each way; for the second, cells are run once more. Return how many controls."""
    touchable = [cell for cell in cells if front.controls(cell)]
    numbers, complaints = {}, []
    for way in ways:
        for cell in touchable:
            if way != ways[0]:
                front.run("from gan_lesson.lessons.kit.answers import forget; forget()")
                front.run_cell(cell)
            numbers[cell, way], wrong = use_cell(front, cell, lesson, way)
            complaints += wrong
    complaints += [
        f"cell {cell}: {numbers[cell, ways[0]]} by {ways[0]}, {numbers[cell, way]} by {way}"
        for cell in touchable
        for way in ways[1:]
        if numbers[cell, ways[0]] != numbers[cell, way]
    ]
    assert complaints == []
    return sum(numbers[cell, ways[0]] for cell in touchable)
