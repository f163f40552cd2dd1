"""The box of the law, and the explorer of its six cases; both are made from `act.py` alone."""

import ipywidgets as widgets
from IPython.display import Markdown
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_lesson import plots
from gan_lesson.lessons.kit.controls import labelled, toggle_buttons
from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.lesson_14.act import (
    ACT,
    AMENDED_BY,
    ANSWERS,
    APPLIES_FROM,
    AS_OF,
    CASES,
    NOT_SAID,
    RULES,
    SOURCES,
    WORDS,
)
from gan_lesson.live import LivePanel

UNDECIDED = "not yet"


def six_cases() -> Markdown:
    """Return the stories of the six cases, as a numbered list."""
    return Markdown("\n".join(f"{i}. *{c.name}*: {c.story}" for i, c in enumerate(CASES, start=1)))


def law_box() -> Markdown:
    """Return the rules as one table, with their date, articles and sources."""
    day = f"{AS_OF:%d %B %Y}".lstrip("0")
    lines = [
        f"**The law on {day}.** {ACT}, amended by {AMENDED_BY}. "
        f"Article 50 applies from {APPLIES_FROM}.",
        "",
        "| article | binds | what it asks | where it ends |",
        "|---|---|---|---|",
        *(f"| {r.article} | {r.who} | {r.duty} | {r.limit} |" for r in RULES),
        "",
        *(f"- **{word}** (Article {article}) {meaning}." for word, article, meaning in WORDS),
        *(f"- {sentence}" for sentence in NOT_SAID),
        "",
        "Sources: " + "; ".join(f"[{name}]({address})" for name, address in SOURCES) + ".",
    ]
    return Markdown("\n".join(lines))


class CasesExplorer(Explorer):
    """Six cases: on whom does Article 50 put a duty? The learner decides, then looks.

    Args:
        case: number of the case to begin with, 1 to 6.
    """

    def __init__(self, case: int = 1):
        self._said: dict[int, str] = {}
        self.panel = LivePanel(9.2, 3.3)
        with plots.lesson_style():
            self.panel.moving(self._draw(self.panel.figure.subplots()))
        numbers = [(str(i + 1), i) for i in range(len(CASES))]
        self.case = toggle_buttons(numbers, case - 1, width=52)
        self.answer = toggle_buttons([UNDECIDED, *ANSWERS])
        self.look = widgets.Checkbox(
            value=False, description="show how we read Article 50 in the cases that I decided",
            indent=False, layout={"width": "420px"},
        )  # fmt: skip
        self.case.observe(self._turn_to, "value")
        self.assemble([self.case, self.answer, self.look])
        rows = [labelled("case", self.case), labelled("it binds", self.answer)]
        self.widget.children = (*rows, self.look, *self.widget.children[1:])

    def _draw(self, board: Axes) -> list[Artist]:
        """Draw what stays, return what moves."""
        n = len(CASES)
        board.set(xlim=(-1.75, 2.6), ylim=(n - 0.45, -0.75))
        board.set_axis_off()
        for column, answer in enumerate(ANSWERS):
            board.text(column, -0.65, answer, ha="center", va="center", fontsize=13)
        self._names, self._rings, self._truths = [], [], []
        for row, case in enumerate(CASES):
            self._names.append(board.text(-1.7, row, f"{row + 1}  {case.name}", va="center",
                                          fontsize=13))  # fmt: skip
            board.plot(range(len(ANSWERS)), [row] * len(ANSWERS), "o", markersize=5,
                       color="#8a8a8a")  # fmt: skip
            self._rings += board.plot([], [], "o", markersize=19, fillstyle="none",
                                      markeredgewidth=2.2, color=plots.GENERATED)  # fmt: skip
            self._truths += board.plot([], [], "s", markersize=9, color="#111111")
        return [*self._names, *self._rings, *self._truths]

    def _turn_to(self, change) -> None:
        """Show what was said of the case that is turned to."""
        self.answer.value = self._said.get(change["new"], UNDECIDED)

    def redraw(self) -> None:
        """Note the answer to the present case, and show all answers."""
        now = self.case.value
        self._said[now] = self.answer.value
        for row, case in enumerate(CASES):
            said = self._said.get(row, UNDECIDED)
            ring = [ANSWERS.index(said)] if said in ANSWERS else []
            self._rings[row].set_data(ring, [row] * len(ring))
            truth = [ANSWERS.index(case.bound)] if ring and self.look.value else []
            self._truths[row].set_data(truth, [row] * len(truth))
            self._names[row].set_fontweight("bold" if row == now else "normal")
        case, said = CASES[now], self._said[now]
        told = f"Case {now + 1}, {case.name}. {case.story}"
        if said in ANSWERS:
            told += f" You say: {said}."
            if self.look.value:
                told += f" Article 50 binds: {case.bound}. {case.why}"
        self.say(told)
        decided = sum(said in ANSWERS for said in self._said.values())
        self.look.disabled = not decided
        self.panel.redraw(
            "A board of six cases and three answers. Rings are your answers, squares are how we "
            f"read the Act. {decided} of 6 decided. {told}"
        )
