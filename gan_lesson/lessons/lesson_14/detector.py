"""A detector of generated digits: what it looks at, how it learns, and what it is tested on.

Images have shape (n, 1, 28, 28) and lie in [-1, 1]. A detector gives a logit for each, shape
(n,), above 0 where it calls the image real. A negative epsilon raises ValueError.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, softplus

from gan_lesson import checks
from gan_lesson.data import load_digits
from gan_lesson.lessons.mathematics.divergence import auc
from gan_lesson.networks import Discriminator, Generator, convolutional_pair
from gan_lesson.pretrained import load_convolutional_generator, load_digits_generator

N_TEST = 500  # images of each kind that a detector is tested on
N_FOR_A_TRACE = 2000  # images of each kind from which a threshold is learnt
FAINT = -0.9  # what is lighter, and not paper, is called faint grey


def as_saved(x: Tensor) -> Tensor:
    """Return images as a file of 8 bits keeps them: 256 grey levels from -1 to 1."""
    return x.clamp(-1, 1).add(1).mul(127.5).round().div(127.5).sub(1)


def blurred(x: Tensor) -> Tensor:
    """Return images in which each pixel is the mean of its 3 x 3 neighbourhood."""
    return avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def whitened(x: Tensor) -> Tensor:
    """Return images in which all faint grey has become paper, -1."""
    return torch.where(x <= FAINT, -1.0, x)


# What happens to an image before the detector sees it.
FILES: dict[str, Callable[[Tensor], Tensor]] = {
    "as computed": lambda x: x,
    "saved": as_saved,
    "whitened": lambda x: as_saved(whitened(x)),
    "blurred": lambda x: as_saved(blurred(x)),
}


# --- what a detector looks at ------------------------------------------------------------------


def exact_paper(x: Tensor) -> Tensor:
    """Return the share of pixels that are exactly -1, shape (n,)."""
    return (x == -1).float().mean(dim=(1, 2, 3))


def faint_grey(x: Tensor) -> Tensor:
    """Return the share of pixels that are nearly paper and not quite, shape (n,)."""
    return ((x > -1) & (x <= FAINT)).float().mean(dim=(1, 2, 3))


# What a detector may look at, and the files from which it learns its threshold.
TRACES: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "exact paper": (exact_paper, "as computed"),
    "faint grey": (faint_grey, "saved"),
}


class TraceDetector:
    """A detector that looks at one number of an image: real on one side of a threshold.

    Of all thresholds and sides it takes those that are right about most of its training images.

    Args:
        trace: function from images to one number each.
        real: real training images.
        fake: generated ones.
    """

    def __init__(self, trace: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor):
        self.trace = trace
        numbers = [trace(x).double().sort().values for x in (real, fake)]
        values = torch.cat(numbers).unique()
        between = (values[1:] + values[:-1]) / 2 if len(values) > 1 else values
        below = [torch.searchsorted(row, between) / len(row) for row in numbers]
        gap = below[1] - below[0]  # shares of the generated and of the real ones below
        place = int(gap.abs().argmax())
        self.threshold = float(between[place])
        self.side = 1.0 if gap[place] >= 0 else -1.0

    def logits(self, x: Tensor) -> Tensor:
        """Return how far the number lies on the side of the real ones, shape (n,)."""
        return self.side * (self.trace(x).double() - self.threshold)


def train_detector(
    real: Tensor, fake: Tensor, n_steps: int = 250, batch: int = 64, seed: int = 0
) -> Discriminator:
    """Return lesson 09's D, trained against a G that stands still; 2 s on one thread.

    Args:
        real: real training images.
        fake: generated training images.
        n_steps: steps of Adam, whose rate falls from 5e-3 to a tenth of it.
        batch: images of each kind in a step.
        seed: start of the weights and of the batches.
    """
    D = convolutional_pair(seed=seed)[1]
    draw = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(D.parameters(), lr=5e-3)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.1, n_steps)
    for _ in range(n_steps):
        x_real, x_fake = (x[torch.randint(len(x), (batch,), generator=draw)] for x in (real, fake))
        loss = softplus(-D.logits(x_real)).mean() + softplus(D.logits(x_fake)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        falling.step()
    return D.eval().requires_grad_(False)


# --- attacks -----------------------------------------------------------------------------------


def uphill(D: Discriminator, x: Tensor) -> Tensor:
    """Return the sign of the slope of D's logit in each pixel, shape as `x`."""
    x = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(D.logits(x).sum(), x)
    return slope.sign()


def fool(D: Discriminator, x: Tensor, epsilon: float) -> Tensor:
    """Return images that differ from `x` by at most `epsilon` a pixel, and look more real to D.

    Source: Goodfellow, Shlens and Szegedy 2015, the fast gradient sign method.
    """
    checks.not_negative("epsilon", epsilon)
    return (x + epsilon * uphill(D, x)).clamp(-1, 1)


# --- how good a detector is --------------------------------------------------------------------


class Found(NamedTuple):
    """What a detector makes of real and of generated images.

    real_right: share of the real images called real. caught: share of the generated ones called
    generated. auc: share of pairs, real and generated, in which the real one has the higher logit;
    ties count half.
    """

    real_right: float
    caught: float
    auc: float

    @property
    def accuracy(self) -> float:
        """Share of right answers where half of the images are real."""
        return (self.real_right + self.caught) / 2


def found(logits_real: Tensor, logits_fake: Tensor) -> Found:
    """Return the three shares, of logits of any shape; a logit of 0 counts as generated."""
    a, b = logits_real.double().flatten(), logits_fake.double().flatten()
    return Found(float((a > 0).double().mean()), float((b <= 0).double().mean()), auc(a, b))


# --- the images of the lesson ------------------------------------------------------------------

GENERATORS: dict[str, Callable[[], Generator]] = {
    "fully connected": load_digits_generator,
    "convolutional": load_convolutional_generator,
}


@torch.no_grad()
def drawn(name: str, n: int, seed: int) -> Tensor:
    """Return `n` digits of a generator of `GENERATORS`, from z of this seed."""
    G = GENERATORS[name]()
    return G(G.sample_z(n, torch.Generator().manual_seed(seed)))


@cache
def training_images() -> tuple[Tensor, Tensor]:
    """Return 5,000 real digits, and as many of the fully connected generator, as computed."""
    return load_digits().train.images[::2], drawn("fully connected", 5000, seed=1)


@cache
def images_to_test(name: str) -> tuple[Tensor, Tensor]:
    """Return `N_TEST` real test digits, and as many of a generator, as computed."""
    return load_digits().test.images[:: 2000 // N_TEST], drawn(name, N_TEST, seed=2)


@cache
def trace_detector(name: str) -> TraceDetector:
    """Return the detector that looks at a trace of `TRACES`, learnt from the lesson's images."""
    trace, files = TRACES[name]
    return TraceDetector(trace, *(FILES[files](x[:N_FOR_A_TRACE]) for x in training_images()))
