"""Translation without pairs, in the plane: two domains, two networks there and back, two judges.

Each domain holds two kinds of points, cats and dogs, as two blobs. No network is told the kinds.
A sample is a row of four numbers: a point a of domain A and, independent of it, a point b of B.
A number out of range raises ValueError.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from gan_lesson import checks
from gan_lesson.losses import (
    GENERATOR_LOSSES,
    discriminator_loss,
    generator_loss,
    r1_penalty,
)
from gan_lesson.networks import Discriminator, Generator, multilayer_perceptron, seeded
from gan_lesson.trainer import Trainer, adam
from gan_lesson.turns import Turn

RADIUS, SD = 2.0, 0.35  # from the middle to a blob's centre; spread of a blob
HELPS = ("nothing", "identity loss", "two pairs")


class Domains:
    """Domain A with its cats on the left and dogs on the right, and B: A, turned.

    Args:
        angle: how far B is turned against A, counter-clockwise, degrees.
        share: share of cats in both domains.
    """

    def __init__(self, angle: float = 45.0, share: float = 0.5):
        checks.between("share", share, 0, 1)
        self.angle, self.share = float(angle), float(share)
        turn = math.radians(angle)
        self.turn = torch.tensor(
            [[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]
        )
        self.centres_a = torch.tensor([[-RADIUS, 0.0], [RADIUS, 0.0]])  # cats, dogs
        self.centres_b = self.centres_a @ self.turn

    def draw(self, n: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Return `n` points of A, shape (n, 2), and their kinds, 0 for cats and 1 for dogs."""
        checks.count("n", n)
        kinds = (torch.rand(n, generator=generator) >= self.share).long()
        return self.centres_a[kinds] + SD * torch.randn(n, 2, generator=generator), kinds

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return `n` points of A beside `n` of B that have nothing to do with them: (n, 4)."""
        a, _ = self.draw(n, generator)
        b, _ = self.draw(n, generator)
        return torch.cat([a, b @ self.turn], dim=1)

    def pairs(self) -> Tensor:
        """Return two rows whose points belong together: the centres of the cats and the dogs."""
        return torch.cat([self.centres_a, self.centres_b], dim=1)


class ThereAndBack(nn.Module):
    """T from A to B and S from B to A: (a, b) becomes (S(b), T(a)), shape (n, 4)."""

    def __init__(self, width: int = 48):
        super().__init__()
        self.T, self.S = (multilayer_perceptron((2, width, width, 2)) for _ in range(2))

    def forward(self, points: Tensor) -> Tensor:
        """Translate both points of each row; done twice, it is the round trip of both."""
        return torch.cat([self.S(points[:, 2:]), self.T(points[:, :2])], dim=1)


class TwoJudges(nn.Module):
    """A judge for each domain; a row's logit is the mean of their two, which only a check asks."""

    def __init__(self, width: int = 48):
        super().__init__()
        self.of_a, self.of_b = (multilayer_perceptron((2, width, width, 1)) for _ in range(2))

    def both(self, points: Tensor) -> Tensor:
        """Return the logits of all points of A and then of all points of B, shape (2 n, 1)."""
        return torch.cat([self.of_a(points[:, :2]), self.of_b(points[:, 2:])])

    def forward(self, points: Tensor) -> Tensor:
        """Return the mean of both logits, shape (n, 1)."""
        return (self.of_a(points[:, :2]) + self.of_b(points[:, 2:])) / 2


