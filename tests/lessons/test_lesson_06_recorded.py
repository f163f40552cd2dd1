"""Lesson 06, runs that were recorded: what it says of them, their curves and sheets is so."""

import math
import re
from itertools import permutations

import numpy as np
import pytest
import torch
from assets import digits
from assets.files import Assets
from assets.samples import first_rows_of_each_digit
from lesson_text import LessonText
from shipped_digits import shown, trained_generator

from gan_lesson import pretrained
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.latent_space import fixed_z
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_06 import descriptions
from gan_lesson.lessons.lesson_06 import exercises as lesson_06
from gan_lesson.lessons.lesson_06.figures import SHOWN, curves_figure, sheets_figure
from gan_lesson.lessons.lesson_06.recorded import RUNS_FILE, load_digits_runs
from gan_lesson.lessons.lesson_06.timeline import TimelineExplorer
from gan_lesson.metrics import features, frechet_distance, memorisation_check
from gan_lesson.pretrained import GENERATOR_FILE, TIMELINE_FILE, load_digits_timeline
from gan_lesson.recipes import fully_connected_trainer

LESSON = LessonText("06_digits")
IMAGES = load_digits().train.images
NEW = load_digits().test.images


@pytest.fixture(scope="module")
def trained():
    """The shipped generator with the lesson's 10,000 z, images and features."""
    return trained_generator()


# --- the long run --------------------------------------------------------------------------------


def test_the_shipped_files_are_small():
    folder = Assets().folder()
    assert (folder / GENERATOR_FILE).stat().st_size < 1_200_000
    assert (folder / TIMELINE_FILE).stat().st_size < 600_000
    assert (Assets().folder("lesson_06") / RUNS_FILE).stat().st_size < 200_000
    told = (folder / "PROVENANCE.md").read_text(encoding="utf-8")
    for name in (GENERATOR_FILE, TIMELINE_FILE, RUNS_FILE):
        assert name in told


def test_the_time_line_ends_at_the_shipped_generator(trained):
    t = load_digits_timeline()
    G = trained[0]
    assert t.steps[0] == 0 and (np.diff(t.steps) > 0).all()
    assert f"at {len(t.steps)} moments" in pretrained.__doc__
    assert t.sheets.shape == (len(t.steps), 36, 28, 28)
    last = tensor_to_images(G(fixed_z(G))).astype(int)
    assert np.abs(last - t.sheets[-1]).mean() < 1  # float16 moves pixels by less than a level
    assert t.curves.shape == (len(t.curve_steps), 4)
    assert t.curve_steps[-1] == t.steps[-1]


def test_in_the_long_run_images_improve_and_curves_hardly_move():
    t = load_digits_timeline()
    at = dict(zip(t.steps.tolist(), t.distance, strict=True))
    assert at[1000] == pytest.approx(126, abs=0.5) and t.distance[-1] == pytest.approx(14, abs=0.5)
    assert min(at[s] for s in (12_000, 16_000, 20_000)) > 0.85 * at[8000]  # hardly a gain
    assert at[0] == pytest.approx(2645, abs=0.5)
    assert 64 * 8000 / 60_000 < 9
    early = t.curves[(t.curve_steps > 500) & (t.curve_steps <= 1500)].mean(axis=0)
    late = t.curves[t.curve_steps > 15_000].mean(axis=0)
    assert np.abs(late - early).max() < 0.15
    explorer, told = TimelineExplorer(t), []
    for i in range(t.steps.tolist().index(1000), len(t.steps)):
        explorer.moment.value = i
        numbers = re.search(
            r"D\(x\) = ([\d.]+), D\(G\(z\)\) = ([\d.]+), .*? loss ([\d.]+)", shown(explorer)[0]
        )
        told.append([float(number) for number in numbers.groups()])
    np.testing.assert_allclose(np.min(told, axis=0), [0.52, 0.46, 1.26])
    np.testing.assert_allclose(np.max(told, axis=0), [0.54, 0.48, 1.34])
    later = t.curves[t.curve_steps > 100]
    assert (later[:, 0] > 0.5).mean() > 0.95 and (later[:, 1] < 0.5).mean() > 0.95


