"""Questions of lesson 05, the training loop."""

from gan_lesson.lessons.kit.question import ChoiceQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial

ask_detach = ChoiceQuestion(
    "Each player has its own optimiser, and zero_grad stands before each backward. "
    "Remove only detach from D's step. What comes out after 300 turns?",
    [
        "PyTorch stops with an error",
        "G has been pushed to help D, so it is worse",
        "the same numbers bit for bit, only slower",
    ],
    truth="the same numbers bit for bit, only slower",
    why="D's backward then also fills G's gradients. But D's optimiser moves no weight of G, "
    "and G's zero_grad throws them away before G's own backward. What is lost is time.",
    name="loop-detach",
)

ask_reuse_z = ChoiceQuestion(
    "G's step takes the same z that D's step has just used, instead of fresh noise. "
    "What comes out?",
    [
        "G only learns these z and fails on others",
        "about as good a generator",
        "D always wins: it has seen them",
    ],
    truth="about as good a generator",
    why="The next turn brings other z, so no z can be learnt by heart. Fresh noise is what "
    "algorithm 1 of the GAN paper says; G's step can do with either.",
    name="loop-reuse-z",
)

ask_frozen_generator = ChoiceQuestion(
    "G stands still and D alone takes 1,000 steps. Where does V end?",
    ["near 0: nothing stops D", "near −log 4", "near −log 4 + 2 JSD"],
    truth="near −log 4 + 2 JSD",
    why="D approaches D*, and V(D*, G) = −log 4 + 2 JSD (lesson 03). It is below 0 as long as "
    "the densities overlap, and above −log 4 as long as they differ.",
    name="loop-frozen-generator",
)

ask_at_once = ChoiceQuestion(
    "Both learning rates are .01. Both players move at once, from the same point, instead of "
    "in turn. Where is G, from turn 200 to 400?",
    [
        "no difference: the same two slopes",
        "nearer to the data: no player lags",
        "farther from the data, on average",
    ],
    truth="farther from the data, on average",
    why="At once, each answers where the other was. In turn, G at least meets the D that has "
    "just moved. Lesson 08 computes what that is worth in the smallest GAN.",
    name="loop-at-once",
)

ask_claim_about_fooling = claim_on_trial(
    "“The weights are only updated if D was fooled.”",
    FALSE,
    why="Every turn moves both. A sample counts with the factor D(G(z)) in D's step and "
    "1 − D(G(z)) in G's: both lie between 0 and 1, and nothing jumps at ½.",
    name="claim-16-fooled",
)

ask_claim_about_losses = claim_on_trial(
    "“D's loss going down and G's going up means that training failed.”",
    FALSE,
    why="It means that D is improving faster at the moment. Read D(x), D(G(z)) and the samples.",
    name="claim-14-losses",
)
