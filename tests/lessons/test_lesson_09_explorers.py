"""Lesson 09's explorers and predictions: what they show is what torch computes."""

import re

import numpy as np
import pytest
import torch
from lesson_text import lock_and_reveal

from gan_lesson.lessons.lesson_09 import questions
from gan_lesson.lessons.lesson_09.explorers import (
    GEOMETRIES,
    TOY,
    TOY_KERNEL,
    TOY_SMALL,
    TOY_STAMP,
    CheckerboardExplorer,
    ConvolutionExplorer,
    RaceExplorer,
)
from gan_lesson.lessons.lesson_09.recorded import KINDS, load_race


def as_batch(array):
    return torch.tensor(np.asarray(array), dtype=torch.float64)[None, None]


# --- the predictions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_most_stamps, 4),
        (questions.ask_who_is_ahead, questions.LEVEL),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"]
    assert question.row["truth"] == truth


# --- the explorers -------------------------------------------------------------------------


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def table(grid):
    """The numbers that a grid shows, without its empty places."""
    rows = [[text.get_text().replace("−", "-") for text in row] for row in grid.texts]
    return np.array([[int(t) for t in row if t] for row in rows if any(row)])


@pytest.mark.parametrize("name", GEOMETRIES["convolve"])
def test_the_window_shows_torchs_numbers_at_every_place(name):
    explorer = ConvolutionExplorer(geometry=name)
    stride, padding = GEOMETRIES["convolve"][name]
    truth = torch.conv2d(as_batch(TOY), as_batch(TOY_KERNEL), stride=stride, padding=padding)[0, 0]
    seen = set()
    for place in range(1, explorer.place.max + 1):
        explorer.place.value = place
        number = int(truth.ravel()[place - 1])
        assert f"= {number}".replace("-", "−") in shown(explorer)
        assert explorer._out.texts and explorer.panel.frames
        seen.add(explorer.panel.description)
    assert len(seen) == truth.numel() == explorer.place.max
    np.testing.assert_array_equal(table(explorer._out), truth)
    np.testing.assert_array_equal(table(explorer._in), np.pad(TOY, padding))


@pytest.mark.parametrize("name", GEOMETRIES["stamp"])
def test_the_stamps_add_up_to_torchs_numbers(name):
    explorer = ConvolutionExplorer("stamp", geometry=name)
    stride, padding = GEOMETRIES["stamp"][name]
    seen = set()
    for place in range(1, 5):
        explorer.place.value = place
        seen.add(shown(explorer))
    assert len(seen) == 4
    truth = torch.conv_transpose2d(as_batch(TOY_SMALL), as_batch(TOY_STAMP), stride=stride)[0, 0]
    np.testing.assert_array_equal(table(explorer._out), truth)
    added = [int(text.get_text().replace("−", "-")) for text in explorer._added]
    np.testing.assert_array_equal(added, (TOY_SMALL[1, 1] * TOY_STAMP).ravel())
    m = len(truth) - 2 * padding
    assert not padding or f"the inner {m} × {m} of them stay" in shown(explorer)


def test_another_geometry_moves_the_sliders_end_and_a_fast_burst_leaves_it_sound():
    explorer = ConvolutionExplorer(place=4)
    explorer.geometry.value = "stride 1, padding 1"
    assert explorer.place.max == 16
    rng = np.random.default_rng(0)
    for _ in range(60):
        explorer.place.value = int(rng.integers(1, 17))
    explorer.place.value = 16
    explorer.geometry.value = "stride 2, padding 1"
    assert explorer.place.max == explorer.place.value == 4
    assert table(explorer._out).shape == (2, 2)
    shown(explorer)


def test_the_checkerboard_counts_what_torch_stamps():
    explorer = CheckerboardExplorer()
    told = set()
    for kernel in range(1, 7):
        for stride in range(1, 5):
            explorer.kernel.value, explorer.stride.value = kernel, stride
            ones = torch.conv_transpose2d(
                torch.ones(1, 1, 24, 24), torch.ones(1, 1, kernel, kernel), stride=stride
            )[0, 0].numpy()
            start = 10 * stride
            inner = ones[start : start + 3 * stride, start : start + 3 * stride]
            plane = explorer._image.get_array()
            assert sorted(set(np.asarray(plane).ravel())) == sorted(set(inner.ravel()))
            assert ("checkerboard" in shown(explorer)) == (kernel % stride != 0)
            told.add(explorer.panel.description)
    assert len(told) == 24


def test_the_race_shows_its_numbers_at_every_moment():
    explorer, race = RaceExplorer(moment=0), load_race()
    told = set()
    for i in range(len(race.seconds)):
        explorer.moment.value = i
        for kind in KINDS:
            assert f"{race.distances[kind][i]:.1f}" in shown(explorer)
            assert f"{race.steps[kind][i]:,} steps" in shown(explorer)
        told.add(explorer.panel.description)
    assert len(told) == len(race.seconds)
