"""Draw on given Axes from arrays: no state, no widget, no torch.

Colours mean roles, everywhere: blue is real, orange is generated, green is D.
"""

import math
import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files

import matplotlib.style
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text

from gan_lesson import checks
from gan_lesson.condensed import condensed
from gan_lesson.loss_families import FAMILIES
from gan_lesson.nearest_image import nearest_image

REAL = "#0072B2"
GENERATED = "#D55E00"
DISCRIMINATOR = "#009E73"
REFERENCE = "#777777"
# On white a line needs a contrast of 3, which all four have, but a word needs 4.5 (WCAG 2).
_IN_WORDS = {GENERATED: "#B34F00", DISCRIMINATOR: "#007858"}

MAX_POINTS = 600  # of a curve; more than its axes are pixels wide cost time and show nothing
LONG = 20_000  # rows; a longer run is drawn from its blocks


def in_words(colour: str) -> str:
    """Return the colour in which words say what lines of `colour` show: dark enough to read."""
    return _IN_WORDS.get(colour, colour)


@contextmanager
def lesson_style() -> Iterator[None]:
    """Make figures created inside the block look as all figures of the lessons do."""
    with matplotlib.style.context(str(files("gan_lesson").joinpath("lesson.mplstyle"))):
        yield


def new_figure(width: float = 7.0, height: float = 3.6, dpi: int = 100) -> Figure:
    """Return an empty figure on an Agg canvas, known to no pyplot; inches and dots per inch."""
    with lesson_style():
        figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def reference_line(axes: Axes, y: float, label: str) -> tuple[Artist, Artist]:
    """Draw a thin horizontal line at `y` with its name above its right end; return both."""
    line = axes.axhline(y, color=REFERENCE, linewidth=1.0, linestyle="--", zorder=1)
    name = axes.annotate(
        label,
        (1.0, y),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color="#555555",
        fontsize=9,
    )
    return line, name


_on_desk: "weakref.WeakKeyDictionary[Artist, dict]" = weakref.WeakKeyDictionary()


def strengthen(figure: Figure, on: bool = True) -> None:
    """Make a figure legible from afar, or as it was: black for grey, short names in legends."""
    for artist in figure.findobj(lambda a: isinstance(a, Text | Line2D)):
        if not on:
            artist.set(**_on_desk.pop(artist, {}))
            continue
        red, green, blue = to_rgb(artist.get_color())
        if red == green == blue and 0 < red < 0.75:  # the lighter ones are the grid's
            _on_desk.setdefault(artist, {})["color"] = artist.get_color()
            artist.set_color("black")
    for legend in figure.findobj(Legend) if on else ():
        for name in legend.get_texts():
            short = re.sub(r"(, (real|generated|best)| \(bars.*)$", "", name.get_text())
            short = {"discriminator": "D", "generator": "G"}.get(short, short)
            if short != name.get_text():
                _on_desk.setdefault(name, {})["text"] = name.get_text()
                name.set_text(short)


def thinned(n: int, most: int = MAX_POINTS) -> np.ndarray:
    """Return at most `most` indices into `n` rows, evenly spread, the last one included."""
    if n <= most:
        return np.arange(n)
    return np.linspace(0, n - 1, most).round().astype(int)  # more than 1 apart, so all differ


