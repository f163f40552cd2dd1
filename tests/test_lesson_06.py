"""Lesson 06, sentence by sentence: what it says of networks, steps, curves and images is so."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.evaluation import digit_distance
from gan_lesson.networks import fully_connected_pair
from gan_lesson.training import (
    fully_connected_trainer,
    update_discriminator,
    update_generator,
)

IMAGES = load_digits().train.images


def test_the_two_networks_have_the_weights_that_are_printed():
    G, D = fully_connected_pair()
    assert sum(p.numel() for p in G.parameters()) == 284_944
    assert sum(p.numel() for p in D.parameters()) == 233_985


def test_an_untrained_discriminator_says_about_one_half():
    for seed in range(3):
        G, D = fully_connected_pair(seed=seed)
        for x in (IMAGES[:100], G(G.sample_z(100))):
            assert D(x).mean().item() == pytest.approx(0.5, abs=0.05)


def test_the_steps_written_in_the_lesson_are_those_of_the_package():
    G, D = fully_connected_pair(seed=1)
    twin_G, twin_D = fully_connected_pair(seed=1)
    x, z = IMAGES[:64], torch.randn(64, 64)
    optimizer_d = torch.optim.SGD(D.parameters(), lr=0.1)
    logits_real, logits_fake = D.logits(x), D.logits(G(z).detach())
    loss_d = bce(logits_real, torch.ones(64, 1)) + bce(logits_fake, torch.zeros(64, 1))
    loss_d.backward()
    optimizer_d.step()
    _, _, theirs = update_discriminator(
        twin_D, twin_G, torch.optim.SGD(twin_D.parameters(), lr=0.1), x, z
    )
    assert torch.allclose(loss_d, theirs, atol=1e-6)
    loss_g = bce(D.logits(G(z)), torch.ones(64, 1))
    optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
    loss_g.backward()
    optimizer_g.step()
    theirs = update_generator(twin_D, twin_G, torch.optim.SGD(twin_G.parameters(), lr=0.1), z)
    assert torch.allclose(loss_g, theirs, atol=1e-6)
    for ours, package in ((D, twin_D), (G, twin_G)):
        for a, b in zip(ours.parameters(), package.parameters(), strict=True):
            assert torch.allclose(a, b, atol=1e-6)


@pytest.fixture(scope="module")
def runs():
    """Return the lesson's run (no fall of the learning rate) on two seeds, with two sheets each."""
    found = []
    for seed in (0, 1):
        trainer = fully_connected_trainer(IMAGES, seed=seed)
        trainer.schedules = {}
        z = torch.randn(4000, 64, generator=torch.Generator().manual_seed(5))
        distances = []
        for steps in (600, 900):
            trainer.burst(steps)
            distances.append(digit_distance(tensor_to_images(trainer.sample(z))))
        trainer.snapshot()
        found.append((trainer, distances))
    return found


def mean(trainer, name, start, end):
    return float(trainer.history[name][start:end].mean())


def test_after_the_start_d_stays_a_little_better_than_guessing(runs):
    for trainer, _ in runs:
        for start in (200, 600, 1100):
            window = (start, start + 400)
            assert 0.5 < mean(trainer, "d_real", *window) < 0.7
            assert 0.3 < mean(trainer, "d_fake", *window) < 0.5
            assert 1.0 < mean(trainer, "loss_d", *window) < math.log(4)
            assert math.log(2) < mean(trainer, "loss_g", *window) < 1.2


def test_the_images_improve_while_the_curves_hardly_move(runs):
    for trainer, (early, late) in runs:
        for name in ("d_real", "d_fake", "loss_d", "loss_g"):
            change = mean(trainer, name, 1100, 1500) - mean(trainer, name, 200, 600)
            assert abs(change) < 0.15
        assert late < 0.7 * early


def test_one_player_alone_moves_the_answers_of_d(runs):
    for trainer, _ in runs:
        trainer.rewind(1500)
        trainer.burst(20, players="D")
        gap = trainer.history["d_real"] - trainer.history["d_fake"]
        assert gap[-5:].mean() > gap[1100:1500].mean()
        trainer.rewind(1500)
        trainer.burst(20, players="G")
        assert trainer.history["d_fake"][-5:].mean() > mean(trainer, "d_fake", 1100, 1500) + 0.1


def test_six_hundred_steps_are_less_than_four_epochs():
    assert 64 * 600 / len(IMAGES) < 4
    assert np.isclose(-2 * math.log(0.5), 1.386, atol=5e-4)
