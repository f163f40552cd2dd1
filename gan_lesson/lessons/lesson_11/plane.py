"""The plane of distortion and perception, PSNR and Fréchet distance, and k digits on it."""

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.data import load_digits, tensor_to_images
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_11.recorded import load_plane
from gan_lesson.live import LivePanel
from gan_lesson.super_resolution import (
    back_project,
    enlarge,
    mean_of_nearest,
    nearest_by_small_image,
    shrink,
)

MOST = 30  # digits that are averaged
BACK_PROJECTED = " back-projected"
PSNR_RANGE, DISTANCE_RANGE = (12.7, 21.0), (6.5, 2200)
_DISTANCES = (10, 30, 100, 300, 1000)
_GREY = "#555555"


def rows_of_k(ending: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Return PSNR and Fréchet distance of the means of 1 to 30 nearest digits, shape (30,) each.

    Args:
        ending: "", or `BACK_PROJECTED`.
    """
    plane = load_plane()
    names = list(plane.names)
    rows = [names.index(f"k={k}{ending}") for k in range(1, MOST + 1)]
    return plane.psnr[rows], plane.distance[rows]


def row_of(name: str) -> tuple[float, float]:
    """Return PSNR and Fréchet distance of a restoration by name, such as "bicubic"."""
    plane = load_plane()
    row = list(plane.names).index(name)
    return float(plane.psnr[row]), float(plane.distance[row])


def draw_plane(axes: Axes, floor: float) -> None:
    """Prepare axes for dots: PSNR to the right, Fréchet distance on a logarithmic scale.

    Args:
        axes: where to draw.
        floor: the distance of the originals themselves, drawn as a line.
    """
    axes.set(yscale="log", xlim=PSNR_RANGE, ylim=DISTANCE_RANGE)
    axes.set_xlabel("PSNR (dB), better to the right")
    axes.set_ylabel("Fréchet distance, better below")
    axes.set_yticks(_DISTANCES, [str(number) for number in _DISTANCES])
    axes.minorticks_off()
    plots.reference_line(axes, floor, f"the originals, {floor:.1f}")


def mark_bicubic(axes: Axes) -> None:
    """Put the dot of bicubic interpolation on the plane, and its name beside it."""
    psnr, distance = row_of("bicubic")
    axes.plot([psnr], [distance], "s", color=_GREY, markersize=7)
    axes.annotate("bicubic", (psnr, distance), xytext=(9, 0), textcoords="offset points",
                  va="center", color=_GREY, fontsize=10)  # fmt: skip


class NearestExplorer(Explorer):
    """The mean of the k training digits whose small images are nearest, and its dot on the plane.

    Args:
        k: how many digits are averaged, 1 to 30.
        projected: whether the mean is back-projected.
    """

    shown = (0, 2, 4, 8, 10)  # of the test digits: 7, 1, 4, 5, 0
    gap = 2

    def __init__(self, k: int = 1, projected: bool = False):
        digits = load_digits()
        self._x, self._training = digits.test.images[list(self.shown)], digits.train.images
        self._y = shrink(self._x)
        self._nearest = nearest_by_small_image(self._y, shrink(self._training), MOST)
        self._curves = {False: rows_of_k(), True: rows_of_k(BACK_PROJECTED)}
        self.floor = row_of("original")[1]
        self.panel = LivePanel(9.6, 3.9)
        with plots.lesson_style():
            self.panel.moving(self._draw(*self.panel.figure.subplots(1, 2, width_ratios=[1.35, 1])))
        self.k = widgets.IntSlider(
            value=k, min=1, max=MOST, description="k", layout={"width": "420px"}
        )
        self.projected = widgets.Checkbox(
            value=projected, description="back-projected (section 4)", indent=False,
            layout={"width": "240px"},
        )  # fmt: skip
        self.assemble([self.k, self.projected])

    def _draw(self, sheet: Axes, plane: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        self._sheet = plots.digits_sheet(sheet, self._images(self._x), len(self._x))
        rows = (("given", "#333333"), ("answer", plots.GENERATED), ("original", plots.REAL))
        for number, (name, colour) in enumerate(rows):
            sheet.text(-3, 14 + 30 * number, name, ha="right", va="center", fontsize=11,
                       color=plots.in_words(colour))  # fmt: skip
        draw_plane(plane, self.floor)
        mark_bicubic(plane)
        self._paths = [
            plane.plot(*curve, ".", color=plots.GENERATED, markersize=4)[0]
            for curve in self._curves.values()
        ]
        (self._dot,) = plane.plot(
            [], [], "o", color=plots.GENERATED, markersize=11, markeredgecolor="white"
        )
        return [self._sheet, *self._paths, self._dot]

    def _images(self, x_hat) -> np.ndarray:
        """Return three rows of images: what is given, the answer, the original."""
        rows = [enlarge(self._y), x_hat.clamp(-1, 1), self._x]
        return np.concatenate([tensor_to_images(row) for row in rows])

    def redraw(self) -> None:
        """Average the nearest k digits, and move the dot."""
        k, projected = self.k.value, self.projected.value
        x_hat = mean_of_nearest(self._training, self._nearest, k)
        if projected:
            x_hat = back_project(x_hat, self._y)
        sheet = plots.tile(self._images(x_hat), len(self._x), gap=self.gap, background=0)
        self._sheet.set_data(255 - sheet)
        for path, of in zip(self._paths, self._curves, strict=True):
            path.set_visible(of == projected)
        psnr, distance = (curve[k - 1] for curve in self._curves[projected])
        self._dot.set_data([psnr], [distance])
        what = "The nearest digit" if k == 1 else f"The mean of the {k} nearest digits"
        told = (
            f"{what}{', back-projected' if projected else ''}: PSNR {psnr:.2f} dB, Fréchet "
            f"distance {distance:.0f}, both of 2,000 test digits. The originals have "
            f"{self.floor:.1f}."
        )
        self.say(told)
        self.panel.redraw(
            "Five digits in three rows: the 7 × 7 image that is given, the answer, the original. "
            f"Beside them the plane of PSNR and Fréchet distance with the answer's dot. {told}"
        )
