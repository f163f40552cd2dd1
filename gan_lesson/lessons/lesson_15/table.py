"""The recorded tables of lesson 15 as lines of text: games on the ring and on digits."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from gan_lesson import checks
from gan_lesson.lessons.lesson_15.circles import GAMES
from gan_lesson.lessons.lesson_15.recorded import PLAYED, load_digits_table, load_table

K = {"ring": 8, "grid": 25}
NAMES = {**GAMES, "non_saturating": "logistic", "relativistic": "relativistic"}
PUBLISHED = (  # modes, share of high quality, reverse KL, steps; as their authors print them
    ("ring", "GAN (PacGAN's run)", 6.3, 0.982, 0.45, 400_000),
    ("ring", "ALI", 6.6, 0.976, 0.36, 400_000),
    ("ring", "PacGAN4", 7.8, 0.959, 0.07, 400_000),
    ("ring", "GAN (VEEGAN's run)", 1, 0.993, None, None),
    ("ring", "VEEGAN", 8, 0.529, None, None),
    ("ring", "WGAN-GP (GDPP's run)", 6.8, 0.596, None, 25_000),
    ("grid", "GAN (PacGAN's run)", 17.3, 0.948, 0.70, 400_000),
    ("grid", "ALI", 24.1, 0.957, 0.14, 400_000),
    ("grid", "PacGAN4", 24.8, 0.936, 0.04, 400_000),
    ("grid", "GAN (VEEGAN's run)", 3.3, 0.005, None, None),
    ("grid", "VEEGAN", 24.6, 0.40, None, None),
    ("grid", "WGAN-GP (GDPP's run)", 24.2, 0.287, None, 25_000),
)


BLOCKS = {  # score: heading of its block, a game's cell, what a reference scores
    "modes": (
        "modes (fewest)",
        lambda r: f"{r['modes']:4.1f} ± {r['modes_se']:3.1f} ({r['least_modes']:2.0f})",
        lambda r: f"{r['modes']:.1f} modes",
    ),
    "fair": (
        "fair modes",
        lambda r: f"{r['fair_modes']:4.1f} ± {r['fair_modes_se']:3.1f}",
        lambda r: f"{r['fair_modes']:.1f} fair",
    ),
    "good": (
        "good samples",
        lambda r: f"{r['high_quality']:4.0%} ± {r['high_quality_se']:3.0%}",
        lambda r: f"{r['high_quality']:.1%} good",
    ),
}


def show_table(data: str = "ring", scores: Sequence[str] = tuple(BLOCKS)) -> None:
    """Print, for each game and penalty, modes, fair modes and good samples: mean ± error.

    Args:
        data: "ring", or another set that was recorded.
        scores: what to print of "modes", "fair" and "good".

    Raises:
        ValueError: no such set was recorded, or there is no such score.
    """
    rows = load_table()
    checks.one_of("data", data, tuple(dict.fromkeys(row["data"] for row in rows)))
    for score in scores:
        checks.one_of("a score", score, tuple(BLOCKS))
    rows = [row for row in rows if row["data"] == data]
    played = [row for row in rows if row["penalty"]]
    n, seconds = int(played[0]["seeds"]), played[0]["seconds"]
    print(
        f"{data} of {K[data]}: {n} seeds, {seconds:.0f} processor seconds for the {n} runs of "
        "an entry; mean ± standard error"
    )
    for score in scores:
        title, told, _ = BLOCKS[score]
        _print_block(title, played, told)
    for row in rows:
        if not row["penalty"]:
            print(f"{row['game']}: {', '.join(BLOCKS[score][2](row) for score in scores)}")


def _print_block(title: str, rows: list[dict], told: Callable[[dict], str]) -> None:
    """Print one score: a line for each game, a column for each penalty."""
    cells = {(row["game"], row["d_steps"], row["penalty"]): told(row) for row in rows}
    penalties = list(dict.fromkeys(row["penalty"] for row in rows))
    print(f"\n{title:19}" + "".join(f"{penalty:18}" for penalty in penalties).rstrip())
    for game, d_steps in [(game, 1) for game in PLAYED] + [("wasserstein", 5)]:
        name = NAMES[game] + (", 5 D" if d_steps == 5 else "")
        line = "".join(f"{cells[game, d_steps, p]:18}" for p in penalties)
        print(f"{name:18}{line}".rstrip())


def show_published() -> None:
    """Print what authors published of the ring with sd 0.01 and of the grid with sd 0.05."""
    print(f"{'':6}{'':22}{'modes':>7}{'good':>8}{'rev. KL':>9}{'steps':>9}")
    for data, who, modes, good, reverse_kl, steps in PUBLISHED:
        kl = "" if reverse_kl is None else f"{reverse_kl:.2f}"
        told = "" if steps is None else f"{steps:,}"
        print(f"{data:6}{who:22}{modes:7.1f}{good:8.1%}{kl:>9}{told:>9}".rstrip())


def show_games_on_digits() -> None:
    """Print the Fréchet distance of each recipe and seed, means, and the paired differences."""
    rows = load_digits_table()
    played = [row for row in rows if row["seed"] == row["seed"]]
    recipes = list(dict.fromkeys(row["recipe"] for row in played))
    found = {
        r: np.array([row["distance"] for row in played if row["recipe"] == r]) for r in recipes
    }
    steps = {r: np.mean([row["steps"] for row in played if row["recipe"] == r]) for r in recipes}
    n = len(found[recipes[0]])
    print(
        f"bundled digits, {played[0]['seconds']:.0f} processor seconds a run, seeds 0 to {n - 1}: "
        "Fréchet distance"
    )
    for recipe, values in found.items():
        each = " ".join(f"{value:5.1f}" for value in values)
        error = values.std(ddof=1) / n**0.5
        print(
            f"{recipe:22}: {each}   mean {values.mean():5.1f} ± {error:3.1f}, "
            f"{steps[recipe]:6,.0f} steps"
        )
    print(f"real digits (floor)   : {rows[-1]['distance']:.1f}")
    for first, second in combinations(recipes, 2):
        gap = found[second] - found[first]
        print(
            f"{second} minus {first}, seed by seed: {gap.mean():+.1f} ± "
            f"{gap.std(ddof=1) / n**0.5:.1f}"
        )
