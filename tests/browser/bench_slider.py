"""Where the time goes between a key press on a slider and the picture that answers it.

A press is followed through the page (its socket, the DOM, decoding, the frame) by marks of the
page's own clock, and through the kernel (message, callback, drawing, encoding, sending) by marks
of the machine's clock; both are brought to the same zero. Presses come one at a time, so that
none waits for another. Used by the part `slider` of `make bench`.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence

from bench_browser import WATCH
from front_ends import FrontEnd

# Notes (label, start, end), seconds since 1970, of what the kernel does for a message of a widget.
KERNEL_MARKS = """\
import json, time
from gan_lesson.live import panel as _panel

if not hasattr(_panel, "_bench_marks"):
    _panel._bench_marks = []

    def _marked(label, usual):
        def marked(*args, **options):
            start = time.time()
            try:
                return usual(*args, **options)
            finally:
                _panel._bench_marks.append((label, start, time.time()))

        return marked

    _panel.LivePanel.redraw = _marked("redraw", _panel.LivePanel.redraw)
    _panel._encoded = _marked("encode", _panel._encoded)
    _panel.Picture.put = _marked("put", _panel.Picture.put)
    _handlers = get_ipython().kernel.shell_handlers
    _handlers["comm_msg"] = _marked("message", _handlers["comm_msg"])
"""
TAKE_KERNEL_MARKS = """\
print(json.dumps(_panel._bench_marks))
_panel._bench_marks.clear()
"""
# Notes when a message leaves through a socket and when a large one comes in.
SOCKET_MARKS = """() => {
    if (window.ganLessonSockets) return;
    window.ganLessonSockets = [];
    const usual = WebSocket.prototype.send, heard = new WeakSet();
    WebSocket.prototype.send = function (data) {
        window.ganLessonSockets.push({kind: 'sent', time: performance.now()});
        if (!heard.has(this)) {
            heard.add(this);
            this.addEventListener('message', event => {
                const size = event.data.byteLength ?? event.data.length;
                window.ganLessonSockets.push({kind: 'came', time: event.timeStamp, size});
            });
        }
        return usual.call(this, data);
    };
}"""
STAGES = (
    ("page: key to socket", "key", "sent"),
    ("server: to the kernel", "sent", "message"),
    ("kernel: callback and its numbers", "message", "redraw"),
    ("kernel: draw", "redraw", "encode"),
    ("kernel: encode PNG", "encode", "encoded"),
    ("kernel: base64, JSON, sign", "encoded", "put"),
    ("server: to the page's socket", "put", "came"),
    ("page: parse, into the DOM", "came", "arrived"),
    ("page: decode, next frame", "arrived", "shown"),
)


def follow_presses(front: FrontEnd, slider: int, cell: int, presses: int = 25) -> list[dict]:
    """Press the right arrow so many times, each after the last has been answered; return marks.

    Returns:
        For each press that was followed throughout, {mark: ms}, the key's own time being 0.
    """
    page = front.page
    page.evaluate(SOCKET_MARKS)
    front.run(KERNEL_MARKS)
    front.press(slider, "Home", cell=cell)
    page.wait_for_timeout(400)
    front.run(TAKE_KERNEL_MARKS)
    front.press(slider, "ArrowRight", cell=cell)
    page.wait_for_timeout(400)
    boxes = front.cell(cell).locator(".widget-html")
    boxes.filter(has=page.locator("img[alt]")).first.evaluate(WATCH)
    page.evaluate("() => { ganLessonSockets.length = 0; }")
    for _ in range(presses):
        page.keyboard.press("ArrowRight")
        time.sleep(0.2)
    page.wait_for_timeout(400)
    zero = page.evaluate("performance.timeOrigin")
    events = page.evaluate("() => { ganLessonStop(); return ganLessonEvents; }")
    events += page.evaluate("ganLessonSockets")
    for label, start, end in json.loads(front.run(TAKE_KERNEL_MARKS)):
        begun = "encoded" if label == "put" else label
        events.append({"kind": begun, "time": 1000 * start - zero})
        if label == "put":
            events.append({"kind": "put", "time": 1000 * end - zero})
    return followed(events)


def followed(events: Sequence[dict]) -> list[dict]:
    """Sort marks by the press that they answer; see `follow_presses`."""
    keys = sorted(event["time"] for event in events if event["kind"] == "key")
    found = []
    for start, stop in zip(keys, [*keys[1:], float("inf")], strict=True):
        times = {"key": 0.0}
        for event in sorted(events, key=lambda event: event["time"]):
            large = event["kind"] != "came" or event["size"] > 4000
            if start < event["time"] < stop and large:
                times.setdefault(event["kind"], event["time"] - start)
        for missing in ("encode", "redraw"):  # a sheet of bytes draws and encodes on its own
            times.setdefault(missing, times.get("encoded", float("inf")))
        if all(a in times and b in times for _, a, b in STAGES):
            found.append(times)
    return found


def stages(followed_presses: Sequence[dict]) -> dict[str, float]:
    """Return the median ms of each of `STAGES`, and of the whole as "key to picture"."""
    table = {
        name: statistics.median(times[b] - times[a] for times in followed_presses)
        for name, a, b in STAGES
    }
    return table | {
        "key to picture": statistics.median(times["shown"] for times in followed_presses)
    }
