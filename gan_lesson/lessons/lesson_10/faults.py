"""Eight faults: the line as the patient has it, the line as it should be, and the sign."""

from typing import NamedTuple

from gan_lesson.diagnosis import HEALTHY


class Fault(NamedTuple):
    """One planted fault.

    Attributes:
        wrong: the line as the patient has it.
        right: the line as it should be.
        sign: the tell-tale sign, one or two sentences.
    """

    wrong: str
    right: str
    sign: str


FAULTS = {
    "shared optimiser": Fault(
        "movable_d, cut = [*D.parameters(), *G.parameters()], False",
        "movable_d, cut = [*D.parameters()], True",
        "D's step moves G too, to a place where D finds its samples easily. D's loss is near 0, "
        "the non-saturating loss of G is high and restless, and the samples are far from the data.",
    ),
    "swapped labels": Fault(
        "labels = zero, one",
        "labels = one, zero",
        "Both losses are near 0 while D(x) is near 0 and D(G(z)) near 1. With labels 1 and 0 "
        "D's loss is never below −log D(x) − log(1 − D(G(z))).",
    ),
    "sigmoid twice": Fault(
        "score = D",
        "score = D.logits",
        "G's loss never leaves the range from 0.313 to 0.693, and D's is never below 1.006. In the "
        "second half D says nearly 0 to everything in most turns, because only then does the "
        "second sigmoid give ½.",
    ),
    "no zero_grad": Fault(
        "# the line is not there",
        "optimizer.zero_grad()  # before each backward, for both",
        "The stored gradient is many times that of a fresh batch, because it is the sum of all "
        "turns. Both players overshoot, and their weights grow.",
    ),
    "D too strong": Fault(
        "lr_d, ahead, saturating = 0.02, 200, True  # and SGD for G, which Adam would rescue",
        "lr_d, ahead, saturating = 0.002, 0, False",
        "D(G(z)) is near 0 under the saturating loss. So G's gradient is nearly 0, and the samples "
        "stay where they began.",
    ),
    "learning rate": Fault(
        "rate = 100",
        "rate = 1",
        "After a few turns the weights are many times their usual size. The samples stick at the "
        "ends of tanh, where no gradient passes.",
    ),
    "mode collapse": Fault(
        "every, rate_g = 10, 5",
        "every, rate_g = 1, 1",
        "The curves are near ½, as in health, but all samples lie in one heap or one short arc. "
        "G runs after the best spot of a D that hardly moves.",
    ),
    "data range": Fault(
        "x_real = (x_real + 1) * 127.5",
        "x_real = x_real  # inside [−1, 1], as G's samples",
        "Real numbers lie between 0 and 255, while G ends in tanh and cannot leave [−1, 1]. So "
        "D's loss stays near 0.",
    ),
}

# what is different where the same lines are changed in a run of 300 turns on digits
FAULTS_ON_DIGITS = FAULTS | {
    "shared optimiser": FAULTS["shared optimiser"]._replace(
        sign="D's step moves G's weights, half as far as G's own step does. Nothing else proves "
        "it: D is a little further ahead than in two healthy runs, and digits appear nevertheless."
    ),
    "sigmoid twice": FAULTS["sigmoid twice"]._replace(
        sign="G's loss never leaves the range from 0.313 to 0.693. D's is never below 1.006, "
        "though D tells many samples apart, and what the losses take for logits lies "
        "between 0 and 1. Digits appear nevertheless."
    ),
    "no zero_grad": FAULTS["no zero_grad"]._replace(
        sign="The gradient stored in G is over 1,000 times that of a fresh batch, because it is "
        "the sum of all turns. The weights have grown, and all samples are one image."
    ),
    "D too strong": FAULTS["D too strong"]._replace(
        wrong="lr_d, ahead, saturating = 0.005, 200, True  # SGD for G, which Adam would rescue",
        right="lr_d, ahead, saturating = 0.0005, 0, False",
        sign="D(G(z)) is near 0 under the saturating loss. So G's gradient is nearly 0, and the "
        "samples are still the noise of the start.",
    ),
    "learning rate": FAULTS["learning rate"]._replace(
        sign="The first turns have losses of 1,000 nats. Then the weights are 5 times their usual "
        "size, and the gradient in G is below 10⁻⁸. D says ½ to everything, but this is no draw: "
        "the run is dead.",
    ),
    "mode collapse": FAULTS["mode collapse"]._replace(
        sign="The curves are nearer to ½ than in health, but all samples are much the same blot, "
        "and none is a digit. G runs after the best spot of a D that hardly moves.",
    ),
    "data range": FAULTS["data range"]._replace(
        sign="Real numbers reach 255, while G ends in tanh and cannot leave [−1, 1]. So D(x) stays "
        "near 1, whatever G draws.",
    ),
}

PATIENTS = (HEALTHY, *FAULTS)
