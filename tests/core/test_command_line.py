"""The package without a notebook: imports, the commands `train` and `playground`, mistakes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import gan_lesson
from gan_lesson import data
from gan_lesson.__main__ import _as_json, main
from gan_lesson.metrics import ModeScores, digit_distance, mode_scores, psnr, ssim
from gan_lesson.trainer import TrainingDiverged

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


LESSONS = Path(gan_lesson.__file__).parent / "lessons"
ROOMS = {
    path.parent.name: path.read_text("utf-8") for path in sorted(LESSONS.glob("*/__init__.py"))
}
SAYS_SO = "\nNEEDS_TORCH = True"


WITHOUT_TORCH = ["gan_lesson", "gan_lesson.live"] + [
    f"gan_lesson.lessons.{room}"
    for room, text in ROOMS.items()
    if SAYS_SO not in text and room != "wall"
]
IMPORT_EACH = f"""
import importlib, sys
for module in {WITHOUT_TORCH}:
    importlib.import_module(module)
    print(module, "torch" in sys.modules)
"""


@pytest.fixture(scope="module")
def loads_torch():
    """{module: whether torch is loaded after it was imported}, in this order in one process."""
    done = python(IMPORT_EACH)
    assert done.returncode == 0, done.stderr
    return dict(line.split() for line in done.stdout.splitlines())


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_a_room_loads_no_torch_unless_it_says_so(module, loads_torch):
    """They are imported in one process: where one loads it, those after it fail as well."""
    assert loads_torch[module] == "False"


def test_torch_is_seen_where_a_room_loads_it():
    done = python(IMPORT_EACH.replace("for module in [", "for module in ['gan_lesson.trainer', "))
    assert "gan_lesson.trainer True" in done.stdout.splitlines()


@pytest.mark.parametrize("room", [room for room, text in ROOMS.items() if SAYS_SO in text])
def test_a_room_says_that_it_needs_torch_only_if_it_does(room):
    modules = (LESSONS / room).glob("*.py")
    assert any(re.search(r"(?m)^(import|from) torch\b", m.read_text("utf-8")) for m in modules)


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
    assert header[0] == "step,seconds,d_real,d_fake,loss_d,loss_g,convention"
    assert len(header) == 31
    capsys.readouterr()


OF_RESTORATIONS = FILES - {"samples.npy", "samples.png"} | {"restored.npy", "before_and_after.png"}


def test_super_resolution_is_reproducible_and_restores_all_test_images(tmp_path, capsys):
    command = ["train", "--model", "super-resolution", "--steps", "12", "--seed", "3"]
    for name in ("a", "b"):
        out = tmp_path / name
        assert main([*command, "--adversarial-weight", "0.2", "--out", str(out)]) == 0
        assert {p.name for p in out.iterdir()} == OF_RESTORATIONS
    restored = np.load(tmp_path / "a/restored.npy", allow_pickle=False)
    assert restored.dtype == np.uint8
    assert restored.shape == (2000, 28, 28)
    assert np.array_equal(restored, np.load(tmp_path / "b/restored.npy", allow_pickle=False))
    weights = load_file(tmp_path / "a/generator.safetensors")
    assert sum(w.size for w in weights.values()) == 33_632
    run = json.loads((tmp_path / "a/run.json").read_text())
    test = data.load_digits().test
    x_hat = data.images_to_tensor(restored)  # rounded to bytes
    assert run["scores"]["psnr"] == pytest.approx(psnr(test.images, x_hat, 2).mean(), abs=0.01)
    assert run["scores"]["ssim"] == pytest.approx(ssim(test.images, x_hat, 2).mean(), abs=0.01)
    assert run["scores"]["distance"] == pytest.approx(digit_distance(x_hat), rel=0.02)
    assert run["scores"]["distance_of_originals"] == pytest.approx(8.66, abs=0.1)
    assert run["settings"]["adversarial_weight"] == 0.2
    assert run["steps_taken"] == 12
    capsys.readouterr()


def test_scores_of_digits_are_null_where_the_images_are_none(tmp_path, monkeypatch, capsys):
    digits = data.load_digits()
    few = data.Digits(*(data.LabelledImages(*(a[:64] for a in part)) for part in digits))
    monkeypatch.setattr(data, "load_fashion_mnist", lambda root, download: few)
    command = ["train", "--model", "super-resolution", "--dataset", "fashion-mnist", "--steps", "1"]
    assert main([*command, "--root", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    scores = json.loads((tmp_path / "out/run.json").read_text())["scores"]
    none = {"distance", "read_rightly", "distance_of_originals"}
    assert {name for name, score in scores.items() if score is None} == none
    assert scores["n"] == 64
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


@pytest.mark.parametrize(("name", "k"), [("grid", 25), ("ring", 8)])
def test_the_playground_is_reproducible_and_scores_what_it_wrote(name, k, tmp_path, capsys):
    for run in ("a", "b"):
        arguments = ["--data", name, "--steps", "60", "--seed", "4", "--out", str(tmp_path / run)]
        assert main(["playground", *arguments]) == 0
        assert {p.name for p in (tmp_path / run).iterdir()} == {"samples.npy", "scores.json"}
    samples = np.load(tmp_path / "a/samples.npy", allow_pickle=False)
    assert samples.dtype == np.float32
    assert samples.shape == (2500, 2)
    assert np.array_equal(samples, np.load(tmp_path / "b/samples.npy", allow_pickle=False))
    report = json.loads((tmp_path / "a/scores.json").read_text())
    mixture = getattr(data, name)()
    scores = _as_json(mode_scores(samples, mixture.centres, mixture.sd))
    assert {key: report["scores"][key] for key in scores} == scores
    assert report["beside"]["perfect sampler"]["fair_modes"] == k
    assert report["beside"]["uniform noise"]["high_quality"] < 0.03
    jsd = [row["jsd"] for row in (*report["beside"].values(), report["scores"])]
    assert 0 < jsd[0] < 0.05 < min(jsd[1:])
    assert report["steps_taken"] == 60
    assert report["ended"] == "complete"
    assert report["settings"]["data"] == name
    capsys.readouterr()


def test_the_playground_keeps_to_its_seconds(tmp_path, capsys):
    assert main(["playground", "--seconds", "0.5", "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "scores.json").read_text())
    assert report["settings"]["steps"] is None
    assert 0.3 < report["seconds_taken"] < 60
    assert report["steps_taken"] >= 1
    capsys.readouterr()


def test_a_playground_that_diverges_or_is_interrupted_writes_its_last_good_state(
    tmp_path, monkeypatch, capsys
):
    from gan_lesson.trainer import Trainer

    def fail(error):
        def run(self, *_, **__):
            yield from ()
            raise error

        return run

    stopped = {
        "diverged": (TrainingDiverged("loss_d", float("nan"), 5, [0]), 1),
        "interrupted": (KeyboardInterrupt(), 130),
    }
    for ended, (error, status) in stopped.items():
        monkeypatch.setattr(Trainer, "run", fail(error))
        assert main(["playground", "--out", str(tmp_path / ended)]) == status
        assert json.loads((tmp_path / ended / "scores.json").read_text())["ended"] == ended
        samples = np.load(tmp_path / ended / "samples.npy", allow_pickle=False)
        assert np.isfinite(samples).all()
    assert "Interrupted at step 0" in capsys.readouterr().err


def test_a_score_that_is_no_number_is_written_as_null():
    scores = ModeScores(0, 0, 0.0, float("nan"), float("nan"))
    assert json.dumps(_as_json(scores), allow_nan=False).count("null") == 2


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--data", "cats"], "'cats'"),
        (["--seconds", "0"], "--seconds: is '0'"),
        (["--steps", "1.5"], "--steps: is '1.5'"),
        (["--seed", "x"], "--seed: is 'x'"),
        (["--out", "{file}"], "--out is .* a file"),
    ],
)
def test_mistakes_of_the_playground_are_named(arguments, names, tmp_path, capsys):
    (tmp_path / "file").write_text("keep me")
    filled = [a.format(file=tmp_path / "file") for a in arguments]
    with pytest.raises(SystemExit) as stop:
        main(["playground", "--out", str(tmp_path / "out"), *filled])
    assert stop.value.code == 2
    assert re.search(names, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "file").read_text() == "keep me"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--steps", "-5"], "--steps: is '-5'; it must be a positive int"),
        (["--seconds", "nan"], "--seconds: is 'nan'"),
        (["--steps", "5", "--seconds", "5"], "not allowed with"),
        (["--dataset", "cats"], "'cats'"),
        (["--adversarial-weight", "0.1"], "is for --model super-resolution"),
        (["--adversarial-weight", "-1"], "--adversarial-weight: is '-1'"),
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
    assert re.search(names, capsys.readouterr().err)
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
    from gan_lesson.__main__ import _write_all

    def fail(path):
        with open(path, "w") as file:
            file.write("half")
        raise OSError("disk full")

    (tmp_path / "run.json").write_text("old")
    with pytest.raises(OSError, match="disk full"):
        _write_all(tmp_path, {"run.json": fail})
    assert (tmp_path / "run.json").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]
