"""A new lesson is its folder, its text and its test: everything else finds it, as it is.

A toy lesson is added to a copy of the tree, in which no other file is touched.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOOK = ROOT / ".venv-book" / "bin" / "python"
NOT_COPIED = (".git", ".venv*", "my_lessons", "build", "data", "out", "__pycache__", ".*_cache")

ROOM = {
    "__init__.py": '''\
"""Lesson 99, a toy: what its notebook imports."""

from gan_lesson.lessons.lesson_99.exercises import check_double
from gan_lesson.lessons.lesson_99.explorers import ToyExplorer
from gan_lesson.lessons.lesson_99.questions import ask_sum

__all__ = ["ToyExplorer", "ask_sum", "check_double"]
''',
    "questions.py": '''\
"""Questions of lesson 99."""

from gan_lesson.lessons.kit.question import ChoiceQuestion

ask_sum = ChoiceQuestion(
    "What is 1 + 1?", ["1", "2"], truth="2", why="One finger and one finger.", name="sum"
)
''',
    "exercises.py": '''\
"""Exercises of lesson 99."""

from gan_lesson.lessons.kit.exercise import Exercise

DOUBLE = Exercise(
    "double",
    reference=lambda x: 2 * x,
    cases=[(1.0,), (3.0,)],
    mistakes=[(lambda x: x * x, "That is the square.")],
    hints=("How many times x?", "One x and another x."),
)

check_double = DOUBLE.check
''',
    "explorers.py": '''\
"""Lesson 99: a line with a slope."""

import ipywidgets as widgets

from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.live import LivePanel


class ToyExplorer(Explorer):
    """A line through 0, and a slider for its slope."""

    def __init__(self):
        self.panel = LivePanel(4, 3)
        (self.line,) = self.panel.moving(self.panel.figure.subplots().plot([0, 1], [0, 1]))
        self.slope = widgets.FloatSlider(1.0, min=0.0, max=1.0, description="slope")
        self.assemble([self.slope])

    def redraw(self) -> None:
        """Tilt the line."""
        self.line.set_ydata([0, self.slope.value])
        self.panel.redraw(f"A line of slope {self.slope.value:.1f} through the origin.")
''',
    "demo.py": '''\
"""Lesson 99's pages of `make demo`."""

from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.lessons.lesson_99.explorers import ToyExplorer

DEMONSTRATIONS = (Demonstration("toy", "A line", ToyExplorer),)

PICTURE_STAYS = {"note": "it is written below the picture"}
''',
    "recorded.py": '''\
"""What ships for lesson 99."""

from gan_lesson.assets import read_asset


def load_toy() -> bytes:
    """Return the toy."""
    return read_asset("toy.npz", __package__)
