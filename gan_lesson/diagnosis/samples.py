"""Signs in the samples: their range, their distance from the data, how many places they occupy."""

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gan_lesson import checks
from gan_lesson.diagnosis.signs import PROVED, SEEN, Sign, measured

MOST_NUMBERS = 4096  # of a sample; larger pictures are made smaller before they are compared
MOST_SAMPLES = 1000


def as_samples(name: str, x: Tensor | ArrayLike | None) -> Tensor | None:
    """Return the first 1,000 samples as floating-point numbers; None for None.

    They keep their shape, because D takes them; `signs_of_samples` makes large pictures smaller.

    Raises:
        ValueError: there are fewer than 20, or a number is not finite.
    """
    if x is None:
        return None
    x = torch.as_tensor(x).detach()
    x = x if x.is_floating_point() else x.float()
    checks.shape(name, x, "n", ..., least=20)
    checks.all_finite(name, x)
    return x[:MOST_SAMPLES]


def smaller(x: Tensor) -> Tensor:
    """Return samples as rows, shape (n, d), of large pictures the means over blocks of pixels."""
    while x[0].numel() > MOST_NUMBERS and x.ndim == 4 and min(x.shape[2:]) >= 2:
        x = torch.nn.functional.avg_pool2d(x, 2)
    return x.flatten(1)


def signs_of_samples(x_fake: Tensor, x_real: Tensor) -> list[Sign]:
    """Return what generated samples show beside real ones, shapes (n, ...) and (m, ...).

    Raises:
        ValueError: one sample of each has another shape than the other.
    """
    if x_fake.shape[1:] != x_real.shape[1:]:
        raise ValueError(
            f"samples have shape {tuple(x_fake.shape[1:])} each, real ones "
            f"{tuple(x_real.shape[1:])}; they must agree"
        )
    low, high = float(x_real.min()), float(x_real.max())
    least, most = float(x_fake.min()), float(x_fake.max())
    ranges = (
        f"real numbers lie in [{low:.3g}, {high:.3g}], generated ones in [{least:.3g}, {most:.3g}]"
    )
    fake, real = smaller(x_fake).double(), smaller(x_real).double()
    to_real = torch.cdist(fake, real).min(dim=1).values.median()
    among_all = torch.cdist(real, real)
    typical = float(among_all.median())
    among = among_all.fill_diagonal_(torch.inf).min(dim=1).values
    far = float(to_real / among.quantile(0.75).clamp(min=1e-9))
    beyond = float(to_real) / max(typical, 1e-9)
    places = occupied_places(fake, real)
    return [
        measured("out_of_range", (high - low) / max(abs(least), abs(most), 1e-9), ranges, PROVED),
        Sign("one_sided", float(_one_sided(low, high, least, most)), ranges, PROVED),
        measured(
            "far",
            far,
            f"generated samples are {far:.0f} times as far from real ones as those are",
            SEEN,
        ),
        measured(
            "beyond",
            beyond,
            f"a generated sample is {beyond:.1f} times as far from its nearest real one as two "
            "real ones are from each other",
            SEEN,
        ),
        measured(
            "few_places",
            places,
            f"the samples occupy {places:.0%} of the places that real ones do",
            SEEN,
        ),
    ]


def _one_sided(low: float, high: float, least: float, most: float) -> bool:
    """Tell whether one of the two ranges is [0, a] where the other reaches as far below 0."""
    real_above, fake_above = 0 <= low + 1e-6 <= 0.05 * high, 0 <= least + 1e-6 <= 0.05 * most
    return (real_above and least < -0.5 * high) or (fake_above and low < -0.5 * most)


CELLS = 10  # that the data are divided into; the thresholds of few_places were tuned with it


def occupied_places(fake: Tensor, real: Tensor) -> float:
    """Return how many cells samples occupy, over how many real ones do: about 1 if alike.

    Cells are those of k-means on the real samples, from a fixed start. How many are occupied is
    the exponential of the entropy of their shares: 8 for eight equal shares.

    Args:
        fake: generated samples, shape (n, d).
        real: real samples, shape (m, d).

    Raises:
        ValueError: the samples are not of shapes (n, d) and (m, d).
    """
    if fake.ndim != 2 or fake.shape[1:] != real.shape[1:] or not len(fake) or not len(real):
        raise ValueError(
            f"samples have shapes {tuple(fake.shape)} and {tuple(real.shape)}; they must be "
            "(n, d) and (m, d)"
        )
    centres = real[:1].clone()
    for _ in range(CELLS - 1):  # the farthest sample from all centres so far
        farthest = torch.cdist(real, centres).min(dim=1).values.argmax()
        centres = torch.cat([centres, real[farthest : farthest + 1]])
    for _ in range(10):
        nearest = torch.cdist(real, centres).argmin(dim=1)
        for j in range(CELLS):
            if bool((nearest == j).any()):
                centres[j] = real[nearest == j].mean(dim=0)
    counts = []
    for x in (fake, real):
        share = torch.bincount(torch.cdist(x, centres).argmin(dim=1), minlength=CELLS) / len(x)
        counts.append(float(torch.exp(-(share * share.clamp(min=1e-12).log()).sum())))
    return counts[0] / counts[1]
