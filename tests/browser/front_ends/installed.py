"""What the browser tests need of this machine: Chromium, Playwright, and each front end.

`Missing` says in a sentence what is not there; `absent` skips or fails the test for it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPO = Path(__file__).resolve().parents[3]
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
