"""Train what the package ships: `make pretrained ROOT=folder`, where folder holds MNIST/raw.

`--only PART` makes one part; "clinic" wants FashionMNIST/raw in that folder, and no MNIST.
`--only clinic --trial OTHER` runs all of that part in a minute or two, with one seed and 20 turns
a run, and writes to folders in OTHER; nothing of the package is touched.

    digit_classifier.safetensors    the classifier of `gan_lesson.metrics`, with the statistics of
                                    its features on MNIST's test digits
    forgery.npz                     lesson 00: real digits, forgeries of three stages, and the
                                    probabilities that four discriminators gave them
    digits_generator.safetensors    lesson 06: its generator, trained for minutes
    digits_timeline.npz             the same z drawn at moments of that training, and its curves
    same_seconds.npz                lesson 09: both kinds of GAN after the same seconds
    convolutional_generator.safetensors    lesson 09: the convolutional one's generator
    digits_runs.npz                 lesson 06: short runs, on the bundled digits alone
    clinic_judged.csv               lesson 10: what `diagnose` says of runs it was not tuned on
    clinic_remedies.csv             lesson 10: scores of runs with one remedy each
    clinic_digits.npz               lesson 10: one run of each patient on the bundled digits

PROVENANCE.md says how, and the new checksums go into the SHA256SUMS beside the files.
"""

import argparse
import copy
import csv
import hashlib
import io
import json
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor
from torch.nn.functional import cross_entropy

import gan_lesson
from gan_lesson.data import (
    Digits,
    images_to_tensor,
    load_digits,
    load_fashion_mnist,
    load_mnist,
    tensor_to_images,
)
from gan_lesson.diagnosis import HEALTHY, diagnose
from gan_lesson.lessons.lesson_00.forgeries import FILE, GREY_STEP, IMAGES, SOURCES
from gan_lesson.lessons.lesson_06.recorded import RUNS_FILE, DigitsRuns
from gan_lesson.lessons.lesson_09.recorded import GENERATOR_FILE as CONVOLUTIONAL_FILE
from gan_lesson.lessons.lesson_09.recorded import RACE_FILE
from gan_lesson.lessons.lesson_10.charts import Chart
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.lessons.lesson_10.patients import N_SHOWN, ClinicTrainer, clinic_data
from gan_lesson.lessons.lesson_10.recorded import CLINIC_FILE, ClinicRuns
from gan_lesson.lessons.lesson_10.remedies import REMEDIES, measure_remedy
from gan_lesson.metrics import (
    CLASSIFIER_FILE,
    REAL_AGAINST_REAL,
    DigitClassifier,
    class_shares,
    digit_distance,
    frechet_distance_from_statistics,
    memorisation_check,
    nearest_training_images,
    statistics,
)
from gan_lesson.networks import Discriminator, Generator, fully_connected_pair
from gan_lesson.pretrained import CURVES, GENERATOR_FILE, TIMELINE_FILE, Timeline, as_float16
from gan_lesson.recipes import convolutional_trainer, fully_connected_trainer
from gan_lesson.trainer import Trainer, adam
from gan_lesson.turns import update_discriminator

PACKAGE = Path(gan_lesson.__file__).parent


def folder_of(room: str) -> Path:
    """Return the folder of assets of core (""), or of a lesson ("lesson_06")."""
    return PACKAGE / (f"lessons/{room}/assets" if room else "assets")


# --- the classifier --------------------------------------------------------------------------


def train_classifier(
    data: Digits, epochs: int = 5, batch: int = 128, lr: float = 2e-3, seed: int = 0
) -> DigitClassifier:
    """Return a classifier trained with Adam, its rate falling to 0 in a straight line."""
    torch.manual_seed(seed)
    order = torch.Generator().manual_seed(seed)
    classifier = DigitClassifier()
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
    mean, cov = statistics(features_of(classifier, x))
    tensors = {k: v.contiguous() for k, v in classifier.state_dict().items()}
    tensors |= {"mnist_test.mean": torch.tensor(mean), "mnist_test.cov": torch.tensor(cov)}
    content = save(tensors)
    write_checked(CLASSIFIER_FILE, content)
    floor = frechet_distance_from_statistics(
        *statistics(features_of(classifier, first_of_each_digit(data))), mean, cov
    )
    print(
        f"metrics/frechet.py: REAL_AGAINST_REAL = {floor:.3f}, now {REAL_AGAINST_REAL}", flush=True
    )
    return {
        "accuracy": float((digit == y).double().mean()),
        "seconds": round(seconds),
        "bytes": len(content),
        "floor": floor,
    }


