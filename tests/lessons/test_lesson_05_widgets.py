"""Lesson 05: its player, its picture, two futures side by side, the page, and the sound."""

import base64
import io
import re
import wave

import loop_of_lesson_05 as shared
import numpy as np
import pytest
import torch
from loop_of_lesson_05 import DATA, new_run, weights

from gan_lesson.history import History
from gan_lesson.lessons.lesson_05.loop import LoopPlayer
from gan_lesson.lessons.lesson_05.scene import GAUGES, LoopScene
from gan_lesson.lessons.lesson_05.sound import RATE, hear, pitch, two_tones
from gan_lesson.lessons.lesson_05.state import DX, PLACES, game_state
from gan_lesson.player import SideBySide, flip_book

one_thread = shared.one_thread  # a fixture
pytestmark = pytest.mark.usefixtures("one_thread")

# --- widgets -------------------------------------------------------------------------------


def finite(told):
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def test_player_over_all_its_settings():
    player = LoopPlayer(new_run())
    trainer, seen = player.trainer, set()
    for order, k, lr in ((True, 1, 0.0005), (False, 5, 0.01), (True, 2, 0.002), (False, 1, 0.001)):
        player.order.value, player.d_steps.value = order, k
        player.lr_d.value = player.lr_g.value = lr
        assert (trainer.simultaneous, trainer.d_steps) == (order, k)
        assert trainer.lr_d == trainer.lr_g == lr
        before = trainer.step
        player.play.value += 1  # one tick of the browser's clock
        assert trainer.step > before
        assert trainer.optimizer_d.param_groups[0]["lr"] == lr
        seen.add(finite(player.panel.description + player.status.value))
    assert len(seen) == 4
    before = weights(trainer.G)
    player.step_d.click()
    assert torch.equal(before, weights(trainer.G))
    player.step_g.click()
    assert not torch.equal(before, weights(trainer.G))
    for i in range(60):
        player.lr_d.value = player.rates[i % 5]
    player.moment.value = 0
    assert trainer.step == 0 and "Step 0" in player.panel.description


def test_players_numbers_are_those_of_the_state():
    player = LoopPlayer(new_run())
    player.trainer.burst(50)
    player.redraw()
    state = game_state(player.trainer.G, player.trainer.D, DATA)
    for told in (player.status.value.replace("−", "-"), player.panel.description):
        for number in (state.value, state.best_value, state.regret, state.jsd):
            assert f"{number:.3f}" in told
    words = [artist.get_text() for artist in player.scene._words]
    assert words == [f"2 JSD = {2 * state.jsd:.3f}", f"D's regret = {state.regret:.3f}"]
    left = float(np.sum(state.p_g[(PLACES < -0.3) & (PLACES > -1.5 - 2 * 0.6)]) * DX)
    assert f"{left:.0%}" in player.panel.description


def test_no_more_than_three_sliders_are_in_view():
    player = LoopPlayer(new_run())

    def names(widget):
        yield type(widget).__name__
        for child in getattr(widget, "children", ()):
            yield from names(child)

    assert sum("Slider" in name for name in names(player.widget)) <= 3


def test_the_gauge_always_holds_both_bars_unless_V_is_far_below():
    run = new_run()
    player = LoopPlayer(run)
    for players in ("DG", "G", "D", "DG"):
        run.burst(60, players=players)
        player.redraw()
        scene = player.scene
        low, high = scene._now.axes.get_xlim()
        assert low < scene._now.get_xdata()[0] <= scene._best.get_xdata()[0] < high
        assert (high - low) / 2 == pytest.approx(min(GAUGES, key=lambda g: abs(g - scene._reach)))


def test_the_gauge_grows_at_once_and_shrinks_when_fifty_pictures_would_fit():
    scene = LoopPlayer(new_run()).scene
    scene._zoom(GAUGES[2])
    grown = scene._reach
    assert grown > GAUGES[2]
    swings = [scene._zoom(v) for v in (0.01, GAUGES[1], 0.02) * 40]
    assert sum(swings) == 1 and GAUGES[1] < scene._reach < grown
    assert [scene._zoom(0.01) for _ in range(50)].index(True) > 40


def test_a_gauge_that_does_not_zoom_in_only_grows():
    scene = LoopPlayer(new_run(), zooms_in=False).scene
    scene._zoom(GAUGES[0])
    reaches = []
    for needed in (GAUGES[1], GAUGES[2], 0.01):
        for _ in range(60):  # longer than an axis that zooms in waits
            scene._zoom(needed)
            reaches.append(scene._reach)
    assert reaches == sorted(reaches) and reaches[-1] > GAUGES[2]
    low, high = scene._now.axes.get_xlim()
    assert (high - low) / 2 == pytest.approx(reaches[-1])


def test_two_futures_beside_each_other():
    run = new_run()
    run.burst(10)
    at_once = run.branch()
    at_once.simultaneous = True
    both = SideBySide({"in turn": run, "at once": at_once}, lambda: LoopScene(curves=False))
    for _ in range(3):
        both.play.value += 1
    assert run.step == at_once.step > 10
    assert {"in turn", "at once"} <= set(re.findall(r"in turn|at once", both.panel.description))
    finite(both.panel.description + both.status.value)


def test_a_run_becomes_a_page(tmp_path):
    run = new_run()
    for _ in range(3):
        run.burst(10)
        run.snapshot()
    page = flip_book(run, LoopScene(), tmp_path / "book.html", "Two bumps")
    told = page.read_text("utf-8")
    assert len(re.findall(r'<img alt="Step (\d+)', told)) == 4
    assert "http" not in re.sub(r"base64,[^\"]*", "", told)
    assert run.step == 30


# --- sound ---------------------------------------------------------------------------------


def loudest(sound):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return np.argmax(spectrum) * RATE / len(sound)


def test_pitches():
    np.testing.assert_allclose(pitch([0, 0.5, 1]), [220, 440, 880])
    half = np.full(10, 0.5)
    assert loudest(two_tones(half, half)) == pytest.approx(440, abs=1)
    assert loudest(two_tones(np.full(10, 0.9), np.full(10, 0.1))) == pytest.approx(
        float(pitch(0.9)), abs=1
    )
    assert 3 * pitch(1.0) < RATE / 2  # the highest overtone is still there to be heard


def test_unison_is_steady_and_a_small_difference_beats():
    def loudness(d_fake):
        sound = two_tones(np.full(10, 0.5), np.full(10, d_fake), seconds=2)
        middle = sound[RATE // 10 : -RATE // 10].reshape(-1, RATE // 50)
        return middle.std(axis=1)

    steady, beating = loudness(0.5), loudness(0.505)  # 3 Hz apart
    assert np.ptp(steady) < 0.1 * steady.mean()
    assert np.ptp(beating) > 0.5 * beating.mean()


def test_what_is_heard_is_a_wave_file_of_the_run():
    history = History()
    for _ in range(100):
        history.append(d_real=0.5, d_fake=0.5, loss_d=1.386, loss_g=0.693)
    html = hear(history, seconds=1.0).data
    assert "<audio controls" in html and "440 and 440 Hz at the end" in html
    content = base64.b64decode(re.search(r"base64,([^\"]*)", html)[1])
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (RATE, RATE, 1)
    assert html == hear(history, seconds=1.0).data
    with pytest.raises(ValueError, match="history is empty"):
        hear(History())
    for wrong in (([0.5], [0.5, 0.5], 1), ([], [], 1), ([2.0], [0.5], 1), ([0.5], [0.5], 0)):
        with pytest.raises(ValueError):
            two_tones(*wrong)
