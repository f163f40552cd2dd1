"""Predict, lock in, then look: the widgets of one prediction."""

import base64
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from gan_lesson import plots
from gan_lesson.lessons.kit.answers import COLUMNS, locked
from gan_lesson.live import WIDGET_VIEW, LivePanel

SURENESS = (0.6, 0.75, 0.9, 0.99)


class Prediction:
    """A question, an input, the buttons "Lock in" and "Reveal", and a verdict.

    A subclass makes `self.inputs` (core widgets whose `value` is the answer) and defines
    `read`, `write` and `judge`, then calls `assemble`.

    Args:
        question: plain text.
        truth: the right answer, or a function without arguments that computes it when the
            learner reveals.
        why: one or two sentences for the verdict, plain text.
        name: what the answer is called in `answers()`; made from the question if left out.

    Raises:
        ValueError: the question is empty.
    """

    kind = ""

    def __init__(self, question: str, truth, why: str | Mapping[str, str], name: str | None):
        if not question.strip():
            raise ValueError("question is empty; it must say what to predict")
        self.question = question
        self.name = name or "-".join(re.findall(r"\w+", question.lower())[:6])
        self._truth = truth
        self._why = why
        self._touched = False
        self.inputs: list[widgets.Widget] = []

    def assemble(self, body: list[widgets.Widget]) -> None:
        """Lay out question, `body`, buttons and verdict; take up an answer locked before."""
        head = widgets.HTML(
            '<div style="font-size:15px;line-height:1.4;max-width:680px">'
            f"<b>Predict.</b> {_lines(self.question)}</div>"
        )
        self.lock_button = widgets.Button(description="Lock in", disabled=True)
        self.reveal_button = widgets.Button(description="Reveal", disabled=True)
        self.verdict = widgets.HTML()
        buttons = widgets.HBox([self.lock_button, self.reveal_button], layout={"margin": "6px 0"})
        self.widget = widgets.VBox(
            [head, *body, buttons, self.verdict],
            layout={"border": "1px solid #bbbbbb", "padding": "8px 12px", "max_width": "760px"},
        )
        if self.locked:
            self.write(self.row)
            self._touched = True
        for control in self.inputs:
            control.observe(self._moved, "value")
        self.lock_button.on_click(lambda _: self.lock())
        self.reveal_button.on_click(lambda _: self.reveal())
        self._refresh()

    @property
    def row(self) -> dict | None:
        """What is stored of this prediction; None before it is locked."""
        return locked.get((self.name, self.kind, self.question))

    @property
    def locked(self) -> bool:
        """Whether an answer has been locked in."""
        return self.row is not None

    @property
    def revealed(self) -> bool:
        """Whether the truth has been shown."""
        return self.locked and self.row["truth"] is not None

    def read(self) -> dict:
        """Return the answer that the inputs hold: {"answer": ...} and what belongs to it."""
        raise NotImplementedError  # abstract: every kind defines it

    def write(self, row: dict) -> None:
        """Put a stored answer back on the inputs."""
        raise NotImplementedError

    def judge(self, row: dict, truth) -> dict:
        """Return what the truth adds to the row: truth, right, distance or log_loss.

        Raises:
            ValueError: the truth is not one that the question allows.
        """
        raise NotImplementedError

    def words(self, row: dict) -> str:
        """Return the verdict on a judged row, plain text."""
        raise NotImplementedError

    def options_text(self) -> str:
        """Return what may be answered, plain text, for a reader without a kernel."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether the learner has given an answer that may be locked."""
        return self._touched

    def lock(self) -> None:
        """Keep the present answer for good; do nothing if there is none, or one is kept."""
        if self.locked or not self.ready():
            return
        empty = dict.fromkeys(COLUMNS)
        asked = {"name": self.name, "kind": self.kind, "question": self.question}
        locked[tuple(asked.values())] = {**empty, **asked, **self.read()}
        self._refresh()

    def reveal(self) -> None:
        """Show the truth, the verdict and why; do nothing before an answer is locked."""
        if not self.locked:
            return
        if not self.revealed:
            try:
                truth = self._truth() if callable(self._truth) else self._truth
                self.row.update(self.judge(self.row, truth))
            except Exception as error:  # in a button's callback a traceback goes nowhere
                sentence = f"The truth could not be computed: {type(error).__name__}: {error}"
                self.verdict.value = _paragraph(sentence)
                return
        self._refresh()

    def reason(self, row: dict) -> str:
        """Return why the truth is what it is."""
        return self._why

    def _moved(self, change) -> None:
        if self.revealed:
            self.write(self.row)  # whatever comes now comes too late
        elif self.locked:
            # The inputs are off, so this was set before the click. ipywidgets holds a move back
            # while the kernel answers the one before, but never a click, which overtakes it.
            self.row.update(self.read())
        else:
            self._touched = True
            self.lock_button.disabled = not self.ready()

    def _refresh(self) -> None:
        for control in self.inputs:
            control.disabled = self.locked
        self.lock_button.disabled = self.locked or not self.ready()
        self.lock_button.description = "Locked" if self.locked else "Lock in"
        self.reveal_button.disabled = not self.locked or self.revealed
        if self.revealed:
            told = f"{self.words(self.row)} {self.reason(self.row)}"
            self.verdict.value = _paragraph(told.strip())

    def as_text(self) -> str:
        """Return the question and what may be answered, as plain text."""
        wrapped = textwrap.wrap(f"Predict: {self.question}", 88)
        return "\n".join([*wrapped, self.options_text()])

    def bundle(self) -> tuple[dict, dict]:
        """Return what to display, live widget and plain text, and its metadata."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return {"text/plain": self.as_text(), WIDGET_VIEW: view}, {}

    def _ipython_display_(self) -> None:
        data, metadata = self.bundle()
        display(data, raw=True, metadata=metadata)


class NumberPrediction(Prediction):
    """A number chosen with one slider; arguments and errors as of `predict_number`."""

    kind = "number"

    def __init__(self, question, truth, tolerance, low, high, step, unit, why, name):
        super().__init__(question, truth, why, name)
        _check_range(low, high)
        if not 0 < step <= high - low:
            raise ValueError(f"step is {step}; it must be positive and at most high - low")
        if not tolerance >= 0:
            raise ValueError(f"tolerance is {tolerance}; it must be at least 0")
        if not callable(truth):
            self._checked(truth)
        self.tolerance = tolerance
        self.unit = unit
        self._decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        self.slider = widgets.FloatSlider(
            value=low,
            min=low,
            max=high,
            step=step,
            readout_format=f".{self._decimals}f",
            description="you say",
            layout={"width": "460px", "max_width": "100%"},
        )
        self.inputs = [self.slider]
        self.assemble([self.slider])

    def read(self) -> dict:
        """Return the slider's number."""
        return {"answer": round(self.slider.value, 10)}

    def write(self, row: dict) -> None:
        """Put the slider where it was locked."""
        self.slider.value = row["answer"]

    def _checked(self, truth) -> float:
        if not math.isfinite(truth):
            raise ValueError(f"truth is {truth}; it must be a finite number")
        return float(truth)

    def judge(self, row: dict, truth) -> dict:
        """Compare with the truth: right within the tolerance."""
        truth = self._checked(truth)
        distance = abs(row["answer"] - truth)
        return {"truth": truth, "right": distance <= self.tolerance + 1e-9, "distance": distance}

    def words(self, row: dict) -> str:
        """Say both numbers and the distance between them."""
        said, truth = f"{row['answer']:.{self._decimals}f}", f"{row['truth']:.4g}"
        if row["right"]:
            return f"Right. You said {said}; it is {self._with_unit(truth)}."
        side = "low" if row["answer"] < row["truth"] else "high"
        off = self._with_unit(f"{row['distance']:.3g}")
        return f"You said {said}; it is {self._with_unit(truth)}. You are {off} too {side}."

    def options_text(self) -> str:
        """Say from where to where the slider goes."""
        return f"  a number from {self.slider.min:g} to {self._with_unit(f'{self.slider.max:g}')}"

    def _with_unit(self, number: str) -> str:
        return f"{number} {self.unit}".strip()


