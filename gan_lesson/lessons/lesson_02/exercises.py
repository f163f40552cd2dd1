"""Exercises of lesson 02, the minimax value function."""

import functools

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.value import value as _value

# Batches of several lengths, in which mean, median, middle and ends all differ.
_REAL, _FAKE = np.array([0.9, 0.6, 0.85]), np.array([0.3, 0.1, 0.45, 0.2])


def value(d_real, d_fake):
    """Return V = mean log D(x) + mean log(1 - D(G(z))), in nats."""
    return _value(d_real, d_fake)


def _wrong_value(on_fake):
    return lambda d_real, d_fake: np.mean(np.log(d_real)) + on_fake(np.asarray(d_fake))


VALUE = Exercise(
    "value",
    reference=value,
    cases=[(_REAL, _FAKE), (_FAKE, _REAL), (np.array([0.8]), np.array([0.4]))],
    tolerance=1e-5,
    mistakes=[
        (
            _wrong_value(lambda d: np.mean(np.log(d))),
            "This is the term of samples with label 1, but generated samples have label 0.",
        ),
        (
            _wrong_value(lambda d: -np.mean(np.log(1 - d))),
            "The sign of the second term is turned: this is what D pays, and V is not a loss.",
        ),
        (
            lambda r, f: -np.mean(np.log(r)) - np.mean(np.log(1 - f)),
            "The sign of both terms is turned: this is loss_d, and V is what D maximises.",
        ),
        (
            _wrong_value(lambda d: np.mean(np.log2(1 - d))),
            "Your logarithm has base 2, so it counts bits. The natural one is np.log.",
        ),
        (
            lambda r, f: np.mean(np.log2(r)) + np.mean(np.log2(1 - f)),
            "Both logarithms have base 2, so they count bits. The natural one is np.log.",
        ),
        (
            _wrong_value(lambda d: np.mean(np.log10(1 - d))),
            "Your logarithm has base 10. The natural one is np.log.",
        ),
        (
            _wrong_value(lambda d: np.sum(np.log(1 - d))),
            "This is the sum over the samples, but an expectation is a mean.",
        ),
        (
            _wrong_value(lambda d: np.log(1 - d)),
            "This is one number for each sample, but an expectation is their mean.",
        ),
        (
            _wrong_value(lambda d: np.log(1 - np.mean(d))),
            "This is the logarithm of a mean, but V is a mean of logarithms.",
        ),
        (
            _wrong_value(lambda d: np.mean(np.log(1 - sigmoid(d)))),
            "D(G(z)) is a probability already, and here it goes through the sigmoid once more.",
        ),
        (
            lambda r, f: (np.mean(np.log(r)) + np.mean(np.log(1 - f))) / 2,
            "There is a ½ too many, because V gives each of its two terms the weight 1.",
        ),
    ],
    hints=(
        "How much does D pay for one generated sample, and with which sign does it stand in V?",
        "The second term is built like the first. Instead of D(x) it holds the probability that "
        "D gives to 'generated'.",
    ),
)


def check_value(answer):
    """Return what `VALUE.check` returns, in a form that also takes single numbers.

    The exercise asks for arrays, and later cells write `value(0.8, 0.4)`. An answer that
    changes its arrays gets copies.

    Raises:
        WrongAnswer: it was attempted and is not right.
    """
    taken = VALUE.check(answer)
    suits = _takes_numbers(taken) and _leaves_arrays_alone(taken)
    return taken if suits else _of_numbers_too(taken)


def _takes_numbers(taken) -> bool:
    try:
        return np.shape(taken(0.8, 0.4)) == ()
    except Exception:
        return False


def _leaves_arrays_alone(taken) -> bool:
    real, fake = _REAL.copy(), _FAKE.copy()
    taken(real, fake)
    return np.array_equal(real, _REAL) and np.array_equal(fake, _FAKE)


def _of_numbers_too(function):
    @functools.wraps(function)
    def applied(d_real, d_fake):
        return function(np.array(d_real, float, ndmin=1), np.array(d_fake, float, ndmin=1))

    return applied


def losses_of_d(v):
    """Return loss_d and the mean BCE of a balanced batch, in nats, from the value V."""
    return -v, -v / 2


LOSSES_OF_D = Exercise(
    "losses_of_d",
    reference=losses_of_d,
    cases=[(-0.734,), (-2.41,), (float(np.log(0.25)),)],
    mistakes=[
        (
            lambda v: (v, v / 2),
            "Both signs are wrong: V is never above 0, and a loss of D never below.",
        ),
        (
            lambda v: (v, -v / 2),
            "The sign of loss_d is wrong: V is never above 0, and a loss of D never below.",
        ),
        (lambda v: (-v, v / 2), "The sign of the mean BCE is wrong: it is never below 0."),
        (lambda v: (-v, -v), "The ½ is missing: the mean is over both halves of the batch."),
        (lambda v: (-2 * v, -v), "Both are twice too large: V is a sum of two means already."),
        (
            lambda v: (-v / 2, -v),
            "The two have changed places: loss_d is the sum of two means.",
        ),
        (lambda v: (-v / 2, -v / 2), "The mean stands twice: loss_d is the sum of two means."),
        (
            lambda v: (-v / np.log(2), -v / 2 / np.log(2)),
            "These are bits, with the logarithm of base 2, but the lessons count nats.",
        ),
    ],
    hints=(
        "What are the two losses at chance, where V = −1.386?",
        "A loss is smallest where V is largest, and a mean over two halves divides by a number.",
    ),
)


