"""Classic Notebook 6.5 with ipywidgets 7, Colab's front end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .installed import find_classic
from .messages import NOTE_KERNEL_ERROR
from .notebook import FrontEnd

if TYPE_CHECKING:
    from typing import Self

    from playwright.sync_api import Locator


class ClassicNotebook(FrontEnd):
    """Classic Notebook 6.5 with ipywidgets 7: what Colab's widgets are, and old class rooms."""

    name = "classic Notebook"
    output_selector = ".output_wrapper"
    is_quiet = "Object.values(book.kernel._msg_callbacks).every(calls => calls.iopub_done)"
    # again if need be: what is sent while a kernel starts may be lost
    ask_kernel = (
        "new Promise(done => {"
        " const ask = () => book.kernel.kernel_info(() => { clearInterval(clock); done(); });"
        " const clock = setInterval(ask, 2000); ask(); })"
    )
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

    def open(self, path: str | Path, *, kernel: bool = True) -> Self:
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

    def set_source(self, cell: int, source: str) -> None:
        self._notebook("book.get_cell(argument[0]).set_text(argument[1]);", [cell, source])

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
