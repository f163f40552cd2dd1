"""Networks and data: shapes, contracts, exact densities, and files that cannot hurt."""

import pickle

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gan_lesson import data
from gan_lesson.networks import (
    Discriminator,
    Generator,
    InBfloat16,
    convolutional_pair,
    fully_connected_pair,
    has_batch_norm,
    multilayer_perceptron,
    small_pair,
)


def test_the_pairs_have_the_shapes_they_promise():
    G, D = fully_connected_pair(latent_dim=16)
    images = G(G.sample_z(5))
    assert images.shape == (5, 1, 28, 28)
    assert images.abs().max() <= 1
    assert D(images).shape == (5, 1)
    G, D = fully_connected_pair(g_widths=(8, 24), d_widths=(12,))
    assert D(G(G.sample_z(5))).shape == (5, 1)
    shapes = [tuple(m.weight.shape) for m in (*G.modules(), *D.modules()) if type(m) is nn.Linear]
    assert shapes == [(8, 64), (24, 8), (784, 24), (12, 784), (1, 12)]
    G, D = small_pair(sample_dim=2, latent_dim=3)
    assert D(G(torch.zeros(4, 3))).shape == (4, 1)


def test_d_is_a_probability_and_its_logit_is_one_word_away():
    _, D = small_pair(2)
    x = torch.randn(9, 2)
    assert torch.allclose(D(x), torch.sigmoid(D.logits(x)))
    assert torch.equal(D.logits(x), D(x, as_logits=True))


def test_a_seed_fixes_the_weights_and_leaves_the_global_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, second = fully_connected_pair(seed=3)[0], fully_connected_pair(seed=3)[0]
    assert torch.equal(torch.rand(1), expected)
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_only_g_of_the_fully_connected_pair_normalises_over_the_batch():
    G, D = fully_connected_pair()
    assert has_batch_norm(G)
    assert not has_batch_norm(D)


@pytest.mark.parametrize("pair", [fully_connected_pair, convolutional_pair])
def test_in_bfloat16_a_net_has_the_same_weights_and_nearly_the_same_answers(pair):
    G, D = pair()
    plain, weights = G(z := G.sample_z(64)), {**G.state_dict()}
    score = D.logits(plain)
    G.net, D.net = InBfloat16(*G.net), InBfloat16(*D.net)
    assert G.state_dict().keys() == weights.keys()
    images = G(z)
    assert images.dtype == D.logits(plain).dtype == torch.float32
    assert 0 < (images - plain).abs().mean() < 0.01
    assert 0 < (D.logits(plain) - score).abs().mean() < 0.05 * score.std() + 0.002
    D.logits(images).sum().backward()
    assert {p.grad.dtype for p in [*G.parameters(), *D.parameters()]} == {torch.float32}


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: Generator(nn.Linear(2, 2), 0), "latent_dim is 0"),
        (lambda: small_pair(2)[0](torch.zeros(3, 5)), r"z has shape \(3, 5\)"),
        (lambda: small_pair(2)[0].sample_z(0), "n is 0"),
        (lambda: Discriminator(nn.Linear(2, 2))(torch.zeros(3, 2)), r"\(n, 1\)"),
        (lambda: multilayer_perceptron((3,)), "widths"),
        (lambda: data.Mixture(torch.zeros(3), 1.0), "centres"),
        (lambda: data.Mixture(torch.zeros(3, 2), -1.0), "sd is -1.0"),
        (lambda: data.ring().sample(0), "n is 0"),
        (lambda: data.ring().log_density(torch.zeros(3)), "x has shape"),
        (lambda: data.ring(modes=0), "modes is 0"),
        (lambda: data.tensor_to_images(torch.zeros(3, 28, 28)), "x has shape"),
    ],
)
def test_bad_input_is_named(call, names):
    with pytest.raises(ValueError, match=names):
        call()


def test_the_bundled_digits_are_complete_and_scaled():
    train, test = data.load_digits()
    assert train.images.shape == (10_000, 1, 28, 28)
    assert test.images.shape == (2_000, 1, 28, 28)
    assert (train.images.min(), train.images.max()) == (-1, 1)
    assert torch.bincount(train.labels).tolist() == [1000] * 10
    assert torch.bincount(test.labels).tolist() == [200] * 10


def test_images_survive_the_way_there_and_back():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert np.array_equal(data.tensor_to_images(data.images_to_tensor(images)), images)


class Bomb:
    def __reduce__(self):
        return (open, ("/nonexistent/should-never-be-opened", "w"))


def test_an_archive_with_a_pickle_inside_is_not_executed(tmp_path, monkeypatch):
    evil = tmp_path / "evil.npz"
    np.savez(evil, train_images=np.array([Bomb()], dtype=object), allow_pickle=True)
    monkeypatch.setattr(data, "read_asset", lambda *_: evil.read_bytes())
    with pytest.raises(ValueError, match="allow_pickle"):
        data.load_digits()
    with pytest.raises(FileNotFoundError):  # the bomb is real: unpickling it does open the file
        pickle.loads(pickle.dumps(Bomb()))  # noqa: S301


def test_mnist_that_is_not_there_names_the_offline_alternative(tmp_path):
    with pytest.raises(RuntimeError, match=r"load_digits\(\)"):
        data.load_mnist(tmp_path)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(ValueError, match="a file; it must be a folder"):
        data.load_mnist(file)


def test_mnist_is_read_from_its_original_files(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, n in (("train", 3), ("t10k", 2)):
        images = np.full((n, 28, 28), 255, np.uint8)
        header = np.array([2051, n, 28, 28], ">i4").tobytes()
        (raw / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = np.array([2049, n], ">i4").tobytes()
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(header + bytes(range(n)))
    train, test = data.load_mnist(tmp_path)
    assert train.images.shape == (3, 1, 28, 28)
    assert train.images.min() == 1
    assert test.labels.tolist() == [0, 1]


def test_ring_and_grid_have_distinct_centres():
    assert len(torch.unique(data.ring().centres.round(decimals=4), dim=0)) == 8
    assert len(torch.unique(data.grid().centres, dim=0)) == 25
    assert data.grid().centres.abs().max() == 4


def test_mixture_densities_are_exact():
    mixture = data.two_bumps((-2, 2), sd=0.5, share=0.7)
    x = np.linspace(-5, 5, 101)
    expected = 0.7 * stats.norm.pdf(x, -2, 0.5) + 0.3 * stats.norm.pdf(x, 2, 0.5)
    ours = mixture.density(torch.tensor(x, dtype=torch.float64).unsqueeze(1))
    assert ours.numpy() == pytest.approx(expected, rel=1e-6)
    places = torch.randn(5, 2, dtype=torch.float64)
    expected = np.mean(
        [stats.multivariate_normal.pdf(places, c, 1.5**2) for c in data.ring(sd=1.5).centres],
        axis=0,
    )
    assert data.ring(sd=1.5).density(places).numpy() == pytest.approx(expected, rel=1e-5)


def test_mixture_samples_have_the_mixtures_moments():
    generator = torch.Generator().manual_seed(0)
    x = data.two_bumps((-2, 2), sd=0.5, share=0.7).sample(100_000, generator)
    assert x.shape == (100_000, 1)
    assert x.mean().item() == pytest.approx(-0.8, abs=0.03)
    assert x.var().item() == pytest.approx(0.25 + 4 * 4 * 0.7 * 0.3, abs=0.05)
