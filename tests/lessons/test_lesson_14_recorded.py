"""Lesson 14's recorded files hold what their docstrings say, and the text says what they hold."""

import numpy as np
import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import images_to_tensor
from gan_lesson.lessons.lesson_14.detector import auc
from gan_lesson.lessons.lesson_14.membership import tpr_at_fpr
from gan_lesson.lessons.lesson_14.minority import FEW, MOST, is_few, mixed_digits, share_of_few
from gan_lesson.lessons.lesson_14.recorded import load_members, load_minority
from gan_lesson.metrics import class_shares

LESSON = LessonText("14_whom_it_can_harm")
MEMBERS, MINORITY = load_members(), load_minority()


def test_the_stored_scores_have_the_stored_areas_and_rates():
    assert MEMBERS.sizes.tolist() == [100, 1000, 10_000] and MEMBERS.steps == 1300
    for i, n in enumerate(MEMBERS.sizes):
        for by in "dg":
            members, others = (getattr(MEMBERS, f"{who}_{by}")[i] for who in ("members", "others"))
            there = np.isfinite(members)
            assert there.sum() == min(n, 2000) and np.isfinite(others).all()
            members, others = members[there].astype(float), others.astype(float)
            area = auc(torch.from_numpy(members), torch.from_numpy(others))
            assert area == pytest.approx(getattr(MEMBERS, f"auc_{by}")[i, 0], abs=2e-3)
            named = tpr_at_fpr(members, others, 0.01)
            assert named == pytest.approx(getattr(MEMBERS, f"tpr_{by}")[i, 0], abs=0.01)


def test_a_minority_of_the_data_is_what_it_says():
    for share in (0.1, 0.02):
        x = mixed_digits(share)
        assert len(x) == 1000 and share_of_few(x) == pytest.approx(share)
    shares = class_shares(mixed_digits(0.1))
    assert shares[MOST] + shares[FEW] > 0.99


def test_the_stored_sheets_hold_the_eights_that_are_framed():
    assert MINORITY.sheets.shape[:4] == (2, len(MINORITY.steps), len(MINORITY.factors), 24)
    for i in range(2):
        for m in (0, len(MINORITY.steps) - 1):
            read = is_few(images_to_tensor(MINORITY.sheets[i, m, 0])).numpy()
            assert (read == MINORITY.eights[i, m, 0]).mean() > 0.9  # 16 grey levels
    shown, counted = MINORITY.eights.mean(axis=3), MINORITY.found[:, 0]
    assert np.abs(shown - counted).max() < 0.25
