"""Lesson 02, its explorers: moved over their range, and their words compared with formulas."""

import inspect
import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
from of_lesson_02 import TARGET, log_d_terms

from gan_lesson.lessons.lesson_02.explorers import (
    CirclingExplorer,
    LedgerExplorer,
    PushForwardExplorer,
    SaddleExplorer,
)
from gan_lesson.lessons.lesson_02.games import play_product, push_forward_density
from gan_lesson.lessons.mathematics.value import ledger

MAKERS = [PushForwardExplorer, LedgerExplorer, SaddleExplorer, CirclingExplorer]


def sliders(explorer):
    return [c for c in explorer.widget.children[0].children if hasattr(c, "min")]


def finite(explorer):
    told = explorer.panel.description + explorer.readout.value
    return not re.search(r"\b(nan|inf)\b", told) and explorer.panel.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("make", MAKERS)
def test_every_explorer_moves_over_its_whole_range(make):
    explorer = make()
    for slider in sliders(explorer):
        seen = {explorer.panel.description}
        for where in (slider.min, slider.max, slider.value):
            slider.value = where
            assert finite(explorer)
            seen.add(explorer.panel.description)
        assert len(seen) >= 2
        assert explorer.panel.description in explorer.panel.html.value.replace("&#x27;", "'")


@pytest.mark.parametrize("make", MAKERS)
def test_every_explorer_holds_in_the_corners(make):
    explorer = make()
    controls = sliders(explorer)
    pictures = set()
    for corner in np.ndindex(*[2] * len(controls)):
        for slider, end in zip(controls, corner, strict=True):
            slider.value = slider.max if end else slider.min
        assert finite(explorer)
        pictures.add(explorer.panel.png)
    assert len(pictures) == 2 ** len(controls) or make is CirclingExplorer
    assert len(pictures) > 2


@pytest.mark.parametrize("make", MAKERS)
def test_every_explorer_survives_a_burst_of_moves_without_a_whole_redraw(make, monkeypatch):
    explorer = make()
    whole = []
    canvas = explorer.panel.figure.canvas
    draw = canvas.draw
    monkeypatch.setattr(canvas, "draw", lambda *args: (whole.append(1), draw(*args)))
    before = explorer.panel.frames
    slider = sliders(explorer)[0]
    places = slider.min + (slider.max - slider.min) * np.random.default_rng(0).random(20)
    for place in places:
        slider.value = float(place)
    assert explorer.panel.frames == before + 20
    assert whole == [] and finite(explorer)


def test_the_push_forward_explorer_says_what_a_long_run_would_give():
    explorer = PushForwardExplorer(0.5, -1.0, -0.5)
    said = explorer.readout.value
    mean, sd = re.search(r"mean (−?[\d.]+\d) and standard deviation ([\d.]+\d)", said).groups()
    density = lambda x: push_forward_density(x, 0.5, -1.0, -0.5)  # noqa: E731
    exact = scipy.integrate.quad(lambda x: x * density(x), -30, 30, limit=300, points=[-2])[0]
    square = scipy.integrate.quad(lambda x: x * x * density(x), -30, 30, limit=300, points=[-2])[0]
    assert float(mean.replace("−", "-")) == pytest.approx(exact, abs=0.08)
    assert float(sd) == pytest.approx(math.sqrt(square - exact**2), abs=0.06)
    shared = scipy.integrate.quad(
        lambda x: min(density(x), push_forward_density(x, *TARGET)), -12, 12, limit=500
    )[0]
    assert f"share {shared:.0%} of area" in said
    assert explorer._shared.get_text() == f"shared area: {shared:.0%}", "the picture tells it too"
    explorer.bend.value = 0.0
    assert "x = u. " in explorer.readout.value


def test_the_ledger_explorer_reads_out_the_five_numbers():
    explorer = LedgerExplorer(0.8, 0.4)
    assert "V = log 0.80 + log(1 − 0.40) = −0.734" in explorer.readout.value
    explorer.d_real.value = explorer.d_fake.value = 0.9
    said = explorer.readout.value
    for exact in (math.log(0.09), -math.log(0.09), -math.log(0.09) / 2, math.log(0.1)):
        assert f"{exact:.3f}".replace("-", "−") in said
    assert f"{-math.log(0.9):.3f} (non-saturating)" in said
    explorer.d_real.value = explorer.d_fake.value = 0.5
    for text in ("= −1.386", "discriminator loss is 1.386", "mean BCE is 0.693", "−0.693 (sat"):
        assert text in explorer.readout.value
    assert [bar.get_width() for bar in explorer._bars] == pytest.approx(list(ledger(0.5, 0.5)))


