"""What a page for a class must not tell: answers, verdicts, hints, teacher's words, prints, state.

`Secrets(text, stored)` collects what one lesson keeps from its learners until they have answered;
`leaks_in(page)` names whatever of it a page of HTML holds: in its words, in attributes such as
alternative texts, in comments and in scripts.
"""

import json
import math
import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser

import jupytext
from lesson_text import made_in_the_rooms, number_of

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion, Question

STATE = ("widget-view", "widget-state", "model_id", "IPY_MODEL_", "_model_module")
VERDICT = re.compile(
    r"What you should have noticed|The claim (?:is|holds)|It holds(?: only)?(?: if|:)|"
    r"Only under a condition|You said|Right:|The answer:|Repaired:|(?<!it is )\bFalse[.:]"
)
RIGHT = re.compile(r"right|true|correct|truth|answer", re.I)


def squeezed(text):
    """The text without white space, marks of Markdown and quotes, its minus signs alike."""
    return re.sub(r"[\s`*\\]+", "", unescape(text)).replace("−", "-").replace("’", "'")


class Page(HTMLParser):
    """A page taken apart: `words` of all kinds, `alts`, options with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.words, self.alts, self.marked, self._in_option = [], [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self._in_option = tag == "li" or (self._in_option and tag not in ("section", "p", "aside"))
        for name, value in attrs:
            self.alts += [value or ""] * (name == "alt")
            if tag == "li":
                self.marked.append(f"{name}={value}")
            if name not in ("src", "href"):
                self.words.append(value or "")

    def handle_endtag(self, tag):
        self._in_option = self._in_option and tag != "li"

    def handle_data(self, data):
        if not self._in_option:
            self.words.append(data)

    def handle_comment(self, data):
        self.words.append(data)


class Secrets:
    """What a lesson keeps: `told`, {words, squeezed: what they are}, and two sets of numbers.

    `numbers` are what a learner is to predict, and `described` what the stored descriptions of
    pictures tell.
    """

    def __init__(self, text, stored):
        cells = jupytext.read(text, fmt={"extension": ".md", "split_at_heading": True}).cells
        self.room = f"lesson_{number_of(text)}"
        self.told, self.numbers, self.described = {}, set(), set()
        self._answers(cells)
        for cell in cells:
            if "teacher" in cell.metadata.get("tags", []):
                self._keep("the teacher's words", re.split(r"(?<=[.?!])\s+", cell.source), least=25)
        self._prints(json.loads(stored.read_text("utf-8"))["cells"])
        self._rooms()

    def _keep(self, what, words, least):
        for each in words:
            if len(squeezed(each)) >= least:
                self.told.setdefault(squeezed(each), f"{what}: {each.strip()[:80]}")

    def _answers(self, cells):
        asked = [cell.source for cell in cells if "stub" in cell.metadata.get("tags", [])]
        before = {line for source in asked for line in source.splitlines()}
        for answer in (cell for cell in cells if "answer" in cell.metadata.get("tags", [])):
            for line in answer.source.splitlines():
                if line not in before:
                    code = line.partition("  #")[0]
                    right = re.split(r"\breturn | = ", code, maxsplit=1)[-1]
                    self._keep("a line of an answer", [line, code], least=10)
                    self._keep("the right side of an answer", [right], least=9)

    def _prints(self, cells):
        for cell in cells:
            asks = ".ask_" in "".join(cell["source"])
            for output in cell.get("outputs", []):
                text = output.get("text") or output.get("data", {}).get("text/plain", "")
                alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
                if not (asks or alt):  # a picture says its description again in plain text
                    self._keep("a printed line", "".join(text).splitlines(), least=12)
                self.described |= set(decimals(alt))

    def _rooms(self):
        for room, made in made_in_the_rooms(Exercise):
            if room == self.room:
                told = [*made.hints, *(sentence for _, sentence in made.mistakes)]
                self._keep("a hint", told, least=12)
        for room, made in made_in_the_rooms(Question):
            if room != self.room:
                continue
            why = made.why
            reasons = why.values() if isinstance(why, Mapping) else [why]
            for reason in reasons:
                self._keep("a reason", [reason, *re.split(r"(?<=\.) ", reason)], least=20)
            truth = made.truth() if callable(made.truth) else made.truth
            if isinstance(made, ChoiceQuestion):
                self._keep("the right option", [truth], least=12)
            elif isinstance(made, NumberQuestion):
                self.numbers |= _writings(truth)

    def leaks_in(self, html):
        """Return what of the secrets a page tells, a line each."""
        page = Page(html)
        words = squeezed(" ".join(page.words))
        found = [what for told, what in self.told.items() if told in words]
        found += [f"widget state: {word}" for word in STATE if word in html]
        found += [f"a verdict: {m.group()}" for m in VERDICT.finditer(" ".join(page.words))]
        found += [f"a marked option: {mark}" for mark in page.marked if RIGHT.search(mark)]
        for alt in page.alts:
            kept = set(decimals(alt)) & (self.numbers | self.described)
            found += [f"the number {n} in the description {alt[:60]}" for n in sorted(kept)]
        return found


def decimals(alt):
    """The numbers with decimals in a description."""
    return re.findall(r"\d+\.\d+", alt)


def _writings(number):
    """The ways a number may be written with two to four decimals."""
    return {f"{abs(number):.{n}f}" for n in (2, 3, 4)} if math.isfinite(number) else set()
