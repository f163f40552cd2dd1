"""Scores of samples: against features, known modes, neighbours, training images, originals.

Images are a tensor (n, 1, 28, 28) in [-1, 1], or an array of uint8 (n, 28, 28). Features and
points are an array (n, d), n >= 1, and those of two sets have one d. Whatever is empty, not
finite or of another shape raises ValueError, which names it.
"""

from gan_lesson.metrics.classifier import (
    CLASSIFIER_FILE,
    DigitClassifier,
    Statistics,
    class_shares,
    features,
    load_classifier,
    mnist_statistics,
)
from gan_lesson.metrics.copies import (
    MemorisationCheck,
    Nearest,
    memorisation_check,
    nearest_training_images,
)
from gan_lesson.metrics.coverage import PrecisionRecall, precision_recall
from gan_lesson.metrics.frechet import (
    REAL_AGAINST_REAL,
    digit_distance,
    frechet_distance,
    frechet_distance_from_statistics,
    statistics,
)
from gan_lesson.metrics.modes import (
    FAIR_SHARE,
    HIGH_QUALITY_SDS,
    ModeScores,
    jsd_on_grid,
    mode_scores,
    reference_scores,
)
from gan_lesson.metrics.restoration import (
    RestorationScores,
    mse,
    psnr,
    restoration_scores,
    ssim,
)

__all__ = [
    "CLASSIFIER_FILE",
    "FAIR_SHARE",
    "HIGH_QUALITY_SDS",
    "REAL_AGAINST_REAL",
    "DigitClassifier",
    "MemorisationCheck",
    "ModeScores",
    "Nearest",
    "PrecisionRecall",
    "RestorationScores",
    "Statistics",
    "class_shares",
    "digit_distance",
    "features",
    "frechet_distance",
    "frechet_distance_from_statistics",
    "jsd_on_grid",
    "load_classifier",
    "memorisation_check",
    "mnist_statistics",
    "mode_scores",
    "mse",
    "nearest_training_images",
    "precision_recall",
    "psnr",
    "reference_scores",
    "restoration_scores",
    "ssim",
    "statistics",
]
