"""The builder of the lessons, on a tiny text; and the stored lessons, without running them."""

import importlib.util
import json
import re
from pathlib import Path

import nbformat
import pytest
from lesson_text import lessons_in, number_of

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
TEXTS = sorted((NOTEBOOKS / "text").glob("*.md"))
STORED = sorted([*NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("answers/*.ipynb")])

spec = importlib.util.spec_from_file_location("build", NOTEBOOKS / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

TINY = """\
# What is one and one?

{{time}}

## A sum

Add $1 + 1$.

<!-- #region tags=["teacher"] -->
## What to say

Some answer **three**.
<!-- #endregion -->

```python tags=["nbval-check-output"]
1 + 1
```

```python tags=["stub"]
def double(x):
    return None
```

```python tags=["answer"]
def double(x):
    return 2 * x
```

```python
import os

print("doubled:", double(21))
print("headless:", os.environ["GAN_LESSON_HEADLESS"])
```

```python tags=["measured"]
import time

print(time.time_ns())
```

```python
import ipywidgets
from IPython.display import display

slider = ipywidgets.IntSlider()
display(slider)
view = {"version_major": 2, "version_minor": 0, "model_id": slider.model_id}
bundle = {
    "application/vnd.jupyter.widget-view+json": view,
    "image/png": "iVBORw0KGgo=",
    "text/plain": "A slider at 0.",
}
display(bundle, raw=True, metadata={"image/png": {"alt": "A slider at 0."}})
```

```python tags=["raises-exception"]
raise ValueError("on purpose")
```
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The tiny text, what two builds made of it, and what a third did that measured anew."""
    text = tmp_path_factory.mktemp("lessons") / "text" / "01_sum.md"
    text.parent.mkdir()
    text.write_text(TINY, encoding="utf-8")

    def built(**options):
        return {path.parent.name: path.read_text("utf-8") for path in build.build(text, **options)}

    first, second, remeasured = built(), built(), built(remeasure=True)
    folder = text.parent.parent.name
    return {
        "first": first,
        "second": second,
        "remeasured": remeasured,
        "learner": nbformat.reads(first[folder], as_version=4),
        "answers": nbformat.reads(first["answers"], as_version=4),
        "sheet": first["teacher"],
        "folder": folder,
    }


def build_text(tmp_path, text):
    """Build a lesson of this text in `tmp_path`; return the folder it is in."""
    path = tmp_path / "text" / "01_x.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    build.build(path)
    return tmp_path


def lesson(code, tags=""):
    return f"# A question?\n\n{{{{time}}}}\n\n```python {tags}\n{code}\n```\n"


def printed(notebook, number):
    """What the notebook's code cell of this number (from 1) printed."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return "".join(output.get("text", "") for output in code[number - 1].outputs)


def test_two_builds_are_the_same_bytes_although_a_cell_prints_the_time(tiny):
    assert set(tiny["first"]) == {tiny["folder"], "answers", "teacher"}
    assert tiny["first"] == tiny["second"]


def test_remeasure_stores_the_new_time_and_nothing_else_new(tiny):
    first, again = (
        nbformat.reads(tiny[key][tiny["folder"]], as_version=4) for key in ("first", "remeasured")
    )
    assert int(printed(again, 4)) > int(printed(first, 4))
    for notebook in (first, again):
        notebook.cells[5].outputs = []
        notebook.cells[0].source = re.sub(r"\d+ seconds?", "s", notebook.cells[0].source)
    assert first == again


def test_a_changed_source_is_measured_anew(tmp_path):
    before = build_text(tmp_path, lesson("print(1)", 'tags=["measured"]')) / "01_x.ipynb"
    assert printed(nbformat.read(before, 4), 1) == "1\n"
    after = build_text(tmp_path, lesson("print(2)", 'tags=["measured"]')) / "01_x.ipynb"
    assert printed(nbformat.read(after, 4), 1) == "2\n"


def test_a_heading_starts_a_cell_and_ids_tell_the_order(tiny):
    cells = tiny["learner"].cells
    assert [cell.id for cell in cells] == [f"cell-{n:02d}" for n in range(1, len(cells) + 1)]
    assert cells[1].source.startswith("## A sum")


def test_the_learner_gets_the_stub_and_the_answers_notebook_the_answer(tiny):
    learner, answers = tiny["learner"], tiny["answers"]
    assert [len(n.cells) for n in (learner, answers)] == [8, 8]
    assert "return None" in learner.cells[3].source
    assert "return 2 * x" in answers.cells[3].source
    assert printed(learner, 3) == "doubled: None\nheadless: 1\n"
    assert printed(answers, 3) == "doubled: 42\nheadless: 1\n"


def test_the_teacher_gets_minutes_notes_and_seconds_and_the_learner_does_not(tiny):
    sheet = tiny["sheet"]
    assert sheet.startswith(
        "# What is one and one?\n\nFor the teacher. 10 minutes of a learner's time:"
    )
    assert "| Opening | 0 |\n| A sum | 10 |\n| all | 10 |" in sheet
    assert "Some answer **three**." in sheet
    assert re.search(r"^\| 1 \| `` 1 \+ 1 `` \| \d+\.\d \|$", sheet, re.M)
    assert "three" not in tiny["first"][tiny["folder"]] + tiny["first"]["answers"]


def test_the_teachers_seconds_follow_a_changed_source(tmp_path):
    notes = '<!-- #region tags=["teacher"] -->\nSay it.\n<!-- #endregion -->\n'
    sheet = build_text(tmp_path, lesson("x = 1") + notes) / "teacher" / "01_x.md"
    doctored = sheet.read_text("utf-8").replace("| 0.0 |", "| 77.0 |")
    sheet.write_text(doctored, encoding="utf-8")
    build_text(tmp_path, lesson("x = 1") + notes.replace("Say", "Sing"))
    assert "Sing it." in sheet.read_text("utf-8") and "| 77.0 |" in sheet.read_text("utf-8")
    build_text(tmp_path, lesson("x = 2") + notes)
    assert "`` x = 2 ``" in sheet.read_text("utf-8") and "77.0" not in sheet.read_text("utf-8")


def test_a_widget_leaves_its_picture_and_neither_view_nor_state(tiny):
    assert "widget-view" not in json.dumps([c.get("outputs") for c in tiny["learner"].cells])
    assert "widgets" not in tiny["learner"].metadata
    (output,) = tiny["learner"].cells[6].outputs
    assert set(output.data) == {"image/png", "text/plain"}
    assert output.metadata["image/png"]["alt"] == "A slider at 0."


def test_a_failure_on_purpose_is_stored_as_its_sentence(tiny):
    (output,) = tiny["learner"].cells[7].outputs
    assert output.traceback == ["ValueError: on purpose"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lesson("import sys\nprint('hm', file=sys.stderr)"), "cell-02: wrote to stderr:\nhm"),
        (lesson("1 / 0"), "cell-02: ZeroDivisionError"),
        (lesson("object()"), "cell-02: prints an address"),
        (lesson("x = 1\n" * 31), "31 lines in 'x = 1', at most 30"),
        (lesson("'x' * 500_001"), "at most 500,000"),
        (lesson("x = 1", 'tags=["stub"]'), "no answer after the stub 'x = 1'"),
        (lesson("x = 1", 'tags=["answer"]'), "an answer without a stub"),
        ("No title.\n", "the first line must be the title"),
        (
            '# A question?\n\n<!-- #region tags=["teacher"] -->\nSay.\n<!-- #endregion -->\n',
            "must hold {{time}}",
        ),
    ],
)
def test_what_must_not_be_stored_stops_the_build_and_writes_nothing(tmp_path, text, message):
    with pytest.raises(build.BuildError, match=re.escape(message)):
        build_text(tmp_path, text)
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


def test_what_a_lesson_no_longer_has_is_removed(tmp_path):
    exercise = lesson("x = 0", 'tags=["stub"]') + '```python tags=["answer"]\nx = 1\n```\n'
    assert (build_text(tmp_path, exercise) / "answers" / "01_x.ipynb").exists()
    assert not (build_text(tmp_path, lesson("x = 0")) / "answers" / "01_x.ipynb").exists()


# What is stored.


def test_the_stored_files_are_those_of_the_texts():
    expected = set()
    for text in TEXTS:
        cells = build.read_text(text)
        expected.add(NOTEBOOKS / f"{text.stem}.ipynb")
        if any("stub" in build.tags(cell) for cell in cells):
            expected.add(NOTEBOOKS / "answers" / f"{text.stem}.ipynb")
        if any("teacher" in build.tags(cell) for cell in cells):
            expected.add(NOTEBOOKS / "teacher" / text.name)
    assert TEXTS
    assert {*STORED, *NOTEBOOKS.glob("teacher/*.md")} == expected


@pytest.fixture(params=STORED, ids=lambda path: str(path.relative_to(NOTEBOOKS)))
def stored(request):
    return request.param


def test_a_stored_lesson_is_the_one_of_its_text(stored):
    leave_out = "stub" if stored.parent.name == "answers" else "answer"
    cells = build.read_text(NOTEBOOKS / "text" / f"{stored.stem}.md")
    expected = build.assemble(cells, leave_out)
    notebook = nbformat.read(stored, as_version=4)
    build.set_time(expected, notebook.metadata.gan_lesson.reading)
    for cell in [*expected.cells, *notebook.cells]:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
    assert notebook == expected, "the text was changed: run `make notebooks`"


def test_a_stored_lesson_was_run_in_order_and_is_small(stored):
    code = [c for c in nbformat.read(stored, as_version=4).cells if c.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert stored.stat().st_size <= build.MAX_BYTES


@pytest.mark.parametrize("answers", sorted(NOTEBOOKS.glob("answers/*.ipynb")), ids=lambda p: p.stem)
def test_every_stored_answer_was_found_right(answers):
    checks = [c for c in nbformat.read(answers, as_version=4).cells if ".check_" in c.source]
    said = {c.source: "".join(output.get("text", "") for output in c.outputs) for c in checks}
    by_hand = "sheet = {"  # of lesson 05: it is for paper
    wrong = [c for c in said if not (said[c].startswith("Right:") or c.startswith(by_hand))]
    assert said and wrong == []


def test_a_stored_lesson_holds_no_widget(stored):
    notebook = json.loads(stored.read_text("utf-8"))
    assert "widgets" not in notebook["metadata"]
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert build.VIEW not in {kind for output in outputs for kind in output.get("data", ())}


def test_every_stored_picture_is_described_in_a_sentence(stored):
    pictures = [
        output
        for cell in nbformat.read(stored, as_version=4).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    for picture in pictures:
        alt = picture.metadata.get("image/png", {}).get("alt", "")
        for description in (alt, picture.data.get("text/plain", "")):
            assert len(description.split()) >= 4 and not description.startswith("<"), description


def lessons_without_a_row():
    """The numbers of the lessons that README.md's table does not link to."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return [
        number_of(text)
        for text in lessons_in(NOTEBOOKS / "text", ".md")
        if f"| [{number_of(text)}](notebooks/{text.stem}.ipynb) |" not in readme
    ]


