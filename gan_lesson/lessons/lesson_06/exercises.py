"""Exercises of lesson 06, digits."""

import copy
import functools
import re
from collections.abc import Mapping

import numpy as np
import torch

from gan_lesson.latent_space import direction
from gan_lesson.lessons.kit.exercise import Exercise

ORDER = "CADB"  # the sheet of curves 1, 2, 3, 4


def _exchanged(i: int, j: int) -> str:
    letters = list(ORDER)
    letters[i], letters[j] = letters[j], letters[i]
    return "".join(letters)


MATCH = Exercise(
    "match",
    reference=ORDER,
    mistakes=[
        (
            _exchanged(0, 1),
            "Curves 1 and 2 are exchanged: where D(x) is 1 and D(G(z)) is 0, D tells all of G's "
            "images apart at once. Would it, if they were digits?",
        ),
        (
            _exchanged(2, 3),
            "Curves 3 and 4 are exchanged: in 4 hardly anything moves, so its G draws nearly what "
            "it drew before training.",
        ),
        (
            _exchanged(1, 2),
            "Curves 2 and 3 are exchanged: in 3 D believes G (D(G(z)) is 0.88), so G has found "
            "something that this D likes; in 2 D hardly ever does.",
        ),
        (
            _exchanged(0, 2),
            "Curves 1 and 3 are exchanged: G's loss near 0 looks like success, but D stood still.",
        ),
        (
            _exchanged(0, 3),
            "Curves 1 and 4 are exchanged: to be near ½ from the first step on is no success.",
        ),
        (
            _exchanged(1, 3),
            "Curves 2 and 4 are exchanged: in 4 hardly anything moves, so its G draws nearly what "
            "it drew before training.",
        ),
    ],
    hints=(
        "Begin with the sheet that shows digits. Which curves have D close to ½ but not on it?",
        "An untrained G draws even grey. Which curves never leave the dashed line?",
    ),
)


def check_match(answer):
    """Check which sheet belongs to which curves: four letters, in any spelling."""
    if isinstance(answer, Mapping):
        answer = list(answer.items())
    if isinstance(answer, (list, tuple, np.ndarray)):
        answer = " ".join(map(str, answer))
    if isinstance(answer, str):
        signs = re.findall(r"[A-Z]|\d", re.sub(r"CURVES?|SHEETS?", "", answer.upper()))
        answer = _in_order(signs) if any(map(str.isdigit, signs)) else "".join(signs)
    return MATCH.check(answer)


def _in_order(signs: list[str]) -> str:
    """Return the letters in the order of their numbers, if each number has one letter."""
    pairs = sorted(sorted(signs[i : i + 2]) for i in range(0, len(signs), 2))
    numbers = "".join(pair[0] for pair in pairs)
    return "".join(pair[-1] for pair in pairs) if numbers == "1234" else "".join(signs)


def _images(seed: int, n: int) -> np.ndarray:
    """Return n images whose contrasts differ, so that each wrong measure finds another one."""
    draw = np.random.default_rng(seed)
    images = draw.standard_t(3, (n, 28, 28)) * draw.uniform(0.1, 0.6, (n, 1, 1))
    return np.clip(images, -1, 1).astype(np.float32)


# seeds and numbers of training images: none of the wrong measures below is right on two of them
_CASES = ((283, 8), (47, 8), (170, 7), (317, 6))


