"""Lesson 05: each line of the loop taken away, and what tutorials claim of it."""

import functools

import loop_of_lesson_05 as shared
import numpy as np
import pytest
import torch
from lesson_text import lock_and_reveal
from loop_of_lesson_05 import DATA, SEVERAL, new_run, state_of, weights
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF
from gan_lesson.lessons.lesson_05 import questions
from gan_lesson.lessons.lesson_05.state import DX, PLACES, game_state
from gan_lesson.lessons.mathematics.divergence import (
    d_star_logit,
    jensen_shannon_divergence,
    normal_density,
    value_on_grid,
)
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.networks import small_pair
from gan_lesson.trainer import adam

lesson, one_thread, seeds = shared.lesson, shared.one_thread, shared.seeds  # fixtures
pytestmark = pytest.mark.usefixtures("one_thread")

# --- take a line away ----------------------------------------------------------------------


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


@pytest.mark.parametrize("at_the_top", [False, True])
def test_only_a_zero_grad_directly_before_its_own_backward_makes_detach_needless(at_the_top):
    """The claim's condition: with both zero_grads at the top of the turn the weights differ."""
    ends = []
    for cut in (False, True):
        G, D = small_pair(1, 1, seed=1)
        rng = torch.Generator().manual_seed(1)
        of_d, of_g = adam(D.parameters(), lr=0.01), adam(G.parameters(), lr=0.001)
        one, zero = torch.ones(128, 1), torch.zeros(128, 1)
        for _ in range(5):
            x, z, fresh = DATA.sample(128, rng), G.sample_z(128, rng), G.sample_z(128, rng)
            of_d.zero_grad()
            if at_the_top:
                of_g.zero_grad()
            x_fake = G(z).detach() if cut else G(z)
            (bce(D.logits(x), one) + bce(D.logits(x_fake), zero)).backward()
            of_d.step()
            if not at_the_top:
                of_g.zero_grad()
            bce(D.logits(G(fresh)), one).backward()
            of_g.step()
        ends.append(weights(G, D))
    assert torch.equal(*ends) == (not at_the_top)


@pytest.mark.trains
def test_without_both_Ds_step_drags_G_away(without, seeds, run_number):
    jsd = [without("own optimiser", "detach", seed=seed).jsd for seed in seeds]
    statement = "D's step drags G to where D can tell it from the data: JSD ends above 0.5"
    run_number("05", statement, JSD=jsd)
    assert min(jsd) > 0.5


@pytest.mark.trains
def test_reusing_z_works(without, seeds, run_number):
    fresh, reused = ([without(*w, seed=s).jsd for s in seeds] for w in ((), ("fresh noise",)))
    run_number(
        "05",
        "In this game little is lost without it: JSD stays below 0.06",
        fresh=fresh,
        reused=reused,
    )
    assert max(*fresh, *reused) < 0.06


@pytest.mark.trains
def test_without_zero_grad_D_or_G_is_worse(without, run_number):
    """A single seed is shown by chance better or worse: the middle of several is judged."""
    whole = [without(seed=seed) for seed in SEVERAL]
    regret = [without("D's zero_grad", seed=seed).regret / whole[seed].regret for seed in SEVERAL]
    run_number("05", "D's regret becomes at least four times as large", times=regret)
    assert np.median(regret) > 5 and min(regret) > 4
    jsd = [without("G's zero_grad", seed=seed).jsd / whole[seed].jsd for seed in SEVERAL]
    run_number("05", "JSD becomes at least twice as large", times=jsd)
    assert np.median(jsd) > 2.5 and min(jsd) > 2


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
        kind: [regret_without(kind, seed) / without(seed=seed).regret for seed in SEVERAL]
        for kind in ("own", "from G")
    }
    statement = "Either kind alone makes D's regret at least three times as large"
    run_number("05", statement, own=times["own"], from_G=times["from G"])
    for kind in times.values():
        assert np.median(kind) > 4 and min(kind) > 3


