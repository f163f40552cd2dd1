"""Build wheel, sdist and notes of a release into dist, and try the wheel where nothing else is.

    python tools/make_release.py [--tag v0.2.0] [--try]

The wheel is built from the sdist, so that an sdist which lacks a file builds nothing. It needs
setuptools and no other package; `--try` needs pip, and a network or what its options name.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKED = ("pyproject.toml", "requirements.txt", "LICENSE", "README.md", "CHANGELOG.md")
CPU_BUILD = "https://download.pytorch.org/whl/cpu"
HOOK = "import sys, setuptools.build_meta as b; print(getattr(b, sys.argv[1])(sys.argv[2]))"
STEPS = 20

# What a bare environment is asked: the names of the package, its data, and a run.
TRY = """\
from pathlib import Path
import gan_lesson
from gan_lesson import History, LiveCurves, Trainer, diagnose, load_digits
from gan_lesson.lessons import lesson_06
from gan_lesson.__main__ import main
assert len(load_digits().train.images) == 10_000
assert main(["train", "--steps", "{steps}", "--out", "out"]) == 0
print(gan_lesson.__version__, gan_lesson.__file__, *sorted(p.name for p in Path("out").iterdir()))
"""


class ReleaseError(Exception):
    """What keeps a release back, in a sentence."""


def version_of(root: Path) -> str:
    """Return the version that the package below `root` has."""
    text = (root / "gan_lesson" / "__init__.py").read_text("utf-8")
    return re.search(r'^__version__ = "([^"]+)"', text, re.M)[1]


def notes(root: Path, version: str) -> str:
    """Return what CHANGELOG.md says of a version.

    Raises:
        ReleaseError: it says nothing.
    """
    text = (root / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if not found or not found[1].strip():
        raise ReleaseError(f"CHANGELOG.md has no section '## {version}': write one")
    return found[1].strip() + "\n"


def check(root: Path, tag: str | None) -> str:
    """Return the version, if tag and CHANGELOG.md agree with it.

    Raises:
        ReleaseError: they do not.
    """
    version = version_of(root)
    if tag is not None and tag != f"v{version}":
        raise ReleaseError(
            f"the tag is {tag}, and the package's version {version}; they must agree"
        )
    notes(root, version)
    return version


def build(root: Path, out: Path) -> tuple[Path, Path]:
    """Build the sdist of a copy of the package, and the wheel from it; return (wheel, sdist)."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / "gan_lesson", copy / "gan_lesson", ignore=ignore)
        for name in PACKED:
            shutil.copy(root / name, copy)
        sdist = out / _hook("build_sdist", copy, out)
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        wheel = out / _hook("build_wheel", Path(folder) / sdist.name.removesuffix(".tar.gz"), out)
    return wheel, sdist


def _hook(name: str, folder: Path, out: Path) -> str:
    """Call one of setuptools' hooks in `folder`; return the name of the file it made in `out`."""
    command = [sys.executable, "-c", HOOK, name, str(out.resolve())]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"{name} failed: {done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]


def try_wheel(wheel: Path, options: list[str], environment: dict[str, str] | None = None) -> str:
    """Install a wheel into a new environment and let it train; return what that prints.

    Args:
        wheel: the wheel.
        options: pip's, such as an index.
        environment: of the run; that of this process, without PYTHONPATH, if left out.

    Raises:
        ReleaseError: it could not be installed, or the run failed.
    """
    if environment is None:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "venv" / "bin" / "python"
        commands = [
            [sys.executable, "-m", "venv", "--without-pip", Path(folder) / "venv"],
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
            + ["install", "--quiet", *options, wheel.resolve()],
            [python, "-c", TRY.format(steps=STEPS)],
        ]
        for command in commands:
            last = command is commands[-1]
            done = subprocess.run(
                list(map(str, command)),
                cwd=folder,
                env=environment if last else None,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise ReleaseError(f"{wheel.name} in a bare environment: {done.stderr[-2000:]}")
    return done.stdout


def main(arguments: list[str] | None = None) -> int:
    """Build a release; return 1 if something keeps it back."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tag", help="the tag that the version must agree with")
    parser.add_argument("--try", dest="tries", action="store_true", help="try the wheel")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder (default: dist)")
    options = parser.parse_args(arguments)
    try:
        version = check(ROOT, options.tag)
        wheel, sdist = build(ROOT, options.out)
        (options.out / "notes.md").write_text(notes(ROOT, version), "utf-8")
        if options.tries:
            print(try_wheel(wheel, ["--extra-index-url", CPU_BUILD]))
    except ReleaseError as error:
        print(f"Not released: {error}", file=sys.stderr)
        return 1
    for path in (wheel, sdist):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
