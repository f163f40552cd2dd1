"""Lesson 05: its predictions and verdicts, the checks of its exercises, and the paper GAN."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import torch
from IPython.display import HTML
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lesson import turns
from gan_lesson.data import two_bumps
from gan_lesson.lessons.kit.exercise import Exercise, WrongAnswer
from gan_lesson.lessons.kit.predict import predict_choice
from gan_lesson.lessons.kit.prediction import ChoicePrediction
from gan_lesson.lessons.mathematics.bce import sigmoid, softplus
from gan_lesson.networks import small_pair
from gan_lesson.saving import write_whole

HOLDS, FALSE = "it holds as it stands", "it is false as it stands"

DATA = two_bumps((-1.5, 1.5), sd=0.6)

# --- the two steps -----------------------------------------------------------------------------


def update_discriminator(D, G, optimizer_d, x_real, z):
    """Move D one step and return its loss: the package's step, as the lesson writes it."""
    return turns.update_discriminator_quickly(D, G, optimizer_d, x_real, z)[2]


def update_generator(D, G, optimizer_g, z):
    """Move G one step and return its loss: the package's step, as the lesson writes it."""
    return turns.update_generator(D, G, optimizer_g, z)


def _weights(net) -> np.ndarray:
    return np.concatenate([p.detach().numpy().ravel() for p in net.parameters()])


def _a_game(seed: int):
    """Return G, D with used gradients, a real batch and noise, for one seed."""
    G, D = small_pair(sample_dim=1, latent_dim=1, width=8, seed=seed)
    rng = torch.Generator().manual_seed(seed)
    for p in (*G.parameters(), *D.parameters()):
        p.grad = torch.randn(p.shape, generator=rng)  # what an earlier turn left behind
    return G, D, DATA.sample(16, rng), G.sample_z(16, rng)


def _see_step_d(step: Callable, seed: int):
    """Return what a step of D does: its loss, D's weights afterwards, G's weights."""
    G, D, x_real, z = _a_game(seed)
    loss = step(D, G, torch.optim.SGD(D.parameters(), lr=0.5), x_real, z)
    return (loss if loss is None or loss is ... else float(loss), _weights(D), _weights(G))


def _see_step_g(step: Callable, seed: int):
    """Return what a step of G does: its loss, G's weights afterwards, D's weights."""
    G, D, _, z = _a_game(seed)
    loss = step(D, G, torch.optim.SGD(G.parameters(), lr=0.5), z)
    return (loss if loss is None or loss is ... else float(loss), _weights(G), _weights(D))


def _see_loop(loop: Callable, seed: int):
    """Return both players' weights after three turns of a whole loop."""
    G, D, _, _ = _a_game(seed)
    if loop(G, D, DATA, 3, torch.Generator().manual_seed(seed)) is ...:
        return ...
    return _weights(G), _weights(D)


@dataclass
class Watched(Exercise):
    """An exercise on a function that is judged by what it does to two networks.

    Args:
        see: function (answer, *case) that runs the answer and returns what is compared.
        broken: what the exercise hands out to be repaired: left as it is, it counts as
            untouched.
    """

    see: Callable = _see_step_d
    broken: Callable | None = None

    def _results(self, function) -> list:
        results = []
        for case in self.cases:
            try:
                result = self.see(function, *case)
                empty = isinstance(result, tuple) and (result[0] is None or result[0] is ...)
                results.append(result[0] if empty else result)
            except Exception as error:
                results.append(error)
        return results

    def _what_came_out(self, index: int, result) -> str:
        if isinstance(result, Exception):
            return f"{self.name} stops with {type(result).__name__}: {result}."
        ours = self._results(self.reference)[index]
        parts = {
            _see_step_d: ("loss", "D's weights", "G's weights"),
            _see_step_g: ("loss", "G's weights", "D's weights"),
            _see_loop: ("G's weights", "D's weights"),
        }[self.see]
        off = [
            name
            for name, one, other in zip(parts, result, ours, strict=True)
            if not np.allclose(one, other, rtol=self.tolerance, atol=self.tolerance)
        ]
        return f"After {self.name}, this is not as it should be: {', '.join(off)}."

    def check(self, answer):
        """As in `Exercise`; a loop that was handed out broken counts as untouched."""
        if self.broken is not None:
            untouched = self._results(self.broken)
            if self._first_difference(self._results(answer), untouched) is None:
                print(
                    f"Not repaired yet: {self.name} does what it did. From here on the lesson "
                    "uses gan_lesson's own loop. Change a line, then run both cells again."
                )
                return self.reference
        return super().check(answer)


