"""Small images, back-projection, and SRGAN's turn: content loss and a weighted D."""

import copy

import numpy as np
import pytest
import torch
from scipy.spatial import KDTree
from small_runs import same_history, same_weights, tick
from torch.nn.functional import mse_loss

from gan_lesson import diagnose
from gan_lesson.data import load_digits
from gan_lesson.losses import generator_loss
from gan_lesson.metrics import restoration_scores
from gan_lesson.networks import super_resolution_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.recipes import super_resolution_trainer
from gan_lesson.super_resolution import (
    ContentTurn,
    back_project,
    enlarge,
    mean_of_nearest,
    nearest_by_small_image,
    shrink,
)
from gan_lesson.turns import Turn

DIGITS = load_digits()
X = DIGITS.train.images[:500]


def trainer_of(weight=0.1, **settings):
    return super_resolution_trainer(X, weight, **({"start_steps": 0, "n_steps": 100} | settings))


# --- small and large images ------------------------------------------------------------------


@pytest.mark.parametrize("size", [14, 7, 4, 2, 1])
def test_a_small_pixel_is_the_mean_of_its_square_and_a_large_one_its_copy(size):
    times = 28 // size
    by_hand = X[:5].numpy().reshape(5, 1, size, times, size, times).mean(axis=(3, 5))
    assert shrink(X[:5], size).numpy() == pytest.approx(by_hand, abs=1e-6)
    y = shrink(X[:5], size)
    assert np.array_equal(enlarge(y).numpy(), np.kron(y.numpy(), np.ones((times, times))))
    assert torch.allclose(shrink(enlarge(y), size), y, atol=1e-6)