def features_of(classifier: DigitClassifier, x: Tensor) -> Tensor:
    """Return the features of images, 500 at a time."""
    return torch.cat([classifier.features(part) for part in x.split(500)])


def first_of_each_digit(data: Digits, each: int = 1000) -> Tensor:
    """Return the first training digits of each kind in file order: those the package bundles."""
    images, labels = data.train
    return images[first_rows_of_each_digit(labels, each)]


def first_rows_of_each_digit(labels: Tensor, each: int) -> Tensor:
    """Return the rows of the first `each` of every digit, in file order."""
    rows = torch.cat([(labels == digit).nonzero()[:each, 0] for digit in range(10)])
    return rows.sort().values


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
    write_checked(FILE, content, "lesson_00")
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


# --- lesson 06: a generator, its time-line, and short runs --------------------------------------

GENERATOR_STEPS = 20_000
MOMENTS = (0, 5, 15, 30, 60, 100, 150, 200, 300, 400, 600, 800, 1000, 1500, 2000, 3000, 5000)
MOMENTS += (8000, 12_000, 16_000, GENERATOR_STEPS)


def make_digits_generator(data: Digits) -> dict:
    """Train the generator of lesson 06 on all digits; write it and moments of its training."""
    trainer = fully_connected_trainer(data.train.images, n_steps=GENERATOR_STEPS)
    z_fixed = trainer.G.sample_z(36, torch.Generator().manual_seed(0))
    sheets, distances = [], []
    for step in MOMENTS:
        if step > trainer.step:
            trainer.burst(step - trainer.step)
            trainer.snapshots = []
        sheets.append(tensor_to_images(trainer.sample(z_fixed)))
        looked = step >= 100 or step == 0  # noise scores thousands, whatever the step
        distances.append(digit_distance(ten_thousand(trainer)) if looked else np.nan)
    steps = np.unique(np.geomspace(1, GENERATOR_STEPS, 500).astype(int))
    rows = np.stack([trainer.history[name] for name in CURVES], axis=1)
    parts = np.split(rows, steps[:-1])
    timeline = Timeline(
        np.array(MOMENTS),
        np.stack(sheets),
        np.array(distances),
        steps,
        np.array([part.mean(axis=0) for part in parts], np.float32),
    )
    content = save(as_float16(trainer.G_ema))
    write_checked(GENERATOR_FILE, content)
    n_bytes = write_arrays(TIMELINE_FILE, timeline._asdict())
    return {
        "seconds": round(trainer.seconds),
        "bytes": len(content),
        "timeline_kilobytes": n_bytes // 1000,
        "steps": GENERATOR_STEPS,
        "distance": distances[-1],
        "rarest": float(class_shares(ten_thousand(trainer)).min()),
        "closer": not_copied(trainer, data),
    }


def not_copied(trainer: Trainer, data: Digits) -> float:
    """Return how often samples come nearer to all training digits than test digits do."""
    z = trainer.G.sample_z(10_000, torch.Generator().manual_seed(2))[:2000]
    x = trainer.sample(z), data.train.images, data.test.images[:2000]
    return memorisation_check(*x).closer


def ten_thousand(trainer: Trainer) -> Tensor:
    """Return 10,000 samples, always of the same z."""
    return trainer.sample(trainer.G.sample_z(10_000, torch.Generator().manual_seed(1)))


SHORT_STEPS, PIECE_STEPS, PIECE_SEEDS = 600, 1000, 2
FEW, FEW_STEPS = 1000, (200, 500, 1000, 1500, 2000, 2500)


