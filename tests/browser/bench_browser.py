"""Measure what a person waits for in the browser: slider to picture, and the player's pace.

Used by `make bench` and by the browser tests. A time is taken inside the page: from the key's own
time stamp to the start of the frame in which the new picture, loaded and decoded, is still on the
page. A slider that only changes a plain text, measured in the same run, is what the front end and
the machine can do at best, so tests compare with that and with no number of seconds.
"""

from __future__ import annotations

import contextlib
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from front_ends import FrontEnd

TEXT_CELL = """\
import ipywidgets

_plain_text = ipywidgets.HTML("text")
_plain_slider = ipywidgets.FloatSlider(value=0, min=0, max=1, step=0.01, description="text")
_plain_slider.observe(lambda change: setattr(_plain_text, "value", f"{change['new']:.2f}"), "value")
ipywidgets.VBox([_plain_slider, _plain_text])
"""

# Collects {kind: 'key' | 'click' | 'arrived' | 'shown', time: ms} in window.ganLessonEvents.
# What arrives, a picture with its description or a text without, is shown only if nothing
# overtakes it; `change` counts what has arrived until then.
WATCH = """box => {
    window.ganLessonStop?.();
    const events = window.ganLessonEvents = [];
    const key = event => { if (!event.repeat) events.push({kind: 'key', time: event.timeStamp}); };
    const click = event => { events.push({kind: 'click', time: event.timeStamp}); };
    const withPicture = Boolean(box.querySelector('img'));
    let change = 0;
    const changed = new MutationObserver(async records => {
        for (const node of records.flatMap(record => [...record.addedNodes])) {
            const picture = node.matches?.('img') ? node : node.querySelector?.('img');
            if (picture || !withPicture) {
                change += 1;
                events.push({kind: 'arrived', time: performance.now(), alt: picture?.alt});
            }
        }
        const image = box.querySelector('img'), newest = change;
        if (image) {
            try { await image.decode(); } catch { return; }
        }
        requestAnimationFrame(time => {
            if (!image || image.isConnected) events.push({kind: 'shown', time, change: newest});
        });
    });
    document.addEventListener('keydown', key, true);
    document.addEventListener('click', click, true);
    changed.observe(box, {childList: true, subtree: true, characterData: true, attributes: true});
    window.ganLessonStop = () => {
        document.removeEventListener('keydown', key, true);
        document.removeEventListener('click', click, true);
        changed.disconnect();
    };
}"""


class Recording:
    """What reached the screen while a recording ran."""

    def __init__(self) -> None:
        self.events: list[dict] = []

    @property
    def shown(self) -> int:
        """How many changes were shown."""
        return sum(event["kind"] == "shown" for event in self.events)

    @property
    def arrived(self) -> list[str]:
        """The descriptions of all pictures that arrived, in their order."""
        return [event["alt"] for event in self.events if event["kind"] == "arrived"]

    @property
    def arrived_after_click(self) -> int:
        """How many pictures arrived after the last click."""
        click = max(event["time"] for event in self.events if event["kind"] == "click")
        return sum(event["kind"] == "arrived" and event["time"] > click for event in self.events)


@contextlib.contextmanager
def recorded_pictures(front: FrontEnd, cell: int) -> Iterator[Recording]:
    """Record the changes of a cell's picture, or of its first HTML widget if it has none."""
    boxes = front.cell(cell).locator(".widget-html")
    with_picture = boxes.filter(has=front.page.locator("img[alt]"))
    box = with_picture.first if with_picture.count() else boxes.first
    box.evaluate(WATCH)
    recording = Recording()
    yield recording
    recording.events = front.page.evaluate("() => { ganLessonStop(); return ganLessonEvents; }")


