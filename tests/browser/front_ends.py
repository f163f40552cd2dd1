"""Drive JupyterLab, Notebook 7, classic Notebook and Voila in a real Chromium, through one API.

`JupyterLab`, `Notebook7` and `ClassicNotebook` each start a Jupyter server of their own in a
temporary folder and open notebooks from a copy there, so nothing in the repository is written and
no setting of the person who runs the tests counts. All have the same methods:

    with open_browser() as browser, JupyterLab(browser) as front:
        front.open("notebooks/01_coin_flips_to_binary_cross_entropy.ipynb")
        front.run_all()
        before = front.picture()
        front.press(0, "ArrowRight")
        after = front.wait_for_picture(differs_from=before)

From a shell, a picture of a whole notebook:

    python tests/browser/front_ends.py --lab notebooks/06_digits.ipynb --screenshot out.png
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlparse

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

REPO = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HANDLES = ".noUi-handle:visible, .ui-slider-handle:visible"
LIVE_PICTURES = ".widget-html img[alt]"

# What a person can set in a cell, by kind, in the order in which the kinds are listed.
CONTROLS = {
    "slider": ".noUi-handle, .ui-slider-handle",
    "radio": ".widget-radio-box input",
    "toggle": ".widget-toggle-buttons button",
    "checkbox": ".widget-checkbox input",
    "menu": ".widget-dropdown select",
    "text": ".widget-text input",
    "button": "button.widget-button",
}
READ_CONTROLS = """(cell, kinds) => Object.entries(kinds).flatMap(([kind, selector]) =>
    [...cell.querySelectorAll(selector)]
        .filter(element => !element.closest('.widget-play'))
        .flatMap((element, index) => {
            const box = element.closest(
                '.widget-slider, .widget-checkbox, .widget-dropdown, .widget-text');
            const words = element => element?.textContent.replace('\\u200b', '').trim();
            const label = words(box?.querySelector('.widget-label'))
                || words(box ?? element.closest('.widget-radio-box label') ?? element);
            const usable = element.offsetParent !== null && !element.disabled
                && !element.closest('[disabled], .ui-slider-disabled')
                && !(kind === 'radio' && element.checked)
                && !(kind === 'toggle' && element.classList.contains('mod-active'));
            const choices = kind === 'menu' ? [...element.options] : [null];
            return choices.map((choice, option) => ({
                kind, index, option, usable: usable && !choice?.selected,
                label: choice ? `${label}: ${choice.text}` : label,
            }));
        }))"""
READ_STATE = """cell => [cell.textContent].concat(
    [...cell.querySelectorAll('input, select')].map(field => `${field.value} ${field.checked}`),
    [...cell.querySelectorAll('button.mod-active')].map(button => button.textContent))"""

# Keeps what a kernel sends unasked: a widget's callback that fails writes in no cell.
NOTE_KERNEL_ERROR = """window.ganLessonKernelErrors ??= [];
const note = message => {
    const {header, content} = message;
    if (header.msg_type === 'error') {
        window.ganLessonKernelErrors.push(content.traceback.join('\\n'));
    } else if (header.msg_type === 'stream' && content.name === 'stderr') {
        window.ganLessonKernelErrors.push(content.text);
    }
};
"""


class Missing(Exception):
    """Something that the browser tests need is not on this machine; one plain sentence."""


def absent(missing: Missing | str) -> NoReturn:
    """Skip on a learner's machine; fail where GAN_LESSON_REQUIRE_BROWSER is set (CI)."""
    import pytest  # make bench and a screenshot do without

    outcome = pytest.fail if os.environ.get("GAN_LESSON_REQUIRE_BROWSER") else pytest.skip
    outcome(str(missing))


def find_chromium() -> str:
    """Return the browser's path: the environment variable CHROMIUM, else the first on PATH.

    Raises:
        Missing: there is none.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found:
            return found
        raise Missing(f"The environment variable CHROMIUM names {named!r}, which is no program.")
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise Missing(
        "No Chromium on PATH (and CHROMIUM is not set), so the notebooks were not opened in a "
        "browser."
    )


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Start one headless Chromium under Playwright and close it at the end.

    Raises:
        Missing: Playwright or Chromium is not installed.
    """
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        raise Missing(
            "Playwright is not installed, so the notebooks were not opened in a browser; "
            'pip install "gan_lesson[test]" brings it.'
        ) from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=list(CHROMIUM_ARGS), headless=True
        )
        try:
            yield browser
        finally:
            browser.close()


def write_notebook(path: Path, cells: Sequence[str]) -> Path:
    """Write an unexecuted notebook with one code cell for each source in `cells`."""
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for source in cells
        ],
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Picture:
    """What one `<img>` of the page shows: its description, its pixels and its natural size."""

    alt: str
    src_hash: str
    width: int
    height: int


@dataclass(frozen=True)
class Control:
    """A slider, radio or toggle button, checkbox, choice of a menu, text field or button.

    `index` counts those of its kind in its cell now, hidden ones too; `option` the choices of a
    menu. `usable`: it is shown and switched on, and nothing that is chosen already.
    """

    kind: str
    index: int
    option: int
    label: str
    usable: bool


