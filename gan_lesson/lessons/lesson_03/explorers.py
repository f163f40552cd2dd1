"""Explorers of lesson 03: two densities and D*, a fit from samples, and a duel."""

import time
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib.patches import Rectangle

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import slider, toggle_buttons
from gan_lesson.lessons.kit.explorer import DOUBLE_CLICK, Explorer
from gan_lesson.lessons.kit.words import signed
from gan_lesson.lessons.mathematics.bce import sigmoid
from gan_lesson.lessons.mathematics.divergence import (
    bayes_accuracy,
    d_star_logit,
    jensen_shannon_divergence,
    mixture_density,
    normal_density,
    value_on_grid,
)
from gan_lesson.lessons.mathematics.value import LOG_4
from gan_lesson.live import LivePanel

# The grid of all integrals: wide enough for the farthest density, fine enough for the narrowest.
X = np.linspace(-30.0, 34.0, 3201)
DX = 0.02

INK = "#333333"


BESIDE_EACH_OTHER = {"width": "auto", "margin": "2px 12px 2px 2px"}


def legend_above(axes, handles: list) -> None:
    """Put the legend above the axes, where no curve that moves can run through it."""
    axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2, borderaxespad=0.1
    )


def _mark_one_half(axes) -> None:
    """Name 0, ½ and 1 beside the axis, where no curve can run through a name; line at ½."""
    axes.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    axes.axhline(0.5, color=plots.REFERENCE, linewidth=1.0, linestyle="--", zorder=1)


