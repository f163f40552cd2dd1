"""Style: who decides what in a generator. A small StyleGAN, readable in one screen.

    G = style_pair(start="linear")[0]
    w = G.mapping(G.latent(z))                    # z -> w, where styles are read off
    x = G.synthesis([w_a, w_b, w_b], noise)       # the start follows w_a, the rest w_b

Images x inside G have shape (n, channels, h, h), w has shape (n, w_dim). What does not fit raises
ValueError. Written from the papers; first used in lesson 12.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, instance_norm, leaky_relu

from gan_lesson import checks
from gan_lesson.networks import Discriminator, Generator, convolutional_pair, seeded
from gan_lesson.turns import Turn

STARTS = ("constant", "linear")
LAYERS = ("layer 1, 7 × 7", "layer 2, 7 × 7", "layer 3, 14 × 14")  # coarse to fine


def adain(x: Tensor, scale: Tensor, shift: Tensor, eps: float = 1e-8) -> Tensor:
    """Return x with mean `shift` and standard deviation |scale| in each image and channel.

    Args:
        x: shape (n, channels, h, h).
        scale: y_s of each image and channel, shape (n, channels).
        shift: y_b, shape (n, channels).
        eps: added to the variance, so that a channel without any is not divided by 0.

    Source: Huang and Belongie 2017; Karras, Laine and Aila 2019, equation 1.
    """
    checks.shape("x", x, "n", "channels", "h", "w")
    checks.shape("scale", scale, *x.shape[:2])
    checks.shape("shift", shift, *x.shape[:2])
    x = instance_norm(x, eps=eps)  # (x - mean) / sd over (h, w) of each image and channel
    return torch.addcmul(shift[..., None, None], scale[..., None, None], x)


def modulated_conv(
    x: Tensor, weight: Tensor, scale: Tensor, demodulate: bool = True, eps: float = 1e-8
) -> Tensor:
    """Return the convolution of x whose input channels a style scales, one scale an image.

    With `demodulate` each output channel is divided by the length of its scaled weights, so that
    it has variance 1 if the inputs are uncorrelated and have variance 1.

    Args:
        x: shape (n, c_in, h, h).
        weight: shape (c_out, c_in, k, k), k odd; what lies outside x counts as 0.
        scale: shape (n, c_in).
        demodulate: whether to divide.
        eps: added to the squared length.

    Source: Karras et al. 2020 (StyleGAN2), equations 1 to 3.
    """
    checks.shape("x", x, "n", weight.shape[1], "h", "w")
    checks.shape("scale", scale, *x.shape[:2])
    y = conv2d(x * scale[..., None, None], weight, padding=weight.shape[-1] // 2)
    if demodulate:
        squared = scale.square() @ weight.square().sum(dim=(2, 3)).T  # (n, c_out)
        y = y * (squared + eps).rsqrt()[..., None, None]
    return y


class Start(nn.Module):
    """The first map: a learned constant, the same for every w, or a linear function of w."""

    def __init__(self, kind: str, channels: int, w_dim: int):
        super().__init__()
        checks.one_of("start", kind, STARTS)
        self.channels = channels
        if kind == "constant":
            self.constant = nn.Parameter(torch.randn(channels, 7, 7))
        else:
            self.linear = nn.Linear(w_dim, channels * 7 * 7)

    def forward(self, w: Tensor) -> Tensor:
        """Return maps, shape (n, w_dim) -> (n, channels, 7, 7)."""
        if hasattr(self, "constant"):
            return self.constant.expand(len(w), -1, -1, -1)
        return self.linear(w).unflatten(1, (self.channels, 7, 7))


class StyledLayer(nn.Module):
    """A layer; noise, added with a learned strength a channel; AdaIN by a style of w; LeakyReLU."""

    def __init__(self, layer: nn.Module, channels: int, w_dim: int):
        super().__init__()
        self.layer = layer
        self.strength = nn.Parameter(torch.zeros(channels, 1, 1))
        self.style = nn.Linear(w_dim, 2 * channels)
        nn.init.ones_(self.style.bias[:channels])  # scales start around 1, shifts around 0
        nn.init.zeros_(self.style.bias[channels:])

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        """Return what the next layer gets; `noise` has shape (n, 1, h, h)."""
        scale, shift = self.style(w).chunk(2, dim=1)
        return leaky_relu(adain(self.layer(x) + self.strength * noise, scale, shift), 0.2)


class StyleGenerator(Generator):
    """z -> w by a mapping network, and w -> image by layers that take their styles from it.

    A row of z holds the latent numbers first and then the noise of all layers, so that z is all
    that is random. G also takes a row for each layer, shape (n, 3, latent_dim): each layer then
    takes its style from its own row, and the noise is the first row's.

    Args:
        mapping: layers from (n, n_latent) to (n, w_dim).
        layers: the styled layers; the first takes w.
        to_image: layers from the last one's channels to images.
        n_latent: numbers of z that are latent.
        sizes: pixels along an edge of each layer's maps.
    """

    def __init__(
        self,
        mapping: nn.Module,
        layers: Sequence[StyledLayer],
        to_image: nn.Module,
        n_latent: int,
        sizes: Sequence[int],
    ):
        self.n_latent, self.sizes = n_latent, tuple(sizes)
        super().__init__(mapping, n_latent + sum(size * size for size in sizes))
        self.layers, self.to_image = nn.ModuleList(layers), to_image

    def latent(self, z: Tensor) -> Tensor:
        """Return the latent numbers of z, shape (n, n_latent)."""
        return z[..., : self.n_latent]

    def noise(self, z: Tensor) -> Tensor:
        """Return the noise of all layers, shape (n, 49 + 49 + 196)."""
        return z[..., self.n_latent :]

    def mapping(self, z: Tensor) -> Tensor:
        """Return w of z, or of its latent numbers alone."""
        return self.net(self.latent(z))

    def synthesis(self, w: Sequence[Tensor], noise: Tensor) -> Tensor:
        """Return images whose layers take their styles from w[0], w[1], w[2].

        Args:
            w: a w for each layer, coarse to fine, shape (n, w_dim) each.
            noise: shape (n, 49 + 49 + 196).

        Raises:
            ValueError: there is not one w for each layer.
        """
        if len(w) != len(self.layers):
            raise ValueError(f"w holds {len(w)} styles; it must hold {len(self.layers)}")
        maps = noise.split([size * size for size in self.sizes], dim=1)
        x = w[0]
        for layer, its_w, its_noise, size in zip(self.layers, w, maps, self.sizes, strict=True):
            x = layer(x, its_w, its_noise.unflatten(1, (1, size, size)))
        return self.to_image(x)

    def forward(self, z: Tensor) -> Tensor:
        """Return G(z), shape (n, latent_dim) or (n, 3, latent_dim) -> (n, 1, 28, 28)."""
        if z.dim() == 2:
            checks.shape("z", z, "n", self.latent_dim)
            return self.synthesis([self.mapping(z)] * len(self.layers), self.noise(z))
        checks.shape("z", z, "n", len(self.layers), self.latent_dim)
        return self.synthesis(self.mapping(z).unbind(1), self.noise(z[:, 0]))


def style_pair(
    start: str = "linear", seed: int = 0, n_latent: int = 64, channels: Sequence[int] = (48, 32, 16)
) -> tuple[StyleGenerator, Discriminator]:
    """Return G, a small StyleGAN for 28 x 28 pixels, and lesson 09's D with 256 hidden units.

    Args:
        start: "constant", as in StyleGAN, or "linear": the first map is a linear function of w.
        seed: start of the weights.
        n_latent: latent numbers of z, and numbers of w.
        channels: of the three styled layers.

    Source: Karras, Laine and Aila 2019; the linear start is the traditional input of their
    configuration C.
    """
    first, second, third = channels
    with seeded(seed):
        mapping = nn.Sequential(
            nn.Linear(n_latent, n_latent), nn.LeakyReLU(0.2), nn.Linear(n_latent, n_latent)
        )
        for linear in mapping[::2]:  # w about as large as z: PyTorch's own start shrinks it
            nn.init.kaiming_normal_(linear.weight, 0.2)
            nn.init.zeros_(linear.bias)
        bodies = (
            Start(start, first, n_latent),
            nn.Conv2d(first, second, kernel_size=3, padding=1),
            nn.ConvTranspose2d(second, third, kernel_size=4, stride=2, padding=1),
        )
        layers = [StyledLayer(*each, n_latent) for each in zip(bodies, channels, strict=True)]
        to_image = nn.Sequential(
            nn.Conv2d(third, 4, kernel_size=3, padding=1), nn.PixelShuffle(2), nn.Tanh()
        )
        G = StyleGenerator(mapping, layers, to_image, n_latent, (7, 7, 14))
    return G, convolutional_pair(seed=seed, d_hidden=256)[1]


# --- truncation ------------------------------------------------------------------------------


@torch.no_grad()
def mean_w(G: StyleGenerator, n: int = 10_000, seed: int = 0) -> Tensor:
    """Return the mean of w over `n` z ~ N(0, I), shape (w_dim,)."""
    draw = torch.Generator(next(G.parameters()).device).manual_seed(seed)
    return G.mapping(G.sample_z(n, draw)).mean(dim=0)


def truncate(w: Tensor, mean: Tensor, psi: float) -> Tensor:
    """Return mean + psi (w - mean): w nearer to its mean, where psi lies below 1."""
    return mean + psi * (w - mean)


# --- mixing regularisation -------------------------------------------------------------------


class MixingTurn(Turn):
    """The usual turn, where a share of images takes its styles from two z.

    Args:
        mixing: probability that an image is mixed; from which layer on the second z counts is
            drawn for each image.

    Source: Karras, Laine and Aila 2019, section 3.1.
    """

    def __init__(self, mixing: float = 0.0):
        self.mixing = mixing

    @property
    def mixing(self) -> float:
        """Probability that an image is mixed; the next step follows an assignment."""
        return self._mixing

    @mixing.setter
    def mixing(self, value: float) -> None:
        """Raise ValueError for what is no probability."""
        if not 0 <= value <= 1:  # NaN fails too
            raise ValueError(f"mixing is {value}; it must be a probability, from 0 to 1")
        self._mixing = value

    def draw_z(self, game, n: int) -> Tensor:
        """Return one z an image, or one for each layer."""
        z = game.G.sample_z(n, game.generator)
        if not self.mixing:
            return z
        other = game.G.sample_z(n, game.generator)
        draw = {"generator": game.generator, "device": z.device}
        n_layers = len(game.G.layers)
        begins = torch.randint(1, n_layers, (n, 1, 1), **draw)
        begins[torch.rand(n, 1, 1, **draw) >= self.mixing] = n_layers
        layer = torch.arange(n_layers, device=z.device).view(1, -1, 1)
        return torch.where(layer < begins, z[:, None], other[:, None])
