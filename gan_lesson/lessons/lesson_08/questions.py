"""Questions of lesson 08, why training circles."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.lesson_08.dirac import largest_step

ask_rest = ChoiceQuestion(
    "Both players follow their pulls smoothly, without steps, from θ = 1, ψ = 1. Where do they go?",
    ["into (0, 0), in a spiral", "round (0, 0) for ever, at one distance", "away from (0, 0)"],
    truth="round (0, 0) for ever, at one distance",
    why="Multiply each pull by the player's own place and add: θψσ − ψθσ = 0. So the distance "
    "does not change.",
    name="where-the-flow-goes",
)

ask_claim_about_small_steps = claim_on_trial(
    "“However small the learning rate is, simultaneous steps never close in on the rest point of "
    "this game.”",
    HOLDS,
    why="Each step multiplies the distance by √(1 + h²σ²), which is above 1 for every h. A shorter "
    "step only leaves more slowly.",
    name="claim-no-step-is-small-enough",
)

ask_claim_about_taking_turns = claim_on_trial(
    "“Let the players move in turn instead of at once, and the circling ends.”",
    FALSE,
    why="In turn, both eigenvalues have modulus 1 if h < 4. At h = 0.2 the orbit keeps going "
    "round: it neither closes in nor soon runs away.",
    name="claim-taking-turns-ends-circling",
)

ask_claim_about_r1 = claim_on_trial(
    "“R1 makes training converge.”",
    ONLY_IF,
    why="In this game, at once, it does so near the rest point if h is below 4γ and γ ≤ 1. From "
    "far away, long steps can still leave.",
    name="claim-r1-makes-training-converge",
)

ask_limit_cycle = ChoiceQuestion(
    "G changes to the non-saturating loss. The steps are simultaneous, with h = 0.2, from (1, 1). "
    "What happens in the end?",
    ["they reach (0, 0)", "they keep to a smaller circle", "they spiral outwards without end"],
    truth="they keep to a smaller circle",
    why="Far out the new loss brakes. Near the middle it hardly brakes, and the steps push out. "
    "The two balance at a radius of about √(2h) = 0.63.",
    name="limit-cycle",
)

ask_smallest_gamma = NumberQuestion(
    "Simultaneous steps of h = 0.2 start near (0, 0), and D has R1. Above which γ do they close "
    "in? Compute it from the squared modulus.",
    truth=lambda: 0.2 * 0.2 / largest_step(0.2),
    tolerance=0.004,
    low=0.0,
    high=1.0,
    step=0.01,
    why="The squared modulus is below 1 if h²/4 < hγ, so γ must be above h/4 = 0.05. A weak brake "
    "is enough.",
    name="smallest-gamma",
)
