"""What a report keeps for its picture: the curves and a few samples, small, as they were then."""

import copy
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_lesson.diagnosis.signs import Sign
from gan_lesson.history import History

MOST_POINTS = 400  # rows that are kept of points and of tables
MOST_PICTURES = 16
LONG = 64  # numbers in a sample beyond which few are kept
SIDE = 64  # pixels of a picture that is kept, at most


class Kept(NamedTuple):
    """What was examined, small enough to be kept.

    Attributes:
        run: a copy of the history.
        fake: a few generated samples, float32, shape (n, ...), channels first; None if not given.
        real: a few real ones, likewise.
        spans: least and largest number of all generated and of all real samples, by "fake" and
            "real".
        told: the sentence of each sign.
    """

    run: History
    fake: np.ndarray | None = None
    real: np.ndarray | None = None
    spans: Mapping[str, tuple[float, float]] = MappingProxyType({})
    told: Mapping[str, str] = MappingProxyType({})


def keep(
    run: History, fake: Tensor | None, real: Tensor | None, signs: Sequence[Sign] = ()
) -> Kept:
    """Return copies of a history and of a few samples, shapes (n, ...), either of them or None."""
    given = {name: x for name, x in (("fake", fake), ("real", real)) if x is not None}
    few = {name: _few(x) for name, x in given.items()}
    spans = {name: tuple(map(float, torch.aminmax(x))) for name, x in given.items()}
    told = {sign.name: sign.told for sign in signs}
    return Kept(copy.deepcopy(run), few.get("fake"), few.get("real"), spans, told)


def _few(x: Tensor) -> np.ndarray:
    """Return the first samples, as many as a picture shows, large pictures made smaller."""
    x = x[:MOST_POINTS]
    if x.ndim > 2 and x[0].numel() > LONG:
        x = x[:MOST_PICTURES]
        if x.ndim == 4 and x.shape[-1] in (1, 3) and x.shape[1] > 4:  # channels last
            x = x.movedim(-1, 1)
    elif x[0].numel() > LONG:
        x = x[: 4 * MOST_PICTURES]
    x = x.detach().to("cpu", torch.float32)
    if x.ndim == 4 and max(x.shape[2:]) > SIDE:
        shrink = -(-max(x.shape[2:]) // SIDE)
        x = torch.nn.functional.avg_pool2d(x, shrink, ceil_mode=True)
    return x.clone().numpy()
