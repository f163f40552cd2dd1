"""How a patient is played: five losses, and a line of the loop wrong where its fault wants it."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from bank.plan import Patient
from bank.players import OneColumnStands, SeesPart, data_of, pair
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.history import History
from gan_lesson.networks import seeded

BATCH, BATCH_OF_PICTURES = 64, 32
SLOPE = 5.0  # weight of a critic's penalty
AHEAD = 100  # turns of D alone before G's first, in a run whose D is too strong


def _relativistic_d(real, fake):
    return softplus(fake.mean() - real).mean() + softplus(fake - real.mean()).mean()


LOSS_D: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "logistic": lambda real, fake: softplus(-real).mean() + softplus(fake).mean(),
    "hinge": lambda real, fake: (1 - real).relu().mean() + (1 + fake).relu().mean(),
    "least_squares": lambda real, fake: (real - 1).square().mean() + fake.square().mean(),
    "wasserstein": lambda real, fake: fake.mean() - real.mean(),
    "relativistic": _relativistic_d,
}
LOSS_G: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "logistic": lambda real, fake: softplus(-fake).mean(),
    "hinge": lambda real, fake: -fake.mean(),
    "least_squares": lambda real, fake: (fake - 1).square().mean(),
    "wasserstein": lambda real, fake: -fake.mean(),
    "relativistic": lambda real, fake: _relativistic_d(fake, real),
}
BOTH_REAL = {  # D's loss where generated samples get the label of real ones
    "logistic": lambda real, fake: softplus(-real).mean() + softplus(-fake).mean(),
    "hinge": lambda real, fake: (1 - real).relu().mean() + (1 - fake).relu().mean(),
    "least_squares": lambda real, fake: (real - 1).square().mean() + (fake - 1).square().mean(),
}


class Run:
    """One patient, playing.

    Args:
        patient: its row of the plan.
        root: folder of FashionMNIST/raw.
    """

    def __init__(self, patient: Patient, root: str):
        self.patient, self.data = patient, data_of(patient.data, root)
        self.fault, self.variant, self.loss = patient.fault, patient.variant, patient.loss
        self.batch = BATCH_OF_PICTURES if len(self.data.shape) == 3 else BATCH
        self.own = torch.Generator().manual_seed(patient.number)
        self.G, self.D = self._players(patient.number)
        self.saturating = self.variant == "saturating"
        self.optimizer_d, self.optimizer_g = self._optimizers()
        self.history = self._new_history()

    def _players(self, seed: int) -> tuple[nn.Sequential, nn.Sequential]:
        G, D = pair(self.data.shape, self.patient.network, seed)
        if self.fault == "one column constant":
            G.append(OneColumnStands())
        if self.fault == "far from the data":
            D.insert(0, SeesPart())
            with torch.no_grad():  # what D does not see stays where it begins: in a corner
                for layer in G:
                    if isinstance(layer, (nn.Linear, nn.ConvTranspose1d, nn.Conv2d)):
                        last = layer
                last.bias += 2.5
        if self.fault == "sigmoid twice":
            D.append(nn.Sigmoid())
        if self.variant == "zeros":
            nn.init.zeros_([m for m in D if hasattr(m, "weight")][-1].weight)
            for p in D.parameters():
                p.data.zero_()
        return G, D

    def _optimizers(self) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
        pictures = len(self.data.shape) == 3
        lr_d = lr_g = 2e-3 if pictures else 5e-3
        if self.patient.optimizer == "rmsprop":
            lr_d, lr_g = 0.4 * lr_d, 0.4 * lr_g
        if self.loss == "wasserstein" and self.patient.network != "spectral":
            lr_g /= 5
        if self.fault == "D too strong" and self.variant != "saturating":
            lr_g /= 1000 if self.variant == "G's rate" else 20
        if self.fault == "learning rate":
            lr_d *= 1 if self.variant == "of G" else 100
            lr_g *= 1 if self.variant == "of D" else 100
        if self.fault == "mode collapse":
            lr_g *= 5
        if self.variant == "rate 0":
            lr_d = 0.0
        of_d = list(self.D.parameters())
        if self.fault == "shared optimiser":
            of_d += list(self.G.parameters())
        if self.variant == "optimiser of another D":
            of_d = list(pair(self.data.shape, self.patient.network, 0)[1].parameters())
        if self.variant == "saturating":
            return self._optimizer(of_d, 5 * lr_d), torch.optim.SGD(self.G.parameters(), lr=lr_g)
        return self._optimizer(of_d, lr_d), self._optimizer(list(self.G.parameters()), lr_g)

    def _optimizer(self, weights: list, lr: float) -> torch.optim.Optimizer:
        if self.patient.optimizer == "rmsprop":
            return torch.optim.RMSprop(weights, lr=lr)
        return torch.optim.Adam(weights, lr=lr, betas=(0.0, 0.99), fused=True)

    def _new_history(self) -> History:
        kind = "saturating" if self.saturating else "non_saturating"
        mean = self.fault == HEALTHY and self.loss == "logistic" and self.patient.number % 4 == 0
        return History("mean" if mean else "sum", kind, loss=self.loss)

    # --- the loop ------------------------------------------------------------------------------

    def play(self) -> None:
        """Train the whole run."""
        with seeded(self.patient.number):
            for turn in range(self.patient.turns):
                if self.fault == "broke at the end" and turn == int(0.92 * self.patient.turns):
                    self._break()
                if self.variant == "rates" and self.fault == "diverged" and turn == 30:
                    self._explode()
                self.turn(turn)

    def _break(self) -> None:
        """Raise both rates a hundredfold, or load the weights of an untrained G."""
        if self.variant == "wrong file":
            self.G.load_state_dict(self._players(self.patient.number + 7777)[0].state_dict())
            return
        for optimizer in (self.optimizer_d, self.optimizer_g):
            for group in optimizer.param_groups:
                group["lr"] *= 100

    def _explode(self) -> None:
        """Give both players steps without bound."""
        self.optimizer_d = torch.optim.SGD(self.D.parameters(), lr=1e12)
        self.optimizer_g = torch.optim.SGD(self.G.parameters(), lr=1e12)

    def real(self, n: int, own: torch.Generator | None = None) -> Tensor:
        """Return real samples as D gets them."""
        x = self.data.draw(n, own or self.own)
        if self.fault == "data range":
            return (x + 1) * 127.5 if self.variant == "bytes" else (x + 1) / 2
        return x

    def generated(self, n: int, own: torch.Generator | None = None) -> Tensor:
        """Return G(z)."""
        return self.G(torch.randn(n, self.G.latent_dim, generator=own or self.own))

    def turn(self, turn: int) -> None:
        """Play one turn and write its row."""
        x = self.real(self.batch)
        if self.variant == "a bad batch" and turn == int(0.6 * self.patient.turns):
            x = x * torch.nan
        steps = 5 if self.variant == "D's steps" else 1
        for _ in range(steps):
            fake = self.generated(self.batch)
            fake = fake if self.fault == "shared optimiser" else fake.detach()
            real_score, fake_score = self.D(x), self.D(fake)
            loss_d = self.loss_of_d(real_score, fake_score)
            if self.fault != "mode collapse" or turn % 10 == 0:
                self._descend(self.optimizer_d, loss_d + self._penalty(x, fake))
        g_fake = self.D(self.generated(self.batch))
        loss_g = self.loss_of_g(real_score.detach(), g_fake)
        if self.variant != "saturating" or turn >= AHEAD:
            self._descend(self.optimizer_g, loss_g)
        self._write(real_score, fake_score, loss_d, loss_g)

    def loss_of_d(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return D's loss as this patient has it."""
        if self.fault in ("swapped labels", "labels the other way round"):
            real, fake = fake, real
        if self.fault == "D is blind":
            return BOTH_REAL[self.loss](real, fake)
        return LOSS_D[self.loss](real, fake)

    def loss_of_g(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return G's loss as this patient has it."""
        if self.fault == "labels the other way round":
            return softplus(fake).mean()
        if self.saturating:
            return -softplus(fake).mean()
        return LOSS_G[self.loss](real, fake)

    def _penalty(self, x: Tensor, fake: Tensor) -> Tensor | float:
        """Return what keeps a critic's slope near 1; nothing of other losses."""
        if self.loss != "wasserstein" or self.patient.network == "spectral":
            return 0.0
        share = torch.rand(len(x), *[1] * (x.ndim - 1), generator=self.own)
        between = (share * x + (1 - share) * fake.detach()).requires_grad_()
        (slope,) = torch.autograd.grad(self.D(between).sum(), between, create_graph=True)
        return SLOPE * (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def _descend(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        keeps = self.fault == "no zero_grad"
        if self.variant == "in G":
            keeps = optimizer is self.optimizer_g
        if not keeps:
            optimizer.zero_grad()
        if loss.requires_grad:
            loss.backward()
        optimizer.step()

    @torch.no_grad()
    def _write(self, real: Tensor, fake: Tensor, loss_d: Tensor, loss_g: Tensor) -> None:
        """Add the turn's row: probabilities of the logistic loss, scores of the others."""
        answers = [real, fake]
        if self.loss == "logistic":
            once = self.fault == "sigmoid twice" and self.variant == ""
            answers = answers if once else [s.sigmoid() for s in answers]
        d_real, d_fake = (float(a.mean()) for a in answers)
        loss_d, loss_g = float(loss_d), float(loss_g)
        half = self.variant == "mean as sum" or self.history.losses == "mean"
        loss_d = loss_d / 2 if half else loss_d
        if self.variant == "value":
            loss_d = -loss_d
        if self.variant == "critic":
            loss_d, loss_g = d_fake - d_real, -float(fake.mean())
            loss_d = float(fake.mean() - real.mean())
        row = {"d_real": d_real, "d_fake": d_fake, "loss_d": loss_d, "loss_g": loss_g}
        self.history.append(**{k: v if math.isfinite(v) else math.nan for k, v in row.items()})
