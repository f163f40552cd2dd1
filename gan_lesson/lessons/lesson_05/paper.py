"""The paper GAN: one turn of a GAN of three parameters by hand, its sheet and its check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from IPython.display import HTML

from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.mathematics.bce import sigmoid, softplus
from gan_lesson.saving import write_whole

# G(z) = z + theta, logit of D = a x + b; theta = a = b = 0 at the start. D's turn with rate 1/2,
# then G's turn with rate 1.

X_REAL = np.array([3.0, 5.0])
Z_OF_D = np.array([-1.0, 1.0])
Z_OF_G = np.array([-1.0, 2.0])
LR_D, LR_G = 0.5, 1.0


@dataclass(frozen=True)
class Line:
    """One line of the sheet.

    Args:
        number: its place on the sheet; even the first is 1.
        question: what to compute, plain text.
        follows: function of the lines before (by number, as arrays) to this line's numbers, so
            that a line is judged by what the learner had, and one mistake is told once.
        mistakes: pairs (function like `follows`, what it is), of common mistakes.
        places: numbers to write.
    """

    number: int
    question: str
    follows: Callable
    mistakes: tuple = ()
    places: int = 1


def _slope_a(of: Mapping) -> float:
    return np.mean(of[5] * of[1]) - np.mean((1 - of[4]) * X_REAL)


LINES = [
    Line(1, "G(z) for z = −1 and z = 1", lambda of: Z_OF_D + 0.0, places=2),
    Line(2, "logits of D on x = 3 and x = 5", lambda of: 0.0 * X_REAL, places=2),
    Line(3, "logits of D on line 1", lambda of: 0.0 * of[1], places=2),
    Line(
        4,
        "D(x) = σ(line 2)",
        lambda of: sigmoid(of[2]),
        ((lambda of: of[2], "That is the logit itself; D(x) is σ of it."),),
        places=2,
    ),
    Line(
        5,
        "D(G(z)) = σ(line 3)",
        lambda of: sigmoid(of[3]),
        ((lambda of: of[3], "That is the logit itself; D(G(z)) is σ of it."),),
        places=2,
    ),
    Line(
        6,
        "D's loss: mean of −log D(x), plus mean of −log(1 − D(G(z)))",
        lambda of: -np.mean(np.log(of[4])) - np.mean(np.log(1 - of[5])),
        (
            (
                lambda of: -(np.mean(np.log(of[4])) + np.mean(np.log(1 - of[5]))) / 2,
                "That is the mean of the two halves; the loss is their sum.",
            ),
            (
                lambda of: np.mean(np.log(of[4])) + np.mean(np.log(1 - of[5])),
                "The sign: that is V. The loss is −V.",
            ),
        ),
    ),
    Line(
        7,
        "slope of the loss in a: mean of D(G(z))·G(z), minus mean of (1 − D(x))·x",
        _slope_a,
        (
            (lambda of: -_slope_a(of), "The sign: that is the slope of V. The loss falls with a."),
            (lambda of: 2 * _slope_a(of), "Those are sums over the batch; take means."),
        ),
    ),
    Line(
        8,
        "slope of the loss in b: mean of D(G(z)), minus mean of 1 − D(x)",
        lambda of: np.mean(of[5]) - np.mean(1 - of[4]),
        ((lambda of: np.mean(of[5]) + np.mean(1 - of[4]), "The second mean is subtracted."),),
    ),
    Line(
        9,
        "the new a: 0 − ½ · line 7",
        lambda of: -LR_D * of[7],
        (
            (lambda of: LR_D * of[7], "The sign: a loss goes down, so the slope is subtracted."),
            (lambda of: -of[7], "The learning rate of D is ½."),
        ),
    ),
    Line(
        10,
        "the new b: 0 − ½ · line 8",
        lambda of: -LR_D * of[8],
        ((lambda of: LR_D * of[8], "The sign: a loss goes down, so the slope is subtracted."),),
    ),
    Line(
        11,
        "G(z) for the fresh noise z = −1 and z = 2",
        lambda of: Z_OF_G + 0.0,
        ((lambda of: Z_OF_D + 0.0, "That is the noise of D's turn. G's turn draws fresh noise."),),
        places=2,
    ),
    Line(
        12,
        "logits of D, as it is now, on line 11",
        lambda of: of[9] * of[11] + of[10],
        ((lambda of: 0.0 * of[11], "D has moved: use the new a and b."),),
        places=2,
    ),
    Line(
        13,
        "D(G(z)) = σ(line 12)",
        lambda of: sigmoid(of[12]),
        ((lambda of: of[12], "That is the logit itself; D(G(z)) is σ of it."),),
        places=2,
    ),
    Line(
        14,
        "G's loss (non-saturating): mean of −log D(G(z))",
        lambda of: -np.mean(np.log(of[13])),
        (
            (
                lambda of: -np.mean(np.log(1 - of[13])),
                "That is label 0, D's own loss on these samples. In G's turn they get label 1.",
            ),
            (
                lambda of: np.mean(np.log(1 - of[13])),
                "That is the saturating loss. It keeps label 0 and turns the sign.",
            ),
            (lambda of: -np.sum(np.log(of[13])), "That is the sum; take the mean."),
        ),
    ),
    Line(
        15,
        "slope of line 14 in θ: minus a times the mean of 1 − D(G(z))",
        lambda of: -of[9] * np.mean(1 - of[13]),
        (
            (lambda of: of[9] * np.mean(1 - of[13]), "The sign: G's loss falls as θ grows."),
            (lambda of: -np.mean(of[13]) * of[9], "1 − D(G(z)), not D(G(z))."),
        ),
    ),
    Line(
        16,
        "the new θ: 0 − 1 · line 15",
        lambda of: -LR_G * of[15],
        ((lambda of: LR_G * of[15], "The sign: a loss goes down, so the slope is subtracted."),),
    ),
]


def paper_answers() -> dict[int, np.ndarray]:
    """Return the numbers of all lines of the paper GAN, by the line's number."""
    answers: dict[int, np.ndarray] = {}
    for line in LINES:
        answers[line.number] = np.atleast_1d(line.follows(answers))
    return answers


