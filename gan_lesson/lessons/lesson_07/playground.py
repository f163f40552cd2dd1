"""The playground of lesson 07, and two runs with one thing changed."""

import math
import time
from collections.abc import Callable

import ipywidgets as widgets

from gan_lesson import checks
from gan_lesson.data import Mixture, from_points, letters
from gan_lesson.lessons.kit.controls import (
    labelled,
    options_with,
    sentence_html,
    toggle_buttons,
)
from gan_lesson.lessons.kit.explorer import DOUBLE_CLICK
from gan_lesson.lessons.lesson_07.plane import PlaygroundScene
from gan_lesson.lessons.lesson_07.scores import Scoreboard, scored_samples
from gan_lesson.lessons.lesson_07.settings import (
    CHANGES,
    LIVE,
    OPTIONS,
    PRESETS,
    RECIPE_STEPS,
    SETS,
    WITH_MODES,
)
from gan_lesson.lessons.lesson_07.workshop import Workshop
from gan_lesson.player import SideBySide, TrainingPlayer
from gan_lesson.player.plane import PlaneScene
from gan_lesson.recipes import PLAIN_SETTINGS, plain_trainer, playground_trainer
from gan_lesson.trainer import Trainer


class Playground(Workshop, TrainingPlayer):
    """A player with a workshop around it: data sets, settings applied live, scores.

    Rates, batch, loss, penalties and D's steps take effect in the next step. What shapes the
    networks or the data restarts the run, and a line says so.

    Args:
        data: name of a set, one of `SETS`.
        preset: name of the settings to start from, one of `PRESETS`.
        seed: start of all random numbers.
        preview_steps: as in `TrainingPlayer`.

    Raises:
        ValueError: an unknown name.
    """

    seconds_between_scores = 0.5

    def __init__(
        self,
        data: str = "wide ring",
        preset: str = "plain",
        seed: int = 0,
        preview_steps: int = 0,
    ):
        checks.one_of("data", data, SETS)
        checks.one_of("preset", preset, PRESETS)
        self.seed = seed
        self._preset = preset
        self.settings = {**PLAIN_SETTINGS, **PRESETS[preset]}
        self._sets = {name: make() for name, make in SETS.items()}
        self._placed_at = -DOUBLE_CLICK
        self._points: list[list[float]] = self._sets["my points"].centres.tolist()
        self._applying = False
        self._scored_at = -math.inf
        self.scores = widgets.HTML()
        self.scoreboard = Scoreboard(self._sets[data], data in WITH_MODES)
        super().__init__(
            self._new_trainer(self._sets[data]),
            PlaygroundScene(),
            preview_steps=preview_steps,
        )
        self.make_controls(data, preset, self.settings)
        self._observe()
        self._open()
        self._show_settings()

    # --- what the controls do ------------------------------------------------------------------

    def _observe(self) -> None:
        self.data_set.observe(lambda _: self._restart(), "value")
        self.preset.observe(lambda _: self._take_preset(), "value")
        self.group.observe(lambda _: self._open(), "value")
        for slider in (self.x, self.y):
            slider.observe(lambda _: self._aim(), "value")
        self.picture.observe(lambda _: self._choose_picture(), "value")
        for name, control in {**self.sliders, "loss": self.loss}.items():
            control.observe(lambda change, name=name: self._set(name, change["new"]), "value")
        self.new_seed.on_click(lambda _: self._restart(self.seed + 1))
        self.use_text.on_click(lambda _: self._draw(lambda: letters(self.text.value), "letters"))
        self.place.on_click(lambda _: self._place())
        self.forget.on_click(lambda _: self._remove())

    def _set(self, name: str, value) -> None:
        """Apply one setting: live if the trainer can take it, with a restart otherwise."""
        if self._applying:
            return
        self.settings[name] = value
        if name not in LIVE:
            self._restart()
            return
        with self.trainer.lock:
            setattr(self.trainer, name, value)
        label = "G's loss" if name == "loss" else OPTIONS[name][0]
        value = value.replace("_", "-") if name == "loss" else f"{value:g}"
        self._say(f"From step {self.trainer.step + 1:,} on: {label} = {value}.")

    def _new_trainer(self, data: Mixture) -> Trainer:
        """Return a trainer at step 0, and note its settings."""
        if self._preset != "recipe":
            return plain_trainer(data, self.seed, **self.settings)
        trainer = playground_trainer(data, seed=self.seed, n_steps=RECIPE_STEPS)
        self.settings |= {name: getattr(trainer, name) for name in LIVE}
        return trainer

    def _take_preset(self) -> None:
        self._preset = self.preset.value
        self.settings = {**PLAIN_SETTINGS, **PRESETS[self._preset]}
        self._restart()

    def _open(self) -> None:
        """Show the chosen group of controls, and fold the others away."""
        self.open_group.children = self.groups[self.group.value]
        self._point_at()

    def _say(self, sentence: str) -> None:
        self.notice.value = sentence_html(sentence)

    def _show_settings(self) -> None:
        """Put all controls where the settings are, without applying them again."""
        self._applying = True
        try:
            self.loss.value = self.settings["loss"]
            for name, slider in self.sliders.items():
                slider.options = options_with(OPTIONS[name][1], self.settings[name])
                slider.value = self.settings[name]
                slider.disabled = self._preset == "recipe" and name not in LIVE
        finally:
            self._applying = False

    def _restart(self, seed: int | None = None) -> None:
        """Begin again at step 0, with the chosen data, networks and seed."""
        name = self.data_set.value
        self.seed = self.seed if seed is None else seed
        with self.panel.lock:
            if self.scoreboard.data is not self._sets[name]:
                self.scoreboard = Scoreboard(self._sets[name], name in WITH_MODES)
            self.trainer = self._new_trainer(self._sets[name])
            self._rate = (time.monotonic(), 0, 0.0)
            self._scored_at = -math.inf
            self._after_training()
            self._show_settings()
        G, s = self.trainer.G, self.settings
        size = f"width {s['width']}, length of z {G.latent_dim}"
        if self._preset == "recipe":
            size = f"the recipe, whose γ and rates fall until step {RECIPE_STEPS:,}"
        self._say(f"Restarted at step 0: {name}, {size}, seed {self.seed}.")

    def _draw(self, make: Callable[[], Mixture], name: str) -> None:
        """Take a set that the learner drew, or say why it cannot be taken."""
        try:
            self._sets[name] = make()
        except ValueError as error:
            self._say(str(error))
            return
        if self.data_set.value == name:
            self._restart()
        else:
            self.data_set.value = name

    def _point_at(self) -> None:
        """Mark the place that the two sliders mean, while they are shown."""
        place = [[self.x.value], [self.y.value]] if self.group.value == "draw" else [[], []]
        with self.panel.lock:
            self.scene.cursor.set_data(*place)
            self.redraw()

    def _aim(self) -> None:
        """Follow the two sliders; a move that "Place a point" has overtaken moves that point.

        The browser holds a slider's last move back while the kernel is busy, but no click.
        """
        if time.monotonic() - self._placed_at < DOUBLE_CLICK:
            self._take_points([*self._points[:-1], [self.x.value, self.y.value]])
        self._point_at()

    def _place(self) -> None:
        points = [*self._points, [self.x.value, self.y.value]]
        self._take_points(points)
        if self._points == points:  # they may be too many
            self._placed_at = time.monotonic()

    def _remove(self) -> None:
        self._placed_at = -DOUBLE_CLICK
        if len(self._points) == 1:
            self._say("One point must stay.")
        else:
            self._take_points(self._points[:-1])

    def _take_points(self, points: list[list[float]]) -> None:
        def make() -> Mixture:
            data = from_points(points)
            self._points = points
            return data

        self._draw(make, "my points")

    def _choose_picture(self) -> None:
        with self.panel.lock:
            for part in self.scene.show:
                self.scene.show[part] = part in self.picture.value
            self.redraw()

    # --- what they show --------------------------------------------------------------------------

    def redraw(self, message: str = "") -> None:
        """Draw as any player; score every half second."""
        with self.panel.lock:
            super().redraw(message)
            if time.monotonic() - self._scored_at >= self.seconds_between_scores:
                self._score()

    def _score(self) -> None:
        with self.trainer.lock:
            x, step = scored_samples(self.trainer), self.trainer.step
        self.scores.value = self.scoreboard.table({f"G at step {step:,}": x})
        self._scored_at = time.monotonic()


