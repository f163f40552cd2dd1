"""A copy of an older lesson ends in one sentence, is named by `make lesson`, and is kept."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import jupytext
import my_lessons
import nbformat
import pytest
from lesson_text import lessons_in

import gan_lesson
from gan_lesson.older_copies import OF_0_1, MadeForAnotherVersion, built_for

ROOT = Path(__file__).parents[2]
TEXTS = lessons_in(ROOT / "notebooks" / "text", ".md")
HERE = ".".join(gan_lesson.__version__.split(".")[:2])


def last_line(code):
    """The last line that a fresh Python writes to stderr."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.stderr.strip().rpartition("\n")[2]


# The first line of ours in the set-up cells of 0.1, and what stood further down.
IN_0_1 = [
    "from gan_lesson.exercise_checks import lesson_05",
    "from gan_lesson.explorers.forgery import ForgeryGame",
    "from gan_lesson.explorers import minimax",
    "from gan_lesson.binary_cross_entropy import sigmoid, softplus",
    "from gan_lesson.value_function import normal_density",
    "from gan_lesson.dirac import DiracGAN",
    "from gan_lesson.convolution import convolution_matrix",
    "from gan_lesson.forgeries import load_forgeries",
    "from gan_lesson.evaluation import mode_scores",
    "from gan_lesson.training import Trainer",
    "from gan_lesson import training",
    "from gan_lesson import predict",
    "import gan_lesson.demo",
]


@pytest.mark.parametrize("line", IN_0_1)
def test_a_notebook_of_version_0_1_ends_in_one_sentence_that_says_what_to_do(line):
    with pytest.raises(ImportError) as told:
        exec(line, {})
    said = str(told.value)
    assert said.startswith("This notebook was made for gan_lesson 0.1, and gan_lesson 0.")
    assert all(words in said for words in ("`make lesson`", "Colab", "your copy is kept"))
    assert said.count(".\n") == 0 and said.endswith(".") and ". " not in said


def test_the_sentence_is_the_last_line_of_a_fresh_python():
    assert "was made for gan_lesson 0.1" in last_line(IN_0_1[0])


def test_what_no_version_had_is_told_by_python_as_ever():
    assert last_line("import gan_lesson.trainning").startswith("ModuleNotFoundError")
    assert last_line("from gan_lesson import nothing").startswith("ImportError: cannot import")


def test_what_only_0_1_had_is_no_part_of_the_package():
    package = ROOT / "gan_lesson"  # folders without a module may be left by a pull
    there = {path.relative_to(package).parts[0] for path in package.rglob("*.py")}
    assert not OF_0_1 & {name.removesuffix(".py") for name in there}
    for name in OF_0_1:
        with pytest.raises(MadeForAnotherVersion):
            find_spec(f"gan_lesson.{name}")


def test_a_folder_that_a_pull_left_behind_does_not_hide_the_sentence(monkeypatch, tmp_path):
    (tmp_path / "exercise_checks" / "__pycache__").mkdir(parents=True)
    monkeypatch.setattr(gan_lesson, "__path__", [*gan_lesson.__path__, str(tmp_path)])
    with pytest.raises(MadeForAnotherVersion):
        exec(IN_0_1[0], {})


def test_a_lesson_fits_as_long_as_the_first_two_numbers_stay(monkeypatch):
    for version in ("0.2.0", "0.2.9", "0.2.0.dev1"):
        monkeypatch.setattr(gan_lesson, "__version__", version)
        built_for("0.2")
    for version, words in (("0.3.0", "rename your copy"), ("0.10.1", "rename your copy")):
        monkeypatch.setattr(gan_lesson, "__version__", version)
        with pytest.raises(MadeForAnotherVersion, match=f"for gan_lesson 0.2, and .*{words}"):
            built_for("0.2")
        with pytest.raises(MadeForAnotherVersion, match="git pull"):
            built_for("1.0")
    for wrong in ("", "0.2.0", "two", "0.2 "):
        with pytest.raises(ValueError, match="it must be two numbers"):
            built_for(wrong)


def set_up_cell(text):
    cells = jupytext.read(text, fmt={"extension": ".md"}).cells
    return next(cell.source for cell in cells if cell.cell_type == "code")


def test_every_set_up_cell_begins_alike_and_names_the_version_that_it_is_made_for():
    starts = {set_up_cell(text).partition("\n\n")[0] for text in TEXTS}
    (start,) = starts
    assert start.endswith(f'\ngan_lesson.built_for("{HERE}")') and len(start.splitlines()) <= 10


# --- make lesson --------------------------------------------------------------------------------


def notebook(version, text):
    """A stored lesson in small; of 0.1 without a version or the mark of its text."""
    code = f'import gan_lesson\ngan_lesson.built_for("{version}")' if version else "import x"
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id="cell-01")])
    if text:
        made.metadata.gan_lesson = {"text": text}
    return nbformat.writes(made)


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for name in ("01_a", "02_b", "03_c", "04_d", "05_e"):
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(notebook("0.2", "now"))
    return tmp_path / "notebooks", tmp_path / "my_lessons"


def test_make_lesson_copies_what_is_missing_and_names_what_does_not_match(folders, capsys):
    lessons, mine = folders
    assert my_lessons.copy_lessons(lessons, mine) == []
    assert sorted(os.listdir(mine)) == sorted(os.listdir(lessons))
    changed = json.loads((mine / "01_a.ipynb").read_text())
    changed["cells"].append(nbformat.v4.new_code_cell("my_answer = 1", id="mine"))
    theirs = {
        "01_a.ipynb": json.dumps(changed),  # worked in: it still fits
        "02_b.ipynb": notebook("", ""),
        "03_c.ipynb": notebook("0.2", "earlier"),
        "04_d.ipynb": notebook("0.2", ""),  # Colab may lose the mark
        "notes.ipynb": "{}",
    }
    for name, content in theirs.items():
        (mine / name).write_text(content)
    (mine / "05_e.ipynb").write_text("no notebook")
    my_lessons.main(str(lessons), str(mine))
    said = capsys.readouterr().out
    assert said.splitlines()[0].startswith("Your copies are in ")
    assert re.findall(r"(\d\d_\w)\.ipynb: (.*)", said) == [
        ("02_b", "made for gan_lesson 0.1, the lesson is for 0.2"),
        ("03_c", "made from another text than the lesson now has"),
        ("05_e", "it cannot be read as a notebook"),
    ]
    assert {name: (mine / name).read_text() for name in theirs} == theirs


def test_a_renamed_copy_makes_room_for_the_lesson_as_it_is_now(folders):
    lessons, mine = folders
    mine.mkdir()
    (mine / "02_b.ipynb").write_text(notebook("", ""))
    (mine / "02_b.ipynb").rename(mine / "my old 02.ipynb")
    assert my_lessons.copy_lessons(lessons, mine) == []
    assert (mine / "02_b.ipynb").read_text() == notebook("0.2", "now")
