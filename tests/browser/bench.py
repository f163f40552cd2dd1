"""Measure the budgets, ours and the usual way side by side: `make bench`.

    python tests/browser/bench.py [part ...] [--seconds 60] [--lessons 03 06]

`PARTS` names the parts; without a name all are run. Whatever is compared runs in turn on the same
machine, one torch thread each; nothing here is asserted, and tests assert no seconds.
"""

import argparse
import csv
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from bench_growth import growth
from bench_own_gan import bench_curves, bench_diagnosis  # noqa: F401 (by their names, in main)
from bench_pages import bench_browser, bench_slider  # noqa: F401 (by their names, in main)
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gan_lesson import plots
from gan_lesson.__main__ import PLAYGROUND_STEPS
from gan_lesson.data import load_digits, ring, tensor_to_images
from gan_lesson.lessons.lesson_06.timeline import digits_player
from gan_lesson.lessons.lesson_07.packing import packed_trainer
from gan_lesson.lessons.lesson_07.plane import hills
from gan_lesson.lessons.lesson_07.playground import Playground
from gan_lesson.lessons.lesson_07.scores import scored_samples
from gan_lesson.lessons.lesson_15 import GamesPlayer, show_games_on_digits, show_table
from gan_lesson.lessons.lesson_15.table import PUBLISHED
from gan_lesson.metrics import REAL_AGAINST_REAL, class_shares, digit_distance, mode_scores
from gan_lesson.player import TrainingPlayer
from gan_lesson.recipes import (
    conditional_trainer,
    fully_connected_trainer,
    geometric_fall,
    plain_trainer,
    super_resolution_trainer,
)

ROOT = Path(__file__).parents[2]
PARTS = (
    "imports",
    "kernel",
    "browser",
    "slider",
    "curves",
    "growth",
    "diagnosis",
    "digits",
    "reference",
    "collapse",
    "last_gamma",
    "playground",
    "games",
)


def main() -> None:
    """Run the parts that were named, each printing its own lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--seconds", type=float, default=60, help="training time in digits")
    parser.add_argument("--lessons", nargs="+", help="numbers; all of them if left out")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"unknown part {unknown.pop()!r}; there are {', '.join(PARTS)}")
    torch.set_num_threads(1)
    print(machine())
    for part in args.parts or PARTS:
        print(f"\n== {part}")
        if part == "digits":
            bench_digits(args.seconds)
        elif part in ("browser", "slider"):
            globals()[f"bench_{part}"](args.lessons)
        else:
            globals()[f"bench_{part}"]()


def machine() -> str:
    """Return one line about the machine: processor, cores, Python, torch, present load."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if sys.platform == "linux" else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    names.append(platform.processor())
    return (
        f"{names[0]}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"torch {torch.__version__}, load {os.getloadavg()[0]:.1f}"
    )


# --- imports -----------------------------------------------------------------------------------


def bench_imports() -> None:
    """Print how long a fresh Python takes until a name is imported; best of three."""
    for code in (
        "pass",
        "import gan_lesson",
        "from gan_lesson.lessons.lesson_01 import LogLossExplorer; LogLossExplorer()",
        "from gan_lesson import Trainer",
    ):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - start)
        print(f"{min(times):6.2f} s  {code}")


# --- the kernel alone --------------------------------------------------------------------------


def play_in_kernel(player: TrainingPlayer, seconds: float = 10) -> tuple[float, float]:
    """Tick a player as often as its clock does at most; return (pictures/s, steps/s)."""
    player.play.value = 1
    tick = player.play.interval / 1000
    frames, step, start = player.panel.frames, player.trainer.step, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        player.play.value += 1
        time.sleep(max(0.0, start + tick * (player.panel.frames - frames) - time.perf_counter()))
    return (player.panel.frames - frames) / elapsed, (player.trainer.step - step) / elapsed


