"""Lesson 05 in numbers: the two steps, each line taken away, D's best response, branches, sound."""

import base64
import copy
import functools
import io
import re
import wave

import numpy as np
import pytest
import torch
from lesson_text import LessonText, lock_and_reveal
from scipy import integrate, special, stats
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson import plots, turns
from gan_lesson.data import two_bumps
from gan_lesson.history import History
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.kit.verdict import FALSE
from gan_lesson.lessons.lesson_05 import exercises as lesson_05
from gan_lesson.lessons.lesson_05 import paper, questions
from gan_lesson.lessons.lesson_05.density import density_of_map
from gan_lesson.lessons.lesson_05.loop import LoopPlayer, LoopTrainer, loop_run
from gan_lesson.lessons.lesson_05.scene import GAUGES, LoopScene
from gan_lesson.lessons.lesson_05.sound import RATE, hear, pitch, two_tones
from gan_lesson.lessons.lesson_05.state import DX, EDGES, PLACES, game_state, shares
from gan_lesson.lessons.mathematics.divergence import d_star_logit, value_on_grid
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.losses import discriminator_loss
from gan_lesson.networks import Generator, small_pair
from gan_lesson.player import SideBySide, flip_book
from gan_lesson.trainer import Trainer, adam
from gan_lesson.turns import update_generator

LESSON = LessonText("05_the_training_loop")
DATA = two_bumps((-1.5, 1.5), sd=0.6)
STEP_D, STEP_G = lesson_05.update_discriminator, lesson_05.update_generator

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def lesson():
    """What the lesson writes out: both steps, the loop with its switches, `gradients`."""
    steps = "update_discriminator", "update_generator"
    return LESSON.define(*steps, "play", "gradients", "weights", data=DATA)


FIVE = range(5)  # a statement about runs is one about these seeds, if no fewer could decide it


@pytest.fixture(
    params=[range(2), pytest.param(range(2, 6), marks=pytest.mark.slow)], ids=["two", "more"]
)
def seeds(request):
    """Two seeds, and four more in `make test-all`: for what each seed shows with much to spare."""
    return request.param


def weights(*nets):
    return torch.cat([p.detach().flatten() for net in nets for p in net.parameters()])


# --- sections 2 and 3: the two steps ------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_lessons_steps_are_the_packages(lesson, seed):
    G, D = small_pair(1, 1, seed=seed)
    twin_G, twin_D = copy.deepcopy((G, D))
    rng = torch.Generator().manual_seed(seed)
    for _ in range(3):
        x, z, fresh = DATA.sample(32, rng), G.sample_z(32, rng), G.sample_z(32, rng)
        sgd = [torch.optim.SGD(net.parameters(), lr=0.1) for net in (D, G, twin_D, twin_G)]
        ours = lesson["update_discriminator"](D, G, sgd[0], x, z)
        _, _, theirs = turns.update_discriminator(twin_D, twin_G, sgd[2], x, z)
        assert torch.allclose(ours, theirs, atol=1e-6)
        ours = lesson["update_generator"](D, G, sgd[1], fresh)
        theirs = update_generator(twin_D, twin_G, sgd[3], fresh)
        assert torch.allclose(ours, theirs, atol=1e-6)
        assert torch.allclose(weights(G, D), weights(twin_G, twin_D), atol=1e-6)


def test_each_step_moves_its_own_player_only(lesson):
    G, D = small_pair(1, 1, seed=3)
    rng = torch.Generator().manual_seed(0)
    x, z = DATA.sample(32, rng), G.sample_z(32, rng)
    before = weights(G), weights(D)
    lesson["update_discriminator"](D, G, torch.optim.SGD(D.parameters(), lr=0.1), x, z)
    assert torch.equal(weights(G), before[0]) and not torch.equal(weights(D), before[1])
    after = weights(D)
    lesson["update_generator"](D, G, torch.optim.SGD(G.parameters(), lr=0.1), z)
    assert torch.equal(weights(D), after) and not torch.equal(weights(G), before[0])


def test_detach_keeps_the_gradient_from_G_and_Gs_own_step_fills_both(lesson):
    G, D = small_pair(1, 1, seed=0)
    z = G.sample_z(16, torch.Generator().manual_seed(0))
    gradients = lesson["gradients"]
    bce(D.logits(G(z).detach()), torch.zeros(16, 1)).backward()
    assert gradients(G) == "none" and gradients(D) != "none"
    bce(D.logits(G(z)), torch.zeros(16, 1)).backward()
    assert gradients(G) != "none"


