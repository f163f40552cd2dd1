"""The verdict: findings, ranked by what was seen, each with its evidence and its next test."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gan_lesson.diagnosis.signs import PROVED, READ, SEEN, TESTED, Sign

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gan_lesson.diagnosis.kept import Kept

HEALTHY = "healthy"

# finding: signs that speak for it (weight), signs that speak against it (negative weight)
WEIGHTS = {
    HEALTHY: {"separated": -3, "far": -2, "few_places": -2, "reversed": -3, "beyond": -4},
    "shared optimiser": {
        "d_moves_g": 9, "separated": 3, "far": 3, "starved": -5, "out_of_range": -6,
        "large_weights": -3, "backlog": -3,
    },
    "swapped labels": {"loss_contradicts": 3, "reversed": 4, "scores_squashed": -6},
    "sigmoid twice": {"scores_squashed": 8, "reversed": -3},
    "no zero_grad": {"backlog": 9},
    "D too strong": {"separated": 3, "starved": 5, "out_of_range": -6},
    "learning rate": {
        "large_steps": 9, "large_weights": 5, "separated": 1, "far": 1, "not_finite": 3,
        "backlog": -4,
    },
    "mode collapse": {
        "few_places": 7, "separated": -4, "far": -2, "reversed": -4, "scores_squashed": -3,
    },
    "data range": {"out_of_range": 9, "separated": 1, "one_sided": 9},
    "diverged": {"ended_not_finite": 14},
    "D is blind": {"blind": 10},
    "D does not learn": {"never_moved": 8, "answers_alike": 9},
    "broke at the end": {"broke": 8},
    "far from the data": {"beyond": 6, "backlog": -6, "large_steps": -6, "d_moves_g": -6},
    "loss convention unclear": {"unclear_loss": 4.05},
}  # fmt: skip
HEALTHY_SCORE = 4.0
# These are named only where one of their signs was seen.
ONLY_IF_SEEN = tuple(WEIGHTS)[-6:]
# A sign that was looked for and is absent acquits: of this finding nothing is left.
ACQUITTED_BY = {"shared optimiser": ("d_moves_g",), "learning rate": ("large_steps",)}
# What these signs show explains away others: noise is no collapse, and equals no wrong label.
EXPLAINED_BY = {
    "beyond": ("few_places",),
    "scores_squashed": ("blind",),
    "blind": ("loss_contradicts", "balanced"),
    "ended_not_finite": ("not_finite", "balanced"),
    "one_sided": ("separated", "few_places", "far", "beyond"),
    "unclear_loss": ("scores_squashed", "loss_contradicts"),
}
# Large weights are no illness: long runs and equalised layers have them, and do well.
SICK = ("separated", "reversed", "far", "beyond", "not_finite", "ended_not_finite", "few_places")

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
    "loss convention unclear": "Print loss_d beside −log D(x) − log(1 − D(G(z))) of one batch.",
}


@dataclass(frozen=True)
class Finding:
    """One possible diagnosis.

    Attributes:
        name: "healthy" or the name of a fault.
        certainty: from 0 to 1; all findings of a report add up to 1.
        evidence: what was seen that speaks for it, with numbers.
        next_test: what to do to be surer.
        rank: what the evidence rests on: "proved", "tested", "seen in the samples" or "read from
            the curves"; the strongest of its signs counts.
    """

    name: str
    certainty: float
    evidence: tuple[str, ...]
    next_test: str
    rank: str = READ


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """Findings, the likeliest first; `print` shows those above 5 %, a notebook a picture too.

    Attributes:
        findings: one for each diagnosis that is possible, ranked.
        signs: how plainly each sign was seen, from 0 to 1.
        not_examined: what could not be looked at, why, and what to hand over: a line each.
        kept: the curves and a few samples, for the picture.
    """

    findings: tuple[Finding, ...]
    signs: Mapping[str, float]
    not_examined: tuple[str, ...] = ()
    kept: "Kept | None" = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The likeliest finding."""
        return self.findings[0].name

    @property
    def certainty(self) -> float:
        """How sure it is of the likeliest finding, from 0 to 1."""
        return self.findings[0].certainty

    def __str__(self) -> str:
        lines = []
        for finding in self.findings:
            if finding is self.findings[0] or finding.certainty >= 0.05:
                name = "looks healthy" if finding.name == HEALTHY else finding.name
                lines.append(f"{finding.certainty:4.0%}  {name} ({finding.rank})")
                lines += [f"      sees: {text}" for text in finding.evidence]
                lines.append(f"      next: {finding.next_test}")
        lines += [f"Not examined: {told}" for told in self.not_examined]
        return "\n".join(lines)

    __repr__ = __str__

    def figure(self) -> "Figure":
        """Draw curves with the moment marked, samples, and the sign that decided; nothing before.

        `report.figure().savefig("report.png")` writes it.
        """
        from gan_lesson.diagnosis.picture import draw_report  # here: most reports are only printed

        return draw_report(self)

    def _repr_html_(self) -> str:
        """Return the picture beside the words, for a notebook that shows the report."""
        from gan_lesson.diagnosis.picture import as_html

        return as_html(self)


