"""Lesson 08: its predictions and verdicts, and the checks of its exercises. No torch."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction
from gan_lesson.lessons.lesson_08.dirac import DiracGAN, largest_step, play, rate
from gan_lesson.lessons.mathematics.bce import sigmoid

_PLACES = [(1.0, 1.0, 0.2), (0.7, -1.3, 0.5), (-1.1, 0.4, 0.1)]


def _pulls(theta, psi):
    d_fake = sigmoid(psi * theta)
    return psi * d_fake, -theta * d_fake


def _at_once(theta, psi, h):
    return tuple(play(DiracGAN(), (theta, psi), h, 1)[-1])


def _in_turn(theta, psi, h):
    return tuple(play(DiracGAN(), (theta, psi), h, 1, "alternating")[-1])


def _g_first(theta, psi, h):
    return tuple(play(DiracGAN(), (theta, psi), h, 1, "alternating", first="G")[-1])


def _with_signs(sign_g, sign_d):
    def step(theta, psi, h):
        to_g, to_d = _pulls(theta, psi)
        return theta + sign_g * h * to_g, psi + sign_d * h * to_d

    return step


def _swapped(theta, psi, h):
    to_g, to_d = _pulls(theta, psi)
    return theta + h * to_d, psi + h * to_g


def _both_from_new_psi(theta, psi, h):
    psi_new = psi + h * _pulls(theta, psi)[1]
    return theta + h * _pulls(theta, psi_new)[0], psi_new + h * _pulls(theta, psi_new)[1]


def _new_psi_in_front_only(theta, psi, h):
    psi_new = psi - h * theta * sigmoid(psi * theta)
    return theta + h * psi_new * sigmoid(psi * theta), psi_new


def _new_psi_inside_only(theta, psi, h):
    psi_new = psi - h * theta * sigmoid(psi * theta)
    return theta + h * psi * sigmoid(psi_new * theta), psi_new


SIMULTANEOUS_STEP = Exercise(
    "simultaneous_step",
    reference=_at_once,
    cases=_PLACES,
    mistakes=[
        (
            _g_first,
            "Your D answers the θ that has just moved. At once: both use the old θ and ψ.",
        ),
        (
            _in_turn,
            "Your G answers the ψ that has just moved. At once: both use the old θ and ψ.",
        ),
        (_swapped, "The pulls are swapped: field returns G's first, and θ is G's."),
        (
            _with_signs(-1, -1),
            "Both signs are turned. field already gives the way each player wants to go.",
        ),
        (
            _with_signs(-1, 1),
            "G's sign: field gives minus the slope of V in θ already; one minus is enough.",
        ),
        (_with_signs(1, -1), "D's sign: D goes up V, along its pull."),
        (
            lambda theta, psi, h: _pulls(theta, psi),
            "Those are the pulls alone, not the places after a step of size h.",
        ),
        (
            lambda theta, psi, h: tuple(h * pull for pull in _pulls(theta, psi)),
            "Those are the moves; the places they lead to are asked.",
        ),
    ],
    hints=(
        "Call field once, at the old place, before anything moves.",
        "Each new number is the old one plus h times its own pull.",
    ),
)

ALTERNATING_STEP = Exercise(
    "alternating_step",
    reference=_in_turn,
    cases=_PLACES,
    mistakes=[
        (
            _at_once,
            "Your G still uses the old ψ: that is the simultaneous step again.",
        ),
        (_g_first, "There G moves first. In this course D does, as in lesson 05."),
        (
            _both_from_new_psi,
            "D has moved twice. D once, then G once.",
        ),
        (
            _new_psi_in_front_only,
            "Half of G's pull is old: it is ψ σ(ψ θ), and ψ stands in it twice.",
        ),
        (
            _new_psi_inside_only,
            "Half of G's pull is old: it is ψ σ(ψ θ), and ψ stands in front of the σ too.",
        ),
        (
            lambda theta, psi, h: (
                theta - h * _pulls(theta, _in_turn(theta, psi, h)[1])[0],
                _in_turn(theta, psi, h)[1],
            ),
            "G's sign: field gives minus the slope of V in θ already.",
        ),
        (
            lambda theta, psi, h: (
                theta + h * _pulls(theta, _in_turn(theta, psi, h)[1])[1],
                _in_turn(theta, psi, h)[1],
            ),
            "You took D's pull for θ: field returns G's pull first.",
        ),
    ],
    hints=(
        "Which ψ does G meet when its turn comes?",
        "Call field a second time, with the ψ that has moved and the θ that has not.",
    ),
)

MODULUS = Exercise(
    "modulus",
    reference=lambda h: np.sqrt(1 + np.asarray(h) ** 2 / 4),
    cases=[(0.2,), (1.0,), (np.array([0.05, 0.5, 2.0]),)],
    mistakes=[
        (
            lambda h: 1 + np.asarray(h) / 2,
            "You added the parts. The modulus is a distance: Pythagoras.",
        ),
        (lambda h: 1 + np.asarray(h) ** 2 / 4, "That is the square of the modulus."),
        (lambda h: np.asarray(h) * 0 + 1.0, "That is the real part alone."),
        (
            lambda h: np.sqrt(1 - np.asarray(h, dtype=complex) ** 2 / 4),
            "The sign: the square of the imaginary *part* h/2 is positive; i stays outside.",
        ),
        (
            lambda h: 1 - np.asarray(h) ** 2 / 4,
            "The sign: that is (1 + i h/2)², real part only. Multiply by the conjugate instead.",
        ),
        (
            lambda h: np.sqrt(1 + np.asarray(h) ** 2),
            "That is x y of lesson 02. Here the eigenvalues of the field are ± i/2, not ± i.",
        ),
        (
            lambda h: 1 + 0.5j * np.asarray(h),
            "That is the eigenvalue; its modulus, a real number, is asked.",
        ),
    ],
    hints=(
        "The modulus of a + i b is the length of the arrow (a, b).",
        "Here a = 1 and b = h/2.",
    ),
)


def _with_r1(theta, psi, gamma):
    return DiracGAN(r1_gamma=gamma).pulls(theta, psi)[1]


R1_PULL = Exercise(
    "d_pull_with_r1",
    reference=_with_r1,
    cases=[(1.0, 1.0, 0.3), (0.7, -1.3, 0.5), (-1.1, 0.4, 2.0)],
    mistakes=[
        (
            lambda theta, psi, gamma: -theta * sigmoid(psi * theta) + gamma * psi,
            "The sign: with a plus the penalty rewards a steep D.",
        ),
        (
            lambda theta, psi, gamma: -theta * sigmoid(psi * theta) - gamma * psi**2 / 2,
            "You subtracted the penalty itself; D follows its slope in ψ.",
        ),
        (
            lambda theta, psi, gamma: -theta * sigmoid(psi * theta) - gamma * psi / 2,
            "The ½ is gone once ψ² is differentiated.",
        ),
        (
            lambda theta, psi, gamma: -theta * sigmoid(psi * theta) - gamma * psi**2,
            "The slope of γψ²/2 is not quadratic in ψ any more.",
        ),
        (
            lambda theta, psi, gamma: -gamma * psi,
            "That is the penalty alone. D's old pull, which has θ in it, must stay.",
        ),
        (
            lambda theta, psi, gamma: -theta * sigmoid(psi * theta) - gamma * theta,
            "You braked with θ. The slope of D's logit in x is ψ, wherever x is.",
        ),
        (
            lambda theta, psi, gamma: -theta * sigmoid(psi * theta) - gamma,
            "The slope of γψ²/2 grows with ψ; you subtracted a constant.",
        ),
        (
            lambda theta, psi, gamma: -theta * sigmoid(psi * theta) - gamma * np.abs(psi),
            "The sign for ψ < 0: the brake must point back to ψ = 0 from either side.",
        ),
    ],
    hints=(
        "Differentiate γψ²/2 in ψ; D goes uphill on V minus that.",
        "The brake points back to ψ = 0, and is as strong as γ times the distance.",
    ),
)

LARGEST_STEP = Exercise(
    "largest_h",
    reference=lambda gamma: 4 * np.asarray(gamma),
    cases=[(0.05,), (0.3,), (np.array([0.1, 0.75, 1.0]),)],
    mistakes=[
        (lambda gamma: np.asarray(gamma) / 4, "Upside down: h²/4 < hγ. Divide by h, solve for h."),
        (lambda gamma: np.asarray(gamma) * 1.0, "The quarter of h²/4 is lost."),
        (lambda gamma: 2 * np.asarray(gamma), "h²/4, not h²/2: the ½ of the field is squared."),
        (
            lambda gamma: 2 * np.sqrt(gamma),
            "You left an h out: the middle term is hγ, not γ.",
        ),
        (
            lambda gamma: 4 / np.asarray(gamma),
            "Upside down in γ: a stronger brake allows a longer step, up to γ = 1.",
        ),
        (
            lambda gamma: 4 * np.asarray(gamma) ** 2,
            "γ enters once: the middle term is hγ, not hγ².",
        ),
    ],
    hints=(
        "Write 1 − hγ + h²/4 < 1 and take 1 away on both sides.",
        "h is positive, so you may divide by it.",
    ),
)


def check_simultaneous_step(answer):
    """Check (theta, psi, h) -> both places after a step at once; return what to use."""
    return SIMULTANEOUS_STEP.check(answer)


def check_alternating_step(answer):
    """Check (theta, psi, h) -> both places after D's and then G's turn; return what to use."""
    return ALTERNATING_STEP.check(answer)


def check_modulus(answer):
    """Check |1 + i h / 2| for a step size or an array of them; return what to use."""
    return MODULUS.check(answer)


def check_d_pull_with_r1(answer):
    """Check (theta, psi, gamma) -> D's pull on V minus R1; return what to use."""
    return R1_PULL.check(answer)


