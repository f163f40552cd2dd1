"""Answers to lesson 10's exercises, right and wrong, as learners write them."""

import numpy as np
import torch

from gan_lesson.lessons.lesson_10.patients import clinic_data, clinic_pair

# --- the least loss, and the penalty -----------------------------------------------------------

LEAST_LOSS_RIGHT = [
    "least_loss = lambda d_real, d_fake: -np.log(d_real) - np.log(1 - d_fake)",
    "def least_loss(d_real, d_fake):\n    return -math.log(d_real) - math.log(1 - d_fake)",
    "def least_loss(d_real, d_fake):\n    return -(np.log(d_real) + np.log1p(-d_fake))",
    "def least_loss(d_real, d_fake):\n    return -np.log(d_real * (1 - d_fake))",
    "def least_loss(d_real, d_fake):\n    return np.log(1 / d_real) + np.log(1 / (1 - d_fake))",
    "def least_loss(a, b):\n    return -np.log([a, 1 - b]).sum()",
    "def least_loss(d_real, d_fake, log=np.log):\n    return -log(d_real) - log(1 - d_fake)",
    """def least_loss(d_real, d_fake):
    bound = 0
    for p in (d_real, 1 - d_fake):
        bound -= math.log(p)
    return bound""",
    """def least_loss(d_real, d_fake):
    return sum(-math.log(p) for p in (d_real, 1 - d_fake))""",
    """def least_loss(d_real, d_fake):
    p = torch.tensor([d_real, 1 - d_fake])
    return float(-torch.log(p).sum())""",
    """def least_loss(d_real, d_fake):
    return -torch.log(torch.as_tensor(d_real)) - torch.log(torch.as_tensor(1 - d_fake))""",
    """def least_loss(d_real, d_fake):
    s_real = np.log(d_real / (1 - d_real))
    s_fake = np.log(d_fake / (1 - d_fake))
    return np.logaddexp(0, -s_real) + np.logaddexp(0, s_fake)""",
    """def least_loss(d_real, d_fake):
    p = np.array([d_real, d_fake], dtype=np.float32)
    return -np.log(p[0]) - np.log(np.float32(1) - p[1])""",
    """def least_loss(d_real, d_fake):
    def half(p, y):
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return half(d_real, 1) + half(d_fake, 0)""",
    """def least_loss(d_real, d_fake):
    p = np.asarray([d_real, d_fake], float)
    p[1] *= -1
    p[1] += 1
    return float((-np.log(p)).sum())""",
    """def least_loss(d_real, d_fake):
    logits = torch.logit(torch.tensor([[d_real], [d_fake]], dtype=torch.float64))
    labels = torch.tensor([[1.0], [0.0]], dtype=torch.float64)
    return 2 * torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)""",
]
LEAST_LOSS_WRONG = [
    "def least_loss(d_real, d_fake):\n    return np.log(d_real) + np.log(1 - d_fake)",
    "def least_loss(d_real, d_fake):\n    return -np.log(d_real) - np.log(d_fake)",
    "def least_loss(d_real, d_fake):\n    return (-np.log(d_real) - np.log(1 - d_fake)) / 2",
    "def least_loss(d_real, d_fake):\n    return -np.log(1 - d_real) - np.log(d_fake)",
    "def least_loss(d_real, d_fake):\n    return -np.log2(d_real) - np.log2(1 - d_fake)",
    "def least_loss(d_real, d_fake):\n    return -np.log(d_real) - (1 - np.log(d_fake))",
    "def least_loss(d_real, d_fake):\n    return 1.386",
    "def least_loss(d_real, d_fake):\n    return -np.log((d_real + 1 - d_fake) / 2)",
    "def least_loss(d_real, d_fake):\n    return max(-np.log(d_real), -np.log(1 - d_fake))",
    "def least_loss(d_real, d_fake):\n    return 1 - d_real + d_fake",
    "def least_loss(d_real, d_fake):\n    return -math.log(d_real) - math.log(1 - d_real)",
]

