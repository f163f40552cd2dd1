"""Answers to the exercises of lesson 08: two kinds of steps, and the largest h for R1."""

import math

import numpy as np


def step(name, *bodies):
    """A source for each body: its lines stand in the function of the lesson's stub."""
    head = f"def {name}(theta, psi, h):\n"
    return [head + "".join(f"    {line}\n" for line in body.splitlines()) for body in bodies]


SIMULTANEOUS = [
    *step(
        "simultaneous_step",
        "to_g, to_d = field(theta, psi)\nreturn theta + h * to_g, psi + h * to_d",
        "pulls = field(theta, psi)\nreturn theta + h * pulls[0], psi + h * pulls[1]",
        "return theta + h * field(theta, psi)[0], psi + h * field(theta, psi)[1]",
        "d = sigmoid(psi * theta)\nreturn theta + h * psi * d, psi - h * theta * d",
        "d = 1 / (1 + math.exp(-psi * theta))\nreturn theta + h * d * psi, psi + h * -theta * d",
        "d = 1 / (1 + np.exp(-psi * theta))\nreturn [theta + h * d * psi, psi - h * d * theta]",
        "return np.array([theta, psi]) + h * np.array(field(theta, psi))",
        "old = theta, psi\ntheta += h * field(*old)[0]\npsi += h * field(*old)[1]\n"
        "return theta, psi",
        "to_g, to_d = field(theta, psi)\nto_g *= h\nto_d *= h\nreturn theta + to_g, psi + to_d",
        "return tuple(a + h * b for a, b in zip((theta, psi), field(theta, psi)))",
        "theta_new = theta\npsi_new = psi\nto_g, to_d = field(theta, psi)\n"
        "theta_new += h * to_g\npsi_new += h * to_d\nreturn theta_new, psi_new",
        "s = torch.tensor(psi * theta, dtype=torch.float64)\nd = torch.sigmoid(s).item()\n"
        "return theta + h * psi * d, psi - h * theta * d",
        "places = [theta, psi]\nfor i, pull in enumerate(field(theta, psi)):\n"
        "    places[i] = places[i] + h * pull\nreturn tuple(places)",
    ),
    "simultaneous_step = lambda theta, psi, h: (theta + h * field(theta, psi)[0], "
    "psi + h * field(theta, psi)[1])",
    "def simultaneous_step(t, p, rate=0.2):\n    g, d = field(t, p)\n"
    "    return (t + rate * g, p + rate * d)\n",
]

ALTERNATING = [
    *step(
        "alternating_step",
        "psi_new = psi + h * field(theta, psi)[1]\n"
        "theta_new = theta + h * field(theta, psi_new)[0]\nreturn theta_new, psi_new",
        "psi += h * field(theta, psi)[1]\ntheta += h * field(theta, psi)[0]\nreturn theta, psi",
        "psi = psi - h * theta * sigmoid(psi * theta)\n"
        "return theta + h * psi * sigmoid(psi * theta), psi",
        "_, to_d = field(theta, psi)\npsi_new = psi + h * to_d\nto_g, _ = field(theta, psi_new)\n"
        "return theta + h * to_g, psi_new",
        "psi = psi - h * theta / (1 + math.exp(-psi * theta))\n"
        "return theta + h * psi / (1 + math.exp(-psi * theta)), psi",
        "psi = psi - h * theta / (1 + np.exp(-psi * theta))\n"
        "return [theta + h * psi / (1 + np.exp(-psi * theta)), psi]",
        "psi_new = psi - h * theta * 0.5 * (1 + math.tanh(psi * theta / 2))\n"
        "return theta + h * psi_new * 0.5 * (1 + math.tanh(psi_new * theta / 2)), psi_new",
        "new = np.float64(psi) + h * field(theta, psi)[1]\n"
        "return np.array([theta + h * field(theta, new)[0], new])",
        "places = [theta, psi]\nfor player in (1, 0):\n"
        "    places[player] += h * field(*places)[player]\nreturn tuple(places)",
        "psi_new = psi + h * field(theta, psi)[1]\nmove = field(theta, psi_new)[0]\nmove *= h\n"
        "return (theta + move, psi_new)",
        "d = torch.sigmoid(torch.tensor(psi * theta, dtype=torch.float64)).item()\n"
        "psi = psi - h * theta * d\n"
        "d = torch.sigmoid(torch.tensor(psi * theta, dtype=torch.float64)).item()\n"
        "return theta + h * psi * d, psi",
        "def d_moves(p):\n    return p + h * field(theta, p)[1]\n"
        "def g_moves(p):\n    return theta + h * field(theta, p)[0]\n"
        "return g_moves(d_moves(psi)), d_moves(psi)",
    ),
    "alternating_step = lambda theta, psi, h: (lambda new: "
    "(theta + h * field(theta, new)[0], new))(psi + h * field(theta, psi)[1])",
    "def alternating_step(t, p, lr=0.2):\n    p = p + lr * field(t, p)[1]\n"
    "    return t + lr * field(t, p)[0], p\n",
]

