"""A long column in few numbers: its extremes and running means, kept up to date as it grows.

A run of a million rows is drawn with some hundred points a curve. What they need of each stretch
of 64 rows is computed once, when the stretch is full, so that a picture costs the same for a long
run as for a short one.
"""

import weakref

import numpy as np

BLOCK = 64  # rows


class Condensed:
    """The blocks of one column so far; numbers that are not finite are left out."""

    def __init__(self) -> None:
        self.values = np.zeros(0)
        self._low_at = self._high_at = np.zeros(0, np.int64)
        self._low = self._high = np.zeros(0)  # infinite where nothing is finite
        self._total, self._count = np.zeros(1), np.zeros(1, np.int64)  # before each block
        self._full = 0  # blocks that are condensed

    def follow(self, values: np.ndarray) -> None:
        """Take in what a column has more than before; shape (n,), its old rows as they were."""
        self.values = values
        full = len(values) // BLOCK
        if full == self._full:
            return
        if full > len(self._low_at):
            self._grow(max(full, 2 * len(self._low_at)))
        new = slice(self._full, full)
        blocks = values[self._full * BLOCK : full * BLOCK].reshape(-1, BLOCK)
        finite = np.isfinite(blocks)
        first, each = BLOCK * np.arange(self._full, full), np.arange(full - self._full)
        for at, of, pick, worst in self._ends():
            masked = np.where(finite, blocks, worst)
            best = pick(masked, axis=1)
            at[new], of[new] = first + best, masked[each, best]
        after = slice(self._full + 1, full + 1)
        sums = np.where(finite, blocks, 0).sum(axis=1, dtype=float)
        self._total[after] = self._total[self._full] + sums.cumsum()
        self._count[after] = self._count[self._full] + finite.sum(axis=1).cumsum()
        self._full = full

    def _grow(self, blocks: int) -> None:
        for name in ("_low_at", "_high_at", "_low", "_high", "_total", "_count"):
            old, length = getattr(self, name), blocks + (name in ("_total", "_count"))
            setattr(self, name, np.concatenate([old, np.zeros(length - len(old), old.dtype)]))

    def _ends(self) -> tuple[tuple, tuple]:
        """Return for lows and highs: their rows, their values, what picks them, what never wins."""
        return (
            (self._low_at, self._low, np.argmin, np.inf),
            (self._high_at, self._high, np.argmax, -np.inf),
        )

    @property
    def nbytes(self) -> int:
        """How much memory the blocks take."""
        return sum(a.nbytes for a in vars(self).values() if isinstance(a, np.ndarray)) - (
            self.values.nbytes
        )

    @property
    def lowest(self) -> float:
        """The least finite number, infinity if there is none."""
        tail = self.values[self._full * BLOCK :]
        of_blocks = np.min(self._low[: self._full], initial=np.inf)
        return float(np.min(tail, initial=of_blocks, where=np.isfinite(tail)))

    def extremes(self, most: int) -> np.ndarray:
        """Return at most `most` rows: the lowest and highest of each stretch, and the last."""
        stretches = (most - 3) // 2
        length = -(-self._full // stretches)
        found = [np.array([len(self.values) - 1])]
        tail = np.arange(self._full * BLOCK, len(self.values))  # rows behind all blocks
        tail = tail[np.isfinite(self.values[tail])]
        for at, of, pick, worst in self._ends():
            padded = np.full(stretches * length, worst)
            padded[: self._full] = of[: self._full]
            best = pick(padded.reshape(stretches, length), axis=1) + length * np.arange(stretches)
            found.append(at[best[np.isfinite(padded[best])]])
            if len(tail):
                found.append(tail[[pick(self.values[tail])]])
        return np.unique(np.concatenate(found))

    def means(self, window: int, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Return at most `most` rows, the last included, and the mean of the `window` up to each.

        Windows begin and end with blocks; where one holds no finite number, it is left out.
        """
        wide = max(1, round(window / BLOCK))
        last = np.unique(np.linspace(1, self._full, min(self._full, most - 1)).round().astype(int))
        first = np.maximum(last - wide, 0)
        total = self._total[last] - self._total[first]
        count = self._count[last] - self._count[first]
        tail = self.values[self._full * BLOCK :]
        if len(tail):
            tail, start = tail[np.isfinite(tail)], max(self._full - wide, 0)
            last = np.append(last, 0)
            total = np.append(total, tail.sum(dtype=float) + self._total[self._full]
                              - self._total[start])  # fmt: skip
            count = np.append(count, len(tail) + self._count[self._full] - self._count[start])
        rows = last * BLOCK - 1
        rows[-1] = len(self.values) - 1
        there = count > 0
        return rows[there], total[there] / count[there]


_kept: "weakref.WeakKeyDictionary[object, tuple]" = weakref.WeakKeyDictionary()


def condensed(history, name: str) -> Condensed:
    """Return a history's column condensed, from what was kept of it since the last time."""
    cuts, columns = _kept.get(history, (None, {}))
    if cuts != history.cuts:  # rows were taken away, and others may have come
        columns = {}
        _kept[history] = history.cuts, columns
    column = columns.setdefault(name, Condensed())
    column.follow(history[name])
    return column