def test_the_ledgers_bars_are_long_enough_to_read_and_never_leave_the_axis():
    explorer = LedgerExplorer(0.8, 0.4)
    axes = explorer.panel.figure.axes[0]
    wide = axes.bbox.width / np.ptp(axes.get_xlim())  # pixels a nat
    assert [abs(bar.get_width()) * wide for bar in explorer._bars][0] > 45
    for d_real in (0.1, 0.9):
        for d_fake in (0.1, 0.9):
            assert max(map(abs, ledger(d_real, d_fake))) < 4.7


def test_the_saddle_explorer_reads_out_v_and_both_slopes():
    explorer = SaddleExplorer(1.5, 0.8)
    said = explorer.readout.value
    slopes = scipy.optimize.approx_fprime([1.5, 0.8], lambda p: log_d_terms(*p), 1e-6)
    assert f"{log_d_terms(1.5, 0.8):.3f}".replace("-", "−") in said
    assert f"w by {slopes[1]:.2f},".replace("-", "−") in said
    assert f"θ by {-slopes[0]:.2f}.".replace("-", "−") in said
    explorer.w.value = 0.0
    assert "θ by 0.00" in explorer.readout.value, "a D that says ½ everywhere teaches G nothing"
    assert not explorer._arrows["G"].get_visible()


def test_the_saddle_explorers_buttons_move_one_player_each_and_wind_into_the_saddle():
    explorer = SaddleExplorer(1.5, 0.8)
    step_d, step_g = explorer.widget.children[0].children[-2:]
    assert (step_d.description, step_g.description) == ("Step D", "Step G")
    v = log_d_terms(1.5, 0.8)
    step_d.click()
    assert explorer.theta.value == 1.5 and log_d_terms(1.5, explorer.w.value) > v, "D climbs"
    theta, w, v = 1.5, explorer.w.value, log_d_terms(1.5, explorer.w.value)
    step_g.click()
    assert explorer.w.value == w and log_d_terms(explorer.theta.value, w) < v, "G descends"
    assert explorer.theta.value != theta and len(explorer._trail) == 3
    for _ in range(30):
        step_d.click()
        step_g.click()
    assert math.hypot(explorer.theta.value, explorer.w.value) < 0.06
    explorer.theta.value = 2.0
    assert len(explorer._trail) == 1, "a slider starts afresh"


def test_the_circling_explorer_reads_out_the_distance():
    explorer = CirclingExplorer(0.2, 40, False)
    assert f"the distance is {1.04**20:.3f}" in explorer.readout.value
    explorer.h.value, explorer.n_steps.value = 0.4, 60
    assert f"{1.16**30:.3f}" in explorer.readout.value
    explorer.alternating.value = True
    distance = np.hypot(*play_product(1, 0, 0.4, 60, True)[-1])
    assert f"in turn, with h = 0.40. After 60 rounds the distance is {distance:.3f}" in (
        explorer.readout.value
    )
    assert 0.8 < distance < 1.3
    explorer.n_steps.value = 0
    assert "the distance is 1.000" in explorer.readout.value


def test_the_explorers_have_no_formula_of_their_own_and_load_no_torch():
    code = (
        "import sys; from gan_lesson.lessons import lesson_02 as m;"
        "[getattr(m, n)() for n in dir(m) if n.endswith('rer')]; print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )
    assert done.stdout.strip() == "False", done.stderr
    source = inspect.getsource(sys.modules[PushForwardExplorer.__module__])
    assert not re.search(r"np\.(log|exp)\b", source)


def test_d_first_each_round_of_both_ends_nearer_though_a_press_may_lead_away():
    explorer, places = SaddleExplorer(1.5, 0.8), []
    for _ in range(15):
        for who in "DG":
            explorer.step(who)
            places.append(np.hypot(explorer.theta.value, explorer.w.value))
    rounds = [np.hypot(1.5, 0.8), *places[1::2]]
    assert (np.diff(rounds) < 0).all()
    assert (np.diff(places) > 0).any()