def wait_until(what: str, condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Call `condition` until it is true and return what it gave.

    Raises:
        TimeoutError: naming `what`, when `seconds` have passed.
    """
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class WidgetPage(ABC):
    """A server of one's own and, after `open`, one page with widgets. Use as a context."""

    name: str
    own_errors: tuple[str, ...] = ()  # parts of the console errors that the front end itself makes
    answers_at = "api"  # the address that tells whether the server is up

    def __init__(self, browser: Browser, *, width: int = 1200, height: int = 900) -> None:
        self.browser = browser
        self.size = {"width": width, "height": height}
        self.page: Page | None = None
        self._context: BrowserContext | None = None
        self.console_errors: list[str] = []
        self.hosts: set[str] = set()

    # --- the server -----------------------------------------------------------------------------

    @property
    @abstractmethod
    def python(self) -> str:
        """The interpreter whose Jupyter is started. Raises `Missing` when there is none."""

    @abstractmethod
    def _arguments(self) -> list[str]:
        """The server's command line after the interpreter."""

    def __enter__(self) -> FrontEnd:
        python = self.python
        self._temporary = tempfile.TemporaryDirectory(
            prefix="gan_lesson_", ignore_cleanup_errors=True
        )
        self.home = Path(self._temporary.name)
        self.root = self.home / "notebooks"
        self.root.mkdir()
        self.port = _free_port()
        self.env = self._environment()
        for file, text in self._settings().items():
            (self.home / file).parent.mkdir(parents=True, exist_ok=True)
            (self.home / file).write_text(text, encoding="utf-8")
        self._log = open(self.home / "server.log", "wb")  # noqa: SIM115 (closed in __exit__)
        self._server = subprocess.Popen(
            [python, *self._arguments()],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until(f"{self.name} answers", self._answers, 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._context is not None:
            self._context.close()
            self._context = None
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGTERM)
            try:
                self._server.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._server.pid, signal.SIGKILL)
                self._server.wait()
        self._log.close()
        self._temporary.cleanup()

    def _environment(self) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        env.pop("GAN_LESSON_HEADLESS", None)
        env.pop("MPLBACKEND", None)
        for name in ("config", "data", "runtime"):
            env[f"JUPYTER_{name.upper()}_DIR"] = str(self.home / name)
        env["JUPYTER_PREFER_ENV_PATH"] = "1"
        env["JUPYTERLAB_SETTINGS_DIR"] = str(self.home / "lab_settings")
        env["JUPYTERLAB_WORKSPACES_DIR"] = str(self.home / "lab_workspaces")
        env["IPYTHONDIR"] = str(self.home / "ipython")
        env["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a warning of the debugger's on stderr
        env["PYTHONPATH"] = os.pathsep.join(
            part for part in (str(REPO), os.environ.get("PYTHONPATH")) if part
        )
        return env

    def _settings(self) -> dict[str, str]:
        """Return the front end's settings: file name in the temporary home, and its text."""
        return {}

    def _answers(self) -> bool:
        if self._server.poll() is not None:
            log = (self.home / "server.log").read_text(errors="replace")
            raise RuntimeError(f"{self.name} stopped at once:\n{log[-3000:]}")
        try:
            address = f"http://127.0.0.1:{self.port}/{self.answers_at}"
            with urllib.request.urlopen(address, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    # --- the page -------------------------------------------------------------------------------

    def _new_page(self) -> None:
        """Open an empty page that notes its errors and what it asks for, closing the one before."""
        self.close()
        self.console_errors, self.hosts = [], set()
        if self._context is None:  # one for all pages of this server, so that scripts are cached
            self._context = self.browser.new_context(viewport=self.size)
            self._context.set_default_timeout(60_000)  # a loaded machine is no failure
            self._context.on("request", lambda request: self._note_host(request.url))
        self.page = self._context.new_page()
        self.page.on("websocket", lambda socket: self._note_host(socket.url))
        self.page.on("console", self._note_console)
        self.page.on("pageerror", self._note_uncaught)

    def close(self) -> None:
        """Shut the kernel down and close the page."""
        if self.page is not None:
            with contextlib.suppress(Exception):
                self._shut_kernel_down()
            self.page.close()
            self.page = None

    @abstractmethod
    def _shut_kernel_down(self) -> None:
        """End the page's kernel; called before the page is closed."""

    def _note_host(self, url: str) -> None:
        host = urlparse(url).hostname
        if host:
            self.hosts.add(host)

    def _note_console(self, message: Any) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error":
            self._note_error(text)

    def _note_uncaught(self, error: Any) -> None:
        self._note_error(f"uncaught: {error}\n{error.stack}")

    def _note_error(self, text: str) -> None:
        if not any(part in text for part in self.own_errors):
            self.console_errors.append(text)

    @abstractmethod
    def kernel_errors(self) -> list[str]:
        """Return the tracebacks and what went to stderr since the page was opened."""

    def assert_clean(self) -> None:
        """No error in page or kernel, and nothing asked of any other machine."""
        assert self.kernel_errors() == []
        assert self.console_errors == []
        assert self.hosts == {"127.0.0.1"}

    @abstractmethod
    def _is_quiet(self) -> bool: ...

    @abstractmethod
    def _ask_kernel(self) -> None:
        """Send the kernel a question of no consequence and wait for its answer."""

    def wait_for_quiet(self, seconds: float = 60) -> None:
        """Wait until the kernel has answered every move of a widget, those held back too.

        Whatever a move shows is on the page then, and a burst that a player began after its
        answer is over. Never true while a Play widget plays.
        """
        for _ in range(2):
            wait_until("the kernel has answered all widgets", self._is_quiet, seconds)
            self._ask_kernel()

    # --- what a person sees and touches ---------------------------------------------------------

    @abstractmethod
    def cell(self, cell: int) -> Locator:
        """Return the element of one cell."""

    def _within(self, cell: int | None) -> Locator:
        return self.page.locator("body") if cell is None else self.cell(cell)

    def pictures(self, cell: int | None = None) -> Locator:
        """Return the `<img alt=...>` inside HTML widgets: the pictures of live panels."""
        return self._within(cell).locator(LIVE_PICTURES)

    def picture(self, index: int = 0, cell: int | None = None) -> Picture:
        """Return what the index-th live picture shows now, waiting until there is one."""
        return self._read(self.pictures(cell).nth(index))

    @staticmethod
    def _read(image: Locator) -> Picture:
        return Picture(
            *image.evaluate(
                """async image => {
                    for (let i = 0; i < 100 && !image.naturalWidth; i++) {
                        await new Promise(done => setTimeout(done, 50));
                    }
                    const {alt, src, naturalWidth, naturalHeight} = image;
                    const bytes = new TextEncoder().encode(src);
                    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
                    return [alt, hash.join(), naturalWidth, naturalHeight];
                }"""
            )
        )

    def wait_for_picture(
        self,
        index: int = 0,
        cell: int | None = None,
        *,
        differs_from: Picture | None = None,
        says: str | Callable[[str], bool] = "",
        seconds: float = 60,
    ) -> Picture:
        """Return the index-th live picture as soon as it is the one that is waited for.

        Several pictures may arrive in a row, of a drag for example: then say which one is meant.

        Args:
            index: which of the cell's or the page's live pictures.
            cell: the cell, or None for the whole page.
            differs_from: an earlier picture, whose pixels must be others.
            says: a part of the description, or a function of it that must be true.
            seconds: how long to wait.

        Raises:
            TimeoutError: no such picture came; quotes the last description.
        """
        fits = says if callable(says) else lambda alt: says in alt
        now = None

        def wanted() -> Picture | None:
            nonlocal now
            now = self.picture(index, cell)
            changed = differs_from is None or now.src_hash != differs_from.src_hash
            return now if changed and fits(now.alt) else None

        try:
            return wait_until("the picture", wanted, seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; the last one says: {now and now.alt}") from None

    def sliders(self, cell: int | None = None) -> Locator:
        """Return the handles of all visible sliders, in the order of the page."""
        return self._within(cell).locator(HANDLES)

    def press(
        self, slider: int, key: str = "ArrowRight", times: int = 1, cell: int | None = None
    ) -> None:
        """Press a key `times` times on the slider-th slider."""
        handle = self.sliders(cell).nth(slider)
        handle.scroll_into_view_if_needed()
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, slider: int, pixels: float, cell: int | None = None, moves: int = 10) -> None:
        """Take the slider-th slider's handle with the mouse and move it sideways by `pixels`."""
        self._drag(self.sliders(cell).nth(slider), pixels, 0, moves)

    def _drag(self, handle: Locator, right: float, down: float, moves: int) -> None:
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right, y + down, steps=moves)
        self.page.mouse.up()

    def controls(self, cell: int) -> list[Control]:
        """Return all controls of a cell but those of Play widgets: sliders first, buttons last.

        Each choice of a menu counts as a control.
        """
        return [Control(**found) for found in self.cell(cell).evaluate(READ_CONTROLS, CONTROLS)]

    def state(self, cell: int) -> list[str]:
        """Return a cell's text, what its fields hold, and which toggle buttons are pressed."""
        return self.cell(cell).evaluate(READ_STATE)

    def _element(self, control: Control, cell: int) -> Locator:
        outside_play = self.cell(cell).locator(f":is({CONTROLS[control.kind]}):not(.widget-play *)")
        return outside_play.nth(control.index)

    def use_by_key(self, control: Control, cell: int) -> None:
        """Move a slider by one step towards its middle, or press, choose or type anything else."""
        element = self._element(control, cell)
        element.scroll_into_view_if_needed()
        element.focus()
        if control.kind == "slider":
            right, down = self._way_to_the_middle(element)
            key = "ArrowRight" if right > 0 else "ArrowLeft"
            if down:
                key = "ArrowDown" if down > 0 else "ArrowUp"
        elif control.kind == "menu":
            # JupyterLab takes the arrow keys of a list that is not open
            way = control.option - element.evaluate("menu => menu.selectedIndex")
            for key in ("Space", *["ArrowDown" if way > 0 else "ArrowUp"] * abs(way), "Enter"):
                self.page.keyboard.press(key)
            return
        else:
            key = "C" if control.kind == "text" else "Space"
        self.page.keyboard.press(key)

    def use_by_mouse(self, control: Control, cell: int, moves: int = 4) -> None:
        """Drag a slider three fifths of its length towards its middle, or click anything else."""
        element = self._element(control, cell)
        if control.kind == "slider":
            element.scroll_into_view_if_needed()
            self._drag(element, *self._way_to_the_middle(element), moves)
        elif control.kind == "menu":  # the list that a click opens is the system's, not the page's
            element.select_option(index=control.option)
        else:
            element.click()
            if control.kind == "text":
                self.page.keyboard.press("C")

    @staticmethod
    def _way_to_the_middle(handle: Locator) -> tuple[float, float]:
        """Return (pixels to the right, pixels down), one of them 0: three fifths of the track."""
        return handle.evaluate(
            """handle => {
                const track = handle.closest('.noUi-target, .ui-slider').getBoundingClientRect();
                const box = handle.getBoundingClientRect();
                const middle = (box, start, size) => box[start] + box[size] / 2;
                const way = (start, size) => track[size] * 0.6
                    * (middle(box, start, size) < middle(track, start, size) - 1 ? 1 : -1);
                return track.width > track.height ? [way('x', 'width'), 0]
                    : [0, way('y', 'height')];
            }"""
        )

    def button(self, text: str, cell: int | None = None) -> Locator:
        """Return the widget button (or toggle button) whose label is `text`."""
        exact = re.compile(rf"^\s*{re.escape(text)}\s*$")
        return self._within(cell).locator("button.jupyter-button:visible", has_text=exact).first

    def click(self, text: str, cell: int | None = None) -> None:
        """Click the widget button whose label is `text`."""
        self.button(text, cell).click()

    def _play_button(self, icon: str, cell: int | None) -> Locator:
        return self._within(cell).locator(f".widget-play button:has(.fa-{icon})").first

    def play(self, cell: int | None = None, *, by_key: bool = False) -> None:
        """Press the first Play widget's play button."""
        button = self._play_button("play", cell)
        button.press("Space") if by_key else button.click()

    def pause(self, cell: int | None = None, *, by_key: bool = False) -> None:
        """Press the first Play widget's pause button."""
        button = self._play_button("pause", cell)
        button.press("Space") if by_key else button.click()

    def stop(self, cell: int | None = None) -> None:
        """Press the first Play widget's stop button."""
        self._play_button("stop", cell).click()

    @abstractmethod
    def is_playing(self, cell: int | None = None) -> bool:
        """Tell whether the first Play widget plays, as its buttons show it."""

    def visible_text(self, cell: int | None = None) -> str:
        """Return the text a person reads in a cell, or on the whole page."""
        return self._within(cell).inner_text()


class FrontEnd(WidgetPage):
    """A Jupyter server and, after `open`, one page with one notebook."""

    output_selector: str  # where a cell's outputs are

    @abstractmethod
    def _url(self, notebook: str) -> str:
        """The address of a notebook in the server's folder."""

    def trust(self, *paths: str | Path) -> None:
        """Copy notebooks into the server's folder and do what `jupyter trust` does to them."""
        names = [self.add(path) for path in paths]
        subprocess.run(
            [self.python, "-m", "nbformat.sign", *names],
            cwd=self.root,
            env=self.env,
            check=True,
            capture_output=True,
        )

    def add(self, path: str | Path) -> str:
        """Copy a notebook into the server's folder and return its name there."""
        path = Path(path)
        if path.resolve().parent != self.root.resolve():
            shutil.copyfile(path, self.root / path.name)
        return path.name

    def open(self, path: str | Path, *, kernel: bool = True) -> FrontEnd:
        """Open a copy of the notebook, closing the one before, and wait for its kernel.

        With `kernel=False` nothing is waited for but the cells: what a reader sees who runs none.
        """
        self._new_page()
        name = self.add(path)
        self._name = name
        self.page.goto(self._url(name))
        self._wait_for_notebook()
        if kernel:
            self.wait_for_kernel()
            self._watch_kernel()
        return self

    def reload(self) -> None:
        """Leave the page and open it again; the kernel lives on."""
        self.page.on("dialog", lambda dialog: dialog.accept())  # "changes may not be saved"
        self.page.goto("about:blank")
        self.page.goto(self._url(self._name))
        self._wait_for_notebook()
        self.wait_for_kernel()
        self._watch_kernel()

    @abstractmethod
    def _wait_for_notebook(self) -> None: ...

    @abstractmethod
    def _watch_kernel(self) -> None:
        """Have the page note every error and everything on stderr, of cells and of callbacks."""

    def kernel_errors(self) -> list[str]:
        """As elsewhere, of cells and of callbacks.

        Runs an empty cell at the end, which brings what a callback wrote a moment ago.
        """
        self.run("pass")
        errors = self.page.evaluate("() => window.ganLessonKernelErrors ?? []")
        return those_that_count(errors)

    @abstractmethod
    def interrupt(self) -> None:
        """Interrupt the kernel, as the button with the square does."""

    @abstractmethod
    def restart(self) -> None:
        """Restart the kernel, without the dialog, and wait until it is idle."""

    @abstractmethod
    def wait_for_kernel(self) -> None:
        """Wait until a kernel is there and idle."""

    # --- cells ----------------------------------------------------------------------------------

    @abstractmethod
    def sources(self) -> list[str]:
        """Return the source of every cell, Markdown included."""

    @abstractmethod
    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """Return the outputs of a cell as the notebook format writes them ([] for Markdown)."""

    @abstractmethod
    def is_running(self, cell: int | None = None) -> bool:
        """Tell whether a cell, or any cell, runs or waits to run."""

    @abstractmethod
    def start_cell(self, cell: int) -> None:
        """Run a cell and return at once."""

    @abstractmethod
    def append_cell(self, source: str) -> int:
        """Add a code cell at the end and return its index."""

    @abstractmethod
    def start_all(self) -> None:
        """Run all cells and return at once."""

    def find_cell(self, text: str) -> int:
        """Return the index of the first cell whose source contains `text`."""
        for index, source in enumerate(self.sources()):
            if text in source:
                return index
        raise LookupError(f"no cell contains {text!r}")

    def cell_with(self, selector: str) -> int:
        """Return the index of the first cell that holds an element, e.g. `.widget-play`.

        Waits until there is one.
        """

        def found() -> int | None:
            for index in range(len(self.sources())):
                if self.cell(index).locator(selector).count():
                    return index + 1  # so that the first cell, too, is true
            return None

        return wait_until(f"a cell shows {selector}", found) - 1

    def run_all(self, seconds: float = 300) -> None:
        """Run all cells and wait until the last one is done.

        Raises:
            AssertionError: a cell ended with an error; its message is shown.
        """
        self.start_all()
        wait_until("all cells have run", lambda: not self.is_running(), seconds)
        self._raise_errors(range(len(self.sources())))

    def run_cell(self, cell: int, seconds: float = 60) -> str:
        """Run one cell, wait for it, and return its text: streams and `text/plain` results.

        Raises:
            AssertionError: the cell ended with an error.
        """
        self.start_cell(cell)
        wait_until(f"cell {cell} has run", lambda: not self.is_running(cell), seconds)
        self._raise_errors([cell])
        return self.text(cell)

    def run(self, source: str, seconds: float = 60) -> str:
        """Run `source` in a new last cell and return its text, as `run_cell` does."""
        return self.run_cell(self.append_cell(source), seconds)

    def text(self, cell: int) -> str:
        """Return what a cell printed and its results as plain text."""
        parts = []
        for output in self.outputs(cell):
            part = output.get("text", output.get("data", {}).get("text/plain", ""))
            parts.append(part if isinstance(part, str) else "".join(part))
        return "".join(parts).strip()

    def _raise_errors(self, cells: Sequence[int]) -> None:
        for cell in cells:
            for output in self.outputs(cell):
                if output.get("output_type") == "error":
                    traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output["traceback"]))
                    raise AssertionError(f"{self.name}, cell {cell}:\n{traceback}")

    def images(self, cell: int | None = None) -> Locator:
        """Return every `<img>` in the outputs of a cell, or of the whole notebook."""
        return self._within(cell).locator(self.output_selector + " img")

    def image(self, index: int = 0, cell: int | None = None) -> Picture:
        """Return what the index-th image of any kind shows now, waiting until there is one."""
        return self._read(self.images(cell).nth(index))

    @abstractmethod
    def _wanted_height(self) -> int:
        """Scroll to the top and return how high the window must be to show the last cell."""

    def screenshot(self, path: str | Path, *, full: bool = True, cell: int | None = None) -> Path:
        """Save what the page looks like, or one cell of it.

        With `full` the window is first made as high as the notebook; this wants
        `windowing="none"` in JupyterLab if the notebook is long.
        """
        path = Path(path)
        if full:
            # twice: more cells are laid out, and their heights known, once they are in view
            for _ in range(2):
                height = min(max(self._wanted_height(), 300), 30_000)
                self.page.set_viewport_size({**self.size, "height": height})
                self.page.wait_for_timeout(500)
        (self.page if cell is None else self.cell(cell)).screenshot(path=path)
        if full:
            self.page.set_viewport_size(self.size)
        return path


