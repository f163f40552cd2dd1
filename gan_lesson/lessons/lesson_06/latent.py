"""Three ways through the latent space, drawn at once: a walk, a slice, one coordinate."""

import functools
import io

import ipywidgets as widgets
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from gan_lesson import plots
from gan_lesson.data import images_to_tensor, tensor_to_images
from gan_lesson.latent_space import fixed_z, on_line, on_sphere, share_shorter
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.live import Picture, is_projector
from gan_lesson.metrics import load_classifier
from gan_lesson.networks import Generator

# --- the latent space: pictures tiled as arrays --------------------------------------------------

GAP = 2
INK = 34  # grey level of labels
FRAME = 1  # the grey level that is given up, so that one byte a pixel leaves room for a colour
PALETTE = [level for grey in range(256) for level in (grey, grey, grey)]
PALETTE[3 * FRAME : 3 * FRAME + 3] = (int(plots.GENERATED[i : i + 2], 16) for i in (1, 3, 5))


class SheetPanel(Picture):
    """A picture made of an array of pixels, encoded by Pillow and shown as `LivePanel` does."""

    def redraw(self, pixels: np.ndarray, description: str) -> None:
        """Show pixels, uint8 of shape (height, width): grey levels, and `FRAME` for frames.

        Args:
            pixels: the picture, as `_Canvas` draws it.
            description: one sentence for those who cannot see it.
        """
        with self.lock:
            self._fit()
            buffer = io.BytesIO()
            image = Image.fromarray(pixels)
            image.putpalette(PALETTE)
            image.save(buffer, "png", compress_level=1)
            self.put(buffer.getvalue(), description)


class _Canvas:
    """White pixels, with what never changes already written on them; finer for a projector."""

    def __init__(self, width: int, height: int, labels: list[tuple[int, int, str]]):
        self._size, self._labels, self._fine = (width, height), labels, 0
        self.wipe()

    def wipe(self) -> None:
        fine = 2 if is_projector() else 1
        if fine != self._fine:
            self._fine = fine
            image = Image.new("L", tuple(fine * n for n in self._size), 255)
            draw, font = ImageDraw.Draw(image), ImageFont.load_default(15 * fine)
            for x, y, text in self._labels:
                draw.text((fine * x, fine * y), text, fill=INK, font=font)
            self._still = np.array(image)
        self.pixels = self._still.copy()

    def put(self, x: int, y: int, image: np.ndarray, zoom: int = 1) -> None:
        """Put a grey image, dark ink 255, as dark on white, each pixel zoom x zoom large."""
        x, y, zoom = (self._fine * n for n in (x, y, zoom))
        grey = np.repeat(np.repeat(255 - image, zoom, axis=0), zoom, axis=1)
        grey[grey == FRAME] = 0
        self.pixels[y : y + len(grey), x : x + grey.shape[1]] = grey

    def frame(self, x: int, y: int, width: int, height: int, thick: int = 3) -> None:
        """Draw a frame in the generator's colour just outside a rectangle."""
        x, y, width, height, thick = (self._fine * n for n in (x, y, width, height, thick))
        top, left = max(y - thick, 0), max(x - thick, 0)
        self.pixels[top : y + height + thick, left:x] = FRAME
        self.pixels[top : y + height + thick, x + width : x + width + thick] = FRAME
        self.pixels[top:y, x : x + width] = FRAME
        self.pixels[y + height : y + height + thick, x : x + width] = FRAME


@torch.no_grad()
def _draw(G: Generator, z: torch.Tensor) -> np.ndarray:
    """Return G(z) as uint8 images, shape (n, 28, 28)."""
    return tensor_to_images(G(z))


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.2%}" if share >= 1e-4 else "under 0.01 %"


class LatentWalk(Explorer):
    """Walk from one z to another, on the straight line and on the sphere.

    Args:
        G: a trained generator in evaluation mode.
        t: place to start from, between 0 and 1.
        ends: which pair of z, 0 to 19.
    """

    steps = 9

    def __init__(self, G: Generator, t: float = 0.5, ends: int = 0):
        self.G = G
        self.panel = SheetPanel(712, 262)
        self._canvas = _Canvas(712, 262, [(4, 4, "on the line"), (4, 136, "on the sphere")])
        self.t = widgets.FloatSlider(
            value=t, min=0, max=1, step=0.025, description="t", readout_format=".3f"
        )
        self.ends = widgets.IntSlider(value=ends, min=0, max=19, description="pair")
        self._strips = None
        self.assemble([self.t, self.ends])

    def _pair(self) -> torch.Tensor:
        return self.G.sample_z(2, torch.Generator().manual_seed(100 + self.ends.value))

    def redraw(self) -> None:
        """Draw both strips and, large, where t is on each."""
        z_a, z_b = self._pair()
        t = torch.linspace(0, 1, self.steps)
        if self._strips is None or self._strips[0] != self.ends.value:
            z = torch.cat([on_line(z_a, z_b, t), on_sphere(z_a, z_b, t)])
            self._strips = (self.ends.value, _draw(self.G, z))
        here = torch.tensor([self.t.value])
        z = torch.cat([on_line(z_a, z_b, here), on_sphere(z_a, z_b, here)])
        large = _draw(self.G, z)
        self._canvas.wipe()
        nearest = round(self.t.value * (self.steps - 1))
        for row in (0, 1):
            top = 26 + 132 * row
            for i in range(self.steps):
                x, y = 4 + i * 60, top + 26
                self._canvas.put(x, y, self._strips[1][row * self.steps + i], zoom=2)
                if i == nearest:
                    self._canvas.frame(x, y, 56, 56)
            self._canvas.put(584, top - 16, large[row], zoom=4)
        self._speak(z)

    def _speak(self, z: torch.Tensor) -> None:
        line, sphere = (float(length) for length in z.norm(dim=1))
        dim = self.G.latent_dim
        told = (
            f"t = {self.t.value:.3f}: |z| = {line:.2f} on the line, {sphere:.2f} on the sphere. "
            f"Of all z ~ N(0, I) in {dim} dimensions, {_percent(share_shorter(line, dim))} are "
            f"shorter than the first and {_percent(share_shorter(sphere, dim))} shorter than the "
            "second."
        )
        self.say(told)
        self.panel.redraw(
            self._canvas.pixels,
            f"Two rows of generated digits that change step by step from one to another. {told}",
        )


