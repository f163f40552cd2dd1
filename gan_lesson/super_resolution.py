"""Super-resolution: small images, what fits them, and SRGAN's turn: a content loss and D.

    y = shrink(x)                          # 28 x 28 -> 7 x 7, means of 4 x 4 pixels
    x_hat = enlarge(y)                     # one of many images that shrink to y
    x_hat = back_project(x_hat, y)         # the nearest image to x_hat that does

Large images x, x_hat have shape (n, 1, h, h), small ones y (n, 1, size, size), and `size` divides
h. What does not fit raises ValueError. First used in lesson 11.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, mse_loss

from gan_lesson import checks
from gan_lesson.losses import GENERATOR_LOSSES, generator_loss
from gan_lesson.trainer import Trainer
from gan_lesson.turns import Turn

# --- small and large images ------------------------------------------------------------------


def shrink(x: Tensor, size: int = 7) -> Tensor:
    """Return images of `size` x `size` pixels, each the mean of the square it stands for."""
    checks.shape("x", x, "n", 1, "h", "h")
    return avg_pool2d(x, _times(x.shape[-1], size))


def enlarge(y: Tensor, size: int = 28) -> Tensor:
    """Return images of `size` x `size` pixels, each pixel of y a square of equal ones."""
    checks.shape("y", y, "n", 1, "h", "h")
    times = _times(size, y.shape[-1])
    return y.repeat_interleave(times, dim=2).repeat_interleave(times, dim=3)


def _times(large: int, small: int) -> int:
    checks.count("size", small)
    if large % small:
        raise ValueError(f"{large} pixels cannot be shared among {small}; take a divisor")
    return large // small


def back_project(x_hat: Tensor, y: Tensor) -> Tensor:
    """Return the image nearest to `x_hat` that shrinks to `y`: x_hat + enlarge(y - shrink(x_hat)).

    If y = shrink(x), then |x_hat - x|^2 = |result - x|^2 + t^2 |y - shrink(x_hat)|^2, where one
    pixel of y stands for t x t of x: no image comes farther from its original.

    Raises:
        ValueError: a shape does not fit, or there are more images of one kind than of the other.

    Source: Irani and Peleg 1991 (iterative back-projection); here one step is the projection.
    """
    checks.shape("y", y, "n", 1, "h", "h")
    if len(y) != len(x_hat):
        raise ValueError(f"x_hat holds {len(x_hat)} images and y {len(y)}; they must agree")
    return x_hat + enlarge(y - shrink(x_hat, y.shape[-1]), x_hat.shape[-1])


# --- restorations without a network ----------------------------------------------------------


def nearest_by_small_image(y: Tensor, small_training: Tensor, k: int = 30) -> Tensor:
    """Return which `k` training images have the nearest small images to each y, nearest first.

    Args:
        y: small images, shape (n, 1, size, size).
        small_training: small images of the training set, shape (m, 1, size, size).
        k: from 1 to m.

    Returns:
        Row numbers, int64, shape (n, k).
    """
    checks.shape("y", y, "n", 1, "h", "h", least=1)
    checks.shape("small_training", small_training, "m", 1, *y.shape[2:], least=1)
    checks.count("k", k, most=len(small_training))
    rows, training = y.flatten(1), small_training.flatten(1)
    half_length = training.square().sum(dim=1) / 2
    parts = [half_length - part @ training.T for part in rows.split(500)]
    return torch.cat([part.topk(k, largest=False).indices for part in parts])


def mean_of_nearest(training: Tensor, nearest: Tensor, k: int) -> Tensor:
    """Return for each row of `nearest` the mean of the first `k` training images it names.

    Args:
        training: large images, shape (m, 1, h, h).
        nearest: row numbers, shape (n, at least k), as `nearest_by_small_image` returns them.
        k: how many to average, 1 or more.

    Returns:
        Images, shape (n, 1, h, h).
    """
    checks.shape("nearest", nearest, "n", "k")
    checks.count("k", k, most=nearest.shape[1])
    total = training[nearest[:, 0]].clone()
    for column in nearest[:, 1:k].T:
        total += training[column]
    return total / k


# --- training --------------------------------------------------------------------------------


class ContentTurn(Turn):
    """SRGAN's turn: G minimises content loss + adversarial_weight * its adversarial loss.

    G gets small images shrink(x) instead of latent vectors, and is asked to return x; D tells
    images x from restorations G(shrink(x)), and sees no small image. The first turns are pixel
    loss alone, and all turns at weight 0 are content loss alone: D waits, and is asked about a few
    images for the record.

    Args:
        adversarial_weight: 0 or more.
        start_steps: turns of pixel loss alone before D and `features` take part, 0 or more.
        features: function of images whose mean squared difference is the content loss; the
            images themselves if left out.

    Source: Ledig et al. 2017, equations 3 to 6; the start by pixel loss: their section 3.2.
    """

    plays = GENERATOR_LOSSES
    ignores = {"simultaneous": False}
    why = "SRGAN's players move in turn"
    n_looked_at = 16

    def __init__(
        self,
        adversarial_weight: float = 0.1,
        start_steps: int = 0,
        features: Callable[[Tensor], Tensor] | None = None,
    ):
        _check_weight(adversarial_weight)
        checks.count("start_steps", start_steps, 0)
        self.adversarial_weight, self.start_steps = adversarial_weight, start_steps
        self.features = features

    def waits(self, player: str, step: int) -> bool:
        """D waits while nobody listens to it."""
        return player == "D" and (step < self.start_steps or not self.adversarial_weight)

    def draw_z(self, game, n: int) -> Tensor:
        """Return `n` large images; G gets their small ones."""
        return game.draw_real(n)

    def move_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Move D once: it tells x_real from restorations of the images `z`."""
        return super().move_d(game, x_real, shrink(z, game.G.size))

    def look_at_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return D's three numbers, on a few images."""
        few = slice(self.n_looked_at)
        return super().look_at_d(game, x_real[few], shrink(z[few], game.G.size))

    def move_g(self, game, z: Tensor) -> Tensor:
        """Move G once; return its adversarial loss alone, not weighted."""
        x_hat = game.G(shrink(z, game.G.size))
        listens = not self.waits("D", game.step)
        judged = x_hat if listens else x_hat[: self.n_looked_at].detach()
        adversarial = generator_loss(game.D(judged, as_logits=True), game.loss)
        objective = self.content_loss(game, x_hat, z)
        if listens:
            objective = objective + self.adversarial_weight * adversarial
        game.optimizer_g.zero_grad()
        objective.backward(inputs=list(game.G.parameters()))
        game.optimizer_g.step()
        return adversarial.detach()

    def look_at_g(self, game, z: Tensor) -> Tensor:
        """Return G's adversarial loss on a few images."""
        return super().look_at_g(game, shrink(z[: self.n_looked_at], game.G.size))

    def content_loss(self, game, x_hat: Tensor, x: Tensor) -> Tensor:
        """Return the mean squared difference of pixels, or of features after the start."""
        if self.features is None or game.step < self.start_steps:
            return mse_loss(x_hat, x)
        with torch.no_grad():
            wanted = self.features(x)
        return mse_loss(self.features(x_hat), wanted)


def _check_weight(value: float) -> None:
    if not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError(f"adversarial_weight is {value!r}; it must be a number >= 0")


class SuperResolutionTrainer(Trainer):
    """A trainer that plays `ContentTurn`; made by `recipes.super_resolution_trainer`.

    `history.loss_g` is the adversarial part of G's loss, not weighted, so that its chance level
    is log 2 at every weight. Where D waits its curves stand still, and `diagnose`, which expects
    two players that move, must not be asked.
    """

    @property
    def adversarial_weight(self) -> float:
        """Weight of the adversarial loss; like every setting it may be assigned meanwhile."""
        return self.turn.adversarial_weight

    @adversarial_weight.setter
    def adversarial_weight(self, value: float) -> None:
        _check_weight(value)
        self.turn.adversarial_weight = value

    def restore(self, y: Tensor) -> Tensor:
        """Return the averaged generator's restorations of small images, (n, 1, 28, 28)."""
        return self.sample(y)
