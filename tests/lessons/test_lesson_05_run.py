"""Lesson 05: D*, V and JSD of a run, and what the text says of the run that one drives."""

import copy

import loop_of_lesson_05 as shared
import numpy as np
import pytest
import torch
from loop_of_lesson_05 import DATA, new_run, state_of, watched_run, weights
from scipy import integrate, special, stats

from gan_lesson import plots
from gan_lesson.lessons.lesson_05.density import density_of_map
from gan_lesson.lessons.lesson_05.sound import pitch
from gan_lesson.lessons.lesson_05.state import DX, EDGES, PLACES, game_state, shares
from gan_lesson.lessons.mathematics.divergence import d_star_logit, value_on_grid
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.losses import discriminator_loss
from gan_lesson.networks import Generator, small_pair
from gan_lesson.trainer import adam

lesson, one_thread, seeds = shared.lesson, shared.one_thread, shared.seeds  # fixtures
pytestmark = pytest.mark.usefixtures("one_thread")

# --- what is known of a game ---------------------------------------------------------------


def linear_generator(a, b):
    layer = torch.nn.Linear(1, 1)
    with torch.no_grad():
        layer.weight.fill_(a)
        layer.bias.fill_(b)
    return Generator(layer, latent_dim=1)


def p_data(x):
    return 0.5 * stats.norm.pdf(x, -1.5, 0.6) + 0.5 * stats.norm.pdf(x, 1.5, 0.6)


def jsd_by_quadrature(q):
    """JSD of the data and a density given as a function, by scipy."""

    def integrand(x):
        p, g = p_data(x), q(x)
        return 0.5 * (special.rel_entr(p, (p + g) / 2) + special.rel_entr(g, (p + g) / 2))

    return integrate.quad(integrand, -12, 12, points=[-3, -1.5, 0, 1.5, 3], limit=500)[0]


@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (0.5, -1.5), (-1.6, 0.2), (0.2, 2.0)])
def test_JSD_is_that_of_scipys_quadrature(a, b):
    D = small_pair(1, 1)[1]
    state = game_state(linear_generator(a, b), D, DATA)
    truth = jsd_by_quadrature(lambda x: stats.norm.pdf(x, b, abs(a)))
    assert state.jsd == pytest.approx(truth, abs=1e-3)
    assert state.best_value == pytest.approx(-LOG_4 + 2 * truth, abs=2e-3)


@pytest.mark.trains
def test_JSD_of_a_trained_generator_by_change_of_variables():
    for seed in (0, 1):
        run = new_run(seed)
        run.burst(60)
        z = torch.linspace(-6, 6, 400_001, dtype=torch.float64, requires_grad=True)
        x = copy.deepcopy(run.G).double()(z.unsqueeze(1))[:, 0]
        (slope,) = torch.autograd.grad(x.sum(), z)
        z, x, slope = (t.detach().numpy() for t in (z, x, slope))
        assert (slope > 0).all() or (slope < 0).all()  # else densities of branches would add
        q, p = stats.norm.pdf(z) / abs(slope), p_data(x)
        m = (p + q) / 2
        both = special.rel_entr(p, m) + special.rel_entr(q, m)
        truth = abs(integrate.trapezoid(0.5 * both, x))
        assert state_of(run).jsd == pytest.approx(truth, abs=2e-3)


@pytest.mark.trains
def test_value_of_D_is_that_of_many_samples():
    run = new_run()
    run.burst(100)
    rng = torch.Generator().manual_seed(1)
    with torch.no_grad():
        on_real = run.D.logits(DATA.sample(400_000, rng))
        on_fake = run.D.logits(run.G(run.G.sample_z(400_000, rng)))
    estimate = -discriminator_loss(on_real, on_fake).item()
    state = state_of(run)
    assert state.value == pytest.approx(estimate, abs=5e-3)
    assert state.regret > 0


def test_game_state_refuses_what_it_cannot_draw():
    G, D = small_pair(1, latent_dim=2)
    with pytest.raises(ValueError, match="latent_dim is 2"):
        game_state(G, D, DATA)
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        game_state(small_pair(2, 1)[0], D, DATA)


