"""What the playground can be set to: data sets, presets, the steps of every slider."""

from collections.abc import Callable

from gan_lesson.data import Mixture, from_points, grid, letters, ring, spiral, two_moons
from gan_lesson.recipes import PLAIN_SETTINGS

SETS: dict[str, Callable[[], Mixture]] = {
    "wide ring": lambda: ring(sd=0.05),
    "ring of 8": ring,
    "grid of 25": grid,
    "two moons": two_moons,
    "spiral": spiral,
    "letters": lambda: letters("AB"),
    "my points": lambda: from_points([[-1.0, -0.6], [1.0, -0.6], [0.0, 1.0]]),
}
WITH_MODES = (
    "wide ring",
    "ring of 8",
    "grid of 25",
    "my points",
)  # the others are curves and areas

PRESETS: dict[str, dict] = {
    "plain": {},
    "R1 + R2": {"r1_gamma": 0.01, "r2_gamma": 0.01},
    "hasty G": {"lr_g": 2e-3, "lr_d": 2e-4},
    "recipe": {},  # not from settings: `playground_trainer`
}
RECIPE_STEPS = 12_000  # over which the recipe's γ and rates fall
LIVE = tuple(name for name in PLAIN_SETTINGS if name not in ("width", "latent_dim"))
_RATES = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2]
_GAMMAS = [0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0]
OPTIONS = {
    "r1_gamma": ("R1, γ", _GAMMAS),
    "r2_gamma": ("R2, γ", _GAMMAS),
    "batch_size": ("batch", [8, 16, 32, 64, 150, 300, 600]),
    "d_steps": ("D steps", [1, 2, 3, 5, 10]),
    "lr_d": ("rate of D", _RATES),
    "lr_g": ("rate of G", _RATES),
    "width": ("width", [8, 16, 32, 64, 128]),
    "latent_dim": ("length of z", [1, 2, 4, 8, 16]),
}


CHANGES: dict[str, dict] = {
    "no change": {},
    "5 D steps": {"d_steps": 5},
    "10 × D's rate": {"lr_d": 2e-3},
    "R1 + R2, 0.03": {"r1_gamma": 0.03, "r2_gamma": 0.03},
    "saturating": {"loss": "saturating"},
    "z of length 8": {"latent_dim": 8},
}
