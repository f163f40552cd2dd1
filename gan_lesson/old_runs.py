r"""Runs that are over: their numbers from a CSV, a table, printed lines or TensorBoard.

    from_csv("history.csv")                     # our own, with its conventions, or anybody's
    from_log("train.log")                       # lines such as "[D loss: 0.5] [G loss: 3.1]"
    from_log("out.txt", r"it (?P<step>\d+) .* D=(?P<loss_d>\S+) G=(?P<loss_g>\S+)")
    from_tensorboard("runs/1", {"Loss/critic": "loss_d"}, loss="wasserstein")

Columns are known by the names that common scripts give them (`USUAL_NAMES`); a number of another
name becomes a further column. Every reader takes the conventions of a `History` (loss, losses,
generator_loss), because a file of somebody else does not tell them.
"""

import contextlib
import csv
import io
import math
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gan_lesson.history import CONVENTION, History

# What each of our columns is called in public training scripts, small letters and digits only.
USUAL_NAMES = {
    "step": ("step", "steps", "iter", "iters", "iteration", "itr", "it", "globalstep", "i"),
    "seconds": ("seconds", "elapsed", "walltime"),
    "d_real": ("dx", "realscore", "scorereal", "doutreal", "dreal", "meanreal", "realprob"),
    "d_fake": ("dgz", "fakescore", "scorefake", "doutfake", "dfake", "meanfake", "fakeprob"),
    "loss_d": (
        "lossd", "dloss", "errd", "d", "disc", "discloss", "lossdisc", "discriminatorloss",
        "lossdiscriminator", "criticloss", "losscritic", "netdloss", "dtotalloss", "dtotal",
    ),
    "loss_g": (
        "lossg", "gloss", "errg", "g", "gen", "genloss", "lossgen", "generatorloss", "ggan",
        "lossgenerator", "netgloss", "gtotalloss", "gtotal", "advloss", "ganloss",
    ),
    "loss_d_real": ("lossdreal", "dlossreal", "errdreal", "dlossr"),
    "loss_d_fake": ("lossdfake", "dlossfake", "errdfake", "dlossf"),
    "penalty": ("penalty", "gp", "gradientpenalty", "r1", "r1penalty", "lossgp"),
}  # fmt: skip
GAME = ("d_real", "d_fake", "loss_d", "loss_g", "loss_d_real", "loss_d_fake")
_COLUMN_OF = {usual: name for name, all_of in USUAL_NAMES.items() for usual in all_of}
_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf|NaN|Infinity)"
_PAIR = re.compile(
    rf"(?P<name>[A-Za-z][A-Za-z0-9_./ ]*?(?:\([A-Za-z()]*\))*)\s*[:=]\s*(?P<value>{_NUMBER})"
)
_STEP = re.compile(r"\b(?:step|iter|iteration)\b[:=# ]*(\d+)", re.I)
_NOT_OURS = {"time", "data", "eta", "epoch", "epochs", "lr"}


