"""The classifier that judges digits, and the Fréchet distance against scipy and known answers."""

import hashlib
from importlib.resources import files

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from gan_lesson import evaluation
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.evaluation import (
    DigitClassifier,
    class_shares,
    digit_distance,
    features,
    frechet_distance,
    frechet_distance_from_statistics,
    load_classifier,
    mnist_statistics,
    real_against_real,
    statistics,
)


def random_covariance(d: int, seed: int) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(d, d + 3))
    return a @ a.T / d


# --- the Fréchet distance ----------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 10, 64])
@pytest.mark.parametrize("seed", range(3))
def test_the_distance_agrees_with_scipys_matrix_square_root(d, seed):
    m1, m2 = np.random.default_rng(seed).normal(size=(2, d))
    c1, c2 = random_covariance(d, seed), random_covariance(d, seed + 100)
    expected = np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * np.real(sqrtm(c1 @ c2)))
    assert frechet_distance_from_statistics(m1, c1, m2, c2) == pytest.approx(expected, rel=1e-9)


@pytest.mark.filterwarnings("ignore:Matrix is singular")  # some features never light up
def test_the_lenets_formula_gives_the_same_number_on_real_features():
    digits = load_digits()
    a, b = features(digits.train.images[:2000]), features(digits.test.images)
    (m1, c1), (m2, c2) = statistics(a), statistics(b)
    expected = np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * np.real(sqrtm(c1 @ c2)))
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)


@given(
    st.floats(-5, 5), st.floats(-5, 5), st.floats(0.01, 5), st.floats(0.01, 5)
)
def test_two_normals_on_a_line_are_apart_by_mean_and_sd(m1, m2, s1, s2):
    got = frechet_distance_from_statistics([m1], [[s1**2]], [m2], [[s2**2]])
    assert got == pytest.approx((m1 - m2) ** 2 + (s1 - s2) ** 2, abs=1e-9)


def test_commuting_covariances_add_up_direction_by_direction():
    sds1, sds2 = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 0.5])
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    c1, c2 = turn @ np.diag(sds1**2) @ turn.T, turn @ np.diag(sds2**2) @ turn.T
    zero = np.zeros(3)
    got = frechet_distance_from_statistics(zero, c1, zero, c2)
    assert got == pytest.approx(np.sum((sds1 - sds2) ** 2))


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_the_distance_is_symmetric_not_negative_and_zero_for_the_same(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(40, 5)), rng.normal(1, 2, size=(30, 5))
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-8)
    assert frechet_distance(a, b) > 0
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_features_that_never_light_up_do_no_harm():
    c1, c2 = np.diag([1.0, 0.0, 4.0]), np.diag([4.0, 0.0, 0.0])
    got = frechet_distance_from_statistics(np.zeros(3), c1, np.zeros(3), c2)
    assert got == pytest.approx((1 - 2) ** 2 + (2 - 0) ** 2)


def test_samples_of_one_normal_come_close_as_they_grow():
    rng = np.random.default_rng(0)
    small, large = (
        frechet_distance(rng.normal(size=(n, 4)), rng.normal(size=(n, 4))) for n in (100, 10_000)
    )
    assert large < 0.01 < small


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([0, 0], np.eye(2), [0], np.eye(2)), "they must be"),
        (([0, 0], np.eye(2), [0, 0], np.eye(3)), "they must be"),
        (([0, np.nan], np.eye(2), [0, 0], np.eye(2)), "NaN"),
        (([0, 0], -np.eye(2), [0, 0], np.eye(2)), "cov1 has the eigenvalue -1"),
        (([0, 0], np.eye(2), [0, 0], -np.eye(2)), "cov2 has the eigenvalue -1"),
    ],
)
def test_statistics_that_cannot_be_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance_from_statistics(*arguments)


@pytest.mark.parametrize("bad", [np.zeros(5), np.zeros((1, 5)), np.full((3, 2), np.inf)])
def test_features_that_cannot_be_are_named(bad):
    with pytest.raises(ValueError, match="features"):
        frechet_distance(bad, np.zeros((3, 2)))