class JupyterLab(FrontEnd):
    """JupyterLab 4 of the interpreter that runs the tests."""

    name = "JupyterLab"
    package, application = "jupyterlab", "LabApp"
    output_selector = ".jp-Cell-outputArea"

    def __init__(self, browser: Browser, *, windowing: str | None = None, **size: int) -> None:
        """`windowing` is JupyterLab's `windowingMode`; None leaves JupyterLab's own choice."""
        super().__init__(browser, **size)
        self.windowing = windowing

    @property
    def python(self) -> str:
        return find_jupyter(self.package, self.name)

    def _arguments(self) -> list[str]:
        return [
            "-m",
            self.package,
            "--no-browser",
            "--allow-root",
            f"--{self.application}.expose_app_in_browser=True",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            "--PasswordIdentityProvider.hashed_password=",
            f"--ServerApp.root_dir={self.root}",
        ]

    def _settings(self) -> dict[str, str]:
        # without these it asks each new user whether to fetch news from the Internet
        chosen = {
            "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}
        }
        if self.windowing is not None:
            chosen["notebook-extension/tracker"] = {"windowingMode": self.windowing}
        return {
            f"lab_settings/@jupyterlab/{name}.jupyterlab-settings": json.dumps(values)
            for name, values in chosen.items()
        }

    def _url(self, notebook: str) -> str:
        return f"http://127.0.0.1:{self.port}/lab/tree/{notebook}?reset"

    def _wait_for_notebook(self) -> None:
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell?.currentWidget?.content?.model?.cells?.length > 0",
            timeout=120_000,
        )
        self.page.evaluate(
            "async () => { await jupyterapp.shell.currentWidget.context.ready;"
            " jupyterapp.shell.collapseLeft(); }"
        )
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    def _shut_kernel_down(self) -> None:
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def interrupt(self) -> None:
        self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
        )

    def restart(self) -> None:
        self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status"
            " === 'idle'",
            timeout=120_000,
        )

    def _watch_kernel(self) -> None:
        self._notebook(
            NOTE_KERNEL_ERROR
            + "panel.sessionContext.iopubMessage.connect((_, message) => note(message));"
        )

    def _is_quiet(self) -> bool:
        return self._notebook(
            "const kernel = panel.sessionContext.session.kernel;"
            "const waiting = [...kernel._futures.values()];"
            "return kernel.status === 'idle'"
            " && !waiting.some(future => future.msg.header.msg_type === 'comm_msg');"
        )

    def _ask_kernel(self) -> None:
        self._notebook(
            "return panel.sessionContext.session.kernel.requestKernelInfo().then(() => null);"
        )

    def _notebook(self, body: str, argument: Any = None) -> Any:
        return self.page.evaluate(
            "argument => { const panel = jupyterapp.shell.currentWidget, book = panel.content;"
            + body
            + "}",
            argument,
        )

    def sources(self) -> list[str]:
        return self._notebook("return book.widgets.map(cell => cell.model.sharedModel.source);")

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        return self._notebook("return book.widgets[argument].model.outputs?.toJSON() ?? [];", cell)

    def is_running(self, cell: int | None = None) -> bool:
        return self._notebook(
            "const cells = argument === null ? book.widgets : [book.widgets[argument]];"
            "return cells.some(({model}) =>"
            " model.type === 'code' && model.executionState === 'running');",
            cell,
        )

    def start_cell(self, cell: int) -> None:
        self._notebook(
            "book.activeCellIndex = argument; jupyterapp.commands.execute('notebook:run-cell');",
            cell,
        )

    def append_cell(self, source: str) -> int:
        return self._notebook(
            "const cells = book.model.sharedModel, index = cells.cells.length;"
            "cells.insertCell(index, {cell_type: 'code', source: argument});"
            "return index;",
            source,
        )

    def start_all(self) -> None:
        self._notebook("jupyterapp.commands.execute('notebook:run-all-cells');")

    def cell(self, cell: int) -> Locator:
        return self.page.locator(f'.jp-Cell[data-windowed-list-index="{cell}"]')

    def is_playing(self, cell: int | None = None) -> bool:
        return self._play_button("pause", cell).count() > 0

    def _wanted_height(self) -> int:
        return self._notebook(
            "const outer = book.node.querySelector('.jp-WindowedPanel-outer') ?? book.node;"
            "outer.scrollTop = 0;"
            "const cells = [...book.node.querySelectorAll('.jp-Cell')];"
            "return Math.ceil(cells.at(-1).getBoundingClientRect().bottom) + 60;"
        )


