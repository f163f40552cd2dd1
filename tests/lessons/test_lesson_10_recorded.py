"""Lesson 10's patients on digits: what was recorded, and the making of the recording."""

import os
import re
from pathlib import Path

import make_assets
import numpy as np
import pytest
import torch
from assets import clinic
from assets.files import Assets

import gan_lesson
from gan_lesson import plots
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.lessons.lesson_10.charts import DIGITS, DIGITS_TESTS, Chart
from gan_lesson.lessons.lesson_10.examinations import best_response, examine
from gan_lesson.lessons.lesson_10.faults import FAULTS, PATIENTS
from gan_lesson.lessons.lesson_10.pages import apart, fair_share
from gan_lesson.lessons.lesson_10.patients import ClinicTrainer, clinic_data
from gan_lesson.lessons.lesson_10.recorded import (
    CLINIC_FILE,
    ClinicRuns,
    as_row,
    load_clinic_runs,
    recorded_examination,
)
from gan_lesson.lessons.lesson_10.ward import recorded_case
from gan_lesson.metrics import class_shares, nearest_training_images
from gan_lesson.networks import fully_connected_pair
from gan_lesson.pretrained import CURVES

# --- the recorded runs on digits ----------------------------------------------------------------


EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
RUNS = load_clinic_runs()

ROWS = {f: i for i, f in enumerate(RUNS.faults.tolist()) if f != HEALTHY}
HEALTHY_ROWS = [i for i, f in enumerate(RUNS.faults) if f == HEALTHY]
CASES = [recorded_case(n) for n in range(len(RUNS.faults))]
D_REAL, D_FAKE, LOSS_D, LOSS_G = range(4)


def ratio(row, player):
    stored, fresh = np.linalg.norm(RUNS.gradients[row]["GD".index(player)], axis=1)
    return stored / fresh


def way(row, of, whose):
    """How far D's or G's step moved the weights of D or G, as the ward prints it."""
    (line,) = (r for r in RUNS.step_reports[row] if r.startswith(f"{of}'s step moved {whose}'s"))
    return float(line.split()[-1])


def smooth(row, column):
    return plots.running_mean(RUNS.curves[row, :, column], 6)[150:]


def test_the_recorded_runs_are_all_faults_and_two_in_health():
    assert sorted(RUNS.faults) == sorted([*FAULTS, HEALTHY, HEALTHY])
    saturating = {(f, kind) for f, kind in zip(RUNS.faults, RUNS.losses, strict=True)}
    assert (HEALTHY, "saturating") in saturating and (HEALTHY, "non_saturating") in saturating
    assert [f for f, kind in saturating if kind == "saturating" and f != HEALTHY] == [
        "D too strong"
    ]
    assert RUNS.seeds.min() >= 20  # smaller ones were looked at while `diagnose` was made
    assert len(set(RUNS.seeds)) == len(RUNS.seeds)
    assert (
        Path(gan_lesson.__file__).parent / "lessons/lesson_10/assets" / CLINIC_FILE
    ).stat().st_size < (450_000)


def test_the_recording_has_the_shape_that_it_says():
    n = len(RUNS.faults)
    assert RUNS.curves.shape == (n, 300, 4)
    assert clinic.FULL.turns == 300
    assert RUNS.sheets.shape == (n, 36, 28, 28) and RUNS.sheets.dtype == np.uint8
    assert RUNS.answers.shape == (n, 2, 500)
    assert RUNS.gradients.shape == (n, 2, 2, 3) and RUNS.weights.shape == (n, 2, 3)
    assert RUNS.distances.shape == (n, 500) and RUNS.held_out_distances.shape == (500,)
    assert RUNS.nearest.shape == (n, 12) and RUNS.held_out_nearest.shape == (12,)
    assert 0 <= RUNS.nearest.min() and RUNS.nearest.max() < 10_000
    for name, array in RUNS._asdict().items():
        assert array.dtype != object
        assert array.dtype.kind in "Uiu" or np.isfinite(array).all(), name
    for probabilities in (RUNS.curves[..., :2], RUNS.answers, RUNS.shares):
        assert 0 <= probabilities.min() <= probabilities.max() <= 1
    np.testing.assert_allclose(RUNS.shares.sum(axis=1), 1)


