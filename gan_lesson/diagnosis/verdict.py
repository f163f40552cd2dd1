"""The verdict: findings, ranked by what was seen, each with its evidence and its next test."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gan_lesson.diagnosis.signs import Sign

HEALTHY = "healthy"

# finding: signs that speak for it (weight), signs that speak against it (negative weight)
WEIGHTS = {
    HEALTHY: {"separated": -3, "far": -2, "few_places": -2, "reversed": -3},
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
    "data range": {"out_of_range": 9, "separated": 1},
}  # fmt: skip
HEALTHY_SCORE = 4.0

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
}


@dataclass(frozen=True)
class Finding:
    """One possible diagnosis.

    Attributes:
        name: "healthy" or the name of a fault.
        certainty: from 0 to 1; all findings of a report add up to 1.
        evidence: what was seen that speaks for it, with numbers.
        next_test: what to do to be surer.
    """

    name: str
    certainty: float
    evidence: tuple[str, ...]
    next_test: str


@dataclass(frozen=True)
class Diagnosis:
    """Findings, the likeliest first; `print` shows those above 5 %."""

    findings: tuple[Finding, ...]
    signs: Mapping[str, float]

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
                lines.append(f"{finding.certainty:4.0%}  {name}")
                lines += [f"      sees: {text}" for text in finding.evidence]
                lines.append(f"      next: {finding.next_test}")
        return "\n".join(lines)


def rank(signs: Sequence[Sign]) -> Diagnosis:
    """Turn signs into certainties: a softmax of weighted sums."""
    seen = {sign.name: sign.strength for sign in signs}
    scores = {
        name: sum(w * seen.get(sign, 0.0) for sign, w in weights.items())
        for name, weights in WEIGHTS.items()
    }
    scores[HEALTHY] += HEALTHY_SCORE
    top = max(scores.values())
    total = sum(math.exp(s - top) for s in scores.values())
    return Diagnosis(
        tuple(
            Finding(name, math.exp(score - top) / total, _evidence(name, signs), _next(name, seen))
            for name, score in sorted(scores.items(), key=lambda item: -item[1])
        ),
        seen,
    )


def _evidence(finding: str, signs: Sequence[Sign]) -> tuple[str, ...]:
    """Return what was seen that speaks for a finding; for health, that nobody is beaten."""
    speaks = {sign for sign, weight in WEIGHTS[finding].items() if weight > 0}
    if finding == HEALTHY:
        speaks = {"balanced"}
    return tuple(s.told for s in signs if s.name in speaks and s.strength > 0.2)


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
