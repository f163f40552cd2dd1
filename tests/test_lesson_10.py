"""Lesson 10 in numbers: the planted faults, the ward, the repairs, and what the text says."""

from pathlib import Path

import jupytext
import numpy as np
import pytest
import torch

from gan_lesson import predict
from gan_lesson.exercise_checks import WrongAnswer, lesson_10
from gan_lesson.explorers import clinic
from gan_lesson.explorers.clinic import (
    FAULTS,
    HEALTHY,
    PATIENTS,
    REMEDIES,
    TESTS,
    Chart,
    ClinicTrainer,
    RemedyTrainer,
    Ward,
    clinic_data,
    clinic_pair,
    penalty,
    recovery,
    ward_patient,
)

TEXT = Path(__file__).parent.parent / "notebooks/text/10_when_training_fails.md"
CELLS = [
    c
    for c in jupytext.read(TEXT, fmt={"extension": ".md", "split_at_heading": True}).cells
    if c.cell_type == "code"
]


@pytest.fixture(scope="module")
def lesson():
    """The names of the lesson's set-up cell and of its loop."""
    names = {}
    for cell in CELLS:
        if "def train(" in cell.source:
            exec(cell.source, names)
        elif "%pip" in cell.source:
            exec(cell.source.split("gan_lesson @ git", 1)[1].split("\n", 1)[1], names)
    return names


@pytest.fixture(scope="module")
def runs():
    trained = {}
    for fault in PATIENTS:
        trained[fault] = ClinicTrainer(fault, clinic_data("ring"), seed=0)
        trained[fault].burst(600)
    return trained


@pytest.fixture(autouse=True)
def _forget():
    predict.forget()
    Ward.results = []


# --- the loop --------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", PATIENTS)
def test_the_lessons_loop_is_the_packages_bit_for_bit(lesson, fault):
    turns = 215 if fault == "D too strong" else 25
    G, D, history = lesson["train"](fault, clinic_data("ring"), n_turns=turns, seed=1)
    run = ClinicTrainer(fault, clinic_data("ring"), seed=1)
    run.burst(turns)
    for ours, theirs in ((G, run.G), (D, run.D)):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    for name in ("d_real", "d_fake", "loss_d", "loss_g"):
        np.testing.assert_allclose(history[name], run.history[name], rtol=1e-3, atol=1e-5)


def test_each_fault_is_one_line_of_the_loop_that_the_lesson_names(lesson):
    for fault in FAULTS.values():
        assert fault.wrong != fault.right
    source = next(c.source for c in CELLS if "def train(" in c.source)
    for fault in FAULTS:
        assert f'has("{fault}")' in source or f'"{fault}"' in source


# --- the signs that the text states ------------------------------------------------------------


def late(run, name):
    return float(run.history[name][-300:].mean())


def test_health_is_a_draw_and_covers_the_ring(runs):
    run = runs[HEALTHY]
    assert late(run, "d_real") == pytest.approx(0.5, abs=0.1)
    assert late(run, "d_fake") == pytest.approx(0.5, abs=0.1)
    assert late(run, "loss_d") == pytest.approx(np.log(4), abs=0.15)
    assert run.scores().fair_modes >= 7


def test_with_swapped_labels_five_patients_have_ds_loss_at_zero(runs):
    beaten = ("shared optimiser", "D too strong", "learning rate", "data range")
    for fault in beaten:
        assert np.median(runs[fault].history["loss_d"][-300:]) < 0.1
        assert np.median(runs[fault].history["d_real"][-300:]) > 0.9
        assert runs[fault].scores().fair_modes <= 1


def test_swapped_labels_contradict_their_loss(runs):
    run = runs["swapped labels"]
    assert late(run, "loss_d") < 0.1
    assert late(run, "loss_g") < 0.1
    assert late(run, "d_real") < 0.1
    assert late(run, "d_fake") > 0.9
    bound = lesson_10.LEAST_LOSS.reference(late(run, "d_real"), late(run, "d_fake"))
    assert bound > late(run, "loss_d") + 1


def test_two_sigmoids_leave_a_narrow_band(runs):
    run = runs["sigmoid twice"]
    softplus = lambda t: np.logaddexp(0, t)  # noqa: E731
    assert softplus(-1) + softplus(0) == pytest.approx(1.006, abs=5e-4)
    assert softplus(-1) == pytest.approx(0.313, abs=5e-4)
    assert softplus(0) == pytest.approx(0.693, abs=5e-4)
    assert run.history["loss_d"].min() >= 1.006
    assert 0.313 <= run.history["loss_g"].min() <= run.history["loss_g"].max() <= 0.6932
    assert late(run, "d_real") < 0.2
    assert late(run, "loss_d") == pytest.approx(np.log(4), abs=0.02)


def test_collapse_has_the_curves_of_health_and_one_place(runs):
    run = runs["mode collapse"]
    assert late(run, "d_real") == pytest.approx(0.5, abs=0.1)
    assert late(run, "d_fake") == pytest.approx(0.5, abs=0.1)
    assert late(run, "loss_d") == pytest.approx(np.log(4), abs=0.1)
    assert run.scores().fair_modes <= 2


