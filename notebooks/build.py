"""Build the lessons: one Markdown text each -> executed notebook, answers, teacher sheet.

    python notebooks/build.py [--remeasure] [01 06_digits ...]

From text/NN_name.md this writes, beside the folder text,

    NN_name.ipynb            what a learner opens: executed, with pictures, without widget state
    answers/NN_name.ipynb    the same with the answers in place of the stubs (if there are stubs)
    teacher/NN_name.md       one page for the teacher (if there are teacher's notes)

The build is one-way and repeatable: a second run changes no byte. These tags steer it:

    stub, answer    a code cell tagged stub is followed by one tagged answer, which the learner's
                    notebook leaves out and the answers notebook puts in the stub's place
    teacher         a Markdown region for the teacher's sheet only
    measured        a code cell that prints measured time: it is run, but what the last build
                    stored is kept while its source is the same (--remeasure takes the new)
    raises-exception    a code cell that fails on purpose

In the first cell, {{time}} becomes the lesson's minutes, by the formula of reading.py, and its
seconds of CPU as the last build measured them.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import os
import re
import sys
import time
from pathlib import Path

import jupytext
import nbformat
import psutil
import reading
import stamp
from nbclient import NotebookClient
from nbformat import NotebookNode

MAX_BYTES = 500_000
MAX_LINES = 30  # non-blank lines of a code cell
CELL_SECONDS = 120
VIEW = "application/vnd.jupyter.widget-view+json"
TABLE = "## Seconds of each cell"
TIME = "{{time}}"


class BuildError(Exception):
    """A lesson that must not be stored; the message names the text and the cell."""


def tags(cell: NotebookNode) -> list[str]:
    """Return the cell's tags."""
    return cell.metadata.get("tags", [])


def read_text(path: Path) -> list[NotebookNode]:
    """Return the cells of a lesson's text, headings starting new cells; check their form.

    Raises:
        BuildError: no title, a code cell too long, or a stub and an answer that do not pair.
    """
    cells = jupytext.read(path, fmt={"extension": ".md", "split_at_heading": True}).cells
    if not cells or not cells[0].source.startswith("# "):
        raise BuildError(f"{path.name}: the first line must be the title, '# ...'")
    if TIME not in cells[0].source:
        raise BuildError(f"{path.name}: the first cell must hold {TIME}, where its minutes go")
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        first = cell.source.split("\n")[0]
        if cell.cell_type == "code":
            lines = sum(bool(line.strip()) for line in cell.source.splitlines())
            if lines > MAX_LINES:
                raise BuildError(f"{path.name}: {lines} lines in '{first}', at most {MAX_LINES}")
        if "stub" in tags(cell) and (after is None or "answer" not in tags(after)):
            raise BuildError(f"{path.name}: no answer after the stub '{first}'")
    if sum("stub" in tags(c) for c in cells) != sum("answer" in tags(c) for c in cells):
        raise BuildError(f"{path.name}: an answer without a stub before it")
    return cells


def assemble(cells: list[NotebookNode], leave_out: str) -> NotebookNode:
    """Return an unexecuted notebook of the cells that are neither `leave_out` nor the teacher's.

    Cell ids tell the order and the metadata nothing of this machine, so that they never differ.
    The metadata hold a mark of the text, by which `make lesson` knows a copy of an older one.
    """
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    notebook.cells = [
        copy.deepcopy(c) for c in cells if leave_out not in tags(c) and "teacher" not in tags(c)
    ]
    for cell in notebook.cells if leave_out == "stub" else ():  # it lies a folder deeper
        cell.source = cell.source.replace("](refresher.ipynb", "](../refresher.ipynb")
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {"tags": tags(cell)} if tags(cell) else {}
    return notebook


def mark(notebook: NotebookNode) -> str:
    """Return a short hash of all sources; the same in each copy on GitHub (see stamp.py).

    How many seconds of CPU the first cell says does not change it.
    """
    sources = "\0".join(cell.source for cell in notebook.cells)
    anywhere = re.sub(r"\d+ seconds? of CPU", "seconds of CPU", stamp.anywhere(sources))
    return hashlib.sha256(anywhere.encode()).hexdigest()[:12]


