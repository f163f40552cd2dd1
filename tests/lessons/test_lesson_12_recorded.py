"""What ships for lesson 12: both nets draw digits, and the tables count what they draw."""

import itertools

import numpy as np
import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import load_digits
from gan_lesson.lessons import lesson_12
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
@pytest.mark.parametrize("styles", ["BAA", "ABA", "AAB", "BBA"])
@pytest.mark.parametrize("start", ["linear", "constant"])
def test_the_shares_of_changed_digits_are_those_of_the_table(sources, start, styles):
    G, w, noise = sources[start]
    of_top, seen, of_side = (read(mixed(G, w, its, noise)) for its in ("AAA", styles, "BBB"))
    changed = seen != of_top
    shares = [float(which.float().mean()) for which in (changed, changed & (seen == of_side))]
    row = SCORES[start, styles, 1.0, 1.0]
    assert shares == pytest.approx([row.changed, row.side], abs=ROUNDED)


def test_a_row_holds_the_scores_of_its_images(sources):
    G, w, noise = sources["linear"]
    w = {letter: truncate(its, mean_w(G), 0.5) for letter, its in w.items()}
    images = mixed(G, w, "ABA", 0 * noise)
    row = SCORES["linear", "ABA", 0.5, 0.0]
    assert float((images + 1).mean() / 2) == pytest.approx(row.ink, abs=1e-3)
    assert precision_recall(REAL[::2], features(images)) == pytest.approx(row[-2:], abs=0.01)


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


NAMES = {"layer 1": "BAA", "layer 2": "ABA", "layer 3": "AAB", "layers 1 and 2": "BBA"}


def test_the_text_has_the_shares_of_changed_digits_from_the_table():
    def of_hundred(share):
        return f"{100 * share:.0f}" if share > 0.01 else "under 1"

    shares = {key[:2]: row for key, row in SCORES.items() if key[2:] == (1.0, 1.0)}
    for name, styles in NAMES.items():
        cells = [name]
        for start in ("linear", "constant"):
            row = shares[start, styles]
            cells += [of_hundred(row.changed), of_hundred(row.side)]
        assert f"| {' | '.join(cells)} |" in LESSON.text
    spoilt, linear = shares["constant", "AAB"], shares["linear", "AAB"]
    assert spoilt.changed > 2 * linear.changed
    for start in STARTS:
        first, *others = (shares[start, styles].changed for styles in ("BAA", "ABA", "AAB"))
        assert first > max(others), "the prediction's truth"
        assert shares[start, "BBB"].changed == pytest.approx(0.9, abs=0.01)
        assert shares[start, "BBB"].side == shares[start, "BBB"].changed
    assert spoilt.side / spoilt.changed == pytest.approx(0.1, abs=0.005), "as chance would"
    told = f"Layer 3 changes {100 * spoilt.changed:.0f} digits there, and only "
    assert f"{told}{100 * spoilt.side:.0f} of them become the side's" in LESSON.text
    for start in STARTS:  # "decides": more than half of the changed ones show the side's
        decide = {s for (net, s), row in shares.items() if net == start and "A" in s and "B" in s
                  and row.side > row.changed / 2}  # fmt: skip
        assert decide == ({"BBA"} if start == "constant" else {"BAA", "BAB", "BBA"})
    all_three = shares["linear", "BBB"].changed, shares["constant", "BBB"].changed
    assert "90 digits change" in LESSON.text and {round(100 * one) for one in all_three} == {90}
    others = [shares["constant", styles] for styles in ("BAB", "ABB")]
    pairs = [round(100 * share) for row in others for share in (row.side, row.changed)]
    said = "layers 1 and 3 together give {} of {}, and layers 2 and 3 give {} of {}."
    assert said.format(*pairs) in LESSON.text
    assert "50 of its 85 show the side's digit" in LESSON.text and "65 of 88." in LESSON.text
    kept = 100 - round(100 * linear.changed)
    assert f"keeps {kept} digits of 100 when only layer 3 is swapped" in LESSON.text
    first = [round(100 * shares[start, "BAA"].changed) for start in ("linear", "constant")]
    told = f"changes {first[0]} digits of 100 with the linear start, and {first[1]} with"
    assert told in lesson_12.ask_which_layer.why
    of_first = {start: shares[start, "BAA"].side / shares[start, "BAA"].changed for start in STARTS}
    assert of_first["linear"] == pytest.approx(0.6, abs=0.03)
    assert of_first["constant"] == pytest.approx(0.25, abs=0.02)


