"""Cost against size: rows of a history, states, pixels, batch, processes; a part of `make bench`.

Times are of the processor, median of several, so that other programs change them little. Several
processes wait for each other, so theirs are of the clock. Beside the curves stands what drawing all
rows with Matplotlib takes. The table and a figure go to a folder.
"""

import csv
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gan_lesson import plots
from gan_lesson.condensed import condensed
from gan_lesson.history import History
from gan_lesson.live import LiveCurves, LivePanel
from gan_lesson.networks import Discriminator, Generator, multilayer_perceptron
from gan_lesson.trainer import Trainer

ROWS = (10**3, 10**4, 10**5, 10**6)
SIDES, BATCHES, PROCESSES = (28, 64, 128), (16, 64, 256, 1024), (1, 2, 4)
COLUMNS = ("what", "size", "ms", "beside_ms", "megabytes")


def milliseconds(call: Callable[[], object], times: int = 9) -> float:
    """Return the median of the processor's time that a call takes."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return 1000 * float(np.median(taken))


def long_history(rows: int) -> History:
    """Return a history of noise around slow waves."""
    rng, history = np.random.default_rng(0), History()
    table = np.zeros((rows, 6))
    table[:, 0] = np.arange(1, rows + 1)
    table[:, 2:] = 0.5 + 0.1 * np.sin(table[:, :1] / rows * 9) + 0.1 * rng.random((rows, 4))
    history.extend(table)
    return history


def of_curves(rows: int, folder: Path) -> dict:
    """Measure one more row and LiveCurves' redraw; beside it, all rows in a figure that is kept."""
    history = long_history(rows)
    curves = LiveCurves(history, path=folder / "curves.png")

    def step() -> None:
        history.append(d_real=0.5, d_fake=0.5, loss_d=1.0, loss_g=0.7)
        curves.update(now=True)

    step()
    figure = plots.new_figure(9.0, 3.2)
    axes = figure.subplots(1, 2)
    names = ("d_real", "d_fake", "loss_d", "loss_g")
    lines = [axes[i // 2].plot(history["step"], history[name])[0] for i, name in enumerate(names)]

    def usual() -> None:
        for line, name in zip(lines, names, strict=True):
            line.set_data(history["step"], history[name])
        figure.savefig(io.BytesIO())

    kept = sum(condensed(history, name).nbytes for name in names) if rows > plots.LONG else 0
    size = sum(history[name].nbytes for name in history.columns) + kept
    beside = milliseconds(usual, times=3)
    return {"ms": milliseconds(step), "beside_ms": beside, "megabytes": size / 1e6}


def pair_for(side: int) -> Trainer:
    """Return a trainer of a fully connected pair, hidden layers of 256, for images of `side`²."""
    net = nn.Sequential(
        multilayer_perceptron((64, 256, 256, side * side)), nn.Unflatten(1, (1, side, side))
    )
    D = Discriminator(nn.Sequential(nn.Flatten(), multilayer_perceptron((side**2, 256, 256, 1))))
    images = torch.rand(512, 1, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return Trainer(Generator(net, 64), D, images, batch_size=64)


def of_images(side: int) -> list[dict]:
    """Measure a turn, a redraw of 36 images beside `imshow`'s, and a kept state and its return."""
    trainer = pair_for(side)
    trainer.burst(3)
    rows = [{"what": "turn, batch 64, by side", "ms": milliseconds(lambda: trainer.burst(1))}]
    images, drawn = np.zeros((36, side, side), np.uint8), []
    images[:] = np.random.default_rng(0).integers(0, 256, (side, side))
    sheet = plots.tile(images, 6)
    for imshow in (False, True):
        panel = LivePanel(9.4, 4.2)
        axes = panel.figure.subplots(1, 2)
        if imshow:
            image = axes[0].imshow(sheet, cmap="gray", interpolation="nearest")
        else:
            image = plots.digits_sheet(axes[0], images, 6)
        panel.moving([image])
        panel.redraw("36 images")
        drawn.append(milliseconds(lambda p=panel: p.redraw("36 images")))
    rows.append({"what": "redraw of 36 images, by side", "ms": drawn[0], "beside_ms": drawn[1]})
    megabytes = trainer.snapshots[-1].nbytes / 1e6
    take = milliseconds(trainer.snapshot)
    back = milliseconds(lambda: trainer.rewind(trainer.step))
    rows.append({"what": "state kept, by side", "ms": take, "megabytes": megabytes})
    rows.append({"what": "state put back, by side", "ms": back, "megabytes": megabytes})
    return [row | {"size": side} for row in rows]


def of_batch(batch: int) -> dict:
    """Measure a turn at 28 x 28 pixels."""
    trainer = pair_for(28)
    trainer.batch_size = batch
    trainer.burst(3)
    return {"ms": milliseconds(lambda: trainer.burst(1)), "size": batch, "what": "turn, by batch"}


def of_processes(count: int, few: int = 20, many: int = 120) -> dict:
    """Measure a step of `train` on digits when so many processes share its batch of 128.

    What a run takes before its first step falls out of the difference between two lengths.
    """
    seconds = []
    for n_steps in (few, many):
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-m", "torch.distributed.run", "--standalone"]
                + [f"--nproc-per-node={count}", "-m", "gan_lesson", "train"]
                + ["--steps", str(n_steps), "--out", folder],
                env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, check=True,
            )  # fmt: skip
        seconds.append(time.perf_counter() - start)
    ms = 1000 * (seconds[1] - seconds[0]) / (many - few)
    return {"what": "step of 128 digits, by processes", "size": count, "ms": ms}


def growth(folder: Path) -> list[dict]:
    """Measure everything; print each row, write growth.csv and growth.png; return the rows."""
    folder.mkdir(parents=True, exist_ok=True)
    table = []
    for rows in ROWS:
        table.append({"what": "LiveCurves, by rows", "size": rows, **of_curves(rows, folder)})
    for side in SIDES:
        table += of_images(side)
    table += [of_batch(batch) for batch in BATCHES]
    table += [of_processes(count) for count in PROCESSES]
    for row in table:
        beside = f", beside it {row['beside_ms']:.1f} ms" if "beside_ms" in row else ""
        memory = f", {row['megabytes']:.1f} MB" if "megabytes" in row else ""
        print(f"{row['what']} {row['size']:,}: {row['ms']:.1f} ms{beside}{memory}", flush=True)
    with open(folder / "growth.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in table
        )
    draw(table).savefig(folder / "growth.png")
    return table


def draw(table: list[dict]):
    """Return a figure of cost against size, both on logarithmic axes: a panel for each size."""
    figure = plots.new_figure(13, 3.8)
    panels = (("by rows", "rows of the history"), ("by side", "pixels along an edge"),
              ("by batch", "samples in a batch"), ("by processes", "processes"))  # fmt: skip
    with plots.lesson_style():
        for axes, (which, label) in zip(figure.subplots(1, 4), panels, strict=True):
            names = [n for n in dict.fromkeys(row["what"] for row in table) if n.endswith(which)]
            for number, name in enumerate(names):
                rows = [row for row in table if row["what"] == name]
                size, colour = [row["size"] for row in rows], f"C{number}"
                told = name.removesuffix(f", {which}")
                axes.plot(size, [r["ms"] for r in rows], "o-", color=colour, label=told)
                if "beside_ms" in rows[0]:
                    beside = [r["beside_ms"] for r in rows]
                    axes.plot(size, beside, "x--", color=colour, label="the usual way")
            axes.set(xscale="log", yscale="log", xlabel=label)
            clock = which == "by processes"
            axes.set_ylabel("ms of the clock" if clock else "ms of one processor")
            axes.set_ylim(bottom=min(1.0, axes.get_ylim()[0]))
            if which != "by rows":
                axes.set_xticks(size, [f"{n:,}" for n in size])
                axes.minorticks_off()
            if which == "by rows":
                plots.reference_line(axes, 15.0, "budget 15 ms")
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, fontsize=8,
                        borderaxespad=0.2)  # fmt: skip
    return figure
