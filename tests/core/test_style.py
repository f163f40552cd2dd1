"""AdaIN, modulation, a generator with styles, truncation and mixed images, against the papers."""

import copy

import numpy as np
import pytest
import torch
from small_runs import same_history, same_weights
from torch.nn.functional import conv2d

from gan_lesson.data import load_digits
from gan_lesson.recipes import style_trainer
from gan_lesson.style import (
    STARTS,
    MixingTurn,
    StyleGenerator,
    adain,
    mean_w,
    modulated_conv,
    style_pair,
    truncate,
)

X = load_digits().train.images[:300]


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def generator(start, seed=0, strength=0.3):
    """A generator in float64 whose noise has an effect."""
    G = style_pair(start, seed)[0].double()
    for layer in G.layers:
        torch.nn.init.constant_(layer.strength, strength)
    return G.requires_grad_(False)


# --- AdaIN -----------------------------------------------------------------------------------


def test_adain_gives_each_map_the_mean_and_sd_of_its_style():
    x, scale, shift = 3 * random(4, 5, 7, 7) - 2, random(4, 5, seed=1), random(4, 5, seed=2)
    y = adain(x, scale, shift).numpy()
    np.testing.assert_allclose(y.mean(axis=(2, 3)), shift, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=(2, 3)), scale.abs(), rtol=1e-7)
    by_hand = x.numpy() - x.numpy().mean(axis=(2, 3), keepdims=True)
    by_hand *= (scale.numpy() / x.numpy().std(axis=(2, 3)))[..., None, None]
    np.testing.assert_allclose(y, by_hand + shift.numpy()[..., None, None], rtol=1e-6, atol=1e-9)


def test_adain_forgets_scale_and_shift_and_keeps_the_sign():
    x, scale, shift = random(3, 2, 7, 7), random(3, 2, seed=1), random(3, 2, seed=2)
    styled = adain(x, scale, shift)
    assert torch.allclose(adain(5 * x + 3, scale, shift), styled, atol=1e-7)
    assert torch.allclose(adain(-x, -scale, shift), styled, atol=1e-12)
    assert not torch.allclose(adain(-x, scale, shift), styled, atol=0.1)


def test_a_map_without_variance_becomes_its_shift():
    y = adain(torch.full((2, 3, 7, 7), 4.0), torch.ones(2, 3), torch.full((2, 3), 0.5))
    assert torch.allclose(y, torch.tensor(0.5))


# --- modulated convolution -------------------------------------------------------------------