def test_the_readme_has_a_row_for_each_lesson():
    assert lessons_without_a_row() == []


# NOTATION.md: its last column is true.

GREEK = {
    "sigma": "σ", "theta": "θ", "gamma": "γ", "psi": "ψ", "pi": "π", "eta": "η", "lambda": "λ",
}  # fmt: skip


def words_and_code(text):
    """Return a lesson's prose, equations written as NOTATION.md writes them, and its code."""
    code = re.findall(r"^```python.*?\n(.*?)^```", text, re.S | re.M)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    code += re.findall(r"`([^`\n]+)`", prose)
    prose = re.sub(r"`[^`\n]+`", "", prose).replace("**", "")
    for name, letter in GREEK.items():
        prose = re.sub(rf"\\{name}\b", letter, prose)
    prose = re.sub(r"\\(operatorname|text|mathrm)\{(\w+)\}", r"\2", prose)
    return re.sub(r"_\{(\w+)\}", r"_\1", prose), "\n".join(code)


def lessons_that_use(symbol, names):
    """Return the numbers of the lessons that write the symbol or one of the Python names."""

    def whole(part):
        return rf"(?<![\w.'’]){re.escape(part)}(?![\w*])"

    used = set()
    for path in TEXTS:
        prose, code = words_and_code(path.read_text("utf-8"))
        if (symbol and re.search(whole(symbol), prose)) or any(
            re.search(whole(name), code) for name in names
        ):
            used.add(path.name[:2])
    return used


