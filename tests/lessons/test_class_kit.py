"""`make class`: plans that fit their time, sheets to print, and a front page that names all."""

import re
import sys

import make_class
import nbformat
import pytest
from class_kit.pages import (
    PAGE,
    chromium,
    page_of_markdown,
    print_to_pdf,
    sheets_of_predictions,
)
from class_kit.plans import PlanError, Times, filled
from front_ends import absent
from leaks import Secrets
from lesson_text import NOTEBOOKS, lessons_in, number_of
from test_slides import decks

from gan_lesson.lessons.lesson_05 import paper

ROOT = NOTEBOOKS.parent
PLANS = sorted((NOTEBOOKS / "plans").glob("*.md"))
TIMES = Times(NOTEBOOKS)

each_plan = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.stem)


# --- the plans ---------------------------------------------------------------------------------


def columns_of(told):
    """The rows of a plan's first table, but head and sum, and its sums."""
    rows = [line.strip("|").split("|") for line in told.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in row] for row in rows]
    last = next(at for at, row in enumerate(rows) if row[0] == "all")
    return rows[2:last], rows[last]


@each_plan
def test_a_plan_says_what_to_prepare_what_to_cut_and_its_figures_are_filled_in(plan):
    told = filled(plan.read_text("utf-8"), TIMES)
    headings = re.findall(r"^## (.*)", told, re.M)
    assert "What to cut" in headings and re.search(r"[Bb]efore", " ".join(headings))
    assert "{{" not in told
    rows, sums = columns_of(told)
    assert len(rows) >= 6
    summed = [at for at, cell in enumerate(sums) if cell.isdigit()]
    assert summed and all(int(sums[at]) == sum(int(row[at]) for row in rows) for at in summed)


def test_each_plan_fits_its_time():
    told = {plan.stem: columns_of(filled(plan.read_text("utf-8"), TIMES)) for plan in PLANS}
    assert set(told) == {"60_minutes", "half_a_day", "six_lessons"}
    hour = told["60_minutes"][1]
    assert int(hour[1]) <= 60 and TIMES.minutes("tour") <= 60
    assert 180 <= int(told["half_a_day"][1][1]) <= 240
    rows, _ = told["six_lessons"]
    assert len(rows) == 6 and all(int(row[1]) <= 60 for row in rows)


def test_half_a_day_fits_three_hours_and_two_and_a_half_by_its_cuts():
    text = (NOTEBOOKS / "plans" / "half_a_day.md").read_text("utf-8")
    rows = columns_of(filled(text, TIMES))[0]
    three, two = re.search(
        r"- At three hours, (.*)\n- At two and a half hours, (.*)", text
    ).groups()
    assert three.startswith("leave out the paper GAN and 10") and "{{min tour/6.}}" in three
    assert two == "leave out section 1 of 01 and section 4 of 06, too."

    def left(*out):
        return sum(int(row[1]) for row in rows if not row[0].startswith(out))

    cut = ("the paper GAN", "10,")
    assert left(*cut) + TIMES.minutes("tour/6.") <= 180
    assert left(*cut, "01, section 1", "06, section 4") + TIMES.minutes("tour/6.") <= 150


def test_the_clock_of_the_hour_adds_up_and_so_do_the_shorter_plans():
    told = filled((NOTEBOOKS / "plans" / "60_minutes.md").read_text("utf-8"), TIMES)
    minutes = [int(row[1]) for row in columns_of(told)[0]]
    clock = told.partition("## What to cut")[2].partition("| stop |")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in clock.splitlines()[2:] if line.startswith("|")]  # fmt: skip
    assert [int(row[1]) for row in rows] == [sum(minutes[:at]) for at in range(len(minutes))]
    assert [row[0] for row in rows] == [row[0][:1] if row[0][0].isdigit() else row[0]
                                        for row in columns_of(told)[0]]  # fmt: skip
    for row in rows[:-1]:  # a cut without a sentence leaves a gap that a newcomer cannot close
        assert re.search(r": \".*\.\"", row[3]), row
    latest = [int(row[2]) for row in rows]
    assert all(int(row[1]) < late <= 58 for row, late in zip(rows, latest, strict=True))
    for at, whole in ((4, 45), (5, 30)):
        assert whole - 5 <= sum(int(row[at].partition(":")[0]) for row in rows) <= whole


