"""The rules: which signs speak for and against each finding, and how much.

The score of a finding is its `PRIORS` entry, plus the weights of its signs times their strengths,
plus what `UNSEEN` gives it for each part of the run that was not handed over: what was not looked
at stays possible. A softmax of the scores gives the certainties. Pairs of finding and sign were
chosen by hand; their numbers were fitted on a part of the tuned half of a bank of runs
(tools/make_bank.py), two were set by hand on the rest of it, and all were frozen before the other
half was judged.
"""

from collections.abc import Mapping

HEALTHY = "healthy"

# finding: signs that speak for it (weight), signs that speak against it (negative weight)
WEIGHTS = {
    HEALTHY: {
        "separated": -3.5, "far": -2, "few_places": -3, "reversed": -3.5, "beyond": -4,
        "jumped": -1.5, "wild": -1, "frozen": -1, "d_stands": -2.5, "unlike": -2,
        "answers_apart": -0.5, "g_is_slow": -1.5, "no_way_to_g": -1, "restless": -1,
        "d_stands_still": -4, "answers_reversed": -2.5,
    },
    "shared optimiser": {
        "d_moves_g": 9, "separated": 1, "far": 0.5, "starved": -3, "out_of_range": -6,
        "large_weights": -3, "backlog": -3, "frozen": -0.5, "wild": -0.5,
    },
    "swapped labels": {
        "loss_contradicts": 4.5, "reversed": 4.5, "scores_squashed": -6, "other_way_round": -6,
        "answers_reversed": 2.5, "loss_fits": -4,
    },
    "sigmoid twice": {"scores_squashed": 9.5, "reversed": -3},
    "no zero_grad": {"backlog": 8.5, "restless": 0.5, "wild": 1.5, "frozen": -1, "separated": 1.5},
    "D too strong": {
        "separated": 1.5, "starved": 5.5, "out_of_range": -5.5, "g_is_slow": 5,
        "answers_apart": 1.5, "restless": -1, "wild": -1.5, "jumped": -2, "large_steps": -2.5,
    },
    "learning rate": {
        "large_steps": 7.5, "large_weights": 2.5, "separated": 0.5, "far": 0.5, "not_finite": 3,
        "backlog": -4, "wild": 3, "frozen": 1, "no_way_to_g": 1, "restless": 0.5, "jumped": -3.5,
    },
    "mode collapse": {
        "few_places": 5.5, "separated": -2.5, "far": -1.5, "reversed": -4, "scores_squashed": -3,
        "frozen": -0.5, "jumped": -2,
    },
    "data range": {
        "out_of_range": 9, "ends_at_1": 0.5, "separated": 3, "one_sided": 9, "wild": 1.5,
        "frozen": 1.5,
    },
    "diverged": {"ended_not_finite": 14, "often_not_finite": 9},
    "D is blind": {"blind": 9.5},
    "D does not learn": {
        "never_moved": 8, "answers_alike": 9, "same_rows": 8, "d_stands": 6, "all_stands": 8,
        "d_stands_still": 12, "reversed": 0.5,
    },
    "broke at the end": {"broke": 3.5, "jumped": 5, "wild": -4.5},
    "far from the data": {
        "beyond": 3.5, "far": 2, "backlog": -6, "large_steps": -6, "d_moves_g": -6,
        "separated": -1,
    },
    "loss convention unclear": {"unclear_loss": 12},
    "labels the other way round": {"other_way_round": 12, "separated": -1},
    "one column constant": {"column_stands": 12},
}  # fmt: skip
PRIORS = {
    HEALTHY: 4,
    "shared optimiser": -0.1, "swapped labels": -1.6, "sigmoid twice": -1.4,
    "no zero_grad": -0.8, "D too strong": -0.9, "learning rate": -3.4, "mode collapse": -1.3,
    "data range": -2.7, "D is blind": -4, "D does not learn": -2.1, "broke at the end": 0.7,
    "far from the data": -0.1, "loss convention unclear": 0.1, "labels the other way round": 1.7,
    "one column constant": 0.4,
}  # fmt: skip
# part that was not handed over: findings that stay possible, and by how much
UNSEEN: dict[str, dict[str, float]] = {
    "samples": {
        "mode collapse": 3.3, "data range": 2.6, "far from the data": 1.9, "D too strong": 1.1,
        "one column constant": 1.4, "broke at the end": 0.5,
    },
    "gradients": {"no zero_grad": 2.6},
    "optimisers": {
        "shared optimiser": 1.9, "learning rate": 4.8, "D too strong": 1.6,
        "D does not learn": 1.3,
    },
}  # fmt: skip
# a sign of each part: if it is there, the part was looked at
PART_OF = {"samples": "few_places", "gradients": "backlog", "optimisers": "d_moves_g"}
GIVE = {
    "samples": "give samples=… and real=…",
    "gradients": "give D=… and G=… before zero_grad",
    "optimisers": "give optimizer_d=… and optimizer_g=…",
}
# These are named only where one of their signs was seen, or a part that shows them was not.
ONLY_IF_SEEN = tuple(WEIGHTS)[9:]
# A sign that was looked for and is absent acquits: of this finding nothing is left.
ACQUITTED_BY = {
    "shared optimiser": ("d_moves_g",),
    "learning rate": ("large_steps",),
    "no zero_grad": ("backlog",),
}
# A run that shows one of these as plainly as can be is not healthy, whatever else is well.
NEVER_HEALTHY = (
    "ended_not_finite", "often_not_finite", "blind", "never_moved", "same_rows", "all_stands",
    "broke",
)  # fmt: skip
# What these signs show explains away others: noise is no collapse, equals are no wrong label, a D
# whose answers hardly change although its weights moved is one of two equals, and a softmax that
# gradients which add up drove to its end gives a column that stands.
EXPLAINED_BY = {
    "beyond": ("few_places",),
    "scores_squashed": ("blind",),
    "blind": ("loss_contradicts", "balanced"),
    "d_moved": ("d_stands",),
    "ended_not_finite": ("not_finite", "balanced"),
    "one_sided": ("separated", "few_places", "far", "beyond"),
    "unclear_loss": ("scores_squashed", "loss_contradicts"),
    "other_way_round": ("loss_contradicts", "reversed", "answers_reversed"),
    "backlog": ("column_stands",),
}
# Large weights are no illness: long runs and equalised layers have them, and do well.
SICK = ("separated", "reversed", "far", "beyond", "not_finite", "ended_not_finite", "few_places")
# Scores are divided by it to find how sure the first finding is, by how many parts of the run were
# not looked at. Chosen on runs of cells that no weight was fitted to (`make_bank.py calibrate`):
# there they cost least nats.
TEMPERATURES = (1.2, 0.85, 0.85, 0.9)
MOST_BY_CURVES = 0.6  # certainty of health that curves alone can give

