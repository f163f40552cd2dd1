"""Exercises of lesson 02, the minimax value function."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.value import value as _value

_REAL, _FAKE = np.array([0.9, 0.6, 0.8]), np.array([0.3, 0.1])


def value(d_real, d_fake):
    """Return V = mean log D(x) + mean log(1 - D(G(z))), in nats."""
    return _value(d_real, d_fake)


def _wrong_value(on_fake):
    return lambda d_real, d_fake: np.mean(np.log(d_real)) + on_fake(np.asarray(d_fake))


VALUE = Exercise(
    "value",
    reference=value,
    cases=[(_REAL, _FAKE), (np.array([0.8]), np.array([0.4])), (_FAKE, _REAL)],
    mistakes=[
        (
            _wrong_value(lambda d: np.mean(np.log(d))),
            "The label: this is the price of a sample labelled 1, and generated ones have 0.",
        ),
        (
            _wrong_value(lambda d: -np.mean(np.log(1 - d))),
            "The sign: this half is a loss, and V is not a loss.",
        ),
        (
            lambda r, f: -np.mean(np.log(r)) - np.mean(np.log(1 - f)),
            "The sign: this is loss_d, and V is what D maximises.",
        ),
        (
            _wrong_value(lambda d: np.mean(np.log2(1 - d))),
            "The logarithm has base 2: these are bits. np.log is the natural one.",
        ),
        (
            lambda r, f: np.mean(np.log2(r)) + np.mean(np.log2(1 - f)),
            "Both logarithms have base 2: these are bits. np.log is the natural one.",
        ),
        (
            _wrong_value(lambda d: np.mean(np.log10(1 - d))),
            "The logarithm has base 10. np.log is the natural one.",
        ),
        (
            _wrong_value(lambda d: np.sum(np.log(1 - d))),
            "This is the sum over the samples, and an expectation is a mean.",
        ),
        (
            _wrong_value(lambda d: np.log(1 - d)),
            "This is one number for each sample, and an expectation is their mean.",
        ),
        (
            _wrong_value(lambda d: np.log(1 - np.mean(d))),
            "This is the logarithm of a mean. V is the mean of logarithms.",
        ),
        (
            _wrong_value(lambda d: np.mean(np.log(1 - sigmoid(d)))),
            "A probability is taken for a logit: D(G(z)) has been through the sigmoid already.",
        ),
        (
            lambda r, f: (np.mean(np.log(r)) + np.mean(np.log(1 - f))) / 2,
            "There is a ½ too many: V gives each of its two terms the weight 1.",
        ),
    ],
    hints=(
        "What does D pay for one generated sample, and which sign has it in V?",
        "The second term has the shape of the first: put the probability of 'generated' into it.",
    ),
)


def losses_of_d(v):
    """Return loss_d and the mean BCE of a balanced batch, in nats, from the value V."""
    return -v, -v / 2


LOSSES_OF_D = Exercise(
    "losses_of_d",
    reference=losses_of_d,
    cases=[(-0.734,), (-2.41,), (float(np.log(0.25)),)],
    mistakes=[
        (lambda v: (v, v / 2), "The sign: V is never above 0, a loss never below."),
        (lambda v: (v, -v / 2), "The sign of loss_d: V is never above 0, a loss never below."),
        (lambda v: (-v, v / 2), "The sign of the mean BCE: it is never below 0."),
        (lambda v: (-v, -v), "The ½ is missing: the mean is over both halves of the batch."),
        (lambda v: (-2 * v, -v), "Twice too large: V is a sum over the two halves already."),
        (
            lambda v: (-v / 2, -v),
            "Sum for mean, and mean for sum: loss_d is the sum of the two halves.",
        ),
        (lambda v: (-v / 2, -v / 2), "Mean for sum: loss_d is the sum of the two halves."),
        (
            lambda v: (-v / np.log(2), -v / 2 / np.log(2)),
            "The logarithm has base 2: these are bits, and the lessons keep nats.",
        ),
    ],
    hints=(
        "What are the two at chance, where V = −1.386?",
        "A loss is minimised exactly where V is maximised; a mean has a number to divide by.",
    ),
)


def label(player, origin):
    """Return the label y that BCE is given in a player's turn for samples of that origin."""
    return {("D", "real"): 1, ("D", "generated"): 0, ("G", "generated"): 1}[player, origin]


def _labels(d_real, d_fake, g_fake):
    book = {("D", "real"): d_real, ("D", "generated"): d_fake, ("G", "generated"): g_fake}
    return lambda player, origin: book[player, origin]


LABEL = Exercise(
    "label",
    reference=label,
    cases=[("D", "real"), ("D", "generated"), ("G", "generated")],
    mistakes=[
        (
            _labels(1, 0, 0),
            "The label is not flipped in G's turn: G would minimise −log(1 − D(G(z))) and help D.",
        ),
        (_labels(0, 1, 1), "The labels of D's turn are swapped: D(x) is the probability of real."),
        (_labels(0, 1, 0), "All labels are swapped: D(x) is the probability of real."),
        (_labels(1, 1, 1), "D's turn has one label only: D would learn to say 1 to everything."),
        (_labels(0, 0, 0), "D's turn has one label only: D would learn to say 0 to everything."),
        (
            _labels(1, 0, 0.5),
            "A probability for a label: ½ is what D may come to say, not what G asks for.",
        ),
    ],
    hints=(
        "BCE with y = 1 is −log D, with y = 0 it is −log(1 − D). Which does each row pay?",
        "In D's turn the label is the origin. In G's turn it is what G would like to hear.",
    ),
)


def simultaneous_step(x, y, h):
    """Return where both players stand after one step at once on f = x y."""
    return x - h * y, y + h * x


SIMULTANEOUS_STEP = Exercise(
    "simultaneous_step",
    reference=simultaneous_step,
    cases=[(1.0, 0.5, 0.2), (-0.3, 2.0, 0.1), (1.0, 0.0, 0.5)],
    mistakes=[
        (
            lambda x, y, h: (x - h * y, y + h * (x - h * y)),
            "y has seen the new x: these are steps in turn, not at once.",
        ),
        (lambda x, y, h: (x - h * y, y - h * x), "The sign of y: y climbs, and this descends."),
        (lambda x, y, h: (x + h * y, y + h * x), "The sign of x: x descends, and this climbs."),
        (lambda x, y, h: (x + h * y, y - h * x), "Both signs: x descends and y climbs."),
        (
            lambda x, y, h: (x - h * x, y + h * y),
            "The slopes are swapped: how fast x y changes with x is y, and the other way round.",
        ),
        (lambda x, y, h: (x - y, y + x), "The step size h is missing."),
    ],
    hints=(
        "Each player needs the slope of x y in its own variable; x goes against it, y along it.",
        "Both slopes are taken at the old point, before anybody has moved.",
    ),
)

check_value = VALUE.check
check_losses_of_d = LOSSES_OF_D.check
check_label = LABEL.check
check_simultaneous_step = SIMULTANEOUS_STEP.check
