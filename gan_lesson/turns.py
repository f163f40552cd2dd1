"""Algorithm 1: the two update steps, as the equations say them. Written out in lesson 05."""

import torch
from torch import Tensor

from gan_lesson.losses import discriminator_loss, generator_loss, r1_penalty
from gan_lesson.networks import Discriminator, Generator, has_batch_norm


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
    x_real, x_fake = x_real.detach(), x_fake.detach()
    n, m = len(x_real), len(x_fake)
    penalty = 0.0
    if has_batch_norm(D) or bool(r1_gamma) != bool(r2_gamma):
        # BatchNorm must not mix the two batches; a single penalty needs only one batch's slopes
        x_real.requires_grad_(bool(r1_gamma))
        x_fake.requires_grad_(bool(r2_gamma))
        logits_real, logits_fake = D(x_real, as_logits=True), D(x_fake, as_logits=True)
        if r1_gamma:
            penalty += r1_gamma * r1_penalty(logits_real, x_real)
        if r2_gamma:
            penalty += r2_gamma * r1_penalty(logits_fake, x_fake)
    else:  # one call of D is quicker than two
        both = torch.cat([x_real, x_fake]).requires_grad_(bool(r1_gamma))
        logits = D(both, as_logits=True)
        logits_real, logits_fake = logits.split([n, m])
        if r1_gamma:  # slopes are squared, so the root of a weight weighs each sample
            weights = x_real.new_tensor([r1_gamma / n] * n + [r2_gamma / m] * m)
            penalty = r1_penalty(logits * (weights * (n + m)).sqrt()[:, None], both)
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
