"""Trainers with settings that were found by measurement."""

from collections.abc import Callable

import torch
from torch import Tensor

from gan_lesson.conditional import conditional_pair, join
from gan_lesson.data import Mixture
from gan_lesson.networks import (
    InBfloat16,
    SuperResolver,
    convolutional_pair,
    fully_connected_pair,
    playground_pair,
    small_pair,
    super_resolution_pair,
)
from gan_lesson.schedules import doubling_at, fall_to_zero, geometric_fall
from gan_lesson.style import MixingTurn, style_pair
from gan_lesson.super_resolution import ContentTurn, SuperResolutionTrainer
from gan_lesson.trainer import Sampler, Trainer, adam


def fully_connected_trainer(
    images: Tensor, *, seed: int = 0, n_steps: int | None = None, threads: int | None = 1
) -> Trainer:
    """Return the trainer of lesson 06: fully connected G and D, settings found by measurement.

    Args:
        images: training images, shape (n, 1, 28, 28), in [-1, 1].
        seed: start of the weights and of the trainer's random numbers.
        n_steps: length of the run, for the fall of the learning rates;
            None if `run(seconds=…)` or `run(n_steps)` gives it.
        threads: torch threads.
    """
    G, D = fully_connected_pair(seed=seed)
    rates = {"lr_g": 2e-3, "lr_d": 5e-4}
    return _image_trainer(G, D, images, **rates, seed=seed, n_steps=n_steps, threads=threads)


def playground_trainer(
    data: Tensor | Sampler,
    *,
    seed: int = 0,
    n_steps: int | None = None,
    threads: int | None = 1,
) -> Trainer:
    """Return the trainer of lesson 07 for points in the plane, settings found by measurement.

    Two things change along the run. R1 and R2 start strong, so that D is smooth and the
    modes share the samples evenly, and fall to 1/1000, well below the squared width of a mode,
    so that D can tell its shape. G slows down to a sixtieth while D keeps its pace, since
    a D that is always late lets the modes shrink; the average `G_ema` stills what moves on.
    γ starts to fall a little later than G's pace: the shares of modes settle while modes still
    exchange samples.

    Args:
        data: samples in the plane, shape (n, 2), or an object that draws them.
        seed: start of the weights and of the trainer's random numbers.
        n_steps: length of the run that the schedules refer to;
            None if `run(seconds=…)` or `run(n_steps)` gives it.
        threads: torch threads.
    """
    own = torch.Generator().manual_seed(seed)
    x = data if isinstance(data, Tensor) else data.sample(10_000, own)
    middle = x.mean(dim=0)
    spread = float((x - middle).square().mean().sqrt())
    G, D = playground_pair(middle, spread, seed=seed)
    return Trainer(
        G,
        D,
        data,
        optimizer_g=adam(G.parameters(), lr=2e-3),
        optimizer_d=adam(D.parameters(), lr=2e-3),
        batch_size=192,
        r1_gamma=0.05 * spread**2,  # a slope of 1 per spread costs .025 nat, in any unit
        r2_gamma=0.05 * spread**2,
        r1_every=8,
        ema_decay=0.99,
        schedules={
            "lr_g": geometric_fall(1 / 60, start=0.15, end=0.6),
            "r1_gamma": geometric_fall(1 / 1000, start=0.17, end=0.47),
            "r2_gamma": geometric_fall(1 / 1000, start=0.17, end=0.47),
        },
        n_steps=n_steps,
        seed=seed,
        threads=threads,
    )


def convolutional_trainer(
    images: Tensor, *, seed: int = 0, n_steps: int | None = None, threads: int | None = 1
) -> Trainer:
    """Return the trainer of lesson 09: convolutional G and D, settings found by measurement.

    Args:
        images: training images, shape (n, 1, 28, 28), in [-1, 1].
        seed: start of the weights and of the trainer's random numbers.
        n_steps: length of the run, for the fall of the learning rates;
            None if `run(seconds=…)` or `run(n_steps)` gives it.
        threads: torch threads.
    """
    G, D = convolutional_pair(seed=seed)
    rates = {"lr_g": 4e-3, "lr_d": 2e-3}
    return _image_trainer(G, D, images, **rates, seed=seed, n_steps=n_steps, threads=threads)


