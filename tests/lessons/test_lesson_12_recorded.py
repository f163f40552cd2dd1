"""What ships for lesson 12: both nets draw digits, and the tables count what they draw."""

import itertools

import numpy as np
import pytest
import torch

from gan_lesson.data import load_digits
from gan_lesson.lessons.lesson_12 import narrower as ways
from gan_lesson.lessons.lesson_12.recorded import (
    load_generator,
    load_generators,
    load_scores,
    load_truncation,
)
from gan_lesson.lessons.lesson_12.swapping import NOISES, PSIS, mixed
from gan_lesson.lessons.lesson_12.truncation import three_nets
from gan_lesson.metrics import (
    class_shares,
    digit_distance,
    features,
    load_classifier,
    precision_recall,
)
from gan_lesson.style import STARTS, mean_w, truncate

N, PAIRS = 2000, 1000
ROUNDED = (
    2 / PAIRS
)  # images near the border of two digits that another processor may read otherwise
SCORES, TRUNCATION = load_scores(), load_truncation()
REAL = features(load_digits().test.images)


@pytest.fixture(scope="module")
def sources():
    """w of 1,000 A and B of each net, and the noise of A, as the table's."""
    found = {}
    for start, G in load_generators().items():
        z = G.sample_z(2 * PAIRS, torch.Generator().manual_seed(1))
        w = G.mapping(z)
        found[start] = G, {"A": w[:PAIRS], "B": w[PAIRS:]}, G.noise(z[:PAIRS])
    return found


def read(images):
    classifier = load_classifier()
    return torch.cat([classifier(part).argmax(dim=1) for part in images.split(500)])


def test_there_is_a_row_for_each_setting_of_the_explorers():
    every = {"".join(letters) for letters in itertools.product("AB", repeat=3)}
    assert set(SCORES) == set(itertools.product(("linear", "constant"), every, PSIS, NOISES))
    for scores in TRUNCATION.values():
        assert scores.psi.tolist() == list(ways.PSIS)
    assert set(TRUNCATION) == {
        (net, way)
        for net in three_nets()
        for way in ways.WAYS
        if way != ways.TO_MEAN or net in STARTS
    }


@pytest.mark.parametrize("start", ["linear", "constant"])
def test_a_net_that_ships_draws_all_ten_digits_near_the_real_ones(start):
    G = load_generator(start)
    x = G(G.sample_z(10_000, torch.Generator().manual_seed(1)))
    assert digit_distance(x) < 50
    assert class_shares(x).min() > 0.03
    assert not any(p.requires_grad for p in G.parameters())


@pytest.mark.trains
@pytest.mark.parametrize("styles", ["BAA", "ABA", "AAB", "BBB"])
@pytest.mark.parametrize("start", ["linear", "constant"])
def test_the_share_of_changed_digits_is_that_of_the_table(sources, start, styles):
    G, w, noise = sources[start]
    before, after = (read(mixed(G, w, its, noise)) for its in ("AAA", styles))
    changed = float((before != after).float().mean())
    assert changed == pytest.approx(SCORES[start, styles, 1.0, 1.0].changed, abs=ROUNDED)


def test_a_row_holds_the_scores_of_its_images(sources):
    G, w, noise = sources["linear"]
    w = {letter: truncate(its, mean_w(G), 0.5) for letter, its in w.items()}
    images = mixed(G, w, "ABA", 0 * noise)
    row = SCORES["linear", "ABA", 0.5, 0.0]
    assert float((images + 1).mean() / 2) == pytest.approx(row.ink, abs=1e-3)
    assert precision_recall(REAL[::2], features(images)) == pytest.approx(row[2:], abs=0.01)


@pytest.mark.parametrize("way", ways.WAYS)
def test_a_place_on_the_plane_is_that_of_its_images(way):
    net = "constant" if way == ways.TO_MEAN else "fully connected"
    G = three_nets()[net]
    z = G.sample_z(N, torch.Generator().manual_seed(1))
    images = ways.narrower(G, z, way, 0.6, mean_w(G) if net == "constant" else None)
    scores = TRUNCATION[net, way]
    at = list(ways.PSIS).index(0.6)
    found = precision_recall(REAL, features(images))
    assert found == pytest.approx((scores.precision[at], scores.recall[at]), abs=0.01)
    assert digit_distance(images) == pytest.approx(scores.distance[at], rel=0.01)
    assert class_shares(images).max() == pytest.approx(scores.largest[at], abs=0.01)


def test_what_start_a_net_has_is_asked_by_name():
    with pytest.raises(ValueError, match="start"):
        load_generator("stone")
    assert np.isfinite([list(row) for row in SCORES.values()]).all()
