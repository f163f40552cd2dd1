"""Lesson 15: the playground's table of five games, and a run of each whose curves are shown.

Seeds are played side by side: many small networks of one kind are one network whose matrices
have a further axis, and Adam treats each number by itself. So ten seeds take little more time
than one, and each of them is played as if it were alone; a test holds that.

All rows have the same seconds of the processor, and are played in turns of a part of them, so
that a slow moment of the machine meets every row alike.
"""

import csv
import io
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from assets.files import Assets
from gan_lesson.data import Mixture, grid, ring, two_bumps
from gan_lesson.lessons.lesson_15.playground import PENALTIES, SETTINGS
from gan_lesson.lessons.lesson_15.recorded import CURVES_FILE, PLAYED, TABLE_FILE
from gan_lesson.metrics import mode_scores, reference_scores
from gan_lesson.networks import Discriminator, Generator, small_pair
from gan_lesson.schedules import fall_to_zero
from gan_lesson.trainer import Trainer, adam

N, WIDTH, RATE = (SETTINGS[name] for name in ("batch_size", "width", "lr_g"))
SEEDS = 10
# of the processor, for a row: all of its seeds together; the sets that are recorded
SECONDS = {"ring": 6, "grid": 60}
PARTS = 40  # turns in which the rows are played, and steps in which their rates fall
N_SCORED = 2500  # as in the published tables
SCORES = ("modes", "fair_modes", "high_quality", "reverse_kl")
ROWS = [(game, 1, penalty) for game in PLAYED for penalty in PENALTIES]
# five steps of D in a turn are what the authors of the gradient penalty take
ROWS += [("wasserstein", 5, penalty) for penalty in PENALTIES]


def sets() -> dict[str, Mixture]:
    """Return the ring and the grid of 25, both within [-1, 1]², so that a weight means the same."""
    of_25 = grid()
    return {"ring": ring(sd=0.05), "grid": Mixture(of_25.centres / 4, of_25.sd / 4)}


