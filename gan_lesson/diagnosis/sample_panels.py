"""Samples in one small panel, real beside generated: points, pictures, tables or series."""

import math

import numpy as np
from matplotlib.axes import Axes

from gan_lesson import plots

REAL, GENERATED = plots.REAL, plots.GENERATED
COLUMNS, LINES, ACROSS = 6, 5, 4  # of a table, of series of each kind, pictures in a row
WORDS = {"fontsize": 9}


def kind_of(x: np.ndarray) -> str:
    """Say how samples of shape (n, ...) are drawn.

    Returns:
        "numbers" (one each), "points" (two), "pictures", "series" or "table".
    """
    shape = x.shape[1:]
    size = math.prod(shape)
    if size <= 2:
        return "points" if size == 2 else "numbers"
    if len(shape) == 3 and min(shape[1:]) > 1 or len(shape) == 2 and min(shape) >= 8:
        return "pictures"
    if len(shape) > 3:
        return "numbers"
    if len(shape) >= 2:
        return "series"
    if size < 16 or not _neighbours_agree(x):
        return "table"
    return "pictures" if size >= 256 and math.isqrt(size) ** 2 == size else "series"


def _neighbours_agree(x: np.ndarray) -> bool:
    """Tell whether neighbouring columns go together, as those of a series or a flat picture do."""
    centred = x - x.mean()
    spread = float((centred**2).mean())
    return spread > 0 and float((centred[:, 1:] * centred[:, :-1]).mean()) > 0.5 * spread


def draw_samples(axes: Axes, kept) -> str:
    """Draw the samples of a `Kept` on axes; return what they are, in words."""
    first = kept.real if kept.real is not None else kept.fake
    kind = kind_of(first)
    draw = {"numbers": _numbers, "points": _points, "pictures": _pictures, "series": _series}
    parts = [(kept.real, REAL, "real"), (kept.fake, GENERATED, "generated")]
    parts = [(x, colour, name) for x, colour, name in parts if x is not None]
    draw.get(kind, _table)(axes, parts)
    _title(axes, kept, kind, [name for *_, name in parts])
    told = " and ".join(f"{len(x)} {name}" for x, _, name in parts)
    return f"{told} samples, drawn as {'histograms' if kind == 'numbers' else kind}"


def _title(axes: Axes, kept, kind: str, names: list[str]) -> None:
    """Write above the panel which colour is which kind, and of pictures their range."""
    for i, name in enumerate(names):
        text = {"real": "● real", "generated": "× generated"}[name]
        if kind == "pictures":
            low, high = kept.spans["real" if name == "real" else "fake"]
            text = f"{name}, {_short(low, high - low)} to {_short(high, high - low)}"
        elif kind != "points":
            text = {"real": "— real", "generated": "‐ ‐ generated"}[name]
        colour = plots.in_words(REAL if name == "real" else GENERATED)
        axes.text(i / 2, 1.03, text, transform=axes.transAxes, color=colour, **WORDS)


def _short(value: float, span: float) -> str:
    """Return a number with as many digits as a span of numbers needs."""
    digits = 2 - math.floor(math.log10(span)) if 0 < span < math.inf else 3
    return f"{round(value, digits) + 0.0:g}".replace("-", "−")


def _finite(x: np.ndarray) -> np.ndarray:
    return x[np.isfinite(x)]


def _numbers(axes: Axes, parts: list) -> None:
    """Draw one histogram of each kind, in the same bins."""
    every = np.concatenate([_finite(x.ravel()) for x, *_ in parts])
    low, high = (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)
    bins = np.linspace(low, high if high > low else low + 1, 31)
    for x, colour, name in parts:
        x, dashes = _finite(x.ravel()), "-" if name == "real" else "--"
        if x.size:
            axes.hist(x, bins, density=True, histtype="step", color=colour, ls=dashes, lw=1.8)
    axes.set_xlabel("x")
    axes.set_ylabel("density")


def _points(axes: Axes, parts: list) -> None:
    for x, colour, name in parts:
        x = x.reshape(len(x), 2)
        mark = {"marker": "o", "ms": 3.5} if name == "real" else {"marker": "x", "ms": 4}
        axes.plot(*x.T, ls="", color=colour, alpha=0.6, **mark)
    axes.set_xlabel("x₁")
    axes.set_ylabel("x₂")


