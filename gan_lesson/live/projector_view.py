"""The projector view: every picture and control large, or as on a desk."""

import os
import weakref
from typing import NamedTuple

import ipywidgets as widgets

_ZOOM = 1.35  # of controls and read-outs; pictures keep the size they have
_ENLARGED = "gan-lesson-projector"  # class of the boxes that are enlarged
PICTURE = "gan-lesson-picture"
_STYLE = f"""<style>
.{_ENLARGED} {{zoom: {_ZOOM}; --jp-widgets-font-size: 14px; --jp-widgets-color: #000;
    --jp-ui-font-color1: #000}}
.{_ENLARGED} img {{zoom: {1 / _ZOOM}}}
.{_ENLARGED} .noUi-connect {{background: #000}}
.{_ENLARGED} .noUi-handle {{border: 2px solid #000}}
.{_ENLARGED} button {{border: 1px solid #000; min-width: max-content; padding: 0 6px}}
.{_ENLARGED} .mod-active {{background: #222; color: #fff}}
</style>"""
LEAST = 0.8  # of its inches that a figure keeps, so that larger type still has room


class Room(NamedTuple):
    """What a projector gives to a picture: pixels, and dots per inch at most."""

    width: int
    height: int
    dpi: int  # at 150, 11 points are 23 pixels


_room: Room | None = None  # None on a desk
pictures: weakref.WeakSet = weakref.WeakSet()  # every `Picture` on the page
_boxes: "weakref.WeakSet[widgets.Box]" = weakref.WeakSet()


def room() -> Room | None:
    """Return what the projector gives to a picture now, None on a desk."""
    return _room


def is_projector() -> bool:
    """Tell whether pictures and controls are drawn for a projector."""
    return _room is not None


if os.environ.get("GAN_LESSON_PROJECTOR", "") not in ("", "0"):
    _room = Room(1120, 600, 150)


def projector(on: bool = True, width: int = 1120, height: int = 600, dpi: int = 150) -> None:
    """Draw all pictures and controls for a projector: large type, thick lines, dark on white.

    Those on the page follow at once. The environment variable GAN_LESSON_PROJECTOR=1 switches
    it on from the start.

    Args:
        on: False goes back to the desk.
        width: most that a picture may be wide, pixels.
        height: most that a picture may be high, pixels.
        dpi: most dots per inch of a figure; 100 leaves its type as on a desk.

    Raises:
        ValueError: one of them is below 100.
    """
    global _room
    wanted = Room(width, height, dpi)
    if min(wanted) < 100:
        raise ValueError(f"width, height and dpi are {tuple(wanted)}; each must be at least 100")
    _room = wanted if on else None
    for picture in list(pictures):
        with picture.lock:
            picture.draw_again()
    for box in list(_boxes):
        enlarge(box)


def projector_switch() -> widgets.ToggleButton:
    """Return a button that switches the projector view on and off."""
    button = widgets.ToggleButton(value=is_projector(), description="projector view")
    button.observe(lambda change: projector(change["new"]), "value")
    return button


def enlarge(box: widgets.Box) -> None:
    """Show a box's controls large or as usual, whichever holds now and later."""
    _boxes.add(box)
    if not is_projector():
        box.remove_class(_ENLARGED)
        return
    box.add_class(_ENLARGED)
    if getattr(box.children[-1], "value", None) != _STYLE:
        box.children += (widgets.HTML(_STYLE, layout={"display": "none"}),)
