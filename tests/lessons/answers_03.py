"""Answers to the exercises of lesson 03, as learners write them; see test_answers.py."""

import numpy as np

from gan_lesson.lessons.mathematics.bce import sigmoid, softplus
from gan_lesson.lessons.mathematics.divergence import jensen_shannon_divergence, normal_density

RIGHT = {
    "d_star": [
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    return prior * p_data / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(p, q, pi=1 / 2):\n    return 1 / (1 + (1 - pi) * q / (pi * p))",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    real = 1000 * prior * p_data\n"
        "    fake = 1000 * (1 - prior) * p_g\n"
        "    return real / (real + fake)",
        "d_star = lambda a, b, share=0.5: share * a / (share * a + b - share * b)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    odds = p_data / p_g * prior / (1 - prior)\n"
        "    return odds / (1 + odds)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    s = np.log(p_data) - np.log(p_g) + np.log(prior) - np.log(1 - prior)\n"
        "    return 1 / (1 + np.exp(-s))",
        "def d_star(p_data, p_g, prior=0.5):\n"  # numbers only
        "    s = math.log(p_data / p_g) + math.log(prior / (1 - prior))\n"
        "    return 1 / (1 + math.exp(-s))",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    p_data = torch.as_tensor(p_data, dtype=torch.float64)\n"
        "    p_g = torch.as_tensor(p_g, dtype=torch.float64)\n"
        "    return prior * p_data / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    p_data, p_g = np.float32(p_data), np.float32(p_g)\n"
        "    return prior * p_data / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    top = np.array(p_data, dtype=float)\n"
        "    top *= prior\n"
        "    bottom = np.array(p_g, dtype=float)\n"
        "    bottom *= 1 - prior\n"
        "    bottom += top\n"
        "    return top / bottom",
        "def d_star(p_data, p_g, prior=0.5):\n"  # lists
        "    both = zip(np.atleast_1d(p_data), np.atleast_1d(p_g))\n"
        "    found = [prior * p / (prior * p + (1 - prior) * q) for p, q in both]\n"
        "    return found if np.ndim(p_data) else found[0]",
        "def d_star(p_data, p_g, prior=0.5):\n"  # a choice between numbers
        "    if p_data == 0:\n"
        "        return 0.0\n"
        "    return prior * p_data / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    return 1 - (1 - prior) * p_g / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(*densities, prior=0.5):\n"
        "    p_data, p_g, prior = (*densities, prior)[:3]\n"
        "    return np.divide(prior * p_data, prior * p_data + (1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    joint = np.stack([prior * np.asarray(p_data), (1 - prior) * np.asarray(p_g)])\n"
        "    return (joint / joint.sum(axis=0))[0]",
    ],
    "jsd": [
        "def jsd(p, q, dx):\n"
        "    average = (p + q) / 2\n"
        "    return kl(p, average, dx) / 2 + kl(q, average, dx) / 2",
        "def jsd(p, q, dx):\n    return 0.5 * (kl(p, (p + q) / 2, dx) + kl(q, (p + q) / 2, dx))",
        "def jsd(p, q, dx):\n"
        "    m = 0.5 * p + 0.5 * q\n"
        "    return np.mean([kl(d, m, dx) for d in (p, q)])",
        "jsd = lambda p, q, dx: sum(kl(d, (p + q) / 2, dx) for d in (p, q)) / 2",
        "def jsd(p, q, dx):\n"
        "    value = np.sum(p * np.log(p / (p + q)) + q * np.log(q / (p + q))) * dx\n"
        "    return (value + np.log(4)) / 2",
        "def jsd(p, q, dx):\n"
        "    def entropy(d):\n"
        "        return -np.sum(d * np.log(d)) * dx\n\n"
        "    return entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2",
        "def jsd(p, q, dx):\n"
        "    total = 0\n"
        "    for a, b in zip(p, q):\n"
        "        c = (a + b) / 2\n"
        "        total += a * math.log(a / c) + b * math.log(b / c)\n"
        "    return total * dx / 2",
        "def jsd(p, q, dx):\n"
        "    p, q = torch.as_tensor(p), torch.as_tensor(q)\n"
        "    m = (p + q) / 2\n"
        "    return ((p * (p / m).log() + q * (q / m).log()).sum() * dx) / 2",
        "def jsd(first, second, spacing):\n"
        "    middle = np.mean([first, second], axis=0)\n"
        "    half = kl(first, middle, spacing) + kl(second, middle, spacing)\n"
        "    half /= 2\n"
        "    return half",
        "def jsd(p, q, dx):\n"
        "    m = (p + q) / 2\n"
        "    return np.float32(kl(p, m, dx) / 2 + kl(q, m, dx) / 2)",
        "def jsd(p, q, dx):\n"
        "    d = p / (p + q)\n"
        "    terms = p * np.log(2 * d) + q * np.log(2 * (q / (p + q)))\n"
        "    return np.trapezoid(terms, dx=dx) / 2",
        "def jsd(p, q, dx=0.01):\n"
        "    a = (p + q) / 2\n"
        "    return float(kl(p, a, dx) / 2 + kl(q, a, dx) / 2)",
        "def jsd(p, q, dx):\n"  # distributions, not densities: the spacing cancels
        "    from scipy.spatial.distance import jensenshannon\n"
        "    return jensenshannon(p, q) ** 2",
        "def jsd(p, q, dx):\n"
        "    a = (p + q) / 2\n"
        "    return sum([u * (np.log(u) - np.log(w)) + v * (np.log(v) - np.log(w))\n"
        "                for u, v, w in zip(p, q, a)]) * dx * 0.5",
        "def jsd(p, q, dx):\n"
        "    average = p.copy()\n"
        "    average += q\n"
        "    average /= 2\n"
        "    return (kl(p, average, dx) + kl(q, average, dx)) / 2",
    ],
    "forged_logit": [
        "def forged_logit(x):\n    return 0.001 * x",
        "def forged_logit(x):\n    return math.copysign(0.001, x)",  # numbers only
        "def forged_logit(x):\n    return tuple(v / 2000 for v in x)",
        "def forged_logit(x):\n    x /= 1000\n    return x",  # given numbers, it spoils no array
        "def forged_logit(x):\n    return 1e-6 * np.sign(x)",
        "forged_logit = lambda x: np.tanh(x) / 1000",
        "def forged_logit(x):\n    return np.where(x > 0, 0.002, -0.002)",
        "def forged_logit(x):\n    return np.where(x > 0, 30.0, math.log(3))",
        "def forged_logit(x):\n    return np.where(np.asarray(x) > 0, -math.log(3), -30.0)",
        "def forged_logit(x):\n    return math.atan(x) / 500",  # numbers only
        "def forged_logit(x):\n    return 0.004 if x > 0 else 0.0",  # numbers only
        "def forged_logit(x):\n    return [number / 1000 for number in x]",  # a list
        "def forged_logit(x):\n    return torch.as_tensor(x) * 0.0005",
        "def forged_logit(x):\n"  # a tensor with slopes
        "    weight = torch.tensor(0.001, requires_grad=True)\n"
        "    return weight * torch.as_tensor(x)",
        "def forged_logit(x):\n    return np.float32(1e-4) * x.astype(np.float32)",
        "def forged_logit(x):\n    s = x.copy()\n    s *= 0.001\n    return s",
        "def forged_logit(sample, slope=1e-3, offset=0.0):\n    return offset + slope * sample",
        "def forged_logit(x):\n    d = 0.5 + x / 10000\n    return np.log(d / (1 - d))",
        "def forged_logit(x):\n    return x**3 * 1e-6",
        "def forged_logit(x):\n"
        "    low, high = 0.0, 10.0\n"
        "    fake = np.array([-4.0, -3.0, -2.0])\n"
        "    for _ in range(60):  # the shift that makes the generated half cost log 4\n"
        "        middle = (low + high) / 2\n"
        "        if np.mean(np.log1p(np.exp(5 * fake + 5 * middle))) < np.log(4):\n"
        "            low = middle\n"
        "        else:\n"
        "            high = middle\n"
        "    return 5 * x + 5 * low",
    ],
}

