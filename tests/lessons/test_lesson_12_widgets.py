"""Lesson 12's explorers and player: what they show is what the package computes."""

import re

import numpy as np
import pytest
import torch

from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_12 import check_adain
from gan_lesson.lessons.lesson_12.live_run import StylePlayer, z_for_each_layer
from gan_lesson.lessons.lesson_12.narrower import PSIS, TO_MEAN, WAYS, narrower
from gan_lesson.lessons.lesson_12.recorded import load_scores, load_truncation
from gan_lesson.lessons.lesson_12.swapping import SIDES, THIRD, SwapExplorer
from gan_lesson.lessons.lesson_12.truncation import TruncationExplorer
from gan_lesson.recipes import style_trainer


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def digits_of(explorer, columns):
    """The digits on a sheet, ink as 255, row by row."""
    sheet = 255 - np.asarray(explorer._sheet.get_array())
    rows = (sheet.shape[0] + 2) // 30
    return [[sheet[30 * r : 30 * r + 28, 30 * c : 30 * c + 28] for c in range(columns)]
            for r in range(rows)]  # fmt: skip


# --- swapping ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def swap():
    return SwapExplorer()


def set_styles(explorer, styles):
    """A for the top's style, B for the side's, as in the recorded scores."""
    for switch, letter in zip(explorer.switches, styles, strict=True):
        switch.value = letter


def test_with_all_styles_of_the_top_each_column_repeats_its_top(swap):
    set_styles(swap, "AAA")
    sheet = digits_of(swap, 6)
    for row in sheet[1:]:
        for column in range(1, 6):
            assert np.abs(row[column].astype(int) - sheet[0][column]).max() <= 2
    assert not any(len(frames.get_segments()) for frames in swap._frames.values())
    read = [words.get_text() for words in swap._read.values()]
    assert all(read[5 + 6 * row + column + 1] == read[column] for row in range(5)
               for column in range(5))  # fmt: skip


@pytest.mark.parametrize("start", ["linear", "constant"])
def test_a_mixture_is_what_the_generator_makes_of_both(swap, start):
    swap.start.value = start
    set_styles(swap, "ABB")
    swap.psi.value, swap.noise.value = 1.0, 1.0
    G = swap._nets[start]
    z = G.sample_z(10, torch.Generator().manual_seed(12))
    w = G.mapping(z)
    column, row = 3, 1
    image = G.synthesis([w[column : column + 1], *[w[5 + row : 6 + row]] * 2],
                        G.noise(z[column : column + 1]))  # fmt: skip
    drawn = digits_of(swap, 6)[1 + row][1 + column].astype(int)
    assert np.abs(drawn - tensor_to_images(image)[0]).max() <= 2


def test_the_words_are_those_of_the_table_and_of_the_frames(swap):
    scores, told = load_scores(), set()
    for start in ("linear", "constant"):
        for styles, psi, noise in (("BAA", 1.0, 1.0), ("ABA", 0.5, 0.0), ("BBB", 0.7, 1.0)):
            swap.start.value = start
            set_styles(swap, styles)
            swap.psi.value, swap.noise.value = psi, noise
            linear, constant = (scores[net, styles, psi, noise] for net in ("linear", "constant"))
            words = shown(swap)
            assert f"{linear.changed:.0%} are with the linear start ({linear.side:.0%}" in words
            assert f"{constant.changed:.0%} with the constant start ({constant.side:.0%})" in words
            widths = [bar.get_width() for bar in swap._bars.values()]
            assert widths == [linear.changed, linear.side, constant.changed, constant.side]
            sides, thirds = (len(swap._frames[kind].get_segments()) for kind in (SIDES, THIRD))
            assert f"{sides + thirds} of these 25" in words and f"{sides} of them" in words
            assert f"{start.capitalize()} start, swapped: layer" in words
            told.add(words)
    assert len(told) == 6


