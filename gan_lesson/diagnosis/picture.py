"""The picture of a report: curves with the moment marked, samples, and the sign that decided."""

import base64
import io
import re
import textwrap
from html import escape

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from gan_lesson import plots
from gan_lesson.diagnosis.moments import told_since
from gan_lesson.diagnosis.sample_panels import draw_samples
from gan_lesson.diagnosis.verdict import HEALTHY, WEIGHTS, Diagnosis

WIDTH, HEIGHT = 6.4, 4.6  # inches
# Words as small as the panels: set before the axes are made, since each change makes ticks anew.
SMALL = {"xtick.labelsize": 8, "ytick.labelsize": 8, "axes.labelsize": 9}
MOST_SIGNS = 5
LOOKED_FOR = ("separated", "reversed", "far", "beyond", "few_places", "out_of_range", "backlog")

# A sign as a picture names it; others are named as they are, without underscores.
SIGNS_IN_WORDS = {
    "balanced": "nobody is beaten",
    "separated": "D far ahead",
    "reversed": "D upside down",
    "loss_contradicts": "loss below its bound",
    "scores_squashed": "sigmoid of a sigmoid",
    "backlog": "old gradients in it",
    "starved": "G is starved",
    "far": "far from real ones",
    "beyond": "beyond the data",
    "out_of_range": "another range",
    "one_sided": "range of one sign",
    "ends_at_1": "G ends at 1",
    "d_moves_g": "D's step moves G",
    "blind": "D says one thing",
    "never_moved": "D has not moved",
    "answers_alike": "D's answers alike",
    "ended_not_finite": "NaN to the end",
    "not_finite": "NaN in it",
    "unclear_loss": "loss of another kind",
    "other_way_round": "1 − D would fit",
    "same_rows": "D's answers equal",
    "d_stands": "D stands still",
    "d_stands_still": "D's weights stand",
    "d_moved": "D has moved",
    "frozen": "D's loss is frozen",
    "jumped": "a curve jumped",
    "wild": "wild losses",
    "answers_reversed": "D ranks upside down",
    "answers_apart": "D tells all apart",
    "lazy_d": "D is lazy",
    "unlike": "unlike real ones",
    "column_stands": "a column is constant",
    "no_way_to_g": "no gradient in G",
    "g_is_slow": "G is slow",
}


def in_words(sign: str) -> str:
    """Return a sign's name as the picture writes it."""
    return SIGNS_IN_WORDS.get(sign, sign.replace("_", " "))


def weighed(report: Diagnosis) -> list[str]:
    """Return the signs that speak for the first finding, the one that decided first."""
    weights = WEIGHTS.get(report.name, {})
    seen = {s: w * report.signs.get(s, 0.0) for s, w in weights.items() if w > 0}
    return sorted((s for s in seen if seen[s] > 0), key=lambda s: -seen[s])


def draw_report(report: Diagnosis) -> Figure:
    """Draw a report's picture: at most four panels; fewer where something was not given."""
    figure = plots.new_figure(WIDTH, HEIGHT)
    figure.set_layout_engine("none")  # places are given: a layout takes longer than the drawing
    kept, signs = report.kept, weighed(report)
    _headline(figure, report, signs)
    with plots.lesson_style(), matplotlib.rc_context(SMALL):
        if kept is not None:
            _curves(figure, kept.run, signs)
        samples = kept is not None and (kept.fake is not None or kept.real is not None)
        if samples:
            axes = figure.add_axes((0.6, 0.5, 0.385, 0.275))
            axes.locator_params(nbins=5)
            draw_samples(axes, kept)
        with matplotlib.rc_context({"axes.grid": False}):
            axes = figure.add_axes((0.765, 0.105 if samples else 0.48, 0.165, 0.24))
        _signs(axes, report, signs)
    return figure


