"""Lesson 09: both kinds of GAN after the same seconds, and the convolutional generator."""

import time

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from assets.files import Assets
from assets.samples import in_grey_levels, ten_thousand
from gan_lesson.data import Digits
from gan_lesson.lessons.lesson_09.recorded import RACE_FILE
from gan_lesson.metrics import REAL_AGAINST_REAL, class_shares, digit_distance
from gan_lesson.pretrained import CONVOLUTIONAL_FILE, as_float16
from gan_lesson.recipes import convolutional_trainer, fully_connected_trainer
from gan_lesson.trainer import Trainer

RACE_SECONDS = (1, 2, 5, 10, 20, 40)
RACERS = {"fc": fully_connected_trainer, "conv": convolutional_trainer}


def make_race(data: Digits, assets: Assets) -> dict:
    """Train both kinds for the same seconds; write what they drew, and the convolutional G."""
    seconds_a_step = measure_paces(data.train.images)
    stored = {"seconds": np.array(RACE_SECONDS), "floor": np.array(REAL_AGAINST_REAL)}
    for kind, make in RACERS.items():
        steps = [max(1, round(s / seconds_a_step[kind])) for s in RACE_SECONDS]
        trainer = make(data.train.images, n_steps=steps[-1])
        sheets, distances = race(trainer, steps)
        stored |= {f"steps_{kind}": np.array(steps), f"distances_{kind}": np.array(distances)}
        stored[f"images_{kind}"] = np.stack(sheets)
        print(kind, steps, distances, flush=True)
    n_bytes = assets.write(CONVOLUTIONAL_FILE, save(as_float16(trainer.G_ema)))
    race_bytes = assets.write_arrays(RACE_FILE, stored, "lesson_09")
    return {
        "bytes": n_bytes,
        "race_kilobytes": race_bytes // 1000,
        "seconds": RACE_SECONDS[-1],
        "steps_fc": int(stored["steps_fc"][-1]),
        "steps_conv": int(stored["steps_conv"][-1]),
        "distance_fc": float(stored["distances_fc"][-1]),
        "distance_conv": float(stored["distances_conv"][-1]),
        "rarest": float(class_shares(ten_thousand(trainer)).min()),
    }


def measure_paces(images: Tensor, rounds: int = 12, burst: int = 16) -> dict[str, float]:
    """Return the processor seconds of one step of each kind, measured in turns; the median."""
    trainers = {kind: make(images, n_steps=10**6) for kind, make in RACERS.items()}
    taken: dict[str, list[float]] = {kind: [] for kind in trainers}
    for _ in range(rounds):
        for kind, trainer in trainers.items():
            start = time.process_time()
            trainer.burst(burst)
            taken[kind].append((time.process_time() - start) / burst)
    return {kind: float(np.median(seconds)) for kind, seconds in taken.items()}


def race(trainer: Trainer, steps: list[int]) -> tuple[list[np.ndarray], list[float]]:
    """Train to each of `steps`; return 36 samples of fixed z, and the distance, at each."""
    z_fixed = trainer.G.sample_z(36, torch.Generator().manual_seed(0))
    sheets, distances = [], []
    for step in steps:
        trainer.burst(step - trainer.step)
        trainer.snapshots = []
        sheets.append(in_grey_levels(trainer.sample(z_fixed)))
        distances.append(digit_distance(ten_thousand(trainer)))
    return sheets, distances
