"""The picture of a diagnosis: what it shows of every finding, of any samples, and of little."""

import base64
import re
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from small_runs import pixels

from gan_lesson import plots
from gan_lesson.__main__ import main
from gan_lesson.diagnosis import HEALTHY, WEIGHTS, diagnose, picture
from gan_lesson.diagnosis.kept import keep
from gan_lesson.diagnosis.moments import began
from gan_lesson.diagnosis.sample_panels import kind_of
from gan_lesson.diagnosis.signs import fact
from gan_lesson.diagnosis.verdict import rank
from gan_lesson.history import History
from gan_lesson.loss_families import FAMILIES

NAMES = ("d_real", "d_fake", "loss_d", "loss_g")
EVEN, NAN = (0.6, 0.4, 1.1, 0.9), (np.nan,) * 4


def history_of(*parts, **conventions):
    """Return a history of parts: a row, or None for no D(x), and how often it is there."""
    history = History(**conventions)
    for row, n in parts:
        for _ in range(n):
            history.append(**{k: v for k, v in zip(NAMES, row, strict=True) if v is not None})
    return history


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def report_of(name, history, fake=None, real=None):
    """Return a report whose first finding has this name: what speaks for it is plain."""
    speaks = [sign for sign, weight in WEIGHTS[name].items() if weight > 0]
    signs = [fact(sign, 1.0, f"told of {sign}") for sign in speaks]
    report = rank([*signs, fact("balanced", 1.0, "told of health")])
    assert report.name == name
    kept = keep(history, fake, real, signs)
    return replace(report, kept=kept)


