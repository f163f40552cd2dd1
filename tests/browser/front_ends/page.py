"""One page of widgets, its server, and what both say of errors and of other machines."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from .hands import EyesAndHands
from .server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


class WidgetPage(Server, EyesAndHands):
    """A server of one's own and, after `open`, one page with widgets. Use as a context."""

    own_errors: tuple[str, ...] = ()  # parts of the console errors that the front end itself makes

    def __init__(self, browser: Browser, *, width: int = 1200, height: int = 900) -> None:
        self.browser = browser
        self.size = {"width": width, "height": height}
        self.page: Page | None = None
        self._context: BrowserContext | None = None
        self.console_errors: list[str] = []
        self.hosts: set[str] = set()

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._context is not None:
            self._context.close()
            self._context = None
        super().__exit__()

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

    def leave(self) -> None:
        """Shut the kernel down and forget what the page said; the next `open` may use it again."""
        self.close()

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
    def wait_for_quiet(self, seconds: float = 60) -> None:
        """Wait until the kernel has answered every move of a widget, those held back too.

        Whatever a move shows is on the page then, and a burst that a player began after its
        answer is over. Never true while a Play widget plays.

        Raises:
            TimeoutError: it has not become quiet in `seconds`.
        """
