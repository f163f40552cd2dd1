"""Lesson 00, can you spot the forgery: the game, and the answers of a class."""

import csv
import re

import numpy as np
import pytest
from sklearn.metrics import log_loss

from gan_lesson.lessons.lesson_00.board import TRUTH
from gan_lesson.lessons.lesson_00.forgeries import STAGES, calibration, load_forgeries
from gan_lesson.lessons.lesson_00.game import COLUMNS, ForgeryGame, deal
from gan_lesson.lessons.lesson_00.pool import pool_answers


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


@pytest.mark.parametrize("stage", STAGES)
def test_beside_the_learner_the_late_d_plays_whichever_forger_was_chosen(stage):
    game = ForgeryGame(stage=stage)
    play(game, [0.5] * 20)
    late = load_forgeries().probabilities["late"]
    assert [a.d for a in game.answers] == [late[a.source][a.image] for a in game.answers]


def test_the_module_forgery_draws_with_the_roles_colours():
    assert TRUTH == {1: ("REAL", "#0072B2"), 0: ("FORGED", "#D55E00")}
