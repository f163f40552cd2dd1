"""Drawing of lesson 12: the way of a z through mapping, styles and noise to an image."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_lesson import plots
from gan_lesson.live import show_figure

INK, OF_W, OF_NOISE = "#333333", "#AA4499", "#777777"
STEPS = (
    (2.7, "layer 1, coarse\n48 maps of 7 × 7"),
    (5.2, "layer 2, coarse\n32 maps of 7 × 7"),
    (7.7, "layer 3, fine\n16 maps of 14 × 14"),
)
WORDS = (
    "z goes through the mapping to w. From w three arrows, A₁, A₂ and A₃, bring a style to each "
    "layer, and from below each layer gets its noise. Layer 1 makes 48 maps of 7 × 7 and layer 2 "
    "makes 32 maps of 7 × 7: they are coarse. Layer 3, which is fine, makes 16 maps of 14 × 14. A "
    "last convolution makes the image of 28 × 28 of them."
)


def show_generator() -> None:
    """Show how z becomes an image: the mapping, a style and noise for each layer."""
    show_figure(generator_figure(), WORDS)


def generator_figure() -> Figure:
    """Return the drawing."""
    figure = plots.new_figure(8.6, 3.0)
    axes = figure.subplots()
    axes.set(xlim=(-0.1, 10.7), ylim=(-1.1, 2.7))
    axes.set_axis_off()
    for x, words in ((0.75, "z: 64 numbers"), (3.0, "mapping"), (5.2, "w: 64 numbers")):
        _box(axes, x, 2.3, words, OF_W if words[0] == "w" else INK)
    _arrow(axes, (1.6, 2.3), (2.45, 2.3))
    _arrow(axes, (3.55, 2.3), (4.3, 2.3))
    places_of_a = 3.3, 5.3, 6.8
    for number, (x, words) in enumerate(STEPS, 1):
        _box(axes, x, 0.4, words)
        _arrow(axes, (5.2 + 0.14 * (x - 5.2), 1.98), (x, 0.85), OF_W)
        axes.text(places_of_a[number - 1], 1.42, f"$A_{number}$", color=OF_W, fontsize=14)
        _arrow(axes, (x, -0.55), (x, -0.05), OF_NOISE)
        axes.text(x, -0.62, "noise", ha="center", va="top", color="#555555", fontsize=12)
    _box(axes, 10.05, 0.4, "image\n28 × 28")
    axes.text(0.0, 0.4, "a constant,\nor maps\nmade of w", va="center", fontsize=12, color=INK)
    for left, right in ((1.2, 1.75), (3.7, 4.22), (6.2, 6.62), (8.82, 9.5)):
        _arrow(axes, (left, 0.4), (right, 0.4))
    axes.text(9.16, 0.62, "last\nconvo-\nlution", ha="center", va="bottom", fontsize=10, color=INK)
    return figure


def _box(axes: Axes, x: float, y: float, words: str, colour: str = INK) -> None:
    look = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": colour}
    axes.text(x, y, words, ha="center", va="center", fontsize=11.5, color=colour, bbox=look)


def _arrow(axes: Axes, start: tuple, end: tuple, colour: str = INK) -> None:
    look = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=look)
