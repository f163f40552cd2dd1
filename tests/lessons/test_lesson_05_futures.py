"""Lesson 05: the trainer that repeats the learner's functions, its twins, and moving at once."""

import loop_of_lesson_05 as shared
import numpy as np
import pytest
import torch
from loop_of_lesson_05 import (
    DATA,
    EVERYTHING,
    SEVERAL,
    STEP_D,
    STEP_G,
    new_run,
    state_of,
    weights,
)

from gan_lesson.lessons.lesson_05.loop import LoopPlayer, LoopTrainer, loop_run
from gan_lesson.lessons.lesson_05.state import PLACES, game_state
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.losses import discriminator_loss
from gan_lesson.networks import small_pair
from gan_lesson.trainer import Trainer, adam

lesson, one_thread, seeds = shared.lesson, shared.one_thread, shared.seeds  # fixtures
pytestmark = pytest.mark.usefixtures("one_thread")


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


def test_a_loop_trainer_is_a_trainer():
    assert issubclass(LoopTrainer, Trainer)
    with pytest.raises(ValueError, match="batch_size"):
        G, D = small_pair(1, 1)
        LoopTrainer(G, D, DATA, step_d=STEP_D, step_g=STEP_G, batch_size=0)


def test_at_once_differs_from_in_turn_and_branches_do_not():
    run = new_run()
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


@pytest.mark.trains
def test_the_twin_without_zero_grad_has_longer_bars_in_the_end(run_number):
    """One moment may be good by chance: the mean of turns 180 to 300 is judged."""
    times = {"regret": [], "jsd": []}
    for seed in SEVERAL:
        run = new_run(seed)
        changed = run.branch()
        changed.step_d = forgetful_step_d
        ours, theirs = late_states(run, 300), late_states(changed, 300)
        for name, found in times.items():
            of_each = [[getattr(state, name) for state in states] for states in (ours, theirs)]
            found.append(np.mean(of_each[1]) / np.mean(of_each[0]))
    statement = "Without `zero_grad` both bars are longer in the end, and the green bar most"
    run_number("05", statement, regret_times=times["regret"], JSD_times=times["jsd"])
    assert min(times["jsd"]) > 1.3 and min(times["regret"]) > 3
    assert np.median(times["jsd"]) < np.median(times["regret"])


def late_states(run, n_turns=400):
    """Train, and return the states of the second half, every 20 turns, as the lesson does."""
    found = []
    for _ in range(n_turns // 20):
        run.burst(20)
        found.append(state_of(run))
    return found[len(found) // 2 :]


def mean_jsd(states):
    return np.mean([state.jsd for state in states])


@pytest.mark.trains
def test_with_equal_rates_moving_at_once_is_worse_than_in_turn(run_number):
    found = {False: [], True: []}
    for seed in SEVERAL:
        for simultaneous in (False, True):
            run = new_run(seed)
            run.lr_g, run.simultaneous = 0.01, simultaneous
            states = late_states(run)
            found[simultaneous].append(mean_jsd(states))
            assert np.mean([s.value for s in states]) == pytest.approx(-LOG_4, abs=0.06)
            off = [s.regret - 2 * s.jsd for s in states]
            assert np.mean(np.abs(off)) < 0.06
            assert np.mean([s.p_g.max() for s in states]) > 0.7  # spikes; the data's peak is .33
            assert np.ptp([PLACES[s.p_g.argmax()] for s in states]) > 0.5  # and they move
            for name in ("d_real", "d_fake"):
                assert run.history[name][-200:].mean() == pytest.approx(0.5, abs=0.05)
            assert run.history["loss_d"][-200:].mean() == pytest.approx(LOG_4, abs=0.06)
    statement = "JSD at once is more than 1.3 times that in turn"
    run_number("05", statement, in_turn=found[False], at_once=found[True])
    assert min(*found[False], *found[True]) > 0.05  # a loss that looks perfect, a G that is not
    # over two runs only the direction is sure
    assert np.mean(found[True]) > (1.3 if EVERYTHING else 1) * np.mean(found[False])


@pytest.mark.trains
def test_with_the_first_rates_moving_at_once_also_comes_near_the_data(seeds, run_number):
    for seed in seeds:
        run = new_run(seed)
        run.simultaneous = True
        jsd = mean_jsd(late_states(run))
        run_number("05", "At the first rates both ways have a mean JSD below 0.05", at_once=jsd)
        assert jsd < 0.05


@pytest.mark.trains
@pytest.mark.parametrize("seed", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_millionth_in_one_weight_leads_elsewhere(seed):
    run = new_run(seed)
    run.lr_g = 0.01
    twin = run.branch()
    with torch.no_grad():
        next(twin.G.parameters())[0] += 1e-6
    run.burst(500)
    twin.burst(500)
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
    run = new_run()
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


def test_drawing_pausing_and_bursts_of_any_length_change_no_number():
    one, two = (new_run() for _ in range(2))
    one.burst(40)
    player = LoopPlayer(two)
    for n in (1, 7, 12, 20):
        two.burst(n)
        player.redraw()
    assert torch.equal(weights(one.G, one.D), weights(two.G, two.D))
    np.testing.assert_array_equal(one.history["loss_d"], two.history["loss_d"])


def test_rewinding_repeats_the_run_bit_for_bit():
    run = new_run()
    run.burst(15)
    run.snapshot()
    run.burst(15)
    first = weights(run.G, run.D)
    run.rewind(15)
    run.burst(15)
    assert torch.equal(first, weights(run.G, run.D))