def test_a_step_of_G_down_Ds_loss_would_help_D():
    for seed in (0, 1, 2):
        G, D = small_pair(1, 1, seed=seed)
        rng = torch.Generator().manual_seed(seed)
        x, z = DATA.sample(256, rng), G.sample_z(256, rng)
        losses = []
        for _ in range(2):
            loss = discriminator_loss(D.logits(x), D.logits(G(z)))
            losses.append(loss.item())
            G.zero_grad()
            loss.backward()
            torch.optim.SGD(G.parameters(), lr=0.1).step()
        assert losses[1] < losses[0]


def test_Ds_gradient_in_G_points_the_wrong_way():
    G, D = small_pair(1, 1, seed=0)
    z = G.sample_z(256, torch.Generator().manual_seed(0))
    found = []
    for label in (0.0, 1.0):
        G.zero_grad()
        bce(D.logits(G(z)), torch.full((256, 1), label)).backward()
        found.append(torch.cat([p.grad.flatten() for p in G.parameters()]))
    assert torch.cosine_similarity(*found, dim=0) < -0.9


def test_both_networks_have_1153_parameters_and_the_first_loss_is_near_log_4():
    for seed in range(3):
        G, D = small_pair(1, 1, width=32, seed=seed)
        assert [sum(p.numel() for p in net.parameters()) for net in (G, D)] == [1153, 1153]
        rng = torch.Generator().manual_seed(seed)
        state = game_state(G, D, DATA)
        assert state.value == pytest.approx(-LOG_4, abs=0.1)
        assert D(DATA.sample(64, rng)).mean().item() == pytest.approx(0.5, abs=0.1)


# --- section 4: take a line away -----------------------------------------------------------


@pytest.fixture(scope="module")
def without(lesson):
    """A function (*lines, seed) to the state after the lesson's loop; each run is trained once."""

    @functools.cache
    def state(*lines, seed):
        return game_state(*lesson["play"](*lines, seed=seed), DATA)

    return state


@pytest.mark.trains
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("line", ["detach", "own optimiser"])
def test_without_detach_or_without_own_optimiser_all_is_the_same_bit_for_bit(lesson, line, seed):
    whole = lesson["play"](seed=seed, n_turns=100)
    assert torch.equal(weights(*whole), weights(*lesson["play"](line, seed=seed, n_turns=100)))


@pytest.mark.trains
def test_without_both_Ds_step_drags_G_away(without, seeds, run_number):
    jsd = [without("own optimiser", "detach", seed=seed).jsd for seed in seeds]
    statement = "D's step drags G to where D can tell it from the data: JSD ends above 0.5"
    run_number("05", statement, JSD=jsd)
    assert min(jsd) > 0.5


@pytest.mark.trains
def test_reusing_z_works(without, seeds, run_number):
    fresh, reused = ([without(*w, seed=s).jsd for s in seeds] for w in ((), ("fresh noise",)))
    run_number("05", "reusing them works as well: JSD stays below 0.06", fresh=fresh, reused=reused)
    assert max(*fresh, *reused) < 0.06


@pytest.mark.trains
def test_without_zero_grad_D_or_G_is_worse(without, run_number):
    """A single seed is shown by chance better or worse: the middle one of five is judged."""
    whole = [without(seed=seed) for seed in FIVE]
    regret = [without("D's zero_grad", seed=seed).regret / whole[seed].regret for seed in FIVE]
    run_number("05", "D's regret becomes several times as large", times=regret)
    assert np.median(regret) > 5 and min(regret) > 2
    jsd = [without("G's zero_grad", seed=seed).jsd / whole[seed].jsd for seed in FIVE]
    run_number("05", "JSD becomes several times as large", times=jsd)
    assert np.median(jsd) > 2.5 and min(jsd) > 1


def regret_without(what, seed, n_turns=300):
    """D's regret after the lesson's loop, with one kind of old gradient left in D."""
    G, D = small_pair(1, 1, seed=seed)
    rng = torch.Generator().manual_seed(seed)
    optimizer_d, optimizer_g = adam(D.parameters(), lr=0.01), adam(G.parameters(), lr=0.001)
    one, zero = torch.ones(128, 1), torch.zeros(128, 1)
    for _ in range(n_turns):
        x, z, fresh = DATA.sample(128, rng), G.sample_z(128, rng), G.sample_z(128, rng)
        (bce(D.logits(x), one) + bce(D.logits(G(z).detach()), zero)).backward()
        optimizer_d.step()
        own = [p.grad.clone() for p in D.parameters()]
        optimizer_d.zero_grad()
        optimizer_g.zero_grad()
        bce(D.logits(G(fresh)), one).backward()
        optimizer_g.step()
        if what == "own":
            for p, old in zip(D.parameters(), own, strict=True):
                p.grad = old
    return game_state(G, D, DATA).regret


