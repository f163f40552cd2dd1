"""How the lessons read: minutes, sentences, claims, symbols; limits that the build only prints."""

import ast
import json
import re
from collections import Counter
from collections.abc import Mapping

import jupytext
import pytest
import reading
from lesson_text import (
    NOTEBOOKS,
    lessons_in,
    made_in_the_rooms,
    names_bound,
    names_read,
    number_of,
)

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.question import ChoiceQuestion, Question
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, VERDICTS

CORE = ("00", "01", "02", "03", "04", "05", "06")
CORE_MINUTES, LESSON_MINUTES = 360, 60
TEXTS = lessons_in(NOTEBOOKS / "text", ".md")
PAGES = sorted((NOTEBOOKS / "text").glob("*.md"))

each_lesson = pytest.mark.parametrize("text", TEXTS, ids=number_of)
each_page = pytest.mark.parametrize("text", PAGES, ids=lambda text: text.stem[:9])


def cells_of(text):
    return jupytext.read(text, fmt={"extension": ".md", "split_at_heading": True}).cells


def stored(text):
    return json.loads((NOTEBOOKS / f"{text.stem}.ipynb").read_text("utf-8"))


def figures_of(text):
    return stored(text)["metadata"]["gan_lesson"]["reading"]


# --- the counting itself -----------------------------------------------------------------------

TINY = """\
# One?

{{time}}

Ten words stand here, and so do these few more. Is it so?

## Two

- An item is a sentence
- z = (x − b)/a. Then 0.5 is no end.

$$a = b$$

### More: three

```python
x = 1
```

### Four

Two words.

## More: five

Word.
"""


def tiny(text=TINY):
    return jupytext.reads(text, fmt={"extension": ".md", "split_at_heading": True}).cells


def test_what_is_headed_more_is_counted_apart_and_ends_at_the_next_heading():
    found = [(section.title, section.more) for section in reading.sections(tiny())]
    assert found == [
        ("Opening", False),
        ("Two", False),
        ("More: three", True),
        ("Two", False),
        ("More: five", True),
    ]


def test_a_sentence_ends_at_its_mark_and_a_formula_without_spaces_is_a_word():
    found = [(reading.words_in(sentence), sentence) for sentence in reading.sentences(tiny())]
    assert found[:2] == [
        (10, "Ten words stand here, and so do these few more."),
        (3, "Is it so?"),
    ]
    assert (5, "An item is a sentence") in found and (5, "Then 0.5 is no end.") in found


def test_minutes_follow_the_formula_and_rounding_keeps_their_sum():
    words = reading.count_words(TINY.split("### More")[0] + "Four\nTwo words.") - 0
    lesson, more = reading.minutes(tiny())
    assert lesson == round((words) / 80 + 1.5) and more == round(0.1 + 4 / 80)
    rows = reading.table_of_minutes(tiny())
    assert sum(minutes for _, minutes, its in rows if not its) == lesson


# --- the lessons -------------------------------------------------------------------------------


