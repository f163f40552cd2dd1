"""Lesson 10's ward: its cases, its pages, and what a diagnosis costs; and the player."""

import html
import re
import weakref

import numpy as np
import pytest
from assets import clinic
from lesson_text import LessonText

from gan_lesson.data import load_digits
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.lessons.lesson_10.charts import DIGITS, DIGITS_TESTS, TESTS
from gan_lesson.lessons.lesson_10.faults import FAULTS, FAULTS_ON_DIGITS
from gan_lesson.lessons.lesson_10.pages import apart
from gan_lesson.lessons.lesson_10.patients import ClinicTrainer
from gan_lesson.lessons.lesson_10.pictures import recovery
from gan_lesson.lessons.lesson_10.recorded import load_clinic_runs
from gan_lesson.lessons.lesson_10.ward import Ward, penalty, recorded_case, ward_patient
from gan_lesson.live import projector

LESSON = LessonText("10_when_training_fails")

RUNS = load_clinic_runs()
CASES = [recorded_case(n) for n in range(len(RUNS.faults))]


@pytest.fixture(autouse=True)
def an_empty_ward(monkeypatch):
    """No results, and as in a build: a page is drawn when it is ordered, not all at the start."""
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "1")
    Ward.results = []


def test_the_lesson_tells_what_the_ward_tells():
    for name, test in TESTS.items():
        assert f"| {name} | {test.question} | {test.health} |" in LESSON.text


def test_no_test_of_the_ward_gives_a_learning_rate_away():
    number = next(n for n in range(12) if ward_patient(n)[0] == "learning rate")
    ward = Ward(number, turns=1)
    for name in TESTS:
        ward.test.value = name
        assert not re.search(r"\brates?\b|\blr\b", ward.readout.value)


def test_the_saturating_loss_gives_nobody_away():
    had_by = [ward_patient(n)[0] for n in range(12) if ward_patient(n)[2] == "saturating"]
    assert sorted(had_by) == ["D too strong", HEALTHY, HEALTHY]
    for n in (2, 4):
        assert Ward(n, turns=1).patient.loss == ward_patient(n)[2] == "saturating"


# --- the ward -------------------------------------------------------------------------------------


def test_penalty_is_log_loss_over_nine_names():
    assert penalty(1 / 9, True) == pytest.approx(np.log(9)) == pytest.approx(2.20, abs=0.005)
    assert penalty(1 / 9, False) == pytest.approx(np.log(9))
    assert penalty(0.99, False) == pytest.approx(-np.log(0.01 / 8))


def test_twelve_cases_hold_every_fault_once_and_are_the_same_for_all():
    faults = [ward_patient(n)[0] for n in range(12)]
    assert sorted(faults) == sorted([*FAULTS, *[HEALTHY] * 4])
    assert faults == [ward_patient(n)[0] for n in range(12)]
    with pytest.raises(ValueError, match="number is -1"):
        ward_patient(-1)


@pytest.fixture(scope="module")
def ward():
    return Ward(0, turns=60)


def test_every_test_of_the_ward_draws_and_tells(ward):
    told = set()
    for _ in range(2):
        for name in TESTS:
            ward.test.value = name
            assert name in ward.panel.description
            assert "nan" not in ward.readout.value
            told.add(ward.readout.value)
    assert len(told) >= len(TESTS)
    assert ward.ordered == list(TESTS)


def test_ordering_a_test_neither_trains_nor_draws(monkeypatch):
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "")
    ward = Ward(3, turns=20)
    monkeypatch.setattr(ward.chart, "draw", None)
    for name in (*TESTS, *TESTS):
        frames = ward.panel.frames
        ward.test.value = name
        assert name in ward.panel.description
        assert name == "curves" or ward.panel.frames > frames
    monkeypatch.undo()
    # not the pictures that other tests left: all that live are drawn again
    monkeypatch.setattr("gan_lesson.live.projector_view.pictures", weakref.WeakSet([ward.panel]))
    on_a_desk = ward.panel.html.value
    try:
        projector(True)
        assert ward.panel.html.value != on_a_desk
    finally:
        projector(False)
    assert ward.panel.html.value == on_a_desk


