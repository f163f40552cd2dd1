"""Lesson 00, can you spot the forgery: every number, exercise, and the game."""

import csv
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
from gan_lesson.lessons.lesson_00.board import TRUTH
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
from gan_lesson.lessons.lesson_00.game import COLUMNS, ForgeryGame, deal
from gan_lesson.lessons.lesson_00.pool import pool_answers

ROOT = Path(__file__).parents[2]
LESSON = LessonText("00_can_you_spot_the_forgery")
TEXT = LESSON.text


@pytest.fixture(autouse=True)
def a_fast_learner(monkeypatch):
    monkeypatch.delenv("GAN_LESSON_HEADLESS", raising=False)
    monkeypatch.setattr("gan_lesson.lessons.lesson_00.game.DOUBLE_CLICK", 0.0)


def play(game, answers):
    """Give answers, one an image, by slider and button."""
    for p in answers:
        game.p.value = p
        game.button.click()
        game.button.click()


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
    assert f"{loss['late', 'late']:.2f}" == "0.62" and "pays .62" in TEXT
    assert detective_score("late", "late")[1] == pytest.approx(2 / 3, abs=0.02)
    assert loss["early", "middle"] > half
    assert f"{loss['examiner', 'middle']:.2f}" == "0.80" and "it pays .80" in TEXT
    assert f"{loss['examiner', 'late']:.2f}" == "0.10"
    said = load_forgeries().probabilities
    gap = {d: said[d]["real"].mean() - said[d]["late"].mean() for d in DETECTIVES}
    for detective in ("early", "middle"):
        assert abs(gap[detective]) < 0.015 and loss[detective, "late"] > half
    assert gap["early"] < gap["middle"] and loss["early", "late"] < loss["middle", "late"], (
        "a wider gap is cheaper as a rule, not always"
    )
    assert f"{detective_score('examiner', 'middle')[1]:.0%}" == "64%" and "64 % right" in TEXT
    assert f"{loss['late', 'middle']:.2f}" == "0.46" and "the late D, which pays .46" in TEXT
    reason = questions.ask_examiner().reason({})
    assert f"{np.mean(said['examiner']['middle'] > 0.5):.0%}" == "72%" and "72 %" in reason
    assert max(gap, key=gap.get) == min(DETECTIVES, key=lambda d: loss[d, "late"]) == "examiner"


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
    for share in (0.55, 0.7, 0.9):
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
    assert "stated at .655, cost .644" in TEXT and ".644 against .622" in TEXT
    said_as_it_is, overclaimed, decided = prices
    assert (overclaimed - decided) / (overclaimed - said_as_it_is) > 0.95  # most of that price
    assert np.mean((p > 0.25) & (p < 0.75)) == pytest.approx(7 / 8, abs=0.01)  # the teacher's


def test_the_price_falls_below_the_share_and_rises_above_it():
    c, share = sympy.symbols("c share", positive=True)
    slope = sympy.diff(-(share * sympy.log(c) + (1 - share) * sympy.log(1 - c)), c)
    assert sympy.simplify(slope - (-share / c + (1 - share) / (1 - c))) == 0
    assert sympy.simplify(slope - (c - share) / (c * (1 - c))) == 0
    assert r"\frac{c-\text{share}}{c(1-c)}" in TEXT


def test_a_dot_below_the_diagonal_is_too_high_a_probability():
    y = np.repeat([1, 0], [60, 40])
    ((said, share, _),) = calibration(np.full(100, 0.9), y)
    assert share < said and log_loss(y, np.full(100, 0.9)) > log_loss(y, np.full(100, 0.6))


@pytest.mark.parametrize("stage", STAGES)
def test_beside_the_learner_the_late_d_plays_whichever_forger_was_chosen(stage):
    game = ForgeryGame(stage=stage)
    play(game, [0.5] * 20)
    late = load_forgeries().probabilities["late"]
    assert [a.d for a in game.answers] == [late[a.source][a.image] for a in game.answers]


def test_only_the_examiner_was_trained_on_rounded_images():
    from assets import forgeries

    examiner, gan = map(inspect.getsource, (forgeries.train_examiner, forgeries.train_in_stages))
    assert examiner.count("in_grey_levels") == 2 and "in_grey_levels" not in gan
    assert forgeries.EXAMINER_STEPS == 3000
    assert forgeries.STAGES == {"early": 150, "middle": 1000, "late": 12_000}
    assert "150, 1,000 and 12,000 steps" in TEXT and GREY_STEP * 15 == 255  # sixteen grey levels


