"""Measure the budgets, ours and the usual way side by side: `make bench`.

    python tests/bench.py [imports] [kernel] [browser] [digits] [--seconds 60]

Without a name all four are run. Whatever is compared runs in turn on the same machine, one
torch thread each; nothing here is asserted, and tests assert no seconds.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gan_lesson.data import grid, load_digits, tensor_to_images
from gan_lesson.evaluation import REAL_AGAINST_REAL, class_shares, digit_distance
from gan_lesson.explorers.digits import digits_player
from gan_lesson.networks import small_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.training import Trainer, fully_connected_trainer

ROOT = Path(__file__).parent.parent
PARTS = ("imports", "kernel", "browser", "digits")


def main() -> None:
    """Run the parts that were named, each printing its own lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--seconds", type=float, default=60, help="training time of each GAN")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"unknown part {unknown.pop()!r}; there are {', '.join(PARTS)}")
    torch.set_num_threads(1)
    print(machine())
    for part in args.parts or PARTS:
        print(f"\n== {part}")
        if part == "digits":
            bench_digits(args.seconds)
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
        "from gan_lesson.explorers.coin_flips import LogLossExplorer; LogLossExplorer()",
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
    """Tick a player at most ten times a second; return (pictures/s, steps/s)."""
    player.play.value = 1
    frames, step, start = player.panel.frames, player.trainer.step, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        player.play.value += 1
        time.sleep(max(0.0, start + 0.1 * (player.panel.frames - frames) - time.perf_counter()))
    return (player.panel.frames - frames) / elapsed, (player.trainer.step - step) / elapsed


def bench_kernel() -> None:
    """Print each player's pace when nobody else wants the processor, beside its trainer's own."""
    images = load_digits().train.images
    G, D = small_pair(2, width=32)
    pair = Trainer(G, D, grid(), batch_size=150)
    for name, trainer, make in (
        ("digits, fully connected", fully_connected_trainer(images, n_steps=10**6), digits_player),
        ("2-32-32 pair, batch 150", pair, TrainingPlayer),
    ):
        trainer.burst(seconds=2)
        alone = trainer.burst(seconds=5) / 5
        pictures, steps = play_in_kernel(make(trainer))
        print(
            f"{name}: {steps:.0f} steps/s while drawing {pictures:.1f} pictures/s "
            f"({steps / alone:.0%} of {alone:.0f} steps/s without pictures)"
        )


# --- the browser -------------------------------------------------------------------------------


def bench_browser() -> None:
    """Print slider and player figures in Chromium, for both front-end stacks."""
    import bench_browser as measure
    from front_ends import ClassicNotebook, JupyterLab, Missing, open_browser

    for kind in (JupyterLab, ClassicNotebook):
        try:
            with open_browser() as browser, kind(browser) as front:
                _bench_front_end(kind.__name__, front, measure)
        except Missing as missing:
            print(f"{kind.__name__}: not measured, {missing}")


def _bench_front_end(name: str, front, measure) -> None:
    for path in sorted((ROOT / "notebooks").glob("0[0-4]*.ipynb")):
        front.open(path)
        front.run_all()
        for cell, source in enumerate(front.sources()):
            made = re.search(r"\b(\w+Explorer)\(", source)
            if not made or not front.sliders(cell).count():
                continue
            picture, text = measure.measure_slider(front, 0, cell, rounds=1)
            if not picture.latencies:
                continue
            print(f"{name}, {path.name[:2]} {made[1]}: {picture}")
            print(f"    a plain text beside it: {text}; ratio {picture.median / text.median:.2f}")
    front.open(ROOT / "notebooks" / "06_digits.ipynb")
    front.run_all()
    cell = front.find_cell("digits_player(")

    def read_step() -> int:
        return measure.step_in(front.picture(0, cell=cell).alt)

    print(f"{name}, digits player: {measure.measure_player(front, cell, read_step)}")


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


if __name__ == "__main__":
    main()
