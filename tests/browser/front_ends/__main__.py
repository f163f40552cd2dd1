"""A picture of a whole notebook, from a shell."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import ClassicNotebook, FrontEnd, JupyterLab, Notebook7, open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def main(arguments: Sequence[str] | None = None) -> None:
    """Open a notebook, run it, touch it as told, and save a picture of it."""
    chosen = read(arguments)
    notebook = chosen.lab or chosen.notebook7 or chosen.classic
    with open_browser() as browser, front_end(browser, chosen) as front:
        if chosen.trust:
            front.trust(notebook)
        front.open(notebook, kernel=not chosen.no_run)
        if not chosen.no_run:
            front.run_all()
        front.page.wait_for_timeout(1500)
        touch(front, chosen)
        front.page.wait_for_timeout(1000)
        front.screenshot(chosen.screenshot, cell=chosen.cell)
        for number in range(front.images().count()):
            picture = front.image(number)
            print(f"image {number}: {picture.width} x {picture.height}, alt: {picture.alt}")
        for error in front.console_errors:
            print(f"console error: {error}")
        print(f"hosts: {', '.join(sorted(front.hosts))}")


def read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="front_ends", description=main.__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--lab", metavar="NOTEBOOK", type=Path, help="open it in JupyterLab")
    which.add_argument("--notebook7", metavar="NOTEBOOK", type=Path, help="or in Notebook 7")
    which.add_argument("--classic", metavar="NOTEBOOK", type=Path, help="or in classic Notebook")
    parser.add_argument("--screenshot", metavar="PNG", type=Path, required=True)
    parser.add_argument("--cell", type=int, help="the picture shows only this cell (from 0)")
    parser.add_argument("--width", type=int, default=1200, help="of the window, in pixels")
    parser.add_argument("--no-run", action="store_true", help="show what is stored, run nothing")
    parser.add_argument("--trust", action="store_true", help="trust the notebook first")
    parser.add_argument(
        "--press",
        metavar="SLIDER:KEY:TIMES",
        action="append",
        default=[],
        help="e.g. 0:ArrowRight:5, with sliders counted from 0 over the page; may be repeated",
    )
    parser.add_argument("--play", metavar="SECONDS", type=float, help="play, wait, then pause")
    parser.add_argument("--click", metavar="LABEL", action="append", default=[])
    return parser.parse_args(arguments)


def front_end(browser: Browser, chosen: argparse.Namespace) -> FrontEnd:
    """Return the front end that was chosen, not yet started."""
    if chosen.classic:
        return ClassicNotebook(browser, width=chosen.width)
    kind = JupyterLab if chosen.lab else Notebook7
    return kind(browser, windowing="none", width=chosen.width)


def touch(front: FrontEnd, chosen: argparse.Namespace) -> None:
    """Press, play and click what was asked for, in this order."""
    for what in chosen.press:
        slider, key, times = what.split(":")
        front.press(int(slider), key, int(times))
    if chosen.play:
        front.play()
        front.page.wait_for_timeout(1000 * chosen.play)
        front.pause()
    for label in chosen.click:
        front.click(label)


if __name__ == "__main__":
    main()
