"""What each family of GAN losses takes for D's answer, and what a curve shows by chance.

`History(loss="hinge")` and the like draw their axes, names and reference lines from here. With s
for D's score of a sample, E_r for the mean over real and E_f for that over generated ones:

    logistic        loss_d = −E_r log D − E_f log(1 − D); the answer is the probability D
    hinge           loss_d = E_r max(0, 1 − s) + E_f max(0, 1 + s), loss_g = −E_f s
    least_squares   loss_d = E_r (s − 1)² + E_f s², loss_g = E_f (s − 1)²
    wasserstein     loss_d = E_f s − E_r s, loss_g = −E_f s; D is called a critic
    relativistic    loss_d = E_r softplus(−(s − E_f s)) + E_f softplus(s − E_r s), loss_g reversed

The relativistic loss of pairs, E softplus(−(s − s')) with s of a real and s' of a generated
sample, has one mean where the above has two: its chance levels, log 2, and its least values are
those of `losses="mean"`.

Chance is where D cannot tell the two kinds apart. A critic's score has no zero point: adding a
constant to all scores changes nothing, so it has no chance level. Hinge allows any one score from
−1 to 1 there, and 0 is the middle.

Sources: Goodfellow et al. 2014; Lim and Ye 2017; Mao et al. 2017, with a = 0 and b = c = 1;
Arjovsky et al. 2017; Jolicoeur-Martineau 2018.
"""

import math
from typing import NamedTuple


class LossFamily(NamedTuple):
    """How one family is drawn.

    Attributes:
        probability: whether D's answer is a probability; otherwise it is a score.
        answer: what the axis of D's answers is called.
        d: chance level of D's answers, or None.
        loss_d: chance level of D's loss as the sum over its two halves, or None.
        loss_g: chance level of the generator's loss, or None.
        unit: of both losses.
    """

    probability: bool
    answer: str
    d: float | None
    loss_d: float | None
    loss_g: float | None
    unit: str


FAMILIES = {
    "logistic": LossFamily(True, "probability", 0.5, math.log(4), math.log(2), "nats"),
    "hinge": LossFamily(False, "score of D", 0.0, 2.0, 0.0, "units of the score"),
    "least_squares": LossFamily(False, "score of D", 0.5, 0.5, 0.25, "squared score"),
    "wasserstein": LossFamily(False, "score of the critic", None, 0.0, None, "units of the score"),
    "relativistic": LossFamily(False, "score of D", None, math.log(4), math.log(4), "nats"),
}


def chance_levels(loss: str, losses: str, generator_loss: str) -> dict[str, float]:
    """Return the levels of the columns that have one, by the names of a `History`'s columns."""
    family = FAMILIES[loss]
    half = 0.5 if losses == "mean" else 1.0
    of_g = family.loss_g
    if loss == "relativistic":
        of_g *= half  # its generator's loss has two halves as well
    if generator_loss == "saturating":
        of_g = -of_g
    found = {
        "d_real": family.d,
        "d_fake": family.d,
        "loss_d": None if family.loss_d is None else half * family.loss_d,
        "loss_g": of_g,
    }
    return {name: level for name, level in found.items() if level is not None}
