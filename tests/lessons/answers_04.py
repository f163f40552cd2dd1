"""Right and wrong answers to the exercises of lesson 04, as learners write them."""

import numpy as np

RIGHT = {
    "saturating_slope": [
        """def saturating_slope(s):
    D = sigmoid(s)
    slope = -D
    return slope""",
        """def saturating_slope(s):
    D = sigmoid(s)
    slope = -1 / (1 - D) * D * (1 - D)
    return slope""",
        """def saturating_slope(s):
    return -1 / (1 + np.exp(-s))""",
        """def saturating_slope(s):
    return 0 - sigmoid(s)""",
        """def saturating_slope(logit):
    return -np.exp(logit) / (1 + np.exp(logit))""",
        """def saturating_slope(s):
    return -1 / (1 + math.exp(-s))""",
        """def saturating_slope(s):
    if s > 0:
        return -1 / (1 + math.exp(-s))
    return -math.exp(s) / (1 + math.exp(s))""",
        """saturating_slope = lambda s: -sigmoid(s)""",
        """def saturating_slope(s):
    return -torch.sigmoid(torch.as_tensor(s))""",
        """def saturating_slope(s):
    return -torch.sigmoid(torch.as_tensor(s, dtype=torch.float32))""",
        """def saturating_slope(s):
    s = torch.as_tensor(s, dtype=torch.float64).requires_grad_()
    torch.log(1 - torch.sigmoid(s)).sum().backward()
    return s.grad""",
        """def saturating_slope(s):
    h = 1e-5
    return (np.log(1 - sigmoid(s + h)) - np.log(1 - sigmoid(s - h))) / (2 * h)""",
        """def saturating_slope(s):
    if np.ndim(s) == 0:
        return -1 / (1 + math.exp(-s))
    return [-1 / (1 + math.exp(-one)) for one in s]""",
        """def saturating_slope(s):
    D = np.array(sigmoid(s))
    D *= -1
    return D""",
        """def saturating_slope(s):
    return (-np.tanh(s / 2) - 1) / 2""",
        """def saturating_slope(s, sign=-1.0):
    D = sigmoid(s)
    pull = D * (1 - D)
    return sign * pull / (1 - D)""",
        """def saturating_slope(s):
    return -sigmoid(np.asarray(s, dtype=np.float32)).astype(np.float32)""",
    ],
    "generator_step_loss": [
        """def generator_step_loss(s):
    y = 1
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = np.ones_like(s)
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = np.ones(len(s))
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = [1] * len(s)
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = True
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(logits, y=1.0):
    return bce_from_logits(logits, y).mean()""",
        """def generator_step_loss(s):
    return np.mean(np.log1p(np.exp(-s)))""",
        """def generator_step_loss(s):
    return np.mean(np.logaddexp(0, -s))""",
        """def generator_step_loss(s):
    return -np.mean(np.log(1 / (1 + np.exp(-s))))""",
        """def generator_step_loss(s):
    total = 0.0
    for one in s:
        total += math.log(1 + math.exp(-one))
    return total / len(s)""",
        """generator_step_loss = lambda s: sum(math.log1p(math.exp(-t)) for t in s) / len(s)""",
        """def generator_step_loss(s):
    s = torch.as_tensor(s)
    return torch.nn.functional.binary_cross_entropy_with_logits(s, torch.ones_like(s))""",
        """def generator_step_loss(s):
    return torch.nn.functional.softplus(-torch.as_tensor(s, dtype=torch.float32)).mean()""",
        """def generator_step_loss(s):
    return torch.nn.functional.softplus(-torch.as_tensor(s)).mean().item()""",
        """def generator_step_loss(s):
    y = np.zeros(s.shape)
    y += 1
    return np.sum(bce_from_logits(s, y)) / s.size""",
    ],
    "ratio": [
        """def ratio(s):
    times = np.exp(-s)
    return times""",
        """def ratio(s):
    return 1 / np.exp(s)""",
        """def ratio(s):
    return np.e ** -s""",
        """def ratio(s):
    D = 1 / (1 + np.exp(-s))
    return (1 - D) / D""",
        """def ratio(s):
    D = 1 / (1 + math.exp(-s))
    return 1 / D - 1""",
        """from gan_lesson.lessons.mathematics.bce import sigmoid

def ratio(s):
    return sigmoid(-s) / sigmoid(s)""",
        """def ratio(s):
    return math.exp(-s)""",
        """ratio = lambda logit: math.e ** -logit""",
        """def ratio(s):
    return np.power(np.e, -s)""",
        """def ratio(s):
    return torch.exp(-torch.as_tensor(s, dtype=torch.float32))""",
        """def ratio(s):
    return torch.exp(torch.tensor(-s)).numpy()""",
        """def ratio(s):
    D = torch.sigmoid(torch.as_tensor(s, dtype=torch.float32))
    return (1 - D) / D""",
        """def ratio(s):
    return [math.exp(-t) for t in s] if np.ndim(s) else math.exp(-s)""",
        """from gan_lesson.lessons.mathematics.bce import sigmoid

def ratio(s):
    non_saturating, saturating = -(1 - sigmoid(s)), -sigmoid(s)
    return non_saturating / saturating""",
        """def ratio(s, base=np.e):
    return base ** (-s)""",
        """def ratio(s):
    times = np.array(s, dtype=float)
    times *= -1
    return np.exp(times)""",
    ],
}