class LatentSlice(Explorer):
    """A two-dimensional slice of the latent space: four z at the corners, two sliders between.

    Args:
        G: a trained generator in evaluation mode.
        corners: which four z, 0 to 19.
    """

    side = 11

    def __init__(self, G: Generator, corners: int = 0):
        self.G = G
        self.panel = SheetPanel(660, 330)
        self._canvas = _Canvas(660, 330, [(362, 2, "G(z) at (u, v)")])
        options = {"min": 0, "max": 1, "step": 0.02, "readout_format": ".2f"}
        self.u = widgets.FloatSlider(value=0.5, description="u →", **options)
        self.v = widgets.FloatSlider(value=0.5, description="v ↓", **options)
        self.corners = widgets.IntSlider(value=corners, min=0, max=19, description="corners")
        self._map = None
        self.assemble([self.u, self.v, self.corners])

    def at(self, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """Return the z of places u, v in [0, 1], shape (n, latent_dim), all of length sqrt(dim)."""
        draw = torch.Generator().manual_seed(200 + self.corners.value)
        a, b, c, d = self.G.sample_z(4, draw)
        u, v = u[:, None], v[:, None]
        z = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d)
        return z * (self.G.latent_dim**0.5 / z.norm(dim=1, keepdim=True))

    def redraw(self) -> None:
        """Draw the map with a frame at (u, v), and the image there."""
        if self._map is None or self._map[0] != self.corners.value:
            places = torch.linspace(0, 1, self.side)
            v, u = (grid.flatten() for grid in torch.meshgrid(places, places, indexing="ij"))
            sheet = plots.tile(_draw(self.G, self.at(u, v)), self.side, GAP, background=0)
            self._map = (self.corners.value, sheet)
        u, v = self.u.value, self.v.value
        z = self.at(torch.tensor([u]), torch.tensor([v]))
        self._canvas.wipe()
        self._canvas.put(2, 2, self._map[1])
        column, row = round(u * (self.side - 1)), round(v * (self.side - 1))
        self._canvas.frame(2 + 30 * column, 2 + 30 * row, 28, 28, thick=2)
        self._canvas.put(362, 26, _draw(self.G, z)[0], zoom=10)
        told = f"u = {u:.2f}, v = {v:.2f}: G draws this from a z of length {float(z.norm()):.1f}."
        self.say(told)
        self.panel.redraw(
            self._canvas.pixels,
            f"An {self.side} by {self.side} map of digits between four corners, each turning into "
            f"its neighbours, and one of them large. {told}",
        )


class LatentCoordinate(Explorer):
    """Move one coordinate of z and leave the others: what changes in ten digits?

    Args:
        G: a trained generator in evaluation mode.
        j: the coordinate to start with.
        value: what to set it to.
    """

    def __init__(self, G: Generator, j: int = 0, value: float = 2.0):
        self.G = G
        self._z = one_z_of_each_digit(G)
        self._before = _draw(G, self._z)
        self._digits = self._read(self._before)
        self.panel = SheetPanel(712, 212)
        names = ["as drawn", "changed", "difference"]
        self._canvas = _Canvas(712, 212, [(4, 24 + 70 * i, name) for i, name in enumerate(names)])
        self.j = widgets.IntSlider(value=j, min=0, max=G.latent_dim - 1, description="coordinate")
        self.value = widgets.FloatSlider(
            value=value, min=-3, max=3, step=0.1, description="set to", readout_format=".1f"
        )
        self.assemble([self.j, self.value])

    @staticmethod
    def _read(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return _classifier()(images_to_tensor(images)).argmax(dim=1).numpy()

    def redraw(self) -> None:
        """Draw ten digits, the same with one coordinate changed, and the difference."""
        z = self._z.clone()
        z[:, self.j.value] = self.value.value
        after = _draw(self.G, z)
        change = np.abs(after.astype(int) - self._before)
        self._canvas.wipe()
        for i in range(len(z)):
            for row, image in enumerate((self._before[i], after[i], change[i].astype(np.uint8))):
                self._canvas.put(100 + 61 * i, 2 + 70 * row, image, zoom=2)
        others = int((self._read(after) != self._digits).sum())
        told = (
            f"Coordinate {self.j.value} is set to {self.value.value:.1f}. The ink changes by "
            f"{change.mean() / 255:.1%} of full black on average over all pixels, and the "
            f"classifier reads {others} of {len(z)} digits as another one."
        )
        self.say(told)
        self.panel.redraw(
            self._canvas.pixels,
            f"Ten generated digits, the same with one coordinate of z changed, and what differs. "
            f"{told}",
        )


_classifier = functools.cache(load_classifier)  # read once


@torch.no_grad()
def one_z_of_each_digit(G: Generator) -> torch.Tensor:
    """Return the z of 2,000 that is most surely drawn as each digit 0 … 9, for the classifier.

    Args:
        G: a generator of digits in evaluation mode.

    Returns:
        Shape (10, latent_dim).
    """
    z = fixed_z(G, 2000, seed=5)
    return z[_classifier()(G(z)).argmax(dim=0)]
