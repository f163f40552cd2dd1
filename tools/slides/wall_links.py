"""Which page of the wall (`make demo`) shows the widget of a cell, live.

The rooms' `demo.py` are read and not imported, so that slides need neither torch nor a kernel.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import NamedTuple

WALL = "http://127.0.0.1:8866"  # where Voila serves unless told otherwise


class WallPage(NamedTuple):
    """One page of the wall.

    Attributes:
        name: what its address ends in.
        title: what it shows.
        makers: names of classes and functions that no other page of its room uses; what only
            loads something is none.
    """

    name: str
    title: str
    makers: frozenset[str]

    def address(self, wall: str = WALL) -> str:
        """Return the page's address on a wall that is served at `wall`."""
        return f"{wall}/voila/render/demo.ipynb?{self.name}"


def pages_of(demo: str) -> list[WallPage]:
    """Return the pages that the source of a room's demo.py lists."""
    tree = ast.parse(demo)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def names_in(node: ast.AST, seen: frozenset = frozenset()) -> set[str]:
        found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - seen
        for name in found & functions.keys():
            found = found | names_in(functions[name], seen | found)
        return found

    pages = []
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Demonstration":
            name, title = (argument.value for argument in call.args[:2])
            pages.append((name, title, names_in(call.args[2])))
    uses = Counter(maker for *_, makers in pages for maker in makers)
    own = {maker for maker, times in uses.items() if times == 1 and not maker.startswith("load_")}
    return [WallPage(name, title, frozenset(makers & own)) for name, title, makers in pages]


def all_pages(root: Path) -> dict[str, list[WallPage]]:
    """Return the pages of each room, "lesson_00" and so on, of the repository at `root`."""
    rooms = sorted((root / "gan_lesson" / "lessons").glob("lesson_*/demo.py"))
    return {demo.parent.name: pages_of(demo.read_text("utf-8")) for demo in rooms}


def page_of(source: str, pages: dict[str, list[WallPage]]) -> WallPage | None:
    """Return the page that shows what a cell of this source makes from its room, or None."""
    called = _called_in(source)
    found = (page for room in pages if room in source for page in pages[room])
    return next((page for page in found if called & page.makers), None)


def _called_in(source: str) -> set[str]:
    """Return the names of what a cell calls, after their last dot."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {getattr(func, "attr", getattr(func, "id", "")) for func in calls}