@pytest.mark.trains
def test_a_wrong_label_sends_G_away_from_the_data(without, seeds, run_number):
    gs, ds = ([without(f"{player} {label}", seed=s) for s in seeds]
              for player, label in (("G's", "label"), ("D's", "labels")))  # fmt: skip
    jsd = [state.jsd for state in (*gs, *ds)]
    before = [game_state(*small_pair(1, 1, seed=seed), DATA).jsd for seed in seeds]
    assert (np.reshape(jsd, (2, -1)) > before).all()  # away from the data
    run_number("05", "JSD ends above 0.6, and the regret is large", JSD=jsd)
    assert min(jsd) > 0.6
    regret = [state.regret for state in ds]
    run_number("05", "JSD is near its worst, and D's regret is dozens of nats", regret=regret)
    assert min(regret) > 24


# --- claims --------------------------------------------------------------------------------


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
        statement = (
            "a turn moves a player wherever its gradient is not 0, whether D was fooled or not"
        )
        run_number("05", statement, gradients=sizes)
        assert min(sizes) > 0.01


def first_nine_turns(seed):
    """Rows (D's loss, G's loss, JSD) at turns 3, 6 and 9, all of the same moment."""
    run = new_run(seed)
    z = run.G.sample_z(10_000, torch.Generator().manual_seed(seed))
    rows = []
    for _ in range(3):
        run.burst(3)
        state = state_of(run)
        assert -state.value == pytest.approx(LOG_4 - 2 * state.jsd + state.regret, abs=1e-12)
        rows.append([-state.value, bce(run.D.logits(run.G(z)), torch.ones(10_000, 1)).item(),
                     state.jsd])  # fmt: skip
    return rows


@pytest.mark.trains
def test_claim_14_at_first_Ds_loss_falls_and_Gs_rises_while_JSD_falls(run_number):
    changes = np.array([np.diff(first_nine_turns(seed), axis=0) for seed in SEVERAL])
    of_d, of_g, of_jsd = np.moveaxis(changes, 2, 0).reshape(3, -1)
    statement = "D's loss falls, G's rises, and G comes nearer all the while"
    run_number("05", statement, loss_d=of_d, loss_g=of_g, JSD=of_jsd)
    sign = np.array([-1, 1, -1])
    assert (sign * np.mean(changes, axis=0) > 0).all()  # from three turns to the next, on average
    assert (sign * np.sum(changes, axis=1) > 0).all()  # from first to last, on each seed


@pytest.mark.trains
def test_as_D_learns_it_gives_the_same_samples_lower_answers(seeds):
    """The text's reason for the rise of G's loss, at first."""
    for seed in seeds:
        run = new_run(seed)
        x_fake = run.G(run.G.sample_z(10_000, torch.Generator().manual_seed(seed))).detach()
        before = run.D(x_fake).mean().item()
        run.burst(9, players="D")
        assert run.D(x_fake).mean().item() < before


def test_claim_14_with_D_at_its_best_a_falling_loss_of_D_is_a_growing_JSD():
    """Over G's that come nearer to the data and go away again: D*'s loss is log 4 - 2 JSD."""
    p_data = game_state(*small_pair(1, 1), DATA).p_data
    losses, jsds = [], []
    for mean in (-3.0, -1.5, 0.0, 0.7, 2.5):
        p_g = normal_density(PLACES, mean)
        losses.append(-value_on_grid(d_star_logit(p_data, p_g), p_data, p_g, DX))
        jsds.append(jensen_shannon_divergence(p_data, p_g, DX))
    np.testing.assert_allclose(losses, LOG_4 - 2 * np.array(jsds), atol=1e-4)
    assert (np.diff(losses) * np.diff(jsds) < 0).all()


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_step_d, "the green bar (D's regret) shrinks, and the orange bar (2 JSD) "
         "stays as it is"),
        (questions.ask_at_once, "farther from the data, on average"),
        (questions.ask_claim_about_detach, HOLDS),
        (questions.ask_claim_about_fooling, FALSE),
        (questions.ask_claim_about_losses, ONLY_IF),
    ],
)  # fmt: skip
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"] and question.row["truth"] == truth
