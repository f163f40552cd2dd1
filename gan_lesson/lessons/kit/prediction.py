"""Predict, lock in, then look: the widget of a question, and those of a number and a choice."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets
from IPython.display import display

from gan_lesson.lessons.kit.answers import COLUMNS, locked
from gan_lesson.live import WIDGET_VIEW

if TYPE_CHECKING:  # a question makes its widget, so it imports this module
    from gan_lesson.lessons.kit.question import ChoiceQuestion, NumberQuestion, Question

SURENESS = (0.6, 0.75, 0.9, 0.99)


class Prediction:
    """What is asked, an input, the buttons "Lock in" and "Reveal", and a verdict.

    A subclass makes `self.inputs` (core widgets whose `value` is the answer) and defines
    `read`, `write` and `judge`, then calls `assemble`.

    Args:
        asked: the question.
    """

    kind = ""

    def __init__(self, asked: Question):
        self.asked = asked
        self.question, self.name = asked.question, asked.name
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
        """Return what the truth adds to the row: truth, right, distance or log_loss."""
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
                truth = self.asked.truth
                truth = self.asked.checked(truth() if callable(truth) else truth)
                self.row.update(self.judge(self.row, truth))
            except Exception as error:  # in a button's callback a traceback goes nowhere
                sentence = f"The truth could not be computed: {type(error).__name__}: {error}"
                self.verdict.value = _paragraph(sentence)
                return
        self._refresh()

    def reason(self, row: dict) -> str:
        """Return why the truth is what it is."""
        return self.asked.why

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
    """A number chosen with one slider."""

    kind = "number"
    asked: NumberQuestion

    def __init__(self, asked: NumberQuestion):
        super().__init__(asked)
        self._decimals = max(0, -math.floor(math.log10(asked.step) + 1e-9))
        self.slider = widgets.FloatSlider(
            value=asked.low,
            min=asked.low,
            max=asked.high,
            step=asked.step,
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

    def judge(self, row: dict, truth) -> dict:
        """Compare with the truth: right within the tolerance."""
        distance = abs(row["answer"] - truth)
        right = distance <= self.asked.tolerance + 1e-9
        return {"truth": truth, "right": right, "distance": distance}

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
        return f"{number} {self.asked.unit}".strip()


class ChoicePrediction(Prediction):
    """One of several options, and how sure one is of it."""

    kind = "choice"
    asked: ChoiceQuestion

    def __init__(self, asked: ChoiceQuestion):
        super().__init__(asked)
        self.options = list(asked.options)
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

    def judge(self, row: dict, truth) -> dict:
        """Compare with the truth; the log-loss is that of the probability left for it."""
        right = row["answer"] == truth
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
        return f"You said: {row['answer']}. The answer: {row['truth']}. {cost}"

    def reason(self, row: dict) -> str:
        """Return the feedback for the chosen option, then that for the right one."""
        why = self.asked.why
        if not isinstance(why, Mapping):
            return why
        options = dict.fromkeys([row["answer"], row["truth"]])  # once each, in this order
        return " ".join(why[option] for option in options if option in why)

    def options_text(self) -> str:
        """List the options."""
        return "\n".join(f"  ( ) {option}" for option in self.options)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _paragraph(text: str) -> str:
    style = "font-size:15px;line-height:1.4;max-width:680px"
    return f'<div style="{style}">{_lines(text)}</div>'
