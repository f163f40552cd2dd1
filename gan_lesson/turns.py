"""One turn: the two updates as the equations say them, and `Turn`, the order of play.

A *step* is one player's update; a *turn* is D's steps and then G's. Written out in lesson 05.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from gan_lesson.losses import discriminator_loss, generator_loss, r1_penalty
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
) -> tuple[Tensor, Tensor, Tensor]:
    """Move D one step up V(D, G); no weight of G moves.

    (BatchNorm layers of G note the statistics of the batch they make, as in any forward pass.)

    Args:
        D: the player that moves.
        G: the player that waits.
        optimizer_d: optimiser of D's parameters, and of no others.
        x_real: samples x ~ p_data, shape (n, ...).
        z: latent vectors z ~ p_z, shape (m, latent_dim).
        r1_gamma: weight of the R1 penalty, on real samples; 0 for none.
        r2_gamma: weight of the R2 penalty, on generated samples; 0 for none.

    Returns:
        Mean D(x), mean D(G(z)) and `discriminator_loss`, all before the step; scalars.

    Source: Goodfellow et al. 2014, algorithm 1, inner loop. Written out in lesson 05.
    """
    with torch.no_grad():  # the numbers of G(z).detach(), without building a graph to drop
        x_fake = G(z)
    x_real = x_real.detach().requires_grad_(bool(r1_gamma))  # a penalty needs the slope in x
    x_fake = x_fake.detach().requires_grad_(bool(r2_gamma))  # G may return its own parameter
    logits_real, logits_fake = D(x_real, as_logits=True), D(x_fake, as_logits=True)
    penalty = 0.0
    if r1_gamma:
        penalty += r1_gamma * r1_penalty(logits_real, x_real)
    if r2_gamma:
        penalty += r2_gamma * r1_penalty(logits_fake, x_fake)
    loss_d = discriminator_loss(logits_real, logits_fake)
    objective = loss_d + penalty
    optimizer_d.zero_grad()
    objective.backward()
    optimizer_d.step()
    return (
        torch.sigmoid(logits_real.detach()).mean(),
        torch.sigmoid(logits_fake.detach()).mean(),
        loss_d.detach(),
    )


def update_generator(
    D: Discriminator,
    G: Generator,
    optimizer_g: torch.optim.Optimizer,
    z: Tensor,
    kind: str = "non_saturating",
) -> Tensor:
    """Move G one step down its loss; no weight of D moves.

    Args:
        D: the player that waits.
        G: the player that moves.
        optimizer_g: optimiser of G's parameters, and of no others.
        z: fresh latent vectors, shape (m, latent_dim).
        kind: as in `generator_loss`.

    Returns:
        The generator's loss before the step; scalar.

    Source: Goodfellow et al. 2014, algorithm 1, outer loop. Written out in lesson 05.
    """
    loss_g = generator_loss(D(G(z), as_logits=True), kind)
    optimizer_g.zero_grad()
    loss_g.backward(inputs=list(G.parameters()))  # D's parameters receive no gradient at all
    optimizer_g.step()
    return loss_g.detach()


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
        ignores: settings that this kind of turn does not honour, each with the only value that
            it may have; the trainer refuses any other.
        why: the reason, in words that go on from "d_steps is 5, but …".
        keep_gradients: whether a step goes on from gradients that the last one left, so that
            they belong to a kept state.
    """

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
        return update_discriminator_quickly(*nets, x_real, z, *game.penalties_due())

    def move_g(self, game, z: Tensor) -> Tensor:
        """Move G once; return its loss."""
        return update_generator(game.D, game.G, game.optimizer_g, z, game.loss)

    def move_both(self, game, x_real: Tensor, z_d: Tensor, z_g: Tensor) -> tuple[Tensor, ...]:
        """Move both from the same point: G by the gradient of the D that has not moved yet."""
        loss_g = generator_loss(game.D(game.G(z_g), as_logits=True), game.loss)
        game.optimizer_g.zero_grad()
        loss_g.backward(inputs=list(game.G.parameters()))
        of_d = self.move_d(game, x_real, z_d)
        game.optimizer_g.step()
        return (*of_d, loss_g.detach())

    @torch.no_grad()
    def look_at_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return D's three numbers, moving no weight."""
        logits_real = game.D(x_real, as_logits=True)
        logits_fake = game.D(game.G(z), as_logits=True)
        loss_d = discriminator_loss(logits_real, logits_fake)
        return torch.sigmoid(logits_real).mean(), torch.sigmoid(logits_fake).mean(), loss_d

    @torch.no_grad()
    def look_at_g(self, game, z: Tensor) -> Tensor:
        """Return G's loss, moving no weight."""
        return generator_loss(game.D(game.G(z), as_logits=True), game.loss)
