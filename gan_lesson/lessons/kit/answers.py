"""The answers that a learner has locked in, and their export."""

import csv
import io
from pathlib import Path

from gan_lesson.saving import write_whole

COLUMNS = ("name", "kind", "question", "answer", "sure", "truth", "right", "distance", "log_loss")


locked: dict[tuple[str, str, str], dict] = {}


def answers() -> list[dict]:
    """Return a row for each answer locked in since the kernel started, oldest first.

    A row has the keys `COLUMNS`; `truth`, `right`, `distance` (in the question's unit) and
    `log_loss` (nats) are None until the answer is revealed, or where they do not apply.
    """
    return [dict(row) for row in locked.values()]


def export_answers(path: str | Path) -> Path:
    """Write `answers()` as CSV, a header and one line an answer; return the path.

    The five numbers of a curve stand in one field, separated by spaces.

    Raises:
        OSError: the file cannot be written; one that was there before is as it was.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in answers():
        writer.writerow({key: _field(value) for key, value in row.items()})
    return write_whole(path, text.getvalue())


def forget(name: str | None = None) -> None:
    """Forget the locked answers called `name`, or all of them: for the next learner."""
    for key in list(locked):
        if name in (None, key[0]):
            del locked[key]


def _field(value):
    return " ".join(f"{number:g}" for number in value) if isinstance(value, list) else value