def _close_race(pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return an image and five near ones; the first two cost 7.84 and `pixels`.

    The others exclude measures that pass over a constant, the border or the middle.
    """
    draw = np.random.default_rng(5)
    image = draw.uniform(-0.6, -0.1, (28, 28))
    inside = np.zeros((28, 28))
    inside[4:24, 4:24] = 1
    flat = 0.1 * np.sign(draw.standard_normal((28, 28)))
    few = (draw.permutation(784) < pixels).reshape(28, 28)
    rows = np.stack([flat, few, 0.15 + 0 * flat, 0.3 * (1 - inside), 0.3 * inside])
    return image.astype(np.float32), (image + rows).astype(np.float32)


def _nearest(image, training) -> int:
    return int(((training - image) ** 2).sum(axis=(1, 2)).argmin())


def _sums(image, training) -> np.ndarray:
    return ((training - image) ** 2).sum(axis=(1, 2))


NEAREST = Exercise(
    "nearest",
    reference=_nearest,
    cases=[(_images(seed, 1)[0], _images(100 + seed, n)) for seed, n in _CASES]
    + [_close_race(8), _close_race(7)],
    mistakes=[
        (
            lambda image, training: int(_sums(image, training).argmax()),
            "That is the training image that is farthest away.",
        ),
        (
            lambda image, training: float(_sums(image, training).min()),
            "That is the smallest distance, not the index of the image that has it.",
        ),
        (_sums, "Those are all the distances. Which one is the smallest, and where is it?"),
        (
            lambda image, training: int(((training - image) ** 2).argmin()),
            "That is where one single pixel fits best. Add up each image's 784 pixels first.",
        ),
        (
            lambda image, training: int(((training - image) ** 2).argmin()) // 784,
            "That is the image in which one single pixel fits best. Add up its 784 pixels first.",
        ),
        (
            lambda image, training: int(((training - image) ** 2).max(axis=(1, 2)).argmin()),
            "You took the largest square of each image. Add up all its squares.",
        ),
        (
            lambda image, training: int(np.abs(training - image).sum(axis=(1, 2)).argmin()),
            "You added up differences without their squares.",
        ),
        (
            lambda image, training: int(_sums(image, training).sum().argmin()),
            "You added up over all images too. Sum over the two axes of the pixels only.",
        ),
        (
            lambda image, training: float(((training - image) ** 2).sum()),
            "That is one sum over all images. Sum over the two axes of the pixels only.",
        ),
        (
            lambda image, training: np.argmin(((training - image) ** 2).sum(axis=0)),
            "You summed over the images. Sum over the pixels, axes 1 and 2.",
        ),
    ],
    hints=(
        "First you need one number for each training image, shape (n,): the sum over its pixels.",
        "`sum` takes axis=(1, 2), and `argmin()` gives the place of the smallest number.",
    ),
)


def check_nearest(answer):
    """Check the index of the nearest training image."""
    return spared(NEAREST.check(answer), NEAREST)


def spared(answer, exercise: Exercise):
    """Return a right answer so that the lesson can go on with it.

    What changes its arguments gets copies, and what gives no tensor of the arguments' kind
    where ours does is made one. Both are said.
    """
    case = exercise.cases[0]
    tried, ours = copy.deepcopy(case), exercise.reference(*case)
    result = answer(*tried)
    pairs = zip(tried, case, strict=True)
    told = [] if all((a == b).all() for a, b in pairs) else ["It works on copies of its arguments."]
    if torch.is_tensor(ours) and getattr(result, "dtype", None) is not ours.dtype:
        told.append("What it gives is made a tensor.")
    if not told:
        return answer
    print(*told)

    @functools.wraps(answer)
    def safe(*arguments):
        result = answer(*copy.deepcopy(arguments))
        return torch.as_tensor(result, dtype=ours.dtype) if torch.is_tensor(ours) else result

    return safe


_Z = torch.randn(5, 64, generator=torch.Generator().manual_seed(0))
_Z = _Z * torch.arange(1.0, 6.0)[:, None]  # of clearly different lengths


def _to_sphere(z):
    return z / z.norm(dim=1, keepdim=True) * z.shape[1] ** 0.5


TO_SPHERE = Exercise(
    "to_sphere",
    reference=_to_sphere,
    cases=[(_Z,), (_Z[:2, :9],)],
    tolerance=1e-5,
    mistakes=[
        (
            lambda z: z / z.norm() * z.shape[1] ** 0.5,
            "That is the length of the whole batch together. Each z needs its own: dim=1.",
        ),
        (
            lambda z: z / (z**2).sum(dim=1, keepdim=True) * z.shape[1] ** 0.5,
            "That is the squared length. The root is missing.",
        ),
        (
            lambda z: z / z.abs().sum(dim=1, keepdim=True) * z.shape[1] ** 0.5,
            "That is the sum of absolute values. The length is the root of the sum of squares.",
        ),
        (
            lambda z: z / z.std(dim=1, keepdim=True) * z.shape[1] ** 0.5,
            "That is the standard deviation, which takes the mean away and divides by "
            "latent_dim − 1.",
        ),
        (
            lambda z: z / z.norm(dim=0, keepdim=True) * z.shape[1] ** 0.5,
            "That is one length for each coordinate, over the batch. Take dim=1.",
        ),
        (
            lambda z: z / z.norm(dim=1),
            "The shape is (n,), and cannot divide (n, latent_dim) row by row: keepdim=True.",
        ),
    ],
    hints=(
        "The length is the root of the sum of the squares of one z's coordinates.",
        "`z.norm` with dim=1 is the length of each z. What does its argument keepdim=True keep?",
    ),
)


def check_to_sphere(answer):
    """Check the way back to the sphere."""
    return spared(TO_SPHERE.check(answer), TO_SPHERE)


_SCORE = torch.tensor([3.0, -1.0, 0.5, 2.0, 17.0])  # median 2, mean 4.3


def _halves(z, score):
    high = score > score.median()
    return z[high], z[~high]


def _of_halves(combine):
    return lambda z, score: combine(*_halves(z, score))


DIRECTION = Exercise(
    "direction",
    reference=direction,
    cases=[(_Z, _SCORE), (_Z[:4, :6], _SCORE[:4])],
    tolerance=1e-5,
    mistakes=[
        (
            _of_halves(lambda high, low: low.mean(dim=0) - high.mean(dim=0)),
            "The sign: that leads from the high scores to the low ones.",
        ),
        (
            _of_halves(lambda high, low: high.mean(dim=0)),
            "That is the mean of the high half alone. From where does the direction start?",
        ),
        (
            _of_halves(lambda high, low: high.sum(dim=0) - low.sum(dim=0)),
            "Sums grow with the number of z in each half. Take means.",
        ),
        (
            _of_halves(lambda high, low: high.mean() - low.mean()),
            "That is one number: you averaged over the coordinates too. Take dim=0 only.",
        ),
        (
            lambda z, score: direction(z, score) / direction(z, score).norm(),
            "The way is right, but you changed its length. Leave the difference as it is.",
        ),
        (
            _of_halves(lambda high, low: (high.mean(dim=0) + low.mean(dim=0)) / 2),
            "That is the point half way between the halves, not the way from one to the other.",
        ),
    ],
    hints=(
        "Two means over the z of a half, shape (latent_dim,) each; and then?",
        "`z[high]` are the high-scored z, `z[~high]` the others. The way from b to a is a − b.",
    ),
)


def check_direction(answer):
    """Check the difference of two means."""
    return spared(DIRECTION.check(answer), DIRECTION)
