"""The value V(D, G), its ledger of signs, and the two generator losses, in NumPy.

Natural logarithms; every number is in nats. Derived in lessons 02 and 04.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson.lessons.mathematics.bce import (
    bce_from_logits,
    bce_from_probability,
    bce_slope_in_logit,
    bce_slope_in_probability,
)

LOG_2 = float(np.log(2.0))
LOG_4 = float(np.log(4.0))


def value(d_real: ArrayLike, d_fake: ArrayLike) -> float:
    """Return V = mean log D(x) + mean log(1 - D(G(z))), in nats.

    Args:
        d_real: D(x) for samples x ~ p_data, a probability, any non-empty shape.
        d_fake: D(G(z)) for samples z ~ p_z, a probability, any non-empty shape.

    Returns:
        Number <= 0; -log 4 = -1.386 where D says 1/2 to everything.

    Raises:
        ValueError: a batch is empty, or holds something that is not a probability.

    Source: Goodfellow et al. 2014, equation 1. Derived in lesson 02.
    """
    for name, batch in (("d_real", d_real), ("d_fake", d_fake)):
        if np.size(batch) == 0:
            raise ValueError(f"{name} is empty; it must hold at least one probability")
    on_real = -np.mean(bce_from_probability(d_real, 1.0))
    on_fake = -np.mean(bce_from_probability(d_fake, 0.0))
    return float(on_real + on_fake)


class Ledger(NamedTuple):
    """Five numbers that one state of the game is called by, in nats; see `ledger`.

    Attributes:
        value: V, which D pushes up and G pushes down.
        loss_d: -V, the sum over both halves; D minimises it.
        mean_bce: loss_d / 2, the mean over all predictions of a balanced batch.
        loss_g_saturating: mean log(1 - D(G(z))), the part of V that G can move.
        loss_g_non_saturating: mean of -log D(G(z)), what G minimises in practice.
    """

    value: float
    loss_d: float
    mean_bce: float
    loss_g_saturating: float
    loss_g_non_saturating: float


def ledger(d_real: ArrayLike, d_fake: ArrayLike) -> Ledger:
    """Return the value and the four losses that go with it.

    Worked by hand: where D says 1/2 to everything they are -1.386, 1.386, .693, -.693, .693.

    Args:
        d_real: D(x) for samples x ~ p_data, a probability, any non-empty shape.
        d_fake: D(G(z)) for samples z ~ p_z, a probability, any non-empty shape.

    Raises:
        ValueError: as `value`.

    Source: Goodfellow et al. 2014, equation 1 and section 3. Derived in lesson 02.
    """
    v = value(d_real, d_fake)
    saturating = -float(np.mean(bce_from_probability(d_fake, 0.0)))
    non_saturating = float(np.mean(bce_from_probability(d_fake, 1.0)))
    return Ledger(v, -v, -v / 2, saturating, non_saturating)


def value_slopes(d_real: ArrayLike, d_fake: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return dV/dD(x) = 1 / D(x) and dV/dD(G(z)) = -1 / (1 - D(G(z))), for V of two numbers.

    Worked by hand: at (1/2, 1/2) they are 2 and -2; they are 0 nowhere, so V has no saddle here.

    Args:
        d_real: D(x), strictly between 0 and 1, any shape.
        d_fake: D(G(z)), strictly between 0 and 1, any shape.

    Returns:
        Two arrays, nats per unit of probability.

    Raises:
        ValueError: a probability is not strictly between 0 and 1.

    Source: derivatives of log D and log(1 - D). Lesson 02.
    """
    d_real, d_fake = np.asarray(d_real, dtype=float), np.asarray(d_fake, dtype=float)
    for name, d in (("d_real", d_real), ("d_fake", d_fake)):
        if not ((d > 0) & (d < 1)).all():
            raise ValueError(f"{name} is {d}; it must lie strictly between 0 and 1")
    return 1 / d_real, -1 / (1 - d_fake)


def generator_loss_from_logit(s: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return what one generated sample costs G at the logit s of D(G(z)), in nats.

    Args:
        s: logit of D(G(z)), any shape.
        kind: "non_saturating", -log D(G(z)), or "saturating", log(1 - D(G(z))).

    Returns:
        Array of the shape of `s`, one cost a sample; their mean is the loss of a batch.

    Raises:
        ValueError: `s` holds a NaN, or `kind` is unknown.

    Source: Goodfellow et al. 2014, section 3: BCE with label 1, and minus BCE with label 0.
        Derived in lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_from_logits(s, label)


def generator_slope_in_logit(s: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return d loss / ds at the logit s of D(G(z)), nats per unit of logit.

    Returns:
        -(1 - D) for the non-saturating loss, -D for the saturating one, D = sigma(s). Both
        are negative: either loss wants the logit to rise.

    Raises:
        ValueError: `s` holds a NaN, or `kind` is unknown.

    Source: derivative of `generator_loss_from_logit`. Derived in lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_slope_in_logit(s, label)


def generator_slope_in_probability(d: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return d loss / dD at the probability D(G(z)) = d, nats per unit of probability.

    Returns:
        -1 / d for the non-saturating loss, -1 / (1 - d) for the saturating one.

    Raises:
        ValueError: `d` is not strictly between 0 and 1, or `kind` is unknown.

    Source: the slope in the logit divided by the sigmoid's own slope d (1 - d). Lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_slope_in_probability(d, label)


def _label_and_sign(kind: str) -> tuple[float, float]:
    """Return the BCE label and sign behind a generator loss."""
    if kind == "non_saturating":
        return 1.0, 1.0
    if kind == "saturating":
        return 0.0, -1.0
    raise ValueError(f"kind is {kind!r}; it must be 'non_saturating' or 'saturating'")
