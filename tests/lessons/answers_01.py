"""Right and wrong answers to lesson 01's exercises; test_answers.py judges them."""

import numpy as np
import pytest

RIGHT = {
    "bce": [
        (
            "def bce(p, y):\n"
            "    if np.ndim(p):\n"
            "        p[y == 0] = 1 - p[y == 0]  # in place\n"
            "        return -np.log(p).mean()\n"
            "    return -np.log(p if y else 1 - p)"
        ),
        "def bce(p, y):\n    return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))",
        "def bce(p, y):\n    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
        "def bce(p, y):\n    return np.mean(np.where(y == 1, -np.log(p), -np.log(1 - p)))",
        "def bce(p, y):\n    return -np.log(np.where(y == 1, p, 1 - p)).mean()",
        "def bce(p, y):\n    return np.mean(-np.log(p**y * (1 - p) ** (1 - y)))",
        "bce = lambda p, y: -np.mean(np.log(np.abs(1 - y - p)))",
        "def bce(p, y):\n    return -np.log(np.prod(p**y * (1 - p) ** (1 - y))) / np.size(y)",
        (
            "def bce(p, y):\n"
            "    losses = [-math.log(q) if t == 1 else -math.log(1 - q) for q, t in zip(p, y)]\n"
            "    return np.mean(losses)"
        ),
        (
            "def bce(p, y):\n"
            "    losses = -(y * math.log(p) + (1 - y) * math.log(1 - p))\n"
            "    return np.mean(losses)"
        ),
        "def bce(p, y):\n    return -math.log(p) if y else -math.log(1 - p)",
        (
            "def bce(p, y):\n"
            "    total = 0.0\n"
            "    for i in range(len(p)):\n"
            "        total -= y[i] * np.log(p[i]) + (1 - y[i]) * np.log(1 - p[i])\n"
            "    return total / len(p)"
        ),
        (
            "def bce(p, y):\n"
            "    p, y = torch.as_tensor(p), torch.as_tensor(y)\n"
            "    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).double().mean()"
        ),
        (
            "def bce(p, y):\n"
            "    p, y = np.float32(p), np.float32(y)\n"
            "    return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))"
        ),
        (
            "def bce(prediction, label, eps=1e-12):\n"
            "    prediction = np.clip(prediction, eps, 1 - eps)\n"
            "    return np.average(-np.log(np.where(label == 1, prediction, 1 - prediction)))"
        ),
        (
            "def bce(p, y):\n"
            "    from sklearn.metrics import log_loss\n"
            "    p, y = np.atleast_1d(p), np.atleast_1d(y)\n"
            "    return log_loss(y, p, labels=[0, 1])"
        ),
    ],
    "slope_in_logit": [
        "def slope_in_logit(s, y):\n    p = sigmoid(s)\n    return p - y",
        "def slope_in_logit(s, y):\n    return 1 / (1 + np.exp(-s)) - y",
        "slope_in_logit = lambda s, y: -(y - sigmoid(s))",
        (
            "def slope_in_logit(s, y):\n"
            "    p = sigmoid(s)\n    return (p - y) / (p * (1 - p)) * (p * (1 - p))"
        ),
        "def slope_in_logit(s, y):\n    p = sigmoid(s)\n    return -y * (1 - p) + (1 - y) * p",
        "def slope_in_logit(s, y):\n    return np.where(y == 1, -sigmoid(-s), sigmoid(s))",
        "def slope_in_logit(s, y):\n    return 1 / (1 + math.exp(-s)) - y",
        "def slope_in_logit(s, y):\n    p = sigmoid(s)\n    return p - 1 if y == 1 else p",
        "def slope_in_logit(s, y):\n    return [sigmoid(t) - label for t, label in zip(s, y)]",
        "def slope_in_logit(s, y):\n    return np.tanh(np.asarray(s) / 2) / 2 + 0.5 - y",
        (
            "def slope_in_logit(s, y):\n"
            "    return torch.sigmoid(torch.as_tensor(s)) - torch.as_tensor(y)"
        ),
        (
            "def slope_in_logit(s, y):\n"
            "    s = torch.tensor(s, dtype=torch.float64, requires_grad=True)\n"
            "    y = torch.tensor(y, dtype=torch.float64)\n"
            "    loss = (torch.logaddexp(torch.zeros_like(s), s) - y * s).sum()\n"
            "    return torch.autograd.grad(loss, s)[0]"
        ),
        (
            "def slope_in_logit(logit, label=1):\n"
            "    slope = np.array(sigmoid(logit), dtype=float)\n"
            "    slope -= label\n"
            "    return slope"
        ),
        "def slope_in_logit(s, y):\n    return np.float32(sigmoid(s)) - np.float32(y)",
        "def slope_in_logit(s, y):\n    return np.exp(s) / (1 + np.exp(s)) - y",
    ],
    "bce_with_logits": [
        (
            "def bce_with_logits(s, y):\n"
            "    s[y == 1] *= -1  # in place\n"
            "    return np.mean(softplus(s))"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    losses = y * softplus(-s) + (1 - y) * softplus(s)\n"
            "    return np.mean(losses)"
        ),
        "def bce_with_logits(s, y):\n    return np.mean(softplus(s) - y * s)",
        "def bce_with_logits(s, y):\n    return softplus(np.where(y == 1, -s, s)).mean()",
        "def bce_with_logits(s, y):\n    return np.mean(softplus((1 - 2 * y) * s))",
        "bce_with_logits = lambda s, y: np.mean(np.where(y, softplus(-s), softplus(s)))",
        "def bce_with_logits(s, y):\n    return np.mean(np.logaddexp(0, s) - y * s)",
        (
            "def bce_with_logits(s, y):\n"
            "    losses = [softplus(-t) if label == 1 else softplus(t) for t, label in zip(s, y)]\n"
            "    return np.mean(losses)"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    total = 0.0\n"
            "    for i in range(len(s)):\n"
            "        total += y[i] * softplus(-s[i]) + (1 - y[i]) * softplus(s[i])\n"
            "    return total / len(s)"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    s = torch.as_tensor(s, dtype=torch.float64)\n"
            "    y = torch.as_tensor(y, dtype=torch.float64)\n"
            "    return torch.nn.functional.binary_cross_entropy_with_logits(s, y).item()"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    s, y = torch.tensor(s), torch.tensor(y)\n"
            "    return (torch.nn.functional.softplus(s) - y * s).mean()"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    return np.mean(np.maximum(s, 0) - s * y + np.log1p(np.exp(-abs(s))))"
        ),
        (
            "def bce_with_logits(logits, labels, weight=1.0):\n"
            "    sign = np.where(labels == 1, -1, 1)\n"
            "    return weight * np.average(softplus(sign * logits))"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    losses = softplus(s)\n"
            "    losses[y == 1] = softplus(-s[y == 1])\n"
            "    return np.sum(losses) / losses.size"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    return np.mean(softplus(np.float32(s)) - np.float32(y * s))"
        ),
    ],
}