def check_largest_h(answer):
    """Check the step below which simultaneous steps with gamma <= 1 converge."""
    return LARGEST_STEP.check(answer)


def ask_rest() -> ChoicePrediction:
    """Ask where the flow of the plain game goes."""
    return predict_choice(
        "Both players follow their pulls smoothly, without steps, from θ = 1, ψ = 1. "
        "Where do they go?",
        ["into (0, 0), in a spiral", "round (0, 0) for ever, at one distance", "away from (0, 0)"],
        truth="round (0, 0) for ever, at one distance",
        why="Each player's pull times its own place: θψσ − ψθσ = 0. Neither comes nearer.",
        name="where-the-flow-goes",
    )


def ask_half_everywhere() -> ChoicePrediction:
    """Ask for a verdict on claim 6: that D = 1/2 everywhere means that G has won."""
    return predict_choice(
        "A tutorial says: “When D outputs 0.5 everywhere, the generator has won; stop there.” "
        "Follow this game round its circle. What is your verdict?",
        [
            "it holds: at ½ everywhere D cannot tell",
            "false: D is ½ everywhere twice a round, where G is farthest off",
            "false: D is never ½ everywhere before the end",
        ],
        truth="false: D is ½ everywhere twice a round, where G is farthest off",
        why="D is ½ everywhere where ψ = 0; on the circle θ is then the whole radius. "
        "D is only passing through: it is not the best response.",
        name="claim-6-half-everywhere",
    )


