"""Right and wrong answers to every exercise, as learners write them, judged by its check.

The answers stand in the modules answers_00.py and so on beside this file, as source text:

    RIGHT = {"value": ['''def value(d_real, d_fake): ...''', ...]}
    WRONG = {"value": [...]}

An answer may use math, np, torch and whatever the lesson's cells above its exercise define. What
a check accepts must serve the rest of the lesson: it gives what ours gives, in a form that the
lesson can use, on the cases and on what `GOES_ON` of the module says the lesson does with it.
"""

import importlib
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from lesson_text import made_in_the_rooms, text_of

from gan_lesson.lessons.kit.exercise import Exercise, WrongAnswer

AT_LEAST = {"RIGHT": 12, "WRONG": 8}
EXERCISES = {f"{room}.{e.name}": (room, e) for room, e in made_in_the_rooms(Exercise)}
BANKS = {
    f"lesson_{path.stem[-2:]}": importlib.import_module(path.stem)
    for path in sorted(Path(__file__).parent.glob("answers_[0-9][0-9].py"))
}


def answers(kind):
    """A parameter for each answer of the banks: its room, its exercise and its source."""
    found = []
    for room, bank in BANKS.items():
        for name, sources in getattr(bank, kind).items():
            exercise = EXERCISES[f"{room}.{name}"][1]
            for number, source in enumerate(sources, start=1):
                mark = f"{room}.{name}-{number}"
                found.append(pytest.param(room, exercise, source, id=mark))
    return found


def written(room, exercise, source):
    """What the learner's cell defines under the exercise's name."""
    names = {"math": math, "np": np, "torch": torch}
    names |= names_above(room, exercise)
    exec(source, names)
    return names[exercise.name]


ABOVE = {}


def names_above(room, exercise):
    """The names that the lesson's stub and answer have around them, made once."""
    key = room, exercise.name
    if key not in ABOVE:
        defines = re.compile(rf"^(def {exercise.name}\(|{exercise.name} = )", re.M)
        ABOVE[key] = {}
        for tag in ("answer", "stub"):
            (cell,) = [cell for cell in text_of(room).cells(tag) if defines.search(cell)]
            ABOVE[key] |= text_of(room).run_alone(cell)
    return dict(ABOVE[key])


def check_of(room, exercise):
    """The check that the lesson calls."""
    called = re.search(rf"{room}\.(check_\w+)\({exercise.name}\b", text_of(room).text)
    return getattr(importlib.import_module(f"gan_lesson.lessons.{room}"), called[1])


@pytest.mark.parametrize("kind", AT_LEAST)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_exercise_has_answers_of_both_kinds(exercise, kind):
    room, exercise = EXERCISES[exercise]
    bank = getattr(BANKS[room], kind)[exercise.name]
    assert len(bank) == len(set(bank)) >= AT_LEAST[kind]


@pytest.mark.parametrize("room, exercise, source", answers("RIGHT"))
def test_a_right_answer_is_taken_and_serves_the_lesson(room, exercise, source, capsys):
    taken = check_of(room, exercise)(written(room, exercise, source))
    assert capsys.readouterr().out.startswith("Right: "), "taken for untouched"
    if goes_on := getattr(BANKS[room], "GOES_ON", {}).get(exercise.name):
        goes_on(taken)


@pytest.mark.parametrize("room, exercise, source", answers("WRONG"))
def test_a_wrong_answer_is_refused_with_a_hint(room, exercise, source):
    with pytest.raises(WrongAnswer, match="Hint: "):
        check_of(room, exercise)(written(room, exercise, source))
