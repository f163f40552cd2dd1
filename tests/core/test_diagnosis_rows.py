"""What rows say together: whose labels are turned, whether D stands, how a critic's gap goes."""

import numpy as np
import pytest

from gan_lesson.diagnosis import HEALTHY, diagnose
from gan_lesson.diagnosis.rules import explained
from gan_lesson.history import History


def history_of(d_real, d_fake, loss_d, loss_g, loss="logistic"):
    history = History(loss=loss)
    for row in zip(d_real, d_fake, loss_d, loss_g, strict=True):
        history.append(**dict(zip(("d_real", "d_fake", "loss_d", "loss_g"), row, strict=True)))
    return history


def answers(n=200, lead=0.0, noise=0.01, seed=0):
    """D's answers around ½, `lead` apart, and those that G's own batch got."""
    draw = np.random.default_rng(seed)
    real, fake, of_g = 0.5 + noise * draw.normal(size=(3, n))
    return real + lead / 2, fake - lead / 2, of_g - lead / 2


def certainty_of(name, report):
    return sum(f.certainty for f in report.findings if f.name == name)


@pytest.mark.parametrize("noise", [0.0005, 0.01, 0.03])
def test_labels_the_other_way_round_are_proved_although_d_says_one_half_to_all(noise):
    p, q, of_g = answers(noise=noise)
    turned = diagnose(history_of(p, q, -np.log1p(-p) - np.log(q), -np.log1p(-of_g)))
    assert turned.name == "labels the other way round"
    assert turned.findings[0].rank == "proved" and "hand over 1 − D" in str(turned)
    usual = diagnose(history_of(p, q, -np.log(p) - np.log1p(-q), -np.log(of_g)))
    assert usual.name == HEALTHY and certainty_of("labels the other way round", usual) == 0


def test_a_penalty_that_falls_with_the_lead_turns_no_labels():
    """A healthy run whose loss of D holds R1: both fall, and the loss with them."""
    p, q, of_g = answers(n=400, noise=0.002)
    lead = np.linspace(0.06, 0, 400)
    p, q, of_g = p + lead / 2, q - lead / 2, of_g - lead / 2
    for rows in (slice(None), slice(None, None, 10)):
        loss_d = -np.log(p) - np.log1p(-q) + np.linspace(0.3, 0.0, 400)
        report = diagnose(history_of(p[rows], q[rows], loss_d[rows], -np.log(of_g)[rows]))
        assert report.signs["other_way_round"] == 0
        assert certainty_of("labels the other way round", report) < 0.5


@pytest.mark.filterwarnings("error")
def test_a_critic_whose_middle_is_nan_is_read_without_a_warning():
    gap = np.where(np.arange(200) < 60, 1.0, np.nan)
    assert diagnose(critic(gap)).name == "diverged"


def test_where_g_plays_by_the_usual_labels_those_of_d_alone_are_swapped():
    p, q, of_g = answers(lead=-0.6)
    report = diagnose(history_of(p, q, -np.log1p(-p) - np.log(q), -np.log(of_g)))
    assert report.name == "swapped labels" and report.signs["other_way_round"] == 0


def test_a_loss_that_falls_where_d_leads_acquits_of_swapped_labels():
    draw = np.random.default_rng(0)
    real, fake = np.array([[-0.4], [0.5]]) + 0.1 * draw.normal(size=(2, 200))
    fits = diagnose(history_of(real, fake, fake - real, -fake, "wasserstein"))
    swapped = diagnose(history_of(real, fake, real - fake, -fake, "wasserstein"))
    assert fits.signs["reversed"] > 0 and fits.signs["loss_fits"] == 1
    assert certainty_of("swapped labels", fits) < 0.2
    assert swapped.name == "swapped labels" and swapped.signs["loss_fits"] == 0


def test_a_d_near_one_half_that_is_now_ahead_and_now_behind_has_not_stood_still():
    p, q, of_g = answers(noise=0.002)
    report = diagnose(history_of(p, q, -np.log(p) - np.log1p(-q), -np.log(of_g)))
    assert report.signs["d_stands"] == 0 and report.name == HEALTHY


def test_a_d_that_stands_while_g_wins_in_every_row_does_not_learn():
    p, q, of_g = answers(lead=-0.1, noise=0.002)
    report = diagnose(history_of(p, q, -np.log(p) - np.log1p(-q), -np.log(of_g)))
    assert report.signs["d_stands"] == 1 and report.name == "D does not learn"


def critic(gap, seed=0):
    """A critic's history by its gap: a constant in all scores says nothing."""
    fake = 3 + 0.1 * np.random.default_rng(seed).normal(size=len(gap))
    return history_of(fake + gap, fake, -gap, -fake, "wasserstein")


def test_a_critic_whose_gap_shrinks_is_not_far_ahead_however_large_it_is():
    k, noise = np.arange(200), 0.1 * np.random.default_rng(1).normal(size=200)
    shrinks = diagnose(critic(2 + 8 * np.exp(-k / 40) + noise))
    stays = diagnose(critic(3 + noise))
    assert shrinks.signs["separated"] == 0 and shrinks.name == HEALTHY
    assert stays.signs["separated"] == 1 and stays.name != HEALTHY


def test_a_critic_whose_gap_swings_has_not_broken_where_it_ends_high():
    k = np.arange(200)
    noise = 0.02 * np.random.default_rng(1).normal(size=200)
    swings = -0.8 * np.cos(2 * np.pi * (k - 190) / 40 + np.pi) + noise
    breaks = np.where(k < 186, 0.1 + noise, 6.0)
    assert diagnose(critic(swings)).signs["broke"] == 0
    assert diagnose(critic(breaks)).signs["broke"] == 1


def test_gradients_that_add_up_explain_a_column_that_stands():
    assert explained({"backlog": 1.0, "column_stands": 1.0})["column_stands"] == 0
    assert explained({"backlog": 0.0, "column_stands": 1.0})["column_stands"] == 1
