"""Lesson 09 in numbers: windows and stamps, checkerboards, costs, the race, shuffled pixels."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from assets.race import RACE_SECONDS
from lesson_text import LessonText, lock_and_reveal
from scipy import signal
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gan_lesson.__main__ import main
from gan_lesson.data import Digits, LabelledImages, load_digits
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_09 import exercises as lesson_09
from gan_lesson.lessons.lesson_09.convolve import (
    convolution_cost,
    convolution_matrix,
    convolve,
    inner_overlaps,
    output_size,
    overlaps,
    transposed_convolve,
    transposed_output_size,
)
from gan_lesson.lessons.lesson_09.explorers import (
    GEOMETRIES,
    TOY,
    TOY_KERNEL,
    TOY_SMALL,
    TOY_STAMP,
    CheckerboardExplorer,
    ConvolutionExplorer,
    RaceExplorer,
)
from gan_lesson.lessons.lesson_09.recorded import KINDS, load_convolutional_generator, load_race
from gan_lesson.metrics import REAL_AGAINST_REAL, class_shares, digit_distance
from gan_lesson.networks import convolutional_pair, fully_connected_pair
from gan_lesson.recipes import convolutional_trainer, fully_connected_trainer

LESSON = LessonText("09_convolutional_gan")


@pytest.fixture(scope="module")
def lesson():
    """What the lesson writes out: functions, layers, and the three ways to enlarge."""
    layers = "G_layers", "D_layers", "WAYS"
    return LESSON.define("convolve", *layers, "strength", "shuffle", "order", "back")


@pytest.fixture(scope="module")
def digits():
    return load_digits().train.images


GEOMETRY = [(4, 3, 1, 0), (4, 3, 1, 1), (4, 3, 2, 1), (7, 2, 3, 0), (9, 4, 2, 1), (5, 5, 1, 0)]


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


# --- section 4: the networks and their cost ------------------------------------------------


def test_the_lessons_layers_are_the_packages(lesson):
    for name, layers, net in zip(
        "GD", (lesson["G_layers"], lesson["D_layers"]), convolutional_pair(), strict=True
    ):
        net.net.load_state_dict(layers.state_dict())
        x = torch.randn(4, 64) if name == "G" else torch.randn(4, 1, 28, 28)
        with torch.no_grad():
            assert torch.allclose(layers.eval()(x), net.net.eval()(x), atol=1e-5)
        assert [type(m) for m in layers] == [type(m) for m in net.net]


def flops(net, x):
    with FlopCounterMode(display=False) as counter:
        net.eval()(x)
    return counter.get_total_flops() // 2


def test_weights_and_multiplications_by_hand_are_those_torch_counts():
    G, D = convolutional_pair()
    image, z = torch.zeros(1, 1, 28, 28), torch.zeros(1, 64)
    of_d, of_g = costs_by_hand(D.net), costs_by_hand(G.net)
    assert of_d[1] == flops(D, image)
    assert of_g[1] == flops(G, z)
    for net, (weights, _) in ((D, of_d), (G, of_g)):
        matrices = sum(p.numel() for p in net.parameters() if p.ndim > 1)
        assert matrices == weights
    fc_D = fully_connected_pair()[1]
    ratio = sum(p.numel() for p in fc_D.parameters()) / sum(p.numel() for p in D.parameters())
    assert 20 < ratio < 25
    assert 2 < flops(D, image) / flops(fc_D, image) < 2.5


def costs_by_hand(layers):
    """Add up what `convolution_cost` says of each layer, from its shapes."""
    x = torch.zeros(1, 64 if isinstance(layers[0], nn.Linear) else 1, *([28, 28] * (
        not isinstance(layers[0], nn.Linear))))  # fmt: skip
    total = np.zeros(2, dtype=int)
    for layer in layers.eval():
        y = layer(x)
        if isinstance(layer, nn.Linear):
            total += convolution_cost(layer.in_features, layer.out_features, 1, 1)
        elif isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            size = y.shape[-1] if isinstance(layer, nn.Conv2d) else x.shape[-1]
            k = layer.kernel_size[0]
            total += convolution_cost(layer.in_channels, layer.out_channels, k, size * size)
        x = y
    return tuple(int(number) for number in total)


def test_each_weight_of_a_kernel_of_d_is_used_at_196_or_49_places():
    x, places = torch.zeros(1, 1, 28, 28), []
    for layer in convolutional_pair()[1].net:
        x = layer(x)
        if isinstance(layer, nn.Conv2d):
            places.append(x.shape[-1] ** 2)
    assert places == [196, 49]


def test_gs_rate_is_twice_and_ds_four_times_that_of_lesson_06(digits):
    fc, conv = (
        make(digits[:100], n_steps=2) for make in (fully_connected_trainer, convolutional_trainer)
    )
    assert (conv.lr_g, conv.lr_d) == pytest.approx((2 * fc.lr_g, 4 * fc.lr_d))


def test_both_players_fit_together_and_start_from_their_seed():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    G, D = convolutional_pair(seed=3)
    twin, _ = convolutional_pair(seed=3)
    other, _ = convolutional_pair(seed=4)
    assert torch.equal(before, torch.get_rng_state())
    z = G.sample_z(6)
    assert G(z).shape == (6, 1, 28, 28)
    assert D(G(z)).shape == (6, 1)
    assert torch.equal(G(z), twin(z))
    assert not torch.equal(G(z), other(z))


# --- section 5: the race, and what ships ---------------------------------------------------


def test_the_race_gives_both_kinds_the_same_seconds():
    race = load_race()
    assert (np.diff(race.seconds) > 0).all()
    assert race.floor == pytest.approx(REAL_AGAINST_REAL)
    for kind in KINDS:
        steps = race.steps[kind]
        assert (np.diff(steps) > 0).all()
        np.testing.assert_allclose(steps / race.seconds, steps[-1] / race.seconds[-1], rtol=0.1)
        assert race.images[kind].shape == (len(race.seconds), 36, 28, 28)
        assert set(np.unique(race.images[kind] % 17)) == {0}
        assert race.distances[kind][-1] < race.distances[kind][0]
        assert (race.distances[kind] > race.floor).all()
    assert tuple(race.seconds) == RACE_SECONDS and race.seconds[-1] == 40
    ratio = race.distances["conv"] / race.distances["fc"]
    assert (6 / 7 < ratio).all() and (ratio < 7 / 6).all()  # "within a sixth, at every moment"
    assert 1 < ratio[2] < ratio[3] < ratio[4] < ratio[5]  # "a growing lead at the end"
    assert race.steps["fc"][-1] / race.steps["conv"][-1] == pytest.approx(2.5, abs=0.1)
    weights = {
        kind: sum(p.numel() for player in pair() for p in player.parameters())
        for kind, pair in (("fc", fully_connected_pair), ("conv", convolutional_pair))
    }
    assert weights["conv"] < weights["fc"] / 4


def test_the_shipped_generator_scores_what_the_race_says():
    race, G = load_race(), load_convolutional_generator()
    with torch.no_grad():
        samples = G(G.sample_z(10_000, torch.Generator().manual_seed(5)))
    score, told = digit_distance(samples), race.distances["conv"][-1]
    assert score == pytest.approx(told, rel=0.15) and abs(score - told) > 0.5  # other z
    assert class_shares(samples).min() > 0.07
    assert not any(p.requires_grad for p in G.parameters())


def test_a_short_run_of_the_shipped_recipe_moves_towards_its_score(digits):
    race = load_race()
    trainer = convolutional_trainer(digits, seed=1, n_steps=120)
    z = trainer.G.sample_z(2000, torch.Generator().manual_seed(2))
    start = digit_distance(trainer.sample(z))
    middle, end = [], None
    for _ in range(2):
        trainer.burst(60)
        middle.append(digit_distance(trainer.sample(z)))
    end = middle[-1]
    assert start > middle[0] > end > race.distances["conv"][-1]
    assert end < start / 3


def test_a_convolutional_run_is_repeatable(digits):
    rows = []
    for _ in range(2):
        trainer = convolutional_trainer(digits[:500], seed=2, n_steps=12)
        trainer.burst(12)
        rows.append([trainer.history[name].copy() for name in ("d_real", "d_fake", "loss_g")])
    np.testing.assert_array_equal(rows[0], rows[1])


# --- section 6: shuffled pixels ------------------------------------------------------------


def test_shuffling_loses_nothing(digits, lesson):
    shuffled = lesson["shuffle"](digits[:20])
    assert not torch.equal(shuffled, digits[:20])
    assert torch.equal(lesson["shuffle"](shuffled, lesson["back"]), digits[:20])


def test_a_fully_connected_run_on_shuffled_pixels_is_the_same_run(digits, lesson):
    """With its first layer of D and its last of G shuffled likewise: step by step."""
    order, runs = lesson["order"], []
    for shuffled in (False, True):
        images = lesson["shuffle"](digits[:500]) if shuffled else digits[:500]
        trainer = fully_connected_trainer(images, seed=0, n_steps=20)
        if shuffled:
            with torch.no_grad():
                first = next(m for m in trainer.D.net if isinstance(m, nn.Linear))
                last = [m for m in trainer.G.net if isinstance(m, nn.Linear)][-1]
                for tensor, dim in ((first.weight, 1), (last.weight, 0), (last.bias, 0)):
                    tensor.copy_(tensor.index_select(dim, order))
        trainer.burst(20)
        runs.append(trainer.history["loss_d"].copy())
    np.testing.assert_allclose(runs[0], runs[1], atol=2e-3)


@pytest.mark.parametrize("seed", [0, 1])
def test_only_the_convolutional_gan_suffers(seed, digits, lesson):
    distance = {}
    for kind, make, n_steps in (
        ("fc", fully_connected_trainer, 300),
        ("conv", convolutional_trainer, 100),
    ):
        for shuffled in (False, True):
            images = lesson["shuffle"](digits) if shuffled else digits
            trainer = make(images, seed=seed, n_steps=n_steps)
            trainer.burst(n_steps)
            z = trainer.G.sample_z(1000, torch.Generator().manual_seed(1))
            samples = trainer.sample(z)
            samples = lesson["shuffle"](samples, lesson["back"]) if shuffled else samples
            distance[kind, shuffled] = digit_distance(samples)
    assert distance["fc", True] == pytest.approx(distance["fc", False], rel=0.25)
    assert distance["conv", True] > 2 * distance["conv", False]


# --- the exercises -------------------------------------------------------------------------


def stamped_by_hand(y, kernel, stride):
    """The right answer by another road: gaps of zeros, then a full convolution."""
    y = np.asarray(y, dtype=float)
    spread = np.zeros(((len(y) - 1) * stride + 1,) * 2)
    spread[::stride, ::stride] = y
    return signal.convolve2d(spread, kernel)


EXERCISES = [
    (lesson_09.OUTPUT_SIZE, lambda n, kernel, stride, padding: len(
        range(0, n + 2 * padding - kernel + 1, stride))),
    (lesson_09.STAMP, stamped_by_hand),
    (lesson_09.EVEN, lambda kernel, stride: kernel % stride == 0),
    (lesson_09.MULTIPLICATIONS, lambda c_in, c_out, kernel, size: flops(
        nn.Conv2d(c_in, c_out, kernel, bias=False),
        torch.zeros(1, c_in, size + kernel - 1, size + kernel - 1))),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "right"), EXERCISES, ids=lambda e: getattr(e, "name", ""))
def test_right_answers_pass(exercise, right, capsys):
    assert exercise.problems() == []
    assert exercise.check(right) is right
    assert "Right" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("exercise", "mistake", "sentence"),
    [(e, wrong, sentence) for e, _ in EXERCISES for wrong, sentence in e.mistakes],
)
def test_every_named_mistake_is_named(exercise, mistake, sentence):
    with pytest.raises(WrongAnswer, match=re.escape(sentence)):
        exercise.check(mistake)


def test_the_lessons_stubs_count_as_untouched_and_its_answers_as_right(capsys):
    for tag, word in (("stub", "Not attempted yet"), ("answer", "Right")):
        sources = LESSON.cells(tag)
        assert len(sources) == 4
        for source in sources:
            name = re.search(r"^def (\w+)", source, flags=re.M)[1]
            getattr(lesson_09, f"check_{name}")(LESSON.taught(name, tag))
            assert word in capsys.readouterr().out


# --- the predictions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (lesson_09.ask_output_size, 14),
        (lesson_09.ask_claim_about_undoing, lesson_09.FALSE),
        (lesson_09.ask_most_stamps, 4),
        (lesson_09.ask_claim_about_divisible_kernels, lesson_09.FALSE),
        (lesson_09.ask_which_has_more_weights, "fewer weights, more multiplications"),
        (lesson_09.ask_who_is_ahead, lesson_09.LEVEL),
        (lesson_09.ask_who_suffers, "only the convolutional one"),
        (lesson_09.ask_claim_about_size, lesson_09.FALSE),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"]
    assert question.row["truth"] == truth


# --- the explorers -------------------------------------------------------------------------


def shown(explorer):
    """The description and the read-out, finite."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def table(grid):
    """The numbers that a grid shows, without its empty places."""
    rows = [[text.get_text().replace("−", "-") for text in row] for row in grid.texts]
    return np.array([[int(t) for t in row if t] for row in rows if any(row)])


