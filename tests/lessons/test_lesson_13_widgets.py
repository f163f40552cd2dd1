"""Lesson 13's explorers and players: what they show is what the package computes."""

import re

import numpy as np
import pytest
import torch

from gan_lesson.conditional import images_of
from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_13 import check_cycle_loss, check_seen_misfit
from gan_lesson.lessons.lesson_13.asked import ROWS, SCORE_EVERY, read_as_asked
from gan_lesson.lessons.lesson_13.augmentation import ROWS as SETS_SHOWN
from gan_lesson.lessons.lesson_13.augmentation import AugmentationExplorer
from gan_lesson.lessons.lesson_13.demo import player as asked_player
from gan_lesson.lessons.lesson_13.inpainting import (
    HIDDEN,
    InpaintingExplorer,
    fill_in,
    mask_of,
    one_of_each,
)
from gan_lesson.lessons.lesson_13.plane import TranslationPlayer
from gan_lesson.lessons.lesson_13.recorded import EACH, SETS, load_scores
from gan_lesson.lessons.lesson_13.translation import kept_share, round_trip_error


def shown(widget):
    """The description and the read-out, finite."""
    words = getattr(widget, "readout", None) or widget.status
    told = widget.panel.description + words.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


# --- behind the mask -----------------------------------------------------------------------------


def test_the_given_part_is_the_digits_and_the_rest_is_pale_blue():
    explorer = InpaintingExplorer(digit=3, rows=10, columns=5, searched=False)
    picture = np.asarray(explorer._given.get_array())
    digit = 255 - tensor_to_images(one_of_each()[3:4])[0]
    np.testing.assert_array_equal(picture[:18, :23, 0], digit[:18, :23])
    for hidden in (picture[18:28], picture[:28, 23:], picture[30:]):
        assert (hidden == HIDDEN).all()
    assert "18" not in shown(explorer) and "414 of 784 pixels are seen" in shown(explorer)
    explorer.look.value = True
    np.testing.assert_array_equal(np.asarray(explorer._given.get_array())[30:, :, 1], digit)
    assert "the original is a 3" in explorer.panel.description


def test_the_answers_are_those_of_the_search_and_fit_where_the_digit_is_seen():
    explorer = InpaintingExplorer(digit=7, rows=14)
    found = fill_in(one_of_each()[7:8], mask_of(14, 0))
    assert [text.get_text() for text in explorer._sheet.texts] == [str(d) for d in found.digits]
    framed = [frame.get_visible() for frame in explorer._sheet.frames]
    np.testing.assert_array_equal(framed, found.fits)
    assert (np.diff(found.misfit) >= 0).all() and found.fits[0]
    assert f"best misfit is {found.misfit[0]:.3f}" in shown(explorer)
    seen = (found.images[0].astype(float) / 127.5 - 1)[:14]
    gap = seen - one_of_each()[7, 0, :14].numpy()
    assert np.sqrt((gap**2).mean()) == pytest.approx(found.misfit[0], abs=0.01)


def test_a_new_mask_clears_the_answers_and_another_press_starts_elsewhere():
    explorer = InpaintingExplorer(digit=4)
    first = explorer._answers
    explorer.search()
    assert "Start 2" in shown(explorer)
    assert not np.array_equal(explorer._answers.images, first.images)
    explorer.rows.value = 20
    assert explorer._answers is None and "Press “Search”" in shown(explorer)
    assert not any(frame.get_visible() for frame in explorer._sheet.frames)


# --- training sets -------------------------------------------------------------------------------


def test_the_dots_are_the_recorded_draws_and_the_labels_come_last():
    explorer, accuracy = AugmentationExplorer(sets=7), load_scores().accuracy
    assert len(SETS) == len(SETS_SHOWN)
    assert len(AugmentationExplorer()._dots) == 5
    for j, each in enumerate(EACH):
        explorer.each.value = each
        for i, (dots, mean) in enumerate(zip(explorer._dots, explorer._means, strict=True)):
            np.testing.assert_array_equal(dots.get_xdata(), accuracy[i, j])
            assert mean.get_xdata()[0] == pytest.approx(accuracy[i, j].mean())
            low, high = dots.axes.get_xlim()
            assert low < accuracy[i, j].min() and accuracy[i, j].max() < high
        assert "60,000" not in str([text.get_text() for text in explorer._words])
        assert f"{10 * each} labelled digits" in shown(explorer)
    explorer.labellers.value = True
    told = [text.get_text() for text in explorer._words]
    assert told[4] == "60,000 + 300" and told[6] == "10,000 + 300"


