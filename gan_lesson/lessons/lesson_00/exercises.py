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
        (np.full(3, 0.99), np.array([1, 1, 0])),
    ],
    tolerance=2e-5,  # what float32 gives for log 0.01
    mistakes=[
        (
            lambda p, y: np.where(y == 1, np.log(p), np.log(1 - p)),
            "The minus is missing: log p is below 0 here, and a penalty is not.",
        ),
        (
            lambda p, y: np.where(y == 1, -np.log(1 - p), -np.log(p)),
            "The two cases are swapped: here you pay more if you are surer of the truth.",
        ),
        (lambda p, y: -np.log(p), "A forged image (y = 0) gets the price of a real one."),
        (
            lambda p, y: np.where(y == 1, -np.log10(p), -np.log10(1 - p)),
            "This is the logarithm to base 10. The lessons use the natural one, np.log.",
        ),
        (
            lambda p, y: np.where(y == 1, -np.log2(p), -np.log2(1 - p)),
            "This is the logarithm to base 2. The lessons use the natural one, np.log.",
        ),
        (
            lambda p, y: np.where(y == 1, 1 - p, p),
            "This is the probability of the wrong side. The penalty is minus a logarithm.",
        ),
    ],
    hints=(
        "If y = 0, the image is forged. Which probability did you give to that?",
        "np.where(y == 1, price if real, price if forged): each price is minus a logarithm.",
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
    tolerance=1e-5,
    mistakes=[
        (np.cumsum, "This is the running sum, which grows with every image."),
        (
            lambda penalties: np.cumsum(penalties) / len(penalties),
            "Each sum is divided by the length of the whole game, even the first one.",
        ),
        (
            lambda penalties: np.full(len(penalties), np.mean(penalties)),
            "This is the mean of the whole game at every place. After two images only two count.",
        ),
    ],
    hints=(
        "After three images you add three penalties. By which number do you divide?",
        "np.cumsum gives the sums, and np.arange(1, n + 1) gives the numbers of images.",
    ),
)

EXPECTED_PENALTY = Exercise(
    "expected_penalty",
    reference=lambda c, share: -(share * np.log(c) + (1 - share) * np.log(1 - c)),
    cases=[
        (0.99, 0.9),
        (0.7, 0.7),
        (0.5, 0.2),
        (0.8, 0.3),
        (0.2, 0.7),  # a certainty below one half is not to be clipped or turned round
        (np.array([0.1, 0.6, 0.8, 0.95]), 0.7),
    ],
    tolerance=2e-5,
    mistakes=[
        (
            lambda c, share: share * np.log(c) + (1 - share) * np.log(1 - c),
            "The minus is missing: a penalty is never below 0.",
        ),
        (
            lambda c, share: -(share * np.log(1 - c) + (1 - share) * np.log(c)),
            "The prices are swapped: a right answer gets the price of a wrong one.",
        ),
        (lambda c, share: -share * np.log(c), "The wrong answers are left out."),
        (
            lambda c, share: -np.log(share * c + (1 - share) * (1 - c)),
            "This is the logarithm of a mean. The mean penalty is a mean of logarithms.",
        ),
    ],
    hints=(
        "The right answers pay −log c each. What do the wrong ones pay?",
        "share × (price if right) + (1 − share) × (price if wrong).",
    ),
)

check_penalty = PENALTY.check
check_running_mean = RUNNING_MEAN.check
check_expected_penalty = EXPECTED_PENALTY.check
