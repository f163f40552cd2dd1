"""What a person sees and touches on a page of widgets: pictures, sliders, buttons, Play."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

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


class EyesAndHands(ABC):
    """What a person sees on `page` and does there. Cells are counted from 0."""

    page: Page | None

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
