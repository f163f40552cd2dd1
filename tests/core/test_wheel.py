"""A release: wheel and sdist hold the whole package, and the wheel works where nothing else is."""

import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import make_release
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
def release(tmp_path_factory):
    """Wheel and sdist, built from a copy, so that nothing is left in the tree."""
    return make_release.build(ROOT, tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def wheel(release):
    return release[0]


@pytest.fixture
def others():
    """What the package needs besides is taken from here, which is no part of the environment."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return {"PYTHONPATH": ":".join(paths), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}


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


def test_the_sdist_holds_what_the_wheel_is_built_from(release):
    wheel, sdist = release
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if name.startswith("gan_lesson/")}
    assert inside <= names and {"pyproject.toml", "requirements.txt", "LICENSE"} <= names
    assert sdist.name == f"gan_lesson-{gan_lesson.__version__}.tar.gz"


def test_a_release_has_its_section_in_the_changes_and_its_tag(tmp_path):
    version = gan_lesson.__version__
    assert make_release.check(ROOT, f"v{version}") == version
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"(?m)^## (\S+)", changes)[0] == version
    assert "## " not in make_release.notes(ROOT, version)
    with pytest.raises(make_release.ReleaseError, match="the tag is v9.9.9"):
        make_release.check(ROOT, "v9.9.9")
    (tmp_path / "CHANGELOG.md").write_text(changes.replace(f"## {version}", "## 9.9.9"))
    with pytest.raises(make_release.ReleaseError, match="no section '## "):
        make_release.notes(tmp_path, version)


def test_the_wheel_trains_where_nothing_else_is_installed(wheel, others):
    told = make_release.try_wheel(wheel, ["--no-deps", "--no-index"], others)
    assert f"{gan_lesson.__version__} /" in told and str(ROOT) not in told
    assert "generator.safetensors" in told


@pytest.mark.slow
def test_a_wheel_that_lacks_a_file_is_no_release(wheel, others, tmp_path):
    """The digits are gone, and the environment that tries it says so."""
    broken = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(broken, "w") as packed:
        for name in whole.namelist():
            if not name.endswith("mnist_12000.npz"):
                packed.writestr(name, whole.read(name))
    with pytest.raises(make_release.ReleaseError, match="mnist_12000.npz"):
        make_release.try_wheel(broken, ["--no-deps", "--no-index"], others)


def test_the_readmes_loop_runs_where_only_the_wheel_is_installed(wheel, others, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = ["--python", python, "install", "-q", "--no-deps", "--no-index", wheel]
    subprocess.run([*PIP, *install], check=True)
    readme = (ROOT / "README.md").read_text("utf-8")
    loop = re.search(r"```python\n(from gan_lesson import History.*?)```", readme, re.S)[1]
    done = subprocess.run(
        [python, "-c", LOOP.format(readme=loop)],
        cwd=tmp_path,
        env={**others, "HOME": str(tmp_path)},
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
