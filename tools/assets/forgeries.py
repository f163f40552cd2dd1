"""Lesson 00: real digits, forgeries of three stages, and what four discriminators say of each."""

import copy
import time

import torch
from torch import Tensor

from assets.files import Assets
from assets.samples import in_grey_levels
from gan_lesson.data import Digits, images_to_tensor
from gan_lesson.lessons.lesson_00.forgeries import FILE, IMAGES, SOURCES
from gan_lesson.networks import Discriminator, Generator, fully_connected_pair
from gan_lesson.trainer import Trainer, adam
from gan_lesson.turns import update_discriminator_quickly

STAGES = {"early": 150, "middle": 1000, "late": 12_000}  # after so many steps
EXAMINER_STEPS = 3000


def make_forgeries(data: Digits, assets: Assets) -> dict:
    """Train a GAN, keep what it draws at three stages and what four Ds say of it."""
    start = time.perf_counter()
    generators, detectives = train_in_stages(data)
    detectives["examiner"] = train_examiner(detectives["late"], generators["late"], data)
    seconds = time.perf_counter() - start
    draw = torch.Generator().manual_seed(2024)
    rows = torch.randperm(len(data.test.images), generator=draw)[:IMAGES]
    x = {"real": data.test.images[rows]}
    for stage, G in generators.items():
        with torch.no_grad():
            x[stage] = G(G.sample_z(IMAGES, draw))
    images = {source: in_grey_levels(x[source]) for source in SOURCES}
    with torch.no_grad():
        probabilities = [
            [D.logits(images_to_tensor(images[s]))[:, 0].double().sigmoid() for s in SOURCES]
            for D in detectives.values()
        ]
    probabilities = torch.stack([torch.stack(row) for row in probabilities]).numpy()
    n_bytes = assets.write_arrays(FILE, {"probabilities": probabilities} | images, "lesson_00")
    stages = ", ".join(map(str, STAGES.values()))
    return {"seconds": round(seconds), "bytes": n_bytes, "stages": stages}


def train_in_stages(data: Digits) -> tuple[dict[str, Generator], dict[str, Discriminator]]:
    """Return the averaged generator and its opponent at each stage of one run, as copies."""
    G, D = fully_connected_pair(seed=0)
    trainer = Trainer(
        G,
        D,
        data.train.images,
        optimizer_g=adam(G.parameters(), 2e-3),
        optimizer_d=adam(D.parameters(), 5e-4),
        r1_gamma=0.05,
        r1_every=8,
        ema_decay=0.99,
        schedules={"lr": lambda progress: min(1.0, 2 * (1 - progress))},
        n_steps=STAGES["late"],
        snapshot_bytes=1,
    )
    generators, detectives = {}, {}
    for stage, steps in STAGES.items():
        trainer.burst(steps - trainer.step)
        generators[stage] = copy.deepcopy(trainer.G_ema)
        detectives[stage] = copy.deepcopy(D).requires_grad_(False)
    return generators, detectives


def train_examiner(D: Discriminator, G: Generator, data: Digits) -> Discriminator:
    """Return a copy of D trained further while G stands still, on images as the lesson shows them.

    It is the nearest to the best response that these layers reach.
    """
    D = copy.deepcopy(D).requires_grad_(True)
    optimizer = adam(D.parameters(), 5e-4)
    draw = torch.Generator().manual_seed(1)
    x_train = images_to_tensor(in_grey_levels(data.train.images))

    def shown(z: Tensor) -> Tensor:
        return images_to_tensor(in_grey_levels(G(z)))

    for step in range(EXAMINER_STEPS):
        optimizer.param_groups[0]["lr"] = 5e-4 * (1 - step / EXAMINER_STEPS)
        rows = torch.randint(len(x_train), (64,), generator=draw)
        z = G.sample_z(64, draw)
        gamma = 0.05 * 8 if step % 8 == 0 else 0.0
        update_discriminator_quickly(D, shown, optimizer, x_train[rows], z, gamma)
    return D.requires_grad_(False)
