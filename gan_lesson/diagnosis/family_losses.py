"""The losses of each family as functions of scores, and the least that D's loss can be.

All of D's losses are convex in its answers, so that by Jensen's inequality the mean loss of a
batch is never below the loss of its mean answers: that is what `least_loss` gives.
"""

import numpy as np
from torch import Tensor
from torch.nn.functional import softplus

from gan_lesson.loss_families import FAMILIES


def loss_of_d(loss: str, real: Tensor, fake: Tensor) -> Tensor:
    """Return D's loss on scores of real and of generated samples, the sum of its two halves."""
    if loss == "hinge":
        return (1 - real).relu().mean() + (1 + fake).relu().mean()
    if loss == "least_squares":
        return (real - 1).square().mean() + fake.square().mean()
    if loss == "wasserstein":
        return fake.mean() - real.mean()
    if loss == "relativistic":
        return softplus(fake.mean() - real).mean() + softplus(fake - real.mean()).mean()
    return softplus(-real).mean() + softplus(fake).mean()


def loss_of_g(loss: str, real: Tensor, fake: Tensor, saturating: bool = False) -> Tensor:
    """Return G's loss on scores of real and of generated samples."""
    if loss in ("hinge", "wasserstein"):
        return -fake.mean()
    if loss == "least_squares":
        return (fake - 1).square().mean()
    if loss == "relativistic":
        return loss_of_d(loss, fake, real)
    return -softplus(fake).mean() if saturating else softplus(-fake).mean()


def least_loss(loss: str, real, fake) -> np.ndarray:
    """Return the least that D's loss can be, given its mean answers, probabilities or scores.

    A probability of 0 or 1 counts as 10⁻⁷ or 1 − 10⁻⁷. NaN where an answer is missing.
    """
    real, fake = np.asarray(real, dtype=float), np.asarray(fake, dtype=float)
    if loss == "hinge":
        return np.maximum(0, 1 - real) + np.maximum(0, 1 + fake)
    if loss == "least_squares":
        return (real - 1) ** 2 + fake**2
    if loss == "wasserstein":
        return fake - real
    if loss == "relativistic":
        with np.errstate(invalid="ignore"):  # of infinite scores
            return 2 * np.logaddexp(0, fake - real)
    return -np.log(np.clip(real, 1e-7, 1)) - np.log(np.clip(1 - fake, 1e-7, 1))


def unit_of_loss(loss: str) -> float:
    """Return a natural unit of D's loss: its chance level, 10 for a critic's, which has none."""
    if loss == "logistic":
        return 1.0  # nats, in which thresholds were set first
    return FAMILIES[loss].loss_d or 10.0


def unit_below_bound(loss: str, loss_d: np.ndarray) -> float:
    """Return the unit of a distance from `least_loss`; a critic's loss is that bound itself."""
    if loss != "wasserstein":
        return unit_of_loss(loss)
    finite = loss_d[np.isfinite(loss_d)]
    return max(abs(float(np.median(finite))), 0.05) if finite.size else np.nan


def advantage(loss: str, real, fake) -> np.ndarray:
    """Return how far D is ahead: 0 by chance, towards 1 where it is sure, below 0 if reversed.

    It is D(x) − D(G(z)) of probabilities, and of scores their difference over that at which the
    loss is content; with losses that are never content it is tanh of half the difference.
    """
    gap = np.asarray(real, dtype=float) - np.asarray(fake, dtype=float)
    if loss in ("wasserstein", "relativistic"):
        return np.tanh(gap / 2)
    return np.clip(gap / 2 if loss == "hinge" else gap, -1, 1)
