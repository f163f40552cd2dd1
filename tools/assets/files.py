"""Where the files go that ship: in the rooms' folders of assets, each with its checksum."""

import hashlib
import io
from pathlib import Path

import numpy as np

import gan_lesson


class Assets:
    """The folders of assets of a package.

    Args:
        package: its folder; the installed `gan_lesson` if left out.
    """

    def __init__(self, package: Path = Path(gan_lesson.__file__).parent):
        self.package = package

    def folder(self, room: str = "") -> Path:
        """Return the folder of core (""), or of a lesson ("lesson_06")."""
        return self.package / (f"lessons/{room}/assets" if room else "assets")

    def write(self, name: str, content: bytes, room: str = "") -> int:
        """Write a file, and its checksum into the list beside it; return its bytes."""
        folder = self.folder(room)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        sums = folder / "SHA256SUMS"
        lines = sums.read_text("utf-8").splitlines() if sums.exists() else []
        rows = {line.split()[1]: line for line in lines}
        rows[name] = f"{hashlib.sha256(content).hexdigest()}  {name}"
        sums.write_text("".join(f"{rows[key]}\n" for key in sorted(rows)), encoding="utf-8")
        return len(content)

    def write_arrays(self, name: str, arrays: dict[str, np.ndarray], room: str = "") -> int:
        """Write arrays as one compressed file; return its bytes."""
        stored = io.BytesIO()
        np.savez_compressed(stored, **arrays)
        return self.write(name, stored.getvalue(), room)
