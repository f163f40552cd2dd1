"""Draw the pictures of the README and of slides: `make figures`.

Each is what a widget of a lesson shows at an instructive setting, written beside this file.
"""

import os
from pathlib import Path

os.environ["GAN_LESSON_HEADLESS"] = "1"

from gan_lesson.data import load_digits, two_bumps
from gan_lesson.lessons.lesson_01.explorers import LogLossExplorer, SlopeExplorer
from gan_lesson.lessons.lesson_02.explorers import (
    LedgerExplorer,
    PushForwardExplorer,
    SaddleExplorer,
)
from gan_lesson.lessons.lesson_03 import DensitiesExplorer, DistanceExplorer
from gan_lesson.lessons.lesson_04.explorers import RunsExplorer, TwoLossesExplorer
from gan_lesson.lessons.lesson_05.scene import LoopScene
from gan_lesson.lessons.lesson_06.timeline import digits_player
from gan_lesson.lessons.lesson_07.playground import Playground
from gan_lesson.lessons.lesson_08.explorers import DiracExplorer
from gan_lesson.lessons.lesson_09.explorers import RaceExplorer
from gan_lesson.lessons.lesson_11.long_runs import LongRunsExplorer
from gan_lesson.lessons.lesson_12.swapping import SwapExplorer
from gan_lesson.lessons.lesson_13.plane import TranslationPlayer
from gan_lesson.lessons.lesson_14.detector_explorer import DetectorExplorer
from gan_lesson.lessons.lesson_15.critic import CriticExplorer
from gan_lesson.networks import small_pair
from gan_lesson.player import TrainingPlayer
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.trainer import Trainer, adam

HERE = Path(__file__).parents[1] / "figures"


def digits():
    """Return the player of lesson 06 after 2,000 steps."""
    trainer = fully_connected_trainer(load_digits().train.images, n_steps=4000)
    return digits_player(trainer, preview_steps=2000)


def training_loop():
    """Return the player of lesson 05 after 300 turns."""
    G, D = small_pair(sample_dim=1, latent_dim=1, width=32, seed=0)
    rates = {"optimizer_d": adam(D.parameters(), 0.01), "optimizer_g": adam(G.parameters(), 0.001)}
    trainer = Trainer(G, D, two_bumps(means=(-1.5, 1.5), sd=0.6), batch_size=128, **rates)
    return TrainingPlayer(trainer, LoopScene(), preview_steps=300)


FIGURES = {
    "01_log_loss.png": lambda: LogLossExplorer(p=0.2, y=1),
    "01_slopes.png": SlopeExplorer,
    "02_push_forward.png": PushForwardExplorer,
    "02_ledger.png": LedgerExplorer,
    "02_saddle.png": SaddleExplorer,
    "03_densities.png": DensitiesExplorer,
    "03_distances.png": DistanceExplorer,
    "04_two_losses.png": lambda: TwoLossesExplorer(s=-4.0),
    "04_runs.png": lambda: RunsExplorer(step=30),
    "05_training_loop.png": training_loop,
    "06_digits_player.png": digits,
    "07_playground.png": lambda: Playground("wide ring", preset="R1 + R2", preview_steps=1500),
    "08_circling.png": DiracExplorer,
    "09_same_seconds.png": RaceExplorer,
    "11_four_weights.png": LongRunsExplorer,
    "12_swaps.png": lambda: SwapExplorer(swapped={2, 3}),
    "13_translation.png": lambda: TranslationPlayer(preview_steps=400),
    "14_detector.png": lambda: DetectorExplorer(
        looks_at="all pixels", generator="convolutional", files="saved"
    ),
    "15_critic.png": CriticExplorer,
}


def main() -> None:
    """Write every figure and print its description, for the README's alternative texts."""
    for name, make in FIGURES.items():
        panel = make().panel
        (HERE / name).write_bytes(panel.png)
        print(f"{name}: {panel.description}")


if __name__ == "__main__":
    main()