def _d_with(on_real: Callable, on_fake: Callable, x_of_z: Callable | None = None) -> Callable:
    """Return a step of D whose loss has two given halves, functions of D and a batch."""

    def step(D, G, optimizer_d, x_real, z):
        x_fake = x_of_z(G, z) if x_of_z else G(z).detach()
        loss = on_real(D, x_real) + on_fake(D, x_fake)
        optimizer_d.zero_grad()
        loss.backward()
        optimizer_d.step()
        return loss.detach()

    return step


def _labelled(y: float) -> Callable:
    def half(D, x):
        logits = D.logits(x)
        return bce(logits, torch.full_like(logits, y))

    return half


def _as_probability(y: float) -> Callable:
    return lambda D, x: bce(D(x), torch.full_like(x, y))


def _detached(D, x):
    logits = D.logits(x).detach()
    return bce(logits, torch.zeros_like(logits))


def _nothing(D, x):
    return torch.zeros(())


STEP_D = Watched(
    "update_discriminator",
    reference=update_discriminator,
    cases=[(0,), (1,)],
    mistakes=[
        (
            _d_with(_labelled(1.0), _labelled(1.0)),
            "You gave generated samples label 1. That is G's wish; D is told the truth, 0.",
        ),
        (
            _d_with(_labelled(0.0), _labelled(1.0)),
            "The labels are swapped: real samples have label 1, generated ones 0.",
        ),
        (
            _d_with(_labelled(1.0), _detached),
            "You detached D's answer. Then D learns nothing from generated samples; detach G(z).",
        ),
        (
            _d_with(_labelled(1.0), _nothing),
            "The half of the generated samples is missing.",
        ),
        (
            _d_with(_labelled(1.0), lambda D, x: -_labelled(0.0)(D, x)),
            "The sign: both halves are costs, so they add.",
        ),
        (
            _d_with(lambda D, x: _labelled(1.0)(D, x) / 2, lambda D, x: _labelled(0.0)(D, x) / 2),
            "That is the mean of the two halves; in this course the loss is their sum.",
        ),
        (
            _d_with(_labelled(1.0), _as_probability(0.0)),
            "This BCE wants logits. D(x) is a probability; D.logits(x) is the logit.",
        ),
        (
            _d_with(_labelled(1.0), _labelled(0.0), lambda G, z: z),
            "D was shown the noise z itself. Generated samples are G(z).",
        ),
    ],
    hints=(
        "Noise goes through G, the way back is closed; then label 0 for what came out.",
        "x_fake is G(z) with detach(); the second half is built as the first, with zeros_like.",
    ),
    tolerance=1e-5,
    see=_see_step_d,
)


def _g_with(loss_of: Callable, before=lambda optimizer: optimizer.zero_grad()) -> Callable:
    """Return a step of G whose loss is a given function of D, G and z."""

    def step(D, G, optimizer_g, z):
        loss = loss_of(D, G, z)
        before(optimizer_g)
        loss.backward()
        optimizer_g.step()
        return loss.detach()

    return step


STEP_G = Watched(
    "update_generator",
    reference=update_generator,
    cases=[(0,), (1,)],
    mistakes=[
        (
            _g_with(lambda D, G, z: _labelled(0.0)(D, G(z))),
            "With label 0, G learns to be found out. In G's step its samples get label 1.",
        ),
        (
            _g_with(lambda D, G, z: _labelled(1.0)(D, G(z).detach())),
            "G does not move: detach() closes the way back through D to G. Here it must be open.",
        ),
        (
            _g_with(lambda D, G, z: -_labelled(0.0)(D, G(z))),
            "That is the saturating loss. It keeps label 0 and turns the sign; turn the label.",
        ),
        (
            _g_with(lambda D, G, z: -_labelled(1.0)(D, G(z))),
            "The label is flipped and the sign too. Flip one of the two.",
        ),
        (
            _g_with(lambda D, G, z: bce(D(G(z)), torch.ones_like(z))),
            "This BCE wants logits. D(x) is a probability; D.logits(x) is the logit.",
        ),
        (
            _g_with(lambda D, G, z: _labelled(1.0)(D, z)),
            "D judged the noise z itself, so G had no part in it. Generated samples are G(z).",
        ),
    ],
    hints=(
        "Which samples does D judge here, and what does G wish that D answers?",
        "Logits of D on G(z), nothing detached; then ones_like.",
    ),
    tolerance=1e-5,
    see=_see_step_g,
)

