"""What the tests of the lessons share: a lesson's text, its cells, and an answer to a question."""

import ast
import functools
import importlib
import json
import pkgutil
import re
import symtable
from pathlib import Path

import jupytext

from gan_lesson import lessons

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def lessons_in(folder, suffix=".ipynb"):
    """The files of all lessons in a folder: by their numbers, then the tour; no refresher."""
    return sorted(path for path in folder.glob(f"*{suffix}") if path.stem != "refresher")


def number_of(lesson):
    """What a lesson's file is called in tables and names of tests: "00", "01", …, "tour"."""
    return lesson.stem.partition("_")[0]


class LessonText:
    """A lesson, by its file's name: LESSON = LessonText("02_the_minimax_value_function").

    `text` is the whole text, `visible` that without its hidden regions (notes for teachers),
    `stored` the path of the notebook made from it.
    """

    def __init__(self, name):
        self.stored = NOTEBOOKS / f"{name}.ipynb"
        self.text = (NOTEBOOKS / "text" / f"{name}.md").read_text("utf-8")
        self.visible = re.sub(r"<!-- #region.*?#endregion -->", "", self.text, flags=re.S)

    @functools.cached_property
    def _code(self):
        """(source, tags) of each code cell; parsed only where a test asks, not in every worker."""
        return [
            (re.sub("%pip .*", "pass", cell.source), cell.metadata.get("tags", []))
            for cell in jupytext.reads(self.text, fmt={"extension": ".md"}).cells
            if cell.cell_type == "code"
        ]

    def cells(self, *tags):
        """The sources of the code cells that have one of the tags; of all, without."""
        return [source for source, its in self._code if not tags or set(tags) & set(its)]

    def cell_with(self, text, *tags):
        """The source of the only code cell that has this text and one of the tags."""
        found = [source for source in self.cells(*tags) if text in source]
        assert len(found) == 1, f"{len(found)} cells have {text!r}"
        return found[0]

    def run(self, *sources, **given):
        """The names that these cells define; they know the set-up cell's names and the given."""
        names = {}
        exec(self.cells()[0], names)
        names |= given
        for source in sources:
            exec(source, names)  # the lesson's own text
        return names

    def run_alone(self, source):
        """The names after a cell has run with no more of the cells above than it needs.

        Of exercises above it needs the answers.
        """
        above = []
        for cell, its in self._code:
            if cell == source:
                break
            if "stub" not in its and ".check_" not in cell:
                above += ast.parse(cell).body
        wanted, needed = names_read(source), []
        for node in reversed(above):
            if wanted & (bound := names_bound(node)):
                needed.insert(0, node)
                wanted = (wanted - bound) | names_read(ast.unparse(node))
        names = {}
        exec(compile(ast.Module(needed, []), "cells above", "exec"), names)
        exec(source, names)
        return names

    def taught(self, name, tag="answer", **given):
        """The function `name` of an exercise, as the lesson's stub or answer defines it."""
        return self.run(self.cell_with(f"def {name}(", tag), **given)[name]

    def define(self, *wanted, **given):
        """What the lesson's cells define under the wanted names, without stubs and checks."""
        names, found = self.run(**given), set()
        for node in (node for source in self.cells() for node in ast.parse(source).body):
            target = node.targets[0] if isinstance(node, ast.Assign) else node
            name = getattr(target, "name", getattr(target, "id", None))
            source = ast.unparse(node)
            if name in wanted and "..." not in source and ".check_" not in source:
                exec(source, names)
                found.add(name)
        assert found == set(wanted), f"no cell defines {set(wanted) - found}"
        return names

    def notebook(self):
        """The stored notebook."""
        return json.loads(self.stored.read_text("utf-8"))

    def printed(self, text):
        """What the first stored cell with this text printed."""
        for cell in self.notebook()["cells"]:
            if cell["cell_type"] == "code" and text in "".join(cell["source"]):
                return "".join("".join(output.get("text", "")) for output in cell["outputs"])
        raise AssertionError(f"no cell has {text!r}")

    def outputs(self):
        """All outputs that the stored notebook holds."""
        return [output for cell in self.notebook()["cells"] for output in cell.get("outputs", [])]

    def pictures(self):
        """Its outputs that are pictures."""
        return [output for output in self.outputs() if "image/png" in output.get("data", {})]


def names_read(source):
    """The names that a piece of code reads and does not define."""

    def read_in(table):
        of_cell = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (of_cell or symbol.is_global()):
                yield symbol.get_name()
        for inner in table.get_children():
            yield from read_in(inner)

    defined = set().union(*map(names_bound, ast.parse(source).body))
    return set(read_in(symtable.symtable(source, "cell", "exec"))) - defined


def names_bound(node):
    """The names that a statement defines, by `def`, `class`, `=` or `import`."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, ast.Assign):
        targets = [n for target in node.targets for n in ast.walk(target)]
        return {n.id for n in targets if isinstance(n, ast.Name) and type(n.ctx) is ast.Store}
    return {node.name} if hasattr(node, "name") else set()


def alt(picture):
    """The words stored for those who do not see the picture."""
    return picture["metadata"]["image/png"]["alt"]


def lock_and_reveal(question, said=None):
    """Answer a question as a learner does; return it."""
    if said is not None:
        question.inputs[0].value = said
    question.lock_button.click()
    question.reveal_button.click()
    return question


def modules_of_the_rooms():
    """Yield ("lesson_05.loop", the module) and so on, of all lessons there are."""
    for found in pkgutil.walk_packages(lessons.__path__, "gan_lesson.lessons."):
        if re.match(r"gan_lesson\.lessons\.lesson_\d\d\.", found.name):
            name = found.name.removeprefix("gan_lesson.lessons.")
            yield name, importlib.import_module(found.name)


def defined_in_the_rooms():
    """Yield ("lesson_05.loop.LoopPlayer", the class) and so on: all that the rooms define."""
    for place, module in modules_of_the_rooms():
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") == module.__name__:
                yield f"{place}.{name}", value


def made_in_the_rooms(kind):
    """Yield ("lesson_05", an object) for all objects of a kind, alone or in a dictionary."""
    for place, module in modules_of_the_rooms():
        for value in list(vars(module).values()):
            for made in value.values() if isinstance(value, dict) else [value]:
                if isinstance(made, kind):
                    yield place.partition(".")[0], made


@functools.cache
def text_of(room):
    """The LessonText of "lesson_05" and so on."""
    (path,) = (NOTEBOOKS / "text").glob(f"{room.removeprefix('lesson_')}_*.md")
    return LessonText(path.stem)


def draws_nothing(panel):
    """Let a panel take each description without a drawing, for tests that read words and numbers.

    What is drawn over the whole range of every widget is asked by test_every_widget.py.
    """
    panel.redraw = lambda description: panel.put(panel.png, description)
