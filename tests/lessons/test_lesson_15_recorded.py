"""Lesson 15's recorded tables, on the ring and on digits, and how they are made."""

import numpy as np
import pytest
import torch
from small_runs import same_weights

from gan_lesson.data import load_digits, ring
from gan_lesson.lessons.lesson_15.recorded import PLAYED, load_digits_table, load_table
from gan_lesson.lessons.lesson_15.table import show_games_on_digits, show_table
from gan_lesson.metrics import REAL_AGAINST_REAL, reference_scores
from gan_lesson.networks import small_pair
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer, adam

OTHERS = [game for game in PLAYED if game != "wasserstein"]
PENALTIES = ("none", "R1 + R2", "GP, λ = 1", "GP, λ = 0.1")
LINES = [(game, 1) for game in PLAYED] + [("wasserstein", 5)]
K = {"ring": 8, "grid": 25}


@pytest.fixture(scope="module")
def tables():
    """The recorded rows by set, and then by game, steps of D and penalty."""
    found = {name: {} for name in K}
    for row in load_table():
        found[row["data"]][row["game"], row["d_steps"], row["penalty"]] = row
    return {name: rows for name, rows in found.items() if len(rows) > 2}


@pytest.fixture(scope="module")
def ring_table(tables):
    return {key: row for key, row in tables["ring"].items() if row["penalty"]}


def test_every_game_has_the_same_seconds_with_every_penalty_and_ten_seeds(tables):
    for rows in tables.values():
        played = [row for row in rows.values() if row["penalty"]]
        assert {(row["game"], row["d_steps"], row["penalty"]) for row in played} == {
            (*line, penalty) for line in LINES for penalty in PENALTIES
        }
        assert {row["seeds"] for row in played} == {10}
        seconds = [row["seconds"] for row in played]
        assert max(seconds) < 1.06 * min(seconds)


def test_floor_and_ceiling_stand_below_each_table_and_are_the_packages(tables):
    from assets.games import sets  # tools, as in tests/core/test_bank.py

    for name, rows in tables.items():
        data = sets()[name]
        references = reference_scores(data.centres.numpy().astype(float), data.sd)
        for who, scores in references.items():
            (row,) = (row for row in rows.values() if row["game"] == who)
            assert row["modes"] == pytest.approx(scores.modes, rel=1e-3)
            assert row["high_quality"] == pytest.approx(scores.high_quality, rel=1e-3)


def test_what_is_printed_is_what_was_recorded(tables, capsys):
    for name, rows in tables.items():
        show_table(name)
        told = capsys.readouterr().out
        assert told.startswith(f"{name} of {K[name]}: 10 seeds, ")
        for row in rows.values():
            assert f"{row['modes']:.1f}" in told
            if row["penalty"]:
                assert f"{row['high_quality']:.0%} ± {row['high_quality_se']:3.0%}" in told
        for scores in (("modes", "good"), ("fair",)):
            show_table(name, scores)
            part = capsys.readouterr().out
            lines = set(part.splitlines()) & set(told.splitlines())
            assert len(lines) >= 1 + len(scores) * (1 + len(LINES))
            assert ("fair" in part) == ("good" not in part) == (scores == ("fair",))
    with pytest.raises(ValueError, match="data is 'circle'"):
        show_table("circle")
    with pytest.raises(ValueError, match="a score is 'quality'"):
        show_table(scores=("quality",))


def test_what_the_lesson_says_of_the_columns_is_so(ring_table):
    def least(penalty, games=PLAYED):
        return {game: ring_table[game, 1, penalty]["least_modes"] for game in games}

    assert set(least("none", OTHERS).values()) == {8}  # ring 8/8 for at least three games
    assert least("none")["wasserstein"] == 2
    assert least("R1 + R2") == dict.fromkeys(PLAYED, 8) | {"hinge": 3, "wasserstein": 3}
    turns = [
        ring_table[game, 1, penalty]["steps"] / ring_table[game, 1, "none"]["steps"]
        for game in PLAYED
        for penalty in PENALTIES[1:]
    ]
    assert 0.645 < min(turns) and max(turns) < 0.755  # "65 to 75 % as many turns"
    for game in OTHERS:
        quality = [ring_table[game, 1, penalty]["high_quality"] for penalty in PENALTIES[:2]]
        assert 0.065 < quality[0] - quality[1] < 0.105
    assert set(least("GP, λ = 1").values()) == {0}
    assert all(ring_table[game, 1, "GP, λ = 1"]["modes"] < 2.5 for game in PLAYED)
    assert ring_table["wasserstein", 1, "GP, λ = 1"]["modes"] == pytest.approx(1, abs=0.3)
    lost = ring_table["wasserstein", 1, "GP, λ = 0.1"]  # the claim on collapse
    assert (lost["modes"], lost["least_modes"]) == (4.4, 1)
    held = [game for game, modes in least("GP, λ = 0.1").items() if modes == 8]
    assert held == ["least_squares", "relativistic"]
    assert all(ring_table[game, 1, "R1 + R2"]["modes"] > 7 for game in OTHERS)
    alone, held = (ring_table["wasserstein", 1, penalty] for penalty in PENALTIES[:2])
    gained, error = held["modes"] - alone["modes"], np.hypot(held["modes_se"], alone["modes_se"])
    assert error < gained < 2 * error  # "more on average", and "too few to be sure"


