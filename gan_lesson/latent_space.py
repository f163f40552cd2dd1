"""Ways through the latent space: lines, arcs on the sphere, directions with a meaning.

A generator's input z ~ N(0, I) has length near sqrt(latent_dim), nearly always: the sphere of
that radius is where G was trained. Written out in lesson 06.
"""

import torch
from torch import Tensor

from gan_lesson import checks
from gan_lesson.networks import Generator


def fixed_z(G: Generator, n: int = 36, seed: int = 0) -> torch.Tensor:
    """Return the z that the sheets of this lesson draw again and again, shape (n, latent_dim)."""
    return G.sample_z(n, torch.Generator().manual_seed(seed))


def on_line(z_a: torch.Tensor, z_b: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Return the points (1 - t) z_a + t z_b, shape (len(t), latent_dim).

    Raises:
        ValueError: the two ends are not both of shape (latent_dim,), or `t` not of shape (n,).
    """
    _check_ends(z_a, z_b, t)
    return (1 - t)[:, None] * z_a + t[:, None] * z_b


def on_sphere(z_a: torch.Tensor, z_b: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Return points on the arc from z_a to z_b, whose length goes evenly from |z_a| to |z_b|.

    Args:
        z_a: start, shape (latent_dim,), not 0.
        z_b: end, shape (latent_dim,), not 0 and not on z_a's line.
        t: places between 0 and 1, shape (n,).

    Raises:
        ValueError: a shape does not fit, an end is 0, or both lie on one line through 0.

    Source: Shoemake 1985 (slerp); White 2016, "Sampling generative networks".
    """
    _check_ends(z_a, z_b, t)
    length_a, length_b = z_a.norm(), z_b.norm()
    angle = torch.arccos((z_a @ z_b / (length_a * length_b)).clamp(-1, 1))
    if not 1e-3 < angle < torch.pi - 1e-3:  # NaN fails too
        raise ValueError("z_a or z_b is 0, or both lie on one line through 0: there is no arc")
    a, b = torch.sin((1 - t) * angle), torch.sin(t * angle)
    direction = (a[:, None] * z_a / length_a + b[:, None] * z_b / length_b) / torch.sin(angle)
    return direction * ((1 - t) * length_a + t * length_b)[:, None]


def share_shorter(length: float, latent_dim: int) -> float:
    """Return the probability that z ~ N(0, I) is shorter than `length`.

    Raises:
        ValueError: `length` is negative or NaN, or `latent_dim` is below 1.
    """
    checks.not_negative("length", length)
    checks.count("latent_dim", latent_dim)
    half = torch.tensor([latent_dim, length * length], dtype=torch.float64) / 2
    return float(torch.special.gammainc(half[0], half[1]))


def _check_ends(z_a: Tensor, z_b: Tensor, t: Tensor) -> None:
    checks.shape("z_a", z_a, "latent_dim")
    checks.same_shape("z_a", z_a, "z_b", z_b)
    checks.shape("t", t, "n")


def direction(z: Tensor, score: Tensor) -> Tensor:
    """Return the mean z of the higher-scored half minus that of the lower, shape (latent_dim,).

    Going along it raises the score, if G turns that score's cause by and large straight.

    Args:
        z: latent vectors, shape (n, latent_dim), n >= 2.
        score: a number for each G(z), such as its ink, shape (n,).

    Raises:
        ValueError: the two do not fit, there are fewer than two z, or no half scores higher:
            more than half of the scores are the highest one, or a score is NaN.

    Source: Radford et al. 2016, section 6.3, vector arithmetic on mean z.
    """
    checks.shape("z", z, "n", "latent_dim", least=2)
    checks.shape("score", score, len(z))
    high = score > score.median()
    if not high.any() or score.isnan().any():
        raise ValueError("score has no higher half: most are the highest one, or one is NaN")
    return z[high].mean(dim=0) - z[~high].mean(dim=0)
