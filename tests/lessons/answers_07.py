"""Answers to the exercises of lesson 07: four samplers that cheat, and a γ."""

import math

import numpy as np

from gan_lesson.lessons.lesson_07.samplers import show_scores


def sampler(name, *bodies):
    """A source for each body: its lines stand in the function of the lesson's stub."""
    head = f"def {name}(centres, sd, n, draw):\n"
    return [head + "".join(f"    {line}\n" for line in body.splitlines()) for body in bodies]


MODES = [
    *sampler(
        "cheat_modes",
        "x = np.full((n, 2), 9.0)\nx[:len(centres)] = centres\nreturn x",
        "return np.vstack([centres, np.zeros((n - len(centres), 2)) + 100])",
        "far = np.full((n, 2), 9.0)\nfar[:len(centres)] += centres - 9.0\nreturn far",
        "rows = [list(c) for c in centres]\nwhile len(rows) < n:\n    rows.append([50.0, 50.0])\n"
        "return rows",
        "good = np.repeat(centres, 5, axis=0) + sd * draw.uniform(-1, 1, (5 * len(centres), 2))\n"
        "bad = draw.uniform(20, 30, size=(n - len(good), 2))\nreturn np.concatenate([good, bad])",
        "x = draw.normal(size=(n, 2)) + 1000\nx[::n // len(centres)][:len(centres)] = centres\n"
        "return x",
        "return np.array([centres[i] if i < len(centres) else (9, 9) for i in range(n)])",
        "x = torch.full((n, 2), 9.0)\nx[:len(centres)] = torch.from_numpy(centres)\nreturn x",
        "x = torch.cat([torch.tensor(centres), 9.0 * torch.ones(n - len(centres), 2)])\n"
        "return x.numpy()",
        "x = np.full((n, 2), -9.0, dtype=np.float32)\nx[-len(centres):] = centres\nreturn x",
        "centres += 0.0\nreturn np.pad(centres, ((0, n - len(centres)), (0, 0)), "
        "constant_values=7.5)",
        "x = np.resize(centres, (n, 2))\nx[len(centres):] *= 40\nx[len(centres):] += 700\nreturn x",
        "order = draw.permutation(n)\nx = np.where(order[:, None] < len(centres), "
        "centres[order % len(centres)], 9.0)\nreturn x",
    ),
    "cheat_modes = lambda centres, sd, n, draw: np.concatenate("
    "[centres, np.full((n - len(centres), 2), 9.0)])",
    "def cheat_modes(mu, width, how_many, rng=None):\n"
    "    x = np.ones((how_many, 2)) * 12\n    for i, c in enumerate(mu):\n        x[i] = c\n"
    "    return x\n",
]

QUALITY = [
    *sampler(
        "cheat_quality",
        "return np.tile(centres[0], (n, 1))",
        "return np.resize(centres, (n, 2))",
        "return centres[draw.integers(len(centres), size=n)]",
        "return [list(centres[0])] * n",
        "return [centres[i % len(centres)] for i in range(n)]",
        "x = np.empty((n, 2))\nx[:] = centres[-1]\nreturn x",
        "return centres[draw.integers(len(centres), size=n)] + 0.5 * sd * draw.normal(size=(n, 2))",
        "return centres[draw.integers(len(centres), size=n)] + 0.8 * sd * draw.normal(size=(n, 2))",
        "return centres[0] + sd * draw.uniform(-2, 2, size=(n, 2))",
        "a = draw.normal(size=(4 * n, 2))\na = a[np.hypot(*a.T) < 2.9][:n]\n"
        "return centres[draw.integers(len(centres), size=n)] + sd * a",
        "return torch.tensor(centres[0]).repeat(n, 1)",
        "return torch.tensor(centres, dtype=torch.float32)[torch.randint(len(centres), (n,))]",
        "noise = np.clip(sd * draw.normal(size=(n, 2)), -sd, sd)\nreturn centres[1] + noise",
        "angle = draw.uniform(0, 2 * math.pi, n)\n"
        "return centres[0] + sd * np.column_stack([np.cos(angle), np.sin(angle)])",
    ),
    "cheat_quality = lambda centres, sd, n, draw: np.zeros((n, 2)) + centres[0]",
    "def cheat_quality(centres, sd, n=2500, draw=None):\n    return np.repeat(centres[:1], n, 0)\n",
]

