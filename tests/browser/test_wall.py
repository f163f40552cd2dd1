"""The demonstrations of `make demo`, and the projector view that they are shown in.

A few pages on each change; every page with GAN_LESSON_EVERY_CONTROL=1 (`make test-all`).
"""

import contextlib
import itertools
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import weakref

import pytest
from front_ends import HANDLES, REPO, Missing, VoilaPage, absent, wait_until
from lesson_text import defined_in_the_rooms
from matplotlib.text import Text

from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer
from gan_lesson.lessons.lesson_03 import DistanceExplorer
from gan_lesson.lessons.wall import BY_LESSON, DEMONSTRATIONS, Wall, demonstration
from gan_lesson.live import is_projector, projector, projector_switch, show

EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
NAMES = [each.name for each in DEMONSTRATIONS]
LOOKED_AT = NAMES if EVERYTHING else ["log_loss", "ledger", "at_once", "latent_walk"]
SCREEN = {"width": 1280, "height": 720}


@pytest.fixture(autouse=True)
def fresh_page(monkeypatch):
    """No picture of an earlier test is left for the switch to draw."""
    pictures = weakref.WeakSet()
    for module in ("projector_view", "panel"):  # one set, known to both
        monkeypatch.setattr(f"gan_lesson.live.{module}.pictures", pictures)
    monkeypatch.setattr("gan_lesson.live.projector_view._boxes", weakref.WeakSet())


@pytest.fixture
def on_a_wall(fresh_page):
    projector(True)
    yield
    projector(False)


# --- without a browser ---------------------------------------------------------------------------


def test_every_explorer_and_player_of_the_lessons_is_on_the_wall():
    from gan_lesson.player import TrainingPlayer

    classes = {
        name.rpartition(".")[2]
        for name, value in defined_in_the_rooms()
        if isinstance(value, type)
        and issubclass(value, Explorer | TrainingPlayer)
        and not name.rpartition(".")[2].startswith("_")
    }
    rooms = REPO / "gan_lesson" / "lessons"
    source = "".join(path.read_text("utf-8") for path in rooms.glob("lesson_*/demo.py"))
    assert len(classes) >= 20
    assert {name for name in classes if not re.search(rf"\b{name}\b", source)} == set()
    assert all(BY_LESSON.values())
    assert len(set(NAMES)) == len(NAMES)


def test_an_unknown_demonstration_is_named():
    with pytest.raises(ValueError, match="no_such.*log_loss"):
        demonstration("no_such")


def heights(figure):
    """Return the height of each word of a figure in pixels, by the word."""
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    return {t.get_text(): t.get_fontsize() * figure.dpi / 72 for t in texts}


def test_a_projector_makes_type_half_as_large_again_and_grey_black_and_all_comes_back():
    explorer, with_grey = LogLossExplorer(), DistanceExplorer()
    on_desk, png, colour = heights(explorer.panel.figure), explorer.panel.png, "#555555"
    words = [t for t in with_grey.panel.figure.findobj(Text) if "log 2" in t.get_text()]
    assert words[0].get_color() == colour
    projector(True)
    try:
        projected = heights(explorer.panel.figure)
        assert all(projected[word] == pytest.approx(1.5 * on_desk[word]) for word in on_desk)
        assert words[0].get_color() == "black"
        assert 'width="1120"' in explorer.panel.html.value
        explorer.p.value, with_grey.mean.value = 0.3, 3.0
    finally:
        projector(False)
    explorer.p.value, with_grey.mean.value = 0.8, 2.0
    assert heights(explorer.panel.figure) == on_desk
    assert explorer.panel.png == png
    assert words[0].get_color() == colour


def test_the_environment_switches_the_projector_on():
    code = (
        "from gan_lesson import live; from gan_lesson.lessons.lesson_01 import LogLossExplorer;"
        "print(live.is_projector(), LogLossExplorer().panel._size)"
    )
    for value, told in (("1", "True (1120, 510)"), ("0", "False (700, 340)")):
        environment = {**os.environ, "GAN_LESSON_PROJECTOR": value}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=REPO, capture_output=True, text=True
        )
        assert done.stdout.startswith(told), done.stderr


@pytest.mark.parametrize("width, height, dpi", [(99, 600, 150), (600, 0, 150), (600, 600, 9)])
def test_a_projector_without_room_is_refused(width, height, dpi):
    with pytest.raises(ValueError, match=str((width, height, dpi)).replace("(", r"\(")[:-1]):
        projector(True, width, height, dpi)
    assert not is_projector()


def test_what_was_shown_follows_the_switch(on_a_wall):
    explorer, button = LogLossExplorer(), projector_switch()
    show(explorer.widget, explorer.panel)
    assert "gan-lesson-projector" in explorer.widget._dom_classes
    assert "zoom" in explorer.widget.children[-1].value
    button.value = False
    assert explorer.widget._dom_classes == ()
    assert 'width="700"' in explorer.panel.html.value
    button.value = True
    assert 'width="1120"' in explorer.panel.html.value


