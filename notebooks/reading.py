"""How long a lesson takes and how it reads: minutes, words, sentences, all from its cells.

The minutes are those of an honest newcomer, so that a headline cannot flatter:

    words outside code / 80  +  1.5 a displayed equation  +  5 an exercise
    + 1.5 a prediction or claim  +  3 a widget  +  0.1 a line of code

What stands under a heading that begins with "More" is counted apart: the lesson is whole without.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

MEDIAN_WORDS = (12, 17)  # of a lesson's sentences: shorter is a telegram
LONGEST = 35  # words of a sentence
LONG = 25
WIDGET = "was_widget"  # the mark that build.execute leaves on a cell

WORDS_A_MINUTE = 80
MINUTES = {"equations": 1.5, "exercises": 5, "questions": 1.5, "widgets": 3, "lines": 0.1}


@dataclass
class Section:
    """What stands under one heading of the second level, or before the first."""

    title: str
    more: bool = False
    cells: list[NotebookNode] = field(default_factory=list)

    def minutes(self) -> float:
        """Return the minutes by the formula above."""
        words = sum(count_words(cell.source) for cell in self.cells if _is_prose(cell))
        counted = {name: sum(map(count, self.cells)) for name, count in COUNTS.items()}
        extra = sum(MINUTES[name] * number for name, number in counted.items())
        return words / WORDS_A_MINUTE + extra


def sections(cells: Sequence[NotebookNode]) -> list[Section]:
    """Return the learner's sections; a "### More" ends its section and starts one of its own."""
    found = [Section("Opening")]
    for cell in cells:
        if "teacher" in _tags(cell) or "answer" in _tags(cell):
            continue
        heading = re.match(r"(##+) +(.*)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            more, top = heading[2].startswith("More"), heading[1] == "##"
            if top or more:
                found.append(Section(heading[2], more))
            elif found[-1].more and not top and _level(found[-1]) >= len(heading[1]):
                found.append(Section(_of(found), False))
        found[-1].cells.append(cell)
    return found


def _level(section: Section) -> int:
    """Return the level of the heading that the section begins with."""
    return len(re.match(r"#*", section.cells[0].source)[0])


def _of(found: Sequence[Section]) -> str:
    """Return the title of the last section that is no "More"."""
    return next(section.title for section in reversed(found) if not section.more)


def table_of_minutes(cells: Sequence[NotebookNode]) -> list[tuple[str, int, bool]]:
    """Return rows (section, whole minutes, is it "More"), whose sums are the lesson's minutes.

    Sections that one heading splits are one row. Rounding keeps each sum: the largest rests
    are rounded up.
    """
    exact: dict[tuple[str, bool], float] = {}
    for section in sections(cells):
        key = section.title, section.more
        exact[key] = exact.get(key, 0) + section.minutes()
    rows = []
    for more in (False, True):
        part = {key: minutes for key, minutes in exact.items() if key[1] is more}
        whole = {key: math.floor(minutes) for key, minutes in part.items()}
        missing = round(sum(part.values())) - sum(whole.values())
        for key in sorted(part, key=lambda key: whole[key] - part[key])[:missing]:
            whole[key] += 1
        rows += [(title, minutes, more) for (title, _), minutes in whole.items()]
    order = list(exact)
    return sorted(rows, key=lambda row: order.index((row[0], row[2])))


def minutes(cells: Sequence[NotebookNode]) -> tuple[int, int]:
    """Return the minutes of the lesson, and of what is headed "More"."""
    rows = table_of_minutes(cells)
    return tuple(sum(row[1] for row in rows if row[2] is more) for more in (False, True))


def count_words(markdown: str) -> int:
    """Return the number of words, leaving out equations, addresses and HTML tags."""
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)|<[^>]*>", " ", markdown, flags=re.S)
    return len(re.findall(r"\w[\w'’-]*", prose))


def sentences(cells: Sequence[NotebookNode]) -> list[str]:
    """Return the sentences of the prose: no headings, tables, equations, sources, links."""
    found = []
    for section in sections(cells):
        if section.title == "Sources":
            continue
        for cell in filter(_is_prose, section.cells):
            text = re.sub(r"\$\$.*?\$\$|<[^>]*>|```.*?```", "\n\n", cell.source, flags=re.S)
            text = re.sub(r"\$[^$]*\$", "formula", text)
            text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
            for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text):
                block = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", block.strip())
                if block and not re.match(r"#|\||Open in Colab|\*\*\d+ minutes|\{\{", block):
                    found += _split(" ".join(block.split()))
    return found


def _split(block: str) -> list[str]:
    """Return a paragraph's sentences: they end at . ! ? before a space and no small letter."""
    plain = re.sub(r"[*_`]", "", block)
    plain = re.sub(r"\b(e\.g|i\.e|et al|Fig|cf|vs)\.", r"\1", plain)
    parts = re.split(r"(?<=[.!?])[”\")]*\s+(?=[^a-z\s])", plain)
    return [part for part in parts if words_in(part)]


def words_in(sentence: str) -> int:
    """Return the number of words of a sentence; a formula without spaces is one."""
    return sum(bool(re.search(r"\w", word)) for word in sentence.split())


def figures(cells: Sequence[NotebookNode]) -> dict[str, float]:
    """Return the reading figures that the build prints."""
    lengths = sorted(map(words_in, sentences(cells)))
    words = 0
    for cell in cells:
        drawn = any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
        if drawn or cell.get(WIDGET):
            break
        words += count_words(cell.source) if _is_prose(cell) else 0
    lesson, more = minutes(cells)
    return {
        "minutes": lesson,
        "more": more,
        "words": sum(count_words(cell.source) for cell in cells if _is_prose(cell)),
        "sentences": len(lengths),
        "median": lengths[len(lengths) // 2] if lengths else 0,
        "longest": max(lengths, default=0),
        "over 25": sum(length > LONG for length in lengths),
        "words before the first picture": words,
    }


def _tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def _is_prose(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and "teacher" not in _tags(cell)


def _equations(cell: NotebookNode) -> int:
    return len(re.findall(r"\$\$.+?\$\$", cell.source, re.S)) if _is_prose(cell) else 0


def _exercises(cell: NotebookNode) -> int:
    return "stub" in _tags(cell)


def _questions(cell: NotebookNode) -> int:
    return len(re.findall(r"\.ask_\w+\(", cell.source)) if cell.cell_type == "code" else 0


def _widgets(cell: NotebookNode) -> int:
    still = "show_figure(" in cell.source  # a picture is shown by a widget, and does not move
    return bool(cell.get(WIDGET)) and not (_questions(cell) or still)


def _lines(cell: NotebookNode) -> int:
    if cell.cell_type != "code":
        return 0
    return sum(bool(line.strip()) for line in cell.source.splitlines())


COUNTS = {
    "equations": _equations,
    "exercises": _exercises,
    "questions": _questions,
    "widgets": _widgets,
    "lines": _lines,
}
