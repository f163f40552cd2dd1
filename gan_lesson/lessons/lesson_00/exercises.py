"""Exercises of lesson 00, the forgery game."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise

PENALTY = Exercise(
    "penalty",
    reference=lambda p, y: np.where(np.asarray(y) == 1, -np.log(p), -np.log(1 - np.asarray(p))),
    cases=[
        (np.array([0.8]), np.array([1])),
        (np.array([0.8]), np.array([0])),
        (np.array([0.9, 0.3, 0.5, 0.01]), np.array([1, 0, 0, 1])),
    ],
    mistakes=[
        (
            lambda p, y: np.where(y == 1, np.log(p), np.log(1 - p)),
            "The minus is missing: a logarithm of a probability is below 0, a penalty is not.",
        ),
        (
            lambda p, y: np.where(y == 1, -np.log(1 - p), -np.log(p)),
            "The two cases are swapped: the surer you are of the truth, the more you pay.",
        ),
        (lambda p, y: -np.log(p), "A forged image (y = 0) is priced as if it were real."),
        (
            lambda p, y: np.where(y == 1, -np.log10(p), -np.log10(1 - p)),
            "This is the logarithm to base 10; the lessons use the natural one, np.log.",
        ),
        (
            lambda p, y: np.where(y == 1, -np.log2(p), -np.log2(1 - p)),
            "This is the logarithm to base 2; the lessons use the natural one, np.log.",
        ),
        (
            lambda p, y: np.where(y == 1, 1 - p, p),
            "This is the probability given to the wrong side; the penalty takes a logarithm.",
        ),
    ],
    hints=(
        "Which probability did you give to what it really was, if y = 0?",
        "np.where(y == 1, price if real, price if forged), each minus a logarithm.",
    ),
)

RUNNING_MEAN = Exercise(
    "running_mean",
    reference=lambda penalties: np.cumsum(penalties) / np.arange(1, len(penalties) + 1),
    cases=[
        (np.array([0.2, 1.6, 0.6]),),
        (np.array([0.5]),),
        (np.array([0.1, 0.1, 4.6, 0.1, 0.7]),),
    ],
    mistakes=[
        (np.cumsum, "This is the running sum: it grows with every image, however well you play."),
        (
            lambda penalties: np.cumsum(penalties) / len(penalties),
            "Each sum is divided by the length of the whole game, also after the first image.",
        ),
        (
            lambda penalties: np.full(len(penalties), np.mean(penalties)),
            "This is the mean of the whole game at every place; after two images only two count.",
        ),
    ],
    hints=(
        "After three images: add three penalties and divide by what?",
        "np.cumsum gives the sums, np.arange(1, n + 1) the numbers of images.",
    ),
)

EXPECTED_PENALTY = Exercise(
    "expected_penalty",
    reference=lambda c, share: -(share * np.log(c) + (1 - share) * np.log(1 - c)),
    cases=[(0.99, 0.9), (0.7, 0.7), (0.5, 0.2), (np.array([0.6, 0.8]), 0.7)],
    mistakes=[
        (
            lambda c, share: share * np.log(c) + (1 - share) * np.log(1 - c),
            "The minus is missing: the price comes out below 0.",
        ),
        (
            lambda c, share: -(share * np.log(1 - c) + (1 - share) * np.log(c)),
            "The prices are swapped: a right answer is charged like a wrong one.",
        ),
        (lambda c, share: -share * np.log(c), "The wrong answers are left out."),
        (
            lambda c, share: -np.log(share * c + (1 - share) * (1 - c)),
            "This is the logarithm of an average; the mean penalty averages logarithms.",
        ),
    ],
    hints=(
        "A share of the answers is right and pays −log c. What do the others pay?",
        "share × (price if right) + (1 − share) × (price if wrong).",
    ),
)

check_penalty = PENALTY.check
check_running_mean = RUNNING_MEAN.check
check_expected_penalty = EXPECTED_PENALTY.check
