"""Answers to lesson 15's exercises, right and wrong, as learners write them."""

import numpy as np

# --- W1 by sorting -----------------------------------------------------------------------------

DEF = "def w1(x, y):\n    "
SORTED = DEF + "x, y = np.sort(x), np.sort(y)\n    "

W1_RIGHT = [
    DEF + "return np.abs(np.sort(x) - np.sort(y)).mean()",
    DEF + "return np.mean(np.abs(np.sort(y) - np.sort(x)))",
    SORTED + "return np.abs(x - y).mean()",
    SORTED + "return np.sum(np.abs(x - y)) / len(x)",
    SORTED + "return np.linalg.norm(x - y, 1) / x.size",
    SORTED + "return np.average(abs(x - y))",
    SORTED + "return sum(abs(a - b) for a, b in zip(x, y)) / len(x)",
    SORTED + "return (np.maximum(x, y) - np.minimum(x, y)).mean()",
    SORTED + "return np.sqrt((x - y) ** 2).mean()",
    DEF + "a, b = sorted(x), sorted(y)\n    return sum(abs(p - q) for p, q in zip(a, b)) / len(a)",
    DEF + "return np.abs(x[np.argsort(x)] - y[np.argsort(y)]).mean()",
    DEF + "return np.abs(np.sort(x)[::-1] - np.sort(y)[::-1]).mean()",
    DEF + "x, y = torch.tensor(x), torch.tensor(y)\n    "
    "return (x.sort().values - y.sort().values).abs().mean().item()",
    DEF + "from scipy.stats import wasserstein_distance\n    return wasserstein_distance(x, y)",
    DEF + "x.sort()\n    y.sort()\n    return np.abs(x - y).mean()",
    """def w1(x, y):
    places = np.sort(np.concatenate([x, y]))
    share_x = np.searchsorted(np.sort(x), places[:-1], side="right") / len(x)
    share_y = np.searchsorted(np.sort(y), places[:-1], side="right") / len(y)
    return np.sum(np.abs(share_x - share_y) * np.diff(places))""",
    "w1 = lambda x, y: np.abs(np.sort(x) - np.sort(y)).mean()",
]
W1_WRONG = [
    DEF + "return np.abs(x - y).mean()",
    DEF + "return np.abs(np.sort(x) - y).mean()",
    DEF + "return np.abs(x - np.sort(y)).mean()",
    SORTED + "return (x - y).mean()",
    SORTED + "return abs((x - y).mean())",
    SORTED + "return np.abs(x - y).sum()",
    SORTED + "return np.abs(x - y[::-1]).mean()",
    SORTED + "return ((x - y) ** 2).mean()",
    SORTED + "return np.sqrt(((x - y) ** 2).mean())",
    SORTED + "return np.median(np.abs(x - y))",
    SORTED + "return np.abs(x - y).max()",
    SORTED + "return np.abs(x - y)",
    DEF + "return np.abs(x[:, None] - y).mean()",
    DEF + "return np.abs(x[:, None] - y).min(axis=1).mean()",
    DEF + "return abs(x.mean() - y.mean())",
]

# --- chance levels -----------------------------------------------------------------------------


def levels(logistic="(2 * np.log(2), np.log(2))", least="(0.5, 0.25)", hinge="(2, 0)",
           pairs="(np.log(2), np.log(2))"):  # fmt: skip
    return (
        f'chance = {{"logistic": {logistic}, "least squares": {least}, '
        f'"hinge": {hinge}, "relativistic": {pairs}}}'
    )


CHANCE_RIGHT = [
    levels(),
    levels("(np.log(4), np.log(2))"),
    levels("(1.386, 0.693)", pairs="(0.693, 0.693)"),
    levels("[1.3863, 0.6931]", pairs="[0.6931, 0.6931]"),
    levels("(-2 * np.log(0.5), -np.log(0.5))"),
    levels("(2 * math.log(2), math.log(2))"),
    levels("np.array([2, 1]) * np.log(2)", "np.array([0.5, 0.25])"),
    levels(least="(1 / 2, 1 / 4)"),
    levels(least="(0.5**2 + 0.5**2, 0.5**2)"),
    levels(hinge="(1 + 1, 0)"),
    levels(hinge="(2.0, -0.0)"),
    levels("(2 * np.logaddexp(0, 0), np.logaddexp(0, 0))"),
    levels(pairs="(np.log1p(1), np.log1p(1))"),
    levels("tuple(np.array([2, 1]) * np.log(2))", "list((0.5, 0.25))", "(2, 0.0)"),
]
CHANCE_WRONG = [
    levels("(np.log(2), np.log(2))"),
    levels("(0, 0)"),
    levels("(2 * np.log(2), 2 * np.log(2))"),
    levels(least="(0.25, 0.125)"),
    levels(least="(1, 1)"),
    levels(least="(0.5, 0.5)"),
    levels(hinge="(1, 0)"),
    levels(hinge="(0, 0)"),
    levels(hinge="(2, 1)"),
    levels(pairs="(2 * np.log(2), np.log(2))"),
    levels(pairs="(0, 0)"),
    levels(pairs="(2 * np.log(2), 2 * np.log(2))"),
    levels("(np.log(2), 2 * np.log(2))", "(0.25, 0.5)", "(0, 2)"),
    levels("np.log(4)"),
    'chance = {"logistic": (2 * np.log(2), np.log(2)), "least squares": (0.5, 0.25)}',
    'chance = {"logistic": (2 * np.log(2), np.log(2)), "LSGAN": (0.5, 0.25), "hinge": (2, 0)}',
]


def distances_on(w1):
    """What the lesson does with it: arrays of 10,000 numbers, and rows of a drawing."""
    x = np.random.default_rng(0).normal(size=(2, 10_000))
    assert abs(w1(x[0], x[0] + 4) - 4) < 1e-9
    assert 0 < w1(*x) < 0.1
    assert isinstance(f"{w1(*x):.2f}", str)


def pairs_on(chance):
    """What the lesson does with it: it prints pairs."""
    for of_d, of_g in chance.values():
        assert f"{of_d:.3f}, {of_g:.3f}"


RIGHT = {"w1": W1_RIGHT, "chance": CHANCE_RIGHT}
WRONG = {"w1": W1_WRONG, "chance": CHANCE_WRONG}
GOES_ON = {"w1": distances_on, "chance": pairs_on}