def extremes(values: np.ndarray) -> np.ndarray:
    """Return at most MAX_POINTS indices into `values`: the lowest and highest of each stretch.

    A line through them looks as one through all values; no peak is lost. The last index is
    included.
    """
    n = len(values)
    if n <= MAX_POINTS:
        return np.arange(n)
    length = math.ceil(n / ((MAX_POINTS - 1) // 2))
    padded = np.full(length * math.ceil(n / length), np.nan)
    padded[:n] = values
    there = np.isfinite(padded)
    first = length * np.arange(len(padded) // length)
    found = np.full((2, len(first) + 1), n - 1)  # the last row is both lowest and highest
    for rows, pick, worst in zip(found, (np.argmin, np.argmax), (np.inf, -np.inf), strict=True):
        rows[:-1] = first + pick(np.where(there, padded, worst).reshape(-1, length), axis=1)
    found.sort(axis=0)
    rows = found.T.ravel()
    return rows[np.diff(rows, prepend=-1) > 0]


def running_mean(values: np.ndarray, window: int, rows: np.ndarray | None = None) -> np.ndarray:
    """Return the mean of the last `window` values at each place, of fewer at the start.

    Infinite values and NaN are left out; where a window holds nothing else, the mean is NaN.

    Args:
        values: shape (n,).
        window: how many values a mean is of, at least 1.
        rows: the places, shape (m,); all of them if left out.
    """
    finite = np.isfinite(values)
    whole = bool(finite.all())
    numbers = values if whole else np.where(finite, values, 0.0)
    total = np.concatenate([[0.0], np.cumsum(numbers, dtype=float)])
    end = np.arange(1, len(values) + 1) if rows is None else rows + 1
    start = np.maximum(end - window, 0)
    if whole:
        return (total[end] - total[start]) / (end - start)
    count = np.concatenate([[0], np.cumsum(finite)])
    with np.errstate(invalid="ignore"):
        return (total[end] - total[start]) / (count[end] - count[start])


def doubling_limit(value: float, start: float) -> float:
    """Return the smallest start * 2^k that is at least `value`, so that axes seldom change."""
    if not value > start:
        return start
    return start * 2.0 ** math.ceil(math.log2(value / start))


_WITHOUT_NAMES = 0.88  # of an axis; on the rest stand the chance levels' names, free of curves

_CHANCE_NAMES = {0.5: "½", round(math.log(4), 6): "log 4", round(math.log(2), 6): "log 2"}


def _chance_name(level: float) -> str:
    return ("−" if level < 0 else "") + _CHANCE_NAMES.get(round(abs(level), 6), f"{level:g}")


def history_axes(axes_d: Axes, axes_loss: Axes, history, legend: bool = True) -> list[Line2D]:
    """Prepare two axes for the curves of a history; return their lines, still empty.

    Each of the four columns has two lines: pale, every step; strong, the mean of the last
    fiftieth of the run. `update_history` fills them.

    Args:
        axes_d: axes for D's answers: D(x) and D(G(z)) from 0 to 1, or the scores of a family
            that has no probabilities.
        axes_loss: axes for both losses; both axes get the chance levels of the history's family.
        history: a `History`.
        legend: whether the lines are named above each of the axes.
    """
    family = FAMILIES[history.loss]
    real, generated = ("D(x)", "D(G(z))") if family.probability else ("score", "score")
    curves = [
        (axes_d, "d_real", REAL, f"{real}, real"),
        (axes_d, "d_fake", GENERATED, f"{generated}, generated"),
        (axes_loss, "loss_d", DISCRIMINATOR, "discriminator"),
        (axes_loss, "loss_g", GENERATED, "generator"),
    ]
    lines = []
    for axes, name, colour, _ in curves:  # gid tells update_history which column it is
        lines += axes.plot([], [], color=colour, linewidth=0.8, alpha=0.25, gid=f"{name} raw")
    for axes, name, colour, label in curves:
        look = {"color": colour, "ls": "-." if colour == GENERATED else "-"}  # not colour alone
        lines += axes.plot([], [], linewidth=2.0, label=label, gid=f"{name} mean", **look)
    if family.d is not None:
        reference_line(axes_d, family.d, _chance_name(family.d))
    _show_chance_levels(axes_loss, history)
    axes_d.set(ylabel=family.answer, xlabel="step")
    axes_d.set_ylim((-0.02, 1.02) if family.probability else (-1.0, 1.0))
    axes_loss.set_xlabel("step")
    for axes in (axes_d, axes_loss):
        axes.set_xlim(0, 100)
        if legend:  # above the axes: inside it would hide what blitting draws below it
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
    axes_loss.set_ylim(min(0.0, 2 * history.chance_levels.get("loss_g", 0.0)), 2.0)
    return lines


def _show_chance_levels(axes: Axes, history) -> bool:
    """Draw the losses' chance levels unless the axes have them; tell whether they had not.

    They change with the history's conventions, which may be chosen while training.
    """
    levels = history.chance_levels
    wanted = sorted({levels[name] for name in ("loss_d", "loss_g") if name in levels})
    drawn = [a for a in axes.get_children() if str(a.get_gid()).startswith("chance")]
    if {a.get_gid() for a in drawn} == {f"chance {level}" for level in wanted}:
        return False
    for artist in drawn:
        artist.remove()
    for level in wanted:
        for artist in reference_line(axes, level, _chance_name(level)):
            artist.set_gid(f"chance {level}")
    axes.set_ylabel(f"loss ({FAMILIES[history.loss].unit}, {history.losses})")
    return True


def update_history(lines: Sequence[Line2D], history) -> bool:
    """Put a history's rows on the lines of `history_axes`; tell whether axes need drawing anew.

    They do when their limits changed, or the chance levels. At most 600 points a line are
    drawn, every peak among them, and limits grow by doubling. A gap leaves no hole.
    """
    steps = history["step"]
    window = max(1, len(history) // 50)
    for line in lines:
        name, kind = line.get_gid().split()
        _draw_column(line, history, name, 1 if kind == "raw" else window)
    axes_d, axes_loss = lines[0].axes, lines[-1].axes
    end = doubling_limit(steps[-1] / _WITHOUT_NAMES if len(steps) else 0.0, 100.0)
    changed = _show_chance_levels(axes_loss, history)
    old = [(axes.get_xlim(), axes.get_ylim()) for axes in (axes_d, axes_loss)]
    axes_d.set_xlim(0, end)
    axes_loss.set_xlim(0, end)
    if not FAMILIES[history.loss].probability:
        low, high = _range_of(history, ("d_real", "d_fake"))
        axes_d.set_ylim(-doubling_limit(-low, 1.0), doubling_limit(high, 1.0))
    low, high = _range_of(history, ("loss_d", "loss_g"))
    bottom, _ = axes_loss.get_ylim()
    low = -doubling_limit(-low, 0.5) if low < 0 else 0.0
    axes_loss.set_ylim(min(bottom, low), doubling_limit(high, 2.0))
    return changed or old != [(axes.get_xlim(), axes.get_ylim()) for axes in (axes_d, axes_loss)]


def _draw_column(line: Line2D, history, name: str, window: int) -> None:
    """Put a column on a line: each value for a window of 1, else the mean of so many."""
    values, steps = np.asarray(history[name]), history["step"]
    if len(values) > LONG:
        column = condensed(history, name)
        if window == 1:
            rows = column.extremes(MAX_POINTS)
            rows = rows[np.isfinite(values[rows])]
            line.set_data(steps[rows].astype(float), values[rows])
        else:
            rows, means = column.means(window, MAX_POINTS)
            line.set_data(steps[rows].astype(float), means)
        return
    gaps = history.missing(name)
    if gaps.any():
        steps, values = steps[~gaps], values[~gaps]
    rows = extremes(values) if window == 1 else thinned(len(values))
    values = values[rows] if window == 1 else running_mean(values, window, rows)
    line.set_data(steps[rows].astype(float), values)


def _range_of(history, names: Sequence[str]) -> tuple[float, float]:
    """Return the least finite number of these columns and one that 99 of 100 are below.

    Of a long run that one is read from about 10,000 rows of each, evenly spread.
    """
    if len(history) > LONG:
        spread = slice(None, None, 2 * len(history) // LONG)
        numbers = np.concatenate([history[name][spread] for name in names])
        low = min(condensed(history, name).lowest for name in names)
    else:
        numbers, low = np.concatenate([history[name] for name in names]), np.inf
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return 0.0, 0.0
    low = min(low, float(numbers.min()))
    below, rest = divmod(0.99 * (len(numbers) - 1), 1)  # what np.quantile does, in half its time
    ends = [int(below), min(int(below) + 1, len(numbers) - 1)]
    numbers.partition(ends)
    a, b = numbers[ends].astype(float).tolist()
    return low, a + rest * (b - a)


def describe_history(history) -> str:
    """Return one sentence that says where the curves of a history stand."""
    if not len(history):
        return "Curves of D(x), D(G(z)) and both losses, still empty: no step has been taken."
    probability = FAMILIES[history.loss].probability
    names = {
        "d_real": "D(x) =" if probability else "score of real samples",
        "d_fake": "D(G(z)) =" if probability else "of generated ones",
        "loss_d": "discriminator loss",
        "loss_g": "generator loss",
    }
    told = []
    for name, words in names.items():
        gaps = history.missing(name)[::-1]
        # the last row that has a number, counted from the end
        back = int(gaps.argmin()) if gaps[0] else 0
        if not gaps[back]:
            told.append(f"{words} {shown(float(history[name][-1 - back]))}")
    return f"Curves after step {history.last.step:,}: {', '.join(told)}, in this step alone."


def shown(value: float, digits: int = 2) -> str:
    """Return a number with so many decimals, and what rounds to zero without a sign."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def plot_history(history, figure: Figure | None = None) -> Figure:
    """Draw D's answers and both losses of a history, with chance levels; extra columns below.

    Args:
        history: a `History`, or whatever `old_runs.as_history` makes one of.
        figure: where to draw, without axes; a new one if left out.

    Returns:
        The figure; `figure.savefig(path)` writes it.

    Raises:
        ValueError: the figure has axes already; `compare` draws several runs.
    """
    history = _as_history(history)
    rows = -(-len(history.extras) // 2)
    figure = figure or new_figure(9.0, 3.2 + 1.8 * rows)
    if figure.axes:
        raise ValueError("the figure has axes already; plots.compare draws several runs")
    with lesson_style():
        axes = axes_below(figure, rows)
        update_history(history_axes(*axes[0], history), history)
        update_extras(extra_axes(axes[1:].ravel(), history.extras), history)
    return figure


def axes_below(figure: Figure, rows: int) -> np.ndarray:
    """Return axes, shape (1 + rows, 2): two for a history, lower ones for further columns."""
    return figure.subplots(1 + rows, 2, squeeze=False, height_ratios=[1.7] + [1] * rows)


def extra_axes(axes: Sequence[Axes], names: Sequence[str]) -> list[Line2D]:
    """Prepare axes for further columns by name; return their lines. Axes left over are hidden."""
    lines = []
    for panel, name in zip(axes, names, strict=False):
        lines += panel.plot([], [], color="#333333", linewidth=1.2, gid=f"{name} extra")
        panel.set(xlabel="step", ylabel=name, xlim=(0, 100))
    for panel in axes[len(names) :]:
        panel.set_axis_off()
    return lines


def update_extras(lines: Sequence[Line2D], history) -> bool:
    """Put further columns on the lines of `extra_axes`; tell whether limits changed."""
    steps = history["step"]
    changed = False
    for line in lines:
        name = line.get_gid().removesuffix(" extra")
        _draw_column(line, history, name, 1)
        old = line.axes.get_xlim(), line.axes.get_ylim()
        low, high = _range_of(history, (name,))
        shown_low, shown_high = old[1]
        if low < shown_low or high > shown_high or old[0] == (0.0, 100.0):
            room = 0.15 * (high - low) or abs(high) or 1.0
            line.axes.set_ylim(low - room, high + room)
        end = doubling_limit(steps[-1] if len(steps) else 0.0, 100.0)
        line.axes.set_xlim(0, end)
        changed |= old != (line.axes.get_xlim(), line.axes.get_ylim())
    return changed


RUN_STYLES = (("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#444444", ":"))


def compare(histories: Mapping[str, object], figure: Figure | None = None) -> Figure:
    """Draw several runs in one figure: a panel a column, a colour and a dash pattern a run.

    The pale line is every step, the strong one the mean of the last fiftieth of the run. A panel
    has the chance level if all runs share it.

    Args:
        histories: {name: `History` or whatever `old_runs.as_history` makes one of}, 1 to 4 runs.
        figure: where to draw, without axes; a new one if left out.

    Raises:
        ValueError: there are no runs or more than four, or the figure has axes.
    """
    runs = {name: _as_history(run) for name, run in histories.items()}
    if not 1 <= len(runs) <= len(RUN_STYLES):
        raise ValueError(f"histories holds {len(runs)} runs; compare draws 1 to {len(RUN_STYLES)}")
    figure = figure or new_figure(9.0, 5.2)
    if figure.axes:
        raise ValueError("the figure has axes already; give an empty one")
    panels = {"d_real": "real", "d_fake": "generated", "loss_d": "loss of D", "loss_g": "loss of G"}
    with lesson_style():
        for axes, (name, title) in zip(figure.subplots(2, 2).ravel(), panels.items(), strict=True):
            for (label, run), (colour, dashes) in zip(runs.items(), RUN_STYLES, strict=False):
                window = max(1, len(run) // 50)
                for alpha, width, of in ((0.25, 0.8, 1), (1.0, 2.0, window)):
                    (line,) = axes.plot(
                        [], [], color=colour, alpha=alpha, linewidth=width, linestyle=dashes
                    )
                    _draw_column(line, run, name, of)
                line.set_label(label)
            families = {FAMILIES[run.loss] for run in runs.values()}
            answers = " / ".join(sorted({f.answer for f in families}))
            axes.set(xlabel="step", ylabel=f"{answers}, {title}" if name[0] == "d" else title)
            axes.relim()
            axes.autoscale_view()
            levels = {run.chance_levels.get(name) for run in runs.values()}
            if len(levels) == 1 and None not in levels:
                reference_line(axes, level := levels.pop(), _chance_name(level))
        handles, labels = figure.axes[0].get_legend_handles_labels()
        columns = max(1, min(len(runs), 100 // (max(map(len, labels)) + 8)))  # 100 letters a row
        figure.legend(handles, labels, loc="outside upper left", ncols=columns)
    return figure


def _as_history(run):
    from gan_lesson.old_runs import as_history  # it needs torch, which nothing else here does

    return run if hasattr(run, "chance_levels") else as_history(run)


def tile(images: np.ndarray, columns: int, gap: int = 2, background: int = 255) -> np.ndarray:
    """Lay images out as one sheet, row by row.

    Args:
        images: uint8, shape (n, height, width).
        columns: images in a row.
        gap: pixels between images.
        background: grey level of gaps and of empty places.

    Returns:
        uint8, shape (rows * (height + gap) - gap, columns * (width + gap) - gap).

    Raises:
        ValueError: no images, a wrong shape, or fewer than one column.
    """
    checks.shape("images", images, "n", "height", "width", least=1)
    checks.count("columns", columns)
    n, height, width = images.shape
    rows = -(-n // columns)
    sheet = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap), background, np.uint8
    )
    for i, image in enumerate(images):
        top, left = (i // columns) * (height + gap), (i % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def digits_sheet(axes: Axes, images: np.ndarray, columns: int, title: str = ""):
    """Show a tiled sheet of digits on `axes`, dark strokes on white; return the AxesImage."""
    sheet = 255 - tile(images, columns, background=0)
    with lesson_style():
        image = nearest_image(axes, sheet, cmap="gray")
        image.set_clim(0, 255)
    axes.set_axis_off()
    axes.set_title(title)
    return image