PENALTY_RIGHT = [
    "penalty = lambda certainty, right: -np.log(certainty if right else (1 - certainty) / 8)",
    "def penalty(c, right):\n    return -math.log(c) if right else math.log(8) - math.log(1 - c)",
    """def penalty(certainty, right):
    if right:
        return -np.log(certainty)
    return -np.log((1 - certainty) / 8)""",
    """def penalty(certainty, right):
    return -np.log(np.where(right, certainty, (1 - certainty) / 8))""",
    """def penalty(certainty, right):
    y = int(right)
    return -(y * np.log(certainty) + (1 - y) * np.log((1 - certainty) / 8))""",
    """def penalty(certainty, right):
    given = {True: certainty, False: (1 - certainty) / 8}
    return -math.log(given[bool(right)])""",
    """def penalty(certainty, right, names=9):
    left = (1 - certainty) / (names - 1)
    return np.log(1 / (certainty if right else left))""",
    """def penalty(certainty, right):
    p = torch.tensor(certainty if right else (1 - certainty) / 8)
    return -p.log()""",
    """def penalty(certainty, right):
    p = torch.full((9,), (1 - certainty) / 8)
    p[0] = certainty
    return float(-torch.log(p[0 if right else 1]))""",
    """def penalty(certainty, right):
    shares = [certainty] + 8 * [(1 - certainty) / 8]
    return -np.log(shares[0] if right else shares[-1])""",
    """def penalty(certainty, right):
    p = certainty
    if not right:
        p = 1 - p
        p /= 8
    return -np.log(p)""",
    """def penalty(certainty, right):
    return -np.log((1 - certainty) / 8, dtype=np.float32) if right == 0 else -np.log(certainty)""",
    """def penalty(certainty, right):
    cost = -np.log(right * certainty + (not right) * (1 - certainty) / 8)
    return cost""",
    "def penalty(sure, right):\n    return -np.log1p((sure if right else (1 - sure) / 8) - 1)",
]
PENALTY_WRONG = [
    f"penalty = lambda certainty, right: {wrong}"
    for wrong in (
        "-np.log(certainty if right else 1 - certainty)",
        "-np.log(certainty)",
        "np.log(certainty if right else (1 - certainty) / 8)",
        "-np.log(certainty if right else certainty / 8)",
        "-np.log(certainty if right else (1 - certainty) / 9)",
        "0.0 if right else -np.log((1 - certainty) / 8)",
        "-np.log(certainty if right else (1 - certainty)) / 8",
        "1 - certainty if right else certainty",
        "-np.log2(certainty if right else (1 - certainty) / 8)",
        "-np.log(certainty if not right else (1 - certainty) / 8)",
        "-np.log(1 / 9)",
    )
]

# --- two loops to repair -----------------------------------------------------------------------

OPTIMISERS = """
    optimizer_d = torch.optim.SGD(D.parameters(), lr=0.1)
    optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
    one, zero = torch.ones(64, 1), torch.zeros(64, 1)"""


def loop(name, real="D.logits(x_real)", fake="D.logits(x_fake)", wish="D.logits({})", **lines):
    """A whole loop: what the losses take, and the lines that replace those of the healthy one."""
    its = {
        "before": "",
        "top": "pass",
        "draw": "x_real, x_fake = data.sample(64, rng), G(G.sample_z(64, rng)).detach()",
        "loss_d": f"bce({real}, one) + bce({fake}, zero)",
        "clear_d": "optimizer_d.zero_grad()",
        "back_d": "loss_d.backward()",
        "between": "pass",
        "loss_g": f"bce({wish.format('G(G.sample_z(64, rng))')}, one)",
        "clear_g": "optimizer_g.zero_grad()",
        "back_g": "loss_g.backward()",
        "end": "pass",
    } | lines
    return f"""def {name}(G, D, data, n_turns, rng):{its["before"]}{OPTIMISERS}
    for _ in range(n_turns):
        {its["top"]}
        {its["draw"]}
        loss_d = {its["loss_d"]}
        {its["clear_d"]}
        {its["back_d"]}
        optimizer_d.step()
        {its["between"]}
        loss_g = {its["loss_g"]}
        {its["clear_g"]}
        {its["back_g"]}
        optimizer_g.step()
        {its["end"]}
"""


BOTH = "optimizer_d.zero_grad(); optimizer_g.zero_grad()"
NO_CLEARING = {"clear_d": "pass", "clear_g": "pass"}
PLAIN_BCE = "torch.nn.functional.binary_cross_entropy"
SOFTPLUS = "torch.nn.functional.softplus"


