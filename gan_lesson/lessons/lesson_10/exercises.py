"""Lesson 10: its predictions and verdicts, and the checks of its exercises."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson.lessons.kit.exercise import Exercise, WrongAnswer
from gan_lesson.lessons.kit.predict import predict_choice, predict_number
from gan_lesson.lessons.kit.prediction import ChoicePrediction, NumberPrediction
from gan_lesson.lessons.lesson_10.patients import clinic_data, clinic_pair

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"

# --- exercise: the least honest loss ------------------------------------------------------------

LEAST_LOSS = Exercise(
    "least_loss",
    reference=lambda d_real, d_fake: -np.log(d_real) - np.log(1 - d_fake),
    cases=[(0.8, 0.4), (0.02, 0.97), (0.5, 0.5)],
    mistakes=[
        (
            lambda d_real, d_fake: np.log(d_real) + np.log(1 - d_fake),
            "The sign: that is V. D's loss is −V, and never below 0.",
        ),
        (
            lambda d_real, d_fake: -np.log(d_real) - np.log(d_fake),
            "Generated samples have label 0 in D's step, so their term is −log(1 − D(G(z))).",
        ),
        (
            lambda d_real, d_fake: (-np.log(d_real) - np.log(1 - d_fake)) / 2,
            "That is the mean of the two halves; our D's loss is their sum.",
        ),
        (
            lambda d_real, d_fake: -np.log(1 - d_real) - np.log(d_fake),
            "Those are swapped labels: the very fault that this bound is to find.",
        ),
    ],
    hints=(
        "Each half of D's loss, with all its samples at the mean.",
        "For D(x) = D(G(z)) = ½ the result is log 4 = 1.386.",
    ),
)

# --- exercise: the penalty -----------------------------------------------------------------------

PENALTY = Exercise(
    "penalty",
    reference=lambda certainty, right: -np.log(certainty if right else (1 - certainty) / 8),
    cases=[(0.9, True), (0.9, False), (0.5, False)],
    mistakes=[
        (
            lambda certainty, right: -np.log(certainty if right else 1 - certainty),
            "Wrong costs more: what is left, 1 − certainty, is shared by the other eight names.",
        ),
        (
            lambda certainty, right: -np.log(certainty),
            "That does not ask whether the diagnosis was right.",
        ),
        (
            lambda certainty, right: np.log(certainty if right else (1 - certainty) / 8),
            "The sign: a loss is never below 0.",
        ),
        (
            lambda certainty, right: -np.log(certainty if right else certainty / 8),
            "If it was wrong, what counts is what you left for the others: 1 − certainty.",
        ),
    ],
    hints=(
        "Log-loss: minus the logarithm of the probability that was given to the truth.",
        "Nine names. If yours is wrong, the truth is one of the other eight.",
    ),
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
class Repair(Exercise):
    """A loop to be repaired, judged by the weights it leaves; as handed out it is untouched.

    Args:
        broken: the loop as it is handed out.
    """

    broken: Callable | None = None

    def _results(self, function) -> list:
        results = []
        for case in self.cases:
            try:
                results.append(weights_after(function, *case))
            except Exception as error:
                results.append(error)
        return results

    def _what_came_out(self, index: int, result) -> str:
        if isinstance(result, Exception):
            return f"{self.name} stops with {type(result).__name__}: {result}."
        return f"After four turns {self.name} has other weights than the healthy loop."

    def check(self, answer):
        """Return `answer` if it is repaired, and a healthy loop if it is as handed out."""
        if self._first_difference(self._results(answer), self._results(self.broken)) is None:
            print(
                f"Not attempted yet: {self.name} is as sick as it came. From here on the lesson "
                "uses a healthy loop. Repair it, then run both cells again."
            )
            return self.reference
        return super().check(answer)


PATIENT_A = Repair(
    "patient_a",
    reference=loop_of(),
    cases=[(0,), (1,)],
    broken=loop_of(twice="DG"),
    mistakes=[
        (loop_of(twice="G"), "D is well again, but G's loss still takes D(x) for a logit."),
        (loop_of(twice="D"), "G is well again, but D's loss still takes D(x) for a logit."),
    ],
    hints=(
        "binary_cross_entropy_with_logits applies the sigmoid itself. What does D(x) return?",
        "D.logits(x) is what a loss 'with logits' takes. There are three places.",
    ),
    tolerance=1e-5,
)

PATIENT_B = Repair(
    "patient_b",
    reference=loop_of(),
    cases=[(0,), (1,)],
    broken=loop_of(forget_d=False, forget_g=False),
    mistakes=[
        (loop_of(forget_g=False), "D forgets now, but G still adds up all its old gradients."),
        (loop_of(forget_d=False), "G forgets now, but D still adds up all its old gradients."),
    ],
    hints=(
        "Print p.grad.norm() of one layer in each turn.",
        "Each optimiser has a method that empties its gradients; call it before each backward.",
    ),
    tolerance=1e-5,
)


def check_least_loss(answer):
    """Check the bound on D's loss by mean D(x) and mean D(G(z)); return what to use."""
    return LEAST_LOSS.check(answer)


