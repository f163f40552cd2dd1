"""Patients: the training loop of lesson 05 with one line changed, as a Trainer."""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.data import Mixture, ring, two_bumps, two_moons
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.metrics import mode_scores
from gan_lesson.networks import Discriminator, Generator, multilayer_perceptron, seeded
from gan_lesson.trainer import Sampler, Trainer, adam


def clinic_data(name: str) -> Mixture:
    """Return one of the clinic's data sets, inside tanh's range: bumps, ring or moons.

    Raises:
        KeyError: another name.
    """
    if name == "moons":
        moons = two_moons(sd=0.08)
        return Mixture(0.55 * moons.centres, 0.55 * moons.sd)
    return {"bumps": two_bumps((-0.7, 0.1), sd=0.1), "ring": ring(radius=0.7, sd=0.05)}[name]


def clinic_pair(sample_dim: int, seed: int = 0) -> tuple[Generator, Discriminator]:
    """Return two small perceptrons, two hidden layers of 64 each; G ends in tanh, as for images.

    Args:
        sample_dim: numbers in one sample.
        seed: start of the weights; the global random state is left as it was.
    """
    with seeded(seed):
        layers_g = multilayer_perceptron((2, 64, 64, sample_dim))
        with torch.no_grad():
            layers_g[-1].bias += 1.5  # so that samples begin in a corner, away from all data
        G = Generator(nn.Sequential(*layers_g, nn.Tanh()), latent_dim=2)
        D = Discriminator(multilayer_perceptron((sample_dim, 64, 64, 1)))
    return G, D


N_SHOWN = 500


def generated(trainer: Trainer, n: int = N_SHOWN) -> Tensor:
    """Return samples of G as it is, from noise that is always the same, shape (n, ...)."""
    return trainer.sample(trainer.G.sample_z(n, torch.Generator().manual_seed(1)))


class ClinicTrainer(Trainer):
    """The loop of lesson 10 as a `Trainer`: healthy, or with one line changed.

    Args:
        fault: a name in `PATIENTS`.
        data: as in `Trainer`; inside [-1, 1], where G's tanh ends.
        seed: start of the weights and of the random numbers.
        pair: G and D; `clinic_pair` for the data's dimension if left out.
        lr_d: healthy learning rate of D.
        lr_g: healthy learning rate of G.
        batch_size: as in `Trainer`.
        loss: as in `Trainer`; "D too strong" has the saturating loss whatever is said here.

    Raises:
        ValueError: an unknown fault.
    """

    def __init__(
        self,
        fault: str,
        data: Tensor | Sampler,
        *,
        seed: int = 0,
        pair: tuple[Generator, Discriminator] | None = None,
        lr_d: float = 0.002,
        lr_g: float = 0.001,
        batch_size: int = 128,
        loss: str = "non_saturating",
    ):
        if fault not in PATIENTS:
            raise ValueError(f"fault is {fault!r}; it must be one of {PATIENTS}")
        self.fault = fault
        G, D = pair or clinic_pair(data.centres.shape[1], seed)
        strong, rate = fault == "D too strong", 100 if fault == "learning rate" else 1
        if strong:
            optimizer_g = torch.optim.SGD(G.parameters(), lr=lr_g)
        else:
            rate_g = 5 if fault == "mode collapse" else rate
            optimizer_g = adam(G.parameters(), lr=lr_g * rate_g)
        optimizer_d = adam(D.parameters(), lr=lr_d * (10 if strong else rate))
        super().__init__(
            G, D, data, optimizer_g=optimizer_g, optimizer_d=optimizer_d, seed=seed,
            batch_size=batch_size, loss="saturating" if strong else loss,
        )  # fmt: skip
        if fault == "shared optimiser":  # the Trainer itself would refuse it
            optimizer_d.param_groups[0]["params"].extend(G.parameters())

    @property
    def sample_dim(self) -> int:
        """Numbers in one sample of a mixture."""
        return self.data.centres.shape[1]

    def clean_data(self, n: int) -> Tensor:
        """Return samples of the data itself, always the same, whatever the fault does to them."""
        return self.data.sample(n, torch.Generator().manual_seed(2))

    def scores(self, n: int = 1000):
        """Return the `ModeScores` of G as it is."""
        return mode_scores(generated(self, n).numpy(), self.data.centres.numpy(), self.data.sd)

    def draw_real(self, n: int) -> Tensor:
        """Draw real samples as D gets them; 0 to 255 where that is the fault."""
        x = super().draw_real(n)
        return (x + 1) * 127.5 if self.fault == "data range" else x

    def score(self, x: Tensor) -> Tensor:
        """Return what this patient's losses take for the logit of D on x, shape (n, 1)."""
        logits = self.D(x, as_logits=True)
        return torch.sigmoid(logits) if self.fault == "sigmoid twice" else logits

    def _turn(self, players: str) -> Tensor:
        """As in `Trainer`, with the clinic's two steps."""
        n = self.batch_size
        one, zero = torch.ones(n, 1), torch.zeros(n, 1)
        x_real, z = self.draw_real(n), self.draw_z(n)
        x_fake = self.G(z)
        if self.fault != "shared optimiser":
            x_fake = x_fake.detach()
        score_real, score_fake = self.score(x_real), self.score(x_fake)
        labels = (zero, one) if self.fault == "swapped labels" else (one, zero)
        loss_d = bce(score_real, labels[0]) + bce(score_fake, labels[1])
        with torch.no_grad():
            twice = self.fault == "sigmoid twice"  # the score is then D(x) itself
            d_real, d_fake = (
                (s if twice else torch.sigmoid(s)).mean() for s in (score_real, score_fake)
            )
        waits = self.fault == "mode collapse" and self.step % 10
        if "D" in players and not waits:
            self._forget(self.optimizer_d)
            loss_d.backward()
            self.optimizer_d.step()
        score_fake = self.score(self.G(self.draw_z(n)))
        loss_g = -bce(score_fake, zero) if self.loss == "saturating" else bce(score_fake, one)
        ahead = self.fault == "D too strong" and self.step < 200
        if "G" in players and not ahead:
            self._forget(self.optimizer_g)
            loss_g.backward()
            self.optimizer_g.step()
            self._average()
        return torch.stack([d_real, d_fake, loss_d.detach(), loss_g.detach()])

    def _forget(self, optimizer: torch.optim.Optimizer) -> None:
        if self.fault != "no zero_grad":
            optimizer.zero_grad()


def real_samples(trainer: ClinicTrainer, n: int = N_SHOWN) -> Tensor:
    """Return real samples as this patient's D gets them, leaving its random numbers alone."""
    state = trainer.generator.get_state()
    x = trainer.draw_real(n)
    trainer.generator.set_state(state)
    return x
