"""Generator and Discriminator: thin wrappers that fix what goes in and what comes out.

G turns latent vectors z into samples; D turns samples into the probability that they are
real. Any stack of layers fits inside::

    G = Generator(nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1)), latent_dim=2)
    D = Discriminator(nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1)))
    D(G(G.sample_z(5)))            # five probabilities, shape (5, 1)

z has shape (n, latent_dim), x has shape (n, *sample_shape): (n, d) for points, (n, 1, 28, 28)
for images in [-1, 1]. The functions named `…_pair` make G and D from `seed`, where the weights
start, and leave the global random state as it was; `width` is the units of each hidden layer.
What does not fit raises ValueError. First used in lesson 05 (small perceptrons) and 06 (fully
connected, on digits).
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gan_lesson import checks


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Start the global random numbers from `seed` within the block; afterwards all is as before.

    Those of the CPU alone, where layers are made: `torch.manual_seed` would also start every
    GPU's anew.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


class Generator(nn.Module):
    """Map z to samples.

    Args:
        net: layers that take (n, latent_dim).
        latent_dim: numbers in one z, 1 or more.
    """

    def __init__(self, net: nn.Module, latent_dim: int):
        super().__init__()
        checks.count("latent_dim", latent_dim)
        self.net = net
        self.latent_dim = latent_dim

    def forward(self, z: Tensor) -> Tensor:
        """Return G(z)."""
        checks.shape("z", z, "n", self.latent_dim)
        return self.net(z)

    def sample_z(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw `n` latent vectors z ~ N(0, I), 1 or more, where G's weights live."""
        checks.count("n", n)
        weight = next(self.parameters())
        return torch.randn(
            n, self.latent_dim, generator=generator, device=weight.device, dtype=weight.dtype
        )


class Discriminator(nn.Module):
    """Estimate P(real | x) for samples x.

    Args:
        net: layers that end in one number a sample, the logit, shape (n, 1).
    """

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, as_logits: bool = False) -> Tensor:
        """Return D(x), the probability, or its logit; shape (n, 1) both.

        The work is done in `forward`, so that hooks and wrappers such as
        DistributedDataParallel see both ways of calling.

        Raises:
            ValueError: the layers return anything but one number a sample.
        """
        logits = self.net(x)
        if logits.shape != (x.shape[0], 1):
            raise ValueError(f"net returned shape {tuple(logits.shape)}; it must be (n, 1)")
        return logits if as_logits else torch.sigmoid(logits)

    def logits(self, x: Tensor) -> Tensor:
        """Return the logit of D(x), shape (n, 1): what the losses take."""
        return self(x, as_logits=True)