def notation():
    """Return (symbol, Python names, first lesson) of each row of NOTATION.md."""
    table = (ROOT / "NOTATION.md").read_text("utf-8").split("\n## ")[0]
    rows = re.findall(r"^\|(.*)\|$", table, re.M)[2:]
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert {len(row) for row in cells} == {6}
    return [(row[0], tuple(re.findall(r"`([^`]+)`", row[2])), row[5]) for row in cells]


# Lesson 05 writes η as an attribute, .lr_d; a J stands in many words and formulas.
USED_IN_OTHER_WAYS = ("η", "J")


@pytest.mark.parametrize(
    ("symbol", "names", "first"),
    [row for row in notation() if row[0] not in USED_IN_OTHER_WAYS],
    ids=lambda part: part if isinstance(part, str) else " ".join(part),
)
def test_a_symbols_first_lesson_is_the_first_that_uses_it(symbol, names, first):
    assert min(lessons_that_use(symbol, names), default=None) == first


def test_notation_lists_no_row_twice_and_the_lessons_in_order():
    rows = notation()
    assert len(set(rows)) == len(rows) > 30
    assert [first for *_, first in rows] == sorted(first for *_, first in rows)


LETTER_ROW = re.compile(r"^\| (\w) \| ([^|]+) \| ((?:\d\d(?:, )?)+) \|$", re.M)
ARTICLES = ("a", "b")  # no pattern tells these letters from a word or a list's mark


def letters():
    """Return {letter: [lessons of each of its meanings]} of NOTATION.md's second table."""
    found = {}
    for letter, _, lessons in LETTER_ROW.findall((ROOT / "NOTATION.md").read_text("utf-8")):
        found.setdefault(letter, []).append(lessons.split(", "))
    return found


def lessons_with_letter(letter):
    """The lessons whose learner meets the letter as a symbol, in words or in a formula."""
    alone = rf"(?<![\w.'’“”-]){letter}(?![\w*’'“”])"
    used = set()
    for path in TEXTS:
        text = re.sub("<!-- #region.*?#endregion -->", "", path.read_text("utf-8"), flags=re.S)
        if path.name[0].isdigit() and re.search(alone, words_and_code(text)[0]):
            used.add(path.name[:2])
    return used


@pytest.mark.parametrize("letter", [each for each in letters() if each not in ARTICLES])
def test_a_letter_means_one_thing_in_a_lesson(letter):
    meanings = letters()[letter]
    all_of_them = [lesson for lessons in meanings for lesson in lessons]
    assert len(meanings) > 1 and len(set(all_of_them)) == len(all_of_them)
    assert lessons_with_letter(letter) == set(all_of_them)
