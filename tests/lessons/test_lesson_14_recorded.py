"""Lesson 14's recorded files hold what their docstrings say, and the text says what they hold."""

import numpy as np
import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import images_to_tensor, load_digits
from gan_lesson.lessons.lesson_14.membership import tpr_at_fpr
from gan_lesson.lessons.lesson_14.minority import FEW, MOST, is_few, mixed_digits, share_of_few
from gan_lesson.lessons.lesson_14.recorded import load_members, load_minority
from gan_lesson.lessons.mathematics.divergence import auc
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


def ends(numbers, places=2):
    return f"{numbers.min():.{places}f} to {numbers.max():.{places}f}"


def test_the_text_says_of_the_members_what_is_recorded():
    d, g = MEMBERS.auc_d, MEMBERS.auc_g
    for i, n in enumerate(MEMBERS.sizes):
        said = f"| {n:,} | {ends(d[i])} | {ends(g[i])} |"
        assert said in LESSON.text, said
    assert (d > g).all() and (np.diff(d.mean(axis=1)) < 0).all()
    named = 100 * MEMBERS.tpr_g[0]
    assert f"names {named.min():.0f} to {named.max():.0f} % of the hundred" in LESSON.text
    assert "in four of the five runs that is more than D names" in LESSON.text
    assert (MEMBERS.tpr_g[0] > MEMBERS.tpr_d[0]).sum() == 4
    assert np.abs(g[2] - 0.5).max() < 0.03 and MEMBERS.tpr_d[2].max() < 0.02  # nearly nothing
    others = MEMBERS.others_g[0].astype(float)
    members = (MEMBERS.members_g[0].astype(float) - others.mean()) / others.std()
    far = members[np.isfinite(members)] > 2
    assert "some members lie far to the right" in LESSON.text and 0.1 < far.mean() < 0.3
    rest = members[np.isfinite(members)][~far]
    assert abs(np.median(rest)) < 0.3  # among the others, whose mean is 0


def test_a_minority_of_the_data_is_what_it_says():
    for share in (0.1, 0.02):
        x = mixed_digits(share)
        assert len(x) == 1000 and share_of_few(x) == pytest.approx(share)
    shares = class_shares(mixed_digits(0.1))
    assert shares[MOST] + shares[FEW] > 0.99


def test_the_classifier_reads_real_digits_of_both_kinds_as_the_text_says():
    x, labels = load_digits().test
    misread = int((~is_few(x[labels == FEW])).sum()), int(is_few(x[labels == MOST]).sum())
    assert misread == (0, 1) and {int((labels == k).sum()) for k in (FEW, MOST)} == {200}
    assert "it misread none of 200 8s and one of 200 1s" in LESSON.text


def test_the_stored_sheets_hold_the_eights_that_are_framed():
    assert MINORITY.sheets.shape[:4] == (2, len(MINORITY.steps), len(MINORITY.factors), 24)
    for i in range(2):
        for m in (0, len(MINORITY.steps) - 1):
            read = is_few(images_to_tensor(MINORITY.sheets[i, m, 0])).numpy()
            assert (read == MINORITY.eights[i, m, 0]).mean() > 0.9  # 16 grey levels
    shown, counted = MINORITY.eights.sum(axis=3), 24 * MINORITY.found[:, 0]
    assert np.abs(shown - counted).max() <= 0.5


def percent(numbers, places=1):
    return f"{100 * numbers.min():.{places}f} to {100 * numbers.max():.{places}f} %"


def test_the_text_says_of_the_minority_what_is_recorded():
    of_ten, of_two = MINORITY.found  # (5, m, k)
    assert MINORITY.steps.tolist() == [50, 100, 150, 225, 300, 450]
    assert MINORITY.factors.tolist() == [1, 0.75, 0.5, 0.25]
    assert (of_ten < 0.1).all() and (of_two < 0.02).all()  # below the dashed line
    for said in (
        f"their G draws {percent(of_ten[:, -1, 0])} at step 450.",
        f"at step 450 it is {percent(of_two[:, -1, 0])}.",
        f"With 0.75 z these become {percent(of_ten[:, -1, 1], 0)}",
    ):
        assert said in LESSON.text, said
    assert not of_two[:, :3, 0].any()  # no single 8 until step 150
    assert not MINORITY.found[:, :, -1, 2:].any()  # none with half of z
