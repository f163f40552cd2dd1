"""Right and wrong answers to lesson 00's exercises; test_answers.py judges them."""

import numpy as np

RIGHT = {
    "penalty": [
        "def penalty(p, y):\n    return np.where(y == 1, -np.log(p), -np.log(1 - p))",
        "def penalty(p, y):\n    return -(y * np.log(p) + (1 - y) * np.log(1 - p))",
        "def penalty(p, y):\n    return -np.log(np.where(y == 1, p, 1 - p))",
        "def penalty(p, y):\n    return -np.log(p**y * (1 - p) ** (1 - y))",
        "def penalty(p, y):\n    return -np.log(np.abs(1 - y - p))",
        "penalty = lambda p, y: np.log(1 / np.where(y, p, 1 - p))",
        (
            "def penalty(p, y):\n"
            "    return [-math.log(q) if t == 1 else -math.log(1 - q) for q, t in zip(p, y)]"
        ),
        "def penalty(p, y):\n    return -math.log(p) if y == 1 else -math.log(1 - p)",
        (
            "def penalty(p, y):\n"
            "    costs = np.empty(len(p))\n"
            "    for i in range(len(p)):\n"
            "        costs[i] = -np.log(p[i]) if y[i] else -np.log(1 - p[i])\n"
            "    return costs"
        ),
        (
            "def penalty(p, y):\n"
            "    costs = -np.log(1 - p)\n"
            "    costs[y == 1] = -np.log(p[y == 1])\n"
            "    return costs"
        ),
        (
            "def penalty(p, y):\n"
            "    p, y = torch.as_tensor(p), torch.as_tensor(y)\n"
            "    return torch.where(y == 1, -torch.log(p), -torch.log(1 - p))"
        ),
        (
            "def penalty(p, y):\n"
            "    p, y = torch.tensor(p), torch.tensor(y, dtype=torch.float64)\n"
            "    return torch.nn.functional.binary_cross_entropy(p, y, reduction='none').numpy()"
        ),
        (
            "def penalty(said, label, log=np.log):\n"
            "    return np.where(label > 0, -log(said), -log(1 - said))"
        ),
        (
            "def penalty(p, y):\n"
            "    p = np.asarray(p, dtype=np.float32)\n"
            "    return np.where(y == 1, -np.log(p), -np.log(1 - p))"
        ),
        "def penalty(p, y):\n    return np.select([y == 1, y == 0], [-np.log(p), -np.log1p(-p)])",
        (
            "def penalty(p, y):\n"
            "    p[y == 0] = 1 - p[y == 0]\n"  # in place
            "    return -np.log(p)"
        ),
        (
            "def penalty(p, y):\n"
            "    for i in range(len(p)):\n"
            "        p[i] = -np.log(p[i] if y[i] == 1 else 1 - p[i])\n"
            "    return p"
        ),
        (
            "def penalty(p, y):\n"
            "    for q, label in zip(p, y):\n"
            "        yield -math.log(q if label == 1 else 1 - q)"
        ),
        (
            "def penalty(p, y):\n"
            "    return map(lambda q, label: -math.log(q if label == 1 else 1 - q), p, y)"
        ),
    ],
    "running_mean": [
        "def running_mean(x):\n    return np.cumsum(x) / np.arange(1, len(x) + 1)",
        "def running_mean(x):\n    return np.cumsum(x) / (np.arange(len(x)) + 1)",
        "def running_mean(x):\n    return x.cumsum() / range(1, x.size + 1)",
        "def running_mean(x):\n    return [np.mean(x[: i + 1]) for i in range(len(x))]",
        "running_mean = lambda x: np.array([sum(x[:n]) / n for n in range(1, len(x) + 1)])",
        (
            "def running_mean(x):\n"
            "    total, means = 0.0, []\n"
            "    for n, cost in enumerate(x, start=1):\n"
            "        total += cost\n"
            "        means.append(total / n)\n"
            "    return means"
        ),
        (
            "def running_mean(x):\n"
            "    means = np.zeros(len(x))\n"
            "    for i in range(len(x)):\n"
            "        means[i] = x[: i + 1].mean()\n"
            "    return means"
        ),
        "def running_mean(x):\n    n = len(x)\n    return np.tri(n) @ x / np.arange(1, n + 1)",
        "def running_mean(x):\n    return np.add.accumulate(x) / np.linspace(1, len(x), len(x))",
        (
            "def running_mean(x):\n"
            "    x = torch.as_tensor(x)\n"
            "    return torch.cumsum(x, 0) / torch.arange(1, len(x) + 1)"
        ),
        (
            "def running_mean(x):\n"
            "    return np.cumsum(x, dtype=np.float32) / np.arange(1, len(x) + 1)"
        ),
        (
            "def running_mean(x):\n"
            "    import itertools\n"
            "    return [t / n for n, t in enumerate(itertools.accumulate(x), 1)]"
        ),
        (
            "def running_mean(costs, so_far=0.0):\n"
            "    out = []\n"
            "    for n, c in enumerate(costs):\n"
            "        so_far = so_far + (c - so_far) / (n + 1)\n"
            "        out.append(so_far)\n"
            "    return np.array(out)"
        ),
        "def running_mean(x):\n    return np.cumsum(x) / np.cumsum(np.ones_like(x))",
        (
            "def running_mean(x):\n"
            "    total = 0.0\n"
            "    for n, cost in enumerate(x, start=1):\n"
            "        total += cost\n"
            "        yield total / n"
        ),
        (
            "def running_mean(x):\n"
            "    for i in range(1, len(x)):\n"
            "        x[i] += x[i - 1]\n"
            "    return x / np.arange(1, len(x) + 1)"
        ),
    ],
    "expected_penalty": [
        (
            "def expected_penalty(c, share):\n"
            "    return -(share * np.log(c) + (1 - share) * np.log(1 - c))"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return share * -np.log(c) - (1 - share) * np.log(1 - c)"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return -share * math.log(c) - (1 - share) * math.log(1 - c)"
        ),
        "expected_penalty = lambda c, s: -np.log(c**s * (1 - c) ** (1 - s))",
        (
            "def expected_penalty(c, share):\n"
            "    right, wrong = (math.log(1 / q) for q in (c, 1 - c))\n"
            "    return wrong + share * (right - wrong)"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return np.dot([share, 1 - share], [-np.log(c), -np.log(1 - c)])"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    if_right, if_wrong = -np.log(c), -np.log1p(-c)\n"
            "    return np.average([if_right, if_wrong], axis=0, weights=[share, 1 - share])"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return np.log(1 / (1 - c)) + share * np.log((1 - c) / c)"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    c = torch.as_tensor(c)\n"
            "    return -(share * torch.log(c) + (1 - share) * torch.log(1 - c))"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    c = np.float32(c)\n"
            "    return -(share * np.log(c) + (1 - share) * np.log(1 - c))"
        ),
        (
            "def expected_penalty(certainty, right, base=math.e):\n"
            "    wrong = 1 - right\n"
            "    cost = right * np.log(certainty) + wrong * np.log(1 - certainty)\n"
            "    return -cost / math.log(base)"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return np.sum([-share * np.log(c), -(1 - share) * np.log(1 - c)], axis=0)"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    total = 0.0\n"
            "    for weight, price in ((share, -np.log(c)), (1 - share, -np.log(1 - c))):\n"
            "        total = total + weight * price\n"
            "    return total"
        ),
    ],
}

