"""What curves can tell, and what not: the bank's table, its picture, and what the text says."""

import numpy as np
import pandas as pd
import pytest
from run_numbers import TEXTS

from gan_lesson.diagnosis import HEALTHY, WEIGHTS
from gan_lesson.diagnosis.rules import MOST_BY_CURVES
from gan_lesson.lessons.lesson_10.confusion import BANK_FILE, GIVEN, confusion_figure, confusions
from gan_lesson.lessons.lesson_10.questions import ask_same_curves
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


def row_of(cause, given="curves"):
    """What runs of a cause were first called, as shares by name."""
    names, counts = confusions(given)
    row = counts[names.index(cause)]
    return dict(zip(names, row / row.sum(), strict=True))


def alike(first, second):
    """The share of what was named first that two causes have in common, given curves."""
    one, other = row_of(first), row_of(second)
    return sum(min(one[name], other[name]) for name in one)


PAIRS = {
    "swapped labels, and a sigmoid that is applied twice": ("swapped labels", "sigmoid twice"),
    "a run that diverged, and one that broke at its end": ("diverged", "broke at the end"),
    "mode collapse, and samples far from the data": ("mode collapse", "far from the data"),
    "a D that says 1 to everything, and one that does not learn": (
        "D is blind",
        "D does not learn",
    ),
}


def test_the_pair_that_looks_the_same_is_the_one_that_shares_its_names():
    shared = {words: alike(*pair) for words, pair in PAIRS.items()}
    assert set(PAIRS) == set(ask_same_curves.options)
    assert max(shared, key=shared.get) == ask_same_curves.truth
    others = sorted(shared.values())[:-1]
    assert shared[ask_same_curves.truth] > 0.5 > max(others)


@pytest.mark.parametrize(
    "cause", ["swapped labels", "sigmoid twice", "D is blind", "diverged", "D does not learn"]
)
def test_curves_nearly_suffice_where_they_contradict_themselves_or_hold_nan(cause):
    names, counts = confusions("curves")
    at = names.index(cause)
    assert row_of(cause)[cause] > 0.9 and counts[at, at] > 0.8 * counts[:, at].sum()


def test_curves_say_nothing_of_samples_and_little_of_why_d_is_far_ahead():
    for cause in ("mode collapse", "far from the data", "one column constant"):
        assert row_of(cause)[HEALTHY] == 1  # "all pass for healthy here"
    assert MOST_BY_CURVES == 0.6
    names, counts = confusions("curves")
    at = [names.index(cause) for cause in ("D too strong", "data range", "learning rate")]
    assert 0.4 < counts[at, at].sum() / counts[at].sum() < 0.6  # "about half are named right"
    assert row_of("shared optimiser")["shared optimiser"] == 0


def test_with_everything_most_runs_are_in_their_frames():
    _, counts = confusions("everything")
    assert counts.trace() > 0.75 * counts.sum()
    assert counts.trace() > confusions("curves")[1].trace()


def test_the_text_counts_what_is_called_something_else():
    names, counts = confusions("everything")
    healthy = counts[names.index(HEALTHY)]
    wrong = healthy.sum() - healthy[names.index(HEALTHY)]
    assert (wrong, healthy.sum()) == (0, 62)
    sick = counts.sum() - healthy.sum()
    assert (counts.sum() - counts.trace() - wrong, sick) == (13, 132)
    (path,) = TEXTS.glob("10_*.md")
    text = path.read_text("utf-8")
    assert "None of the 62 healthy runs is called sick" in text
    tried = [i for i in range(len(names)) if counts[i].any()]
    weakest = names[min(tried, key=lambda i: counts[i, i] / counts[i].sum())]
    row = counts[names.index(weakest)]
    told = f"The weakest row is *{weakest}*, {row[names.index(weakest)]} of {row.sum()}."
    assert told in text, told
    assert "13 of the 132 sick runs are called something else" in text