class _TwoPlayers(Explorer):
    """A panel with both densities, D below them, and what D's value consists of at the side.

    `is_best` says that the D shown is always the best one: then there is no second curve, and no
    bar for a regret, which is 0.
    """

    # Where the axis of V may end, in nats, each with its ticks: it doubles when D is very wrong.
    bottoms = (
        (-2.0, (-2, -1, 0)),
        (-3.5, (-3, -2, -1, 0)),
        (-7.0, (-6, -4, 0)),
        (-14.0, (-12, -8, -4, 0)),
        (-28.0, (-24, -16, -8, 0)),
    )

    def __init__(
        self, x_from: float, x_to: float, name_of_d: str, name_of_best: str, is_best: bool = False
    ):
        self._seen = np.flatnonzero((x_from <= X) & (x_to >= X))[::4]
        self.panel = LivePanel(8.4, 4.2)
        with plots.lesson_style():
            grid = self.panel.figure.add_gridspec(2, 2, width_ratios=[11, 4])
            above = self.panel.figure.add_subplot(grid[0, 0])
            below = self.panel.figure.add_subplot(grid[1, 0], sharex=above)
            account = self.panel.figure.add_subplot(grid[:, 1])
            above.set(xlim=(x_from, x_to), ylim=(0, 0.9), ylabel="density\n(per unit x)")
            above.tick_params(labelbottom=False)
            below.set(ylim=(-0.03, 1.03), xlabel="x", ylabel="D(x)\n(probability)")
            _mark_one_half(below)
            self._draw_densities(above)
            self._draw_d(below, name_of_d, name_of_best, is_best)
            self._draw_account(account, is_best)

    def _draw_densities(self, axes) -> None:
        handles = []
        self._curves = []
        for colour, name in ((plots.REAL, "p_data, real"), (plots.GENERATED, "p_g, generated")):
            zeros = np.zeros_like(X[self._seen])
            fill = axes.fill_between(X[self._seen], zeros, zeros, color=colour, alpha=0.25, lw=0)
            line = axes.plot([], [], color=colour, label=name)[0]
            handles.append(line)
            self._curves.append((fill, line))
            self.panel.moving([fill, line])
        legend_above(axes, handles)

    def _draw_d(self, axes, name_of_d: str, name_of_best: str, is_best: bool) -> None:
        green = plots.DISCRIMINATOR
        self._d = axes.plot([], [], color=green, linewidth=2.8, label=name_of_d)[0]
        self._best = axes.plot([], [], "--", color=INK, linewidth=1.3, label=name_of_best)[0]
        self._best.set_visible(not is_best)
        self.panel.moving([self._d, self._best])
        legend_above(axes, [self._d] if is_best else [self._d, self._best])

    def _draw_account(self, axes, is_best: bool) -> None:
        axes.set(xlim=(0, 2), ylabel="V (nats)")
        bars = ["2 JSD"] if is_best else ["2 JSD", "regret"]
        axes.set_xticks([0.5, 1.5][: len(bars)], bars)
        axes.grid(False)
        axes.axhline(-LOG_4, color=plots.REFERENCE, linewidth=1.0, linestyle="--", zorder=1)
        self._account = axes
        self._set_bottom(0)
        # As in lesson 05: orange is how far G is from its best, green how far D is from its own.
        self._gain = axes.add_patch(Rectangle((0.12, -LOG_4), 0.76, 0.0, color=plots.GENERATED))
        self._regret = axes.add_patch(Rectangle((1.12, 0.0), 0.76, 0.0, color=plots.DISCRIMINATOR))
        self._level = axes.plot([0.05, 1.95], [0, 0], color=INK, linewidth=2.0)[0]
        self._level_name = axes.text(1.5, 0, "", ha="center", va="top", fontsize=11, color=INK)
        self._level_name.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0})
        self.panel.moving([self._gain, self._regret, self._level, self._level_name])

    def _set_bottom(self, index: int) -> None:
        """Let the axis of V reach down to one of `bottoms`, and say that axes have changed."""
        self._bottom, ticks = self.bottoms[index]
        names = [f"−{-t}" if t else "0" for t in ticks]
        self._account.set_ylim(self._bottom, 0.0)
        self._account.set_yticks([*ticks, -LOG_4], [*names, "−log 4"])
        self.panel.invalidate()

    def _show(self, p_data: np.ndarray, p_g: np.ndarray, logits: np.ndarray, name: str) -> dict:
        """Draw two densities and D; return JSD, the best V, D's V and the difference, in nats."""
        best = d_star_logit(p_data, p_g)
        numbers = {
            "jsd": jensen_shannon_divergence(p_data, p_g, DX),
            "best": value_on_grid(best, p_data, p_g, DX),
            "value": value_on_grid(logits, p_data, p_g, DX),
        }
        numbers["regret"] = numbers["best"] - numbers["value"]
        x = X[self._seen]
        for (fill, line), density in zip(self._curves, (p_data, p_g), strict=True):
            fill.set_data(x, np.zeros_like(x), density[self._seen])
            line.set_data(x, density[self._seen])
        self._best.set_data(x, sigmoid(best[self._seen]))
        self._d.set_data(x, sigmoid(logits[self._seen]))
        self._gain.set_height(numbers["best"] + LOG_4)
        self._regret.set_y(numbers["value"])
        self._regret.set_height(numbers["regret"])
        at = numbers["value"]
        fits = [k for k, (bottom, _) in enumerate(self.bottoms) if at > 0.92 * bottom]  # its name
        index = fits[0] if fits else len(self.bottoms) - 1
        if self._bottom != self.bottoms[index][0]:
            self._set_bottom(index)
        self._level.set_ydata([at, at])
        self._level_name.set_position((1.5, at + 0.02 * self._bottom))
        self._level_name.set_text(f"{name} {signed(numbers['value'])}")
        return numbers


