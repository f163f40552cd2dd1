"""Words that move, painted from pictures of letters that are kept.

Matplotlib 3.11 shapes and renders each word anew, letter by letter, which takes a millisecond: more
than half of some explorers' pictures. Earlier ones, which place whole words on whole pixels, are as
fast as this, and are left to do it.
"""

from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

PHASES = 4  # places between two pixels at which a letter may stand


class Lettering:
    """Stands in for an Agg renderer while a `Text` is drawn: letters are its own, all else is not.

    Args:
        renderer: where to draw.
    """

    def __init__(self, renderer: RendererAgg):
        self.renderer = renderer

    def __getattr__(self, name: str):
        return getattr(self.renderer, name)

    def get_text_width_height_descent(self, s, prop, ismath):
        """Return what Matplotlib says of a string, pixels, from what it said of its letters."""
        font = None if ismath else _font(prop.copy(), self.renderer.dpi)
        if font is None or not font.can_write(s):
            return self.renderer.get_text_width_height_descent(s, prop, ismath)
        return font.size(s)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """Paint `s` from x on, its baseline at y from above; turned or as mathematics by Agg."""
        font = None if ismath or angle else _font(prop.copy(), self.renderer.dpi)
        if font is None or not font.can_write(s):
            self.renderer.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        ink, left, top = font.word(s, x)
        rgba = np.empty((*ink.shape, 4), np.uint8)
        rgba[..., :3] = np.round(255 * np.array(gc.get_rgb()[:3]))
        rgba[..., 3] = ink[::-1]  # Agg counts rows from below
        bottom = self.renderer.height - (round(y) + top + len(ink))
        self.renderer.draw_image(gc, left, bottom, rgba)


class _Font:
    """Letters of one font in one size: how far they reach, and how they look."""

    def __init__(self, prop: FontProperties, dpi: float):
        height = int(prop.get_size_in_points() * dpi / 72) + 1
        self._prop, self._middle = prop, 2 * height
        self._pad = RendererAgg(4 * height, 4 * height, dpi)
        self._measured = lru_cache(maxsize=None)(
            lambda s: self._pad.get_text_width_height_descent(s, prop, False)
        )
        self._step = lru_cache(maxsize=None)(self._measure_step)
        self._picture = lru_cache(maxsize=None)(self._render)
        whole, between = (self._render("1", phase)[0] for phase in (0, PHASES // 2))
        self.fine = whole.shape != between.shape or bool((whole != between).any())

    def can_write(self, s: str) -> bool:
        """Tell whether a string is one plain line, in a font that is placed between pixels."""
        return self.fine and s == s.strip() != "" and s.isprintable()

    def _measure_step(self, letter: str, following: str) -> float:
        """Return how far the second letter starts behind the first, pixels, kerning included."""
        both, one = (self._measured(f"|{s}|")[0] for s in (letter + following, following))
        return both - one

    def _end(self, letter: str) -> float:
        """Return how far a letter's ink reaches, counted from where that of a | ends."""
        return self._measured(f"|{letter}")[0] - self._measured("||")[0]

    def size(self, s: str) -> tuple[float, float, float]:
        """Return width, height and descent of a string's ink, pixels."""
        steps = sum(map(self._step, s, s[1:]))
        start = self._end(s[0]) - self._measured(s[0])[0]
        inked = [self._measured(letter) for letter in s if not letter.isspace()]
        descent = max(d for _, _, d in inked)
        return steps + self._end(s[-1]) - start, max(h - d for _, h, d in inked) + descent, descent

    def _render(self, letter: str, phase: int) -> tuple[np.ndarray, int, int]:
        """Return a letter's ink, uint8, and its corner from the pen: to the right, downwards."""
        self._pad.clear()
        at = self._middle
        self._pad.draw_text(self._pad.new_gc(), at + phase / PHASES, at, letter, self._prop, 0)
        ink = np.asarray(self._pad.buffer_rgba())[..., 3]
        rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return np.zeros((0, 0), np.uint8), 0, 0
        top, left = rows[0], columns[0]
        return ink[top : rows[-1] + 1, left : columns[-1] + 1].copy(), left - at, top - at

    def word(self, s: str, x: float) -> tuple[np.ndarray, int, int]:
        """Return a word's ink, the column of its left edge, and its top below the baseline."""
        placed, pen = [], x
        for letter, following in zip(s, [*s[1:], None], strict=True):
            column, phase = divmod(round(pen * PHASES), PHASES)
            ink, left, top = self._picture(letter, phase)
            if ink.size:
                placed.append((ink, column + left, top))
            if following:
                pen += self._step(letter, following)
        left, top = min(c for _, c, _ in placed), min(t for *_, t in placed)
        right = max(c + ink.shape[1] for ink, c, _ in placed)
        bottom = max(t + ink.shape[0] for ink, _, t in placed)
        word = np.zeros((bottom - top, right - left), np.uint8)
        for ink, c, t in placed:
            part = word[t - top : t - top + ink.shape[0], c - left : c - left + ink.shape[1]]
            np.maximum(part, ink, out=part)
        return word, left, top


_font = lru_cache(maxsize=32)(_Font)