def bench_kernel() -> None:
    """Print each player's pace when nobody else wants the processor, beside its trainer's own."""
    images = load_digits().train.images
    for name, make in (
        (
            "digits, fully connected",
            lambda: digits_player(fully_connected_trainer(images, n_steps=10**6)),
        ),
        ("playground as it opens (2-32-32 pair, batch 150, no penalty)", Playground),
        ("playground, recipe", lambda: Playground("grid of 25", preset="recipe")),
        ("lesson 05's loop", lesson_05_player),
        ("lesson 11's SRGAN", lesson_11_player),
        ("lesson 13's digits that are asked for", lesson_13_player),
        ("lesson 15's games, logistic", GamesPlayer),
        ("lesson 15's games, the dearest", lambda: GamesPlayer("wasserstein", "GP, λ = 0.1", 5)),
    ):
        player = make()
        player.trainer.burst(seconds=2)
        alone = player.trainer.burst(seconds=5) / 10
        pictures, steps = play_in_kernel(player)
        alone += player.trainer.burst(seconds=5) / 10  # machines change their pace
        print(
            f"{name}: {steps:.0f} steps/s while drawing {pictures:.1f} pictures/s "
            f"({steps / alone:.0%} of {alone:.0f} steps/s without pictures)",
            flush=True,
        )


def bench_growth() -> None:
    """Print cost against size, and write the table and a figure into figures/."""
    growth(ROOT / "figures")


def lesson_05_player() -> TrainingPlayer:
    """Return the player of lesson 05 with the two steps that its learner writes."""
    from gan_lesson.data import two_bumps
    from gan_lesson.lessons.lesson_05 import exercises as lesson_05
    from gan_lesson.lessons.lesson_05.loop import LoopPlayer, loop_run

    step_d, step_g = lesson_05.update_discriminator, lesson_05.update_generator
    return LoopPlayer(loop_run(step_d, step_g, two_bumps(), seed=0))


def lesson_11_player() -> TrainingPlayer:
    """Return the player of lesson 11 as its cell starts it."""
    from gan_lesson.lessons.lesson_11 import SuperResolutionPlayer
    from gan_lesson.lessons.lesson_11.recorded import load_generator

    images = load_digits().train.images
    trainer = super_resolution_trainer(
        images, 0.1, start_steps=0, generator=load_generator(0), n_steps=10**6
    )
    trainer.lr_d = 0.001
    return SuperResolutionPlayer(trainer)


def lesson_13_player() -> TrainingPlayer:
    """Return the player of lesson 13's conditional GAN."""
    from gan_lesson.lessons.lesson_13 import AskedPlayer

    digits = load_digits().train
    return AskedPlayer(conditional_trainer(digits.images, digits.labels, n_steps=10**6))


# --- digits: ours and the usual script -----------------------------------------------------------


def usual_networks() -> tuple[nn.Module, nn.Module]:
    """Return G and D as the best-known fully connected GAN script has them.

    G: 100-128-256-512-1024-784, BatchNorm (eps .8 from the second layer on), LeakyReLU, tanh;
    D: 784-512-256-1 with a sigmoid at its end.
    """
    widths = (128, 256, 512, 1024)
    layers: list[nn.Module] = [nn.Linear(100, 128), nn.LeakyReLU(0.2)]
    for n_in, n_out in zip(widths[:-1], widths[1:], strict=True):
        layers += [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out, 0.8), nn.LeakyReLU(0.2)]
    G = nn.Sequential(*layers, nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    D = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 512),
        nn.LeakyReLU(0.2),
        nn.Linear(512, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 1),
        nn.Sigmoid(),
    )
    return G, D


class UsualDigits(TensorDataset):
    """uint8 images that are converted and normalised one by one, as transforms do."""

    def __getitem__(self, index: int) -> torch.Tensor:
        from torchvision.transforms import functional

        image = functional.to_tensor(self.tensors[0][index].numpy())
        return functional.normalize(image, [0.5], [0.5])


