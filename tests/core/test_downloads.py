"""Data from outside: a server that is slow, refuses, breaks off, lies, or is well."""

import errno
import gzip
import hashlib
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from gan_lesson import data, downloads
from gan_lesson.data import load_fashion_mnist, load_mnist, tensor_to_images
from gan_lesson.downloads import NAMES, DownloadFailed, fetch_files

LOADERS = {"MNIST": load_mnist, "FashionMNIST": load_fashion_mnist}
TOO_SLOW = ("silent", "drips")  # the moods that only a clock tells from "well"


def small_files(seed: int = 0) -> dict[str, bytes]:
    """Return the four files of a set of 12 + 5 images in MNIST's format."""
    draw = np.random.default_rng(seed)
    files = {}
    for part, n in (("train", 12), ("t10k", 5)):
        header = np.array([2051, n, 28, 28], ">i4").tobytes()
        files[f"{part}-images-idx3-ubyte"] = header + draw.bytes(n * 784)
        header = np.array([2049, n], ">i4").tobytes()
        labels = draw.integers(0, 10, n).astype(np.uint8).tobytes()
        files[f"{part}-labels-idx1-ubyte"] = header + labels
    return files


FILES = small_files()


class Server:
    """Serves FILES as .gz on 127.0.0.1; `moods` says how it behaves at the next requests."""

    def __init__(self):
        self.moods: list[str] = []
        self.asked: list[str] = []
        self.stop = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.answer(self)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.http.server_port}/"

    def answer(self, request) -> None:
        name = request.path.rsplit("/", 1)[-1]
        self.asked.append(name)
        mood = self.moods.pop(0) if self.moods else "well"
        if mood.isdecimal():
            request.send_error(int(mood))
            return
        if mood == "silent":
            self.stop.wait(20)
            return
        body = gzip.compress(FILES[name.removesuffix(".gz")], 1, mtime=0)
        if mood == "wrong":
            body = gzip.compress(FILES[name.removesuffix(".gz")][:-1] + b"!", mtime=0)
        if mood == "not a .gz":
            body = b"<html>Please log in to the hotel's network</html>"
        request.send_response(200)
        if mood != "no length":
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if mood in ("cut off", "no length"):
            body = body[: len(body) // 2]
        if mood == "drips":
            for byte in body:
                request.wfile.write(bytes([byte]))
                request.wfile.flush()
                if self.stop.wait(0.1):
                    return
        request.wfile.write(body)

    def close(self) -> None:
        self.stop.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch):
    """Let MNIST and Fashion-MNIST come from here, in moments, and from nowhere else."""
    server = Server()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloads, "WAIT", 0.01)
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    for name in LOADERS:
        monkeypatch.setattr(getattr(torchvision.datasets, name), "mirrors", [server.address])
        monkeypatch.setitem(downloads.SHA256, name, sha256)
    yield server
    server.close()


