"""How sure is a search? What its answers agree on, against what was written."""

from typing import NamedTuple

import numpy as np

from gan_lesson.data import load_digits
from gan_lesson.lessons.lesson_13.inpainting import who_fits
from gan_lesson.lessons.lesson_13.recorded import load_searches


class Agreement(NamedTuple):
    """For each searched digit: classes among the answers that fit, the commonest of them.

    fitting: how many answers fit, shape (n,). classes: how many, shape (n,). commonest: which,
    shape (n,). share: of the answers that fit, shape (n,). right: whether it is the digit that was
    written, booleans (n,).
    """

    fitting: np.ndarray
    classes: np.ndarray
    commonest: np.ndarray
    share: np.ndarray
    right: np.ndarray


def agreement(hidden: int) -> Agreement:
    """Return what the recorded searches agree on.

    Args:
        hidden: how many rows were hidden, one of `load_searches().hidden`.
    """
    searches = load_searches()
    i = searches.hidden.tolist().index(hidden)
    truth = load_digits().test.labels.numpy()[searches.rows]
    counts = np.stack(
        [
            np.bincount(digits[who_fits(misfit.astype(float))], minlength=10)
            for digits, misfit in zip(searches.digits[i], searches.misfit[i], strict=True)
        ]
    )
    commonest = counts.argmax(axis=1)
    fitting = counts.sum(axis=1)
    share = counts.max(axis=1) / fitting
    return Agreement(fitting, (counts > 0).sum(axis=1), commonest, share, commonest == truth)


def sure_and_right(hidden: int) -> tuple[float, float]:
    """Return how often all answers that fit are one digit, and how often that was written."""
    found = agreement(hidden)
    sure = found.classes == 1
    return float(sure.mean()), float(found.right[sure].mean())
