"""Habits of healthy loops raise no alarm, and what is never healthy is never called so."""

import copy

import numpy as np
import pytest
import torch

from gan_lesson.data import ring
from gan_lesson.diagnosis import HEALTHY, diagnose
from gan_lesson.history import History
from gan_lesson.networks import small_pair


def healthy(rows=400, seed=0):
    """Curves of a run in which D gets ahead, G follows, and both keep moving: columns."""
    draw = np.random.default_rng(seed)
    lead = 0.35 * np.exp(-np.arange(rows) / 60) + 0.06 + 0.02 * draw.normal(size=rows)
    noise = 0.02 * draw.normal(size=(2, rows))
    d_real, d_fake = 0.5 + lead / 2 + noise[0], 0.5 - lead / 2 + noise[1]
    loss_d = -np.log(d_real) - np.log1p(-d_fake) + 0.02
    return {"d_real": d_real, "d_fake": d_fake, "loss_d": loss_d, "loss_g": -np.log(d_fake) + 0.01}


def history_of(columns):
    history = History()
    for row in zip(*columns.values(), strict=True):
        history.append(**dict(zip(columns, row, strict=True)))
    return history


def a_loop(make_d=None, turns=60):
    """D and G after turns of their own steps, their optimisers, and samples as good as the data."""
    G, D = small_pair(2, seed=0)
    make_d = make_d or (lambda weights: torch.optim.Adam(weights, lr=5e-3))
    optimizer_d, optimizer_g = make_d(D.parameters()), torch.optim.Adam(G.parameters(), lr=5e-3)
    draw = torch.Generator().manual_seed(0)
    x = ring().sample(1000, draw)
    for _ in range(turns):
        for optimizer, part in ((optimizer_d, x[:64]), (optimizer_g, G(G.sample_z(64, draw)))):
            optimizer.zero_grad()
            D.logits(part).square().mean().backward()
            if not isinstance(optimizer, torch.optim.LBFGS):
                optimizer.step()
    given = {"samples": x[:500], "real": x[500:], "D": D, "G": G}
    return given | {"optimizer_d": optimizer_d, "optimizer_g": optimizer_g}


def test_the_loop_itself_looks_healthy():
    assert diagnose(history_of(healthy()), **a_loop()).name == HEALTHY


def test_gradients_that_were_cleared_accuse_nobody_and_acquit_nobody():
    given = a_loop()
    given["optimizer_g"].zero_grad()
    report = diagnose(history_of(healthy()), **given)
    assert report.name == HEALTHY and report.signs.get("g_is_slow", 0) == 0
    given["optimizer_d"].zero_grad()
    for group in given["optimizer_d"].param_groups:
        group["lr"] = 5.0
    cleared = diagnose(history_of(healthy()), **given)
    assert any("no gradient is stored" in told for told in cleared.not_examined)
    possible = {finding.name for finding in cleared.findings}
    assert {"no zero_grad", "learning rate"} <= possible
    assert cleared.certainty < report.certainty


def test_a_rate_that_a_schedule_brought_to_0_is_no_d_that_stands():
    given = a_loop()
    schedule = torch.optim.lr_scheduler.LinearLR(given["optimizer_d"], 1.0, 0.0, total_iters=5)
    for _ in range(5):
        schedule.step()
    assert given["optimizer_d"].param_groups[0]["lr"] == 0
    assert diagnose(history_of(healthy()), **given).name == HEALTHY


def test_a_copy_of_d_is_asked_about_and_no_proof():
    given = a_loop()
    report = diagnose(history_of(healthy()), **given | {"D": copy.deepcopy(given["D"])})
    assert report.name == HEALTHY
    assert any("is it a copy?" in told for told in report.not_examined)


def test_an_optimiser_that_needs_a_closure_is_left_out():
    given = a_loop(torch.optim.LBFGS)
    report = diagnose(history_of(healthy()), **given)
    assert report.findings and "large_steps" in report.measures  # of G's


@pytest.mark.parametrize("n", [100, 150, 199, 500, 1000, 1001, 2000])
@pytest.mark.parametrize("order", ["mixed", "sorted", "round"])
def test_the_order_of_samples_does_not_matter(n, order):
    """Ten classes far apart, as a conditional sheet has them."""
    draw = torch.Generator().manual_seed(0)
    y = torch.arange(n) % 10 if order != "sorted" else torch.arange(n) * 10 // n
    y = y if order != "mixed" else y[torch.randperm(n, generator=draw)]
    angle = y * 2 * np.pi / 10
    centres = torch.stack([angle.cos(), angle.sin()], dim=1)
    samples, real = (centres + 0.02 * torch.randn(n, 2, generator=draw) for _ in range(2))
    report = diagnose(history_of(healthy()), samples=samples, real=real)
    assert report.name == HEALTHY and report.signs["few_places"] == 0


