"""The tour: it shows the rooms of lessons, teaches nothing of its own, and says who proves it."""

import ast
import json
import re

import numpy as np
import pytest
import reading
import torch
from lesson_text import NOTEBOOKS, LessonText, names_read

from gan_lesson.data import load_digits, two_bumps
from gan_lesson.lessons import lesson_05
from gan_lesson.lessons.lesson_00.forgeries import load_forgeries
from gan_lesson.lessons.lesson_00.game import deal
from gan_lesson.lessons.lesson_10.patients import ClinicTrainer, clinic_data
from gan_lesson.lessons.lesson_10.ward import WARD_TURNS, ward_patient
from gan_lesson.lessons.mathematics.bce import bce_from_probability
from gan_lesson.recipes import fully_connected_trainer

LESSON = LessonText("tour")
STOPS = re.findall(r"^## (\d\. .*?)(?=^## \d|^## What)", LESSON.text, re.S | re.M)


def rooms_in(text):
    code = "\n".join(re.findall(r"^```python.*?\n(.*?)^```", text, re.S | re.M))
    return set(re.findall(r"\blesson_(\d\d)\.", code))


def test_there_are_six_stops_and_each_names_the_lesson_that_proves_it():
    assert len(STOPS) == 6
    for stop in STOPS:
        (proof,) = re.findall(r"\*\*Where it is proved:\*\* .*", stop)
        (link,) = re.findall(r"\]\((\w+)\.ipynb\)", proof)
        assert (NOTEBOOKS / "text" / f"{link}.md").exists()
        assert rooms_in(stop) == {link[:2]}
        summed = re.search(rf"^\| {stop[0]} \|.*\({link}\.ipynb\) \|$", LESSON.text, re.M)
        assert summed, f"the table at the end does not name {link} at stop {stop[0]}"


def test_every_stop_asks_or_shows_something_that_moves():
    for stop in STOPS:
        assert re.search(r"lesson_\d\d\.(?:[A-Z]\w+|digits_player)\(", stop)
    assert sum(".ask_" in cell for cell in LESSON.cells()) >= 4
    for number in (1, 3):  # these ask in words alone
        assert re.search(r"\?.*lesson_\d\d\.", STOPS[number - 1], re.S)


def test_it_teaches_nothing_of_its_own():
    """No function, no exercise, no output that is computed here: only what the rooms show."""
    assert LESSON.cells("stub", "answer", "nbval-check-output") == []
    for source in LESSON.cells():
        tree = ast.parse(source)
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.For)]
        assert "print" not in names_read(source)


def test_the_teacher_is_told_at_each_stop_how_long_and_what_goes_wrong():
    regions = re.findall(r"<!-- #region.*?#endregion -->", LESSON.text, re.S)
    planned = [re.search(r"Plan (\w+) minutes", region) for region in regions]
    words = {"five": 5, "eight": 8, "nine": 9, "ten": 10, "eleven": 11}
    minutes = [words[found[1]] for found in planned if found]
    plan = NOTEBOOKS / "plans" / "60_minutes.md"
    stops = re.findall(r"^\| \d, [^|]*\| (\d+) \|", plan.read_text("utf-8"), re.M)
    assert minutes == [int(stop) for stop in stops] and len(minutes) == 6  # one clock
    assert all("empting wrong" in region for region in regions[1:])
    for region in regions[1:]:  # the answer stands where a teacher's eye falls first
        first = region.partition("\n## ")[2].split("\n\n")[1]
        assert re.search(r"\*\*(?:Right: |No answer is right)", first), first


def test_the_game_is_fair_and_other_than_the_one_of_lesson_00():
    dealt = deal(122, "late", 10)
    y = np.array([source == "real" for source, _ in dealt])
    assert y.sum() == 5
    assert not set(dealt) & set(deal(10, "late", 20))
    said = load_forgeries().probabilities["late"]
    d = np.array([said[source][image] for source, image in dealt])
    for n, told in ((6, "the first six"), (10, "all ten")):
        paid = bce_from_probability(d[:n], y[:n]).mean()
        assert f"D pays {paid:.3f} on average for {told}" in LESSON.text
    assert y[:6].sum() == 4 and "Four of the first six are real" in LESSON.text
    shorter = deal(122, "late", 5)
    assert shorter != dealt[:5]  # so the sheet says to stop, and not to change `rounds`


def test_nothing_is_answered_before_it_is_asked():
    first, *_, last = STOPS
    assert ".ask_" not in first  # the rule of the price comes at stop 2
    assert "0.693" not in first  # though the game says it: stop 2 asks only why
    above, _, below = last.partition("lesson_10.ask_collapse_curves()")
    row = re.search(r"^\| mode collapse \| (.*) \|$", above, re.M)[1]
    assert row == "all samples crowd together"
    assert "Swapped labels can make samples crowd together, too." in above  # as patient 13 does
    page = re.sub(r"<!-- #region.*?#endregion -->", "", last, flags=re.S)
    assert "may be healthy or have a fault" in page and "One of the two" not in page
    assert re.findall(r"Ward\((.*)\)", page) == ["13, shown=(), **today", "32, shown=(), **today"]
    third = re.sub(r"<!-- #region.*?#endregion -->", "", STOPS[2], flags=re.S)
    before, after = third.split("lesson_03.DensitiesExplorer(mean=2.0)")
    assert "cover it" in before and "D* is ½ wherever" not in before
    assert "Uncover" in after and "D* is ½ wherever" in after