# --- two loops to repair -----------------------------------------------------------------------


def whole_loop(G, D, data, n_turns, rng):
    """Train G and D for some turns, in place: the loop that both repairs must agree with."""
    optimizer_d = torch.optim.SGD(D.parameters(), lr=0.3)
    optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
    for _ in range(n_turns):
        update_discriminator(D, G, optimizer_d, data.sample(64, rng), G.sample_z(64, rng))
        update_generator(D, G, optimizer_g, G.sample_z(64, rng))


def _loop(
    shared: bool = False,
    detach_d: bool = True,
    detach_g: bool = False,
    label_g: float = 1.0,
    fresh: bool = True,
) -> Callable:
    """Return a loop with some of its lines changed, for the mistakes of the two repairs."""

    def loop(G, D, data, n_turns, rng):
        own_d = [*D.parameters(), *(G.parameters() if shared else ())]
        optimizer_d = torch.optim.SGD(own_d, lr=0.3)
        optimizer_g = torch.optim.SGD(G.parameters(), lr=0.1)
        for _ in range(n_turns):
            x_real, z = data.sample(64, rng), G.sample_z(64, rng)
            x_fake = G(z).detach() if detach_d else G(z)
            loss_d = _labelled(1.0)(D, x_real) + _labelled(0.0)(D, x_fake)
            optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()
            z = G.sample_z(64, rng) if fresh else z
            x_fake = G(z).detach() if detach_g else G(z)
            loss_g = _labelled(label_g)(D, x_fake)
            optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()

    return loop


HELPFUL_FORGER = Watched(
    "helpful_forger",
    reference=whole_loop,
    cases=[(0,), (1,)],
    broken=_loop(shared=True, detach_d=False),
    mistakes=[
        (
            _loop(detach_d=True, detach_g=True),
            "Now G never moves: in G's own step the way back must stay open.",
        ),
        (
            _loop(shared=True, detach_d=False, label_g=0.0),
            "G's label was right. Look at D's step: which weights does its optimiser move?",
        ),
    ],
    hints=(
        "Print G's weights before and after D's step.",
        "Two repairs are right: give optimizer_d D's weights only, or detach x_fake for D.",
    ),
    tolerance=1e-5,
    see=_see_loop,
)

FROZEN_FORGER = Watched(
    "frozen_forger",
    reference=whole_loop,
    cases=[(0,), (1,)],
    broken=_loop(detach_g=True),
    mistakes=[
        (
            _loop(fresh=False),
            "G moves again, but on the noise of D's step. It works as well; this loop draws "
            "fresh noise.",
        ),
        (
            _loop(shared=True, detach_d=False, detach_g=True),
            "G moves now, but in D's step, and in D's favour. Its own step still stands still.",
        ),
        (
            _loop(label_g=0.0),
            "The way to G is open now, but its samples need label 1 in its own step.",
        ),
    ],
    hints=(
        "Which weights hold a gradient after loss_g.backward()?",
        "detach() belongs to D's step only.",
    ),
    tolerance=1e-5,
    see=_see_loop,
)


def check_update_discriminator(answer):
    """Check one step of D by the weights it leaves; return what to use."""
    checked = STEP_D.check(answer)
    if checked is answer:
        G, D, x_real, z = _a_game(2)
        before = [p.grad.clone() for p in G.parameters()]
        answer(D, G, torch.optim.SGD(D.parameters(), lr=0.5), x_real, z)
        same = [torch.equal(a, p.grad) for a, p in zip(before, G.parameters(), strict=True)]
        if not all(same):
            print("But it also sent a gradient to G, for nothing. Where is detach()?")
    return checked


def check_update_generator(answer):
    """Check one step of G by the weights it leaves; return what to use."""
    return STEP_G.check(answer)


def check_helpful_forger(answer):
    """Check the repair of the loop in which D's step moves G; return what to use."""
    return HELPFUL_FORGER.check(answer)


def check_frozen_forger(answer):
    """Check the repair of the loop in which G never moves; return what to use."""
    return FROZEN_FORGER.check(answer)


# --- predictions -------------------------------------------------------------------------------