def execute(notebook: NotebookNode, name: str, folder: Path) -> list[float]:
    """Run the notebook in `folder`, in place; return the seconds of CPU of each code cell.

    A cell that shows a widget is marked with `reading.WIDGET`.

    Raises:
        BuildError: a cell failed or wrote to stderr.
    """
    environment = {
        **os.environ,
        "GAN_LESSON_HEADLESS": "1",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a debugger's warning that no lesson is about
    }
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        record_timing=False,
        coalesce_streams=True,
        allow_errors=True,
    )
    seconds = []
    with client.setup_kernel(env=environment, cwd=str(folder)):
        kernel = psutil.Process(client.km.provisioner.pid)
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            before = kernel.cpu_times()
            client.execute_cell(cell, index)
            after = kernel.cpu_times()
            spent = after.user + after.system - before.user - before.system
            seconds.append(max(0.0, spent))  # a rest of rounding would print as -0.0
            clean(cell, name)
    notebook.metadata.pop("widgets", None)
    return seconds


def clean(cell: NotebookNode, name: str) -> None:
    """Keep of a cell's outputs what reads without a kernel and is the same on every run.

    Raises:
        BuildError: the cell failed, unless on purpose, or wrote to stderr.
    """
    kept = []
    for output in cell.outputs:
        if output.get("name") == "stderr":
            raise BuildError(f"{name}, {cell.id}: wrote to stderr:\n{output.text}")
        if output.output_type == "error":
            sentence = f"{output.ename}: {output.evalue}"
            if "raises-exception" not in tags(cell):
                raise BuildError(f"{name}, {cell.id}: {sentence}")
            output.traceback = [sentence]  # the frames name files of this machine
        data = output.get("data", {})
        was_widget = data.pop(VIEW, None) is not None
        if was_widget:
            cell[reading.WIDGET] = True
        if was_widget and list(data) == ["text/plain"]:
            if re.match(r"[A-Z]\w*\(", data["text/plain"]):
                continue  # "VBox(children=...": nothing that a reader could see
        if re.search(r" at 0x[0-9a-f]{6}", output.get("text", "") + data.get("text/plain", "")):
            raise BuildError(f"{name}, {cell.id}: prints an address, another one on every run")
        if data or output.output_type in ("stream", "error"):
            kept.append(output)
    cell.outputs = kept


def teacher_sheet(cells: list[NotebookNode], rows: list, table: str) -> str:
    """Return the teacher's page: title, minutes, notes, and the table of seconds.

    Args:
        cells: the lesson's, of which those tagged teacher are the notes.
        rows: what `reading.table_of_minutes` gives.
        table: what `table_of_seconds` gives.
    """
    title = cells[0].source.split("\n")[0]
    notes = [cell.source for cell in cells if "teacher" in tags(cell)]
    told = [f"| {name} | {minutes} |" for name, minutes, more in rows if not more]
    total = sum(minutes for _, minutes, more in rows if not more)
    told += [f"| all | {total} |"]
    told += [f"| {name} | {minutes} |" for name, minutes, more in rows if more]
    head = f"{title}\n\nFor the teacher. {total} minutes of a learner's time:"
    minutes = "\n".join(["| section | minutes |", "|---|--:|", *told])
    return "\n\n".join([head, minutes, *notes, table]) + "\n"


def set_time(notebook: NotebookNode, read: dict) -> None:
    """Put the minutes and the seconds of CPU into the first cell; keep the figures, and a mark."""
    told = f"**{read['minutes']} minutes**"
    if read["more"]:
        told += f", and {read['more']} for the sections headed “More”"
    told += f" · {read['seconds']} second{'s' * (read['seconds'] != 1)} of CPU"
    notebook.cells[0].source = notebook.cells[0].source.replace(TIME, told)
    notebook.metadata.gan_lesson = {"text": mark(notebook), "reading": dict(read)}


def stored_with(code: list[str], stored: Path) -> NotebookNode | None:
    """Return the stored notebook, if it is there and has these sources and figures."""
    if not stored.exists():
        return None
    before = nbformat.read(stored, as_version=4)
    known = "seconds" in before.metadata.get("gan_lesson", {}).get("reading", {})
    return before if known and code_of(before) == code else None


