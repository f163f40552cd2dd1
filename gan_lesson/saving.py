"""Write a file whole or not at all, and say in one sentence why it could not be written.

What a learner exported before stays as it was if the disk is full, the folder is read-only or
somebody presses stop: the new file is written beside the old one and only then renamed.
"""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a block another file to write, which takes the place of `path` once it is whole.

        with whole("answers.csv") as partial:
            partial.write_text("p,y")     # a new file in the same folder
        # now it is answers.csv; had the block failed, the old answers.csv would still be there

    The new file's name has the same ending, and if the block fails the file is deleted.

    Raises:
        OSError: it cannot be written; the message names `path`, the reason and a way out.
    """
    path = Path(path)
    # a name of one's own: two notebooks may write the same file at once
    partial = path.with_name(f".partial-{uuid.uuid4().hex[:12]}-{path.name}")
    try:
        yield partial
        os.replace(partial, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(
            error.errno or 0,
            f"{path.name} could not be written ({reason}); a file of that name, if there was "
            "one, is as it was. Make room, or give a path in another folder",
            str(path),
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def write_whole(path: str | Path, text: str) -> Path:
    """Write `text` as UTF-8, with its line ends as they are, whole or not at all.

    Returns:
        The path.

    Raises:
        OSError: as `whole`.
    """
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")
    return Path(path)
