"""From what a framework logs in a batch to a row of a `History`, and to a picture of it."""

import warnings
from collections.abc import Mapping
from numbers import Real

import numpy as np
from torch import Tensor

from gan_lesson.history import History
from gan_lesson.old_runs import known_part

STEP_OF_OURS = ("step", "seconds")  # a history counts and measures them itself


class LoggedRows:
    """Add a row to a history for each batch that logged at least one known number.

    Args:
        history: where rows go; a new one with `conventions` if left out.
        curves: a `LiveCurves` of that history, redrawn when it is due.
        names: {logged name: our column}, for names that are unknown or mean something else.
        conventions: of a new `History`: loss, losses, generator_loss.

    Raises:
        ValueError: a history and conventions are given together, or `curves` show another.
    """

    def __init__(self, history, curves, names: Mapping[str, str] | None, conventions: dict):
        if history is not None and conventions:
            raise ValueError(
                f"history has its own conventions; say {', '.join(conventions)} where it is made"
            )
        self.history = History(**conventions) if history is None else history
        if curves is not None and curves.history is not self.history:
            raise ValueError("curves show another history than the one that is filled")
        self.curves = curves
        self._names = dict(names or {})
        self._seen: dict[str, None] = {}
        self._rows_before = len(self.history)

    def add(self, logged: Mapping[str, object]) -> None:
        """Add what one batch logged; of two names of one column the first counts."""
        row, known = {}, False
        for name, value in logged.items():
            self._seen.setdefault(name)
            ours = self._names.get(name) or known_part(name)
            if ours in STEP_OF_OURS or not _is_number(value):
                continue
            row.setdefault(ours or name, value)
            known |= ours is not None
        if known:
            self.history.append(**row)
            if self.curves is not None:
                self.curves.update()

    def end(self) -> None:
        """Draw the last state; warn if no batch logged a number of a known name."""
        if self.curves is not None:
            self.curves.update(now=True)
        if len(self.history) == self._rows_before:
            warnings.warn(
                f"the history is empty: none of the logged names is known ("
                f"{', '.join(map(repr, self._seen)) or 'nothing was logged'}); log d_loss and "
                "g_loss, or say names={'yours': 'loss_d'}",
                stacklevel=2,
            )


def _is_number(value) -> bool:
    """Tell whether a history can take the mean of it."""
    return isinstance(value, (Real, Tensor)) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
    )
