"""Fit the numbers of `gan_lesson.diagnosis.rules` on patients whose cause is known.

Which sign may speak for or against which finding is chosen by hand, and so is the direction. The
fit starts at the rules as they stand and is drawn back to them; it minimises the log-loss of the
true cause in all four views. With curves alone a cause that would not be named costs extra.
"""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bank.judging import VIEWS, signs_again
from gan_lesson.diagnosis import rules

VIEW_COUNTS = {"curves": 1.0, "samples": 0.4, "networks": 0.4, "everything": 1.5}
STEPS, RATE = 600, 0.05
PULL = 2.0  # back to the rules as they stood
NAMED = 0.058  # probability of the true cause by curves below which it costs extra
IMPOSSIBLE = -30.0


class Rules(torch.nn.Module):
    """The numbers of the rules as parameters, at first as they stand, and the scores they give."""

    def __init__(self):
        super().__init__()
        self.findings = list(rules.WEIGHTS)
        self.pairs = [(f, s) for f, signs in rules.WEIGHTS.items() for s in signs]
        self.signs = sorted({s for _, s in self.pairs})
        self.parts = list(rules.PART_OF)
        self.unseen = [(p, f) for p in self.parts for f in rules.UNSEEN[p]]
        self.start = {
            "w": torch.tensor([float(rules.WEIGHTS[f][s]) for f, s in self.pairs]),
            "prior": torch.tensor([float(rules.PRIORS.get(f, 0.0)) for f in self.findings]),
            "u": torch.tensor([float(rules.UNSEEN[p][f]) for p, f in self.unseen]),
        }
        self.direction = torch.sign(self.start["w"])
        for name, value in self.start.items():
            self.register_parameter(name, torch.nn.Parameter(value.clone()))
        place = self.findings.index
        self._at = (
            torch.tensor([place(f) for f, _ in self.pairs]),
            torch.tensor([self.signs.index(s) for _, s in self.pairs]),
        )
        self._missing_at = (
            torch.tensor([self.parts.index(p) for p, _ in self.unseen]),
            torch.tensor([place(f) for _, f in self.unseen]),
        )

    def forward(self, strengths: Tensor, missing: Tensor, possible: Tensor) -> Tensor:
        """Return scores, shape (n, findings)."""
        weights = torch.zeros(len(self.findings), len(self.signs)).index_put(self._at, self.w)
        shape = len(self.parts), len(self.findings)
        unseen = torch.zeros(shape).index_put(self._missing_at, self.u)
        scores = strengths @ weights.T + self.prior + missing @ unseen
        return scores.masked_fill(~possible, IMPOSSIBLE)

    def pull(self) -> Tensor:
        """Return how far the numbers went from where they began."""
        return (
            0.3 * (self.w - self.start["w"]).square().sum()
            + 0.05 * (self.prior - self.start["prior"]).square().sum()
            + 0.05 * (self.u - self.start["u"]).square().sum()
        )

    @torch.no_grad()
    def keep_directions(self) -> None:
        """Hold each weight on its side of 0, and health's prior where it is."""
        self.w[self.direction * self.w < 0] = 0.0
        self.prior[self.findings.index(rules.HEALTHY)] = rules.PRIORS[rules.HEALTHY]


def fit(patients: pd.DataFrame, curves: list[np.ndarray]) -> Rules:
    """Return rules whose numbers fit these patients, and are not far from those that stand."""
    model = Rules()
    seen, cause, view = [], [], []
    for (_, row), rows in zip(patients.iterrows(), curves, strict=True):
        for name in VIEWS:
            strengths = {s.name: s.strength for s in signs_again(row, rows, name)}
            seen.append(rules.explained(strengths))
            cause.append(model.findings.index(row["truth"]))
            view.append(name)
    strengths = torch.tensor([[s.get(name, 0.0) for name in model.signs] for s in seen])
    gone = [rules.not_looked_at(s) for s in seen]
    missing = torch.tensor([[float(part in g) for part in model.parts] for g in gone])
    possible = torch.tensor([[rules.is_possible(f, s) for f in model.findings] for s in seen])
    counts = torch.tensor([VIEW_COUNTS[v] for v in view])
    counts, by_curves = counts / counts.mean(), torch.tensor([v == "curves" for v in view])
    cause, rows = torch.tensor(cause), torch.arange(len(view))
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(STEPS):
        of_cause = torch.log_softmax(model(strengths, missing, possible), dim=1)[rows, cause]
        loss = -(counts * of_cause).mean() + 2 * (np.log(NAMED) - of_cause[by_curves]).relu().mean()
        optimizer.zero_grad()
        (loss + PULL / len(view) * model.pull()).backward()
        optimizer.step()
        model.keep_directions()
    return model


def fitted_rules(model: Rules) -> dict:
    """Return the numbers as the tables of `rules`: weights to 0.5, what stays possible to 0.1."""
    weights = {f: {} for f in model.findings}
    for (finding, sign), value in zip(model.pairs, model.w.tolist(), strict=True):
        weights[finding][sign] = round(2 * value) / 2
    unseen = {part: {} for part in model.parts}
    for (part, finding), value in zip(model.unseen, model.u.tolist(), strict=True):
        unseen[part][finding] = round(value, 1)
    priors = {f: round(x, 1) for f, x in zip(model.findings, model.prior.tolist(), strict=True)}
    return {"WEIGHTS": weights, "PRIORS": priors, "UNSEEN": unseen}