def multilayer_perceptron(widths: Sequence[int]) -> nn.Sequential:
    """Return linear layers of the given widths with LeakyReLU, slope .2, between them.

    Args:
        widths: units of each layer, input and output included, for example (2, 32, 32, 1).

    Raises:
        ValueError: fewer than two widths, or one below 1.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(f"widths are {tuple(widths)}; give at least two, each >= 1")
    layers: list[nn.Module] = []
    for n_in, n_out in zip(widths[:-1], widths[1:], strict=True):
        layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


def small_pair(
    sample_dim: int, latent_dim: int = 2, width: int = 32, seed: int = 0
) -> tuple[Generator, Discriminator]:
    """Return G and D as perceptrons with two hidden layers, for points of `sample_dim` numbers."""
    with seeded(seed):
        G = Generator(multilayer_perceptron((latent_dim, width, width, sample_dim)), latent_dim)
        D = Discriminator(multilayer_perceptron((sample_dim, width, width, 1)))
    return G, D


class Rescale(nn.Module):
    """Return x * scale + shift, both fixed: between the unit of the data and that of the layers.

    Args:
        shift: one number for each coordinate, shape (d,).
        scale: the same factor for every coordinate.
    """

    def __init__(self, shift: Tensor, scale: float):
        super().__init__()
        self.register_buffer("shift", torch.as_tensor(shift, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(float(scale)))

    def forward(self, x: Tensor) -> Tensor:
        """Return x * scale + shift, shape (n, d) as `x`."""
        return torch.addcmul(self.shift, x, self.scale)


class WithShortcut(nn.Module):
    """Return net(z) + A z: what `net` makes of z, and z itself, stretched by a matrix A.

    A net that is flat inside a mode and steep between two modes tends to shrink each mode to
    a point; A gives all modes some width at once, and is learnt as any weight is.

    Args:
        net: layers from (n, latent_dim) to (n, d).
        latent_dim: numbers in one z.
        d: numbers in one point.
    """

    def __init__(self, net: nn.Module, latent_dim: int, d: int = 2):
        super().__init__()
        self.net = net
        self.shortcut = nn.Linear(latent_dim, d, bias=False)
        nn.init.uniform_(self.shortcut.weight, -0.1, 0.1)

    def forward(self, z: Tensor) -> Tensor:
        """Return net(z) + A z, shape (n, latent_dim) -> (n, d)."""
        return self.net(z) + self.shortcut(z)


class PlaneWaves(nn.Module):
    """Put sines and cosines of fixed plane waves beside x, so that D sees fine shapes as well.

    A perceptron learns slow shapes first, and hardly ever the width of a mode. The waves are
    spread over all lengths and directions, and are the same for every data set: wave k has the
    frequency slowest * (fastest / slowest)^(k / (n - 1)) and turns by the golden angle from
    wave k - 1. Faster ones come in weaker, as 1 / sqrt(frequency), and so are learnt later.

    Args:
        n: number of waves; the output has 2 + 2 n numbers.
        slowest: frequency of the longest wave, radians per unit of x.
        fastest: frequency of the shortest wave.

    Source: Tancik et al. 2020, "Fourier features let networks learn high frequency functions".
    """

    def __init__(self, n: int = 32, slowest: float = 2.0, fastest: float = 60.0):
        super().__init__()
        frequency = slowest * (fastest / slowest) ** torch.linspace(0, 1, n)
        angle = torch.arange(n) * (math.pi * (3 - math.sqrt(5)))
        self.register_buffer("waves", frequency * torch.stack([angle.cos(), angle.sin()]))
        self.register_buffer("strength", (slowest / frequency).sqrt())

    def forward(self, x: Tensor) -> Tensor:
        """Return x and its waves, shape (n, 2) -> (n, 2 + 2 n_waves)."""
        phase = x @ self.waves
        return torch.cat([x, phase.sin() * self.strength, phase.cos() * self.strength], dim=1)


def playground_pair(
    middle: Tensor, spread: float, latent_dim: int = 2, width: int = 64, seed: int = 0
) -> tuple[Generator, Discriminator]:
    """Return G and D for points in the plane, as perceptrons with three hidden layers.

    Neither knows where the modes are. All they are told is the data's middle and spread, as
    one would normalise any data set, so that inside the layers numbers are about 1. Three
    choices make fine modes possible. G's units are tanh, which saturate, and its first layer
    starts five times larger than usual, so that its map can be steep between two modes and
    flat inside one; a `WithShortcut` keeps the modes from shrinking. D looks through
    `PlaneWaves`.

    Args:
        middle: mean of the data, shape (2,).
        spread: root mean square of the data's coordinates around it, positive.
        latent_dim: numbers in one z.
        width: units of each hidden layer.
        seed: start of the weights.
    """
    middle = torch.as_tensor(middle, dtype=torch.float32)
    checks.shape("middle", middle, 2)
    checks.positive("spread", spread)
    waves = PlaneWaves()
    with seeded(seed):
        layers_g = nn.Sequential(
            nn.Linear(latent_dim, width),
            nn.Tanh(),
            nn.Linear(width, width),
            nn.Tanh(),
            nn.Linear(width, width),
            nn.Tanh(),
            nn.Linear(width, 2),
        )
        layers_g = WithShortcut(layers_g, latent_dim)
        layers_d = multilayer_perceptron((2 + 2 * waves.waves.shape[1], width, width, width, 1))
    with torch.no_grad():
        for parameter in layers_g.net[0].parameters():
            parameter *= 5
    G = Generator(nn.Sequential(layers_g, Rescale(middle, spread)), latent_dim)
    D = Discriminator(nn.Sequential(Rescale(-middle / spread, 1 / spread), waves, *layers_d))
    return G, D


def fully_connected_pair(
    latent_dim: int = 64,
    seed: int = 0,
    g_widths: Sequence[int] = (256, 256),
    d_widths: Sequence[int] = (256, 128),
) -> tuple[Generator, Discriminator]:
    """Return G and D as fully connected networks for images.

    G is latent_dim-256-256-784 with BatchNorm and ReLU, ending in tanh; D is 784-256-128-1
    with GELU and no normalisation, so that its score of one image depends on that image
    alone; `g_widths` and `d_widths` are other hidden layers. Written out in lesson 06.
    """
    with seeded(seed):
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise((latent_dim, *g_widths)):
            layers += [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU()]
        layers += [nn.Linear(g_widths[-1], 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))]
        G = Generator(nn.Sequential(*layers), latent_dim)
        layers = [nn.Flatten()]
        for n_in, n_out in pairwise((784, *d_widths)):
            layers += [nn.Linear(n_in, n_out), nn.GELU()]
        D = Discriminator(nn.Sequential(*layers, nn.Linear(d_widths[-1], 1)))
    return G, D


class SuperResolver(Generator):
    """Map small images to large ones: tanh of the bilinear enlargement and of what a net adds.

    Args:
        net: layers from (n, 1, size, size) to (n, 1, times * size, times * size).
        size: pixels along an edge of a small image.
        times: how many times longer an edge becomes.
    """

    def __init__(self, net: nn.Module, size: int = 7, times: int = 4):
        super().__init__(net, size * size)
        self.size, self.times = size, times

    def forward(self, y: Tensor) -> Tensor:
        """Return G(y), shape (n, 1, 7, 7) -> (n, 1, 28, 28), in [-1, 1]."""
        checks.shape("y", y, "n", 1, self.size, self.size)
        enlarged = interpolate(y, scale_factor=self.times, mode="bilinear")
        return torch.tanh(enlarged + self.net(y))

    def sample_z(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return `n` small images of noise in [-1, 1]: G takes images, and has none of its own."""
        return torch.tanh(super().sample_z(n, generator)).view(n, 1, self.size, self.size)