class Notebook7(JupyterLab):
    """Notebook 7: JupyterLab's cells, one document a page."""

    name = "Notebook 7"
    package, application = "notebook", "JupyterNotebookApp"
    # its keyboard shortcuts look for their own settings before these are there, on slow machines
    own_errors = ("(reading 'schema')",)

    def use_by_key(self, control: Control, cell: int) -> None:
        """As elsewhere, but what wants arrow keys by mouse: Notebook's shortcuts take those."""
        by_arrow = control.kind in ("slider", "menu")
        (self.use_by_mouse if by_arrow else super().use_by_key)(control, cell)

    def _url(self, notebook: str) -> str:
        return f"http://127.0.0.1:{self.port}/notebooks/{notebook}"


class ClassicNotebook(FrontEnd):
    """Classic Notebook 6.5 with ipywidgets 7: what Colab's widgets are, and old class rooms."""

    name = "classic Notebook"
    output_selector = ".output_wrapper"
    # its MathJax asks for fonts that its package leaves out, on any notebook with an equation
    own_errors = ("/MathJax/fonts/", "about:blank")

    @property
    def python(self) -> str:
        return find_classic()

    def _arguments(self) -> list[str]:
        return [
            "-m",
            "notebook",
            "--no-browser",
            "--allow-root",
            "--NotebookApp.ip=127.0.0.1",
            f"--NotebookApp.port={self.port}",
            "--NotebookApp.port_retries=0",
            "--NotebookApp.token=",
            "--NotebookApp.password=",
            f"--NotebookApp.notebook_dir={self.root}",
        ]

    def _url(self, notebook: str) -> str:
        return f"http://127.0.0.1:{self.port}/notebooks/{notebook}"

    def _note_console(self, message: Any) -> None:
        super()._note_console(message)
        if message.type != "error" and "jupyter.widget.control" in message.text:
            self._has_no_widgets = True

    def open(self, path: str | Path, *, kernel: bool = True) -> FrontEnd:
        """As elsewhere, and wait until ipywidgets 7 knows that a new kernel has no widgets.

        It learns so up to four seconds after the page is there, and then draws all outputs anew;
        a widget that a cell has shown before may be gone then.
        """
        self._has_no_widgets = False
        super().open(path, kernel=kernel)
        end = time.monotonic() + 10
        while kernel and not self._has_no_widgets and time.monotonic() < end:
            self.page.wait_for_timeout(50)
        if kernel:
            self._ask_kernel()
        return self

    def _wait_for_notebook(self) -> None:
        self.page.wait_for_function(
            "() => window.Jupyter?.notebook?._fully_loaded"
            " && Jupyter.notebook.get_cells().length > 0",
            timeout=120_000,
        )

    def _shut_kernel_down(self) -> None:
        self.page.evaluate(
            "() => new Promise(done => { Jupyter.notebook.session.delete(done, done);"
            " setTimeout(done, 5000); })"
        )

    def interrupt(self) -> None:
        self.page.evaluate("() => new Promise(done => Jupyter.notebook.kernel.interrupt(done))")

    def restart(self) -> None:
        self.page.evaluate(
            "() => new Promise(done => {"
            " Jupyter.notebook.events.one('kernel_ready.Kernel', () => done());"
            " Jupyter.notebook.kernel.restart(); })"
        )
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        # a cell run before the widgets' extension has registered shows no widget
        self.page.wait_for_function(
            "() => Jupyter.notebook.kernel?.is_connected()"
            " && Jupyter.notebook.kernel.widget_manager",
            timeout=120_000,
        )
        self._ask_kernel()

    def _watch_kernel(self) -> None:
        self._notebook(
            NOTE_KERNEL_ERROR + "for (const type of ['error', 'stream']) {"
            " const usual = book.kernel.get_iopub_handler(type);"
            " book.kernel.register_iopub_handler(type, message => {"
            " note(message); return usual(message); }); }"
        )

    def _is_quiet(self) -> bool:
        return self._notebook(
            "return Object.values(book.kernel._msg_callbacks).every(calls => calls.iopub_done);"
        )

    def _ask_kernel(self) -> None:
        # again if need be: what is sent while a kernel starts may be lost
        self._notebook(
            "return new Promise(done => {"
            " const ask = () => book.kernel.kernel_info(() => { clearInterval(clock); done(); });"
            " const clock = setInterval(ask, 2000); ask(); });"
        )

    def _notebook(self, body: str, argument: Any = None) -> Any:
        return self.page.evaluate(
            "argument => { const book = Jupyter.notebook;" + body + "}", argument
        )

    def sources(self) -> list[str]:
        return self._notebook("return book.get_cells().map(cell => cell.get_text());")

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        return self._notebook("return book.get_cell(argument).output_area?.toJSON() ?? [];", cell)

    def is_running(self, cell: int | None = None) -> bool:
        return self._notebook(
            # the reply, which ends the star at the prompt, can overtake the last output
            "const cells = argument === null ? book.get_cells() : [book.get_cell(argument)];"
            "return cells.some(cell => {"
            " const calls = book.kernel._msg_callbacks[cell.last_msg_id];"
            " return cell.cell_type === 'code' && (cell.input_prompt_number === '*'"
            " || Boolean(calls) && !(calls.shell_done && calls.iopub_done)); });",
            cell,
        )

    def start_cell(self, cell: int) -> None:
        self._notebook("book.execute_cells([argument]);", cell)

    def append_cell(self, source: str) -> int:
        return self._notebook(
            "const cell = book.insert_cell_at_bottom('code'); cell.set_text(argument);"
            "return book.find_cell_index(cell);",
            source,
        )

    def start_all(self) -> None:
        self._notebook("book.execute_all_cells();")

    def cell(self, cell: int) -> Locator:
        return self.page.locator("#notebook-container > .cell").nth(cell)

    def is_playing(self, cell: int | None = None) -> bool:
        return "mod-active" in (self._play_button("play", cell).get_attribute("class") or "")

    def _wanted_height(self) -> int:
        return self.page.evaluate(
            "() => { document.querySelector('#site').scrollTop = 0;"
            " const cells = [...document.querySelectorAll('#notebook-container > .cell')];"
            " return Math.ceil(cells.at(-1).getBoundingClientRect().bottom) + 60; }"
        )


