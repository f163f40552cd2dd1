"""Every explorer and player as a page of its own, to project: `make demo`.

`python -m gan_lesson.demo` serves an index and a Voila page for each `Demonstration`, from this
machine to this machine. `Wall(name)` is what such a page shows; any notebook may show it too.
"""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import ipywidgets as widgets
from IPython.display import display

from gan_lesson import live


class Demonstration(NamedTuple):
    """One page.

    Attributes:
        name: what its address ends in.
        lesson: number of the lesson that it comes from.
        title: what it shows.
        make: makes the explorer or player.
        height: pixels of its picture, where a screen has 1280 x 720.
        beside: many controls, which stand left of the picture.
        dpi: dots per inch of its picture; fewer where much must fit.
    """

    name: str
    lesson: int
    title: str
    make: Callable
    height: int = 480
    beside: bool = False
    dpi: int = 150


def _explorer(which: str, /, *args, **settings) -> Callable:
    """Return a function that makes an explorer, given as "module.Class", when it is called."""
    module, _, name = which.partition(".")
    return lambda: getattr(import_module(f"gan_lesson.explorers.{module}"), name)(*args, **settings)


def _loop_player():
    from gan_lesson.data import two_bumps
    from gan_lesson.exercise_checks.lesson_05 import update_discriminator, update_generator
    from gan_lesson.explorers.training_loop import LoopPlayer, loop_run

    data = two_bumps(means=(-1.5, 1.5), sd=0.6)
    return LoopPlayer(loop_run(update_discriminator, update_generator, data))


def _in_turn_or_at_once():
    from gan_lesson.data import two_bumps
    from gan_lesson.exercise_checks.lesson_05 import update_discriminator, update_generator
    from gan_lesson.explorers.training_loop import LoopScene, loop_run
    from gan_lesson.player import SideBySide

    data = two_bumps(means=(-1.5, 1.5), sd=0.6)
    in_turn = loop_run(update_discriminator, update_generator, data)
    in_turn.lr_g = 0.01  # as fast as D
    at_once = in_turn.branch()
    at_once.simultaneous = True
    return SideBySide({"in turn": in_turn, "at once": at_once}, lambda: LoopScene(curves=False))


def _digits(kind: str):
    def make():
        from gan_lesson import training
        from gan_lesson.data import load_digits
        from gan_lesson.explorers.digits import digits_player

        images = load_digits().train.images
        return digits_player(getattr(training, f"{kind}_trainer")(images, n_steps=20_000))

    return make


def _latent(name: str):
    def make():
        from gan_lesson.explorers import digits
        from gan_lesson.pretrained import load_digits_generator

        return getattr(digits, name)(load_digits_generator())

    return make


def _timeline():
    from gan_lesson.explorers.digits import TimelineExplorer
    from gan_lesson.pretrained import load_digits_timeline

    return TimelineExplorer(load_digits_timeline())


DEMONSTRATIONS = (
    Demonstration(
        "forgery_game", 0, "Real or forged? You play D", _explorer("forgery.ForgeryGame"), 525
    ),
    Demonstration(
        "log_loss", 1, "What a prediction costs", _explorer("coin_flips.LogLossExplorer"), 510
    ),
    Demonstration(
        "slopes", 1, "Two slopes of one loss", _explorer("coin_flips.SlopeExplorer", s=-4.0), 525
    ),
    Demonstration(
        "push_forward", 2, "What G does to noise", _explorer("minimax.PushForwardExplorer")
    ),
    Demonstration("ledger", 2, "The ledger of signs", _explorer("minimax.LedgerExplorer"), 520),
    Demonstration("saddle", 2, "Where the saddle is", _explorer("minimax.SaddleExplorer")),
    Demonstration(
        "circling", 2, "Two players, no rest: f = x y", _explorer("minimax.CirclingExplorer")
    ),
    Demonstration(
        "densities",
        3,
        "The best discriminator",
        _explorer("best_discriminator.DensitiesExplorer", mean=2.0),
        525,
        dpi=140,
    ),
    Demonstration(
        "logistic",
        3,
        "A trained D beside the best one",
        _explorer("best_discriminator.LogisticExplorer", mean=2.0, n=20, draw=1),
    ),
    Demonstration(
        "distances",
        3,
        "A distance that saturates",
        _explorer("best_discriminator.DistanceExplorer", mean=4.0),
        525,
    ),
    Demonstration(
        "duel",
        3,
        "A duel for two at one keyboard",
        _explorer("best_discriminator.DuelExplorer", a=1.0, b=0.5, mean=3.0),
        440,
        dpi=120,
    ),
    Demonstration(
        "two_losses",
        4,
        "Two generator losses",
        _explorer("two_losses.TwoLossesExplorer", s=-5),
        445,
    ),
    Demonstration(
        "far_start", 4, "A race from far away", _explorer("two_losses.RunsExplorer", step=34)
    ),
    Demonstration(
        "fixed_point",
        4,
        "The same fixed point",
        _explorer("two_losses.FixedPointExplorer", step=200),
        510,
    ),
    Demonstration("training_loop", 5, "The training loop", _loop_player, 555, True, 120),
    Demonstration("at_once", 5, "In turn, or both at once?", _in_turn_or_at_once, 520, dpi=118),
    Demonstration(
        "digits", 6, "Two networks learn to draw digits", _digits("fully_connected"), 520
    ),
    Demonstration("timeline", 6, "The same noise, from step to step", _timeline, 560),
    Demonstration("latent_walk", 6, "A walk in the latent space", _latent("LatentWalk")),
    Demonstration("latent_slice", 6, "A slice of the latent space", _latent("LatentSlice"), 515),
    Demonstration(
        "latent_coordinate", 6, "One coordinate of the noise", _latent("LatentCoordinate")
    ),
    Demonstration(
        "playground",
        7,
        "A playground in two dimensions",
        _explorer("playground.Playground", "wide ring"),
        440,
        True,
        110,
    ),
    Demonstration(
        "two_runs",
        7,
        "Two runs, one thing changed",
        _explorer("playground.TwoRuns", "wide ring"),
        430,
        True,
        117,
    ),
    Demonstration(
        "why_it_circles",
        8,
        "Why training circles",
        _explorer("circling.DiracExplorer", order="simultaneous", h=0.2),
        440,
    ),
    Demonstration(
        "convolution",
        9,
        "What a convolution computes",
        _explorer("convolution.ConvolutionExplorer", place=2),
        520,
    ),
    Demonstration(
        "checkerboard",
        9,
        "Where checkerboards come from",
        _explorer("convolution.CheckerboardExplorer", kernel=3, stride=2),
        520,
    ),
    Demonstration(
        "convolutional_digits", 9, "Digits by convolutions", _digits("convolutional"), 520
    ),
    Demonstration("race", 9, "The same seconds, twice", _explorer("convolution.RaceExplorer"), 525),
    Demonstration("ward", 10, "What is wrong with this run?", _explorer("clinic.Ward", 0), 430),
    Demonstration(
        "recovery",
        10,
        "A patient and the repaired loop",
        _explorer("clinic.recovery", "mode collapse"),
        520,
        dpi=115,
    ),
)


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
            value=live.is_projector(), description="projector view", tooltip="as large as on a wall"
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
        live.projector(projected, width, self.shown.height, self.shown.dpi)

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
        live.enlarge(box)
        self.place.children = [box]

    def _ipython_display_(self) -> None:
        display(self.widget)


def _close(widget: widgets.Widget) -> None:
    if isinstance(widget, widgets.Play):
        widget.playing = False  # or the browser would count on, and tell nobody
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
