"""Lesson 06: its predictions and verdicts, the checks of its exercises, its alternative texts."""

import math
from collections.abc import Mapping

import numpy as np
import torch

from gan_lesson.latent_space import direction
from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction, Prediction
from gan_lesson.metrics import MemorisationCheck

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"


# --- exercises -----------------------------------------------------------------------------------

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
            "Curves 3 and 4 are exchanged: in 4 nothing moves at all, so its G draws what it drew "
            "before training.",
        ),
        (
            _exchanged(1, 2),
            "Curves 2 and 3 are exchanged: in 3 D believes G (D(G(z)) near 1), so G has found "
            "something that this D likes; in 2 it is pushed about in vain.",
        ),
        (
            _exchanged(0, 2),
            "Curves 1 and 3 are exchanged: G's loss near 0 looks like success, but D stood still.",
        ),
        (
            _exchanged(0, 3),
            "Curves 1 and 4 are exchanged: exactly ½ from the first step on is no success.",
        ),
        (
            _exchanged(1, 3),
            "Curves 2 and 4 are exchanged: in 4 nothing moves at all, so its G draws what it drew "
            "before training.",
        ),
    ],
    hints=(
        "Begin with the sheet that shows digits. Which curves have D close to ½ but not on it?",
        "An untrained G draws even grey. Which curves never leave the dashed line?",
    ),
)


def check_match(answer):
    """Check which sheet belongs to which curves: four letters."""
    if isinstance(answer, str):
        answer = "".join(answer.upper().replace(",", " ").split())
    return MATCH.check(answer)


_IMAGES = np.random.default_rng(0).uniform(-1, 1, (7, 28, 28)).astype(np.float32)


def _nearest(image, training) -> int:
    return int(((training - image) ** 2).sum(axis=(1, 2)).argmin())


def _sums(image, training) -> np.ndarray:
    return ((training - image) ** 2).sum(axis=(1, 2))


NEAREST = Exercise(
    "nearest",
    reference=_nearest,
    cases=[(0.9 * _IMAGES[5] + 0.1 * _IMAGES[2], _IMAGES[:6]), (_IMAGES[1], _IMAGES)],
    mistakes=[
        (
            lambda image, training: int(_sums(image, training).argmax()),
            "That is the training image that is farthest away.",
        ),
        (
            lambda image, training: float(_sums(image, training).min()),
            "That is the smallest distance, not the index of the image that has it.",
        ),
        (_sums, "Those are all the distances; which one is the smallest, and where is it?"),
        (
            lambda image, training: int(((training - image) ** 2).argmin()),
            "That is where one single pixel fits best. Add up each image's 784 pixels first.",
        ),
        (
            lambda image, training: float(((training - image) ** 2).sum()),
            "You added up over all images too. Sum over the two axes of the pixels only.",
        ),
        (
            lambda image, training: np.argmin(((training - image) ** 2).sum(axis=0)),
            "You summed over the images. Sum over the pixels, axes 1 and 2.",
        ),
    ],
    hints=(
        "First one number for each training image, shape (n,): the sum over its pixels.",
        "`sum` takes axis=(1, 2); the place of the smallest number is its `argmin()`.",
    ),
)


def check_nearest(answer):
    """Check the index of the nearest training image."""
    return NEAREST.check(answer)


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
            "That is the standard deviation, which takes the mean away and divides by n − 1.",
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
        "`z.norm(dim=1, keepdim=True)`: what do its two arguments do?",
    ),
)


def check_to_sphere(answer):
    """Check that every z gets the length sqrt(latent_dim)."""
    return TO_SPHERE.check(answer)


_SCORE = torch.tensor([3.0, -1.0, 0.5, 2.0, 7.0])


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
    """Check the difference of two mean z."""
    return DIRECTION.check(answer)


# --- predictions and verdicts --------------------------------------------------------------------


def ask_where_d_stands() -> Prediction:
    """Ask where D's two answers settle while both players train."""
    truth = "D(x) a little above ½, D(G(z)) a little below"
    return predict_choice(
        "After a minute of training, where will D(x) and D(G(z)) stand?",
        [
            "D(x) near 1 and D(G(z)) near 0: the detective wins",
            "both exactly ½: the forger has won",
            truth,
        ],
        truth=truth,
        why="Both improve together: D stays a little better than guessing, never far ahead.",
        name="digits-where-d-stands",
    )


def ask_curves_after_the_start() -> ChoicePrediction:
    """Ask what the curves do while the samples improve."""
    truth = "the images become several times better, the curves hardly move"
    return predict_choice(
        "From step 1,000 to step 20,000 of the long run: what happens to the images (their "
        "Fréchet distance) and to D(x), D(G(z)) and the losses?",
        [
            truth,
            "both losses fall towards 0 as the images become better",
            "G's loss falls to log 2 and stays, then the images stop improving",
        ],
        truth=truth,
        why="Each curve measures one player against the other. When both improve at one pace, "
        "nothing shows.",
        name="digits-curves-after-the-start",
    )