class VoilaPage(WidgetPage):
    """The pages of `make demo`, served by Voila: one demonstration each, without a notebook."""

    name = "Voila"
    answers_at = ""

    def __init__(self, browser: Browser, *, width: int = 1280, height: int = 720) -> None:
        super().__init__(browser, width=width, height=height)
        self._unanswered: set[str] = set()
        self._errors: list[str] = []

    @property
    def python(self) -> str:
        return find_jupyter("voila", self.name)

    def _arguments(self) -> list[str]:
        return ["-m", "gan_lesson.lessons.wall", "--no-browser", f"--port={self.port}"]

    def open(self, name: str) -> VoilaPage:
        """Open the demonstration called `name` and wait for its picture."""
        self._new_page()
        self._unanswered, self._errors = set(), []
        self.page.on("websocket", self._listen)
        address = f"http://127.0.0.1:{self.port}/voila/render/demo.ipynb?{name}"
        self.page.goto(address, timeout=120_000)
        self.pictures(0).first.wait_for(timeout=120_000)
        return self

    def _shut_kernel_down(self) -> None:
        self.page.goto("about:blank")  # a page takes its kernel with it

    def _listen(self, socket: Any) -> None:
        socket.on("framesent", lambda frame: self._note_sent(*read_message(frame)))
        socket.on("framereceived", lambda frame: self._note_received(*read_message(frame)))

    def _note_sent(self, header: dict, _: dict, content: dict) -> None:
        if header["msg_type"] == "comm_msg":
            self._unanswered.add(header["msg_id"])

    def _note_received(self, header: dict, parent: dict, content: dict) -> None:
        if header["msg_type"] == "status" and content["execution_state"] == "idle":
            self._unanswered.discard(parent.get("msg_id"))
        elif header["msg_type"] == "error":
            self._errors.append("\n".join(content["traceback"]))
        elif header["msg_type"] == "stream" and content["name"] == "stderr":
            self._errors.append(content["text"])

    def kernel_errors(self) -> list[str]:
        return those_that_count(self._errors)

    def _is_quiet(self) -> bool:
        self.page.evaluate("0")  # what has been sent or received meanwhile is noted now
        return not self._unanswered

    def _ask_kernel(self) -> None:
        self.page.wait_for_timeout(150)  # longer than a burst

    def cell(self, cell: int) -> Locator:
        """Return the element of the demonstration, whatever the number."""
        return self.page.locator(".demonstration")

    def is_playing(self, cell: int | None = None) -> bool:
        return self._play_button("pause", cell).count() > 0