''',
}
TEXT = """\
# What is twice one?

{{{{time}}}}

{set_up}

```python
lesson_99.ToyExplorer()
```

```python tags=["stub"]
def double(x):
    ...
```

```python tags=["answer"]
def double(x):
    return 2 * x
```

```python
double = lesson_99.check_double(double)
```

```python
lesson_99.ask_sum()
```

<!-- #region tags=["teacher"] -->
Say that it is a toy.
<!-- #endregion -->
"""
TEST = """\
from gan_lesson.lessons import lesson_99


def test_the_toy_can_double():
    assert lesson_99.check_double(lambda x: 2 * x)(2) == 4
"""

# Tests of the copy that try the new lesson; those of browser and nbval in `make test-all`.
TRY_IT = [
    "tests/lessons/test_lesson_99.py::test_the_toy_can_double",
    "tests/lessons/test_every_lesson.py::test_every_cell_of_a_lesson_works_and_says_what_is_stored[99_toy]",
    "tests/browser/test_matrix.py::test_lesson_runs_plays_and_moves_without_error_or_network"
    "[lab-99]",
    "tests/browser/test_matrix.py::test_each_demonstration_of_a_lesson_plays_and_moves_in_voila"
    "[99]",
    "tests/test_faults.py::test_each_cell_alone_and_twice_works_or_names_what_is_missing[99]",
    "tests/test_faults.py::test_a_damaged_or_missing_asset_is_named_with_its_remedy[toy.npz]",
    "tests/core/test_command_line.py::test_a_room_loads_no_torch_unless_it_says_so"
    "[gan_lesson.lessons.lesson_99]",
    "tests/lessons/test_every_widget.py::test_moves_over_its_whole_range[toy]",
    "tests/lessons/test_every_widget.py::test_moves_locks_and_reveals[lesson_99.sum]",
    "tests/lessons/test_contract.py::test_each_mistake_is_told_by_its_own_sentence_and_a_hint"
    "[lesson_99.double]",
    "tests/lessons/test_contract.py::test_the_stored_page_asks_and_does_not_tell[lesson_99.sum]",
    "tests/lessons/test_build.py::test_a_stored_lesson_is_the_one_of_its_text[99_toy.ipynb]",
    "tests/lessons/test_book.py::test_every_widget_is_a_picture_with_its_description"
    "[notebooks/99_toy]",
    "notebooks/99_toy.ipynb::Cell 0",
    "tests/lessons/test_slides.py::test_no_deck_tells_an_answer[99]",
    "tests/lessons/test_class_kit.py"
    "::test_a_sheet_asks_all_questions_of_the_slides_and_tells_no_answer[99_toy]",
]

# What the tests and tools of the copy list, told as JSON; pytest collects, and runs the contract,
# in one process: to import all that takes seconds.
ASK = """\
import contextlib, io, json, sys
import pytest
listed = io.StringIO()
with contextlib.redirect_stdout(listed):
    pytest.main("--collect-only -q -p no:cacheprovider -k".split() + ["99 or toy", *sys.argv[1:]])
ran = io.StringIO()
with contextlib.redirect_stdout(ran):
    contract = "-q -p no:cacheprovider tests/lessons/test_contract.py -k lesson_99"
    pytest.main(contract.split())
import every_control, test_build, test_matrix, test_faults
from gan_lesson.lessons.wall import BY_LESSON
print(json.dumps({
    "tests": [line for line in listed.getvalue().splitlines() if "::" in line],
    "contract": ran.getvalue(),
    "wall": [page.name for page in BY_LESSON["99"]],
    "picture stays": every_control.PICTURE_STAYS.get(("99", "note")),
    "room of the asset": test_faults.room_of("toy.npz"),
    "without a row in CONTRIBUTING.md": test_matrix.lessons_without_a_row(),
    "without a row in README.md": test_build.lessons_without_a_row(),
}))
"""


def run(folder, *command, **variables):
    """Run Python in the copy, which it then imports from; return what it prints."""
    path = [folder, *(folder / name for name in ("tests", "tests/browser", "tools"))]
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "GAN_LESSON"))},
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        **variables,
    }
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The tree with lesson 99 in it, its notebook built."""
    folder = tmp_path_factory.mktemp("copy") / "tree"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    room = folder / "gan_lesson" / "lessons" / "lesson_99"
    (room / "assets").mkdir(parents=True)
    for name, content in ROOM.items():
        (room / name).write_text(content, "utf-8")
    (room / "assets" / "toy.npz").write_bytes(b"toy")
    digest = hashlib.sha256(b"toy").hexdigest()
    (room / "assets" / "SHA256SUMS").write_text(f"{digest}  toy.npz\n")
    other = min((folder / "notebooks" / "text").glob("[0-9]*.md")).read_text("utf-8")
    start = other.index("```python\ntry:")
    set_up = other[start : other.index("\n\n", start)]
    set_up += "\n\nfrom gan_lesson.lessons import lesson_99\n```"
    (folder / "notebooks" / "text" / "99_toy.md").write_text(TEXT.format(set_up=set_up), "utf-8")
    (folder / "tests" / "lessons" / "test_lesson_99.py").write_text(TEST, "utf-8")
    run(folder, sys.executable, "notebooks/build.py", "99")
    return folder


@pytest.fixture(scope="module")
def found(copy):
    """What the copy's tests and tools list of lesson 99."""
    files = dict.fromkeys(test.partition("::")[0] for test in TRY_IT)
    told = run(copy, sys.executable, "-c", ASK, *files, GAN_LESSON_EVERY_CONTROL="1")
    return json.loads(told.splitlines()[-1])


def test_build_makes_notebook_answers_and_teachers_sheet(copy):
    notebook = (copy / "notebooks" / "99_toy.ipynb").read_text("utf-8")
    assert "A line of slope 1.0" in notebook and "image/png" in notebook
    assert "Right: double" in (copy / "notebooks" / "answers" / "99_toy.ipynb").read_text("utf-8")
    assert "Say that it is a toy." in (copy / "notebooks" / "teacher" / "99_toy.md").read_text()


def test_the_wall_shows_it(found):
    assert found["wall"] == ["toy"]


@pytest.mark.parametrize("test", TRY_IT, ids=lambda test: test.partition("[")[0].rpartition("/")[2])
def test_the_tests_of_all_lessons_try_it(found, test):
    assert test in found["tests"]


def test_its_room_says_which_controls_rightly_leave_the_picture_as_it_is(found):
    assert found["picture stays"] == "it is written below the picture"


def test_it_keeps_the_contract_of_exercises_and_questions(found):
    assert re.search(r"\b9 passed", found["contract"]), found["contract"]
    assert not re.search(r"\b(failed|errors?)\b", found["contract"]), found["contract"]


def test_its_asset_is_read_by_its_own_room(found):
    assert found["room of the asset"] == "gan_lesson.lessons.lesson_99"


def test_a_row_that_a_person_must_write_is_named(found):
    assert found["without a row in CONTRIBUTING.md"] == ["99"]
    assert found["without a row in README.md"] == ["99"]


@pytest.mark.skipif(not BOOK.exists(), reason="no .venv-book; `make test` makes it")
def test_the_book_has_its_pages_in_the_contents(copy):
    contents = run(copy / "book", BOOK, "-c", "import conf; print(conf.contents())")
    for page in ("notebooks", "notebooks/answers", "notebooks/teacher"):
        assert f"99 What is twice one? </{page}/99_toy>" in contents
