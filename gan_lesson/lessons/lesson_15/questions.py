"""Questions of lesson 15, other games."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial

ask_floor = NumberQuestion(
    "Draw 64 numbers from N(0, 1), and then 64 others from the same N(0, 1). Both come from the "
    "same distribution. What is W1 between the two sets, on average over many such pairs?",
    truth=0.21,
    tolerance=0.06,
    low=0.0,
    high=1.0,
    step=0.01,
    unit="units of x",
    why="The two sets hold different numbers. Their sorted values differ by a part of a standard "
    "deviation, and most of all at the two ends.",
    name="floor-of-w1",
)

ask_claim_about_negative_loss = claim_on_trial(
    "“The loss of a WGAN's critic is negative, so something is wrong.”",
    FALSE,
    why="The critic minimises E f(G(z)) − E f(x). Its best value is −W1, so below 0 is where the "
    "loss of a useful critic lies.",
    name="claim-40-negative-critic",
)

ask_claim_about_clipping = claim_on_trial(
    "“Weight clipping enforces the Lipschitz constant 1.”",
    FALSE,
    why="Clipping enforces some constant. It depends on the limit, on the number of layers and on "
    "their width: with 1-32-32-1 units and weights up to 0.3 a slope may be more than 27.",
    name="claim-41-clipping",
)

ask_claim_about_least_squares = claim_on_trial(
    "“D of a least squares GAN gives a probability.”",
    ONLY_IF,
    why={
        ONLY_IF: "Only if D is the best D: p/(p + q) is a probability. A network on the way there "
        "gives any number, also below 0 and above 1.",
        FALSE: "Its best answer at each x is p/(p + q), the same as D* of lesson 03. So one D of "
        "this game does give a probability.",
        HOLDS: "No sigmoid bounds its output. A D that can only be a straight line, for instance, "
        "goes below 0 and above 1.",
    },
    name="claim-43-least-squares",
)

BY_LOSS, BY_RESCUE, BY_WEIGHT, BY_NOTHING = (
    "the loss: the relativistic game keeps more modes than the logistic one",
    "R1 + R2: without them most games lose modes, with them they keep them",
    "the gradient penalty: without it most games keep all modes, with λ = 1 few on average",
    "none of these: in all of these runs G keeps about as many modes",
)

ask_loss_or_penalty = ChoiceQuestion(
    "Five games with the same networks and seconds, ten seeds each, on the ring of 8. In a turn D "
    "and G take one step each. Each game is played without a penalty, with R1 + R2 (γ = 0.03), and "
    "with the gradient penalty (λ = 1). What decides most how many modes G keeps?",
    [BY_LOSS, BY_RESCUE, BY_WEIGHT, BY_NOTHING],
    truth=BY_WEIGHT,
    why="Four of the five games keep all eight modes without a penalty, and on average at least "
    "seven with R1 + R2. With the gradient penalty at λ = 1 no game keeps more than about two.",
    name="loss-or-penalty",
)

SAME_PENALTY, MORE_SEEDS, THIRD_GAME = (
    "the logistic game with the gradient penalty, and the hinge game without it",
    "both rows again, with 100 seeds each",
    "a row of the least squares game with a penalty of its own",
)

ask_invented_table = ChoiceQuestion(
    "An invented paper prints two rows. Logistic game, no penalty: 14 of 25 modes. Hinge game, "
    "gradient penalty: 24 of 25 modes. Its authors conclude that the hinge loss is better. Which "
    "rows would test that?",
    [MORE_SEEDS, SAME_PENALTY, THIRD_GAME],
    truth=SAME_PENALTY,
    why="Loss and penalty changed together, so either may be the cause. One must change each of "
    "them alone. More seeds would only show that the two rows really differ.",
    name="invented-table",
)

ask_claim_about_quality = claim_on_trial(
    "“The loss of a WGAN's critic measures the quality of the samples.”",
    ONLY_IF,
    why={
        ONLY_IF: "Within one run, with one critic that keeps up, it comes nearer to 0 roughly as "
        "the distance does. Between two runs the slope of the critic differs, and so "
        "does the unit of its loss.",
        HOLDS: "Two critics with another bound on the slope give other numbers for the same "
        "samples.",
        FALSE: "Within one run it does rise towards 0 as W1 falls, roughly.",
    },
    name="claim-38-quality",
)

ask_claim_about_collapse = claim_on_trial(
    "“A Wasserstein GAN cannot collapse: G keeps all modes.”",
    FALSE,
    why={
        ONLY_IF: "Five steps of D saved this game on the ring. But on the grid of 25, under More, "
        "it loses modes with five steps, too, so that condition is not enough. (A G whose samples "
        "have the distribution of the data keeps all modes, but in any game.)",
        **dict.fromkeys(
            (HOLDS, FALSE),
            "With λ = 0.1 and one step of D, one run of the table keeps one mode of eight. W1 "
            "between the distributions does punish a lost mode, but G does not follow W1. It "
            "follows a network that is still being trained.",
        ),
    },
    name="claim-39-collapse",
)

INTO, ROUND, AWAY = (
    "into (0, 0)",
    "round (0, 0) without end, at about the same distance",
    "away from (0, 0), farther each round",
)

ask_wasserstein_in_turn = ChoiceQuestion(
    "Real samples lie at 0, G's samples at θ = 1, and the critic is f(x) = ψx with ψ = 1. The "
    "players move in turn with h = 0.2, and nothing bounds ψ. Where does the Wasserstein game go?",
    [INTO, ROUND, AWAY],
    truth=ROUND,
    why="The pulls turn round (0, 0), and none points to it. In turn, θ² + ψ² − hθψ never changes; "
    "the text below computes it.",
    name="wasserstein-on-a-point",
)

ask_claim_about_hinge = claim_on_trial(
    "“The hinge loss needs no penalty, because it is bounded.”",
    FALSE,
    why="It stops paying for scores beyond ±1. How steeply D rises from −1 to 1 in x is not "
    "bounded at all.",
    name="claim-42-hinge",
)

ask_claim_about_training_to_the_end = claim_on_trial(
    "“D should be trained to the end before each step of G.”",
    ONLY_IF,
    why={
        ONLY_IF: "It helps if the slope of D is bounded, as in WGAN: then the best critic still "
        "has a slope at G's samples. The probability of the best judge is nearly flat "
        "there, far away.",
        HOLDS: "In the Wasserstein game there is no end without a bound on the slope: doubling f "
        "doubles its lead.",
        FALSE: "With the slope bounded, the best critic gives G the slope 1 wherever G's samples "
        "have to go one way.",
    },
    name="claim-44-train-to-the-end",
)

ask_claim_about_sigmoid = claim_on_trial(
    "“A sigmoid in the last layer of a WGAN critic is harmless: it only rescales.”",
    FALSE,
    why="A sigmoid's answers lie within one unit, so its lead never exceeds 1, however far G is. "
    "And far from 0 it is nearly flat: G hears little.",
    name="claim-45-sigmoid",
)
