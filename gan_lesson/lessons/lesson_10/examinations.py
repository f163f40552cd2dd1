"""The record of one patient: what was found of a live run, or read of a recorded one."""

import copy
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from gan_lesson import plots
from gan_lesson.data import Mixture
from gan_lesson.diagnosis import fresh_gradients, stored_gradients, weight_sizes
from gan_lesson.history import History
from gan_lesson.lessons.lesson_10.patients import (
    ClinicTrainer,
    clinic_pair,
    generated,
    real_samples,
)
from gan_lesson.losses import discriminator_loss
from gan_lesson.metrics import Nearest, class_shares, nearest_training_images
from gan_lesson.networks import Discriminator, fully_connected_pair
from gan_lesson.trainer import adam


class Examination(NamedTuple):
    """All that the ward's tests show of one patient.

    `examine` fills it from a live run. `recorded_examination` reads it from the file that ships,
    and `as_row` turns it into that file's arrays. Distances are those of all pixels, each on the
    scale from -1 to 1.

    Attributes:
        fault: what was planted, a name in `PATIENTS`.
        history: D(x), D(G(z)) and both losses, turn by turn; it knows the kind of G's loss.
        real: real samples as D gets them, shape (n, ...); None if read: the file has their span.
        fake: samples of G, shape (n, ...); the file has the first 36 of 500.
        spans: least and largest number of the real samples, then of the generated ones, shape
            (2, 2).
        answers: D's probability for the real and for the generated samples, two arrays (n,).
        gradients: for "G" and "D" the norms in each layer, stored and fresh.
        weights: for "G" and "D" the size of each layer's weights over that at the usual start.
        best: D's honest loss, and that of a new D; see `best_response`.
        step_report: what one turn prints, line by line.
        shares: share of the samples at each mode, and at none, shape (k + 1,); on digits the
            share of each digit, as the classifier of lesson 06 names it, shape (10,).
        nearest: on digits, the training digits nearest to the samples; else None.
    """

    fault: str
    history: History
    real: Tensor | None
    fake: Tensor
    spans: np.ndarray
    answers: tuple[np.ndarray, np.ndarray]
    gradients: dict[str, tuple[np.ndarray, np.ndarray]]
    weights: dict[str, list[float]]
    best: tuple[float, float]
    step_report: list[str]
    shares: np.ndarray
    nearest: Nearest | None


def examine(patient: ClinicTrainer) -> Examination:
    """Take every test of a run, leaving it as it was.

    Args:
        patient: trained in the plane or on a line, or on digits: then its data are the training
            digits.
    """
    real, fake = real_samples(patient), generated(patient)
    on_digits = not isinstance(patient.data, Mixture)
    with torch.no_grad():
        answers = tuple(patient.D(x)[:, 0].numpy() for x in (real, fake))
    return Examination(
        fault=patient.fault,
        history=patient.history,
        real=real,
        fake=fake,
        spans=np.array([[float(x.min()), float(x.max())] for x in (real, fake)]),
        answers=answers,
        gradients=layer_gradients(patient, real),
        weights={"G": weight_sizes(patient.G), "D": weight_sizes(patient.D)},
        best=best_response(patient.D, real, fake),
        step_report=report_one_step(patient, real, fake),
        shares=class_shares(fake) if on_digits else mode_shares(fake, patient.data),
        nearest=nearest_training_images(fake, patient.data) if on_digits else None,
    )


def mode_shares(x: Tensor, mixture: Mixture) -> np.ndarray:
    """Return the share of samples within 3 sd of each mode, and of none; shape (k + 1,)."""
    k = len(mixture.centres)
    distance = torch.cdist(x, mixture.centres)
    mode = torch.where(distance.amin(1) <= 3 * mixture.sd, distance.argmin(1), k)
    return np.bincount(mode.numpy(), minlength=k + 1) / len(mode)


def layer_gradients(patient: ClinicTrainer, real: Tensor) -> dict:
    """Return norms by layer, stored and fresh: {"G": (stored, fresh), "D": …}, arrays."""
    stored = stored_gradients(patient.D, patient.G)
    G = copy.deepcopy(patient.G)  # a look must not change the running means of its BatchNorm
    fresh = fresh_gradients(patient.score, patient.D, G, real, patient.loss == "saturating")
    return {name: (stored[name], fresh[name]) for name in "GD"}