class ChoicePrediction(Prediction):
    """One of several options, and how sure one is of it.

    Arguments and errors are those of `predict_choice`.
    """

    kind = "choice"

    def __init__(self, question, options, truth, why, name):
        super().__init__(question, truth, why, name)
        self.options = [str(option) for option in options]
        if len(self.options) < 2 or len(set(self.options)) < len(self.options):
            raise ValueError(f"options is {options}; it must hold two or more different texts")
        if not callable(truth):
            self._checked(truth)
        if isinstance(why, Mapping) and (unknown := set(why) - set(self.options)):
            raise ValueError(f"why explains {sorted(unknown)}, which are not among the options")
        self.choice = widgets.RadioButtons(
            options=self.options, value=None, layout={"width": "auto", "max_width": "100%"}
        )
        guess = 1 / len(self.options)
        self.sure = widgets.ToggleButtons(
            options=[("a guess", guess), *((f"{p:.0%}", p) for p in SURENESS if p > guess)],
            value=guess,
            description="how sure?",
            style={"button_width": "78px"},
            layout={"width": "auto"},
        )
        self.inputs = [self.choice, self.sure]
        self.assemble([self.choice, self.sure])

    def ready(self) -> bool:
        """Whether an option has been chosen."""
        return self.choice.value is not None

    def read(self) -> dict:
        """Return the option and the probability given to it."""
        return {"answer": self.choice.value, "sure": self.sure.value}

    def write(self, row: dict) -> None:
        """Put back the option and the probability."""
        self.choice.value, self.sure.value = row["answer"], row["sure"]

    def _checked(self, truth) -> str:
        if truth not in self.options:
            raise ValueError(f"truth is {truth!r}; it must be one of {self.options}")
        return truth

    def judge(self, row: dict, truth) -> dict:
        """Compare with the truth; the log-loss is that of the probability left for it."""
        right = row["answer"] == self._checked(truth)
        others = len(self.options) - 1
        left = row["sure"] if right else (1 - row["sure"]) / others
        return {"truth": truth, "right": right, "log_loss": -math.log(left)}

    def words(self, row: dict) -> str:
        """Say which option is right and what the stated probability costs."""
        left = math.exp(-row["log_loss"])
        gave = f"{left:.1%}" if left < 0.095 else f"{left:.0%}"
        guess = math.log(len(self.options))
        cost = f"You gave the right answer {gave}, so your log-loss is {row['log_loss']:.2f} nats "
        cost += f"(a pure guess pays {guess:.2f})."
        if row["right"]:
            return f"Right: {row['truth']}. {cost}"
        return f"You said: {row['answer']}. It is: {row['truth']}. {cost}"

    def reason(self, row: dict) -> str:
        """Return the feedback for the chosen option, then that for the right one."""
        if not isinstance(self._why, Mapping):
            return self._why
        asked = dict.fromkeys([row["answer"], row["truth"]])  # once each, in this order
        return " ".join(self._why[option] for option in asked if option in self._why)

    def options_text(self) -> str:
        """List the options."""
        return "\n".join(f"  ( ) {option}" for option in self.options)


