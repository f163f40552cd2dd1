"""One table of what lessons say of training runs: the statement, its test, and what was measured.

A test that holds such a statement calls the fixture `run_number`, which looks the statement up in
the lesson's text. With GAN_LESSON_RUN_NUMBERS=file.jsonl it also writes down what it measured;
`python tests/run_numbers.py files…` makes of these files the table `tests/run_numbers.md`.
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


def in_short(measured, absent="not run"):
    """One cell: each name with the spread of its numbers."""
    if measured is None:
        return absent
    return "; ".join(f"{name} {spread(numbers)}" for name, numbers in measured.items())


def table(rows):
    """The table in Markdown: a row a statement, a column a processor; seeds are taken together."""
    found = {}
    for row in rows:
        key = row["lesson"], row["statement"], row["test"]
        cell = found.setdefault(key, {}).setdefault(row["processor"], {})
        for name, numbers in row["measured"].items():
            cell.setdefault(name, []).extend(numbers)
    lines = [
        "# What the lessons say of training runs",
        "",
        "A run is chaotic across processors: each statement is about several seeds, and was tried "
        "under three instruction sets of one machine: its own, AVX2, and none beyond SSE. Made as "
        "CONTRIBUTING.md says; a test fails if a statement is not in its lesson.",
        "",
        "| lesson | statement | test | " + " | ".join(PROCESSORS) + " |",
        "|---|---|---|" + "---|" * len(PROCESSORS),
    ]
    for (lesson, statement, test), cells in sorted(found.items()):
        record = any(name.startswith("recorded") for cell in cells.values() for name in cell)
        absent = "the same record" if record else "not run"
        shown = " | ".join(in_short(cells.get(name), absent) for name in PROCESSORS)
        statement = statement.replace("|", "\\|")
        lines.append(f"| {lesson} | {statement} | `{test}` | {shown} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    given = [json.loads(line) for name in sys.argv[1:] for line in open(name, encoding="utf-8")]
    TABLE.write_text(table(given), encoding="utf-8")
    print(f"{TABLE}: {len({row['statement'] for row in given})} statements")