def ask_memoriser_distance() -> ChoicePrediction:
    """Ask what a generator of exact copies scores."""
    truth = "about the floor, as real digits do"
    return predict_choice(
        "A “generator” returns images of the training set, drawn at random. What is its Fréchet "
        "distance from MNIST's test digits?",
        ["exactly 0", truth, "far above the trained G: cheating does not pay"],
        truth=truth,
        why="Its images are real digits; their features have the right mean and covariance. Not 0, "
        "because the test digits are other ones.",
        name="digits-memoriser",
    )


def ask_length_half_way() -> NumberPrediction:
    """Ask for |z| half way on the line between two z of length 8."""
    return predict_number(
        "Two z in 64 dimensions, drawn independently from N(0, I), each about 8 long. How long is "
        "the point half way between them, (z + z′) / 2?",
        truth=8 / math.sqrt(2),
        tolerance=0.3,
        low=0.0,
        high=10.0,
        step=0.1,
        unit="",
        why="In many dimensions two random directions are nearly at right angles, so |z + z′| is "
        "about 8 √2, and half of it 5.66. Hardly any z ~ N(0, I) is so short.",
        name="digits-length-half-way",
    )


def ask_one_coordinate() -> ChoicePrediction:
    """Ask what moving a single coordinate of z does."""
    truth = "a little of everything, differently for each digit"
    return predict_choice(
        "z has 64 coordinates. What does moving one of them from 0 to 2 do to ten different "
        "digits?",
        [
            "it changes one property in all of them, such as slant or thickness",
            "it turns them into another digit",
            truth,
        ],
        truth=truth,
        why="The law of z is the same in every direction, so nothing in training ties a property "
        "to an axis. And one coordinate is a small part of the length 8.",
        name="digits-one-coordinate",
    )


def ask_claim_d_loss_zero() -> ChoicePrediction:
    """Ask for a verdict on claim 13: that a loss of D near 0 is good."""
    return _ask_verdict(
        "“D's loss near 0 is good: it has learned its task.”",
        "D separates real from generated, by whatever trace. That is no sign of good samples: see "
        "curves 2 and their sheet.",
        "claim-13-d-loss-zero",
    )


def ask_claim_losses_apart() -> ChoicePrediction:
    """Ask for a verdict on claim 14: that losses which part mean failure."""
    return _ask_verdict(
        "“D's loss going down and G's going up means that training has failed.”",
        "It happens in good runs too: D is a little ahead. The samples decide.",
        "claim-14-losses-apart",
    )


def ask_claim_no_error_metric() -> ChoicePrediction:
    """Ask for a verdict on claim 19: that generative models have no error metric."""
    return _ask_verdict(
        "“Generative models have no error metric.”",
        "Models with a likelihood are scored by it, GANs on their samples; each score is blind to "
        "something.",
        "claim-19-no-error-metric",
    )


def ask_claim_copying() -> ChoicePrediction:
    """Ask for a verdict on claim 10: that the generator learns to copy."""
    return _ask_verdict(
        "“The generator learns to copy real images.”",
        "The aim is the distribution, and G never sees an image; but a game on a finite set is "
        "won by copying it, so one has to look.",
        "claim-10-copying",
    )


def ask_claim_gaussian() -> ChoicePrediction:
    """Ask for a verdict on claim 15: that the noise must be Gaussian."""
    return _ask_verdict(
        "“The noise must be Gaussian.”",
        "Any continuous law will do that is easy to draw from and has enough dimensions. In the "
        "plane of lesson 07 you can try others.",
        "claim-15-gaussian",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"A tutorial says: {claim} What is your verdict?"
    return predict_choice(question, [HOLDS, FALSE], FALSE, why, name)


# --- alternative texts ---------------------------------------------------------------------------

DESCRIPTION_OF_THE_MATCH = (
    "Four columns of curves above four sheets. Curves 1: D(x) near .54 and D(G(z)) near .46, "
    "losses near 1.28 and .84. Curves 2: D(x) 1, D(G(z)) 0 and D's loss 0, but for the start and "
    "one short peak near step 220; G's loss large. Curves 3: D(x) stays at ½, D(G(z)) rises to "
    ".88, G's loss falls to .13. Curves 4: everything stays on the lines. Sheets: A harsh noise, "
    "uneven from image to image, B even grey noise, C digits, D a fine pattern of black and white "
    "dots, the same in all nine places."
)


def describe_ladder(ladder: Mapping[str, float]) -> str:
    """Return a ladder of Fréchet distances as one sentence."""
    told = ", ".join(f"{name} {distance:,.1f}" for name, distance in ladder.items())
    return f"Fréchet distances on a logarithmic axis: {told}."


def describe_distances(in_pixels: MemorisationCheck, in_features: MemorisationCheck) -> str:
    """Return two checks for copies as one sentence."""
    told = ", ".join(
        f"{name}: median {np.median(check.samples):.1f} for samples, "
        f"{np.median(check.held_out):.1f} for new real digits"
        for name, check in (("in pixels", in_pixels), ("in features", in_features))
    )
    return f"Histograms of the distance to the nearest training image that lie together; {told}."


def describe_lengths(lengths: Mapping[str, np.ndarray]) -> str:
    """Return histograms of |z| as one sentence."""
    told = ", ".join(f"{name} {x.mean():.2f} ± {x.std():.2f}" for name, x in lengths.items())
    return f"Two narrow histograms of lengths that overlap little: {told}."