def box_of(text, renderer):
    box = text.get_window_extent(renderer)
    return box.x0, box.y0, box.x1, box.y1


def is_cut(box, figure):
    (x0, y0, x1, y1), (width, height) = box, figure.bbox.size
    return x0 < -2 or y0 < -2 or x1 > width + 2 or y1 > height + 2


def overlap(one, other):
    """Return how much of the smaller box lies in the other."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    area = min((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return across * down / area


def drawn_texts(figure):
    """Return the words that are drawn: not the ticks beyond an axis' limits."""
    axes = [axis for a in figure.axes for axis in (a.xaxis, a.yaxis)]
    ticks = [tick for axis in axes for tick in axis._update_ticks()]
    labels = {label for axis in axes for label in axis.get_ticklabels(which="both")}
    unseen = labels - {label for tick in ticks for label in (tick.label1, tick.label2)}
    unseen |= {t for a in figure.axes if not a.axison for t in a.xaxis.findobj(Text)}
    unseen |= {t for a in figure.axes if not a.axison for t in a.yaxis.findobj(Text)}
    texts = set(figure.findobj(Text)) - unseen
    return [t for t in texts if t.get_visible() and t.get_text().strip()]


def what_is_wrong_with(figure):
    """Return which words of a figure are cut at its edge or lie on others."""
    renderer = figure.canvas.get_renderer()
    boxes = {text: box_of(text, renderer) for text in drawn_texts(figure)}
    wrong = [f"{t.get_text()!r} is cut" for t, box in boxes.items() if is_cut(box, figure)]
    for (one, its), (other, others) in itertools.combinations(boxes.items(), 2):
        twins = one.get_text() == other.get_text() and overlap(its, others) > 0.95
        if overlap(its, others) > 0.1 and not twins:  # two axes share their ticks
            wrong.append(f"{one.get_text()!r} lies on {other.get_text()!r}")
    return sorted(wrong)


def test_no_word_is_cut_or_lies_on_another_on_a_projector(on_a_wall):
    wall, wrong = Wall(LOOKED_AT[0]), {}
    for name in LOOKED_AT:
        wall.turn_to(name)
        figure = getattr(wall.explorer.panel, "figure", None)  # sheets of digits have none
        if figure is not None:
            wrong[name] = what_is_wrong_with(figure)
    assert {name: found for name, found in wrong.items() if found} == {}


# --- in a browser ------------------------------------------------------------------------------


class Visitor(VoilaPage):
    """A teacher at the wall."""

    def open(self, name):
        super().open(name)
        self.wait_for(name)

    def open_index(self):
        self._new_page()
        self.page.goto(f"http://127.0.0.1:{self.port}/")

    def wait_for(self, name, before=None):
        """Wait for a demonstration's title and for a picture that was not there before."""
        title = demonstration(name).title
        wait_until(title, lambda: self.page.inner_text("h1") == title)
        wait_until("a picture", lambda: self.source() not in (None, before), 120)

    def source(self):
        pictures = self.pictures(0)
        with contextlib.suppress(Exception):  # it may just be replaced
            return pictures.first.get_attribute("src", timeout=500) if pictures.count() else None

    def says(self, words):
        return words in (self.pictures(0).first.get_attribute("alt") or "")

    def type(self, key):
        self.page.keyboard.press(key)

    def kernel(self):
        """Return the address that tells whether the page's kernel lives."""
        config = self.page.locator("#jupyter-config-data").text_content()
        identity = re.search(r'"kernelId": ?"([^"]+)"', config)[1]
        return f"http://127.0.0.1:{self.port}/api/kernels/{identity}"


def is_alive(kernel):
    try:
        return urllib.request.urlopen(kernel, timeout=60).status == 200
    except urllib.error.HTTPError as error:
        assert error.code == 404
        return False


@pytest.fixture
def visitor(started):
    try:
        visitor = started(Visitor)
    except Missing as missing:
        absent(missing)
    yield visitor
    visitor.close()


OUTSIDE = """([wide, high]) => [...document.querySelectorAll("#rendered_cells *")].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && box.height && !e.closest("style")
        && (box.right > wide + 1 || box.bottom > high + 1 || box.top < 44 - 1)
        && getComputedStyle(e).position !== "fixed" && !e.closest(".switch") && e.matches(
            "img, button, select, input, .widget-label, .widget-readout, .widget-html-content *");
}).map(e => `${e.tagName} ${e.textContent.slice(0, 40)} ${e.getBoundingClientRect().bottom}`)"""
CUT = """() => [...document.querySelectorAll("#rendered_cells :is(button, select, .widget-label)")]
    .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"""