def test_the_patients_offer_the_names_and_tests_that_the_page_teaches():
    names, tests = re.search(r'"names": (\[.*\]),\n    "tests": (\[.*\]),', STOPS[5]).groups()
    table = re.findall(r"^\| (?!name|-)(.*?) \|", STOPS[5], re.M)
    assert ast.literal_eval(names) == table
    for test in ast.literal_eval(tests):
        assert re.search(rf"\border \*{test}\*|\*{test}\* first", STOPS[5])


@pytest.mark.trains
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in range(1, 5))]
)
def test_the_bars_of_stop_4_move_as_the_teacher_is_told(seed):
    """Fifty presses of Step D, then twenty of Step G, from step 0, then both up to step 300."""
    assert "press *Step D* fifty times" in STOPS[3] and "press *Step G* twenty times" in STOPS[3]
    data = two_bumps(means=(-1.5, 1.5), sd=0.6)
    steps = lesson_05.update_discriminator, lesson_05.update_generator
    player = lesson_05.LoopPlayer(lesson_05.loop_run(*steps, data, seed=seed), zooms_in=False)

    def bars_while(button, presses):
        bars = []
        for _ in range(presses):
            button.click()
            bars.append((2 * player.scene.state.jsd, player.scene.state.regret))
        return np.array(bars).T

    before = player.scene.state
    orange, green = bars_while(player.step_d, 50)
    assert orange == pytest.approx(2 * before.jsd, abs=1e-9)
    assert green[-1] < before.regret / 5
    short = green[-1]
    orange, green = bars_while(player.step_g, 20)
    assert orange[-1] < 2 * before.jsd - 0.03
    assert green[-1] > 4 * short
    player.trainer.burst(300 - player.trainer.step)
    player.redraw()
    after = player.scene.state
    assert 2 * after.jsd < 0.3 and after.regret < 0.2


@pytest.mark.trains
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in range(1, 5))]
)
def test_the_gap_of_stop_5_is_seen_when_the_teacher_is_told(seed):
    """Hardly a gap between the curves before step 300, and one after step 500."""
    assert "Up to step 300 the two curves nearly lie on each other" in STOPS[4]
    assert "Press *Reveal* after step 500, when there is a gap" in STOPS[4]
    run = fully_connected_trainer(load_digits().train.images, n_steps=20_000, seed=seed)
    run.burst(600)
    gap = np.array(run.history["d_real"]) - np.array(run.history["d_fake"])
    assert 0 < gap[200:300].mean() < 0.05
    assert gap[500:].mean() > max(0.055, 1.4 * gap[200:300].mean())


CASES = {13: "swapped labels", 32: "mode collapse"}


def test_the_two_patients_have_the_faults_that_the_teacher_is_told():
    asked = re.findall(r"^lesson_10\.Ward\((\d+), shown=\(\), .*\)$", LESSON.visible, re.M)
    assert [int(number) for number in asked] == list(CASES)
    for number, fault in CASES.items():
        assert ward_patient(number)[0] == fault
        assert f"(case {number}) has *{fault}*" in LESSON.text
    assert ward_patient(21)[0] == "healthy" and "`Ward(21, shown=())`" in LESSON.text
    assert not set(CASES) & set(range(12))  # lesson 10's own dozen is left for its learners


@pytest.mark.trains
@pytest.mark.parametrize("number", [32, 13])
def test_one_patient_shows_in_the_curves_and_the_other_one_in_its_samples_alone(number):
    fault, seed, loss = ward_patient(number)
    patient = ClinicTrainer(fault, clinic_data("ring"), seed=seed, loss=loss)
    patient.burst(WARD_TURNS)
    d_real, d_fake, loss_d = (
        float(np.mean(patient.history[name][-300:])) for name in ("d_real", "d_fake", "loss_d")
    )
    if fault == "swapped labels":
        assert d_real < 0.1 and d_fake > 0.9 and loss_d < 0.2
    else:
        assert abs(d_real - 0.5) < 0.1 and abs(d_fake - 0.5) < 0.1
        assert abs(loss_d - np.log(4)) < 0.15
        z = patient.G.sample_z(1000, torch.Generator().manual_seed(0))
        x = patient.G(z).detach().numpy()
        away = np.linalg.norm(x - np.median(x, axis=0), axis=1)
        assert np.quantile(away, 0.9) < 0.4  # the ring's radius is 0.7
        assert patient.scores().fair_modes <= 2


def test_an_hour_is_enough_by_the_formula():
    stored = json.loads(LESSON.stored.read_text("utf-8"))
    assert stored["metadata"]["gan_lesson"]["reading"]["minutes"] <= 60
    assert stored["metadata"]["gan_lesson"]["reading"]["more"] == 0
    assert reading.LONGEST >= stored["metadata"]["gan_lesson"]["reading"]["longest"]