def test_a_ward_can_begin_with_no_test_or_with_several():
    ward = Ward(0, turns=20, shown=())
    assert ward.test.value is None and ward.ordered == []
    assert ward.panel.description == "Case 0. No test is ordered yet."
    assert "In health" not in ward.readout.value  # what curves should be is told with the curves
    ward.test.value = "samples"
    assert ward.ordered == ["samples"] and "“samples”" in ward.panel.description
    ward.named.value = HEALTHY
    ward.decide.click()
    assert Ward.results[-1]["tests"] == 1
    usual, both = Ward(0, turns=1), Ward(0, turns=1, shown=("curves", "samples"))
    assert usual.ordered == ["curves"] and "“curves”" in usual.panel.description
    assert both.ordered == ["curves", "samples"] and "“samples”" in both.panel.description
    for data in ("ring", "digits"):
        with pytest.raises(ValueError, match="a name in shown is 'temperature'"):
            Ward(0, data=data, shown=("temperature",))


def test_a_ward_of_three_names_and_two_tests():
    names, tests = ["healthy", "swapped labels", "mode collapse"], ["curves", "samples"]
    ward = Ward(13, turns=1, shown=(), names=names, tests=tests)
    assert list(ward.test.options) == tests
    assert list(ward.named.options) == ["choose", *names]
    ward.named.value = "swapped labels"
    ward.sure.value = ward.sure.min
    assert 1 / 3 <= ward.sure.value < 0.35  # who is less sure than that would name another
    ward.decide.click()
    assert Ward.results[-1]["penalty"] == pytest.approx(-np.log(ward.sure.value))
    assert "guessing among 3 names costs log 3 = 1.10" in ward.feedback.value
    assert penalty(0.5, False, 3) == pytest.approx(np.log(4))
    for wrong in ({"names": names[::2]}, {"names": names[1:2]}, {"names": ["sad", *names]},
                  {"tests": ["taste"]}, {"tests": tests, "shown": ("one step",)},
                  {"tests": tests, "preview": ["one step"]}):  # fmt: skip
        with pytest.raises(ValueError, match="names|tests|shown|preview"):
            Ward(13, turns=1, **wrong)


def test_a_build_stores_the_pages_of_the_preview_and_a_learner_sees_none(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(
        "gan_lesson.lessons.kit.explorer.show",
        lambda widget, panel: shown.append(panel.description),
    )
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "1")
    Ward(13, turns=1, shown=(), preview=["curves", "samples"])._ipython_display_()
    assert ["“curves”" in shown[0], "“samples”" in shown[1], len(shown)] == [True, True, 2]
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "")
    Ward(13, turns=1, shown=(), preview=["curves", "samples"])._ipython_display_()
    assert shown[2:] == ["Case 13. No test is ordered yet."]


def test_an_empty_page_stays_empty_until_a_test_is_ordered(monkeypatch):
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "")  # all pages are drawn at the start
    ward = Ward(0, turns=1, shown=())
    assert ward.panel.description == "Case 0. No test is ordered yet."
    empty = ward.panel.png
    ward.test.value = "curves"
    assert ward.panel.png != empty and "“curves”" in ward.panel.description


def test_deciding_locks_scores_and_shows_the_line():
    ward = Ward(0, turns=40)
    assert ward.decide.disabled
    ward.named.value = ward.fault
    ward.sure.value = 0.8
    ward.decide.click()
    assert Ward.results[-1]["penalty"] == pytest.approx(-np.log(0.8))
    assert "Right" in ward.feedback.value
    assert "<pre>" in ward.feedback.value
    assert ward.named.disabled
    ward.decide.click()
    assert len(Ward.results) == 1


