"""One turn: the two updates as the equations say them, and `Turn`, the order of play.

A *step* is one player's update; a *turn* is D's steps and then G's. Written out in lesson 05.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from gan_lesson import checks
from gan_lesson.losses import GENERATOR_LOSSES, LOSSES, gradient_penalty, r1_penalty
from gan_lesson.networks import Discriminator, Generator
from gan_lesson.quick_turn import one_call_will_do, update_with_one_call


def update_discriminator(
    D: Discriminator,
    G: Generator,
    optimizer_d: torch.optim.Optimizer,
    x_real: Tensor,
    z: Tensor,
    r1_gamma: float = 0.0,
    r2_gamma: float = 0.0,
    loss: str = "non_saturating",
    gp_weight: float = 0.0,
    u: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Move D one step up V(D, G), or down its loss of another game; no weight of G moves.

    (BatchNorm layers of G note the statistics of the batch they make, as in any forward pass.)

    Args:
        D: the player that moves.
        G: the player that waits.
        optimizer_d: optimiser of D's parameters, and of no others.
        x_real: samples x ~ p_data, shape (n, ...).
        z: latent vectors z ~ p_z, shape (m, latent_dim).
        r1_gamma: weight of the R1 penalty, on real samples; 0 for none.
        r2_gamma: weight of the R2 penalty, on generated samples; 0 for none.
        loss: the game, a name of `LOSSES`.
        gp_weight: weight of the gradient penalty, which needs m = n; 0 for none.
        u: as in `gradient_penalty`; needed with it only.

    Returns:
        D's mean answer to real and to generated samples, probabilities or scores, and its loss,
        all before the step; scalars.

    Source: Goodfellow et al. 2014, algorithm 1, inner loop. Written out in lessons 05 and 15.
    """
    with torch.no_grad():  # the numbers of G(z).detach(), without building a graph to drop
        x_fake = G(z)
    x_real = x_real.detach().requires_grad_(bool(r1_gamma))  # a penalty needs the slope in x
    x_fake = x_fake.detach().requires_grad_(bool(r2_gamma))  # G may return its own parameter
    logits_real, logits_fake = D(x_real, as_logits=True), D(x_fake, as_logits=True)
    objective = loss_d = LOSSES[loss].of_d(logits_real, logits_fake)
    if r1_gamma:
        objective = objective + r1_gamma * r1_penalty(logits_real, x_real)
    if r2_gamma:
        objective = objective + r2_gamma * r1_penalty(logits_fake, x_fake)
    if gp_weight:
        objective = objective + gp_weight * gradient_penalty(_scores_by(D), x_real, x_fake, u)
    optimizer_d.zero_grad()
    objective.backward()
    optimizer_d.step()
    return *mean_answers(loss, logits_real, logits_fake), loss_d.detach()


def _scores_by(D: Discriminator):
    return lambda x: D(x, as_logits=True)


def mean_answers(loss: str, logits_real: Tensor, logits_fake: Tensor) -> tuple[Tensor, Tensor]:
    """Return D's mean answers as a `History` takes them: probabilities if the game has them."""
    pair = logits_real.detach(), logits_fake.detach()
    if LOSSES[loss].family == "logistic":
        pair = tuple(torch.sigmoid(logits) for logits in pair)
    return pair[0].mean(), pair[1].mean()


def update_generator(
    D: Discriminator,
    G: Generator,
    optimizer_g: torch.optim.Optimizer,
    z: Tensor,
    loss: str = "non_saturating",
    x_real: Tensor | None = None,
) -> Tensor:
    """Move G one step down its loss; no weight of D moves.

    Args:
        D: the player that waits.
        G: the player that moves.
        optimizer_g: optimiser of G's parameters, and of no others.
        z: fresh latent vectors, shape (m, latent_dim).
        loss: the game, a name of `LOSSES`.
        x_real: fresh real samples, shape (m, ...), where the game's G compares with them.

    Returns:
        The generator's loss before the step; scalar.

    Raises:
        ValueError: `loss` is unknown, or needs the `x_real` that is missing.

    Source: Goodfellow et al. 2014, algorithm 1, outer loop. Written out in lessons 05 and 15.
    """
    checks.one_of("loss", loss, tuple(LOSSES))
    if LOSSES[loss].needs_real and x_real is None:
        raise ValueError(f"G's loss of the {loss} game compares with real samples; give x_real")
    loss_g = loss_of_g(D, G, z, loss, x_real)
    optimizer_g.zero_grad()
    loss_g.backward(inputs=list(G.parameters()))  # D's parameters receive no gradient at all
    optimizer_g.step()
    return loss_g.detach()


def loss_of_g(D, G, z: Tensor, loss: str, x_real: Tensor | None = None) -> Tensor:
    """Return G's loss on one batch, a scalar with its graph; arguments as in `update_generator`."""
    logits_real = None if x_real is None else D(x_real, as_logits=True)
    return LOSSES[loss].of_g(logits_real, D(G(z), as_logits=True))


def update_discriminator_quickly(
    D: Discriminator,
    G: Generator,
    optimizer_d: torch.optim.Optimizer,
    x_real: Tensor,
    z: Tensor,
    r1_gamma: float = 0.0,
    r2_gamma: float = 0.0,
) -> tuple[Tensor, Tensor, Tensor]:
    """Do `update_discriminator`, with a single call of D where that is the same step."""
    one_call = one_call_will_do(D, r1_gamma, r2_gamma)
    update = update_with_one_call if one_call else update_discriminator
    return update(D, G, optimizer_d, x_real, z, r1_gamma, r2_gamma)