def rank(signs: Sequence[Sign], not_examined: Sequence[str] = ()) -> Diagnosis:
    """Turn signs into certainties: a softmax of weighted sums over what is possible."""
    seen = {sign.name: sign.strength for sign in signs}
    for sign, others in EXPLAINED_BY.items():
        for other in others:
            if other in seen:
                seen[other] *= 1 - seen.get(sign, 0.0)
    if "large_weights" in seen:
        seen["large_weights"] *= max(seen.get(sign, 0.0) for sign in SICK)
    signs = [sign._replace(strength=seen[sign.name]) for sign in signs]
    scores = {
        name: sum(w * seen.get(sign, 0.0) for sign, w in weights.items())
        for name, weights in WEIGHTS.items()
        if _is_possible(name, seen)
    }
    scores[HEALTHY] += HEALTHY_SCORE
    top = max(scores.values())
    total = sum(math.exp(s - top) for s in scores.values())
    findings = []
    for name, score in sorted(scores.items(), key=lambda item: -item[1]):
        speaks = _evidence(name, signs)
        surest = min((sign.rank for sign in speaks), key=RANKS.index, default=READ)
        told = tuple(sign.told for sign in speaks)
        certainty = math.exp(score - top) / total
        findings.append(Finding(name, certainty, told, _next(name, seen), surest))
    return Diagnosis(tuple(findings), seen, tuple(not_examined))


RANKS = (PROVED, TESTED, SEEN, READ)


def _is_possible(finding: str, seen: Mapping[str, float]) -> bool:
    """Tell whether a finding may be named: it was seen if it must be, and is not acquitted."""
    if finding in ONLY_IF_SEEN:
        return any(seen.get(sign, 0.0) > 0 for sign in WEIGHTS[finding])
    acquitting = ACQUITTED_BY.get(finding, ())
    return not any(sign in seen and seen[sign] == 0 for sign in acquitting)


def _evidence(finding: str, signs: Sequence[Sign]) -> list[Sign]:
    """Return the signs that speak for a finding; for health, that nobody is beaten."""
    speaks = {sign for sign, weight in WEIGHTS[finding].items() if weight > 0}
    if finding == HEALTHY:
        speaks = {"balanced"}
    return [s for s in signs if s.name in speaks and s.strength > 0.2]


def _next(finding: str, seen: Mapping[str, float]) -> str:
    """Return what to do to be surer; for health, also what was not given to be looked at."""
    if finding == HEALTHY and "few_places" not in seen:
        return "Give samples=… and real=…: a collapsed run can have such curves."
    if finding == HEALTHY and "d_moves_g" not in seen:
        return (
            f"{NEXT_TESTS[HEALTHY]} Give optimizer_d=… too: with images a shared one can look "
            "healthy."
        )
    return NEXT_TESTS[finding]
