"""JupyterLab 4, and Notebook 7, which is made of the same cells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .hands import Control
from .installed import find_jupyter
from .messages import NOTE_KERNEL_ERROR
from .notebook import FrontEnd

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator


class JupyterLab(FrontEnd):
    """JupyterLab 4 of the interpreter that runs the tests."""

    name = "JupyterLab"
    package, application = "jupyterlab", "LabApp"
    # its debugger asks a new kernel for its state, and a notebook may be left before the answer
    own_errors = ("Could not restore the debugger state",)
    output_selector = ".jp-Cell-outputArea"
    is_quiet = (
        "panel.sessionContext.session.kernel.status === 'idle'"
        " && ![...panel.sessionContext.session.kernel._futures.values()].some("
        "future => future.msg.header.msg_type === 'comm_msg')"
    )
    ask_kernel = "panel.sessionContext.session.kernel.requestKernelInfo().then(() => null)"

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

    def leave(self) -> None:
        """As elsewhere. The page stays, for to load JupyterLab takes longer than most tests."""
        if self.page is not None:
            self._shut_kernel_down()
            self.page.evaluate(
                "() => { delete window.ganLessonKernelErrors;"
                " const panel = jupyterapp.shell.currentWidget;"
                " if (panel?.context) panel.dispose(); }"
            )

    def _show(self, name: str) -> None:
        if self.page is None:
            super()._show(name)
            return
        self.console_errors, self.hosts = [], set()
        self.page.evaluate(  # null: what the command gives is far too large to be handed on
            "path => jupyterapp.commands.execute('docmanager:open', {path}).then(() => null)", name
        )

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
        self.page.evaluate("() => jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")

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

    def _notebook(self, body: str, argument: Any = None) -> Any:
        return self.page.evaluate(
            "argument => { const panel = jupyterapp.shell.currentWidget, book = panel.content;"
            + body
            + "}",
            argument,
        )

    def show_all_cells(self) -> None:
        """Lay out every cell of this notebook, in view or not."""
        self._notebook("book.notebookConfig = {...book.notebookConfig, windowingMode: 'none'};")

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

    def set_source(self, cell: int, source: str) -> None:
        self._notebook(
            "book.widgets[argument[0]].model.sharedModel.setSource(argument[1]);", [cell, source]
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
    own_errors = (*JupyterLab.own_errors, "(reading 'schema')")

    def use_by_key(self, control: Control, cell: int) -> None:
        """As elsewhere, but what wants arrow keys by mouse: Notebook's shortcuts take those."""
        by_arrow = control.kind in ("slider", "menu")
        (self.use_by_mouse if by_arrow else super().use_by_key)(control, cell)

    def leave(self) -> None:
        self.close()  # a page is one document

    def _url(self, notebook: str) -> str:
        return f"http://127.0.0.1:{self.port}/notebooks/{notebook}"
