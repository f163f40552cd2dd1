"""Lesson 14: who D and G remember, and what became of a minority."""

import time

import numpy as np
import torch
from torch import Tensor

from assets.files import Assets
from assets.samples import in_grey_levels
from gan_lesson.data import Digits
from gan_lesson.lessons.lesson_14.membership import by_d, by_g, run_on, tpr_at_fpr
from gan_lesson.lessons.lesson_14.minority import is_few, mixed_digits
from gan_lesson.lessons.lesson_14.recorded import MEMBERS_FILE, MINORITY_FILE, Members, Minority
from gan_lesson.lessons.mathematics.divergence import auc
from gan_lesson.recipes import fully_connected_trainer

ROOM = "lesson_14"
SEEDS = range(5)
SIZES = (100, 1000, 10_000)
MEMBER_STEPS = 1300
N_OTHERS, N_SAMPLES = 2000, 4000
SHARES = (0.1, 0.02)
MOMENTS = (50, 100, 150, 225, 300, 450)
FACTORS = (1.0, 0.75, 0.5, 0.25)
SHOWN = 24


def make_harm(data: Digits, assets: Assets) -> dict:
    """Make both; only the members are drawn from MNIST's 60,000 training digits."""
    start = time.process_time()
    members = make_members(data)
    minority = make_minority()
    n_bytes = assets.write_arrays(MEMBERS_FILE, members._asdict(), ROOM)
    minority_bytes = assets.write_arrays(MINORITY_FILE, minority._asdict(), ROOM)
    return {
        "bytes": n_bytes,
        "minority_kilobytes": minority_bytes // 1000,
        "seconds": round(time.process_time() - start),
        "member_steps": MEMBER_STEPS,
        "steps": MOMENTS[-1],
        "auc": ", ".join(f"{row.mean():.2f}" for row in members.auc_d),
    }


def make_members(data: Digits) -> Members:
    """Train on n digits for each size and seed, and score them against others."""
    found = {name: np.zeros((len(SIZES), len(SEEDS))) for name in ("ad", "ag", "td", "tg")}
    kept = np.full((4, len(SIZES), N_OTHERS), np.nan, np.float16)
    for i, n in enumerate(SIZES):
        for seed in SEEDS:
            scores = member_scores(data, n, seed)
            for by, (members, others) in zip("dg", scores, strict=True):
                pair = torch.from_numpy(members), torch.from_numpy(others)
                found[f"a{by}"][i, seed] = auc(*pair)
                found[f"t{by}"][i, seed] = tpr_at_fpr(members, others, 0.01)
            if seed == SEEDS[0]:
                for row, values in zip(kept, sum(map(list, scores), []), strict=True):
                    row[i, : len(values[:N_OTHERS])] = values[:N_OTHERS]
            print(n, seed, *(round(float(v[i, seed]), 3) for v in found.values()), flush=True)
    return Members(np.array(SIZES), np.array(MEMBER_STEPS), *found.values(), *kept)


def member_scores(data: Digits, n: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the scores of (members, others), by D and by G, after a run on n digits."""
    images = data.train.images
    rows = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    members, others = images[rows[:n]], images[rows[n : n + N_OTHERS]]
    trainer = run_on(members, MEMBER_STEPS, seed)
    z = trainer.G.sample_z(N_SAMPLES, torch.Generator().manual_seed(seed))
    samples = trainer.sample(z)
    few = members[:N_OTHERS]
    return [
        tuple(by_d(trainer.D, x) for x in (few, others)),
        tuple(by_g(samples, x) for x in (few, others)),
    ]


def make_minority() -> Minority:
    """Train on each share with each seed, and count at moments, with z made shorter."""
    shape = len(SHARES), len(SEEDS), len(MOMENTS), len(FACTORS)
    found = np.zeros(shape)
    sheets = np.zeros((shape[0], *shape[2:], SHOWN, 28, 28), np.uint8)
    eights = np.zeros((shape[0], *shape[2:], SHOWN), bool)
    for i, share in enumerate(SHARES):
        for seed in SEEDS:
            trainer = fully_connected_trainer(mixed_digits(share), seed=seed, n_steps=MOMENTS[-1])
            z = trainer.G.sample_z(2000, torch.Generator().manual_seed(1))
            for m, step in enumerate(MOMENTS):
                trainer.burst(step - trainer.step)
                for k, factor in enumerate(FACTORS):
                    x = trainer.sample(factor * z)
                    few = is_few(x)
                    found[i, seed, m, k] = few.double().mean()
                    if seed == SEEDS[0]:
                        rows = in_proportion(few)
                        sheets[i, m, k], eights[i, m, k] = in_grey_levels(x[rows]), few[rows]
            print(share, seed, found[i, seed, :, 0], found[i, seed, -1], flush=True)
    return Minority(np.array(SHARES), np.array(MOMENTS), np.array(FACTORS), found, sheets, eights)


def in_proportion(few: Tensor) -> Tensor:
    """Return 24 rows, in order, of which as large a share is an 8 as of all, rounded."""
    n_few = round(SHOWN * float(few.double().mean()))
    rows = torch.cat([few.nonzero()[:n_few, 0], (~few).nonzero()[: SHOWN - n_few, 0]])
    return rows.sort().values
