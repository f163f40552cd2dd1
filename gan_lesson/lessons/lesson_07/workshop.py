"""The controls of lesson 07's playground, around its player; what they do is the playground's."""

import ipywidgets as widgets

from gan_lesson.lessons.kit.controls import (
    ROW,
    button,
    labelled,
    option_slider,
    sentence_html,
    slider,
    toggle_buttons,
)
from gan_lesson.lessons.lesson_07.settings import OPTIONS, PRESETS, SETS


class Workshop:
    """What stands around a TrainingPlayer: choices, one group of settings open, and scores.

    A player that has it as a second base makes `self.scores`, calls `make_controls` and
    connects them.
    """

    speed: widgets.Widget  # of the player, as are the parts of `widget` before the call
    widget: widgets.VBox
    scores: widgets.HTML

    def make_controls(self, data: str, preset: str, settings: dict) -> None:
        """Make what stands above and below the player, and lay it all out.

        Args:
            data: the set that is chosen, one of `SETS`.
            preset: the settings that are chosen, one of `PRESETS`.
            settings: where the sliders stand, by the names of `OPTIONS`, and "loss".
        """
        self.data_set = toggle_buttons(list(SETS), data)
        self.preset = toggle_buttons(list(PRESETS), preset)
        self.sliders = {
            name: option_slider(label, options, settings[name])
            for name, (label, options) in OPTIONS.items()
        }
        losses = [("non-saturating", "non_saturating"), ("saturating", "saturating")]
        self.loss = toggle_buttons(losses, settings["loss"])
        self.new_seed = button("Restart, next seed")
        self.picture = toggle_buttons(["heat map and arrows", "heat map", "arrows", "points only"])
        self.speed.layout.width = "330px"
        self._make_drawing()
        self._make_groups()
        self._lay_out()

    def _make_drawing(self) -> None:
        """Make the controls by which a learner draws a set."""
        self.text = widgets.Text(value="AB", description="letters", layout={"width": "160px"})
        self.use_text = button("Use letters")
        self.x, self.y = (
            slider(name, 0, -1.2, 1.2, 0.1, layout={"width": "300px"}) for name in ("x₁", "x₂")
        )
        self.place = button("Place a point")
        self.forget = button("Remove last")

    def _make_groups(self) -> None:
        self.groups = {
            "speed": [self.speed],
            "rates": [self.sliders["lr_d"], self.sliders["lr_g"]],
            "turns": [self.sliders["batch_size"], self.sliders["d_steps"]],
            "loss": [self.loss],
            "penalty": [self.sliders["r1_gamma"], self.sliders["r2_gamma"]],
            "networks": [
                self.sliders["width"],
                self.sliders["latent_dim"],
                self.new_seed,
                widgets.HTML(sentence_html("These restart the run.")),
            ],
            "draw": [
                widgets.HBox([self.text, self.use_text]),
                widgets.HBox([self.x, self.y]),
                widgets.HBox([self.place, self.forget]),
            ],
            "picture": [self.picture],
        }
        self.group = toggle_buttons(list(self.groups), "speed")
        self.open_group = widgets.HBox(layout={**ROW, "min_height": "34px"})

    def _lay_out(self) -> None:
        self.notice = widgets.HTML()
        buttons, picture, moment, status = self.widget.children
        buttons.children = [c for c in buttons.children if c is not self.speed]
        self.widget = widgets.VBox(
            [
                labelled("data", self.data_set),
                labelled("start from", self.preset),
                labelled("settings", self.group),
                self.open_group,
                self.notice,
                *(buttons, picture, moment, status),
                self.scores,
            ]
        )
