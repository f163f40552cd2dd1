"""Questions of lesson 03, the best discriminator."""

import numpy as np

from gan_lesson.lessons.kit.question import ChoiceQuestion, CurveQuestion, NumberQuestion
from gan_lesson.lessons.kit.verdict import FALSE, claim_on_trial
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
    why="Equal densities say nothing about the origin, so the share before looking, .9, "
    "is also the share after. ½ belongs to a batch of equal halves.",
    name="90-percent-real",
)

ask_curve_of_d_star = CurveQuestion(
    "Real samples come from N(0, 1), generated ones from N(2, 1), half and half. "
    "How high is the best D(x) at these five places?",
    x=PLACES,
    truth=lambda: d_star(normal_density(PLACES), normal_density(PLACES, 2.0)).tolist(),
    tolerance=0.1,
    low=0.0,
    high=1.0,
    xlabel="x",
    ylabel="best D(x)",
    why="½ where the densities cross, at x = 1. To the left real samples prevail, to the "
    "right generated ones; nowhere is D exactly 0 or 1.",
    name="curve-of-d-star",
)

ask_jsd_far_away = NumberQuestion(
    "At m = 4 the Jensen-Shannon divergence of N(0, 1) and N(m, 1) is .633 nats. "
    "What is it at m = 8, twice as far?",
    truth=lambda: _jsd_of_normals(8.0),
    tolerance=0.02,
    low=0.5,
    high=3.0,
    step=0.01,
    unit="nats",
    why="JSD cannot exceed log 2 = .693, and at m = 8 it is almost there: once D can tell "
    "nearly all samples apart, moving farther makes it hardly better.",
    name="jsd-at-8",
)

ask_auc_at_chance_loss = ChoiceQuestion(
    "The discriminator loss (sum of both halves) stands at 1.38, close to log 4. How well can "
    "this D order real before generated samples? AUC = ½: not at all, 1: without a mistake.",
    ["only about ½", "½ or a little more", "anything up to 1", "1 and nothing else"],
    truth="anything up to 1",
    why={
        "only about ½": "That would be so if D were the best response. Nothing says it is.",
        "½ or a little more": "The loss also counts how well D's numbers fit as "
        "probabilities; a bad fit can hide a perfect order.",
        "anything up to 1": "Order and calibration are two things. You will build such a D below.",
        "1 and nothing else": "The D that always says ½ has this loss too, and AUC ½.",
    },
    name="auc-at-1.38",
)

ask_move_against_one_half = ChoiceQuestion(
    "Duel: D's line is a = 0, b = 0, so D says ½ to everything. G wants V small. "
    "Where should G move its mean?",
    ["towards the data", "away from the data", "it does not matter"],
    truth="it does not matter",
    why={
        "towards the data": "G gets told nothing about where the data are: D's slope is 0.",
        "away from the data": "G gets told nothing about where the data are: D's slope is 0.",
        "it does not matter": "V = log ½ + log ½ = −log 4 for every G. Against this D "
        "nothing helps and nothing hurts.",
    },
    name="against-one-half",
)

ask_claim_about_deciding = claim_on_trial(
    "“The discriminator decides whether a sample is real or fake.”",
    FALSE,
    why="It estimates P(real | x) at the batch's share of real samples. A decision adds a "
    "threshold, and the share moves it.",
    name="claim-5-estimates",
)

ask_claim_about_comparing = claim_on_trial(
    "“The discriminator compares the generated image with the original.”",
    FALSE,
    why="The plain D scores one sample at a time, and there is no original. (Relativistic, packed "
    "or batch-statistics discriminators do see several.)",
    name="claim-4-compares",
)

ask_claim_about_the_difference = claim_on_trial(
    "“The discriminator minimises the difference between its predictions on real and on fake.”",
    FALSE,
    why="The reverse: D(x) should be high and D(G(z)) low. It is G that brings them together.",
    name="claim-21-predictions",
)

ask_claim_about_chance_loss = claim_on_trial(
    "“A discriminator loss of 1.386 proves p_g = p_data, or at least that D cannot tell.”",
    FALSE,
    why="Neither. A lazy or badly calibrated D has this loss on samples that nobody could mistake.",
    name="claim-20-chance-loss",
)


ask_claim_about_winning = claim_on_trial(
    "“When D has been trained to the end and outputs ½, the generator has won.”",
    FALSE,
    why="Trained to the end within its class only: a D that can draw nothing but lines says ½ to "
    "two bells of different width.",
    name="claim-6-won",
)
