"""Train what the package ships: `make pretrained ROOT=folder`, where folder holds MNIST/raw.

    digit_classifier.safetensors    the classifier of evaluation.py, with the statistics of its
                                    features on MNIST's test digits
    forgery.npz                     lesson 00: real digits, forgeries of three stages, and the
                                    probabilities that four discriminators gave them

PROVENANCE.md says how, and the new checksums go into the modules that check them.
"""

import argparse
import copy
import hashlib
import io
import json
import re
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_lesson import evaluation
from gan_lesson.data import Digits, images_to_tensor, load_mnist, tensor_to_images
from gan_lesson.forgeries import FILE, GREY_STEP, IMAGES, SOURCES
from gan_lesson.networks import Discriminator, Generator, fully_connected_pair
from gan_lesson.training import Trainer, adam, update_discriminator

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


# --- the forgeries -----------------------------------------------------------------------------

STAGES = {"early": 150, "middle": 1000, "late": 12_000}  # after so many steps
EXAMINER_STEPS = 3000


def make_forgeries(data: Digits) -> dict:
    """Train a GAN, keep what it draws at three stages and what four Ds say of it."""
    start = time.perf_counter()
    generators, detectives = train_in_stages(data)
    detectives["examiner"] = train_examiner(detectives["late"], generators["late"], data)
    seconds = time.perf_counter() - start
    draw = torch.Generator().manual_seed(2024)
    rows = torch.randperm(len(data.test.images), generator=draw)[:IMAGES]
    x = {"real": data.test.images[rows]}
    for stage, G in generators.items():
        with torch.no_grad():
            x[stage] = G(G.sample_z(IMAGES, draw))
    images = {source: in_grey_levels(x[source]) for source in SOURCES}
    with torch.no_grad():
        probabilities = [
            [D.logits(images_to_tensor(images[s]))[:, 0].double().sigmoid() for s in SOURCES]
            for D in detectives.values()
        ]
    stored = io.BytesIO()
    np.savez_compressed(
        stored,
        probabilities=torch.stack([torch.stack(row) for row in probabilities]).numpy(),
        **images,
    )
    content = stored.getvalue()
    write_checked(FILE, content, HERE.parent / "forgeries.py", "SHA256")
    stages = ", ".join(map(str, STAGES.values()))
    return {"seconds": round(seconds), "bytes": len(content), "stages": stages}


def train_in_stages(data: Digits) -> tuple[dict[str, Generator], dict[str, Discriminator]]:
    """Return the averaged generator and its opponent at each stage of one run, as copies."""
    G, D = fully_connected_pair(seed=0)
    trainer = Trainer(
        G,
        D,
        data.train.images,
        optimizer_g=adam(G.parameters(), 2e-3),
        optimizer_d=adam(D.parameters(), 5e-4),
        r1_gamma=0.05,
        r1_every=8,
        ema_decay=0.99,
        schedules={"lr": lambda progress: min(1.0, 2 * (1 - progress))},
        n_steps=STAGES["late"],
        snapshot_bytes=1,
    )
    generators, detectives = {}, {}
    for stage, steps in STAGES.items():
        trainer.burst(steps - trainer.step)
        generators[stage] = copy.deepcopy(trainer.G_ema)
        detectives[stage] = copy.deepcopy(D).requires_grad_(False)
    return generators, detectives


def train_examiner(D: Discriminator, G: Generator, data: Digits) -> Discriminator:
    """Return a copy of D trained further while G stands still, on images as the lesson shows them.

    It is the nearest to the best response that these layers reach.
    """
    D = copy.deepcopy(D).requires_grad_(True)
    optimizer = adam(D.parameters(), 5e-4)
    draw = torch.Generator().manual_seed(1)
    x_train = images_to_tensor(in_grey_levels(data.train.images))

    def shown(z: Tensor) -> Tensor:
        return images_to_tensor(in_grey_levels(G(z)))

    for step in range(EXAMINER_STEPS):
        optimizer.param_groups[0]["lr"] = 5e-4 * (1 - step / EXAMINER_STEPS)
        rows = torch.randint(len(x_train), (64,), generator=draw)
        z = G.sample_z(64, draw)
        gamma = 0.05 * 8 if step % 8 == 0 else 0.0
        update_discriminator(D, shown, optimizer, x_train[rows], z, gamma)
    return D.requires_grad_(False)


def in_grey_levels(x: Tensor) -> np.ndarray:
    """Return images as uint8 in 16 grey levels, real and generated ones alike.

    A real digit's paper is exactly 0 and a generator's only nearly, which no eye sees and
    any program does. Sixteen levels take that difference away.
    """
    levels = np.round(tensor_to_images(x) / GREY_STEP)
    return (levels * GREY_STEP).astype(np.uint8)


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


HEAD = """# Where the trained files come from

Made by `make pretrained`, one thread, seed 0; the seconds are those of a busy two-core machine.

| file | from | how | result |
|---|---|---|---|
"""
ROWS = {
    "classifier": "| digit_classifier.safetensors | MNIST's 60,000 training digits | 5 epochs, "
    "batch 128, Adam 2e-3 falling to 0; {seconds} s, torch {torch} | {kilobytes} kB; "
    "{accuracy:.2%} right on MNIST's 10,000 test digits; Fréchet distance of the bundled "
    "training digits from them {floor:.2f} |",
    "forgeries": "| forgery.npz | MNIST's 60,000 training digits; the real ones shown are 200 of "
    "its test digits | `fully_connected_pair`, batch 64, Adam(0, .99), lr 2e-3 for G and 5e-4 for "
    "D, falling to 0 over the second half, R1 .05 every 8th step, averaged G (.99); images after "
    "{stages} steps; then an examiner, D trained 3,000 steps more against the late G standing "
    "still; {seconds} s, torch {torch} | {kilobytes} kB; 4 x 200 images in 16 grey levels, the "
    "probabilities of four discriminators for each; lesson 00 prints their scores |",
}


def write_provenance(made: dict[str, dict]) -> None:
    """Write how the files were made, keeping the row of a file that was not made now."""
    path = HERE / "PROVENANCE.md"
    kept = path.read_text("utf-8").splitlines() if path.exists() else []
    rows = []
    for part, row in ROWS.items():
        begin = row[: row.index(" |", 2)]
        found = [line for line in kept if line.startswith(begin)]
        rows += [row.format(**made[part])] if part in made else found
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


PARTS = {"classifier": make_classifier, "forgeries": make_forgeries}


def main() -> None:
    """Train, write the files, and write down how."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default="data", help="folder that holds MNIST/raw")
    parser.add_argument("--only", choices=PARTS, help="make one of the files, keep the other")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    data = load_mnist(options.root)
    made = {}
    for part, make in PARTS.items():
        if options.only in (None, part):
            made[part] = make(data)
            made[part]["kilobytes"] = made[part]["bytes"] // 1000
            made[part]["torch"] = torch.__version__.split("+")[0]
            print(part, json.dumps(made[part]))
    write_provenance(made)


if __name__ == "__main__":
    main()