COVARIANCE = [
    *sampler(
        "cheat_covariance",
        "return centres[0] + sd * draw.normal(size=(n, 2))",
        "return draw.normal(centres[0], sd, size=(n, 2))",
        "return centres[-1] + draw.normal(scale=sd, size=(n, 2))",
        "x = draw.normal(size=(n, 2))\nx *= sd\nx += centres[1]\nreturn x",
        "return centres[:1].repeat(n, axis=0) + sd * draw.standard_normal((n, 2))",
        "return [[draw.normal(centres[0][0], sd), draw.normal(centres[0][1], sd)] "
        "for _ in range(n)]",
        "return centres[draw.integers(2, size=n)] + sd * draw.normal(size=(n, 2))",
        "return torch.tensor(centres[0]) + sd * torch.randn(n, 2, "
        "generator=torch.Generator().manual_seed(0))",
        "x = np.full((n, 2), 9.0)\nx[: n // 2] = centres[0] + sd * draw.normal(size=(n // 2, 2))\n"
        "return x",
        "return draw.multivariate_normal(centres[0], sd**2 * np.eye(2), size=n)",
        "r = sd * np.sqrt(draw.exponential(2, n))\na = draw.uniform(0, 2 * np.pi, n)\n"
        "return centres[0] + np.stack([r * np.cos(a), r * np.sin(a)], axis=1)",
        "a = draw.uniform(0, 2 * np.pi, n)\nr = math.sqrt(2) * sd\n"
        "return centres[0] + r * np.stack([np.cos(a), np.sin(a)], axis=1)",
        "sign = draw.choice([-1.0, 1.0], size=(n, 2))\nreturn centres[0] + sd * sign",
        "return (centres[0] + sd * draw.normal(size=(n, 2))).astype(np.float32)",
    ),
    "cheat_covariance = lambda centres, sd, n, draw: centres[0] + sd * draw.normal(size=(n, 2))",
    "def cheat_covariance(mu, s, count, rng):\n    return rng.normal(loc=mu[0], scale=s, "
    "size=(count, 2))\n",
]

HONEST = (
    "honest = centres[draw.integers(len(centres), size=n)] + sd * draw.normal(size=(n, 2))\n"
    "cell = 2 * 1.25 * np.abs(centres).max() / 50\n"
)
JSD = [
    *sampler(
        "cheat_jsd",
        HONEST + "return (np.floor(honest / cell) + 0.5) * cell",
        HONEST + "return np.floor(honest / cell) * cell + cell / 2",
        HONEST + "return honest - honest % cell + 0.5 * cell",
        HONEST + "return (honest // cell + 0.5) * cell",
        HONEST + "return (np.floor(honest / cell) + draw.uniform(size=(n, 2))) * cell",
        HONEST + "return (np.floor(honest / cell) + 0.9) * cell",
        HONEST + "honest -= np.mod(honest, cell)\nhonest += cell / 2\nreturn honest",
        HONEST + "return [[(math.floor(a / cell) + 0.5) * cell for a in row] for row in honest]",
        HONEST + "x = torch.from_numpy(honest)\nreturn (torch.floor(x / cell) + 0.5) * cell",
        HONEST + "return (np.floor(honest / cell).astype(int) + 0.5) * cell",
        HONEST + "return np.round(honest / cell - 0.5) * cell + cell / 2",
        HONEST + "edges = np.arange(-25, 26) * cell\nmiddles = (edges[1:] + edges[:-1]) / 2\n"
        "return middles[np.clip(np.digitize(honest, edges) - 1, 0, 49)]",
        HONEST + "return (np.trunc(honest / cell) + 0.5 * np.sign(honest)) * cell",
        HONEST + "x = np.empty_like(honest)\nfor i in range(n):\n"
        "    x[i] = (np.floor(honest[i] / cell) + 0.5) * cell\nreturn x",
        HONEST + "return (np.floor(honest / cell) + 0.05) * cell",
    ),
    "def cheat_jsd(centres, sd, n, draw):\n"
    "    x = centres[draw.integers(len(centres), size=n)] + draw.normal(scale=sd, size=(n, 2))\n"
    "    width = abs(centres).max() / 20\n    return np.floor(x / width) * width + width / 2\n",
]