def table_of_seconds(sources: list[str], seconds: list[float]) -> str:
    """Return the Markdown table of the seconds that each code cell took."""
    rows = [
        f"| {number} | `` {source.splitlines()[0].replace('|', '&#124;')} `` | {taken:.1f} |"
        for number, (source, taken) in enumerate(zip(sources, seconds, strict=True), start=1)
    ]
    told = f"{whole_seconds(seconds)} in all: seconds of CPU, without a browser."
    return "\n".join([TABLE, "", told, "", "| cell | begins | seconds |", "|--:|---|--:|", *rows])


def whole_seconds(seconds: list[float]) -> int:
    """Return the seconds in all, 1 or more."""
    return max(1, round(sum(seconds)))


def code_of(notebook: NotebookNode) -> list[str]:
    """Return the sources of the code cells."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def finish(notebook: NotebookNode, stored: Path, remeasure: bool) -> str:
    """Return the executed notebook as the text of the file `stored`.

    A `measured` cell gets the outputs that were stored for the same source, unless `remeasure`.

    Raises:
        BuildError: it is larger than a notebook may be.
    """
    before = {}
    if stored.exists() and not remeasure:
        for cell in nbformat.read(stored, as_version=4).cells:
            if cell.cell_type == "code" and "measured" in tags(cell):
                before[cell.source] = cell.outputs
    for cell in notebook.cells:
        if "measured" in tags(cell) and cell.source in before:
            cell.outputs = before[cell.source]
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = cell.execution_count
    for cell in notebook.cells:
        cell.pop(reading.WIDGET, None)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    if (size := len(text.encode())) > MAX_BYTES:
        raise BuildError(f"{stored.name}: {size:,} bytes, at most {MAX_BYTES:,}")
    return text


def build(text: Path, remeasure: bool = False) -> list[Path]:
    """Build one lesson from its text; return the files it consists of.

    Nothing is written unless all of it succeeded.

    Args:
        text: .../text/NN_name.md; the lesson is written beside the folder text.
        remeasure: store measured times anew.

    Raises:
        BuildError: the lesson must not be stored; the message says why.
    """
    folder, name = text.parent.parent, f"{text.stem}.ipynb"
    stored, answers = folder / name, folder / "answers" / name
    sheet = folder / "teacher" / text.name
    cells = read_text(text)
    files = {}

    learner = assemble(cells, leave_out="answer")
    seconds = execute(learner, name, folder)
    table, total = table_of_seconds(code_of(learner), seconds), whole_seconds(seconds)
    if not remeasure and (before := stored_with(code_of(learner), stored)):
        total = before.metadata.gan_lesson.reading["seconds"]
        if sheet.exists():
            table = TABLE + sheet.read_text("utf-8").partition(TABLE)[2].rstrip("\n")
    rows = reading.table_of_minutes(learner.cells)
    read = reading.figures(learner.cells) | {"seconds": total}
    print(f"{text.stem}: " + ", ".join(f"{key} {value}" for key, value in read.items()))
    set_time(learner, read)
    files[stored] = finish(learner, stored, remeasure)

    if any("stub" in tags(cell) for cell in cells):
        solved = assemble(cells, leave_out="stub")
        execute(solved, f"answers/{name}", folder)
        set_time(solved, read)
        files[answers] = finish(solved, answers, remeasure)

    if any("teacher" in tags(cell) for cell in cells):
        files[sheet] = teacher_sheet(cells, rows, table)

    for path in {stored, answers, sheet} - set(files):
        path.unlink(missing_ok=True)
    for path, content in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return list(files)


def main(arguments: list[str] | None = None) -> int:
    """Build the lessons named, or all of them; return 1 if one could not be built."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lessons", nargs="*", help="how the lessons' names begin (default: all)")
    parser.add_argument("--remeasure", action="store_true", help="store measured times anew")
    options = parser.parse_args(arguments)
    texts = sorted((Path(__file__).parent / "text").glob("*.md"))
    for name in options.lessons:
        if not any(text.stem.startswith(name) for text in texts):
            parser.error(f"no lesson in notebooks/text begins with '{name}'")
    for text in texts:
        if not options.lessons or text.stem.startswith(tuple(options.lessons)):
            start = time.perf_counter()
            try:
                build(text, options.remeasure)
            except BuildError as error:
                print(f"Not built: {error}", file=sys.stderr)
                return 1
            print(f"{text.stem}: built in {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
