"""The numbers of a run, one row a step, from the Trainer or from anybody's own loop."""

import csv
import math
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from gan_lesson.losses import GENERATOR_LOSSES
from gan_lesson.saving import whole

_CONVENTIONS = {"losses": ("sum", "mean"), "generator_loss": GENERATOR_LOSSES}


class Record(NamedTuple):
    """One row of a `History`: the numbers of one turn."""

    step: int
    seconds: float
    d_real: float
    d_fake: float
    loss_d: float
    loss_g: float


class History:
    """The numbers of a run, one row a step, from the Trainer or from anybody's own loop.

        history = History()
        history.append(d_real=.8, d_fake=.4, loss_d=.734, loss_g=.916)
        history["d_real"]            # array of what was appended so far

    Args:
        losses: "sum" if loss_d adds its two halves (chance level log 4 = 1.386), "mean" if
            it averages them (log 2 = .693). Reference lines are drawn from it.
        generator_loss: kind of `loss_g`, "non_saturating" (chance level log 2) or
            "saturating" (-log 2).

    Raises:
        ValueError: an unknown name.
    """

    columns = Record._fields

    def __init__(self, losses: str = "sum", generator_loss: str = "non_saturating"):
        self.version = 0  # rises with every change, so that pictures know when they are stale
        self.losses = losses
        self.generator_loss = generator_loss
        self._rows = self._written = 0
        self._started = time.perf_counter()
        self._data = {
            name: np.empty(256, {"step": np.int64, "seconds": np.float64}.get(name, np.float32))
            for name in self.columns
        }

    def __setattr__(self, name: str, value) -> None:
        """Refuse an unknown convention; a new one changes the picture, as new rows do."""
        if name in _CONVENTIONS:
            if value not in _CONVENTIONS[name]:
                raise ValueError(f"{name} is {value!r}; it must be one of {_CONVENTIONS[name]}")
            self.version += value != getattr(self, name, None)
        super().__setattr__(name, value)

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one column, shape (len(history),); a view that ends where the run is now."""
        if name not in self._data:
            raise KeyError(f"{name!r} is no column; there are {', '.join(self.columns)}")
        return self._data[name][: self._rows]

    @property
    def chance_levels(self) -> dict[str, float]:
        """What the four curves show when D says 1/2 to everything, in their own units."""
        return {
            "d_real": 0.5,
            "d_fake": 0.5,
            "loss_d": math.log(4) if self.losses == "sum" else math.log(2),
            "loss_g": math.log(2) if self.generator_loss == "non_saturating" else -math.log(2),
        }

    @property
    def last(self) -> Record | None:
        """The newest row, or None before the first."""
        if not self._rows:
            return None
        return Record(*(self._data[name][self._rows - 1].item() for name in self.columns))

    def append(
        self,
        *,
        d_real: float | Tensor,
        d_fake: float | Tensor,
        loss_d: float | Tensor,
        loss_g: float | Tensor,
        step: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Add one row; NaN is taken, so that a run that diverges can be shown.

        Args:
            d_real: D(x) on a batch, a probability; a tensor or array is averaged.
            d_fake: D(G(z)) on a batch, a probability; a tensor or array is averaged.
            loss_d: the discriminator's loss, nats.
            loss_g: the generator's loss, nats.
            step: number of the step; one more than the last if left out.
            seconds: time since the start; measured since this object was made if left out.

        Raises:
            ValueError: D(x) or D(G(z)) lies outside [0, 1] anywhere, a batch is empty, or `step`
                is not after the last.
        """
        numbers = [
            _as_mean("d_real", d_real, probability=True),
            _as_mean("d_fake", d_fake, probability=True),
            _as_mean("loss_d", loss_d),
            _as_mean("loss_g", loss_g),
        ]
        last = int(self._data["step"][self._rows - 1]) if self._rows else 0
        step = last + 1 if step is None else int(step)
        if step < 0 or (self._rows and step <= last):
            raise ValueError(f"step is {step}; it must be >= 0 and after the last one, {last}")
        seconds = time.perf_counter() - self._started if seconds is None else float(seconds)
        self.extend(np.array([[step, seconds, *numbers]]))

    def extend(self, rows: np.ndarray) -> None:
        """Add rows, shape (n, 6), in the order of `columns`, unchecked."""
        end = self._rows + len(rows)
        for j, (name, column) in enumerate(self._data.items()):
            if end > len(column):
                grown = np.empty(max(end, 2 * len(column)), column.dtype)
                grown[: self._rows] = column[: self._rows]
                self._data[name] = column = grown
            column[self._rows : end] = rows[:, j]
        self._rows = self._written = end
        self.version += 1

    def truncate(self, rows: int) -> None:
        """End the history after `rows` rows; those cut come back if nothing was added since.

        Raises:
            ValueError: `rows` is negative or beyond what was ever written.
        """
        if not 0 <= rows <= self._written:
            raise ValueError(f"rows is {rows}; it must be between 0 and {self._written}")
        self._rows = rows
        self.version += 1

    def to_csv(self, path: str | Path) -> None:
        """Write all rows with a header line; floats as Python prints float32.

        Raises:
            OSError: the file cannot be written; one that was there before is as it was.
        """
        with whole(path) as partial, open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(zip(*(self[name] for name in self.columns), strict=True))

    def to_frame(self):
        """Return the rows as a pandas DataFrame, indexed by step."""
        import pandas as pd

        frame = pd.DataFrame({name: self[name].copy() for name in self.columns})
        return frame.set_index("step")


def _as_mean(name: str, value: float | Tensor, probability: bool = False) -> float:
    if isinstance(value, Tensor):
        value = value.detach().double().cpu().numpy()
    value = np.asarray(value, dtype=float)
    if not value.size:
        raise ValueError(f"{name} is empty; it must hold at least one number")
    low, high = value.min(), value.max()
    if probability and (low < 0 or high > 1):
        found = f"{low:g}" if value.size == 1 else f"between {low:g} and {high:g}"
        raise ValueError(
            f"{name} is {found}; it must be a probability between 0 and 1 "
            "(is it a logit? then pass torch.sigmoid of it)"
        )
    return float(value.mean())
