"""A server of one's own, in a folder and with settings that go with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from .installed import REPO
from .waiting import wait_until

if TYPE_CHECKING:
    from typing import Self


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server(ABC):
    """A server as a context: started in a temporary folder of its own, and gone afterwards."""

    name: str
    answers_at = "api"  # the address that tells whether the server is up

    @property
    @abstractmethod
    def python(self) -> str:
        """The interpreter whose Jupyter is started. Raises `Missing` when there is none."""

    @abstractmethod
    def _arguments(self) -> list[str]:
        """The server's command line after the interpreter."""

    def __enter__(self) -> Self:
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
