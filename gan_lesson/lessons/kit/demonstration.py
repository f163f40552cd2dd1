"""One page of the wall: an explorer or player, and the room that it needs."""

from collections.abc import Callable
from typing import NamedTuple


class Demonstration(NamedTuple):
    """One page.

    Attributes:
        name: what its address ends in.
        title: what it shows.
        make: makes the explorer or player.
        height: pixels of its picture, where a screen has 1280 x 720.
        beside: many controls, which stand left of the picture.
        dpi: dots per inch of its picture; fewer where much must fit.
    """

    name: str
    title: str
    make: Callable
    height: int = 480
    beside: bool = False
    dpi: int = 150
