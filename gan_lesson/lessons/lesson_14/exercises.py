"""Exercises of lesson 14, whom it can harm."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.lesson_14.base_rate import share_of_accused
from gan_lesson.lessons.lesson_14.membership import tpr_at_fpr

SHARE = Exercise(
    "share_of_accused",
    reference=share_of_accused,
    cases=[(0.9, 0.05, 0.01), (0.8, 0.1, 0.3), (0.5, 0.02, 0.002), (1.0, 0.2, 0.25)],
    mistakes=[
        (
            lambda caught, accused, share: caught / (caught + accused),
            "This is right only where half of the images are generated. The share is missing.",
        ),
        (
            lambda caught, accused, share: share * caught / (share * caught + accused),
            "Only real images are accused wrongly, and they are not all images.",
        ),
        (
            lambda caught, accused, share: share * caught,
            "This is a share of all images. The question is about the accused ones.",
        ),
        (
            lambda caught, accused, share: share * caught + (1 - share) * accused,
            "This is how many are accused. How many of them are generated?",
        ),
        (
            lambda caught, accused, share: (
                (1 - share) * accused / (share * caught + (1 - share) * accused)
            ),
            "This is the share of the accused who are real.",
        ),
        (
            lambda caught, accused, share: share * caught / ((1 - share) * accused),
            "You divide by the real accused ones. Divide by all accused ones.",
        ),
        (
            lambda caught, accused, share: (
                (1 - share) * caught / ((1 - share) * caught + share * accused)
            ),
            "You took the share of generated images for that of real ones.",
        ),
        (
            lambda caught, accused, share: (
                share * caught / (share * caught + (1 - share) * (1 - accused))
            ),
            "You counted the real images that are left alone.",
        ),
    ],
    hints=(
        "Count on 1,000 images: how many generated ones are accused, and how many real ones?",
        "The accused are of two kinds. Divide the number of one kind by that of both.",
    ),
)


def _scores(n_low: int, n_high: int, low: float, high: float) -> np.ndarray:
    """Return scores in two heaps, the lower ones from 0 to `low`, the others from `high` up."""
    return np.concatenate([np.linspace(0, low, n_low), high + np.linspace(0, 1, n_high)])


# Every threshold that lets this share of the others pass lies between the heaps, however it is
# found: no member stands there.
_CASES = [
    (_scores(60, 40, 0.9, 7), _scores(90, 10, 1, 5), 0.1),
    (_scores(30, 20, 0.9, 7), _scores(198, 2, 1, 5), 0.01),
    (_scores(10, 30, 0.9, 5.2), _scores(50, 50, 1, 5), 0.5),
    (_scores(19, 1, 0.9, 7)[::-1].copy(), _scores(160, 40, 1, 5)[::-1].copy(), 0.2),
]

TPR = Exercise(
    "tpr_at_fpr",
    reference=tpr_at_fpr,
    cases=_CASES,
    mistakes=[
        (
            lambda members, others, fpr: np.mean(members > np.quantile(members, 1 - fpr)),
            "You took the threshold from the members. Whoever attacks does not know who they are; "
            "the others set it.",
        ),
        (
            lambda members, others, fpr: np.mean(members > np.quantile(others, fpr)),
            "Most of the others lie above this threshold. Only the share fpr of them may.",
        ),
        (
            lambda members, others, fpr: np.mean(others > np.quantile(others, 1 - fpr)),
            "You counted the others above the threshold. Count the members.",
        ),
        (
            lambda members, others, fpr: np.mean(members < np.quantile(others, 1 - fpr)),
            "You counted those below. A high score says “member”.",
        ),
        (
            lambda members, others, fpr: np.sum(members > np.quantile(others, 1 - fpr)),
            "This is a number of members. A share is asked.",
        ),
        (
            lambda members, others, fpr: np.mean(members > 1 - fpr),
            "You compare scores with a share. First find the score that this share of the others "
            "exceeds.",
        ),
    ],
    hints=(
        "First the threshold, from the others alone. Then count among the members.",
        "`np.quantile(scores, q)` is the score that a share of 1 − q exceeds.",
    ),
)

check_share_of_accused = SHARE.check
check_tpr_at_fpr = TPR.check
