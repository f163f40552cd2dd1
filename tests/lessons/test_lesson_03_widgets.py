"""Lesson 03: its explorers, moved over their whole ranges, read out what quadrature finds."""

import functools
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.optimize
from lesson_text import LessonText, alt, draws_nothing
from scipy.integrate import quad
from scipy.special import expit, log_expit
from scipy.stats import norm
from two_densities import jsd_by_quadrature, normal_jsd

from gan_lesson.lessons.kit.words import signed
from gan_lesson.lessons.lesson_03 import DistanceExplorer, explorers
from gan_lesson.lessons.mathematics.value import LOG_4

LESSON = LessonText("03_the_best_discriminator")


def picture_of(explorer):
    assert explorer.panel.png.startswith(b"\x89PNG")
    words = explorer.panel.description + explorer.readout.value
    assert "nan" not in words and "inf" not in words
    assert "−0.00 " not in words
    return explorer.panel.description


def sliders_of(explorer):
    return [
        control
        for control in vars(explorer).values()
        if type(control).__name__ in ("FloatSlider", "IntSlider")
    ]


MAKERS = [
    explorers.DensitiesExplorer,
    functools.partial(explorers.DensitiesExplorer, prior=0.9),
    explorers.LogisticExplorer,
    DistanceExplorer,
    explorers.DuelExplorer,
]


@pytest.mark.parametrize("make", MAKERS)
def test_each_place_of_a_slider_is_told_in_numbers_of_its_own(make):
    explorer = make()
    draws_nothing(explorer.panel)
    for slider in sliders_of(explorer):
        seen = set()
        for value in np.linspace(slider.min, slider.max, 9):
            whole = type(slider).__name__ == "IntSlider"
            slider.value = int(value) if whole else round(float(value), 2)
            told = explorer.panel.description
            assert not re.search(r"\b(nan|inf)\b|−0\.0+ ", told), told
            seen.add(told)
        assert len(seen) >= 8, slider.description


