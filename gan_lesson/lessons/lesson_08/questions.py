"""Questions of lesson 08, why training circles."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.lesson_08.dirac import DiracGAN, largest_step, rate

ask_rest = ChoiceQuestion(
    "Both players follow their pulls smoothly, without steps, from θ = 1, ψ = 1. Where do they go?",
    ["into (0, 0), in a spiral", "round (0, 0) for ever, at one distance", "away from (0, 0)"],
    truth="round (0, 0) for ever, at one distance",
    why="Each player's pull times its own place: θψσ − ψθσ = 0. Neither comes nearer.",
    name="where-the-flow-goes",
)

ask_half_everywhere = ChoiceQuestion(
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

ask_halving = ChoiceQuestion(
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

ask_limit_cycle = ChoiceQuestion(
    "G changes to the non-saturating loss. Steps at once, h = .2, from (1, 1). In the end?",
    ["they reach (0, 0)", "they keep to a smaller circle", "they spiral outwards without end"],
    truth="they keep to a smaller circle",
    why="Far out the new loss brakes, near the middle it does not, and the steps push out. "
    "The two balance at a radius of about √(2h) = .63.",
    name="limit-cycle",
)

ask_smallest_gamma = NumberQuestion(
    "Simultaneous steps of h = .2, with R1. Above which γ do they converge?",
    truth=lambda: 0.2 * 0.2 / largest_step(0.2),
    tolerance=0.011,
    low=0.0,
    high=1.0,
    step=0.01,
    why="h < 4γ, so γ > h/4 = .05. A weak brake is enough.",
    name="smallest-gamma",
)


_SLOWER = "it converges, but more slowly than with .3"


def _with_more_gamma() -> str:
    rates = [rate(DiracGAN(r1_gamma=gamma), 0.2) for gamma in (0.3, 5.0)]
    return _SLOWER if rates[0] < rates[1] < 1 else "something else"


ask_more_gamma = ChoiceQuestion(
    "R1 with γ = .3 closes in by 2.5 % a step (h = .2). And with γ = 5?",
    ["it converges faster still", _SLOWER, "it diverges"],
    truth=_with_more_gamma,
    why="Above γ = 1 D is braked so hard that it hardly reports where G is; θ then creeps.",
    name="more-gamma",
)

ask_small_learning_rate = ChoiceQuestion(
    "A tutorial says: “If the losses oscillate, lower the learning rate until they "
    "converge.” What is your verdict, for this game?",
    ["it holds", "false without a brake; with one, it helps", "false with or without a brake"],
    truth="false without a brake; with one, it helps",
    why="Without a brake the modulus √(1 + h²/4) is above 1 for every h. With R1 every "
    "h < 4γ converges.",
    name="claim-small-learning-rate",
)
