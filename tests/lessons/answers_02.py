"""Right and wrong answers to the exercises of lesson 02; test_answers.py judges them."""

import numpy as np
import pytest


def second_term(line, *more):
    """The stub of exercise 1 with the learner's line, or lines, in it."""
    lines = "\n".join(f"    {one}" for one in (line, *more))
    return (
        "def value(d_real, d_fake):\n    on_real = np.mean(np.log(d_real))\n"
        f"{lines}\n    return on_real + on_fake\n"
    )


def pair(first, second):
    """The stub of "two losses out of V" with both lines in it."""
    return (
        f"def losses_of_d(v):\n    loss_d = {first}\n    mean_bce = {second}\n"
        "    return loss_d, mean_bce\n"
    )


def gain_of_g(*lines):
    """The stub of exercise 2 with the learner's line, or lines, in it."""
    body = "\n".join(f"    {one}" for one in lines)
    return (
        "def gains(v, theta, w, step):\n    here = v(theta, w)\n"
        "    of_d = max(0, v(theta, w - step) - here, v(theta, w + step) - here)\n"
        f"{body}\n    return of_d, of_g\n"
    )


def step(first, second):
    """The stub of "both step at once" with both lines in it."""
    return (
        f"def simultaneous_step(theta, w, h):\n    theta_new = {first}\n    w_new = {second}\n"
        "    return theta_new, w_new\n"
    )