def check_paper(answers: Mapping) -> None:
    """Say how far a sheet is right, and which line is the first that is not.

    Each line is judged by the learner's own lines before it. Lines that hold `...` are not
    judged; the first of them ends the check.

    Args:
        answers: a number, or a tuple of numbers, by the line's number. Two decimals suffice.

    Raises:
        WrongAnswer: a line does not follow from those before it.
    """
    before: dict[int, np.ndarray] = {}
    for line in LINES:
        given = answers.get(line.number, ...)
        if _is_empty(given):
            done = f"Lines 1 to {line.number - 1} are right so far." if before else ""
            print(done or "Not attempted yet: fill in line 1, then run this cell again.")
            return
        try:
            given = np.atleast_1d(np.array(given, dtype=float))
        except (TypeError, ValueError):
            raise WrongAnswer(f"Line {line.number} holds {given!r}; write numbers.") from None
        if given.shape != (line.places,):
            raise WrongAnswer(
                f"Line {line.number} holds {given.size} numbers; it needs {line.places}: "
                f"{line.question}."
            )
        if not _near(given, line.follows(before)):
            told = [name for wrong, name in line.mistakes if _near(given, wrong(before))]
            why = told[0] if told else "Go through it once more."
            raise WrongAnswer(f"Line {line.number} ({line.question}) is not right. {why}")
        before[line.number] = given
    print("All 16 lines are right: you have trained a GAN for one turn, by hand.")


def _is_empty(given) -> bool:
    return given is ... or (isinstance(given, (tuple, list)) and any(g is ... for g in given))


def _near(given: np.ndarray, right) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.allclose(given, np.atleast_1d(right), rtol=0, atol=0.011))


_SHEET = """<div style="max-width:700px;font-family:sans-serif;font-size:15px;line-height:1.5">
<h2>Paper GAN: one full turn by hand</h2>
<p><b>G(z) = z + θ</b> has one parameter. <b>D</b> has two: its logit is <b>a·x + b</b>, and
D(x) = σ(a·x + b). At the start θ = a = b = 0. Two real samples: x = 3 and x = 5.
Each line follows from the lines before it; two decimals suffice.</p>
<table style="border-collapse:collapse"><tr>{head}</tr><tr>{sigma}</tr><tr>{log}</tr></table>
<h3>D's turn: noise z = −1 and z = 1, learning rate ½</h3>
<table style="border-collapse:collapse;width:100%">{first}</table>
<h3>G's turn: fresh noise z = −1 and z = 2, learning rate 1</h3>
<table style="border-collapse:collapse;width:100%">{second}</table>
</div>"""
_PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Paper GAN</title>
<style>@page {{size: A4; margin: 15mm}} body {{margin: 1em auto; max-width: 720px}}</style>
<body>{sheet}</body></html>
"""


def paper_sheet(path: str | Path | None = None) -> HTML:
    """Return the sheet of the paper GAN, with empty lines; write it as a page to print, if asked.

    Args:
        path: where to write a page of HTML for printing on A4, its folder made if need be;
            nothing is written without.

    Raises:
        OSError: the page cannot be written.
    """
    places = [-2, -1, 0, 1, 2]
    cell = '<td style="padding:1px 14px;border:1px solid #999;text-align:right">{}</td>'
    rows = [
        ["s", *(f"{s}".replace("-", "−") for s in places)],
        ["σ(s)", *(f"{sigmoid(s):.3f}" for s in places)],
        ["−log σ(s)", *(f"{softplus(-s):.3f}" for s in places)],
    ]
    head, sigma, log = ("".join(cell.format(text) for text in row) for row in rows)
    sheet = _SHEET.format(
        head=head,
        sigma=sigma,
        log=log,
        first="".join(map(_row, LINES[:10])),
        second="".join(map(_row, LINES[10:])),
    )
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _PAGE.format(sheet=sheet))
    return HTML(sheet)


def _row(line: Line) -> str:
    border = "border-bottom:1px solid #bbb;padding:5px 8px"
    gaps = " and ".join(["…" * 5] * line.places)
    return (
        f'<tr><td style="{border};width:2em">{line.number}</td>'
        f'<td style="{border};text-align:left;max-width:none">{escape(line.question)}</td>'
        f'<td style="{border};text-align:right;white-space:nowrap">{gaps}</td></tr>'
    )