class TwoRuns(SideBySide):
    """Two runs side by side from one seed: A as the preset has it, B with one thing changed.

    Another choice restarts both.

    Args:
        data: name of a set, one of `SETS`.
        preset: name of the settings of A, one of `PRESETS`.
        change: what B has different, one of `CHANGES`.
        seed: start of all random numbers of both.
        preview_steps: as in `TrainingPlayer`.

    Raises:
        ValueError: an unknown name.
    """

    def __init__(
        self,
        data: str = "wide ring",
        preset: str = "hasty G",
        change: str = "10 × D's rate",
        seed: int = 0,
        preview_steps: int = 0,
    ):
        checks.one_of("data", data, SETS)
        checks.one_of("preset", preset, PRESETS)
        checks.one_of("change", change, CHANGES)
        self._data, self._preset, self.seed = SETS[data](), preset, seed
        self._scored_at = -math.inf
        self.scores = widgets.HTML()
        self.scoreboard = Scoreboard(self._data, data in WITH_MODES)
        super().__init__(self._trainers(change), PlaneScene, preview_steps=preview_steps)
        self.change = toggle_buttons(list(CHANGES), change)
        self.change.observe(lambda _: self._restart(), "value")
        self.notice = widgets.HTML()
        self.widget.children = [
            labelled("B has", self.change),
            self.notice,
            *self.widget.children,
            self.scores,
        ]

    def _trainers(self, change: str) -> dict[str, Trainer]:
        settings = PRESETS[self._preset]
        return {
            "A": plain_trainer(self._data, self.seed, **settings),
            "B": plain_trainer(self._data, self.seed, **{**settings, **CHANGES[change]}),
        }

    def _restart(self) -> None:
        change = self.change.value
        with self.panel.lock:
            self._scored_at = -math.inf
            self.replace(self._trainers(change))
        self.notice.value = sentence_html(
            f"Both restarted at step 0 with seed {self.seed}. A: {self._preset}. B: the same, but "
            f"with {change}."
        )

    def redraw(self, message: str = "") -> None:
        """Draw both runs; score them every half second."""
        with self.panel.lock:
            super().redraw(message)
            if time.monotonic() - self._scored_at >= Playground.seconds_between_scores:
                self._scored_at = time.monotonic()
                self.scores.value = self.scoreboard.table(
                    {
                        f"{name} at step {trainer.step:,}": scored_samples(trainer)
                        for name, trainer in self.trainer.trainers.items()
                    }
                )
