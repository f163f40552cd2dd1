"""What the tests of lesson 06 share: the generator that ships, and what an explorer shows."""

import functools
import re

import torch

from gan_lesson.metrics import features
from gan_lesson.pretrained import load_digits_generator


@functools.cache
def trained_generator():
    """The shipped generator with lesson 06's 10,000 z, their images and features."""
    G = load_digits_generator()
    z = G.sample_z(10_000, torch.Generator().manual_seed(2))
    x = torch.cat([G(part) for part in z.split(1000)])
    return G, z, x, features(x)


def shown(explorer):
    """The description and the read-out, finite; the picture is a PNG of the promised size."""
    told = explorer.panel.description + explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", told)
    width, height = (int.from_bytes(explorer.panel.png[i : i + 4], "big") for i in (16, 20))
    html = explorer.panel.html.value
    assert f'width="{width}" height="{height}"' in html and 'alt="' in html
    return told, explorer.panel.png