def long_run_trainer(
    images: Tensor,
    model: str = "fc",
    *,
    seed: int = 0,
    n_steps: int | None = None,
    threads: int | None = 1,
    device: str = "cpu",
) -> Trainer:
    """Return a trainer of images for a run that is waited for, settings found by measurement.

    The trainers of lessons 06 and 09 show something in their first seconds. A run of a minute or
    more ends better with wider layers, batches that double on the way, a smoother D and a longer
    average of G; where the processor has instructions for bfloat16, layers compute in it.

    Args:
        images: training images, shape (n, 1, 28, 28), in [-1, 1].
        model: "fc" for fully connected networks, "conv" for convolutional ones.
        seed: start of the weights and of the trainer's random numbers.
        n_steps: length of the run, for the fall of the learning rates;
            None if `run(seconds=…)` or `run(n_steps)` gives it.
        threads: torch threads.
        device: where networks and images live, such as "cuda:0".

    Raises:
        ValueError: the model is unknown.
    """
    if model == "fc":
        G, D = fully_connected_pair(seed=seed, g_widths=(256, 512), d_widths=(512, 256))
        settings = {"lr_g": 2e-3, "lr_d": 5e-4, "batch_size": 128}
        growth = doubling_at(0.4)
    elif model == "conv":
        G, D = convolutional_pair(seed=seed, d_hidden=256)
        settings = {"lr_g": 4e-3, "lr_d": 1e-3, "batch_size": 64}
        growth = doubling_at(0.3, 0.6)
    else:
        raise ValueError(f"model is {model!r}; it must be 'fc' or 'conv'")
    if InBfloat16.is_fast(device):
        G.net, D.net = InBfloat16(*G.net), InBfloat16(*D.net)
    settings |= {"r1_gamma": 2.0, "ema_decay": 0.9995}
    settings["schedules"] = {"lr": fall_to_zero, "batch_size": growth}
    G, D, images = G.to(device), D.to(device), images.to(device)
    return _image_trainer(G, D, images, **settings, seed=seed, n_steps=n_steps, threads=threads)


def super_resolution_trainer(
    images: Tensor,
    adversarial_weight: float = 0.1,
    *,
    generator: SuperResolver | None = None,
    start_steps: int = 50,
    features: Callable[[Tensor], Tensor] | None = None,
    seed: int = 0,
    n_steps: int | None = None,
    threads: int | None = 1,
    device: str = "cpu",
) -> SuperResolutionTrainer:
    """Return the trainer of lesson 11: a small SRGAN, settings found by measurement.

    Args:
        images: training images, shape (n, 1, 28, 28), in [-1, 1].
        adversarial_weight: weight of the adversarial loss beside the content loss; 0 for none.
        generator: a trained G whose weights this run starts from, in smaller steps, because at
            a weight of 1 large ones throw it far off; it stays as it is.
        start_steps: turns of pixel loss alone, before D takes part; 0 suits a trained G.
        features: as in `ContentTurn`.
        seed: start of the weights and of the trainer's random numbers.
        n_steps: length of the run, for the fall of the learning rates;
            None if `run(seconds=…)` or `run(n_steps)` gives it.
        threads: torch threads.
        device: where networks and images live, such as "cuda:0".
    """
    G, D = (net.to(device) for net in super_resolution_pair(seed))
    images = images.to(device)
    lr_g = 4e-3
    if generator is not None:
        G.load_state_dict(generator.state_dict())
        lr_g = 1e-3
    return SuperResolutionTrainer(
        G,
        D,
        images,
        optimizer_g=adam(G.parameters(), lr=lr_g),
        optimizer_d=adam(D.parameters(), lr=4e-3),
        batch_size=32,
        r1_gamma=0.3,
        r1_every=8,
        ema_decay=0.99,
        schedules={"lr": fall_to_zero},
        turn=ContentTurn(adversarial_weight, start_steps, features),
        n_steps=n_steps,
        seed=seed,
        threads=threads,
    )


