"""Scores of samples in the plane: published figures, exact cases, and how to cheat each one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from gan_lesson.data import grid, ring
from gan_lesson.metrics import ModeScores, jsd_on_grid, mode_scores, reference_scores

GRID, RING = grid().centres.numpy(), ring().centres.numpy()
GRID_SD, RING_SD = 0.05, 0.01


def perfect(centres, sd, n, seed=0):
    draw = np.random.default_rng(seed)
    return centres[draw.integers(len(centres), size=n)] + sd * draw.normal(size=(n, 2))


# --- the reference rows ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("centres", "sd", "reverse_kl"), [(GRID, GRID_SD, 0.005), (RING, RING_SD, 0.0014)]
)
def test_a_perfect_sampler_scores_what_the_formulas_say(centres, sd, reverse_kl):
    row = reference_scores(centres, sd, n=2500, repeats=100)["perfect sampler"]
    assert row.modes == row.fair_modes == len(centres)
    assert row.high_quality == pytest.approx(1 - math.exp(-4.5), abs=5e-4)
    assert row.reverse_kl == pytest.approx(reverse_kl, abs=5e-4 if centres is GRID else 2e-4)
    # to leading order the KL divergence of counts from equal shares is (k - 1) / 2n
    assert row.reverse_kl == pytest.approx((len(centres) - 1) / 5000, rel=0.1)
    truncated = 1 - 4.5 * math.exp(-4.5) / (1 - math.exp(-4.5))
    assert truncated == pytest.approx(0.949, abs=5e-4)
    assert row.covariance_ratio == pytest.approx(truncated, abs=3e-3)


def test_uniform_noise_captures_modes_and_nothing_else():
    row = reference_scores(GRID, GRID_SD, n=2500, repeats=60)["uniform noise"]
    assert row.modes == pytest.approx(20.7, abs=0.5)
    assert row.high_quality == pytest.approx(0.0177, abs=5e-4)  # 25 discs of radius .15 in 100
    assert row.fair_modes == 0
    many = reference_scores(GRID, GRID_SD, n=10_000, repeats=30)["uniform noise"]
    assert many.modes == pytest.approx(24.98, abs=0.06)


def test_a_plain_circle_captures_the_whole_ring():
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 500_000)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    scores = [mode_scores(part, RING, RING_SD) for part in np.split(circle, 200)]
    modes, fair, high_quality, reverse_kl, _ = np.mean(scores, axis=0)
    assert modes == 8
    assert high_quality == pytest.approx(8 * 4 * math.asin(0.015) / (2 * np.pi), abs=1e-3)
    assert high_quality == pytest.approx(0.076, abs=1e-3)
    assert reverse_kl == pytest.approx(0.019, abs=2e-3)
    assert fair < 1


def test_points_on_the_centres_beat_a_perfect_sampler_in_quality_but_have_no_variance():
    cheat = mode_scores(np.repeat(GRID, 100, axis=0), GRID, GRID_SD)
    assert cheat == ModeScores(25, 25, 1.0, 0.0, 0.0)


def test_a_single_perfect_mode_cheats_quality_and_variance_but_not_the_reverse_kl():
    one = mode_scores(perfect(GRID[:1], GRID_SD, 2500), GRID, GRID_SD)
    assert (one.modes, one.fair_modes) == (1, 1)
    assert one.high_quality > 0.98
    assert one.covariance_ratio == pytest.approx(0.949, abs=0.05)
    assert one.reverse_kl == pytest.approx(math.log(25))


# --- the definitions -----------------------------------------------------------------------------


def test_three_sds_is_the_border_and_the_fair_share_a_fifth():
    centres = np.array([[0.0, 0.0], [100.0, 0.0]])
    # 50 samples: a fair share is 50 / (5 * 2) = 5 high-quality ones
    x = np.zeros((50, 2))
    x[:4] = [100.0, 2.99]
    x[4] = [100.0, 3.01]
    scores = mode_scores(x, centres, 1.0)
    assert scores.modes == 2
    assert scores.fair_modes == 1
    assert scores.high_quality == 49 / 50
    x[4] = [100.0, 2.99]
    assert mode_scores(x, centres, 1.0).fair_modes == 2


@given(st.lists(st.integers(0, 30), min_size=2, max_size=9).filter(lambda c: sum(c) > 1))
def test_the_reverse_kl_is_scipys_entropy_against_equal_shares(counts):
    k = len(counts)
    centres = np.arange(k)[:, None] * 10.0
    got = mode_scores(np.repeat(centres, counts, axis=0), centres, 1.0)
    assert got.reverse_kl == pytest.approx(entropy(counts, np.ones(k)), abs=1e-12)
    assert got.modes == sum(c > 0 for c in counts)


def test_the_variance_is_taken_around_each_modes_own_mean():
    draw = np.random.default_rng(1)
    x = np.concatenate([c + [0.2, 0] + 0.1 * draw.normal(size=(400, 2)) for c in GRID])
    scores = mode_scores(x, GRID, 0.3)  # all within 3 sd; a shift is not variance
    assert scores.high_quality == 1
    by_mode = [x[i : i + 400].var(axis=0, ddof=1).mean() for i in range(0, len(x), 400)]
    assert scores.covariance_ratio == pytest.approx(np.mean(by_mode) / 0.3**2, rel=1e-12)


def test_order_shift_and_unit_do_not_matter():
    x = perfect(GRID, 0.06, 1000)
    a = mode_scores(x, GRID, GRID_SD)
    b = mode_scores(x[::-1] * 7 + 3, GRID[::-1] * 7 + 3, GRID_SD * 7)
    np.testing.assert_allclose(a, b, rtol=1e-9)


def test_far_samples_have_no_quality_and_no_reverse_kl():
    scores = mode_scores(np.full((10, 2), 50.0), GRID, GRID_SD)
    assert scores[:3] == (0, 0, 0.0)
    assert math.isnan(scores.reverse_kl)
    assert math.isnan(scores.covariance_ratio)


@pytest.mark.parametrize(
    ("samples", "centres", "sd", "names"),
    [
        (np.zeros((0, 2)), GRID, 0.1, "samples has shape"),
        (np.zeros(5), GRID, 0.1, "samples has shape"),
        (np.zeros((5, 3)), GRID, 0.1, "3 numbers each, centres 2"),
        (np.full((5, 2), np.nan), GRID, 0.1, "samples holds NaN"),
        (np.zeros((5, 2)), GRID, 0.0, "sd is 0"),
        (np.zeros((5, 2)), GRID, math.nan, "sd is nan"),
        (np.zeros((5, 2)), RING[[0, 1, 1]], 0.1, "only 2 of 3 centres"),
    ],
)
def test_mistakes_are_named(samples, centres, sd, names):
    with pytest.raises(ValueError, match=names):
        mode_scores(samples, centres, sd)


def test_the_reference_rows_name_mistakes_and_stand_a_single_mode():
    with pytest.raises(ValueError, match="repeats is 0"):
        reference_scores(GRID, GRID_SD, repeats=0)
    rows = reference_scores([[2.0, 3.0]], 0.1, n=100, repeats=1)
    assert rows["perfect sampler"].modes == 1


# --- JSD on a grid -------------------------------------------------------------------------------


def test_the_jsd_is_scipys_on_the_same_cells():
    mixture, x = grid(sd=0.4), perfect(GRID, 0.7, 500)
    edges = np.linspace(-5, 5, 8)
    q = np.histogram2d(*x.T, bins=(edges, edges))[0].ravel() / len(x)
    p = np.empty((7, 7))
    for i, j in np.ndindex(7, 7):
        box = edges[i], edges[i + 1], edges[j], edges[j + 1]

        def density(y, x):
            squared = (x - GRID[:, 0]) ** 2 + (y - GRID[:, 1]) ** 2
            return np.exp(-squared / (2 * mixture.sd**2)).mean() / (2 * np.pi * mixture.sd**2)

        p[i, j] = dblquad(density, *box, epsabs=1e-8)[0]
    p, q = (np.append(share, 1 - share.sum()) for share in (p.ravel(), q))
    expected = jensenshannon(p, np.maximum(q, 0)) ** 2
    assert jsd_on_grid(x, GRID, mixture.sd, cells=7) == pytest.approx(expected, abs=1e-6)


def test_the_jsd_orders_perfect_noise_and_nowhere():
    draw = np.random.default_rng(2)
    good = jsd_on_grid(perfect(GRID, GRID_SD, 2500), GRID, GRID_SD)
    noise = jsd_on_grid(draw.uniform(-5, 5, (2500, 2)), GRID, GRID_SD)
    assert 0 < good < 0.02 < 0.4 < noise
    assert jsd_on_grid(np.full((9, 2), 60.0), GRID, GRID_SD) == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"samples": np.zeros((4, 3))}, r"must be \(n, 2\)"),
        ({"cells": 0}, "cells is 0"),
        ({"sd": -1.0}, "sd is -1"),
    ],
)
def test_the_jsds_mistakes_are_named(changes, names):
    with pytest.raises(ValueError, match=names):
        jsd_on_grid(**{"samples": np.zeros((4, 2)), "centres": GRID, "sd": 0.05} | changes)
