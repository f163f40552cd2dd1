"""`torchrun -m gan_lesson train`: options, a killed process, checkpoints, GPUs (15 s)."""

import contextlib
import json
import math
import re
import signal
import subprocess
import time

import numpy as np
import psutil
import pytest
import torch
from safetensors import safe_open
from shared_steps import TORCHRUN, environment
from small_runs import new_trainer

from gan_lesson.__main__ import main
from gan_lesson.checkpoints import read_checkpoint
from gan_lesson.data import load_digits
from gan_lesson.networks import InBfloat16, fully_connected_pair
from gan_lesson.recipes import super_resolution_trainer
from gan_lesson.several_processes import CHECKPOINT, PATIENCE, set_batch_size

QUICK = ["train", "--model", "super-resolution", "--seed", "3"]
on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU")


@pytest.mark.parametrize(
    ("several", "arguments", "names"),
    [
        (True, ["--seconds", "5"], "--seconds is for one process, because clocks differ"),
        (False, ["--seconds", "5", "--resume"], "--resume needs a length in steps"),
        (False, ["--seconds", "5", "--checkpoint-every", "9"], "--checkpoint-every needs a length"),
        (False, ["--resume"], "there is no checkpoint"),
        (False, ["--batch-size", "0"], "--batch-size: is '0'"),
        (False, ["--device", "tpu"], "'tpu'"),
    ],
)
def test_options_that_do_not_fit_are_named(
    several, arguments, names, tmp_path, monkeypatch, capsys
):
    for name, value in {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "here"}.items():
        if several:
            monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        main(["train", *arguments, "--out", str(tmp_path)])
    assert stop.value.code == 2
    assert names in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_only_train_is_shared_by_several(tmp_path, monkeypatch, capsys):
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "here"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main(["playground", "--out", str(tmp_path / "out")])
    assert "playground runs in one process" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is an NVIDIA GPU")
def test_a_gpu_that_is_not_there_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["train", "--device", "cuda", "--out", str(tmp_path)])
    assert "PyTorch sees no NVIDIA GPU here" in capsys.readouterr().err


def test_the_average_of_g_keeps_its_half_life_in_images():
    """Of .998 at 64 it is 22,159 images, and at 512 the decay is .98411."""
    trainer = new_trainer(batch_size=64, ema_decay=0.998)

    def half_life():
        return trainer.batch_size * math.log(0.5) / math.log(trainer.ema_decay)

    assert half_life() == pytest.approx(22_159, abs=1)
    set_batch_size(trainer, 512)
    assert half_life() == pytest.approx(22_159, abs=1)
    assert trainer.ema_decay == pytest.approx(0.98411, abs=1e-5)
    set_batch_size(trainer, None)
    assert trainer.batch_size == 512


def test_a_run_that_goes_on_from_its_checkpoint_ends_as_one_that_never_stopped(tmp_path, capsys):
    """What stops it is a full disk, after the first checkpoint."""
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    command = [*QUICK, "--steps", "30", "--checkpoint-every", "10", "--batch-size", "16", "--out"]
    assert main([*command, str(whole)]) == 0
    halves.mkdir()
    stopped = super_resolution_trainer(load_digits().train.images, 0.1, seed=3, n_steps=30)
    set_batch_size(stopped, 16)
    stopped.burst(10)
    from gan_lesson.checkpoints import write_checkpoint

    with safe_open(whole / CHECKPOINT, "pt") as file:
        settings = json.loads(file.metadata()["gan_lesson"])["settings"]
    write_checkpoint(stopped, halves / CHECKPOINT, settings)
    assert main([*command, str(halves), "--resume"]) == 0
    restored = [np.load(out / "restored.npy", allow_pickle=False) for out in (whole, halves)]
    assert np.array_equal(*restored)
    rows = [len((out / "history.csv").read_text().splitlines()) for out in (whole, halves)]
    assert rows == [31, 31]
    assert json.loads((halves / "run.json").read_text())["settings"]["batch_size"] == 16
    assert main([*command, str(halves), "--resume"]) == 0, "it may be resumed at its end"
    assert np.array_equal(restored[0], np.load(halves / "restored.npy", allow_pickle=False))
    capsys.readouterr()


# --- processes that die -------------------------------------------------------------------------


