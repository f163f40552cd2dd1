"""Checkpoints: the state of a run in one safetensors file, for another process to go on from.

    write_checkpoint(trainer, "checkpoint.safetensors", {"seed": 0})
    read_checkpoint(trainer, "checkpoint.safetensors", {"seed": 0})    # in a new process

The file is written whole or not at all, holds no pickle, and restores the run bit for bit:
networks, optimisers, random numbers, history.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from gan_lesson.saving import whole
from gan_lesson.snapshots import Snapshot, put_back, taken

NETS = ("G", "D", "G_ema")
OPTIMIZERS = ("optimizer_g", "optimizer_d")
COUNTS = ("d_count", "after_a_run")
ABOUT = "gan_lesson"  # the one entry of the file's own description, as JSON


def write_checkpoint(trainer, path: str | Path, settings: Mapping[str, object] | None = None):
    """Write the present state of a trainer; a file of that name stays until the new one is whole.

    Args:
        trainer: a `gan_lesson.trainer.Trainer`, on any device.
        path: the file.
        settings: what the run was started with; `read_checkpoint` compares it.

    Returns:
        The path.

    Raises:
        OSError: it cannot be written.
        ValueError: the trainer's turn goes on from gradients, which the file does not hold.
    """
    if trainer.turn.keep_gradients:
        raise ValueError("this turn goes on from gradients of the last one, which no file holds")
    kept, path = taken(trainer), Path(path)
    columns = [trainer.history[name] for name in trainer.history.columns]
    tensors = {"generator": kept.state["generator"], "history": torch.tensor(np.array(columns))}
    for name in NETS:
        tensors |= {f"{name}/{key}": value for key, value in kept.state[name].items()}
    for name in OPTIMIZERS:
        for i, own in kept.state[name]["state"].items():
            tensors |= {f"{name}/{i}/{key}": torch.as_tensor(v) for key, v in own.items()}
    about = {name: kept.state[name] for name in COUNTS}
    about |= {name: kept.state[name]["param_groups"] for name in OPTIMIZERS}
    about |= {"step": kept.step, "seconds": kept.seconds, "settings": dict(settings or {})}
    tensors = {name: t.cpu().contiguous() for name, t in tensors.items()}
    with whole(path) as partial:
        partial.write_bytes(save(tensors, {ABOUT: json.dumps(about)}))
    return path


def read_checkpoint(
    trainer, path: str | Path, settings: Mapping[str, object] | None = None
) -> None:
    """Bring a trainer made with the same settings into the state of a file.

    Args:
        trainer: a new trainer, of the same networks and optimisers.
        path: the file.
        settings: what this run is started with; compared with what the file says.

    Raises:
        ValueError: there is no such file, it is no checkpoint, or it is that of other settings,
            other columns or other networks; the trainer is as it was.
    """
    about, tensors = _content_of(Path(path))
    _compare(about["settings"], dict(settings or {}), path)
    if len(tensors["history"]) != len(trainer.history.columns):
        raise ValueError(f"the history in {path} has other columns; start without it")
    state = {name: about[name] for name in COUNTS} | {"gradients": []}
    state["generator"] = tensors["generator"]
    for name in NETS:
        state[name] = _below(tensors, name)
    for name in OPTIMIZERS:
        state[name] = _state_of(getattr(trainer, name), about[name], _below(tensors, name))
    put_back(trainer, Snapshot(about["step"], 0, about["seconds"], state, 0))
    trainer.history.extend(tensors["history"].numpy().T)
    trainer._lr_applied, trainer.diverged, trainer.snapshots = {}, None, []
    trainer.snapshot()


def _content_of(path: Path) -> tuple[dict, dict[str, Tensor]]:
    if not path.is_file():
        raise ValueError(f"there is no checkpoint {path}; start without it")
    try:
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {})[ABOUT])
            return about, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no whole checkpoint ({error}); start without it") from error


def _compare(then: dict, now: dict, path: str | Path) -> None:
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            raise ValueError(
                f"{path} is of a run whose {name} was {then.get(name)!r}, and now it is "
                f"{now.get(name)!r}; give the same settings, or start anew in another folder"
            )


def _below(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return the tensors of one network or optimiser, by the rest of their names."""
    start = f"{name}/"
    return {key[len(start) :]: t for key, t in tensors.items() if key.startswith(start)}


def _state_of(optimizer: torch.optim.Optimizer, groups: list, tensors: dict[str, Tensor]) -> dict:
    """Return an optimiser's state, its averages laid out in memory as the weights are.

    The fused step walks through both in the order of memory.
    """
    weights = [w for group in optimizer.param_groups for w in group["params"]]
    state: dict[int, dict] = {}
    for key, t in tensors.items():
        i, _, name = key.partition("/")
        w = weights[int(i)] if int(i) < len(weights) else None
        if w is not None and t.shape == w.shape:
            t = torch.empty_like(w, requires_grad=False).copy_(t)
        state.setdefault(int(i), {})[name] = t
    for group in groups:
        if "betas" in group:
            group["betas"] = tuple(group["betas"])
    return {"state": state, "param_groups": groups}
