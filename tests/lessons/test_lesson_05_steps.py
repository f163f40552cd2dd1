"""Lesson 05: the two steps, who gets a gradient, and the four exercises."""

import copy

import loop_of_lesson_05 as shared
import numpy as np
import pytest
import torch
from loop_of_lesson_05 import DATA, LESSON, SEVERAL, STEP_G, weights
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson import turns
from gan_lesson.lessons.kit.exercise import WrongAnswer
from gan_lesson.lessons.lesson_05 import exercises as lesson_05
from gan_lesson.lessons.lesson_05.state import game_state
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.losses import discriminator_loss
from gan_lesson.networks import small_pair
from gan_lesson.turns import update_generator

lesson, one_thread = shared.lesson, shared.one_thread  # fixtures
pytestmark = pytest.mark.usefixtures("one_thread")

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


def test_detach_changes_no_gradient_of_D():
    for seed in range(3):
        G, D = small_pair(1, 1, seed=seed)
        rng = torch.Generator().manual_seed(seed)
        x, z = DATA.sample(128, rng), G.sample_z(128, rng)
        found = []
        for x_fake in (G(z), G(z).detach()):
            D.zero_grad()
            discriminator_loss(D.logits(x), D.logits(x_fake)).backward()
            found.append(torch.cat([p.grad.flatten() for p in D.parameters()]))
        assert torch.equal(*found)


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
    for seed in SEVERAL:
        for tag, found in (("stub", sick), ("answer", repaired)):
            G, D = small_pair(1, 1, seed=seed)
            rng = torch.Generator().manual_seed(seed)
            LESSON.taught("helpful_forger", tag)(G, D, DATA, 200, rng)
            x = G(G.sample_z(1000, torch.Generator().manual_seed(1))).detach()
            found.append(game_state(G, D, DATA).jsd if x.isfinite().all() else float(np.log(2)))
            if tag == "stub":
                crowded.append(x.std().item() < 0.6)  # the data's is 1.6
    statement = "as a rule they crowd together at one narrow place, and JSD is above 0.5"
    run_number("05", statement, JSD=sick, crowded_share=np.mean(crowded))
    run_number("05", "Repaired, the same loop has a JSD below 0.1 by then", JSD=repaired)
    assert min(sick) > 0.5 and np.mean(crowded) > 0.5
    assert max(repaired) < 0.1