@pytest.mark.parametrize("number", range(len(CASES)))
def test_every_page_of_a_recorded_case_tells_what_was_recorded(number, monkeypatch):
    monkeypatch.setattr(ClinicTrainer, "burst", None)  # nothing is trained
    ward, row = Ward(number, data="digits"), CASES[number]
    assert ward.fault == RUNS.faults[row]
    told = {}
    for name in DIGITS_TESTS:
        frames = ward.panel.frames
        ward.test.value = name
        assert ward.panel.frames > frames or name == "curves"
        told[name] = ward.panel.description
        assert f"Case {number}, test “{name}”" in told[name] and "nan" not in told[name]
        assert DIGITS_TESTS[name].health in html.unescape(ward.readout.value)
        assert not re.search(r"\brates?\b|\blr\b", ward.readout.value)
    assert ward.ordered == list(DIGITS_TESTS)
    d_real, d_fake = RUNS.curves[row, -1, :2]
    assert f"after step 300: D(x) = {d_real:.2f}, D(G(z)) = {d_fake:.2f}" in told["curves"]
    assert f"samples {apart(RUNS.sheets[row]):.1f}." in told["samples"]
    assert ("255.00" in told["samples"]) == (ward.fault == "data range")
    fair = (RUNS.shares[row] >= 0.02).sum()
    assert f"{fair} of 10 digits have a fair share" in told["classes"]
    assert f"largest share is {RUNS.shares[row].max():.0%}" in told["classes"]
    near = np.median(RUNS.distances[row].astype(float))
    assert f"samples {near:.1f}, new real digits 9.8" in told["nearest images"]
    mean = RUNS.answers[row].astype(float).mean(axis=1)
    assert f"D(x) is {mean[0]:.3f}, that of D(G(z)) {mean[1]:.3f}" in told["D's answers"]
    assert f"weights {RUNS.weights[row].max():.1f} times" in told["gradients"]
    own, best = RUNS.best[row]
    assert f"−V is {own:.3f} nats. A new D reaches {best:.3f}" in told["best response"]
    for line in RUNS.step_reports[row]:
        assert " ".join(line.split()) in told["one step"]


def test_cases_on_digits_come_once_each_and_are_the_same_for_all():
    assert sorted(CASES) == list(range(len(RUNS.faults)))
    assert CASES == [recorded_case(n) for n in range(len(RUNS.faults))]
    assert RUNS.faults[CASES[3]] == HEALTHY  # as the teacher's sheet says
    for number in (-1, len(CASES), 1.5):
        with pytest.raises(ValueError, match=f"number is {number}; the cases on digits are 0 to 9"):
            Ward(number, data="digits")


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_case_on_digits_is_told_its_own_sign_and_line(number):
    ward = Ward(number, data="digits")
    ward.named.value, ward.sure.value = ward.fault, 0.8
    ward.decide.click()
    told = html.unescape(ward.feedback.value)
    assert Ward.results[-1]["data"] == "digits"
    if ward.fault == HEALTHY:
        assert DIGITS.healthy in told
    else:
        assert FAULTS_ON_DIGITS[ward.fault].sign in told
        assert FAULTS_ON_DIGITS[ward.fault].right in told


def test_the_line_told_on_digits_is_what_the_recorded_loop_had():
    images = load_digits().train.images[:64]
    for fault, line in (
        ("D too strong", FAULTS_ON_DIGITS["D too strong"].wrong),
        (HEALTHY, FAULTS_ON_DIGITS["D too strong"].right),
    ):
        run = clinic.patient_on_images(images, fault, 0)
        assert f"= {run.optimizer_d.param_groups[0]['lr']:g}," in line


def test_results_of_both_kinds_of_data_are_kept_apart():
    for ward in (Ward(0, turns=5), Ward(0, data="digits"), Ward(0, data="digits")):
        ward.named.value = HEALTHY
        ward.decide.click()
    assert [(r["data"], r["case"]) for r in Ward.results] == [("ring", 0), ("digits", 0)]


# --- the player ----------------------------------------------------------------------------------


def test_recovery_plays_both_and_the_picture_says_so():
    player = recovery("data range", preview_steps=0)
    before = player.panel.description
    player.trainer.burst(20)
    player.redraw()
    assert player.panel.description != before
    assert "repaired" in player.panel.description
    assert 'width="900"' in player.panel.html.value  # a page's width: nothing is shrunk