def _headline(figure: Figure, report: Diagnosis, signs: list[str]) -> None:
    """Write the first finding above the picture, and the sentence that decided."""
    figure.text(0.012, 0.985, _named(report), va="top", fontsize=12, fontweight="bold")
    told = report.findings[0].evidence[:1]
    if report.kept is not None and signs and report.kept.told.get(signs[0]):
        told = (report.kept.told[signs[0]],)
    lines = textwrap.wrap(" ".join(told), 96, max_lines=2, placeholder=" …")
    figure.text(0.012, 0.925, "\n".join(lines), va="top", fontsize=9, parse_math=False)


def _named(report: Diagnosis) -> str:
    """Return the first finding, how sure it is, and what it rests on."""
    first = report.findings[0]
    name = "looks healthy" if first.name == HEALTHY else first.name
    return f"{name}, {first.certainty:.0%}, {first.rank}"


def _curves(figure: Figure, run, signs: list[str]) -> None:
    """Draw D's answers and the losses that a run has, and mark when the first sign began."""
    given = [any(len(run[n]) and not run.missing(n).all() for n in pair) for pair in _PAIRS]
    places = [(0.105, 0.48, 0.4, 0.295), (0.105, 0.105, 0.4, 0.24)]
    if sum(given) == 1:  # the one that there is takes both places
        places = [(0.105, 0.105, 0.4, 0.67)] * 2
    panels = [figure.add_axes(place, label=str(i)) for i, place in enumerate(places)]
    lines = plots.history_axes(*panels, run, legend=False)
    plots.update_history(lines, run)
    for axes, there in zip(panels, given, strict=True):
        if not there:
            axes.remove()
            continue
        _fit(axes, run)
        _name_lines(axes)
        axes.locator_params(nbins=5)
    shown = [axes for axes, there in zip(panels, given, strict=True) if there]
    if len(shown) == 2:
        shown[0].set_xlabel("")
        shown[0].tick_params(labelbottom=False)  # the same steps as below
    _mark_moment(shown, run, signs)


_PAIRS = (("d_real", "d_fake"), ("loss_d", "loss_g"))


def _fit(axes, run) -> None:
    """Let the axis end a little after the run, with room for the chance level's name."""
    last = float(run["step"][-1]) if len(run) else 1.0
    axes.set_xlim(0, 1.15 * max(last, 1.0))
    axes.set_ylabel(axes.get_ylabel().replace("units of the score", "score"))
    names = [a for a in axes.texts if str(a.get_gid()).startswith("chance")]
    low, high = axes.get_ylim()
    for below, above in zip(names, names[1:], strict=False):  # in a high panel they would meet
        below.set_visible(above.xy[1] - below.xy[1] > 0.13 * (high - low))
    if len(run) == 1:  # one point is no line
        for line in axes.lines:
            line.set_marker("o")


def _name_lines(axes) -> None:
    """Name the lines that hold something, above the panel; a legend takes thrice as long."""
    named = [li for li in axes.lines if not li.get_label().startswith("_") and len(li.get_xdata())]
    above = {"transform": axes.transAxes, "clip_on": False}
    for left, line in zip((0.02, 0.49), named, strict=False):
        look = {"color": line.get_color(), "ls": line.get_linestyle(), "lw": line.get_linewidth()}
        axes.plot((left, left + 0.075), (1.07, 1.07), label="_name", **look, **above)
        axes.text(left + 0.105, 1.07, line.get_label(), va="center", fontsize=9, **above)


def _mark_moment(panels: list, run, signs: list[str]) -> None:
    """Mark the row since which the first sign that has a moment is there."""
    found = next(((s, m) for s in signs if (m := told_since(s, run))), None)
    if not found or not panels:
        return
    sign, (row, since) = found
    step = float(run["step"][row])
    for axes in panels:
        axes.axvspan(step, axes.get_xlim()[1], color="#E6E6E6", zorder=0)
        axes.axvline(step, color="#333333", linewidth=1.4, linestyle=":")
    axes, alone = panels[0], len(panels) == 1
    beside = {"transform": axes.get_xaxis_transform(), "clip_on": False}
    if not alone:  # between the two panels, where no curve is
        axes.plot([step, step], [-0.14, 0], color="#333333", linewidth=1.4, ls=":", **beside)
    side = "right" if step > 0.5 * axes.get_xlim()[1] else "left"
    words = f" {in_words(sign)} {since} "
    axes.text(step, 1.12 if alone else -0.1, words, ha=side, va="center", fontsize=9, **beside)