def left_in(folder: Path) -> list[str]:
    """Return the names of all files below a folder."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def is_whole(digits: data.Digits) -> bool:
    """Tell whether these are the images and labels of FILES."""
    for part, images, labels in (("train", *digits.train), ("t10k", *digits.test)):
        if tensor_to_images(images).tobytes() != FILES[f"{part}-images-idx3-ubyte"][16:]:
            return False
        if bytes(labels.tolist()) != FILES[f"{part}-labels-idx1-ubyte"][8:]:
            return False
    return True


# --- a server that is well, now or later ------------------------------------------------------


@pytest.mark.parametrize("name", LOADERS)
def test_a_server_that_is_well_is_asked_once_for_each_file(server, tmp_path, name):
    assert is_whole(LOADERS[name](tmp_path / "new" / "folder", download=True))
    assert server.asked == [f"{name}.gz" for name in NAMES]
    assert left_in(tmp_path) == sorted(NAMES)
    assert is_whole(LOADERS[name](tmp_path / "new" / "folder", download=True))
    assert is_whole(LOADERS[name](tmp_path / "new" / "folder"))
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "mood", ["503", "500", "429", "cut off", "no length", "wrong", "not a .gz", "silent", "drips"]
)
def test_what_fails_at_first_is_tried_again(server, tmp_path, monkeypatch, mood):
    if mood in TOO_SLOW:  # a busy machine may be too slow for a second as well, and ask again
        monkeypatch.setattr(downloads, "TIMEOUT", 1.0)
        monkeypatch.setattr(downloads, "TRIES", 8)
    server.moods = ["well", mood, mood]
    assert is_whole(load_fashion_mnist(tmp_path, download=True))
    assert server.moods == []
    assert len(server.asked) == 6 or (mood in TOO_SLOW and len(server.asked) > 6)
    assert left_in(tmp_path) == sorted(NAMES)


def test_a_second_mirror_steps_in(server, tmp_path, monkeypatch):
    broken = Server()
    broken.moods = ["403"] * 8
    mirrors = [broken.address, server.address]
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", mirrors)
    try:
        assert is_whole(load_mnist(tmp_path, download=True))
    finally:
        broken.close()
    assert len(broken.asked) == len(server.asked) == 4


def test_only_what_is_missing_or_damaged_is_fetched(server, tmp_path):
    load_mnist(tmp_path, download=True)
    raw = tmp_path / "MNIST" / "raw"
    (raw / NAMES[0]).write_bytes(FILES[NAMES[0]][:-100])  # what a broken-off copy leaves
    (raw / NAMES[3]).unlink()
    server.asked.clear()
    with pytest.raises(RuntimeError, match="download=True"):
        load_mnist(tmp_path)
    assert is_whole(load_mnist(tmp_path, download=True))
    assert server.asked == [f"{NAMES[0]}.gz", f"{NAMES[3]}.gz"]


def test_a_full_disk_is_not_blamed_on_the_server(server, tmp_path, monkeypatch):
    def write(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloads, "_in_time", lambda response, timeout: write())
    with pytest.raises(RuntimeError, match="No space left on device.*Make room") as told:
        load_mnist(tmp_path, download=True)
    assert len(server.asked) == 1 and "Try again later" not in str(told.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --- a server that stays ill: one clear error, no half file ------------------------------------


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize(
    ("mood", "told"),
    [
        ("503", "answered 503"),
        ("404", "answered 404"),
        ("cut off", "stopped after"),
        ("no length", "no whole .gz"),
        ("wrong", "wrong checksum"),
        ("not a .gz", "no whole .gz"),
        ("silent", "no answer within 1 s"),
        ("drips", "sent only"),
    ],
)
def test_one_error_says_what_happened_and_what_works_offline(
    server, tmp_path, monkeypatch, name, mood, told
):
    monkeypatch.setattr(downloads, "TRIES", 2)
    server.moods = ["well"] + [mood] * 100
    if mood in TOO_SLOW:  # no good answer is on this clock: the first file is there already
        monkeypatch.setattr(downloads, "TIMEOUT", 1.0)
        raw = tmp_path / "data" / name / "raw"
        raw.mkdir(parents=True)
        (raw / NAMES[0]).write_bytes(FILES[NAMES[0]])
        server.asked.append(f"{server.moods.pop(0)}, before")
    with pytest.raises(RuntimeError) as caught:
        LOADERS[name](tmp_path / "data", download=True)
    message = str(caught.value)
    for words in (name, told, server.address, NAMES[1], "load_digits()", "no network"):
        assert words in message
    assert message.count("could not be fetched") == 1
    assert left_in(tmp_path) == [NAMES[0]]  # the one that came whole
    assert len(server.asked) == (2 if mood == "404" else 3)  # a 404 is not asked twice
    assert len(data.load_digits().train.images) == 10_000  # the alternative does work


def test_no_folder_is_left_where_nothing_came(server, tmp_path):
    server.moods = ["404"] * 4
    with pytest.raises(RuntimeError):
        load_mnist(tmp_path / "a" / "b", download=True)
    assert list(tmp_path.iterdir()) == []


def test_no_server_at_all(server, tmp_path):
    server.close()
    with pytest.raises(RuntimeError, match=r"refused.*load_digits\(\)"):
        load_mnist(tmp_path, download=True)
    assert left_in(tmp_path) == []


def test_an_interrupt_leaves_no_half_file(server, tmp_path, monkeypatch):
    def interrupted(response, timeout):
        yield response.read1(100)
        raise KeyboardInterrupt

    monkeypatch.setattr(downloads, "_in_time", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_mnist(tmp_path / "data", download=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_never_ends_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "LARGEST", 1000)
    with pytest.raises(RuntimeError, match="more than 1,000 bytes"):
        load_mnist(tmp_path, download=True)
    assert left_in(tmp_path) == []


def test_without_download_no_server_is_asked(server, tmp_path):
    with pytest.raises(RuntimeError, match=r"download=True.*load_digits\(\)"):
        load_fashion_mnist(tmp_path)
    assert server.asked == []
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(ValueError, match="a file; it must be a folder"):
        load_fashion_mnist(file, download=True)


def test_a_folder_that_cannot_be_written_to_is_named(server, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(downloads.tempfile, "NamedTemporaryFile", refuse)
    with pytest.raises(RuntimeError, match="Permission denied"):
        load_mnist(tmp_path, download=True)


# --- what counts as right -----------------------------------------------------------------------


def test_packed_files_that_lie_there_are_unpacked_without_a_network(server, tmp_path):
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in FILES.items():
        (raw / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    assert is_whole(load_fashion_mnist(tmp_path))
    assert server.asked == []
    (raw / NAMES[0]).unlink()
    (raw / f"{NAMES[0]}.gz").write_bytes(gzip.compress(b"another file", mtime=0))
    with pytest.raises(RuntimeError, match="download=True"):
        load_fashion_mnist(tmp_path)


def test_the_md5_that_a_publisher_states_is_enough(server, tmp_path):
    name = NAMES[1]
    packed = gzip.compress(FILES[name], 1, mtime=0)  # as the server packs it
    published = {f"{name}.gz": hashlib.md5(packed, usedforsecurity=False).hexdigest()}
    fetch_files(tmp_path, {name: "0" * 64}, [server.address], published)
    assert (tmp_path / name).read_bytes() == FILES[name]
    with pytest.raises(DownloadFailed, match="wrong checksum"):
        fetch_files(tmp_path / "b", {name: "0" * 64}, [server.address], wait=0.01, tries=2)


def test_waits_grow_between_the_rounds(server, tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr(downloads.time, "sleep", waits.append)
    server.moods = ["503"] * 4
    with pytest.raises(DownloadFailed):
        fetch_files(tmp_path, {NAMES[0]: "0" * 64}, [server.address], wait=1.5, tries=4)
    assert waits == [1.5, 3.0, 6.0]


def test_a_large_file_shows_its_progress(server, tmp_path, monkeypatch, capfd):
    big = os.urandom(3_000_000)
    monkeypatch.setitem(FILES, "big", big)
    files = {"big": hashlib.sha256(big).hexdigest()}
    fetch_files(tmp_path / "a", files, [server.address])
    assert "big.gz" in capfd.readouterr().err
    fetch_files(tmp_path / "b", files, [server.address], progress=False)
    assert capfd.readouterr().err == ""
    assert (tmp_path / "a" / "big").read_bytes() == big


# --- the real files, where a system package or an earlier download put them --------------------

DEBIAN = "usr/share/datasets/fashion-mnist"
PLACES = [Path("/") / DEBIAN] + [Path(p) for p in [os.environ.get("FASHION_MNIST", "")] if p]


@pytest.mark.parametrize("how", ["unpacked in place", "served"])
def test_fashion_mnist_as_debian_packs_it(tmp_path, monkeypatch, how):
    place = next((p for p in PLACES if (p / f"{NAMES[0]}.gz").exists()), None)
    if place is None:
        pytest.skip("needs Debian's package dataset-fashion-mnist (or FASHION_MNIST=its folder)")
    if how == "served":
        server = Server()
        for name in NAMES:
            monkeypatch.setitem(FILES, name, gzip.decompress((place / f"{name}.gz").read_bytes()))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [server.address])
        train, test = load_fashion_mnist(tmp_path, download=True)
        server.close()
    else:
        raw = tmp_path / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        for name in NAMES:
            (raw / f"{name}.gz").symlink_to(place / f"{name}.gz")
        train, test = load_fashion_mnist(tmp_path)
    assert train.images.shape == (60_000, 1, 28, 28) and test.images.shape == (10_000, 1, 28, 28)
    assert torch.bincount(train.labels).tolist() == [6000] * 10
    assert torch.bincount(test.labels).tolist() == [1000] * 10
    assert train.labels[0] == 9  # an ankle boot
    assert (train.images.min(), train.images.max()) == (-1, 1)
    assert (train.images.mean().item() + 1) / 2 == pytest.approx(0.2860, abs=5e-5)  # known mean
