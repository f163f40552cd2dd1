"""Lesson 05's paper GAN: one turn of a GAN of three parameters, by hand and by autograd."""

import re

import numpy as np
import pytest
import torch
from scipy import special
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_05 import paper
from gan_lesson.lessons.mathematics.value import LOG_4


def sheet_by_torch():
    """One turn of the three-parameter GAN by autograd: loss_d, a, b, loss_g, theta."""
    theta, a, b = (torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in range(3))
    real, z, fresh = (torch.tensor(v, dtype=torch.float64) for v in ([3, 5], [-1, 1], [-1, 2]))
    logits = a * real + b, a * (z + theta).detach() + b
    loss_d = bce(logits[0], torch.ones(2).double()) + bce(logits[1], torch.zeros(2).double())
    loss_d.backward()
    a, b = (p.detach() - 0.5 * p.grad for p in (a, b))
    loss_g = bce(a * (fresh + theta) + b, torch.ones(2).double())
    loss_g.backward()
    return [n.item() for n in (loss_d, a, b, loss_g, theta - 1.0 * theta.grad)]


def test_the_sheets_numbers_are_those_of_autograd():
    answers = paper.paper_answers()
    ours = [answers[line][0] for line in (6, 9, 10, 14, 16)]
    np.testing.assert_allclose(ours, sheet_by_torch(), atol=1e-9)
    assert answers[6][0] == pytest.approx(LOG_4)
    assert answers[16][0] == pytest.approx(0.4251, abs=5e-5)


def rounded():
    return {number: tuple(line.round(2)) for number, line in paper.paper_answers().items()}


def test_a_right_sheet_passes_with_two_decimals_and_an_empty_one_is_not_judged(capsys):
    paper.check_paper(rounded())
    assert "All 16 lines are right" in capsys.readouterr().out
    paper.check_paper({1: (..., ...)})
    assert "Not attempted yet" in capsys.readouterr().out
    paper.check_paper({n: line if n < 8 else ... for n, line in rounded().items()})
    assert "Lines 1 to 7 are right so far." in capsys.readouterr().out


@pytest.mark.parametrize("line", paper.LINES, ids=lambda line: str(line.number))
def test_each_line_is_checked_and_each_mistake_in_it_named(line):
    sheet, before = rounded(), paper.paper_answers()
    for wrong in (tuple(np.array(sheet[line.number]) + 0.05), (7.0,) * (3 - line.places)):
        with pytest.raises(WrongAnswer, match=f"Line {line.number} "):
            paper.check_paper({**sheet, line.number: wrong})
    for function, sentence in line.mistakes:
        wrong = np.atleast_1d(function(before))
        if paper._near(wrong, line.follows(before)):
            continue  # in this turn the mistake leaves no trace, as with a slope of 0
        with pytest.raises(WrongAnswer, match=re.escape(sentence)):
            paper.check_paper({**sheet, line.number: tuple(wrong)})


def test_a_line_is_judged_by_the_learners_own_lines_before():
    sheet = rounded()
    sheet[7] = (2.0,)  # the wrong sign
    with pytest.raises(WrongAnswer, match="Line 7 .*slope of V"):
        paper.check_paper(sheet)
    line = {line.number: line for line in paper.LINES}[9]
    assert line.follows({7: np.array([2.0])})[0] == -1.0


def test_the_printed_sheet_has_16_empty_lines_and_no_answer(tmp_path):
    shown = paper.paper_sheet(tmp_path / "sheet.html").data
    page = (tmp_path / "sheet.html").read_text("utf-8")
    assert "A4" in page and shown in page
    for line in paper.LINES:
        assert f">{line.number}</td>" in shown
    for answer in ("1.386", "1.39", ".425", ".43", "0.72"):
        assert answer not in shown
    for s, p in ((-1, 0.269), (2, 0.881)):
        assert special.expit(s) == pytest.approx(p, abs=5e-4) and f"{p:.3f}" in shown
    with pytest.raises(OSError):
        paper.paper_sheet(tmp_path / "sheet.html" / "sheet.html")  # a file, no folder
