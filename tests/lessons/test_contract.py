"""What every exercise and every question of the course promises, found in the rooms (8 s).

Each lesson's own tests ask only what is particular to its exercises and questions.
"""

import functools
import importlib
import inspect
import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from lesson_text import lock_and_reveal, made_in_the_rooms, modules_of_the_rooms, text_of

from gan_lesson.lessons.kit.answers import forget
from gan_lesson.lessons.kit.exercise import Exercise, WrongAnswer
from gan_lesson.lessons.kit.question import (
    ChoiceQuestion,
    CurveQuestion,
    NumberQuestion,
    Question,
)

EXERCISES = {f"{room}.{e.name}": (room, e) for room, e in made_in_the_rooms(Exercise)}
QUESTIONS = {f"{room}.{q.name}": (room, q) for room, q in made_in_the_rooms(Question)}
ROOMS = sorted({place.partition(".")[0] for place, _ in modules_of_the_rooms()})

each_room = pytest.mark.parametrize("room", ROOMS)
each_exercise = pytest.mark.parametrize("room, exercise", EXERCISES.values(), ids=EXERCISES)


def each_question(kind):
    found = {name: pair for name, pair in QUESTIONS.items() if isinstance(pair[1], kind)}
    return pytest.mark.parametrize("room, question", found.values(), ids=found)


# --- exercises ---------------------------------------------------------------------------------


def cell_of(room, exercise, tag):
    """The only stub, or answer, that defines an exercise's name."""
    defines = re.compile(rf"^(def {exercise.name}\(|{exercise.name} = )", re.M)
    (source,) = [cell for cell in text_of(room).cells(tag) if defines.search(cell)]
    return source


def check_of(room, exercise):
    """The only statement of the lesson that checks an exercise, and the function it calls."""
    pattern = rf"^{exercise.name} = {room}\.(check_\w+)\({exercise.name}\b.*\)"
    found = [m for cell in text_of(room).cells() for m in re.finditer(pattern, cell, re.M)]
    assert len(found) == 1
    module = importlib.import_module(f"gan_lesson.lessons.{room}")
    return found[0][0], getattr(module, found[0][1])


def checked(room, exercise, tag):
    """What a cell of the lesson answers, and what its check returns."""
    names = text_of(room).run_alone(cell_of(room, exercise, tag))
    answer = names[exercise.name]
    names[room] = importlib.import_module(f"gan_lesson.lessons.{room}")
    exec(check_of(room, exercise)[0], names)
    return answer, names[exercise.name]


@each_room
def test_each_stub_and_each_answer_belongs_to_an_exercise(room):
    exercises = [exercise for its, exercise in EXERCISES.values() if its == room]
    for tag in ("stub", "answer"):
        found = [cell_of(room, exercise, tag) for exercise in exercises]
        assert Counter(found) == Counter(text_of(room).cells(tag))


@each_exercise
def test_an_untouched_stub_is_announced_and_gets_ours(room, exercise, capsys):
    stub, ours = checked(room, exercise, "stub")
    assert ours is exercise.reference and ours is not stub
    assert re.match("Not (attempted|repaired) yet", capsys.readouterr().out)
    if callable(stub):
        theirs, asked = (list(inspect.signature(f).parameters) for f in (ours, stub))
        assert theirs[: len(asked)] == asked


@each_exercise
def test_the_answer_is_right_and_returned(room, exercise, capsys):
    answer, returned = checked(room, exercise, "answer")
    assert returned is answer if callable(answer) else returned == answer
    told = capsys.readouterr().out
    assert told.startswith("Right: ") and told.count("\n") == 1


@each_exercise
def test_each_mistake_is_told_by_its_own_sentence_and_a_hint(room, exercise):
    assert exercise.problems() == []
    check = check_of(room, exercise)[1]
    for tried, (wrong, sentence) in enumerate(exercise.mistakes):
        with pytest.raises(WrongAnswer) as error:
            check(wrong)
        assert str(error.value) == f"{sentence} Hint: {exercise.hints[min(tried, 1)]}"


