"""The ward: a patient, tests to order, and a diagnosis to decide on."""

from collections.abc import Sequence
from html import escape

import ipywidgets as widgets
import numpy as np

from gan_lesson import checks, plots
from gan_lesson.diagnosis import HEALTHY
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_10.charts import DIGITS, TESTS, Chart
from gan_lesson.lessons.lesson_10.examinations import examine
from gan_lesson.lessons.lesson_10.faults import FAULTS, PATIENTS
from gan_lesson.lessons.lesson_10.patients import ClinicTrainer, clinic_data
from gan_lesson.lessons.lesson_10.recorded import load_clinic_runs, recorded_examination
from gan_lesson.live import LivePanel, is_headless, is_projector

WARD_TURNS = 600


def recorded_case(number: int) -> int:
    """Return the row of `load_clinic_runs` that a numbered digits case shows: each comes once.

    Raises:
        ValueError: there is no such case.
    """
    cases = len(load_clinic_runs().faults)
    if not isinstance(number, int) or not 0 <= number < cases:
        raise ValueError(f"number is {number!r}; the cases on digits are 0 to {cases - 1}")
    return int(np.random.default_rng(1021).permutation(cases)[number])


def ward_patient(number: int) -> tuple[str, int, str]:
    """Return the fault, the seed and G's loss of a numbered case: the same for everybody.

    Twelve cases in a row hold each fault once, and health four times. Healthy patients with an
    even number have the saturating loss, so that this loss alone does not betray "D too strong".

    Args:
        number: 0 or more.

    Raises:
        ValueError: it is no such integer.
    """
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"number is {number!r}; it must be an integer >= 0")
    beds = [*FAULTS, *[HEALTHY] * 4]
    order = np.random.default_rng(1013 + number // len(beds)).permutation(len(beds))
    fault = beds[order[number % len(beds)]]
    saturating = fault == "D too strong" or (fault == HEALTHY and number % 2 == 0)
    return fault, 10 + number, "saturating" if saturating else "non_saturating"


def penalty(certainty: float, right: bool, names: int = len(PATIENTS)) -> float:
    """Return the log-loss of a diagnosis, nats: what is left is shared by the other names.

    Args:
        certainty: probability given to the diagnosis named, between 0 and 1.
        right: whether it was right.
        names: how many diagnoses there are to choose from, 2 or more.
    """
    return float(-np.log(certainty if right else (1 - certainty) / (names - 1)))


def _check(given: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        checks.one_of(f"a name in {given}", name, known)


class Ward(Explorer):
    """One case: order tests, name the fault, say how sure, and be told.

    The run is trained and examined when the object is made, in two or three seconds; ordering a
    test only shows its page. Runs on digits are recorded; nothing is trained then. No test
    prints a learning rate: what counts is what a run does. Results of all cases are kept in
    `Ward.results`, a row each: data, case, diagnosis, certainty, truth, penalty, tests ordered.

    Args:
        number: which case; everybody who gives the same number meets the same patient. On digits
            there are ten, from 0.
        data: as `clinic_data` takes, or "digits".
        turns: how long it has been in training; recorded runs have taken 300.
        shown: names of the tests that are ordered from the start, the last of them in view.
            With () none is: a class can say what it expects before it sees a page.
        names: the diagnoses to choose from, some of `PATIENTS`, the case's own among them; all
            without it.
        tests: names of the tests that may be ordered; all without it.
        preview: names of tests whose pages a build without a learner stores, a picture each.

    Raises:
        ValueError: there is no such case, `shown`, `tests` or `preview` names what is no test, or
            `names` holds what is no diagnosis or lacks the case's own.
    """

    results: list[dict] = []

    def __init__(
        self,
        number: int,
        data: str = "ring",
        turns: int = WARD_TURNS,
        shown: Sequence[str] = ("curves",),
        names: Sequence[str] = PATIENTS,
        tests: Sequence[str] | None = None,
        preview: Sequence[str] = (),
    ):
        self.number, self.data, self.names, self.preview = number, data, names, preview
        every = list(DIGITS.tests if data == "digits" else TESTS)
        self.offered = every if tests is None else list(tests)
        _check("tests", self.offered, every)
        _check("shown", shown, self.offered)
        _check("preview", preview, self.offered)
        _check("names", names, PATIENTS)
        if data == "digits":
            self.chart = Chart(recorded_examination(recorded_case(number)), DIGITS)
        else:
            fault, seed, loss = ward_patient(number)
            self.patient = ClinicTrainer(fault, clinic_data(data), seed=seed, loss=loss)
            self.patient.burst(turns)
            self.chart = Chart(examine(self.patient))
        self.fault, self.tests = self.chart.found.fault, self.chart.domain.tests
        if len(names) < 2 or self.fault not in names:
            raise ValueError(
                f"names is {names!r}; it must hold what case {number} has, and another"
            )
        self.ordered: list[str] = list(shown)
        self._pages: dict[str, tuple[bytes, str, str]] = {}  # test: its PNG, description, words
        self._large = is_projector()
        figure = plots.new_figure(9.0, 3.9)
        figure.set_layout_engine("none")  # its solver takes longer than all the drawing
        self.panel = LivePanel(figure=figure)
        self._make_controls()
        self.assemble([self.test])
        answers = widgets.HBox(
            [self.named, self.sure, self.decide], layout={"flex_flow": "row wrap"}
        )
        self.widget.children = (*self.widget.children, answers, self.feedback)
        if not is_headless():  # in a build nobody orders a second test
            for name in self.offered:
                self._draw(name)
            self.redraw()

    def _ipython_display_(self) -> None:
        """Show the case; in a build, the pages of `preview` for a reader without a kernel."""
        if not (self.preview and is_headless()):
            super()._ipython_display_()
            return
        for name in self.preview:
            self._draw(name)
            super()._ipython_display_()

    def _make_controls(self) -> None:
        wide = {"description_width": "auto"}
        self.test = widgets.ToggleButtons(
            options=self.offered,
            value=self.ordered[-1] if self.ordered else None,
            description="test",
            style={**wide, "button_width": "122px"},
        )
        self.named = widgets.Dropdown(
            options=["choose", *self.names], description="diagnosis", style=wide
        )
        self.sure = widgets.FloatSlider(
            value=0.5,
            min=np.ceil(100 / len(self.names)) / 100,
            max=0.99,
            step=0.01,
            description="how sure",
            style=wide,
        )
        self.decide = widgets.Button(description="Decide", disabled=True)
        self.feedback = widgets.HTML()
        self.named.observe(self._may_decide, "value")
        self.sure.observe(self._moved_too_late, "value")
        self.decide.on_click(self._decide)

    def redraw(self) -> None:
        """Show the test that is ordered, or say that none is."""
        name = self.test.value
        if name is None:
            self._draw_none()
            return
        if name not in self.ordered:
            self.ordered.append(name)
        if self._large != is_projector():
            self._pages, self._large = {}, is_projector()
        if name in self._pages:
            png, description, told = self._pages[name]
            self.panel.put(png, description)
        else:
            told = self._draw(name)
        measured = self.data in ("ring", "digits")
        health = f" In health: {self.tests[name].health}." if measured else ""
        self.say(f"Case {self.number} · tests ordered: {len(self.ordered)} · {told}{health}")

    def _draw_none(self) -> None:
        """Draw the empty page of a case of which no test is ordered yet."""
        figure = self.panel.figure
        figure.clear()
        with plots.lesson_style():
            told = f"Case {self.number}\nPress the name of a test."
            figure.text(0.5, 0.5, told, ha="center", va="center", fontsize=20)
        self.panel.invalidate()
        self.panel.redraw(f"Case {self.number}. No test is ordered yet.")
        self.say(f"Case {self.number} · no test is ordered yet")

    def _draw(self, name: str) -> str:
        """Take a test and keep its page: a whole new drawing takes a tenth of a second."""
        figure = self.panel.figure
        figure.clear()
        with plots.lesson_style():
            told = self.chart.draw(name, figure)
        self.panel.invalidate()
        self.panel.redraw(f"Case {self.number}, test “{name}”. {told}")
        self._pages[name] = self.panel.png, self.panel.description, told
        return told

    def _may_decide(self, change) -> None:
        self.decide.disabled = self.named.value == "choose" or self.named.disabled

    def _decide(self, button) -> None:
        """Lock the diagnosis, score it, and show the sign and the line."""
        if self.decide.disabled:
            return
        for control in (self.named, self.sure, self.decide):
            control.disabled = True
        self._judge()

    def _moved_too_late(self, change) -> None:
        """Judge anew: the slider was moved before the click, but its move arrives after it."""
        if self.sure.disabled:
            self._judge()

    def _judge(self) -> None:
        """Put this case's row into `Ward.results`, in place of an older one, and tell it."""
        row = {
            "data": self.data, "case": self.number, "diagnosis": self.named.value,
            "certainty": self.sure.value, "truth": self.fault,
            "penalty": penalty(
                self.sure.value, self.named.value == self.fault, len(self.names)
            ),
            "tests": len(self.ordered),
        }  # fmt: skip
        own = self.data, self.number
        Ward.results = [r for r in Ward.results if (r["data"], r["case"]) != own] + [row]
        self.feedback.value = self._told_of(row)

    def _told_of(self, row: dict) -> str:
        """Return a result with the sign and the line of the fault, as HTML."""
        domain = self.chart.domain
        sign, lines = domain.healthy, ""
        if self.fault != HEALTHY:
            fault = domain.faults[self.fault]
            sign = f"The sign: {fault.sign}"
            lines = f"<pre>- {escape(fault.wrong)}\n+ {escape(fault.right)}</pre>"
        right = "Right" if row["diagnosis"] == self.fault else "No"
        mean, n = np.mean([r["penalty"] for r in Ward.results]), len(self.names)
        return (
            f'<div style="font-size:15px;max-width:880px;line-height:1.4"><b>'
            f"{right}: {escape(self.fault)}.</b> Your log-loss is {row['penalty']:.2f} "
            f"nats; the mean over {len(Ward.results)} case(s) is {mean:.2f} (guessing among {n} "
            f"names costs log {n} = {np.log(n):.2f}).<br>{escape(sign)}{lines}</div>"
        )
