"""A generator's scores: the scoreboard beside a perfect sampler and noise, and a line of text."""

import math
from html import escape

import numpy as np
import torch
from torch import Tensor

from gan_lesson.data import Mixture
from gan_lesson.metrics import jsd_on_grid, mode_scores, reference_scores
from gan_lesson.player.plane import half_width_of
from gan_lesson.trainer import Trainer

N_SCORED = 2500  # as in the published tables


class Scoreboard:
    """Scores of a generator below those of a perfect sampler and of uniform noise.

    Args:
        data: the set.
        has_modes: whether its centres are modes to count, and not places along a curve.
    """

    def __init__(self, data: Mixture, has_modes: bool = True):
        self.data, self.has_modes = data, has_modes
        self._centres = data.centres.numpy().astype(float)
        self._half = half_width_of(data)
        draw = torch.Generator().manual_seed(0)
        noise = self._half * (2 * torch.rand(N_SCORED, 2, generator=draw) - 1)
        perfect = data.sample(N_SCORED, draw)
        self.rows = {"perfect sampler": self.score(perfect), "uniform noise": self.score(noise)}
        if has_modes:  # means over 20 drawings instead of one
            for name, row in reference_scores(self._centres, data.sd).items():
                self.rows[name] = {**self.rows[name], **row._asdict()}

    def score(self, x: Tensor) -> dict[str, float]:
        """Return the scores of samples, shape (n, 2), by name.

        Samples that are not finite (a diverged generator's) score NaN.
        """
        x = x.numpy()
        names = ("modes", "fair_modes", "high_quality", "reverse_kl", "covariance_ratio")
        if not np.isfinite(x).all():
            return dict.fromkeys((*names, "jsd") if self.has_modes else ("on_set", "jsd"), math.nan)
        jsd = jsd_on_grid(x, self._centres, self.data.sd, half_width=self._half)
        if self.has_modes:
            return {**mode_scores(x, self._centres, self.data.sd)._asdict(), "jsd": jsd}
        near = torch.cdist(torch.from_numpy(x), self.data.centres).amin(dim=1) <= 3 * self.data.sd
        return {"on_set": float(near.float().mean()), "jsd": jsd}

    def table(self, samples: dict[str, Tensor]) -> str:
        """Return an HTML table: each named sample's scores, then the two rows to compare."""
        rows = {name: self.score(x) for name, x in samples.items()} | self.rows
        heads = {
            "modes": f"modes of {len(self._centres)}",
            "fair_modes": "with fair share",
            "high_quality": "high quality",
            "reverse_kl": "reverse KL",
            "covariance_ratio": "covariance ratio",
            "on_set": "within 3 sd of the set",
            "jsd": "JSD",
        }
        columns = list(next(iter(rows.values())))
        lines = ["".join(_CELL.format("th", "left", t) for t in ["", *(heads[c] for c in columns)])]
        for label, row in rows.items():
            cells = [_score_in_words(column, row[column]) for column in columns]
            lines.append("".join(_CELL.format("td", "left", escape(t)) for t in [label, *cells]))
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f'<table style="font-size:15px;border-collapse:collapse">{body}</table>'


_CELL = '<{0} style="text-align:{1};padding:1px 16px 1px 0;font-weight:normal">{2}</{0}>'


def _score_in_words(name: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    if name in ("modes", "fair_modes"):
        return f"{value:.3g}"
    if name in ("high_quality", "on_set"):
        return f"{value:.1%}"
    return f"{value:.3f}"


def scored_samples(trainer: Trainer) -> Tensor:
    """Return 2,500 samples from z of a generator of their own, shape (2500, 2)."""
    z = trainer.G.sample_z(N_SCORED, torch.Generator().manual_seed(2))
    return trainer.sample(z, batch=N_SCORED)


def report(trainer: Trainer) -> None:
    """Print one line: step, modes, fair shares, and how many points lie nearest to each mode."""
    x, data = scored_samples(trainer), trainer.data
    found = mode_scores(x, data.centres, data.sd)
    place = torch.cdist(x, data.centres).argmin(dim=1)
    counts = torch.bincount(place, minlength=len(data.centres)).numpy()
    print(
        f"step {trainer.step:5}: {found.modes} modes, {found.fair_modes} with fair share, "
        f"points nearest to mode 0…{len(counts) - 1}: {counts}"
    )