def test_some_games_are_no_better_than_noise_with_the_penalty(tables, ring_table):
    (noise,) = (row for key, row in tables["ring"].items() if key[0] == "uniform noise")
    assert (noise["modes"], noise["fair_modes"]) == (8, 0)
    assert noise["high_quality"] == pytest.approx(0.09, abs=0.005)
    heavy = [ring_table[game, 1, "GP, λ = 1"]["high_quality"] for game in PLAYED]
    assert sum(share < noise["high_quality"] + 0.005 for share in heavy) == 3


def test_five_steps_of_d_keep_the_ring_whatever_is_added(ring_table):
    for penalty in PENALTIES:
        five, one = (ring_table["wasserstein", n, penalty] for n in (5, 1))
        assert five["least_modes"] == 8
        assert five["steps"] < one["steps"] / 3
    of_five = [ring_table["wasserstein", 5, p]["high_quality"] for p in PENALTIES]
    others = [ring_table[game, 1, "none"]["high_quality"] for game in OTHERS]
    ends = [f"{100 * end:.0f}" for each in (of_five, others) for end in (min(each), max(each))]
    assert ends == ["31", "40", "58", "67"]
    played = [ring_table[game, 1, p]["steps"] for game in PLAYED for p in PENALTIES]
    of_five = [ring_table["wasserstein", 5, p]["steps"] for p in PENALTIES]
    assert (min(played), max(played), min(of_five), max(of_five)) == (1190, 2040, 350, 630)


def test_five_steps_of_d_lose_modes_of_the_grid(tables):
    rows = [row for key, row in tables["grid"].items() if key[:2] == ("wasserstein", 5)]
    assert len(rows) == len(PENALTIES) and max(row["modes"] for row in rows) < 23


def test_what_the_lesson_says_of_the_grid_is_so(tables):
    grid = {key: row for key, row in tables["grid"].items() if row["penalty"]}
    of = {key[0]: row for key, row in tables["grid"].items() if not row["penalty"]}
    noise, perfect = of["uniform noise"], of["perfect sampler"]
    assert noise["modes"] == pytest.approx(20.75) and perfect["modes"] == 25
    assert round(100 * noise["high_quality"]) == 2 and round(100 * perfect["high_quality"]) == 99
    assert max(row["high_quality"] for row in grid.values()) < 0.19
    assert all(grid[game, 1, "GP, λ = 1"]["modes"] < noise["modes"] for game in PLAYED)
    assert all(grid["wasserstein", 5, penalty]["modes"] > noise["modes"] for penalty in PENALTIES)
    assert {round(row["seconds"]) for row in grid.values()} == {60}
    assert {round(row["seconds"]) for row in tables["ring"].values() if row["penalty"]} == {6}


