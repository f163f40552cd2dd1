"""Lesson 15: the playground's table of five games, and a run of each whose curves are shown.

Seeds are played side by side: many small networks of one kind are one network whose matrices
have a further axis, and Adam treats each number by itself. So ten seeds take little more time
than one, and each of them is played as if it were alone; a test holds that.
"""

import csv
import io
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from assets.files import Assets
from gan_lesson.data import Mixture, ring, two_bumps
from gan_lesson.lessons.lesson_15.recorded import CURVES_FILE, PLAYED, TABLE_FILE
from gan_lesson.metrics import mode_scores, reference_scores
from gan_lesson.networks import Discriminator, Generator, small_pair
from gan_lesson.trainer import Trainer, adam

N, WIDTH, RATE = 100, 32, 2e-3
SEEDS, STEPS = 8, 1500
N_SCORED = 2500  # as in the published tables
SCORES = ("modes", "fair_modes", "high_quality", "reverse_kl")
PENALTIES = {
    "none": {},
    "R1 + R2": {"r1_gamma": 0.03, "r2_gamma": 0.03},
    "GP, λ = 1": {"gp_weight": 1.0},
    "GP, λ = 0.1": {"gp_weight": 0.1},
    "GP, 0.1, 5 D": {"gp_weight": 0.1, "d_steps": 5},
}
ROWS = [(game, penalty) for game in PLAYED for penalty in list(PENALTIES)[:4]]
ROWS.insert(16, ("wasserstein", "GP, 0.1, 5 D"))  # as WGAN-GP's authors play small sets


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


def side_by_side(data: Mixture, seeds, dim: int = 2, n: int = N, **settings) -> Trainer:
    """Return a trainer whose G and D are those of `small_pair` for each seed, side by side."""
    pairs = [small_pair(dim, latent_dim=dim, width=WIDTH, seed=seed) for seed in seeds]
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


def play_row(game: str, penalty: str, seeds=range(SEEDS), n_steps: int = STEPS) -> dict:
    """Return a row of the table: one game with one penalty on the ring, over all seeds."""
    data = ring(sd=0.05)
    centres = data.centres.numpy().astype(float)
    start = time.process_time()
    trainer = side_by_side(data, seeds, loss=game, **PENALTIES[penalty])
    trainer.burst(n_steps)
    row = {"game": game, "penalty": penalty, "seeds": len(seeds), "steps": n_steps}
    row["seconds"] = time.process_time() - start
    found = [mode_scores(x, centres, data.sd)._asdict() for x in samples(trainer)]
    for key in SCORES:
        values = np.array([each[key] for each in found])
        row |= {key: values.mean(), f"{key}_se": values.std(ddof=1) / len(found) ** 0.5}
    return row | {"least_modes": min(each["modes"] for each in found)}


def floor_and_ceiling() -> list[dict]:
    """Return the rows of a perfect sampler and of noise on the ring."""
    data = ring(sd=0.05)
    rows = reference_scores(data.centres.numpy().astype(float), data.sd).items()
    return [{"game": who, "penalty": ""} | scores._asdict() for who, scores in rows]


def record_curves(n_steps: int = 600, every: int = 4) -> dict[str, np.ndarray]:
    """Return the curves of one run of each game on two bumps, without a penalty but one.

    The Wasserstein game has the gradient penalty with λ = 1, since its scores run away without any.
    """
    numbers = []
    for game in PLAYED:
        settings = PENALTIES["GP, λ = 1"] if game == "wasserstein" else {}
        run = side_by_side(two_bumps(), range(1), dim=1, loss=game, **settings)
        run.burst(n_steps)
        columns = [run.history[c] for c in ("d_real", "d_fake", "loss_d", "loss_g")]
        numbers.append(np.stack(columns, 1).reshape(-1, every, 4).mean(axis=1))
    steps = np.arange(every, n_steps + 1, every)
    return {"steps": steps, "numbers": np.array(numbers, np.float32)}


def write_table(rows: list[dict], assets: Assets) -> int:
    """Write the rows that were played, and floor and ceiling below them."""
    columns = list(rows[0])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows + floor_and_ceiling():
        values = (row.get(column, "") for column in columns)
        writer.writerow([f"{v:.4g}" if isinstance(v, float) else v for v in values])
    return assets.write(TABLE_FILE, text.getvalue().encode(), "lesson_15")


def make_games(assets: Assets) -> dict:
    """Play everything, write table and curves; return what PROVENANCE.md says of them."""
    curve_bytes = assets.write_arrays(CURVES_FILE, record_curves(), "lesson_15")
    rows = []
    for game, penalty in ROWS:
        rows.append(play_row(game, penalty))
        print(game, penalty, f"{rows[-1]['modes']:.2f} modes", flush=True)
    return {
        "bytes": write_table(rows, assets),
        "curve_kilobytes": curve_bytes // 1000,
        "last_seed": SEEDS - 1,
        "steps": STEPS,
        "seconds": round(sum(row["seconds"] for row in rows)),
    }