WRONG = {
    "bce": [
        (
            "def bce(p, y):\n"
            "    p, y = np.atleast_1d(p), np.atleast_1d(y)\n"
            "    kinds = [-np.log(p[y == 1]), -np.log(1 - p[y == 0])]\n"
            "    return np.mean([np.mean(kind) for kind in kinds if len(kind)])"
        ),
        "def bce(p, y):\n    return np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
        "def bce(p, y):\n    return np.mean(-((1 - y) * np.log(p) + y * np.log(1 - p)))",
        "def bce(p, y):\n    return np.mean(-(y * np.log2(p) + (1 - y) * np.log2(1 - p)))",
        "def bce(p, y):\n    return np.mean(np.where(y == 1, p, 1 - p))",
        "def bce(p, y):\n    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))",
        "def bce(p, y):\n    return -(y * np.log(p) + (1 - y) * np.log(1 - p))",
        "def bce(p, y):\n    return np.mean(-y * np.log(p))",
        "def bce(p, y):\n    return np.median(-(y * np.log(p) + (1 - y) * np.log(1 - p)))",
        "def bce(p, y):\n    return np.mean(-np.log(p))",
        "def bce(p, y):\n    return np.mean((y - p) ** 2)",
        "def bce(p, y):\n    return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p))) / len(p)",
        "def bce(p, y):\n    return np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p))",
    ],
    "slope_in_logit": [
        "def slope_in_logit(s, y):\n    p = sigmoid(s)\n    return (p - y) / (p * (1 - p))",
        "def slope_in_logit(s, y):\n    return y - sigmoid(s)",
        "def slope_in_logit(s, y):\n    return s - y",
        "def slope_in_logit(s, y):\n    return sigmoid(s)",
        "def slope_in_logit(s, y):\n    return sigmoid(s) - 1",
        "def slope_in_logit(s, y):\n    p = sigmoid(s)\n    return p * (1 - p)",
        "def slope_in_logit(s, y):\n    return sigmoid(-s) - y",
        "def slope_in_logit(s, y):\n    return np.abs(sigmoid(s) - y)",
        "def slope_in_logit(s, y):\n    p = sigmoid(s)\n    return (p - y) * p * (1 - p)",
        "def slope_in_logit(s, y):\n    return np.mean(sigmoid(s) - y)",
    ],
    "bce_with_logits": [
        (
            "def bce_with_logits(s, y):\n"
            "    kinds = [softplus(-s[y == 1]), softplus(s[y == 0])]\n"
            "    return np.mean([np.mean(kind) for kind in kinds if len(kind)])"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    s = torch.as_tensor(s, dtype=torch.float64)\n"
            "    y = torch.as_tensor(y, dtype=torch.float64)\n"
            "    return torch.nn.functional.binary_cross_entropy(torch.sigmoid(s), y).item()"
        ),
        "def bce_with_logits(s, y):\n    return np.mean(y * softplus(s) + (1 - y) * softplus(-s))",
        (
            "def bce_with_logits(s, y):\n"
            "    p = sigmoid(s)\n"
            "    return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    return np.mean(np.where(y == 1, np.log(1 + np.exp(-s)), np.log(1 + np.exp(s))))"
        ),
        "def bce_with_logits(s, y):\n    return np.mean(softplus(s) + s * y)",
        "def bce_with_logits(s, y):\n    return np.mean(softplus(-s))",
        "def bce_with_logits(s, y):\n    return np.sum(y * softplus(-s) + (1 - y) * softplus(s))",
        "def bce_with_logits(s, y):\n    return y * softplus(-s) + (1 - y) * softplus(s)",
        "def bce_with_logits(s, y):\n    return -np.mean(y * softplus(-s) + (1 - y) * softplus(s))",
        (
            "def bce_with_logits(s, y):\n"
            "    p = sigmoid(s)\n    return np.mean(y * softplus(-p) + (1 - y) * softplus(p))"
        ),
        (
            "def bce_with_logits(s, y):\n"
            "    p = np.clip(sigmoid(s), 1e-7, 1 - 1e-7)\n"
            "    return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))"
        ),
    ],
}


