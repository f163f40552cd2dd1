"""Which runs there are: each patient's data, networks, loss, optimiser, length, fault and half.

No pair of data and network stands in both halves. Nine points on a grid and the letters GAN are
judged only; all other data are tuned with some networks and judged with another.
"""

import random
from typing import NamedTuple

from gan_lesson.diagnosis import HEALTHY

HALVES = TUNED, JUDGED = "tuned", "judged"
# cells of the tuned half: those that weights are fitted to, and those that are left out of that, on
# which temperatures are chosen
FITTED = (
    ("ring", "mlp"), ("ring", "batchnorm"), ("ring", "spectral"), ("bumps", "mlp"),
    ("bumps", "spectral"), ("digits", "mlp"), ("digits", "conv"), ("digits", "batchnorm"),
    ("table", "mlp"), ("series", "conv"),
)  # fmt: skip
LEFT_OUT = (
    ("moons", "mlp"), ("moons", "batchnorm"), ("moons", "spectral"), ("spiral", "mlp"),
    ("spiral", "batchnorm"), ("fashion", "mlp"), ("fashion", "conv"), ("fashion", "spectral"),
    ("table", "batchnorm"), ("series", "mlp"),
)  # fmt: skip
CELLS = {
    TUNED: FITTED + LEFT_OUT,
    JUDGED: (
        ("grid", "mlp"), ("grid", "batchnorm"), ("letters", "mlp"), ("letters", "spectral"),
        ("spiral", "spectral"), ("bumps", "batchnorm"), ("digits", "spectral"),
        ("fashion", "batchnorm"), ("table", "spectral"), ("series", "batchnorm"),
    ),
}  # fmt: skip
# The runs of a half, in parts: number of the first one, cells, name of the dice. The runs from 211,
# 1000 and 2000 on were judged once each, by the rules of their day, and then looked at. So they are
# tuned on now, as far as they are kept, and others are judged: of other cells, from 3000 on. Once
# these have been judged they have been seen too: next time take other cells and 4000.
PARTS = {
    TUNED: (
        (0, FITTED, "tuned"), (1000, LEFT_OUT, "judged"), (2000, LEFT_OUT, "judged"),
    ),
    JUDGED: ((3000, CELLS[JUDGED], "judged from 3000 on"),),
}  # fmt: skip
HEALTHY_PER_CELL = 7
TABLE_PER_PART = 7
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
LONG = {
    ("ring", "mlp"): (2000,), ("moons", "mlp"): (10000, 2000), ("spiral", "mlp"): (3000,),
    ("grid", "mlp"): (2000,), ("letters", "mlp"): (3000,),
}  # fmt: skip


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
        for half, parts in PARTS.items()
        for first, cells, dice in parts
        for number, row in enumerate(_of_part(cells, dice), first)
    ]


def _of_part(cells: tuple, dice: str) -> list[tuple]:
    own, rows = random.Random(f"bank {dice}"), []
    for place, cell in enumerate(cells):
        for k in range(HEALTHY_PER_CELL):
            loss = FAMILIES[(place + k) % len(FAMILIES)]
            rows.append(_row(own, cell, loss, HEALTHY, "", LONG.get(cell, ())[k : k + 1]))
    for number, (fault, variants) in enumerate(VARIANTS.items()):
        table = [cell for cell in cells if cell[0] == "table"] * TABLE_PER_PART
        own_cells = table if fault == "one column constant" else cells
        families = ONLY_FOR.get(fault, FAMILIES)
        for place, cell in enumerate(own_cells):
            if place == number % len(own_cells):
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
