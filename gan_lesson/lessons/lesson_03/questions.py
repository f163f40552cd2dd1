"""Questions of lesson 03, the best discriminator."""

import numpy as np

from gan_lesson.lessons.kit.question import ChoiceQuestion, CurveQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, HOLDS, ONLY_IF, claim_on_trial
from gan_lesson.lessons.mathematics.divergence import (
    d_star,
    jensen_shannon_divergence,
    normal_density,
)

PLACES = [-1, 0, 1, 2, 3]


def _jsd_of_normals(mean: float) -> float:
    x = np.linspace(-12, 20, 3201)
    return jensen_shannon_divergence(normal_density(x), normal_density(x, mean), 0.01)


ask_d_star_at_90_percent = NumberQuestion(
    "Of all samples that D meets, 90 % are real. At some x both densities are equal, "
    "p_data(x) = p_g(x). What is the best D(x) there?",
    truth=lambda: float(d_star(0.2, 0.2, prior=0.9)),
    tolerance=0.02,
    low=0.0,
    high=1.0,
    step=0.01,
    why="Equal densities say nothing about the origin, so the share before looking, 0.9, "
    "is also the share after. The answer ½ belongs to a batch of equal halves.",
    name="90-percent-real",
)

ask_curve_of_d_star = CurveQuestion(
    "Real samples come from N(0, 1) and generated ones from N(2, 1), half and half. "
    "How high is the best D(x) at these five places?",
    x=PLACES,
    truth=lambda: d_star(normal_density(PLACES), normal_density(PLACES, 2.0)).tolist(),
    tolerance=0.1,
    low=0.0,
    high=1.0,
    xlabel="x",
    ylabel="best D(x)",
    why="D* is ½ where the densities cross, at x = 1. To the left real samples prevail, and to "
    "the right generated ones do. D* is nowhere exactly 0 or 1, and it is no straight line.",
    name="curve-of-d-star",
)

ask_jsd_far_away = NumberQuestion(
    "At m = 4 the Jensen–Shannon divergence of N(0, 1) and N(m, 1) is 0.633 nats. "
    "What is it at m = 8, twice as far away?",
    truth=lambda: _jsd_of_normals(8.0),
    tolerance=0.02,
    low=0.5,
    high=3.0,
    step=0.01,
    unit="nats",
    why="JSD cannot exceed log 2 = 0.693, and at m = 8 it has nearly reached it. Once D can tell "
    "nearly all samples apart, a longer way between the means hardly helps it.",
    name="jsd-at-8",
)

ask_auc_at_chance_loss = ChoiceQuestion(
    "The discriminator loss, a sum of two means, is 1.386, which is log 4. How well does this "
    "D order real before generated samples? At AUC = ½ its order is no better than chance, and "
    "at AUC = 1 it makes no mistake.",
    ["AUC is about ½", "AUC is a little more than ½", "AUC is 1", "this loss does not tell"],
    truth="this loss does not tell",
    why={
        "AUC is about ½": "The D that always says ½ has this loss and AUC ½. But other D have "
        "the same loss.",
        "AUC is a little more than ½": "Such a D exists, but nothing in the loss asks for it.",
        "AUC is 1": "Such a D exists. But the D that always says ½ has this loss too.",
        "this loss does not tell": "How good the order is and how well the probabilities fit are "
        "two questions. In exercise 2 you build a D with this loss and AUC 1.",
    },
    name="auc-at-1.386",
)

ask_move_against_one_half = ChoiceQuestion(
    "Duel: D's line is a = 0, b = 0, so D says ½ to everything. G wants V to be small. "
    "Where should G move its mean?",
    ["towards the data", "away from the data", "it does not matter"],
    truth="it does not matter",
    why={
        "towards the data": "D does not tell G where the data are, because its slope is 0.",
        "away from the data": "D does not tell G where the data are, because its slope is 0.",
        "it does not matter": "V = log ½ + log ½ = −log 4 for every G. Against this D "
        "no move of G changes V.",
    },
    name="against-one-half",
)

ask_claim_about_overlap = claim_on_trial(
    "“Even the best discriminator, with a network of any size, can be left with a loss well "
    "above 0.”",
    HOLDS,
    why="The best loss is log 4 − 2 JSD, and JSD reaches log 2 only when the densities do not "
    "overlap. No network can say where a sample came from if both origins make it equally often.",
    name="claim-34-overlap",
)

ask_claim_about_winning = claim_on_trial(
    "“When D has been trained to the end and says ½ to every sample, the generator has won.”",
    ONLY_IF,
    why="It holds if D can become D*. A D that can only draw straight lines says ½ to two bells "
    "of one mean and different widths, although it has been trained to its end.",
    name="claim-6-won",
)

ask_claim_about_comparing = claim_on_trial(
    "“The discriminator compares the generated image with the original.”",
    FALSE,
    why="The plain D gives its answer to one sample at a time, and a generated sample has no "
    "original. (Relativistic, packed or batch-statistics discriminators do see several samples.)",
    name="claim-4-compares",
)
