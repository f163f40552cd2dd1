"""The classifier of `gan_lesson.metrics`, its statistics on test digits, and lesson 11's."""

import time

import torch
from safetensors.torch import save
from torch import Tensor
from torch.nn.functional import cross_entropy

from assets.files import Assets
from assets.samples import first_rows_of_each_digit
from gan_lesson.data import Digits
from gan_lesson.lessons.lesson_11.recorded import (
    SECOND_FILE,
    SECOND_SIZES,
)
from gan_lesson.metrics import (
    CLASSIFIER_FILE,
    REAL_AGAINST_REAL,
    DigitClassifier,
    frechet_distance_from_statistics,
    statistics,
)
from gan_lesson.pretrained import as_float16

SECOND_SEED = 1


def train_classifier(
    data: Digits, epochs: int = 5, batch: int = 128, lr: float = 2e-3, seed: int = 0, **sizes
) -> DigitClassifier:
    """Return a classifier trained with Adam, its rate falling to 0 in a straight line.

    Args:
        data: MNIST.
        epochs: how often each training digit is seen.
        batch: digits in a step.
        lr: Adam's rate at first.
        seed: start of the weights and of the order of digits.
        sizes: what `DigitClassifier` takes.
    """
    torch.manual_seed(seed)
    order = torch.Generator().manual_seed(seed)
    classifier = DigitClassifier(**sizes)
    optimizer = torch.optim.Adam(classifier.parameters(), lr=lr, fused=True)
    images, labels = data.train
    steps = epochs * (len(images) // batch)
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=order).split(batch):
            if len(rows) < batch:
                continue
            optimizer.zero_grad()
            cross_entropy(classifier(images[rows]), labels[rows]).backward()
            optimizer.step()
            falling.step()
    return classifier.eval().requires_grad_(False)


def make_classifier(data: Digits, assets: Assets) -> dict:
    """Train and write the classifier; return what PROVENANCE.md says of it."""
    start = time.perf_counter()
    classifier = train_classifier(data)
    seconds = time.perf_counter() - start
    x, y = data.test
    digit = torch.cat([classifier(part).argmax(dim=1) for part in x.split(500)])
    mean, cov = statistics(features_of(classifier, x))
    tensors = {k: v.contiguous() for k, v in classifier.state_dict().items()}
    tensors |= {"mnist_test.mean": torch.tensor(mean), "mnist_test.cov": torch.tensor(cov)}
    n_bytes = assets.write(CLASSIFIER_FILE, save(tensors))
    floor = frechet_distance_from_statistics(
        *statistics(features_of(classifier, first_of_each_digit(data))), mean, cov
    )
    print(
        f"metrics/frechet.py: REAL_AGAINST_REAL = {floor:.3f}, now {REAL_AGAINST_REAL}", flush=True
    )
    return {
        "accuracy": float((digit == y).double().mean()),
        "seconds": round(seconds),
        "bytes": n_bytes,
        "floor": floor,
    }


def make_second_classifier(data: Digits, assets: Assets) -> dict:
    """Train and write lesson 11's classifier, smaller and from another seed."""
    start = time.process_time()
    classifier = train_classifier(data, seed=SECOND_SEED, **SECOND_SIZES)
    seconds = time.process_time() - start
    stored = as_float16(classifier)
    n_bytes = assets.write(SECOND_FILE, save(stored), "lesson_11")
    classifier.load_state_dict({name: numbers.float() for name, numbers in stored.items()})
    x, y = data.test
    digit = torch.cat([classifier(part).argmax(dim=1) for part in x.split(500)])
    return {
        "accuracy": float((digit == y).double().mean()),
        "seconds": round(seconds),
        "bytes": n_bytes,
        "numbers": sum(p.numel() for p in classifier.parameters()),
        "seed": SECOND_SEED,
    }


def features_of(classifier: DigitClassifier, x: Tensor) -> Tensor:
    """Return the features of images, 500 at a time."""
    return torch.cat([classifier.features(part) for part in x.split(500)])


def first_of_each_digit(data: Digits, each: int = 1000) -> Tensor:
    """Return the first training digits of each kind in file order: those the package bundles."""
    images, labels = data.train
    return images[first_rows_of_each_digit(labels, each)]
