"""Lesson 09's windows and stamps, and where checkerboards come from, against torch and SciPy."""

import numpy as np
import pytest
import torch
from lesson_text import LessonText
from scipy import signal
from torch import nn

from gan_lesson.lessons.lesson_09.convolve import (
    convolution_matrix,
    convolve,
    inner_overlaps,
    output_size,
    overlaps,
    transposed_convolve,
    transposed_output_size,
)
from gan_lesson.lessons.lesson_09.explorers import TOY, TOY_KERNEL, TOY_SMALL, TOY_STAMP
from gan_lesson.networks import convolutional_pair

LESSON = LessonText("09_convolutional_gan")
GEOMETRY = [(4, 3, 1, 0), (4, 3, 1, 1), (4, 3, 2, 1), (7, 2, 3, 0), (9, 4, 2, 1), (5, 5, 1, 0)]


@pytest.fixture(scope="module")
def lesson():
    """What the lesson writes out: its convolution, and the three ways to enlarge."""
    return LESSON.define("convolve", "WAYS", "strength")


def as_batch(array):
    return torch.tensor(np.asarray(array), dtype=torch.float64)[None, None]


# --- sections 1 and 2: windows and stamps --------------------------------------------------


def test_the_toys_numbers(lesson):
    y = [[-4, 7], [0, 8]]
    np.testing.assert_array_equal(lesson["convolve"](TOY, TOY_KERNEL), y)
    np.testing.assert_array_equal(signal.correlate2d(TOY, TOY_KERNEL, "valid"), y)
    stamped = signal.convolve2d([[1, 0, 2], [0, 0, 0], [0, 0, -1]], TOY_STAMP)
    np.testing.assert_array_equal(transposed_convolve(TOY_SMALL, TOY_STAMP, 2), stamped)


@pytest.mark.parametrize(("n", "k", "stride", "padding"), GEOMETRY)
def test_a_convolution_and_its_size_are_torchs(n, k, stride, padding, lesson):
    rng = np.random.default_rng(n * k)
    x, kernel = rng.normal(size=(n, n)), rng.normal(size=(k, k))
    theirs = torch.conv2d(as_batch(x), as_batch(kernel), stride=stride, padding=padding)
    ours = convolve(x, kernel, stride, padding)
    np.testing.assert_allclose(ours, theirs[0, 0], atol=1e-12)
    assert ours.shape == (output_size(n, k, stride, padding),) * 2
    written = lesson["convolve"](np.pad(x, padding), kernel, stride)
    np.testing.assert_allclose(written, ours, atol=1e-12)


@pytest.mark.parametrize(("n", "k", "stride", "padding"), GEOMETRY)
def test_a_transposed_convolution_and_its_size_are_torchs(n, k, stride, padding):
    rng = np.random.default_rng(n * k)
    y, kernel = rng.normal(size=(n, n)), rng.normal(size=(k, k))
    theirs = torch.conv_transpose2d(as_batch(y), as_batch(kernel), stride=stride, padding=padding)
    ours = transposed_convolve(y, kernel, stride, padding)
    np.testing.assert_allclose(ours, theirs[0, 0], atol=1e-12)
    assert ours.shape == (transposed_output_size(n, k, stride, padding),) * 2


@pytest.mark.parametrize(
    ("n", "k", "stride", "padding"), [(4, 3, 1, 0), (5, 3, 2, 1), (7, 4, 3, 0)]
)
def test_the_matrix_convolves_and_its_transpose_stamps(n, k, stride, padding):
    rng = np.random.default_rng(k)
    x, kernel = rng.normal(size=(n, n)), rng.normal(size=(k, k))
    C = convolution_matrix(n, kernel, stride, padding)
    y = convolve(x, kernel, stride, padding)
    np.testing.assert_allclose(C @ x.ravel(), y.ravel(), atol=1e-12)
    if transposed_output_size(len(y), k, stride, padding) == n:
        back = transposed_convolve(y, kernel, stride, padding)
        np.testing.assert_allclose(C.T @ y.ravel(), back.ravel(), atol=1e-12)


def test_the_gradient_through_a_convolution_is_a_transposed_convolution():
    x = as_batch(TOY).requires_grad_()
    y = torch.conv2d(x, as_batch(TOY_KERNEL))
    sent_back = np.array([[1.0, -2.0], [0.5, 3.0]])
    y.backward(as_batch(sent_back))
    np.testing.assert_allclose(x.grad[0, 0], transposed_convolve(sent_back, TOY_KERNEL))


def windows_over(n, k, stride, padding):
    """How many windows see each pixel of an edge: the gradient of their sum."""
    x = torch.zeros(1, 1, n, requires_grad=True)
    torch.conv1d(x, torch.ones(1, 1, k), stride=stride, padding=padding).sum().backward()
    return x.grad[0, 0].numpy()