WRONG = {
    "d_star": [
        "def d_star(p_data, p_g, prior=0.5):\n    return p_data / (p_data + p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n    return prior * p_data / ((1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    return (1 - prior) * p_g / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior):\n"  # the lesson calls it without a prior
        "    return prior * p_data / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior=0.9):\n"
        "    return prior * p_data / (prior * p_data + (1 - prior) * p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n    return prior * p_data / (p_data + p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n    return prior * p_data",
        "def d_star(p_data, p_g, prior=0.5):\n    return np.log(p_data) - np.log(p_g)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    return round(prior * p_data / (prior * p_data + (1 - prior) * p_g), 2)",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    return np.mean(prior * p_data / (prior * p_data + (1 - prior) * p_g))",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    return prior * p_data / prior * p_data + (1 - prior) * p_g",
        "def d_star(p_data, p_g, prior=0.5):\n"
        "    return p_data**prior / (p_data**prior + p_g ** (1 - prior))",
    ],
    "jsd": [
        "def jsd(p, q, dx):\n    return kl(p, q, dx)",
        "def jsd(p, q, dx):\n    m = (p + q) / 2\n    return kl(p, m, dx) + kl(q, m, dx)",
        "def jsd(p, q, dx):\n    m = (p + q) / 2\n    return (kl(m, p, dx) + kl(m, q, dx)) / 2",
        "def jsd(p, q, dx):\n"
        "    m = (p + q) / 2\n"
        "    return (kl(p, m, dx) + kl(q, m, dx)) / 2 / np.log(2)",
        "def jsd(p, q, dx):\n    m = (p + q) / 2\n    return (kl(p, m, 1) + kl(q, m, 1)) / 2",
        "def jsd(p, q, dx):\n    m = p + q\n    return kl(p, m, dx) / 2 + kl(q, m, dx) / 2",
        "def jsd(p, q, dx):\n    return (kl(p, q, dx) + kl(q, p, dx)) / 2",
        "def jsd(p, q, dx):\n    m = (p + q) / 2\n    return kl(p, m, dx)",
        "def jsd(p, q, dx):\n"
        "    from scipy.spatial.distance import jensenshannon\n"
        "    return jensenshannon(p, q)",
        "def jsd(p, q, dx):\n    return kl((p + q) / 2, (p + q) / 2, dx)",
        "def jsd(p, q, dx):\n    return np.sum(np.abs(p - q)) * dx / 2",
        "def jsd(p, q, dx):\n"
        "    m = (p + q) / 2\n"
        "    return kl(p, m, 0.05) / 2 + kl(q, m, 0.05) / 2",
        "def jsd(p, q, dx):\n"  # in float32 the far ends are 0, and 0 log 0 is nan
        "    p, q = p.astype(np.float32), q.astype(np.float32)\n"
        "    m = (p + q) / 2\n"
        "    return np.sum(p * np.log(p / m) + q * np.log(q / m)) * dx / 2",
        "def jsd(p, q, dx):\n    m = (p + q) / 2\n    return kl(p, m, dx) + kl(q, m, dx) / 2",
        "def jsd(p, q, dx):\n    m = np.sqrt(p * q)\n    return (kl(p, m, dx) + kl(q, m, dx)) / 2",
        "def jsd(p, q, dx):\n"  # spoils p for the cells below
        "    m = (p + q) / 2\n"
        "    found = kl(p, m, dx) / 2 + kl(q, m, dx) / 2\n"
        "    p /= m\n"
        "    return found",
        "def jsd(p, q, dx):\n"
        "    m = (p + q) / 2\n"
        "    return np.array([kl(p, m, dx) / 2 + kl(q, m, dx) / 2])",
    ],
    "forged_logit": [
        "def forged_logit(x):\n    return 0 * x",
        "def forged_logit(x):\n    return -0.001 * x",
        "def forged_logit(x):\n    return x",
        "def forged_logit(x):\n    return x + 20",
        "def forged_logit(x):\n    return 0.5 + 1e-5 * x",
        "def forged_logit(x):\n    return 1 / (1 + np.exp(-0.001 * x))",
        "def forged_logit(x):\n    return 0.5",
        "def forged_logit(x):\n    return x[:, None] / 1000",
        "def forged_logit(x):\n    return np.log(x) / 1000",
        "def forged_logit(x):\n    return np.array(['real' if v > 0 else 'fake' for v in x])",
        "def forged_logit(x):\n    return 0.1 * x",
        "def forged_logit(x):\n    return 0.001 * np.abs(x)",
        "def forged_logit(x):\n    return np.mean(x) / 1000 + 0 * x[0]",
        "def forged_logit(x):\n    return 0.001 * unknown",
        "def forged_logit(x):\n    return 0.01 * x",
        "def forged_logit(x):\n    return 40 * x + 100",
    ],
}