def test_the_map_links_to_the_lessons_that_exist_and_calls_the_others_in_preparation():
    for number in range(1, 14):
        written = list((ROOT / "notebooks").glob(f"{number:02d}_*.ipynb"))
        linked = re.findall(rf"\[{number:02d}\]\((\w+)\.ipynb\)", TEXT)
        assert linked == [path.stem for path in written], number
        waiting = TEXT.split("without a link are **in preparation**")[1]
        assert linked or f"| {number:02d} |" in waiting


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
        (questions.ask_logarithm, 2 * -0.693),
        (questions.ask_chain_rule, 6.0),
        (questions.ask_expectation, 1.4),
    ],
)
def test_numbers_to_predict_are_right_where_they_should_be(ask, right):
    question = lock_and_reveal(ask(), right)
    assert question.row["right"], question.row


def test_the_examiner_pays_more_than_always_one_half_on_the_middle_forgeries():
    question = lock_and_reveal(questions.ask_examiner(), "more than always ½ (.69)")
    assert question.row["right"]


def test_autograd_says_what_the_self_test_says():
    import torch

    w = torch.tensor(1.0, requires_grad=True)
    ((3 * w - 2) ** 2).backward()
    assert w.grad.item() == 6.0 and w.item() == 1.0


# --- the game ---------------------------------------------------------------------------------


def test_the_game_deals_the_same_images_to_a_class_and_none_twice():
    for stage in STAGES:
        hand = deal(7, stage, 200)
        assert hand == deal(7, stage, 200) != deal(8, stage, 200)
        assert len(set(hand)) == 200
        assert {source for source, _ in hand} == {"real", stage}
        assert deal(7, stage, 20) != deal(8, stage, 20)


def test_the_game_is_fair_half_the_images_are_real():
    real = [s == "real" for seed in range(100) for s, _ in deal(seed, "late", 20)]
    assert np.mean(real) == pytest.approx(0.5, abs=0.03)


def test_a_game_by_slider_and_button_adds_up_to_scikit_learns_log_loss():
    game = ForgeryGame(seed=3, rounds=12)
    said = np.linspace(0.05, 0.95, 12).round(2)
    play(game, said)
    y = [a.y for a in game.answers]
    assert y == [int(source == "real") for source, _ in deal(3, "late", 12)]
    assert np.mean([a.loss for a in game.answers]) == pytest.approx(log_loss(y, said))
    d = [a.d for a in game.answers]
    assert np.mean([a.d_loss for a in game.answers]) == pytest.approx(log_loss(y, d))
    assert f"{log_loss(y, said):.3f} nats" in game.readout.value
    assert "Game over" in game.readout.value and game.button.disabled
    game.lock()
    game.next()
    assert len(game.answers) == 12


def test_the_game_shows_the_truth_only_after_the_lock():
    game = ForgeryGame()
    for _ in range(5):
        for face in (game.readout.value, game.panel.description):
            assert "REAL" not in face and "FORGED" not in face
        before = game.panel.png
        game.button.click()
        assert game.panel.png != before and game.p.disabled
        word = "REAL" if game.answers[-1].y else "FORGED"
        assert word in game.panel.description and word in game.readout.value
        game.button.click()
        assert not game.p.disabled and game.p.value == 0.5


def test_a_move_that_the_click_overtook_is_what_gets_locked():
    """The slider is off after the click, so what arrives then was set before it."""
    game = ForgeryGame(seed=3, rounds=4)
    game.p.value = 0.51
    game.button.click()
    for late in (0.53, 0.55):
        game.p.value = late
        (answer,) = game.answers
        assert (answer.p, answer.round) == (late, 1)
        assert answer.loss == pytest.approx(log_loss([answer.y], [late], labels=[0, 1]))
        assert f"You said {late:.2f}" in game.readout.value and game.p.disabled
    game.button.click()
    assert len(game.answers) == 1 and not game.p.disabled
    game.p.value = 0.7
    assert [a.p for a in game.answers] == [0.55]


def test_going_back_to_a_finished_game_changes_none_of_its_answers():
    game = ForgeryGame(rounds=2)
    play(game, [0.6, 0.7])
    game.stage.value = "early"
    game.p.value = 0.9
    game.stage.value = "late"
    game.p.value = 0.8
    assert [a.p for a in game.answers] == [0.6, 0.7] and game.button.disabled


def test_the_games_slider_tells_both_prices_over_its_whole_range():
    game = ForgeryGame()
    for p in [0.01, 0.99, *np.random.default_rng(0).uniform(0.01, 0.99, 200)]:
        game.p.value = float(round(p, 2))
        real, forged = map(float, re.findall(r"(\d\.\d\d) (?:nats )?if it is", game.readout.value))
        assert real == pytest.approx(-np.log(game.p.value), abs=0.006)
        assert forged == pytest.approx(-np.log(1 - game.p.value), abs=0.006)


def test_each_forger_keeps_a_game_of_its_own():
    game = ForgeryGame(rounds=6, stage="late")
    play(game, [0.6, 0.7])
    game.stage.value = "early"
    assert game.answers == [] and "image 1 of 6" in game.panel.description
    play(game, [0.1] * 6)
    assert game.button.disabled
    game.stage.value = "late"
    assert len(game.answers) == 2 and "image 3 of 6" in game.panel.description
    assert not game.button.disabled
    game.stage.value = "early"
    assert game.button.disabled and "Game over" in game.readout.value


