"""Lesson 14's law: one file, one date, and what to do when it has become old."""

import re
from datetime import date, timedelta

import pytest

from gan_lesson.lessons.lesson_14 import act
from gan_lesson.lessons.lesson_14.law import CasesExplorer, law_box, six_cases


def test_the_law_was_read_less_than_a_year_ago():
    """If this fails: do what it says, then build lesson 14 again."""
    told = act.what_to_check(date.today())
    assert not told, told


def test_a_file_that_is_a_year_old_says_what_to_look_up():
    assert act.what_to_check(act.AS_OF + timedelta(days=364)) == ""
    told = act.what_to_check(act.AS_OF + timedelta(days=365))
    assert "365 days ago" in told and "set AS_OF" in told
    assert all(f"- {step}" in told for step in act.CHECK)


def test_the_box_has_the_date_every_rule_and_every_source():
    box = law_box().data
    assert f"{act.AS_OF:%d %B %Y}".lstrip("0") in box
    for rule in act.RULES:
        assert f"| {rule.article} | {rule.who} | {rule.duty} | {rule.limit} |" in box
    for word, article, _ in act.WORDS:
        assert f"**{word}** (Article {article})" in box
    for name, address in act.SOURCES:
        assert f"[{name}]({address})" in box and address.startswith("https://")


def test_each_case_names_articles_of_the_box_and_each_answer_is_right_twice():
    known = {article for _, article, _ in act.WORDS} | {rule.article for rule in act.RULES}
    known |= {"2(10)"}
    for case in act.CASES:
        articles = re.findall(r"\d+\(\d+\)", case.why)
        assert articles and set(articles) <= known, case.name
    bound = [case.bound for case in act.CASES]
    assert len(bound) == 6 and {bound.count(answer) for answer in act.ANSWERS} == {2}


def test_the_page_has_each_story_and_no_answer():
    page = six_cases().data
    for number, case in enumerate(act.CASES, start=1):
        assert f"{number}. *{case.name}*: {case.story}" in page and case.why not in page


def test_the_board_keeps_each_answer_and_tells_only_what_was_decided():
    explorer = CasesExplorer()
    assert explorer.look.disabled  # nothing is decided yet
    explorer.look.value = True
    assert not any(line.get_xdata().__len__() for line in explorer._truths)
    for number, case in enumerate(act.CASES):
        explorer.case.value = number
        assert case.why not in explorer.panel.description
        explorer.answer.value = "nobody"
        assert f"Article 50 binds: {case.bound}." in explorer.panel.description
        assert case.why in explorer.panel.description
    assert not explorer.look.disabled
    explorer.case.value = 0
    assert explorer.answer.value == "nobody" and "6 of 6 decided" in explorer.panel.description
    explorer.look.value = False
    assert "binds:" not in explorer.panel.description
    for row, case in enumerate(act.CASES):
        explorer.look.value = True
        (place,) = explorer._truths[row].get_xdata()
        assert act.ANSWERS[place] == case.bound


@pytest.mark.parametrize("case", act.CASES, ids=lambda case: case.name)
def test_a_story_does_not_tell_its_answer(case):
    assert not re.search(r"\b(provider|deployer|Article)\b", case.story)
