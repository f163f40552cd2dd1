"""Questions of lesson 02, the minimax value function."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.mathematics.value import value

ask_reach_of_a_line = ChoiceQuestion(
    "z is drawn from N(0, 1), and G(z) = a z + b. You may try all stretches a > 0 and all "
    "shifts b. Which densities p_g can this G reach?",
    [
        "only N(0, 1) itself, moved to other places",
        "normal curves at any place and of any width, and nothing else",
        "any density with one peak",
        "any density at all",
    ],
    truth="normal curves at any place and of any width, and nothing else",
    why={
        "only N(0, 1) itself, moved to other places": "The shift moves the curve, but the stretch "
        "also makes it wider or narrower.",
        "normal curves at any place and of any width, and nothing else": "The density is "
        "N(b, a²). A line changes place and width but never the shape, because it stretches both "
        "sides alike.",
        "any density with one peak": "A peak that is longer on one side is out of reach.",
        "any density at all": "For two peaks or a lopsided one, G has to bend.",
    },
    name="reach-of-a-line",
)

ask_value_of_always_9 = NumberQuestion(
    "D says 0.9 to everything, real or generated. What is V?",
    truth=lambda: value(0.9, 0.9),
    tolerance=0.02,
    low=-4.0,
    high=1.0,
    step=0.01,
    unit="nats",
    why="V is log 0.9 + log 0.1 = −0.105 − 2.303. A D that trusts everybody is worse than one "
    "that says ½ without looking, because it pays 2.303 for each generated sample.",
    name="value-of-always-.9",
)

ask_first_term = ChoiceQuestion(
    "D is fixed, and G changes its parameters. Does the first term of V, E[log D(x)], change?",
    [
        "yes, better samples lower it",
        "yes, because it is a part of V, which G minimises",
        "no, it stays exactly as it is",
    ],
    truth="no, it stays exactly as it is",
    why={
        "yes, better samples lower it": "Better samples change D(G(z)). The real samples stay as "
        "they are, and so does what a fixed D says of them.",
        "yes, because it is a part of V, which G minimises": "G minimises V through the part that "
        "it can reach, which is the second term.",
        "no, it stays exactly as it is": "Neither z nor G stands in the first term. It changes "
        "only when D changes.",
    },
    name="first-term",
)

ask_circling = ChoiceQuestion(
    "Two players start at distance 1 from the saddle (0, 0) of f = θ w. θ steps downhill and w "
    "uphill, both at once, with small steps. Where does the point (θ, w) go?",
    [
        "straight into the saddle",
        "it spirals into the saddle",
        "around on the circle, at distance 1 for ever",
        "it moves off, a little each round, however small the step",
    ],
    truth="it moves off, a little each round, however small the step",
    why={
        "straight into the saddle": "At (1, 0) the slopes are 0 for θ and 1 for w, so the point "
        "moves sideways.",
        "it spirals into the saddle": "Each step is at a right angle to the line to the saddle, so "
        "it never brings the point nearer.",
        "around on the circle, at distance 1 for ever": "Infinitely small steps would do that.",
        "it moves off, a little each round, however small the step": "A step along the tangent "
        "ends outside the circle, at √(1 + h²) times the distance. A smaller step only makes this "
        "slower.",
    },
    name="circling",
)

ask_claim_about_two_generators = claim_on_trial(
    "“Two different generators can have the same density p_g.”",
    HOLDS,
    why="Feed G with −z instead of z. Each single sample changes, but their density does not, "
    "because N(0, 1) is symmetric.",
    name="claim-31-two-generators",
)

ask_claim_about_gaussian_noise = claim_on_trial(
    "“The noise z must be normally distributed (Gaussian).”",
    FALSE,
    why="A first layer of G can turn noise of another continuous law into normal noise, as the "
    "next cell does.",
    name="claim-15-gaussian",
)

ask_claim_about_maximising = claim_on_trial(
    "“The discriminator maximises the loss.” It does not say which of the five numbers is “the "
    "loss”.",
    ONLY_IF,
    why="It is true if V itself is called the loss. It is not true of what programs print as D's "
    "loss, −V or −V/2, which D minimises.",
    name="claim-2-maximises",
)

ask_claim_about_the_label = claim_on_trial(
    "“In its turn, G minimises L_G = −Σ y log D(G(z)), where y = 0, since its samples are "
    "generated.”",
    FALSE,
    why="With y = 0 this sum is 0 for every G, so nothing is left to minimise.",
    name="claim-9-label",
)