class CurvePrediction(Prediction):
    """A curve through five points, each set by a vertical slider.

    Arguments and errors are those of `predict_curve`.
    """

    kind = "curve"
    slider_width = 52  # CSS pixels

    def __init__(self, question, x, truth, low, high, xlabel, ylabel, why, name):
        super().__init__(question, truth, why, name)
        _check_range(low, high)
        self.x = np.asarray(x, dtype=float)
        if self.x.shape != (5,) or not (np.diff(self.x) >= 0.1 * np.ptp(self.x)).all():
            raise ValueError(
                f"x is {x}; it must be five rising places, none nearer to the next than a "
                "tenth of their range"
            )
        if not callable(truth):
            self._checked(truth)
        self.xlabel, self.ylabel = xlabel, ylabel
        self._draw_axes(low, high)
        middle = (low + high) / 2
        self.sliders = [
            widgets.FloatSlider(
                value=middle,
                min=low,
                max=high,
                step=(high - low) / 100,
                orientation="vertical",
                description=f"{place:g}",
                readout_format=".2f" if high - low < 20 else ".0f",
                layout={"width": f"{self.slider_width}px", "height": "180px", "margin": margin},
            )
            for place, margin in zip(self.x, self._margins(), strict=True)
        ]
        self.inputs = list(self.sliders)
        row = widgets.HBox(self.sliders, layout={"max_width": "100%"})
        self.assemble([self.panel.html, row])
        self._redraw()

    def _draw_axes(self, low: float, high: float) -> None:
        self.panel = LivePanel(7.0, 2.8)
        with plots.lesson_style():
            axes = self.panel.figure.subplots()
            yours = axes.plot([], [], "o--", color="#777777", label="you", markersize=9)[0]
            true = axes.plot([], [], "D-", color="#111111", label="truth", markersize=7)[0]
        room, spread = 0.06 * (high - low), 0.1 * np.ptp(self.x)
        axes.set(xlabel=self.xlabel, ylim=(low - room, high + room))
        axes.set_ylabel("\n".join(textwrap.wrap(self.ylabel, 30)))
        axes.set(xlim=(self.x[0] - spread, self.x[-1] + spread), xticks=self.x)
        axes.set_xticks(self.x, [f"{place:g}" for place in self.x])
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        self._yours, self._true = self.panel.moving([yours, true])
        self._axes = axes

    def _margins(self) -> list[str]:
        """Return the CSS margins that centre each slider under its place on the axis."""
        self.panel.redraw("")  # places the axes
        corners = np.column_stack([self.x, np.zeros(5)])
        left = self._axes.transData.transform(corners)[:, 0] - self.slider_width / 2
        gaps = np.diff(left, prepend=0.0) - np.array([0, *[self.slider_width] * 4])
        return [f"0 0 0 {gap:.0f}px" for gap in gaps]

    def _redraw(self) -> None:
        with self.panel.lock:
            heights = [slider.value for slider in self.sliders]
            self._yours.set_data(self.x, heights)
            if self.revealed:
                self._true.set_data(self.x, self.row["truth"])
            self.panel.redraw(self._describe())

    def _describe(self) -> str:
        heights = ", ".join(f"{slider.value:.3g}" for slider in self.sliders)
        places = ", ".join(f"{place:g}" for place in self.x)
        told = f"Your five points of {self.ylabel} at {self.xlabel} {places}: {heights}"
        if self.revealed:
            told += "; the truth: " + ", ".join(f"{y:.3g}" for y in self.row["truth"])
        return told + "."

    def _moved(self, change) -> None:
        super()._moved(change)
        self._redraw()

    def _refresh(self) -> None:
        super()._refresh()
        self._redraw()

    def read(self) -> dict:
        """Return the five heights."""
        return {"answer": [round(slider.value, 10) for slider in self.sliders]}

    def write(self, row: dict) -> None:
        """Put the five sliders back."""
        for slider, height in zip(self.sliders, row["answer"], strict=True):
            slider.value = height

    def _checked(self, truth) -> list[float]:
        heights = np.asarray(truth, dtype=float)
        if heights.shape != (5,) or not np.isfinite(heights).all():
            raise ValueError(f"truth is {truth}; it must be five finite numbers")
        return heights.tolist()

    def judge(self, row: dict, truth) -> dict:
        """Compare with the truth: the mean distance, and whether it rises and falls alike."""
        truth = self._checked(truth)
        distance = float(np.mean(np.abs(np.subtract(row["answer"], truth))))
        right = self._turns_right(row["answer"], truth) == 4
        return {"truth": truth, "right": right, "distance": distance}

    def _turns_right(self, answer: Sequence[float], truth: Sequence[float]) -> int:
        """Count the four stretches on which the answer goes the way the truth goes."""
        flat = 0.02 * (self.sliders[0].max - self.sliders[0].min)
        ways = [np.sign(np.where(np.abs(d := np.diff(y)) < flat, 0, d)) for y in (answer, truth)]
        return int(np.sum(ways[0] == ways[1]))

    def words(self, row: dict) -> str:
        """Say how far the points are off, where most, and how much of the shape is right."""
        off = np.abs(np.subtract(row["answer"], row["truth"]))
        worst = int(off.argmax())
        turns = self._turns_right(row["answer"], row["truth"])
        return (
            f"Your points are {row['distance']:.2g} off on average, most at {self.x[worst]:g} "
            f"(you {row['answer'][worst]:.2g}, truth {row['truth'][worst]:.2g}). "
            f"On {turns} of 4 stretches yours goes the way the truth goes."
        )

    def options_text(self) -> str:
        """Say at which places a height is asked."""
        places = ", ".join(f"{place:g}" for place in self.x)
        low, high = self.sliders[0].min, self.sliders[0].max
        return f"  {self.ylabel}, from {low:g} to {high:g}, at {self.xlabel}: {places}"

    def bundle(self) -> tuple[dict, dict]:
        """Return live widget, picture and plain text, and the picture's description."""
        data, _ = super().bundle()
        data["image/png"] = base64.b64encode(self.panel.png).decode()
        return data, {"image/png": {"alt": f"{self.question} {self.panel.description}"}}


def _check_range(low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low is {low} and high is {high}; both must be finite, low < high")


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _paragraph(text: str) -> str:
    style = "font-size:15px;line-height:1.4;max-width:680px"
    return f'<div style="{style}">{_lines(text)}</div>'
