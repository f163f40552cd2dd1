"""Files that ship, checked when they are read: core's here, a lesson's in its own room.

Each folder `assets` lists its checksums in SHA256SUMS, as `sha256sum` writes and checks them.
The terms of all of them are in NOTICE.md, how they were made is in PROVENANCE.md.
"""

import hashlib
from importlib.resources import files


def read_asset(name: str, room: str = "gan_lesson") -> bytes:
    """Return the bytes of a file that ships with the package, checked against its sha256.

    Args:
        name: the file's.
        room: the package whose folder `assets` holds it, such as "gan_lesson.lessons.lesson_06".

    Raises:
        FileNotFoundError: the file or its list of checksums is missing from the installation.
        ValueError: its content is not what was released.
    """
    folder = files(room).joinpath("assets")
    try:
        content = folder.joinpath(name).read_bytes()
        listed = folder.joinpath("SHA256SUMS").read_text("utf-8")
    except OSError as error:
        raise FileNotFoundError(
            f"{name} is missing from {room}/assets; install the package again"
        ) from error
    wanted = {file: digest for digest, file in map(str.split, filter(None, listed.splitlines()))}
    if name not in wanted:
        raise ValueError(f"{name} is damaged or new: {room}/assets/SHA256SUMS does not list it")
    found = hashlib.sha256(content).hexdigest()
    if found != wanted[name]:
        raise ValueError(
            f"{name} is damaged: its sha256 is {found[:12]}…, it should be {wanted[name][:12]}…; "
            "install the package again"
        )
    return content
