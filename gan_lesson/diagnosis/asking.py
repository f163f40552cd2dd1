"""How a foreign D and G are asked: what they take, what they return, and leaving no trace."""

import contextlib
import inspect
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn


class NotExamined(Exception):
    """Something could not be asked; the message says what, why, and what to hand over."""


class Asked:
    """D and G as `diagnose` was given them.

    Args:
        D: a callable from samples (and labels) to D's answers, or None.
        G: a generator, or None.
        d_output: what D returns, "logit" or "probability"; a `gan_lesson` D is asked for logits.
        score: a function from samples to one logit each, asked instead of D.
        z: noise for G, a tensor with one row a sample, or a function from n to it.
        y: labels, one a sample, given to D and G as second argument.
    """

    def __init__(self, D, G, d_output: str, score=None, z=None, y=None):
        self.D, self.G, self.d_output = D, G, d_output
        self._score, self._z, self._y = score, z, y

    @property
    def has_d(self) -> bool:
        """Whether D can be asked at all."""
        return self.D is not None or self._score is not None

    def raw(self, x: Tensor) -> Tensor:
        """Return D's answers on x as it gives them, a mean over a map of answers, shape (n,).

        Raises:
            NotExamined: D fails, or returns no tensor of one answer a sample.
        """
        ask = self._score or (self.D.logits if hasattr(self.D, "logits") else self.D)
        name = "score" if self._score else "D"
        try:
            if self._score is None and self._y is not None:
                answer = ask(x, self._y[: len(x)])
            else:
                answer = ask(x)
        except Exception as error:
            remedy = "pass score=, a function from samples to one logit each"
            if self._y is None and _wants_more(ask):
                remedy = "it seems to need labels: pass y=, or score="
            raise NotExamined(
                f"D: {name} failed on the samples ({type(error).__name__}: {error}); {remedy}"
            ) from error
        if isinstance(answer, (tuple, list, dict)):
            kinds = f"{type(answer).__name__} of {len(answer)}"
            raise NotExamined(f"D: {name} returned a {kinds}; pass score=lambda x: D(x)[0]")
        answer = torch.as_tensor(answer)
        if not answer.ndim or answer.shape[0] != len(x):
            raise NotExamined(
                f"D: {name} returned shape {tuple(answer.shape)} for {len(x)} samples; pass "
                "score=, a function from samples to one logit each"
            )
        return answer.reshape(len(x), -1).mean(dim=1)  # of patches or time steps

    @property
    def gives_logits(self) -> bool:
        """Whether `raw` gives logits."""
        return self._score is not None or hasattr(self.D, "logits") or self.d_output == "logit"

    def logits(self, x: Tensor) -> Tensor:
        """Return D's answers on x as logits, shape (n, 1); raises as `raw` does."""
        answer = self.raw(x)[:, None]
        return answer if self.gives_logits else torch.logit(answer, eps=1e-7)

    def draw(self, n: int, like: Tensor, generator: torch.Generator) -> Tensor:
        """Return G(z) for n draws of z, samples of the shape of `like` but for n.

        Raises:
            NotExamined: no z is known that G takes and that gives such samples.
        """
        tried = []
        for z in self._noise(n, generator):
            z = z.to(like)
            try:
                x = self.G(z) if self._y is None else self.G(z, self._y[:n])
            except Exception as error:
                tried.append(f"{tuple(z.shape)}: {type(error).__name__}")
                continue
            if isinstance(x, Tensor) and x.shape == (n, *like.shape[1:]):
                return x
            tried.append(f"{tuple(z.shape)} gives {tuple(getattr(x, 'shape', ()))}")
        told = f" (tried z of shape {'; '.join(tried)})" if tried else " has no latent_dim, and"
        raise NotExamined(
            f"G's gradients: G{told} no z is known for it; pass z=, a function from n to noise"
            + ("" if self._y is not None else ", and y= if G takes labels")
        )

    def _noise(self, n: int, generator: torch.Generator) -> Iterator[Tensor]:
        """Yield z as it was given, or of the shapes that a generator may take."""
        if self._z is not None:
            z = self._z(n) if callable(self._z) else self._z
            yield z[:n] if len(z) >= n else z.repeat(-(-n // len(z)), *[1] * (z.ndim - 1))[:n]
            return
        width = getattr(self.G, "latent_dim", None) or _first_width(self.G)
        if isinstance(width, int):
            z = torch.randn(n, width, generator=generator)
            yield z
            yield z[:, :, None, None]


def _wants_more(ask: Callable) -> bool:
    """Tell whether a callable needs more than one argument."""
    function = ask.forward if isinstance(ask, nn.Module) else ask
    with contextlib.suppress(TypeError, ValueError):
        needed = [
            p
            for p in inspect.signature(function).parameters.values()
            if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        return len(needed) > 1
    return False


def _first_width(net) -> int | None:
    """Return how many numbers the first layer of a generator takes."""
    for layer in net.modules() if isinstance(net, nn.Module) else ():
        if isinstance(layer, nn.Linear):
            return layer.in_features
        if isinstance(layer, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.Conv2d)):
            return layer.in_channels
    return None


@contextlib.contextmanager
def untouched(*nets) -> Iterator[None]:
    """Leave networks as they were: weights, BatchNorm's memory, modes; all may need gradients.

    A network with the older spectral norm cannot be copied, so it is put back instead. Of its
    random numbers the global generator's state is kept as well.
    """
    modules = [net for net in nets if isinstance(net, nn.Module)]
    states = [{k: v.detach().clone() for k, v in net.state_dict().items()} for net in modules]
    modes = [(m, m.training) for net in modules for m in net.modules()]
    needed = [(p, p.requires_grad) for net in modules for p in net.parameters()]
    with torch.random.fork_rng(devices=[]):
        for p, _ in needed:
            p.requires_grad_()
        try:
            yield
        finally:
            for p, needs in needed:
                p.requires_grad_(needs)
            for net, state in zip(modules, states, strict=True):
                with torch.no_grad():
                    for name, value in net.state_dict().items():
                        if not torch.equal(value, state[name]):
                            value.copy_(state[name])
            for m, training in modes:
                m.training = training