@pytest.mark.parametrize("name", GEOMETRIES["convolve"])
def test_the_window_shows_torchs_numbers_at_every_place(name):
    explorer = ConvolutionExplorer(geometry=name)
    stride, padding = GEOMETRIES["convolve"][name]
    truth = torch.conv2d(as_batch(TOY), as_batch(TOY_KERNEL), stride=stride, padding=padding)[0, 0]
    seen = set()
    for place in range(1, explorer.place.max + 1):
        explorer.place.value = place
        number = int(truth.ravel()[place - 1])
        assert f"= {number}".replace("-", "−") in shown(explorer)
        assert explorer._out.texts and explorer.panel.frames
        seen.add(explorer.panel.description)
    assert len(seen) == truth.numel() == explorer.place.max
    np.testing.assert_array_equal(table(explorer._out), truth)
    np.testing.assert_array_equal(table(explorer._in), np.pad(TOY, padding))


@pytest.mark.parametrize("name", GEOMETRIES["stamp"])
def test_the_stamps_add_up_to_torchs_numbers(name):
    explorer = ConvolutionExplorer("stamp", geometry=name)
    stride, padding = GEOMETRIES["stamp"][name]
    seen = set()
    for place in range(1, 5):
        explorer.place.value = place
        seen.add(shown(explorer))
    assert len(seen) == 4
    truth = torch.conv_transpose2d(as_batch(TOY_SMALL), as_batch(TOY_STAMP), stride=stride)[0, 0]
    np.testing.assert_array_equal(table(explorer._out), truth)
    added = [int(text.get_text().replace("−", "-")) for text in explorer._added]
    np.testing.assert_array_equal(added, (TOY_SMALL[1, 1] * TOY_STAMP).ravel())
    m = len(truth) - 2 * padding
    assert not padding or f"the inner {m} × {m} stay" in shown(explorer)


