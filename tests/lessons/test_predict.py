"""A prediction is locked before it is revealed, and stays what it was."""

import csv
import json
import math
import os
import subprocess
import sys

import pytest

from gan_lesson.lessons.kit.answers import answers, export_answers, forget
from gan_lesson.lessons.kit.question import ChoiceQuestion, CurveQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, VERDICTS, claim_on_trial
from gan_lesson.live import WIDGET_VIEW

EVIL = '<script>alert("x")</script>'


def number(truth=0.693, question="What does one half cost?", **more):
    settings = {"tolerance": 0.005, "low": 0.0, "high": 3.0, "step": 0.01, "unit": "nats"}
    settings |= {"why": "Because.", "name": "number"}
    return NumberQuestion(question, truth=truth, **{**settings, **more})()


def choice(
    truth="twice",
    question="How much dearer?",
    options=("a tenth", "twice", "nine times"),
    why="Because.",
    name="choice",
):
    return ChoiceQuestion(question, options, truth=truth, why=why, name=name)()


def curve(truth=(0, 1, 4, 2, 0), question="Which shape?", x=(-4, -2, 0, 2, 4), **more):
    settings = {
        "tolerance": 0.5,
        "low": 0,
        "high": 5,
        "xlabel": "logit s",
        "ylabel": "slope (nats)",
    }
    settings |= {"why": "Because.", "name": "curve"}
    return CurveQuestion(question, x, truth=truth, **{**settings, **more})()


def answer(control, value):
    if control.kind == "curve":
        assert len(value) == 5
        for slider, height in zip(control.sliders, value, strict=True):
            slider.value = height
    elif control.kind == "number":
        control.slider.value = value
    else:
        control.choice.value = value


def texts(widget):
    """All texts that the front end gets, widget by widget."""
    state = widget.get_state()
    yield from (str(state[key]) for key in ("value", "description") if state.get(key))
    yield from map(str, state.get("_options_labels") or ())
    for child in getattr(widget, "children", ()):
        yield from texts(child)


ASKED = [(number, 0.5), (choice, "nine times"), (curve, [1, 1, 1, 1, 1])]


@pytest.mark.parametrize("ask, value", ASKED)
def test_answer_then_lock_then_reveal(ask, value):
    asked = []
    control = ask(truth=lambda: asked.append(1) or ask().asked.truth)
    assert control.lock_button.disabled and control.reveal_button.disabled
    control.lock_button.click()  # a click from Python, or a stale one, passes a disabled button
    control.reveal_button.click()
    assert not control.locked and not control.revealed and not asked and not answers()

    answer(control, value)
    assert not control.lock_button.disabled and control.reveal_button.disabled
    control.reveal_button.click()
    assert not control.revealed and not asked and control.verdict.value == ""

    control.lock_button.click()
    assert control.locked and control.lock_button.disabled and not control.reveal_button.disabled
    assert not asked, "the truth is computed at the reveal and not before"
    assert all(row["truth"] is None and row["right"] is None for row in answers())

    control.reveal_button.click()
    control.reveal_button.click()
    assert control.revealed and asked == [1] and control.reveal_button.disabled
    assert control.verdict.value


@pytest.mark.parametrize("ask, value", ASKED)
def test_a_locked_answer_cannot_be_changed(ask, value):
    control = ask()
    answer(control, value)
    control.lock_button.click()
    kept = control.row["answer"]
    assert all(widget.disabled for widget in control.inputs)
    control.reveal_button.click()
    for other in ("twice",) if control.kind == "choice" else (0.0, 2.5):
        answer(control, [other] * 5 if control.kind == "curve" else other)
        control.lock_button.click()
        assert control.read()["answer"] == control.row["answer"] == kept
    assert [row["answer"] for row in answers()] == [kept]


@pytest.mark.parametrize(
    "ask, value, later",
    [(*case, new) for case, new in zip(ASKED, (0.7, "twice", [1, 2, 3, 2, 1]), strict=True)],
)
def test_a_move_that_the_click_overtook_is_what_gets_locked(ask, value, later):
    """The inputs are off after the click, so what arrives then was set before it."""
    control = ask()
    answer(control, value)
    control.lock_button.click()
    answer(control, later)
    assert control.row["answer"] == later
    assert all(widget.disabled for widget in control.inputs)
    again = ask()
    assert again.row is control.row and again.read()["answer"] == later
    control.reveal_button.click()
    assert [row["answer"] for row in answers()] == [later]


@pytest.mark.parametrize("ask, value", ASKED)
def test_running_the_cell_again_keeps_the_locked_answer_and_what_was_revealed(ask, value):
    first = ask()
    answer(first, value)
    first.lock_button.click()
    again = ask()
    assert again.locked and not again.revealed and again.read()["answer"] == first.row["answer"]
    again.reveal_button.click()
    assert ask().verdict.value == again.verdict.value != ""
    assert len(answers()) == 1
    forget(again.name)
    assert not ask().locked


