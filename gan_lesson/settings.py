"""The settings of play: what each may be, and what a trainer refuses to be given."""

import difflib
import math
from collections.abc import Mapping

import numpy as np

from gan_lesson.losses import LOSSES
from gan_lesson.schedules import SCHEDULED
from gan_lesson.turns import Turn

_LARGEST_SEED = 2**63 - 2


def check_count(name: str, value: int) -> None:
    """Refuse what is not an integer of 1 or more, by a ValueError."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {value!r}; it must be an integer >= 1")


def check_seed(name: str, value: int) -> None:
    """Refuse what torch's generators do not take for a seed, by a ValueError."""
    if not isinstance(value, (int, np.integer)) or not 0 <= value <= _LARGEST_SEED:
        raise ValueError(f"{name} is {value!r}; it must be an integer from 0 to 2**63 - 2")


def _check_count_or_none(name: str, value: int | None) -> None:
    if value is not None:
        check_count(name, value)


def _check_not_negative(name: str, value: float) -> None:
    if not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError(f"{name} is {value!r}; it must be a number >= 0")


def _check_decay(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}; it must be at least 0 and below 1")


def _check_loss(name: str, value: str) -> None:
    if value not in tuple(LOSSES):
        raise ValueError(f"{name} is {value!r}; it must be one of {tuple(LOSSES)}")


def _check_flag(name: str, value: bool) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; it must be True or False")


def _check_schedules(name: str, schedules: Mapping) -> None:
    if not isinstance(schedules, Mapping):
        raise ValueError(f"{name} is {schedules!r}; it must be a dictionary of functions")
    for of, schedule in schedules.items():
        if of not in SCHEDULED:
            raise ValueError(f"{name} names {of!r}; it may name {tuple(SCHEDULED)}")
        if not callable(schedule):
            raise ValueError(f"{name}[{of!r}] is {schedule!r}; it must be a function")


def _check_turn(name: str, turn: Turn) -> None:
    if not isinstance(turn, Turn):
        raise ValueError(f"{name} is {turn!r}; it must be a gan_lesson.turns.Turn")


CHECKS = {
    "turn": _check_turn,
    "batch_size": check_count,
    "loss": _check_loss,
    "r1_gamma": _check_not_negative,
    "r2_gamma": _check_not_negative,
    "r1_every": check_count,
    "gp_weight": _check_not_negative,
    "clip_d": _check_not_negative,
    "d_steps": check_count,
    "simultaneous": _check_flag,
    "ema_decay": _check_decay,
    "lr_d": _check_not_negative,
    "lr_g": _check_not_negative,
    "schedules": _check_schedules,
    "n_steps": _check_count_or_none,
    "threads": _check_count_or_none,
}


def check_assignment(game, name: str, value) -> None:
    """Refuse a setting that is out of range, ignored by the game's turn, or misspelt.

    Raises:
        ValueError: it is one of these.
    """
    if name in CHECKS:
        CHECKS[name](name, value)
        if name == "turn":
            for ignored in value.ignores:
                if ignored in vars(game):
                    _check_honoured(value, ignored, getattr(game, ignored))
            _check_honoured(value, "schedules", vars(game).get("schedules", {}))
            if "loss" in vars(game):
                _check_game(game, value, game.loss)
        else:
            if name == "loss":
                _check_game(game, game.turn, value)
            _check_honoured(game.turn, name, value)
    elif game.complete and not (name.startswith("_") or _is_known(game, name)):
        if meant := _looks_like(name, type(game)):
            raise ValueError(
                f"{type(game).__name__} has no setting {name!r}; did you mean {' or '.join(meant)}?"
            )


def _check_game(game, turn: Turn, loss: str) -> None:
    """Refuse a game that the turn does not play, or whose curves would not go on with the old."""
    if loss not in turn.plays:
        raise ValueError(f"loss is {loss!r}, but this kind of turn plays only {turn.plays}")
    before, after = LOSSES[getattr(game, "loss", loss)].family, LOSSES[loss].family
    kept = any(snapshot.rows for snapshot in vars(game).get("snapshots", ()))
    if before != after and (len(game.history) or kept):
        raise ValueError(
            f"loss is {loss!r}, but this run's curves are of the {before} game; make a new trainer"
        )


def _check_honoured(turn: Turn, name: str, value) -> None:
    if name == "schedules":
        for of in value:
            if set(SCHEDULED[of]) & set(turn.ignores):
                raise ValueError(f"schedules names {of!r}, but {turn.why}; leave it out")
    elif name in turn.ignores and value != turn.ignores[name]:
        raise ValueError(f"{name} is {value!r}, but {turn.why}; leave it at {turn.ignores[name]!r}")


def _is_known(game, name: str) -> bool:
    return name in vars(game) or hasattr(type(game), name)


_SYNONYMS = {"lr": ("lr_d", "lr_g"), "rate": ("lr_d", "lr_g")}
_OTHERS = ("max_snapshots", "snapshot_bytes", "seconds_between_snapshots")
_WORDS = {"batch", "loss", "r1", "r2", "gamma", "steps", "simultaneous", "ema", "decay", "schedule"}


def _looks_like(name: str, kind: type) -> list[str]:
    """Return the settings that somebody who wrote `name` may have meant, the likeliest first."""
    own = [n for n in dir(kind) if getattr(getattr(kind, n), "fset", None)]
    known = [*own, *CHECKS, *_OTHERS]
    words = set(name.lower().split("_"))
    if len(words) > 1 or not words & {*_WORDS, *_SYNONYMS}:  # one word may stand for several
        if close := difflib.get_close_matches(name.lower(), known, cutoff=0.75):
            return close[:1]
    for word in words & set(_SYNONYMS) if words <= {*_SYNONYMS, "d", "g", "learning"} else ():
        return list(_SYNONYMS[word])
    if len(words) > 1 and not words <= {*_WORDS, "d", "g", "every", "size", "generator"}:
        return []  # a learner's own note, such as loss_curve
    return [each for each in known if words & set(each.split("_")) & _WORDS]
