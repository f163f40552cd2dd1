"""How a picture is read by those who mix up colours or see little contrast, and in words."""

import functools
import itertools
import re

import numpy as np
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text


def is_a_sentence(told):
    """Whether a text says something: six words at least, and no file's name."""
    return len(re.findall(r"\w+", told)) >= 6 and not re.search(r"\.(png|ipynb|py)\b", told)


LINE, WORD, LARGE_WORD = 3.0, 4.5, 3.0  # least contrast: WCAG 2.2, criteria 1.4.11 and 1.4.3
# Least distance in CAM02-UCS, where 1 is about the least that is seen when colours touch. What the
# figures have: 9 at worst (D's green and a dashed grey line), 11.7 between two of the roles.
DISTANCE = 8.0
DEFICIENCIES = (None, "deuteranomaly", "protanomaly", "tritanomaly")
PALE = {  # what may be paler than a line, and why
    "#bbbbbb": "frame around a control or an image",
    "#e6e6e6": "grid",
    "#ffffff": "paper",
    "#f3b98e": "end of the heat map of D, which no line is read from",
    "#8fc1e3": "the other end",
    "#99d0bd": "inside of a bar with a green edge",
}


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    c = np.array(to_rgb(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(colour):
    """Contrast with white, between 1 and 21."""
    return 1.05 / (luminance(colour) + 0.05)


@functools.cache
def distance(one, other):
    """The least CAM02-UCS distance that any eye sees, by Machado et al. 2009 at full severity."""

    def seen(colour, deficiency):
        if deficiency is None:
            return np.array(to_rgb(colour))
        space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
        return np.clip(cspace_convert(to_rgb(colour), space, "sRGB1"), 0, 1)

    return min(
        float(deltaE(seen(one, d), seen(other, d), input_space="sRGB1")) for d in DEFICIENCIES
    )


def marks(axes):
    """What a panel's axes show of data, as (colour, style): lines, dots, bars and arrows."""
    for artist in [*axes.lines, *axes.patches, *axes.collections]:
        alpha = artist.get_alpha() or 1
        if not artist.get_visible() or alpha < 0.5:
            continue  # pale: a heap of dots, a branch not chosen, the inside of a curve
        if isinstance(artist, Line2D):
            colour, style = artist.get_color(), (artist.get_linestyle(), artist.get_marker())
            if artist.get_linestyle() == "None":
                colour = artist.get_markerfacecolor()
                if contrast(colour) < LINE:
                    colour = artist.get_markeredgecolor()
            yield to_hex(1 - alpha * (1 - np.array(to_rgb(colour)))), style
        elif isinstance(artist, Patch):
            face, edge = to_rgba(artist.get_facecolor()), to_rgba(artist.get_edgecolor())
            drawn = [colour for colour in (face, edge) if colour[3] >= 0.5]
            yield max(drawn, key=contrast, default="black"), "area"
        else:
            for colour in (*artist.get_facecolor(), *artist.get_edgecolor()):
                if colour[3] >= 0.5:
                    yield to_hex(colour), type(artist).__name__


def assert_is_read_by_all(picture):
    """A panel's words and marks have enough contrast, and no two marks of a kind look alike."""
    assert is_a_sentence(picture.description), picture.description
    if not hasattr(picture, "figure"):
        return  # rows of grey digits
    picture.figure.canvas.draw()
    for text in picture.figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and not text.get_bbox_patch():
            large = text.get_fontsize() >= (14 if text.get_fontweight() == "bold" else 18)
            least = LARGE_WORD if large else WORD
            assert contrast(text.get_color()) >= least, f"{text.get_text()!r}: {text.get_color()}"
    for axes in picture.figure.axes:
        shown = {(to_hex(colour), style) for colour, style in marks(axes)}
        shown = {mark for mark in shown if mark[0] not in PALE}
        for colour, style in shown:
            assert contrast(colour) >= LINE, (colour, style)
        for (one, style), (other, its) in itertools.combinations(shown, 2):
            if one != other and style == its:
                assert distance(one, other) >= DISTANCE, (one, other, style)