def best_response(D: Discriminator, real: Tensor, fake: Tensor) -> tuple[float, float]:
    """Return D's honest loss on these samples, and that of a new D trained on them alone, nats.

    Honest: from D's logits, whatever the run took for its loss. The new D sees all samples in
    each of its steps, on the scale of the larger numbers.

    Args:
        D: the patient's.
        real: real samples as D gets them, shape (n, ...).
        fake: samples of G, shape (m, ...).
    """
    scale = max(1.0, float(real.abs().max()))
    images = real.ndim > 2
    _, fresh = fully_connected_pair(seed=99) if images else clinic_pair(real.shape[1], 99)
    optimizer, reached = adam(fresh.parameters(), lr=5e-4 if images else 0.005), np.inf
    for _ in range(60 if images else 200):
        loss = discriminator_loss(fresh.logits(real / scale), fresh.logits(fake / scale))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        now = float(loss.detach())
        reached = min(reached, now) if images else now  # on images it jumps up and down
    with torch.no_grad():
        own = discriminator_loss(D.logits(real), D.logits(fake))
    return float(own), reached


def report_one_step(patient: ClinicTrainer, real: Tensor, fake: Tensor) -> list[str]:
    """Return what one turn prints, line by line; a twin takes it.

    Args:
        patient: the run, which stays as it is.
        real: real samples as D gets them; their range is printed.
        fake: samples of G, likewise.
    """
    twin = _twin(patient)
    with torch.no_grad():
        score = twin.score(real)
    before = {name: _copy(getattr(twin, name)) for name in "DG"}
    twin.burst(1, players="D")
    row = twin.history.last
    moved = {name: _far(_moved(before[name], getattr(twin, name))) for name in "DG"}
    between = _copy(twin.G)
    twin.burst(1, players="G")
    shown = plots.shown
    span_real, span_fake = (
        f"{shown(float(x.min()), 3):>9} to {shown(float(x.max()), 3):>9}" for x in (real, fake)
    )
    return [
        f"real batch       {span_real}",
        f"generated batch  {span_fake}",
        f"score of real    {float(score.min()):9.3f} to {float(score.max()):9.3f}"
        "   (what the loss takes for logits)",
        f"D(x) {row.d_real:.4f}   D(G(z)) {row.d_fake:.4f}",
        f"D's loss, printed {shown(row.loss_d, 4)}   "
        f"-log D(x) - log(1 - D(G(z))) {_least_loss(row.d_real, row.d_fake):.4f}",
        f"G's loss, printed {shown(row.loss_g, 4)}   ({patient.loss})",
        f"D's step moved D's weights by {moved['D']}",
        f"D's step moved G's weights by {moved['G']}",
        f"G's step moved G's weights by {_far(_moved(between, twin.G))}",
    ]


def _twin(patient: ClinicTrainer) -> ClinicTrainer:
    """Return a branch that holds the patient's stored gradients too."""
    twin = patient.branch()
    for name in "DG":
        nets = getattr(patient, name), getattr(twin, name)
        for one, other in zip(*(net.parameters() for net in nets), strict=True):
            other.grad = None if one.grad is None else one.grad.clone()
    return twin


def _copy(net: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in net.parameters()]


def _moved(before: list[Tensor], net: nn.Module) -> float:
    """Return the length of the way that a network's weights have gone."""
    with torch.no_grad():
        parts = zip(before, net.parameters(), strict=True)
        return float(sum((p - q).square().sum() for p, q in parts).sqrt())


def _far(way: float) -> str:
    """Return the length of a way in words; one of exactly nothing is said to be so."""
    return f"{way:.1e}" if way else "exactly 0"


def _least_loss(d_real: float, d_fake: float, tiny: float = 1e-7) -> float:
    """Return the bound of exercise 1, finite where D is sure of the wrong answer."""
    return -np.log(max(d_real, tiny)) - np.log(max(1 - d_fake, tiny))
