"""`make book`: a web book of the whole course, which reads without a kernel and without a network.

It is built once (ten seconds of CPU). The front page, one lesson and the search are looked at in
Chromium on each change; every page with GAN_LESSON_EVERY_CONTROL=1 (`make test-all`).
"""

import functools
import http.server
import json
import os
import re
import subprocess
import threading
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
from front_ends import REPO, Missing, absent, open_browser
from lesson_text import lessons_in

PYTHON = REPO / ".venv-book" / "bin" / "python"
NOTEBOOKS = lessons_in(REPO / "notebooks")
ANSWERS = lessons_in(REPO / "notebooks" / "answers")
SHEETS = lessons_in(REPO / "notebooks" / "teacher", ".md")
PAGES = ["index", "NOTATION", "search"] + [
    str(path.relative_to(REPO).with_suffix("")) for path in (*NOTEBOOKS, *ANSWERS, *SHEETS)
]
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
LOOKED_AT = PAGES if EVERYTHING else [
    "index", "NOTATION", "search", "notebooks/05_the_training_loop",
    "notebooks/teacher/05_the_training_loop",
]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The folder of the built book."""
    if not PYTHON.exists():
        absent("Sphinx is not in .venv-book, so the book was not built; `make test` installs it.")
    out = tmp_path_factory.mktemp("book")
    sphinx = [PYTHON, "-m", "sphinx", "--quiet", "--fail-on-warning", "-c", "book"]
    built = subprocess.run(
        [*sphinx, "-d", out / "doctrees", ".", out / "pages"], cwd=REPO, capture_output=True,
        text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return out / "pages"


class Reader(HTMLParser):
    """Notes the pictures, links and addresses of scripts and styles of a page."""

    def __init__(self, page):
        super().__init__()
        self.pictures, self.links, self.loaded, self.types = [], [], [], []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "img":
            self.pictures.append((attrs["src"], attrs.get("alt")))
        elif tag == "a":
            self.links.append(attrs.get("href", ""))
        elif tag in ("script", "link", "iframe"):
            self.loaded.append(attrs.get("src") or attrs.get("href") or "")
            self.types.append(attrs.get("type"))


@functools.cache
def read(page):
    return Reader(page)


def stored_descriptions(notebook):
    """The alternative texts of a stored notebook's pictures, in order."""
    return [
        output["metadata"]["image/png"]["alt"]
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]


