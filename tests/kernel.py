"""A Jupyter kernel without a page: run cells, interrupt them, and see what they leave."""

from __future__ import annotations

import os
import queue
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jupyter_client.manager import KernelManager

REPO = Path(__file__).parent.parent


class Ran(NamedTuple):
    """What a cell left."""

    text: str  # what it printed and showed, in words
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

    def run(self, source: str, interrupt_after: float | None = None, seconds: float = 120) -> Ran:
        """Run a cell to its end, interrupting it once it has taken `interrupt_after` seconds.

        Raises:
            TimeoutError: it has not ended after `seconds`: it hangs.
        """
        self.start(source)
        return self.finish(interrupt_after, seconds)

    def start(self, source: str) -> None:
        """Send a cell to the kernel and wait for nothing."""
        self._source = source
        self._asked = self._client.execute(source, allow_stdin=False)

    def finish(self, interrupt_after: float | None = None, seconds: float = 120) -> Ran:
        """Wait until the cell that was started has ended; as `run`."""
        start = time.monotonic()
        interrupt_at = start + interrupt_after if interrupt_after else None
        text, error = "", ("", "")
        while True:
            now = time.monotonic()
            if now - start > seconds:
                self._manager.interrupt_kernel()
                raise TimeoutError(f"not ended after {seconds:.0f} s:\n{self._source}\n{text}")
            if interrupt_at and now >= interrupt_at:
                self._manager.interrupt_kernel()
                interrupt_at = None
            wait = (interrupt_at or start + seconds) - now
            try:
                message = self._client.get_iopub_msg(timeout=max(0.01, wait))
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != self._asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                text += content["text"]
            elif kind in ("display_data", "execute_result"):
                text += content["data"].get("text/plain", "")
            elif kind == "error":
                error = content["ename"], content["evalue"]
            elif kind == "status" and content["execution_state"] == "idle":
                return Ran(re.sub(r"\x1b\[[\d;]*m", "", text), *error, time.monotonic() - start)