def those_that_count(errors: Sequence[str]) -> list[str]:
    """Return errors without their colours, and without "No such comm".

    JupyterLab and Voila ask every new kernel for its widgets, for an empty notebook too, and one
    that has not imported ipywidgets yet says so on stderr.
    """
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", error) for error in errors]
    asked = r"No such comm( target registered: jupyter\.widget\.control|: [\w-]+)\s*"
    return [error for error in plain if not re.fullmatch(asked, error)]


def read_message(frame: bytes | str) -> tuple[dict, dict, dict]:
    """Return header, parent header and content of a message on a Jupyter websocket.

    Text is JSON. Bytes are how many offsets follow, these, then the parts: the channel, the four
    of the message, its buffers (protocol v1.kernel.websocket.jupyter.org).
    """
    if isinstance(frame, str):
        message = json.loads(frame)
        return message["header"], message["parent_header"], message["content"]
    n = int.from_bytes(frame[:8], "little")
    offsets = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, n + 1)]
    parts = [frame[start:end] for start, end in itertools.pairwise(offsets)]
    header, parent, _, content = (json.loads(part) for part in parts[1:5])
    return header, parent, content


def _has(python: str, *packages: str) -> bool:
    code = "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, sys.argv[1:])))"
    return subprocess.run([python, "-c", code, *packages]).returncode == 0