NARROW = """() => [...document.querySelectorAll("#rendered_cells .noUi-target")]
    .filter(e => e.offsetParent && Math.max(e.clientWidth, e.clientHeight) < 60)
    .map(e => `a slider of ${e.clientWidth} pixels`)"""


@pytest.mark.browser
@pytest.mark.flaky(reruns=2)
def test_a_page_shows_its_picture_and_fits_a_projector_of_1280_by_720(visitor, tmp_path):
    names = NAMES if EVERYTHING else ["training_loop", "far_start"]
    visitor.open(names[0])
    page, wrong = visitor.page, {}
    for last, name in zip([names[0], *names], names, strict=False):
        if name != last:  # away from a player while it plays
            page.evaluate("document.querySelector('.widget-html:has(img)').id = 'last'")
            page.evaluate("by => turn(by)", NAMES.index(name) - NAMES.index(last))
            wait_until("the last page is gone", lambda: not page.locator("#last").count(), 120)
            visitor.wait_for(name)
        if page.locator(".widget-play").count():
            before = visitor.source()
            page.locator(".widget-play button").first.click()
            visitor.wait_for(name, before)
        page.wait_for_timeout(300)  # the read-outs come after the picture
        page.screenshot(path=tmp_path / f"{name}.png")
        found = page.evaluate(OUTSIDE, list(SCREEN.values()))
        wrong[name] = found + page.evaluate(CUT) + page.evaluate(NARROW)
    assert {name: found for name, found in wrong.items() if found} == {}
    visitor.assert_clean()


def opens_a_page_by_keys(visitor):
    """From the index; return the kernel that the page has."""
    visitor.open_index()
    links = visitor.page.locator("li a")
    hrefs = [links.nth(i).get_attribute("href") for i in range(links.count())]
    assert [href.partition("?")[2] for href in hrefs] == NAMES
    assert NAMES[1:3] == ["log_loss", "slopes"]
    for key in ("ArrowDown", "PageDown", "ArrowUp", "Enter"):
        visitor.type(key)
    visitor.wait_for("log_loss")
    kernel = visitor.kernel()
    assert is_alive(kernel)
    return kernel


def turns_pages_with_a_clicker(visitor):
    keys = {"PageDown": "slopes", "ArrowLeft": "log_loss", "ArrowRight": "slopes"}
    for key, name in {**keys, "PageUp": "log_loss"}.items():
        before = visitor.source()
        visitor.type(key)
        visitor.wait_for(name, before)
        assert visitor.page.url.endswith(f"?{name}")


def moves_a_slider_that_keeps_the_keys_until_escape(visitor):
    handle = visitor.page.locator(HANDLES).first
    before = visitor.source()
    handle.focus()
    visitor.type("ArrowRight")
    visitor.wait_for("log_loss", before)
    assert visitor.says("p = 0.81")
    visitor.type("PageDown")
    visitor.page.wait_for_timeout(300)
    assert visitor.page.inner_text("h1") == demonstration("log_loss").title

    # dragged by mouse it follows the pointer, though the page is enlarged
    track, box = visitor.page.locator(".noUi-base").first.bounding_box(), handle.bounding_box()
    middle = box["y"] + box["height"] / 2
    visitor.page.mouse.move(box["x"] + box["width"] / 2, middle)
    visitor.page.mouse.down()
    for share in (0.4, 0.25):
        visitor.page.mouse.move(track["x"] + share * track["width"], middle, steps=4)
    visitor.page.mouse.up()
    wait_until("the slider follows", lambda: visitor.says("p = 0.2"), 60)

    before = visitor.source()
    visitor.type("Escape")
    visitor.type("PageDown")
    visitor.wait_for("slopes", before)


def switches_the_projector_view_off(visitor):
    picture = visitor.page.locator(".widget-html img")
    assert picture.bounding_box()["width"] == 1250
    before = visitor.source()
    visitor.page.locator(".switch").click()
    visitor.wait_for("slopes", before)
    assert picture.bounding_box()["width"] == 860


def leaves_and_takes_the_kernel_along(visitor, kernel):
    visitor.type("Escape")
    wait_until("the index", lambda: visitor.page.locator("li a").count() == len(NAMES))
    assert visitor.page.evaluate("document.activeElement.search") == "?slopes"
    wait_until("the kernel is gone", lambda: not is_alive(kernel), 60)


@pytest.mark.browser
@pytest.mark.flaky(reruns=2)
def test_keys_open_a_page_turn_it_move_a_slider_and_return_to_the_index(visitor):
    kernel = opens_a_page_by_keys(visitor)
    turns_pages_with_a_clicker(visitor)
    moves_a_slider_that_keeps_the_keys_until_escape(visitor)
    switches_the_projector_view_off(visitor)
    leaves_and_takes_the_kernel_along(visitor, kernel)
    visitor.assert_clean()