LARGEST = [
    "def largest_h(gamma):\n    return 4 * gamma\n",
    "def largest_h(gamma):\n    h = 4.0 * gamma\n    return h\n",
    "largest_h = lambda gamma: gamma * 4",
    "def largest_h(g):\n    return g + g + g + g\n",
    "def largest_h(gamma):\n    return gamma / 0.25\n",
    "def largest_h(gamma):\n    return np.multiply(4, gamma)\n",
    "def largest_h(gamma):\n    return 4 * np.asarray(gamma, dtype=np.float32)\n",
    "def largest_h(gamma):\n    return 2 * (gamma + np.sqrt(gamma**2))\n",
    "def largest_h(gamma):\n    return math.fsum([gamma] * 4)\n",
    "def largest_h(gamma):\n    return float(4 * gamma)\n",
    "def largest_h(gamma):\n    return 4 * torch.as_tensor(gamma)\n",
    "def largest_h(gamma):\n    if gamma <= 1:\n        return 4 * gamma\n"
    "    return 4 * (gamma - math.sqrt(gamma**2 - 1))\n",
    "def largest_h(gamma):\n    low, high = 0.0, 100.0\n    for _ in range(100):\n"
    "        h = (low + high) / 2\n        if 1 - h * gamma + h**2 / 4 < 1:\n            low = h\n"
    "        else:\n            high = h\n    return low\n",
    "def largest_h(gamma):\n    return [4 * g for g in gamma]\n",
    "def largest_h(gamma):\n    return max(np.roots([0.25, -gamma, 0]))\n",
    "def largest_h(gamma):\n    from fractions import Fraction\n    return 4 * Fraction(gamma)\n",
    "def largest_h(gamma):\n    import sympy\n    return sympy.Integer(4) * gamma\n",
]

RIGHT = {
    "simultaneous_step": SIMULTANEOUS,
    "alternating_step": ALTERNATING,
    "largest_h": LARGEST,
}

WRONG = {
    "simultaneous_step": step(
        "simultaneous_step",
        "to_g, to_d = field(theta, psi)\nreturn psi + h * to_d, theta + h * to_g",
        "to_g, to_d = field(theta, psi)\nreturn theta - h * to_g, psi + h * to_d",
        "to_g, to_d = field(theta, psi)\nreturn theta + h * to_g, psi - h * to_d",
        "to_g, to_d = field(theta, psi)\nreturn theta - h * to_g, psi - h * to_d",
        "to_g, to_d = field(theta, psi)\nreturn theta + h * to_d, psi + h * to_g",
        "to_g, to_d = field(theta, psi)\nreturn theta + to_g, psi + to_d",
        "to_g, to_d = field(theta, psi)\nreturn h * to_g, h * to_d",
        "theta = theta + h * field(theta, psi)[0]\npsi = psi + h * field(theta, psi)[1]\n"
        "return theta, psi",
        "psi = psi + h * field(theta, psi)[1]\ntheta = theta + h * field(theta, psi)[0]\n"
        "return theta, psi",
        "to_g, to_d = field(theta, psi)\nreturn theta + h * to_g, psi",
        "return theta + h * psi / 2, psi - h * theta / 2",
    ),
    "alternating_step": step(
        "alternating_step",
        "to_g, to_d = field(theta, psi)\nreturn theta + h * to_g, psi + h * to_d",
        "theta = theta + h * field(theta, psi)[0]\nreturn theta, psi + h * field(theta, psi)[1]",
        "psi = psi + h * field(theta, psi)[1]\nreturn theta + h * field(theta, psi)[1], psi",
        "psi = psi + h * field(theta, psi)[1]\nreturn theta - h * field(theta, psi)[0], psi",
        "psi = psi - h * field(theta, psi)[1]\nreturn theta + h * field(theta, psi)[0], psi",
        "psi = psi + h * field(theta, psi)[1]\nreturn h * field(theta, psi)[0], psi",
        "psi = psi + h * field(theta, psi)[1]\nreturn theta, psi",
        "new = psi + h * field(theta, psi)[1]\nreturn theta + h * field(theta, new)[0], "
        "new + h * field(theta, new)[1]",
        "new = psi + h * field(theta, psi)[1]\nreturn theta + h * new * sigmoid(psi * theta), new",
        "new = psi + h * field(theta, psi)[1]\nreturn new, theta + h * field(theta, new)[0]",
    ),
    "largest_h": [
        f"def largest_h(gamma):\n    return {formula}\n"
        for formula in (
            "gamma / 4",
            "gamma",
            "2 * gamma",
            "8 * gamma",
            "2 * np.sqrt(gamma)",
            "4 / gamma",
            "4 * gamma**2",
            "4 * np.sqrt(gamma)",
            "4",
            "4 * gamma + 1",
        )
    ],
}


def five_hundred(grows):
    """What the lesson does with a step: 500 of them from (1, 1), and the distance printed."""

    def goes_on(taken):
        theta, psi = 1.0, 1.0
        for _ in range(500):
            theta, psi = taken(theta, psi, 0.2)
        assert (np.hypot(theta, psi) > 3) == grows
        assert f"{np.hypot(theta, psi):.3f}" == ("3.353" if grows else "1.339")

    return goes_on


def printed(largest_h):
    """The lesson prints it with two digits."""
    assert [f"{largest_h(g):4.2f}" for g in (0.04, 0.06, 0.3)] == ["0.16", "0.24", "1.20"]
    assert math.isclose(largest_h(1.0), 4, rel_tol=1e-6)


GOES_ON = {
    "simultaneous_step": five_hundred(True),
    "alternating_step": five_hundred(False),
    "largest_h": printed,
}
