"""Signs in the samples: their range, their distance from the data, how many places they occupy."""

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gan_lesson import checks
from gan_lesson.diagnosis.signs import Sign, fact, measured, strength

MOST_NUMBERS = 4096  # of a sample; larger pictures are made smaller before they are compared
MOST_SAMPLES = 1000
GROUP = 100  # samples that are compared at a time, so that no measure depends on how many there are


def as_samples(name: str, x: Tensor | ArrayLike | None) -> Tensor | None:
    """Return 1,000 samples at most, from all over x, as floating-point numbers; None for None.

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
    step = -(-len(x) // MOST_SAMPLES)
    return x[::step]  # not the first ones: a set may be sorted by class


def smaller(x: Tensor) -> Tensor:
    """Return samples as rows, shape (n, d), of large pictures the means over blocks of pixels."""
    while x[0].numel() > MOST_NUMBERS and x.ndim == 4 and min(x.shape[2:]) >= 2:
        x = torch.nn.functional.avg_pool2d(x, 2)
    return x.flatten(1)


def groups(x: Tensor) -> Tensor:
    """Return samples in groups of `GROUP`, all of them in one if there are fewer.

    They are drawn at random, the same ones in each call: in a set that is sorted by class, or goes
    round all classes, neighbours or every tenth would be of one class. Shape (k, GROUP, ...).
    """
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0)).to(x.device)
    k, n = max(1, len(x) // GROUP), min(len(x), GROUP)
    return x[order[: k * n]].view(k, n, *x.shape[1:])


def signs_of_samples(x_fake: Tensor, x_real: Tensor) -> list[Sign]:
    """Return what generated samples show beside real ones, shapes (n, ...) and (m, ...).

    Whatever depends on how many samples there are is measured on groups of 100, and averaged.

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
    fake, real = groups(smaller(x_fake).double()), groups(smaller(x_real).double())
    k = min(len(fake), len(real))
    found = torch.tensor([_distances(fake[i], real[i]) for i in range(k)]).mean(dim=0)
    far, beyond, places, apart = found.tolist()
    beyond_1 = (high - low) / max(abs(least), abs(most), 1.0)  # every usual last layer reaches 1
    ends = strength("out_of_range", beyond_1) > 0 and _ends_at_1(x_fake)
    return [
        measured("out_of_range", beyond_1, ranges),
        fact("ends_at_1", ends, f"{ranges}: G's numbers end at 1, as those of tanh do"),
        fact("one_sided", _one_sided(low, high, least, most, x_real[0].numel()), ranges),
        measured(
            "far",
            far,
            f"generated samples are {far:.0f} times as far from real ones as those are",
        ),
        measured(
            "beyond",
            beyond,
            f"a generated sample is {beyond:.1f} times as far from its nearest real one as two "
            "real ones are from each other",
        ),
        measured(
            "few_places",
            places,
            f"the samples occupy {places:.0%} of the places that real ones do",
        ),
        measured("unlike", apart, f"the nearest neighbour tells {apart:.0%} of the samples apart"),
        _standing_column(smaller(x_fake), smaller(x_real), is_table=x_fake.ndim == 2),
    ]


def _distances(fake: Tensor, real: Tensor) -> tuple[float, float, float, float]:
    """Return how far samples are, twice, how many places they occupy, and how unlike they are.

    Unlike is the share of both kinds whose nearest neighbour is of their own kind, ½ if alike.
    """
    between = torch.cdist(fake, real)
    among_real = torch.cdist(real, real)
    typical = float(among_real.median())
    nearest = among_real.fill_diagonal_(torch.inf).min(dim=1).values
    to_real = float(between.min(dim=1).values.median())
    among_fake = torch.cdist(fake, fake).fill_diagonal_(torch.inf).min(dim=1).values
    own_fake = (among_fake <= between.min(dim=1).values).double().mean()
    own_real = (nearest < between.min(dim=0).values).double().mean()
    far = to_real / max(float(nearest.quantile(0.75)), 1e-9)
    beyond = to_real / max(typical, 1e-9)
    return far, beyond, occupied_places(fake, real), float(own_fake + own_real) / 2


def _standing_column(fake: Tensor, real: Tensor, is_table: bool) -> Sign:
    """Return whether one number of a table's rows is always the same, while others are not."""
    if not is_table or fake.shape[1] < 3:
        return fact("column_stands", 0, "")
    spread = fake.double().std(dim=0) / real.double().std(dim=0).clamp(min=1e-9)
    stands = (spread < 1e-3) & (real.std(dim=0) > 1e-6)
    seen = bool(stands.any()) and float(spread.median()) > 0.2
    column = int(stands.int().argmax())
    told = f"number {column + 1} of each generated row is {float(fake[0, column]):.3g}"
    return fact("column_stands", seen, told)


def _ends_at_1(x: Tensor) -> bool:
    """Tell whether numbers press against a bound at 1, as those of tanh and of a sigmoid do."""
    size = x.abs()
    return float(size.max()) <= 1 + 1e-4 and float((size > 0.98).double().mean()) >= 0.01


def _one_sided(low: float, high: float, least: float, most: float, numbers: int) -> bool:
    """Tell whether one of the two ranges is [0, a] where the other reaches as far below 0.

    That a few samples of few numbers each are never below 0 proves nothing.
    """
    if numbers < 16:
        return False
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
