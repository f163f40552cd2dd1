"""Train what the package ships: `make pretrained ROOT=folder`, where folder holds MNIST/raw.

    digit_classifier.safetensors    the classifier of evaluation.py, with the statistics of its
                                    features on MNIST's test digits
    forgery.npz                     lesson 00: real digits, forgeries of three stages, and the
                                    probabilities that discriminators gave them

It also writes PROVENANCE.md, which says how, and puts the new checksums into the modules that
check them.
"""

import argparse
import hashlib
import json
import re
import time
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_lesson import evaluation
from gan_lesson.data import Digits, load_mnist

HERE = Path(__file__).resolve().parent


# --- the classifier --------------------------------------------------------------------------


def train_classifier(
    data: Digits, epochs: int = 5, batch: int = 128, lr: float = 2e-3, seed: int = 0
) -> evaluation.DigitClassifier:
    """Return a classifier trained with Adam, its rate falling to 0 in a straight line."""
    torch.manual_seed(seed)
    order = torch.Generator().manual_seed(seed)
    classifier = evaluation.DigitClassifier()
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


def make_classifier(data: Digits) -> dict:
    """Train and write the classifier; return what PROVENANCE.md says of it."""
    start = time.perf_counter()
    classifier = train_classifier(data)
    seconds = time.perf_counter() - start
    x, y = data.test
    digit = torch.cat([classifier(part).argmax(dim=1) for part in x.split(500)])
    mean, cov = evaluation.statistics(features_of(classifier, x))
    tensors = {k: v.contiguous() for k, v in classifier.state_dict().items()}
    tensors |= {"mnist_test.mean": torch.tensor(mean), "mnist_test.cov": torch.tensor(cov)}
    module = HERE.parent / "evaluation.py"
    content = save(tensors)
    write_checked(evaluation.CLASSIFIER_FILE, content, module, "CLASSIFIER_SHA256")
    floor = evaluation.frechet_distance_from_statistics(
        *evaluation.statistics(features_of(classifier, first_of_each_digit(data))), mean, cov
    )
    put_constant(module, "REAL_AGAINST_REAL", f"{floor:.3f}")
    return {
        "accuracy": float((digit == y).double().mean()),
        "seconds": round(seconds),
        "bytes": len(content),
        "floor": floor,
    }


def features_of(classifier: evaluation.DigitClassifier, x: Tensor) -> Tensor:
    """Return the features of images, 500 at a time."""
    return torch.cat([classifier.features(part) for part in x.split(500)])


def first_of_each_digit(data: Digits, each: int = 1000) -> Tensor:
    """Return the first training digits of each kind in file order: those the package bundles."""
    images, labels = data.train
    rows = torch.cat([(labels == digit).nonzero()[:each, 0] for digit in range(10)])
    return images[rows.sort().values]


# --- writing ---------------------------------------------------------------------------------


def write_checked(name: str, content: bytes, module: Path, constant: str) -> None:
    """Write an asset, and its checksum into the module that reads it."""
    (HERE / name).write_bytes(content)
    put_constant(module, constant, f'"{hashlib.sha256(content).hexdigest()}"')


def put_constant(module: Path, name: str, value: str) -> None:
    """Replace the line `name = …` of a module."""
    text, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", module.read_text("utf-8"))
    if found != 1:
        raise ValueError(f"{module.name} has {found} lines '{name} = …'; it must have one")
    module.write_text(text, encoding="utf-8")


def main() -> None:
    """Make what was asked for, and write down how."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default="data", help="folder that holds MNIST/raw")
    parser.add_argument("--only", choices=PARTS, help="make one of the files, keep the other")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    data = load_mnist(options.root)
    for part, make in PARTS.items():
        if options.only in (None, part):
            print(part, json.dumps(make(data)))


PARTS = {"classifier": make_classifier}

if __name__ == "__main__":
    main()
