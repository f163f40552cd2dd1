"""Lesson 07's sets of points in the plane, and what its functions refuse (seconds)."""

import math

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons

from gan_lesson.data import from_points, grid, letters, ring, spiral, two_moons
from gan_lesson.lessons.lesson_07.playground import Playground, TwoRuns
from gan_lesson.lessons.lesson_07.smoothing import penalised_logit
from gan_lesson.recipes import plain_trainer

WIDE = ring(sd=0.05)


@pytest.mark.parametrize("make", [two_moons, spiral, lambda: letters("AB"), ring, grid])
def test_densities_of_all_sets_integrate_to_1(make):
    data = make()
    half, n = 1.3 * float(data.centres.abs().max()), 250
    line = (torch.arange(n) + 0.5) * (2 * half / n) - half
    x = torch.cartesian_prod(line, line)
    total = sum(float(data.density(part).double().sum()) for part in x.split(10_000))
    assert total * (2 * half / n) ** 2 == pytest.approx(1, abs=2e-3)


def test_the_moons_are_those_of_scikit_learn_moved_to_the_middle():
    theirs, _ = make_moons(200, shuffle=False, noise=None)
    ours = two_moons().centres.numpy()
    distance = np.linalg.norm((theirs - [0.5, 0.25])[:, None] - ours, axis=2)
    assert distance.min(axis=0).max() < 1e-5
    assert distance.min(axis=1).max() < 1e-5
    assert np.allclose(ours.mean(axis=0), 0, atol=1e-6)


def test_the_density_along_a_moon_is_even():
    data = two_moons()
    angle = torch.linspace(math.pi / 3, 2 * math.pi / 3, 997)
    p = data.density(torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=1).double())
    assert float(p.std() / p.mean()) < 1e-6


def test_the_spiral_is_evenly_spaced_and_winds_twice():
    x = spiral().centres
    gaps = x.diff(dim=0).norm(dim=1)
    assert float(gaps.max() / gaps.min()) < 1.02
    assert float(x.norm(dim=1).max()) == pytest.approx(1, abs=1e-6)
    turned = torch.atan2(x[:, 1], x[:, 0]).numpy()
    assert np.ptp(np.unwrap(turned)) == pytest.approx(0.9 * 4 * math.pi, rel=1e-3)


def test_letters_fill_their_box_and_differ():
    for text in ("AB", "i", "Żö", "Ω7", "WWWWWW"):
        data = letters(text)
        span = np.ptp(data.centres.numpy(), axis=0)
        assert span[0] <= 3 + 1e-5 and span[1] <= 2 + 1e-5
        assert max(span[0] / 3, span[1] / 2) == pytest.approx(1, abs=1e-5)
        assert np.allclose(data.centres.amax(0), -data.centres.amin(0), atol=1e-5)
    assert len(letters("i").centres) < len(letters("W").centres)
    hole = float(letters("O").density(torch.zeros(1, 2)))  # O is hollow
    assert hole < 1e-3 * float(letters("O").density(letters("O").centres[:1]))
    assert torch.equal(letters("A B").centres, letters("AB").centres)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: letters(" "), "text is ''"),
        (lambda: letters("abcdefg"), "one to six letters"),
        (lambda: letters("漢"), "'漢', which the font"),
        (lambda: letters("\u200b"), r"text (holds|is) '\\u200b'"),
        (lambda: from_points([[0.0, 1.0], [0.0, 1.0]]), "two of the points coincide"),
        (lambda: from_points([[0.0, 1.0, 2.0]]), r"points has shape \(1, 3\)"),
        (lambda: from_points([[0.0, math.nan]]), "NaN"),
        (lambda: spiral(turns=0), "turns is 0"),
        (lambda: two_moons(places=1), "places is 1"),
        (lambda: plain_trainer(WIDE, depth=3), "'depth' is no setting"),
        (lambda: Playground("donut"), "data is 'donut'"),
        (lambda: TwoRuns(change="luck"), "change is 'luck'"),
        (lambda: penalised_logit([1, 1, 1], [1, 1, 1], 1.0, 0.0), "r1_gamma is 0.0"),
    ],
)
def test_bad_input_is_named(call, names):
    with pytest.raises(ValueError, match=names):
        call()
