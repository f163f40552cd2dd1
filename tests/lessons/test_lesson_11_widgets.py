"""Lesson 11's explorers and player: what they show is what the package computes."""

import re

import numpy as np
import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_11 import check_back_project
from gan_lesson.lessons.lesson_11.answers import AnswersExplorer
from gan_lesson.lessons.lesson_11.gaussian import scores
from gan_lesson.lessons.lesson_11.live_run import SCORE_EVERY, SuperResolutionPlayer
from gan_lesson.lessons.lesson_11.long_runs import LongRunsExplorer
from gan_lesson.lessons.lesson_11.plane import BACK_PROJECTED, NearestExplorer, rows_of_k
from gan_lesson.lessons.lesson_11.recorded import load_generator, load_runs
from gan_lesson.lessons.lesson_11.tradeoff import TradeoffExplorer
from gan_lesson.metrics import digit_distance, psnr
from gan_lesson.recipes import super_resolution_trainer
from gan_lesson.super_resolution import back_project, mean_of_nearest, shrink

LESSON = LessonText("11_super_resolution")


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def test_the_dot_of_the_tradeoff_is_the_answers_scores():
    explorer, told = TradeoffExplorer(), set()
    for rho, a, b in ((0.0, 0.0, 0.0), (0.5, 0.85, 0.5), (0.95, 1.0, 1.0)):
        explorer.rho.value, explorer.a.value, explorer.b.value = rho, a, b
        error, distance = scores(rho, a, b)
        assert f"error {error:.2f}, distance of the laws {distance:.2f}" in shown(explorer)
        (x,), (y,) = explorer._dot.get_data()
        assert (x, y) == pytest.approx((error, distance))
        left, right = sorted(explorer._dot.axes.get_xlim())
        assert left <= x <= right
        told.add(explorer.panel.description)
    assert len(told) == 3


@pytest.mark.parametrize("projected", [False, True])
def test_the_nearest_digits_are_those_that_are_scored(projected):
    explorer = NearestExplorer(projected=projected)
    curve, x = rows_of_k(BACK_PROJECTED if projected else ""), explorer._x
    for k in (1, 9, 30):
        explorer.k.value = k
        assert f"PSNR {curve[0][k - 1]:.2f} dB" in shown(explorer)
        assert f"distance {curve[1][k - 1]:.0f}" in shown(explorer)
        wanted = mean_of_nearest(explorer._training, explorer._nearest, k)
        if projected:
            wanted = back_project(wanted, shrink(x)).clamp(-1, 1)
        sheet = 255 - np.asarray(explorer._sheet.get_array())
        middle = sheet[30:58, :28]
        np.testing.assert_array_equal(middle, tensor_to_images(wanted[:1])[0])
    assert [path.get_visible() for path in explorer._paths] == [not projected, projected]


def test_every_answer_has_a_name_and_those_that_fit_a_frame():
    explorer, told = AnswersExplorer(digit=4, size=7), set()
    for size in (7, 4, 2):
        for digit in (0, 4, 9):
            explorer.size.value, explorer.digit.value = size, digit
            found = explorer._found(digit, size)
            framed = [frame.get_visible() for frame in explorer._sheet.frames]
            np.testing.assert_array_equal(framed, found.fits)
            assert [int(text.get_text()) for text in explorer._sheet.texts] == found.digits.tolist()
            assert f"{found.fits.sum()} of 16 answers fit" in shown(explorer)
            assert found.misfit[0] == found.misfit.min()
            told.add(explorer.panel.description)
    assert len(told) == 9


def test_the_long_runs_show_their_numbers_at_every_moment():
    explorer, runs, told = LongRunsExplorer(), load_runs(), set()
    for weight, run in runs.items():
        explorer.weight.value = weight
        for i in (0, len(run.steps) // 2, len(run.steps) - 1):
            explorer.moment.value = i
            assert f"PSNR {run.psnr[i]:.2f} dB" in shown(explorer)
            assert f"distance {run.distance[i]:.1f}" in shown(explorer)
            told.add(explorer.readout.value)
    assert len(told) == 3 * len(runs)


# --- the player ----------------------------------------------------------------------------------


@pytest.fixture
def player():
    images = load_digits().train.images[:500]
    return SuperResolutionPlayer(
        super_resolution_trainer(
            images, 0.1, generator=load_generator(0), start_steps=0, n_steps=4000
        )
    )


def test_the_dot_is_what_the_metrics_say_of_500_test_digits(player):
    x = load_digits().test.images[::4]
    x_hat = player.trainer.restore(shrink(x))
    assert player.scene.path == {0: (pytest.approx(psnr(x, x_hat, 2).mean()),
                                     pytest.approx(digit_distance(x_hat)))}  # fmt: skip
    assert player.scene.floor == pytest.approx(digit_distance(x))
    assert "D has not moved yet" in player.status.value


def test_the_green_numbers_are_ds_answers_and_a_step_of_d_alone_moves_them(player):
    trainer, texts = player.trainer, player.scene._answers.texts

    def answers():
        x = load_digits().test.images[: 4 * player.scene.columns : 4]
        with torch.no_grad():
            return [f"{each:.2f}" for each in trainer.D(trainer.restore(shrink(x))).flatten()]

    before, G = answers(), [weight.clone() for weight in trainer.G_ema.parameters()]
    assert [text.get_text() for text in texts] == before
    player.step_d.click()
    assert all(map(torch.equal, G, trainer.G_ema.parameters()))
    assert [text.get_text() for text in texts] == answers() != before


def test_the_buttons_set_the_weight_and_say_so(player):
    for weight in (1.0, 0.0, 0.01):
        player.weight.value = weight
        assert player.trainer.adversarial_weight == weight
        assert f"adversarial weight {weight:g}" in player.status.value


def test_the_path_grows_with_the_run_and_is_cut_where_it_is_rewound(player):
    trainer = player.trainer
    trainer.burst(SCORE_EVERY)
    player._after_training()
    trainer.snapshot()
    trainer.burst(SCORE_EVERY)
    player._after_training()
    assert list(player.scene.path) == [0, SCORE_EVERY, 2 * SCORE_EVERY]
    assert len(player.scene._trail.get_xdata()) == 3
    trainer.rewind(0)
    player.redraw()
    assert list(player.scene.path) == [0]
    assert f"after step {0}" in player.panel.description


# --- the check of back-projection ----------------------------------------------------------------


def test_what_the_check_says_of_an_unknown_mistake_is_short_and_helps():
    cases = {
        "made small, it is off by up to": lambda x_hat, y: x_hat * 0.9,
        "changes more of x̂ than it must": lambda x_hat, y: back_project(x_hat.flip(3), y),
        "but x_hat has": lambda x_hat, y: y,
        "stops with TypeError": lambda x_hat, y: x_hat["0"],
    }
    for told, wrong in cases.items():
        with pytest.raises(WrongAnswer, match=told) as error:
            check_back_project(wrong)
        assert len(str(error.value)) < 250