def column_of(name: str) -> str | None:
    """Return our column for a name that a script gives, such as "errD" or "D(G(z))", or None."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return name if name in _COLUMN_OF.values() else _COLUMN_OF.get(plain)


def as_history(run, **conventions) -> History:
    """Return a history of whatever holds one: itself, a table, a mapping, printed lines, a file.

    Raises:
        ValueError: no column of it is known.
    """
    if isinstance(run, History):
        return run
    if path := _path_of(run):
        if path.suffix.lower() in (".csv", ".tsv"):
            return from_csv(path, **conventions)
        return from_log(path, **conventions)
    if isinstance(run, str):
        return from_log(run, **conventions)
    return from_frame(run, **conventions)


def _path_of(run) -> Path | None:
    """Return the path that a run is given by; a text is one if it names a file."""
    if isinstance(run, str):
        with contextlib.suppress(OSError, ValueError):  # too long for a name, or holds a NUL
            return Path(run) if run and "\n" not in run and Path(run).is_file() else None
        return None
    return run if isinstance(run, Path) else None


def from_csv(path: str | Path, **conventions) -> History:
    """Read a CSV with a header line; one that `History.to_csv` wrote knows its conventions.

    An empty field is a gap.

    Raises:
        OSError: it cannot be read.
        ValueError: it has no row, or none of its columns is known.
    """
    text = Path(path).read_text("utf-8-sig")
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    if not rows:
        raise ValueError(f"{path} has no row below its header")
    columns = {name: [row[name] for row in rows] for name in rows[0] if name}
    return from_frame(columns, **conventions)


def from_frame(frame, **conventions) -> History:
    """Read a pandas DataFrame or a mapping from names to columns of equal length.

    pandas writes NaN for what is missing. So in a DataFrame NaN is a gap where another of D's
    answers and the losses has a number in the same row, and a number where none has: a run that
    diverged.

    Raises:
        ValueError: none of its columns is known, or their lengths differ.
    """
    columns = {str(name): list(frame[name]) for name in frame}
    if getattr(getattr(frame, "index", None), "name", None) == "step":
        columns = {"step": list(frame.index), **columns}
    said = conventions_in(frame, columns) | conventions
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        raise ValueError(f"the columns have {sorted(lengths)} rows; they must have the same number")
    rows = [
        {name: number(column[i]) for name, column in columns.items()} for i in range(lengths.pop())
    ]
    if hasattr(frame, "isna"):
        rows = [_without_missing(row) for row in rows]
    return _history_of(rows, said)


def _without_missing(row: dict) -> dict:
    """Return a row of a DataFrame with None for what is missing in it."""
    of_the_game = [v for n, v in row.items() if column_of(n) in GAME and v is not None]
    if not any(map(math.isfinite, of_the_game)):
        missing = {n for n, v in row.items() if column_of(n) not in GAME and v != v}
    else:
        missing = {n for n, v in row.items() if v != v}
    return {n: None if n in missing else v for n, v in row.items()}


def conventions_in(frame, columns: dict) -> dict:
    """Take the conventions out of what was read, if it says any."""
    said = dict(getattr(frame, "attrs", {}))
    told = columns.pop(CONVENTION, None)
    if told and isinstance(told[0], str) and len(words := told[0].split()) == 3:
        said |= dict(zip(("loss", "losses", "generator_loss"), words, strict=True))
    names = ("loss", "losses", "generator_loss")
    return {name: said[name] for name in names if name in said}


def from_log(log: str | Path, pattern: str | None = None, **conventions) -> History:
    r"""Read the lines that a training script printed.

    Args:
        log: the text, or the path of a file that holds it.
        pattern: a regular expression with named groups, such as (?P<loss_d>\S+). Without it
            every "name: number" and "name = number" of a line is read.
        conventions: of the `History`.

    Raises:
        OSError: the file cannot be read.
        ValueError: no line holds a number of a known name.
    """
    if path := _path_of(log):
        log = path.read_text("utf-8", errors="replace")
    rows = []
    for line in log.splitlines():
        row = _numbers_in(line, re.compile(pattern) if pattern else None)
        if any(column_of(name) not in (None, "step", "seconds") for name in row):
            rows.append(row)
    if not rows:
        is_a_name = len(log) < 200 and len(log.split()) == 1
        raise ValueError(
            (f"{log!r} is no file, and as a text " if is_a_name else "")
            + "no line holds a number of a known name, such as 'D loss: 0.5'; give a pattern with "
            r"named groups, such as r'd=(?P<loss_d>\S+) g=(?P<loss_g>\S+)'"
        )
    return _history_of(rows, conventions)


def _numbers_in(line: str, pattern: re.Pattern | None) -> dict[str, float | None]:
    """Return the numbers of one printed line by name; the first of two of the same name."""
    if pattern is not None:
        found = pattern.search(line)
        return {name: number(value) for name, value in (found.groupdict() if found else {}).items()}
    row: dict[str, float | None] = {}
    if step := _STEP.search(line):
        row["step"] = float(step[1])
    for match in _PAIR.finditer(line):
        name = match["name"].strip()
        words = name.split()
        # "Step 3 D loss: …": of the words before the colon the last ones that we know
        known = [" ".join(words[i:]) for i in range(len(words)) if column_of(" ".join(words[i:]))]
        name = known[0] if known else words[-1].rstrip("._/")
        row.setdefault(name, number(match["value"]))
    halves = {"D_real", "D_fake"} & row.keys()
    if halves and not {"D(x)", "D(G(z))"} & row.keys() and any("G_" in name for name in row):
        # pix2pix and its kin print D's two losses under these names
        row = {f"loss_{n.lower()}" if n in halves else n: v for n, v in row.items()}
    return {n: v for n, v in row.items() if n.lower() not in _NOT_OURS}


def from_tensorboard(
    folder: str | Path, names: Mapping[str, str] | None = None, **conventions
) -> History:
    """Read the scalars of a TensorBoard run; needs the package tensorboard.

    Args:
        folder: the run's folder, or one of its event files.
        names: {tag: our column}; without it, tags are known by their usual names.
        conventions: of the `History`.

    Raises:
        ImportError: tensorboard is not installed.
        ValueError: no tag is known, or the folder holds none.
    """
    try:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    except ImportError as error:
        raise ImportError("from_tensorboard needs tensorboard: pip install tensorboard") from error
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    rows: dict[int, dict] = {}
    tags = events.Tags()["scalars"]
    if not tags:
        raise ValueError(f"{folder} holds no scalars; give the folder of one run")
    for tag in tags:
        name = names.get(tag) if names is not None else known_part(tag)
        for event in events.Scalars(tag) if name else ():
            rows.setdefault(event.step, {"step": event.step})[name] = event.value
    if not rows:
        raise ValueError(f"no tag is known among {', '.join(tags)}; give names={{…}}")
    return _history_of([rows[step] for step in sorted(rows)], conventions)


def known_part(tag: str) -> str | None:
    """Return our column for a tag such as "Loss/D" or "train/d_loss"."""
    parts = tag.split("/")
    tails = ["_".join(parts[i:]) for i in range(len(parts))]
    return next(filter(None, map(column_of, tails)), None)


def _history_of(rows: list[dict], conventions: dict) -> History:
    """Make a history of rows {name: number or None}; steps that do not rise are counted anew."""
    known = {name: column_of(name) for row in rows for name in row}
    if not set(known.values()) - {None, "step", "seconds"}:
        raise ValueError(
            f"none of {', '.join(known) or 'no columns'} is known; rename them to d_real, d_fake, "
            "loss_d, loss_g"
        )
    history = History(**conventions)
    renamed = [{known[n] or n: value for n, value in row.items()} for row in rows]
    steps = [row.pop("step", None) for row in renamed]
    rising = all(
        a is not None and b is not None and a < b for a, b in zip(steps, steps[1:], strict=False)
    )
    for i, row in enumerate(renamed):
        numbers = {name: value for name, value in row.items() if value is not None}
        if not set(numbers) - {"seconds"}:
            continue
        step = int(steps[i]) if rising and steps[i] is not None else i + 1
        history.append(**{"seconds": math.nan, **numbers}, step=step)
    return history


def number(value) -> float | None:
    """Return a field as a number; None for an empty one and for what is no number."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return float(np.mean(value)) if not isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        return None
