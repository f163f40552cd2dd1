"""A watermark: a secret pattern added to what G draws, a test for it, attacks, and a forger.

Images have shape (n, 1, 28, 28) and lie in [-1, 1]. Strengths are in grey levels of 256, of which
one is 2 / 255 on that scale. A number out of range raises ValueError.
"""

import io
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_lesson import checks
from gan_lesson.data import images_to_tensor, tensor_to_images
from gan_lesson.lessons.lesson_14.detector import as_saved, blurred, whitened

GREY_LEVEL = 2 / 255  # of the scale from -1 to 1
IMAGES_A_FILE = 2000  # of 32 rows; a JPEG holds no more than 65,500
FALSE_ALARMS = 0.001  # share of real digits that the threshold lets pass as marked


def secret_pattern(key: int = 0) -> Tensor:
    """Return +1 or -1 for each pixel, as many of each, drawn from a secret number; (28, 28)."""
    order = torch.randperm(784, generator=torch.Generator().manual_seed(key))
    return torch.where(order % 2 == 0, 1.0, -1.0).view(28, 28)


def marked(x: Tensor, pattern: Tensor, strength: float) -> Tensor:
    """Return images to which the pattern has been added, saved in 8 bits.

    Args:
        x: images.
        pattern: +1 or -1 for each pixel, shape (28, 28).
        strength: how far each pixel moves, in grey levels.
    """
    checks.not_negative("strength", strength)
    return as_saved(x + strength * GREY_LEVEL * pattern)


def correlation(x: Tensor, pattern: Tensor) -> Tensor:
    """Return the mean of pattern times what a blur would take away, of each image, shape (n,).

    That is linear in the image, so one image tells by its slope what each pixel counts: many
    images are multiplied by it, and none is blurred.
    """
    with torch.inference_mode(False), torch.enable_grad():
        pattern = pattern.clone()  # it may have been made where no gradients are kept
        one = torch.zeros(1, *x.shape[1:], dtype=x.dtype, device=x.device, requires_grad=True)
        (counts,) = torch.autograd.grad(((one - blurred(one)) * pattern).sum(), one)
    return (x * counts).mean(dim=(1, 2, 3))


def threshold_for(real: Tensor, pattern: Tensor, false_alarms: float = FALSE_ALARMS) -> float:
    """Return the correlation that only this share of real images exceeds."""
    checks.probabilities("false_alarms", false_alarms)
    return float(torch.quantile(correlation(real, pattern).double(), 1 - false_alarms))


# --- attacks -----------------------------------------------------------------------------------


def as_jpeg(x: Tensor, quality: int = 75) -> Tensor:
    """Return images as JPEG files of this quality keep them."""
    # JPEG treats blocks of 8 x 8 pixels one by one and fills the last ones up with their edge, so
    # that images padded in the same way may share a file
    padded = np.pad(tensor_to_images(x), ((0, 0), (0, 4), (0, 4)), mode="edge")
    kept = []
    for start in range(0, len(padded), IMAGES_A_FILE):
        sheet = padded[start : start + IMAGES_A_FILE]
        file = io.BytesIO()
        Image.fromarray(sheet.reshape(-1, 32)).save(file, "JPEG", quality=quality)
        kept.append(np.asarray(Image.open(file)).reshape(-1, 32, 32)[:, :28, :28])
    return images_to_tensor(np.concatenate(kept))


def noisy(x: Tensor, sd: float = 0.1, seed: int = 0) -> Tensor:
    """Return images with normal noise of standard deviation `sd` in each pixel."""
    return x + sd * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


def moved(x: Tensor) -> Tensor:
    """Return images moved to the right by one pixel."""
    return x.roll(1, dims=3)


ATTACKS: dict[str, Callable[[Tensor], Tensor]] = {
    "saved only": as_saved,
    "noise, sd 0.1": lambda x: as_saved(noisy(x)),
    "JPEG, quality 75": as_jpeg,
    "faint grey to paper": lambda x: as_saved(whitened(x)),
    "blur, 3 × 3": lambda x: as_saved(blurred(x)),
    "moved by a pixel": lambda x: as_saved(moved(x)),
}


# --- the forger --------------------------------------------------------------------------------


def guessed_pattern(published: Tensor) -> Tensor:
    """Return a guess of the pattern from published marked images alone, shape (28, 28).

    In their mean the digits become smooth and the pattern, the same in each, stays rough.
    """
    mean = published.mean(dim=0, keepdim=True)
    return torch.where(mean - blurred(mean) > 0, 1.0, -1.0)[0, 0]