@pytest.mark.parametrize(("a", "b"), [(2.0, 0.3), (-0.7, -1.0), (0.1, 0.3)])
def test_density_of_a_straight_map_is_normal(a, b):
    z = np.linspace(-6, 6, 4001)
    found = density_of_map(z, a * z + b, EDGES)
    mean = np.diff(stats.norm.cdf(EDGES, b, abs(a))) / DX
    np.testing.assert_allclose(found, mean, atol=2e-3 * mean.max())
    assert found.sum() * DX == pytest.approx(1, abs=1e-4)


def test_density_of_flat_folded_and_far_maps():
    z = np.linspace(-5, 5, 2001)
    flat = density_of_map(z, 0 * z + 1.234, EDGES)
    assert flat.max() * DX == pytest.approx(1, abs=1e-3) and flat.argmax() == 561
    folded = density_of_map(z, np.abs(z), EDGES)
    np.testing.assert_allclose(
        folded[PLACES > 0.05], 2 * stats.norm.pdf(PLACES[PLACES > 0.05]), atol=3e-3
    )
    far = density_of_map(z, z + 50, EDGES)
    assert far[-1] * DX == pytest.approx(1, abs=1e-3)
    for wrong in (
        (z[::-1], z, EDGES),
        (z, z[1:], EDGES),
        (z, z * np.nan, EDGES),
        (z, z, [0, 1, 3]),
    ):
        with pytest.raises(ValueError):
            density_of_map(*wrong)


# --- a run ---------------------------------------------------------------------------------


@pytest.mark.trains
@pytest.mark.parametrize(
    ("seed", "turns"),
    [(0, 40), *(pytest.param(s, 20 * s, marks=pytest.mark.slow) for s in (1, 2, 3, 4))],
)
def test_D_alone_arrives_at_D_star(seed, turns, run_number):
    run = new_run(seed)
    run.burst(turns)
    before = state_of(run)
    frozen = weights(run.G)
    for lr, n_steps in ((0.01, 400), (0.002, 300), (0.0005, 300)):
        run.lr_d = lr
        run.burst(n_steps, players="D")
    after = state_of(run)
    assert torch.equal(frozen, weights(run.G)) and after.jsd == before.jsd
    statement = (
        "after these 1,000 steps D's error is below 0.05, for each seed and on each of the "
        "three instruction sets that we tried"
    )
    run_number("05", statement, error=after.d_error, before=before.d_error)
    assert after.d_error < 0.05 and after.d_error < before.d_error / 2
    assert after.regret < before.regret / 2
    logits = d_star_logit(after.p_data, after.p_g)
    assert value_on_grid(logits, after.p_data, after.p_g, DX) == pytest.approx(
        after.best_value, abs=1e-6
    )


@pytest.mark.trains
def test_a_run_finds_both_bumps_and_its_curves_stay_at_one_half(seeds, run_number):
    for seed in seeds:
        run, states = watched_run(seed)
        late = [states[turn] for turn in range(220, 401, 20)]
        jsd, regret = ([getattr(s, name) for s in late] for name in ("jsd", "regret"))
        run_number(
            "05", "At the first rates both ways have a mean JSD below 0.05", in_turn=np.mean(jsd)
        )
        assert np.mean(jsd) < 0.05
        assert all(0.25 < share < 0.75 for share in shares(late[-1], DATA))
        assert run.history["d_real"][-200:].mean() == pytest.approx(0.5, abs=0.05)
        run_number(
            "05", "The bars shrink, but not to 0: the players keep moving", JSD=jsd, regret=regret
        )
        assert min(jsd) > 1e-3 and min(regret) > 1e-3
        assert max(jsd) < states[5].jsd / 3 and np.mean(regret) < states[5].regret / 2


@pytest.mark.trains
def test_p_g_grows_over_both_bumps_and_then_a_valley_forms(seeds, run_number):
    def sd(p_g):
        mean = np.sum(p_g * PLACES) * DX
        return np.sqrt(np.sum(p_g * (PLACES - mean) ** 2) * DX)

    def valley(p_g):
        """Mean density around 0, against that around the bumps; the data's is 0.14."""
        at_bumps = np.abs(np.abs(PLACES) - 1.5) < 0.5
        return p_g[np.abs(PLACES) < 0.5].mean() / p_g[at_bumps].mean()

    for seed in seeds:
        _, states = watched_run(seed)
        early, late = (valley(states[turn].p_g) for turn in (100, 400))
        grown = sd(states[100].p_g) / sd(state_of(new_run(seed)).p_g)
        statement = "It widens until it covers both bumps, and then a valley forms between them"
        run_number("05", statement, sd_times=grown, valley_at_100=early, valley_at_400=late)
        assert grown > 5 and late < 0.8 * early and late < 0.7


