"""Lesson 15's explorers: what they show is what the package computes."""

import re

import numpy as np
import pytest

from gan_lesson.lessons.lesson_15.circles import GAMES, N_STEPS, ORDERS, PENALTIES, GamesOnAPoint
from gan_lesson.lessons.lesson_15.critic import DX, CriticExplorer, X
from gan_lesson.lessons.lesson_15.dirac import Dirac, play
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


@pytest.mark.parametrize("game", GAMES)
def test_the_orbit_is_that_of_the_chosen_game(game):
    explorer = GamesOnAPoint(game=game)
    for penalty in PENALTIES:
        for order in ORDERS:
            explorer.penalty.value, explorer.order.value = penalty, order
            path = play(Dirac(game, penalty), (1.0, 1.0), 0.2, N_STEPS, order)
            shown(explorer)
            assert np.allclose(explorer._path.get_data(), np.clip(path, -1e3, 1e3).T)


def test_a_guess_is_judged_and_draws_its_chance_levels():
    explorer, curves = WhichGameExplorer(), load_curves()
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