class CycleTurn(Turn):
    """CycleGAN's turn: both games at once, and the round trip must end where it began.

    Args:
        help: what else G's loss holds: "nothing"; "identity loss", the mean of |T(b) − b| and
            |S(a) − a|; "two pairs", the mean of |T(a) − b| and |S(b) − a| over two known pairs.
        pairs: those pairs, shape (2, 4).
        cycle_weight: weight of the round trip's mean absolute error.

    Source: Zhu et al. 2017 (CycleGAN), equation 3 and section 5.2, with lesson 04's losses.
    """

    plays = GENERATOR_LOSSES
    ignores = {"simultaneous": False, "r2_gamma": 0.0, "gp_weight": 0.0, "clip_d": 0.0}
    why = "CycleGAN's players move in turn, and R1 is its one penalty"
    help_weight = 5.0

    def __init__(self, pairs: Tensor, help: str = "nothing", cycle_weight: float = 10.0):
        checks.one_of("help", help, HELPS)
        self.pairs, self.help, self.cycle_weight = pairs, help, cycle_weight

    def draw_z(self, game, n: int) -> Tensor:
        """Return `n` rows to translate."""
        return game.draw_real(n)

    def move_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Move both judges once."""
        gamma, _ = game.penalties_due()
        x_real = x_real.requires_grad_(bool(gamma))
        numbers, logits_real = self._judged(game, x_real, z)
        objective = numbers[2]
        if gamma:  # both judges' slopes are in one row: twice the mean of the two penalties
            half = logits_real[: len(x_real)] + logits_real[len(x_real) :]
            objective = objective + gamma * r1_penalty(half, x_real) / 2
        game.optimizer_d.zero_grad()
        objective.backward()
        game.optimizer_d.step()
        return tuple(number.detach() for number in numbers)

    @torch.no_grad()
    def look_at_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the judges' three numbers."""
        return self._judged(game, x_real, z)[0]

    def _judged(self, game, x_real: Tensor, z: Tensor):
        with torch.no_grad():
            x_fake = game.G(z)
        logits_real, logits_fake = game.D.net.both(x_real), game.D.net.both(x_fake)
        loss_d = discriminator_loss(logits_real, logits_fake)
        means = (torch.sigmoid(logits).mean() for logits in (logits_real, logits_fake))
        return (*means, loss_d), logits_real

    def move_g(self, game, z: Tensor) -> Tensor:
        """Move T and S once; return their adversarial loss alone."""
        x_fake = game.G(z)
        adversarial = generator_loss(game.D.net.both(x_fake), game.loss)
        round_trip = (game.G(x_fake) - z).abs().mean()
        objective = adversarial + self.cycle_weight * round_trip
        if self.help == "identity loss":
            swapped = torch.cat([z[:, 2:], z[:, :2]], dim=1)  # S gets a, T gets b
            objective = objective + self.help_weight * (game.G(swapped) - z).abs().mean()
        elif self.help == "two pairs":
            off = (game.G(self.pairs) - self.pairs).abs().mean()
            objective = objective + self.help_weight * off
        game.optimizer_g.zero_grad()
        objective.backward(inputs=list(game.G.parameters()))
        game.optimizer_g.step()
        return adversarial.detach()

    @torch.no_grad()
    def look_at_g(self, game, z: Tensor) -> Tensor:
        """Return the adversarial loss of T and S."""
        return generator_loss(game.D.net.both(game.G(z)), game.loss)


def translation_trainer(angle: float = 45.0, help: str = "nothing", seed: int = 0) -> Trainer:
    """Return a run of CycleGAN in the plane.

    Args:
        angle: how far B is turned against A, degrees.
        help: as in `CycleTurn`.
        seed: start of the weights and of the trainer's random numbers.
    """
    data = Domains(angle)
    with seeded(seed):
        G = Generator(ThereAndBack(), 4)
        D = Discriminator(TwoJudges())
    return Trainer(
        G,
        D,
        data,
        optimizer_g=adam(G.parameters(), lr=2e-3),
        optimizer_d=adam(D.parameters(), lr=2e-3),
        batch_size=64,
        r1_gamma=0.1,
        r1_every=4,
        ema_decay=0.98,
        turn=CycleTurn(data.pairs(), help),
        seed=seed,
    )


@torch.no_grad()
def kept_share(T: Callable[[Tensor], Tensor], domains: Domains, n: int = 400) -> float:
    """Return the share of points of A whose translation lies nearer to its own kind in B.

    Args:
        T: function of points of A, shape (n, 2), to points of B.
        domains: both domains.
        n: how many points are tried, always the same ones.
    """
    a, kinds = domains.draw(n, torch.Generator().manual_seed(1))
    nearest = torch.cdist(T(a), domains.centres_b).argmin(dim=1)
    return float((nearest == kinds).double().mean())


@torch.no_grad()
def round_trip_error(trainer: Trainer, n: int = 400) -> float:
    """Return the mean absolute error of S(T(a)) against a, and of T(S(b)) against b."""
    z = trainer.data.sample(n, torch.Generator().manual_seed(2))
    return float((trainer.sample(trainer.sample(z)) - z).abs().mean())
