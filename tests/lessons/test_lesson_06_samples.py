"""Lesson 06, samples: distances, copies, precision and recall are what it says they are."""

import functools
import re

import numpy as np
import pytest
import torch
from assets.files import Assets
from lesson_text import LessonText, lock_and_reveal
from shipped_digits import trained_generator

from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF
from gan_lesson.lessons.lesson_06 import descriptions, questions
from gan_lesson.lessons.lesson_06.figures import distances_figure, ladder_figure, rows_figure
from gan_lesson.metrics import (
    REAL_AGAINST_REAL,
    class_shares,
    digit_distance,
    features,
    frechet,
    frechet_distance_from_statistics,
    load_classifier,
    memorisation_check,
    mnist_statistics,
    nearest_training_images,
    precision_recall,
)
from gan_lesson.pretrained import GENERATOR_FILE, load_digits_timeline

LESSON = LessonText("06_digits")
IMAGES = load_digits().train.images
NEW = load_digits().test.images
# MNIST's 10,000 test digits, 0 to 9 (LeCun and Cortes; the bundled 2,000 are balanced)
TEST_COUNTS = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)


@pytest.fixture(scope="module")
def trained():
    """The shipped generator with the lesson's 10,000 z, images and features."""
    return trained_generator()


@functools.cache
def of_images():
    """The features of the bundled 10,000."""
    return features(IMAGES)


@functools.cache
def of_new():
    """The features of the bundled 2,000 to test on."""
    return features(NEW)


# --- the Fréchet distance ------------------------------------------------------------------------


def test_the_shipped_generator_draws_every_digit_and_well(trained):
    _, _, x, f = trained
    shares = class_shares(x)
    assert shares.min() >= 0.07
    mean2, cov2 = mnist_statistics()
    told = Assets().folder() / "PROVENANCE.md"
    row = next(r for r in told.read_text("utf-8").splitlines() if GENERATOR_FILE in r)
    stated = float(re.search(r"distance ([\d.]+)", row)[1])
    assert "in 39% of all comparisons" in row and "came out as 39 %" in LESSON.text
    found = frechet_distance_from_statistics(*frechet.statistics(f), mean2, cov2)
    assert found == pytest.approx(stated, rel=0.15)  # of other z
    assert REAL_AGAINST_REAL < found < 20
    last = load_digits_timeline().distance[-1]  # of the same G, another 10,000 z
    assert last == pytest.approx(14.2, abs=0.05) and abs(found - last) > 1


def test_the_classifier_reads_what_its_record_says():
    read = load_classifier()(NEW).argmax(dim=1).numpy()
    assert (read == np.asarray(load_digits().test.labels)).mean() > 0.985  # of the 2,000 that ship
    record = (Assets().folder() / "PROVENANCE.md").read_text("utf-8")
    assert "99.34% right on MNIST's 10,000 test digits" in record
    assert "it reads 99.3 % of MNIST's test digits rightly" in LESSON.text


@pytest.mark.slow  # 60,000 images
def test_the_distance_of_one_generator_spreads_with_the_draw_of_z(trained):
    found = [digit_distance(trained[2])]  # that of seed 2
    for seed in range(3, 8):
        z = trained[0].sample_z(10_000, torch.Generator().manual_seed(seed))
        found.append(digit_distance(torch.cat([trained[0](part) for part in z.split(1000)])))
    assert np.std(found, ddof=1) == pytest.approx(0.9, abs=0.05)
    assert "over six draws the distances of this G have a standard deviation of 0.9" in LESSON.text


def test_the_floor_is_of_a_balanced_set_and_lower_with_the_shares_of_the_test_digits():
    labels, counts = np.asarray(load_digits().train.labels), np.array(TEST_COUNTS)
    assert np.bincount(labels).tolist() == [1000] * 10 and counts.sum() == 10_000
    f, weights = of_images(), counts[labels] / counts[labels].sum()
    mean, covariance = weights @ f, np.cov(f, rowvar=False, aweights=weights)
    weighted = frechet_distance_from_statistics(mean, covariance, *mnist_statistics())
    assert weighted == pytest.approx(2.2, abs=0.05)
    assert REAL_AGAINST_REAL == pytest.approx(2.9, abs=0.05)


def test_the_lessons_frechet_distance_is_the_packages(trained):
    f = trained[3]
    ours = LESSON.define("frechet", np=np)["frechet"](f, *mnist_statistics())
    package = frechet_distance_from_statistics(*frechet.statistics(f), *mnist_statistics())
    assert ours == pytest.approx(package, rel=1e-4)


