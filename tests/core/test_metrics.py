"""The classifier that judges digits, and the Fréchet distance against scipy and known answers."""

from importlib.resources import files

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.stats import mannwhitneyu
from sklearn.neighbors import NearestNeighbors
from torch.nn.functional import max_pool2d, relu

from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.metrics import (
    CLASSIFIER_FILE,
    REAL_AGAINST_REAL,
    DigitClassifier,
    class_shares,
    digit_distance,
    features,
    frechet_distance,
    frechet_distance_from_statistics,
    load_classifier,
    memorisation_check,
    mnist_statistics,
    nearest_training_images,
    precision_recall,
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


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.01, 5), st.floats(0.01, 5))
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


def test_the_classifier_pools_and_rectifies_as_its_layers_are_described():
    digits, net = load_digits().test.images[:50], load_classifier()
    x = max_pool2d(relu(net.conv1(digits)), 2)
    x = max_pool2d(relu(net.conv2(x)), 2)
    assert torch.equal(net.features(digits), relu(net.hidden(x.flatten(1))))


def test_the_shipped_classifier_is_small_and_right():
    digits = load_digits().test
    answers = load_classifier()(digits.images).argmax(dim=1)
    assert (answers == digits.labels).double().mean() >= 0.99
    size = len(files("gan_lesson").joinpath("assets", CLASSIFIER_FILE).read_bytes())
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
    np.testing.assert_allclose(
        np.concatenate([features(part) for part in x.split(7)]), features(x), atol=1e-4
    )


def test_shares_of_real_digits_are_their_labels_shares():
    digits = load_digits().test
    shares = class_shares(digits.images)
    expected = np.bincount(digits.labels.numpy(), minlength=10) / len(digits.labels)
    assert shares.sum() == pytest.approx(1)
    assert np.abs(shares - expected).max() < 0.005
    ones = digits.images[digits.labels == 1]
    assert class_shares(ones)[1] > 0.97


def test_the_floor_is_what_real_digits_score():
    assert digit_distance(load_digits().train.images) == pytest.approx(REAL_AGAINST_REAL, abs=0.01)


def test_blurred_and_missing_digits_score_worse_than_real_ones():
    x = load_digits().train.images
    blurred = torch.nn.functional.avg_pool2d(x, 3, stride=1, padding=1).clamp(-1, 1)
    without_ones = x[load_digits().train.labels != 1]
    floor = REAL_AGAINST_REAL
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


# --- the nearest training image, against scikit-learn ------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_image_is_scikit_learns(seed):
    draw = np.random.default_rng(seed)
    rows = draw.permutation(10_000)[:900]
    x = load_digits().train.images[rows]
    images, training = x[:600], x[600:]
    found = nearest_training_images(images, training)
    flat = training.flatten(1).double().numpy()
    distance, index = (
        NearestNeighbors(n_neighbors=1, algorithm="brute")
        .fit(flat)
        .kneighbors(images.flatten(1).double().numpy())
    )
    np.testing.assert_array_equal(found.index, index[:, 0])
    np.testing.assert_allclose(found.distance, distance[:, 0], rtol=1e-6)


def test_a_copy_is_at_distance_0_and_bytes_count_as_tensors_do():
    x = load_digits().train.images[:500]
    found = nearest_training_images(x[100:120], x)
    np.testing.assert_array_equal(found.index, np.arange(100, 120))
    assert (found.distance == 0).all()
    other = load_digits().test.images[:20]
    as_bytes = nearest_training_images(tensor_to_images(other), tensor_to_images(x))
    as_tensors = nearest_training_images(other, x)
    np.testing.assert_array_equal(as_bytes.index, as_tensors.index)
    np.testing.assert_allclose(as_bytes.distance, as_tensors.distance, rtol=1e-5)
    black, white = torch.ones(1, 1, 28, 28), -torch.ones(1, 1, 28, 28)
    assert nearest_training_images(black, white).distance[0] == pytest.approx(56)


@pytest.mark.parametrize(
    "a, b, message",
    [
        (np.zeros((0, 5)), np.zeros((3, 5)), "images has shape"),
        (np.zeros((3, 5)), np.zeros(5), "training has shape"),
        (np.zeros((3, 5)), np.zeros((3, 6)), "they must agree"),
        (np.full((3, 5), np.nan), np.zeros((3, 5)), "images holds NaN"),
    ],
)
def test_sets_that_do_not_fit_are_named(a, b, message):
    with pytest.raises(ValueError, match=message):
        nearest_training_images(a, b)


