"""The wheel holds the whole package, is small, and runs the README's loop in a bare environment."""

import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import gan_lesson

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]

LOOP = """\
import torch
loader = 3 * [torch.zeros(8, 1)]
logits_real, logits_fake = torch.tensor([1.0]), torch.tensor([-1.0])
loss_d, loss_g = torch.tensor(0.6), torch.tensor(1.3)
{readme}
import gan_lesson
from gan_lesson import load_digits
from gan_lesson.lessons.lesson_00.forgeries import load_forgeries
print(len(history), gan_lesson.__version__, gan_lesson.__file__)
load_forgeries()
print(len(load_digits().train.images), "data:image/png" in curves.panel.html.value)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy, so that nothing is left in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "requirements.txt", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "gan_lesson", folder / "gan_lesson", ignore=ignore)
    made = [*PIP, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "out", "."]
    done = subprocess.run(made, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = (folder / "out").glob("*.whl")
    return path


def test_the_wheel_holds_every_file_of_the_package_and_is_small(wheel):
    files = [path for path in (ROOT / "gan_lesson").rglob("*") if path.is_file()]
    here = {str(path.relative_to(ROOT)) for path in files if path.parent.name != "__pycache__"}
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    assert here - names == set() and len(here) > 100
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"gan_lesson"}
    assert wheel.name.startswith(f"gan_lesson-{gan_lesson.__version__}-")
    assert wheel.stat().st_size < 8_000_000


def test_the_notice_names_files_where_they_are():
    notice = (ROOT / "gan_lesson" / "assets" / "NOTICE.md").read_text("utf-8")
    named = re.findall(r"`((?:assets|lessons)/[^`]+)`", notice)
    assert len(named) > 5 and [n for n in named if not (ROOT / "gan_lesson" / n).is_file()] == []
    digits = {path.name for path in (ROOT / "gan_lesson").rglob("*.npz")}
    assert digits <= {name.rpartition("/")[2] for name in named}


def test_the_readmes_loop_runs_where_only_the_wheel_is_installed(wheel, tmp_path):
    """What it needs besides is taken from here, which is no part of the environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = ["--python", python, "install", "-q", "--no-deps", "--no-index", wheel]
    subprocess.run([*PIP, *install], check=True)
    readme = (ROOT / "README.md").read_text("utf-8")
    loop = re.search(r"```python\n(from gan_lesson import History.*?)```", readme, re.S)[1]
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    done = subprocess.run(
        [python, "-c", LOOP.format(readme=loop)],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(paths), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.strip().splitlines()
    curves = f"LiveCurves draws to {tmp_path / 'live_curves.png'}"  # at the end, or before
    told.remove(curves)
    first, second = told
    assert first.startswith(f"3 {gan_lesson.__version__} {tmp_path / 'venv'}")
    assert second == "10000 True"