def test_the_verdict_on_a_number_tells_its_distance():
    close, far = number(name="close"), number(name="far")
    for control, said in ((close, 0.69), (far, 0.5)):
        answer(control, said)
        control.lock_button.click()
        control.reveal_button.click()
    assert "Right. You said 0.69; it is 0.693 nats." in close.verdict.value
    assert "it is 0.693 nats. You are 0.193 nats too low." in far.verdict.value
    assert close.row["right"] is True and far.row["right"] is False
    assert far.row["distance"] == pytest.approx(0.193)


@pytest.mark.parametrize("sure", [1 / 3, 0.6, 0.75, 0.9, 0.99])
@pytest.mark.parametrize("said", ["twice", "nine times"])
def test_the_verdict_on_a_choice_tells_the_log_loss_of_the_stated_probability(sure, said):
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    control = choice()
    control.choice.value, control.sure.value = said, sure
    control.lock_button.click()
    control.reveal_button.click()
    options = list(control.options)
    stated = [sure if option == said else (1 - sure) / 2 for option in options]
    expected = log_loss(["twice"], [stated], labels=options) if options == sorted(options) else None
    if expected is None:  # scikit-learn wants its labels sorted
        order = sorted(range(3), key=options.__getitem__)
        labels = [options[i] for i in order]
        expected = log_loss(["twice"], [[stated[i] for i in order]], labels=labels)
    assert control.row["log_loss"] == pytest.approx(expected)
    assert f"{expected:.2f} nats" in control.verdict.value
    assert f"{math.log(3):.2f}" in control.verdict.value
    told = "Right: twice." if said == "twice" else "You said: nine times. The answer: twice."
    assert control.verdict.value.split(">", 1)[1].startswith(told)


def test_each_option_may_have_its_own_feedback():
    why = {"nine times": "That counts the nines.", "twice": "log .01 = 2 log .1."}
    control = choice(why=why)
    answer(control, "nine times")
    control.lock_button.click()
    control.reveal_button.click()
    assert "That counts the nines. log .01 = 2 log .1." in control.verdict.value


def test_the_verdict_on_a_curve_tells_how_many_heights_are_near_and_the_farthest():
    control = curve()
    answer(control, [0, 1, 2, 3, 0])
    control.lock_button.click()
    before = control.panel.png
    control.reveal_button.click()
    assert "3 of 5 points are within 0.5 of the truth." in control.verdict.value
    assert "The farthest is at 0: you 2.00, truth 4.00." in control.verdict.value
    assert control.panel.png != before, "the truth is drawn"
    assert "the truth: 0, 1, 4, 2, 0" in control.panel.description
    assert control.row["distance"] == pytest.approx((2 + 1) / 5)


@pytest.mark.parametrize(
    "heights, right",
    [
        ([0, 1, 4, 2, 0], True),
        ([0.5, 0.5, 4.5, 1.5, 0.5], True),
        ([0, 1, 3.4, 2, 0], False),
        ([0, 0.2, 0.8, 0.4, 0], False),
    ],
)
def test_a_curve_is_right_by_its_heights_and_not_by_rising_and_falling(heights, right):
    control = curve()
    answer(control, heights)
    control.lock_button.click()
    control.reveal_button.click()
    assert control.row["right"] is right


def test_a_burst_of_moves_leaves_the_picture_at_the_last_one():
    control = curve()
    pictures = set()
    for i in range(200):
        control.sliders[i % 5].value = (i % 21) / 4
        pictures.add(control.panel.png)
    assert len(pictures) > 100 and control.panel.frames > 200
    for slider, height in zip(control.sliders, (0, 5, 0, 5, 2.5), strict=True):
        slider.value = height
    assert control.panel.description.endswith("0, 5, 0, 5, 2.5.")


def test_the_five_sliders_stand_under_their_places_on_the_axis():
    control = curve([0] * 5, x=[0.5, 1, 2, 3, 4])
    right_edge, centres = 0, []
    for slider in control.sliders:
        gap = int(slider.layout.margin.split()[-1].removesuffix("px"))
        assert gap >= 0
        centres.append(right_edge + gap + control.slider_width / 2)
        right_edge += gap + control.slider_width
    shown = control._axes.transData.transform([[x, 0] for x in control.x])[:, 0]
    assert centres == pytest.approx(shown, abs=3)


def test_all_text_is_escaped():
    controls = [
        number(question=EVIL, unit=EVIL, why=EVIL, name=EVIL),
        choice("b", question=EVIL, options=[EVIL, "b"], why={EVIL: EVIL, "b": EVIL}),
        curve([0] * 5, question=EVIL, xlabel=EVIL, ylabel=EVIL, why=EVIL),
    ]
    for control in controls:
        answer(control, {"number": 1.0, "choice": EVIL, "curve": [1.0] * 5}[control.kind])
        control.lock_button.click()
        control.reveal_button.click()
        told = [text for text in texts(control.widget) if text != EVIL]
        assert "&lt;script&gt;" in control.verdict.value
        assert not any("<script" in text for text in told)
    # a radio button's label is put into the page as text, never as HTML
    assert EVIL in controls[1].choice.options


