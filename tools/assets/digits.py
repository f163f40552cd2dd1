"""Lesson 06: a generator of digits, the time-line of its training, and short runs."""

import time

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from assets.files import Assets
from assets.samples import first_rows_of_each_digit, ten_thousand
from gan_lesson.data import Digits, load_digits, tensor_to_images
from gan_lesson.lessons.lesson_06.recorded import RUNS_FILE, DigitsRuns
from gan_lesson.metrics import class_shares, digit_distance, memorisation_check
from gan_lesson.networks import fully_connected_pair
from gan_lesson.pretrained import CURVES, GENERATOR_FILE, TIMELINE_FILE, Timeline, as_float16
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer, adam

GENERATOR_STEPS = 20_000
MOMENTS = (0, 5, 15, 30, 60, 100, 150, 200, 300, 400, 600, 800, 1000, 1500, 2000, 3000, 5000)
MOMENTS += (8000, 12_000, 16_000, GENERATOR_STEPS)


def make_digits_generator(data: Digits, assets: Assets) -> dict:
    """Train the generator of lesson 06 on all digits; write it and moments of its training."""
    trainer = fully_connected_trainer(data.train.images, n_steps=GENERATOR_STEPS)
    z_fixed = trainer.G.sample_z(36, torch.Generator().manual_seed(0))
    sheets, distances = [], []
    for step in MOMENTS:
        if step > trainer.step:
            trainer.burst(step - trainer.step)
            trainer.snapshots = []
        sheets.append(tensor_to_images(trainer.sample(z_fixed)))
        looked = step >= 100 or step == 0  # noise scores thousands, whatever the step
        distances.append(digit_distance(ten_thousand(trainer)) if looked else np.nan)
    steps = np.unique(np.geomspace(1, GENERATOR_STEPS, 500).astype(int))
    rows = np.stack([trainer.history[name] for name in CURVES], axis=1)
    parts = np.split(rows, steps[:-1])
    timeline = Timeline(
        np.array(MOMENTS),
        np.stack(sheets),
        np.array(distances),
        steps,
        np.array([part.mean(axis=0) for part in parts], np.float32),
    )
    n_bytes = assets.write(GENERATOR_FILE, save(as_float16(trainer.G_ema)))
    timeline_bytes = assets.write_arrays(TIMELINE_FILE, timeline._asdict())
    return {
        "seconds": round(trainer.seconds),
        "bytes": n_bytes,
        "timeline_kilobytes": timeline_bytes // 1000,
        "steps": GENERATOR_STEPS,
        "distance": distances[-1],
        "rarest": float(class_shares(ten_thousand(trainer)).min()),
        "closer": not_copied(trainer, data),
    }


def not_copied(trainer: Trainer, data: Digits) -> float:
    """Return how often samples come nearer to all training digits than test digits do."""
    z = trainer.G.sample_z(10_000, torch.Generator().manual_seed(2))[:2000]
    x = trainer.sample(z), data.train.images, data.test.images[:2000]
    return memorisation_check(*x).closer


SHORT_STEPS, PIECE_STEPS, PIECE_SEEDS = 600, 1000, 2
FEW, FEW_STEPS = 1000, (200, 500, 1000, 1500, 2000, 2500)


def make_digits_runs(assets: Assets) -> dict:
    """Make lesson 06's short runs, which see the bundled digits alone."""
    start = time.perf_counter()
    images = load_digits().train.images
    curves, sheets = zip(*(short_run(images, *rates) for rates in SHORT_RUNS.values()), strict=True)
    answers, closer = few_digits_run()
    runs = DigitsRuns(
        np.array(list(SHORT_RUNS)),
        np.stack(curves),
        np.stack(sheets),
        np.array(list(PIECES)),
        np.array([[piece(images, n, seed) for seed in range(PIECE_SEEDS)] for n in PIECES]),
        np.array([change.get("steps", PIECE_STEPS) for change in PIECES.values()]),
        np.array(FEW_STEPS),
        np.array(answers),
        np.array(closer),
    )
    n_bytes = assets.write_arrays(RUNS_FILE, runs._asdict(), "lesson_06")
    return {"seconds": round(time.perf_counter() - start), "bytes": n_bytes}