def make_digits_runs(data: Digits) -> dict:
    """Make lesson 06's short runs; `data` is not used, they see the bundled digits alone."""
    start = time.perf_counter()
    images = load_digits().train.images
    curves, sheets = zip(*(short_run(images, *rates) for rates in SHORT_RUNS.values()), strict=True)
    answers, closer = few_digits_run()
    runs = DigitsRuns(
        np.array(list(SHORT_RUNS)),
        np.stack(curves),
        np.stack(sheets),
        np.array(list(PIECES)),
        np.array([[piece(images, n, seed) for seed in range(PIECE_SEEDS)] for n in PIECES]),
        np.array([change.get("steps", PIECE_STEPS) for change in PIECES.values()]),
        np.array(FEW_STEPS),
        np.array(answers),
        np.array(closer),
    )
    n_bytes = write_arrays(RUNS_FILE, runs._asdict(), "lesson_06")
    return {"seconds": round(time.perf_counter() - start), "bytes": n_bytes}


# name -> learning rates of G and D, and the weight of R1
SHORT_RUNS = {
    "both learn": (2e-3, 5e-4, 0.3),
    "D far ahead": (1e-4, 2e-3, 0.0),
    "D stands still": (2e-3, 0.0, 0.3),
    "nobody learns": (1e-7, 1e-7, 0.3),
}


def short_run(images: Tensor, lr_g: float, lr_d: float, gamma: float) -> tuple:
    """Return the curves, shape (100, 4), and 25 samples of a run of 600 steps."""
    G, D = fully_connected_pair(seed=0)
    trainer = Trainer(
        G,
        D,
        images,
        optimizer_g=adam(G.parameters(), lr_g),
        optimizer_d=adam(D.parameters(), lr_d),
        r1_gamma=gamma,
        r1_every=8,
        ema_decay=0.998,
    )
    trainer.burst(SHORT_STEPS)
    rows = np.stack([trainer.history[name] for name in CURVES], axis=1)
    z = G.sample_z(25, torch.Generator().manual_seed(3))
    return rows.reshape(100, -1, 4).mean(axis=1), tensor_to_images(trainer.sample(z))


# what is changed in the recipe, one piece at a time
PIECES = {
    "the recipe": {},
    "without R1": {"gamma": 0.0},
    "without EMA": {"ema": 0.0},
    "without BatchNorm in G": {"batch_norm": False},
    "D as fast as G": {"lr_d": 2e-3},
    "Adam's usual betas (.9, .999)": {"betas": (0.9, 0.999)},
    "saturating loss": {"loss": "saturating"},
    "the recipe, longer": {"steps": 2000},
    "without R1, longer": {"gamma": 0.0, "steps": 2000},
}


def piece(images: Tensor, name: str, seed: int) -> float:
    """Return the Fréchet distance of the recipe with one piece changed."""
    change = PIECES[name]
    G, D = fully_connected_pair(seed=seed)
    if not change.get("batch_norm", True):
        G.net = torch.nn.Sequential(
            *(part for part in G.net if not isinstance(part, torch.nn.BatchNorm1d))
        )
    betas = change.get("betas", (0.0, 0.99))
    trainer = Trainer(
        G,
        D,
        images,
        optimizer_g=adam(G.parameters(), 2e-3, betas),
        optimizer_d=adam(D.parameters(), change.get("lr_d", 5e-4), betas),
        loss=change.get("loss", "non_saturating"),
        r1_gamma=change.get("gamma", 0.3),
        r1_every=8,
        ema_decay=change.get("ema", 0.998),
        seed=seed,
    )
    trainer.burst(change.get("steps", PIECE_STEPS))
    distance = digit_distance(ten_thousand(trainer))
    print(name, seed, round(distance, 1), flush=True)
    return distance


