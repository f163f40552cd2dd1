"""Lesson 11: dots on the plane of two scores, answers that fit, four long runs of a small SRGAN."""

import time

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor
from torch.nn.functional import interpolate

from assets.files import Assets
from assets.samples import in_grey_levels
from gan_lesson.data import Digits, load_digits
from gan_lesson.latent_search import search_latent
from gan_lesson.lessons.lesson_11.recorded import (
    ANSWERS_FILE,
    PLANE_FILE,
    RUNS_FILE,
    WEIGHTS,
    Plane,
    generator_file,
)
from gan_lesson.metrics import restoration_scores
from gan_lesson.pretrained import CURVES, as_float16, load_digits_generator
from gan_lesson.recipes import super_resolution_trainer
from gan_lesson.super_resolution import (
    SuperResolutionTrainer,
    back_project,
    enlarge,
    mean_of_nearest,
    nearest_by_small_image,
    shrink,
)

ROOM = "lesson_11"
MOST = 30
SIZES = (7, 4, 2)
JOINS = 500
BATCH = 64  # twice the recipe's, for a run that nobody waits for
START = (0, 10, 20, 50, 100, 200, 350, JOINS)
AFTER = (520, 550, 600, 700, 850, 1000, 1200, 1400, 1700, 2000)
CURVE_EVERY = 10


def make_super_resolution(data: Digits, assets: Assets) -> dict:
    """Make all four; only the runs need MNIST's 60,000 training digits."""
    plane_bytes = make_plane(assets)
    answers_bytes = make_answers(assets)
    start = time.process_time()
    n_bytes, runs_bytes, ends = make_runs(data.train.images, assets)
    return {
        "bytes": n_bytes,
        "runs_kilobytes": runs_bytes // 1000,
        "plane_kilobytes": plane_bytes // 1000,
        "answers_kilobytes": answers_bytes // 1000,
        "seconds": round(time.process_time() - start),
        "joins": JOINS,
        "steps": AFTER[-1],
        "psnr": ", ".join(f"{end.psnr:.2f}" for end in ends),
        "distance": ", ".join(f"{end.distance:.1f}" for end in ends),
    }


# --- without a network -----------------------------------------------------------------------


def restorations() -> dict[str, Tensor]:
    """Return the bundled test digits as each way without a network restores them."""
    train, test = (part.images for part in load_digits())
    y = shrink(test)
    made = {"original": test, "nearest pixel": enlarge(y)}
    for mode in ("bilinear", "bicubic"):
        made[mode] = interpolate(y, scale_factor=4, mode=mode).clamp(-1, 1)
    nearest = nearest_by_small_image(y, shrink(train), MOST)
    for k in range(1, MOST + 1):
        made[f"k={k}"] = mean_of_nearest(train, nearest, k)
    for k in range(1, MOST + 1):
        made[f"k={k} back-projected"] = back_project(made[f"k={k}"], y).clamp(-1, 1)
    return made


def make_plane(assets: Assets) -> int:
    """Score each of them, and write the table; return its bytes."""
    test = load_digits().test
    lines = [",".join(Plane._fields)]
    for name, x_hat in restorations().items():
        scores = restoration_scores(test.images, x_hat, test.labels)
        lines.append(",".join([name, *(f"{score:.5g}" for score in scores)]))
        print(lines[-1], flush=True)
    return assets.write(PLANE_FILE, "\n".join(lines).encode() + b"\n", ROOM)


def make_answers(assets: Assets) -> int:
    """Search z for a test digit of each class and each size, and write what was found."""
    G, test = load_digits_generator(), load_digits().test
    rows = [int((test.labels == digit).nonzero()[0]) for digit in range(10)]
    found = np.zeros((len(rows), len(SIZES), 16, G.latent_dim), np.float16)
    for i, row in enumerate(rows):
        for j, size in enumerate(SIZES):
            y = shrink(test.images[row : row + 1], size)
            answers = search_latent(G, lambda x, size=size: shrink(x, size), y, n_starts=16)
            found[i, j] = answers.z.numpy()
    arrays = {"rows": np.array(rows), "sizes": np.array(SIZES), "z": found}
    return assets.write_arrays(ANSWERS_FILE, arrays, ROOM)


# --- four long runs --------------------------------------------------------------------------


def make_runs(images: Tensor, assets: Assets) -> tuple[int, int, list]:
    """Train with each weight from one start; write what was seen, and the generators.

    Returns:
        Bytes of the generators and of the rest, and the last scores of each run.
    """
    trainer = super_resolution_trainer(images, 0.0, start_steps=JOINS, n_steps=AFTER[-1])
    trainer.batch_size = BATCH
    start = watch(trainer, START)
    kept, n_bytes, ends = [], 0, []
    for weight in WEIGHTS:
        run = trainer.branch()
        run.adversarial_weight = weight
        kept.append((*watch(run, AFTER), curves(run)))
        ends.append(kept[-1][0][-1])
        print(weight, ends[-1], flush=True)
        n_bytes += assets.write(generator_file(weight), save(as_float16(run.G_ema)), ROOM)
    scores, sheets, drawn = (np.stack(each) for each in zip(*kept, strict=True))
    stored = {
        "joins": np.array(JOINS),
        "shown": shown(),
        "steps": np.array(START + AFTER),
        "start_scores": np.array(start[0]),
        "start_sheets": start[1],
        "scores": scores,
        "sheets": sheets,
        "curve_steps": np.arange(CURVE_EVERY, AFTER[-1] + 1, CURVE_EVERY),
        "curves": drawn.astype(np.float32),
    }
    return n_bytes, assets.write_arrays(RUNS_FILE, stored, ROOM), ends


def shown() -> np.ndarray:
    """Return the rows of the test digits that are shown: the first of each class, a 4 and a 9."""
    labels = load_digits().test.labels
    place = [(labels == digit).nonzero()[:2, 0] for digit in range(10)]
    return np.array([int(p[0]) for p in place] + [int(place[4][1]), int(place[9][1])])


def watch(trainer: SuperResolutionTrainer, moments: tuple[int, ...]) -> tuple[list, np.ndarray]:
    """Train to each of the moments; return the scores and the shown digits at each."""
    test, rows = load_digits().test, torch.from_numpy(shown())
    y = shrink(test.images)
    scores, sheets = [], []
    for step in moments:
        if step > trainer.step:
            trainer.burst(step - trainer.step)
        trainer.snapshots = []
        x_hat = trainer.restore(y)
        scores.append(restoration_scores(test.images, x_hat, test.labels))
        sheets.append(in_grey_levels(x_hat[rows]))
        print(step, [round(score, 3) for score in scores[-1]], flush=True)
    return scores, np.stack(sheets)


def curves(trainer: SuperResolutionTrainer) -> np.ndarray:
    """Return the means of the four curves over every ten steps, shape (c, 4)."""
    rows = np.stack([trainer.history[name] for name in CURVES], axis=1)
    return rows.reshape(-1, CURVE_EVERY, 4).mean(axis=1)
