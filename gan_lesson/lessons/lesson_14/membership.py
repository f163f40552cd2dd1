"""Who was in the training set? Scores of members and of others, and what they give away.

A score is higher where it takes a digit for a member. Shares are counted with a threshold that the
scores of the others set, as Carlini and others (2022) recommend.
"""

import numpy as np
import torch
from torch import Tensor

from gan_lesson import checks
from gan_lesson.metrics import nearest_training_images
from gan_lesson.networks import Discriminator
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer


def tpr_at_fpr(members, others, fpr: float) -> float:
    """Return the share of the members above the threshold that a share of the others exceeds.

    Args:
        members: scores of the members, any shape.
        others: scores of the others, any shape.
        fpr: share of the others that may lie above the threshold, from 0 to 1.

    Raises:
        ValueError: no scores, one of them infinite or NaN, or a share outside [0, 1].
    """
    checks.probabilities("fpr", fpr)
    for name, scores in (("members", members), ("others", others)):
        checks.not_empty(name, scores)
        checks.finite(name, scores)
    threshold = np.quantile(np.asarray(others, dtype=float), 1 - fpr)
    return float(np.mean(np.asarray(members, dtype=float) > threshold))


def roc(members: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of the others and of the members above each threshold, rising, from 0 to 1.

    Args:
        members: scores of the members, shape (n,).
        others: scores of the others, shape (m,).
    """
    scores = np.concatenate([members, others]).astype(float)
    order = np.argsort(-scores, kind="stable")
    is_member = order < len(members)
    last = np.append(np.diff(scores[order]) < 0, True)  # equal scores are crossed together
    fpr, tpr = np.cumsum(~is_member)[last] / len(others), np.cumsum(is_member)[last] / len(members)
    return np.append(0.0, fpr), np.append(0.0, tpr)


@torch.no_grad()
def by_d(D: Discriminator, x: Tensor) -> np.ndarray:
    """Return D's logits of images, shape (n,), float64."""
    return torch.cat([D.logits(part) for part in x.split(500)])[:, 0].double().numpy()


def by_g(samples: Tensor, x: Tensor) -> np.ndarray:
    """Return minus the distance of each image from the nearest of the samples, shape (n,)."""
    return -nearest_training_images(x, samples).distance


def run_on(members: Tensor, n_steps: int, seed: int = 0) -> Trainer:
    """Return lesson 06's trainer after a run on these images alone."""
    trainer = fully_connected_trainer(members, seed=seed, n_steps=n_steps)
    trainer.burst(n_steps)
    return trainer
