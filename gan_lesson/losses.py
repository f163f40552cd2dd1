"""What the two players minimise, from logits: the losses and the gradient penalty.

A loss is only ever minimised. `discriminator_loss` is -V, the sum (not the mean) of its two
halves, so its chance level is log 4 = 1.386. Every function takes logits, because in
float32 a probability of 1 - sigma(17) is 0. Derived in lessons 02 and 04; nats.

`logits_real` are D's logits on x ~ p_data, shape (n, 1), `logits_fake` those on G(z), z ~ p_z,
shape (m, 1). A loss is a scalar tensor, the mean over the batch.
"""

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
