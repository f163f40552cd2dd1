"""MSE, PSNR and SSIM are what other libraries say, and a range that cannot be right is refused."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from gan_lesson.data import load_digits
from gan_lesson.metrics import (
    digit_distance,
    mse,
    psnr,
    restoration_scores,
    ssim,
)
from gan_lesson.super_resolution import enlarge, shrink


@pytest.fixture(scope="module")
def pairs():
    x = load_digits().test.images[:40]
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    return x, (enlarge(shrink(x)) + 0.1 * noise).clamp(-1, 1)


def by_scipy(a, b, data_range):
    """SSIM of two images with scipy's Gaussian filter, the border left out: skimage's recipe."""

    def mean(x):
        return gaussian_filter(x, 1.5, truncate=3.5)[5:-5, 5:-5]

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    m_a, m_b = mean(a), mean(b)
    v_a, v_b, c = mean(a * a) - m_a**2, mean(b * b) - m_b**2, mean(a * b) - m_a * m_b
    top = (2 * m_a * m_b + c1) * (2 * c + c2)
    return (top / ((m_a**2 + m_b**2 + c1) * (v_a + v_b + c2))).mean()


@pytest.mark.parametrize("data_range", [1, 2, 255])
def test_ssim_is_that_of_scipys_gaussian_filter(pairs, data_range):
    shift, scale = {1: (1, 0.5), 2: (0, 1), 255: (1, 127.5)}[data_range]
    x, x_hat = (((p.double() + shift) * scale).numpy()[:, 0] for p in pairs)
    wanted = [by_scipy(a, b, data_range) for a, b in zip(x, x_hat, strict=True)]
    assert ssim(x, x_hat, data_range) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.slow
def test_psnr_and_ssim_are_those_of_torchmetrics(pairs):
    """Slow, since to import it takes seconds."""
    theirs = pytest.importorskip("torchmetrics.functional.image")
    x, x_hat = (p.double() for p in pairs)
    _, everywhere = theirs.structural_similarity_index_measure(
        x_hat, x, data_range=2.0, reduction="none", return_full_image=True
    )
    inside = everywhere[..., 5:-5, 5:-5].mean(dim=(1, 2, 3))  # they mirror images at the border
    assert ssim(x, x_hat, 2) == pytest.approx(inside.numpy(), abs=1e-6)
    for i in range(5):
        wanted = theirs.peak_signal_noise_ratio(x_hat[i], x[i], data_range=2.0)
        assert psnr(x, x_hat, 2)[i] == pytest.approx(float(wanted), abs=1e-6)


def test_scores_by_hand():
    x = np.zeros((1, 2, 2))
    x_hat = np.array([[[0.1, -0.1], [0.1, 0.1]]])
    assert mse(x, x_hat) == pytest.approx([0.01])
    assert psnr(x, x_hat, 2) == pytest.approx([10 * np.log10(4 / 0.01)])
    assert psnr(x, x, 2) == [np.inf]
    assert ssim(np.eye(12)[None], np.eye(12)[None], 1) == pytest.approx([1.0])


def test_half_the_range_costs_six_decibels(pairs):
    gap = psnr(*pairs, 2) - psnr(*pairs, 1, strict=False)
    assert gap == pytest.approx(20 * np.log10(2))


def test_the_mean_psnr_is_at_least_that_of_the_mean_error(pairs):
    assert psnr(*pairs, 2).mean() > 10 * np.log10(4 / mse(*pairs).mean())


@pytest.mark.parametrize("score", [psnr, ssim])
@pytest.mark.parametrize(
    ("scale", "shift", "data_range"), [(1, 0, 1), (0.5, 0.5, 255), (127.5, 127.5, 1)]
)
def test_a_range_that_cannot_be_right_is_refused(score, pairs, scale, shift, data_range):
    x, x_hat = (scale * p + shift for p in pairs)
    with pytest.raises(ValueError, match="data_range is .* it is 2 for images in"):
        score(x, x_hat, data_range)
    assert np.isfinite(score(x, x_hat, data_range, strict=False)).all()


@pytest.mark.parametrize(
    ("x", "x_hat", "data_range", "words"),
    [
        (np.zeros((0, 28, 28)), np.zeros((0, 28, 28)), 2, "n >= 1"),
        (np.zeros((1, 28, 28)), np.zeros((2, 28, 28)), 2, "must agree"),
        (np.full((1, 28, 28), np.nan), np.zeros((1, 28, 28)), 2, "finite"),
        (np.zeros((1, 3, 28, 28)), np.zeros((1, 3, 28, 28)), 2, "shape"),
        (np.zeros((1, 28, 28)), np.zeros((1, 28, 28)), 0, "positive"),
        (np.zeros((1, 9, 28)), np.zeros((1, 9, 28)), 2, "the window needs 11"),
    ],
)
def test_what_is_no_pair_of_images_is_refused(x, x_hat, data_range, words):
    with pytest.raises(ValueError, match=words):
        ssim(x, x_hat, data_range)


def test_ssim_calls_the_negative_of_a_tanh_image_more_similar_than_its_restoration():
    x = load_digits().test.images[:1000]
    restored = enlarge(shrink(x))
    assert ssim(x, -x, 2).mean() > 0.7 > 0.5 > ssim(x, restored, 2).mean()
    ink, restored = (x + 1) / 2, (restored + 1) / 2
    assert ssim(ink, 1 - ink, 1).mean() < -0.3 < 0.3 < ssim(ink, restored, 1).mean()
    assert ssim(ink, ink.roll(500, 0), 255, strict=False).mean() > 0.95


def test_a_row_of_scores_holds_what_each_score_says():
    x, labels = (part[:200] for part in load_digits().test)
    row = restoration_scores(x, enlarge(shrink(x)), labels)
    assert row.psnr == pytest.approx(psnr(x, enlarge(shrink(x)), 2).mean())
    assert row.ssim == pytest.approx(ssim(x, enlarge(shrink(x)), 2).mean())
    assert row.distance == pytest.approx(digit_distance(enlarge(shrink(x))))
    assert row.misfit < 1e-6
    perfect = restoration_scores(x, x, labels)
    assert perfect.psnr == np.inf
    assert perfect.read_rightly > 0.95 > row.read_rightly
    assert np.isnan(restoration_scores(x, x).read_rightly)
