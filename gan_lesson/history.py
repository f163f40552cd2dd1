"""The numbers of a run, one row a step, from the Trainer or from anybody's own loop."""

import csv
import math
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from gan_lesson.loss_families import FAMILIES, chance_levels
from gan_lesson.losses import GENERATOR_LOSSES
from gan_lesson.saving import whole

_CONVENTIONS = {
    "loss": tuple(FAMILIES),
    "losses": ("sum", "mean"),
    "generator_loss": GENERATOR_LOSSES,
}
CONVENTION = "convention"  # the CSV's last column: what the curves mean, in its first row


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
        history.append(loss_d=.7, penalty=.3, lr=1e-4)   # what was not computed is a gap
        history["d_real"]            # array of what was appended so far

    Args:
        losses: "sum" if loss_d adds its two halves (chance level log 4 = 1.386), "mean" if
            it averages them (log 2 = 0.693). Reference lines are drawn from it.
        generator_loss: kind of a logistic `loss_g`, "non_saturating" (chance level log 2) or
            "saturating" (-log 2).
        loss: the family, one of `loss_families.FAMILIES`. With "logistic" D's answers are
            probabilities, with the others they are scores.

    Raises:
        ValueError: an unknown name, or "saturating" with another family than "logistic".
    """

    columns = Record._fields

    def __init__(
        self,
        losses: str = "sum",
        generator_loss: str = "non_saturating",
        *,
        loss: str = "logistic",
    ):
        self.version = 0  # rises with every change, so that pictures know when they are stale
        self.cuts = 0  # rises when rows are taken away: until then the old ones stay as they are
        self.loss = loss
        self.losses = losses
        self.generator_loss = generator_loss
        self._rows = self._written = 0
        self._started = time.perf_counter()
        self._data = {
            name: np.empty(256, {"step": np.int64, "seconds": np.float64}.get(name, np.float32))
            for name in self.columns
        }
        self._gaps: dict[str, np.ndarray] = {}  # of columns that have any; True where one is

    def __setattr__(self, name: str, value) -> None:
        """Refuse an unknown convention; a new one changes the picture, as new rows do."""
        if name in _CONVENTIONS:
            if value not in _CONVENTIONS[name]:
                raise ValueError(f"{name} is {value!r}; it must be one of {_CONVENTIONS[name]}")
            conventions = {"loss": "logistic", "generator_loss": None} | vars(self) | {name: value}
            if conventions["generator_loss"] == "saturating" and conventions["loss"] != "logistic":
                raise ValueError(
                    "generator_loss is 'saturating', which only the logistic loss has; with "
                    f"loss={conventions['loss']!r} leave it out"
                )
            self.version += value != getattr(self, name, None)
        super().__setattr__(name, value)

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one column, shape (len(history),); a view that ends where the run is now.

        A gap is NaN; `missing` tells it from a number that was computed as NaN.
        """
        if name not in self._data:
            raise KeyError(f"{name!r} is no column; there are {', '.join(self._data)}")
        return self._data[name][: self._rows]

    @property
    def extras(self) -> tuple[str, ...]:
        """The names of further columns, in the order in which they came."""
        return tuple(self._data)[len(self.columns) :]

    def missing(self, name: str) -> np.ndarray:
        """Return where a column has a gap, shape (len(history),), bool."""
        none = np.zeros(len(self[name]), bool)
        return self._gaps[name][: self._rows] if name in self._gaps else none

    @property
    def chance_levels(self) -> dict[str, float]:
        """What the curves show when D cannot tell the two kinds apart, for those that have it."""
        return chance_levels(self.loss, self.losses, self.generator_loss)

    @property
    def last(self) -> Record | None:
        """The newest row, or None before the first."""
        if not self._rows:
            return None
        return Record(*(self._data[name][self._rows - 1].item() for name in self.columns))

    def append(
        self,
        *,
        d_real: float | Tensor | None = None,
        d_fake: float | Tensor | None = None,
        loss_d: float | Tensor | None = None,
        loss_g: float | Tensor | None = None,
        loss_d_real: float | Tensor | None = None,
        loss_d_fake: float | Tensor | None = None,
        step: int | None = None,
        seconds: float | None = None,
        **extra: float | Tensor | None,
    ) -> None:
        """Add one row. What was not computed in this step is left out, or None: a gap.

        NaN is taken as a number, so that a run that diverges can be shown. A tensor or array is
        averaged.

        Args:
            d_real: D(x) on a batch, a probability, or its score if the family takes scores.
            d_fake: D(G(z)) on a batch, likewise.
            loss_d: the discriminator's loss.
            loss_g: the generator's loss.
            loss_d_real: the half of D's loss on real samples; becomes a column of its own.
            loss_d_fake: the other half; of both together `loss_d` is made if it is left out.
            step: number of the step; one more than the last if left out.
            seconds: time since the start; measured since this object was made if left out.
            extra: further columns by name, such as penalty, lr or grad_norm.

        Raises:
            ValueError: nothing is given, D's answers are no probabilities though the family asks
                for them, a batch is empty, or `step` is not after the last.
        """
        halves = {"loss_d_real": loss_d_real, "loss_d_fake": loss_d_fake}
        extra = {name: value for name, value in halves.items() if value is not None} | extra
        given = {"d_real": d_real, "d_fake": d_fake, "loss_d": loss_d, "loss_g": loss_g, **extra}
        numbers = {n: None if v is None else _as_mean(n, v) for n, v in given.items()}
        if all(number is None for number in numbers.values()):
            raise ValueError("nothing is given; append at least one of d_real, d_fake, loss_d, …")
        if numbers["loss_d"] is None and None not in halves.values():
            half = 0.5 if self.losses == "mean" else 1.0
            numbers["loss_d"] = half * (numbers["loss_d_real"] + numbers["loss_d_fake"])
        if FAMILIES[self.loss].probability:
            _refuse_scores(given, numbers)
        last = int(self._data["step"][self._rows - 1]) if self._rows else 0
        step = last + 1 if step is None else int(step)
        if step < 0 or (self._rows and step <= last):
            raise ValueError(f"step is {step}; it must be >= 0 and after the last one, {last}")
        seconds = time.perf_counter() - self._started if seconds is None else float(seconds)
        self._add(step, seconds, numbers)

    def _add(self, step: int, seconds: float, numbers: dict[str, float | None]) -> None:
        """Add one row, None for a gap, with columns that are new."""
        row = [math.nan if numbers[name] is None else numbers[name] for name in self.columns[2:]]
        self.extend(np.array([[step, seconds, *row]]))
        for name in dict.fromkeys([*numbers, *self.extras]):
            if name not in self._data:
                self._data[name] = np.full(len(self._data["step"]), np.nan, np.float32)
                self._mark_gaps(name, slice(0, self._rows))
            if name not in self.columns:
                number = numbers.get(name)
                self._data[name][self._rows - 1] = math.nan if number is None else number
            self._mark_gaps(name, self._rows - 1, numbers.get(name) is None)

    def _mark_gaps(self, name: str, rows: int | slice, gap: bool = True) -> None:
        """Note that a column has a gap in these rows, or has none."""
        if gap or name in self._gaps:
            none = np.zeros(len(self._data["step"]), bool)
            self._gaps.setdefault(name, none)[rows] = gap

    def extend(self, rows: np.ndarray) -> None:
        """Add rows, shape (n, 6), in the order of `columns`, unchecked; others get gaps."""
        start, end = self._rows, self._rows + len(rows)
        if end > len(self._data["step"]):
            self._grow(max(end, 2 * len(self._data["step"])))
        for j, name in enumerate(self.columns):
            self._data[name][start:end] = rows[:, j]
        for name, gaps in self._gaps.items():
            gaps[start:end] = name not in self.columns
        for name in self.extras:
            self._data[name][start:end] = np.nan
        self._rows = self._written = end
        self.version += 1

    def _grow(self, length: int) -> None:
        """Make room for so many rows."""
        for table in (self._data, self._gaps):
            for name, column in table.items():
                table[name] = np.zeros(length, column.dtype)
                table[name][: self._rows] = column[: self._rows]

    def truncate(self, rows: int) -> None:
        """End the history after `rows` rows; those cut come back if nothing was added since.

        Raises:
            ValueError: `rows` is negative or beyond what was ever written.
        """
        if not 0 <= rows <= self._written:
            raise ValueError(f"rows is {rows}; it must be between 0 and {self._written}")
        self._rows = rows
        self.version += 1
        self.cuts += 1

    def to_csv(self, path: str | Path) -> None:
        """Write all rows with a header line; floats as Python prints float32, a gap as nothing.

        The last column, "convention", says in its first row what the curves mean;
        `old_runs.from_csv` reads all of it back.

        Raises:
            OSError: the file cannot be written; one that was there before is as it was.
        """
        names = [*self.columns, *self.extras]
        columns = [
            ["" if gap else x for x, gap in zip(self[name], self.missing(name), strict=True)]
            for name in names
        ]
        said = [f"{self.loss} {self.losses} {self.generator_loss}"] + [""] * (len(self) - 1)
        with whole(path) as partial, open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([*names, CONVENTION])
            writer.writerows(zip(*columns, said[: len(self)], strict=True))

    def to_frame(self):
        """Return the rows as a pandas DataFrame, indexed by step; a gap is NaN.

        Its `attrs` hold the conventions, and `old_runs.from_frame` reads it back.
        """
        import pandas as pd

        names = [*self.columns, *self.extras]
        frame = pd.DataFrame({name: self[name].copy() for name in names})
        frame.attrs |= {name: getattr(self, name) for name in _CONVENTIONS}
        return frame.set_index("step")

    @classmethod
    def from_csv(cls, path: str | Path) -> "History":
        """Read a history's own CSV, or one whose columns have usual names; see `old_runs`."""
        from gan_lesson import old_runs  # it imports this module

        return old_runs.from_csv(path)

    @classmethod
    def from_frame(cls, frame, **conventions) -> "History":
        """Read a DataFrame or a mapping of columns by their usual names; see `old_runs`."""
        from gan_lesson import old_runs  # it imports this module

        return old_runs.from_frame(frame, **conventions)

    @classmethod
    def from_log(cls, log: str | Path, pattern: str | None = None, **conventions) -> "History":
        """Read the lines that a training script printed, a text or a file; see `old_runs`."""
        from gan_lesson import old_runs  # it imports this module

        return old_runs.from_log(log, pattern, **conventions)

    @classmethod
    def from_tensorboard(cls, folder: str | Path, names=None, **conventions) -> "History":
        """Read the scalars of a TensorBoard run; see `old_runs`."""
        from gan_lesson import old_runs  # it imports this module

        return old_runs.from_tensorboard(folder, names, **conventions)