RIGHT = {
    "value": [
        second_term("on_fake = np.log(1 - d_fake).mean()"),
        second_term("on_fake = np.mean(np.log1p(-d_fake))"),
        second_term("on_fake = np.average(np.log(1.0 - np.asarray(d_fake)))"),
        second_term("on_fake = np.sum(np.log(1 - d_fake)) / len(d_fake)"),
        second_term("on_fake = np.log(1 - d_fake).sum() / d_fake.size"),
        second_term("on_fake = sum(math.log(1 - d) for d in d_fake) / len(d_fake)"),
        second_term("on_fake = np.mean([math.log(1 - d) for d in d_fake])"),
        second_term("on_fake = -np.mean(-np.log(1 - d_fake))"),
        second_term("on_fake = np.log(np.prod(1 - d_fake)) / len(d_fake)"),
        second_term("on_fake = np.mean(np.log(1 - np.float32(d_fake)))"),
        second_term("on_fake = np.log2(1 - d_fake).mean() * math.log(2)"),
        second_term("on_fake = torch.log(1 - torch.tensor(d_fake)).mean().item()"),
        second_term("on_fake = torch.log1p(-torch.as_tensor(d_fake)).mean().numpy()"),
        second_term("d_fake -= 1", "d_fake *= -1", "on_fake = np.log(d_fake).mean()"),
        second_term("p_fake = 1 - d_fake", "logs = np.log(p_fake)", "on_fake = np.mean(logs)"),
        second_term("on_fake = np.dot(np.log(1 - d_fake), np.ones(len(d_fake))) / len(d_fake)"),
        "value = lambda d_real, d_fake: np.mean(np.log(d_real)) + np.mean(np.log(1 - d_fake))",
        "def value(real, fake):\n    return np.log(real).mean() + np.log(1 - fake).mean()",
        (
            "def value(d_real, d_fake):\n    total = 0\n    for d in d_real:\n"
            "        total += math.log(d) / len(d_real)\n    for d in d_fake:\n"
            "        total += math.log(1 - d) / len(d_fake)\n    return total"
        ),
        (
            "def value(d_real, d_fake):\n    real = torch.tensor(d_real)\n"
            "    fake = torch.tensor(d_fake)\n"
            "    return torch.log(real).mean() + torch.log(1 - fake).mean()"
        ),
        (
            "def value(d_real, d_fake):\n    price = lambda p: -np.log(p)\n"
            "    return -(price(d_real).mean() + price(1 - d_fake).mean())"
        ),
    ],
    "losses_of_d": [
        pair("-v", "-v / 2"),
        pair("0 - v", "(0 - v) / 2"),
        pair("-1 * v", "-0.5 * v"),
        pair("abs(v)", "abs(v) / 2"),
        pair("np.negative(v)", "np.negative(v) / 2"),
        pair("-v", "loss_d / 2"),
        pair("-v", "0.5 * loss_d"),
        pair("-2 * v / 2", "-v * (1 / 2)"),
        pair("np.abs(v)", "np.mean([loss_d, 0])"),
        pair("-np.float32(v)", "np.float32(loss_d / 2)"),
        pair("-v", "math.fabs(v) / 2"),
        "losses_of_d = lambda v: (-v, -v / 2)",
        "losses_of_d = lambda value: [-value, -value / 2]",
        "def losses_of_d(v, halves=2):\n    return -v, -v / halves",
        "def losses_of_d(v):\n    return tuple(-v / n for n in (1, 2))",
        "def losses_of_d(v):\n    return np.array([-v, -v / 2])",
        "def losses_of_d(v):\n    v *= -1\n    return v, v / 2",
        "def losses_of_d(v):\n    return torch.tensor(-v), torch.tensor(-v / 2)",
    ],
    "gains": [
        gain_of_g("of_g = max(0, here - v(theta - step, w), here - v(theta + step, w))"),
        gain_of_g("of_g = max(here - v(theta + step, w), here - v(theta - step, w), 0.0)"),
        gain_of_g("of_g = here - min(here, v(theta - step, w), v(theta + step, w))"),
        gain_of_g("of_g = -min(0, v(theta - step, w) - here, v(theta + step, w) - here)"),
        gain_of_g("of_g = np.max([0, here - v(theta - step, w), here - v(theta + step, w)])"),
        gain_of_g("of_g = max(here - v(theta + s * step, w) for s in (-1, 0, 1))"),
        gain_of_g("of_g = here - min(v(t, w) for t in (theta - step, theta, theta + step))"),
        gain_of_g("low = min(v(theta - step, w), v(theta + step, w))", "of_g = max(here - low, 0)"),
        gain_of_g("falls = here - v(theta + np.array([-step, 0, step]), w)", "of_g = falls.max()"),
        gain_of_g("of_g = max(0, max(here - v(theta - step, w), here - v(theta + step, w)))"),
        gain_of_g(
            "u = lambda *a: -v(*a)",
            "of_g = max(u(t, w) + here for t in (theta, theta - step, theta + step))",
        ),
        gain_of_g("of_g = torch.tensor([here - v(theta + s, w) for s in (-step, 0, step)]).max()"),
        gain_of_g(
            "of_g = 0",
            "for s in (-step, step):",
            "    if here - v(theta + s, w) > of_g:",
            "        of_g = here - v(theta + s, w)",
        ),
        (
            "def gains(value, a, b, step):\n    now = value(a, b)\n"
            "    up = max(value(a, b + s) for s in (-step, 0, step)) - now\n"
            "    down = now - min(value(a + s, b) for s in (-step, 0, step))\n"
            "    return up, down"
        ),
        (
            "gains = lambda v, theta, w, step: (\n"
            "    max(v(theta, w + s) - v(theta, w) for s in (0, step, -step)),\n"
            "    max(v(theta, w) - v(theta + s, w) for s in (0, step, -step)))"
        ),
    ],
    "simultaneous_step": [
        step("theta - h * w", "w + h * theta"),
        step("theta - w * h", "w + theta * h"),
        step("theta + (-h) * w", "h * theta + w"),
        step("-(h * w - theta)", "np.add(w, h * theta)"),
        "simultaneous_step = lambda theta, w, h: (theta - h * w, w + h * theta)",
        "def simultaneous_step(x, y, eta):\n    return x - eta * y, y + eta * x",
        "def simultaneous_step(theta, w, h=0.2):\n    return [theta - h * w, w + h * theta]",
        (
            "def simultaneous_step(theta, w, h):\n    old = theta\n    theta = theta - h * w\n"
            "    w = w + h * old\n    return theta, w"
        ),
        (
            "def simultaneous_step(theta, w, h):\n"
            "    theta, w = theta - h * w, w + h * theta\n    return theta, w"
        ),
        (
            "def simultaneous_step(theta, w, h):\n    slopes = np.array([w, theta])\n"
            "    return np.array([theta, w]) + h * slopes * [-1, 1]"
        ),
        (
            "def simultaneous_step(theta, w, h):\n"
            "    return np.array([[1, -h], [h, 1]]) @ np.array([theta, w])"
        ),
        (
            "def simultaneous_step(theta, w, h):\n    point = complex(theta, w) * complex(1, h)\n"
            "    return point.real, point.imag"
        ),
        (
            "def simultaneous_step(theta, w, h):\n    in_theta, in_w = w, theta\n"
            "    return theta - h * in_theta, w + h * in_w"
        ),
        (
            "def simultaneous_step(theta, w, h):\n"
            "    places = torch.tensor([theta, w], requires_grad=True)\n"
            "    slopes = torch.autograd.grad(places.prod(), places)[0]\n"
            "    new = places.detach() + h * slopes * torch.tensor([-1.0, 1.0])\n"
            "    return new[0].item(), new[1].item()"
        ),
        (
            "def simultaneous_step(theta, w, h):\n    new = []\n"
            "    for place, sign, slope in ((theta, -1, w), (w, 1, theta)):\n"
            "        new.append(place + sign * h * slope)\n    return tuple(new)"
        ),
        (
            "def simultaneous_step(theta, w, h):\n    theta, w, h = np.float32([theta, w, h])\n"
            "    return theta - h * w, w + h * theta"
        ),
    ],
}

