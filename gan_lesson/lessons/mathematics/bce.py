"""Binary cross-entropy, from a probability and from a logit, with both slopes.

One prediction p = sigma(s) of the event y = 1 costs -log p when the event happens and
-log(1 - p) when it does not. Worked by hand: p = .8 costs .2231 nats if y = 1 and 1.6094
nats if y = 0. Taught in lesson 01; NumPy only, natural logarithms, the unit is the nat.
"""

import numpy as np
from numpy.typing import ArrayLike


def _as_numbers(name: str, value: ArrayLike) -> np.ndarray:
    array = np.asarray(value, dtype=float)
    if np.isnan(array).any():
        raise ValueError(f"{name} holds a NaN; it must hold numbers only")
    return array


def as_finite(name: str, value: ArrayLike) -> np.ndarray:
    """Return `value` as an array of floats, any shape.

    Raises:
        ValueError: it holds a NaN or an infinite number; the message says `name`.
    """
    array = np.asarray(value, dtype=float)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinite numbers; every one must be finite")
    return array


def _as_probabilities(name: str, value: ArrayLike) -> np.ndarray:
    array = _as_numbers(name, value)
    if array.size and (array.min() < 0 or array.max() > 1):
        raise ValueError(
            f"{name} goes from {array.min():g} to {array.max():g}; "
            "it must lie between 0 and 1 (is it a logit?)"
        )
    return array


def sigmoid(s: ArrayLike) -> np.ndarray:
    """Return the probability 1 / (1 + e^-s) of a logit `s`, any shape, without overflow.

    Raises:
        ValueError: `s` holds a NaN.

    Source: the inverse of the log-odds, s = log(p / (1 - p)). Derived in lesson 01.
    """
    s = _as_numbers("s", s)
    small = np.exp(-np.abs(s))  # in (0, 1], so neither branch overflows
    return np.where(s >= 0, 1.0, small) / (1.0 + small)


def softplus(s: ArrayLike) -> np.ndarray:
    """Return log(1 + e^s) of `s`, any shape, without overflow: about s when s is large.

    Raises:
        ValueError: `s` holds a NaN.

    Source: log(1 + e^s) = max(s, 0) + log(1 + e^-|s|).
    """
    s = _as_numbers("s", s)
    return np.maximum(s, 0.0) + np.log1p(np.exp(-np.abs(s)))


def bce_from_probability(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return -[y log p + (1 - y) log(1 - p)] in nats, one number for each prediction.

    Args:
        p: predicted probability of y = 1, any shape.
        y: label, 0 or 1 (a number between them is a soft label), broadcast with `p`.

    Returns:
        Array >= 0 of the broadcast shape; infinite where the impossible happened.

    Raises:
        ValueError: `p` or `y` is outside [0, 1] or NaN.

    Source: minus the logarithm of the Bernoulli likelihood p^y (1 - p)^(1 - y). Lesson 01.
    """
    p, y = np.broadcast_arrays(_as_probabilities("p", p), _as_probabilities("y", y))
    with np.errstate(divide="ignore", invalid="ignore"):
        if_one = np.where(y > 0, -y * np.log(p), 0.0)  # 0 log 0 = 0: the term does not count
        if_zero = np.where(y < 1, -(1 - y) * np.log1p(-p), 0.0)
    return if_one + if_zero + 0.0  # + 0 turns a printed "-0." into "0."


def bce_from_logits(s: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return the cross-entropy of sigma(s) against `y` in nats, finite for any finite s.

    Args:
        s: logit of y = 1, any shape.
        y: label in [0, 1], broadcast with `s`.

    Returns:
        Array >= 0: softplus(-s) where y = 1 and softplus(s) where y = 0.

    Raises:
        ValueError: `s` holds a NaN, or `y` is outside [0, 1].

    Source: -log sigma(s) = log(1 + e^-s). Derived in lesson 01.
    """
    s, y = np.broadcast_arrays(_as_numbers("s", s), _as_probabilities("y", y))
    with np.errstate(invalid="ignore"):  # 0 times infinity: the branch that does not count
        if_one = np.where(y > 0, y * softplus(-s), 0.0)
        return if_one + np.where(y < 1, (1 - y) * softplus(s), 0.0)


def bce_slope_in_probability(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return d BCE / dp = (p - y) / (p (1 - p)), nats per unit of probability.

    Args:
        p: predicted probability, strictly between 0 and 1, any shape.
        y: label in [0, 1], broadcast with `p`.

    Raises:
        ValueError: `p` is not strictly between 0 and 1, or `y` is outside [0, 1].

    Source: derivative of `bce_from_probability`. Lesson 01.
    """
    p, y = _as_probabilities("p", p), _as_probabilities("y", y)
    if p.size and (p.min() == 0 or p.max() == 1):
        raise ValueError("p holds a 0 or a 1, where the slope is infinite; use 0 < p < 1")
    return (p - y) / (p * (1 - p))


def bce_slope_in_logit(s: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return d BCE / ds = sigma(s) - y, nats per unit of logit: never larger than 1.

    Args:
        s: logit, any shape.
        y: label in [0, 1], broadcast with `s`.

    Raises:
        ValueError: `s` holds a NaN, or `y` is outside [0, 1].

    Source: the slope in p times the sigmoid's own slope p (1 - p). Lesson 01.
    """
    return sigmoid(s) - _as_probabilities("y", y)