@pytest.mark.trains
def test_both_kinds_of_old_gradients_harm_D(without, run_number):
    times = {
        kind: [regret_without(kind, seed) / without(seed=seed).regret for seed in FIVE]
        for kind in ("own", "from G")
    }
    statement = "Either kind alone makes D's regret several times as large"
    run_number("05", statement, own=times["own"], from_G=times["from G"])
    for kind in times.values():
        assert np.median(kind) > 4 and min(kind) > 1.5


@pytest.mark.trains
def test_a_wrong_label_makes_a_player_work_for_the_other_side(without, seeds, run_number):
    gs, ds = ([without(f"{player} {label}", seed=s) for s in seeds]
              for player, label in (("G's", "label"), ("D's", "labels")))  # fmt: skip
    jsd = [state.jsd for state in (*gs, *ds)]
    run_number("05", "works for the other side, and JSD ends above 0.6", JSD=jsd)
    assert min(jsd) > 0.6
    regret = [state.regret for state in ds]
    run_number("05", "JSD is near its worst, and D's regret is dozens of nats", regret=regret)
    assert min(regret) > 24


# --- section 5: D*, V and JSD of a run -----------------------------------------------------


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
        run = loop_run(STEP_D, STEP_G, DATA, seed)
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
        assert game_state(run.G, run.D, DATA).jsd == pytest.approx(truth, abs=2e-3)


@pytest.mark.trains
def test_value_of_D_is_that_of_many_samples():
    run = loop_run(STEP_D, STEP_G, DATA)
    run.burst(100)
    rng = torch.Generator().manual_seed(1)
    with torch.no_grad():
        on_real = run.D.logits(DATA.sample(400_000, rng))
        on_fake = run.D.logits(run.G(run.G.sample_z(400_000, rng)))
    estimate = -discriminator_loss(on_real, on_fake).item()
    state = game_state(run.G, run.D, DATA)
    assert state.value == pytest.approx(estimate, abs=5e-3)
    assert state.regret > 0


@pytest.mark.trains
@pytest.mark.parametrize(
    ("seed", "turns"),
    [(0, 40), (1, 20), *(pytest.param(s, 40, marks=pytest.mark.slow) for s in (2, 3, 4))],
)
def test_D_alone_arrives_at_D_star(seed, turns, run_number):
    run = loop_run(STEP_D, STEP_G, DATA, seed)
    run.burst(turns)
    before = game_state(run.G, run.D, DATA)
    frozen = weights(run.G)
    for lr, n_steps in ((0.01, 400), (0.002, 300), (0.0005, 300)):
        run.lr_d = lr
        run.burst(n_steps, players="D")
    after = game_state(run.G, run.D, DATA)
    assert torch.equal(frozen, weights(run.G)) and after.jsd == before.jsd
    statement = (
        "after these 1,000 steps D's error is below 0.05, on each of the three kinds of processor "
        "that we tried"
    )
    run_number("05", statement, error=after.d_error, before=before.d_error)
    assert after.d_error < 0.05 and after.d_error < before.d_error / 2
    assert after.regret < before.regret / 2
    logits = d_star_logit(after.p_data, after.p_g)
    assert value_on_grid(logits, after.p_data, after.p_g, DX) == pytest.approx(
        after.best_value, abs=1e-6
    )


@functools.cache
def watched_run(seed):
    """The run of the lesson after 400 turns, and its states by the turn."""
    run, states = loop_run(STEP_D, STEP_G, DATA, seed), {}
    for turn in (5, 10, 15, *range(20, 401, 20)):
        run.burst(turn - run.step)
        states[turn] = game_state(run.G, run.D, DATA)
    return run, states


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
            "05", "The bars shrink, but not to 0: the pursuit goes on", JSD=jsd, regret=regret
        )
        assert min(jsd) > 1e-3 and min(regret) > 1e-3
        assert max(jsd) < states[5].jsd / 3 and np.mean(regret) < states[5].regret / 2


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
        run = loop_run(STEP_D, STEP_G, DATA, seed)
        start = game_state(run.G, run.D, DATA)
        assert start.p_g.max() > 1.5  # a spike
        assert abs(float(np.sum(start.p_g * PLACES) * DX)) < 0.3  # near 0
        assert sum(shares(start, DATA)) < 0.1  # between the bumps, at neither
        for n_turns in (15, 35):
            run.burst(n_turns)
            regret = {"": game_state(run.G, run.D, DATA).regret}
            for player in "DG":
                twin = run.branch()
                twin.burst(50, players=player)
                regret[player] = game_state(twin.G, twin.D, DATA).regret
            by_d, by_g = (regret[player] / regret[""] for player in "DG")
            run_number("05", "*Step D* some fifty times: the green bar shrinks", times=by_d)
            run_number(
                "05", "G climbs a D that no longer answers, and the green bar grows", times=by_g
            )
            assert by_d < 0.85 and by_g > 5