def test_minutes_and_seconds_are_those_of_the_sheets():
    sheet = (NOTEBOOKS / "teacher" / "06_digits.md").read_text("utf-8")
    assert f"| all | {TIMES.minutes('06')} |" in sheet
    assert f"| 2. Predict, then train | {TIMES.minutes('06/2.')} |" in sheet
    whole = int(re.search(r"^(\d+) in all: seconds of CPU", sheet, re.M)[1])
    assert abs(TIMES.seconds("06") - whole) <= 3  # the rows are rounded to a tenth
    notebook = nbformat.read(NOTEBOOKS / "06_digits.ipynb", as_version=4)
    assert 0 < TIMES.seconds("06/2.") < TIMES.seconds("06")
    assert len(re.findall(r"^\| \d+ \| ``", sheet, re.M)) == sum(
        cell.cell_type == "code" for cell in notebook.cells
    )


@pytest.mark.parametrize("place", ["77", "06/9.", "06/More: nothing"])
def test_a_plan_that_names_what_is_not_there_is_refused(place):
    for what in ("min", "sec"):
        with pytest.raises(PlanError, match=re.escape(place.partition("/")[0])):
            filled(f"| a | {{{{{what} {place}}}}} |", TIMES)


def test_sums_are_of_their_own_table_and_column():
    told = filled(
        "| a | 1 | 5 |\n| b | 2 | x |\n| all | {{sum}} | {{sum}} |\n\n| c | {{sum}} |", TIMES
    )
    assert "| all | 3 | 5 |" in told and "| c | 0 |" in told


# --- sheets and pages --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [text.stem for text in lessons_in(NOTEBOOKS / "text", ".md")])
def test_a_sheet_asks_all_questions_of_the_slides_and_tells_no_answer(name):
    slides = decks()[name]
    sheet = sheets_of_predictions(slides[0].heading, [slides])
    asked = [slide for slide in slides if slide.kind == "question"]
    assert sheet.count('<div class="asked">') == len(asked)
    letters = re.findall(r"</span><b>([A-Z])</b>", sheet)
    assert letters == ["ABCDEFGH"[at] for s in asked if len(s.options) > 1
                       for at in range(len(s.options))]  # fmt: skip
    boxes = sum(len(s.options) + 5 for s in asked if len(s.options) > 1)  # five of sureness
    assert sheet.count('class="box"') == boxes
    lines = sum(5 if "," in s.options[0].rpartition(":")[2] else 1
                for s in asked if len(s.options) == 1)  # fmt: skip
    assert sheet.count('class="line"') == lines
    text = NOTEBOOKS / "text" / f"{name}.md"
    assert Secrets(text, NOTEBOOKS / f"{name}.ipynb").leaks_in(sheet) == []


def test_a_sheet_says_where_each_question_is_asked():
    sheet = sheets_of_predictions("T", [decks()["tour"]])
    told = re.findall(r"<b>Prediction (\d)</b> <span[^>]*>at “(\d)\. .*?”</span>", sheet)
    assert [int(number) for number, _ in told] == list(range(1, len(told) + 1))
    assert len(told) == sheet.count('<div class="asked">')
    stops = [int(stop) for _, stop in told]
    assert stops == sorted(stops) and stops[-1] == 6
    assert "as in a healthy run" not in sheet  # which would answer the question of stop 5


def test_a_page_keeps_links_within_the_kit_and_drops_those_to_notebooks():
    told = "# T\n\n[a](../tour.ipynb) [b](../answers/06.ipynb) [c](../slides/index.html) $x$ <b>"
    html = page_of_markdown(told, "plan")
    assert re.findall(r'<a href="([^"]*)"', html) == ["../answers/06.ipynb", "../slides/index.html"]
    assert "mathjax/tex-svg.js" in html and "&lt;b&gt;" in html and "\\(x\\)" in html
    assert "mathjax" not in page_of_markdown("# T\n\nx", "plan")
    assert PAGE.count("http") == 0


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """The kit, without PDFs; reveal.js and MathJax are not in this environment."""
    out = tmp_path_factory.mktemp("kit") / "class"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make_class, "copy_what_pages_load", lambda out: None)
        to_print = make_class.write_kit(ROOT, out, sys.executable)
    return out, to_print


