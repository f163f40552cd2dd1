"""Lesson 09's networks: their cost, the race at equal seconds, shuffled pixels, the command."""

import functools
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from assets.race import RACE_SECONDS
from lesson_text import LessonText
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gan_lesson.__main__ import main
from gan_lesson.data import Digits, LabelledImages, load_digits
from gan_lesson.lessons.lesson_09 import questions
from gan_lesson.lessons.lesson_09.convolve import convolution_cost
from gan_lesson.lessons.lesson_09.exercises import MULTIPLICATIONS
from gan_lesson.lessons.lesson_09.recorded import KINDS, load_race
from gan_lesson.metrics import REAL_AGAINST_REAL, class_shares, digit_distance
from gan_lesson.networks import convolutional_pair, fully_connected_pair
from gan_lesson.pretrained import load_convolutional_generator
from gan_lesson.recipes import convolutional_trainer, fully_connected_trainer

LESSON = LessonText("09_convolutional_gan")
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
SEEDS = range(5 if EVERYTHING else 1)  # of the runs of section 6


@pytest.fixture(scope="module")
def lesson():
    """What the lesson writes out: its layers, and the shuffling of pixels."""
    return LESSON.define("G_layers", "D_layers", "shuffle", "order", "back")


@pytest.fixture(scope="module")
def digits():
    return load_digits().train.images


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


def test_torch_counts_the_multiplications_of_the_exercise():
    MULTIPLICATIONS.check(
        lambda c_in, c_out, kernel, size: flops(
            nn.Conv2d(c_in, c_out, kernel, bias=False),
            torch.zeros(1, c_in, size + kernel - 1, size + kernel - 1),
        )
    )


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
    assert 0.8 <= ratio[-1] <= 1.25 and questions.ask_who_is_ahead.truth() == questions.LEVEL
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


@pytest.mark.trains
def test_a_short_run_of_the_shipped_recipe_moves_towards_its_score(digits):
    start, middle, end = distances_of_a_short_run(convolutional_trainer, 100, digits, 0)
    assert start > middle > end > load_race().distances["conv"][-1]
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


@pytest.mark.trains
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


@functools.cache
def distances_of_a_short_run(make, n_steps, images, seed, back=lambda samples: samples):
    """The distances of 1,000 samples before, half way and after so many steps.

    `back` puts shuffled pixels in order.
    """
    trainer = make(images, seed=seed, n_steps=n_steps)
    z = trainer.G.sample_z(1000, torch.Generator().manual_seed(1))
    found = [digit_distance(back(trainer.sample(z)))]
    for _ in range(2):
        trainer.burst(n_steps // 2)
        found.append(digit_distance(back(trainer.sample(z))))
    return found


@pytest.mark.trains
def test_only_the_convolutional_gan_suffers(digits, lesson, run_number):
    shuffled, ratios = lesson["shuffle"](digits), {}
    of_fc = 300 if EVERYTHING else 150
    for make, n_steps in ((fully_connected_trainer, of_fc), (convolutional_trainer, 100)):
        ratios[make] = []
        for seed in SEEDS:
            in_order = distances_of_a_short_run(make, n_steps, digits, seed)
            put_back = distances_of_a_short_run(
                make, n_steps, shuffled, seed, lambda x: lesson["shuffle"](x, lesson["back"])
            )
            ratios[make].append(put_back[-1] / in_order[-1])
    fc, conv = ratios.values()
    assert max(map(abs, np.log(fc))) < math.log(1.4)
    run_number("09", "The fully connected GAN scores about as before, but for chance.", ratio=fc)
    assert min(conv) > 2
    run_number("09", "The convolutional one scores more than twice as badly", ratio=conv)


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
