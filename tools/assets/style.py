"""Lesson 12: two generators with styles, and what is counted of their images."""

import itertools
import time

import torch
from safetensors.torch import save
from torch import Tensor

from assets.files import Assets
from assets.samples import ten_thousand
from gan_lesson.data import Digits, load_digits
from gan_lesson.lessons.lesson_12.narrower import PSIS, TO_MEAN, WAYS, narrower
from gan_lesson.lessons.lesson_12.recorded import (
    SCORES_FILE,
    TRUNCATION_FILE,
    Swapped,
    Truncated,
    generator_file,
    load_generators,
)
from gan_lesson.lessons.lesson_12.swapping import NOISES, mixed
from gan_lesson.lessons.lesson_12.swapping import PSIS as SHOWN_PSIS
from gan_lesson.lessons.lesson_12.truncation import three_nets
from gan_lesson.metrics import (
    class_shares,
    digit_distance,
    features,
    load_classifier,
    precision_recall,
)
from gan_lesson.pretrained import as_float16
from gan_lesson.recipes import style_trainer
from gan_lesson.style import StyleGenerator, mean_w, truncate

ROOM = "lesson_12"
N_STEPS = 3000
SCORED_AT = (500, 1000, 2000, N_STEPS)
N, N_PAIRS = 2000, 1000


def make_styles(data: Digits, assets: Assets) -> dict:
    """Train both generators on all digits, and write them."""
    found = {"bytes": 0, "seconds": [], "distance": [], "rarest": []}
    for start in ("constant", "linear"):
        trainer, seconds = style_trainer(data.train.images, start, n_steps=N_STEPS), 0.0
        for step in SCORED_AT:
            before = time.process_time()
            trainer.burst(step - trainer.step)
            seconds += time.process_time() - before
            trainer.snapshots = []
            x = ten_thousand(trainer)
            print(start, step, round(seconds), round(digit_distance(x), 2), flush=True)
        found["bytes"] += assets.write(generator_file(start), save(as_float16(trainer.G_ema)), ROOM)
        found["seconds"].append(f"{seconds:.0f}")
        found["distance"].append(f"{digit_distance(x):.2f}")
        found["rarest"].append(f"{class_shares(x).min():.1%}")
    joined = {key: " and ".join(v) if isinstance(v, list) else v for key, v in found.items()}
    return joined | {"steps": N_STEPS}


# --- what is counted -------------------------------------------------------------------------


def make_style_scores(assets: Assets) -> dict:
    """Count what swapping and narrowing do, and write both tables."""
    with torch.no_grad():
        real = features(load_digits().test.images)
        n_bytes = make_swaps(real[::2], assets)
        truncation_bytes = make_truncation(real, assets)
    return {
        "bytes": n_bytes,
        "truncation_kilobytes": truncation_bytes // 1000,
        "n": N,
        "pairs": N_PAIRS,
    }


def make_swaps(real, assets: Assets) -> int:
    """Score every setting of the explorer of swaps."""
    lines = [",".join(("start", "styles", "psi", "noise", *Swapped._fields))]
    every = ["".join(letters) for letters in itertools.product("AB", repeat=3)]
    for start, G in load_generators().items():
        source, mean = sources(G), mean_w(G)
        for psi, strength in itertools.product(SHOWN_PSIS, NOISES):
            w = {letter: truncate(source[letter], mean, psi) for letter in "AB"}
            noise = strength * source["noise"]
            drawn = {styles: mixed(G, w, styles, noise) for styles in every}
            digits = {styles: read(images) for styles, images in drawn.items()}
            for styles, images in drawn.items():
                changed = digits[styles] != digits["AAA"]
                of_side = changed & (digits[styles] == digits["BBB"])
                scores = Swapped(
                    float(changed.float().mean()),
                    float(of_side.float().mean()),
                    float((images + 1).mean() / 2),
                    *precision_recall(real, features(images)),
                )
                numbers = (f"{number:.4g}" for number in scores)
                lines.append(",".join([start, styles, f"{psi:g}", f"{strength:g}", *numbers]))
            print(lines[-1], flush=True)
    return assets.write(SCORES_FILE, "\n".join(lines).encode() + b"\n", ROOM)


def sources(G: StyleGenerator, n: int = N_PAIRS) -> dict:
    """Return w of `n` A and B, and the noise that each A brings."""
    z = G.sample_z(2 * n, torch.Generator().manual_seed(1))
    w = G.mapping(z)
    return {"A": w[:n], "B": w[n:], "noise": G.noise(z[:n])}


def read(images: Tensor) -> Tensor:
    """Return the digits that the classifier reads."""
    classifier = load_classifier()
    return torch.cat([classifier(part).argmax(dim=1) for part in images.split(500)])


def make_truncation(real, assets: Assets) -> int:
    """Score the three ways of the explorer of truncation on three generators."""
    lines = [",".join(("net", "way", *Truncated._fields))]
    for net, G in three_nets().items():
        z = G.sample_z(N, torch.Generator().manual_seed(1))
        with_w = isinstance(G, StyleGenerator)
        mean = mean_w(G) if with_w else None
        for way in WAYS if with_w else [way for way in WAYS if way != TO_MEAN]:
            for psi in PSIS:
                images = narrower(G, z, way, psi, mean)
                scores = precision_recall(real, features(images))
                more = digit_distance(images), class_shares(images).max()
                numbers = (f"{number:.4g}" for number in (psi, *scores, *more))
                lines.append(",".join([net, way, *numbers]))
                print(lines[-1], flush=True)
    return assets.write(TRUNCATION_FILE, "\n".join(lines).encode() + b"\n", ROOM)