def _refuse_scores(given: dict, numbers: dict) -> None:
    """Refuse D's answers that cannot be probabilities, and say what may be meant."""
    families = ", ".join(repr(n) for n, f in FAMILIES.items() if not f.probability)
    meant = f"If they are scores, say which loss takes them: History(loss=…), of {families}"
    for name in ("d_real", "d_fake"):
        if given[name] is None:
            continue
        low, high = _range_of(given[name])
        if low < 0 or high > 1:
            found = f"{low:g}" if low == high else f"between {low:g} and {high:g}"
            raise ValueError(
                f"{name} is {found}; it must be a probability between 0 and 1 (is it a "
                f"logit? then pass torch.sigmoid of it). {meant}"
            )
    d_real, d_fake, loss_d = (numbers[name] for name in ("d_real", "d_fake", "loss_d"))
    if None not in (d_real, d_fake, loss_d) and loss_d < 0:
        if math.isclose(loss_d, d_fake - d_real, rel_tol=1e-3, abs_tol=1e-6):
            raise ValueError(
                f"loss_d is {loss_d:.4g}, which is d_fake − d_real: the loss of a critic, and "
                f"its answers are scores, no probabilities. {meant}"
            )


def _range_of(value: float | Tensor) -> tuple[float, float]:
    """Return the least and the largest number; of a plain number, which is common, at once."""
    if isinstance(value, float):
        return value, value
    value = _as_array(value)
    return value.min(), value.max()


def _as_array(value: float | Tensor) -> np.ndarray:
    """Return numbers as float64, also from a device that has no float64."""
    if isinstance(value, Tensor):
        value = value.detach()
        if value.element_size() < 4:
            value = value.float()  # NumPy has no bfloat16
        value = value.cpu().numpy()
    return np.asarray(value, dtype=float)


def _as_mean(name: str, value: float | Tensor) -> float:
    if isinstance(value, float):  # in a fast loop every microsecond counts
        return float(value)
    value = _as_array(value)
    if not value.size:
        raise ValueError(f"{name} is empty; it must hold at least one number")
    return float(value.mean())
