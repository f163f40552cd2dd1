"""The plane: what is drawn of a D that gives probabilities, and of one that gives scores."""

import copy

import pytest
import torch
from matplotlib.figure import Figure

from gan_lesson.data import ring
from gan_lesson.losses import LOSSES
from gan_lesson.player.plane import (
    PlaneScene,
    _between,
    logits_on_square,
    middle_of_scores,
    pulls,
)
from gan_lesson.recipes import plain_trainer

WIDE = ring(sd=0.05)


def trainer_of(game, n_steps=20):
    trainer = plain_trainer(WIDE, loss=game)
    trainer.burst(n_steps)
    return trainer


@pytest.mark.parametrize("game", LOSSES)
def test_the_pull_is_minus_the_slope_of_one_samples_loss_by_finite_differences(game):
    trainer = trainer_of(game)
    trainer.D.double()
    draw = torch.Generator().manual_seed(0)
    x, x_real = torch.randn(2, 5, 2, generator=draw, dtype=torch.float64)
    found, h = pulls(trainer, x, x_real), 1e-5

    @torch.no_grad()
    def loss_at(place):
        s = trainer.D.logits(place[None])
        pairs = [LOSSES[game].of_g(trainer.D.logits(real[None]), s) for real in x_real]
        return float(torch.stack(pairs).mean())

    for place, pull in zip(x, found, strict=True):
        for axis in range(2):
            step = h * torch.eye(2, dtype=torch.float64)[axis]
            slope = (loss_at(place + step) - loss_at(place - step)) / (2 * h)
            assert float(pull[axis]) == pytest.approx(-slope, abs=1e-8)


def test_a_game_of_pairs_asks_for_real_samples():
    with pytest.raises(ValueError, match="compares with real samples"):
        pulls(trainer_of("relativistic", 1), torch.zeros(3, 2))


@pytest.mark.parametrize("game", LOSSES)
def test_the_map_is_white_at_the_middle_of_the_games_scores(game):
    trainer, x = trainer_of(game), torch.randn(40, 2)
    middle = middle_of_scores(trainer, x[:20], x[20:])
    with torch.no_grad():
        means = [trainer.D.logits(half).mean() for half in (x[:20], x[20:])]
    wanted = {"least_squares": 0.5, "wasserstein": sum(means) / 2, "relativistic": sum(means) / 2}
    assert middle == pytest.approx(float(wanted.get(game, 0.0)), abs=1e-6)


@pytest.mark.parametrize("game", ["wasserstein", "relativistic"])
def test_a_constant_added_to_all_scores_changes_no_colour(game):
    trainer, scenes = trainer_of(game), []
    moved = copy.deepcopy(trainer.D)
    with torch.no_grad():
        list(moved.parameters())[-1].add_(7.0)
    for D in (trainer.D, moved):
        trainer.D = D
        scenes.append(PlaneScene())
        scenes[-1].setup(Figure(), trainer)
        scenes[-1].update(trainer)
    first, second = (scene._heat.logits for scene in scenes)
    torch.testing.assert_close(first, second, atol=1e-4, rtol=1e-4)
    assert float(first.max()) > 0 > float(first.min())


def test_the_key_says_probability_only_where_there_is_one():
    for game, told in (("saturating", "D > ½"), ("hinge", "f high")):
        scene, figure = PlaneScene(), Figure()
        scene.setup(figure, trainer_of(game, 1))
        assert told in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_the_square_of_a_probability_is_that_of_its_logits():
    trainer = trainer_of("non_saturating")
    scene = PlaneScene()
    scene.setup(Figure(), trainer)
    scene.update(trainer)
    torch.testing.assert_close(scene._heat.logits, logits_on_square(trainer.D.logits, 1.25))


@pytest.mark.parametrize("size", [(380, 371), (44, 44), (20, 90)])
def test_the_heat_map_is_interpolated_linearly_between_the_places(size):
    s = torch.randn(44, 44, generator=torch.Generator().manual_seed(0))
    expected = torch.nn.functional.interpolate(s[None, None], size=size, mode="bilinear")[0, 0]
    torch.testing.assert_close(_between(size[0]) @ s @ _between(size[1]).T, expected)
