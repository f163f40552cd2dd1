"""The value V(D, G), its ledger of signs, and the two generator losses, in NumPy.

Natural logarithms; every number is in nats. Derived in lessons 02 and 04.

`d_real` is D(x) for samples x ~ p_data and `d_fake` is D(G(z)) for samples z ~ p_z:
probabilities, in batches of any shape but an empty one. `s` is the logit and `d` the probability
of D(G(z)), any shape; what is computed of them has that shape, one number a sample, and its mean
is that of a batch. `kind` names the generator loss: "non_saturating", -log D(G(z)), or
"saturating", log(1 - D(G(z))). Anything else raises ValueError.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks
from gan_lesson.lessons.mathematics.bce import (
    bce_from_logits,
    bce_from_probability,
    bce_slope_in_logit,
    bce_slope_in_probability,
)

LOG_2 = float(np.log(2.0))
LOG_4 = float(np.log(4.0))


def value(d_real: ArrayLike, d_fake: ArrayLike) -> float:
    """Return V = mean log D(x) + mean log(1 - D(G(z))) <= 0.

    Worked by hand: where D says 1/2 to everything, it is -log 4 = -1.386.

    Raises:
        ValueError: a batch is empty, or holds something that is not a probability.

    Source: Goodfellow et al. 2014, equation 1. Derived in lesson 02.
    """
    checks.not_empty("d_real", d_real)
    checks.not_empty("d_fake", d_fake)
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

    Source: Goodfellow et al. 2014, equation 1 and section 3. Derived in lesson 02.
    """
    v = value(d_real, d_fake)
    saturating = -float(np.mean(bce_from_probability(d_fake, 0.0)))
    non_saturating = float(np.mean(bce_from_probability(d_fake, 1.0)))
    return Ledger(v, -v, -v / 2, saturating, non_saturating)


def generator_loss_from_logit(s: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return what one generated sample costs G.

    Source: Goodfellow et al. 2014, section 3: BCE with label 1, and minus BCE with label 0.
        Derived in lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_from_logits(s, label)


def generator_slope_in_logit(s: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return d loss / ds, nats per unit of logit.

    It is -(1 - D) for the non-saturating loss and -D for the saturating one, D = sigma(s). Both
    are negative: either loss wants the logit to rise.

    Source: derivative of `generator_loss_from_logit`. Derived in lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_slope_in_logit(s, label)


def generator_slope_in_probability(d: ArrayLike, kind: str = "non_saturating") -> np.ndarray:
    """Return d loss / dD at D(G(z)) = d, strictly between 0 and 1, nats per unit of probability.

    It is -1 / d for the non-saturating loss and -1 / (1 - d) for the saturating one.

    Source: the slope in the logit divided by the sigmoid's own slope d (1 - d). Lesson 04.
    """
    label, sign = _label_and_sign(kind)
    return sign * bce_slope_in_probability(d, label)


def _label_and_sign(kind: str) -> tuple[float, float]:
    """Return the BCE label and the sign behind a generator loss."""
    behind = {"non_saturating": (1.0, 1.0), "saturating": (0.0, -1.0)}
    checks.one_of("kind", kind, behind)
    return behind[kind]
