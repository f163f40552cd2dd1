"""`make slides`: what stands on slides, that none tells an answer, and that they need no network.

`leaks.py` looks for what a page must not tell; ten leaks that are planted here by hand prove that
it finds each kind.
"""

import ast
import functools
import os
import re
import subprocess
import sys
from collections import Counter
from html import escape
from pathlib import Path

import make_slides
import nbformat
import pytest
import reading
from front_ends import Missing, absent, open_browser
from leaks import Secrets
from lesson_text import NOTEBOOKS, lessons_in, number_of
from slides.deck import SCRIPT, STYLE, index, page, write_decks
from slides.on_slides import Slide, SlidesError, question, read_cells, slides_of
from slides.wall_links import all_pages, page_of, pages_of

from gan_lesson.lessons.wall import BY_LESSON

ROOT = NOTEBOOKS.parent
PYTHON = ROOT / ".venv-book" / "bin" / "python"
TEXTS = lessons_in(NOTEBOOKS / "text", ".md")

each_lesson = pytest.mark.parametrize("text", TEXTS, ids=number_of)


@functools.cache
def decks():
    return dict(make_slides.decks_of())


@functools.cache
def secrets_of(text):
    return Secrets(text, NOTEBOOKS / f"{text.stem}.ipynb")


def html_of(text):
    return page(text.stem, decks()[text.stem])


# --- what stands on slides ---------------------------------------------------------------------


@each_lesson
def test_a_deck_begins_with_the_question_and_asks_shows_and_leaves_lines_out(text):
    slides = decks()[text.stem]
    kinds = Counter(slide.kind for slide in slides)
    assert slides[0] == Slide("title", text.read_text("utf-8").split("\n")[0].removeprefix("# "))
    assert kinds["title"] == 1 and kinds["question"] >= 2 and kinds["picture"] >= 1
    assert set(kinds) <= {"title", "question", "picture", "equation", "exercise"}


@each_lesson
def test_one_thing_a_slide(text):
    sections = re.findall(r"<section.*?</section>", html_of(text), re.S)
    assert len(sections) == len(decks()[text.stem])
    for section in sections:
        things = len(re.findall(r"<h1>|<img|<pre|\\\[|<ol|class=\"answer\"", section))
        assert things == 1, section[:300]


@each_lesson
def test_a_deck_has_all_questions_and_stubs_outside_more_in_order(text):
    cells = read_cells(text, NOTEBOOKS / f"{text.stem}.ipynb")
    sections = [s for s in reading.sections(cells) if not s.more]
    code = [c for s in sections for c in s.cells if c.cell_type == "code"]
    asked = [c for c in code if ".ask_" in c.source]
    stubs = [c.source for c in code if "stub" in c.metadata.get("tags", [])]
    slides = decks()[text.stem]
    assert [s.text for s in slides if s.kind == "exercise"] == stubs
    told = [s for s in slides if s.kind == "question"]
    assert len(told) == len(asked)
    for cell, slide in zip(asked, told, strict=True):
        plain = cell.outputs[0].data["text/plain"]
        assert len(slide.options) == len(re.findall(r"^  ", plain, re.M))
        assert slide.text.split()[:3] == plain.removeprefix("Predict: ").split()[:3]


def test_a_picture_of_invented_answers_says_so():
    for name, slides in decks().items():
        told = [slide.caption for slide in slides if slide.kind == "picture"]
        game = "ForgeryGame(" in (NOTEBOOKS / "text" / f"{name}.md").read_text("utf-8")
        assert any("invented answers" in caption for caption in told) == game
    captions = re.findall(r'<p class="caption">(.*?)</p>', page("tour", decks()["tour"]))
    assert captions[1:] == ["Case 13"] * 2 + ["Case 32"] * 2 and "invented" in captions[0]


def test_the_tours_slides_show_both_tests_of_both_patients():
    """With them and a sheet of paper a teacher can go on when JupyterLab fails."""
    (last,) = {s.heading for s in decks()["tour"] if s.heading.startswith("6.")}
    pictures = [s for s in decks()["tour"] if s.kind == "picture" and s.heading == last]
    assert len(pictures) == 4 == len({s.picture for s in pictures})


def test_a_question_of_several_lines_is_one_and_its_options_are_apart():
    slide = question("Predict: A min-\nmax game, or 99\n% of it?\n  ( ) yes\n  ( ) no", "1. A")
    assert slide.text == "A min-max game, or 99 % of it?" and slide.options == ("yes", "no")
    assert question("Predict: How many?\n  a number from 0 to 2 nats", "").options == (
        "a number from 0 to 2 nats",
    )


# --- links to the wall -------------------------------------------------------------------------


def test_the_pages_read_from_demo_py_are_those_of_the_wall():
    read = {room: [(p.name, p.title) for p in pages] for room, pages in all_pages(ROOT).items()}
    wall = {f"lesson_{n}": [(d.name, d.title) for d in pages] for n, pages in BY_LESSON.items()}
    assert read == wall
    assert all(p.makers for pages in all_pages(ROOT).values() for p in pages)