def test_a_dear_mistake_stays_inside_the_games_picture():
    game = ForgeryGame()
    game.p.value = 0.01 if game._present[0] == "real" else 0.99
    game.button.click()
    assert game.answers[0].loss == pytest.approx(-np.log(0.01))
    assert game._board._losses.get_ylim()[1] > game.answers[0].loss


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"seed": -1}, "seed is -1"),
        ({"seed": 0.5}, "seed is 0.5"),
        ({"rounds": 0}, "rounds is 0"),
        ({"rounds": 201}, "rounds is 201"),
        ({"stage": "best"}, "stage is 'best'"),
        ({"detective": "me"}, "detective is 'me'"),
    ],
)
def test_a_game_that_cannot_be_is_named(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        ForgeryGame(**wrong)


def test_made_up_answers_are_for_builds_alone_and_spoil_no_game(monkeypatch):
    assert ForgeryGame(preview_rounds=14).answers == []
    monkeypatch.setenv("GAN_LESSON_HEADLESS", "1")
    preview = ForgeryGame(preview_rounds=14)
    assert len(preview.answers) == 14
    shown = [(a.source, a.image) for a in preview.answers]
    assert shown == deal(1000, "late", 20)[:14]


def test_calibration_groups_and_their_shares():
    p = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    assert calibration(p, np.array([0, 1, 1, 1, 1])) == [
        (pytest.approx(0.05), 0.5, 2),
        (0.5, 1.0, 1),
        (pytest.approx(0.95), 1.0, 2),
    ]
    assert calibration(np.array([]), np.array([])) == []
    with pytest.raises(ValueError, match="no probability"):
        calibration(np.array([1.2]), np.array([1]))
    with pytest.raises(ValueError, match="shapes"):
        calibration(np.array([0.2]), np.array([1, 0]))


def test_an_honest_player_is_calibrated():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=20_000)
    for said, share, count in calibration(p, (rng.uniform(size=20_000) < p).astype(int)):
        assert share == pytest.approx(said, abs=4 * 0.5 / np.sqrt(count))


# --- answers of a class -----------------------------------------------------------------------


def test_answers_are_exported_and_pooled(tmp_path):
    paths, all_p, all_y = [], [], []
    for player in range(3):
        game = ForgeryGame(seed=0, rounds=10)
        said = np.random.default_rng(player).uniform(0.05, 0.95, 10).round(2)
        play(game, said)
        game.stage.value = "early"
        play(game, [0.2])
        paths.append(game.export_answers(tmp_path / f"answers_{player}.csv"))
        all_p += [*said, 0.2]
        all_y += [a.y for stage in ("late", "early") for a in game._answers[stage]]
    with open(paths[0], newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 11
    pooled = pool_answers(paths)
    assert (pooled.players, pooled.answers) == (3, 33)
    assert pooled.loss == pytest.approx(log_loss(all_y, all_p))
    assert sum(count for *_, count in pooled.groups) == 33
    assert f"{pooled.loss:.3f} nats" in pooled.describe()
    assert len(pooled.figure().axes) == 1


def test_a_spreadsheets_mark_at_the_start_does_no_harm(tmp_path):
    game = ForgeryGame(rounds=3)
    play(game, [0.4, 0.6, 0.7])
    path = game.export_answers(tmp_path / "a.csv")
    path.write_text(path.read_text("utf-8"), encoding="utf-8-sig")
    assert pool_answers([path]).answers == 3


@pytest.mark.parametrize(
    "change, message",
    [
        (("p", "1.5"), "line 3"),
        (("p", "nan"), "line 3"),
        (("y", "2"), "line 3"),
        (("source", "=1+1"), "line 3"),
        (("d", ""), "line 3"),
    ],
)
def test_a_line_that_no_game_wrote_is_named(tmp_path, change, message):
    game = ForgeryGame(rounds=3)
    play(game, [0.4, 0.6, 0.7])
    path = game.export_answers(tmp_path / "a.csv")
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    rows[1][change[0]] = change[1]
    if change[0] == "source":
        rows[1]["y"] = "1"
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ValueError, match=f"a.csv, {message}"):
        pool_answers([path])


def test_files_without_answers_are_named(tmp_path):
    empty = ForgeryGame().export_answers(tmp_path / "empty.csv")
    with pytest.raises(ValueError, match="no answers"):
        pool_answers([empty])
    with pytest.raises(ValueError, match="no answers"):
        pool_answers([])
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="other.csv: the first line"):
        pool_answers([other])
    with pytest.raises(OSError):
        pool_answers([tmp_path / "none.csv"])


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


def test_the_module_forgery_draws_with_the_roles_colours():
    assert TRUTH == {1: ("REAL", "#0072B2"), 0: ("FORGED", "#D55E00")}