def broken_late(columns):
    columns["d_real"][388:], columns["d_fake"][388:] = 0.99, 0.01


def often_nan(columns):
    for column in columns.values():
        column[300:399] = np.nan


def constant(columns):
    for name, number in zip(columns, (0.6, 0.4, 1.1, 0.9), strict=True):
        columns[name][:] = number


@pytest.mark.parametrize("spoil", [broken_late, often_nan, constant])
def test_what_is_never_healthy_is_not_called_so_whatever_else_is_well(spoil):
    columns = healthy()
    spoil(columns)
    for given in ({}, a_loop()):
        report = diagnose(history_of(columns), **given)
        assert HEALTHY not in {finding.name for finding in report.findings}


@pytest.mark.parametrize("missing", ["d_real", "d_fake"])
def test_one_of_ds_two_answers_is_enough_to_be_read(missing):
    columns = healthy()
    del columns[missing]
    assert diagnose(history_of(columns)).findings


def test_a_row_is_counted_in_the_history_and_not_in_a_column_with_gaps():
    columns = healthy()
    history = History()
    for k in range(400):
        row = {name: column[k] for name, column in columns.items()}
        row["loss_g"] = np.nan if k >= 390 else row["loss_g"]
        if k % 2:
            del row["loss_g"]
        history.append(**row)
    assert "from row 391 to the end" in str(diagnose(history))


def test_a_d_whose_weights_are_nan_is_not_asked():
    given = a_loop()
    with torch.no_grad():
        next(given["D"].parameters()).fill_(torch.nan)
    columns = healthy()
    columns["loss_d"][-30:] = np.nan
    report = diagnose(history_of(columns), **given)
    assert report.name == "diverged"
    assert any("NaN or infinity" in told for told in report.not_examined)


def test_amps_loss_scale_in_ds_gradients_is_no_large_step_of_sgd():
    """G's step leaves gradients in D that are scaled; of those SGD would take a huge step."""
    given = a_loop(lambda weights: torch.optim.SGD(weights, lr=0.05))
    before = diagnose(history_of(healthy()), **given)
    for p in given["D"].parameters():
        p.grad *= 2.0**16
    report = diagnose(history_of(healthy()), **given)
    assert report.signs["loss_scale"] == 1 and report.name == before.name == HEALTHY
    assert report.measures["large_steps"] < 0.5
    for group in given["optimizer_d"].param_groups:
        group["lr"] = 100.0
    assert diagnose(history_of(healthy()), **given).name == "learning rate"  # one that is too high


@pytest.mark.parametrize(("offset", "drift"), [(0, 0), (500, 0), (-500, 0), (0, 500), (20, -300)])
def test_a_constant_in_all_scores_of_a_critic_changes_no_finding(offset, drift):
    history, plain = History(loss="wasserstein"), History(loss="wasserstein")
    draw = np.random.default_rng(0)
    for k in range(400):
        lead = 0.4 * np.exp(-k / 60) + 0.1 + 0.03 * draw.normal()
        for run, constant in ((plain, 0.0), (history, offset + drift * k / 400)):
            fake = constant + 0.1 * np.sin(k)
            run.append(d_real=fake + lead, d_fake=fake, loss_d=-lead, loss_g=-fake)
    found = {finding.name: finding.certainty for finding in diagnose(history).findings}
    expected = {finding.name: finding.certainty for finding in diagnose(plain).findings}
    assert max(expected, key=expected.get) == HEALTHY
    assert found == pytest.approx(expected, abs=1e-6)


def test_samples_in_a_small_range_are_no_proof_of_a_range_that_they_cannot_reach():
    draw = torch.Generator().manual_seed(0)
    history, real = history_of(healthy()), 2 * torch.rand(500, 20, generator=draw) - 1
    small = 0.05 * torch.randn(500, 20, generator=draw)
    report = diagnose(history, samples=small, real=real)
    assert report.name == "mode collapse" and report.signs["out_of_range"] == 0
    bytes_ = 127.5 * (real + 1)
    for samples, rank in ((small, "seen in the samples"), ((40 * small).tanh(), "proved")):
        report = diagnose(history, samples=samples, real=bytes_)
        assert (report.name, report.findings[0].rank) == ("data range", rank)