def test_a_memoriser_scores_as_real_digits_do_and_noise_far_from_it(trained):
    f_train = of_images()
    draw = torch.Generator().manual_seed(0)
    noise = torch.rand(10_000, 1, 28, 28, generator=draw) * 2 - 1
    rows = torch.randint(10_000, (10_000,), generator=draw).numpy()
    statistics = frechet.statistics(f_train[rows])
    memoriser = frechet_distance_from_statistics(*statistics, *mnist_statistics())
    assert memoriser == pytest.approx(REAL_AGAINST_REAL, rel=0.25)
    statistics = frechet.statistics(f_train)  # the floor: the same images, each of them once
    floor = frechet_distance_from_statistics(*statistics, *mnist_statistics())
    assert floor == pytest.approx(REAL_AGAINST_REAL, abs=0.01) and len(np.unique(rows)) < 10_000
    assert 1000 < digit_distance(noise) < load_digits_timeline().distance[0]  # no upper bound
    fewer = frechet.statistics(trained[3][:1000])
    small = frechet_distance_from_statistics(*fewer, *mnist_statistics())
    all_ = frechet_distance_from_statistics(*frechet.statistics(trained[3]), *mnist_statistics())
    assert small > all_  # fewer samples give larger numbers


# --- copies --------------------------------------------------------------------------------------


def test_the_trained_generator_does_not_copy(trained):
    _, _, x, f = trained
    for sets in ((x[:2000], IMAGES, NEW), (f[:2000], of_images(), of_new())):
        check = memorisation_check(*sets)
        assert check.closer < 0.48  # below half
        assert check.too_close <= 0.02
        low = [np.quantile(d, [0.01, 0.05, 0.25, 0.5]) for d in (check.samples, check.held_out)]
        assert (low[0] > 0.95 * low[1]).all()  # nowhere clearly below, in the near tail too


def test_none_of_the_twelve_that_are_shown_is_a_copy(trained):
    found = nearest_training_images(trained[2][:12], IMAGES)
    new = nearest_training_images(NEW, IMAGES).distance
    assert (found.distance > np.quantile(new, 0.05)).all()


def test_a_thief_is_caught_and_a_shifted_thief_by_features_only():
    check = memorisation_check((IMAGES[::5] + 0.02).clamp(-1, 1), IMAGES, NEW)
    assert check.closer > 0.99 and check.too_close > 0.9
    shifted = torch.roll(IMAGES[::5], 1, dims=3)
    assert memorisation_check(shifted, IMAGES, NEW).closer == pytest.approx(0.5, abs=0.03)
    sets = (features(shifted), of_images(), of_new())
    assert 0.7 < memorisation_check(*sets).closer < 0.8  # neither finds every copy


# --- variety and fidelity ------------------------------------------------------------------------


def test_precision_and_recall_tell_variety_from_fidelity(trained):
    G, z, x, f = trained
    f_test = of_new()
    whole = precision_recall(f_test, f[:1000])
    threes = f[(load_classifier()(x).argmax(dim=1) == 3).numpy()][:1000]
    assert len(threes) == 1000  # as many as the others, and none of them twice
    only = precision_recall(f_test, threes)
    assert whole.precision - 0.1 < only.precision < whole.precision  # a little is lost
    assert only.recall < 0.15 < 0.8 < whole.recall
    real = precision_recall(f_test, features(IMAGES[::10]))
    assert real.precision > whole.precision and real.recall > whole.recall
    half_way = precision_recall(f_test, features(G((z + z.roll(1, dims=0))[:1000] / 2)))
    assert half_way.precision > real.precision and half_way.recall < whole.recall - 0.1


# --- pictures and questions ----------------------------------------------------------------------


def test_pictures_that_do_not_move(trained):
    _, _, x, f = trained
    check = memorisation_check(f[:100], f[100:600], f[600:700])
    images = tensor_to_images(x[:4])
    for figure in (
        ladder_figure({"real digits": 2.9, "noise": 4000.0}),
        rows_figure([images, images], ("a", "b")),
        distances_figure({"in features": check}),
    ):
        figure.canvas.draw()
    assert "2.9" in descriptions.describe_ladder({"real digits": 2.9})
    assert "median" in descriptions.describe_distances(check, check)


def test_every_description_is_used_in_the_lesson():
    for name in vars(descriptions):
        if name.startswith("describe_"):
            assert f"lesson_06.{name}(" in LESSON.text, name


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_where_d_stands, "D(x) a little above ½, D(G(z)) a little below"),
        (
            questions.ask_curves_after_the_start,
            "the images become several times better, and the curves hardly move",
        ),
        (
            questions.ask_one_coordinate,
            "it changes part of the ink, at other places in each digit",
        ),
        (questions.ask_claim_d_loss_zero, FALSE),
        (questions.ask_claim_memoriser, HOLDS),
        (questions.ask_claim_no_error_metric, FALSE),
        (questions.ask_claim_copying, ONLY_IF),
        (questions.ask_claim_scale, HOLDS),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"] and question.row["truth"] == truth