def train_usual(images: np.ndarray, seconds: float, seed: int = 0) -> tuple[np.ndarray, int]:
    """Train the usual script for `seconds`; return 10,000 samples (uint8) and its steps.

    64 images a batch from a DataLoader, two calls of D, BCELoss, no penalty, Adam(2e-4,
    (.5, .999)), samples from the last G with its batch statistics as they are while training.
    """
    torch.manual_seed(seed)
    G, D = usual_networks()
    bce = nn.BCELoss()
    optimizer_g = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
    optimizer_d = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
    loader = DataLoader(UsualDigits(torch.from_numpy(images)), batch_size=64, shuffle=True)
    step, start = 0, time.perf_counter()
    while True:
        for x_real in loader:
            n = len(x_real)
            optimizer_g.zero_grad()
            x_fake = G(torch.randn(n, 100))
            bce(D(x_fake), torch.ones(n, 1)).backward()
            optimizer_g.step()
            optimizer_d.zero_grad()
            real, fake = D(x_real), D(x_fake.detach())
            ((bce(real, torch.ones(n, 1)) + bce(fake, torch.zeros(n, 1))) / 2).backward()
            optimizer_d.step()
            step += 1
            if time.perf_counter() - start >= seconds:
                with torch.no_grad():
                    x = torch.cat([G(torch.randn(500, 100)) for _ in range(20)])
                return tensor_to_images(x), step


def bench_digits(seconds: float) -> None:
    """Print the Fréchet distance of both after the same wall seconds, one thread each."""
    images = load_digits().train.images
    with tempfile.TemporaryDirectory() as out:
        command = f"-m gan_lesson train --seconds {seconds} --seed 0 --threads 1 --out {out}"
        subprocess.run([sys.executable, *command.split()], check=True, stderr=subprocess.DEVNULL)
        ours = np.load(f"{out}/samples.npy", allow_pickle=False)
        steps = (Path(out) / "history.csv").read_text().count("\n") - 1
    usual, usual_steps = train_usual(tensor_to_images(images), seconds)
    print("Fréchet distance on the shipped classifier, 10,000 samples, bundled digits:")
    for name, samples, n in (("ours", ours, steps), ("usual script", usual, usual_steps)):
        print(
            f"  {name:12s} {digit_distance(samples):8.1f} after {seconds:g} s "
            f"({n} steps, rarest digit {class_shares(samples).min():.1%})"
        )
    print(f"  real digits  {REAL_AGAINST_REAL:8.1f} (floor: what a perfect generator scores)")


def bench_reference(usual_seconds: float = 900, our_seconds: float = 5) -> None:
    """Print the Fréchet distance of the usual script after long, and of ours after seconds."""
    images = load_digits().train.images
    trainer = fully_connected_trainer(images, seed=0)
    for _ in trainer.run(seconds=our_seconds, every=5):
        pass
    z = trainer.G.sample_z(10_000, torch.Generator().manual_seed(1))
    ours = digit_distance(tensor_to_images(trainer.sample(z)))
    print(f"  ours         {ours:8.1f} after {our_seconds:g} s ({trainer.step} steps)", flush=True)
    samples, steps = train_usual(tensor_to_images(images), usual_seconds)
    distance = digit_distance(samples)
    print(f"  usual script {distance:8.1f} after {usual_seconds:g} s ({steps} steps)")


# --- mode collapse: what repairs it --------------------------------------------------------------

COLLAPSE_STEPS = 1500
HASTY = {"lr_g": 2e-3, "lr_d": 2e-4}
REPAIRS = {
    "hasty G: D ten times slower": HASTY,
    "5 steps of D": {**HASTY, "d_steps": 5},
    "D as fast as G": {**HASTY, "lr_d": 2e-3},
    "packing, 4 points": {**HASTY, "m": 4},
    "R1 + R2, γ = 0.03": {**HASTY, "r1_gamma": 0.03, "r2_gamma": 0.03},
    "D as fast, R1 + R2": {**HASTY, "lr_d": 2e-3, "r1_gamma": 0.03, "r2_gamma": 0.03},
}


