"""What curves can tell, and what not: the bank's table, its picture, and what the text says."""

import numpy as np
import pandas as pd
import pytest

from gan_lesson.diagnosis import HEALTHY, WEIGHTS
from gan_lesson.lessons import lesson_10
from gan_lesson.lessons.lesson_10.confusion import BANK_FILE, GIVEN, confusion_figure, confusions
from gan_lesson.lessons.lesson_10.tables import stored_table

TABLE = stored_table(BANK_FILE)


@pytest.mark.parametrize("given", GIVEN)
def test_the_picture_counts_the_runs_of_the_table(given):
    names, counts = confusions(given)
    table = TABLE[TABLE["view"] == given]
    beside = pd.crosstab(table["truth"], table["said"], table["patients"], aggfunc="sum")
    beside = beside.reindex(index=names, columns=names).fillna(0).to_numpy()
    assert (counts == beside).all() and counts.sum() == table["patients"].sum() > 100
    assert set(names) <= set(WEIGHTS)
    figure, told = confusion_figure(given)
    (axes,) = figure.axes
    cells = {t.get_position(): int(t.get_text()) for t in axes.texts if t.get_text().isdigit()}
    assert cells == {(j, i): n for (i, j), n in np.ndenumerate(counts) if n}
    assert len(axes.patches) == len(names)  # a frame for what is right
    right = table.loc[table["truth"] == table["said"], "patients"].sum()
    assert f"{right} of {counts.sum()} right" in axes.get_title(loc="left")
    assert f"A table of {counts.sum()} runs" in told and f"{right} are right" in told


def test_its_words_fit_a_projector():
    figure, _ = confusion_figure("curves")
    width, _ = figure.get_size_inches()
    (axes,) = figure.axes
    figure.canvas.draw()
    smallest = min(t.get_fontsize() for t in [*axes.texts, *axes.get_xticklabels()])
    assert smallest / width >= 1  # points for an inch of a picture ten inches wide
    for word in [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]:
        box = word.get_window_extent()
        assert 0 <= box.x0 and box.x1 <= figure.bbox.width and 0 <= box.y0


def test_another_view_is_refused():
    with pytest.raises(ValueError, match="given is 'luck'; it must be 'curves', "):
        confusion_figure("luck")


def alike(first, second):
    """The share of what was named first that two causes have in common, given curves."""
    names, counts = confusions("curves")
    one, other = (counts[names.index(n)] / counts[names.index(n)].sum() for n in (first, second))
    return np.minimum(one, other).sum()
