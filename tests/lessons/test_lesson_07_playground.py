"""Lesson 07's picture of the plane, its playground, and its two runs side by side."""

import io
import math
import os

import numpy as np
import pytest
import torch
from lesson_text import LessonText
from matplotlib.figure import Figure
from PIL import Image
from scipy import stats
from torch import nn

from gan_lesson.data import grid, letters, ring
from gan_lesson.lessons.lesson_07.plane import (
    PlaygroundScene,
    _means_of_parts,
    bent_grid,
    hills,
)
from gan_lesson.lessons.lesson_07.playground import Playground, TwoRuns
from gan_lesson.lessons.lesson_07.settings import CHANGES, LIVE, PRESETS, SETS
from gan_lesson.losses import generator_loss
from gan_lesson.networks import Generator
from gan_lesson.player.plane import logits_on_square, pulls
from gan_lesson.recipes import plain_trainer

LESSON = LessonText("07_a_playground_in_two_dimensions")
WIDE = ring(sd=0.05)
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))


@pytest.fixture
def playground():
    return Playground(preview_steps=0)


def tick(player, times=1):
    for _ in range(times):
        player.play.value += 1


# --- the scene --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["non_saturating", "saturating"])
def test_the_pull_is_minus_the_gradient_of_the_generators_loss(kind):
    trainer = plain_trainer(WIDE, loss=kind)
    trainer.burst(20)
    x = torch.randn(30, 2, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss = generator_loss(trainer.D.logits(x), kind) * len(x)  # the sum of the samples' losses
    (slope,) = torch.autograd.grad(loss, x)
    assert torch.allclose(pulls(trainer, x), -slope, atol=1e-6)


def test_the_square_is_read_row_by_row_from_below():
    s = logits_on_square(lambda x: x[:, :1] + 10 * x[:, 1:], 2.0)
    assert s[0, -1] - s[0, 0] == pytest.approx(4 * 43 / 44, abs=1e-4)
    assert s[-1, 0] - s[0, 0] == pytest.approx(40 * 43 / 44, abs=1e-3)
    assert float(s.mean()) == pytest.approx(0, abs=1e-4)


def test_a_network_that_changes_what_it_is_given_changes_no_later_picture():
    for half_width in (2.0, 1.0, 2.0):
        places = logits_on_square(lambda x: x.mul_(3.0)[:, :1], half_width)
        assert float(places.max()) == pytest.approx(3 * half_width * 43 / 44, abs=1e-4)
    trainer = plain_trainer(WIDE)
    before = bent_grid(trainer)
    hook = trainer.G_ema.register_forward_pre_hook(lambda _, given: (given[0].mul_(3.0),))
    assert not np.array_equal(bent_grid(trainer), before)
    hook.remove()
    assert np.array_equal(bent_grid(trainer), before)


def test_hills_are_counted_as_they_are():
    assert hills(lambda x: WIDE.log_density(x).unsqueeze(1), 1.25) == 8
    assert hills(lambda x: grid(sd=0.3).log_density(x).unsqueeze(1), 5.0) == 25
    assert hills(lambda x: x[:, :1] + x[:, 1:], 1.0) == 1


def pixels(player):
    return np.asarray(Image.open(io.BytesIO(player.panel.png)).convert("RGB")).astype(int)


def test_the_heat_map_is_blue_where_D_is_high_and_the_right_way_up(playground):
    class Upwards(nn.Module):
        def forward(self, x):
            return 9 * x[:, 1:]

    playground.trainer.D.net = Upwards()
    playground.picture.value = "heat map"
    box = playground.scene._axes.get_window_extent()
    rows, column = pixels(playground), round((box.x0 + box.x1) / 2) + 23
    high = rows[len(rows) - round(box.y1) + 3, column]
    low = rows[len(rows) - round(box.y0) - 4, column]
    assert high[2] > high[0] + 50 and low[0] > low[2] + 50
    playground.picture.value = "points only"
    assert (pixels(playground)[len(rows) - round(box.y1) + 3, column] == 255).all()


def test_each_inner_cell_of_the_bent_grid_holds_1_percent():
    class Same(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Parameter(torch.ones(1))

        def forward(self, z):
            return z * self.one

    trainer = plain_trainer(WIDE)
    trainer.G_ema = Generator(Same(), 2)
    lines = bent_grid(trainer)
    assert lines.shape == (22, 61, 2)
    scene = PlaygroundScene()
    scene.setup(Figure(), trainer)
    for latent_dim, told in ((2, "about 1 %"), (8, "the other numbers of z are 0"), (1, "line")):
        scene.update(plain_trainer(WIDE, latent_dim=latent_dim))
        assert told in scene._axes_grid.get_title()
    heights = lines[:11, 0, 1]  # the lines along z1, by their z2
    assert np.allclose(stats.norm.cdf(heights[1:-1]), np.arange(1, 10) / 10, atol=1e-6)
    assert np.allclose(stats.norm.cdf(lines[11:, 0, 0][1:-1]), np.arange(1, 10) / 10, atol=1e-6)


def test_the_means_of_parts_of_a_run_are_means():
    steps, values = np.arange(1, 1001), np.random.default_rng(0).random(1000)
    at, means = _means_of_parts(steps, values, parts=10)
    assert np.allclose(means, values.reshape(10, 100).mean(axis=1))
    assert at.tolist() == list(range(100, 1001, 100))
    assert _means_of_parts(steps[:3], values[:3])[1].tolist() == values[:3].tolist()
    assert _means_of_parts(steps[:0], values[:0]) == ([], [])


def test_the_pull_printed_in_the_lesson_is_the_packages(playground):
    names = LESSON.run(LESSON.cell_with("slope_of_loss"))
    pull = pulls(names["trainer"], names["x"])
    assert torch.allclose(pull, -names["slope_of_loss"], atol=1e-6)


# --- the player around it ----------------------------------------------------------------------


def sliders_in(widget):
    kinds = ("Slider",)
    own = [widget] if type(widget).__name__.endswith(kinds) else []
    return own + [s for child in getattr(widget, "children", ()) for s in sliders_in(child)]


def test_at_most_three_sliders_of_the_playground_are_open_at_a_time(playground):
    seen = set()
    for group in playground.groups:
        playground.group.value = group
        open_now = sliders_in(playground.widget)
        assert 1 <= len(open_now) <= 3
        seen |= {id(s) for s in open_now}
    assert len(seen) == 12  # eight settings, speed, rewind, two coordinates


def test_every_set_and_preset_of_the_playground_plays_and_is_described(playground):
    """Every pair in `make test-all`; on each change all presets of one set, one of the others."""
    told, expected = set(), 0
    for number, name in enumerate(reversed(SETS)):
        playground.data_set.value = name
        assert playground.trainer.step == 0
        assert name in playground.notice.value
        few = [list(PRESETS)[number % len(PRESETS)]]
        for preset in PRESETS if EVERYTHING or number == 0 else few:
            expected += 1
            playground.preset.value = preset
            playground.trainer.burst(5)  # on a busy machine a tick is one step: no γ shows by then
            tick(playground)
            assert playground.trainer.step > 5
            assert np.isfinite(playground.trainer.history["loss_d"]).all()
            told.add(playground.panel.png)
            assert f"Step {playground.trainer.step:,}" in playground.panel.description
            assert "perfect sampler" in playground.scores.value
    assert len(told) == expected >= len(SETS) + len(PRESETS) - 1


def test_live_settings_of_the_player_reach_the_next_step_without_a_restart(playground):
    tick(playground, 2)
    step, trainer = playground.trainer.step, playground.trainer
    for name in LIVE:
        if name == "loss":
            playground.loss.value = "saturating"
            assert trainer.loss == "saturating"
            continue
        slider = playground.sliders[name]
        for value in [v for _, v in slider.options]:
            slider.value = value
            assert getattr(trainer, name) == value
        assert "From step" in playground.notice.value
    assert playground.trainer is trainer and trainer.step == step


def test_the_player_says_that_networks_restart_and_keeps_its_clock(playground):
    clock = playground.play
    tick(playground, 2)
    playground.sliders["width"].value = 64
    assert playground.trainer.step == 0
    assert (
        "Restarted at step 0" in playground.notice.value and "width 64" in playground.notice.value
    )
    assert playground.trainer.G.net[0].out_features == 64
    playground.sliders["latent_dim"].value = 8
    assert playground.trainer.G.latent_dim == 8
    playground.new_seed.click()
    assert "seed 1" in playground.notice.value
    assert playground.play is clock  # an old clock would go on training an old run
    tick(playground)
    assert playground.trainer.step > 0


def test_a_learner_of_the_playground_draws_letters_and_places_points(playground):
    playground.text.value = "JO"
    playground.use_text.click()
    assert playground.data_set.value == "letters"
    assert torch.equal(playground.trainer.data.centres, letters("JO").centres)
    playground.text.value = "漢"
    playground.use_text.click()
    assert "漢" in playground.notice.value
    assert torch.equal(playground.trainer.data.centres, letters("JO").centres)
    playground.group.value = "draw"
    playground.x.value, playground.y.value = 0.5, -0.3
    assert playground.scene.cursor.get_xdata() == [0.5]
    playground.place.click()
    assert playground.data_set.value == "my points"
    assert playground.trainer.data.centres[-1].tolist() == pytest.approx([0.5, -0.3])
    assert "modes of 4" in playground.scores.value
    playground.place.click()
    assert "coincide" in playground.notice.value
    for _ in range(4):
        playground.forget.click()
    assert len(playground.trainer.data.centres) == 1
    assert "One point must stay" in playground.notice.value


def test_a_burst_of_500_moves_while_the_player_plays_loses_nothing(playground):
    playground._scored_at = math.inf  # scores cost time and are not the point here
    playground.tick_seconds = 0.02
    draw = np.random.default_rng(0)
    names = [n for n in playground.sliders if n in LIVE]
    for i in range(500):
        slider = playground.sliders[names[draw.integers(len(names))]]
        slider.value = slider.options[draw.integers(len(slider.options))][1]
        if i % 50 == 0:
            tick(playground)
    for name in names:
        assert getattr(playground.trainer, name) == playground.sliders[name].value
    assert playground.trainer.step >= 10 and not playground.trainer.diverged


def test_the_player_changes_nothing_in_the_numbers_and_rewinds(playground):
    alone = plain_trainer(SETS["wide ring"](), seed=0)
    alone.burst(40)
    for n in (1, 15, 4, 20):
        playground._advance(n_steps=n)
        playground.picture.value = "arrows" if n == 15 else "heat map and arrows"
    assert playground.trainer.step == 40
    for ours, theirs in zip(alone.G.parameters(), playground.trainer.G.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    playground.trainer.snapshot()
    before = playground.panel.png
    playground._advance(n_steps=10)
    after = playground.panel.png
    playground.moment.value = 40
    assert playground.trainer.step == 40 and playground.panel.png == before
    playground._advance(n_steps=10)
    assert playground.panel.png == after


def test_a_diverged_run_of_the_playground_says_so_and_can_be_restarted(playground):
    tick(playground)
    with torch.no_grad():
        next(playground.trainer.G.parameters()).fill_(math.nan)
    tick(playground)
    assert "training stopped" in playground.status.value
    playground._score()
    assert "–" in playground.scores.value
    playground.new_seed.click()
    assert playground.trainer.step == 0 and not playground.trainer.diverged


def test_two_runs_of_the_player_differ_by_the_one_change_only():
    both = TwoRuns(change="no change")
    both._advance(n_steps=30)
    a, b = both.trainer.trainers.values()
    assert all(torch.equal(p, q) for p, q in zip(a.G.parameters(), b.G.parameters(), strict=True))
    assert "A at step 30" in both.scores.value or "A at step 0" in both.scores.value
    for change, settings in CHANGES.items():
        if not settings:
            continue
        both.change.value = change
        assert both.trainer.step == 0 and change in both.notice.value.replace("&#x27;", "'")
        both._advance(n_steps=5)
        a, b = both.trainer.trainers.values()
        (name, value), *_ = settings.items()
        if name == "latent_dim":
            assert (a.G.latent_dim, b.G.latent_dim) == (2, value)
        else:
            assert getattr(b, name) == value != getattr(a, name)
        assert both.panel.description.startswith("A: Step 5") and "B: Step 5" in (
            both.panel.description
        )