def super_resolution_pair(seed: int = 0) -> tuple[SuperResolver, Discriminator]:
    """Return G from 7 x 7 to 28 x 28 pixels, 33,632 weights, and lesson 09's D: a small SRGAN.

    G works at 7 x 7 throughout, and writes sixteen numbers at each of those places, which become
    its 4 x 4 pixels. (SRGAN shuffles twice, 2 x 2 each time; that takes three times as long.)

    Source: Ledig et al. 2017 (SRGAN), without BatchNorm; the 4 x 4 pixels: Shi et al. 2016.
    """
    with seeded(seed):
        net = nn.Sequential(
            nn.Conv2d(1, 48, kernel_size=3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(48, 48, kernel_size=3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(48, 64, kernel_size=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(64, 16, kernel_size=3, padding=1),
            nn.PixelShuffle(4),
        )
    G = SuperResolver(net)
    return G.to(memory_format=torch.channels_last), convolutional_pair(seed=seed)[1]


class InBfloat16(nn.Sequential):
    """Layers that compute in bfloat16, numbers of half as many bits, and return float32.

    The weights stay float32, so that small steps are not lost. A CPU with instructions for it
    multiplies such matrices faster; any other does so more slowly: ask `is_fast`.

    Source: Micikevicius et al. 2018 (training in mixed precision).
    """

    @staticmethod
    def is_fast(device: str = "cpu") -> bool:
        """Tell whether PyTorch uses instructions for bfloat16 there; False where it cannot tell."""
        if device.startswith("cuda"):
            return torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        ask = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
        return torch.backends.cpu.get_cpu_capability() == "AVX512" and ask()

    def forward(self, x: Tensor) -> Tensor:
        """Return what the layers make of `x`, as float32."""
        with torch.autocast(x.device.type, torch.bfloat16):
            y = super().forward(x)
        return y.float()


def convolutional_pair(
    latent_dim: int = 64, seed: int = 0, d_hidden: int | None = None
) -> tuple[Generator, Discriminator]:
    """Return G and D as convolutional networks for images: a small DCGAN.

    G makes 32 channels of 7 x 7 from z, stamps them to 16 channels of 14 x 14, and writes
    four numbers at each of those places, which become its 2 x 2 pixels. D goes the same way
    back. With `d_hidden` a fully connected layer of so many units comes before D's last. Written
    out in lesson 09.

    Source: Radford, Metz and Chintala 2016 (DCGAN); the 2 x 2 pixels: Shi et al. 2016.
    """
    with seeded(seed):
        G = Generator(
            nn.Sequential(
                nn.Linear(latent_dim, 32 * 7 * 7, bias=False),
                nn.Unflatten(1, (32, 7, 7)),
                nn.BatchNorm2d(32),
                nn.ReLU(),
                nn.ConvTranspose2d(32, 16, kernel_size=4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(16),
                nn.ReLU(),
                nn.Conv2d(16, 4, kernel_size=3, padding=1),
                nn.PixelShuffle(2),
                nn.Tanh(),
            ),
            latent_dim,
        )
        layers: list[nn.Module] = [
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, 16, kernel_size=3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, kernel_size=4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        ]
        if d_hidden:
            layers += [nn.Linear(32 * 7 * 7, d_hidden), nn.LeakyReLU(0.2)]
        D = Discriminator(nn.Sequential(*layers, nn.Linear(d_hidden or 32 * 7 * 7, 1)))
    # channels last: the order in memory that convolutions on processors like best
    return G.to(memory_format=torch.channels_last), D.to(memory_format=torch.channels_last)


def has_batch_norm(net: nn.Module) -> bool:
    """Tell whether `net` normalises over the batch, so that a sample's score sees the others."""
    return any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())