@pytest.mark.parametrize("size", [14, 7, 2])
def test_back_projection_is_the_projection_on_all_images_that_fit(size):
    x, x_hat = (part.double() for part in (X[:50], X[50:100]))
    y = shrink(x, size)
    fits = back_project(x_hat, y)
    assert torch.allclose(shrink(fits, size), y, atol=1e-12)
    times = (28 // size) ** 2

    def squared(a):
        return a.square().sum(dim=(1, 2, 3))

    pythagoras = squared(fits - x) + times * squared(y - shrink(x_hat, size))
    assert torch.allclose(squared(x_hat - x), pythagoras, rtol=1e-12)
    assert (squared(fits.clamp(-1, 1) - x) <= squared(fits - x)).all()
    assert torch.allclose(back_project(fits, y), fits, atol=1e-12)


def test_the_nearest_small_images_are_those_of_scipys_tree():
    y, training = shrink(DIGITS.test.images[:30]), shrink(X)
    nearest = nearest_by_small_image(y, training, 5)
    _, wanted = KDTree(training.flatten(1).numpy()).query(y.flatten(1).numpy(), 5)
    assert np.array_equal(nearest.numpy(), wanted)
    for k in (1, 3):
        mean = X[torch.from_numpy(wanted[:, :k])].mean(dim=1)
        assert torch.allclose(mean_of_nearest(X, nearest, k), mean, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: shrink(X, 5), "28 pixels cannot be shared among 5"),
        (lambda: shrink(X[:, 0]), "x has shape"),
        (lambda: enlarge(shrink(X), 30), "30 pixels cannot be shared among 7"),
        (lambda: back_project(X[:3], shrink(X[:2])), "3 images and y 2"),
        (lambda: nearest_by_small_image(shrink(X), shrink(X, 4)), "small_training has shape"),
        (lambda: nearest_by_small_image(shrink(X), shrink(X), 501), "k is 501"),
        (lambda: mean_of_nearest(X, torch.zeros(2, 3, dtype=torch.int64), 4), "k is 4"),
        (lambda: ContentTurn(-1), "adversarial_weight is -1"),
        (lambda: ContentTurn(float("nan")), "adversarial_weight is nan"),
        (lambda: ContentTurn(start_steps=-1), "start_steps is -1"),
        (lambda: trainer_of(simultaneous=True), "unexpected keyword"),
        (lambda: super_resolution_pair()[0](X), "y has shape"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises((ValueError, TypeError), match=words):
        call()


# --- the turn --------------------------------------------------------------------------------


def test_g_takes_49_numbers_to_784_and_has_33632_weights():
    G, D = super_resolution_pair(3)
    assert sum(p.numel() for p in G.parameters()) == 33_632
    x_hat = G(shrink(X[:4]))
    assert x_hat.shape == (4, 1, 28, 28)
    assert x_hat.abs().max() <= 1
    assert D(x_hat).shape == (4, 1)
    assert same_weights(G, super_resolution_pair(3)[0])
    assert not same_weights(G, super_resolution_pair(4)[0])


@pytest.mark.parametrize("weight", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("features", [None, lambda x: x.flatten(1)[:, ::3] ** 2])
def test_g_descends_content_plus_weight_times_adversarial_loss(weight, features):
    trainer = trainer_of(weight, features=features)
    trainer.optimizer_g = torch.optim.SGD(trainer.G.parameters(), lr=0.1)
    G, D = copy.deepcopy(trainer.G), copy.deepcopy(trainer.D)
    x = X[:8]
    said = trainer.turn.move_g(trainer, x)
    adversarial = generator_loss(D.logits(G(shrink(x))))
    see = features or (lambda a: a)
    (mse_loss(see(G(shrink(x))), see(x)) + weight * adversarial).backward()
    assert float(said) == pytest.approx(float(adversarial.detach()), rel=1e-5)
    for moved, before in zip(trainer.G.parameters(), G.parameters(), strict=True):
        assert torch.allclose(moved, before - 0.1 * before.grad, atol=1e-6)
    assert same_weights(D, trainer.D)


def test_ds_step_is_that_of_every_gan_with_restorations_for_samples():
    trainer, x_real, x = trainer_of(), X[:8], X[8:16]
    twin = trainer.branch()
    ours = trainer.turn.move_d(trainer, x_real, x)
    theirs = Turn().move_d(twin, x_real, shrink(x))
    torch.testing.assert_close(ours, theirs)
    assert same_weights(trainer.D, twin.D)


def test_d_waits_during_the_start_and_at_weight_zero():
    trainer = trainer_of(start_steps=2)
    fresh = copy.deepcopy(trainer.D)
    trainer.burst(2)
    assert same_weights(fresh, trainer.D)
    trainer.burst(1)
    assert not same_weights(fresh, trainer.D)
    fresh = copy.deepcopy(trainer.D)
    trainer.adversarial_weight = 0
    trainer.burst(1)
    assert same_weights(fresh, trainer.D)
    assert len(trainer.history) == 4
    assert np.isfinite(trainer.history["loss_d"]).all()


def test_the_start_is_the_same_at_every_weight():
    a, b = (trainer_of(weight, start_steps=2) for weight in (0.0, 1.0))
    for trainer in (a, b):
        trainer.burst(2)
    assert same_weights(a.G, b.G)
    for trainer in (a, b):
        trainer.burst(1)
    assert not same_weights(a.G, b.G)


def test_a_run_may_start_from_a_trained_g_which_stays_as_it_is():
    G = super_resolution_pair(9)[0].eval().requires_grad_(False)
    kept = copy.deepcopy(G)
    trainer = trainer_of(generator=G)
    y = shrink(X[:3])
    assert torch.equal(trainer.restore(y), G(y))
    trainer.burst(1)
    assert same_weights(G, kept)
    assert not torch.equal(trainer.restore(y), G(y))
    trainer.rewind(0)
    assert torch.equal(trainer.restore(y), G(y))


# --- as every trainer ------------------------------------------------------------------------


def test_the_weight_is_a_setting_checked_whenever_it_is_assigned():
    trainer = trainer_of()
    trainer.adversarial_weight = 1
    assert trainer.adversarial_weight == trainer.turn.adversarial_weight == 1
    for wrong in (-0.1, float("inf"), "much"):
        with pytest.raises(ValueError, match="adversarial_weight is .* must be a number >= 0"):
            trainer.adversarial_weight = wrong
    with pytest.raises(ValueError, match="did you mean adversarial_weight"):
        trainer.adversarial_wieght = 1
    with pytest.raises(ValueError, match="players move in turn"):
        trainer.simultaneous = True
    assert trainer.adversarial_weight == 1


def test_rewinding_and_branching_repeat_a_run_bit_for_bit():
    trainer = trainer_of(start_steps=2)
    trainer.burst(4)
    trainer.snapshot()
    twin = trainer.branch()
    trainer.burst(3)
    after = copy.deepcopy(trainer.G), copy.deepcopy(trainer.history)
    trainer.rewind(4)
    trainer.burst(3)
    twin.burst(3)
    for run in (trainer, twin):
        assert same_weights(after[0], run.G)
        assert np.array_equal(after[1]["loss_g"], run.history["loss_g"])
    assert same_history(trainer, twin)
    twin.adversarial_weight = 5
    assert trainer.adversarial_weight == 0.1
    for run in (trainer, twin):
        run.burst(2)
    assert not same_weights(trainer.G, twin.G)


def test_a_player_plays_it_and_steps_each_player_alone():
    player = TrainingPlayer(trainer_of())
    tick(player)
    assert player.trainer.step >= 1
    step, d = player.trainer.step, copy.deepcopy(player.trainer.D)
    player.step_g.click()
    assert same_weights(d, player.trainer.D)
    player.step_d.click()
    assert not same_weights(d, player.trainer.D)
    assert player.trainer.step == step + 2


# --- what it learns --------------------------------------------------------------------------


def learnt(weight, seed, n_steps):
    """Scores of 1,000 test digits after a run on all bundled ones."""
    trainer = super_resolution_trainer(DIGITS.train.images, weight, seed=seed, n_steps=n_steps)
    trainer.burst(n_steps)
    x = DIGITS.test.images[::2]
    return restoration_scores(x, trainer.restore(shrink(x))), trainer


def check_the_trade(seed, n_steps, least_psnr, times_nearer):
    (pixels, _), (adversarial, trainer) = (learnt(w, seed, n_steps) for w in (0.0, 0.1))
    assert pixels.psnr > least_psnr
    assert pixels.psnr > adversarial.psnr + 0.2
    assert adversarial.distance < pixels.distance / times_nearer
    assert diagnose(trainer.history).name == "healthy"


@pytest.mark.trains
def test_d_buys_realism_with_decibels():
    check_the_trade(seed=0, n_steps=150, least_psnr=17, times_nearer=2)


@pytest.mark.slow
@pytest.mark.trains
@pytest.mark.parametrize("seed", range(5))
def test_d_buys_realism_with_decibels_in_every_run(seed):
    """As many steps as 20 seconds of a busy core give."""
    check_the_trade(seed, n_steps=700, least_psnr=19, times_nearer=3)


def against_a_d_that_g_hardly_hears(n_steps):
    """A run at a hundredth of the usual weight, without R1: D soon tells most images apart."""
    trainer = super_resolution_trainer(DIGITS.train.images, 0.001, start_steps=0, n_steps=400)
    trainer.r1_gamma = 0.0
    trainer.burst(n_steps)
    return trainer


@pytest.mark.trains
def test_d_wins_at_a_small_weight_while_restorations_get_better():
    trainer = against_a_d_that_g_hardly_hears(20)
    x = DIGITS.test.images[:200]
    y = shrink(x)
    early = restoration_scores(x, trainer.restore(y)).psnr
    trainer.burst(180)
    recent = slice(-40, None)
    assert trainer.history["d_real"][recent].mean() > 0.65
    assert trainer.history["d_fake"][recent].mean() < 0.35
    assert restoration_scores(x, trainer.restore(y)).psnr > early + 1
    report = diagnose(
        trainer.history,
        samples=trainer.restore(y),
        real=x,
        D=trainer.D,
        G=trainer.G,
        z=lambda n: shrink(x[:n]),
    )
    assert "D is far ahead" in str(report)
