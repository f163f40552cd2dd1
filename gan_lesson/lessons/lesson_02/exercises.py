"""Questions and checks of lesson 02, the minimax value function."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.value import value as _value

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"


# Predictions. They stand here, so that a lesson's cell does not tell the answer.


def ask_reach_of_a_line() -> ChoicePrediction:
    """Ask which densities a line can make of normal noise."""
    stretched = "only normal curves: other places, other widths"
    return predict_choice(
        "z ~ N(0, 1) and G(z) = a z + b. Trying all stretches a and shifts b, which densities "
        "p_g can this G reach?",
        ["only N(0, 1) itself, moved about", stretched, "any density with one peak", "any at all"],
        truth=stretched,
        why={
            "only N(0, 1) itself, moved about": "The shift moves it, and the stretch makes it "
            "wider or narrower: N(b, a²).",
            stretched: "It is N(b, a²). A line changes place and width, never the shape; for "
            "that G has to bend.",
            "any density with one peak": "A lopsided peak is out of reach: a line stretches "
            "both sides alike.",
            "any at all": "For that G has to bend. Real generators bend many times.",
        },
        name="reach-of-a-line",
    )


def ask_value_of_always_9() -> NumberPrediction:
    """Ask for V of a discriminator that says .9 to everything."""
    return predict_number(
        "D says .9 to everything, real or generated. What is V?",
        truth=lambda: _value(0.9, 0.9),
        tolerance=0.02,
        low=-4.0,
        high=1.0,
        step=0.01,
        unit="nats",
        why="log .9 + log .1 = −.105 − 2.303. Trusting everybody is worse than not knowing, "
        "−1.386: half of the samples are generated, and each of them costs 2.303.",
        name="value-of-always-.9",
    )


def ask_first_term() -> ChoicePrediction:
    """Ask whether G can move E[log D(x)] while D is fixed."""
    no = "no, it stays exactly as it is"
    better = "yes, better samples lower it"
    through_v = "yes, because it is a part of V, which G minimises"
    return predict_choice(
        "D is fixed. G changes its parameters. Does the first term, E[log D(x)], move?",
        [better, through_v, no],
        truth=no,
        why={
            better: "Better samples change D(G(z)). The real x, and what a fixed D says of "
            "them, stay.",
            through_v: "G minimises V through the part that it can reach: the second term.",
            no: "No z and no G stands in it. Only when D answers does D(x) move.",
        },
        name="first-term",
    )


def ask_circling() -> ChoicePrediction:
    """Ask where two players go who step at once on f = x y."""
    off = "it moves off, a little each round, however small the step"
    return predict_choice(
        "f = x y. x steps downhill and y uphill, both at once, starting at distance 1 from the "
        "saddle (0, 0), with small steps. Where does the point go?",
        ["straight into the saddle", "it spirals into the saddle", "around on the circle", off],
        truth=off,
        why={
            "straight into the saddle": "At (1, 0) the slopes are 0 for x and 1 for y: the move "
            "goes sideways.",
            "it spirals into the saddle": "Each move stands at a right angle to the line to the "
            "saddle, so it never brings the point nearer.",
            "around on the circle": "That is what infinitely small steps would do. A step along "
            "the tangent ends outside the circle.",
            off: "A step along the tangent ends outside the circle, at √(1 + h²) times the "
            "distance. Smaller steps only do it more slowly.",
        },
        name="circling",
    )


def ask_claim_about_the_noise() -> ChoicePrediction:
    """Ask for a verdict on claim 11: what G generates."""
    return _ask_verdict(
        "“The generator generates noise.”",
        "Noise is its input. What an untrained G gives may look like noise, and is G(z) already.",
        "claim-11-noise",
    )


def ask_claim_about_gaussian_noise() -> ChoicePrediction:
    """Ask for a verdict on claim 15: the law of z, and whether G sees data."""
    return _ask_verdict(
        "“The noise must be Gaussian, and the generator sees the data.”",
        "Both halves fall: any law with enough dimensions will do, the same one at test; and "
        "G is told of the data only by D's slope.",
        "claim-15-gaussian",
    )


def ask_claim_about_maximising() -> ChoicePrediction:
    """Ask for a verdict on claim 2: what D maximises."""
    return _ask_verdict(
        "“The discriminator maximises the loss.”",
        "It maximises the objective V, which is the same as minimising loss_d = −V. A loss is "
        "only ever minimised.",
        "claim-2-maximises",
    )


def ask_claim_about_the_label() -> ChoicePrediction:
    """Ask for a verdict on claim 9: a generator loss with y = 0 for generated."""
    return _ask_verdict(
        "“L_G = −Σ y log D(G(z)), with y = 0 for generated samples.”",
        "Then it is 0 whatever G does. G's turn flips the label to 1, and that must be said.",
        "claim-9-label",
    )


def ask_claim_about_g_of_x() -> ChoicePrediction:
    """Ask for a verdict on claim 23: what G takes."""
    return _ask_verdict(
        "“The second term is E[log(1 − D(G(x)))], and z is artificial data.”",
        "G takes z, and z is noise; the artificial data are G(z).",
        "claim-23-g-of-x",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"A tutorial says: {claim} What is your verdict?"
    return predict_choice(question, [HOLDS, FALSE], FALSE, why, name)


# Exercises. Each check returns the function to use from there on.

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


def check_value(answer):
    """Check exercise 1; see `Exercise.check`."""
    return VALUE.check(answer)


def check_losses_of_d(answer):
    """Check exercise 2; see `Exercise.check`."""
    return LOSSES_OF_D.check(answer)


def check_label(answer):
    """Check exercise 3; see `Exercise.check`."""
    return LABEL.check(answer)


def check_simultaneous_step(answer):
    """Check exercise 4; see `Exercise.check`."""
    return SIMULTANEOUS_STEP.check(answer)