@each_exercise
def test_there_are_two_hints_and_nothing_told_holds_the_answer(room, exercise):
    first, second = exercise.hints
    assert first and second and first != second
    told = " ".join([first, second, *(sentence for _, sentence in exercise.mistakes)])
    stub, answer = (cell_of(room, exercise, tag).splitlines() for tag in ("stub", "answer"))
    lines = [line for line in answer if line not in stub]
    assert lines
    for line in lines:
        right = re.split(r"return | = |^[^(]*: ", line.partition("#")[0], maxsplit=1)[-1]
        right = right.strip(" ,")
        assert len(right) == 1 or right not in told


# --- questions ---------------------------------------------------------------------------------


def calls_in(text, room):
    """The calls by which a lesson asks: "lesson_05.ask_detach()" and so on."""
    return re.findall(rf"{room}\.ask_\w+\(\w*\)", text)


@functools.cache
def asked_in(room):
    """The questions that a lesson asks, in its order, each with its call."""
    names = {room: importlib.import_module(f"gan_lesson.lessons.{room}")}
    found = []
    for call in calls_in(text_of(room).text, room):
        exec(f"asked = {call}.asked", names)
        found.append((names["asked"], call))
    return found


def call_of(room, question):
    (call,) = [call for asked, call in asked_in(room) if asked is question]
    return call


def reasons(question):
    why = question.why
    return list(why.values()) if isinstance(why, Mapping) else [why]


def test_no_two_questions_share_a_name():
    names = Counter(question.name for _, question in made_in_the_rooms(Question))
    assert max(names.values()) == 1, names.most_common(3)


@each_room
def test_the_lesson_asks_each_question_of_its_room_once(room):
    asked = Counter(question.name for question, _ in asked_in(room))
    assert asked == Counter(question.name for its, question in QUESTIONS.values() if its == room)


@each_question(Question)
def test_a_question_shown_as_an_object_tells_its_name_only(room, question):
    assert repr(question) == f"{type(question).__name__}({question.name!r})"


@each_question(ChoiceQuestion)
def test_each_option_can_be_locked_and_one_is_right(room, question):
    truths = set()
    for option in question.options:
        forget()
        control = lock_and_reveal(question(), option)
        row = control.row
        assert row["right"] == (option == row["truth"]) and control.reason(row)
        assert control.revealed and control.verdict.value
        truths.add(row["truth"])
    assert len(truths) == 1 and truths <= set(question.options)


@each_question(NumberQuestion)
def test_a_number_is_within_reach_of_its_slider_and_not_everywhere(room, question):
    def judged(said):
        forget()
        control = question()
        control.slider.value = question.high  # what was not moved cannot be locked
        return lock_and_reveal(control, said).row

    truth = judged(question.high)["truth"]
    assert question.low <= truth <= question.high
    steps = round((truth - question.low) / question.step)
    assert judged(question.low + steps * question.step)["right"]
    assert not (judged(question.low)["right"] and judged(question.high)["right"])


@each_question(CurveQuestion)
def test_a_curve_is_within_reach_of_its_sliders(room, question):
    control = question()
    truth = lock_and_reveal(control, question.low).row["truth"]
    assert not control.row["right"]
    forget()
    control = question()
    for slider, height in zip(control.sliders, truth, strict=True):
        assert question.low <= height <= question.high
        slider.value = height
    assert lock_and_reveal(control).row["right"]
    assert np.allclose(control.row["answer"], truth, atol=control.sliders[0].step)


@each_question(Question)
def test_the_stored_page_asks_and_does_not_tell(room, question):
    lesson, call = text_of(room), call_of(room, question)
    (cell,) = [c for c in lesson.notebook()["cells"] if call in "".join(c["source"])]
    (output,) = cell["outputs"]
    stored = "".join(output["data"]["text/plain"])
    assert stored == question().as_text()
    assert "the truth" not in str(output["metadata"])
    before = lesson.visible.split(call)[0]
    assert all(told not in stored and told not in before for told in reasons(question))
