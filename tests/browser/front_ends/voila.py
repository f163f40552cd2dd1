"""The pages of `make demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .installed import find_jupyter
from .messages import read_message, those_that_count
from .page import WidgetPage
from .waiting import wait_until

if TYPE_CHECKING:
    from typing import Self

    from playwright.sync_api import Browser, Locator


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

    def open(self, name: str) -> Self:
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

    def wait_for_quiet(self, seconds: float = 60) -> None:
        """As elsewhere; there is no kernel to ask, so a burst's time is waited instead."""
        for _ in range(2):
            wait_until("the kernel has answered all widgets", self._is_quiet, seconds)
            self.page.wait_for_timeout(150)

    def cell(self, cell: int) -> Locator:
        """Return the element of the demonstration, whatever the number."""
        return self.page.locator(".demonstration")

    def is_playing(self, cell: int | None = None) -> bool:
        return self._play_button("pause", cell).count() > 0
