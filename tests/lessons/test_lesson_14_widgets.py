"""Lesson 14's explorers: what they show is what the package computes."""

import re

import numpy as np
import pytest
import torch

from gan_lesson.data import tensor_to_images
from gan_lesson.lessons.lesson_14.base_rate import BaseRateExplorer, share_of_accused
from gan_lesson.lessons.lesson_14.detector import (
    FILES,
    GENERATORS,
    as_saved,
    fool,
    found,
    images_to_test,
    trace_detector,
    train_detector,
    training_images,
)
from gan_lesson.lessons.lesson_14.detector_explorer import LOOKS, NETWORK, DetectorExplorer
from gan_lesson.lessons.lesson_14.marks_explorer import MarksExplorer
from gan_lesson.lessons.lesson_14.membership import tpr_at_fpr
from gan_lesson.lessons.lesson_14.membership_explorer import SCORES, MembershipExplorer
from gan_lesson.lessons.lesson_14.minority_explorer import MinorityExplorer
from gan_lesson.lessons.lesson_14.recorded import load_members, load_minority


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


@pytest.fixture(scope="module")
def network():
    """A network that has hardly learnt: what it scores is compared, not how well."""
    return train_detector(*map(as_saved, training_images()), n_steps=20)


def test_the_detectors_shares_are_those_of_the_chosen_images(network):
    explorer = DetectorExplorer(network)
    assert explorer.epsilon not in explorer.widget.children  # the attack has a picture of its own
    for look in LOOKS:
        detector = network if look == NETWORK else trace_detector(look)
        for generator in GENERATORS:
            for files in ("as computed", "saved", "blurred"):
                explorer.looks_at.value, explorer.generator.value = look, generator
                explorer.files.value = files
                x, y = (FILES[files](images) for images in images_to_test(generator))
                with torch.no_grad():
                    want = found(detector.logits(x), detector.logits(y))
                assert f"{want.real_right:.0%} of the real digits" in shown(explorer)
                assert f"AUC {want.auc:.2f}" in shown(explorer)
                assert explorer._told[2].get_text() == f"AUC {want.auc:.2f}"
                last = explorer._numbers[-1]  # the axis has the score's unit
                assert float(last.get_text()) == pytest.approx(
                    last.get_position()[0] * explorer._scale[look]
                )
                assert explorer.epsilon.disabled == (look != NETWORK)
    sheet = 255 - np.asarray(explorer._sheet.get_array())
    np.testing.assert_array_equal(sheet[:28, :28], tensor_to_images(x[:1])[0])


def test_the_attack_of_the_slider_is_that_of_the_text(network):
    explorer = DetectorExplorer(network, looks_at=NETWORK, files="saved", attack=True)
    assert explorer.epsilon in explorer.widget.children
    x, y = (as_saved(images) for images in images_to_test("fully connected"))
    for epsilon in (0.02, 0.1):
        explorer.epsilon.value = epsilon
        with torch.no_grad():
            want = found(network.logits(x), network.logits(as_saved(fool(network, y, epsilon))))
        assert f"{want.caught:.0%} of the fully connected" in shown(explorer)
        assert f"ε = {epsilon:.2f}" in shown(explorer)


def test_the_thousand_dots_add_up_and_follow_bayes():
    explorer = BaseRateExplorer()
    for share, caught, accused in ((0.01, 0.9, 0.05), (0.5, 1.0, 0.0), (0.001, 0.05, 0.2)):
        explorer.share.value, explorer.caught.value = share, caught
        explorer.accused.value = accused
        counts = explorer.counts()
        assert sum(counts) == 1000
        assert [len(dots.get_xdata()) for dots in explorer._dots] == list(counts)
        right = share_of_accused(caught, accused, share)
        assert f"{right:.1%} of the accused are generated" in shown(explorer)


def test_the_dot_of_the_members_lies_on_their_curve():
    explorer, stored = MembershipExplorer(), load_members()
    for size in stored.sizes.tolist():
        for score in SCORES:
            explorer.size.value, explorer.score.value = size, score
            for allowed in (0.01, 0.2):
                explorer.allowed.value = allowed
                named = tpr_at_fpr(*explorer.scores(size, SCORES[score]), allowed)
                assert f"and {named:.1%} of the members" in shown(explorer)
                assert explorer._by.get_text() == f"score: {score}"
                assert explorer._dot.get_ydata()[0] == pytest.approx(max(named, 5e-4))


def test_the_minority_is_counted_at_every_moment():
    explorer, stored = MinorityExplorer(), load_minority()
    for i, share in enumerate(stored.shares.tolist()):
        explorer.share.value = share
        for m in (0, len(stored.steps) - 1):
            for k in range(len(stored.factors)):
                explorer.moment.value, explorer.factor.value = m, k
                assert f"samples draws {stored.found[i, 0, m, k]:.1%}" in shown(explorer)
                framed = [frame.get_visible() for frame in explorer._frames]
                np.testing.assert_array_equal(framed, stored.eights[i, m, k])


def test_a_stronger_mark_is_found_more_often_and_none_is_found_in_real_digits():
    explorer = MarksExplorer(strength=0)
    saved, forged = [], []
    for strength in (0, 5, 8, 16, 32):  # 5 can be typed, though the slider has even ones
        explorer.strength.value = strength
        assert f"Strength {strength} grey levels" in shown(explorer)
        widths = [bar.get_width() for bar in explorer._bars]
        saved.append(widths[0])
        forged.append(widths[-2])
        assert widths[-1] < 0.02
    assert saved == sorted(saved) and saved[0] < 0.03 and saved[-1] == 1
    assert forged == sorted(forged) and forged[-1] > 0.95
    explorer.strength.value = 8
    guessing = explorer._bars[-2].get_width()
    explorer.knows.value = True
    assert explorer._bars[-2].get_width() > guessing and "knows the pattern" in shown(explorer)


@pytest.mark.parametrize("computes", ["_mark", "_make_scores"])
def test_what_a_slider_needs_is_computed_before_it_moves_and_on_one_thread(
    monkeypatch, network, computes
):
    owner = MarksExplorer if computes == "_mark" else DetectorExplorer
    compute, threads = getattr(owner, computes), []

    def noted(*args):
        threads.append(torch.get_num_threads())
        return compute(*args)

    monkeypatch.setattr(owner, computes, noted)
    had = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        explorer = owner() if computes == "_mark" else owner(network, NETWORK, attack=True)
        n = len(threads)
        slider = explorer.strength if computes == "_mark" else explorer.epsilon
        slider.value = slider.max
        assert len(threads) == n > 15 and set(threads) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(had)