@pytest.mark.parametrize("n", [4, 28])
def test_padding_lets_more_windows_see_the_rim_but_fewer_than_the_middle(n):
    bare, padded = (windows_over(n, 3, 1, padding) for padding in (0, 1))
    assert bare[0] < padded[0] < padded[n // 2] and bare[-1] < padded[-1] < padded[n // 2]


def test_the_toys_edge_of_4_stays_with_stride_1_and_is_halved_with_stride_2():
    assert [output_size(4, 3, stride, 1) for stride in (1, 2)] == [4, 2]
    assert output_size(28, 4, 2, 1) == 28 / 2 and 4 % 2 == 0


def test_the_transpose_does_not_undo_and_the_toys_matrix_has_rank_4():
    C = convolution_matrix(4, TOY_KERNEL)
    assert C.shape == (4, 16)
    assert np.linalg.matrix_rank(C) == 4
    assert np.abs(C.T @ C @ TOY.ravel() - TOY.ravel()).max() > 1


def test_claim_the_size_comes_back_just_where_the_division_leaves_no_remainder():
    for n in range(5, 31):
        for k, stride, padding in ((4, 2, 1), (3, 1, 1), (3, 2, 1), (5, 3, 0), (5, 3, 2)):
            down = output_size(n, k, stride, padding)
            up = transposed_output_size(down, k, stride, padding)
            remainder = (n + 2 * padding - k) % stride
            assert up == n - remainder
    assert [output_size(n, 3, 2, 1) for n in (27, 28)] == [14, 14]


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: convolve(np.ones((3, 4)), np.ones((2, 2))), "x has shape"),
        (lambda: convolve(np.ones((3, 3)), np.ones((4, 4))), "kernel is 4"),
        (lambda: convolve(np.ones((3, 3)), np.ones((2, 2)), stride=0), "stride is 0"),
        (lambda: convolve(np.ones((3, 3)), np.ones((2, 2)), padding=-1), "padding is -1"),
        (lambda: transposed_convolve(np.ones((2, 2)), np.ones((2, 2)), 1, 2), "leave -1 pixels"),
        (lambda: overlaps(0, 3, 2), "n is 0"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(call, names):
    with pytest.raises(ValueError, match=names):
        call()


# --- section 3: checkerboards --------------------------------------------------------------


@pytest.mark.parametrize("kernel", range(1, 7))
@pytest.mark.parametrize("stride", range(1, 5))
def test_counts_of_stamps_are_what_torch_stamps_with_ones(kernel, stride):
    ones = torch.conv_transpose1d(
        torch.ones(1, 1, 6), torch.ones(1, 1, kernel), stride=stride
    )[0, 0]  # fmt: skip
    np.testing.assert_array_equal(overlaps(6, kernel, stride), ones)
    even = len(set(inner_overlaps(kernel, stride))) == 1
    assert even == (kernel % stride == 0)
    assert inner_overlaps(kernel, stride).sum() == kernel


def test_kernel_3_stride_2_counts_1_2_2_4():
    plane = np.outer(inner_overlaps(3, 2), inner_overlaps(3, 2))
    assert sorted(plane.ravel()) == [1, 2, 2, 4]


def test_in_an_untrained_layer_mean_squares_follow_the_counts(lesson):
    for name, counts in (
        ("transposed, kernel 3", [1, 2, 2, 4]),
        ("transposed, kernel 4", [1, 1, 1, 1]),
        ("enlarge, then kernel 3", [1, 1, 1, 1]),
    ):
        inner = lesson["strength"](lesson["WAYS"][name])[2:-2, 2:-2] ** 2
        kinds = np.array([inner[i::2, j::2].mean() for i in (0, 1) for j in (0, 1)])
        np.testing.assert_allclose(sorted(kinds / kinds.min()), counts, rtol=0.1)


@pytest.mark.parametrize("seed", range(20))
def test_a_flat_input_stays_flat_only_if_enlarged_first(lesson, seed):
    torch.manual_seed(seed)
    flat = torch.ones(1, 16, 14, 14)
    spread = {}
    with torch.no_grad():
        for name, way in lesson["WAYS"].items():
            inner = way()(flat)[0, 0, 4:-4, 4:-4]
            np.testing.assert_allclose(inner[2:, 2:], inner[:-2, :-2], atol=1e-6)  # 2 x 2 repeats
            spread[name] = float(inner.std() / inner.square().mean().sqrt())
    assert spread["enlarge, then kernel 3"] < 1e-4
    assert spread["transposed, kernel 3"] > 0.3
    assert spread["transposed, kernel 4"] > 0.3  # even stamps, and a checkerboard all the same


def test_kernel_3_gives_27_pixels_and_output_padding_one_more():
    assert transposed_output_size(14, 3, 2, 1) == 27
    for more in (0, 1):
        layer = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=more)
        assert layer(torch.zeros(1, 1, 14, 14)).shape[-2:] == (27 + more, 27 + more)


def test_our_last_layer_is_a_transposed_convolution_with_kernel_6_and_stride_2():
    torch.manual_seed(0)
    ours = nn.Sequential(nn.Conv2d(8, 4, 3, padding=1, bias=False), nn.PixelShuffle(2))
    stamps = nn.ConvTranspose2d(8, 1, 6, stride=2, padding=2, bias=False)
    with torch.no_grad():
        for a, b in np.ndindex(6, 6):
            channel = 2 * (a % 2) + b % 2
            stamps.weight[:, 0, a, b] = ours[0].weight[channel, :, 2 - a // 2, 2 - b // 2]
        x = torch.randn(3, 8, 5, 5)
        assert torch.allclose(ours(x), stamps(x), atol=1e-6)
    assert len(set(inner_overlaps(6, 2))) == 1


@pytest.mark.parametrize("seed", range(20))
def test_an_untrained_g_ends_in_a_checkerboard_from_flat_channels(seed):
    last = nn.Sequential(*list(convolutional_pair(seed=seed)[0].net)[-3:-1])
    assert [type(layer) for layer in last] == [nn.Conv2d, nn.PixelShuffle]
    with torch.no_grad():
        inner = last(torch.ones(1, 16, 14, 14))[0, 0, 4:-4, 4:-4]
    np.testing.assert_allclose(inner[2:, 2:], inner[:-2, :-2], atol=1e-6)
    assert inner.std() > 0.1 * inner.square().mean().sqrt()