def test_it_begins_with_the_layers_that_are_swapped_and_hides_what_is_explained_later():
    explorer, full = SwapExplorer(swapped={1}), SwapExplorer(swapped={2, 3}, more=True)
    assert (explorer.styles, full.styles) == ("BAA", "ABB")
    with pytest.raises(ValueError, match="swapped"):
        SwapExplorer(swapped={0})

    def holds(widget, wanted):
        return widget is wanted or any(holds(w, wanted) for w in getattr(widget, "children", ()))

    for control in ("psi", "noise"):
        assert not holds(explorer.widget, getattr(explorer, control))
        assert holds(full.widget, getattr(full, control))


# --- truncation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("net", ["fully connected", "linear", "constant"])
def test_the_dots_stand_where_the_table_says(net):
    explorer, table = TruncationExplorer(net), load_truncation()
    G, told = explorer._nets[net], set()
    for number, psi in enumerate(PSIS):
        explorer.psi.value = psi
        for way in WAYS:
            scores = table.get((net, way))
            assert explorer._dots[way].get_visible() is (scores is not None)
            if scores is not None:
                (x,), (y,) = explorer._dots[way].get_data()
                assert (x, y) == (scores.recall[number], scores.precision[number])
                assert f"{way}: precision {y:.2f}, recall {x:.2f}" in shown(explorer)
        told.add(explorer.readout.value)
    assert len(told) == len(PSIS)
    assert explorer._no_w.get_visible() is (net == "fully connected")
    explorer.psi.value = 0.4
    for row, way in zip(digits_of(explorer, 8), WAYS, strict=True):
        if way != TO_MEAN or net != "fully connected":
            image = narrower(G, explorer._z[net][2:3], way, 0.4, explorer._mean.get(net))
            assert np.abs(row[2].astype(int) - tensor_to_images(image)[0]).max() <= 2


# --- the player ----------------------------------------------------------------------------------


@pytest.fixture
def player():
    return StylePlayer(style_trainer(load_digits().train.images[:500], n_steps=4000))


def test_the_lower_half_of_the_sheet_takes_its_styles_from_two_z(player):
    z = player.trainer.G.sample_z(36, torch.Generator().manual_seed(0))
    fixed = player.scene._z_fixed
    assert fixed.shape == (36, 3, 358)
    assert torch.equal(fixed[:18], z[:18, None].expand(-1, 3, -1))
    assert torch.equal(fixed[18:, 0], z[:18]) and torch.equal(fixed[18:, 2], z[18:])
    with pytest.raises(RuntimeError):
        z_for_each_layer(z[:3], z[:2])


def test_the_buttons_set_the_share_and_say_so(player):
    assert "nothing has been learnt yet" in player.status.value
    for share in (0.9, 0.0, 0.5):
        player.mixing.value = share
        assert player.trainer.turn.mixing == share
        assert f"share mixed {share:g}" in player.status.value
    player.trainer.burst(2)
    player._after_training()
    assert "Step 2 · share mixed 0.5" in player.status.value
    assert "36 generated digits" in player.panel.description


# --- the check of AdaIN --------------------------------------------------------------------------


def test_what_the_check_says_of_an_unknown_mistake_is_short_and_helps():
    def with_mean_of(x, y_s, y_b, more=0.0, wide=1.0):
        x = (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), keepdim=True, correction=0)
        return wide * y_s[..., None, None] * x + y_b[..., None, None] + more

    cases = {
        "has mean 11.000; y_b is 10.000": lambda *case: with_mean_of(*case, more=1.0),
        r"has sd 6.0000; \|y_s\| is 2.0000": lambda *case: with_mean_of(*case, wide=3.0),
        "the right mean and sd, and the wrong pattern": lambda *case: with_mean_of(*case).flip(3),
        "gives shape": lambda x, y_s, y_b: x[0],
        "stops with TypeError": lambda x, y_s, y_b: x["0"],
    }
    for told, wrong in cases.items():
        with pytest.raises(WrongAnswer, match=told) as error:
            check_adain(wrong)
        assert len(str(error.value)) < 250