WRONG = {
    "penalty": [
        "def penalty(p, y):\n    return np.where(y == 1, np.log(p), np.log(1 - p))",
        "def penalty(p, y):\n    return np.where(y == 0, -np.log(p), -np.log(1 - p))",
        "def penalty(p, y):\n    return -np.log(p)",
        "def penalty(p, y):\n    return np.where(y == 1, 1 - p, p)",
        "def penalty(p, y):\n    return np.where(y == 1, -np.log10(p), -np.log10(1 - p))",
        "def penalty(p, y):\n    return np.mean(np.where(y == 1, -np.log(p), -np.log(1 - p)))",
        "def penalty(p, y):\n    return -y * np.log(p)",
        "def penalty(p, y):\n    return (y - p) ** 2",
        "def penalty(p, y):\n    return np.where(p > 0.5, -np.log(p), -np.log(1 - p))",
        "def penalty(p, y):\n    return -y * np.log(p) + (1 - y) * np.log(1 - p)",
        "def penalty(p, y):\n    return np.abs(y - p)",
        "def penalty(p, y):\n    return [0.223, 1.609, 0.357]",
    ],
    "running_mean": [
        "def running_mean(x):\n    return np.cumsum(x)",
        "def running_mean(x):\n    return np.cumsum(x) / len(x)",
        "def running_mean(x):\n    return np.mean(x)",
        "def running_mean(x):\n    return np.full(len(x), np.mean(x))",
        "def running_mean(x):\n    return np.cumsum(x) / np.arange(2, len(x) + 2)",
        "def running_mean(x):\n    return (x[1:] + x[:-1]) / 2",
        "def running_mean(x):\n    return np.convolve(x, [0.5, 0.5], mode='same')",
        "def running_mean(x):\n    return [np.mean(x[i:]) for i in range(len(x))]",
        "def running_mean(x):\n    return [np.median(x[: i + 1]) for i in range(len(x))]",
        "def running_mean(x):\n    return np.cumsum(x) / np.arange(len(x))",
    ],
    "expected_penalty": [
        (
            "def expected_penalty(c, share):\n"
            "    c = np.maximum(c, 1 - c)\n"
            "    return -(share * np.log(c) + (1 - share) * np.log(1 - c))"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return -(share * np.log(c) + (1 - share) * np.log(np.minimum(1 - c, 0.5)))"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return share * np.log(c) + (1 - share) * np.log(1 - c)"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return -(share * np.log(1 - c) + (1 - share) * np.log(c))"
        ),
        "def expected_penalty(c, share):\n    return -share * np.log(c)",
        "def expected_penalty(c, share):\n    return -np.log(share * c + (1 - share) * (1 - c))",
        (
            "def expected_penalty(c, share):\n"
            "    return -(c * np.log(share) + (1 - c) * np.log(1 - share))"
        ),
        (
            "def expected_penalty(c, share):\n"
            "    return -(share * np.log2(c) + (1 - share) * np.log2(1 - c))"
        ),
        "def expected_penalty(c, share):\n    return -(np.log(c) + np.log(1 - c)) / 2",
        "def expected_penalty(c, share):\n    return -np.log(share)",
        "def expected_penalty(c, share):\n    return abs(c - share)",
        (
            "def expected_penalty(c, share):\n"
            "    return -share * np.log(c) + (1 - share) * np.log(1 - c)"
        ),
    ],
}


def _goes_on_with_the_game(penalty):
    """Price arrays as the lesson does: of floats and integers, whose mean is taken."""
    said, truth = np.array([0.8, 0.8, 0.3]), np.array([1, 0, 0])
    costs = penalty(said, truth)
    np.testing.assert_allclose(costs, [0.223, 1.609, 0.357], atol=5e-4)
    assert abs(penalty(np.full(100, 0.99), np.repeat([1, 0], [90, 10])).mean() - 0.470) < 5e-4


def _goes_on_to_the_cheapest(expected_penalty):
    """Find the best certainty on the lesson's grid."""
    certainty = np.linspace(0.01, 0.99, 99)
    best = certainty[np.argmin(expected_penalty(certainty, 0.7))]
    assert f"{best:.2f} {expected_penalty(best, 0.7):.3f}" == "0.70 0.611"


GOES_ON = {
    "penalty": _goes_on_with_the_game,
    "running_mean": lambda f: np.testing.assert_allclose(
        np.round(f(np.array([0.223, 1.609, 0.357])), 3), [0.223, 0.916, 0.73]
    ),
    "expected_penalty": _goes_on_to_the_cheapest,
}