def test_the_rates_of_the_long_run_fall_in_a_straight_line_to_0():
    trainer = fully_connected_trainer(IMAGES[:100], n_steps=digits.GENERATOR_STEPS)
    at = [trainer.schedules["lr"](progress) for progress in (0.0, 0.25, 0.5, 1.0)]
    assert at == [1.0, 0.75, 0.5, 0.0]


@pytest.mark.trains
def test_a_short_version_of_the_making_moves_towards_what_ships(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "GENERATOR_STEPS", 200)
    monkeypatch.setattr(digits, "MOMENTS", (0, 200))
    made = digits.make_digits_generator(load_digits(), Assets(tmp_path))
    written = {path.name for path in (tmp_path / "assets").iterdir()}
    assert written == {GENERATOR_FILE, TIMELINE_FILE, "SHA256SUMS"}
    t = load_digits_timeline()
    shipped = dict(zip(t.steps.tolist(), t.distance, strict=True))
    assert made["distance"] < 0.3 * shipped[0]
    assert abs(math.log(made["distance"] / shipped[200])) < math.log(3)


def test_the_time_line_over_its_whole_range():
    t = load_digits_timeline()
    explorer = TimelineExplorer(t)
    seen = set()
    for i in range(len(t.steps)):
        explorer.moment.value = i
        told, png = shown(explorer)
        assert f"After step {t.steps[i]:,}" in told
        seen.add(png)
    assert len(seen) == len(t.steps)
    for i in range(60):
        explorer.moment.value = (i * 7) % len(t.steps)
    if np.isfinite(t.distance[-1]):
        explorer.moment.value = len(t.steps) - 1
        assert f"Fréchet distance {t.distance[-1]:.1f}" in shown(explorer)[0]


def test_no_cursor_and_no_curve_of_the_time_line_touches_the_name_of_a_chance_level():
    trainer = fully_connected_trainer(load_digits().train.images[:200], n_steps=9)
    trainer.burst(5)
    trainer.snapshot()
    for run in (load_digits_timeline(), trainer):
        explorer = TimelineExplorer(run)  # at the last moment
        for axes in explorer.panel.figure.axes[1:3]:
            ends = [float(np.max(line.get_xdata())) for line in axes.lines]
            right = axes.transData.transform((max(ends), 0))[0]
            assert max(ends) == explorer.timeline.steps[-1] and axes.texts
            assert all(name.get_window_extent().x0 > right + 1 for name in axes.texts)


# --- four short runs, and one on few digits -------------------------------------------------------


def test_chance_levels_and_a_mean_of_one_half():
    assert -2 * math.log(0.5) == pytest.approx(1.386, abs=5e-4)
    assert -math.log(0.5) == pytest.approx(0.693, abs=5e-4)
    assert np.mean([0.9, 0.1]) == 0.5


def test_the_four_short_runs_are_as_their_names_say():
    r = load_digits_runs()
    assert r.names.tolist() == list(digits.SHORT_RUNS)
    ends = r.curves[:, -20:].mean(axis=1)
    both, ahead, still, nobody = ends
    assert 0.5 < both[0] < 0.6 and 0.4 < both[1] < 0.5
    assert ahead[0] > 0.99 and ahead[1] < 0.01 and ahead[2] < 0.01 and ahead[3] > 5
    high = 6 * (1 + np.flatnonzero(r.curves[1, :, 2] > 0.1))  # steps where D's loss is not 0
    assert high[high <= 60].any() and 205 <= high[high > 60].min() < 220 < high.max() <= 246
    assert 6 * (1 + r.curves[1, :, 1].argmax()) == 6 * (1 + r.curves[1, :, 2].argmax()) == 222
    fooled = 6 * (1 + np.flatnonzero(r.curves[1, :, 1] > 0.1))  # windows of 6 steps
    assert fooled[fooled > 60].tolist() == [210, 216, 222, 228, 234]  # thirty steps
    assert still[1] > 0.85 and still[3] < 0.2
    np.testing.assert_allclose(nobody, [0.5, 0.5, math.log(4), math.log(2)], atol=0.01)
    assert math.log(2) < both[3]  # claim 14: a good run, G's loss above its chance level
    distance = [frechet_distance(features(s), features(NEW)) for s in r.sheets]
    assert min(distance[1:]) > 3 * distance[0]
    assert abs(r.sheets[3].mean() - 127.5) < 10 and r.sheets[0].mean() < 80  # grey; ink on paper
    assert r.sheets[2].std(axis=0).mean() < 1  # one pattern for all z
    uneven, even = (np.ptp(r.sheets[i, SHOWN].std(axis=(1, 2))) for i in (1, 3))
    assert uneven > 3 * even  # contrasts on sheets A and B


