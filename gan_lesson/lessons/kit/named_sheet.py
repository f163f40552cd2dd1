"""A sheet of small images, each with a word below it and a frame that may be shown or hidden."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gan_lesson import plots

EDGE = 28  # pixels


class NamedSheet:
    """Images of 28 x 28 pixels in rows, for one `Axes`.

    Args:
        axes: where to draw.
        n: how many images.
        columns: how many in a row.
        title: what stands above.
        colour: of the frames.
    """

    gap, rows_apart = 6, 16  # pixels between two images; the room for a name

    def __init__(
        self, axes: Axes, n: int, columns: int = 8, title: str = "", colour: str = plots.GENERATED
    ):
        self.n, self.columns = n, columns
        sheet = self._laid_out(np.zeros((n, EDGE, EDGE), np.uint8))
        self.image = plots.digits_sheet(axes, sheet[None], 1)
        self.image.set_clim(0, 255)
        axes.set_title(title, fontsize=11)
        self.texts, self.frames = [], []
        for number in range(n):
            top, left = self._corner(number)
            self.frames.append(axes.add_patch(Rectangle(
                (left - 2.5, top - 2.5), EDGE + 4, EDGE + 4, fill=False, linewidth=2.2,
                edgecolor=colour)))  # fmt: skip
            self.texts.append(axes.text(left + 13.5, top + 35.5, "", ha="center", va="center",
                                        fontsize=11))  # fmt: skip

    @property
    def artists(self) -> list[Artist]:
        """What moves, in drawing order."""
        return [self.image, *self.frames, *self.texts]

    def _corner(self, number: int) -> tuple[int, int]:
        """Return the top left pixel of an image on the sheet."""
        row, column = divmod(number, self.columns)
        return self.gap + row * (EDGE + self.rows_apart), self.gap + column * (EDGE + self.gap)

    def _laid_out(self, images: np.ndarray) -> np.ndarray:
        """Return one image, shape (height, width), with all images in their places."""
        rows = -(-len(images) // self.columns)
        sheet = np.zeros((rows * (EDGE + self.rows_apart) + self.gap,
                          self.columns * (EDGE + self.gap) + self.gap), np.uint8)  # fmt: skip
        for number, image in enumerate(images):
            top, left = self._corner(number)
            sheet[top : top + EDGE, left : left + EDGE] = image
        return sheet

    def show(self, images: np.ndarray, names: Sequence[str], framed: np.ndarray) -> None:
        """Put images, uint8 (n, 28, 28), with their names; frame those that `framed` says."""
        self.image.set_data(255 - self._laid_out(images))
        for text, frame, name, has_one in zip(self.texts, self.frames, names, framed, strict=True):
            text.set_text(name)
            text.set_color("#111111" if has_one else "#767676")
            frame.set_visible(bool(has_one))