def bench_collapse(seeds: int = 5) -> None:
    """Print what each repair of lesson 07 does to a collapsed run, mean ± standard error."""
    data = ring(sd=0.05)
    print(f"wide ring, {COLLAPSE_STEPS} steps, seeds 0 to {seeds - 1}, process seconds a run")
    for name, settings in REPAIRS.items():
        rows, tops, start = [], [], time.process_time()
        for seed in range(seeds):
            if "m" in settings:
                trainer = packed_trainer(data, seed=seed, **settings)
            else:
                trainer = plain_trainer(data, seed=seed, **settings)
            trainer.burst(COLLAPSE_STEPS)
            x = scored_samples(trainer).reshape(-1, 2)[:2500]
            rows.append(mode_scores(x, data.centres, data.sd))
            if "m" not in settings:
                tops.append(hills(trainer.D.logits, 1.25))
        seconds = (time.process_time() - start) / seeds
        rows = np.array(rows)
        error = np.nanstd(rows, axis=0, ddof=1) / np.sqrt(seeds)
        numbers = [f"{m:.3g} ± {e:.2g}" for m, e in zip(np.nanmean(rows, 0), error, strict=True)]
        print(f"| {name} | {' | '.join(numbers)} | {seconds:.1f} |", flush=True)
        modes = [int(row[0]) for row in rows]
        print(f"  by seed: modes {modes}, hills of D {tops or 'not in the plane'}", flush=True)


def bench_last_gamma(seeds: int = 2, n_steps: int = 4000) -> None:
    """Print how the last γ of R1 and R2 changes what the wide ring's modes look like."""
    data, first = ring(sd=0.05), 0.03
    print(f"wide ring, {n_steps} steps, seeds 0 to {seeds - 1}, γ from {first} on")
    for last in (0.03, 0.003, 0.0003):
        rows, fall = [], geometric_fall(last / first, 0.0, 0.8)
        for seed in range(seeds):
            trainer = plain_trainer(data, seed=seed, lr_g=2e-3, lr_d=2e-3)
            trainer.r1_gamma = trainer.r2_gamma = first
            trainer.schedules = {"r1_gamma": fall, "r2_gamma": fall, "lr": _flat_then_cosine}
            trainer.n_steps = n_steps
            trainer.burst(n_steps)
            rows.append(mode_scores(scored_samples(trainer), data.centres, data.sd))
        print(f"| {last:g} | {' | '.join(f'{v:.3g}' for v in np.mean(rows, axis=0))} |", flush=True)


def _flat_then_cosine(progress: float) -> float:
    """Return 1 for three fifths of a run, then half a cosine wave down to 0 at its end."""
    return 0.5 + 0.5 * math.cos(math.pi * max(0.0, progress - 0.6) / 0.4)


# --- the playground: ours beside published tables -------------------------------------------------

SCORES = ("modes", "fair_modes", "high_quality", "reverse_kl", "covariance_ratio", "jsd")
BETTER = dict(zip(SCORES, (max, max, max, min, None, min), strict=True))
BESIDE = ("perfect sampler", "uniform noise")


def bench_playground(n_steps: int = PLAYGROUND_STEPS, seeds: Sequence[int] = range(10)) -> None:
    """Train ring and grid on each seed; print the table, write CSV and figure.

    So many steps take about a minute of one free core, and give the same table on a busy one.
    """
    table = []
    for name in ("ring", "grid"):
        runs = []
        for seed in seeds:
            with tempfile.TemporaryDirectory() as out:
                command = f"-m gan_lesson playground --data {name} --steps {n_steps}"
                command += f" --seed {seed} --threads 1 --out"
                line = [sys.executable, *command.split(), out]
                subprocess.run(line, check=True, stderr=subprocess.DEVNULL)
                runs.append(json.loads((Path(out) / "scores.json").read_text()))
            print(f"{name}, seed {seed}: {runs[-1]['scores']}, {runs[-1]['steps_taken']} steps")
        table += playground_rows(name, runs)
    write_table(ROOT / "figures" / "07_table.csv", table)
    draw_table(table).savefig(ROOT / "figures" / "07_table.png")
    for row in table:
        numbers = (f"{key} {row[key]:.4g} ± {row[f'{key}_se'] or 0:.2g}" for key in SCORES)
        print(f"{row['data']:5s} {row['who']:22s}", *(n for n in numbers if "nan" not in n))


