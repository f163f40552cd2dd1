"""Data and networks of the bank: points, pictures, a table, short time series."""

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from gan_lesson.data import (
    grid,
    letters,
    load_digits,
    load_fashion_mnist,
    ring,
    spiral,
    two_bumps,
    two_moons,
)
from gan_lesson.networks import seeded

PICTURE = 14  # pixels a side: digits and clothes, each pixel the mean of four
LENGTH = 24  # of a time series
LATENT_DIM = 4


class Data:
    """What a run learns: samples by number and generator, all inside [-1, 1].

    Args:
        name: a data set of the bank.
        draw: function from a number and a generator to samples.
        modes: function from samples, shape (n, ...), to the mode of each, -1 for none, if the data
            have modes.
    """

    def __init__(self, name: str, draw: Callable, modes: Callable | None = None):
        self.name, self.draw, self.modes = name, draw, modes

    @functools.cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.draw(1, torch.Generator()).shape[1:])


def data_of(name: str, root: str) -> Data:
    """Return one of the bank's data sets.

    Args:
        name: ring, moons, spiral, bumps, grid, letters, digits, fashion, table or series.
        root: folder of FashionMNIST/raw.
    """
    if name in ("digits", "fashion"):
        return Data(name, _of_pictures(name, root))
    if name == "table":
        return Data(name, _draw_table)
    if name == "series":
        return Data(name, _draw_series)
    mixture, scale = {
        "ring": (ring(radius=0.7, sd=0.05), 1.0),
        "moons": (two_moons(sd=0.08), 0.55),
        "spiral": (spiral(turns=1.5, radius=0.8, sd=0.04), 1.0),
        "bumps": (two_bumps((-0.6, 0.4), sd=0.1), 1.0),
        "grid": (grid(side=3, spacing=0.6, sd=0.06), 1.0),
        "letters": (letters("GAN", width=1.6, height=1.6), 1.0),
    }[name]
    return Data(name, lambda n, own: scale * mixture.sample(n, own))


@functools.cache
def _pictures(name: str, root: str) -> Tensor:
    images = (load_digits() if name == "digits" else load_fashion_mnist(root)).train.images
    return avg_pool2d(images[:4000], 2)


def _of_pictures(name: str, root: str) -> Callable:
    def draw(n, own):
        images = _pictures(name, root)
        return images[torch.randint(len(images), (n,), generator=own)]

    return draw


def _draw_table(n: int, own: torch.Generator) -> Tensor:
    """Return rows of three numbers, one of three classes (one-hot), and one flag, shape (n, 7)."""
    kind = torch.multinomial(torch.tensor([0.5, 0.3, 0.2]), n, True, generator=own)
    noise = torch.randn(n, 3, generator=own)
    age = torch.tensor([-0.5, 0.0, 0.5])[kind] + 0.15 * noise[:, 0]
    income = 0.6 * age + 0.2 * noise[:, 1]
    spent = 0.4 * noise[:, 2].abs() - 0.6
    flag = (torch.rand(n, generator=own) < torch.sigmoid(3 * age)).float()
    numbers = torch.stack([age, income, spent], 1).clamp(-1, 1)
    return torch.cat([numbers, nn.functional.one_hot(kind, 3).float(), flag[:, None]], 1)


def _draw_series(n: int, own: torch.Generator) -> Tensor:
    """Return waves of random phase, one of two frequencies, and noise, shape (n, 1, 24)."""
    t = torch.arange(LENGTH) / LENGTH
    phase, size, which = torch.rand(3, n, 1, generator=own)
    cycles = torch.where(which < 0.5, 1.0, 3.0)
    wave = (0.4 + 0.4 * size) * torch.sin(2 * math.pi * (cycles * t + phase))
    return (wave + 0.03 * torch.randn(n, LENGTH, generator=own))[:, None].clamp(-1, 1)


class TableHead(nn.Module):
    """End of a table's generator: tanh of numbers, shares of classes, probability of a flag."""

    def forward(self, x: Tensor) -> Tensor:
        """Return rows of a table, shape (n, 7) as `x`."""
        return torch.cat([x[:, :3].tanh(), x[:, 3:6].softmax(1), x[:, 6:].sigmoid()], 1)


class OneColumnStands(nn.Module):
    """End of a generator whose first column was cut from its noise."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x with 0.3 in the first column."""
        return torch.cat([torch.full_like(x[:, :1], 0.3), x[:, 1:]], 1)


class SeesPart(nn.Module):
    """Start of a D that is shown the first half of each sample's numbers."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x with 0 in the last half of its numbers."""
        seen = x.flatten(1).clone()
        seen[:, (seen.shape[1] + 1) // 2 :] = 0
        return seen.view_as(x)


def pair(shape: tuple[int, ...], kind: str, seed: int) -> tuple[nn.Sequential, nn.Sequential]:
    """Return G and D as plain modules; D ends in one score.

    Args:
        shape: of one sample.
        kind: "mlp", "conv", "batchnorm" (in G) or "spectral" (norm in D); the last two are
            convolutional for pictures.
        seed: start of the weights.
    """
    with seeded(seed):
        if len(shape) == 3 and kind != "mlp":
            G, D = _conv_2d(kind)
        elif len(shape) == 2 and kind == "conv":
            G, D = _conv_1d()
        else:
            G, D = _perceptrons(shape, kind)
        if kind == "spectral":
            for layer in D:
                if isinstance(layer, (nn.Linear, nn.Conv2d)):
                    nn.utils.parametrizations.spectral_norm(layer)
    G.latent_dim = LATENT_DIM if math.prod(shape) < 100 else 4 * LATENT_DIM
    return G, D


def _perceptrons(shape: tuple[int, ...], kind: str) -> tuple[nn.Sequential, nn.Sequential]:
    n = math.prod(shape)
    width, noise = (128, 4 * LATENT_DIM) if n >= 100 else (64, LATENT_DIM)
    norm = [nn.BatchNorm1d(width)] if kind == "batchnorm" else []
    head = TableHead() if n == 7 else nn.Tanh()
    G = nn.Sequential(
        nn.Linear(noise, width), *norm, nn.LeakyReLU(0.2), nn.Linear(width, width),
        nn.LeakyReLU(0.2), nn.Linear(width, n), head, nn.Unflatten(1, shape),
    )  # fmt: skip
    D = nn.Sequential(
        nn.Flatten(), nn.Linear(n, width), nn.LeakyReLU(0.2), nn.Linear(width, width),
        nn.LeakyReLU(0.2), nn.Linear(width, 1),
    )  # fmt: skip
    return G, D


def _conv_2d(kind: str) -> tuple[nn.Sequential, nn.Sequential]:
    norm = [nn.BatchNorm2d(16)] if kind == "batchnorm" else []
    G = nn.Sequential(
        nn.Linear(4 * LATENT_DIM, 16 * 49), nn.Unflatten(1, (16, 7, 7)), *norm, nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip
    D = nn.Sequential(
        nn.Conv2d(1, 12, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(12, 16, 3, 2, 1),
        nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(16 * 16, 1),
    )  # fmt: skip
    return G, D


def _conv_1d() -> tuple[nn.Sequential, nn.Sequential]:
    G = nn.Sequential(
        nn.Linear(LATENT_DIM, 32 * 6), nn.LeakyReLU(0.2), nn.Unflatten(1, (32, 6)),
        nn.ConvTranspose1d(32, 24, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.ConvTranspose1d(24, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip
    D = nn.Sequential(
        nn.Conv1d(1, 24, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv1d(24, 32, 4, 2, 1),
        nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(32 * 6, 1),
    )  # fmt: skip
    return G, D
