"""Every explorer and player as a page of its own, to project: `make demo`.

`python -m gan_lesson.lessons.wall` serves an index and a Voila page for each demonstration, from
this machine to this machine. `Wall(name)` is what such a page shows; any notebook may show it too.

A lesson's pages are the `DEMONSTRATIONS` of its `demo.py`; every room is looked into.
"""

from importlib import import_module
from pkgutil import iter_modules

import ipywidgets as widgets
from IPython.display import display

from gan_lesson import lessons
from gan_lesson.lessons.kit.demonstration import Demonstration
from gan_lesson.live import enlarge, is_projector, projector


def _found() -> dict[str, tuple[Demonstration, ...]]:
    """Return the demonstrations of each lesson, by its number, in order."""
    rooms = sorted(m.name for m in iter_modules(lessons.__path__) if m.name.startswith("lesson_"))
    return {
        room.removeprefix("lesson_"): import_module(
            f"{lessons.__name__}.{room}.demo"
        ).DEMONSTRATIONS
        for room in rooms
    }


BY_LESSON = _found()
DEMONSTRATIONS = tuple(each for lesson in BY_LESSON.values() for each in lesson)


def demonstration(name: str) -> Demonstration:
    """Return the demonstration called `name`.

    Raises:
        ValueError: there is none.
    """
    for each in DEMONSTRATIONS:
        if each.name == name:
            return each
    raise ValueError(f"name is {name!r}; it must be one of {[d.name for d in DEMONSTRATIONS]}")


class Wall:
    """One demonstration at a time, with the switch of the projector view.

    A hidden button for each demonstration, of class "go-name", lets the page turn to it
    without loading anything anew.

    Args:
        name: the demonstration to begin with.

    Raises:
        ValueError: there is none of this name.
    """

    def __init__(self, name: str):
        self.place = widgets.VBox()
        self.place.add_class("demonstration")
        self.switch = widgets.ToggleButton(
            value=is_projector(), description="projector view", tooltip="as large as on a wall"
        )
        self.switch.observe(lambda change: self._fit(change["new"]), "value")
        self.switch.add_class("switch")
        buttons = []
        for each in DEMONSTRATIONS:
            buttons.append(widgets.Button())
            buttons[-1].add_class(f"go-{each.name}")
            buttons[-1].on_click(lambda _, name=each.name: self.turn_to(name))
        hidden = widgets.VBox(buttons, layout={"display": "none"})
        self.widget = widgets.VBox([self.switch, hidden, self.place])
        self.explorer = None
        self.turn_to(name)

    def _fit(self, projected: bool) -> None:
        width = 940 if self.shown.beside else 1250
        projector(projected, width, self.shown.height, self.shown.dpi)

    def turn_to(self, name: str) -> None:
        """Show another demonstration, from its start; the one before is gone.

        Raises:
            ValueError: there is none of this name.
        """
        self.shown = demonstration(name)
        if self.explorer is not None:
            self.explorer.panel.close()
            for box in (*self.place.children, self.explorer.widget):
                _close(box)
        self._fit(self.switch.value)
        self.explorer = self.shown.make()
        box = self.explorer.widget
        if self.shown.beside:
            at = box.children.index(self.explorer.panel.html)
            box = widgets.HBox([widgets.VBox(box.children[:at]), widgets.VBox(box.children[at:])])
            box.add_class("beside")
        enlarge(box)
        self.place.children = [box]

    def _ipython_display_(self) -> None:
        display(self.widget)


def _close(widget: widgets.Widget) -> None:
    if isinstance(widget, widgets.Play):
        widget.playing = False  # or the browser would count on, and tell nobody
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
