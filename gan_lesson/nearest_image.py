"""NearestImage: bytes drawn as squares of one colour, without resampling anything twice."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage


class NearestImage(AxesImage):
    """What `imshow(bytes, interpolation="nearest")` shows, in a tenth of its time.

    Matplotlib resamples an image at each draw as numbers, with the colours after that. Which
    pixel of the figure shows which of the image changes only with the axes: that is asked of
    Matplotlib once, and then bytes are looked up. Other than bytes is left to it.
    """

    _asked = _seen = _look = _colours = None

    def make_image(self, renderer, magnification=1.0, unsampled=False):
        """Return pixels, uint8 of shape (height, width, 4), where they go, and None."""
        data = self.get_array()
        plain = data.dtype == np.uint8 and not np.ma.is_masked(data) and not unsampled
        if not plain or data.ndim == 3 and data.shape[2] != 3:
            return super().make_image(renderer, magnification, unsampled)
        data = np.asarray(data)
        self._ask(renderer, magnification, data.shape[:2])
        if self._seen is None:
            return super().make_image(renderer, magnification, unsampled)
        rows, columns, left, bottom, transform = self._seen
        shown = data.take(columns, axis=1).take(rows, axis=0)
        if data.ndim == 2:
            return self._colours_of_bytes()[shown].view(np.uint8).reshape(
                *shown.shape, 4), left, bottom, transform  # fmt: skip
        full = np.full((*shown.shape[:2], 1), 255, np.uint8)
        return np.concatenate([shown, full], axis=2), left, bottom, transform

    def _ask(self, renderer, magnification: float, shape: tuple[int, int]) -> None:
        """Learn which row and column of the image each pixel shows, unless that is known."""
        view, place = self.axes.viewLim.bounds, self.axes.bbox.bounds
        figure = self.get_figure(root=True).bbox.bounds
        asked = (*view, *place, *figure, *self.get_extent(), magnification, *shape)
        if asked == self._asked:
            return
        self._asked, self._seen, found = asked, None, []
        data = self.get_array()
        try:
            for axis in (0, 1):
                numbers = np.expand_dims(np.arange(shape[axis]), 1 - axis)
                numbers = np.broadcast_to(numbers, shape)
                self.set_data(np.stack([numbers % 256, numbers // 256, numbers * 0],
                                       axis=2).astype(np.uint8))  # fmt: skip
                pixels, *where = super().make_image(renderer, magnification)
                if pixels is None or (pixels[..., 3] < 255).any():
                    return  # out of view, or an edge that is not whole
                line = (pixels[:, 0] if axis == 0 else pixels[0]).astype(np.intp)
                found.append(line[:, 0] + 256 * line[:, 1])
        finally:
            self.set_data(data)
        self._seen = (*found, *where)

    def _colours_of_bytes(self) -> np.ndarray:
        """Return the colour of each byte, shape (256,): four bytes read as one number."""
        look = (self.cmap.name, *self.get_clim(), self.get_alpha())
        if look != self._look:
            colours = self.to_rgba(np.arange(256, dtype=np.uint8)[None], bytes=True)[0]
            self._look, self._colours = look, np.ascontiguousarray(colours).view(np.uint32)[:, 0]
        return self._colours


def nearest_image(axes: Axes, data: np.ndarray, **look) -> NearestImage:
    """Show bytes on axes as `axes.imshow(data, interpolation="nearest", **look)` does.

    Args:
        axes: where to draw; its aspect becomes equal.
        data: uint8, shape (height, width), or (height, width, 3) for colours.
        look: cmap, and what else an `AxesImage` takes.
    """
    axes.set_aspect("equal")
    image = NearestImage(axes, interpolation="nearest", **look)
    image.set_data(data)
    image.set_clip_path(axes.patch)
    image.set_extent(image.get_extent())
    axes.add_image(image)
    return image