def test_without_zero_grad_the_stored_gradient_is_the_sum(runs):
    ratios = {}
    for fault in (HEALTHY, "no zero_grad"):
        chart = Chart(runs[fault])
        ratios[fault] = max(
            np.linalg.norm(s) / max(np.linalg.norm(f), 1e-6) for s, f in chart.gradients.values()
        )
    assert ratios[HEALTHY] < 10
    assert ratios["no zero_grad"] > 25


def test_a_beaten_generator_starves_under_the_saturating_loss(runs):
    of_g = {f: np.linalg.norm(Chart(runs[f]).gradients["G"][1]) for f in (HEALTHY, "D too strong")}
    assert of_g["D too strong"] < of_g[HEALTHY] / 50


def test_a_high_rate_shows_in_the_weights(runs):
    size = {f: max(max(s) for s in Chart(runs[f]).weights.values()) for f in PATIENTS}
    assert size["learning rate"] > 7
    assert size[HEALTHY] < 4


def test_swapping_both_players_labels_mirrors_the_game(lesson):
    G, _, _ = lesson["train"](HEALTHY, clinic_data("ring"), n_turns=30)
    plain = lesson["clinic_pair"]

    def mirrored(dim, seed):
        pair = plain(dim, seed)
        with torch.no_grad():
            for p in pair[1].net[-1].parameters():
                p.neg_()
        return pair

    lesson["clinic_pair"] = mirrored
    try:
        other, D, history = lesson["train"]("both swapped", clinic_data("ring"), n_turns=30)
    finally:
        lesson["clinic_pair"] = plain
    z = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(G(z), other(z), rtol=1e-3, atol=1e-4)


def test_a_lazy_d_says_half_and_a_new_one_does_not():
    run = ClinicTrainer(HEALTHY, clinic_data("ring"), lr_d=1e-7)
    run.burst(300)
    own, best = Chart(run).best
    assert own == pytest.approx(np.log(4), abs=0.1)
    assert best < 0.3


def test_the_published_case_has_chance_loss_and_perfect_order():
    s_real = np.random.RandomState(0).normal(size=10) + 7.5 - 2
    s_fake = np.random.RandomState(1).normal(size=10) + 3 - 2
    loss = np.logaddexp(0, -s_real).mean() + np.logaddexp(0, s_fake).mean()
    assert loss == pytest.approx(13.814757170851447 / 10)
    assert s_real.min() > s_fake.max()


# --- repairs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_each_repaired_loop_reaches_the_healthy_scores(lesson, fault, runs):
    """With its line as in health, a patient's loop is the healthy one: over two seeds."""
    before = runs[fault].scores()
    assert fault == "sigmoid twice" or before.fair_modes <= 2
    player = recovery(fault, preview_steps=0)
    player.trainer.burst(600)
    repaired = player.trainer.trainers["repaired"]
    reference = runs[HEALTHY].scores()
    assert repaired.scores().fair_modes >= reference.fair_modes - 1
    assert repaired.scores().high_quality >= reference.high_quality - 0.1


@pytest.mark.parametrize("loop", [lesson_10.PATIENT_A, lesson_10.PATIENT_B])
def test_the_repaired_exercise_loops_train_and_the_broken_ones_do_not_agree(loop):
    good = lesson_10.weights_after(loop.reference, 5)
    bad = lesson_10.weights_after(loop.broken, 5)
    assert not np.allclose(good[0], bad[0], atol=1e-5)


# --- exercises ----------------------------------------------------------------------------------

CHECKS = {
    "least_loss": (lesson_10.check_least_loss, lesson_10.LEAST_LOSS),
    "penalty": (lesson_10.check_penalty, lesson_10.PENALTY),
    "patient_a": (lesson_10.check_patient_a, lesson_10.PATIENT_A),
    "patient_b": (lesson_10.check_patient_b, lesson_10.PATIENT_B),
}


def defined(name, tag):
    names = {"np": np, "torch": torch}
    names["bce"] = torch.nn.functional.binary_cross_entropy_with_logits
    (source,) = (
        c.source for c in CELLS if tag in c.metadata.get("tags", []) and f"def {name}" in c.source
    )
    exec(source, names)
    return names[name]


@pytest.mark.parametrize("name", CHECKS)
def test_exercise_answer_stub_and_mistakes(name, capsys):
    check, exercise = CHECKS[name]
    assert not exercise.problems()
    answer = defined(name, "answer")
    assert check(answer) is answer
    assert check(defined(name, "stub")) is exercise.reference
    assert "Not attempted yet" in capsys.readouterr().out
    for wrong, sentence in exercise.mistakes:
        with pytest.raises(WrongAnswer) as told:
            check(wrong)
        assert sentence in str(told.value)


def test_a_repair_that_stops_is_told():
    def patient_a(G, D, data, n_turns, rng):
        raise RuntimeError("no such layer")

    with pytest.raises(WrongAnswer, match="no such layer"):
        lesson_10.check_patient_a(patient_a)