def bench_games() -> None:
    """Play lesson 15's games on ring and digits anew; print what is then recorded."""
    for part in ("games", "games_on_digits"):
        command = [sys.executable, str(ROOT / "tools" / "make_assets.py"), "--only", part]
        subprocess.run(command, check=True)
    show_table("ring")
    show_games_on_digits()


def playground_rows(name: str, runs: Sequence[dict]) -> list[dict]:
    """Return the rows of one data set: ours, our worst seed, published ones, floor and ceiling.

    Args:
        name: "ring" or "grid".
        runs: the contents of scores.json, one for each seed.
    """
    n, nan = len(runs), float("nan")
    found = {
        key: np.array([run["scores"][key] for run in runs], dtype=float) for key in SCORES
    }  # null becomes NaN
    steps, seconds = ([run[f"{key}_taken"] for run in runs] for key in ("steps", "seconds"))
    ours = {"data": name, "who": f"ours, mean of {n} seeds"}
    ours |= {"steps": round(np.mean(steps)), "seconds": round(np.median(seconds), 1)}
    worst = dict(ours, who=f"ours, worst of {n} seeds")
    for key, values in found.items():
        ours[key], ours[f"{key}_se"] = values.mean(), values.std(ddof=1) / n**0.5 if n > 1 else nan
        if BETTER[key]:
            worst[key] = (min if BETTER[key] is max else max)(values)
        else:
            worst[key] = values[np.abs(values - 1).argmax()]
    rows = [ours, worst]
    for data, who, modes, high_quality, reverse_kl, steps in PUBLISHED:
        if data == name:
            row = {"data": data, "who": who, "modes": modes, "high_quality": high_quality}
            rows.append(row | {"reverse_kl": reverse_kl, "steps": steps})
    rows += [{"data": name, "who": who, **row} for who, row in runs[0]["beside"].items()]
    columns = ("data", "who", *SCORES, *(f"{key}_se" for key in SCORES), "steps", "seconds")
    return [{c: nan if row.get(c) is None else row[c] for c in columns} for row in rows]


def write_table(path: Path, table: Sequence[dict]) -> None:
    """Write rows as CSV, four significant digits; what an author does not print stays empty."""

    def as_text(value) -> str:
        if isinstance(value, str):
            return value
        return "" if value != value else f"{value:.4g}" if value < 1000 else f"{value:.0f}"

    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table[0])
        writer.writerows([as_text(value) for value in row.values()] for row in table)


def draw_table(table: Sequence[dict]):
    """Return a figure of modes, high quality and reverse KL: a row of dots for each method."""
    figure = plots.new_figure(10, 6.4)
    with plots.lesson_style():
        axes = figure.subplots(2, 3, sharey="row")
    columns = (
        ("modes", 1, "modes captured"),
        ("high_quality", 100, "high-quality samples (%)"),
        ("reverse_kl", 1, "reverse KL (nats, log scale)"),
    )
    for line, (name, k) in zip(axes, (("ring", 8), ("grid", 25)), strict=True):
        rows = [row for row in table if row["data"] == name][::-1]
        for ax, (key, unit, label) in zip(line, columns, strict=True):
            for y, row in enumerate(rows):
                colour = plots.REFERENCE if row["who"] in BESIDE else "#222222"
                colour = plots.GENERATED if row["who"].startswith("ours") else colour
                se = np.nan_to_num(unit * row[f"{key}_se"])
                ax.errorbar(unit * row[key], y, xerr=se, fmt="o", color=colour, capsize=3)
            ax.set_xlabel(label)
        line[0].set_yticks(range(len(rows)), [row["who"] for row in rows])
        line[0].set_title(f"{name} of {k}", loc="left")
        line[0].set_xlim(0, 1.05 * k)
        line[1].set_xlim(0, 104)
        line[2].set_xscale("log")
    return figure


if __name__ == "__main__":
    main()
