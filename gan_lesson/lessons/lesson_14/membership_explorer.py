"""Explorer of lesson 14: who D and G remember, on a logarithmic scale."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import labelled, option_slider, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_14.membership import roc, tpr_at_fpr
from gan_lesson.lessons.lesson_14.recorded import load_members
from gan_lesson.live import LivePanel

MEMBER, OTHER = "#333333", "#8a6d00"  # both are real digits
ALLOWED = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
SCORES = {"D's logit": "d", "nearest sample of G": "g"}
LOOKS = ("-", "--", ":")  # of the three sizes
LEAST = 5e-4  # where the logarithmic axes begin
BINS = np.linspace(-3.5, 3.5, 36)


class MembershipExplorer(Explorer):
    """Scores of members and others, a threshold, and whom it names.

    Args:
        size: members, one of the sizes of `load_members()`.
        score: a name of `SCORES`.
        allowed: share of the others that may be named, one of `ALLOWED`.
    """

    def __init__(self, size: int = 100, score: str = "D's logit", allowed: float = 0.01):
        self._stored = load_members()
        self._sizes = self._stored.sizes.tolist()
        self.panel = LivePanel(9.6, 3.9)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1.1, 1])))
        self.size = toggle_buttons([(f"{n:,} members", n) for n in self._sizes], size)
        self.score = toggle_buttons(list(SCORES), score)
        self.allowed = option_slider("others named", ALLOWED, allowed)
        self.assemble([self.size, self.score, self.allowed])
        rows = [labelled("trained on", self.size), labelled("score", self.score)]
        self.widget.children = (*rows, self.allowed, *self.widget.children[1:])

    def scores(self, size: int, by: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the stored scores of the members and of the others, float64."""
        row = self._sizes.index(size)
        pair = (getattr(self._stored, f"{who}_{by}")[row] for who in ("members", "others"))
        return tuple(x[np.isfinite(x)].astype(float) for x in pair)

    def _draw(self, heaps: Axes, curves: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        (self._members,) = heaps.plot([], [], "-", color=MEMBER, drawstyle="steps-mid",
                                      linewidth=2.2, label="members")  # fmt: skip
        (self._others,) = heaps.plot([], [], "--", color=OTHER, drawstyle="steps-mid",
                                     linewidth=2.0, label="others")  # fmt: skip
        self._line = heaps.axvline(0, color="#333333", linewidth=1.2)
        self._by = heaps.text(-3.5, 0.27, "", fontsize=11)
        heaps.set(xlim=(-3.7, 3.7), ylim=(0, 0.3), ylabel="share of the digits")
        heaps.set_xlabel("score, in sd of the others from their mean")
        heaps.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        chance = np.geomspace(LEAST, 1, 50)
        curves.plot(chance, chance, color=plots.REFERENCE, linewidth=1.0)
        curves.text(0.012, 0.0085, "chance", rotation=38, color="#555555", fontsize=10)
        self._curves = [
            curves.plot([], [], look, color=plots.DISCRIMINATOR, linewidth=1.8,
                        label=f"{n:,}" + " members" * (n == self._sizes[0]))[0]
            for n, look in zip(self._sizes, LOOKS, strict=True)
        ]  # fmt: skip
        (self._dot,) = curves.plot([], [], "o", color="#333333", markersize=10,
                                   markeredgecolor="white")  # fmt: skip
        curves.set(xscale="log", yscale="log", xlim=(LEAST, 1), ylim=(LEAST, 1.2))
        ticks = [0.001, 0.01, 0.1, 1]
        names = ["0.1 %", "1 %", "10 %", "100 %"]
        curves.set_xticks(ticks, names)
        curves.set_yticks(ticks, names)
        curves.minorticks_off()
        curves.set(xlabel="FPR: others named", ylabel="TPR: members named")
        curves.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)
        return [self._members, self._others, self._line, self._by, *self._curves, self._dot]

    def redraw(self) -> None:
        """Put the threshold where the chosen share of the others lies above it."""
        size, by, allowed = self.size.value, SCORES[self.score.value], self.allowed.value
        members, others = self.scores(size, by)
        mean, sd = others.mean(), others.std()
        for line, scores in ((self._members, members), (self._others, others)):
            counts, _ = np.histogram(((scores - mean) / sd).clip(-3.45, 3.45), BINS)
            line.set_data((BINS[:-1] + BINS[1:]) / 2, counts / len(scores))
        threshold = (np.quantile(others, 1 - allowed) - mean) / sd
        self._line.set_xdata([min(threshold, 3.6)] * 2)
        self._by.set_text(f"score: {self.score.value}")
        for line, n in zip(self._curves, self._sizes, strict=True):
            line.set_data(*(np.maximum(share, LEAST) for share in roc(*self.scores(n, by))))
            line.set_alpha(1.0 if n == size else 0.45)
        named = tpr_at_fpr(members, others, allowed)
        self._dot.set_data([allowed], [max(named, LEAST)])
        told = (
            f"{size:,} members, score: {self.score.value}. The threshold names {allowed:.1%} of "
            f"the others, wrongly, and {named:.1%} of the members. AUC "
            f"{self._auc(size, by):.2f} in this run."
        )
        self.say(told)
        self.panel.redraw(
            f"Left the scores ({self.score.value}) of members and others with the threshold, right "
            "shares of both that are named, on logarithmic scales, for three numbers of members. "
            f"{told}"
        )

    def _auc(self, size: int, by: str) -> float:
        """Return the stored AUC of the run that is shown."""
        return float(getattr(self._stored, f"auc_{by}")[self._sizes.index(size), 0])
