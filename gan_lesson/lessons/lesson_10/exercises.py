"""Exercises of lesson 10, when training fails."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.lessons.kit.exercise import Exercise
from gan_lesson.lessons.kit.watched import Watched
from gan_lesson.lessons.lesson_10.patients import clinic_data, clinic_pair

# --- exercise: the least honest loss ------------------------------------------------------------

LEAST_LOSS = Exercise(
    "least_loss",
    reference=lambda d_real, d_fake: -np.log(d_real) - np.log(1 - d_fake),
    cases=[(0.8, 0.4), (0.02, 0.97), (0.5, 0.5), (np.float64(0.9), np.float64(0.25))],
    mistakes=[
        (
            lambda d_real, d_fake: np.log(d_real) + np.log(1 - d_fake),
            "The sign is wrong: this is V. D's loss is −V, and it is never below 0.",
        ),
        (
            lambda d_real, d_fake: -np.log(d_real) - np.log(d_fake),
            "In D's step generated samples have label 0, so they cost −log(1 − D(G(z))).",
        ),
        (
            lambda d_real, d_fake: (-np.log(d_real) - np.log(1 - d_fake)) / 2,
            "This is the mean of the two halves. Our D's loss is their sum.",
        ),
        (
            lambda d_real, d_fake: -np.log(1 - d_real) - np.log(d_fake),
            "Here the labels are swapped: this is the fault that the bound is to find.",
        ),
    ],
    hints=(
        "Write the two halves of D's loss, one for a real and one for a generated sample.",
        "For D(x) = D(G(z)) = ½ the result is log 4 = 1.386.",
    ),
    tolerance=1e-5,
)

# --- exercise: the penalty -----------------------------------------------------------------------

PENALTY = Exercise(
    "penalty",
    reference=lambda certainty, right: -np.log(certainty if right else (1 - certainty) / 8),
    cases=[(0.9, True), (0.9, False), (0.5, False), (0.3, True), (0.99, False)],
    mistakes=[
        (
            lambda certainty, right: -np.log(certainty if right else 1 - certainty),
            "A wrong name costs more: the other eight names share what is left, 1 − certainty.",
        ),
        (
            lambda certainty, right: -np.log(certainty),
            "This does not ask whether the diagnosis was right.",
        ),
        (
            lambda certainty, right: np.log(certainty if right else (1 - certainty) / 8),
            "The sign is wrong: this cost is never below 0.",
        ),
        (
            lambda certainty, right: -np.log(certainty if right else certainty / 8),
            "If the name was wrong, what counts is what you left for the others: 1 − certainty.",
        ),
        (
            lambda certainty, right: -np.log(certainty if right else (1 - certainty) / 9),
            "Your own name was wrong, so only eight names are left to share 1 − certainty.",
        ),
    ],
    hints=(
        "Log-loss is minus the logarithm of the probability that was given to the truth.",
        "There are nine names. If yours is wrong, the truth is one of the other eight.",
    ),
    tolerance=1e-5,
)

# --- exercises: two loops to repair --------------------------------------------------------------


def loop_of(twice: str = "", forget_d: bool = True, forget_g: bool = True) -> Callable:
    """Return a whole loop, right or with lines changed; the repairs are compared with it.

    Args:
        twice: players whose loss takes a probability for a logit: "", "D", "G" or "DG".
        forget_d: zero_grad stands before D's backward.
        forget_g: likewise for G.
    """

    def loop(G, D, data, n_turns, rng):
        optimizer_d = torch.optim.SGD(D.parameters(), lr=0.1)
        optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
        one, zero = torch.ones(64, 1), torch.zeros(64, 1)
        of_d, of_g = (D if player in twice else D.logits for player in "DG")
        for _ in range(n_turns):
            x_real, x_fake = data.sample(64, rng), G(G.sample_z(64, rng)).detach()
            loss_d = bce(of_d(x_real), one) + bce(of_d(x_fake), zero)
            if forget_d:
                optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()
            loss_g = bce(of_g(G(G.sample_z(64, rng))), one)
            if forget_g:
                optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()

    return loop


def weights_after(loop: Callable, seed: int):
    """Return both players' weights after four turns of a loop on the clinic's bumps."""
    G, D = clinic_pair(1, seed)
    if loop(G, D, clinic_data("bumps"), 4, torch.Generator().manual_seed(seed)) is ...:
        return ...
    return tuple(
        np.concatenate([p.detach().numpy().ravel() for p in net.parameters()]) for net in (G, D)
    )


@dataclass
class Repair(Watched):
    """A loop to be repaired, judged by the weights it leaves; as handed out it is untouched."""

    see: Callable = weights_after
    as_it_came: str = (
        "Not attempted yet: {name} is as sick as it came. From here on the lesson uses a healthy "
        "loop. Repair it, then run both cells again."
    )

    def _what_came_out(self, index: int, result) -> str:
        if isinstance(result, Exception):
            return super()._what_came_out(index, result)
        return f"After four turns {self.name} has other weights than the healthy loop."


PATIENT_A = Repair(
    "patient_a",
    reference=loop_of(),
    cases=[(0,), (1,)],
    broken=loop_of(twice="DG"),
    mistakes=[
        (
            loop_of(twice="G"),
            "D's loss is right now, but G's loss still takes D(x) for a logit.",
        ),
        (
            loop_of(twice="D"),
            "G's loss is right now, but D's loss still takes D(x) for a logit.",
        ),
    ],
    hints=(
        "`bce` is binary_cross_entropy_with_logits: it applies the sigmoid. What does D(x) give?",
        "A loss 'with logits' takes D.logits(x). The loop calls D in three places.",
    ),
    tolerance=1e-5,
)

PATIENT_B = Repair(
    "patient_b",
    reference=loop_of(),
    cases=[(0,), (1,)],
    broken=loop_of(forget_d=False, forget_g=False),
    mistakes=[
        (
            loop_of(forget_g=False),
            "D's old gradients are emptied now, but G still adds up its own.",
        ),
        (
            loop_of(forget_d=False),
            "G's old gradients are emptied now, but D still adds up its own.",
        ),
    ],
    hints=(
        "Print p.grad.norm() of one layer in each turn.",
        "Each optimiser has a method that empties its gradients. Call it before each backward.",
    ),
    tolerance=1e-5,
)

check_least_loss = LEAST_LOSS.check
check_penalty = PENALTY.check
check_patient_a = PATIENT_A.check
check_patient_b = PATIENT_B.check