class DensitiesExplorer(_TwoPlayers):
    """Two densities, the best discriminator between them, and what it can reach.

    Args:
        mean: centre of p_g to start from, between -4 and 8.
        sd: standard deviation of p_g, or of each of its bumps, between 0.45 and 3.
        prior: share of real samples that D meets, between 0.1 and 0.9; None for a balanced batch
            without a slider for the share.
        real: "one bump", N(0, 1), or "two bumps", at ±1.5 with standard deviation 0.6.
        generated: "one bump" at `mean`, or "two bumps" at `mean` ± 1.5.
    """

    def __init__(
        self,
        mean: float = 2.0,
        sd: float = 1.0,
        prior: float | None = None,
        real: str = "one bump",
        generated: str = "one bump",
    ):
        balanced = prior is None
        names = ("D*", "") if balanced else ("best D at your π", "best D at π = ½")
        super().__init__(-6.0, 10.0, *names, is_best=balanced)
        shapes = ["one bump", "two bumps"]
        self.real, self.generated = (
            toggle_buttons(
                [(f"{whose}: {shape}", shape) for shape in shapes], now, 144, BESIDE_EACH_OTHER
            )
            for whose, now in (("data", real), ("G", generated))
        )
        self.mean = slider("p_g mean", mean, -4.0, 8.0, 0.1)
        self.sd = slider("p_g sd", sd, 0.45, 3.0, 0.05)
        self.prior = None if balanced else slider("π, real", prior, 0.1, 0.9, 0.05)
        controls = [self.real, self.generated, self.mean, self.sd, self.prior]
        self.assemble([control for control in controls if control])

    def densities(self) -> tuple[np.ndarray, np.ndarray]:
        """Return p_data and p_g on the grid `X`, each of shape (3201,), per unit of x."""
        pair = []
        for shape, mean, sd, bump_sd in (
            (self.real.value, 0.0, 1.0, 0.6),
            (self.generated.value, self.mean.value, self.sd.value, self.sd.value),
        ):
            if shape == "one bump":
                pair.append(normal_density(X, mean, sd))
            else:
                centres, sds = [mean - 1.5, mean + 1.5], [bump_sd, bump_sd]
                pair.append(mixture_density(X, centres, sds, [0.5, 0.5]))
        return pair[0], pair[1]

    def redraw(self) -> None:
        """Compute the best D at the chosen prior, JSD, V and accuracy, and show them."""
        p_data, p_g = self.densities()
        prior = self.prior.value if self.prior else 0.5
        at = f" at π = {prior:.2f}" if self.prior else ""
        numbers = self._show(p_data, p_g, d_star_logit(p_data, p_g, prior), "V")
        right = bayes_accuracy(p_data, p_g, DX, prior)
        told = (
            f"JSD is {numbers['jsd']:.3f} nats, so the orange bar, 2 JSD, is "
            f"{2 * numbers['jsd']:.3f} high. The best V is −log 4 + 2 JSD = "
            f"{signed(numbers['best'], 3)}. Whoever guesses the likelier origin{at} "
            f"is right on {100 * right:.1f} % of the samples."
        )
        if abs(prior - 0.5) > 1e-9:
            told += (
                f" The best D at this π has V = {signed(numbers['value'], 3)}, which is "
                f"{numbers['regret']:.3f} too low."
            )
        self.say(told)
        self.panel.redraw(
            f"Above, the densities of the real data ({self.real.value}) and of G "
            f"({self.generated.value}, mean {signed(self.mean.value)}, sd {self.sd.value:.2f}); "
            f"below, the best D{at}. JSD is {numbers['jsd']:.3f} and the best V is "
            f"{signed(numbers['best'])} nats."
        )