@pytest.mark.trains
def test_both_losses_stay_near_chance(seeds, run_number):
    for seed in seeds:
        history, off = watched_run(seed)[0].history, {}
        for name, chance in (("loss_d", LOG_4), ("loss_g", LOG_4 / 2)):
            shown = plots.running_mean(np.asarray(history[name]), len(history) // 50)[200:]
            off[name] = np.abs(shown - chance).mean()
        run_number("05", "From turn 200 on, D's loss stays near log 4, G's near log 2", **off)
        assert max(off.values()) < 0.12


@pytest.mark.trains
def test_300_turns_of_the_two_steps_make_JSD_ten_times_smaller(lesson, seeds, run_number):
    for seed in seeds:
        G, D = small_pair(1, 1, width=32, seed=seed)
        rng = torch.Generator().manual_seed(seed)
        optimizer_d, optimizer_g = adam(D.parameters(), lr=0.01), adam(G.parameters(), lr=0.001)
        before = game_state(G, D, DATA).jsd
        for _ in range(300):
            x_real, z = DATA.sample(128, rng), G.sample_z(128, rng)
            lesson["update_discriminator"](D, G, optimizer_d, x_real, z)
            lesson["update_generator"](D, G, optimizer_g, G.sample_z(128, rng))
        times = before / game_state(G, D, DATA).jsd
        statement = "In each run that we tried, 300 turns make JSD at least ten times smaller"
        run_number("05", statement, times=times)
        assert times > 10


@pytest.mark.trains
def test_the_two_voices_part_and_close_in(seeds, run_number):
    """As `hear` smooths them, over 4 turns of 200."""
    for seed in seeds:
        history = watched_run(seed)[0].history
        high, low = (plots.running_mean(history[n][:200], 4) for n in ("d_real", "d_fake"))
        parted, close = (high - low)[:50].max(), np.abs(high - low)[100:].mean()
        statement = "the two voices part within 50 turns, D(G(z)) low and D(x) high"
        run_number("05", statement, gap_at_first=parted, gap_later=close)
        assert parted > 0.25 and close < parted / 3
        assert np.abs(pitch(np.concatenate([high, low])[150:200]) / 440 - 1).max() < 0.25


@pytest.mark.trains
def test_fifty_steps_of_D_shrink_the_regret_and_fifty_of_G_raise_it(seeds, run_number):
    for seed in seeds:
        run = new_run(seed)
        start = state_of(run)
        assert start.p_g.max() > 1.5  # a spike
        assert abs(float(np.sum(start.p_g * PLACES) * DX)) < 0.3  # near 0
        assert sum(shares(start, DATA)) < 0.2  # between the bumps, hardly at either
        for n_turns in (5, 5, 5, 4):  # pauses at turns 5, 10, 15 and 19
            run.burst(n_turns)
            before, twin = state_of(run), run.branch()
            twin.burst(50, players="D")
            between = state_of(twin)
            assert between.jsd == before.jsd
            twin.burst(50, players="G")
            by_d = between.regret / before.regret
            by_g = state_of(twin).regret / between.regret
            run_number("05", "*Step D* some fifty times: the green bar shrinks", times=by_d)
            run_number("05", "G moves on, D does not answer, and the green bar grows", times=by_g)
            assert by_d < 0.85 and by_g > 5


@pytest.mark.trains
def test_five_steps_of_D_for_one_of_G_keep_D_nearer_to_its_best_answer(seeds, run_number):
    for seed in seeds:
        regret = {}
        for k in (1, 5):
            run = new_run(seed)
            run.d_steps, found = k, []
            for _ in range(12):
                run.burst(20)
                found.append(state_of(run).regret)
            regret[k] = np.mean(found[5:])
        statement = 'Then set "D steps" (a turn) to 5 and play: the green bar is shorter'
        run_number("05", statement, times=regret[5] / regret[1])
        assert regret[5] < 0.85 * regret[1]