@pytest.mark.trains
def test_five_steps_of_D_for_one_of_G_keep_D_nearer_to_its_best_answer(seeds, run_number):
    for seed in seeds:
        regret = {}
        for k in (1, 5):
            run = loop_run(STEP_D, STEP_G, DATA, seed)
            run.d_steps, found = k, []
            for _ in range(12):
                run.burst(20)
                found.append(game_state(run.G, run.D, DATA).regret)
            regret[k] = np.mean(found[5:])
        statement = 'Then set "D steps" (a turn) to 5 and play: the green bar is shorter'
        run_number("05", statement, times=regret[5] / regret[1])
        assert regret[5] < 0.85 * regret[1]


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


# --- the trainer that repeats the learner's functions --------------------------------------


def package_twin(simultaneous, seed=0, **settings):
    G, D = small_pair(1, 1, seed=seed)
    return Trainer(
        G, D, DATA, optimizer_g=adam(G.parameters(), lr=0.001), batch_size=128, seed=seed,
        optimizer_d=adam(D.parameters(), lr=0.01), simultaneous=simultaneous, **settings,
    )  # fmt: skip


@pytest.mark.trains
@pytest.mark.parametrize("simultaneous", [False, True])
@pytest.mark.parametrize("d_steps", [1, 2])
def test_it_takes_the_same_steps_as_the_packages_trainer(lesson, simultaneous, d_steps):
    run = loop_run(lesson["update_discriminator"], lesson["update_generator"], DATA)
    run.simultaneous, run.d_steps = simultaneous, d_steps
    twin = package_twin(simultaneous, d_steps=d_steps)
    run.burst(12)
    twin.burst(12)
    assert torch.allclose(weights(run.G, run.D), weights(twin.G, twin.D), atol=1e-4)
    for name in ("d_real", "d_fake", "loss_d", "loss_g"):
        np.testing.assert_allclose(run.history[name], twin.history[name], atol=1e-4)
    run.burst(3, players="D")
    twin.burst(3, players="D")
    run.burst(3, players="G")
    twin.burst(3, players="G")
    assert torch.allclose(weights(run.G, run.D), weights(twin.G, twin.D), atol=1e-3)


@pytest.mark.trains
def test_at_once_differs_from_in_turn_and_branches_do_not():
    run = loop_run(STEP_D, STEP_G, DATA)
    run.burst(20)
    twin, other = run.branch(), run.branch()
    other.simultaneous = True
    for one in (run, twin, other):
        one.burst(30)
    assert torch.equal(weights(run.G, run.D), weights(twin.G, twin.D))
    assert not torch.equal(weights(run.G, run.D), weights(other.G, other.D))


def forgetful_step_d(D, G, optimizer_d, x_real, z):
    """The step of D without its zero_grad."""
    loss_d = discriminator_loss(D.logits(x_real), D.logits(G(z).detach()))
    loss_d.backward()
    optimizer_d.step()
    return loss_d.detach()


@pytest.mark.trains
def test_a_loop_that_forgets_zero_grad_branches_and_rewinds_bit_for_bit_too():
    run = loop_run(forgetful_step_d, STEP_G, DATA)
    run.burst(5)
    run.snapshot()
    twin = run.branch()
    run.burst(5)
    twin.burst(5)
    assert torch.equal(weights(run.D), weights(twin.D))
    once = weights(run.D)
    run.rewind(5)
    run.burst(5)
    assert torch.equal(weights(run.D), once)


