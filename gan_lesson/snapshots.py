"""States that a run can return to."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from torch import Tensor


class Snapshot(NamedTuple):
    """Everything a run needs to go on from `step` as if it had never stopped."""

    step: int
    rows: int
    seconds: float
    state: dict
    nbytes: int


def tensors_in(state) -> Iterator[Tensor]:
    """Yield every tensor of a state, however deep it lies in dictionaries and lists."""
    if isinstance(state, Tensor):
        yield state
    elif isinstance(state, Mapping):
        for value in state.values():
            yield from tensors_in(value)
    elif isinstance(state, (list, tuple)):
        for value in state:
            yield from tensors_in(value)