@dataclass
class Presses:
    """Key presses on a slider: how many of them were shown, and after how many milliseconds."""

    presses: int = 0
    shown: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Median time from a press to the change on screen, in ms."""
        return statistics.median(self.latencies)

    @property
    def p95(self) -> float:
        """Time within which 95 % of the presses were shown, in ms."""
        return statistics.quantiles(self.latencies, n=20)[-1]

    def add(self, other: Presses) -> None:
        """Count the presses of another series in."""
        self.presses += other.presses
        self.shown += other.shown
        self.latencies += other.latencies

    def __str__(self) -> str:
        if len(self.latencies) < 2:
            return f"{self.shown} of {self.presses} shown"
        return (
            f"median {self.median:.0f} ms, p95 {self.p95:.0f} ms, "
            f"{self.shown} of {self.presses} shown"
        )


def match_presses(events: Sequence[dict]) -> Presses:
    """Say which press each change on screen answers.

    A slider sends one value and keeps the newest of those that come while it waits: a change that
    arrives answers the presses that were sent together, and those made since then are sent next.
    One that is overtaken before it is shown is answered by the one that overtook it.
    """
    result = Presses()
    sent: list[float] = []
    waiting: list[float] = []
    answered: list[tuple[int, list[float]]] = []  # what arrived, counted from 1, and its presses
    arrived = 0
    for event in sorted(events, key=lambda event: event["time"]):
        if event["kind"] == "key":
            result.presses += 1
            (waiting if sent else sent).append(event["time"])
        elif event["kind"] == "arrived":
            arrived += 1
            answered.append((arrived, sent))
            sent, waiting = waiting, []
        elif event["kind"] == "shown":
            now = [presses for change, presses in answered if change <= event["change"]]
            answered = answered[len(now) :]
            result.shown += any(now)
            result.latencies += [event["time"] - pressed for group in now for pressed in group]
    return result


def measure_presses(
    front: FrontEnd, slider: int, cell: int, presses: int = 30, per_second: float = 25
) -> Presses:
    """Press the right arrow on a slider, at a steady pace, and time what its cell shows."""
    front.press(slider, "Home", cell=cell)
    front.page.wait_for_timeout(400)
    with recorded_pictures(front, cell) as recording:
        start = time.monotonic()
        for press in range(presses):
            time.sleep(max(0.0, start + press / per_second - time.monotonic()))
            front.page.keyboard.press("ArrowRight")
        front.page.wait_for_timeout(800)
    return match_presses(recording.events)


def measure_slider(
    front: FrontEnd, slider: int, cell: int, rounds: int = 3
) -> tuple[Presses, Presses]:
    """Measure a slider of a cell, and one that only changes a text, by turns in the same page.

    Returns:
        (the picture's presses, the text's presses), each over all rounds.
    """
    text_cell = front.append_cell(TEXT_CELL)
    front.run_cell(text_cell)
    front.sliders(text_cell).first.wait_for()
    picture, text = Presses(), Presses()
    measure_presses(front, slider, cell, presses=10)
    measure_presses(front, 0, text_cell, presses=10)
    for _ in range(rounds):
        picture.add(measure_presses(front, slider, cell))
        text.add(measure_presses(front, 0, text_cell))
    return picture, text


def step_in(text: str) -> int:
    """Return the number after the word "step" in a description or read-out; 0 for "no step"."""
    if re.search(r"\bno step\b", text, re.IGNORECASE):
        return 0
    found = re.search(r"\bstep\s*([\d,]+)", text, re.IGNORECASE)
    if not found:
        raise ValueError(f"text must name a step, but was {text!r}")
    return int(found[1].replace(",", ""))


@dataclass(frozen=True)
class Pace:
    """How fast a player went: pictures on screen and training steps, per second."""

    pictures: float
    steps: float

    def __str__(self) -> str:
        return f"{self.pictures:.1f} pictures/s, {self.steps:.0f} steps/s"


def measure_player(
    front: FrontEnd, cell: int, read_step: Callable[[], int], seconds: float = 10
) -> Pace:
    """Press Play, count for a while the pictures that reach the screen and the steps, and pause.

    Args:
        front: a notebook whose cell shows a player that has not been started.
        cell: the index of that cell.
        read_step: returns the step that the player shows.
        seconds: for how long to count, after a second of warming up.
    """
    front.play(cell)
    front.page.wait_for_timeout(1000)
    first, start = read_step(), time.monotonic()
    with recorded_pictures(front, cell) as recording:
        front.page.wait_for_timeout(1000 * seconds)
    last, elapsed = read_step(), time.monotonic() - start
    front.pause(cell)
    return Pace(recording.shown / elapsed, (last - first) / elapsed)