def test_what_the_text_says_of_truncation_follows_from_its_table():
    at = list(ways.PSIS).index(0.4)
    lines = {
        "lesson 06's net, z shrunk": ("fully connected", ways.SHRUNK),
        "linear start, z shrunk": ("linear", ways.SHRUNK),
        "linear start, w to its mean": ("linear", ways.TO_MEAN),
        "constant start, z shrunk": ("constant", ways.SHRUNK),
        "constant start, w to its mean": ("constant", ways.TO_MEAN),
    }
    for name, key in lines.items():
        scores = TRUNCATION[key]
        cells = [f"{column[-1]:{form}} → {column[at]:{form}}"
                 for column, form in ((scores.precision, ".2f"), (scores.recall, ".2f"),
                                      (scores.distance, ".0f"))]  # fmt: skip
        assert f"| {name} | {' | '.join(cells)} |" in LESSON.text
    distance = {key: scores.distance[at] for key, scores in TRUNCATION.items()}
    assert distance["linear", ways.TO_MEAN] > 2 * distance["linear", ways.SHRUNK]
    alike = distance["constant", ways.TO_MEAN], distance["constant", ways.SHRUNK]
    assert alike[0] == pytest.approx(alike[1], rel=0.03)
    for net in ("fully connected", "linear", "constant"):  # cutting off is as shrinking
        cut, shrunk = TRUNCATION[net, ways.CUT_OFF], TRUNCATION[net, ways.SHRUNK]
        assert cut.precision == pytest.approx(shrunk.precision, abs=0.015)
        assert cut.distance == pytest.approx(shrunk.distance, rel=0.03)
        away = np.abs(cut.recall - shrunk.recall)
        if net == "fully connected":
            assert f"keeps a recall of {cut.recall[at]:.2f}" in LESSON.text
            away[at] = 0  # the exception
        assert away.max() < 0.02
    pulled, shrunk = TRUNCATION["constant", ways.TO_MEAN], TRUNCATION["constant", ways.SHRUNK]
    told = f"more recall: {pulled.recall[at]:.2f}, and not {shrunk.recall[at]:.2f}"
    assert told in LESSON.text
    first, constant = TRUNCATION["fully connected", ways.SHRUNK], pulled
    assert constant.distance[-1] < first.distance[-1]
    assert constant.recall[-1] < first.recall[-1] / 2
    assert "it rises three times, stays once, and falls once" in LESSON.text
    rises = [round(TRUNCATION[key].precision[at], 2) - round(TRUNCATION[key].precision[-1], 2)
             for key in lines.values()]  # fmt: skip
    assert sorted(np.sign(np.round(rises, 3))) == [-1, 0, 1, 1, 1]
    for scores in TRUNCATION.values():  # ψ from small to 1
        assert (np.diff(scores.recall) > 0).all() and (np.diff(scores.distance) < 0).all()
    rose = [scores.precision[at] > scores.precision[-1] for scores in TRUNCATION.values()]
    assert 0.5 < np.mean(rose) < 1
    assert TRUNCATION["fully connected", ways.SHRUNK].largest[at] == pytest.approx(0.47, abs=0.01)


def test_pulling_w_leaves_strokes_black_that_shrinking_z_turns_grey():
    G = load_generator("linear")
    z = G.sample_z(2000, torch.Generator().manual_seed(1))
    with torch.no_grad():
        w, noise, mean = G.mapping(z), G.noise(z), G.mapping(z).mean(dim=0, keepdim=True)
        narrower = G.mapping(0.4 * z), mean + 0.4 * (w - mean), w
        images = [G.synthesis([styles] * 3, noise) for styles in narrower]
    grey = [100 * float(((x > -0.8) & (x < 0.5)).sum() / (x > -0.8).sum()) for x in images]
    said = "Of the pixels with ink, {:.0f} % are grey with z shrunk, and {:.0f} % with w pulled. "
    assert (said + "At ψ = 1 it is {:.0f} %.").format(*grey) in LESSON.text


def test_the_text_says_how_many_weights_each_net_has():
    assert "many weights: this net has 196,000, and the other 46,000" in LESSON.text
    assert "48 maps of 7 × 7 numbers from the 64 numbers of w" in LESSON.text
    linear = load_generator("linear").layers[0].layer.linear
    assert linear.weight.shape == (48 * 7 * 7, 64)
    for start, said in (("linear", 196_000), ("constant", 46_000)):
        n = sum(p.numel() for p in load_generator(start).parameters())
        assert round(n, -3) == said