# --- the generator that is asked -----------------------------------------------------------------


def test_the_columns_are_the_digits_asked_for_and_the_bars_are_counted():
    player = asked_player()
    assert "nothing is trained yet" in player.status.value
    player.trainer.burst(SCORE_EVERY)
    player._after_training()
    bars = [bar.get_height() for bar in player.scene._bars]
    assert bars == pytest.approx(read_as_asked(player.trainer.G_ema).tolist())
    z = player.scene._z_fixed
    assert torch.equal(z[:, 64:].argmax(dim=1), torch.arange(10).repeat(ROWS))
    noise = z[:, :64].unflatten(0, (ROWS, 10))
    assert torch.equal(noise, noise[:, :1].expand(-1, 10, -1))  # "each row is one z"
    assert len(noise[:, 0].unique(dim=0)) == ROWS
    drawn = tensor_to_images(images_of(player.trainer.sample(z)))
    sheet = 255 - np.asarray(player.scene._sheet.get_array())
    np.testing.assert_array_equal(sheet[:28, 30:58], drawn[1])
    assert f"{np.mean(bars):.0%} read as asked" in shown(player)


def test_the_green_numbers_are_ds_answers_and_a_step_of_d_alone_moves_them():
    player = asked_player()
    trainer, texts = player.trainer, player.scene._answers.texts

    def answers():
        with torch.no_grad():
            judged = trainer.D(trainer.sample(player.scene._z_fixed)).view(ROWS, 10)
        return judged.mean(dim=0)

    def words():
        return [f"{each:.3f}" for each in answers()]

    before, G = answers(), [weight.clone() for weight in trainer.G_ema.parameters()]
    assert [text.get_text() for text in texts] == words()
    player.step_d.click()
    assert all(map(torch.equal, G, trainer.G_ema.parameters()))
    assert [text.get_text() for text in texts] == words()
    assert ((answers() - before).abs() > 1e-4).all()


# --- translation ---------------------------------------------------------------------------------


def test_the_arrows_end_where_T_sends_the_points():
    player = TranslationPlayer()
    player.trainer.burst(20)
    player._after_training()
    T = player.trainer.G_ema.net.T
    with torch.no_grad():
        b = T(player.scene._a).numpy()
    arrows = player.scene._arrows
    ends = arrows.get_offsets() + np.stack([arrows.U, arrows.V], axis=1)
    np.testing.assert_allclose(ends, b, atol=1e-5)
    kept = kept_share(T, player.trainer.data)
    assert f"{kept:.0%} keep their kind" in shown(player)
    off = f"off by {round_trip_error(player.trainer):.2f}"
    assert off in shown(player) and off in player.scene._told.get_text()
    names = [line.get_label() for line in player.scene._curves if "mean" in line.get_gid()]
    assert names == ["real points", "translations", "judges", "translators"]


def test_help_angle_and_a_new_start_begin_again():
    player = TranslationPlayer()
    for change in (
        lambda: setattr(player.help, "value", "two pairs"),
        lambda: setattr(player.angle, "value", 135.0),
        lambda: player.new_start.click(),
    ):
        player.trainer.burst(3)
        change()
        assert player.trainer.step == 0
    assert player.trainer.turn.help == "two pairs" and player.trainer.data.angle == 135
    assert player.seed == 1 and "start 1, help: two pairs" in player.status.value
    x, _ = player.scene._real_b[0].get_data()
    assert np.mean(x) == pytest.approx(2 * np.cos(np.radians(45)), abs=0.3)


# --- the checks ----------------------------------------------------------------------------------


def test_what_the_checks_say_of_an_unknown_mistake_is_short_and_helps():
    cases = {
        "one number for each image has shape": lambda images, x, mask: torch.tensor(0.5),
        "not right for a mask": lambda images, x, mask: torch.full((len(images),), 0.3).double(),
        "stops with TypeError": lambda images, x, mask: images + "0",
    }
    for told, wrong in cases.items():
        with pytest.raises(WrongAnswer, match=told) as error:
            check_seen_misfit(wrong)
        assert len(str(error.value)) < 250
    with pytest.raises(WrongAnswer) as error:
        check_cycle_loss(lambda a, b, T, S: 3 * (a - 1).abs().mean())
    assert len(str(error.value)) < 700