def conditional_trainer(
    images: Tensor,
    labels: Tensor,
    *,
    d_sees_labels: bool = True,
    seed: int = 0,
    n_steps: int | None = None,
    threads: int | None = 1,
) -> Trainer:
    """Return the trainer of lesson 13: a GAN that is asked for a digit, settings by measurement.

    Its samples are pairs; `trainer.G_ema.draw(labels)` draws what is asked for.

    Args:
        images: training images, shape (n, 1, 28, 28), in [-1, 1].
        labels: their digits, shape (n,), each of the ten about as often: G is asked for each as
            often.
        d_sees_labels: whether D judges an image with its label, or the image alone.
        seed: start of the weights and of the trainer's random numbers.
        n_steps: length of the run, for the fall of the learning rates;
            None if `run(seconds=…)` or `run(n_steps)` gives it.
        threads: torch threads.
    """
    G, D = conditional_pair(seed=seed, d_sees_labels=d_sees_labels)
    return _image_trainer(
        G, D, join(images, labels), lr_g=2e-3, lr_d=1e-3, seed=seed, n_steps=n_steps,
        threads=threads,
    )  # fmt: skip


def style_trainer(
    images: Tensor,
    start: str = "linear",
    mixing: float = 0.0,
    *,
    seed: int = 0,
    n_steps: int | None = None,
    threads: int | None = 1,
) -> Trainer:
    """Return the trainer of lesson 12: a small StyleGAN, settings found by measurement.

    Args:
        images: training images, shape (n, 1, 28, 28), in [-1, 1].
        start: "linear" or "constant", as in `style_pair`.
        mixing: share of generated images that take their styles from two z; `trainer.turn.mixing`
            may be assigned meanwhile.
        seed: start of the weights and of the trainer's random numbers.
        n_steps: length of the run, for the fall of the learning rates;
            None if `run(seconds=…)` or `run(n_steps)` gives it.
        threads: torch threads.
    """
    G, D = style_pair(start, seed)
    settings = {"lr_g": 4e-3, "lr_d": 2e-3, "r1_gamma": 1.0, "turn": MixingTurn(mixing)}
    return _image_trainer(G, D, images, **settings, seed=seed, n_steps=n_steps, threads=threads)


def _image_trainer(G, D, images: Tensor, lr_g: float, lr_d: float, **settings) -> Trainer:
    """Return what all trainers of images share; networks, rates and some settings differ."""
    return Trainer(
        G,
        D,
        images,
        optimizer_g=adam(G.parameters(), lr=lr_g),
        optimizer_d=adam(D.parameters(), lr=lr_d),
        r1_every=8,
        **{"r1_gamma": 0.3, "ema_decay": 0.998, "schedules": {"lr": fall_to_zero}} | settings,
    )


PLAIN_SETTINGS = {
    "loss": "non_saturating",
    "r1_gamma": 0.0,
    "r2_gamma": 0.0,
    "batch_size": 150,
    "d_steps": 1,
    "lr_d": 1e-3,
    "lr_g": 1e-3,
    "width": 32,
    "latent_dim": 2,
}


def plain_trainer(data: Mixture, seed: int = 0, **settings) -> Trainer:
    """Return two perceptrons with two hidden layers, and their trainer.

    Args:
        data: the set, in the plane.
        seed: start of the weights and of the trainer's random numbers.
        settings: `width`, `latent_dim`, and what `Trainer` takes: `loss`, `batch_size`,
            `d_steps`, `r1_gamma`, `r2_gamma`; `lr_d` and `lr_g` are Adam's. What is left out is
            32, 2, non-saturating, 150, 1, 0, 0 and 1e-3.

    Raises:
        ValueError: a setting is unknown or out of range.
    """
    if unknown := set(settings) - set(PLAIN_SETTINGS):
        raise ValueError(f"{unknown.pop()!r} is no setting; there are {tuple(PLAIN_SETTINGS)}")
    s = {**PLAIN_SETTINGS, **settings}
    G, D = small_pair(2, latent_dim=s["latent_dim"], width=s["width"], seed=seed)
    return Trainer(
        G,
        D,
        data,
        optimizer_g=adam(G.parameters(), lr=s["lr_g"]),
        optimizer_d=adam(D.parameters(), lr=s["lr_d"]),
        **{name: s[name] for name in s if name not in ("width", "latent_dim", "lr_d", "lr_g")},
        seed=seed,
    )