# --- the classifier -----------------------------------------------------------------------------


def test_the_shipped_classifier_is_small_and_right():
    digits = load_digits().test
    answers = load_classifier()(digits.images).argmax(dim=1)
    assert (answers == digits.labels).double().mean() >= 0.99
    size = len(files("gan_lesson").joinpath("assets", evaluation.CLASSIFIER_FILE).read_bytes())
    assert size <= 500_000


def test_the_number_of_weights_is_what_the_docstring_says():
    n = sum(p.numel() for p in DigitClassifier().parameters())
    assert f"{n:,} numbers" in DigitClassifier.__doc__


def test_features_are_the_numbers_before_the_logits():
    x = load_digits().test.images[:7]
    net = load_classifier()
    f = features(x)
    assert f.shape == (7, 64) and f.dtype == np.float64 and f.min() >= 0
    logits = f @ net.logits.weight.double().numpy().T + net.logits.bias.double().numpy()
    np.testing.assert_allclose(logits, net(x).numpy(), atol=1e-4)


def test_bytes_and_tensors_of_the_same_images_count_the_same():
    x = load_digits().test.images[:300]
    np.testing.assert_allclose(features(tensor_to_images(x)), features(x), atol=1e-5)
    np.testing.assert_array_equal(class_shares(tensor_to_images(x)), class_shares(x))


def test_how_many_are_computed_at_once_does_not_matter():
    x = load_digits().test.images[:50]
    np.testing.assert_allclose(features(x, batch=7), features(x), atol=1e-4)


def test_shares_of_real_digits_are_their_labels_shares():
    digits = load_digits().test
    shares = class_shares(digits.images)
    expected = np.bincount(digits.labels.numpy(), minlength=10) / len(digits.labels)
    assert shares.sum() == pytest.approx(1)
    assert np.abs(shares - expected).max() < 0.005
    ones = digits.images[digits.labels == 1]
    assert class_shares(ones)[1] > 0.97


def test_the_floor_is_what_real_digits_score():
    assert real_against_real() == pytest.approx(evaluation.REAL_AGAINST_REAL, abs=0.01)


def test_blurred_and_missing_digits_score_worse_than_real_ones():
    x = load_digits().train.images
    blurred = torch.nn.functional.avg_pool2d(x, 3, stride=1, padding=1).clamp(-1, 1)
    without_ones = x[load_digits().train.labels != 1]
    floor = evaluation.REAL_AGAINST_REAL
    assert digit_distance(blurred) > 5 * floor
    assert digit_distance(without_ones) > 2 * floor


def test_the_shipped_statistics_are_of_features():
    mean, cov = mnist_statistics()
    assert mean.shape == (64,) and cov.shape == (64, 64) and mean.min() >= 0
    np.testing.assert_allclose(cov, cov.T)
    bundled = features(load_digits().test.images).mean(axis=0)
    assert np.abs(bundled - mean).max() < 0.1 * mean.max()


@pytest.mark.parametrize(
    "bad, message",
    [
        (torch.zeros(3, 28, 28), "must be"),
        (torch.zeros(0, 1, 28, 28), "must be"),
        (torch.zeros(3, 1, 27, 28), "must be"),
        (torch.full((3, 1, 28, 28), 255.0), "outside"),
        (torch.full((3, 1, 28, 28), float("nan")), "NaN"),
        (np.zeros((3, 28, 28)), "float64"),
        (np.zeros((3, 784), np.uint8), "uint8"),
    ],
)
def test_images_that_cannot_be_are_named(bad, message):
    for function in (features, class_shares):
        with pytest.raises(ValueError, match=message):
            function(bad)


def test_a_damaged_file_is_refused(monkeypatch):
    evaluation._bundle.cache_clear()
    monkeypatch.setattr(evaluation, "CLASSIFIER_SHA256", hashlib.sha256(b"").hexdigest())
    try:
        with pytest.raises(ValueError, match="damaged"):
            load_classifier()
    finally:
        evaluation._bundle.cache_clear()
