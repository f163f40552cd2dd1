"""What ships for lesson 12: both nets draw digits, and the tables count what they draw."""

import itertools

import numpy as np
import pytest
import torch
from lesson_text import LessonText

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

LESSON = LessonText("12_style")
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
    said = {"constant": 12.6, "linear": 4.4}[start]
    assert digit_distance(x) == pytest.approx(said, abs=0.1)
    assert class_shares(x).min() > 0.07
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


# --- what the text says of the tables ------------------------------------------------------------


def test_the_text_has_the_shares_of_changed_digits_from_the_table():
    shares = {
        start: [round(100 * SCORES[start, styles, 1.0, 1.0].changed)
                for styles in ("BAA", "ABA", "AAB")]
        for start in STARTS
    }  # fmt: skip
    (linear, constant) = shares["linear"], shares["constant"]
    for words in (
        f"{linear[0]} of 100 with the linear start, and {constant[0]} with the constant one",
        f"The second layer alone changes {linear[1]} and {constant[1]} of 100",
        f"With the linear start it changes {linear[2]} of 100",
        f"With the constant start it turns {constant[2]} of 100 into others",
    ):
        assert words in LESSON.text
    assert constant[2] > 2 * linear[2], "the prediction's truth"
    assert linear[0] > max(linear[1:]), "the other prediction's"
    for start in STARTS:
        assert SCORES[start, "BBB", 1.0, 1.0].changed == pytest.approx(0.9, abs=0.01)


def test_what_the_start_alone_changes_becomes_bs_digit_or_not(sources):
    share = {}
    for start, (G, w, noise) in sources.items():
        a, swapped, b = (read(mixed(G, w, its, noise)) for its in ("AAA", "BAA", "BBB"))
        changed = swapped != a
        share[start] = float((swapped == b)[changed].float().mean())
    assert share["linear"] > 0.53 and share["constant"] == pytest.approx(0.25, abs=0.02)


def test_what_the_text_says_of_truncation_follows_from_its_table():
    at = list(ways.PSIS).index(0.4)
    distance = {key: scores.distance[at] for key, scores in TRUNCATION.items()}
    for start, words in (("linear", "it is {:.0f} against {:.0f}"),
                         ("constant", "about the same, {:.0f} and {:.0f}")):  # fmt: skip
        pair = distance[start, ways.TO_MEAN], distance[start, ways.SHRUNK]
        assert words.format(*pair) in LESSON.text
    precision = TRUNCATION["linear", ways.TO_MEAN].precision
    assert f"lowers precision from {precision[-1]:.2f} to {precision[at]:.2f}" in LESSON.text
    for scores in TRUNCATION.values():  # ψ from small to 1
        assert (np.diff(scores.recall) > 0).all() and (np.diff(scores.distance) < 0).all()
    rose = [scores.precision[at] > scores.precision[-1] for scores in TRUNCATION.values()]
    assert 0.5 < np.mean(rose) < 1
    fully = TRUNCATION["fully connected", ways.SHRUNK]
    assert f"from {fully.precision[-1]:.2f} to {fully.precision[at]:.2f} at ψ = 0.4" in LESSON.text
    assert fully.largest[at] == pytest.approx(0.47, abs=0.01)
