"""Lesson 00, can you spot the forgery: its file, every number of its text, its predictions."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize
import sympy
from lesson_text import LessonText, alt, lock_and_reveal
from sklearn.metrics import accuracy_score, log_loss

from gan_lesson import self_check
from gan_lesson.lessons.lesson_00 import questions
from gan_lesson.lessons.lesson_00.exercises import EXPECTED_PENALTY
from gan_lesson.lessons.lesson_00.forgeries import (
    DETECTIVES,
    FILE,
    GREY_STEP,
    SOURCES,
    STAGES,
    accuracy,
    calibration,
    detective_score,
    load_forgeries,
)
from gan_lesson.lessons.lesson_00.game import ForgeryGame, deal

ROOT = Path(__file__).parents[2]
LESSON = LessonText("00_can_you_spot_the_forgery")
TEXT = LESSON.text


# --- the file ---------------------------------------------------------------------------------


def test_the_file_is_small_and_holds_200_images_of_each_source_and_no_pickle():
    path = ROOT / "gan_lesson/lessons/lesson_00/assets" / FILE
    assert path.stat().st_size < 1_000_000
    images, probabilities = load_forgeries()
    assert set(images) == {"real", "early", "middle", "late"}
    for source in SOURCES:
        assert images[source].shape == (200, 28, 28) and images[source].dtype == np.uint8
        assert len(np.unique(images[source].reshape(200, -1), axis=0)) == 200
        for detective in DETECTIVES:
            p = probabilities[detective][source]
            assert p.shape == (200,) and ((p > 0) & (p < 1)).all()


def test_real_and_forged_share_the_same_sixteen_grey_levels():
    for images in load_forgeries().images.values():
        assert (images % GREY_STEP == 0).all()


def test_the_real_ones_are_test_digits_that_no_network_was_trained_on():
    with np.load(ROOT / "gan_lesson" / "assets" / "mnist_12000.npz", allow_pickle=False) as arrays:
        train = {im.tobytes() for im in _grey(arrays["train_images"])}
        test = {im.tobytes() for im in _grey(arrays["test_images"])}
    shown = [image.tobytes() for image in load_forgeries().images["real"]]
    assert not any(image in train for image in shown)
    assert sum(image in test for image in shown) > 20  # the bundle holds 2,000 of the 10,000


def _grey(images):
    return (np.round(images / GREY_STEP) * GREY_STEP).astype(np.uint8)


def test_no_count_of_faint_pixels_gives_the_late_forgeries_away():
    images = load_forgeries().images
    faint = {s: ((x > 0) & (x < 50)).mean(axis=(1, 2)) for s, x in images.items()}
    larger = faint["late"][:, None] - faint["real"][None]
    assert ((larger > 0) + 0.5 * (larger == 0)).mean() < 0.8  # area under the ROC curve


def test_forgeries_get_better_from_stage_to_stage():
    import torch

    from gan_lesson.data import load_digits, tensor_to_images
    from gan_lesson.metrics import features

    torch.set_num_threads(1)
    seen = features(_grey(tensor_to_images(load_digits().test.images))).mean(axis=0)
    gaps = [np.linalg.norm(features(load_forgeries().images[s]).mean(0) - seen) for s in STAGES]
    assert gaps[0] > gaps[1] > gaps[2]


# --- what the lesson says ---------------------------------------------------------------------


@pytest.mark.parametrize("detective", DETECTIVES)
@pytest.mark.parametrize("stage", STAGES)
def test_scikit_learn_gives_the_detectives_the_same_scores(detective, stage):
    said = load_forgeries().probabilities[detective]
    p, y = np.r_[said["real"], said[stage]], np.repeat([1, 0], 200)
    loss, right = detective_score(detective, stage)
    assert loss == pytest.approx(log_loss(y, p))
    assert right == pytest.approx(accuracy_score(y, p > 0.5))


def test_what_section_3_says_of_the_detectives():
    loss = {(d, s): detective_score(d, s)[0] for d in DETECTIVES for s in STAGES}
    half = np.log(2)
    for never_met in (("early", "middle"), ("early", "late"), ("middle", "late")):
        assert loss[never_met] > half
    assert f"{loss['examiner', 'late']:.2f}" == "0.10" and "pays 0.10 with the late" in TEXT
    assert f"{loss['examiner', 'middle']:.2f}" == "0.80" and "but 0.80 with the middle one" in TEXT
    assert f"{loss['late', 'middle']:.2f}" == "0.46" and "the late D, and paid 0.46 there" in TEXT
    reason = questions.ask_examiner().reason({})
    said = load_forgeries().probabilities["examiner"]["middle"]
    assert f"{np.mean(said > 0.5):.0%}" == "72%" and "72 %" in reason
    assert (said > 0.95).any()  # some of these answers are sure and wrong


def test_claim_46_wrong_about_most_and_cheaper_than_one_half():
    y = np.tile([1, 0], 50)
    for_truth = np.repeat([0.95, 0.45], [40, 60])
    said = np.where(y == 1, for_truth, 1 - for_truth)
    assert accuracy(said, y) == 0.4 and f"{log_loss(y, said):.3f}" == "0.500"
    assert "right: 40%, mean penalty: 0.500, always ½: 0.693" in LESSON.printed("for_truth = ")
    assert f"{-np.log(0.45):.3f}" == "0.799" and "each mistake cost 0.799 only" in TEXT
    mistakes, right_ones = 60 * (-np.log(0.45) - np.log(2)), 40 * (np.log(2) + np.log(0.95))
    assert mistakes < right_ones  # the teacher's question: what they cost and saved, against ½


def test_a_right_answer_saves_at_most_log_2_and_a_wrong_one_costs_any_amount():
    p = sympy.symbols("p", positive=True)
    assert sympy.limit(-sympy.log(p), p, 1) == 0 and sympy.limit(-sympy.log(p), p, 0) == sympy.oo
    assert "on the true side of ½ saves you at most 0.693" in TEXT


def test_of_three_certainties_at_90_percent_right_the_share_is_the_cheapest():
    y = np.repeat([1, 0], [90, 10])
    prices = {c: log_loss(y, np.full(100, c)) for c in (0.8, 0.9, 0.99)}
    assert min(prices, key=prices.get) == 0.9
    for c, price in prices.items():
        assert f"certainty {c:.2f}: mean penalty {price:.3f} nats" in LESSON.printed(
            "np.full(100, c)"
        )


def test_the_running_mean_of_the_three_answers():
    means = np.cumsum(-np.log([0.8, 0.2, 0.7])) / [1, 2, 3]
    assert [f"{m:.3f}" for m in means] == ["0.223", "0.916", "0.730"]
    assert "(0.223 + 1.609) / 2 = 0.916" in TEXT
    assert "[0.223 0.916 0.73 ]" in LESSON.printed("running_mean(penalties), 3")


def test_always_one_half_costs_log_2_and_99_percent_certainty_470():
    assert log_loss([1, 0, 1], [0.5] * 3) == pytest.approx(0.693, abs=5e-4)
    y, p = np.r_[np.ones(90), np.zeros(10)], np.full(100, 0.99)
    assert log_loss(y, p) == pytest.approx(0.470, abs=5e-4)
    assert log_loss(y, np.full(100, 0.9)) == pytest.approx(0.325, abs=5e-4)
    assert -np.log(0.01) == pytest.approx(4.605, abs=5e-4)
    assert -np.log(0.99) == pytest.approx(0.010, abs=5e-4)


def test_above_4_nats_lie_only_the_wrong_answers_at_the_ends_of_the_slider():
    slider = ForgeryGame().p
    said = np.arange(1, 100) / 100
    assert (slider.min, slider.max, slider.step) == (0.01, 0.99, 0.01)
    assert said[-np.log(1 - said) > 4].tolist() == [0.99]  # of a forgery
    assert said[-np.log(said) > 4].tolist() == [0.01]  # of a real digit
    assert f"{-np.log(1 - 0.98):.1f}" == "3.9" and "0.98 and is wrong pays 3.9" in TEXT


def test_the_cheapest_certainty_at_70_percent_is_70_percent():
    reference = EXPECTED_PENALTY.reference
    for share in (0.5, 0.55, 0.7, 0.9):
        found = scipy.optimize.minimize_scalar(
            lambda c, s=share: reference(c, s), bounds=(0.01, 0.99), method="bounded"
        )
        assert found.x == pytest.approx(share, abs=1e-4)


def test_hard_verdicts_are_as_often_right_and_far_dearer():
    said = load_forgeries().probabilities["late"]
    p, y = np.r_[said["real"], said["late"]], np.repeat([1, 0], 200)
    hard = np.where(p > 0.5, 0.99, 0.01)
    share = accuracy_score(y, p > 0.5)
    assert accuracy(hard, y) == accuracy(p, y) == share == 0.655
    honest = np.where(p > 0.5, share, 1 - share)
    prices = [log_loss(y, q) for q in (p, hard, honest)]
    assert [f"{price:.3f}" for price in prices] == ["0.622", "1.595", "0.644"]
    assert "0.99 is paid for with 1.595 nats" in TEXT
    assert "At certainty 0.655 the verdicts cost 0.644" in TEXT
    assert (
        f"{prices[2] - prices[0]:.3f}" == "0.022"
        and "here this costs 0.644 − 0.622 = 0.022" in TEXT
    )
    assert np.mean((p > 0.25) & (p < 0.75)) == pytest.approx(7 / 8, abs=0.01)  # the teacher's


def test_half_of_the_dealt_images_are_real_so_that_no_side_is_favoured():
    seed, rounds = map(int, re.search(r"ForgeryGame\(seed=(\d+), rounds=(\d+)", TEXT).groups())
    assert [source for source, _ in deal(seed, "late", rounds)].count("real") == 10 == rounds / 2
    assert f"with seed {seed}, before you explain" in TEXT
    assert deal(seed, "late", 10) != deal(seed, "late", rounds)[:10]  # rounds count too


def test_a_label_is_one_number_and_so_is_a_prediction():
    said = LESSON.printed("its label y is one number")
    d = load_forgeries().probabilities["late"]["real"][0]
    assert said.endswith(f"one number: 1; D's prediction is one number: {d:.2f}\n")


def test_a_dot_below_the_diagonal_is_too_high_a_probability():
    y = np.repeat([1, 0], [60, 40])
    ((said, share, _),) = calibration(np.full(100, 0.9), y)
    assert share < said and log_loss(y, np.full(100, 0.9)) > log_loss(y, np.full(100, 0.6))


def test_only_the_examiner_was_trained_on_rounded_images():
    from assets import forgeries

    examiner, gan = map(inspect.getsource, (forgeries.train_examiner, forgeries.train_in_stages))
    assert examiner.count("in_grey_levels") == 2 and "in_grey_levels" not in gan
    assert forgeries.EXAMINER_STEPS == 3000
    assert forgeries.STAGES == {"early": 150, "middle": 1000, "late": 12_000}
    assert (
        "150, 1,000 and 12,000 training steps" in TEXT and GREY_STEP * 15 == 255
    )  # sixteen grey levels


def test_the_map_links_to_all_lessons():
    for number in range(1, 16):
        written = list((ROOT / "notebooks").glob(f"{number:02d}_*.ipynb"))
        linked = re.findall(rf"\[{number:02d}\]\((\w+)\.ipynb\)", TEXT)
        assert linked and linked == [path.stem for path in written], number


def test_the_stored_notebook_reads_without_a_kernel():
    (picture,) = LESSON.pictures()
    assert "14 judged" in alt(picture) and "".join(picture["data"]["text/plain"]) == alt(picture)


def test_lesson_00_loads_no_torch():
    code = (
        "import sys\nfrom gan_lesson.lessons import lesson_00\nfrom gan_lesson import self_check\n"
        "lesson_00.ForgeryGame(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# --- predictions and exercises ----------------------------------------------------------------


@pytest.mark.parametrize(
    "ask, right",
    [
        (questions.ask_always_half, 0.69),
        (questions.ask_always_half, 0.70),
        (questions.ask_logarithm, 2 * -0.693),
        (questions.ask_chain_rule, 6.0),
        (questions.ask_expectation, 1.4),
    ],
)
def test_numbers_to_predict_are_right_where_they_should_be(ask, right):
    question = lock_and_reveal(ask(), right)
    assert question.row["right"], question.row


def test_the_examiner_pays_more_than_always_one_half_on_the_middle_forgeries():
    question = lock_and_reveal(questions.ask_examiner(), "more than 0.69")
    assert question.row["right"]


def test_autograd_says_what_the_self_test_says():
    import torch

    w = torch.tensor(1.0, requires_grad=True)
    ((3 * w - 2) ** 2).backward()
    assert w.grad.item() == 6.0 and w.item() == 1.0


# --- the machine ------------------------------------------------------------------------------


def test_the_self_check_says_of_each_requirement_what_it_is_for():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert list(self_check.PURPOSES) == [re.match(r"[\w-]+", x)[0] for x in lines if x[0] != "#"]


def test_the_self_check_names_what_is_missing_in_plain_words(monkeypatch, capsys):
    def pretend(name):
        if name == "torch":
            raise self_check.PackageNotFoundError(name)
        return {"numpy": "1.26.4", "ipywidgets": "9.0.0"}.get(name, "999.0")

    monkeypatch.setattr(self_check, "version", pretend)
    missing = self_check.whats_missing()
    assert [sentence.split()[0] for sentence in missing] == ["ipywidgets", "numpy", "torch"]
    self_check.self_check()
    told = capsys.readouterr().out
    assert "torch is not installed" in told and "numpy is 1.26.4, older than 2.0" in told
    assert "ipywidgets is 9.0.0; the lessons are made for versions below 9." in told
    monkeypatch.setattr(self_check, "version", lambda name: "8.1.9")
    wanted = ["ipywidgets<9,>=7.7", 'ruff>=0.9; extra == "test"']
    monkeypatch.setattr(self_check, "requires", lambda package: wanted)
    self_check.self_check()
    assert "Nothing is missing" in capsys.readouterr().out
    monkeypatch.setattr(self_check, "requires", lambda package: pretend("torch"))
    assert "not installed" in self_check.whats_missing()[0]
