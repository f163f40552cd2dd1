"""A data set with a minority: many a 1, few an 8, and how many of each a generator draws.

A share out of range raises ValueError.
"""

import torch
from torch import Tensor

from gan_lesson import checks
from gan_lesson.data import load_digits
from gan_lesson.metrics import load_classifier

MOST, FEW = 1, 8  # the digits of the majority and of the minority
N = 1000


def mixed_digits(share: float) -> Tensor:
    """Return 1,000 bundled training digits, a given share of them an 8 and the rest a 1.

    Args:
        share: of the minority, above 0 and below 1.
    """
    checks.between("share", share, 0, 1)
    images, labels = load_digits().train
    few = round(N * share)
    return torch.cat([images[labels == MOST][: N - few], images[labels == FEW][:few]])


@torch.no_grad()
def is_few(x: Tensor) -> Tensor:
    """Tell of each image whether the shipped classifier reads it as an 8 rather than a 1, (n,)."""
    classifier = load_classifier()
    logits = torch.cat([classifier(part) for part in x.split(500)])
    return logits[:, FEW] > logits[:, MOST]


def share_of_few(x: Tensor) -> float:
    """Return the share of images that are read as an 8 rather than a 1."""
    return float(is_few(x).double().mean())
