"""One notebook in a page: open it, run its cells, read what they left."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .hands import Picture
from .messages import those_that_count
from .page import WidgetPage
from .waiting import wait_until

if TYPE_CHECKING:
    from typing import Self

    from playwright.sync_api import Dialog, Locator

# Twice: what a slider held back is sent when the answer to its last move has come.
WAIT_FOR_QUIET = """return (async () => {
    const end = performance.now() + argument;
    for (let i = 0; i < 2; i++) {
        while (!(IS_QUIET)) {
            if (performance.now() > end) return false;
            await new Promise(done => setTimeout(done, 20));
        }
        await ASK_KERNEL;
    }
    return true;
})();"""


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


class FrontEnd(WidgetPage):
    """A Jupyter server and, after `open`, one page with one notebook."""

    output_selector: str  # where a cell's outputs are
    is_quiet: str  # JavaScript: no message of a widget waits for its answer
    ask_kernel: str  # JavaScript: a promise of an answer to a question of no consequence

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

    def open(self, path: str | Path, *, kernel: bool = True) -> Self:
        """Open a copy of the notebook, closing the one before, and wait for its kernel.

        With `kernel=False` nothing is waited for but the cells: what a reader sees who runs none.
        """
        self.leave()
        self._name, self._scratch = self.add(path), None
        self._show(self._name)
        self._wait_for_notebook()
        if kernel:
            self.wait_for_kernel()
            self._watch_kernel()
        return self

    def _show(self, name: str) -> None:
        """Go to a notebook in the server's folder, after the one before has been left."""
        self._new_page()
        self.page.goto(self._url(name))

    def reload(self) -> None:
        """Leave the page and open it again; the kernel lives on."""

        def accept(dialog: Dialog) -> None:  # "changes may not be saved"
            dialog.accept()

        self.page.on("dialog", accept)
        self.page.goto("about:blank")
        self._scratch = None  # the cell may not have been saved
        self.page.remove_listener("dialog", accept)
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
    def _notebook(self, body: str, argument: Any = None) -> Any:
        """Run the body of a JavaScript function of `argument` that knows the notebook."""

    def _ask_kernel(self) -> None:
        """Send the kernel a question of no consequence and wait for its answer."""
        self._notebook(f"return {self.ask_kernel};")

    def wait_for_quiet(self, seconds: float = 60) -> None:
        """As elsewhere. The page asks again and again, which is quicker than from here."""
        body = WAIT_FOR_QUIET.replace("IS_QUIET", self.is_quiet)
        if not self._notebook(body.replace("ASK_KERNEL", self.ask_kernel), 1000 * seconds):
            raise TimeoutError(f"waited {seconds} s in vain: the kernel has answered all widgets")

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
    def set_source(self, cell: int, source: str) -> None:
        """Write other code into a cell."""

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
        # seldom, for each look at a long notebook takes the time of the cells that run
        wait_until("all cells have run", lambda: not self.is_running(), seconds, every=0.25)
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
        """Run `source` in a last cell of our own and return its text, as `run_cell` does.

        One cell serves for all that is asked of a notebook: a page grows heavy with its cells.
        """
        if self._scratch is None:
            self._scratch = self.append_cell(source)
        else:
            self.set_source(self._scratch, source)
        return self.run_cell(self._scratch, seconds)

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