def _pictures(axes: Axes, parts: list) -> None:
    """Show a square sheet of each kind, the real one first, each on its own scale of grey."""
    sheets = []
    for x, *_ in parts:
        x = _finite_pictures(x)[: ACROSS**2]
        low, high = float(x.min()), float(x.max())
        sheets.append(_sheet((x - low) / max(high - low, 1e-9)))
    height = max(len(sheet) for sheet in sheets)
    for i, sheet in enumerate(sheets):
        left = 0.52 * i  # in widths of the panel
        axes.imshow(sheet, extent=(left, left + 0.48, 0, len(sheet) / height), aspect="auto")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()


def _finite_pictures(x: np.ndarray) -> np.ndarray:
    """Return pictures as (n, channels, height, width) of 1 or 3 channels, NaN as 0."""
    if x.ndim == 2:
        side = math.isqrt(x.shape[1])
        x = x.reshape(len(x), 1, side, side)
    x = x[:, None] if x.ndim == 3 else x
    x = x if x.shape[1] in (1, 3) else x[:, :1]
    return np.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)


def _sheet(x: np.ndarray) -> np.ndarray:
    """Tile pictures from 0 to 1, shape (n, c, h, w); return (rows, columns, 3), gaps white."""
    n, _, height, width = x.shape
    rows = -(-n // ACROSS)
    sheet = np.ones((rows * (height + 1) - 1, ACROSS * (width + 1) - 1, 3), np.float32)
    for i, image in enumerate(x):
        top, left = i // ACROSS * (height + 1), i % ACROSS * (width + 1)
        sheet[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    return sheet


def _series(axes: Axes, parts: list) -> None:
    """Draw the first few series of each kind; of several channels the first."""
    for x, colour, name in parts:
        if x.ndim > 2:  # the longer axis is time
            x = x.reshape(len(x), x.shape[1], -1)
            x = x[:, 0] if x.shape[2] >= x.shape[1] else x[:, :, 0]
        dashes = "-" if name == "real" else "--"
        axes.plot(x[:LINES].T, color=colour, ls=dashes, lw=1.1, alpha=0.8)
    axes.set_xlabel("place in the series")


def _table(axes: Axes, parts: list) -> None:
    """Draw the middle nine tenths of each column, of six at most: those that differ most."""
    flat = [(_without_infinity(x), colour, name) for x, colour, name in parts]
    quantiles = [np.nanquantile(x, (0.05, 0.5, 0.95), axis=0) for x, *_ in flat]
    low, _, high = quantiles[0]
    unit = np.where(high > low, high - low, np.maximum(abs(high), 1.0))
    scaled = [np.nan_to_num((q - low) / unit) for q in quantiles]
    differ = np.abs(scaled[-1] - scaled[0]).sum(axis=0)
    chosen = np.sort(np.argsort(-differ, kind="stable")[:COLUMNS])
    rows = np.arange(len(chosen))
    for i, (q, (_, colour, name)) in enumerate(zip(scaled, flat, strict=True)):
        y, (left, middle, right) = rows + 0.2 - 0.4 * i, q[:, chosen]
        dashes = "-" if name == "real" else "--"
        axes.hlines(y, left, right, color=colour, lw=2.2, ls=dashes)
        axes.plot(middle, y, "o" if name == "real" else "x", color=colour, ms=4.5)
    axes.set_yticks(rows, [str(c + 1) for c in chosen])
    axes.set_ylim(len(chosen) - 0.4, -0.6)
    axes.set_xlabel("middle 90 % (real: 0 to 1)")
    axes.set_ylabel(f"column, {len(chosen)} of {flat[0][0].shape[1]}")


def _without_infinity(x: np.ndarray) -> np.ndarray:
    """Return samples as rows, NaN for infinity, and 0 in a column that holds no number."""
    x = x.reshape(len(x), -1).astype(float)
    x[~np.isfinite(x)] = np.nan
    x[:, np.isnan(x).all(axis=0)] = 0.0
    return x
