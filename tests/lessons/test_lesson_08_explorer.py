"""Lesson 08's explorer over its whole range, and what the room's functions refuse."""

import math
import subprocess
import sys

import numpy as np
import pytest
from lesson_text import draws_nothing

from gan_lesson.lessons.lesson_08.dirac import (
    LOSSES,
    ORDERS,
    DiracGAN,
    averaged_radius,
    eigenvalues,
    largest_step,
    limit_radius,
    play,
)
from gan_lesson.lessons.lesson_08.explorers import EXTRAS, GAMMAS, DiracExplorer

PLAIN, OTHER = DiracGAN(), DiracGAN(loss="non_saturating")
R1 = DiracGAN(r1_gamma=0.3)
OURS, THEIRS = (1.0, 1.0), (1.0, -1.0)  # their (1, 1): D high on generated, their psi = -psi


def radius(*args, **kwargs):
    return np.hypot(*play(*args, **kwargs).T)


# --- errors ------------------------------------------------------------


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: DiracGAN("best"), "loss is 'best'"),
        (lambda: DiracGAN(r1_gamma=-1.0), "r1_gamma is -1.0"),
        (lambda: DiracGAN(noise_sd=math.nan), "noise_sd is nan"),
        (lambda: play(PLAIN, OURS, 0.0, 1), "h is 0.0"),
        (lambda: play(PLAIN, OURS, 0.2, -1), "n_steps is -1"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "sideways"), "order is 'sideways'"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "alternating", 0), "d_steps is 0"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "flow", 2), "must be 1 where order is 'flow'"),
        (lambda: play(PLAIN, OURS, 0.2, 1, "alternating", first="z"), "first is 'z'"),
        (lambda: eigenvalues(np.eye(3)), r"of shape \(2, 2\)"),
        (lambda: largest_step(-0.1), "gamma is -0.1"),
        (lambda: limit_radius(-1), "h is -1"),
        (lambda: averaged_radius(0.0, 0.2, 1, True), "start is 0.0"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_orbit_that_leaves_the_numbers_says_inf_and_writes_nothing(recwarn):
    assert not np.isfinite(radius(DiracGAN(r1_gamma=10.0), OURS, 1.0, 500)[-1])
    assert not recwarn.list


# --- the explorer ------------------------------------------------------------


def visible(explorer):
    """The sliders that a learner sees."""
    return [
        c
        for c in explorer.widget.children[0].children
        if "Slider" in type(c).__name__ and c.layout.display != "none"
    ]


def holds(explorer):
    assert explorer.panel.description
    for text in (explorer.panel.description, explorer.readout.value):
        assert "nan" not in text.lower() and "inf" not in text
    assert 2 <= len(visible(explorer)) <= 3


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_explorer_holds_over_its_whole_range(loss, order, extra):
    explorer = DiracExplorer(n_steps=60)
    draws_nothing(explorer.panel)
    explorer.loss.value, explorer.order.value, explorer.extra.value = loss, order, extra
    holds(explorer)
    seen = {explorer.readout.value}
    for group in ("step", "start"):
        explorer.show.value = group
        for slider in visible(explorer):
            middle = slider.value
            ends = GAMMAS[::24] if slider is explorer.gamma else (slider.min, slider.max)
            for value in ends:
                slider.value = value
                holds(explorer)
                seen.add(explorer.readout.value)
            slider.value = middle
    assert len(seen) > 5


def test_the_explorer_in_the_corners():
    explorer = DiracExplorer(extra="r1", n_steps=500)
    draws_nothing(explorer.panel)
    for h in (0.02, 1.0):
        for gamma in (0.01, 10.0):
            for start in ((0.0, 0.0), (2.0, 2.0), (-2.0, 2.0)):
                explorer.h.value, explorer.gamma.value = h, gamma
                explorer.theta.value, explorer.psi.value = start
                holds(explorer)
    explorer.extra.value, explorer.loss.value = "nothing", "non_saturating"
    explorer.theta.value = explorer.psi.value = 0.0
    holds(explorer)
    assert "and 0.0000 measured" in explorer.readout.value


def test_a_burst_of_80_moves_draws_nothing_afresh(monkeypatch):
    explorer = DiracExplorer(extra="r1", n_steps=100)
    drawn = []
    monkeypatch.setattr(explorer.panel.figure.canvas, "draw", lambda: drawn.append(1))
    draw = np.random.default_rng(0)
    for _ in range(20):
        explorer.h.value = round(draw.uniform(0.02, 1), 2)
        explorer.gamma.value = float(draw.choice(GAMMAS))
        explorer.n_steps.value = int(draw.integers(500))
        explorer.theta.value = round(draw.uniform(-2, 2), 2)
    assert not drawn
    holds(explorer)


def test_the_read_out_against_numpy():
    explorer = DiracExplorer(extra="r1", gamma=0.3, h=0.2)
    matrix = np.eye(2) + 0.2 * np.array([[0, 0.5], [-0.5, -0.3]])
    value = np.linalg.eigvals(matrix)[0]
    step = f"A step has {value.real:.4f} ± {abs(value.imag):.4f} i, of modulus {abs(value):.4f}"
    for number in (step, "the eigenvalues −0.1500 ± 0.4770 i"):
        assert number in explorer.readout.value
    predicted = np.sqrt(2) * abs(value) ** 500
    assert f"{predicted:.1e}".split("e")[0] + "·10⁻⁶" in explorer.readout.value
    assert "and 4.8·10⁻⁶ measured" in explorer.readout.value
    assert "near (0, 0) the orbit closes in" in explorer.readout.value
    explorer.extra.value = "nothing"
    assert "modulus 1.0050: near (0, 0) the orbit leaves" in explorer.readout.value
    assert "3.3534 measured" in explorer.readout.value
    explorer.order.value = "alternating"
    assert "do not decide" in explorer.readout.value
    explorer.loss.value, explorer.order.value = "non_saturating", "simultaneous"
    law = averaged_radius(np.sqrt(2), 0.2, 500, True)
    assert f"{law:.4f} is predicted and 0.6402 measured" in explorer.readout.value
    assert (
        "near (0, 0) the orbit leaves" in explorer.readout.value
    )  # although this orbit came nearer


def test_the_sliders_open_by_group_and_by_what_is_added():
    explorer = DiracExplorer()
    assert visible(explorer) == [explorer.n_steps, explorer.h]
    explorer.extra.value = "r1"
    assert visible(explorer) == [explorer.n_steps, explorer.h, explorer.gamma]
    explorer.extra.value = "noise"
    assert visible(explorer) == [explorer.n_steps, explorer.h, explorer.noise_sd]
    explorer.show.value = "start"
    assert visible(explorer) == [explorer.n_steps, explorer.theta, explorer.psi]


def test_the_explorer_and_the_checks_load_no_torch():
    program = "import sys, gan_lesson.lessons.lesson_08; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