def test_recorded_shares_and_neighbours_are_those_of_the_recorded_sheets():
    digits = load_digits()
    for row, sheet in enumerate(RUNS.sheets):
        assert not class_shares(sheet)[RUNS.shares[row] == 0].sum()
    some = [ROWS["no zero_grad"], HEALTHY_ROWS[0]]
    for row in some:
        near = nearest_training_images(RUNS.sheets[row, :12], digits.train.images)
        assert (near.index == RUNS.nearest[row]).mean() > 0.9  # bytes are rounded, so ties
        np.testing.assert_allclose(near.distance, RUNS.distances[row, :12], atol=0.1)
    new = nearest_training_images(digits.test.images[:12], digits.train.images)
    assert (new.index == RUNS.held_out_nearest).all()
    np.testing.assert_allclose(new.distance, RUNS.held_out_distances[:12], rtol=1e-3)


@pytest.mark.parametrize("row", HEALTHY_ROWS)
def test_healthy_digits_are_within_what_the_ward_calls_healthy(row, run_number):
    its = recorded_examination(row)
    assert 0.5 < smooth(row, D_REAL).min() < smooth(row, D_REAL).max() < 0.65
    assert 0.35 < smooth(row, D_FAKE).min() < smooth(row, D_FAKE).max() < 0.5
    assert 1.05 < smooth(row, LOSS_D).min() < smooth(row, LOSS_D).max() < 1.35
    d_real, d_fake = RUNS.curves[row, 150:, :2].mean(axis=0)
    statement = "over the last 150 turns D leads, near 0.6 against 0.4"
    run_number("10", statement, recorded_d_real=d_real, recorded_d_fake=d_fake)
    assert (d_real, d_fake) == pytest.approx((0.6, 0.4), abs=0.05)
    assert 16 < apart(RUNS.sheets[row]) < 19
    assert np.abs(RUNS.spans[row]).max() <= 1
    assert (RUNS.shares[row] >= fair_share(10)).all()
    assert 0.15 < RUNS.shares[row].max() < 0.3
    assert 11 < np.median(RUNS.distances[row]) < 12
    closer = np.mean(RUNS.distances[row][:, None] < RUNS.held_out_distances)
    assert 0.2 < closer < 0.3
    real, fake = RUNS.answers[row].astype(float).mean(axis=1)
    assert 0.1 < real - fake < 0.2
    for player in "GD":
        assert 0.5 < ratio(row, player) < 2
    assert RUNS.weights[row].max() < 2
    own, best = its.best
    assert 1.1 < own < 1.25
    assert 0.1 < best < 0.5
    assert "moved G's weights by exactly 0" in its.step_report[7]
    printed, bound = (float(n) for n in re.findall(r"\d\.\d{4}", its.step_report[4]))
    assert 0 <= printed - bound < 0.07


@pytest.mark.parametrize("row", range(len(CASES)))
def test_a_record_is_written_as_it_was_read(row):
    for name, array in as_row(recorded_examination(row)).items():
        there = getattr(RUNS, name)[row]
        np.testing.assert_array_equal(array, there, err_msg=name)
        assert array.dtype.kind == "U" or array.dtype == there.dtype, name


def test_no_recorded_run_copies():
    assert RUNS.distances.min() > 2 * RUNS.held_out_distances.min()
    near = np.quantile(RUNS.held_out_distances, 0.05)
    for row in HEALTHY_ROWS:
        assert RUNS.distances[row].min() > near


@pytest.mark.trains
def test_two_sets_of_real_digits_are_learnt_by_heart():
    x = load_digits().train.images
    _, D = fully_connected_pair(seed=0)
    _, reached = best_response(D, x[:500], x[500:1000])
    assert reached == pytest.approx(1.1, abs=0.05)
    assert RUNS.best[:, 1].max() < 0.5