def words_in(figure):
    return [t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")) if t.get_text()]


def some(cases, wanted):
    """All cases as parameters of a test, those slow that are not wanted on each change."""
    return [c if wanted(i, c) else pytest.param(c, marks=pytest.mark.slow)
            for i, c in enumerate(cases)]  # fmt: skip


@pytest.mark.parametrize("name", some(WEIGHTS, lambda i, name: i % 4 == 0 or name == HEALTHY))
def test_every_finding_has_a_picture_of_four_panels_and_a_description(name):
    report = report_of(name, history_of((EVEN, 60)), normal(50, 2), normal(50, 2))
    figure = report.figure()
    assert len(figure.axes) == 4
    words = words_in(figure)
    shown = "looks healthy" if name == HEALTHY else name
    assert figure.texts[0].get_text().startswith(f"{shown}, ") and "D(x), real" in words
    told = picture.describe_report(report)
    assert shown in told and "50 real and 50 generated samples" in told
    decided = picture.weighed(report)[:1]
    for sign in decided:
        assert f"told of {sign}" in words and picture.in_words(sign) in words
        assert f"The sign that decided: {picture.in_words(sign)}." in told
    assert bool(decided) == (name != HEALTHY)


D_WON, UPSIDE_DOWN, BLIND = (0.99, 0.01, 0.02, 4.6), (0.01, 0.99, 0.02, 0.01), (1, 1, 14, 0)
SQUASHED = (0.02, 0.02, 1.386, 0.683)


@pytest.mark.parametrize(
    ("sign", "parts", "row"),
    [
        ("separated", [(EVEN, 200), (D_WON, 400)], 200),
        ("reversed", [(EVEN, 200), (UPSIDE_DOWN, 400)], 200),
        ("loss_contradicts", [(EVEN, 30), (UPSIDE_DOWN, 90)], 30),
        ("blind", [(EVEN, 300), (BLIND, 300)], 300),
        ("scores_squashed", [(SQUASHED, 100)], 0),
        ("never_moved", [((0.5, 0.5, 1.386, 0.693), 200)], 0),
        ("broke", [(EVEN, 920), (D_WON, 80)], 920),
        ("same_rows", [(EVEN, 50), ((0.7, 0.7, 1, 1), 50), ((0.6, 0.6, 1, 1), 50)], 50),
        ("d_stands", [(EVEN, 50)], 0),
        ("frozen", [(EVEN, 40), ((0.5, 0.5, 1.386, 0.7), 60)], 40),
        ("starved", [(EVEN, 50), (D_WON, 50)], 50),
        ("ended_not_finite", [(EVEN, 77), (NAN, 23)], 77),
        ("unclear_loss", [((0.5, 0.5, 0.7, 0.7), 100)], 0),
        ("separated", [(EVEN, 200), (D_WON, 200), (EVEN, 200)], None),  # it did not stay
        ("separated", [(EVEN, 50)], None),
        ("separated", [((None, None, 1, 1), 50)], None),  # no D(x)
        ("few_places", [(EVEN, 50)], None),  # no row can show it
    ],
)
def test_a_sign_is_dated_by_the_row_since_which_it_stays(sign, parts, row):
    assert began(sign, history_of(*parts)) == row


def of_scores(real, fake, loss_d, loss_g=0.0):
    return real, fake, loss_d, loss_g


@pytest.mark.parametrize(
    ("loss", "sign", "before", "after"),
    [  # by probabilities and logarithms each of them would be dated wrongly
        ("hinge", "separated", of_scores(0.5, -0.5, 1.0), of_scores(1.5, -1.5, 0.1)),
        ("hinge", "reversed", of_scores(0.3, 0.4, 2.1), of_scores(-1.0, 1.0, 4.0)),
        ("hinge", "blind", of_scores(0.6, 0.5, 1.9), of_scores(0.95, 0.93, 2.0)),
        ("hinge", "loss_contradicts", of_scores(0.5, -0.5, 1.1), of_scores(-1.0, 1.0, 0.1)),
        ("least_squares", "blind", of_scores(0.6, 0.4, 0.4), of_scores(0.95, 0.93, 0.9)),
        ("least_squares", "loss_contradicts", of_scores(1.2, -0.2, 0.1), of_scores(0, 1, 0.1)),
        ("wasserstein", "separated", of_scores(10.5, 10, -0.5), of_scores(13, 10, -3)),
        ("wasserstein", "loss_contradicts", of_scores(10.6, 10, -0.6), of_scores(10, 10.9, -0.6)),
        ("relativistic", "separated", of_scores(2.8, 2, 0.8), of_scores(6, 2, 0.04)),
        ("relativistic", "broke", of_scores(2.2, 2, 1.3), of_scores(6, 2, 0.04)),
    ],
)
def test_a_sign_of_any_loss_is_dated_by_that_losss_own_numbers(loss, sign, before, after):
    parts = ((before, 920), (after, 80)) if sign == "broke" else ((before, 200), (after, 400))
    assert began(sign, history_of(*parts, loss=loss)) == parts[0][1]


def test_a_noisy_curve_is_dated_to_within_its_smoothing_and_gaps_are_left_out():
    draw, history = np.random.default_rng(0), History()
    for i in range(1000):
        gap = 0.1 if i < 400 else 0.8
        p, q = np.clip(0.5 + np.array([gap, -gap]) / 2 + 0.1 * draw.normal(size=2), 0.01, 0.99)
        history.append(loss_d=1.0, **({"d_real": p, "d_fake": q} if i % 2 else {}))
    assert abs(began("separated", history) - 400) <= 40
    halves = history_of((EVEN, 50), ((0.5, 0.5, 0.2, 0.7), 50), losses="mean")
    assert began("loss_contradicts", halves) == 50


def test_the_moment_is_marked_in_both_panels_and_told():
    report = report_of("D is blind", history_of((EVEN, 200), (BLIND, 400)))
    figure = report.figure()
    assert "D says one thing since step 201" in " ".join(words_in(figure))
    marked = [
        line.axes
        for line in figure.findobj(plots.Line2D)
        if line.axes and len(line.get_xdata()) == 2 and set(line.get_xdata()) == {201}
    ]
    assert set(figure.axes[:2]) <= set(marked)
    assert "Marked: D says one thing since step 201." in picture.describe_report(report)


SAMPLES = {
    "numbers": [(300,), (300, 1), (30, 3, 4, 8, 8)],
    "points": [(300, 2), (300, 2, 1)],
    "pictures": [(40, 1, 28, 28), (40, 3, 32, 32), (40, 28, 28), (30, 100, 90, 3), (30, 4, 8, 8)],
    "series": [(60, 1, 64), (60, 24, 3)],
    "table": [(300, 3), (300, 30), (40, 784)],
}


EACH_SHAPE = [(kind, shape) for kind in SAMPLES for shape in SAMPLES[kind]]


@pytest.mark.parametrize("case", some(EACH_SHAPE, lambda i, case: case[1] == SAMPLES[case[0]][-1]))
def test_samples_of_every_shape_are_drawn_real_beside_generated(case):
    kind, shape = case
    fake, real = normal(*shape, seed=1), normal(*shape)
    report = report_of("mode collapse", history_of((EVEN, 30)), fake, 3 * real)
    kept = report.kept
    assert kind_of(kept.real) == kind and kept.real.nbytes < 10**6
    assert kept.real.dtype == np.float32
    figure = report.figure()
    assert len(figure.axes) == 4
    words = " ".join(words_in(figure))
    assert "real" in words and "generated" in words


def test_what_is_ordered_is_drawn_in_order():
    walks = normal(60, 64).cumsum(dim=1)
    assert kind_of(walks.numpy()) == "series"
    ramp = torch.linspace(-1, 1, 28)
    flat = (ramp[:, None] + ramp).flatten() + 0.1 * normal(30, 784)
    assert kind_of(flat.numpy()) == "pictures"


def test_pictures_say_their_ranges_and_a_table_shows_the_columns_that_differ():
    real = 255 * torch.rand(40, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    report = report_of("data range", history_of((EVEN, 30)), real / 127.5 - 1, real)
    words = words_in(report.figure())
    assert "real, 0 to 255" in words and "generated, −1 to 1" in words
    fake, real = normal(200, 12, seed=1), normal(200, 12)
    fake[:, 10] += 40
    words = words_in(report_of("far from the data", history_of((EVEN, 30)), fake, real).figure())
    assert "column, 6 of 12" in words and "11" in words


def nothing_but(history, fake=None, real=None):
    return type(rank([]))(
        *_parts(rank([fact("balanced", 1.0, "")])), kept=keep(history, fake, real)
    )


def _parts(report):
    return report.findings, report.signs, report.not_examined


@pytest.mark.parametrize(
    ("parts", "panels"),
    [
        ([], 1),
        ([(EVEN, 1)], 3),
        ([(NAN, 30)], 3),
        ([((None, None, 1.3, 0.7), 30)], 2),
        ([((0.5, 0.5, None, None), 30)], 2),
    ],
)
def test_a_run_that_gave_little_is_drawn_with_what_it_gave(parts, panels):
    report = nothing_but(history_of(*parts))
    figure = report.figure()
    figure.canvas.draw()
    assert len(figure.axes) == panels
    assert picture.describe_report(report).startswith("A diagnosis: looks healthy")


EACH_FILL = [
    (shape, fill)
    for fill in (float("nan"), float("inf"), 0.0)
    for shape in ((20, 1), (20, 5), (20, 1, 9, 9))
]


@pytest.mark.parametrize("case", some(EACH_FILL, lambda i, case: i % 4 == 0))
def test_samples_that_are_no_numbers_or_all_one_are_drawn(case):
    shape, fill = case
    for fake, real in ((torch.full(shape, fill), normal(*shape)), (torch.full(shape, fill), None)):
        nothing_but(history_of((EVEN, 30)), fake, real).figure().canvas.draw()


def test_only_one_kind_of_samples_is_named_alone():
    words = words_in(nothing_but(history_of((EVEN, 30)), None, normal(30, 2)).figure())
    assert any("● real" in w for w in words) and not any("× generated" in w for w in words)


@pytest.mark.parametrize("loss", FAMILIES)
def test_every_family_is_drawn_with_its_own_axis(loss):
    row = (0.6, 0.4, 1.1, 0.9) if loss == "logistic" else (12.0, -9.0, -21.0, 9.0)
    report = diagnose(history_of((row, 60), loss=loss))
    assert report.figure().axes[0].get_ylabel() == FAMILIES[loss].answer


def test_a_notebook_gets_a_picture_with_its_description_beside_words_and_nothing_unescaped():
    report = diagnose(history_of((EVEN, 60)), samples=normal(50, 2), real=normal(50, 2))
    worse = replace(report, not_examined=("D: <script>&'\"",))
    html = worse._repr_html_()
    (alt,) = re.findall(r'alt="([^"]*)"', html)
    assert "looks healthy" in alt and "50 real and 50 generated samples" in alt
    assert "<script" not in html and "D: &lt;script&gt;&amp;&#x27;&quot;" in html
    assert "next: Train a fresh D" in html
    (data,) = re.findall(r'src="data:image/png;base64,([^"]*)"', html)
    assert pixels(base64.b64decode(data)).shape == (460, 640, 3)
    assert set(re.findall(r"<(\w+)", html)) == {"div", "img"}
    assert len(html) < 100_000


def test_the_words_are_whole_where_no_picture_can_be_shown_and_nothing_is_drawn_for_them(
    monkeypatch,
):
    monkeypatch.setattr(picture, "draw_report", lambda report: pytest.fail("drawn unasked"))
    report = diagnose(history_of((EVEN, 60)))
    assert repr(report) == str(report)
    terminal = DisplayFormatter()
    terminal.active_types = ["text/plain"]
    shown, _ = terminal.format(report)
    assert shown == {"text/plain": str(report)}


def test_the_picture_shows_the_run_as_it_was_when_it_was_diagnosed():
    history, samples = history_of((EVEN, 60)), normal(50, 2)
    report = diagnose(history, samples=samples, real=normal(50, 2, seed=1))
    before = report._repr_html_()
    history.append(d_real=0.9, d_fake=0.1, loss_d=0.1, loss_g=2.0)
    samples.fill_(7)
    assert report._repr_html_() == before


def test_large_pictures_are_kept_small():
    kept = keep(history_of((EVEN, 30)), torch.rand(300, 256, 256, 3), torch.rand(300, 3, 200, 64))
    assert kept.fake.shape == (16, 3, 64, 64) and kept.real.shape == (16, 3, 50, 16)
    assert kept.fake.std() < 0.1 < torch.rand(99).std()  # means over blocks


def test_a_picture_costs_little_more_than_four_empty_panels():
    report = diagnose(history_of((EVEN, 600)), samples=normal(500, 2), real=normal(500, 2))

    def empty():
        figure = plots.new_figure(picture.WIDTH, picture.HEIGHT)
        figure.set_layout_engine("none")
        figure.subplots(2, 2)
        figure.canvas.draw()

    def seconds(draw):
        start = time.process_time()
        draw()
        return time.process_time() - start

    report._repr_html_()
    ratios = [seconds(report._repr_html_) / seconds(empty) for _ in range(5)]
    assert np.median(ratios) < 2.5


def test_the_command_draws_it_too(tmp_path, capsys):
    history_of((EVEN, 60), (BLIND, 60)).to_csv(tmp_path / "run.csv")
    out = tmp_path / "report.png"
    assert main(["diagnose", str(tmp_path / "run.csv"), "--out", str(out)]) == 0
    assert pixels(out.read_bytes()).shape == (460, 640, 3)
    said = capsys.readouterr().out
    assert "D is blind" in said and f"The picture is in {out}" in said
