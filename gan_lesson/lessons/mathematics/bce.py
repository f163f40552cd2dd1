"""Binary cross-entropy, from a probability and from a logit, with both slopes.

One prediction p = sigma(s) of the event y = 1 costs -log p when the event happens and
-log(1 - p) when it does not. Worked by hand: p = .8 costs .2231 nats if y = 1 and 1.6094
nats if y = 0. Taught in lesson 01; NumPy only, natural logarithms, the unit is the nat.

Arguments have any shape and are broadcast together: `p` is the predicted probability of y = 1,
`s` its logit, `y` the label, 0 or 1 (a number between them is a soft label). Every result is an
array of the broadcast shape. A NaN, or a `p` or `y` outside [0, 1], raises ValueError.
"""

import numpy as np
from numpy.typing import ArrayLike

from gan_lesson import checks


def sigmoid(s: ArrayLike) -> np.ndarray:
    """Return the probability 1 / (1 + e^-s) of a logit, without overflow.

    Source: the inverse of the log-odds, s = log(p / (1 - p)). Derived in lesson 01.
    """
    s = checks.numbers("s", s)
    small = np.exp(-np.abs(s))  # in (0, 1], so neither branch overflows
    return np.where(s >= 0, 1.0, small) / (1.0 + small)


def softplus(s: ArrayLike) -> np.ndarray:
    """Return log(1 + e^s), without overflow: about s when s is large.

    Source: log(1 + e^s) = max(s, 0) + log(1 + e^-|s|).
    """
    s = checks.numbers("s", s)
    return np.maximum(s, 0.0) + np.log1p(np.exp(-np.abs(s)))


def bce_from_probability(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return -[y log p + (1 - y) log(1 - p)] >= 0, nats; infinite where the impossible happened.

    Source: minus the logarithm of the Bernoulli likelihood p^y (1 - p)^(1 - y). Lesson 01.
    """
    p, y = np.broadcast_arrays(checks.probabilities("p", p), checks.probabilities("y", y))
    with np.errstate(divide="ignore", invalid="ignore"):
        if_one = np.where(y > 0, -y * np.log(p), 0.0)  # 0 log 0 = 0: the term does not count
        if_zero = np.where(y < 1, -(1 - y) * np.log1p(-p), 0.0)
    return if_one + if_zero + 0.0  # + 0 turns a printed "-0." into "0."


def bce_from_logits(s: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return the cross-entropy of sigma(s) against `y`, nats, finite for any finite s.

    It is softplus(-s) where y = 1 and softplus(s) where y = 0.

    Source: -log sigma(s) = log(1 + e^-s). Derived in lesson 01.
    """
    s, y = np.broadcast_arrays(checks.numbers("s", s), checks.probabilities("y", y))
    with np.errstate(invalid="ignore"):  # 0 times infinity: the branch that does not count
        if_one = np.where(y > 0, y * softplus(-s), 0.0)
        return if_one + np.where(y < 1, (1 - y) * softplus(s), 0.0)


def bce_slope_in_probability(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return d BCE / dp = (p - y) / (p (1 - p)), nats per unit of probability.

    Raises:
        ValueError: also where `p` is 0 or 1.

    Source: derivative of `bce_from_probability`. Lesson 01.
    """
    p, y = checks.probabilities("p", p), checks.probabilities("y", y)
    if p.size and (p.min() == 0 or p.max() == 1):
        raise ValueError("p holds a 0 or a 1, where the slope is infinite; use 0 < p < 1")
    return (p - y) / (p * (1 - p))


def bce_slope_in_logit(s: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return d BCE / ds = sigma(s) - y, nats per unit of logit: never larger than 1.

    Source: the slope in p times the sigmoid's own slope p (1 - p). Lesson 01.
    """
    return sigmoid(s) - checks.probabilities("y", y)