WRONG = {
    "saturating_slope": [
        """def saturating_slope(s):
    return sigmoid(s)""",
        """def saturating_slope(s):
    return -1 / (1 - sigmoid(s))""",
        """def saturating_slope(s):
    return sigmoid(s) - 1""",
        """def saturating_slope(s):
    D = sigmoid(s)
    return -D * (1 - D)""",
        """def saturating_slope(s):
    return -s""",
        """def saturating_slope(s):
    return -1.0""",
        """def saturating_slope(s):
    return -softplus(s)""",
        """def saturating_slope(s):
    return np.log(1 - sigmoid(s))""",
        """def saturating_slope(s):
    return -1 / (1 + np.exp(s))""",
        """def saturating_slope(s):
    return -sigmoid(s) / np.log(2)""",
        """def saturating_slope(s):
    return -np.mean(sigmoid(s))""",
        """def saturating_slope(s):
    return round(-float(sigmoid(s)), 2)""",
    ],
    "generator_step_loss": [
        """def generator_step_loss(s):
    y = 0
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = 0.9
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = 0.5
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = sigmoid(s)
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = (s > 0).astype(float)
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = -1
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    return -np.mean(bce_from_logits(s, 1))""",
        """def generator_step_loss(s):
    return -np.mean(bce_from_logits(s, 0))""",
        """def generator_step_loss(s):
    return bce_from_logits(s, 1)""",
        """def generator_step_loss(s):
    return np.sum(bce_from_logits(s, 1))""",
        """def generator_step_loss(s):
    y = np.array([1, 0, 1])
    return np.mean(bce_from_logits(s, y))""",
        """def generator_step_loss(s):
    y = "real"
    return np.mean(bce_from_logits(s, y))""",
    ],
    "ratio": [
        """def ratio(s):
    return np.exp(s)""",
        """def ratio(s):
    return -np.exp(-s)""",
        """def ratio(s):
    return np.exp(np.abs(s))""",
        """def ratio(s):
    return np.log(s)""",
        """def ratio(s):
    D = 1 / (1 + np.exp(-s))
    return D / (1 - D)""",
        """def ratio(s):
    return (1 - np.exp(s)) / (1 + np.exp(s))""",
        """def ratio(s):
    return (1 - s) / s""",
        """def ratio(s):
    return 2.0 ** -s""",
        """def ratio(s):
    return 148""",
        """def ratio(s):
    return np.exp(-5)""",
        """def ratio(s):
    return np.round(np.exp(-s), 2)""",
    ],
}


def slope_goes_on(taken):
    """Section 2 adds D's slope to it and prints the sum."""
    for s in (-5.0, 0.0, 5.0):
        d = 1 / (1 + np.exp(-s))
        assert f"{d + taken(s):.4f}".lstrip("-") == "0.0000"


def loss_goes_on(taken):
    """A loss is one number, whatever the batch."""
    assert f"{taken(np.array([0.0, 0.0])):.3f}" == "0.693"


def ratio_goes_on(taken):
    """The cell of its check prints it at three places."""
    assert f"{taken(-5.0):.0f} {taken(0.0):.0f} {taken(5.0):.4f}" == "148 1 0.0067"


GOES_ON = {
    "saturating_slope": slope_goes_on,
    "generator_step_loss": loss_goes_on,
    "ratio": ratio_goes_on,
}
