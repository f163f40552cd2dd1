"""Schedules: functions of a run's progress, from 0 to 1, that multiply a setting."""

from collections.abc import Callable

SCHEDULED = {  # what a schedule may be named after, and the settings it multiplies
    "lr": ("lr_d", "lr_g"),
    "lr_d": ("lr_d",),
    "lr_g": ("lr_g",),
    "r1_gamma": ("r1_gamma",),
    "r2_gamma": ("r2_gamma",),
    "batch_size": ("batch_size",),
}


def fall_to_zero(progress: float) -> float:
    """Return a straight fall from 1 at the start of the run to 0 at its end."""
    return 1.0 - progress


def geometric_fall(to: float, start: float, end: float) -> Callable[[float], float]:
    """Return a schedule: 1 until `start`, then by equal ratios down to `to` at `end`, then `to`.

    Args:
        to: the last factor, positive.
        start: progress at which the fall begins, from 0 to 1.
        end: progress at which it is over, after `start`.

    Raises:
        ValueError: a number is out of range.
    """
    if not (to > 0 and 0 <= start < end <= 1):
        raise ValueError(f"to is {to}, start {start}, end {end}; 0 < to, 0 <= start < end <= 1")

    def factor(progress: float) -> float:
        return to ** min(1.0, max(0.0, (progress - start) / (end - start)))

    return factor


def doubling_at(*moments: float) -> Callable[[float], float]:
    """Return a schedule for batches: 1 at first, twice as much after each of the moments.

    Many cheap steps at first; later, when they no longer pay, fewer with less noise.

    Args:
        moments: progress, between 0 and 1, at which a batch doubles.
    """
    return lambda progress: 2.0 ** sum(progress >= moment for moment in moments)