@pytest.mark.trains
def test_the_beginning_of_a_short_run_made_again_is_the_one_that_ships(monkeypatch):
    monkeypatch.setattr(digits, "SHORT_STEPS", 100)
    curves, _ = digits.short_run(IMAGES, *digits.SHORT_RUNS["both learn"])
    windows = curves[:96].reshape(16, 6, 4).mean(axis=1)  # of six steps, as what ships
    assert np.abs(windows - load_digits_runs().curves[0, :16]).max() < 0.02


@pytest.mark.slow
@pytest.mark.trains
def test_a_short_run_made_again_is_the_one_that_ships():
    curves, sheet = digits.short_run(IMAGES, *digits.SHORT_RUNS["both learn"])
    shipped = load_digits_runs()
    assert np.abs(curves[:20] - shipped.curves[0, :20]).max() < 0.02
    assert np.abs(curves - shipped.curves[0]).mean() < 0.05
    assert sheet.mean() == pytest.approx(shipped.sheets[0].mean(), rel=0.2)


def test_letters_may_be_written_in_any_way_and_every_other_order_is_wrong():
    assert lesson_06.check_match("c, a, d, b") == "CADB"
    for order in permutations("ABCD"):
        if "".join(order) != "CADB":
            with pytest.raises(WrongAnswer):
                lesson_06.check_match("".join(order))


def test_the_figure_of_curves_shows_each_run_and_its_losses_at_the_end():
    r, figure = load_digits_runs(), curves_figure(load_digits_runs())
    assert len(figure.axes) == 4
    for run, axes in enumerate(figure.axes):
        for i, line in enumerate(axes.lines[:2]):
            np.testing.assert_array_equal(line.get_ydata(), r.curves[run, :, i])
        losses = r.curves[run, -20:, 2:].mean(axis=0)
        told = re.split(r"Curves \d: ", descriptions.DESCRIPTION_OF_THE_CURVES)[run + 1]
        for loss in losses:
            assert f" {loss:.2f}" in axes.get_xlabel() and f"{loss:.2f}" in told


def test_the_figure_puts_the_sheets_where_the_letters_say():
    r = load_digits_runs()
    sheets = [axes.images[0].get_array() for axes in sheets_figure(r).axes]
    for run, letter in enumerate(lesson_06.ORDER):
        shown = sheets["ABCD".index(letter)]
        first = 255 - np.asarray(shown)[:28, :28].astype(int)
        assert np.abs(first - r.sheets[run][0]).max() <= 16


def test_on_few_digits_the_discriminator_learns_them_by_heart():
    r = load_digits_runs()
    trained, new, _ = r.few_answers.T
    gap = trained - new
    assert gap[0] < 0.05 and gap[-1] > 0.25
    assert trained[-1] == pytest.approx(0.68, abs=0.005)
    assert new[-1] == pytest.approx(0.38, abs=0.005)
    assert r.few_closer[-1] == pytest.approx(0.68, abs=0.005) and r.few_closer[2:].min() > 0.65
    assert r.few_answers.shape == (len(r.few_steps), 3)


def test_to_come_near_the_few_digits_is_no_proof_of_copying(trained):
    rows = first_rows_of_each_digit(load_digits().train.labels, 100)
    few, paper = IMAGES[rows], torch.nn.functional.pad(NEW, (1, 1, 1, 1), value=-1.0)
    blurred = torch.nn.functional.avg_pool2d(paper, 3, stride=1)
    assert len(few) == digits.FEW
    assert memorisation_check(trained[2][:2000], few, NEW).closer == pytest.approx(0.5, abs=0.03)
    assert memorisation_check(blurred, few, NEW).closer == pytest.approx(0.68, abs=0.005)