class Turn:
    """The turn of algorithm 1, which a trainer holds: `d_steps` steps of D, then one of G.

    `play` is the order of play, written here once. Another kind of turn is a subclass that
    says how a step is computed (`move_d`, `move_g`, `move_both`, and `look_at_d`, `look_at_g`
    for a player that stays), what G and D get (`draw_z`, `as_d_gets_it`) and who `waits`.

    All methods take the game that is played, a `gan_lesson.game.Game`. A turn keeps no number
    of a run: every one is the game's, so that kept states can be returned to.

    Attributes:
        plays: the games that it can play, names of `LOSSES`; the trainer refuses any other loss.
        ignores: settings that this kind of turn does not honour, each with the only value that
            it may have; the trainer refuses any other.
        why: the reason, in words that go on from "d_steps is 5, but …".
        keep_gradients: whether a step goes on from gradients that the last one left, so that
            they belong to a kept state.
    """

    plays: ClassVar[tuple[str, ...]] = tuple(LOSSES)
    ignores: ClassVar[Mapping[str, object]] = {}
    why = ""
    keep_gradients = False

    def play(self, game, players: str) -> Tensor:
        """Let the named players ("D", "G" or "DG") move once, D first.

        Returns:
            Mean D(x), mean D(G(z)), D's loss and G's loss, each before its step; shape (4,).
        """
        d_moves, g_moves = (p in players and not self.waits(p, game.step) for p in "DG")
        for _ in range(game.d_steps - 1 if d_moves and players == "DG" else 0):
            self.move_d(game, *self._draw(game))
        x_real, z = self._draw(game)
        if d_moves and g_moves and game.simultaneous:
            numbers = self.move_both(game, x_real, z, game.draw_z(game.batch))
        else:
            of_d = (self.move_d if d_moves else self.look_at_d)(game, x_real, z)
            of_g = (self.move_g if g_moves else self.look_at_g)(game, game.draw_z(game.batch))
            numbers = (*of_d, of_g)
        if g_moves:
            game.average()
        return torch.stack(numbers)

    def _draw(self, game) -> tuple[Tensor, Tensor]:
        n = game.batch  # asked once: by the clock it may double between two looks
        return game.draw_real(n), game.draw_z(n)

    # --- what a kind of turn may vary ----------------------------------------------------

    def waits(self, player: str, step: int) -> bool:
        """Tell whether a player ("D" or "G") stays where it is in this turn, though called."""
        return False

    def draw_z(self, game, n: int) -> Tensor:
        """Return what G makes `n` samples of: latent vectors, by the game's random numbers."""
        return game.G.sample_z(n, game.generator)

    def as_d_gets_it(self, game, x: Tensor) -> Tensor:
        """Return real samples as D gets them."""
        return x

    def move_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Move D once, with the penalties that are due; return its three numbers."""
        nets = game.D, game.G, game.optimizer_d
        gammas = game.penalties_due()
        if game.loss in GENERATOR_LOSSES and not game.gp_weight:
            numbers = update_discriminator_quickly(*nets, x_real, z, *gammas)
        else:
            penalty = game.gp_weight, game.draw_u(len(x_real)) if game.gp_weight else None
            numbers = update_discriminator(*nets, x_real, z, *gammas, game.loss, *penalty)
        if game.clip_d:
            clip_weights(game.D, game.clip_d)
        return numbers

    def move_g(self, game, z: Tensor) -> Tensor:
        """Move G once; return its loss."""
        x_real = self._beside(game, len(z))
        return update_generator(game.D, game.G, game.optimizer_g, z, game.loss, x_real)

    def move_both(self, game, x_real: Tensor, z_d: Tensor, z_g: Tensor) -> tuple[Tensor, ...]:
        """Move both from the same point: G by the gradient of the D that has not moved yet."""
        loss_g = loss_of_g(game.D, game.G, z_g, game.loss, self._beside(game, len(z_g)))
        game.optimizer_g.zero_grad()
        loss_g.backward(inputs=list(game.G.parameters()))
        of_d = self.move_d(game, x_real, z_d)
        game.optimizer_g.step()
        return (*of_d, loss_g.detach())

    def _beside(self, game, n: int) -> Tensor | None:
        """Return real samples for G's loss where the game has it compare with them."""
        return game.draw_real(n) if LOSSES[game.loss].needs_real else None

    @torch.no_grad()
    def look_at_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return D's three numbers, moving no weight."""
        logits = game.D(x_real, as_logits=True), game.D(game.G(z), as_logits=True)
        return *mean_answers(game.loss, *logits), LOSSES[game.loss].of_d(*logits)

    @torch.no_grad()
    def look_at_g(self, game, z: Tensor) -> Tensor:
        """Return G's loss, moving no weight."""
        return loss_of_g(game.D, game.G, z, game.loss, self._beside(game, len(z)))


@torch.no_grad()
def clip_weights(D: Discriminator, most: float) -> None:
    """Put every weight and shift of D back into [-most, most].

    Source: Arjovsky et al. 2017, algorithm 1.
    """
    for w in D.parameters():
        w.clamp_(-most, most)
