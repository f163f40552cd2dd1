"""Every widget moves under Colab's ipywidgets 7.7.1 as it does under ipywidgets 8."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-classic" / "bin" / "python"
# The tests that make widgets, by file; the others know nothing of ipywidgets.
FILES = ["test_live_and_player.py", "test_predict.py", *sorted(
    path.name for path in ROOT.glob("tests/test_lesson_0[0-4].py")
)]
WIDGETS = "explorer or player or panel or predict or game or duel or curves or widget or picture"


@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-classic: `make test` makes it")
def test_every_widget_moves_under_colabs_ipywidgets():
    shown = "import ipywidgets; print(ipywidgets.__version__)"
    version = subprocess.run([PYTHON, "-c", shown], capture_output=True, text=True).stdout.strip()
    assert version == "7.7.1"
    command = [PYTHON, "-m", "pytest", "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
    command += [*(f"tests/{name}" for name in FILES), "-k", WIDGETS]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 20
