"""The package without a notebook: imports, `python -m gan_lesson train`, and its mistakes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import gan_lesson
from gan_lesson.__main__ import main

FILES = {
    "samples.npy",
    "samples.png",
    "history.csv",
    "curves.png",
    "generator.safetensors",
    "run.json",
}


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


EXPLORERS = Path(gan_lesson.__file__).parent / "explorers"
NEEDS_TORCH = {"digits"}


@pytest.mark.parametrize(
    "module",
    [
        "gan_lesson",
        "gan_lesson.live",
        "gan_lesson.predict",
        "gan_lesson.exercise_checks",
        *(
            f"gan_lesson.explorers.{path.stem}"
            for path in sorted(EXPLORERS.glob("[a-z]*.py"))
            if path.stem not in NEEDS_TORCH
        ),
    ],
)
def test_the_mathematical_lessons_load_no_torch(module):
    done = python(f"import sys, {module}; sys.exit('torch' in sys.modules)")
    assert done.returncode == 0, done.stderr


def test_names_of_the_package_are_found_lazily_and_unknown_ones_are_not():
    done = python("import gan_lesson as g; g.History; g.LiveCurves; g.nothing")
    assert "has no attribute 'nothing'" in done.stderr


def test_steps_are_reproducible_and_everything_is_written(tmp_path, capsys):
    for name in ("a", "b"):
        out = tmp_path / name
        assert main(["train", "--steps", "30", "--seed", "3", "--out", str(out)]) == 0
        assert {p.name for p in out.iterdir()} == FILES
    samples = np.load(tmp_path / "a/samples.npy", allow_pickle=False)
    assert samples.dtype == np.uint8
    assert samples.shape == (10_000, 28, 28)
    assert np.array_equal(samples, np.load(tmp_path / "b/samples.npy", allow_pickle=False))
    weights = load_file(tmp_path / "a/generator.safetensors")
    assert weights["net.0.weight"].shape == (256, 64)
    run = json.loads((tmp_path / "a/run.json").read_text())
    assert run["steps_taken"] == 30
    assert run["ended"] == "complete"
    assert run["settings"]["seed"] == 3
    assert set(run["versions"]) == {"gan_lesson", "torch", "numpy", "python"}
    header = (tmp_path / "a/history.csv").read_text().splitlines()
    assert header[0] == "step,seconds,d_real,d_fake,loss_d,loss_g"
    assert len(header) == 31
    capsys.readouterr()


def test_an_interrupt_writes_what_there_is(tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "gan_lesson", "train", "--steps", "1000000", "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    seen = ""
    while "step" not in seen:  # the bar's first number: training has begun
        one = process.stderr.read(1)
        assert one, f"the command ended by itself: {seen}"
        seen += one
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 130, rest
    assert "Interrupted at step" in rest
    assert {p.name for p in out.iterdir()} == FILES
    assert json.loads((out / "run.json").read_text())["ended"] == "interrupted"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--steps", "-5"], "--steps: is '-5'; it must be a positive int"),
        (["--seconds", "nan"], "--seconds: is 'nan'"),
        (["--steps", "5", "--seconds", "5"], "not allowed with"),
        (["--dataset", "cats"], "'cats'"),
        (["--model", "diffusion"], "'diffusion'"),
        (["--threads", "0"], "--threads"),
        (["--seed", "-1"], "--seed: is '-1'; it must be an integer from 0"),
        (["--seed", "9" * 30], "--seed"),
        (["--dataset", "mnist"], "--root is missing"),
        (["--dataset", "mnist", "--root", "{file}"], "root is .* a file"),
        (["--dataset", "mnist", "--root", "{empty}"], r"load_digits\(\)"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(arguments, names, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    filled = [a.format(file=tmp_path / "file", empty=tmp_path / "empty") for a in arguments]
    with pytest.raises(SystemExit) as stop:
        main(["train", *filled, "--out", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert __import__("re").search(names, capsys.readouterr().err)
    assert not list((tmp_path / "out").glob("*"))
    if "--root is missing" in names:
        assert not (tmp_path / "out").exists()


def test_an_out_folder_that_cannot_be_one_is_refused(tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text("keep me")
    for out in (file, file / "below"):
        with pytest.raises(SystemExit):
            main(["train", "--steps", "2", "--out", str(out)])
        assert "--out is" in capsys.readouterr().err
    assert file.read_text() == "keep me"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to read-only folders")
def test_a_read_only_out_folder_is_refused(tmp_path, capsys):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(SystemExit):
        main(["train", "--steps", "2", "--out", str(folder)])
    assert "cannot be written to" in capsys.readouterr().err


def test_a_write_that_fails_half_way_leaves_no_half_file(tmp_path):
    from gan_lesson.__main__ import _write

    def fail(path):
        with open(path, "w") as file:
            file.write("half")
        raise OSError("disk full")

    (tmp_path / "run.json").write_text("old")
    with pytest.raises(OSError, match="disk full"):
        _write(tmp_path / "run.json", fail)
    assert (tmp_path / "run.json").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]
