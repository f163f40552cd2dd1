"""Questions of lesson 05, the training loop."""

from gan_lesson.lessons.kit.question import ChoiceQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial

ask_step_d = ChoiceQuestion(
    "Early in a run both players stand still. You press “Step D” fifty times, so that D moves and "
    "G does not. What happens to the two bars?",
    [
        "both bars shrink",
        "the green bar (D's regret) shrinks, and the orange bar (2 JSD) stays as it is",
        "the orange bar (2 JSD) shrinks, and the green bar (D's regret) stays as it is",
    ],
    truth="the green bar (D's regret) shrinks, and the orange bar (2 JSD) stays as it is",
    why="D comes nearer to its best answer, so its regret shrinks. The distance from p_g to "
    "p_data depends on G alone, and G does not move.",
    name="loop-step-d",
)

ask_claim_about_detach = claim_on_trial(
    "“In a loop D's optimiser holds D's parameters alone, each player's zero_grad stands directly "
    "before its own backward, and G's step makes its samples anew. Then training gives the same "
    "weights with and without detach, bit for bit.”",
    HOLDS,
    why={
        HOLDS: "Without detach, D's backward fills G's gradients too. But D's optimiser moves no "
        "weight of G, and G's zero_grad deletes these gradients before G's own backward.",
        ONLY_IF: "It names its conditions: D's optimiser holds D's parameters alone, each "
        "zero_grad stands directly before its own backward, and G's step makes its samples "
        "anew. With them D's step leaves no trace in G's weights.",
        FALSE: "G does get gradients in D's step. But nobody uses them: D's optimiser moves no "
        "weight of G, and G's zero_grad deletes them before G's own backward.",
    },
    name="claim-24-detach",
)

ask_claim_about_fooling = claim_on_trial(
    "“The weights are only updated if D was fooled.”",
    FALSE,
    why="A turn moves a player wherever its gradient is not 0, whether D was fooled or not. A "
    "sample counts with the factor D(G(z)) in D's step and with 1 − D(G(z)) in G's step. Both "
    "factors lie between 0 and 1, and nothing jumps at ½.",
    name="claim-16-fooled",
)

ask_claim_about_losses = claim_on_trial(
    "“D's loss goes down and G's loss goes up, so G is getting worse.”",
    ONLY_IF,
    why={
        HOLDS: "In the run below D's loss goes down and G's goes up while G comes nearer to the "
        "data. D's loss is log 4 − 2 JSD + regret, so it also falls when D learns.",
        ONLY_IF: "D's loss is log 4 − 2 JSD + regret. If the regret falls by less than the loss, "
        "for example because D is always at its best, then a falling loss means a growing JSD.",
        FALSE: "It fails in the run below, because there D's regret falls. But if D is always at "
        "its best, the regret is 0, and then a falling loss of D does mean that JSD grows.",
    },
    name="claim-14-losses",
)

ask_at_once = ChoiceQuestion(
    "Both learning rates are 0.01. Both players move at once, from the same point, instead of "
    "in turn. Where is G from turn 200 to turn 400?",
    [
        "no difference: the slopes are the same two",
        "nearer to the data, because no player has to wait",
        "farther from the data, on average",
    ],
    truth="farther from the data, on average",
    why="When both move at once, each answers the place that the other has just left. When they "
    "move in turn, G at least meets the D that has just moved. This fits; lesson 08 shows on the "
    "smallest GAN why it matters.",
    name="loop-at-once",
)