def test_the_tables_games_are_the_trainers_and_each_seed_plays_alone():
    from assets.games import Many, side_by_side  # tools, as in tests/core/test_bank.py

    data = ring(sd=0.05)
    one = side_by_side(data, [3], loss="hinge", gp_weight=0.5, r1_gamma=0.1)
    G, D = small_pair(2, seed=3)
    rates = {"optimizer_g": adam(G.parameters(), 2e-3), "optimizer_d": adam(D.parameters(), 2e-3)}
    plain = Trainer(G, D, data, batch_size=100, loss="hinge", gp_weight=0.5, r1_gamma=0.1, **rates)
    for trainer in (one, plain):
        trainer.burst(10)
    assert one.history["loss_d"] == pytest.approx(plain.history["loss_d"], abs=1e-4)
    assert one.history["loss_g"] == pytest.approx(plain.history["loss_g"], abs=1e-4)
    x = torch.randn(450, 2)
    three = Many([small_pair(2, seed=seed)[1].net for seed in (0, 1, 2)], n=100)
    nets = [small_pair(2, seed=seed)[1].net for seed in (0, 1, 2)]
    with torch.no_grad():
        wanted = torch.cat([nets[(i // 100) % 3](x[i : i + 1]) for i in range(450)])
        torch.testing.assert_close(three(x), wanted, rtol=1e-4, atol=1e-5)


def test_rows_are_played_for_the_same_seconds_with_rates_that_fall_to_0(monkeypatch):
    from assets import games

    now = iter(np.arange(1, 10**6) / 1000)  # each look at the clock costs a thousandth
    monkeypatch.setattr(games.time, "process_time", lambda: next(now))
    seen = []

    class Played:
        lr_d, lr_g, step = 4.0, 2.0, 0

        def burst(self, n):
            seen.append((self.lr_d, self.lr_g))
            self.step += n

    rows = [Played(), Played()]
    assert games.play_in_turns(rows, 0.4, burst=3) == pytest.approx([0.4, 0.4], abs=0.002)
    assert rows[0].step == rows[1].step >= 3 * games.PARTS
    assert seen[0] == (4.0, 2.0) and seen[-1] == pytest.approx((4 / games.PARTS, 2 / games.PARTS))
    assert all(d == 2 * g for d, g in seen)


@pytest.mark.parametrize("name", K)
def test_a_set_that_is_played_anew_gives_the_rows_that_ship(name):
    from assets.games import play_set, sets

    rows = [("hinge", 1, "none"), ("wasserstein", 5, "GP, λ = 0.1")]
    played = play_set(name, range(2), seconds=0.1, rows=rows)
    assert list(played[0]) == list(load_table()[0])
    assert [(row["game"], row["d_steps"], row["penalty"]) for row in played] == rows
    for row in played:
        assert row["data"] == name and row["seeds"] == 2 and row["steps"] >= 10
        assert 0 <= row["least_modes"] <= row["modes"] <= K[name] and row["seconds"] >= 0.1
    assert float(sets()[name].centres.abs().max()) == 1.0


# --- digits --------------------------------------------------------------------------------------


def test_all_recipes_on_digits_have_the_same_seconds_and_seeds():
    *played, floor = load_digits_table()
    assert floor["recipe"] == "real digits"
    assert floor["distance"] == pytest.approx(REAL_AGAINST_REAL, rel=1e-3)
    seeds = {}
    for row in played:
        seeds.setdefault(row["recipe"], []).append(row["seed"])
        assert row["seconds"] == pytest.approx(60, abs=1)
        assert row["distance"] > floor["distance"] and 0 < row["rarest"] < 0.1
    names = "logistic, R1", "logistic, R1 + R2", "relativistic, R1 + R2"
    assert seeds == dict.fromkeys(names, [0, 1, 2, 3, 4])


def test_what_the_lesson_says_of_digits_is_so(capsys):
    played = load_digits_table()[:-1]
    names = list(dict.fromkeys(row["recipe"] for row in played))
    recipe, both, pairs = (
        np.array([row["distance"] for row in played if row["recipe"] == name]) for name in names
    )
    gaps = pairs - both
    assert 1 < gaps.min() and gaps.max() < 5
    steps = [np.array([r["steps"] for r in played if r["recipe"] == name]) for name in names]
    assert (steps[2] < steps[1]).all()
    assert (both < recipe).sum() == 3
    assert abs((both - recipe).mean()) < 2 * (both - recipe).std(ddof=1) / len(both) ** 0.5
    show_games_on_digits()
    told = capsys.readouterr().out
    for value in (*recipe, *both, *pairs):
        assert f"{value:.1f}" in told
    assert f"{gaps.mean():+.1f} ± " in told


def test_the_first_recipe_is_lesson_06s_and_the_others_start_from_the_same_weights():
    from assets.games_on_digits import RECIPES, trainer_of

    images = load_digits().train.images[:200]
    theirs = fully_connected_trainer(images, seed=4, n_steps=10**9)
    ours, both, pairs = (trainer_of(images, recipe, seed=4) for recipe in RECIPES)
    for other in (both, pairs):
        assert same_weights(ours.G, other.G) and same_weights(ours.D, other.D)
    assert (both.loss, both.r1_gamma, both.r2_gamma) == (ours.loss, 0.3, 0.3)
    assert (pairs.loss, pairs.r1_gamma, pairs.r2_gamma) == ("relativistic", 1.0, 1.0)
    for trainer in (theirs, ours):
        trainer.burst(3)
    assert ours.history["loss_d"] == pytest.approx(theirs.history["loss_d"], abs=1e-5)
