"""Remedies, measured: a patient that is given one."""

import time

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.data import Mixture
from gan_lesson.lessons.lesson_10.patients import ClinicTrainer, clinic_data, clinic_pair
from gan_lesson.losses import r1_penalty
from gan_lesson.metrics import mode_scores
from gan_lesson.networks import Discriminator, multilayer_perceptron, seeded

# --- remedies, measured ------------------------------------------------------------------------

REMEDIES = (
    "none",
    "R1",
    "R1 + R2",
    "spectral norm",
    "two time scales",
    "EMA",
    "label smoothing",
    "packing",
    "instance noise",
)


class RemedyTrainer(ClinicTrainer):
    """A patient of the clinic that is given one remedy; everything else is as it was.

    "R1" and "R2" have weight .01; spectral norm is on every layer of D; two time scales make D's
    learning rate four times larger; EMA averages G with decay .99; real samples get the label .9;
    packing shows D two samples at once; instance noise of sd .1 falls to 0 over the run.

    Args:
        remedy: a name in `REMEDIES`.
        fault: as in `ClinicTrainer`.
        data: as in `ClinicTrainer`.
        seed: as in `ClinicTrainer`.
        turns: length of the run, to which the noise refers.

    Raises:
        ValueError: an unknown remedy.

    Source: Mescheder et al. 2018 (R1, R2), Miyato et al. 2018 (spectral norm), Heusel et al. 2017
    (two time scales), Yazıcı et al. 2019 (EMA), Salimans et al. 2016 (one-sided smoothing), Lin et
    al. 2018 (packing), Sønderby et al. 2017 (instance noise).
    """

    def __init__(self, remedy: str, fault: str, data: Mixture, *, seed: int, turns: int):
        if remedy not in REMEDIES:
            raise ValueError(f"remedy is {remedy!r}; it must be one of {REMEDIES}")
        self.remedy, self.turns = remedy, turns
        dim = data.centres.shape[1]
        G, D = clinic_pair(dim, seed)
        self.pack = 2 if remedy == "packing" else 1
        if self.pack > 1:
            with seeded(seed):
                D = _Packed(multilayer_perceptron((2 * dim, 64, 64, 1)))
        if remedy == "spectral norm":
            with seeded(seed):
                for layer in D.net:
                    if isinstance(layer, nn.Linear):
                        nn.utils.parametrizations.spectral_norm(layer)
        lr_d = 0.008 if remedy == "two time scales" else 0.002
        super().__init__(fault, data, seed=seed, pair=(G, D), lr_d=lr_d)
        self.ema_decay = 0.99 if remedy == "EMA" else 0.0

    def _turn(self, players: str) -> Tensor:
        """One turn of the healthy or the collapsing loop, with the remedy."""
        n = self.batch_size * self.pack  # D sees as many packs as it saw samples
        x_real = self._noisy(self.draw_real(n))
        x_fake = self._noisy(self.G(self.draw_z(n)).detach())
        penalised = self.remedy in ("R1", "R1 + R2")
        if penalised:
            x_real.requires_grad_()
            x_fake.requires_grad_(self.remedy == "R1 + R2")
        s_real, s_fake = self.D.logits(x_real), self.D.logits(x_fake)
        one = torch.ones_like(s_real)
        soft = 0.9 * one if self.remedy == "label smoothing" else one
        loss_d = bce(s_real, soft) + bce(s_fake, 0 * one)
        objective = loss_d
        if penalised:
            objective = objective + 0.01 * r1_penalty(s_real, x_real)
        if self.remedy == "R1 + R2":
            objective = objective + 0.01 * r1_penalty(s_fake, x_fake)
        if not (self.fault == "mode collapse" and self.step % 10):
            self.optimizer_d.zero_grad()
            objective.backward()
            self.optimizer_d.step()
        loss_g = bce(self.D.logits(self._noisy(self.G(self.draw_z(n)))), one)
        self.optimizer_g.zero_grad()
        loss_g.backward()
        self.optimizer_g.step()
        self._average()
        d_real, d_fake = (torch.sigmoid(s.detach()).mean() for s in (s_real, s_fake))
        return torch.stack([d_real, d_fake, loss_d.detach(), loss_g.detach()])

    def _noisy(self, x: Tensor) -> Tensor:
        if self.remedy != "instance noise":
            return x
        sd = 0.1 * max(0.0, 1 - self.step / self.turns)
        return x + sd * torch.randn(x.shape, generator=self.generator)


class _Packed(Discriminator):
    """A D that judges two samples at once: the second half of a batch beside the first."""

    def forward(self, x: Tensor, as_logits: bool = False) -> Tensor:
        half = len(x) // 2
        return super().forward(torch.cat([x[:half], x[half : 2 * half]], dim=1), as_logits)


def measure_remedy(remedy: str, fault: str, seed: int, turns: int = 800) -> dict:
    """Train one patient on the ring with one remedy; return its scores and CPU seconds.

    Args:
        remedy: a name in `REMEDIES`.
        fault: "healthy" or "mode collapse".
        seed: start of weights and random numbers.
        turns: turns of D and G.
    """
    start = time.process_time()
    data = clinic_data("ring")
    trainer = RemedyTrainer(remedy, fault, data, seed=seed, turns=turns)
    trainer.burst(turns)
    z = trainer.G.sample_z(2500, torch.Generator().manual_seed(1))
    scores = mode_scores(trainer.sample(z).numpy(), data.centres.numpy(), data.sd)
    seconds = time.process_time() - start
    return {"remedy": remedy, "patient": fault, "seed": seed, "turns": turns,
            "seconds": round(seconds, 2), **scores._asdict()}  # fmt: skip
