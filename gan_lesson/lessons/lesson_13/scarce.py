"""Few labels: a classifier trained on some digits, shifted or not, and on more that were added."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from gan_lesson import checks
from gan_lesson.data import LabelledImages, load_digits
from gan_lesson.networks import seeded
from gan_lesson.shelter import same_arithmetic

N_STEPS = 200
BATCH = 64
REACH = 2  # pixels, the farthest shift
N_ADDED = 3000


def small_classifier(seed: int = 0) -> nn.Sequential:
    """Return an untrained classifier, (n, 1, 28, 28) -> (n, 10) logits, made as lesson 09's D.

    Its 24,506 weights are trained in seconds.
    """
    with seeded(seed):
        return nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, 16, kernel_size=3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, kernel_size=4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 10),
        ).to(memory_format=torch.channels_last)


def shifted(x: Tensor, generator: torch.Generator | None = None, reach: int = REACH) -> Tensor:
    """Return images moved by up to `reach` pixels up or down and left or right, each by its own.

    Args:
        x: images, shape (n, 1, 28, 28), in [-1, 1]; paper comes in at the rim.
        generator: source of the shifts.
        reach: pixels.
    """
    n, _, height, width = x.shape
    wide = pad(x, (reach,) * 4, value=-1.0)[:, 0]
    top, left = torch.randint(2 * reach + 1, (2, n, 1), generator=generator)
    rows, columns = top + torch.arange(height), left + torch.arange(width)
    moved = wide[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return moved.unsqueeze(1)


def few_labelled(each: int = 10, draw: int = 0) -> LabelledImages:
    """Return `each` bundled training digits of every class, the same ones for the same draw.

    Raises:
        ValueError: `each` is not from 1 to 1,000.
    """
    checks.count("each", each, most=1000)
    train, own = load_digits().train, torch.Generator().manual_seed(draw)
    rows = [
        (train.labels == digit).nonzero()[:, 0][torch.randperm(1000, generator=own)[:each]]
        for digit in range(10)
    ]
    rows = torch.cat(rows)
    return LabelledImages(train.images[rows], train.labels[rows])


def train_classifier(
    few: LabelledImages,
    added: LabelledImages | None = None,
    *,
    shifts: bool = True,
    n_steps: int = N_STEPS,
    seed: int = 0,
) -> nn.Sequential:
    """Return a classifier trained on `few` digits and, half of each batch, on those `added`.

    Args:
        few: labelled digits.
        added: more of them, whoever labelled them.
        shifts: whether each image of a batch is moved by up to two pixels.
        n_steps: steps of Adam, whose rate falls from 2e-3 to 0.
        seed: start of the weights and of the batches.
    """
    net = small_classifier(seed)
    own = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, fused=True)
    with same_arithmetic(threads=1):
        for step in range(n_steps):
            optimizer.param_groups[0]["lr"] = 2e-3 * (1 - step / n_steps)
            x, labels = _mixed_batch(few, added, own)
            x = shifted(x, own) if shifts else x
            optimizer.zero_grad()
            cross_entropy(net(x), labels).backward()
            optimizer.step()
    return net.eval().requires_grad_(False)


def _mixed_batch(few, added, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return a batch of the few, half of it of those added if there are any."""
    if added is None:
        return _batch(few, BATCH, generator)
    halves = [_batch(of, BATCH // 2, generator) for of in (few, added)]
    return tuple(torch.cat(parts) for parts in zip(*halves, strict=True))


def _batch(of: LabelledImages, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    rows = torch.randint(len(of.labels), (n,), generator=generator)
    return of.images[rows], of.labels[rows]


@torch.no_grad()
def labelled_by(net: nn.Module, images: Tensor) -> LabelledImages:
    """Return images with the digits that a classifier reads in them."""
    with same_arithmetic(threads=1):
        read = torch.cat([net(part).argmax(dim=1) for part in images.split(500)])
    return LabelledImages(images, read)


def accuracy(net: nn.Module) -> float:
    """Return the share of the 2,000 bundled test digits that a classifier reads rightly."""
    test = load_digits().test
    return float((labelled_by(net, test.images).labels == test.labels).double().mean())