def ask_halving() -> ChoicePrediction:
    """Ask whether a smaller step makes simultaneous steps converge."""
    return predict_choice(
        "Simultaneous steps of h = .2 spiral outwards. Halve h, and halve it again. Is there an "
        "h small enough for them to converge to (0, 0)?",
        [
            "yes, from some h on",
            "no, but they leave more slowly",
            "no, and they leave just as fast",
        ],
        truth="no, but they leave more slowly",
        why="A step multiplies the radius by √(1 + h²σ²), which is above 1 for every h. A round "
        "takes about 4π/h steps, so near the middle a round costs a factor of about e^(πh/2).",
        name="halve-h",
    )


def ask_limit_cycle() -> ChoicePrediction:
    """Ask where the non-saturating game with simultaneous steps ends."""
    return predict_choice(
        "G changes to the non-saturating loss. Steps at once, h = .2, from (1, 1). In the end?",
        ["they reach (0, 0)", "they keep to a smaller circle", "they spiral outwards without end"],
        truth="they keep to a smaller circle",
        why="Far out the new loss brakes, near the middle it does not, and the steps push out. "
        "The two balance at a radius of about √(2h) = .63.",
        name="limit-cycle",
    )


def ask_smallest_gamma() -> NumberPrediction:
    """Ask for the gamma above which simultaneous steps of h = .2 converge."""
    return predict_number(
        "Simultaneous steps of h = .2, with R1. Above which γ do they converge?",
        truth=lambda: 0.2 * 0.2 / largest_step(0.2),
        tolerance=0.011,
        low=0.0,
        high=1.0,
        step=0.01,
        why="h < 4γ, so γ > h/4 = .05. A weak brake is enough.",
        name="smallest-gamma",
    )


def ask_more_gamma() -> ChoicePrediction:
    """Ask what a gamma of 5 does, compared with .3."""
    slower = "it converges, but more slowly than with .3"

    def truth() -> str:
        rates = [rate(DiracGAN(r1_gamma=gamma), 0.2) for gamma in (0.3, 5.0)]
        return slower if rates[0] < rates[1] < 1 else "something else"

    return predict_choice(
        "R1 with γ = .3 closes in by 2.5 % a step (h = .2). And with γ = 5?",
        ["it converges faster still", slower, "it diverges"],
        truth=truth,
        why="Above γ = 1 D is braked so hard that it hardly reports where G is; θ then creeps.",
        name="more-gamma",
    )


def ask_small_learning_rate() -> ChoicePrediction:
    """Ask for a verdict on the claim that a smaller learning rate cures circling."""
    truth = "false without a brake; with one, it helps"
    return predict_choice(
        "A tutorial says: “If the losses oscillate, lower the learning rate until they "
        "converge.” What is your verdict, for this game?",
        ["it holds", truth, "false with or without a brake"],
        truth=truth,
        why="Without a brake the modulus √(1 + h²/4) is above 1 for every h. With R1 every "
        "h < 4γ converges.",
        name="claim-small-learning-rate",
    )