# --- predictions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lesson_10.ask_both_swapped,
        lesson_10.ask_collapse_curves,
        *(lambda n=n: lesson_10.ask_claim(n) for n in lesson_10.CLAIMS),
    ],
)
def test_choices_can_be_locked_and_revealed(ask):
    question = ask()
    question.choice.value = question.choice.options[-1]
    question.lock_button.click()
    question.reveal_button.click()
    assert question.revealed
    assert question.verdict.value


def test_number_prediction_has_the_truth():
    question = lesson_10.ask_least_loss_with_two_sigmoids()
    question.slider.value = 1.005
    question.lock_button.click()
    question.reveal_button.click()
    assert question.revealed


def test_unknown_claim_is_refused():
    with pytest.raises(WrongAnswer, match="not on trial"):
        lesson_10.ask_claim(99)


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


@pytest.mark.parametrize("fault", PATIENTS)
def test_every_chart_can_be_drawn_for_every_patient(runs, fault):
    chart = Chart(runs[fault])
    for name in TESTS:
        told = chart.draw(name, clinic.plots.new_figure(9, 3.9))
        assert told
        assert "nan" not in told


def test_taking_the_tests_leaves_the_patient_alone(runs):
    run = runs["no zero_grad"]
    before = [p.detach().clone() for p in (*run.G.parameters(), *run.D.parameters())]
    step, state = run.step, run.generator.get_state()
    chart = Chart(run)
    chart.gradients, chart.best, chart.step_report  # noqa: B018
    now = [*run.G.parameters(), *run.D.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(before, now, strict=True))
    assert run.step == step
    assert torch.equal(state, run.generator.get_state())


def test_one_step_shows_whose_weights_move(runs):
    for fault in (HEALTHY, "shared optimiser"):
        line = next(r for r in Chart(runs[fault]).step_report if "moved G's" in r)
        moved = float(line.split()[-1])
        assert (moved > 0) == (fault == "shared optimiser")


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


# --- player and remedies -----------------------------------------------------------------------


def test_recovery_plays_both_and_the_picture_says_so():
    player = recovery("data range", preview_steps=0)
    before = player.panel.description
    player.trainer.burst(20)
    player.redraw()
    assert player.panel.description != before
    assert "repaired" in player.panel.description


@pytest.mark.parametrize("remedy", REMEDIES)
def test_every_remedy_trains(remedy):
    run = RemedyTrainer(remedy, HEALTHY, clinic_data("ring"), seed=0, turns=15)
    run.burst(15)
    assert np.isfinite(run.history["loss_d"]).all()


def test_the_remedy_called_none_is_the_healthy_loop():
    run = RemedyTrainer("none", HEALTHY, clinic_data("ring"), seed=0, turns=10)
    other = ClinicTrainer(HEALTHY, clinic_data("ring"), seed=0)
    run.burst(10)
    other.burst(10)
    np.testing.assert_allclose(run.history["loss_d"], other.history["loss_d"], rtol=1e-4)


def test_what_the_text_says_of_the_stored_remedies():
    rows = clinic._stored_rows("clinic_remedies.csv")
    assert {(r["remedy"], r["patient"]) for r in rows} == {
        (r, p) for r in REMEDIES for p in (HEALTHY, "mode collapse")
    }
    assert {r["turns"] for r in rows} == {"800"}
    modes = {r: clinic._scores_of(rows, "mode collapse", r)[:, 0] for r in REMEDIES}
    assert all(len(m) == 3 for m in modes.values())
    assert modes["packing"].mean() == pytest.approx(6)
    assert all(m.mean() <= 1 for r, m in modes.items() if r != "packing")
    quality = {r: clinic._scores_of(rows, HEALTHY, r)[:, 1].mean() for r in REMEDIES}
    assert quality["spectral norm"] < quality["none"] - 0.1


def test_what_the_text_says_of_the_stored_verdicts():
    rows = clinic._stored_rows("clinic_judged.csv")
    for data, right, n in (("moons", 48, 48), ("digits", 40, 47)):
        own = [r for r in rows if r["data"] == data]
        assert (sum(r["truth"] == r["said"] for r in own), len(own)) == (right, n)
    missed = [r for r in rows if r["truth"] == "shared optimiser" and r["said"] == HEALTHY]
    assert {(r["data"], r["certainty"]) for r in missed} == {("digits", "0.872")}
    assert len(missed) == 5
    assert sum(r["truth"] == HEALTHY for r in rows) == 15


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="fault is 'flu'"):
        ClinicTrainer("flu", clinic_data("ring"))
    with pytest.raises(ValueError, match="remedy is 'tea'"):
        RemedyTrainer("tea", HEALTHY, clinic_data("ring"), seed=0, turns=1)


def test_clinic_data_lies_inside_the_range_of_tanh():
    for name in ("bumps", "ring", "moons"):
        x = clinic_data(name).sample(2000, torch.Generator().manual_seed(0))
        assert x.abs().quantile(0.999) < 1.05


def test_pair_starts_in_a_corner():
    G, _ = clinic_pair(2, seed=0)
    assert generated_mean(G) > 0.7


def generated_mean(G):
    with torch.no_grad():
        return float(G(torch.randn(200, 2, generator=torch.Generator().manual_seed(0))).mean())