class Many(nn.Module):
    """Perceptrons of one shape side by side; sample i goes to number (i // n) mod their count.

    Args:
        nets: `multilayer_perceptron`s of the same widths.
        n: samples for each of them in a batch.
    """

    def __init__(self, nets: list[nn.Sequential], n: int):
        super().__init__()
        self.count, self.n = len(nets), n
        layers = [[layer for layer in net if isinstance(layer, nn.Linear)] for net in nets]
        together = list(zip(*layers, strict=True))
        self.weights, self.shifts = (
            nn.ParameterList(torch.stack([f(layer) for layer in row]) for row in together)
            for f in (
                lambda layer: layer.weight.T.detach(),
                lambda layer: layer.bias.detach()[None],
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return each network's answers to its samples, in their places: (m, d) -> (m, d')."""
        whole = self.count * self.n
        rounds = -(-len(x) // whole)
        padded = torch.cat([x, x.new_zeros(rounds * whole - len(x), x.shape[1])])
        each = padded.view(rounds, self.count, self.n, -1).transpose(0, 1).flatten(1, 2)
        y = self.each(each).view(self.count, rounds, self.n, -1).transpose(0, 1)
        return y.reshape(rounds * whole, -1)[: len(x)]

    def each(self, x: Tensor) -> Tensor:
        """Return what network k makes of x[k]: (count, m, d) -> (count, m, d')."""
        for i, (weight, shift) in enumerate(zip(self.weights, self.shifts, strict=True)):
            x = torch.baddbmm(shift, leaky_relu(x, 0.2) if i else x, weight)
        return x


def side_by_side(
    data: Mixture, seeds, dim: int = 2, n: int = N, width: int = WIDTH, **settings
) -> Trainer:
    """Return a trainer whose G and D are those of `small_pair` for each seed, side by side."""
    pairs = [small_pair(dim, latent_dim=dim, width=width, seed=seed) for seed in seeds]
    G = Generator(Many([G.net for G, _ in pairs], n), latent_dim=dim)
    D = Discriminator(Many([D.net for _, D in pairs], n))
    rates = {"optimizer_g": adam(G.parameters(), RATE), "optimizer_d": adam(D.parameters(), RATE)}
    return Trainer(G, D, data, batch_size=n * len(pairs), **rates, **settings)


@torch.no_grad()
def samples(trainer: Trainer) -> np.ndarray:
    """Return 2,500 samples of each seed's G, shape (seeds, 2500, d)."""
    draw = torch.Generator().manual_seed(2)
    z = torch.randn(N_SCORED, trainer.G.latent_dim, generator=draw)
    return trainer.G.net.each(z.expand(trainer.G.net.count, -1, -1)).numpy()


def play_in_turns(trainers: list[Trainer], seconds: float, burst: int = 10) -> list[float]:
    """Play each trainer for so many seconds of the processor; return what each really took.

    Both rates of each fall in a straight line from what they are now to 0, in `PARTS` steps, so
    that the end of a run is as still whatever a step costs.
    """
    taken, rates = [0.0] * len(trainers), [(t.lr_d, t.lr_g) for t in trainers]
    for part in range(PARTS):
        for i, trainer in enumerate(trainers):
            left = fall_to_zero(part / PARTS)
            trainer.lr_d, trainer.lr_g = (left * rate for rate in rates[i])
            while taken[i] < seconds * (part + 1) / PARTS:
                start = time.process_time()
                trainer.burst(burst)
                taken[i] += time.process_time() - start
    return taken


def play_set(name: str, seeds=range(SEEDS), seconds: float | None = None, rows=ROWS) -> list[dict]:
    """Return the table's rows of one set: each game with each penalty, over all seeds."""
    data = sets()[name]
    trainers = []
    for game, d_steps, penalty in rows:
        settings = {"loss": game, "d_steps": d_steps, **PENALTIES[penalty]}
        trainers.append(side_by_side(data, seeds, **settings))
    taken = play_in_turns(trainers, seconds or SECONDS[name])
    table = []
    for key, trainer, spent in zip(rows, trainers, taken, strict=True):
        row = dict(zip(("game", "d_steps", "penalty"), key, strict=True))
        row |= {"seeds": len(seeds), "steps": trainer.step, "seconds": spent}
        table.append({"data": name} | row | scores_of(trainer))
    return table


def scores_of(trainer: Trainer) -> dict:
    """Return means and standard errors over the seeds, and the least number of modes."""
    data = trainer.data
    centres = data.centres.numpy().astype(float)
    found = [mode_scores(x, centres, data.sd)._asdict() for x in samples(trainer)]
    scores = {}
    for key in SCORES:
        values = np.array([each[key] for each in found])
        scores |= {key: values.mean(), f"{key}_se": values.std(ddof=1) / len(found) ** 0.5}
    return scores | {"least_modes": min(each["modes"] for each in found)}


def floor_and_ceiling(name: str) -> list[dict]:
    """Return the rows of a perfect sampler and of noise on a set."""
    data = sets()[name]
    rows = reference_scores(data.centres.numpy().astype(float), data.sd).items()
    return [{"data": name, "game": who, "penalty": ""} | each._asdict() for who, each in rows]


def record_curves(n_steps: int = 600, every: int = 4) -> dict[str, np.ndarray]:
    """Return the curves of one run of each game on two bumps, without a penalty but one.

    The Wasserstein game has the gradient penalty with λ = 1, since its scores run away without any.
    """
    numbers = []
    for game in PLAYED:
        settings = PENALTIES["GP, λ = 1"] if game == "wasserstein" else {}
        run = side_by_side(two_bumps(), range(1), dim=1, width=32, loss=game, **settings)
        run.burst(n_steps)
        columns = [run.history[c] for c in ("d_real", "d_fake", "loss_d", "loss_g")]
        numbers.append(np.stack(columns, 1).reshape(-1, every, 4).mean(axis=1))
    steps = np.arange(every, n_steps + 1, every)
    return {"steps": steps, "numbers": np.array(numbers, np.float32)}


def write_table(rows: list[dict], assets: Assets) -> int:
    """Write the rows that were played, and floor and ceiling of each set below its own."""
    columns, text = list(rows[0]), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for name in dict.fromkeys(row["data"] for row in rows):
        for row in [row for row in rows if row["data"] == name] + floor_and_ceiling(name):
            values = (row.get(column, "") for column in columns)
            writer.writerow([f"{v:.4g}" if isinstance(v, float) else v for v in values])
    return assets.write(TABLE_FILE, text.getvalue().encode(), "lesson_15")


def make_games(assets: Assets) -> dict:
    """Play everything, write table and curves; return what PROVENANCE.md says of them."""
    curve_bytes = assets.write_arrays(CURVES_FILE, record_curves(), "lesson_15")
    rows = []
    for name in SECONDS:
        rows += play_set(name)
        print(f"{name}: {sum(row['seconds'] for row in rows):.0f} processor seconds", flush=True)
    return {
        "bytes": write_table(rows, assets),
        "curve_kilobytes": curve_bytes // 1000,
        "last_seed": SEEDS - 1,
        "width": WIDTH,
        "seconds_ring": SECONDS["ring"],
        "seconds_grid": SECONDS["grid"],
        "seconds": round(sum(row["seconds"] for row in rows)),
    }