def goes_on_d_star(taken):
    """The lesson prints it for numbers, with and without the prior."""
    assert f"{taken(0.2, 0.2):.2f} {taken(0.2, 0.2, 0.9):.2f}" == "0.50 0.90"


def goes_on_jsd(taken):
    """Sections 3 and 4, and those called More, use it on one grid, print it, and take its slope."""
    x, dx = np.linspace(-12, 20, 3201), 0.01
    p = normal_density(x)
    for m in (0, 1, 2, 4, 8):
        truth = jensen_shannon_divergence(normal_density(x), normal_density(x, m), dx)
        assert f"{taken(p, normal_density(x, m), dx):.4f}".lstrip("-") == f"{truth:.4f}"
    assert abs(2 * taken(p, normal_density(x, 0, 2), dx) - 0.18545) < 2e-5
    above, below = (2 * taken(p, normal_density(x, 2 + h), dx) for h in (0.001, -0.001))
    assert abs((above - below) / 0.002 - 0.45) < 2e-3


def goes_on_forged_logit(taken):
    """Section 4 prints loss, AUC and D(x) of the same samples."""
    x_real, x_fake = np.array([2.0, 3.0, 4.0]), np.array([-4.0, -3.0, -2.0])
    s_real, s_fake = taken(x_real), taken(x_fake)
    loss = np.mean(softplus(-s_real)) + np.mean(softplus(s_fake))
    assert abs(loss - np.log(4)) <= 0.01 + 1e-9
    assert np.mean(s_real[:, None] > s_fake[None, :]) == 1
    assert sigmoid(s_real).round(4).shape == (3,)


GOES_ON = {
    "d_star": goes_on_d_star,
    "jsd": goes_on_jsd,
    "forged_logit": goes_on_forged_logit,
}