class LogisticExplorer(Explorer):
    """Logistic regression fitted live on samples of both sides, laid over D*.

    Real samples come from N(0, 1), generated ones from N(m, 1); nothing is regularised.

    Args:
        mean: m to start from, between 0 and 6.
        n: samples of each side, one of `sizes`.
        draw: which draw of samples to start from, 1 to 20.
    """

    sizes = (10, 20, 50, 100, 200, 500)

    def __init__(self, mean: float = 2.0, n: int = 50, draw: int = 1):
        from sklearn.linear_model import LogisticRegression  # a second, so only where needed

        self._model = LogisticRegression(C=np.inf, max_iter=500)
        self._seen = np.flatnonzero((X >= -5) & (X <= 10))[::2]
        self.panel = LivePanel(8.0, 3.6)
        with plots.lesson_style():
            self._draw(self.panel.figure.subplots())
        self.mean = slider("p_g mean", mean, 0.0, 6.0, 0.1)
        self.n = widgets.SelectionSlider(options=self.sizes, value=n, description="n, each")
        self.draw = widgets.IntSlider(value=draw, min=1, max=20, description="draw")
        self.assemble([self.mean, self.n, self.draw])

    def _draw(self, axes) -> None:
        axes.set(xlim=(-5, 10), ylim=(-0.18, 1.18), xlabel="x", ylabel="D(x) (probability)")
        _mark_one_half(axes)
        dots = {"markersize": 6, "alpha": 0.45, "markeredgewidth": 0}
        curves = [
            ("o", plots.REAL, "real samples, label 1", dots),
            ("o", plots.GENERATED, "generated samples, label 0", dots),
            ("-", plots.DISCRIMINATOR, "D, fitted to the samples", {"linewidth": 2.8}),
            ("--", INK, "D*, from the densities", {"linewidth": 1.3}),
        ]
        lines = [axes.plot([], [], s, color=c, label=n, **k)[0] for s, c, n, k in curves]
        *self._rugs, self._fit, self._best = self.panel.moving(lines)
        axes.legend(loc="center right", bbox_to_anchor=(1.0, 0.68))

    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Return real and generated samples, each of shape (n,): the same for the same draw."""
        rng = np.random.default_rng(self.draw.value)
        noise = rng.standard_normal((2, max(self.sizes)))[:, : self.n.value]
        return noise[0], noise[1] + self.mean.value

    def fit(self, x_real: np.ndarray, x_fake: np.ndarray) -> tuple[float, float]:
        """Return a and b of the most likely logit a + b x, by scikit-learn; under 10 ms."""
        x = np.concatenate([x_real, x_fake])[:, None]
        y = np.repeat([1, 0], [len(x_real), len(x_fake)])
        self._model.fit(x, y)
        return float(self._model.intercept_[0]), float(self._model.coef_[0, 0])

    def redraw(self) -> None:
        """Draw samples, fit the line in the logit, and compare with D*."""
        mean = self.mean.value
        x_real, x_fake = self.samples()
        a, b = self.fit(x_real, x_fake)
        p_data, p_g = normal_density(X), normal_density(X, mean)
        best, fitted = d_star_logit(p_data, p_g), a + b * X
        lost = value_on_grid(best, p_data, p_g, DX) - value_on_grid(fitted, p_data, p_g, DX)
        spread = 0.05 * np.sin(7.0 * np.arange(self.n.value))  # so that dots do not cover dots
        for rug, x, height in zip(self._rugs, (x_real, x_fake), (1.09, -0.09), strict=True):
            rug.set_data(x, height + spread)
        self._best.set_data(X[self._seen], sigmoid(best[self._seen]))
        self._fit.set_data(X[self._seen], sigmoid(fitted[self._seen]))
        zero = int(np.flatnonzero(np.isclose(X, 0.0))[0])
        truth = f"{signed(best[zero])} + ({signed(-mean)}) x"
        told = (
            f"The fitted logit is {signed(a)} + ({signed(b)}) x, and that of D* is {truth}. On "
            f"the true densities the fitted D's V is {max(lost, 0.0):.3f} nats below the best."
        )
        self.say(told)
        self.panel.redraw(
            f"D fitted on {self.n.value} real samples of N(0, 1) and {self.n.value} generated ones "
            f"of N({mean:.1f}, 1), over D*. {told}"
        )


class DuelExplorer(_TwoPlayers):
    """Two learners, one keyboard: D sets the line a + b x of its logit, G its mean and sd.

    Whoever's turn it is moves two sliders and keeps the round; the turn passes on.

    Args:
        a: D's logit at x = 0 to start from, between -6 and 6.
        b: slope of D's logit, between -3 and 3.
        mean: mean of p_g, between -4 and 4.
        sd: standard deviation of p_g, between 0.45 and 3.
    """

    shown_rounds = 8
    columns = ("round", "moved", "a", "b", "mean", "sd", "V", "G pays D", "D's regret")

    def __init__(self, a: float = 0.0, b: float = 0.0, mean: float = 3.0, sd: float = 1.0):
        super().__init__(-8.0, 8.0, "D", "D*, if shown")
        self.rounds: list[dict] = []
        self._kept_at = -DOUBLE_CLICK
        self.turn = toggle_buttons([("D plays", "D"), ("G plays", "G")], "D", 92, BESIDE_EACH_OTHER)
        self.a = slider("D: a", a, -6.0, 6.0, 0.1)
        self.b = slider("D: b", b, -3.0, 3.0, 0.05)
        self.mean = slider("G: mean", mean, -4.0, 4.0, 0.1)
        self.sd = slider("G: sd", sd, 0.45, 3.0, 0.05)
        self.help = widgets.Checkbox(value=False, description="show D*", indent=False)
        self.keep = widgets.Button(description="Keep this round")
        self.again = widgets.Button(description="New duel")
        self.table = widgets.HTML()
        self.keep.on_click(self._pressed_keep)
        self.again.on_click(lambda _: self.start_again())
        self.assemble([self.turn, self.a, self.b, self.mean, self.sd, self.help])
        buttons = widgets.HBox([self.keep, self.again])
        self.widget.children = (*self.widget.children, buttons, self.table)
        self._show_table()

    def redraw(self) -> None:
        """Show D's line, G's density, V and D's regret; show the sliders of whose turn it is."""
        for player, sliders in (("D", (self.a, self.b)), ("G", (self.mean, self.sd))):
            for control in sliders:
                control.layout.display = "flex" if self.turn.value == player else "none"
        p_data, p_g = normal_density(X), normal_density(X, self.mean.value, self.sd.value)
        numbers = self._show(p_data, p_g, self.a.value + self.b.value * X, "V")
        self._best.set_visible(self.help.value)
        self._numbers = numbers
        told = (
            f"V = {signed(numbers['value'])}, and the best D would have "
            f"{signed(numbers['best'])}, so D's regret is {numbers['regret']:.3f} nats. "
            f"G is 2 JSD = {2 * numbers['jsd']:.3f} nats away from the data."
        )
        self.say(told)
        self.panel.redraw(
            f"Duel: D's logit is {signed(self.a.value)} + ({signed(self.b.value)}) x, G is "
            f"N({signed(self.mean.value)}, {self.sd.value:.2f}²), the data N(0, 1). {told}"
        )

    def keep_round(self) -> None:
        """Write the round down and pass the turn to the other player."""
        with self.panel.lock:
            self.rounds.append(self._as_it_stands(len(self.rounds) + 1, self.turn.value))
            self._show_table()
            self.turn.value = "G" if self.turn.value == "D" else "D"

    def _as_it_stands(self, number: int, moved: str) -> dict:
        return {
            "round": number,
            "moved": moved,
            "a": self.a.value,
            "b": self.b.value,
            "mean": self.mean.value,
            "sd": self.sd.value,
            "V": self._numbers["value"],
            "G pays D": self._numbers["value"] + LOG_4,
            "D's regret": self._numbers["regret"],
        }

    def _pressed_keep(self, _) -> None:
        """Keep a round, but not two by a double-click: the other player has not moved yet."""
        if time.monotonic() - self._kept_at >= DOUBLE_CLICK:
            self.keep_round()
            self._kept_at = time.monotonic()

    def _moved(self, change) -> None:
        """Redraw; what the click on "Keep this round" has overtaken belongs to that round.

        While the kernel answers one move of a slider, ipywidgets holds back the next, but never
        a click. The turn passes on with the click, and the sliders of whoever had it are hidden.
        """
        with self.panel.lock:
            super()._moved(change)
            last = self.rounds[-1] if self.rounds else None
            theirs = {"D": (self.a, self.b), "G": (self.mean, self.sd)}
            if last and self.turn.value != last["moved"]:
                if change["owner"] in theirs[last["moved"]]:
                    self.rounds[-1] = self._as_it_stands(last["round"], last["moved"])
                    self._show_table()

    def start_again(self) -> None:
        """Forget the rounds; the sliders stay where they are."""
        with self.panel.lock:
            self.rounds.clear()
            self._show_table()
            self.turn.value = "D"

    def _show_table(self) -> None:
        if not self.rounds:
            self.table.value = "<i>No round kept yet. D moves first.</i>"
            return
        cell = 'style="padding:2px 10px;text-align:right"'
        head = "".join(f"<th {cell}>{escape(name)}</th>" for name in self.columns)
        body = ""
        for kept in self.rounds[-self.shown_rounds :]:
            texts = [k if isinstance(k, (int, str)) else signed(k) for k in kept.values()]
            body += "<tr>" + "".join(f"<td {cell}>{escape(str(t))}</td>" for t in texts) + "</tr>"
        paid = signed(sum(kept["G pays D"] for kept in self.rounds))
        self.table.value = (
            f"<table><tr>{head}</tr>{body}</table>"
            f"G has paid D {paid} nats so far, V + log 4 a round ({len(self.rounds)} kept)."
        )