def test_a_cell_is_linked_to_the_page_that_shows_its_widget_and_to_no_other():
    pages = all_pages(ROOT)
    found = page_of("lesson_03.DensitiesExplorer(mean=2.0)", pages)
    assert found.name == "densities"
    assert found.address("http://x:1") == "http://x:1/voila/render/demo.ipynb?densities"
    index = ROOT / "gan_lesson" / "lessons" / "wall" / "template" / "tree.html"
    assert "{{ base_url }}voila/render/demo.ipynb?{{ each.name }}" in index.read_text("utf-8")
    assert page_of("plots.digits_sheet(axes, load_digits())", pages) is None
    assert page_of("lesson_05.game_state(G, D, data)", pages) is None
    toy = "def a():\n    return One(both())\nD = (Demonstration('x', 'X', a),\n"
    toy += "    Demonstration('y', 'Y', lambda: Two(both())))"
    assert [sorted(p.makers) for p in pages_of(toy)] == [["One", "a"], ["Two"]]


@each_lesson
def test_what_moves_is_linked(text):
    """Each picture of a cell that makes an explorer or player of a room names its page."""
    live = {slide.live.name for slide in decks()[text.stem] if slide.live}
    rooms = set(re.findall(r"lesson_\d\d", text.read_text("utf-8")))
    assert live and live <= {d.name for n in rooms for d in BY_LESSON[n.removeprefix("lesson_")]}


# --- nothing is told ---------------------------------------------------------------------------


@each_lesson
def test_no_deck_tells_an_answer(text):
    assert secrets_of(text).leaks_in(html_of(text)) == []


@each_lesson
def test_there_is_something_to_keep(text):
    """Or the test above could not fail."""
    kinds = {what.partition(":")[0] for what in secrets_of(text).told.values()}
    expected = {"the teacher's words"}
    if text.stem != "tour":
        expected |= {"a reason", "the right option", "a printed line", "a hint"}
        expected |= {"a line of an answer"}
    assert expected <= kinds, expected - kinds


LESSON = next(text for text in TEXTS if text.name.startswith("01_"))
SECTION = '<section class="picture">\n{}\n</section>\n</div></div>'


def planted(html, leak):
    return html.replace("</div></div>", SECTION.format(leak), 1)


LEAKS = {
    "the answer's line on an exercise": "<pre>    losses = -(y * np.log(p) + (1 - y) * "
    "np.log(1 - p))</pre>",
    "an answer in a comment, in another layout": "<!-- -( y*np.log(p)+(1-y)*np.log(1-p) ) -->",
    "the teacher's words as notes of the speaker": '<aside class="notes">Ask whether one may ever '
    "say p = 1. Only a player who can pay an infinite price may do so.</aside>",
    "why the right option is right, in an attribute": '<p data-why="−log 0.01 = −log 0.1² = 2 × '
    '(−log 0.1), which is 4.605 against 2.303.">?</p>',
    "the right option alone": "<p>The second pays exactly twice as much.</p>",
    "an option that is marked": '<ol class="options"><li class="right">it is false</li></ol>',
    "a verdict of the prose": "<p><b>The claim is false</b></p>",
    "a printed line": "<pre>p = 0.1, y = 1: the claimed loss is -2.303</pre>",
    "a number in an alternative text": '<img src="pictures/x.png" alt="Log-loss against p, two '
    'curves; at p = 0.80 with label y = 1 the loss is 0.223 nats.">',
    "a hint": "<p>{hint}</p>",
    "the state of a widget": '<script type="application/vnd.jupyter.widget-state+json">1</script>',
    "an answer in an alternative text": '<img src="pictures/x.png" alt="On the left the right '
    'answer: -(y * np.log(p) + (1 - y) * np.log(1 - p)).">',
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_a_leak_planted_by_hand_is_found(leak):
    from gan_lesson.lessons.lesson_01.exercises import check_bce

    hint = check_bce.__self__.hints[1]
    clean = html_of(LESSON)
    leaky = planted(clean, leak.replace("{hint}", escape(hint)))
    assert leaky != clean and secrets_of(LESSON).leaks_in(clean) == []
    assert secrets_of(LESSON).leaks_in(leaky) != []


def test_a_number_to_predict_is_found_in_an_alternative_text():
    """Lesson 00 asks for log 2, and its stored description tells it."""
    (text,) = (text for text in TEXTS if text.name.startswith("00_"))
    stored = nbformat.read(NOTEBOOKS / f"{text.stem}.ipynb", as_version=4)
    alts = [
        output.metadata["image/png"]["alt"]
        for cell in stored.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert "0.693" in alts[0]
    slide = next(slide for slide in decks()[text.stem] if slide.kind == "picture")
    assert "0.693" not in slide.alt
    leaky = html_of(text).replace(escape(slide.alt), escape(alts[0]))
    assert any("0.693" in leak for leak in secrets_of(text).leaks_in(leaky))


def test_what_is_tagged_answer_or_teacher_never_reaches_the_slides(tmp_path):
    """A toy whose every kind of cell holds the same secret word."""
    text = (
        "# One?\n\n{{time}}\n\n## 1. Two\n\nsecret\n\n"
        '<!-- #region tags=["teacher"] -->\n$$secret$$\n<!-- #endregion -->\n\n'
        '```python tags=["stub"]\nx = ...\n```\n\n```python tags=["answer"]\nx = "secret"\n```\n\n'
        '```python\nprint("secret")\n```\n\n## More: three\n\n$$secret$$\n'
    )
    path, stored = tmp_path / "98_toy.md", tmp_path / "98_toy.ipynb"
    path.write_text(text, "utf-8")
    cells = [
        nbformat.v4.new_code_cell("x = ..."),
        nbformat.v4.new_code_cell(
            'print("secret")', outputs=[nbformat.v4.new_output("stream", text="secret\n")]
        ),
    ]
    stored.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), "utf-8")
    slides = slides_of(path, stored, {})
    assert [slide.kind for slide in slides] == ["title", "exercise"]
    assert "secret" not in page("98_toy", slides)
    path.write_text(text.replace("x = ...", "y = ..."), "utf-8")
    with pytest.raises(SlidesError, match="another text: run `make notebooks`"):
        slides_of(path, stored, {})
    with pytest.raises(SlidesError, match="is missing"):
        slides_of(path, tmp_path / "97.ipynb", {})


