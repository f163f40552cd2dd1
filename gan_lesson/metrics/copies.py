"""Nearest training images, and whether samples lie nearer to them than new data does.

Every set may be images or rows of features (see `metrics` for their shapes); those of one call
are of one kind.
"""

from typing import NamedTuple

import numpy as np
from torch import Tensor

from gan_lesson.metrics.samples import squared_distances, two_sets


class Nearest(NamedTuple):
    """For each image: the row of its nearest training image, and how far away that is.

    index: int64, shape (n,). distance: float64, shape (n,), the length of the difference of
    all pixels on the scale from -1 to 1 (for 28 x 28 pixels at most 56).
    """

    index: np.ndarray
    distance: np.ndarray


def nearest_training_images(images: Tensor | np.ndarray, training: Tensor | np.ndarray) -> Nearest:
    """Return the training image nearest to each image, by plain pixel distance.

    Pixel distance sees a copy and a nearly equal image; a copy that is shifted by one pixel
    is far away for it. Compare `features` of both sets to find such copies too.

    Raises:
        ValueError: a set is empty or not finite, or the two do not fit together.
    """
    a, b = two_sets("images", images, "training", training)
    index = np.empty(len(a), np.int64)
    distance = np.empty(len(a))
    for start in range(0, len(a), 500):  # a table of distances that fits into the memory
        rows = slice(start, start + 500)
        index[rows] = squared_distances(a[rows], b).argmin(axis=1)
        exact = a[rows].astype(np.float64) - b[index[rows]]  # 0 for a copy, which products miss
        distance[rows] = np.sqrt((exact**2).sum(axis=1))
    return Nearest(index, distance)


class MemorisationCheck(NamedTuple):
    """How near samples and new real images come to the training images.

    samples: distance of each sample from its nearest training image, shape (n,).
    held_out: the same for real images that were not trained on, shape (m,).
    closer: the chance that a random sample is nearer to its training image than a random
    held-out image is to its own (ties count half): 1/2 if the two distributions agree, near 1
    for copies.
    too_close: share of the samples that are nearer than all but the nearest 1 % of the
    held-out images: about .01 if the distributions agree, near 1 for copies.
    """

    samples: np.ndarray
    held_out: np.ndarray
    closer: float
    too_close: float


def memorisation_check(
    samples: Tensor | np.ndarray,
    training: Tensor | np.ndarray,
    held_out: Tensor | np.ndarray,
) -> MemorisationCheck:
    """Compare samples' distances from the training images with those of new real images.

    A generator that copies comes nearer to its training images than new real images do; one
    that has learned the distribution comes about as near.

    Args:
        samples: generated images.
        training: what the generator's discriminator was trained on.
        held_out: real images that neither player has seen.

    Raises:
        ValueError: as `nearest_training_images`.

    Source: the comparison with held-out images is that of Meehan, Chaudhuri and Dasgupta
    2020, "A non-parametric test to detect data-copying in generative models".
    """
    near = nearest_training_images(samples, training).distance
    far = nearest_training_images(held_out, training).distance
    below = np.searchsorted(np.sort(near), far, side="left")
    not_above = np.searchsorted(np.sort(near), far, side="right")
    closer = float((below + not_above).sum() / (2 * len(near) * len(far)))
    return MemorisationCheck(near, far, closer, float((near < np.quantile(far, 0.01)).mean()))