@pytest.mark.parametrize("ask, value", ASKED)
def test_the_stored_output_is_the_question_without_the_truth(ask, value, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "gan_lesson.lessons.kit.prediction.display", lambda *a, **k: shown.append((a, k))
    )
    control = ask(why="The secret reason.", question="A question of many words. " * 8)
    control._ipython_display_()
    (data,), options = shown[0]
    assert options["raw"] is True
    picture = ["image/png"] if control.kind == "curve" else []
    assert set(data) == {"text/plain", WIDGET_VIEW, *picture}
    assert data["text/plain"].startswith("Predict: A question of many words.")
    assert max(map(len, data["text/plain"].splitlines())) <= 100
    if control.kind == "choice":
        assert all(f"( ) {option}" in data["text/plain"] for option in control.options)
    if control.kind == "curve":
        assert "A question" in options["metadata"]["image/png"]["alt"]
    data = {"text/plain": data["text/plain"]}
    everything = json.dumps(data) + json.dumps(options)
    assert "secret" not in everything and "693" not in everything


def test_five_things_without_an_order_have_names_and_no_line():
    control = curve(names=("A", "B\nof two lines", "C", "D", "E"))
    answer(control, [1, 2, 3, 4, 5])
    assert control._yours.get_linestyle() == control._true.get_linestyle() == "None"
    assert "at logit s A; B of two lines; C; D; E: 1, 2, 3, 4, 5" in control.panel.description
    assert control.as_text().splitlines()[-4:] == ["    B of two lines", "    C", "    D", "    E"]
    with pytest.raises(ValueError, match="five names"):
        curve(names=("A", "B"))


def test_answers_are_exported_as_csv(tmp_path):
    for ask, value in ASKED:
        control = ask(name=f"the {ask.__name__}, one")
        answer(control, value)
        control.lock_button.click()
    control.reveal_button.click()
    path = export_answers(tmp_path / "answers.csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["the number, one", "the choice, one", "the curve, one"]
    assert [row["truth"] for row in rows] == ["", "", "0 1 4 2 0"]
    assert rows[2]["answer"] == "1 1 1 1 1"
    assert float(rows[0]["answer"]) == 0.5
    assert float(rows[1]["sure"]) == pytest.approx(1 / 3)
    answers()[0]["answer"] = 7
    assert answers()[0]["answer"] == 0.5, "the rows handed out are copies"


def test_a_truth_that_fails_is_said_and_may_be_asked_again():
    results = iter([ZeroDivisionError("<b>"), 0.7])

    def truth():
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    control = number(truth=truth)
    answer(control, 0.7)
    control.lock_button.click()
    control.reveal_button.click()
    assert "ZeroDivisionError: &lt;b&gt;" in control.verdict.value and not control.revealed
    control.reveal_button.click()
    assert control.revealed


@pytest.mark.parametrize(
    "ask, word",
    [
        (lambda: number(question="  "), "question is empty"),
        (lambda: number(truth=math.inf), "truth is inf"),
        (lambda: number(low=3.0, high=0.0), "low is 3.0 and high is 0.0"),
        (lambda: number(step=0), "step is 0"),
        (lambda: number(tolerance=-1), "tolerance is -1"),
        (lambda: choice("a", options=["a"]), "two or more"),
        (lambda: choice("a", options=["a", "a"]), "different"),
        (lambda: choice(truth="thrice"), "truth is 'thrice'"),
        (lambda: choice(why={"thrice": ""}), "not among the options"),
        (lambda: curve(truth=[1, 2, 3]), "five finite numbers"),
        (lambda: curve([0] * 4, x=[0, 1, 2, 3]), "five rising places"),
        (lambda: curve([0] * 5, x=[0, 0.1, 2, 3, 4]), "a tenth"),
    ],
)
def test_bad_arguments_are_named(ask, word):
    with pytest.raises(ValueError, match=word):
        ask()


def test_a_verdict_is_one_of_those_that_may_be_given():
    claim = {"why": "Because.", "name": "claim"}
    asked = claim_on_trial("“It holds.”", HOLDS, **claim)
    assert asked.question == "On trial: “It holds.” What is your verdict?"
    assert asked.options == VERDICTS == (HOLDS, ONLY_IF, FALSE) and asked.truth == HOLDS
    with pytest.raises(ValueError, match="truth is 'maybe'"):
        claim_on_trial("“It holds.”", "maybe", **claim)


def test_predictions_need_no_torch():
    code = (
        "import sys, gan_lesson.lessons.kit.question, gan_lesson.lessons.kit.exercise\n"
        "assert 'torch' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