def test_another_geometry_moves_the_sliders_end_and_a_fast_burst_leaves_it_sound():
    explorer = ConvolutionExplorer(place=4)
    explorer.geometry.value = "stride 1, padding 1"
    assert explorer.place.max == 16
    rng = np.random.default_rng(0)
    for _ in range(200):
        explorer.place.value = int(rng.integers(1, 17))
    explorer.place.value = 16
    explorer.geometry.value = "stride 2, padding 1"
    assert explorer.place.max == explorer.place.value == 4
    assert table(explorer._out).shape == (2, 2)
    shown(explorer)


def test_the_checkerboard_counts_what_torch_stamps():
    explorer = CheckerboardExplorer()
    told = set()
    for kernel in range(1, 7):
        for stride in range(1, 5):
            explorer.kernel.value, explorer.stride.value = kernel, stride
            ones = torch.conv_transpose2d(
                torch.ones(1, 1, 24, 24), torch.ones(1, 1, kernel, kernel), stride=stride
            )[0, 0].numpy()
            start = 10 * stride
            inner = ones[start : start + 3 * stride, start : start + 3 * stride]
            plane = explorer._image.get_array()
            assert sorted(set(np.asarray(plane).ravel())) == sorted(set(inner.ravel()))
            assert ("checkerboard" in shown(explorer)) == (kernel % stride != 0)
            told.add(explorer.panel.description)
    assert len(told) == 24


