"""Small trainers and players that several files of tests train, and how two are compared."""

import io

import numpy as np
import torch
from PIL import Image

from gan_lesson.data import ring
from gan_lesson.networks import small_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.trainer import Trainer

COLUMNS = ("step", "d_real", "d_fake", "loss_d", "loss_g")


def new_trainer(seed=0, **settings):
    G, D = small_pair(2, seed=seed)
    return Trainer(G, D, ring(), **({"seed": seed, "batch_size": 32} | settings))


def same_history(a, b):
    return all(np.array_equal(a.history[c], b.history[c]) for c in COLUMNS)


def same_weights(a, b):
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.equal(x, y) for x, y in pairs)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def new_player(**settings):
    G, D = small_pair(2)
    trainer = Trainer(G, D, ring(), batch_size=32, **settings)
    return TrainingPlayer(trainer)


def tick(player, n=1):
    for _ in range(n):
        player.play.value += 1
