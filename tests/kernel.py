"""A Jupyter kernel without a page: run cells, interrupt them, and see what they leave."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_client.manager import KernelManager

REPO = Path(__file__).parent.parent
OUTPUTS = ("stream", "display_data", "execute_result", "error")


class Ran(NamedTuple):
    """What a cell left."""

    text: str  # what it printed and showed, in words
    outputs: list[dict[str, Any]]  # the same as a notebook stores it
    error: str  # the exception's name, or nothing
    message: str
    seconds: float


class Kernel:
    """One kernel of `python`; use as a context. Nothing of it is left behind."""

    def __init__(
        self,
        folder: Path,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
        see_repo: bool = True,
    ):
        hidden = ("GAN_LESSON_HEADLESS", "PYTHONPATH", "MPLBACKEND", "PYTHONSTARTUP")
        self._env = {name: text for name, text in os.environ.items() if name not in hidden}
        self._env |= {"IPYTHONDIR": str(folder / ".ipython"), **(environment or {})}
        if see_repo:
            self._env["PYTHONPATH"] = str(REPO)
        self._folder = folder
        self._manager = KernelManager()
        self._manager.kernel_spec.argv = [
            python,
            *("-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"),
        ]

    def __enter__(self) -> Kernel:
        self._manager.start_kernel(cwd=str(self._folder), env=self._env)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, source: str, interrupt_after: float | None = None, seconds: float = 600) -> Ran:
        """Run a cell to its end, interrupting it once it has taken `interrupt_after` seconds.

        Raises:
            TimeoutError: it has not ended after `seconds`: it hangs.
        """
        said: list[str] = []
        outputs: list[dict[str, Any]] = []

        def note(message: dict[str, Any]) -> None:
            said.append(words_of(message))
            if message["msg_type"] in OUTPUTS:
                outputs.append({"output_type": message["msg_type"], **message["content"]})

        start = time.monotonic()
        with self._interrupted_after(interrupt_after) as fired:
            try:
                reply = self._client.execute_interactive(
                    source,
                    allow_stdin=False,
                    timeout=seconds,
                    output_hook=note,
                )["content"]
            except TimeoutError:
                self._manager.interrupt_kernel()
                told = f"not ended after {seconds:.0f} s:\n{source}\n{''.join(said)}"
                raise TimeoutError(told) from None
        text = re.sub(r"\x1b\[[\d;]*m", "", "".join(said))
        error = reply.get("ename", ""), reply.get("evalue", "")
        if fired.is_set() and error[0] != "KeyboardInterrupt":  # it may come behind the cell
            while self.run("None").error:
                pass
        return Ran(text, outputs, *error, time.monotonic() - start)

    @contextlib.contextmanager
    def _interrupted_after(self, seconds: float | None) -> Iterator[threading.Event]:
        """Interrupt the kernel after `seconds`, unless the block has ended before.

        Yields:
            an event that is set if it has been interrupted.
        """
        fired = threading.Event()

        def interrupt() -> None:
            fired.set()
            self._manager.interrupt_kernel()

        clock = threading.Timer(seconds or 0.0, interrupt)
        if seconds:
            clock.start()
        try:
            yield fired
        finally:
            clock.cancel()
            if seconds:
                clock.join()


def words_of(message: dict[str, Any]) -> str:
    """Return what a message of a running cell prints or shows, in words."""
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        return content["text"]
    if kind in ("display_data", "execute_result"):
        return content["data"].get("text/plain", "")
    return ""