def _signs(axes, report: Diagnosis, signs: list[str]) -> None:
    """Draw how plainly the signs were seen; the one that decided stands first and is dark."""
    others = [s for s in LOOKED_FOR if s in report.signs and s not in signs]
    shown = (signs + others)[:MOST_SIGNS]
    strengths = [report.signs[s] for s in shown]
    colours = ["#222222" if s in signs[:1] else "#8A8A8A" for s in shown]
    places = range(len(shown))
    axes.barh(places, strengths, color=colours, height=0.55)
    axes.set(xlim=(0, 1), ylim=(MOST_SIGNS - 0.4, -0.6), xticks=(), yticks=())
    title = "signs; the dark one decided" if signs else "signs that were looked for"
    axes.text(1.4, -0.85, title, ha="right", fontsize=9)
    for x, end in ((0, "absent"), (1, "plain")):  # as text: a tick takes five times as long
        axes.text(x, MOST_SIGNS - 0.3, end, ha="center", va="top", fontsize=9)
    for y, sign, strength in zip(places, shown, strengths, strict=True):
        axes.text(-0.06, y, in_words(sign), ha="right", va="center", fontsize=9)
        axes.text(1.08, y, f"{strength:.2f}", va="center", fontsize=9)


def describe_report(report: Diagnosis) -> str:
    """Return what the picture shows, in words, for those who do not see it."""
    kept, signs = report.kept, weighed(report)
    parts = [f"A diagnosis: {_named(report)}."]
    if kept is not None:
        parts.append(plots.describe_history(kept.run))
        found = next(((s, m) for s in signs if (m := told_since(s, kept.run))), None)
        parts += [f"Marked: {in_words(found[0])} {found[1][1]}."] if found else []
        given = [(kept.real, "real"), (kept.fake, "generated")]
        there = " and ".join(f"{len(x)} {of}" for x, of in given if x is not None)
        parts += [f"Beside them {there} samples."] if there else []
    if signs:
        parts.append(f"The sign that decided: {in_words(signs[0])}.")
    return " ".join(parts)


def as_html(report: Diagnosis) -> str:
    """Return the report for a notebook: its picture, with its description, beside its words."""
    png = _as_png(draw_report(report))
    told = escape(describe_report(report), quote=True)
    data = base64.b64encode(png).decode()
    width, height = round(100 * WIDTH), round(100 * HEIGHT)
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start">'
        f'<img alt="{told}" width="{width}" height="{height}" '
        f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">'
        '<div style="flex:1 1 280px;line-height:1.4;overflow-wrap:anywhere">'
        f"{''.join(map(_line_of_html, str(report).splitlines()))}</div></div>"
    )


def _line_of_html(line: str) -> str:
    """Return a line of the report's words as an element, indented or bold as it was there."""
    style = "margin-left:1.5em" if line.startswith("      ") else "margin-top:6px"
    style += ";font-weight:bold" if re.match(r" *\d+%", line) else ""
    return f'<div style="{style}">{escape(line.strip())}</div>'


def _as_png(figure: Figure) -> bytes:
    """Return a figure as a PNG of 256 colours: a third as long, and sooner done."""
    figure.canvas.draw()  # savefig would draw twice
    pixels = np.ascontiguousarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])
    image = Image.fromarray(pixels).quantize(
        256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    buffer = io.BytesIO()
    image.save(buffer, "png")
    return buffer.getvalue()
