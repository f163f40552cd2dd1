"""Memory: a player that plays for half an hour, and each lesson's peak; never in CI.

`make soak` lets a player play in Chromium and watches.
For each front end: kernel memory (resident), page memory (JavaScript heap after a collection),
errors on the console, and whether training still goes on. The first fifth of the time is warm-up;
after it both memories must stay within a tenth.

`make memory` runs each lesson in JupyterLab, plays its players for a while, and prints the peak of
its kernel and of the server, which together are what a learner takes on a shared machine. More
than 1.5 GB fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil
from every_control import players_among
from front_ends import ClassicNotebook, JupyterLab, open_browser, write_notebook

CELLS = [
    """\
from gan_lesson.data import load_digits
from gan_lesson.lessons.lesson_06 import digits_player
from gan_lesson.recipes import fully_connected_trainer

trainer = fully_connected_trainer(load_digits().train.images, n_steps=100_000)
""",
    "digits_player(trainer)",
]
KERNEL = "import psutil; print(psutil.Process().memory_info().rss, trainer.step)"


def watch(front, minutes: float, looks: int) -> list[tuple[int, int, int]]:
    """Play and return (kernel bytes, page bytes, steps) at each look."""
    page = front.page.context.new_cdp_session(front.page)
    asks = front.append_cell(KERNEL)  # one cell for all looks: a page grows with its cells
    seen = []
    front.play(1)
    for look in range(looks + 1):
        if look:
            time.sleep(60 * minutes / looks)
        page.send("HeapProfiler.collectGarbage")
        heap = front.page.evaluate("performance.memory.usedJSHeapSize")
        kernel, steps = (int(number) for number in front.run_cell(asks).split())
        seen.append((kernel, heap, steps))
        print(
            f"{front.name}, {look * minutes / looks:5.1f} min: kernel {kernel / 1e6:6.0f} MB, "
            f"page {heap / 1e6:5.0f} MB, {steps:,} steps",
            flush=True,
        )
    return seen


def verdict(seen: list[tuple[int, int, int]]) -> list[str]:
    """Return what is not flat after the warm-up, in words."""
    settled = seen[max(1, len(seen) // 5) :]
    wrong = []
    for name, column in (("kernel", 0), ("page", 1)):
        sizes = [row[column] for row in settled]
        change = sizes[-1] / sizes[0] - 1
        print(f"{name} memory changed by {change:+.1%} after the warm-up")
        if abs(change) > 0.1:
            wrong.append(f"{name} memory changed by {change:+.1%}")
    if not all(a[2] < b[2] for a, b in zip(seen, seen[1:], strict=False)):
        wrong.append("training stood still")
    return wrong


# --- the peak of each lesson --------------------------------------------------------------------

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
A_LEARNER = 1_500_000_000  # bytes
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"


def peak_of(front, lesson: Path, seconds: float) -> tuple[int, int]:
    """Run a lesson, play each of its players for `seconds`; return (kernel's peak, server's)."""
    front.open(lesson)
    front.run_all()
    for cell in players_among(front, range(len(front.sources()))):
        front.play(cell)
        time.sleep(seconds)
        front.pause(cell)
    return int(front.run(PEAK)), psutil.Process(front._server.pid).memory_info().rss


def memory(names: list[str], seconds: float) -> int:
    """Print the peak of the lessons named, or of all; return 1 if one takes more than it may."""
    largest = 0
    lessons = [*sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), NOTEBOOKS / "tour.ipynb"]
    with open_browser() as browser, JupyterLab(browser) as front:
        for lesson in lessons:
            if names and not lesson.name.startswith(tuple(names)):
                continue
            kernel, server = peak_of(front, lesson, seconds)
            largest = max(largest, kernel + server)
            print(
                f"{lesson.stem:40} kernel {kernel / 1e6:5.0f} MB, server {server / 1e6:4.0f} MB",
                flush=True,
            )
    print(f"the heaviest: {largest / 1e6:.0f} MB a learner, of {A_LEARNER / 1e6:.0f}")
    return int(largest > A_LEARNER)


def main() -> int:
    """Soak each front end or measure lessons; return 1 if something grew, stood still or failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="for each front end")
    parser.add_argument("--looks", type=int, default=30, help="how often to look")
    parser.add_argument("--only", choices=("lab", "classic"), help="one front end only")
    parser.add_argument("--memory", nargs="*", metavar="LESSON", help="peaks of lessons, or all")
    parser.add_argument("--seconds", type=float, default=30, help="for each player of a lesson")
    options = parser.parse_args()
    if options.memory is not None:
        return memory(options.memory, options.seconds)
    wrong = []
    fronts = {"lab": JupyterLab, "classic": ClassicNotebook}
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        for name in [options.only] if options.only else list(fronts):
            with fronts[name](browser) as front:
                front.open(write_notebook(Path(folder) / "soak.ipynb", CELLS))
                front.run_all()
                wrong += [
                    f"{front.name}: {sentence}"
                    for sentence in verdict(watch(front, options.minutes, options.looks))
                    + front.console_errors
                ]
    print("\n".join(wrong) or "flat, and no error on any console")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