# name -> learning rates of G and D, and the weight of R1
SHORT_RUNS = {
    "both learn": (2e-3, 5e-4, 0.3),
    "D far ahead": (1e-4, 2e-3, 0.0),
    "D stands still": (2e-3, 0.0, 0.3),
    "nobody learns": (1e-7, 1e-7, 0.3),
}


def short_run(images: Tensor, lr_g: float, lr_d: float, gamma: float) -> tuple:
    """Return the curves, shape (100, 4), and 25 samples of a run of 600 steps."""
    G, D = fully_connected_pair(seed=0)
    trainer = Trainer(
        G,
        D,
        images,
        optimizer_g=adam(G.parameters(), lr_g),
        optimizer_d=adam(D.parameters(), lr_d),
        r1_gamma=gamma,
        r1_every=8,
        ema_decay=0.998,
    )
    trainer.burst(SHORT_STEPS)
    rows = np.stack([trainer.history[name] for name in CURVES], axis=1)
    z = G.sample_z(25, torch.Generator().manual_seed(3))
    return rows.reshape(100, -1, 4).mean(axis=1), tensor_to_images(trainer.sample(z))


# what is changed in the recipe, one piece at a time
PIECES = {
    "the recipe": {},
    "without R1": {"gamma": 0.0},
    "without EMA": {"ema": 0.0},
    "without BatchNorm in G": {"batch_norm": False},
    "D as fast as G": {"lr_d": 2e-3},
    "Adam's betas (0.9, 0.999)": {"betas": (0.9, 0.999)},
    "saturating loss": {"loss": "saturating"},
    "the recipe, longer": {"steps": 2000},
    "without R1, longer": {"gamma": 0.0, "steps": 2000},
}


def piece(images: Tensor, name: str, seed: int) -> float:
    """Return the Fréchet distance of the recipe with one piece changed."""
    change = PIECES[name]
    G, D = fully_connected_pair(seed=seed)
    if not change.get("batch_norm", True):
        G.net = torch.nn.Sequential(
            *(part for part in G.net if not isinstance(part, torch.nn.BatchNorm1d))
        )
    betas = change.get("betas", (0.0, 0.99))
    trainer = Trainer(
        G,
        D,
        images,
        optimizer_g=adam(G.parameters(), 2e-3, betas),
        optimizer_d=adam(D.parameters(), change.get("lr_d", 5e-4), betas),
        loss=change.get("loss", "non_saturating"),
        r1_gamma=change.get("gamma", 0.3),
        r1_every=8,
        ema_decay=change.get("ema", 0.998),
        seed=seed,
    )
    trainer.burst(change.get("steps", PIECE_STEPS))
    distance = digit_distance(ten_thousand(trainer))
    print(name, seed, round(distance, 1), flush=True)
    return distance


def few_digits_run() -> tuple[list, list]:
    """Return what D, trained on 1,000 digits, says of them, of new ones and of samples.

    And how often samples come nearer to those digits than new digits do.
    """
    train, test = load_digits()
    few = train.images[first_rows_of_each_digit(train.labels, FEW // 10)]
    trainer = fully_connected_trainer(few, n_steps=FEW_STEPS[-1])
    answers, closer = [], []
    for step in FEW_STEPS:
        trainer.burst(step - trainer.step)
        trainer.snapshots = []
        samples = ten_thousand(trainer)[:2000]
        with torch.no_grad():
            sets = (few, test.images, samples)
            answers.append([float(trainer.D(x).mean()) for x in sets])
        closer.append(memorisation_check(samples, few, test.images).closer)
        print("few digits", step, answers[-1], closer[-1], flush=True)
    return answers, closer