@pytest.mark.parametrize("make", MAKERS)
def test_each_explorer_can_be_moved_into_every_corner(make):
    """Over its whole range each slider is moved by test_every_widget.py."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explorer = make()
        for corner in range(2 ** len(sliders_of(explorer))):
            for bit, slider in enumerate(sliders_of(explorer)):
                slider.value = slider.max if corner >> bit & 1 else slider.min
            picture_of(explorer)


@pytest.mark.parametrize("make", MAKERS)
def test_a_fast_burst_on_an_explorer_draws_every_move(make):
    explorer = make()
    slider = sliders_of(explorer)[0]
    frames = explorer.panel.frames
    for value in np.linspace(slider.min, slider.max, 15):
        slider.value = round(float(value), 4)
    assert explorer.panel.frames >= frames + 14
    picture_of(explorer)


@pytest.mark.parametrize("make", MAKERS)
def test_an_explorer_shows_at_most_three_sliders(make):
    explorer = make()
    shown = [s for s in sliders_of(explorer) if s.layout.display != "none"]
    assert 1 <= len(shown) <= 3


@pytest.mark.parametrize(
    "m, sd, prior", [(0, 1, 0.5), (2, 1, 0.5), (2, 1, 0.9), (-4, 3, 0.1), (8, 0.45, 0.5)]
)
def test_the_densities_explorer_reads_out_what_quadrature_finds(m, sd, prior):
    explorer = explorers.DensitiesExplorer(m, sd, prior)
    q, far = norm(m, sd).pdf, max(18, m + 8 * sd)
    jsd = jsd_by_quadrature(norm.pdf, q, -far - 12, far)
    assert f"JSD is {jsd:.3f} nats" in explorer.readout.value
    shown = signed(-LOG_4 + 2 * jsd, 3)
    assert f"2 JSD = {shown}" in explorer.readout.value
    if prior != 0.5:

        def gain(x):
            s = norm.logpdf(x) - norm.logpdf(x, m, sd) + np.log(prior / (1 - prior))
            return norm.pdf(x) * log_expit(s) + q(x) * log_expit(-s)

        v = quad(gain, -30, 30, limit=400)[0]
        assert f"has V = {signed(v, 3)}" in explorer.readout.value


def test_all_shapes_of_the_densities_explorer():
    explorer, seen = explorers.DensitiesExplorer(), set()
    for real in ("one bump", "two bumps"):
        for generated in ("one bump", "two bumps"):
            explorer.real.value, explorer.generated.value = real, generated
            seen.add(picture_of(explorer))
            assert [density.sum() * explorers.DX for density in explorer.densities()] == (
                pytest.approx([1, 1])
            )
    assert len(seen) == 4


def test_the_logistic_explorer_fits_what_scipy_fits():
    explorer = explorers.LogisticExplorer(mean=2.0, n=100)
    for draw in (1, 7):
        explorer.draw.value = draw
        x_real, x_fake = explorer.samples()

        def cost(w, real=x_real, fake=x_fake):
            return -log_expit(w[0] + w[1] * real).mean() - log_expit(-w[0] - w[1] * fake).mean()

        best = scipy.optimize.minimize(cost, [0, 0]).x
        assert explorer.fit(x_real, x_fake) == pytest.approx(best, abs=0.02)
    again = explorers.LogisticExplorer(mean=2.0, n=100, draw=7)
    assert np.array_equal(again.samples()[0], explorer.samples()[0])


def test_the_logistic_explorer_never_warns_and_nears_d_star():
    explorer = explorers.LogisticExplorer()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in explorer.sizes:
            explorer.n.value = n
            for mean in (0.0, 2.0, 6.0):
                explorer.mean.value = mean
                assert explorer._model.n_iter_[0] < 500
                picture_of(explorer)

    def slopes(n):
        explorer.mean.value, explorer.n.value = 2.0, n
        found = []
        for draw in range(1, 21):
            explorer.draw.value = draw
            found.append(explorer.fit(*explorer.samples())[1])
        return np.array(found)

    few, many = slopes(10), slopes(500)
    assert many.std() < 0.2 < few.std() and many.mean() == pytest.approx(-2, abs=0.1)


def test_the_distance_explorer_reads_out_quadrature():
    explorer = DistanceExplorer()
    for m in (0.0, 2.0, 4.0, 8.0):
        explorer.mean.value = m
        assert f"JSD = {normal_jsd(m):.4f} and KL = {m * m / 2:.2f} nats" in explorer.readout.value
        beyond = f"KL is {m * m / 2:.1f}" if m > 8**0.5 else ""
        assert explorer._beyond.get_text() == beyond, "KL above the picture"
        saturating = quad(lambda x, m=m: norm.pdf(x, m) * m * expit(m * m / 2 - m * x), -8, m + 8)
        assert f"saturating loss has the slope {saturating[0]:.4f}," in explorer.readout.value


def test_in_the_duel_v_is_minus_log_4_plus_2_jsd_minus_regret():
    duel = explorers.DuelExplorer()
    for a, b, mean, sd in ((0, 0, 3, 1), (2, -1, 2, 1), (1, 0.5, 3, 1), (-3, 2, -2, 2.5)):
        duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = a, b, mean, sd
        v = quad(lambda x, a=a, b=b: norm.pdf(x) * log_expit(a + b * x), -12, 12)[0]
        v += quad(
            lambda x, a=a, b=b, m=mean, s=sd: norm.pdf(x, m, s) * log_expit(-a - b * x), -25, 25
        )[0]
        regret = -LOG_4 + 2 * normal_jsd(mean, sd) - v
        assert f"V = {signed(v)}," in duel.readout.value
        assert f"regret is {regret:.3f}" in duel.readout.value
    duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = 2, -2, 2, 1
    assert "regret is 0.000" in duel.readout.value.replace("-", "")


def test_the_axis_of_v_reaches_down_to_v_wherever_the_duel_goes():
    duel = explorers.DuelExplorer(a=1.0, b=0.5, mean=3.0)
    draws_nothing(duel.panel)
    seen = set()
    for a in (-6, 0, 1, 6):
        for b in (-3, -0.5, 0.5, 3):
            for mean, sd in ((-4, 3), (-4, 0.45), (3, 1), (4, 3)):
                duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = a, b, mean, sd
                level = duel._level.get_ydata()[0]
                bottom, top = duel._account.get_ylim()
                assert bottom < 0.95 * bottom < level < top == 0
                assert level == duel._numbers["value"]
                seen.add(bottom)
    assert seen == {bottom for bottom, _ in duel.bottoms}
    duel.a.value, duel.b.value, duel.mean.value, duel.sd.value = 1, 0.5, 3, 1
    assert duel._account.get_ylim()[0] == -3.5 and "V = −2.93," in duel.readout.value


def test_the_duel_keeps_rounds_and_passes_the_turn(monkeypatch):
    monkeypatch.setattr(explorers, "DOUBLE_CLICK", 0.0)  # these two click fast
    duel = explorers.DuelExplorer(a=2.0, b=-1.0, mean=2.0)
    assert "No round kept" in duel.table.value
    assert duel.a.layout.display == "flex" and duel.mean.layout.display == "none"
    for number in range(1, 13):
        assert duel.turn.value == ("D" if number % 2 else "G")
        duel.keep.click()
        assert len(duel.rounds) == number
    assert duel.rounds[0]["moved"] == "D" and duel.rounds[1]["moved"] == "G"
    assert duel.table.value.count("<tr>") == 1 + duel.shown_rounds
    paid = sum(kept["V"] + LOG_4 for kept in duel.rounds)
    assert f"paid D {signed(paid)} nats so far, V + log 4 a round (12 kept)" in duel.table.value
    duel.turn.value = "G"
    assert duel.a.layout.display == "none" and duel.sd.layout.display == "flex"
    before = duel.panel.png
    duel.help.value = True
    assert duel.panel.png != before, "D* appears"
    duel.again.click()
    assert duel.rounds == [] and "No round kept" in duel.table.value and duel.turn.value == "D"


def test_the_explorers_and_checks_load_neither_torch_nor_scikit_learn():
    code = (
        "import sys; from gan_lesson.lessons import lesson_03 as e;"
        "e.DuelExplorer(); e.DensitiesExplorer();"
        "print([m for m in ('torch', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_widget_has_its_picture_and_its_words_stored():
    words = [alt(picture) for picture in LESSON.pictures()]
    assert len(words) == 7 and all(len(told) > 40 for told in words)
    assert LESSON.stored.stat().st_size < 500_000