@pytest.mark.trains
def test_only_a_high_rate_begins_with_losses_over_10_nats(run_number):
    """Numbers up to 255 may give D such a loss too, but are seen in the samples."""
    found = {}
    for patient in PATIENTS:
        for seed in (10, 11, 12) if EVERYTHING else (10,):
            run = ClinicTrainer(patient, clinic_data("ring"), seed=seed)
            run.burst(60)
            largest = max(np.abs(run.history[name]).max() for name in CURVES[2:])
            found.setdefault(patient, []).append(largest)
    assert run.draw_real(100).max() > 2  # the last patient's: the data range
    del found["data range"]
    high_rate = found.pop("learning rate")
    others = sum(found.values(), [])
    statement = "losses over 10 nats in the first turns, while the real numbers lie within ±1"
    run_number("10", statement, high_rate=high_rate, others=others)
    assert min(high_rate) > 10 > max(others)
    first = np.abs(RUNS.curves[:, :50, 2:]).max(axis=(1, 2))
    within = np.abs(RUNS.spans[:, 0]).max(axis=1) <= 1
    assert [str(f) for f in RUNS.faults[(first > 10) & within]] == ["learning rate"]


def test_only_one_step_proves_a_shared_optimiser_on_digits():
    row = ROWS["shared optimiser"]
    with_it = [i for i in range(len(RUNS.faults)) if "exactly 0" not in RUNS.step_reports[i][7]]
    assert with_it == [row]
    assert 0.4 < way(row, "D", "G") / way(row, "G", "G") < 0.6
    ahead = np.median(RUNS.curves[row, 150:, D_REAL])
    healthy = max(np.median(RUNS.curves[i, 150:, D_REAL]) for i in HEALTHY_ROWS)
    assert healthy < ahead < healthy + 0.15
    assert (RUNS.shares[row] >= fair_share(10)).all()
    assert 16 < apart(RUNS.sheets[row]) < 19


def test_swapped_labels_on_digits_contradict_their_loss():
    row = ROWS["swapped labels"]
    d_real, d_fake, loss_d, loss_g = np.median(RUNS.curves[row, 150:], axis=0)
    assert d_real < 0.01 < 0.99 < d_fake
    assert max(loss_d, loss_g) < 0.01
    for i in range(len(RUNS.faults)):
        d_real, d_fake, loss_d, _ = np.median(RUNS.curves[i, 150:], axis=0)
        bound = -np.log(max(d_real, 1e-7)) - np.log(max(1 - d_fake, 1e-7))
        assert (loss_d < bound - 1) == (i == row)


def test_two_sigmoids_on_digits_leave_the_band_but_digits_appear():
    row = ROWS["sigmoid twice"]
    for i in range(len(RUNS.faults)):
        loss_d, loss_g = RUNS.curves[i, :, LOSS_D], RUNS.curves[i, :, LOSS_G]
        band = loss_d.min() >= 1.006 and 0.313 <= loss_g.min() <= loss_g.max() <= 0.6932
        assert band == (i == row)
    low, high = (float(x) for x in re.findall(r"-?\d+\.\d+", RUNS.step_reports[row][2]))
    assert 0 <= low < 0.1 < 0.9 < high <= 1
    d_real, d_fake = np.median(RUNS.curves[row, 150:, :2], axis=0)
    assert d_real - d_fake > 0.2
    assert (RUNS.shares[row] >= fair_share(10)).all()


def test_without_zero_grad_gs_gradient_piles_up_on_digits():
    row = ROWS["no zero_grad"]
    assert ratio(row, "G") > 1000
    others = [max(ratio(i, "G"), ratio(i, "D")) for i in range(len(RUNS.faults)) if i != row]
    assert max(others) < 10
    assert RUNS.weights[row].max() > 5
    assert apart(RUNS.sheets[row]) < 3


def test_a_starved_generator_still_draws_its_first_noise():
    row = ROWS["D too strong"]
    assert np.median(RUNS.curves[row, 150:, D_FAKE]) < 0.001
    healthy = min(np.linalg.norm(RUNS.gradients[i, 0, 1]) for i in HEALTHY_ROWS)
    assert np.linalg.norm(RUNS.gradients[row, 0, 1]) < healthy / 1000
    G, _ = fully_connected_pair(seed=int(RUNS.seeds[row]))
    with torch.no_grad():
        first = tensor_to_images(G(G.sample_z(500, torch.Generator().manual_seed(1)))[:36])
    then, now = first.ravel().astype(float), RUNS.sheets[row].ravel().astype(float)
    assert np.corrcoef(then, now)[0, 1] > 0.99