class Started:
    """`torchrun -m gan_lesson train` on two processes, and what becomes of it."""

    def __init__(self, out):
        self.checkpoint, self.workers = out / CHECKPOINT, {}
        command = [*TORCHRUN, "2", "-m", "gan_lesson", *QUICK]
        command += ["--steps", "1000000", "--checkpoint-every", "5", "--out", str(out)]
        self.process = subprocess.Popen(
            command, env=environment(), stderr=subprocess.PIPE, text=True
        )

    def wait_for_a_checkpoint(self):
        deadline = time.monotonic() + 600  # against hanging only
        while not self.checkpoint.exists():
            assert self.process.poll() is None, self.process.communicate()[1][-3000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        children = psutil.Process(self.process.pid).children()
        self.workers = {child.environ().get("RANK"): child for child in children}

    def send(self, rank, number):
        self.workers[str(rank)].send_signal(number)

    def end(self):
        """What it said, once it has ended; five minutes are more than a busy machine may take."""
        return self.process.communicate(timeout=300)[1]

    def clear_away(self):
        children = []
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self.process.pid).children(recursive=True)
        for process in (*children, *self.workers.values(), self.process):
            with contextlib.suppress(psutil.Error):
                process.kill()


@pytest.fixture
def started(tmp_path):
    started = Started(tmp_path / "out")
    try:
        started.wait_for_a_checkpoint()
        yield started
    finally:
        started.clear_away()


def loaded(checkpoint):
    trainer = super_resolution_trainer(load_digits().train.images, 0.1, seed=3, n_steps=1000000)
    with safe_open(checkpoint, "pt") as file:
        settings = json.loads(file.metadata()["gan_lesson"])["settings"]
    read_checkpoint(trainer, checkpoint, settings)
    return trainer


def test_a_killed_process_ends_the_run_with_a_sentence_and_its_checkpoint_loads(started):
    started.send(1, signal.SIGKILL)
    said = started.end()
    assert PATIENCE.total_seconds() < 30 and started.process.returncode != 0
    told = re.search(r"gan_lesson train: process 0 of 2 ends after step \d+: another .*", said)
    assert told, said[-2000:]
    assert re.search(r"The state of step \d+ is in .*: the same command with --resume", told[0])
    trainer = loaded(started.checkpoint)
    assert trainer.step % 5 == 0 and len(trainer.history) == trainer.step > 0
    alone = super_resolution_trainer(load_digits().train.images, 0.1, seed=3, n_steps=1000000)
    alone.burst(5)  # one process with the whole batches, in float32
    assert trainer.history["loss_g"][:5] == pytest.approx(alone.history["loss_g"], rel=0.02)


@pytest.mark.slow
def test_a_process_that_hangs_ends_the_run_as_well(started):
    started.send(1, signal.SIGSTOP)
    time.sleep(1)
    start = time.monotonic()
    while "another process was lost" not in (line := started.process.stderr.readline()):
        assert line and time.monotonic() - start < 4 * PATIENCE.total_seconds()  # not for ever
    assert loaded(started.checkpoint).step > 0


# --- GPUs ---------------------------------------------------------------------------------------


@on_a_gpu
@pytest.mark.parametrize("model", ["fc", "conv", "super-resolution"])
def test_a_run_on_a_gpu_writes_what_one_on_a_cpu_does(model, tmp_path, capsys):
    for device in ("cpu", "cuda"):
        command = ["train", "--model", model, "--steps", "20", "--device", device]
        assert main([*command, "--out", str(tmp_path / device)]) == 0
    files = [{p.name for p in (tmp_path / device).iterdir()} for device in ("cpu", "cuda")]
    assert files[0] == files[1]
    run = json.loads((tmp_path / "cuda" / "run.json").read_text())
    assert run["settings"]["device"] == "cuda"
    capsys.readouterr()


@on_a_gpu
def test_layers_in_bfloat16_return_float32_on_a_gpu():
    if not InBfloat16.is_fast("cuda"):
        pytest.skip("this GPU has no bfloat16")
    G = fully_connected_pair()[0]
    G.net = InBfloat16(*G.net)
    G.cuda()
    assert G(G.sample_z(4)).dtype == torch.float32


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="fewer than two NVIDIA GPUs")
def test_two_gpus_share_a_run_by_nccl(tmp_path):
    command = [*TORCHRUN, "2", "-m", "gan_lesson", "train"]
    command += ["--device", "cuda", "--steps", "20", "--out", str(tmp_path)]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads((tmp_path / "run.json").read_text())["settings"]["processes"] == 2


def test_is_fast_says_no_where_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert InBfloat16.is_fast("cuda:0") is False
