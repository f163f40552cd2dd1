"""The turns of lessons 05 and 10: which settings they honour, and that a rewind is exact."""

import numpy as np
import pytest
import torch
from small_runs import COLUMNS, same_weights

from gan_lesson.data import two_bumps
from gan_lesson.lessons.lesson_05.exercises import update_discriminator, update_generator
from gan_lesson.lessons.lesson_05.loop import loop_run
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.lessons.lesson_10.patients import ClinicTrainer, clinic_data
from gan_lesson.lessons.lesson_10.remedies import REMEDIES, RemedyTrainer


def loop():
    return loop_run(update_discriminator, update_generator, two_bumps())


def patient(fault="healthy", seed=0):
    return ClinicTrainer(fault, clinic_data("ring"), seed=seed)


def treated(remedy, fault="healthy", turns=20):
    return RemedyTrainer(remedy, fault, clinic_data("ring"), seed=0, turns=turns)


# --- the loop whose steps are handed to it ---------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("loss", "saturating"), ("r1_gamma", 0.1), ("r2_gamma", 0.1), ("r1_every", 8)],
)
def test_the_loops_functions_have_their_losses_so_other_ones_are_refused(name, value):
    run = loop()
    before = run.history.chance_levels
    with pytest.raises(ValueError, match=f"{name} is .* of its functions step_d and step_g"):
        setattr(run, name, value)
    assert run.history.chance_levels == before
    with pytest.raises(ValueError, match=f"{name} is .* of its functions step_d and step_g"):
        type(run)(run.G, run.D, run.data, step_d=run.step_d, step_g=run.step_g, **{name: value})


def test_a_branch_of_the_loop_has_steps_of_its_own():
    run = loop()
    twin = run.branch()
    twin.step_g = lambda D, G, optimizer_g, z: torch.zeros(())
    assert run.step_g is update_generator and run.turn is not twin.turn


def test_a_misspelt_step_is_refused_too():
    with pytest.raises(ValueError, match="LoopTrainer has no setting 'stepd'; did you mean step_d"):
        loop().stepd = update_discriminator


# --- the patients ----------------------------------------------------------------------------


def moved(trainer, **settings):
    """Return the weights' total move in five turns, of D and of G, with settings given live."""
    nets = trainer.D, trainer.G
    before = [torch.cat([w.detach().clone().flatten() for w in net.parameters()]) for net in nets]
    for name, value in settings.items():
        setattr(trainer, name, value)
    trainer.burst(5)
    after = [torch.cat([w.detach().flatten() for w in net.parameters()]) for net in nets]
    return [float((a - b).abs().sum()) for a, b in zip(after, before, strict=True)]


@pytest.mark.parametrize("make", [patient, lambda: treated("label smoothing")])
def test_a_patient_follows_the_settings_that_are_given_live(make):
    d, g = moved(make())
    assert moved(make(), lr_d=0.0) == pytest.approx([0.0, g], rel=0.5)
    assert moved(make(), lr_g=0.0) == pytest.approx([d, 0.0], rel=0.5)
    assert moved(make(), d_steps=5)[0] > 1.5 * d
    for name, value in (("r1_gamma", 100.0), ("r2_gamma", 100.0), ("batch_size", 7)):
        assert moved(make(), **{name: value}) != pytest.approx([d, g])


def test_a_patient_whose_d_takes_three_steps_a_turn_counts_them():
    run = patient()
    run.d_steps = 3
    run.burst(4)
    moved = [o.state_dict()["state"][0]["step"] for o in (run.optimizer_d, run.optimizer_g)]
    assert [int(n) for n in moved] == [12, 4]


@pytest.mark.parametrize("make", [patient, lambda: treated("none")])
def test_the_clinics_players_move_in_turn_and_say_so(make):
    run = make()
    with pytest.raises(ValueError, match="simultaneous is True, but the players of the clinic"):
        run.simultaneous = True
    assert run.simultaneous is False


@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_remedy_moves_the_named_player_alone(remedy):
    for player, stays in (("D", "G"), ("G", "D")):
        run = treated(remedy)
        before = [w.detach().clone() for w in getattr(run, stays).parameters()]
        mover = [w.detach().clone() for w in getattr(run, player).parameters()]
        run.burst(3, players=player)
        assert all(map(torch.equal, before, getattr(run, stays).parameters()))
        assert not all(map(torch.equal, mover, getattr(run, player).parameters()))


@pytest.mark.parametrize("fault", PATIENTS)
def test_every_patient_returns_to_a_kept_state_and_repeats_its_future(fault):
    run, again = patient(fault, 3), patient(fault, 3)
    run.burst(5)
    run.rewind(0)
    assert run.step == len(run.history) == 0
    assert same_weights(run.G, again.G) and same_weights(run.D, again.D)
    for trainer in (run, again):
        trainer.burst(205 if fault == "D too strong" else 12)
        trainer.snapshot()
        trainer.burst(6)
    twin = run.branch(run.snapshots[-1].step)
    twin.burst(6)
    run.rewind(run.snapshots[-1].step)
    run.burst(6)
    for other in (twin, again):
        for name in COLUMNS:
            np.testing.assert_array_equal(run.history[name], other.history[name])
        assert same_weights(run.G, other.G) and same_weights(run.D, other.D)


@pytest.mark.parametrize("remedy", REMEDIES)
def test_every_treated_patient_repeats_its_future(remedy):
    run = treated(remedy, "mode collapse")
    run.burst(11)
    run.snapshot()
    run.burst(10)
    first = run.history["loss_d"].copy()
    run.rewind(11)
    run.burst(10)
    np.testing.assert_array_equal(run.history["loss_d"], first)
