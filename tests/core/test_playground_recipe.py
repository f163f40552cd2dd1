"""The networks and the trainer of the playground: what they are told, and what that does."""

import math

import pytest
import torch

from gan_lesson.data import grid, ring
from gan_lesson.metrics import jsd_on_grid
from gan_lesson.networks import PlaneWaves, Rescale, WithShortcut, playground_pair
from gan_lesson.recipes import geometric_fall, playground_trainer


def test_plane_waves_are_sines_and_cosines_beside_x():
    waves = PlaneWaves(n=3, slowest=2.0, fastest=8.0)
    x = torch.tensor([[0.3, -0.2]])
    out = waves(x)[0]
    assert torch.equal(out[:2], x[0])
    golden = math.pi * (3 - math.sqrt(5))
    for k, frequency in enumerate((2.0, 4.0, 8.0)):
        along = 0.3 * math.cos(k * golden) - 0.2 * math.sin(k * golden)
        strength = math.sqrt(2.0 / frequency)
        assert out[2 + k].item() == pytest.approx(strength * math.sin(frequency * along), abs=1e-6)
        assert out[5 + k].item() == pytest.approx(strength * math.cos(frequency * along), abs=1e-6)


def test_the_directions_of_the_waves_leave_no_large_gap():
    waves = PlaneWaves(n=32).waves
    angle = torch.atan2(waves[1], waves[0]).remainder(math.pi).sort().values  # a wave has no front
    gaps = torch.cat([angle, angle[:1] + math.pi]).diff()
    assert gaps.max() < 3 * math.pi / 32
    length = waves.norm(dim=0)
    assert length[0] == pytest.approx(2, rel=1e-5)
    assert length[-1] == pytest.approx(60, rel=1e-5)


def test_rescale_and_its_inverse_are_nothing():
    x, middle = torch.randn(7, 2), torch.tensor([3.0, -1.0])
    there, back = Rescale(middle, 5.0), Rescale(-middle / 5.0, 1 / 5.0)
    assert torch.allclose(back(there(x)), x, atol=1e-6)


def test_a_shortcut_adds_a_matrix_times_z():
    net = torch.nn.Linear(3, 2)
    both, z = WithShortcut(net, latent_dim=3), torch.randn(5, 3)
    assert torch.allclose(both(z), net(z) + z @ both.shortcut.weight.T, atol=1e-6)
    assert both.shortcut.weight.abs().max() <= 0.1
    assert both.shortcut.weight.requires_grad


def test_a_geometric_fall_falls_by_equal_ratios_between_its_ends():
    fall = geometric_fall(1 / 16, start=0.2, end=0.6)
    assert [fall(p) for p in (0.0, 0.2)] == [1, 1]
    assert [fall(p) for p in (0.3, 0.4, 0.5)] == pytest.approx([1 / 2, 1 / 4, 1 / 8])
    assert [fall(p) for p in (0.6, 1.0)] == pytest.approx([1 / 16, 1 / 16])
    for bad in ((0.0, 0.1, 0.2), (0.5, 0.6, 0.6), (0.5, -0.1, 0.6), (0.5, 0.1, 1.2)):
        with pytest.raises(ValueError, match="0 <= start < end"):
            geometric_fall(*bad)


def test_the_pair_knows_of_the_data_only_where_it_is_and_how_wide():
    (G, D), middle = playground_pair(torch.zeros(2), 1.0, seed=3), torch.tensor([10.0, -4.0])
    G_moved, D_moved = playground_pair(middle, 5.0, seed=3)
    z, x = torch.randn(20, 2), torch.randn(20, 2)
    assert torch.allclose(G_moved(z), 5 * G(z) + middle, atol=1e-5)
    assert torch.allclose(D_moved.logits(5 * x + middle), D.logits(x), atol=1e-4)


def test_the_pair_starts_at_random_from_its_seed():
    before = torch.get_rng_state()
    G, D = playground_pair(torch.zeros(2), 1.0, seed=3)
    assert torch.equal(before, torch.get_rng_state())
    again, other = (playground_pair(torch.zeros(2), 1.0, seed=s)[0] for s in (3, 4))
    z = torch.randn(20, 2)
    assert torch.equal(G(z), again(z))
    assert not torch.allclose(G(z), other(z))


@pytest.mark.parametrize(
    ("middle", "spread", "names"),
    [
        (torch.zeros(3), 1.0, "middle has shape"),
        (torch.zeros(2), 0.0, "spread is 0"),
        (torch.zeros(2), math.nan, "spread is nan"),
    ],
)
def test_mistakes_are_named(middle, spread, names):
    with pytest.raises(ValueError, match=names):
        playground_pair(middle, spread)


def test_the_unit_of_the_data_does_not_matter():
    """Data eight times as large give the same run, bit for bit, eight times as large.

    Eight, because a power of two adds no rounding, which would grow from step to step.
    """
    x = grid().sample(2000, torch.Generator().manual_seed(0))
    z = torch.randn(300, 2, generator=torch.Generator().manual_seed(1))
    plain = playground_trainer(x, seed=2, n_steps=40)
    larger = playground_trainer(8 * x, seed=2, n_steps=40)
    start = plain.sample(z)
    for trainer in (plain, larger):
        trainer.burst(25)
    assert (plain.sample(z) - start).norm(dim=1).mean() > 0.5  # it did train
    assert torch.equal(larger.sample(z), 8 * plain.sample(z))


@pytest.mark.trains
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3, 4))]
)
def test_a_short_run_comes_nearer_to_the_data_than_noise_is(seed):
    mixture = ring()
    trainer = playground_trainer(mixture, seed=seed, n_steps=600)
    trainer.burst(600)
    z = torch.randn(2500, 2, generator=torch.Generator().manual_seed(9))
    noise = 2.5 * torch.rand(2500, 2, generator=torch.Generator().manual_seed(8)) - 1.25
    ours, floor = (
        jsd_on_grid(x, mixture.centres, mixture.sd, half_width=1.25)
        for x in (trainer.sample(z), noise)
    )
    assert ours < floor - 0.1


def test_the_schedules_end_where_the_docstring_says():
    trainer = playground_trainer(ring(), n_steps=10)
    first, last = ({n: s(p) for n, s in trainer.schedules.items()} for p in (0.0, 1.0))
    assert set(first.values()) == {1.0}
    assert last["lr_g"] == pytest.approx(1 / 60)
    assert last["r1_gamma"] == last["r2_gamma"] == pytest.approx(1 / 1000)
    mode = ring().sd ** 2  # the penalty must end small against the squared width of a mode
    assert trainer.r1_gamma * last["r1_gamma"] < mode / 3