@each_page
def test_the_stored_figures_are_those_of_the_text(text):
    cells, told = cells_of(text), figures_of(text)
    lengths = sorted(map(reading.words_in, reading.sentences(cells)))
    assert told["sentences"] == len(lengths) and told["longest"] == lengths[-1]
    assert told["median"] == lengths[len(lengths) // 2]


@each_page
def test_sentences_are_neither_telegrams_nor_labyrinths(text):
    told, (low, high) = figures_of(text), reading.MEDIAN_WORDS
    assert low <= told["median"] <= high
    assert told["longest"] <= reading.LONGEST


@each_lesson
def test_a_lesson_takes_an_hour_at_most_and_says_its_minutes(text):
    told = figures_of(text)
    assert told["minutes"] <= LESSON_MINUTES
    head = "".join(stored(text)["cells"][0]["source"])
    assert f"**{told['minutes']} minutes**" in head
    assert f"and {told['more']} for the sections headed “More”" in head or not told["more"]
    sheet = (NOTEBOOKS / "teacher" / text.name).read_text("utf-8")
    assert f"| all | {told['minutes']} |" in sheet
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \|$", sheet, re.M)
    to_all = [name for name, _ in rows].index("all")
    assert sum(int(minutes) for _, minutes in rows[:to_all]) == told["minutes"]


def test_the_core_takes_six_hours_at_most():
    core = [figures_of(text)["minutes"] for text in TEXTS if number_of(text) in CORE]
    assert len(core) == len(CORE) and sum(core) <= CORE_MINUTES


def test_the_readme_says_the_same_minutes():
    readme = (NOTEBOOKS.parent / "README.md").read_text("utf-8")
    told = dict(re.findall(r"^\| \[(\w+)\]\(notebooks/.*?\) \|.*?\| (\d+) \|", readme, re.M))
    assert told == {number_of(text): str(figures_of(text)["minutes"]) for text in TEXTS}


@each_lesson
def test_the_lesson_is_whole_without_what_is_headed_more(text):
    """No cell of the core reads a name that only a More section defines."""
    core, more = set(), set()
    for section in reading.sections(cells_of(text)):
        for cell in section.cells:
            if cell.cell_type != "code":
                continue
            source = re.sub("%pip .*", "pass", cell.source)
            defined = set().union(*map(names_bound, ast.parse(source).body), set())
            defined |= {n.id for n in ast.walk(ast.parse(source)) if _is_store(n)}
            if section.more:
                more |= defined
            else:
                missing = (names_read(source) & more) - core - defined
                assert not missing, f"{source[:60]!r} needs {missing} of a More section"
                core |= defined


def _is_store(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


# --- all words of a room -----------------------------------------------------------------------


def told_by(question):
    why = question.why
    options = getattr(question, "options", ())
    return [question.question, *options, *(why.values() if isinstance(why, Mapping) else [why])]


WORDS = {f"{room}.{q.name}": told_by(q) for room, q in made_in_the_rooms(Question)} | {
    f"{room}.{e.name}": [*e.hints, *(sentence for _, sentence in e.mistakes)]
    for room, e in made_in_the_rooms(Exercise)
}


@pytest.mark.parametrize("name", WORDS)
def test_questions_hints_and_feedback_are_read_once_too(name):
    for words in WORDS[name]:
        for sentence in reading.split(words):
            assert reading.words_in(sentence) <= reading.LONGEST, sentence


NO_ZERO = re.compile(r"(?<![\w.)\]}/*])[−-]?\.\d")


@pytest.mark.parametrize("name", WORDS)
def test_no_number_of_a_question_begins_with_a_point(name):
    assert [words for words in WORDS[name] if NO_ZERO.search(words)] == []


@each_page
def test_no_number_of_a_text_begins_with_a_point(text):
    prose = [cell.source for cell in cells_of(text) if cell.cell_type == "markdown"]
    assert [found.group() for source in prose for found in NO_ZERO.finditer(source)] == []


# --- claims on trial ---------------------------------------------------------------------------

CLAIMS = [
    (room, question)
    for room, question in made_in_the_rooms(ChoiceQuestion)
    if tuple(question.options) == VERDICTS
]


def test_no_verdict_is_right_by_habit():
    truths = Counter(question.truth for _, question in CLAIMS)
    assert set(truths) == set(VERDICTS) and sum(truths.values()) >= 20
    assert max(truths.values()) <= len(CLAIMS) / 2
    assert len(CLAIMS) / 4 <= truths[HOLDS] <= len(CLAIMS) / 2
    assert truths[ONLY_IF] and truths[FALSE]


def test_no_claim_is_tried_twice():
    claims = Counter(
        re.sub(r"\W+", " ", re.search("“(.*)”", question.question, re.S)[1]).lower()
        for _, question in CLAIMS
    )
    assert [claim for claim, times in claims.items() if times > 1] == []
