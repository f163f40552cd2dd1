"""Files that ship with the package, checked when they are read; their terms are in NOTICE.md."""

import hashlib
from importlib.resources import files


def read_asset(name: str, sha256: str) -> bytes:
    """Return the bytes of a file that ships with the package, checked against its sha256.

    Raises:
        FileNotFoundError: the file is missing from the installation.
        ValueError: its content is not what was released.
    """
    path = files("gan_lesson").joinpath("assets", name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileNotFoundError(
            f"{name} is missing from gan_lesson/assets; install the package again"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{name} is damaged: its sha256 is {found[:12]}…, it should be {sha256[:12]}…; "
            "install the package again"
        )
    return content