def ask_detach() -> ChoicePrediction:
    """Ask what happens without detach, all other lines in place."""
    truth = "the same numbers bit for bit, only slower"
    return predict_choice(
        "Each player has its own optimiser, and zero_grad stands before each backward. "
        "Remove only detach from D's step. What comes out after 300 turns?",
        ["PyTorch stops with an error", "G has been pushed to help D, so it is worse", truth],
        truth=truth,
        why="D's backward then also fills G's gradients. But D's optimiser moves no weight of G, "
        "and G's zero_grad throws them away before G's own backward. What is lost is time.",
        name="loop-detach",
    )


def ask_reuse_z() -> ChoicePrediction:
    """Ask what happens when G's step uses the noise of D's step again."""
    truth = "about as good a generator"
    return predict_choice(
        "G's step takes the same z that D's step has just used, instead of fresh noise. "
        "What comes out?",
        ["G only learns these z and fails on others", truth, "D always wins: it has seen them"],
        truth=truth,
        why="The next turn brings other z, so no z can be learnt by heart. Fresh noise is what "
        "algorithm 1 of the GAN paper says; G's step can do with either.",
        name="loop-reuse-z",
    )


def ask_frozen_generator() -> ChoicePrediction:
    """Ask where V ends when D trains alone."""
    truth = "near −log 4 + 2 JSD"
    return predict_choice(
        "G stands still and D alone takes 1,000 steps. Where does V end?",
        ["near 0: nothing stops D", "near −log 4", truth],
        truth=truth,
        why="D approaches D*, and V(D*, G) = −log 4 + 2 JSD (lesson 03). It is below 0 as long as "
        "the densities overlap, and above −log 4 as long as they differ.",
        name="loop-frozen-generator",
    )


def ask_at_once() -> ChoicePrediction:
    """Ask what moving at once does to the run of lesson 05 with equal learning rates."""
    truth = "farther from the data, on average"
    return predict_choice(
        "Both learning rates are .01. Both players move at once, from the same point, instead of "
        "in turn. Where is G, from turn 200 to 400?",
        ["no difference: the same two slopes", "nearer to the data: no player lags", truth],
        truth=truth,
        why="At once, each answers where the other was. In turn, G at least meets the D that has "
        "just moved. Lesson 08 computes what that is worth in the smallest GAN.",
        name="loop-at-once",
    )


def ask_claim_about_fooling() -> ChoicePrediction:
    """Ask for a verdict on claim 16."""
    return _ask_verdict(
        "“The weights are only updated if D was fooled.”",
        "Every turn moves both. A sample counts with the factor D(G(z)) in D's step and "
        "1 − D(G(z)) in G's: both lie between 0 and 1, and nothing jumps at ½.",
        "claim-16-fooled",
    )


def ask_claim_about_losses() -> ChoicePrediction:
    """Ask for a verdict on claim 14."""
    return _ask_verdict(
        "“D's loss going down and G's going up means that training failed.”",
        "It means that D is improving faster at the moment. Read D(x), D(G(z)) and the samples.",
        "claim-14-losses",
    )


def _ask_verdict(claim: str, why: str, name: str) -> ChoicePrediction:
    question = f"A tutorial says: {claim} What is your verdict?"
    return predict_choice(question, [HOLDS, FALSE], FALSE, why, name)


# --- the paper GAN -----------------------------------------------------------------------------
#
# G(z) = z + theta, logit of D = a x + b; theta = a = b = 0 at the start. D's turn with rate 1/2,
# then G's turn with rate 1.

X_REAL = np.array([3.0, 5.0])
Z_OF_D = np.array([-1.0, 1.0])
Z_OF_G = np.array([-1.0, 2.0])
LR_D, LR_G = 0.5, 1.0


@dataclass(frozen=True)
class Line:
    """One line of the sheet.

    Args:
        number: its place on the sheet; even the first is 1.
        question: what to compute, plain text.
        follows: function of the lines before (by number, as arrays) to this line's numbers, so
            that a line is judged by what the learner had, and one mistake is told once.
        mistakes: pairs (function like `follows`, what it is), of common mistakes.
        places: numbers to write.
    """

    number: int
    question: str
    follows: Callable
    mistakes: tuple = ()
    places: int = 1


def _slope_a(of: Mapping) -> float:
    return np.mean(of[5] * of[1]) - np.mean((1 - of[4]) * X_REAL)