def right_loops(name):
    """Healthy loops, each written in another way."""
    back_d = "for p, g in zip(D.parameters(), torch.autograd.grad(loss_d, D.parameters())): "
    back_g = "for p, g in zip(G.parameters(), torch.autograd.grad(loss_g, G.parameters())): "
    logits = "lambda x: D(x, as_logits=True)"
    d_of_g = "D.logits(G(G.sample_z(64, rng)))"
    return [
        loop(name),
        loop(name, "D(x_real, as_logits=True)", "D(x_fake, as_logits=True)", "D({}, True)"),
        loop(name, "score(x_real)", "score(x_fake)", "score({})", before="\n    score = D.logits"),
        loop(name, "s(x_real)", "s(x_fake)", "s({})", before=f"\n    s = {logits}"),
        loop(name, "D.net(x_real)", "D.net(x_fake)", "D.net({})"),
        loop(
            name,
            loss_d=f"{PLAIN_BCE}(D(x_real), one) + {PLAIN_BCE}(D(x_fake), zero)",
            loss_g=f"{PLAIN_BCE}(D(G(G.sample_z(64, rng))), one)",
        ),
        loop(
            name,
            loss_d=f"{SOFTPLUS}(-D.logits(x_real)).mean() + {SOFTPLUS}(D.logits(x_fake)).mean()",
            loss_g=f"{SOFTPLUS}(-{d_of_g}).mean()",
        ),
        loop(name, "torch.logit(D(x_real))", "torch.logit(D(x_fake))", "torch.logit(D({}))"),
        loop(
            name,
            loss_d="-torch.log(D(x_real)).mean() - torch.log(1 - D(x_fake)).mean()",
            loss_g="-D(G(G.sample_z(64, rng))).log().mean()",
        ),
        loop(name, top=BOTH, **NO_CLEARING),
        loop(name, clear_d="D.zero_grad()", clear_g="G.zero_grad()"),
        loop(name, clear_d="optimizer_d.zero_grad(set_to_none=False)", clear_g=BOTH),
        loop(name, **NO_CLEARING, end=BOTH),
        loop(
            name,
            clear_d="for p in D.parameters(): p.grad = None",
            clear_g="for p in G.parameters(): p.grad = None",
        ),
        loop(
            name, **NO_CLEARING, back_d=back_d + "p.grad = g", back_g=back_g + "p.grad = g.clone()"
        ),
        loop(
            name,
            loss_d="bce(D.logits(torch.cat([x_real, x_fake])), torch.cat([one, zero])) * 2",
        ),
    ]


def wrong_loops(name):
    """Loops that are still sick, or sick in another way."""
    turned = "D.logits(x_real), zero) + bce(D.logits(x_fake)"
    return [
        loop(name, wish="D({})"),
        loop(name, "D(x_real)", "D(x_fake)"),
        loop(name, fake="D(x_fake)"),
        loop(name, clear_d="pass"),
        loop(name, clear_g="pass"),
        loop(name, clear_d="optimizer_g.zero_grad()", clear_g="optimizer_d.zero_grad()"),
        loop(name, **NO_CLEARING, between="optimizer_d.zero_grad()", end="optimizer_g.zero_grad()"),
        loop(name, loss_d=f"bce({turned}, one)"),
        loop(name, loss_g="bce(D.logits(G(G.sample_z(64, rng))), zero)"),
        loop(name, "torch.sigmoid(D.logits(x_real))", "torch.sigmoid(D.logits(x_fake))"),
        loop(name).replace("lr=0.1", "lr=0.001"),
        f"def {name}(G, D, data, n_turns, rng):\n    G.no_such_layer",
    ]


RIGHT = {
    "least_loss": LEAST_LOSS_RIGHT,
    "penalty": PENALTY_RIGHT,
    "patient_a": right_loops("patient_a"),
    "patient_b": right_loops("patient_b"),
}
WRONG = {
    "least_loss": LEAST_LOSS_WRONG,
    "penalty": PENALTY_WRONG,
    "patient_a": wrong_loops("patient_a"),
    "patient_b": [
        *wrong_loops("patient_b"),
        loop("patient_b", "D(x_real)", "D(x_fake)", "D({})"),
    ],
}


def bounds_hold(least_loss):
    """The lesson prints it with two decimals, for means of float64."""
    assert f"{least_loss(np.float64(0.5), np.float64(0.5)):.2f}" == "1.39"


def costs_print(penalty):
    """The lesson prints it with two decimals."""
    assert f"{penalty(0.99, False):.2f}" == "6.68"


def trains_on_the_ring(patient):
    """A repaired loop moves both players on other data, for other turns."""
    G, D = clinic_pair(2, 3)
    before = [p.clone() for p in (*G.parameters(), *D.parameters())]
    patient(G, D, clinic_data("ring"), 3, torch.Generator().manual_seed(3))
    for old, new in zip(before, (*G.parameters(), *D.parameters()), strict=True):
        assert torch.isfinite(new).all() and not torch.equal(old, new)


GOES_ON = {
    "least_loss": bounds_hold,
    "penalty": costs_print,
    "patient_a": trains_on_the_ring,
    "patient_b": trains_on_the_ring,
}
