"""Do data, G, D and the optimisers fit together? Asked before anything is trained."""

import copy

import torch
from torch import Tensor, nn


def check_data(data) -> None:
    """Refuse what is neither a tensor of finite samples nor an object that draws them.

    Raises:
        ValueError: it is empty, of one dimension, holds NaN, or has no `sample`.
    """
    if isinstance(data, Tensor):
        if data.ndim < 2 or len(data) == 0:
            raise ValueError(f"data has shape {tuple(data.shape)}; it must be (n, ...) with n >= 1")
        if not bool(torch.isfinite(data).all()):
            raise ValueError("data holds NaN or infinite numbers; every sample must be finite")
    elif not hasattr(data, "sample"):
        raise ValueError(
            f"data is a {type(data).__name__}; it must be a tensor of samples or have .sample(n)"
        )


def check_that_they_fit(G: nn.Module, D: nn.Module, data) -> None:
    """Try two samples on copies of G and D, so that mistakes are named before training.

    Copies, because a forward pass in training mode moves BatchNorm's statistics.

    Raises:
        ValueError: device, type or shape of data and G's samples differ, D cannot judge them, or
            a network draws global random numbers.
    """
    G, D = copy.deepcopy(G).train(), copy.deepcopy(D).train()
    own = torch.Generator(device=next(G.parameters()).device).manual_seed(0)
    before = torch.get_rng_state()
    with torch.no_grad():
        x_fake = G(G.sample_z(2, own))
        x_real = data[:2] if isinstance(data, Tensor) else data.sample(2, own)
        _check_samples(x_real, x_fake)
        try:
            D(x_fake, as_logits=True)
        except (TypeError, RuntimeError) as error:
            raise ValueError(
                f"D cannot judge G's samples of shape {tuple(x_fake.shape[1:])}: {error}. D must "
                "be a gan_lesson.networks.Discriminator, or take as_logits=True as it does"
            ) from error
    if not torch.equal(before, torch.get_rng_state()):
        torch.set_rng_state(before)
        raise ValueError(
            "G or D draws from torch's global random state (Dropout does), so a run could not be "
            "repeated. Leave that layer out, or train in a loop of your own and show it with "
            "LiveCurves(history)."
        )


def _check_samples(x_real: Tensor, x_fake: Tensor) -> None:
    if x_real.device != x_fake.device:
        raise ValueError(
            f"data is on {x_real.device}, but G makes samples on {x_fake.device}; move one, "
            f"for example with data.to({str(x_fake.device)!r})"
        )
    if x_real.dtype != x_fake.dtype:
        raise ValueError(
            f"data is of type {x_real.dtype}, but G makes {x_fake.dtype}; convert it, for "
            "example images of uint8 with data.float() / 127.5 - 1"
        )
    if x_real.shape[1:] != x_fake.shape[1:]:
        raise ValueError(
            f"data holds samples of shape {tuple(x_real.shape[1:])}, but G makes "
            f"{tuple(x_fake.shape[1:])}; they must agree"
        )


def check_optimizer(name: str, optimizer: torch.optim.Optimizer, net_name: str, net) -> None:
    """Refuse an optimiser that moves anything but the parameters of its own network.

    Raises:
        ValueError: it holds another's.
    """
    own = {id(p) for p in net.parameters()}
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not held <= own:
        raise ValueError(
            f"{name} holds parameters that are not {net_name}'s; it must hold {net_name}'s only"
        )