def few_digits_run() -> tuple[list, list]:
    """Return what D, trained on 1,000 digits, says of them, of new ones and of samples.

    And how often samples come nearer to those digits than new digits do.
    """
    train, test = load_digits()
    few = train.images[first_rows_of_each_digit(train.labels, FEW // 10)]
    trainer = fully_connected_trainer(few, n_steps=FEW_STEPS[-1])
    answers, closer = [], []
    for step in FEW_STEPS:
        trainer.burst(step - trainer.step)
        trainer.snapshots = []
        samples = ten_thousand(trainer)[:2000]
        with torch.no_grad():
            sets = (few, test.images, samples)
            answers.append([float(trainer.D(x).mean()) for x in sets])
        closer.append(memorisation_check(samples, few, test.images).closer)
        print("few digits", step, answers[-1], closer[-1], flush=True)
    return answers, closer


# --- writing ---------------------------------------------------------------------------------


# --- lesson 09: both kinds of GAN, the same seconds --------------------------------------------

RACE_SECONDS = (1, 2, 5, 10, 20, 40)
RACERS = {"fc": fully_connected_trainer, "conv": convolutional_trainer}


def make_race(data: Digits) -> dict:
    """Train both kinds for the same seconds; write what they drew, and the convolutional G."""
    seconds_a_step = measure_paces(data.train.images)
    stored = {"seconds": np.array(RACE_SECONDS), "floor": np.array(REAL_AGAINST_REAL)}
    for kind, make in RACERS.items():
        steps = [max(1, round(s / seconds_a_step[kind])) for s in RACE_SECONDS]
        trainer = make(data.train.images, n_steps=steps[-1])
        sheets, distances = race(trainer, steps)
        stored |= {f"steps_{kind}": np.array(steps), f"distances_{kind}": np.array(distances)}
        stored[f"images_{kind}"] = np.stack(sheets)
        print(kind, steps, distances, flush=True)
    content = save(as_float16(trainer.G_ema))
    write_checked(CONVOLUTIONAL_FILE, content, "lesson_09")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **stored)
    write_checked(RACE_FILE, buffer.getvalue(), "lesson_09")
    return {
        "bytes": len(content),
        "race_kilobytes": len(buffer.getvalue()) // 1000,
        "seconds": RACE_SECONDS[-1],
        "steps_fc": int(stored["steps_fc"][-1]),
        "steps_conv": int(stored["steps_conv"][-1]),
        "distance_fc": float(stored["distances_fc"][-1]),
        "distance_conv": float(stored["distances_conv"][-1]),
        "rarest": float(class_shares(ten_thousand(trainer)).min()),
    }


def measure_paces(images: Tensor, rounds: int = 12, burst: int = 16) -> dict[str, float]:
    """Return the processor seconds of one step of each kind, measured in turns; the median."""
    trainers = {kind: make(images, n_steps=10**6) for kind, make in RACERS.items()}
    taken: dict[str, list[float]] = {kind: [] for kind in trainers}
    for _ in range(rounds):
        for kind, trainer in trainers.items():
            start = time.process_time()
            trainer.burst(burst)
            taken[kind].append((time.process_time() - start) / burst)
    return {kind: float(np.median(seconds)) for kind, seconds in taken.items()}


def race(trainer: Trainer, steps: list[int]) -> tuple[list[np.ndarray], list[float]]:
    """Train to each of `steps`; return 36 samples of fixed z, and the distance, at each."""
    z_fixed = trainer.G.sample_z(36, torch.Generator().manual_seed(0))
    sheets, distances = [], []
    for step in steps:
        trainer.burst(step - trainer.step)
        trainer.snapshots = []
        sheets.append(in_grey_levels(trainer.sample(z_fixed)))
        distances.append(digit_distance(ten_thousand(trainer)))
    return sheets, distances


# --- lesson 10: what `diagnose` says, and what remedies do ------------------------------------

# data -> turns, seeds of each fault, seeds of health
JUDGED = {
    "moons": (600, range(5), range(8)),
    "digits": (300, range(5), range(7)),
    "Fashion-MNIST": (300, range(5), range(7)),
}
REMEDY_SEEDS, REMEDY_TURNS = range(3), 800


def make_clinic(root: str) -> dict:
    """Judge `diagnose`, measure the remedies, and record a run of each patient on digits.

    Rows of the two tables that are there are kept, so they can be interrupted and continued;
    delete them to make them anew.
    """
    start = time.perf_counter()
    judged = [
        (data, fault, seed)
        for data, (_, seeds, healthy_seeds) in JUDGED.items()
        for fault in PATIENTS
        for seed in (healthy_seeds if fault == HEALTHY else seeds)
    ]
    images = {"digits": lambda: load_digits().train, "Fashion-MNIST": lambda: _fashion(root)}
    loaded = {}

    def judge(data: str, fault: str, seed: int) -> dict:
        if data in images and data not in loaded:
            loaded[data] = images[data]().images
        return judge_run(data, loaded.get(data), fault, seed)

    cures = [
        (remedy, patient, seed)
        for patient in (HEALTHY, "mode collapse")
        for remedy in REMEDIES
        for seed in REMEDY_SEEDS
    ]
    n_bytes = fill_table("clinic_judged.csv", ("data", "truth", "seed"), judged, judge)
    n_bytes += fill_table(
        "clinic_remedies.csv",
        ("remedy", "patient", "seed"),
        cures,
        lambda *case: measure_remedy(*case, REMEDY_TURNS),
    )
    recorded = record_clinic(JUDGED["digits"][0])
    return {
        "seconds": round(time.perf_counter() - start),
        "bytes": n_bytes,
        "judged": len(judged),
        "cures": len(cures),
        "recorded": len(recorded.faults),
        "first_seed": RECORDED[0][2],
        "turns": (JUDGED["moons"][0], JUDGED["digits"][0], REMEDY_TURNS),
        "recorded_kilobytes": write_arrays(CLINIC_FILE, recorded._asdict(), "lesson_10") // 1000,
    }


def _fashion(root: str):
    return load_fashion_mnist(root).train


def judge_run(data: str, images: Tensor | None, fault: str, seed: int) -> dict:
    """Train one patient and return what `diagnose` says of it, given more and more.

    Args:
        data: a name in `JUDGED`.
        images: what it is trained on if they are images; lesson 06's networks then.
        fault: a name in `PATIENTS`.
        seed: start of weights and random numbers.
    """
    if images is None:
        run = ClinicTrainer(fault, clinic_data(data), seed=seed)
    else:
        run = patient_on_images(images, fault, seed)
    run.burst(JUDGED[data][0])
    G = copy.deepcopy(run.G).eval()
    with torch.no_grad():
        samples = G(G.sample_z(500, torch.Generator().manual_seed(1)))
    given = {"samples": samples, "real": run.draw_real(500), "D": run.D, "G": run.G}
    optimizers = {"optimizer_d": run.optimizer_d, "optimizer_g": run.optimizer_g}
    row = {"data": data, "seed": seed, "turns": run.step, "truth": fault}
    for column, more in (
        ("", given),
        ("_curves", {}),
        ("_optimizers", given | optimizers),
    ):
        report = diagnose(run.history, **more)
        row |= {f"said{column}": report.name, f"certainty{column}": round(report.certainty, 3)}
    return row


def patient_on_images(
    images: Tensor, fault: str, seed: int, loss: str = "non_saturating"
) -> ClinicTrainer:
    """Return a patient with lesson 06's networks, not trained yet."""
    pair = fully_connected_pair(seed=seed)
    return ClinicTrainer(
        fault, images, seed=seed, pair=pair, lr_d=5e-4, lr_g=1e-3, batch_size=64, loss=loss
    )


# Fault, G's loss, seed. The second healthy run has the saturating loss, so that it gives nobody
# away. `judge_run` has used the seeds below 20. Of 20 to 29, in 27 and 28 a collapsed G draws two
# kinds of blot; 29 is like the other eight.
RECORDED = (
    (HEALTHY, "non_saturating", 20),
    ("shared optimiser", "non_saturating", 21),
    ("swapped labels", "non_saturating", 22),
    ("sigmoid twice", "non_saturating", 23),
    ("no zero_grad", "non_saturating", 24),
    ("D too strong", "saturating", 25),
    ("learning rate", "non_saturating", 26),
    (HEALTHY, "saturating", 27),
    ("data range", "non_saturating", 28),
    ("mode collapse", "non_saturating", 29),
)
N_NEAREST = 12


def record_clinic(turns: int) -> ClinicRuns:
    """Train each patient on the bundled digits once, examine it, and return what was seen."""
    train, test = load_digits()
    runs = []
    for fault, loss, seed in RECORDED:
        run = patient_on_images(train.images, fault, seed, loss)
        run.burst(turns)
        runs.append({"faults": fault, "losses": loss, "seeds": seed} | examined(run, train.images))
        print("recorded", fault, loss, seed, flush=True)
    new = nearest_training_images(test.images[:N_SHOWN], train.images)
    return ClinicRuns(
        **{name: np.stack([run[name] for run in runs]) for name in runs[0]},
        held_out_nearest=new.index[:N_NEAREST],
        held_out_distances=new.distance.astype(np.float16),
    )


def examined(run: ClinicTrainer, training: Tensor) -> dict:
    """Return one run's part of `ClinicRuns`: all that the ward's pages show."""
    chart = Chart(run)
    near = nearest_training_images(chart.fake, training)
    return {
        "curves": np.stack([run.history[name] for name in CURVES], axis=1),
        "sheets": tensor_to_images(chart.fake[:36]),
        "spans": np.array([[float(x.min()), float(x.max())] for x in (chart.real, chart.fake)]),
        "answers": np.array(chart.answers, np.float16),
        "gradients": np.array([chart.gradients[name] for name in "GD"], np.float32),
        "weights": np.array([chart.weights[name] for name in "GD"], np.float32),
        "best": np.array(chart.best),
        "step_reports": np.array(chart.step_report),
        "shares": class_shares(chart.fake),
        "nearest": near.index[:N_NEAREST],
        "distances": near.distance.astype(np.float16),
    }


def fill_table(name: str, key: tuple[str, ...], cases: list[tuple], make) -> int:
    """Append the rows that a table lacks, one by one, then put them in order; return its bytes.

    Args:
        name: file among the assets of lesson 10.
        key: columns that tell one case from another.
        cases: their values, a row each.
        make: function from these values to a row.
    """
    path = folder_of("lesson_10") / name
    there = list(csv.DictReader(path.open(newline="", encoding="utf-8"))) if path.exists() else []
    done = {tuple(row[k] for k in key): row for row in there}
    for case in cases:
        if tuple(map(str, case)) in done:
            continue
        row = {k: round(v, 4) if isinstance(v, float) else v for k, v in make(*case).items()}
        done[tuple(map(str, case))] = row
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            if not file.tell():
                writer.writeheader()
            writer.writerow(row)
        print(*row.values(), flush=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(next(iter(done.values()))), lineterminator="\n")
        writer.writeheader()
        writer.writerows(done[tuple(map(str, case))] for case in cases)
    return path.stat().st_size


def write_arrays(name: str, arrays: dict[str, np.ndarray], room: str = "") -> int:
    """Write arrays as an asset of a room, or of core; return its bytes."""
    stored = io.BytesIO()
    np.savez_compressed(stored, **arrays)
    write_checked(name, stored.getvalue(), room)
    return len(stored.getvalue())


def write_checked(name: str, content: bytes, room: str = "") -> None:
    """Write an asset, and its checksum into the list beside it."""
    folder = folder_of(room)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    sums = folder / "SHA256SUMS"
    lines = sums.read_text("utf-8").splitlines() if sums.exists() else []
    rows = {line.split()[1]: line for line in lines}
    rows[name] = f"{hashlib.sha256(content).hexdigest()}  {name}"
    sums.write_text("".join(f"{rows[key]}\n" for key in sorted(rows)), encoding="utf-8")


HEAD = """# Where the trained files come from

Made by `make pretrained`, one thread, seed 0; the seconds are those of a busy two-core machine.
What all lessons use lies here, what one lesson uses in its room, `lessons/lesson_NN/assets`.

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
    "still, both kinds of images rounded as shown; {seconds} s, torch {torch} | {kilobytes} kB; "
    "4 x 200 images in 16 grey levels, the probabilities of four discriminators for each; lesson "
    "00 prints their scores |",
    "digits_generator": "| digits_generator.safetensors, digits_timeline.npz | MNIST's 60,000 "
    "training digits | `fully_connected_trainer` of lesson 06, {steps:,} steps of 64, its averaged "
    "G as float16; 36 fixed z and 10,000 others at moments of the run; {seconds} s of training, "
    "torch {torch} | {kilobytes} and {timeline_kilobytes} kB; Fréchet distance {distance:.2f} on "
    "the classifier above, rarest digit {rarest:.1%}; samples are nearer to a training digit than "
    "test digits are in {closer:.0%} of all comparisons |",
    "digits_runs": "| digits_runs.npz | the 10,000 bundled training digits | four runs of 600 "
    "steps, one of 2,500 on 1,000 of them, and lesson 06's recipe with one piece changed, 1,000 "
    "or 2,000 steps on two seeds each; {seconds} s, torch {torch} | {kilobytes} kB; lesson 06 "
    "prints them |",
    "clinic": "| clinic_judged.csv, clinic_remedies.csv, clinic_digits.npz | two moons, the "
    "bundled digits, Fashion-MNIST's 60,000 training images; the ring | `judge_run`: {judged} runs "
    "of lesson 10's patients, {turns[0]} turns on moons, {turns[1]} of lesson 06's networks on "
    "images, each "
    "examined by `diagnose` with curves, then also samples and networks, then also optimisers; "
    "`measure_remedy`: {cures} runs of {turns[2]} turns; `record_clinic`: {recorded} more runs on "
    "the bundled digits, seeds {first_seed} on, as the ward shows them; torch {torch} | "
    "{kilobytes} and {recorded_kilobytes} kB, scores, verdicts, samples and norms, no networks; "
    "lesson 10 prints the tables |",
    "race": "| convolutional_generator.safetensors, same_seconds.npz | MNIST's 60,000 training "
    "digits | `fully_connected_trainer`, {steps_fc:,} steps, and `convolutional_trainer`, "
    "{steps_conv:,} steps: what fits into {seconds} processor seconds of one thread at paces "
    "measured in turns, with rates that fall to 0 by then; one run each; the averaged "
    "convolutional G as float16; torch {torch} | {kilobytes} and {race_kilobytes} kB; Fréchet "
    "distance {distance_fc:.2f} and {distance_conv:.2f} on the classifier above, rarest "
    "convolutional digit {rarest:.1%} |",
}


def write_provenance(made: dict[str, dict]) -> None:
    """Write how the files were made, keeping the row of a file that was not made now."""
    path = folder_of("") / "PROVENANCE.md"
    kept = path.read_text("utf-8").splitlines() if path.exists() else []
    rows = []
    for part, row in ROWS.items():
        begin = row[: row.index(" |", 2)]
        found = [line for line in kept if line.startswith(begin)]
        rows += [row.format(**made[part])] if part in made else found
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


PARTS = {
    "classifier": make_classifier,
    "forgeries": make_forgeries,
    "digits_generator": make_digits_generator,
    "digits_runs": make_digits_runs,
    "race": make_race,
    "clinic": make_clinic,
}


def prepare_trial(folder: Path) -> None:
    """Let the clinic be made with one seed and few turns, and written to `folder`."""
    global PACKAGE, JUDGED, REMEDY_SEEDS, REMEDY_TURNS
    PACKAGE = folder
    for room in ("", "lesson_10"):
        folder_of(room).mkdir(parents=True, exist_ok=True)
    JUDGED = {data: (20, range(1), range(1)) for data in JUDGED}
    REMEDY_SEEDS, REMEDY_TURNS = range(1), 20


def main() -> None:
    """Train, write the files, and write down how."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default="data", help="folder of MNIST/raw and FashionMNIST/raw")
    parser.add_argument("--only", choices=PARTS, help="make one part, keep the others")
    parser.add_argument("--trial", metavar="OTHER", help="with --only clinic: a short run of it")
    options = parser.parse_args()
    if options.trial:
        if options.only != "clinic":
            parser.error("--trial needs --only clinic")
        prepare_trial(Path(options.trial))
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    data = None if options.only == "clinic" else load_mnist(options.root)
    made = {}
    for part, make in PARTS.items():
        if options.only in (None, part):
            made[part] = make(options.root if part == "clinic" else data)
            made[part]["kilobytes"] = made[part]["bytes"] // 1000
            made[part]["torch"] = torch.__version__.split("+")[0]
            print(part, json.dumps(made[part]))
    write_provenance(made)


if __name__ == "__main__":
    main()
