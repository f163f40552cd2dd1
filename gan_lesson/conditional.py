"""Conditional GANs: a generator that can be asked for a class. They play the game for pairs.

    G, D = conditional_pair()
    pairs = join(images, labels)        # (n, 784 + 10): what D judges is an image and its label
    trainer = Trainer(G, D, pairs)      # the losses, the turn and the player stay as they are
    threes = G.draw(torch.full((16,), 3))

Images x have shape (n, 1, 28, 28), labels (n,) are integers from 0 on, and a pair is a row of
pixels with the label behind it, one-hot: 1 at the label's place and 0 elsewhere. What does not fit
raises ValueError. First used in lesson 13.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from gan_lesson import checks
from gan_lesson.networks import Discriminator, Generator, seeded

SHAPE = (1, 28, 28)
PIXELS = 784
N_CLASSES = 10


def join(x: Tensor, labels: Tensor) -> Tensor:
    """Return the pairs of images and labels, shape (n, 794)."""
    checks.shape("x", x, "n", *SHAPE)
    return torch.cat([x.flatten(1), _as_rows(labels, len(x)).to(x)], dim=1)


def images_of(pairs: Tensor) -> Tensor:
    """Return the images of pairs, shape (n, 794) -> (n, 1, 28, 28)."""
    checks.shape("pairs", pairs, "n", PIXELS + N_CLASSES)
    return pairs[:, :PIXELS].unflatten(1, SHAPE)


def _as_rows(labels: Tensor, n: int) -> Tensor:
    """Return labels one-hot, shape (n, 10)."""
    checks.shape("labels", labels, n)
    if labels.is_floating_point() or (n and not 0 <= int(labels.min()) <= int(labels.max()) <= 9):
        raise ValueError(f"labels must be integers from 0 to {N_CLASSES - 1}")
    return one_hot(labels.long(), N_CLASSES)


class ConditionalGenerator(Generator):
    """Map noise and a label to an image, and hand the label on: G(z, y) with y beside it.

    Args:
        net: layers from (n, latent_dim + 10) to (n, 784), in [-1, 1].
        latent_dim: numbers of noise in one z.
    """

    def __init__(self, net: nn.Module, latent_dim: int):
        super().__init__(net, latent_dim + N_CLASSES)
        self.noise_dim = latent_dim

    def forward(self, z: Tensor) -> Tensor:
        """Return pairs, shape (n, latent_dim + 10) -> (n, 794)."""
        return torch.cat([super().forward(z), z[:, self.noise_dim :]], dim=1)

    def sample_z(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw noise from N(0, I), and behind it a label, each of the ten as often."""
        weight = next(self.parameters())
        labels = torch.randint(N_CLASSES, (n,), generator=generator, device=weight.device)
        return self.asked(labels, generator)

    def asked(self, labels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return the z that ask for these labels, with fresh noise: shape (n, latent_dim + 10)."""
        weight = next(self.parameters())
        noise = torch.randn(
            len(labels), self.noise_dim, generator=generator, device=weight.device,
            dtype=weight.dtype,
        )  # fmt: skip
        return torch.cat([noise, _as_rows(labels, len(labels)).to(noise)], dim=1)

    @torch.no_grad()
    def draw(self, labels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return an image for each label that is asked for, shape (n, 1, 28, 28).

        A G that trains draws as it would in use: its BatchNorm layers note nothing.
        """
        training = self.training
        try:
            return images_of(self.eval()(self.asked(labels, generator)))
        finally:
            self.train(training)


class ConditionalDiscriminator(Discriminator):
    """Estimate P(real | image, label): ten heads on shared features; the label says which counts.

    Args:
        net: layers from (n, 784) to (n, 10), a logit for each label.
        sees_labels: whether the label counts. Otherwise D judges the image alone, by head 0.

    Source: Miyato and Koyama 2018 (the projection discriminator), whose shared head is here part
    of each of the ten.
    """

    def __init__(self, net: nn.Module, sees_labels: bool = True):
        super().__init__(net)
        self.sees_labels = sees_labels

    def forward(self, x: Tensor, as_logits: bool = False) -> Tensor:
        """Return D(x, y), or its logit, for pairs of shape (n, 794); shape (n, 1) both."""
        checks.shape("x", x, "n", PIXELS + N_CLASSES)
        heads = self.net(x[:, :PIXELS])
        # detached: a penalty on slopes is about pixels, and labels have no neighbours
        chosen = heads * x[:, PIXELS:].detach() if self.sees_labels else heads[:, :1]
        logits = chosen.sum(dim=1, keepdim=True)
        return logits if as_logits else torch.sigmoid(logits)


def conditional_pair(
    latent_dim: int = 64, seed: int = 0, d_sees_labels: bool = True
) -> tuple[ConditionalGenerator, ConditionalDiscriminator]:
    """Return G and D for asked digits: lesson 06's layers, with the label into both.

    G is (latent_dim + 10)-256-256-784 with BatchNorm and ReLU, D is 784-512-256-10 with GELU:
    with twice the width of lesson 06 more digits are read as asked after as many seconds.
    Written out in lesson 13.

    Source: Mirza and Osindero 2014 (the label beside z).
    """
    width = 256
    with seeded(seed):
        layers: list[nn.Module] = []
        for n_in in (latent_dim + N_CLASSES, width):
            layers += [nn.Linear(n_in, width), nn.BatchNorm1d(width), nn.ReLU()]
        G = ConditionalGenerator(
            nn.Sequential(*layers, nn.Linear(width, PIXELS), nn.Tanh()), latent_dim
        )
        D = ConditionalDiscriminator(
            nn.Sequential(
                nn.Linear(PIXELS, 512),
                nn.GELU(),
                nn.Linear(512, 256),
                nn.GELU(),
                nn.Linear(256, N_CLASSES),
            ),
            d_sees_labels,
        )
    return G, D
