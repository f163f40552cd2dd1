"""Long columns in few numbers: what is drawn of them, and that it stays true as they grow."""

import numpy as np
import pytest

from gan_lesson import condensed as module
from gan_lesson import plots
from gan_lesson.condensed import BLOCK, Condensed, condensed
from gan_lesson.history import History

RNG = np.random.default_rng(0)


def noisy(n):
    """A column with peaks, gaps and what is not finite, its last row included."""
    values = RNG.random(n).astype(np.float32)
    values[RNG.integers(n, size=3)] = 7, -7, np.inf
    values[n // 2 : n // 2 + 3 * BLOCK] = np.nan
    return values


@pytest.mark.parametrize("n", [20_001, 20_001 // BLOCK * BLOCK, 100_003, 400_000])
def test_no_peak_is_lost_and_few_rows_are_drawn(n):
    values, column = noisy(n), Condensed()
    column.follow(values)
    rows = column.extremes(plots.MAX_POINTS)
    assert len(rows) <= plots.MAX_POINTS and (np.diff(rows) > 0).all() and rows[-1] == n - 1
    drawn, finite = values[rows], values[np.isfinite(values)]
    assert np.isfinite(drawn[:-1]).all()
    drawn = drawn[np.isfinite(drawn)]
    assert (drawn.min(), drawn.max()) == (finite.min(), finite.max())
    assert column.lowest == finite.min()
    # every stretch of the curve's width has its own extremes, as one drawn through all rows has
    edges = np.linspace(0, n, 101).astype(int)
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        inside = values[low:high][np.isfinite(values[low:high])]
        near = rows[(rows >= low - n // 100) & (rows < high + n // 100)]
        near = values[near][np.isfinite(values[near])]
        if len(inside):
            assert near.max() >= inside.max() and near.min() <= inside.min()


@pytest.mark.parametrize("n", [20_001, 100_003])
def test_means_are_those_of_their_windows_to_a_block(n):
    values, column, window = noisy(n), Condensed(), n // 50
    values[np.isinf(values)] = 0.5
    column.follow(values)
    rows, means = column.means(window, plots.MAX_POINTS)
    assert len(rows) <= plots.MAX_POINTS and rows[-1] == n - 1
    exact = plots.running_mean(values, window)[rows]
    there = np.isfinite(exact)
    spread = 0.3 / np.sqrt(window) * np.sqrt(2 * BLOCK / window) * 5
    assert np.abs(means[there] - exact[there]).max() < max(spread, 0.02)


def test_a_column_that_grows_is_what_one_taken_at_once_is():
    values, grown, whole = noisy(50_000), Condensed(), Condensed()
    for end in [*range(1000, 50_000, 777), 50_000]:
        grown.follow(values[:end])
    whole.follow(values)
    assert np.array_equal(grown.extremes(600), whole.extremes(600))
    for ours, theirs in zip(grown.means(900, 600), whole.means(900, 600), strict=True):
        assert ours == pytest.approx(theirs)
    assert grown.nbytes < 2 * 6 * 8 * (50_000 // BLOCK + 2) < values.nbytes


def long_history(n=40_000):
    history = History()
    rows = np.zeros((n, 6))
    rows[:, 0] = np.arange(1, n + 1)
    rows[:, 2:] = 0.5 + 0.1 * RNG.random((n, 4))
    history.extend(rows)
    return history


def test_a_row_is_looked_at_once_however_often_the_curves_are_drawn(monkeypatch):
    seen, usual = [], Condensed.follow

    def follow(self, values):
        before = self._full
        usual(self, values)
        seen.append(self._full - before)

    monkeypatch.setattr(module.Condensed, "follow", follow)
    history = long_history()
    lines = plots.history_axes(*plots.new_figure().subplots(1, 2), history)
    for _ in range(20):
        history.append(d_real=0.5, d_fake=0.5, loss_d=1.0, loss_g=0.7)
        plots.update_history(lines, history)
    assert sum(seen) == 4 * (len(history) // BLOCK)


def test_rows_that_were_taken_away_are_forgotten():
    history = long_history()
    lines = plots.history_axes(*plots.new_figure().subplots(1, 2), history)
    history._data["d_real"][30_000] = 9.0
    plots.update_history(lines, history)
    assert lines[0].get_ydata().max() == 9.0
    history.truncate(25_000)
    for _ in range(3):
        history.append(d_real=0.5, loss_d=1.0)
    plots.update_history(lines, history)
    assert lines[0].get_ydata().max() < 1 and lines[0].get_xdata()[-1] == 25_003
    assert condensed(history, "d_real").values.shape == (25_003,)


def test_a_long_run_looks_like_a_short_one_would():
    history = long_history()
    lines = plots.history_axes(*plots.new_figure().subplots(1, 2), history)
    plots.update_history(lines, history)
    raw, mean = lines[0], lines[4]
    assert 0.59 < raw.get_ydata().max() <= 0.6 and 0.5 <= raw.get_ydata().min() < 0.51
    assert np.abs(mean.get_ydata()[50:] - 0.55).max() < 0.01
    assert raw.axes.get_xlim()[1] == 51_200
    assert "step 40,000" in plots.describe_history(history)
