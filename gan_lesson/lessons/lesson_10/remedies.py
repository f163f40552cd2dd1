"""Remedies, measured: a patient that is given one."""

import time

import torch
from torch import Tensor, nn

from gan_lesson.data import Mixture
from gan_lesson.lessons.lesson_10.patients import (
    ClinicTrainer,
    PatientTurn,
    clinic_data,
    clinic_pair,
)
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


class RemediedTurn(PatientTurn):
    """A patient's turn with those remedies that change a step of it.

    Args:
        remedy: a name in `REMEDIES`.
        fault: as in `PatientTurn`.
        turns: length of the run, to which the noise refers.
    """

    def __init__(self, remedy: str, fault: str, turns: int):
        super().__init__(fault)
        self.remedy, self.turns = remedy, turns
        if remedy == "label smoothing":
            self.labels = (0.9 * self.labels[0], self.labels[1])

    def as_d_gets_it(self, game, x: Tensor) -> Tensor:
        """Return real samples with the noise that this step has."""
        return self._noisy(game, super().as_d_gets_it(game, x))

    def generated(self, game, z: Tensor) -> Tensor:
        """Return G(z) with noise of its own."""
        return self._noisy(game, super().generated(game, z))

    def _noisy(self, game, x: Tensor) -> Tensor:
        if self.remedy != "instance noise":
            return x
        sd = 0.1 * max(0.0, 1 - game.step / self.turns)
        return x + sd * torch.randn(x.shape, generator=game.generator)


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
        dim, packed = data.centres.shape[1], remedy == "packing"
        G, D = clinic_pair(dim, seed)
        if packed:
            with seeded(seed):
                D = _Packed(multilayer_perceptron((2 * dim, 64, 64, 1)))
        if remedy == "spectral norm":
            with seeded(seed):
                for layer in D.net:
                    if isinstance(layer, nn.Linear):
                        nn.utils.parametrizations.spectral_norm(layer)
        super().__init__(
            fault,
            data,
            seed=seed,
            pair=(G, D),
            lr_d=0.008 if remedy == "two time scales" else 0.002,
            batch_size=256 if packed else 128,  # D sees as many packs as it saw samples
            turn=RemediedTurn(remedy, fault, turns),
        )
        self.ema_decay = 0.99 if remedy == "EMA" else 0.0
        self.r1_gamma = 0.01 if remedy in ("R1", "R1 + R2") else 0.0
        self.r2_gamma = 0.01 if remedy == "R1 + R2" else 0.0


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