@functools.cache
def find_jupyter(package: str, name: str) -> str:
    """Return an interpreter with a front end and ipywidgets: this one, else the repository's own.

    Raises:
        Missing: neither has them; says so with the front end's `name`.
    """
    for python in (sys.executable, str(REPO / ".venv" / "bin" / "python")):
        if Path(python).exists() and _has(python, package, "ipywidgets"):
            return python
    raise Missing(f"{name} is not installed, so no notebook was opened in it.")


@functools.cache
def find_classic() -> str:
    """Return the interpreter with classic Notebook 6.5 and ipywidgets 7.

    It is the one that GAN_LESSON_CLASSIC_PYTHON names, else that of `.venv-classic` in the
    repository.

    Raises:
        Missing: there is none.
    """
    default = REPO / ".venv-classic" / "bin" / "python"
    python = os.environ.get("GAN_LESSON_CLASSIC_PYTHON") or str(default)
    if Path(python).exists() and _has(python, "notebook", "widgetsnbextension"):
        return python
    raise Missing(
        "There is no .venv-classic with classic Notebook 6.5 and ipywidgets 7, so no notebook was "
        "opened in it."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Open a notebook, run it, touch it as told, and save a picture of it."""
    parser = argparse.ArgumentParser(prog="front_ends.py", description=main.__doc__)
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
    chosen = parser.parse_args(arguments)
    with open_browser() as browser:
        if chosen.classic:
            front = ClassicNotebook(browser, width=chosen.width)
        else:
            kind = JupyterLab if chosen.lab else Notebook7
            front = kind(browser, windowing="none", width=chosen.width)
        with front:
            notebook = chosen.lab or chosen.notebook7 or chosen.classic
            if chosen.trust:
                front.trust(notebook)
            front.open(notebook, kernel=not chosen.no_run)
            if not chosen.no_run:
                front.run_all()
            front.page.wait_for_timeout(1500)
            for what in chosen.press:
                slider, key, times = what.split(":")
                front.press(int(slider), key, int(times))
            if chosen.play:
                front.play()
                front.page.wait_for_timeout(1000 * chosen.play)
                front.pause()
            for label in chosen.click:
                front.click(label)
            front.page.wait_for_timeout(1000)
            front.screenshot(chosen.screenshot, cell=chosen.cell)
            for number in range(front.images().count()):
                picture = front.image(number)
                print(f"image {number}: {picture.width} x {picture.height}, alt: {picture.alt}")
            for error in front.console_errors:
                print(f"console error: {error}")
            print(f"hosts: {', '.join(sorted(front.hosts))}")


if __name__ == "__main__":
    main()
