"""Lesson 04's explorers: moved over their whole ranges, and their read-outs against SciPy."""

import re
import time

import numpy as np
import pytest
from scipy import integrate, special

from gan_lesson.lessons.lesson_04.explorers import (
    KINDS,
    FixedPointExplorer,
    RunsExplorer,
    TwoLossesExplorer,
)


@pytest.fixture(scope="module")
def runs():
    return RunsExplorer()


@pytest.fixture(scope="module")
def fixed_point():
    return FixedPointExplorer()


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def test_two_losses_over_its_whole_range():
    explorer = TwoLossesExplorer()
    seen = set()
    for s in np.linspace(-8, 8, 17):
        explorer.s.value = float(s)
        seen.add(shown(explorer))
    assert len(seen) == 17
    for i in range(17):  # a fast burst
        explorer.s.value = 8 * (-1) ** i * i / 16
    explorer.s.value = -5.0
    told = shown(explorer)
    for number in ("−1.007", "−149.4", "−0.006693", "−0.9933", "148.4", "0.006648"):
        assert number in told


@pytest.mark.parametrize("s", [-8.0, -5.0, 0.0, 5.0, 8.0])
def test_the_black_lines_lie_along_the_tangents_where_D_is_a_probability(s):
    explorer = TwoLossesExplorer(s=s)
    d = special.expit(s)
    slopes = {"D": (-1 / (1 - d), -1 / d), "s": (-d, d - 1)}
    for axis, ends in (("D", (0, 1)), ("s", (-9, 9))):
        for kind, slope in zip(KINDS, slopes[axis], strict=True):
            x, y = explorer._tangents[axis, kind]._line.get_data()
            assert ends[0] <= x[0] < x[1] <= ends[1]
            assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(slope, rel=1e-6)


def test_two_losses_read_out_against_scipy():
    explorer = TwoLossesExplorer(s=2.5)
    d = special.expit(2.5)
    told = shown(explorer).replace("−", "-")
    for number in (-1 / (1 - d), -1 / d, -d, d - 1, d * (1 - d), np.exp(-2.5)):
        assert np.format_float_positional(number, 4, False, False, "-") in told


def test_runs_over_their_whole_range(runs):
    for optimizer in ("sgd", "adam"):
        runs.optimizer.value = optimizer
        seen = set()
        for step in (0, 1, 34, 81, 219, 677, 700):
            runs.step.value = step
            seen.add(shown(runs))
        assert len(seen) == 7
    for i in range(20):
        runs.step.value = (i * 37) % 701
        if i % 5 == 0:
            runs.optimizer.value = ("sgd", "adam")[i // 5 % 2]
    runs.optimizer.value, runs.step.value = "sgd", 34
    told = shown(runs).replace("−", "-")
    m = float(runs.paths["sgd", "non_saturating"][34])
    assert f"{m:.3f}" in told and m < 0.5
    x = np.linspace(m - 12, m + 12, 20001)
    weight = np.exp(-((x - m) ** 2) / 2) / np.sqrt(2 * np.pi)
    d = special.expit(m * m / 2 - m * x)
    assert f"{integrate.trapezoid(weight * m * (1 - d), x):.4f}" in told


def test_fixed_point_over_its_whole_range(fixed_point):
    for kind in KINDS:
        fixed_point.kind.value = kind
        seen = set()
        for step in (0, 1, 100, 200):
            fixed_point.step.value = step
            seen.add(shown(fixed_point))
        assert len(seen) == 4
    for i in range(20):
        fixed_point.step.value = (i * 37) % 201
    fixed_point.kind.value, fixed_point.step.value = "non_saturating", 200
    assert "N(−1.85, 1.14²)" in shown(fixed_point)


def test_an_explorer_loads_no_torch_and_runs_are_ready_at_once():
    import subprocess
    import sys

    program = "import sys, gan_lesson.lessons.lesson_04; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout.strip() == "False"
    start = time.process_time()
    RunsExplorer()
    assert time.process_time() - start < 20  # 0.4 here
