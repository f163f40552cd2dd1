"""Collect what a teacher needs: `make class` writes it to build/class.

    .venv-book/bin/python tools/make_class.py build/class --python .venv/bin/python

Slides, the teacher's sheets, sheets to print (with PDFs where Chromium is found), the notebooks
with answers, and plans for 60 minutes, half a day and six lessons. Nothing is run but the sheet of
the paper GAN and its answers, which `--python`, a Python that has the package, writes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))  # reading.py, which build.py uses too

from class_kit import pages  # noqa: E402
from class_kit.plans import PlanError, Times, filled  # noqa: E402
from make_slides import decks_of  # noqa: E402
from slides.deck import copy_what_pages_load, make_anew, write_decks  # noqa: E402
from slides.on_slides import Slide, SlidesError  # noqa: E402
from slides.wall_links import WALL  # noqa: E402

PAPER = """\
import json, sys
from gan_lesson.lessons.lesson_05 import paper
paper.paper_sheet(sys.argv[1])
answers = paper.paper_answers()
print(json.dumps([[line.question, answers[line.number].tolist()] for line in paper.LINES]))
"""
PDFS = (
    " PDFs of the paper GAN, of the predictions of all lessons and of the tour, and of the plans "
    "lie beside them."
)
FRONT = """\
# What a class needs

Open a plan first: it says what to do, and in which order. The lessons themselves are notebooks in the course's folder, from which this kit was made; its README says how they are opened. (Their badges "Open in Colab" work once the course lies on GitHub and `make colab` was run.)

**Plans.** {plans}. Each says what to prepare, what to cut, and what always is asked.

**[Slides](slides/index.html)** of every lesson, without answers. They need no network; what is marked ▶ opens a page of `make demo`.

**Sheets to print.** [The paper GAN](sheets/paper_gan.html), and predictions for {sheets}, or for [all lessons](sheets/predictions.html).{pdfs}

**For the teacher.** {teacher}: tempting wrong answers, questions to ask, minutes of each section, seconds of each cell.

**Answers.** {answers}, the notebooks with every exercise solved; open them in JupyterLab.

## What the class predicted

A learner writes the predictions of a notebook to a file, in a last cell, with a name and the lesson's number:

    from gan_lesson.lessons.kit.answers import export_answers
    export_answers("my_name_05.csv")

Collect the files in a folder `answers`. Then

    python -m gan_lesson pool answers/*.csv --out class.png

draws what the class said, and names files that cannot be read. `--truth` marks what is right. The forgery game has files of its own: see "More: a whole class" in lesson 00.
"""  # noqa: E501


def write_kit(root: Path, out: Path, python: Path, wall: str = WALL) -> list[Path]:
    """Write the kit of a repository to a folder made anew; return the pages that are to be printed.

    Raises:
        SlidesError: a notebook was not built from its text, or the folder holds other files.
        ImportError: what the slides load is not installed.
        PlanError: a plan names a section that there is not.
        subprocess.CalledProcessError: the paper GAN could not be written.
    """
    notebooks = root / "notebooks"
    decks, times = decks_of(root), Times(notebooks)
    make_anew(out)
    for folder in ("plans", "sheets", "teacher", "answers"):
        (out / folder).mkdir(parents=True)
    (out / "kit.css").write_text(pages.STYLE, "utf-8")
    write_decks(decks, out / "slides", wall)
    copy_what_pages_load(out / "slides")
    to_print = [out / "sheets" / "paper_gan.html"]
    command = [python, "-c", PAPER, to_print[0]]
    paper = subprocess.run(command, check=True, cwd=root, stdout=subprocess.PIPE, text=True).stdout
    to_print.append(out / "sheets" / "predictions.html")  # one PDF: Chromium starts once
    told = pages.sheets_of_predictions("Predictions", [slides for _, slides in decks])
    to_print[-1].write_text(told, "utf-8")
    for name, slides in decks:
        sheet = out / "sheets" / f"predictions_{name.partition('_')[0]}.html"
        told = pages.sheets_of_predictions(slides[0].heading, [slides])
        sheet.write_text(told, "utf-8")
    to_print.append(out / "sheets" / "predictions_tour.html")
    for plan in sorted((notebooks / "plans").glob("*.md")):
        told = filled(plan.read_text("utf-8"), times)
        to_print.append(out / "plans" / f"{plan.stem}.html")
        to_print[-1].write_text(pages.page_of_markdown(told, "plan"), "utf-8")
    for sheet in sorted((notebooks / "teacher").glob("*.md")):
        number = sheet.stem.partition("_")[0]
        key = key_of_paper(json.loads(paper)) if number == "05" else ""
        told = pages.page_of_markdown(sheet.read_text("utf-8") + key, "teacher")
        (out / "teacher" / f"{number}.html").write_text(told, "utf-8")
    for solved in sorted((notebooks / "answers").glob("*.ipynb")):
        shutil.copyfile(solved, out / "answers" / solved.name)
    (out / "index.html").write_text(front_page(decks, out), "utf-8")
    return to_print


def key_of_paper(lines: list[tuple[str, list[float]]]) -> str:
    """Return the answers of the paper GAN as Markdown: (question, numbers) of each line."""
    rows = []
    for number, (question, answers) in enumerate(lines, start=1):
        told = " and ".join(f"{answer + 0.0:.3f}".replace("-", "−") for answer in answers)
        rows.append(f"| {number} | {question} | {told} |")
    head = "\n\n## Paper GAN: the answers\n\n| line | what | answer |\n|--:|---|--:|\n"
    return head + "\n".join(rows) + "\n\nTwo decimals suffice on the sheet.\n"


def front_page(decks: list[tuple[str, list[Slide]]], out: Path) -> str:
    """Return the page that names all parts."""

    def links(folder: str, start: str = "") -> str:
        found = sorted((out / folder).glob(f"{start}*"))
        names = [path.stem.removeprefix(start).replace("_", " ") for path in found]
        told = zip(names, found, strict=True)
        return ", ".join(f"[{name}]({folder}/{path.name})" for name, path in told)

    told = FRONT.format(
        plans=links("plans"),
        sheets=links("sheets", "predictions_"),
        teacher=links("teacher"),
        answers=f"{len(list((out / 'answers').iterdir()))} files in the folder `answers`",
        pdfs=PDFS if pages.chromium() else "",
    )
    return pages.page_of_markdown(told, "front", up="")


def main(arguments: list[str] | None = None) -> int:
    """Write the kit; return 1 if a part of it cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="the folder to write, made anew")
    parser.add_argument("--python", type=Path, required=True, help="a Python with the package")
    parser.add_argument("--wall", default=WALL, help=f"where `make demo` serves (default: {WALL})")
    options = parser.parse_args(arguments)
    try:
        python = options.python.absolute()  # not resolved: it is a link into its environment
        to_print = write_kit(ROOT, options.out.resolve(), python, options.wall)
        if browser := pages.chromium():
            pages.print_to_pdf(browser, to_print)
        else:
            print("No Chromium, so no PDFs: print the pages of plans and sheets by a browser.")
    except (SlidesError, PlanError, ImportError, OSError, subprocess.SubprocessError) as error:
        print(f"No kit: {error}", file=sys.stderr)
        return 1
    print(f"The kit is {options.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
