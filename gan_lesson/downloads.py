"""Fetch a data set's files: with retry, time-out, checksum and progress, and never half a file.

A file is written beside its place under another name, checked, and only then renamed, so
what has the right name is whole. What ends early (a server that stops, a wrong checksum, an
interrupt) is removed. `gan_lesson.data` uses it; nothing here runs without download=True.

pooch does not take its place, because most of this would stay beside it: pooch 1.9 waits for ever
for a server that drips, fetches a file of any size, asks again after a 404, knows one address for
a file, and checks the .gz, whose checksum changes when somebody packs it anew, not its content.
"""

import errno
import gzip
import hashlib
import http.client
import math
import os
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

TIMEOUT = 20.0  # seconds without news from a server, or with next to none
TRIES = 4
WAIT = 1.0  # seconds before the second try, doubled each time
SLOWEST = 1000.0  # bytes a second; less over a whole TIMEOUT counts as no answer
LARGEST = 200_000_000  # bytes of an unpacked file; the largest known one has 47,040,016
CHUNK = 1 << 16
NO_ROOM = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG")} - {None}

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
# sha256 of the unpacked files: whoever packs them again changes the .gz, but not these.
SHA256 = {
    "MNIST": dict(
        zip(
            NAMES,
            (
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
            strict=True,
        )
    ),
    "FashionMNIST": dict(
        zip(
            NAMES,
            (
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
            strict=True,
        )
    ),
}


class DownloadFailed(RuntimeError):
    """A file could not be fetched; the message says what was tried and what happened."""


class _GiveUp(Exception):
    """What a server did wrong; `again` tells whether asking it once more could help."""

    def __init__(self, what: str, again: bool = True):
        super().__init__(what)
        self.again = again


def fetch_files(
    folder: Path,
    files: Mapping[str, str],
    mirrors: Sequence[str],
    published_md5: Mapping[str, str] | None = None,
    *,
    timeout: float | None = None,
    tries: int | None = None,
    wait: float | None = None,
    progress: bool = True,
) -> None:
    """Make sure that `folder` holds every file, fetching what is missing or not right.

    A file that lies there packed as .gz is unpacked instead of fetched.

    Args:
        folder: where the unpacked files belong; made if missing.
        files: name of each unpacked file -> its sha256, 64 hexadecimal digits.
        mirrors: addresses to ask in turn, each ending in "/"; a file is name + ".gz" there.
        published_md5: name of the .gz -> the md5 its publisher states; a .gz that has it is
            taken even if its content is not the one in `files`.
        timeout: seconds a server may leave us without an answer, or with less than
            1,000 bytes a second; `TIMEOUT` if left out.
        tries: rounds through the mirrors; `TRIES` if left out.
        wait: seconds before the second round, doubled for each further one; `WAIT` if left out.
        progress: show a bar for each file above one megabyte.

    Raises:
        DownloadFailed: a file could not be fetched from any mirror; no part of it is left.
        OSError: the folder cannot be written to, or the disk is full.
    """
    options = (
        TIMEOUT if timeout is None else timeout,
        TRIES if tries is None else tries,
        WAIT if wait is None else wait,
    )
    with _made(folder):
        for name, sha256 in files.items():
            place = folder / name
            if place.is_file() and _sha256_of(place) == sha256:
                continue
            if not unpack_if_packed(folder, name, sha256):
                md5 = (published_md5 or {}).get(f"{name}.gz")
                _fetch(place, sha256, md5, mirrors, *options, progress)


def unpack_if_packed(folder: Path, name: str, sha256: str) -> bool:
    """Unpack folder/name.gz to folder/name if it is there and whole; tell whether it was."""
    packed = folder / f"{name}.gz"
    if not packed.is_file():
        return False
    try:
        with open(packed, "rb") as file:
            _unpack(file, folder / name, lambda found: found == sha256)
    except _GiveUp:
        return False
    return True


def _fetch(place, sha256, md5, mirrors, timeout, tries, wait, progress) -> None:
    """Fetch one file to `place`, asking every mirror in turn, several rounds."""
    failures: dict[str, str] = {}
    left = list(mirrors)
    for attempt in range(tries):
        if attempt and left:
            time.sleep(wait * 2 ** (attempt - 1))
        for mirror in list(left):
            address = f"{mirror}{place.name}.gz"
            try:
                with _partial(place.parent) as packed:
                    found = _receive(address, packed, timeout, progress)
                    packed.seek(0)
                    published = md5 is not None and found == md5
                    _unpack(packed, place, lambda content, ok=published: ok or content == sha256)
                return
            except _GiveUp as error:
                failures[address] = str(error)
                if not error.again:
                    left.remove(mirror)
    told = "; ".join(f"{address}: {what}" for address, what in failures.items())
    raise DownloadFailed(f"{place.name} could not be fetched, no part of it was kept ({told})")


def _receive(address: str, out: BinaryIO, timeout: float, progress: bool) -> str:
    """Write what the address serves to `out`; return its md5.

    Raises:
        _GiveUp: the server did not answer well.
    """
    md5 = hashlib.md5(usedforsecurity=False)  # the publishers' own check; ours is sha256
    received = 0
    try:
        with urllib.request.urlopen(address, timeout=timeout) as response:
            length = response.headers.get("Content-Length")
            expected = int(length) if length and length.isdecimal() else None
            with _bar(address, expected, progress) as advance:
                for chunk in _in_time(response, timeout):
                    out.write(chunk)
                    md5.update(chunk)
                    received += len(chunk)
                    advance(len(chunk))
                    if received > LARGEST:
                        raise _GiveUp(f"sent more than {LARGEST:,} bytes", again=False)
    except urllib.error.HTTPError as error:
        error.close()
        # 4xx will be said again, but for "too slow" and "too many"
        again = error.code >= 500 or error.code in (408, 429)
        raise _GiveUp(f"answered {error.code} {error.reason}", again) from None
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "errno", None) in NO_ROOM:  # no server's fault
            raise
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            reason = f"no answer within {timeout:g} s"
        raise _GiveUp(str(reason) or type(error).__name__) from None
    if expected is not None and received != expected:
        raise _GiveUp(f"stopped after {received:,} of {expected:,} bytes")
    return md5.hexdigest()


def _in_time(response, timeout: float) -> Iterator[bytes]:
    """Yield what arrives, as it arrives, unless too little does for `timeout` seconds."""
    since, some = time.monotonic(), 0
    while chunk := response.read1(CHUNK):
        yield chunk
        some += len(chunk)
        now = time.monotonic()
        if now - since >= timeout:
            if some < SLOWEST * (now - since):
                raise _GiveUp(f"sent only {some:,} bytes in {now - since:.0f} s")
            since, some = now, 0


def _unpack(packed: BinaryIO, place: Path, is_right: Callable[[str], bool]) -> None:
    """Unpack a .gz to `place`, whole and right or not at all.

    Raises:
        _GiveUp: it is no whole .gz, or its content is not right.
    """
    with _partial(place.parent) as unpacked:
        content, size = hashlib.sha256(), 0
        try:
            with gzip.open(packed, "rb") as file:
                while chunk := file.read(CHUNK):
                    size += len(chunk)
                    if size > LARGEST:
                        raise _GiveUp(f"unpacks to more than {LARGEST:,} bytes", again=False)
                    content.update(chunk)
                    unpacked.write(chunk)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise _GiveUp("sent no whole .gz file") from None
        if not is_right(content.hexdigest()):
            raise _GiveUp(f"wrong checksum, sha256 {content.hexdigest()[:12]}…")
        unpacked.close()
        os.chmod(unpacked.name, 0o644)
        os.replace(unpacked.name, place)


@contextmanager
def _partial(folder: Path) -> Iterator[BinaryIO]:
    """Yield a new file in `folder` under a name of its own, gone after the block unless renamed."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".partial-", delete=False) as file:
        try:
            yield file
        finally:
            file.close()
            Path(file.name).unlink(missing_ok=True)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make `folder`; if the block fails, take away again what was made and is still empty."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in new:
            try:
                path.rmdir()
            except OSError:
                break
        raise


@contextmanager
def _bar(address: str, expected: int | None, progress: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the bytes that came; it moves a bar for large files."""
    if not progress or (expected or 0) < 1_000_000:
        yield lambda n: None
        return
    from tqdm import tqdm

    name = address.rsplit("/", 1)[-1]
    with tqdm(total=expected, unit="B", unit_scale=True, desc=name, leave=False) as bar:
        yield bar.update


def _sha256_of(path: Path) -> str:
    content = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            content.update(chunk)
    return content.hexdigest()


def what_is_wrong_with_idx(path: Path) -> str:
    """Return why a file is no whole IDX file of bytes, in a few words; nothing if it is one.

    Its head says that it holds bytes, in how many dimensions, and the length of each.
    """
    with open(path, "rb") as file:
        head = file.read(16)
    if len(head) < 4 or head[:3] != b"\x00\x00\x08" or not 1 <= head[3] <= 3:
        return f"it is not an IDX file, its first bytes are {head[:4]!r}"
    dimensions = head[3]
    if len(head) < 4 + 4 * dimensions:
        return "it ends within its head"
    lengths = [int.from_bytes(head[4 + 4 * i : 8 + 4 * i], "big") for i in range(dimensions)]
    expected, found = 4 + 4 * dimensions + math.prod(lengths), path.stat().st_size
    return "" if found == expected else f"it has {found:,} bytes, and its head says {expected:,}"
