"""The verdict: findings, ranked by what was seen, each with its evidence and its next test."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gan_lesson.diagnosis.rules import (
    ACQUITTED_BY,
    GIVE,
    HEALTHY,
    MOST_BY_CURVES,
    NEXT_TESTS,
    PART_OF,
    TEMPERATURES,
    UNSEEN,
    WEIGHTS,
    explained,
    not_looked_at,
    scores,
)
from gan_lesson.diagnosis.signs import RANKS, READ, Sign

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gan_lesson.diagnosis.kept import Kept

NAMED = 0.05  # certainty from which on a finding is printed


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
    """Findings, the likeliest first; `print` shows those from 5 % on, a notebook a picture too.

    Attributes:
        findings: one for each diagnosis that is possible, ranked.
        signs: how plainly each sign was seen, from 0 to 1.
        not_examined: what could not be looked at, why, and what to hand over: a line each.
        separates: what to hand over so that the findings that are left are told apart, a line each.
        measures: the number that each sign was judged by, before its threshold.
        kept: the curves and a few samples, for the picture.
    """

    findings: tuple[Finding, ...]
    signs: Mapping[str, float]
    not_examined: tuple[str, ...] = ()
    separates: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)
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
            if finding is self.findings[0] or finding.certainty >= NAMED:
                name = "looks healthy" if finding.name == HEALTHY else finding.name
                lines.append(f"{finding.certainty:4.0%}  {name} ({finding.rank})")
                lines += [f"      sees: {text}" for text in finding.evidence]
                lines.append(f"      next: {finding.next_test}")
        lines += [f"Still possible? {told}" for told in self.separates]
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
    measures = {sign.name: sign.value for sign in signs}
    looked = known(signs)
    seen = explained({sign.name: sign.strength for sign in signs})
    signs = [sign._replace(strength=seen[sign.name]) for sign in signs]
    missing = not_looked_at(looked)
    sure = certainties(scores(looked), missing)
    findings = []
    for name, certainty in sorted(sure.items(), key=lambda item: -item[1]):
        speaks = _evidence(name, signs)
        surest = min((sign.rank for sign in speaks), key=RANKS.index, default=READ)
        told = tuple(sign.told for sign in speaks)
        findings.append(Finding(name, certainty, told, _next(name, seen), surest))
    separates = _separates(sure, missing)
    return Diagnosis(tuple(findings), seen, tuple(not_examined), separates, measures)


def known(signs: Sequence[Sign]) -> dict[str, float]:
    """Return the strengths that rules are asked with: explained, and without what acquits nobody.

    A sign that could acquit, but could not be measured, acquits of nothing.
    """
    acquitting = {name for names in ACQUITTED_BY.values() for name in names}
    unknown = {sign.name for sign in signs if sign.name in acquitting and math.isnan(sign.value)}
    seen = explained({sign.name: sign.strength for sign in signs})
    return {name: strength for name, strength in seen.items() if name not in unknown}


def certainties(
    found: Mapping[str, float], missing: Sequence[str], temperature: float | None = None
) -> dict[str, float]:
    """Return how sure each finding is, by scores; of health no more than curves alone can tell.

    The first is as sure as in a softmax of all scores over the temperature; what is left is shared
    by the others as in a softmax at temperature 1, or at that one if it is higher, so that they
    stay behind it and are not passed over.

    Args:
        found: scores by finding.
        missing: parts that were not looked at.
        temperature: instead of that of `TEMPERATURES`.
    """
    temperature = TEMPERATURES[len(missing)] if temperature is None else temperature
    sure = _softmax(found, max(1.0, temperature))
    first = max(found, key=found.get)
    certainty = _softmax(found, temperature)[first]
    others = sum(c for name, c in sure.items() if name != first) or 1.0
    left = (1 - certainty) / others
    sure = {name: certainty if name == first else c * left for name, c in sure.items()}
    curves_alone = len(missing) == len(PART_OF)
    if curves_alone and sure.get(HEALTHY, 0.0) > MOST_BY_CURVES:
        others = {n for part in missing for n in UNSEEN[part] if n in sure}
        left = sum(sure[n] for n in others)
        spare = sure[HEALTHY] - MOST_BY_CURVES
        sure |= {n: sure[n] + spare * sure[n] / left for n in others}
        sure[HEALTHY] = MOST_BY_CURVES
    return sure


def _softmax(found: Mapping[str, float], temperature: float) -> dict[str, float]:
    top = max(found.values())
    powers = {name: math.exp((s - top) / temperature) for name, s in found.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


def _separates(sure: Mapping[str, float], missing: Sequence[str]) -> tuple[str, ...]:
    """Return what would tell apart the findings that are left, a line for each missing part."""
    lines = []
    for part in missing:
        names = [n for n in sorted(sure, key=sure.get, reverse=True) if n in UNSEEN[part]]
        names = [n for n in names if sure[n] >= NAMED]
        if names:
            lines.append(f"{GIVE[part]}: that shows or rules out {', '.join(names)}")
    return tuple(lines)


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