# --- the pages ---------------------------------------------------------------------------------


def test_no_page_loads_anything_from_elsewhere(tmp_path):
    write_decks(list(decks().items()), tmp_path)
    for path in tmp_path.glob("*.html"):
        html = path.read_text("utf-8")
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', html)
        assert loaded and not [x for x in loaded if re.match(r"\w+:|//", x) and x != "data:,"]
        links = set(re.findall(r'<a [^>]*href="([^"]*)"', html))
        for link in links:
            here = (tmp_path / link).exists()
            assert here or link.startswith("http://127.0.0.1:8866/voila/render/demo.ipynb?")
        for picture in re.findall(r'src="(pictures/[^"]*)"', html):
            assert (tmp_path / picture).stat().st_size > 1000
    assert "http" not in STYLE + SCRIPT and "@import" not in STYLE


def test_the_list_names_every_deck():
    assert re.findall(r'href="([^"]+)\.html"', index(list(decks().items()))) == list(decks())


def test_the_tools_need_no_more_than_the_book_has():
    """Slides are made in .venv-book, where neither torch nor the package is installed."""
    allowed = {"jupytext", "nbformat", "markdown_it", "mdit_py_plugins", "reading", "slides"}
    for path in [*(ROOT / "tools" / "slides").glob("*.py"), ROOT / "tools" / "make_slides.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            outside = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
            assert outside <= allowed, f"{path.name} imports {outside - allowed}"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder that `make slides` writes, made by the environment of the book."""
    python = Path(os.environ.get("GAN_LESSON_BOOK_PYTHON", PYTHON))
    has = "import sphinx_revealjs, jupytext, mathjax"
    if not python.exists() or subprocess.run([python, "-c", has], capture_output=True).returncode:
        absent("reveal.js is not in .venv-book, so no slides were made; `make test` installs it.")
    out = tmp_path_factory.mktemp("slides") / "slides"
    made = subprocess.run(
        [python, "tools/make_slides.py", out], cwd=ROOT, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert re.match(rf"\d+ slides in {len(TEXTS)} decks; open ", made.stdout)
    return out


def test_the_decks_made_there_are_the_same(built):
    for text in TEXTS:
        assert (built / f"{text.stem}.html").read_text("utf-8") == html_of(text)
    assert {path.name for path in built.iterdir()} >= {"reveal", "mathjax", "index.html"}


TOO_LARGE = """() => {
    const all = Reveal.getCurrentSlide(), edge = all.getBoundingClientRect();
    return [...all.querySelectorAll("*")].filter(e => !e.closest("mjx-assistive-mml, svg *"))
        .filter(e => { const b = e.getBoundingClientRect();
            return b.width && (b.right > edge.right + 2 || b.bottom > edge.bottom + 2); })
        .map(e => e.tagName + " " + e.textContent.slice(0, 60));
}"""


@pytest.mark.browser
def test_every_slide_fits_a_projector_and_asks_nobody(built):
    try:
        with open_browser() as browser:
            view = browser.new_page(viewport={"width": 1280, "height": 720})
            asked, errors = [], []
            view.on("request", lambda request: asked.append(request.url))
            view.on("pageerror", lambda error: errors.append(str(error)))
            view.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
            for text in TEXTS:
                view.goto((built / f"{text.stem}.html").as_uri(), wait_until="load")
                view.wait_for_function("Reveal.isReady()")
                view.evaluate("MathJax.startup.promise")
                assert view.evaluate("Reveal.getTotalSlides()") == len(decks()[text.stem])
                for number in range(len(decks()[text.stem])):
                    view.evaluate("number => Reveal.slide(number)", number)
                    assert view.evaluate(TOO_LARGE) == [], (text.stem, number)
                assert view.locator("mjx-merror").count() == 0
            assert errors == []
            assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    except Missing as missing:
        absent(missing)