def test_a_high_rate_on_digits_ends_in_death_at_one_half():
    row = ROWS["learning rate"]
    assert RUNS.curves[row, :10, LOSS_D:].max() > 1000
    assert 5 < RUNS.weights[row].max() < 6
    grown = {RUNS.faults[i] for i in range(len(RUNS.faults)) if RUNS.weights[i].max() > 5}
    assert grown == {"learning rate", "no zero_grad"}
    assert np.linalg.norm(RUNS.gradients[row, 0, 1]) < 1e-8
    assert np.abs(RUNS.answers[row].astype(float) - 0.5).max() < 0.005


def test_collapse_on_digits_is_nearer_to_a_draw_than_health():
    row = ROWS["mode collapse"]
    off = [np.abs(np.median(r[150:, :2], axis=0) - 0.5).max() for r in RUNS.curves]
    assert off[row] < 0.05 < min(off[i] for i in HEALTHY_ROWS)
    distance = [apart(sheet) for sheet in RUNS.sheets]
    assert distance[row] < 0.6 * min(distance[i] for i in HEALTHY_ROWS)
    assert (RUNS.shares[row] > 0).sum() == 2
    assert RUNS.distances[row].min() > np.median(RUNS.held_out_distances)  # none is a digit
    assert RUNS.best[row, 1] < 0.01


def test_a_wrong_range_on_digits_makes_d_sure_of_what_is_real():
    row = ROWS["data range"]
    assert RUNS.spans[row, 0].tolist() == [0, 255]
    assert np.abs(RUNS.spans[row, 1]).max() <= 1
    assert RUNS.curves[row, 20:, D_REAL].min() > 0.97
    assert RUNS.curves[row, 20:, D_REAL].mean() > 0.995
    assert (RUNS.spans[[i for i in range(len(RUNS.faults)) if i != row], 0] == [-1, 1]).all()


@pytest.mark.trains
def test_a_new_run_of_a_fault_goes_the_way_of_the_recorded_one():
    row = ROWS["data range"]
    images = load_digits().train.images
    run = clinic.patient_on_images(images, "data range", int(RUNS.seeds[row]))
    run.burst(40)
    curves = np.stack([run.history[name] for name in CURVES], axis=1)
    np.testing.assert_allclose(curves[:3], RUNS.curves[row, :3], rtol=0.02)
    np.testing.assert_allclose(curves[20:].mean(0), RUNS.curves[row, 20:40].mean(0), atol=0.1)
    found = examine(run)
    for name in DIGITS_TESTS:  # a live run on digits can be shown as a recorded one
        assert Chart(found, DIGITS).draw(name, plots.new_figure(9.0, 3.9))
    row_of_it = as_row(found)
    assert row_of_it["spans"][0].tolist() == [0, 255]
    for name, array in row_of_it.items():
        if name not in ("curves", "step_reports"):
            assert np.shape(array) == getattr(RUNS, name)[row].shape, name


def test_the_clinics_part_of_make_assets_runs_to_its_end(tmp_path, monkeypatch):
    """From the command; nothing of the package changes."""
    sums = Assets().folder("lesson_10") / "SHA256SUMS"
    before = sums.read_text("utf-8")
    monkeypatch.setattr(clinic, "RECORDED", (clinic.RECORDED[0], clinic.RECORDED[-1]))
    monkeypatch.setattr(clinic, "REMEDIES", ("none", "packing"))
    monkeypatch.setattr("sys.argv", ["make", "--only", "clinic", "--trial", str(tmp_path)])
    make_assets.main()
    torch.set_flush_denormal(False)  # the command sets it
    made = tmp_path / "lessons/lesson_10/assets"
    assert len((made / "clinic_remedies.csv").read_text().splitlines()) == 1 + 2 * 2
    with np.load(made / "clinic_digits.npz", allow_pickle=False) as arrays:
        assert set(arrays) == set(ClinicRuns._fields)
        assert arrays["curves"].shape == (2, 20, 4)
    assert "clinic_digits.npz" in (tmp_path / "assets" / "PROVENANCE.md").read_text("utf-8")
    assert (made / "SHA256SUMS").read_text("utf-8") != before
    assert sums.read_text("utf-8") == before


@pytest.mark.parametrize("arguments", [["--trial", "x"], ["--trial", "x", "--only", "race"]])
def test_a_trial_is_of_the_clinic_only(arguments, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["make", *arguments])
    with pytest.raises(SystemExit):
        make_assets.main()
    assert "--trial needs --only clinic" in capsys.readouterr().err