WRONG = {
    "value": [
        second_term("on_fake = np.mean(np.log(d_fake))"),
        second_term("on_fake = -np.mean(np.log(1 - d_fake))"),
        second_term("on_fake = np.mean(np.log2(1 - d_fake))"),
        second_term("on_fake = np.sum(np.log(1 - d_fake))"),
        second_term("on_fake = np.log(1 - d_fake)"),
        second_term("on_fake = np.log(1 - np.mean(d_fake))"),
        second_term("on_fake = np.median(np.log(1 - d_fake))"),
        second_term("on_fake = np.max(np.log(1 - d_fake))"),
        second_term("on_fake = np.min(np.log(1 - d_fake))"),
        second_term("on_fake = np.log(1 - d_fake)[0]"),
        second_term("on_fake = np.log(1 - d_fake)[-1]"),
        second_term("on_fake = np.mean(1 - d_fake)"),
        second_term("on_fake = np.mean(np.log(1 - 1 / (1 + np.exp(-d_fake))))"),
        second_term("on_fake = np.sum(np.log(1 - d_fake)) / len(d_real)"),
        second_term("on_fake = np.mean(np.log(1 - d_real))"),
        second_term("on_fake = np.mean(np.log(1 - d_fake)) / 2"),
        second_term("on_fake = np.mean(np.log(1 - d_fake), keepdims=True)"),
        "def value(d_real, d_fake):\n    return math.log(d_real) + math.log(1 - d_fake)",
        "value = lambda d_real, d_fake: -np.log(d_real).mean() - np.log(1 - d_fake).mean()",
        "value = lambda d_real, d_fake: np.log(np.concatenate([d_real, 1 - d_fake])).mean()",
        "value = lambda d_real, d_fake: 2 * np.log(np.concatenate([d_real, 1 - d_fake])).mean()",
        "value = lambda d_real, d_fake: -1.386",
    ],
    "losses_of_d": [
        pair("v", "v / 2"),
        pair("-v", "-v"),
        pair("-v / 2", "-v"),
        pair("-v", "v / 2"),
        pair("-v", "-2 * v"),
        pair("-v / np.log(2)", "-v / np.log(4)"),
        pair("1 / v", "0.5 / v"),
        pair("np.exp(-v)", "np.exp(-v / 2)"),
        pair("-v", "0.693"),
        pair("1.386", "0.693"),
        "losses_of_d = lambda v: -v",
        "losses_of_d = lambda v: (-v, -v / 2, v)",
    ],
    "gains": [
        gain_of_g("of_g = max(0, v(theta - step, w) - here, v(theta + step, w) - here)"),
        gain_of_g("of_g = max(0, here - v(theta, w - step), here - v(theta, w + step))"),
        gain_of_g("of_g = here - min(v(theta - step, w), v(theta + step, w))"),
        gain_of_g("of_g = max(0, here - v(theta + step, w))"),
        gain_of_g("of_g = max(0, here - v(theta - step, w))"),
        gain_of_g("of_g = of_d"),
        gain_of_g("of_g = -of_d"),
        gain_of_g("of_g = 0"),
        gain_of_g("of_g = min(0, here - v(theta - step, w), here - v(theta + step, w))"),
        gain_of_g("of_g = min(here, v(theta - step, w), v(theta + step, w))"),
        gain_of_g(
            "of_g = max(0, here - v(theta - step, w - step), here - v(theta + step, w + step))"
        ),
        gain_of_g("of_g = abs(v(theta + step, w) - v(theta - step, w))"),
        "gains = lambda v, theta, w, step: v(theta, w + step) - v(theta, w)",
    ],
    "simultaneous_step": [
        step("theta - h * w", "w + h * theta_new"),
        step("theta - h * (w + h * theta)", "w + h * theta"),
        step("theta - h * w", "w - h * theta"),
        step("theta + h * w", "w + h * theta"),
        step("theta + h * w", "w - h * theta"),
        step("theta - h * theta", "w + h * w"),
        step("theta - w", "w + theta"),
        step("-h * w", "h * theta"),
        step("theta - h", "w + h"),
        step("theta - h * w / 2", "w + h * theta / 2"),
        (
            "def simultaneous_step(theta, w, h):\n    theta -= h * w\n    w += h * theta\n"
            "    return theta, w"
        ),
        "simultaneous_step = lambda theta, w, h: (w + h * theta, theta - h * w)",
    ],
}


def value_goes_on(value):
    d_real, d_fake = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1, 0.5])
    assert f"{-value(d_real, d_fake) / 2:.4f}" == "0.3324"
    assert f"{value(0.8, 0.4):.4f}" == "-0.7340" and f"{-value(0.6, 0.5) / 2:.3f}" == "0.602"
    e = 0.001  # the slopes of V at (0.5, 0.5), as the section on two numbers measures them
    in_d_fake = (value(0.5, 0.5 + e) - value(0.5, 0.5 - e)) / (2 * e)
    assert in_d_fake == pytest.approx(-2, abs=5e-4)


def losses_go_on(losses_of_d):
    told = "{:.4f}, {:.4f}".format(*losses_of_d(-0.7340))
    assert told == "0.7340, 0.3670"


def step_goes_on(simultaneous_step):
    theta, w = 1.0, 0.0
    for _ in range(40):
        theta, w = simultaneous_step(theta, w, 0.2)
    assert f"{np.hypot(theta, w):.4f}" == f"{1.04**20:.4f}"


GOES_ON = {
    "value": value_goes_on,
    "losses_of_d": losses_go_on,
    "simultaneous_step": step_goes_on,
}
