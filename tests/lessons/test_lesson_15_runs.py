"""What lesson 15 says of critics and games that it trains, over several seeds (10 s)."""

import os

import pytest
import torch
from lesson_text import LessonText

from gan_lesson.data import ring
from gan_lesson.metrics import mode_scores

LESSON = LessonText("15_other_games")
SEEDS = range(5 if os.environ.get("GAN_LESSON_EVERY_CONTROL") else 2)


def lead(train_critic, seed, **bound):
    """How far the trained critic leads, on many samples."""
    f = train_critic(seed=seed, **bound)
    draw = torch.Generator().manual_seed(7)
    with torch.no_grad():
        x = torch.randn(20_000, 1, generator=draw)
        return float(f(x).mean() - f(x + 4).mean())


@pytest.mark.trains
def test_a_critics_lead_depends_on_its_bound(run_number):
    train_critic = LESSON.define("train_critic")["train_critic"]
    leads = {
        name: [lead(train_critic, seed, **bound) for seed in SEEDS]
        for name, bound in (
            ("low", {"clip": 0.1}), ("high", {"clip": 0.3}), ("penalty", {"weight": 10.0}),
        )
    }  # fmt: skip
    run_number(
        "15",
        "Clipped at 0.1, this critic leads by about 2 where W₁ is 4, clipped at 0.3 by more than "
        "40, and with the penalty by 4 to 6.",
        **{f"lead_{name}": values for name, values in leads.items()},
    )
    assert all(1.5 < value < 2.6 for value in leads["low"])
    assert all(value > 40 for value in leads["high"])
    assert all(4 < value < 6 for value in leads["penalty"])


@pytest.mark.trains
@pytest.mark.slow  # the table's file holds it for all games; here one of them, on other processors
def test_the_weight_of_the_penalty_decides_how_many_modes_are_kept(run_number):
    from assets.games import PENALTIES, samples, side_by_side

    data = ring(sd=0.05)
    kept = {}
    for penalty in ("none", "GP, λ = 1"):
        trainer = side_by_side(data, range(5), loss="hinge", **PENALTIES[penalty])
        trainer.burst(1500)
        found = [mode_scores(x, data.centres.numpy(), data.sd) for x in samples(trainer)]
        kept[f"hinge, {penalty}"] = [scores.modes for scores in found]
    run_number("15", "With the gradient penalty at λ = 1 *every* game loses modes", **kept)
    assert sum(kept["hinge, none"]) / 5 > 7
    assert sum(kept["hinge, GP, λ = 1"]) / 5 < 5