def test_the_kit_has_all_parts_and_the_front_page_links_to_each(kit):
    out, to_print = kit
    lessons = lessons_in(NOTEBOOKS / "text", ".md")
    assert len(to_print) == 3 + len(PLANS) and "predictions_tour" in [p.stem for p in to_print]
    sheets = {f"predictions_{number_of(path)}.html" for path in lessons}
    assert sheets <= {path.name for path in (out / "sheets").iterdir()}
    assert all(path.stat().st_size > 500 for path in to_print)
    answers = {path.name for path in (NOTEBOOKS / "answers").glob("*.ipynb")}
    assert {path.name for path in (out / "answers").iterdir()} == answers
    sheets = {f"{number_of(path)}.html" for path in (NOTEBOOKS / "teacher").glob("*.md")}
    assert {path.name for path in (out / "teacher").iterdir()} == sheets
    front = (out / "index.html").read_text("utf-8")
    linked = set(re.findall(r'<a href="([^"]*)"', front))
    for folder in ("plans", "sheets", "teacher"):
        assert {f"{folder}/{path.name}" for path in (out / folder).iterdir()} <= linked
    assert "slides/index.html" in linked and "gan_lesson pool" in front


def test_the_teacher_of_lesson_05_has_the_answers_of_the_paper_gan(kit):
    told = (kit[0] / "teacher" / "05.html").read_text("utf-8").partition("Paper GAN: the")[2]
    row = r"<tr>\s*<td[^>]*>(\d+)</td>\s*<td>(.*?)</td>\s*<td[^>]*>(.*?)</td>"
    rows = re.findall(row, told, re.S)
    answers = {int(n): tuple(map(float, told.replace("−", "-").split(" and ")))
               for n, _, told in rows}  # fmt: skip
    assert list(answers) == list(range(1, 17))
    paper.check_paper(answers)
    assert "-0.000" not in str(rows)
    for page in (kit[0] / "sheets").glob("*.html"):
        assert "Paper GAN: the answers" not in page.read_text("utf-8")


def test_no_link_within_the_kit_is_broken_and_no_page_loads_from_elsewhere(kit):
    out, _ = kit
    for page in [p for p in out.rglob("*.html") if p.parent.name != "slides"]:
        html = page.read_text("utf-8")
        for link in re.findall(r'<a href="([^"]*)"', html):
            if not re.match("https?:|mailto:", link):
                assert (page.parent / link.partition("#")[0]).exists(), (page.name, link)
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', html)
        assert not [x for x in loaded if re.match(r"\w+:|//", x) and x != "data:,"]


@pytest.mark.browser
def test_a_sheet_is_printed_on_one_or_two_pages(kit):
    out, _ = kit
    if not chromium():
        absent("No Chromium on PATH (and CHROMIUM is not set), so no sheet was printed.")
    names = "sheets/paper_gan", "sheets/predictions_05", "sheets/predictions_tour"
    some = [out / f"{name}.html" for name in (*names, "plans/60_minutes")]
    print_to_pdf(chromium(), some)
    for path in some:
        pdf = path.with_suffix(".pdf").read_bytes()
        printed = len(re.findall(rb"/Type\s*/Page\b", pdf))
        assert pdf.startswith(b"%PDF") and 1 <= printed <= 2, (path.name, printed)


def test_a_python_without_the_package_ends_the_kit_with_a_sentence(tmp_path, capsys):
    bad = tmp_path / "python"
    bad.write_text("#!/bin/sh\nexit 1\n")
    bad.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make_class, "copy_what_pages_load", lambda out: None)
        patch.setattr(make_class, "decks_of", lambda root: [])
        assert make_class.main([str(tmp_path / "kit"), "--python", str(bad)]) == 1
    assert capsys.readouterr().err.startswith("No kit: ")
