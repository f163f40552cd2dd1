"""States that a run can return to: how one is taken, put back, and which ones are kept."""

import copy
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor


class Snapshot(NamedTuple):
    """Everything a run needs to go on from `step` as if it had never stopped."""

    step: int
    rows: int
    seconds: float
    state: dict
    nbytes: int


_WITH_STATE = ("G", "D", "G_ema", "optimizer_g", "optimizer_d")


def taken(trainer) -> Snapshot:
    """Return the present state of a trainer, copied."""
    state = {name: getattr(trainer, name).state_dict() for name in _WITH_STATE}
    state |= {
        "generator": trainer.generator.get_state(),
        "d_count": trainer.d_count,
        "after_a_run": trainer.after_a_run,
        "gradients": gradients(trainer),
    }
    state = copy.deepcopy(state)
    nbytes = sum(t.numel() * t.element_size() for t in tensors_in(state))
    return Snapshot(trainer.step, len(trainer.history), trainer.seconds, state, nbytes)


def is_finite(trainer) -> bool:
    """Tell whether every weight of G and D is a finite number."""
    return all(bool(torch.isfinite(w).all()) for w in _weights(trainer))


def put_back(trainer, kept: Snapshot) -> None:
    """Bring a trainer into a kept state; where that cannot be done, leave it as it is.

    Raises:
        ValueError: the state is that of other networks, optimisers or another history.
    """
    present = taken(trainer)
    try:
        _load(trainer, kept)
    except Exception as error:
        _load(trainer, present)
        raise ValueError(
            f"the state kept for step {kept.step} does not fit this trainer any more, which stays "
            f"at step {trainer.step}: {error}"
        ) from error


def _load(trainer, kept: Snapshot) -> None:
    state = copy.deepcopy(kept.state)
    for name in _WITH_STATE:
        if name.startswith("optimizer"):
            _check_kind(name, getattr(trainer, name), state[name])
        getattr(trainer, name).load_state_dict(state[name])
    trainer.generator.set_state(state["generator"])
    trainer.d_count, trainer.after_a_run = state["d_count"], state["after_a_run"]
    set_gradients(trainer, state["gradients"])
    trainer.history.truncate(kept.rows)
    trainer.step, trainer.seconds = kept.step, kept.seconds


def _check_kind(name: str, optimizer: torch.optim.Optimizer, state: dict) -> None:
    """Refuse another optimiser's state, which torch takes and stumbles over in the next step."""
    known, kept = (set(o["param_groups"][0]) for o in (optimizer.state_dict(), state))
    if known != kept:
        raise ValueError(f"{name} was of another kind then")


def _weights(trainer) -> list[Tensor]:
    return [*trainer.G.parameters(), *trainer.D.parameters()]


def gradients(trainer) -> list[Tensor | None]:
    """Return the gradients that the next turn goes on from; none if it starts by clearing them."""
    return [w.grad for w in _weights(trainer)] if trainer.turn.keep_gradients else []


def set_gradients(trainer, kept: list[Tensor | None]) -> None:
    """Put back what `gradients` returned."""
    for w, gradient in zip(_weights(trainer), kept, strict=False):  # none if they are not kept
        w.grad = gradient


def thinned(
    kept: list[Snapshot], most: int, most_bytes: int, also_keep: int | None
) -> list[Snapshot]:
    """Return as many kept states as there is room for, so that the gaps grow with age.

    The first, the newest and that of step `also_keep` stay in any case.

    Args:
        kept: the states, in the order of their steps.
        most: how many there may be.
        most_bytes: memory that they may take together.
        also_keep: a step, or None.
    """
    kept = list(kept)
    while len(kept) > 2 and (len(kept) > most or sum(s.nbytes for s in kept) > most_bytes):
        newest = kept[-1].step
        crowding = {
            i: (kept[i + 1].step - kept[i - 1].step) / (newest - kept[i].step + 1)
            for i in range(1, len(kept) - 1)
            if kept[i].step != also_keep
        }
        if not crowding:
            break
        del kept[min(crowding, key=crowding.get)]
    return kept


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
