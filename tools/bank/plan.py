"""Which runs there are: each patient's data, networks, loss, optimiser, length, fault and half.

No pair of data and network stands in both halves. Moons, spiral and clothes are judged only;
a table and time series are tuned with one network and judged with another.
"""

import random
from typing import NamedTuple

from gan_lesson.diagnosis import HEALTHY

HALVES = TUNED, JUDGED = "tuned", "judged"
CELLS = {
    TUNED: (
        ("ring", "mlp"), ("ring", "batchnorm"), ("ring", "spectral"), ("bumps", "mlp"),
        ("bumps", "spectral"), ("digits", "mlp"), ("digits", "conv"), ("digits", "batchnorm"),
        ("table", "mlp"), ("series", "conv"),
    ),
    JUDGED: (
        ("moons", "mlp"), ("moons", "batchnorm"), ("moons", "spectral"), ("spiral", "mlp"),
        ("spiral", "batchnorm"), ("fashion", "mlp"), ("fashion", "conv"), ("fashion", "spectral"),
        ("table", "batchnorm"), ("series", "mlp"),
    ),
}  # fmt: skip
# Number of a half's first run. The runs from 211 on, and those from 1000 on, were judged once each
# and then looked at, so that rules which changed after that are judged on the same plan with seeds
# from 2000 on. Next time take 3000.
FIRST = {TUNED: 0, JUDGED: 2000}
HEALTHY_PER_CELL = 7
TABLE_PER_HALF = 7
FAMILIES = ("logistic", "hinge", "logistic", "least_squares", "wasserstein", "relativistic")
# faults of which some losses know nothing
ONLY_FOR = {
    "sigmoid twice": ("logistic",),
    "loss convention unclear": ("logistic",),
    "labels the other way round": ("logistic",),
    "D is blind": ("logistic", "logistic", "hinge", "least_squares"),
}
# fault: how it comes about, one after the other
VARIANTS = {
    "shared optimiser": ("",),
    "swapped labels": ("",),
    "sigmoid twice": ("", "", "again in the log"),
    "no zero_grad": ("", "", "in G"),
    "D too strong": ("G's rate", "saturating", "D's steps"),
    "learning rate": ("", "of D", "of G"),
    "mode collapse": ("",),
    "data range": ("bytes", "bytes", "halved"),
    "diverged": ("a bad batch", "rates"),
    "D is blind": ("",),
    "D does not learn": ("optimiser of another D", "rate 0", "zeros"),
    "broke at the end": ("rates", "wrong file"),
    "far from the data": ("",),
    "loss convention unclear": ("mean as sum", "value", "critic"),
    "labels the other way round": ("",),
    "one column constant": ("",),
}
LENGTHS = (200, 250, 300, 400)
LONG = {("ring", "mlp"): (2000,), ("moons", "mlp"): (10000, 2000), ("spiral", "mlp"): (3000,)}


class Patient(NamedTuple):
    """One run of the bank.

    Attributes:
        number: where it stands in the plan, and the seed of its weights and random numbers.
        half: TUNED or JUDGED.
        data: a data set of `players.data_of`.
        network: a kind of `players.pair`.
        loss: a family of `gan_lesson.loss_families`.
        optimizer: "adam", "rmsprop" or "sgd".
        turns: length of the run.
        fault: what is planted, a name of diagnosis or "healthy".
        variant: how it comes about.
    """

    number: int
    half: str
    data: str
    network: str
    loss: str
    optimizer: str
    turns: int
    fault: str
    variant: str


def all_patients() -> list[Patient]:
    """Return the whole plan, the tuned half first; always the same."""
    return [
        Patient(number, half, *row)
        for half in CELLS
        for number, row in enumerate(_of_half(half), FIRST[half])
    ]


def _of_half(half: str) -> list[tuple]:
    own, rows = random.Random(f"bank {half}"), []
    for place, cell in enumerate(CELLS[half]):
        for k in range(HEALTHY_PER_CELL):
            loss = FAMILIES[(place + k) % len(FAMILIES)]
            rows.append(_row(own, cell, loss, HEALTHY, "", LONG.get(cell, ())[k : k + 1]))
    for number, (fault, variants) in enumerate(VARIANTS.items()):
        table = [cell for cell in CELLS[half] if cell[0] == "table"] * TABLE_PER_HALF
        cells = table if fault == "one column constant" else CELLS[half]
        families = ONLY_FOR.get(fault, FAMILIES)
        for place, cell in enumerate(cells):
            if place == number % len(cells):
                continue
            variant = variants[(place + number) % len(variants)]
            loss = "logistic" if variant == "saturating" else None
            loss = loss or families[(place + 2 * number) % len(families)]
            rows.append(_row(own, cell, loss, fault, variant, ()))
    return rows


def _row(own, cell, loss, fault, variant, turns) -> tuple:
    """Return a row of the plan; pictures are played shorter, since a turn takes longer."""
    optimizer = own.choice(("adam", "adam", "adam", "rmsprop"))
    length = own.choice(LENGTHS)
    if cell[0] in ("digits", "fashion"):
        length = own.choice((200, 200, 250))
    if turns:
        (length,) = turns
    return (*cell, loss, optimizer, length, fault, variant)
