"""Lesson 01, from coin flips to binary cross-entropy: its two explorers."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from lesson_text import LessonText, draws_nothing

from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer, SlopeExplorer
from gan_lesson.lessons.mathematics.bce import (
    bce_from_logits,
    bce_slope_in_logit,
    bce_slope_in_probability,
    sigmoid,
)

LESSON = LessonText("01_coin_flips_to_binary_cross_entropy")
TEXT = LESSON.text


def numbers(text):
    return [float(n) for n in re.findall(r"-?\d+\.\d+", text.replace("−", "-"))]


def readout(explorer):
    return re.sub("<[^>]*>", "", explorer.readout.value)


def test_the_log_loss_explorer_tells_the_right_prices_over_its_whole_range():
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    explorer = LogLossExplorer()
    seen = set()
    places = np.linspace(0.01, 0.99, 15).round(2)
    for p in places:
        for y in (1, 0):
            explorer.p.value, explorer.y.value = p, y
            said = readout(explorer)
            pay, other = (log_loss([label], [p], labels=[0, 1]) for label in (y, 1 - y))
            assert f"= {pay:.3f} nats. If y = {1 - y} had come" in said
            assert said.endswith(f"= {other:.3f}.")
            assert (
                f"p = {p:.2f} with label y = {y} the loss is {pay:.3f}" in explorer.panel.html.value
            )
            assert np.isfinite(numbers(said)).all()
            seen.add(explorer.panel.png)
    assert len(seen) == 2 * len(places), "every place has its own picture"


def test_the_slope_explorer_tells_the_right_slopes_over_its_whole_range():
    torch = pytest.importorskip("torch")
    explorer = SlopeExplorer()
    draws_nothing(explorer.panel)
    places = np.linspace(-8, 8, 41).round(1)
    for y, value in [(1, value) for value in places] + [(0, value) for value in places]:
        explorer.s.value, explorer.y.value = value, y
        s = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        p = torch.sigmoid(s)
        label = torch.tensor(float(y), dtype=torch.float64)
        loss = torch.nn.functional.binary_cross_entropy(p, label)
        in_p, in_s = (torch.autograd.grad(loss, of, retain_graph=True)[0].item() for of in (p, s))
        logit, shown_p, cost, *chain = numbers(readout(explorer))
        assert logit == value and shown_p == pytest.approx(p.item(), abs=6e-5)
        assert cost == pytest.approx(loss.item(), abs=6e-4)
        assert chain[0] == pytest.approx(in_p, rel=1e-3, abs=6e-5)
        assert chain[2] == pytest.approx(in_s, abs=6e-5)
        assert numbers(explorer.panel.description)[2:] == [chain[0], chain[2]]


@pytest.mark.parametrize("s, y", [(-8, 0), (-8, 1), (0, 1), (3.3, 0), (8, 0), (8, 1)])
def test_the_tangents_touch_their_curves_and_have_one_length_on_the_screen(s, y):
    explorer = SlopeExplorer(s, y)
    slopes = bce_slope_in_probability(sigmoid(s), y), bce_slope_in_logit(s, y)
    for axes, line, slope in zip(explorer._axes, explorer._tangents, slopes, strict=True):
        x, height = line.get_data()
        assert (height[1] - height[0]) / (x[1] - x[0]) == pytest.approx(float(slope), abs=1e-9)
        assert np.mean(height) == pytest.approx(float(bce_from_logits(s, y)))
        ends = axes.transData.transform(np.column_stack([x, height]))
        assert np.hypot(*(ends[1] - ends[0])) == pytest.approx(2 * explorer.half_length, rel=1e-6)


def test_what_moves_in_the_explorers_stays_inside_their_axes():
    explorer = SlopeExplorer()
    for s in (-8, -4, 0, 4, 8):
        for y in (0, 1):
            explorer.s.value, explorer.y.value = s, y
            for axes, line in zip(explorer._axes, explorer._tangents, strict=True):
                (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
                x, height = line.get_data()
                assert left < min(x) and max(x) < right
                assert bottom < min(height) and max(height) < top


@pytest.mark.parametrize("make, slider", [(LogLossExplorer, "p"), (SlopeExplorer, "s")])
def test_a_fast_burst_ends_at_the_last_move(make, slider):
    explorer = make()
    control = getattr(explorer, slider)
    pictures = set()
    for i in range(20):
        control.value = control.min + (control.max - control.min) * ((37 * i) % 97) / 96
        pictures.add(explorer.panel.png)
    assert len(pictures) > 18
    for place in (control.min, control.max):
        for y in (0, 1):
            control.value, explorer.y.value = place, y
            assert f"y = {y}" in explorer.panel.description
            assert f"{slider} = {place:.{2 if slider == 'p' else 1}f}" in explorer.panel.description
            assert np.isfinite(numbers(readout(explorer))).all()
    fresh = make(control.max, 1)
    assert fresh.panel.png == explorer.panel.png, "moving leaves no trace of earlier places"


def test_the_first_slider_of_the_lesson_is_the_log_loss_explorers():
    first = TEXT.index("LogLossExplorer(p=")
    for slider in ("ask_slope_in_logit()", "SlopeExplorer(s="):
        assert TEXT.find(slider) == -1 or TEXT.index(slider) > first


def test_the_lesson_shows_its_first_widget_without_torch():
    cells = LESSON.cells()
    until = next(i for i, source in enumerate(cells) if "SlopeExplorer(" in source)
    start = [source for source in cells[: until + 1] if "answer" not in source]
    code = "\n".join(["import sys", *start, "assert 'torch' not in sys.modules"])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)
