"""Lessons for those who do not see the pictures, mix up colours, or use no mouse."""

import itertools
import json
import os
import re
from importlib.resources import files

import pytest
from colorspacious import deltaE
from front_ends import REPO, JupyterLab, Missing, absent, write_notebook
from lesson_text import lessons_in
from matplotlib.colors import to_rgb
from seen_by_all import LINE, PALE, WORD, contrast, distance, is_a_sentence

from gan_lesson import plots
from gan_lesson.lessons.wall import DEMONSTRATIONS

NOTEBOOKS = [
    *lessons_in(REPO / "notebooks"),
    *lessons_in(REPO / "notebooks" / "answers"),
]

# --- alternative text --------------------------------------------------------------------------


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_stored_picture_says_what_it_shows(notebook):
    told = []
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        assert "<img" not in "".join(cell["source"]) and "attachments" not in cell
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                told.append(output["metadata"].get("image/png", {}).get("alt", ""))
    assert told
    for text in told:
        assert is_a_sentence(text), text
    assert len(set(told)) == len(told), "two pictures with one description"


def test_every_picture_of_the_readme_says_what_it_shows():
    text = (REPO / "README.md").read_text("utf-8")
    pictures = re.findall(r"!\[([^]]*)\]\((figures/[^)]*)\)", text)
    figures = sorted(f"figures/{path.name}" for path in (REPO / "figures").glob("*.png"))
    assert sorted({name for _, name in pictures}) == figures
    assert [told for told, _ in pictures if not is_a_sentence(told)] == []
    assert "<img" not in text


# --- colours -----------------------------------------------------------------------------------


def test_contrast_and_distance_are_those_of_others():
    assert contrast("black") == pytest.approx(21) and contrast("white") == pytest.approx(1)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)  # WebAIM's checker
    red, green = "#ff0000", "#008000"
    unimpaired = deltaE(to_rgb(red), to_rgb(green), input_space="sRGB1")
    assert distance(red, green) < 0.5 * unimpaired
    # Okabe and Ito's blue and vermilion are far apart for everybody, their orange is no line colour
    assert distance(plots.REAL, plots.GENERATED) > 40
    assert contrast("#E69F00") < LINE


def test_the_roles_are_told_apart_and_their_words_can_be_read():
    roles = (plots.REAL, plots.GENERATED, plots.DISCRIMINATOR)
    for one, other in itertools.combinations(roles, 2):
        assert distance(one, other) >= 11
    for colour in roles:
        assert contrast(colour) >= LINE
        assert contrast(plots.in_words(colour)) >= WORD


def test_no_source_draws_in_a_colour_too_pale():
    sources = [*(REPO / "gan_lesson").rglob("*.py"), *(REPO / "notebooks" / "text").glob("*.md")]
    found = {
        colour.lower(): path.name
        for path in sources
        if "wall" not in path.parts
        for colour in re.findall(r"\"(#[0-9A-Fa-f]{6})\"", path.read_text("utf-8"))
    }
    style = (REPO / "gan_lesson" / "lesson.mplstyle").read_text("utf-8")
    found |= {f"#{c.lower()}": "lesson.mplstyle" for c in re.findall(r"'([0-9A-F]{6})'", style)}
    assert len(found) > 10
    pale = {c: name for c, name in found.items() if contrast(c) < LINE and c not in PALE}
    assert not pale


# --- keyboard and screen reader, in JupyterLab ---------------------------------------------------

# One of every kind of control; all demonstrations with GAN_LESSON_EVERY_CONTROL=1.
SHOWN = ("log_loss", "training_loop", "forgery_game", "latent_walk", "duel")
QUESTIONS = """\
from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
{}
"""
ASKED = (
    'NumberQuestion("How much?", truth=1, tolerance=0.1, low=0, high=3, step=0.1, '
    'why="It is.", name="a")()',
    'ChoiceQuestion("Which one?", ["this", "that"], truth="this", why="It is.", name="b")()',
)
# What ipywidgets 8.1 builds without a name, and no option of a core widget gives it one: the handle
# of a slider, whose label stands before it in the reading order, and the number beside it.
# The buttons of Play have their names from our style sheet, where axe-core does not look.
UNNAMED_BY_IPYWIDGETS = ("noUi-handle", "widget-readout", "fa fa-play", "fa fa-stop")

READ_CONTROLS = """() => {
    axe.setup(document.body);
    const seen = element => element.offsetParent !== null && !element.closest('[disabled]')
        && !element.disabled;
    const controls = [...document.querySelectorAll(
        '.jupyter-widgets :is([tabindex="0"], button, input, select, textarea, [contenteditable])')]
        .filter((e, i, all) => seen(e) && !(e.type === 'radio'
            && all.find(o => o.type === 'radio' && o.name === e.name) !== e));
    controls.forEach((element, i) => element.dataset.control = i);
    const found = controls.map(element =>
        [element.className + ' ' + (element.firstElementChild?.className ?? ''),
         axe.commons.text.accessibleText(element).trim()]);
    axe.teardown();
    return found;
}"""


@pytest.fixture(scope="module")
def lab(started, tmp_path_factory):
    """JupyterLab with explorers, players and questions on the page, axe-core beside them."""
    every = os.environ.get("GAN_LESSON_EVERY_CONTROL")
    wanted = [d.name for d in DEMONSTRATIONS if every or d.name in SHOWN]
    cells = [
        "from gan_lesson.lessons import wall\nmade = {d.name: d.make for d in wall.DEMONSTRATIONS}"
    ]
    cells += [f"made[{name!r}]()" for name in wanted]
    cells += [QUESTIONS.format(question) for question in ASKED]
    notebook = write_notebook(tmp_path_factory.mktemp("widgets") / "widgets.ipynb", cells)
    try:
        front = started(JupyterLab)
    except Missing as missing:
        absent(missing)
    front.open(notebook)
    front.show_all_cells()
    front.run_all()
    axe = files("axe_playwright_python").joinpath("axe.min.js")
    front.page.evaluate(axe.read_text("utf-8"))
    yield front
    front.leave()


@pytest.mark.browser
def test_axe_finds_no_barrier_in_live_widgets(lab):
    found = lab.page.evaluate("axe.run({include: [['.jupyter-widgets']]})")["violations"]
    grave = [
        (violation["id"], node["html"][:200])
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not any(name in node["html"] for name in UNNAMED_BY_IPYWIDGETS)
    ]
    assert not grave


@pytest.mark.browser
def test_every_control_has_a_name_and_is_reached_by_the_tab_key(lab):
    controls = lab.page.evaluate(READ_CONTROLS)
    assert len(controls) > 20
    unnamed = [classes for classes, name in controls if not name]
    assert [c for c in unnamed if not any(n in c for n in UNNAMED_BY_IPYWIDGETS)] == []
    for name in ("Play", "Stop"):
        assert lab.page.get_by_role("button", name=name, exact=True).count()
    lab.page.locator("[data-control='0']").focus()
    reached = set()
    for _ in range(3 * len(controls)):
        reached.add(lab.page.evaluate("document.activeElement.dataset.control"))
        if len(reached - {None}) == len(controls):
            break
        lab.page.keyboard.press("Tab")
    missed = [c for i, c in enumerate(controls) if str(i) not in reached]
    assert not missed