LINES = [
    Line(1, "G(z) for z = −1 and z = 1", lambda of: Z_OF_D + 0.0, places=2),
    Line(2, "logits of D on x = 3 and x = 5", lambda of: 0.0 * X_REAL, places=2),
    Line(3, "logits of D on line 1", lambda of: 0.0 * of[1], places=2),
    Line(
        4,
        "D(x) = σ(line 2)",
        lambda of: sigmoid(of[2]),
        ((lambda of: of[2], "That is the logit itself; D(x) is σ of it."),),
        places=2,
    ),
    Line(
        5,
        "D(G(z)) = σ(line 3)",
        lambda of: sigmoid(of[3]),
        ((lambda of: of[3], "That is the logit itself; D(G(z)) is σ of it."),),
        places=2,
    ),
    Line(
        6,
        "D's loss: mean of −log D(x), plus mean of −log(1 − D(G(z)))",
        lambda of: -np.mean(np.log(of[4])) - np.mean(np.log(1 - of[5])),
        (
            (
                lambda of: -(np.mean(np.log(of[4])) + np.mean(np.log(1 - of[5]))) / 2,
                "That is the mean of the two halves; the loss is their sum.",
            ),
            (
                lambda of: np.mean(np.log(of[4])) + np.mean(np.log(1 - of[5])),
                "The sign: that is V. The loss is −V.",
            ),
        ),
    ),
    Line(
        7,
        "slope of the loss in a: mean of D(G(z))·G(z), minus mean of (1 − D(x))·x",
        _slope_a,
        (
            (lambda of: -_slope_a(of), "The sign: that is the slope of V. The loss falls with a."),
            (lambda of: 2 * _slope_a(of), "Those are sums over the batch; take means."),
        ),
    ),
    Line(
        8,
        "slope of the loss in b: mean of D(G(z)), minus mean of 1 − D(x)",
        lambda of: np.mean(of[5]) - np.mean(1 - of[4]),
        ((lambda of: np.mean(of[5]) + np.mean(1 - of[4]), "The second mean is subtracted."),),
    ),
    Line(
        9,
        "the new a: 0 − ½ · line 7",
        lambda of: -LR_D * of[7],
        (
            (lambda of: LR_D * of[7], "The sign: a loss goes down, so the slope is subtracted."),
            (lambda of: -of[7], "The learning rate of D is ½."),
        ),
    ),
    Line(
        10,
        "the new b: 0 − ½ · line 8",
        lambda of: -LR_D * of[8],
        ((lambda of: LR_D * of[8], "The sign: a loss goes down, so the slope is subtracted."),),
    ),
    Line(
        11,
        "G(z) for the fresh noise z = −1 and z = 2",
        lambda of: Z_OF_G + 0.0,
        ((lambda of: Z_OF_D + 0.0, "That is the noise of D's turn. G's turn draws fresh noise."),),
        places=2,
    ),
    Line(
        12,
        "logits of D, as it is now, on line 11",
        lambda of: of[9] * of[11] + of[10],
        ((lambda of: 0.0 * of[11], "D has moved: use the new a and b."),),
        places=2,
    ),
    Line(
        13,
        "D(G(z)) = σ(line 12)",
        lambda of: sigmoid(of[12]),
        ((lambda of: of[12], "That is the logit itself; D(G(z)) is σ of it."),),
        places=2,
    ),
    Line(
        14,
        "G's loss (non-saturating): mean of −log D(G(z))",
        lambda of: -np.mean(np.log(of[13])),
        (
            (
                lambda of: -np.mean(np.log(1 - of[13])),
                "That is label 0, D's own loss on these samples. In G's turn they get label 1.",
            ),
            (
                lambda of: np.mean(np.log(1 - of[13])),
                "That is the saturating loss. It keeps label 0 and turns the sign.",
            ),
            (lambda of: -np.sum(np.log(of[13])), "That is the sum; take the mean."),
        ),
    ),
    Line(
        15,
        "slope of line 14 in θ: minus a times the mean of 1 − D(G(z))",
        lambda of: -of[9] * np.mean(1 - of[13]),
        (
            (lambda of: of[9] * np.mean(1 - of[13]), "The sign: G's loss falls as θ grows."),
            (lambda of: -np.mean(of[13]) * of[9], "1 − D(G(z)), not D(G(z))."),
        ),
    ),
    Line(
        16,
        "the new θ: 0 − 1 · line 15",
        lambda of: -LR_G * of[15],
        ((lambda of: LR_G * of[15], "The sign: a loss goes down, so the slope is subtracted."),),
    ),
]


def paper_answers() -> dict[int, np.ndarray]:
    """Return the numbers of all lines of the paper GAN, by the line's number."""
    answers: dict[int, np.ndarray] = {}
    for line in LINES:
        answers[line.number] = np.atleast_1d(line.follows(answers))
    return answers


