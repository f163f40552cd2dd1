"""What shelters a step from its surroundings: interrupts wait, arithmetic is always the same."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch


@contextmanager
def interrupt_deferred() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C (or a notebook's stop button) back until the block ends.

    Yields a function that tells whether an interrupt has arrived; KeyboardInterrupt is
    raised after the block, also where the block itself fails. Outside the main thread, where
    Python delivers none, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    arrived: list[bool] = []
    previous = signal.signal(signal.SIGINT, lambda *_: arrived.append(True))
    try:
        yield lambda: bool(arrived)
    finally:
        signal.signal(signal.SIGINT, previous or signal.SIG_DFL)
        if arrived:
            raise KeyboardInterrupt


@contextmanager
def same_arithmetic(threads: int | None) -> Iterator[None]:
    """Compute alike on whichever thread a front end calls from.

    Numbers below 1e-38 are flushed to 0: processors handle them up to 100 times slower,
    and Adam's averages are full of them.

    Args:
        threads: torch threads to use inside the block; None leaves torch's setting alone.
    """
    before = torch.get_num_threads()
    flushed = float(torch.tensor(1e-40) * 1.0) == 0.0
    torch.set_flush_denormal(True)
    if threads is not None and threads != before:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushed)
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)