def gains(v, theta, w, step):
    """Return what D and what G gain at best by one step alone on V, or by staying."""
    here = v(theta, w)
    of_d = max(0, v(theta, w - step) - here, v(theta, w + step) - here)
    return of_d, max(0, here - v(theta - step, w), here - v(theta + step, w))


class _Surface:
    """A function of theta and w that is called v in messages."""

    def __init__(self, function):
        self.function = function

    def __call__(self, theta, w):
        return self.function(theta, w)

    def __repr__(self):
        return "v"


def _wrong_gains(of_g):
    return lambda v, t, w, h: (gains(v, t, w, h)[0], of_g(v, t, w, h))


_HILL = _Surface(lambda t, w: t * w - w**2 / 4 + t**2 / 10 + t / 7)
_VALLEY = _Surface(lambda t, w: (t - w) ** 2 - w)

GAINS = Exercise(
    "gains",
    reference=gains,
    cases=[(_HILL, 1.5, 0.8, 0.1), (_HILL, -0.5, -2.0, 0.3), (_VALLEY, 0.5, 0.5, 0.2)],
    mistakes=[
        (
            _wrong_gains(lambda v, t, w, h: max(0, v(t - h, w) - v(t, w), v(t + h, w) - v(t, w))),
            "This is how far V rises, but G gains when V falls.",
        ),
        (
            _wrong_gains(lambda v, t, w, h: max(0, v(t, w) - v(t, w - h), v(t, w) - v(t, w + h))),
            "Here w moves, but w belongs to D. G has only θ.",
        ),
        (
            _wrong_gains(lambda v, t, w, h: gains(v, t, w, h)[0]),
            "This is D's gain once more. G moves θ, and it gains when V falls.",
        ),
        (
            _wrong_gains(lambda v, t, w, h: v(t, w) - min(v(t - h, w), v(t + h, w))),
            "G may also stay where it is, so its gain is never below 0.",
        ),
        (
            _wrong_gains(lambda v, t, w, h: max(0, v(t, w) - v(t + h, w))),
            "G may step in both directions, and this is only the step to θ + δ.",
        ),
        (
            _wrong_gains(lambda v, t, w, h: max(0, v(t, w) - v(t - h, w))),
            "G may step in both directions, and this is only the step to θ − δ.",
        ),
        (
            _wrong_gains(lambda v, t, w, h: min(v(t, w), v(t - h, w), v(t + h, w))),
            "This is the lowest V that G can reach. Its gain is how far V falls from here.",
        ),
    ],
    hints=(
        "D's line has three parts: stay, step down, step up. What changes in each part for G?",
        "G moves the other parameter, and it gains the fall of V, which is V here minus V there.",
    ),
)


def simultaneous_step(theta, w, h):
    """Return where both players stand after one step at once on f = theta w."""
    return theta - h * w, w + h * theta


SIMULTANEOUS_STEP = Exercise(
    "simultaneous_step",
    reference=simultaneous_step,
    cases=[(1.0, 0.5, 0.2), (-0.3, 2.0, 0.1), (1.0, 0.0, 0.5)],
    mistakes=[
        (
            lambda t, w, h: (t - h * w, w + h * (t - h * w)),
            "w has seen the new θ, so these are steps in turn and not at once.",
        ),
        (
            lambda t, w, h: (t - h * (w + h * t), w + h * t),
            "θ has seen the new w, so these are steps in turn and not at once.",
        ),
        (
            lambda t, w, h: (t - h * w, w - h * t),
            "The sign of w's step is wrong: w goes uphill, and this goes downhill.",
        ),
        (
            lambda t, w, h: (t + h * w, w + h * t),
            "The sign of θ's step is wrong: θ goes downhill, and this goes uphill.",
        ),
        (
            lambda t, w, h: (t + h * w, w - h * t),
            "Both signs are wrong: θ goes downhill and w goes uphill.",
        ),
        (
            lambda t, w, h: (t - h * t, w + h * w),
            "The slopes have changed places: the slope of θ w in θ is w, and in w it is θ.",
        ),
        (lambda t, w, h: (t - w, w + t), "The step size h is missing."),
    ],
    hints=(
        "Each player needs the slope of θ w in its own variable. θ goes against its slope, and "
        "w goes along it.",
        "Take both slopes at the old point, before anybody has moved.",
    ),
    tolerance=1e-5,
)

check_losses_of_d = LOSSES_OF_D.check
check_gains = GAINS.check
check_simultaneous_step = SIMULTANEOUS_STEP.check
