"""Patients: the training loop of lesson 05 with one line changed, as a Trainer."""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.data import Mixture, ring, two_bumps, two_moons
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.losses import GENERATOR_LOSSES, r1_penalty
from gan_lesson.metrics import mode_scores
from gan_lesson.networks import Discriminator, Generator, multilayer_perceptron, seeded
from gan_lesson.trainer import Sampler, Trainer, adam
from gan_lesson.turns import Turn


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


class PatientTurn(Turn):
    """The turn of lesson 10's loop: healthy, or with one line changed.

    Args:
        fault: a name in `PATIENTS`.
    """

    plays = GENERATOR_LOSSES
    ignores = {"simultaneous": False, "gp_weight": 0.0, "clip_d": 0.0}
    why = "the players of the clinic's loop move in turn, by its own losses and penalties"

    def __init__(self, fault: str):
        self.fault = fault
        self.keep_gradients = fault == "no zero_grad"
        self.labels = (0.0, 1.0) if fault == "swapped labels" else (1.0, 0.0)  # real, generated

    def waits(self, player: str, step: int) -> bool:
        """D moves in one turn of ten, or G not before turn 200, where that is the fault."""
        if player == "D":
            return self.fault == "mode collapse" and step % 10 != 0
        return self.fault == "D too strong" and step < 200

    def as_d_gets_it(self, game, x: Tensor) -> Tensor:
        """Real samples in the range 0 to 255 where that is the fault."""
        return (x + 1) * 127.5 if self.fault == "data range" else x

    def score(self, D: Discriminator, x: Tensor) -> Tensor:
        """Return what this patient's losses take for the logit of D on x, shape (n, 1)."""
        logits = D(x, as_logits=True)
        return torch.sigmoid(logits) if self.fault == "sigmoid twice" else logits

    def generated(self, game, z: Tensor) -> Tensor:
        """Return G(z), as D gets it."""
        return game.G(z)

    def move_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Move D once, and G with it where they share an optimiser."""
        x_real, x_fake = x_real.detach(), self.generated(game, z)
        if self.fault != "shared optimiser":
            x_fake = x_fake.detach()
        gammas = game.penalties_due()
        for x, gamma in zip((x_real, x_fake), gammas, strict=True):
            if gamma:
                x.requires_grad_()
        scores = self.score(game.D, x_real), self.score(game.D, x_fake)
        objective = loss_d = self._loss_d(*scores)
        for x, score, gamma in zip((x_real, x_fake), scores, gammas, strict=True):
            if gamma:
                objective = objective + gamma * r1_penalty(score, x)
        self._descend(game.optimizer_d, objective)
        return *self._answers(*scores), loss_d.detach()

    def move_g(self, game, z: Tensor) -> Tensor:
        """Move G once."""
        loss_g = self._loss_g(game, z)
        self._descend(game.optimizer_g, loss_g)
        return loss_g.detach()

    @torch.no_grad()
    def look_at_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return D's three numbers, moving no weight."""
        x_fake = self.generated(game, z)
        scores = self.score(game.D, x_real), self.score(game.D, x_fake)
        return *self._answers(*scores), self._loss_d(*scores)

    @torch.no_grad()
    def look_at_g(self, game, z: Tensor) -> Tensor:
        """Return G's loss, moving no weight."""
        return self._loss_g(game, z)

    def _loss_d(self, score_real: Tensor, score_fake: Tensor) -> Tensor:
        real, fake = (torch.full_like(score_real, label) for label in self.labels)
        return bce(score_real, real) + bce(score_fake, fake)

    def _loss_g(self, game, z: Tensor) -> Tensor:
        score = self.score(game.D, self.generated(game, z))
        if game.loss == "saturating":
            return -bce(score, torch.zeros_like(score))
        return bce(score, torch.ones_like(score))

    @torch.no_grad()
    def _answers(self, *scores: Tensor) -> list[Tensor]:
        """Return mean D(x) and mean D(G(z)); a score that went through a sigmoid is D(x) itself."""
        twice = self.fault == "sigmoid twice"
        return [(s if twice else torch.sigmoid(s)).mean() for s in scores]

    def _descend(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        if self.fault != "no zero_grad":
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()


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
        turn: how a turn is played; `PatientTurn` with this fault if left out.

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
        turn: PatientTurn | None = None,
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
            turn=turn or PatientTurn(fault),
        )  # fmt: skip
        if fault == "shared optimiser":  # the Trainer itself would refuse it
            optimizer_d.param_groups[0]["params"].extend(G.parameters())
            self.snapshot()  # again, so that step 0 can be returned to with this optimiser

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

    def score(self, x: Tensor) -> Tensor:
        """Return what this patient's losses take for the logit of D on x, shape (n, 1)."""
        return self.turn.score(self.D, x)


def real_samples(trainer: ClinicTrainer, n: int = N_SHOWN) -> Tensor:
    """Return real samples as this patient's D gets them, leaving its random numbers alone."""
    state = trainer.generator.get_state()
    x = trainer.draw_real(n)
    trainer.generator.set_state(state)
    return x