def _goes_on_with_flips(bce):
    """Use it as the lesson does: on ten flips, on halves of a batch, and on single numbers."""
    flips = np.array([1, 1, 0, 1, 1, 1, 0, 1, 0, 1])
    assert f"{bce(np.full(10, 0.7), flips):.4f}" == "0.6109"
    d_real, d_fake = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1, 0.5])
    assert f"{bce(d_real, np.ones(3)) + bce(d_fake, np.zeros(3)):.2f}" == "0.66"
    assert f"{bce(np.full(100, 0.5), np.repeat([1, 0], [10, 90])):.4f}" == "0.6931"
    slope = (bce(0.31, 1) - bce(0.29, 1)) / 0.02  # of single numbers, over a small step
    assert slope == pytest.approx(-1 / 0.3, rel=1e-3)


def _goes_on_with_slopes(slope_in_logit):
    """Print it for single numbers, as the lesson does."""
    assert f"{slope_in_logit(-4.0, 1):+.4f} {slope_in_logit(2.0, 0):+.4f}" == "-0.9820 +0.8808"


def _goes_on_with_logits(bce_with_logits):
    """Compare the six logits, as the lesson does."""
    logits, labels = np.array([2.2, 0.4, 1.4, -0.8, -2.2, 0.0]), np.array([1, 1, 1, 0, 0, 0])
    assert f"{bce_with_logits(logits, labels):.4f}" == "0.3346"


GOES_ON = {
    "bce": _goes_on_with_flips,
    "slope_in_logit": _goes_on_with_slopes,
    "bce_with_logits": _goes_on_with_logits,
}