def check_paper(answers: Mapping) -> None:
    """Say how far a sheet is right, and which line is the first that is not.

    Each line is judged by the learner's own lines before it. Lines that hold `...` are not
    judged; the first of them ends the check.

    Args:
        answers: a number, or a tuple of numbers, by the line's number. Two decimals suffice.

    Raises:
        WrongAnswer: a line does not follow from those before it.
    """
    before: dict[int, np.ndarray] = {}
    for line in LINES:
        given = answers.get(line.number, ...)
        if _is_empty(given):
            done = f"Lines 1 to {line.number - 1} are right so far." if before else ""
            print(done or "Not attempted yet: fill in line 1, then run this cell again.")
            return
        try:
            given = np.atleast_1d(np.array(given, dtype=float))
        except (TypeError, ValueError):
            raise WrongAnswer(f"Line {line.number} holds {given!r}; write numbers.") from None
        if given.shape != (line.places,):
            raise WrongAnswer(
                f"Line {line.number} holds {given.size} numbers; it needs {line.places}: "
                f"{line.question}."
            )
        if not _near(given, line.follows(before)):
            told = [name for wrong, name in line.mistakes if _near(given, wrong(before))]
            why = told[0] if told else "Go through it once more."
            raise WrongAnswer(f"Line {line.number} ({line.question}) is not right. {why}")
        before[line.number] = given
    print("All 16 lines are right: you have trained a GAN for one turn, by hand.")


def _is_empty(given) -> bool:
    return given is ... or (isinstance(given, (tuple, list)) and any(g is ... for g in given))


def _near(given: np.ndarray, right) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.allclose(given, np.atleast_1d(right), rtol=0, atol=0.011))


_SHEET = """<div style="max-width:700px;font-family:sans-serif;font-size:15px;line-height:1.5">
<h2>Paper GAN: one full turn by hand</h2>
<p><b>G(z) = z + θ</b> has one parameter. <b>D</b> has two: its logit is <b>a·x + b</b>, and
D(x) = σ(a·x + b). At the start θ = a = b = 0. Two real samples: x = 3 and x = 5.
Each line follows from the lines before it; two decimals suffice.</p>
<table style="border-collapse:collapse"><tr>{head}</tr><tr>{sigma}</tr><tr>{log}</tr></table>
<h3>D's turn: noise z = −1 and z = 1, learning rate ½</h3>
<table style="border-collapse:collapse;width:100%">{first}</table>
<h3>G's turn: fresh noise z = −1 and z = 2, learning rate 1</h3>
<table style="border-collapse:collapse;width:100%">{second}</table>
</div>"""
_PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Paper GAN</title>
<style>@page {{size: A4; margin: 15mm}} body {{margin: 1em auto; max-width: 720px}}</style>
<body>{sheet}</body></html>
"""


def paper_sheet(path: str | Path | None = None) -> HTML:
    """Return the sheet of the paper GAN, with empty lines; write it as a page to print, if asked.

    Args:
        path: where to write a page of HTML for printing on A4, its folder made if need be;
            nothing is written without.

    Raises:
        OSError: the page cannot be written.
    """
    places = [-2, -1, 0, 1, 2]
    cell = '<td style="padding:1px 14px;border:1px solid #999;text-align:right">{}</td>'
    rows = [
        ["s", *(f"{s}".replace("-", "−") for s in places)],
        ["σ(s)", *(f"{sigmoid(s):.3f}" for s in places)],
        ["−log σ(s)", *(f"{softplus(-s):.3f}" for s in places)],
    ]
    head, sigma, log = ("".join(cell.format(text) for text in row) for row in rows)
    sheet = _SHEET.format(
        head=head,
        sigma=sigma,
        log=log,
        first="".join(map(_row, LINES[:10])),
        second="".join(map(_row, LINES[10:])),
    )
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _PAGE.format(sheet=sheet))
    return HTML(sheet)


def _row(line: Line) -> str:
    border = "border-bottom:1px solid #bbb;padding:5px 8px"
    gaps = " and ".join(["…" * 5] * line.places)
    return (
        f'<tr><td style="{border};width:2em">{line.number}</td>'
        f'<td style="{border};text-align:left;max-width:none">{escape(line.question)}</td>'
        f'<td style="{border};text-align:right;white-space:nowrap">{gaps}</td></tr>'
    )
