"""What of a lesson stands on slides: one question, picture, equation or exercise on each.

All of it is what a learner has before any answer: the question of a prediction with its options,
a stored picture, an equation with the sentence that leads to it, and the stub of an exercise. What
is tagged answer or teacher, the prose, and all that cells have printed is left out. So are the
sections headed "More" and those that sum up.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import nbformat
import reading
from nbformat import NotebookNode

from slides.wall_links import WallPage, page_of

LEFT_OUT = ("Opening", "You will be able to", "Summary", "What you carry on", "Sources")
LEFT_OUT += ("What you have seen",)
EXAMPLE = "An example: invented answers to other images than the class will see."


class SlidesError(Exception):
    """A lesson of which no slides can be made; the message says what to do."""


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes:
        kind: "title", "question", "picture", "equation" or "exercise".
        heading: where in the lesson it stands, Markdown.
        text: the question, the sentence that leads to the equation, or the stub's source.
        options: what may be answered, for a question.
        picture: PNG, for a picture.
        alt: a sentence for those who do not see the picture.
        caption: what the class must know to read the picture; none for most.
        live: the page of the wall that shows it moving.
    """

    kind: str
    heading: str
    text: str = ""
    options: tuple[str, ...] = ()
    picture: bytes = field(default=b"", repr=False)
    alt: str = ""
    caption: str = ""
    live: WallPage | None = None


def slides_of(text: Path, stored: Path, pages: dict[str, list[WallPage]]) -> list[Slide]:
    """Return the slides of a lesson.

    Args:
        text: its text, notebooks/text/NN_name.md.
        stored: the notebook built from it, which holds pictures and questions.
        pages: what `all_pages` gives.

    Raises:
        SlidesError: the notebook was not built from this text.
    """
    cells = read_cells(text, stored)
    title = cells[0].source.split("\n")[0].removeprefix("# ")
    slides = [Slide("title", title)]
    for section in reading.sections(cells):
        if section.more or section.title in LEFT_OUT:
            continue
        heading = section.title
        for cell in section.cells:
            if cell.cell_type == "markdown":
                if found := re.match(r"###+ +(.*)", cell.source):
                    heading = found[1]
                slides += equations_of(cell.source, heading)
            else:
                slides += _of_code(cell, heading, pages)
    return slides


def read_cells(text: Path, stored: Path) -> list[NotebookNode]:
    """Return the text's cells, the learner's with the outputs that are stored.

    Raises:
        SlidesError: there is no such notebook, or it was built from another text.
    """
    cells = jupytext.read(text, fmt={"extension": ".md", "split_at_heading": True}).cells
    if not stored.exists():
        raise SlidesError(f"{stored.name} is missing: run `make notebooks`")
    notebook = nbformat.read(stored, as_version=4)
    outputs = [cell for cell in notebook.cells if cell.cell_type == "code"]
    learners = [cell for cell in cells if cell.cell_type == "code" and not _is_secret(cell)]
    if [cell.source for cell in learners] != [cell.source for cell in outputs]:
        raise SlidesError(f"{stored.name} was built from another text: run `make notebooks`")
    for cell, its in zip(learners, outputs, strict=True):
        cell.outputs = its.outputs
    return cells


def _is_secret(cell: NotebookNode) -> bool:
    return bool({"answer", "teacher"} & set(cell.metadata.get("tags", [])))


def equations_of(markdown: str, heading: str) -> list[Slide]:
    """Return a slide for each displayed equation, with the sentence that leads to it."""
    slides, start = [], 0
    for found in re.finditer(r"\$\$.+?\$\$", markdown, re.S):
        before = markdown[start : found.start()].rstrip().rpartition("\n\n")[2]
        start = found.end()
        lead = "" if before.startswith("#") else sentences_in(before)[-1:]
        text = "\n\n".join([*lead, found.group()])
        slides.append(Slide("equation", heading, text))
    return slides


def sentences_in(paragraph: str) -> list[str]:
    """Return a paragraph's sentences with their Markdown; links become plain words."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
    return [part for part in re.split(r"(?<=[.!?])[”\")]*\s+(?=[^a-z\s])", plain) if part]


def _of_code(cell: NotebookNode, heading: str, pages: dict) -> list[Slide]:
    """Return the slides of a code cell: its question, its stub or its pictures."""
    if _is_secret(cell):
        return []
    if ".ask_" in cell.source:
        (output,) = cell.outputs
        return [question(output.data["text/plain"], heading)]
    if "stub" in cell.metadata.get("tags", []):
        return [Slide("exercise", heading, cell.source)]
    live = page_of(cell.source, pages)
    pictures = [o for o in cell.outputs if "image/png" in o.get("data", {})]
    return [
        Slide(
            "picture",
            heading,
            picture=base64.b64decode(output.data["image/png"]),
            alt=cautious(output.metadata.get("image/png", {}).get("alt", ""), live),
            caption=caption_of(cell.source),
            live=live,
        )
        for output in pictures
    ]


def caption_of(source: str) -> str:
    """Return what a picture does not say itself: that it is an example, or whose case it is."""
    if "preview_rounds=" in source:
        return EXAMPLE
    case = re.search(r"\bWard\((\d+)", source)
    return f"Case {case[1]}" if case else ""


def question(plain: str, heading: str) -> Slide:
    """Return the slide of a question, from the words that are stored for a reader."""
    asked, *answers = re.split(r"\n(?=  )", plain)
    asked = re.sub(r"(?<=\w-)\n", "", asked.removeprefix("Predict: ")).replace("\n", " ")
    options = tuple(line.strip().removeprefix("( ) ") for line in answers)
    return Slide("question", heading, asked, options)


def cautious(alt: str, live: WallPage | None) -> str:
    """Return a description that gives no answer away: how it begins, if that has no number.

    What a picture shows is often the answer to the question before it. The notebook has the
    whole description.
    """
    (first, *_) = [*sentences_in(alt), ""]
    first = re.split(r"[:;]", first)[0].rstrip(".") + "." if first else ""
    if first and not re.search(r"\d|½", first):
        return first
    shown = f"“{live.title}”" if live else "a picture of this section"
    return f"Here is {shown}; the lesson's notebook describes it in full."