# --- copies or not --------------------------------------------------------------------------------


def test_new_real_digits_are_as_near_as_new_real_digits():
    train, test = load_digits()
    order = torch.randperm(2000, generator=torch.Generator().manual_seed(0))
    one, two = test.images[order[:1000]], test.images[order[1000:]]
    check = memorisation_check(one, train.images, two)
    assert check.closer == pytest.approx(0.5, abs=0.03)
    assert check.too_close == pytest.approx(0.01, abs=0.015)


def test_copies_are_found_exact_or_noisy():
    train, test = load_digits()
    noise = 0.05 * torch.randn(500, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    for copies in (train.images[::20], (train.images[::20] + noise).clamp(-1, 1)):
        check = memorisation_check(copies, train.images, test.images)
        assert check.closer > 0.95
        assert check.too_close > 0.6
    assert memorisation_check(train.images[:9], train.images, test.images).closer > 0.99


def test_pixels_miss_shifted_copies_and_features_find_them():
    train, test = load_digits()
    shifted = torch.roll(train.images[::10], 1, dims=3)
    assert memorisation_check(shifted, train.images, test.images).closer < 0.55
    sets = [features(x) for x in (shifted, train.images, test.images)]
    assert memorisation_check(*sets).closer > 0.65  # ½ would be alike, give or take .01


@pytest.mark.parametrize("seed", range(3))
def test_closer_is_the_mann_whitney_statistic(seed):
    draw = np.random.default_rng(seed)
    sets = [draw.integers(0, 4, (n, 3)).astype(float) for n in (40, 30, 50)]  # ties abound
    check = memorisation_check(*sets)
    u = mannwhitneyu(check.held_out, check.samples).statistic  # held-out farther; ties half
    assert check.closer == pytest.approx(u / (40 * 50))


# --- precision and recall ---------------------------------------------------------------------


def by_scikit_learn(real, generated, k):
    """The share of generated points in the balls of real ones, by another program."""
    tree = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(real)
    reach = tree.kneighbors(real)[0][:, k]
    distance = np.linalg.norm(generated[:, None] - real[None], axis=2)
    return (distance <= reach).any(axis=1).mean()


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_precision_and_recall_agree_with_scikit_learns_neighbours(k, shift):
    draw = np.random.default_rng(k)
    real, generated = draw.normal(size=(300, 5)), draw.normal(shift, 0.7, size=(250, 5))
    ours = precision_recall(real, generated, k)
    assert ours.precision == pytest.approx(by_scikit_learn(real, generated, k), abs=0.005)
    assert ours.recall == pytest.approx(by_scikit_learn(generated, real, k), abs=0.005)


def test_precision_is_fidelity_and_recall_is_variety():
    digits = load_digits()
    real = features(digits.test.images)
    new = features(digits.train.images[::5])
    both = precision_recall(real, new)
    assert min(both) > 0.75
    threes = features(digits.train.images[digits.train.labels == 3])
    one = precision_recall(real, np.concatenate([threes, threes]))
    assert one.precision > 0.7 and one.recall < 0.15
    noise = features(torch.rand(2000, 1, 28, 28) * 2 - 1)
    assert precision_recall(real, noise).precision < 0.05  # one outlier has a large ball
    swapped = precision_recall(new, real)
    assert swapped == (both.recall, both.precision)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((np.zeros((5, 2)), np.zeros((3, 2))), "generated has 3 rows"),
        ((np.zeros((3, 2)), np.zeros((5, 2))), "real has 3 rows"),
        ((np.zeros((5, 2)), np.zeros((5, 2)), 0), "k is 0"),
        ((np.zeros((5, 2)), np.zeros((5, 2)), 1.5), "k is 1.5"),
    ],
)
def test_neighbours_that_cannot_be_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        precision_recall(*arguments)


def test_many_images_are_classified_in_parts_and_gradients_go_through_all():
    """One at a time or 1,200 at once: the same logits, and never more than 500 in a layer."""
    classifier, x = load_classifier(), load_digits().test.images[:1200].clone()
    seen = []
    classifier.conv1.register_forward_hook(lambda layer, given, made: seen.append(len(given[0])))
    in_parts = classifier(x)
    assert seen == [500, 500, 200]
    x.requires_grad_()
    whole = classifier(x)
    assert seen[3:] == [1200]
    assert torch.allclose(in_parts, whole, atol=1e-5)
    (slope,) = torch.autograd.grad(whole.sum(), x)
    assert (slope.flatten(1).norm(dim=1) > 0).all()