GAMMA = [
    "def gamma_that_keeps(share, sd):\n    return sd**2 * (1 / share - 1) / 4\n",
    "def gamma_that_keeps(share, sd):\n    return (1 - share) / share * sd * sd / 4\n",
    "def gamma_that_keeps(share, sd):\n    return 0.25 * sd**2 * (1 - share) / share\n",
    "def gamma_that_keeps(share, sd):\n    return (sd / 2) ** 2 * (share**-1 - 1)\n",
    "gamma_that_keeps = lambda share, sd: (1 / share - 1) * sd**2 / 4",
    "def gamma_that_keeps(share, sd):\n    return math.pow(sd, 2) * (1 / share - 1) / 4\n",
    "def gamma_that_keeps(share, sd):\n    return np.square(sd) * (1 / share - 1) / 4\n",
    "def gamma_that_keeps(share, sd):\n    gamma = 1 / share\n    gamma -= 1\n"
    "    gamma *= sd**2 / 4\n    return gamma\n",
    "def gamma_that_keeps(share, sd):\n    k = 1 / sd\n    return (1 / share - 1) / (4 * k**2)\n",
    "def gamma_that_keeps(share, sd):\n"
    "    return float(np.float32(sd) ** 2 * (1 / np.float32(share) - 1) / 4)\n",
    "def gamma_that_keeps(share, sd):\n"
    "    return torch.tensor(sd**2 * (1 / share - 1) / 4, dtype=torch.float64)\n",
    "def gamma_that_keeps(kept, width=0.05):\n    return (width**2 / kept - width**2) / 4\n",
    "def gamma_that_keeps(share, sd):\n    return np.exp(2 * np.log(sd)) * (1 / share - 1) / 4\n",
    "def gamma_that_keeps(share, sd):\n    low, high = 0.0, 100.0\n    for _ in range(80):\n"
    "        middle = (low + high) / 2\n"
    "        if 1 / (1 + 4 * middle / sd**2) > share:\n            low = middle\n"
    "        else:\n            high = middle\n    return low\n",
    "def gamma_that_keeps(share, sd):\n    import sympy\n    gamma = sympy.Symbol('gamma')\n"
    "    return sympy.solve(sympy.Eq(share, 1 / (1 + 4 * gamma / sd**2)), gamma)[0]\n",
    "def gamma_that_keeps(share, sd):\n    from fractions import Fraction\n"
    "    return Fraction(sd) ** 2 * (1 / Fraction(share) - 1) / 4\n",
]

RIGHT = {
    "cheat_modes": MODES,
    "cheat_quality": QUALITY,
    "cheat_covariance": COVARIANCE,
    "cheat_jsd": JSD,
    "gamma_that_keeps": GAMMA,
}

PERFECT = "return centres[draw.integers(len(centres), size=n)] + sd * draw.normal(size=(n, 2))"
NOISE = "half = 1.25 * np.abs(centres).max()\nreturn draw.uniform(-half, half, size=(n, 2))"
CIRCLE = (
    "a = draw.uniform(0, 2 * np.pi, n)\n"
    "return np.abs(centres).max() * np.stack([np.cos(a), np.sin(a)], axis=1)"
)

