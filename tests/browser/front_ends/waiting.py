"""Wait for something to become true, and say what was waited for in vain."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def wait_until(
    what: str, condition: Callable[[], Any], seconds: float = 60, every: float = 0.05
) -> Any:
    """Call `condition` until it is true, `every` so many seconds, and return what it gave.

    Raises:
        TimeoutError: naming `what`, when `seconds` have passed.
    """
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain: {what}")
        time.sleep(every)
