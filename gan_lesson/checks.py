"""What an argument must be: each check says in one sentence what it was and what it may be.

`positive("sd", -1.0)` raises ValueError: "sd is -1.0; it must be positive and finite". What may
pass, passes in silence; `numbers`, `finite` and `probabilities` return it as an array of floats.
NumPy only: an array or a tensor is asked for its own shape, and torch is never loaded.
"""

import math
from collections.abc import Collection
from functools import cache
from numbers import Integral
from pathlib import Path
from types import EllipsisType

import numpy as np
from numpy.typing import ArrayLike


def count(name: str, value: int, least: int = 1, most: int | None = None) -> None:
    """Raise ValueError for what is no integer, or one below `least` or above `most`."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        if least <= value and (most is None or value <= most):
            return
    wanted = f">= {least}" if most is None else f"from {least} to {most}"
    raise ValueError(f"{name} is {value!r}; it must be an integer {wanted}")


def ending(name: str, path: Path) -> None:
    """Raise ValueError for a file to draw to whose name does not say in which format."""
    if not path.suffix:
        raise ValueError(f"{name} is {str(path)!r}; give it an ending, such as {path.name}.png")


def positive(name: str, value: float) -> None:
    """Raise ValueError for a number that is not above 0, infinite or NaN."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name} is {value}; it must be positive and finite")


def not_negative(name: str, value: float) -> None:
    """Raise ValueError for a number that is below 0, infinite or NaN."""
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} is {value}; it must be at least 0 and finite")


def between(name: str, value: float, low: float, high: float) -> None:
    """Raise ValueError for a number that is not strictly between two others."""
    if not low < value < high:
        raise ValueError(f"{name} is {value}; it must lie strictly between {low} and {high}")


def one_of(name: str, value: str, known: Collection[str]) -> None:
    """Raise ValueError for a word that is not among those known; the message lists them."""
    *others, last = map(repr, known)
    if value not in tuple(known):
        wanted = f"{', '.join(others)} or {last}" if others else last
        raise ValueError(f"{name} is {value!r}; it must be {wanted}")


def numbers(name: str, value: ArrayLike) -> np.ndarray:
    """Return an array of floats, any shape; raise ValueError where it holds a NaN."""
    array = np.asarray(value, dtype=float)
    if np.isnan(array).any():
        raise ValueError(f"{name} holds a NaN; it must hold numbers only")
    return array


def finite(name: str, value: ArrayLike) -> np.ndarray:
    """Return an array of floats, any shape; raise ValueError where it is infinite or NaN."""
    array = np.asarray(value, dtype=float)
    all_finite(name, array)
    return array


def all_finite(name: str, array) -> None:
    """Raise ValueError for an array or a tensor of which a number is infinite or NaN."""
    if hasattr(array, "isfinite") and bool(array.sum().isfinite()):
        return  # a third of the time, which counts with large pictures; overflow is looked into
    if not bool((array.isfinite() if hasattr(array, "isfinite") else np.isfinite(array)).all()):
        raise ValueError(f"{name} holds NaN or infinite numbers; every one must be finite")


def probabilities(name: str, value: ArrayLike) -> np.ndarray:
    """Return an array of floats, any shape; raise ValueError where one is outside [0, 1]."""
    array = numbers(name, value)
    if array.size and (array.min() < 0 or array.max() > 1):
        raise ValueError(
            f"{name} goes from {array.min():g} to {array.max():g}; "
            "it must lie between 0 and 1 (is it a logit?)"
        )
    return array


def shape(name: str, array, *wanted: int | str | EllipsisType, least: int = 0) -> None:
    """Raise ValueError for an array or a tensor of another shape than the one wanted.

    Worked by hand: shape("x", x, "n", 28, 28, least=1) asks for one image or more;
    shape("kernel", kernel, "k", "k") for a square; shape("x", x, "n", ...) for rows of any kind.

    Args:
        name: how the caller calls it.
        array: whatever has a `shape`.
        wanted: for each axis its length, or a letter: equal letters are equal lengths, of 1 or
            more. A `...` at the end stands for one axis or several, whatever they are.
        least: how long the first axis must be; it may be 0 where nothing is said.
    """
    found = tuple(array.shape)
    if not _fits(found, wanted, least):
        told = ", ".join("..." if axis is ... else str(axis) for axis in wanted)
        told = f"({told},)" if len(wanted) == 1 else f"({told})"
        told += f" with {wanted[0]} >= {least}" if least else ""
        raise ValueError(f"{name} has shape {found}; it must be {told}")


@cache  # a loss is asked in each step, of the same few shapes
def _fits(found: tuple[int, ...], wanted: tuple, least: int) -> bool:
    axes = wanted[:-1] if wanted[-1] is ... else wanted
    if len(found) < len(wanted) or (len(found) > len(axes) and axes is wanted):
        return False
    length_of = {}
    for place, (axis, length) in enumerate(zip(axes, found, strict=False)):
        if isinstance(axis, str) and length < (1 if place else least):
            return False
        if length != (length_of.setdefault(axis, length) if isinstance(axis, str) else axis):
            return False
    return True


def not_empty(name: str, value: ArrayLike) -> None:
    """Raise ValueError for an array, of any shape, that holds nothing."""
    if np.size(value) == 0:
        raise ValueError(f"{name} is empty; it must hold at least one number")


def same_shape(name_a: str, a, name_b: str, b) -> None:
    """Raise ValueError for two arrays or tensors of different shapes."""
    if a.shape != b.shape:
        raise ValueError(
            f"{name_a} and {name_b} have shapes {tuple(a.shape)} and {tuple(b.shape)}; "
            "they must agree"
        )


def folder(name: str, path: Path) -> None:
    """Raise ValueError for a path that is there and no folder."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{name} is {str(path)!r}, a file; it must be a folder")
