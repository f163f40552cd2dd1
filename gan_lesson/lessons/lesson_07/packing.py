"""Packing: a D that judges several samples at once."""

import torch
from torch import Tensor, nn

from gan_lesson.data import Mixture
from gan_lesson.networks import Discriminator, Generator, multilayer_perceptron, seeded
from gan_lesson.trainer import Trainer, adam


class Pack(nn.Module):
    """A network of points in the plane that takes m of them side by side: (n, 2m) -> (n, 2m)."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, z: Tensor) -> Tensor:
        """Return the network's answer to each pair of numbers, side by side again."""
        return self.net(z.reshape(-1, 2)).reshape(len(z), -1)


class PackedData:
    """Real samples in rows of m: shape (n, 2m).

    Args:
        data: a set in the plane.
        m: points in a row.
    """

    def __init__(self, data: Mixture, m: int):
        self.data, self.m = data, m

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` rows."""
        return self.data.sample(n * self.m, generator).reshape(n, -1)


def packed_trainer(
    data: Mixture, m: int, seed: int = 0, lr_d: float = 1e-3, lr_g: float = 1e-3, points: int = 150
) -> Trainer:
    """Return the trainer of a plain pair whose D judges m points at once.

    Args:
        data: the set, in the plane.
        m: points in a row, at least 1.
        seed: start of the weights and of the trainer's random numbers.
        lr_d: Adam's rate for D.
        lr_g: Adam's rate for G.
        points: real points in a batch, and generated ones; rows are `points // m`.

    Source: Lin et al. 2018, PacGAN. Written out in lesson 07.
    """
    with seeded(seed):
        G = Generator(Pack(multilayer_perceptron((2, 32, 32, 2))), latent_dim=2 * m)
        D = Discriminator(multilayer_perceptron((2 * m, 32, 32, 1)))
    return Trainer(
        G,
        D,
        PackedData(data, m),
        optimizer_g=adam(G.parameters(), lr=lr_g),
        optimizer_d=adam(D.parameters(), lr=lr_d),
        batch_size=points // m,
        seed=seed,
    )
