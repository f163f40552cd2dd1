"""Pixels to a PNG file, fast."""

import struct
import zlib

import numpy as np


def encode_png(pixels: np.ndarray) -> bytes:
    """Return a PNG file of an RGB picture, shape (height, width, 3), uint8.

    Pillow, which tries five filters on every row, takes more than twice as long for a file
    that is no smaller: on flat figures the plain rows compress as well.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter, none
    for colour in range(3):  # three strided copies take a quarter of one reshape's time
        rows[:, 1 + colour :: 3] = pixels[..., colour]
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits a colour, RGB
    file = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")):
        file += struct.pack(">I", len(data)) + name + data
        file += struct.pack(">I", zlib.crc32(name + data))
    return file
