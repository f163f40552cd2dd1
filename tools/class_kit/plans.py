"""Plans for a class: Markdown whose minutes and seconds are filled in from what the build stored.

Between double braces stand, in a plan,

    min 06              the minutes of lesson 06, by the formula of reading.py
    min 06/2.           those of its section whose title begins with "2."
    sec 06/2.           the seconds of CPU of that section's cells, as the last build measured them
    min 03/1. + 03/2.   a sum
    sum                 in a table: the sum of the column so far
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import reading

SHEET_ROW = re.compile(r"^\| (.+) \| (\d+) \|$", re.M)
SECONDS_ROW = re.compile(r"^\| \d+ \| ``.*`` \| ([\d.]+) \|$", re.M)


class PlanError(Exception):
    """A plan that names what no lesson has; the message says what."""


class Times:
    """Minutes and seconds of the lessons of a folder, as notebooks and teacher's sheets store them.

    Args:
        notebooks: the folder of the built notebooks, with its folder teacher.
    """

    def __init__(self, notebooks: Path):
        self.notebooks = notebooks

    def minutes(self, place: str) -> int:
        """Return the minutes of "06" or of "06/2."."""
        lesson, _, section = place.partition("/")
        rows = SHEET_ROW.findall(self._sheet(lesson).partition("## Seconds of each cell")[0])
        if not section:
            return int(dict(rows)["all"])
        return int(_only(rows, section, place)[1])

    def seconds(self, place: str) -> float:
        """Return the seconds of CPU of "06" or of "06/2.", a lesson's with all that is "More"."""
        lesson, _, section = place.partition("/")
        taken = [float(row) for row in SECONDS_ROW.findall(self._sheet(lesson))]
        if not section:
            return sum(taken)
        notebook = nbformat.read(self._file(self.notebooks, lesson, "ipynb"), as_version=4)
        code = [cell.id for cell in notebook.cells if cell.cell_type == "code"]
        seconds = dict(zip(code, taken, strict=True))
        parts = [part for part in reading.sections(notebook.cells) if not part.more]
        parts = [(part.title, part) for part in parts if part.title.startswith(section)]
        if not parts:
            raise PlanError(f"{place}: no section begins so")
        cells = [cell.id for _, part in parts for cell in part.cells]
        return sum(seconds.get(cell, 0.0) for cell in cells)

    def _sheet(self, lesson: str) -> str:
        return self._file(self.notebooks / "teacher", lesson, "md").read_text("utf-8")

    def _file(self, folder: Path, lesson: str, ending: str) -> Path:
        found = [*folder.glob(f"{lesson}_*.{ending}"), *folder.glob(f"{lesson}.{ending}")]
        if len(found) != 1:
            raise PlanError(f"{lesson}: {len(found)} files of this lesson in {folder.name}")
        return found[0]


def _only(rows: list[tuple[str, str]], section: str, place: str) -> tuple[str, str]:
    found = [row for row in rows if row[0].startswith(section)]
    if len(found) != 1:
        raise PlanError(f"{place}: {len(found)} sections begin so")
    return found[0]


def filled(markdown: str, times: Times) -> str:
    """Return a plan with its figures.

    Raises:
        PlanError: it names a lesson or section that there is not.
    """

    def figure(match: re.Match) -> str:
        what, places = match[1], [place.strip() for place in match[2].split(" + ")]
        if what == "min":
            return str(sum(map(times.minutes, places)))
        return str(round(sum(map(times.seconds, places))))

    told = re.sub(r"\{\{(min|sec) ([^}]+)\}\}", figure, markdown)
    lines, table = [], []
    for line in told.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if "{{sum}}" in line:
            cells = [
                str(sum(int(row[at]) for row in table if row[at].isdigit()))
                if cell == "{{sum}}"
                else cell
                for at, cell in enumerate(cells)
            ]
            line = f"| {' | '.join(cells)} |"
        table = [*table, cells] if line.startswith("|") else []
        lines.append(line)
    return "\n".join(lines) + "\n"