def check_penalty(answer):
    """Check the ward's log-loss; return what to use."""
    return PENALTY.check(answer)


def check_patient_a(answer):
    """Check the repair of the loop with two sigmoids; return what to use."""
    return PATIENT_A.check(answer)


def check_patient_b(answer):
    """Check the repair of the loop that forgets to forget; return what to use."""
    return PATIENT_B.check(answer)


# --- predictions ---------------------------------------------------------------------------------


def ask_both_swapped() -> ChoicePrediction:
    """Ask what happens when both players have their labels swapped."""
    truth = "nothing: the same game with D's answers mirrored"
    return predict_choice(
        "Swap the labels for both players: in D's step real is 0 and generated 1, and G wants "
        "label 0 for its samples. What happens?",
        ["G runs away from the data", "both losses stay at chance", truth],
        truth=truth,
        why="“Real” and 1 are names. D now says the probability of “generated”, and G goes down "
        "the same slope. Swapped for one player only, the two work for the same side.",
        name="clinic-both-swapped",
    )


def ask_collapse_curves() -> ChoicePrediction:
    """Ask what the curves of a collapsed run look like."""
    truth = "near ½ and log 4, as in a healthy run"
    return predict_choice(
        "G makes one and the same sample, again and again: mode collapse. D moves rarely. What "
        "do the curves of D(x), D(G(z)) and D's loss look like?",
        ["D(G(z)) near 0, D's loss near 0", truth, "D(G(z)) near 1, D's loss high"],
        truth=truth,
        why="G sits on D's best spot, and D, which hardly moves, is about ½ elsewhere. Curves "
        "say how D does against this G; whether G covers the data only samples tell.",
        name="clinic-collapse-curves",
    )


def ask_least_loss_with_two_sigmoids() -> NumberPrediction:
    """Ask for the smallest D's loss that two sigmoids allow."""
    return predict_number(
        "D ends in a sigmoid, and the loss applies another one. D is perfect: 1 for real, 0 for "
        "generated. What is D's loss?",
        truth=lambda: float(np.log1p(np.exp(-1.0)) + np.log(2)),
        tolerance=0.02,
        low=0.0,
        high=2.0,
        step=0.005,
        unit="nats",
        why="softplus(−1) + softplus(0) = .313 + .693 = 1.006. A D's loss that never falls below "
        "1.006 is a sign by itself.",
        name="clinic-two-sigmoids",
    )


def ask_which_test() -> ChoicePrediction:
    """Ask which test tells one beaten G from another."""
    truth = "one step"
    return predict_choice(
        "D(x) = 1, D(G(z)) = 0, D's loss 0, G's loss high; the samples are far from the data. "
        "Three faults look so. Which one test tells for sure whether it is the shared optimiser?",
        ["curves", "D's answers", "best response", truth],
        truth=truth,
        why={
            truth: "Only there G's weights are looked at while D moves: 0, or the fault.",
            "curves": "They are those of every beaten G. What matters is who moves G's weights.",
            "D's answers": "They only say again that D separates. Look at G's weights in D's step.",
            "best response": "A new D separates too, whatever ails G. Look at who moves G.",
        },
        name="clinic-which-test",
    )


def ask_claim(number: int) -> ChoicePrediction:
    """Ask for a verdict on one of the claims 6, 10, 13, 18, 19 and 20.

    Raises:
        WrongAnswer: no such claim is on trial here.
    """
    if number not in CLAIMS:
        raise WrongAnswer(f"claim {number} is not on trial here; these are: {sorted(CLAIMS)}")
    claim, why = CLAIMS[number]
    return predict_choice(
        f"A tutorial says: “{claim}” What is your verdict?",
        [HOLDS, FALSE],
        FALSE,
        why,
        f"clinic-claim-{number}",
    )


CLAIMS = {
    6: (
        "When D outputs 0.5, the generator has won; stop there.",
        "Only if D is the best response in its class and says ½ everywhere. A lazy D says it too.",
    ),
    10: (
        "The generator learns to copy real images.",
        "It never sees one; its aim is the distribution. With few real samples, copying is the "
        "best answer to what D knows, so look for copies.",
    ),
    13: (
        "D's loss near 0 is good.",
        "Five of our eight faults have it. It says that D separates, and nothing about G.",
    ),
    18: (
        "A GAN on MNIST needs 200 epochs, or days.",
        "It depends on the recipe. Measure a distance against epochs and seconds.",
    ),
    19: (
        "Generative models have no error metric.",
        "Models with a likelihood have one; a GAN is scored on its samples.",
    ),
    20: (
        "D's loss of 1.386 proves that p_g = p_data.",
        "It does not even prove that D cannot tell: all samples can be in the right order.",
    ),
}
