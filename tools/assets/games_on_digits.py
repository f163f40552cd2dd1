"""Lesson 15: digits, the recipe of lesson 06 beside the same networks in another game.

The recipes that are compared have the same seeds, the same seconds of the processor, and are
played in turns of a part of them.
"""

import csv
import io

import numpy as np
from torch import Tensor

from assets.files import Assets
from assets.games import play_in_turns
from assets.samples import ten_thousand
from gan_lesson.data import load_digits
from gan_lesson.lessons.lesson_15.recorded import DIGITS_FILE
from gan_lesson.metrics import REAL_AGAINST_REAL, class_shares, digit_distance
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer

SEEDS, SECONDS = 5, 60
# γ of R1 + R2 drew best of 0.03, 0.1, 0.3, 1 and 3, after 12 seconds from a seed not used here
RECIPES = {
    "logistic, R1": {},
    "logistic, R1 + R2": {"r1_gamma": 0.3, "r2_gamma": 0.3},
    "relativistic, R1 + R2": {"loss": "relativistic", "r1_gamma": 1.0, "r2_gamma": 1.0},
}


def trainer_of(images: Tensor, recipe: str, seed: int) -> Trainer:
    """Return lesson 06's trainer with the changes of a recipe; its rates are left to the caller."""
    trainer = fully_connected_trainer(images, seed=seed)
    trainer.schedules = {}
    for name, value in RECIPES[recipe].items():
        setattr(trainer, name, value)
    return trainer


def play_seed(images: Tensor, seed: int, seconds: float = SECONDS, recipes=tuple(RECIPES)) -> list:
    """Return a row for each recipe, played from one seed for so many seconds of the processor."""
    trainers = [trainer_of(images, recipe, seed) for recipe in recipes]
    rows = []
    taken = play_in_turns(trainers, seconds)
    for recipe, trainer, spent in zip(recipes, trainers, taken, strict=True):
        x = ten_thousand(trainer)
        row = {"recipe": recipe, "seed": seed, "seconds": spent, "steps": trainer.step}
        rows.append(row | {"distance": digit_distance(x), "rarest": float(class_shares(x).min())})
    return rows


def make_games_on_digits(assets: Assets) -> dict:
    """Play every seed on the bundled digits; write the rows, with the floor as the last."""
    images, rows = load_digits().train.images, []
    for seed in range(SEEDS):
        rows += play_seed(images, seed)
        print(seed, [f"{row['distance']:.1f}" for row in rows[-len(RECIPES) :]], flush=True)
    rows.append({"recipe": "real digits", "distance": REAL_AGAINST_REAL})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        values = (row.get(column, "") for column in rows[0])
        writer.writerow([f"{v:.4g}" if isinstance(v, float) else v for v in values])
    means = [np.mean([r["distance"] for r in rows if r["recipe"] == name]) for name in RECIPES]
    return {
        "bytes": assets.write(DIGITS_FILE, text.getvalue().encode(), "lesson_15"),
        "last_seed": SEEDS - 1,
        "seconds": SECONDS,
        "distances": ", ".join(f"{mean:.1f}" for mean in means),
    }
