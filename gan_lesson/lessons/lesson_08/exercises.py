"""Exercises of lesson 08, why training circles. No torch."""

import numpy as np

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.lesson_08.dirac import DiracGAN, play
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
            "Your D answers the θ that has just moved. At once, both use the old θ and ψ.",
        ),
        (
            _in_turn,
            "Your G answers the ψ that has just moved. At once, both use the old θ and ψ.",
        ),
        (_swapped, "The pulls are swapped: field returns G's pull first, and θ belongs to G."),
        (
            _with_signs(-1, -1),
            "Both signs are turned. field already gives the way each player wants to go.",
        ),
        (
            _with_signs(-1, 1),
            "G's sign is turned: field already gives minus the slope of V in θ.",
        ),
        (_with_signs(1, -1), "D's sign is turned: D goes up V, along its pull."),
        (
            lambda theta, psi, h: _pulls(theta, psi),
            "Those are the pulls alone, not the places after a step of size h.",
        ),
        (
            lambda theta, psi, h: tuple(h * pull for pull in _pulls(theta, psi)),
            "Those are the moves. Return the places to which they lead.",
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
        (_g_first, "Here G moves first. In this course D moves first, as in lesson 05."),
        (
            _both_from_new_psi,
            "D has moved twice. It should move once, and then G once.",
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
            "G's sign is turned: field already gives minus the slope of V in θ.",
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

LARGEST_STEP = Exercise(
    "largest_h",
    reference=lambda gamma: 4 * np.asarray(gamma),
    cases=[(0.05,), (0.0437,), (0.3,), (np.array([0.1, 0.75, 1.0]),)],
    mistakes=[
        (
            lambda gamma: np.asarray(gamma) / 4,
            "That is upside down: from h²/4 < hγ, divide by h and solve for h.",
        ),
        (lambda gamma: np.asarray(gamma) * 1.0, "The quarter of h²/4 is lost."),
        (
            lambda gamma: 2 * np.asarray(gamma),
            "The term is h²/4, not h²/2, because the ½ of the field is squared.",
        ),
        (
            lambda gamma: 2 * np.sqrt(gamma),
            "You left an h out: the middle term is hγ, not γ.",
        ),
        (
            lambda gamma: 4 / np.asarray(gamma),
            "That is upside down in γ: a stronger brake allows a longer step, up to γ = 1.",
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

check_simultaneous_step = SIMULTANEOUS_STEP.check
check_alternating_step = ALTERNATING_STEP.check
check_largest_h = LARGEST_STEP.check