@pytest.mark.parametrize("notebook", NOTEBOOKS + ANSWERS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_widget_is_a_picture_with_its_description(book, notebook):
    page = book / notebook.relative_to(REPO).with_suffix(".html")
    reader = read(page)
    told = [" ".join(alt.split()) for alt in stored_descriptions(notebook)]
    shown = [" ".join(alt.split()) for src, alt in reader.pictures if "_images/" in src]
    assert shown == told and told
    for src, alt in reader.pictures:
        if src.startswith("data:image/png;base64,"):  # of a report, which is one piece of HTML
            assert len(src) > 1000 and alt.strip()
        else:
            assert (page.parent / src).stat().st_size > 1000
    text = page.read_text("utf-8")
    assert "widget-view" not in text and "jupyter-widgets" not in text
    assert "application/vnd.jupyter.widget-state+json" not in reader.types


def test_every_lesson_has_a_button_for_colab(book):
    for notebook in NOTEBOOKS:
        (link,) = {
            link
            for link in read(book / f"notebooks/{notebook.stem}.html").links
            if link.startswith("https://colab.research.google.com/github/")
        }
        assert link.endswith(f"/notebooks/{notebook.name}")
    found = [link for link in read(book / "index.html").links if "colab.research" in link]
    assert len(found) == len(NOTEBOOKS)


def test_the_contents_list_every_page(book):
    links = {link.partition("#")[0] for link in read(book / "index.html").links}
    assert {f"{page}.html" for page in PAGES} - links <= {"index.html", "search.html"}
    assert read(book / "index.html").pictures == read(book / "README.html").pictures


def test_no_page_names_a_file_on_another_machine(book):
    pages = sorted(book.rglob("*.html"))
    assert len(pages) >= len(PAGES)
    for page in pages:
        reader = read(page)
        for address in [*reader.loaded, *(src for src, _ in reader.pictures)]:
            assert not urlsplit(address).netloc, f"{page.name} loads {address}"


def test_no_link_within_the_book_is_broken(book):
    for page in book.rglob("*.html"):
        for link in read(page).links:
            where = urlsplit(link)
            if not where.scheme and where.path:
                assert (page.parent / where.path).resolve().exists(), f"{page.name}: {link}"


def test_links_follow_the_repository_that_the_lessons_name(book):
    readme = (REPO / "README.md").read_text("utf-8")
    repo = re.search(r"research\.google\.com/github/(.*?)/blob", readme)[1]
    assert f"https://github.com/{repo}/blob/main/CONTRIBUTING.md" in read(book / "index.html").links


def test_answers_are_left_out_of_the_search(book):
    index = (book / "searchindex.js").read_text("utf-8")
    index = json.loads(index.removeprefix("Search.setIndex(").rstrip(")"))
    answers = {i for i, name in enumerate(index["docnames"]) if "/answers/" in name}
    assert len(answers) == len(ANSWERS)
    for found in index["terms"].values():
        assert not answers & set(found if isinstance(found, list) else [found])


# --- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    try:
        with open_browser() as browser:
            yield browser
    except Missing as missing:
        absent(missing)


class Visitor:
    """A person with a browser; notes what the pages ask for and complain of."""

    def __init__(self, browser, address, width):
        self.page = browser.new_page(viewport={"width": width, "height": 850})
        self.address, self.asked, self.errors = address, [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def open(self, name, query=""):
        self.page.goto(f"{self.address}/{name}.html{query}", wait_until="load")
        self.page.wait_for_function(  # all equations are set
            "!document.querySelector('.math') || document.querySelector('mjx-container')"
        )


class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/favicon.ico":  # a browser asks for it, no page does
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(book):
    handler = functools.partial(Quiet, directory=str(book))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


WIDER = """() => document.documentElement.scrollWidth > innerWidth
    || [...document.querySelectorAll('.bd-article img, .bd-article p, .bd-article mjx-container')]
        .some(e => e.getBoundingClientRect().right > innerWidth + 1
            && !e.closest('.pst-scrollable-table-container, .math'))"""
UNSEEN = "[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_the_screen_and_ask_nobody_else(browser, address, width):
    visitor = Visitor(browser, address, width)
    for name in LOOKED_AT:
        visitor.open(name)
        assert visitor.page.locator("mjx-merror").count() == 0, name
        assert visitor.page.evaluate(UNSEEN) == [], name
        assert not visitor.page.evaluate(WIDER), f"{name} is wider than {width} pixels"
    assert visitor.errors == []
    assert {urlsplit(url).hostname for url in visitor.asked} - {None} == {"127.0.0.1"}


@pytest.mark.browser
@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "from-disk"])
def test_search_finds_a_lesson_without_a_network(browser, book, address, from_disk):
    visitor = Visitor(browser, book.as_uri() if from_disk else address, 1280)
    visitor.open("search", "?q=saddle")
    found = visitor.page.locator("#search-results li a")
    found.first.wait_for()
    visitor.page.get_by_text("Search finished").wait_for()
    assert any("/02_the_minimax" in link.get_attribute("href") for link in found.all())
    schemes = {"data", "file" if from_disk else "http"}
    assert {urlsplit(url).scheme for url in visitor.asked} <= schemes
    if not from_disk:  # from disk a browser refuses to read the pages for their summaries
        assert visitor.errors == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_barrier_in_the_pages(browser, address, width):
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    visitor = Visitor(browser, address, width)
    # a narrow page differs by its menus alone, which all pages share
    few = ["index"] if width < 1000 else ["index", "notebooks/00_can_you_spot_the_forgery"]
    for name in LOOKED_AT if EVERYTHING else few:
        visitor.open(name)
        visitor.page.evaluate(axe)
        found = visitor.page.evaluate("axe.run()")["violations"]
        grave = [
            (v["id"], node["target"], node["html"][:200])
            for v in found
            if v["impact"] in ("serious", "critical")
            for node in v["nodes"]
        ]
        assert not grave, f"{name}: {grave}"
