"""Questions of lesson 02, the minimax value function."""

from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial
from gan_lesson.lessons.mathematics.value import value

ask_reach_of_a_line = ChoiceQuestion(
    "z ~ N(0, 1) and G(z) = a z + b. Trying all stretches a and shifts b, which densities "
    "p_g can this G reach?",
    [
        "only N(0, 1) itself, moved about",
        "only normal curves: other places, other widths",
        "any density with one peak",
        "any at all",
    ],
    truth="only normal curves: other places, other widths",
    why={
        "only N(0, 1) itself, moved about": "The shift moves it, and the stretch makes it "
        "wider or narrower: N(b, a²).",
        "only normal curves: other places, other widths": "It is N(b, a²). A line changes "
        "place and width, never the shape; for that G has to bend.",
        "any density with one peak": "A lopsided peak is out of reach: a line stretches "
        "both sides alike.",
        "any at all": "For that G has to bend. Real generators bend many times.",
    },
    name="reach-of-a-line",
)

ask_value_of_always_9 = NumberQuestion(
    "D says .9 to everything, real or generated. What is V?",
    truth=lambda: value(0.9, 0.9),
    tolerance=0.02,
    low=-4.0,
    high=1.0,
    step=0.01,
    unit="nats",
    why="log .9 + log .1 = −.105 − 2.303. Trusting everybody is worse than not knowing, "
    "−1.386: half of the samples are generated, and each of them costs 2.303.",
    name="value-of-always-.9",
)

ask_first_term = ChoiceQuestion(
    "D is fixed. G changes its parameters. Does the first term, E[log D(x)], move?",
    [
        "yes, better samples lower it",
        "yes, because it is a part of V, which G minimises",
        "no, it stays exactly as it is",
    ],
    truth="no, it stays exactly as it is",
    why={
        "yes, better samples lower it": "Better samples change D(G(z)). The real x, and "
        "what a fixed D says of them, stay.",
        "yes, because it is a part of V, which G minimises": "G minimises V through the "
        "part that it can reach: the second term.",
        "no, it stays exactly as it is": "No z and no G stands in it. Only when D answers "
        "does D(x) move.",
    },
    name="first-term",
)

ask_circling = ChoiceQuestion(
    "f = x y. x steps downhill and y uphill, both at once, starting at distance 1 from the "
    "saddle (0, 0), with small steps. Where does the point go?",
    [
        "straight into the saddle",
        "it spirals into the saddle",
        "around on the circle",
        "it moves off, a little each round, however small the step",
    ],
    truth="it moves off, a little each round, however small the step",
    why={
        "straight into the saddle": "At (1, 0) the slopes are 0 for x and 1 for y: the move "
        "goes sideways.",
        "it spirals into the saddle": "Each move stands at a right angle to the line to the "
        "saddle, so it never brings the point nearer.",
        "around on the circle": "That is what infinitely small steps would do. A step along "
        "the tangent ends outside the circle.",
        "it moves off, a little each round, however small the step": "A step along the tangent "
        "ends outside the circle, at √(1 + h²) times the distance. Smaller steps only do it more "
        "slowly.",
    },
    name="circling",
)

ask_claim_about_the_noise = claim_on_trial(
    "“The generator generates noise.”",
    FALSE,
    why="Noise is its input. What an untrained G gives may look like noise, and is G(z) already.",
    name="claim-11-noise",
)

ask_claim_about_gaussian_noise = claim_on_trial(
    "“The noise must be Gaussian, and the generator sees the data.”",
    FALSE,
    why="Both halves fall: any law with enough dimensions will do, the same one at test; and "
    "G is told of the data only by D's slope.",
    name="claim-15-gaussian",
)

ask_claim_about_maximising = claim_on_trial(
    "“The discriminator maximises the loss.”",
    FALSE,
    why="It maximises the objective V, which is the same as minimising loss_d = −V. A loss is "
    "only ever minimised.",
    name="claim-2-maximises",
)

ask_claim_about_the_label = claim_on_trial(
    "“L_G = −Σ y log D(G(z)), with y = 0 for generated samples.”",
    FALSE,
    why="Then it is 0 whatever G does. G's turn flips the label to 1, and that must be said.",
    name="claim-9-label",
)

ask_claim_about_g_of_x = claim_on_trial(
    "“The second term is E[log(1 − D(G(x)))], and z is artificial data.”",
    FALSE,
    why="G takes z, and z is noise; the artificial data are G(z).",
    name="claim-23-g-of-x",
)