NEXT_TESTS = {
    HEALTHY: "Train a fresh D on these samples: if it separates them, your D was lazy.",
    "shared optimiser": "Compare G's weights before and after D's step: they must be equal.",
    "swapped labels": "Print the label that real samples get in D's step: it must be 1.",
    "sigmoid twice": "Print D's output before the loss: a loss 'with logits' needs values below 0.",
    "no zero_grad": "Print the gradient's norm of one layer in each turn: it must not add up.",
    "D too strong": "Print the norm of G's gradient, then flip the label (non-saturating loss).",
    "learning rate": "Divide both learning rates by 10 and look at the first 100 turns.",
    "mode collapse": "Draw 1,000 samples and count them at each mode or class.",
    "data range": "Print the least and the largest number of a real and of a generated batch.",
    "diverged": "Go back to a state before it, divide the rates by 10, log the gradient's norm.",
    "D is blind": "Print D's logits; if all are large, check its last layers, its input, its loss.",
    "D does not learn": "Train a fresh D on these samples, and print the norm of D's gradient.",
    "broke at the end": "Compare samples from before and after; train on from before, more slowly.",
    "far from the data": "Look at twenty samples, and at the same number of real ones.",
    "labels the other way round": "Hand over 1 − D(x) and 1 − D(G(z)), and look again.",
    "one column constant": "Print the spread of each column, real and generated.",
    "loss convention unclear": "Print loss_d beside −log D(x) − log(1 − D(G(z))) of one batch.",
}


def explained(seen: Mapping[str, float]) -> dict[str, float]:
    """Return the strengths of signs without what others explain away."""
    seen = dict(seen)
    for sign, others in EXPLAINED_BY.items():
        for other in others:
            if other in seen:
                seen[other] *= 1 - seen.get(sign, 0.0)
    if "large_weights" in seen:
        seen["large_weights"] *= max(seen.get(sign, 0.0) for sign in SICK)
    return seen


def not_looked_at(seen: Mapping[str, float]) -> list[str]:
    """Return the parts of a run of which there is no sign."""
    return [part for part, sign in PART_OF.items() if sign not in seen]


def is_possible(finding: str, seen: Mapping[str, float]) -> bool:
    """Tell whether a finding may be named: it was seen if it must be, and is not acquitted."""
    if finding == HEALTHY and any(seen.get(sign, 0.0) >= 1 for sign in NEVER_HEALTHY):
        return False
    if finding in ONLY_IF_SEEN:
        if any(seen.get(sign, 0.0) > 0 for sign, w in WEIGHTS[finding].items() if w > 0):
            return True
        return any(finding in UNSEEN[part] for part in not_looked_at(seen))
    acquitting = ACQUITTED_BY.get(finding, ())
    return not any(sign in seen and seen[sign] == 0 for sign in acquitting)


def scores(seen: Mapping[str, float]) -> dict[str, float]:
    """Return the score of each finding that is possible."""
    missing = not_looked_at(seen)
    return {
        name: PRIORS.get(name, 0.0)
        + sum(w * seen.get(sign, 0.0) for sign, w in weights.items())
        + sum(UNSEEN[part].get(name, 0.0) for part in missing)
        for name, weights in WEIGHTS.items()
        if is_possible(name, seen)
    }
