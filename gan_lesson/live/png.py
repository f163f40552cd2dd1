"""Pixels to a PNG file, fast: in all their colours, or in the 256 that a figure can do with."""

import struct
import threading
import zlib

import numpy as np

MOST = 256  # colours of a palette, whose pixels are one byte each
_CHANNELS = np.uint32(0xFFFFFF)  # red, green and blue of a pixel that is read as one number


def _mask(red: int, green: int, blue: int) -> np.uint32:
    """Return the mask that keeps the highest bits of each channel."""
    kept = (0xFF << (8 - bits) & 0xFF for bits in (red, green, blue))
    return np.uint32(sum(mask << 8 * place for place, mask in enumerate(kept)))


# From fine to coarse: colours with the same bits are near each other.
_NEAR = [
    _mask(*bits)
    for bits in (
        (6, 6, 6),
        (5, 6, 5),
        (5, 5, 5),
        (5, 5, 4),
        (4, 5, 4),
        (4, 4, 4),
        (4, 4, 3),
        (3, 4, 3),
    )
]
_GROUPS = 208  # at most; the rest of a palette goes to single colours that would be far off

# The place in the palette of each colour there is; only those of the present picture are valid.
_places = np.zeros(1 << 24, np.uint8)
_places_in_use = threading.Lock()


def encode_png(pixels: np.ndarray) -> bytes:
    """Return a PNG file of an RGB picture, shape (height, width, 3), uint8.

    Pillow, which tries five filters on every row, takes more than twice as long for a file
    that is no smaller: on flat figures the plain rows compress as well.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter, none
    for colour in range(3):  # three strided copies take a quarter of one reshape's time
        rows[:, 1 + colour :: 3] = pixels[..., colour]
    return _file(width, height, rows, 2)


def encode_figure(pixels: np.ndarray) -> bytes:
    """Return a PNG file of a figure in at most 256 colours: half as long, and sooner decoded.

    Flat areas keep their colour. Where edges are smoothed, colours that are near each other
    become one, up to 31 of 255 levels off in few pixels. A picture of too many colours that are
    far from each other, such as a photograph, keeps them all.

    Args:
        pixels: shape (height, width, 4), uint8, contiguous: red, green, blue, and what is ignored.
    """
    height, width, _ = pixels.shape
    flat = np.ascontiguousarray(pixels).view("<u4").ravel()
    starts = np.flatnonzero(flat[1:] != flat[:-1]) + 1  # of runs of one colour
    starts = np.concatenate([[0], starts])
    colours = flat[starts] & _CHANNELS
    there, count = np.unique(colours, return_counts=True)
    found = palette(there, count)
    if found is None:
        return encode_png(pixels[..., :3])
    chosen, place = found
    rows = np.zeros((height, 1 + width), np.uint8)
    with _places_in_use:
        _places[there] = place
        each = _places[colours]
    rows[:, 1:] = np.repeat(each, np.diff(starts, append=len(flat))).reshape(height, width)
    return _file(width, height, rows, 3, chosen)


def palette(colours: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Choose at most 256 of some colours to stand for all; None where these would be too few.

    Args:
        colours: different ones, shape (n,), uint32, red in the lowest byte.
        count: how often each is there, shape (n,).

    Returns:
        (the chosen ones, shape (m,), and for each colour the place of the one that stands for it,
        shape (n,), uint8).
    """
    if len(colours) <= MOST:
        return colours, np.arange(len(colours), dtype=np.uint8)
    often = np.argsort(count, kind="stable")  # the most frequent last
    for near in _NEAR:
        groups, group = np.unique(colours & near, return_inverse=True)
        if len(groups) <= _GROUPS:
            break
    else:
        return None
    first = np.empty(len(groups), np.intp)
    first[group[often]] = often  # the last to be written stays
    stands_for = first[group]
    levels = np.stack([colours >> shift & 0xFF for shift in (0, 8, 16)]).astype(np.int64)
    wrong = count * ((levels - levels[:, stands_for]) ** 2).sum(axis=0)
    room = MOST - len(groups)
    worst = np.argpartition(wrong, -room)[-room:]
    stands_for[worst] = worst
    chosen, place = np.unique(stands_for, return_inverse=True)
    return colours[chosen], place.astype(np.uint8)


def _file(width: int, height: int, rows: np.ndarray, kind: int, colours=None) -> bytes:
    """Return the file of rows that begin with their filter; kind 2 is RGB, 3 has a palette."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if colours is not None:
        channels = np.stack([colours >> shift & 0xFF for shift in (0, 8, 16)], axis=1)
        parts.append((b"PLTE", channels.astype(np.uint8).tobytes()))
    parts += [(b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    file = [b"\x89PNG\r\n\x1a\n"]
    for name, data in parts:
        file += [struct.pack(">I", len(data)), name, data]
        file.append(struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))
    return b"".join(file)