@pytest.mark.parametrize("demodulate", [False, True])
@pytest.mark.parametrize("k", [1, 3])
def test_scaling_the_inputs_or_the_weights_is_one_function(demodulate, k):
    x, weight, scale = random(4, 6, 9, 9), random(8, 6, k, k, seed=1), random(4, 6, seed=2)
    for image, its_scale, ours in zip(
        x, scale, modulated_conv(x, weight, scale, demodulate), strict=True
    ):
        scaled = weight * its_scale[None, :, None, None]
        if demodulate:
            scaled = scaled / scaled.flatten(1).norm(dim=1)[:, None, None, None]
        wanted = conv2d(image[None], scaled, padding=k // 2)[0]
        assert torch.allclose(ours, wanted, atol=1e-7)


def test_demodulation_forgets_the_size_of_a_style():
    x, weight, scale = random(4, 6, 9, 9), random(8, 6, 3, 3, seed=1), random(4, 6, seed=2)
    once, more = modulated_conv(x, weight, scale), modulated_conv(x, weight, 5 * scale)
    assert torch.allclose(once, more, atol=1e-6)


def test_demodulation_gives_sd_1_for_uncorrelated_inputs_of_sd_1_only():
    x, weight, scale = random(600, 6, 9, 9), random(8, 6, 3, 3, seed=1), random(1, 6, seed=2)

    def sd(inputs):  # inside, where the padding does not reach
        y = modulated_conv(inputs, weight, scale.expand(600, -1))
        return y[..., 1:-1, 1:-1].std(dim=(0, 2, 3))

    assert (sd(x) - 1).abs().max() < 0.03
    assert (sd(x + 2) - 1).abs().max() < 0.03  # their mean does not matter
    assert (sd(x.relu()) - np.sqrt(0.5 - 0.5 / np.pi)).abs().max() < 0.03
    equal = sd(x[:, :1].expand(-1, 6, -1, -1))
    assert equal.max() > 1.2 and equal.min() < 0.8


# --- the generator ---------------------------------------------------------------------------


@pytest.mark.parametrize("start", STARTS)
def test_one_z_is_the_same_z_for_each_layer(start):
    G = generator(start)
    z = random(5, G.latent_dim)
    assert G.latent_dim == 64 + 49 + 49 + 196
    image = G(z)
    assert image.shape == (5, 1, 28, 28)
    assert image.abs().max() <= 1
    assert torch.allclose(G(z[:, None].expand(-1, 3, -1)), image, atol=1e-12)
    assert torch.allclose(G.synthesis([G.mapping(z)] * 3, G.noise(z)), image, atol=1e-12)


def test_the_constant_start_is_the_same_for_every_w_and_the_linear_one_is_not():
    for start, same in (("constant", True), ("linear", False)):
        first = generator(start).layers[0].layer(random(2, 64))
        assert torch.equal(first[0], first[1]) is same


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_layer_takes_its_style_from_its_own_w(layer):
    G = generator("constant")
    z, other = random(3, G.latent_dim), random(3, G.latent_dim, seed=1)
    w = [G.mapping(z)] * 3
    w[layer] = G.mapping(other)
    rows = torch.stack([other if i == layer else z for i in range(3)], dim=1)
    assert torch.allclose(G(rows)[1:], G.synthesis(w, G.noise(rows[:, 0]))[1:], atol=1e-12)
    scale, shift = G.layers[layer].style(w[layer]).chunk(2, dim=1)
    out = G.layers[layer](*_into(G, w, z, layer))
    styled = torch.where(out > 0, out, out / 0.2)  # before LeakyReLU
    assert torch.allclose(styled.mean(dim=(2, 3)), shift, atol=1e-10)
    assert torch.allclose(styled.std(dim=(2, 3), correction=0), scale.abs(), atol=1e-5)


def _into(G, w, z, upto):
    """What goes into a layer: the map before it, its w and its noise."""
    maps = G.noise(z).split([size * size for size in G.sizes], dim=1)
    maps = [one.unflatten(1, (1, size, size)) for one, size in zip(maps, G.sizes, strict=True)]
    x = w[0]
    for i in range(upto):
        x = G.layers[i](x, w[i], maps[i])
    return x, w[upto], maps[upto]


def test_noise_counts_by_its_strength_alone():
    z = random(2, 358)
    other = torch.cat([z[:, :64], random(2, 294, seed=3)], dim=1)
    assert torch.equal(
        generator("linear", strength=0.0)(z), generator("linear", strength=0.0)(other)
    )
    assert not torch.allclose(generator("linear")(z), generator("linear")(other), atol=1e-3)


def test_w_turned_and_its_readers_turned_back_draw_the_same_images():
    for start in STARTS:
        G, Q = generator(start), torch.linalg.qr(random(64, 64, seed=7))[0]
        turned = copy.deepcopy(G)
        readers = [layer.style for layer in turned.layers]
        readers += [turned.layers[0].layer.linear] if start == "linear" else []
        turned.net[-1].weight.data = Q @ G.net[-1].weight
        turned.net[-1].bias.data = Q @ G.net[-1].bias
        for reader in readers:
            reader.weight.data = reader.weight @ Q.T
        z = random(4, G.latent_dim)
        assert torch.allclose(turned(z), G(z), atol=1e-10)
        assert (turned.mapping(z) - G.mapping(z)).abs().max() > 0.1


def test_the_mean_square_of_a_random_path_length_is_the_jacobians():
    G = generator("linear")
    z = random(1, G.latent_dim)
    w, noise = G.mapping(z), G.noise(z)
    J = torch.autograd.functional.jacobian(
        lambda w: G.synthesis([w] * 3, noise).flatten(), w
    )[:, 0]  # fmt: skip
    y = random(20_000, 784, seed=5)
    ratio = (y @ J).square().sum(dim=1).mean() / J.square().sum()
    assert float(ratio) == pytest.approx(1, abs=0.03)
    w = w.clone().requires_grad_()  # one |J^T y| as StyleGAN2 computes it, without J
    (slope,) = torch.autograd.grad((G.synthesis([w] * 3, noise).flatten() * y[0]).sum(), w)
    assert torch.allclose(slope[0], J.T @ y[0], atol=1e-10)


def test_what_makes_no_sense_is_refused():
    G = generator("linear")
    for call, words in (
        (lambda: style_pair("stone"), "start"),
        (lambda: G(random(3, 64)), "z has shape"),
        (lambda: G(random(3, 2, 358)), "z has shape"),
        (lambda: G.synthesis([random(1, 64)] * 2, random(1, 294)), "w holds 2 styles"),
        (lambda: adain(random(2, 3, 7), random(2, 3), random(2, 3)), "x has shape"),
        (lambda: adain(random(2, 3, 7, 7), random(2, 4), random(2, 3)), "scale has shape"),
        (lambda: modulated_conv(random(1, 2, 3, 3), random(4, 3, 3, 3), random(1, 2)), "x has"),
        (lambda: MixingTurn(1.2), "mixing is 1.2"),
        (lambda: MixingTurn(float("nan")), "mixing is nan"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


# --- truncation ------------------------------------------------------------------------------


def test_truncation_keeps_the_mean_and_scales_the_covariance():
    w = random(500, 6) @ random(6, 6, seed=1) + 3
    mean = w.mean(dim=0)
    for psi in (0.0, 0.3, 0.7, 1.0, 1.4):
        nearer = truncate(w, mean, psi)
        assert torch.allclose(nearer.mean(dim=0), mean)
        assert torch.allclose(torch.cov(nearer.T), psi**2 * torch.cov(w.T))


def test_the_mean_of_w_is_that_of_many_draws():
    G = style_pair("linear", 1)[0]
    w = G.mapping(G.sample_z(40_000, torch.Generator().manual_seed(9))).detach()
    assert torch.allclose(mean_w(G), w.mean(dim=0), atol=5 * float(w.std()) / 100)


# --- mixed images ----------------------------------------------------------------------------


class _Game:
    G = style_pair()[0]

    def __init__(self):
        self.generator = torch.Generator().manual_seed(0)


def test_a_share_of_images_takes_its_styles_from_two_z():
    game = _Game()
    assert MixingTurn(0).draw_z(game, 5).shape == (5, 358)
    z = MixingTurn(0.9).draw_z(game, 4000)
    assert z.shape == (4000, 3, 358)
    other = [(z[:, i] != z[:, 0]).any(dim=1) for i in range(3)]
    assert not other[0].any()
    assert (other[2] >= other[1]).all()  # from some layer on
    assert float(other[2].float().mean()) == pytest.approx(0.9, abs=0.02)
    assert float(other[1].float().mean()) == pytest.approx(0.45, abs=0.03)
    mixed = z[other[1]]
    assert torch.equal(mixed[:, 1], mixed[:, 2])


@pytest.mark.parametrize(("start", "mixing"), [("linear", 0.9), ("constant", 0.0)])
def test_the_recipe_trains_and_can_be_rewound(start, mixing):
    trainer = style_trainer(X, start, mixing, n_steps=100)
    assert isinstance(trainer.G, StyleGenerator)
    trainer.burst(2)
    trainer.snapshot()
    twin = trainer.branch()
    trainer.burst(2)
    twin.burst(2)
    assert same_history(trainer, twin) and same_weights(trainer.G, twin.G)
    trainer.rewind(2)
    assert trainer.step == 2
    trainer.turn.mixing = 0.5
    assert twin.turn.mixing == mixing