def late_states(run, n_turns=400):
    """Train, and return the states of the second half, every 20 turns, as the lesson does."""
    found = []
    for _ in range(n_turns // 20):
        run.burst(20)
        found.append(game_state(run.G, run.D, DATA))
    return found[len(found) // 2 :]


def mean_jsd(states):
    return np.mean([state.jsd for state in states])


@pytest.mark.trains
def test_with_equal_rates_moving_at_once_is_worse_than_in_turn(run_number):
    found = {False: [], True: []}
    for seed in FIVE:
        for simultaneous in (False, True):
            run = loop_run(STEP_D, STEP_G, DATA, seed)
            run.lr_g, run.simultaneous = 0.01, simultaneous
            states = late_states(run)
            found[simultaneous].append(mean_jsd(states))
            assert np.mean([s.value for s in states]) == pytest.approx(-LOG_4, abs=0.06)
            off = [s.regret - 2 * s.jsd for s in states]
            assert np.mean(np.abs(off)) < 0.06
            assert np.mean([s.p_g.max() for s in states]) > 0.7  # spikes; the data's peak is .33
            for name in ("d_real", "d_fake"):
                assert run.history[name][-200:].mean() == pytest.approx(0.5, abs=0.05)
            assert run.history["loss_d"][-200:].mean() == pytest.approx(LOG_4, abs=0.06)
    statement = "JSD at once is more than 1.3 times that in turn"
    run_number("05", statement, in_turn=found[False], at_once=found[True])
    assert min(*found[False], *found[True]) > 0.05  # a loss that looks perfect, a G that is not
    assert np.mean(found[True]) > 1.3 * np.mean(found[False])


@pytest.mark.trains
def test_with_the_first_rates_moving_at_once_also_comes_near_the_data(seeds, run_number):
    for seed in seeds:
        run = loop_run(STEP_D, STEP_G, DATA, seed)
        run.simultaneous = True
        jsd = mean_jsd(late_states(run))
        run_number("05", "At the first rates both ways have a mean JSD below 0.05", at_once=jsd)
        assert jsd < 0.05


@pytest.mark.trains
def test_a_millionth_in_one_weight_leads_elsewhere():
    run = loop_run(STEP_D, STEP_G, DATA)
    run.lr_g = 0.01
    twin = run.branch()
    with torch.no_grad():
        next(twin.G.parameters())[0] += 1e-6
    run.burst(300)
    twin.burst(300)
    x_of_z = [game_state(one.G, one.D, DATA).x_of_z for one in (run, twin)]
    assert np.abs(x_of_z[0] - x_of_z[1]).max() > 0.1


def test_at_D_one_half_the_regret_is_2_JSD():
    G, D = small_pair(1, 1)
    with torch.no_grad():
        for p in D.parameters():
            p.zero_()
    state = game_state(G, D, DATA)
    assert state.value == pytest.approx(-LOG_4, abs=1e-3)
    assert state.regret == pytest.approx(2 * state.jsd, abs=1e-3)


def test_a_changed_step_works_in_the_twin_alone():
    run = loop_run(STEP_D, STEP_G, DATA)
    run.burst(5)
    twin = run.branch()
    twin.step_g = lambda D, G, optimizer_g, z: torch.zeros(())  # a G that never moves
    frozen = weights(twin.G)
    run.burst(5)
    twin.burst(5)
    assert torch.equal(weights(twin.G), frozen) and not torch.equal(weights(run.G), frozen)
    twin.step_d = lambda *arguments: None
    with pytest.raises(ValueError, match="step_d returned None"):
        twin.burst(1)


@pytest.mark.trains
def test_drawing_pausing_and_bursts_of_any_length_change_no_number():
    one, two = (loop_run(STEP_D, STEP_G, DATA) for _ in range(2))
    one.burst(40)
    player = LoopPlayer(two)
    for n in (1, 7, 12, 20):
        two.burst(n)
        player.redraw()
    assert torch.equal(weights(one.G, one.D), weights(two.G, two.D))
    np.testing.assert_array_equal(one.history["loss_d"], two.history["loss_d"])


@pytest.mark.trains
def test_rewinding_repeats_the_run_bit_for_bit():
    run = loop_run(STEP_D, STEP_G, DATA)
    run.burst(15)
    run.snapshot()
    run.burst(15)
    first = weights(run.G, run.D)
    run.rewind(15)
    run.burst(15)
    assert torch.equal(first, weights(run.G, run.D))


# --- widgets -------------------------------------------------------------------------------


def finite(told):
    assert not re.search(r"\b(nan|inf)\b", told)
    return told


def test_player_over_all_its_settings():
    player = LoopPlayer(loop_run(STEP_D, STEP_G, DATA))
    trainer, seen = player.trainer, set()
    for order, k, lr in ((True, 1, 0.0005), (False, 5, 0.01), (True, 2, 0.002), (False, 1, 0.001)):
        player.order.value, player.d_steps.value = order, k
        player.lr_d.value = player.lr_g.value = lr
        assert (trainer.simultaneous, trainer.d_steps) == (order, k)
        assert trainer.lr_d == trainer.lr_g == lr
        before = trainer.step
        player.play.value += 1  # one tick of the browser's clock
        assert trainer.step > before
        assert trainer.optimizer_d.param_groups[0]["lr"] == lr
        seen.add(finite(player.panel.description + player.status.value))
    assert len(seen) == 4
    before = weights(trainer.G)
    player.step_d.click()
    assert torch.equal(before, weights(trainer.G))
    player.step_g.click()
    assert not torch.equal(before, weights(trainer.G))
    for i in range(200):
        player.lr_d.value = player.rates[i % 5]
    player.moment.value = 0
    assert trainer.step == 0 and "Step 0" in player.panel.description


def test_players_numbers_are_those_of_the_state():
    player = LoopPlayer(loop_run(STEP_D, STEP_G, DATA))
    player.trainer.burst(50)
    player.redraw()
    state = game_state(player.trainer.G, player.trainer.D, DATA)
    for told in (player.status.value.replace("−", "-"), player.panel.description):
        for number in (state.value, state.best_value, state.regret, state.jsd):
            assert f"{number:.3f}" in told
    left = float(np.sum(state.p_g[(PLACES < -0.3) & (PLACES > -1.5 - 2 * 0.6)]) * DX)
    assert f"{left:.0%}" in player.panel.description


def test_no_more_than_three_sliders_are_in_view():
    player = LoopPlayer(loop_run(STEP_D, STEP_G, DATA))

    def names(widget):
        yield type(widget).__name__
        for child in getattr(widget, "children", ()):
            yield from names(child)

    assert sum("Slider" in name for name in names(player.widget)) <= 3


def test_the_gauge_always_holds_both_bars_unless_V_is_far_below():
    run = loop_run(STEP_D, STEP_G, DATA)
    player = LoopPlayer(run)
    for players in ("DG", "G", "D", "DG"):
        run.burst(60, players=players)
        player.redraw()
        scene = player.scene
        low, high = scene._now.axes.get_xlim()
        assert low < scene._now.get_xdata()[0] <= scene._best.get_xdata()[0] < high
        assert (high - low) / 2 == pytest.approx(min(GAUGES, key=lambda g: abs(g - scene._reach)))


def test_the_gauge_grows_at_once_and_shrinks_when_fifty_pictures_would_fit():
    scene = LoopPlayer(loop_run(STEP_D, STEP_G, DATA)).scene
    scene._zoom(GAUGES[2])
    grown = scene._reach
    assert grown > GAUGES[2]
    swings = [scene._zoom(v) for v in (0.01, GAUGES[1], 0.02) * 40]
    assert sum(swings) == 1 and GAUGES[1] < scene._reach < grown
    assert [scene._zoom(0.01) for _ in range(50)].index(True) > 40


def test_two_futures_beside_each_other():
    run = loop_run(STEP_D, STEP_G, DATA)
    run.burst(10)
    at_once = run.branch()
    at_once.simultaneous = True
    both = SideBySide({"in turn": run, "at once": at_once}, lambda: LoopScene(curves=False))
    for _ in range(3):
        both.play.value += 1
    assert run.step == at_once.step > 10
    assert {"in turn", "at once"} <= set(re.findall(r"in turn|at once", both.panel.description))
    finite(both.panel.description + both.status.value)


def test_a_run_becomes_a_page(tmp_path):
    run = loop_run(STEP_D, STEP_G, DATA)
    for _ in range(3):
        run.burst(10)
        run.snapshot()
    page = flip_book(run, LoopScene(), tmp_path / "book.html", "Two bumps")
    told = page.read_text("utf-8")
    assert len(re.findall(r'<img alt="Step (\d+)', told)) == 4
    assert "http" not in re.sub(r"base64,[^\"]*", "", told)
    assert run.step == 30


# --- section 8: claims ---------------------------------------------------------------------


@pytest.mark.trains
def test_claim_16_both_groups_of_samples_move_both_players(lesson, seeds, run_number):
    for seed in seeds:
        G, D = lesson["play"](seed=seed)
        z = G.sample_z(1000, torch.Generator().manual_seed(0))
        fools, sizes = (D(G(z)) > 0.5).flatten(), []
        assert 20 < fools.sum() < 980
        for part in (z[fools], z[~fools]):
            for of_g in (False, True):
                G.zero_grad()
                D.zero_grad()
                logits = D.logits(G(part))
                bce(logits, torch.full_like(logits, float(of_g))).backward()
                size = torch.cat([p.grad.flatten() for p in (G if of_g else D).parameters()])
                sizes.append(size.norm().item())
        run_number("05", "every turn moves both players, fooled or not", gradients=sizes)
        assert min(sizes) > 0.01


@pytest.mark.trains
def test_claim_14_at_first_Ds_loss_falls_and_Gs_rises_while_JSD_falls(run_number):
    changes = []
    for seed in FIVE:
        run, states = watched_run(seed)
        rows = [
            [*(run.history[name][turn - 5 : turn].mean() for name in ("loss_d", "loss_g")),
             states[turn].jsd] for turn in (5, 10, 15)
        ]  # fmt: skip
        changes.append(np.diff(rows, axis=0))
    of_d, of_g, of_jsd = np.moveaxis(changes, 2, 0).reshape(3, -1)
    statement = "D's loss falls, G's rises, and G comes nearer all the while"
    run_number("05", statement, loss_d=of_d, loss_g=of_g, JSD=of_jsd)
    sign = np.array([-1, 1, -1])
    assert (sign * np.mean(changes, axis=0) > 0).all()  # from five turns to the next, on average
    assert (sign * np.sum(changes, axis=1) > 0).all()  # from first to last, on each seed


# --- exercises -----------------------------------------------------------------------------


def test_a_step_without_detach_is_right_but_told(capsys):
    def update_discriminator(D, G, optimizer_d, x_real, z):
        logits_real, logits_fake = D.logits(x_real), D.logits(G(z))
        loss_d = bce(logits_real, torch.ones_like(logits_real))
        loss_d = loss_d + bce(logits_fake, torch.zeros_like(logits_fake))
        optimizer_d.zero_grad()
        loss_d.backward()
        optimizer_d.step()
        return loss_d.detach()

    assert lesson_05.check_update_discriminator(update_discriminator) is update_discriminator
    assert "Where is detach()?" in capsys.readouterr().out


def test_both_repairs_of_the_helpful_forger_are_right():
    for repaired in (lesson_05._loop(shared=True), lesson_05._loop(detach_d=False)):
        assert lesson_05.check_helpful_forger(repaired) is repaired


def test_an_answer_that_is_wrong_in_a_new_way_is_refused():
    def two_steps(D, G, optimizer_g, z):
        loss_g = STEP_G(D, G, optimizer_g, z)
        optimizer_g.step()
        return loss_g

    with pytest.raises(WrongAnswer, match="not as it should be: G's weights"):
        lesson_05.check_update_generator(two_steps)

    def stops(G, D, data, n_turns, rng):
        raise RuntimeError("no way")

    with pytest.raises(WrongAnswer, match="RuntimeError: no way"):
        lesson_05.check_frozen_forger(stops)


@pytest.mark.trains
def test_the_frozen_forger_stands_still():
    for seed in (0, 1):
        G, D = small_pair(1, 1, seed=seed)
        before = weights(G)
        LESSON.taught("frozen_forger", "stub")(G, D, DATA, 50, torch.Generator().manual_seed(seed))
        assert torch.equal(before, weights(G))


@pytest.mark.trains
def test_the_helpful_forger_crowds_its_samples_and_its_repair_does_not(run_number):
    """A run that overflows, as now and then one does, counts as the worst."""
    crowded, sick, repaired = [], [], []
    for seed in FIVE:
        for tag, found in (("stub", sick), ("answer", repaired)):
            G, D = small_pair(1, 1, seed=seed)
            rng = torch.Generator().manual_seed(seed)
            LESSON.taught("helpful_forger", tag)(G, D, DATA, 200, rng)
            x = G(G.sample_z(1000, torch.Generator().manual_seed(1))).detach()
            found.append(game_state(G, D, DATA).jsd if x.isfinite().all() else float(np.log(2)))
            if tag == "stub":
                crowded.append(x.std().item() < 0.6)  # the data's is 1.6
    statement = "as a rule they crowd together at one narrow place, and JSD is above 0.5"
    run_number("05", statement, JSD=sick, crowded_of_5=sum(crowded))
    run_number("05", "Repaired, the same loop has a JSD below 0.1 by then", JSD=repaired)
    assert min(sick) > 0.5 and sum(crowded) >= 3
    assert max(repaired) < 0.1


# --- the paper GAN -------------------------------------------------------------------------


def sheet_by_torch():
    """One turn of the three-parameter GAN by autograd: loss_d, a, b, loss_g, theta."""
    theta, a, b = (torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in range(3))
    real, z, fresh = (torch.tensor(v, dtype=torch.float64) for v in ([3, 5], [-1, 1], [-1, 2]))
    logits = a * real + b, a * (z + theta).detach() + b
    loss_d = bce(logits[0], torch.ones(2).double()) + bce(logits[1], torch.zeros(2).double())
    loss_d.backward()
    a, b = (p.detach() - 0.5 * p.grad for p in (a, b))
    loss_g = bce(a * (fresh + theta) + b, torch.ones(2).double())
    loss_g.backward()
    return [n.item() for n in (loss_d, a, b, loss_g, theta - 1.0 * theta.grad)]


def test_the_sheets_numbers_are_those_of_autograd():
    answers = paper.paper_answers()
    ours = [answers[line][0] for line in (6, 9, 10, 14, 16)]
    np.testing.assert_allclose(ours, sheet_by_torch(), atol=1e-9)
    assert answers[6][0] == pytest.approx(LOG_4)
    assert answers[16][0] == pytest.approx(0.4251, abs=5e-5)


def rounded():
    return {number: tuple(line.round(2)) for number, line in paper.paper_answers().items()}


def test_a_right_sheet_passes_with_two_decimals_and_an_empty_one_is_not_judged(capsys):
    paper.check_paper(rounded())
    assert "All 16 lines are right" in capsys.readouterr().out
    paper.check_paper({1: (..., ...)})
    assert "Not attempted yet" in capsys.readouterr().out
    paper.check_paper({n: line if n < 8 else ... for n, line in rounded().items()})
    assert "Lines 1 to 7 are right so far." in capsys.readouterr().out


@pytest.mark.parametrize("line", paper.LINES, ids=lambda line: str(line.number))
def test_each_line_is_checked_and_each_mistake_in_it_named(line):
    sheet, before = rounded(), paper.paper_answers()
    for wrong in (tuple(np.array(sheet[line.number]) + 0.05), (7.0,) * (3 - line.places)):
        with pytest.raises(WrongAnswer, match=f"Line {line.number} "):
            paper.check_paper({**sheet, line.number: wrong})
    for function, sentence in line.mistakes:
        wrong = np.atleast_1d(function(before))
        if paper._near(wrong, line.follows(before)):
            continue  # in this turn the mistake leaves no trace, as with a slope of 0
        with pytest.raises(WrongAnswer, match=re.escape(sentence)):
            paper.check_paper({**sheet, line.number: tuple(wrong)})


def test_a_line_is_judged_by_the_learners_own_lines_before():
    sheet = rounded()
    sheet[7] = (2.0,)  # the wrong sign
    with pytest.raises(WrongAnswer, match="Line 7 .*slope of V"):
        paper.check_paper(sheet)
    line = {line.number: line for line in paper.LINES}[9]
    assert line.follows({7: np.array([2.0])})[0] == -1.0


def test_the_printed_sheet_has_16_empty_lines_and_no_answer(tmp_path):
    shown = paper.paper_sheet(tmp_path / "sheet.html").data
    page = (tmp_path / "sheet.html").read_text("utf-8")
    assert "A4" in page and shown in page
    for line in paper.LINES:
        assert f">{line.number}</td>" in shown
    for answer in ("1.386", "1.39", ".425", ".43", "0.72"):
        assert answer not in shown
    for s, p in ((-1, 0.269), (2, 0.881)):
        assert special.expit(s) == pytest.approx(p, abs=5e-4) and f"{p:.3f}" in shown
    with pytest.raises(OSError):
        paper.paper_sheet(tmp_path / "sheet.html" / "sheet.html")  # a file, no folder


# --- sound ---------------------------------------------------------------------------------


def loudest(sound):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return np.argmax(spectrum) * RATE / len(sound)


def test_pitches():
    np.testing.assert_allclose(pitch([0, 0.5, 1]), [220, 440, 880])
    half = np.full(10, 0.5)
    assert loudest(two_tones(half, half)) == pytest.approx(440, abs=1)
    assert loudest(two_tones(np.full(10, 0.9), np.full(10, 0.1))) == pytest.approx(
        float(pitch(0.9)), abs=1
    )
    assert 3 * pitch(1.0) < RATE / 2  # the highest overtone is still there to be heard


def test_unison_is_steady_and_a_small_difference_beats():
    def loudness(d_fake):
        sound = two_tones(np.full(10, 0.5), np.full(10, d_fake), seconds=2)
        middle = sound[RATE // 10 : -RATE // 10].reshape(-1, RATE // 50)
        return middle.std(axis=1)

    steady, beating = loudness(0.5), loudness(0.505)  # 3 Hz apart
    assert np.ptp(steady) < 0.1 * steady.mean()
    assert np.ptp(beating) > 0.5 * beating.mean()


def test_what_is_heard_is_a_wave_file_of_the_run():
    history = History()
    for _ in range(100):
        history.append(d_real=0.5, d_fake=0.5, loss_d=1.386, loss_g=0.693)
    html = hear(history, seconds=1.0).data
    assert "<audio controls" in html and "440 and 440 Hz at the end" in html
    content = base64.b64decode(re.search(r"base64,([^\"]*)", html)[1])
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (RATE, RATE, 1)
    assert html == hear(history, seconds=1.0).data
    with pytest.raises(ValueError, match="history is empty"):
        hear(History())
    for wrong in (([0.5], [0.5, 0.5], 1), ([], [], 1), ([2.0], [0.5], 1), ([0.5], [0.5], 0)):
        with pytest.raises(ValueError):
            two_tones(*wrong)


def test_a_loop_trainer_is_a_trainer():
    assert issubclass(LoopTrainer, Trainer)
    with pytest.raises(ValueError, match="batch_size"):
        G, D = small_pair(1, 1)
        LoopTrainer(G, D, DATA, step_d=STEP_D, step_g=STEP_G, batch_size=0)


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_detach, "the same numbers bit for bit, only slower"),
        (questions.ask_reuse_z, "about as good a generator"),
        (questions.ask_frozen_generator, "near −log 4 + 2 JSD"),
        (questions.ask_at_once, "farther from the data, on average"),
        (questions.ask_claim_about_fooling, FALSE),
        (questions.ask_claim_about_losses, FALSE),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"] and question.row["truth"] == truth
