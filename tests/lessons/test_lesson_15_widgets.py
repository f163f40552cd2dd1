"""Lesson 15's explorers: what they show is what the package computes."""

import copy
import re

import numpy as np
import pytest
from lesson_text import draws_nothing
from small_runs import same_weights

from gan_lesson.lessons.lesson_15.circles import GAMES, N_STEPS, ORDERS, PENALTIES, GamesOnAPoint
from gan_lesson.lessons.lesson_15.critic import DX, CriticExplorer, X
from gan_lesson.lessons.lesson_15.dirac import Dirac, play
from gan_lesson.lessons.lesson_15.playground import PENALTIES as PENALTIES_OF_D
from gan_lesson.lessons.lesson_15.playground import GamesPlayer
from gan_lesson.lessons.lesson_15.recorded import PLAYED, load_curves
from gan_lesson.lessons.lesson_15.transport import w1_of_densities
from gan_lesson.lessons.lesson_15.which_game import RUNS, WhichGameExplorer, levels_of

COLUMNS = ("d_real", "d_fake", "loss_d", "loss_g")


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def test_the_critic_shows_w1_and_a_slope_where_the_judge_has_none():
    explorer, told = CriticExplorer(), set()
    for mean, sd in ((-4.0, 0.3), (0.0, 1.0), (10.0, 2.0)):
        for real in ("one bump", "two bumps"):
            explorer.real.value, explorer.mean.value, explorer.sd.value = real, mean, sd
            p, q = explorer.densities()
            assert f"W1 is {w1_of_densities(p, q, DX):.3f}" in shown(explorer)
            told.add(explorer.panel.description)
    assert len(told) == 6
    explorer.real.value, explorer.mean.value, explorer.sd.value = "one bump", 8.0, 1.0
    assert "D* has the slope 0.0000, the critic −1.00" in shown(explorer)
    x, f = explorer._critic.get_data()
    inside = (x > 0) & (x < 8)
    assert np.allclose(np.diff(f[inside]) / np.diff(x[inside]), -1)
    assert np.isin(x, X).all()
    explorer.mean.value = 1.0
    x, f = explorer._critic.get_data()
    assert np.allclose(np.diff(f) / np.diff(x), -1)  # no kink where hardly any samples lie


@pytest.mark.parametrize("game", GAMES)
def test_the_orbit_is_that_of_the_chosen_game(game):
    explorer = GamesOnAPoint(game=game)
    draws_nothing(explorer.panel)
    for penalty in PENALTIES:
        for order in ORDERS:
            explorer.penalty.value, explorer.order.value = penalty, order
            path = play(Dirac(game, penalty), (1.0, 1.0), 0.2, N_STEPS, order)
            shown(explorer)
            assert np.allclose(explorer._plane.orbit[0].get_data(), np.clip(path, -1e3, 1e3).T)


def test_a_guess_is_judged_and_draws_its_chance_levels():
    explorer, curves = WhichGameExplorer(), load_curves()
    draws_nothing(explorer.panel)
    for name, game in RUNS.items():
        explorer.run.value, explorer.guess.value = name, ""
        assert "Which game is this?" in shown(explorer)
        assert np.allclose(explorer._lines[2].get_ydata(), curves.numbers[PLAYED.index(game), :, 2])
        for guess in PLAYED:
            explorer.guess.value = guess
            told = explorer.readout.value
            assert ("Right: " in told) == (guess == game)
            assert ("No. " in told) == (guess != game)
            levels = levels_of(guess)
            for line, column in zip(explorer._chance, COLUMNS, strict=True):
                assert set(line.get_ydata()) == ({levels[column]} if column in levels else set())
        for line in explorer._lines:
            low, high = line.axes.get_ylim()
            assert low <= min(line.get_ydata()) and max(line.get_ydata()) <= high


# --- the player ----------------------------------------------------------------------------------


def test_the_player_plays_what_is_chosen_and_restarts_from_the_same_networks():
    player, told = GamesPlayer(), set()
    start = copy.deepcopy(player.trainer.G)
    choices = [("hinge", penalty) for penalty in PENALTIES_OF_D]
    choices += [(game, "R1 + R2") for game in PLAYED if game != "hinge"]
    for game, penalty in choices:
        player.game.value, player.penalty.value = game, penalty
        trainer = player.trainer
        assert (trainer.step, trainer.loss) == (0, game)
        assert same_weights(trainer.G, start)
        due = {"r1_gamma": 0.0, "gp_weight": 0.0, **PENALTIES_OF_D[penalty]}
        assert {name: getattr(trainer, name) for name in due} == due
        trainer.burst(3)  # a tick of a busy machine may be one step, which no penalty changes yet
        player.play.value += 1
        assert trainer.step > 3 and f"Step {trainer.step:,}" in player.panel.description
        assert "of 8 modes" in player.status.value
        told.add(trainer.history["loss_d"][-1])
    assert len(told) == len(choices)
    player.d_steps.value = 5
    assert player.trainer.d_steps == 5 and "5 steps of D" in player.notice.value


def test_the_players_axes_and_words_are_those_of_its_game():
    player = GamesPlayer("non_saturating")
    player.play.value += 1
    assert "D(x) = " in player.status.value
    player.game.value = "hinge"
    player.play.value += 1
    assert "f(x) = " in player.status.value and "D(x)" not in player.status.value
    labels = [axes.get_ylabel() for axes in player.panel.figure.axes]
    assert labels[1:] == ["score of D", "loss (units of the score, sum)"]
    with pytest.raises(ValueError, match="game is 'wgan'"):
        GamesPlayer("wgan")
    with pytest.raises(ValueError, match="penalty is 'R3'"):
        GamesPlayer(penalty="R3")


def test_the_player_plays_the_tables_games():
    from assets.games import RATE, WIDTH, N, side_by_side  # tools, as in tests/core/test_bank.py

    player = GamesPlayer("relativistic", "R1 + R2")
    of_table = side_by_side(
        player.trainer.data, [0], loss="relativistic", **PENALTIES_OF_D["R1 + R2"]
    )
    assert (player.trainer.batch_size, player.trainer.lr_d) == (N, RATE) == (100, 2e-3)
    assert WIDTH == of_table.D.net.weights[1].shape[-1]
    for trainer in (player.trainer, of_table):
        trainer.burst(5)
    theirs = of_table.history["loss_d"]
    assert player.trainer.history["loss_d"] == pytest.approx(theirs, abs=1e-4)
