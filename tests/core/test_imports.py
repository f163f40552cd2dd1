"""Which way imports point: the contracts of pyproject.toml, and that each of them can be broken."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
LINT = "import sys; from importlinter.cli import lint_imports_command as c; c(sys.argv[1:])"


def lint(folder):
    """Run `make lint`'s second half in a folder; return the exit status and what it says."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def copy(tmp_path):
    """The package without its data, and the contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    leave = shutil.ignore_patterns("*.npz", "*.safetensors", "__pycache__")
    shutil.copytree(ROOT / "gan_lesson", tmp_path / "gan_lesson", ignore=leave)
    return tmp_path


def test_every_import_points_the_right_way():
    status, said = lint(ROOT)
    assert status == 0, said


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("history", "from gan_lesson.lessons.mathematics.value import LOG_2", "core never"),
        ("live/curves", "from gan_lesson.lessons import lesson_01", "core never"),
        ("lessons/lesson_02/games", "from gan_lesson.lessons import lesson_08", "no room"),
        ("lessons/kit/answers", "from gan_lesson.lessons.lesson_05 import loop", "no room"),
        ("lessons/mathematics/bce", "from gan_lesson import losses", "mathematics is NumPy"),
        ("turns", "from gan_lesson.trainer import Trainer", "within core"),
        ("live/curves", "from gan_lesson.callbacks.logged import LoggedRows", "within core"),
    ],
)
def test_an_import_that_points_the_wrong_way_is_named(copy, module, line, contract):
    path = copy / "gan_lesson" / f"{module}.py"
    path.write_text(path.read_text("utf-8") + f"\n{line}\n", "utf-8")
    status, said = lint(copy)
    assert status == 1
    assert contract in said.partition(" BROKEN")[0].rpartition(" KEPT ")[2], said
    assert f"gan_lesson.{module.replace('/', '.')} " in said  # where it is


def test_a_new_room_is_held_to_the_contracts_without_a_change_of_them(copy):
    room = copy / "gan_lesson" / "lessons" / "lesson_99"
    room.mkdir()
    (room / "__init__.py").write_text("")
    assert lint(copy)[0] == 0
    (room / "toy.py").write_text("from gan_lesson.lessons.lesson_05.loop import LoopPlayer\n")
    status, said = lint(copy)
    assert status == 1 and "gan_lesson.lessons.lesson_99.toy" in said


def test_the_package_imports_what_it_declares_and_neither_tools_nor_tests():
    graph = grimp.build_graph("gan_lesson", include_external_packages=True, cache_dir=None)
    outside = {name for name in graph.modules if name.partition(".")[0] != "gan_lesson"}
    outside -= set(sys.stdlib_module_names)
    folders = ("tools", "tests", "tests/browser")  # those on the path: pyproject.toml
    here = {path.stem for folder in folders for path in (ROOT / folder).iterdir()}
    assert outside & (here | {"tools", "tests", "notebooks"}) == set()
    declared = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    declared = {re.match(r"[\w-]*", line)[0].lower() for line in declared}
    made_by = packages_distributions()
    # what extras bring: servers by `lab` and `demo`, the others by `frameworks`
    optional = {
        "keras": {"gan_lesson.callbacks.keras"},
        "lightning": {"gan_lesson.callbacks.lightning"},
        "pytorch_lightning": {"gan_lesson.callbacks.lightning"},
        "tensorboard": {"gan_lesson.old_runs"},  # inside the one function that needs it
    }
    for_servers = {"gan_lesson.lessons.wall.__main__", "gan_lesson.send_at_once"}
    assert optional.keys() <= outside
    for name in outside:
        if not declared & {package.lower() for package in made_by.get(name, ())}:
            importers = graph.find_modules_that_directly_import(name)
            assert importers <= optional.get(name, for_servers), f"{name} in {importers}"
