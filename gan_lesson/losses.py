"""What the two players minimise, from logits: the losses and the gradient penalty.

A loss is only ever minimised. `discriminator_loss` is -V, the sum (not the mean) of its two
halves, so its chance level is log 4 = 1.386. Every function takes logits, because in
float32 a probability of 1 - sigma(17) is 0. Derived in lessons 02 and 04; nats.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

GENERATOR_LOSSES = ("non_saturating", "saturating")


def _check_logits(name: str, logits: Tensor) -> None:
    if logits.ndim != 2 or logits.shape[1] != 1 or logits.shape[0] == 0:
        raise ValueError(f"{name} has shape {tuple(logits.shape)}; it must be (n, 1) with n >= 1")


def discriminator_loss(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """Return -V(D, G) estimated on one batch, in nats.

    Args:
        logits_real: logit of D on x ~ p_data, shape (n, 1).
        logits_fake: logit of D on G(z), z ~ p_z, shape (m, 1).

    Returns:
        Scalar >= 0; 2 log 2 when D says 1/2 to everything.

    Raises:
        ValueError: a batch is empty or not of shape (n, 1).

    Source: Goodfellow et al. 2014, equation 1. Derived in lesson 02.
    """
    _check_logits("logits_real", logits_real)
    _check_logits("logits_fake", logits_fake)
    return softplus(-logits_real).mean() + softplus(logits_fake).mean()


def generator_loss(logits_fake: Tensor, kind: str = "non_saturating") -> Tensor:
    """Return the generator's loss on one batch, in nats.

    Args:
        logits_fake: logit of D on G(z), z ~ p_z, shape (m, 1).
        kind: "non_saturating", -log D(G(z)), or "saturating", log(1 - D(G(z))).

    Returns:
        Scalar; where D says 1/2 to everything, log 2 (non-saturating) or -log 2 (saturating).

    Raises:
        ValueError: the batch is empty or not of shape (m, 1), or `kind` is unknown.

    Source: Goodfellow et al. 2014, section 3. Derived in lesson 04.
    """
    _check_logits("logits_fake", logits_fake)
    if kind == "non_saturating":
        return softplus(-logits_fake).mean()
    if kind == "saturating":
        return -softplus(logits_fake).mean()
    raise ValueError(f"kind is {kind!r}; it must be one of {GENERATOR_LOSSES}")


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
    _check_logits("logits", logits)
    if not x.requires_grad:
        raise ValueError("x does not require a gradient; call x.requires_grad_() before D(x)")
    if x.shape[0] != logits.shape[0]:
        raise ValueError(f"x holds {x.shape[0]} samples and logits {logits.shape[0]}")
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return 0.5 * gradient.flatten(1).square().sum(dim=1).mean()
