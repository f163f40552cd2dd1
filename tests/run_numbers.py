"""One table of what lessons say of training runs: the statement, its test, and what was measured.

A test that holds such a statement calls the fixture `run_number`, which looks the statement up in
the lesson's text. With GAN_LESSON_RUN_NUMBERS=file.jsonl it also writes down what it measured;
`python tests/run_numbers.py files…` makes of these files the table `tests/run_numbers.md`, and with
`--keep` before the files it keeps what the table has and they have not.
"""

import json
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TEXTS = HERE.parent / "notebooks" / "text"
TABLE = HERE / "run_numbers.md"
PROCESSORS = ("own", "avx2", "default")  # Makefile's test-processors names them


def words_of(text):
    """The text with every white space as one blank, so that a line's end does not matter."""
    return re.sub(r"\s+", " ", text)


def note(test, lesson, statement, measured):
    """Find a statement in lesson "07", and write down the numbers (a dict of lists or numbers)."""
    (path,) = TEXTS.glob(f"{lesson}_*.md")
    assert words_of(statement) in words_of(path.read_text("utf-8")), statement
    if file := os.environ.get("GAN_LESSON_RUN_NUMBERS"):
        row = {
            "lesson": lesson,
            "statement": words_of(statement),
            "test": test,
            "processor": os.environ.get("GAN_LESSON_PROCESSOR", "own"),
            "measured": {name: as_list(numbers) for name, numbers in measured.items()},
        }
        with open(file, "a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def as_list(numbers):
    numbers = numbers.tolist() if hasattr(numbers, "tolist") else numbers
    return [float(n) for n in numbers] if isinstance(numbers, list | tuple) else [float(numbers)]


def spread(numbers):
    """The numbers in short: the one, or from least to largest and how many there were."""
    low, high = min(numbers), max(numbers)
    if len(numbers) == 1:
        return f"{low:.3g}"
    return (
        f"{low:.3g} ({len(numbers)})"
        if low == high
        else f"{low:.3g} to {high:.3g} ({len(numbers)})"
    )


def in_short(measured):
    """One cell: each name with the spread of its numbers."""
    return "; ".join(f"{name} {spread(numbers)}" for name, numbers in measured.items())


HEAD = [
    "# What the lessons say of training runs",
    "",
    "A run is chaotic across processors: each statement is about several seeds, and was tried "
    "under three instruction sets of one machine: its own, AVX2, and none beyond SSE. Made as "
    "CONTRIBUTING.md says; a test fails if a statement is not in its lesson.",
    "",
    "| lesson | statement | test | " + " | ".join(PROCESSORS) + " |",
    "|---|---|---|" + "---|" * len(PROCESSORS),
]
ABSENT = ("not run", "the same record")


def cells_of(text):
    """What a table says: {(lesson, statement, test): {processor: what was measured}}."""
    rows = re.findall(r"^\| (\d\d) \| (.+) \| `(\S+)` \| (.+) \| (.+) \| (.+) \|$", text, re.M)
    return {
        (lesson, statement, test): {
            name: cell for name, cell in zip(PROCESSORS, cells, strict=True) if cell not in ABSENT
        }
        for lesson, statement, test, *cells in rows
    }


def measured_cells(rows):
    """The same of rows that tests wrote down; seeds are taken together."""
    found = {}
    for row in rows:
        key = row["lesson"], row["statement"].replace("|", "\\|"), row["test"]
        cell = found.setdefault(key, {}).setdefault(row["processor"], {})
        for name, numbers in row["measured"].items():
            cell.setdefault(name, []).extend(numbers)
    return {
        key: {name: in_short(measured) for name, measured in cells.items()}
        for key, cells in found.items()
    }


def table(rows, kept=""):
    """The table in Markdown: a row a statement, a column a processor; `kept` is an older one."""
    found = cells_of(kept)
    for key, cells in measured_cells(rows).items():
        found[key] = found.get(key, {}) | cells
    lines = list(HEAD)
    for key in sorted(found, key=lambda key: [part.replace("\\|", "|") for part in key]):
        (lesson, statement, test), cells = key, found[key]
        record = any(re.search("(^|; )recorded", cell) for cell in cells.values())
        shown = " | ".join(cells.get(name, ABSENT[record]) for name in PROCESSORS)
        lines.append(f"| {lesson} | {statement} | `{test}` | {shown} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    files = sys.argv[1:]
    old = TABLE.read_text("utf-8") if "--keep" in files else ""
    files = [name for name in files if name != "--keep"]
    given = [json.loads(line) for name in files for line in open(name, encoding="utf-8")]
    TABLE.write_text(table(given, old), encoding="utf-8")
    print(f"{TABLE}: {len({row['statement'] for row in given})} statements measured")
