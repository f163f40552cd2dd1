"""The set-up cell of a lesson in something like Colab, and where no copy is set (15 s)."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import nbformat
import pytest
import stamp
from kernel import Kernel
from lesson_text import lessons_in

import gan_lesson

ROOT = Path(__file__).parents[2]


def set_up_cells(folder):
    """The first code cell of each lesson, in order."""
    paths = lessons_in(folder / "notebooks")
    lessons = [nbformat.read(path, as_version=4) for path in paths]
    return [next(c.source for c in lesson.cells if c.cell_type == "code") for lesson in lessons]


def wheel_of(name, folder):
    """Pack an installed package as the wheel it came as: what an index would serve."""
    package = distribution(name)
    path = folder / f"{name}-{package.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file in package.files:
            if "__pycache__" not in file.parts and ".." not in file.parts:
                wheel.write(file.locate(), str(file))
    return path


def git(*arguments, **options):
    subprocess.run(["git", *arguments], check=True, capture_output=True, **options)


class Colab:
    """A Python with Colab's pins and without the package, a git server, and a network switch."""

    def __init__(self, folder):
        classic = ROOT / ".venv-classic" / "bin" / "python"
        if not classic.exists():
            pytest.skip("no .venv-classic; `make test` makes it")
        self.folder, self.home, self.served = folder, folder / "home", folder / "srv/some-one"
        self.home.mkdir()
        subprocess.run([classic, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        self.python = folder / "venv/bin/python"
        purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
        pinned, self.packages = (
            Path(subprocess.check_output([python, "-c", purelib], text=True).strip())
            for python in (classic, self.python)
        )
        others = folder / "others"  # torch and the rest, but not the package
        others.mkdir()
        for path in Path(sysconfig.get_path("purelib")).iterdir():
            if "gan_lesson" not in path.name and path.suffix != ".pth":
                (others / path.name).symlink_to(path)
        (self.packages / "colab.pth").write_text(f"{pinned}\n{others}\n")
        self._serve()
        (folder / "wheels").mkdir()
        wheel_of("setuptools", folder / "wheels")
        self.environment = {
            "HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": str(self.home / ".gitconfig"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(folder / "wheels"),
        }

    def _serve(self):
        """Serve the files of this working tree, stamped, as GitHub would."""
        source = self.folder / "source"
        listing = ["git", "ls-files", "-coz", "--exclude-standard"]
        listed = subprocess.check_output(listing, cwd=ROOT)
        for name in listed.decode().split("\0"):
            if (ROOT / name).is_file():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / name).write_bytes((ROOT / name).read_bytes())
        stamp.stamp(source, "some-one/gan.course")
        self.cells = set_up_cells(source)
        me = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main")
        git("init", "-q", cwd=source)
        git(*me, "checkout", "-q", "-B", "main", cwd=source)
        git("add", "-A", cwd=source)
        git(*me, "commit", "-q", "-m", "all", cwd=source)
        git("tag", f"v{gan_lesson.__version__}", cwd=source)
        git("clone", "-q", "--bare", str(source), str(self.served / "gan.course"))
        git("config", "uploadpack.allowFilter", "true", cwd=self.served / "gan.course")

    @contextlib.contextmanager
    def network(self):
        """Let https://github.com/ be reached, at a git server of this machine."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["--listen=127.0.0.1", f"--port={port}", "--export-all", "--reuseaddr"]
        server = subprocess.Popen(
            ["git", "daemon", *options, f"--base-path={self.served.parent}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                time.sleep(0.1)
            self.send_to(f"git://127.0.0.1:{port}/")
            yield
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()

    def send_to(self, address):
        config = f'[url "{address}"]\n\tinsteadOf = https://github.com/\n'
        (self.home / ".gitconfig").write_text(config)


WHERE = """\
import importlib.metadata as m, importlib.util as u
for name in ("torch", "torchvision", "numpy", "ipywidgets", "matplotlib"):
    print(name, m.version(name), u.find_spec(name).origin)
"""


def starts(folder):
    return {cell.partition("\n\n")[0] for cell in set_up_cells(folder)}


def test_all_set_up_cells_begin_alike():
    (start,) = starts(ROOT)
    assert ("--no-deps" in start) is (stamp.NO_COPY not in start)


def test_where_no_copy_is_set_the_set_up_cell_says_how_to_set_one(tmp_path):
    """One sentence instead of what pip says of OWNER/REPO; and no call of pip."""
    start = (ROOT / "notebooks" / "text" / "refresher.md").read_text("utf-8")
    start = start[start.index("try:") : start.index("gan_lesson.built_for")]
    before, after = start.split("ModuleNotFoundError:\n")
    unset = f"{before}ModuleNotFoundError:\n{stamp.NO_COPY}\n{after.partition(chr(10))[2]}"
    code = f"import sys\nsys.modules['gan_lesson'] = None\n{unset}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    told = done.stderr.strip().splitlines()
    assert told[-1] == (
        "ImportError: No copy on GitHub is set; `make colab REPO=owner/name` sets it."
    )
    assert done.stderr.count("Error") == 1, "nothing of the import that failed"


def said(kernel, source):
    """What a cell prints; this old kernel may lose the first words after a child process."""
    return kernel.run(source).text or kernel.run(source).text


def test_the_set_up_cell_installs_the_package_and_replaces_nothing(tmp_path, capsys):
    """Without a network it says so; with one, it may be run again."""
    colab = Colab(tmp_path)
    (tmp_path / "room").mkdir()
    with Kernel(tmp_path / "room", str(colab.python), colab.environment, False) as kernel:
        assert kernel.run("import gan_lesson").error == "ModuleNotFoundError"
        before, files = said(kernel, WHERE), set(os.listdir(colab.packages))
        assert "ipywidgets 7.7" in before

        colab.send_to("https://127.0.0.1:9/")  # where nobody answers
        offline = kernel.run(colab.cells[0])
        assert offline.error == "ModuleNotFoundError" and "gan_lesson" in offline.message
        assert "unable to access 'https://127.0.0.1:9/some-one/gan.course" in offline.text

        with colab.network():
            installed = kernel.run(colab.cells[0])
        assert installed.error == "", installed.text
        assert said(kernel, WHERE) == before
        new = set(os.listdir(colab.packages)) - files
        assert {name.partition("-")[0] for name in new} == {"gan_lesson"}
        print_home = "import gan_lesson; print(gan_lesson.__file__)"
        assert said(kernel, print_home).startswith(str(colab.packages))
        digits = "from gan_lesson import load_digits; print(len(load_digits().train.images))"
        assert said(kernel, digits).strip() == "10000"
        generator = "from gan_lesson.pretrained import load_digits_generator as load; load()"
        assert kernel.run(generator).error == ""
        assert kernel.run(colab.cells[0]).error == "", "the second time it needs no network"
    with capsys.disabled():
        print(f" [set-up cell: {installed.seconds:.1f} s] ", end="")
