"""What the two players minimise, from logits or scores: the losses and two gradient penalties.

A loss is only ever minimised. `discriminator_loss` is -V, the sum (not the mean) of its two
halves, so its chance level is log 4 = 1.386. Every function takes logits, because in
float32 a probability of 1 - sigma(17) is 0. Derived in lessons 02 and 04; nats.

`logits_real` are D's logits on x ~ p_data, shape (n, 1), `logits_fake` those on G(z), z ~ p_z,
shape (m, 1). A loss is a scalar tensor, the mean over the batch.

In the other games (lesson 15) the same number of D is no logit, but a score: any real number.
`LOSSES` holds all games that a `Trainer` plays, by the names of its setting `loss`.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_lesson import checks

GENERATOR_LOSSES = ("non_saturating", "saturating")


def discriminator_loss(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """Return -V(D, G) >= 0 estimated on one batch; 2 log 2 when D says 1/2 to everything.

    Raises:
        ValueError: a batch is empty or not of shape (n, 1).

    Source: Goodfellow et al. 2014, equation 1. Derived in lesson 02.
    """
    checks.shape("logits_real", logits_real, "n", 1, least=1)
    checks.shape("logits_fake", logits_fake, "n", 1, least=1)
    return softplus(-logits_real).mean() + softplus(logits_fake).mean()


def generator_loss(logits_fake: Tensor, kind: str = "non_saturating") -> Tensor:
    """Return the generator's loss on one batch, in nats.

    Args:
        logits_fake: D's logits on generated samples.
        kind: "non_saturating", -log D(G(z)), or "saturating", log(1 - D(G(z))): log 2 or -log 2
            where D says 1/2 to everything.

    Raises:
        ValueError: the batch is empty or not of shape (m, 1), or `kind` is unknown.

    Source: Goodfellow et al. 2014, section 3. Derived in lesson 04.
    """
    checks.shape("logits_fake", logits_fake, "n", 1, least=1)
    checks.one_of("kind", kind, GENERATOR_LOSSES)
    if kind == "non_saturating":
        return softplus(-logits_fake).mean()
    return -softplus(logits_fake).mean()


def r1_penalty(logits: Tensor, x: Tensor) -> Tensor:
    """Return half the mean squared length of D's gradient in x, to be weighted by gamma.

    Args:
        logits: logit of D on `x`, shape (n, 1), computed with `x.requires_grad`.
        x: samples, shape (n, ...). Real ones give R1, generated ones R2.

    Returns:
        Scalar >= 0, in squared logits per squared unit of x.

    Raises:
        ValueError: shapes do not fit, or `x` does not require a gradient.

    Source: Mescheder et al. 2018, equation 9, with the gradient of the logit.
    """
    checks.shape("logits", logits, "n", 1, least=1)
    if not x.requires_grad:
        raise ValueError("x does not require a gradient; call x.requires_grad_() before D(x)")
    if x.shape[0] != logits.shape[0]:
        raise ValueError(f"x holds {x.shape[0]} samples and logits {logits.shape[0]}")
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return 0.5 * gradient.flatten(1).square().sum(dim=1).mean()


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], x_real: Tensor, x_fake: Tensor, u: Tensor
) -> Tensor:
    """Return the mean of (|slope| - 1)^2 at places between real and generated samples.

    Args:
        critic: from samples to scores, shape (n, ...) -> (n, 1).
        x_real: samples x ~ p_data, shape (n, ...).
        x_fake: generated samples, same shape.
        u: how far each place lies on the way from x_fake to x_real, in [0, 1], shape (n, 1).

    Returns:
        Scalar >= 0, in squared scores per squared unit of x; 0 where all slopes have length 1.

    Raises:
        ValueError: shapes do not fit.

    Source: Gulrajani et al. 2017 (WGAN-GP), equation 3. Lesson 15.
    """
    checks.same_shape("x_real", x_real, "x_fake", x_fake)
    checks.shape("u", u, len(x_real), 1, least=1)
    u = u.reshape(-1, *[1] * (x_real.ndim - 1))
    x = (x_fake + u * (x_real - x_fake)).detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return (torch.linalg.vector_norm(slope.flatten(1), dim=1) - 1).square().mean()


# --- all games, by name --------------------------------------------------------------------


class Losses(NamedTuple):
    """What the two players of a game minimise.

    Attributes:
        of_d: D's loss, from its scores of real and of generated samples, shape (n, 1) each.
        of_g: G's loss, from the same two.
        family: the name of `loss_families.FAMILIES` by which a `History` draws it.
        needs_real: whether G's loss looks at real samples, too.
    """

    of_d: Callable[[Tensor, Tensor], Tensor]
    of_g: Callable[[Tensor, Tensor], Tensor]
    family: str
    needs_real: bool = False


def _pairs(higher: Tensor, lower: Tensor) -> Tensor:
    """Return the mean of softplus(-(higher - lower)), over pairs: sample i beside sample i."""
    checks.same_shape("the real scores", higher, "the generated scores", lower)
    return softplus(lower - higher).mean()


LOSSES = {
    "non_saturating": Losses(
        discriminator_loss, lambda real, fake: generator_loss(fake), "logistic"
    ),
    "saturating": Losses(
        discriminator_loss, lambda real, fake: generator_loss(fake, "saturating"), "logistic"
    ),
    "least_squares": Losses(  # Mao et al. 2017, without their factors of one half
        lambda real, fake: (real - 1).square().mean() + fake.square().mean(),
        lambda real, fake: (fake - 1).square().mean(),
        "least_squares",
    ),
    "hinge": Losses(  # Lim and Ye 2017
        lambda real, fake: (1 - real).relu().mean() + (1 + fake).relu().mean(),
        lambda real, fake: -fake.mean(),
        "hinge",
    ),
    "wasserstein": Losses(  # Arjovsky et al. 2017; D must be kept 1-Lipschitz by other means
        lambda real, fake: fake.mean() - real.mean(),
        lambda real, fake: -fake.mean(),
        "wasserstein",
    ),
    "relativistic": Losses(  # pairs: Jolicoeur-Martineau 2018; Huang et al. 2024 (R3GAN)
        _pairs, lambda real, fake: _pairs(fake, real), "relativistic", needs_real=True
    ),
}