def test_the_race_shows_its_numbers_at_every_moment():
    explorer, race = RaceExplorer(moment=0), load_race()
    told = set()
    for i in range(len(race.seconds)):
        explorer.moment.value = i
        for kind in KINDS:
            assert f"{race.distances[kind][i]:.1f}" in shown(explorer)
            assert f"{race.steps[kind][i]:,} steps" in shown(explorer)
        told.add(explorer.panel.description)
    assert len(told) == len(race.seconds)


# --- the command line ----------------------------------------------------------------------


def test_train_takes_the_convolutional_model(tmp_path, capsys):
    assert main(["train", "--model", "conv", "--steps", "3", "--out", str(tmp_path)]) == 0
    assert np.load(tmp_path / "samples.npy").shape == (10_000, 28, 28)
    assert '"model": "conv"' in (tmp_path / "run.json").read_text()


def test_train_takes_fashion_mnist_from_its_root(tmp_path, monkeypatch):
    asked = []

    def load(root, download=False):
        asked.append((root, download))
        part = LabelledImages(torch.rand(64, 1, 28, 28) * 2 - 1, torch.zeros(64, dtype=int))
        return Digits(part, part)

    monkeypatch.setattr("gan_lesson.data.load_fashion_mnist", load)
    arguments = ["train", "--dataset", "fashion-mnist", "--root", "here", "--steps", "2"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    assert asked == [(Path("here"), False)]


def test_fashion_mnist_without_a_root_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["train", "--dataset", "fashion-mnist", "--out", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert "FashionMNIST/raw" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