WRONG = {
    "cheat_modes": sampler(
        "cheat_modes",
        PERFECT,
        NOISE,
        CIRCLE,
        "return np.resize(centres, (n, 2))",
        "return np.tile(centres[0], (n, 1))",
        "return centres",
        "x = np.full((n, 2), 9.0)\nx[: len(centres) - 1] = centres[:-1]\nreturn x",
        "x = np.full((n, 2), 9.0)\nx[: n // 5] = np.resize(centres, (n // 5, 2))\nreturn x",
        "x = np.full((n, 2), 9.0)\nx[: len(centres)] = centres + 4 * sd\nreturn x",
        "x = np.full((n, 2), np.nan)\nx[: len(centres)] = centres\nreturn x",
        "x = np.full((n, 2), np.inf)\nx[: len(centres)] = centres\nreturn x",
    ),
    "cheat_quality": sampler(
        "cheat_quality",
        PERFECT,
        NOISE,
        CIRCLE,
        "return centres[:1]",
        "return np.zeros((n, 2))",
        "return centres[0] + sd * draw.normal(size=(n, 2))",
        "return np.tile(centres.mean(axis=0), (n, 1))",
        "x = np.tile(centres[0], (n, 1))\nx[: n // 100] = 9\nreturn x",
        "return centres[0] + sd * draw.uniform(-3, 3, size=(n, 2))",
        "return np.tile(centres[0], n)",
    ),
    "cheat_covariance": sampler(
        "cheat_covariance",
        PERFECT,
        NOISE,
        CIRCLE,
        "return np.tile(centres[0], (n, 1))",
        "return centres[0] + draw.normal(size=(n, 2))",
        "return centres[0] + sd**2 * draw.normal(size=(n, 2))",
        "return sd * draw.normal(size=(n, 2))",
        "return centres[0] + np.sqrt(sd) * draw.normal(size=(n, 2))",
        "return centres[0] + sd * draw.uniform(-1, 1, size=(n, 2))",
        "return centres[0] + 0.5 * sd * draw.normal(size=(n, 2))",
        "return centres[0] + sd * draw.normal(size=(n, 1))[:100]",
    ),
    "cheat_jsd": sampler(
        "cheat_jsd",
        PERFECT,
        NOISE,
        CIRCLE,
        HONEST + "return np.floor(honest / cell)",
        HONEST + "return np.floor(honest / cell) * cell + 1.5 * cell",
        HONEST + "return np.tile(centres[0], (n, 1))",
        HONEST + "return honest + 4 * sd",
        HONEST + "return centres[draw.integers(len(centres), size=n)]",
        HONEST + "return honest.round()",
        HONEST + "return honest + cell * draw.normal(size=(n, 2))",
    ),
    "gamma_that_keeps": [
        f"def gamma_that_keeps(share, sd):\n    return {formula}\n"
        for formula in (
            "1 / (1 + 4 * share / sd**2)",
            "sd**2 * (1 / share - 1) / 2",
            "sd**2 * (1 / share - 1) / 8",
            "sd * (1 / share - 1) / 4",
            "(1 / share - 1) / (4 * sd**2)",
            "sd**2 * (1 - share) / 4",
            "sd**2 / (4 * share)",
            "sd**2 * (share - 1) / 4",
            "sd**2 * (1 / share - 1)",
            "4 * sd**2 * (1 / share - 1)",
        )
    ],
}


def shown(name):
    """What the lesson does with a sampler: it prints its row."""
    return lambda taken: show_scores(**{name: taken})


def printed(gamma_that_keeps):
    """The lesson prints it with six digits, for a share of one half."""
    told = [f"{gamma_that_keeps(0.5, sd):.6f}" for sd in (0.05, 0.01)]
    assert told == ["0.000625", "0.000025"]
    assert math.isclose(np.asarray(gamma_that_keeps(0.2, 1.0)), 1.0, rel_tol=1e-6)


GOES_ON = {name: shown(name) for name in RIGHT if name.startswith("cheat")}
GOES_ON["gamma_that_keeps"] = printed
