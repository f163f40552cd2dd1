"""Draw the pictures of the README and of slides: `make figures`.

Each is what a widget of a lesson shows at an instructive setting, written beside this file.
"""

import os
from pathlib import Path

os.environ["GAN_LESSON_HEADLESS"] = "1"

from gan_lesson.data import load_digits
from gan_lesson.explorers.best_discriminator import DensitiesExplorer, DistanceExplorer
from gan_lesson.explorers.coin_flips import LogLossExplorer, SlopeExplorer
from gan_lesson.explorers.digits import digits_player
from gan_lesson.explorers.minimax import LedgerExplorer, PushForwardExplorer, SaddleExplorer
from gan_lesson.explorers.two_losses import RunsExplorer, TwoLossesExplorer
from gan_lesson.training import fully_connected_trainer

HERE = Path(__file__).parent


def digits():
    """Return the player of lesson 06 after 2,000 steps."""
    trainer = fully_connected_trainer(load_digits().train.images, n_steps=4000)
    return digits_player(trainer, preview_steps=2000)


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
    "06_digits_player.png": digits,
}


def main() -> None:
    """Write every figure and print its description, for the README's alternative texts."""
    for name, make in FIGURES.items():
        panel = make().panel
        (HERE / name).write_bytes(panel.png)
        print(f"{name}: {panel.description}")


if __name__ == "__main__":
    main()
