"""The course as a web book: `make book` reads this and writes build/book.

Sphinx with myst-nb and the book theme, the parts Jupyter Book 1 is made of: all of them come from
PyPI. Jupyter Book 2 fetches its theme from a server before its first build. The pages ask nothing
of any other machine: MathJax lies in the book, and so does the search.
"""

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from myst_nb.core.render import NbElementRenderer

ROOT = Path(__file__).parents[1]
PARTS = {
    "The lessons": ("notebooks", ""),
    "With the answers": ("notebooks/answers", " (answers)"),
    "For the teacher": ("notebooks/teacher", " (for the teacher)"),
}
LESSONS = ("[0-9]*.*", "tour.*")

project = "GAN lessons"
author = "The gan_lesson authors"
language = "en"
extensions = ["myst_nb", "sphinx.ext.mathjax"]
root_doc = "README"
REFRESHER = "notebooks/refresher"
include_patterns = ["README.md", "NOTATION.md", f"{REFRESHER}.ipynb"]
include_patterns += [f"{folder}/{name}" for folder, _ in PARTS.values() for name in LESSONS]
exclude_patterns = [".*", "build", "my_lessons", "data", "out", "notebooks/text", "notebooks/out"]
nb_execution_mode = "off"  # the notebooks are stored executed
nb_ipywidgets_js = {}  # widgets are stored as pictures
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

html_theme = "sphinx_book_theme"
html_title = "GAN lessons"
html_theme_options = {
    "navbar_persistent": [],  # the search stands in the sidebar
    "show_toc_level": 2,
    "use_download_button": False,
}
html_context = {"default_mode": "light"}
html_copy_source = False
html_static_path = [
    "book.css",
    str(Path(find_spec("mathjax").origin).parent / "static/mathjax/es5/tex-svg.js"),
]
html_css_files = ["book.css"]
mathjax_path = "tex-svg.js"  # glyphs are outlines within it: no font to load, not even from disk
mathjax3_config = {"options": {"enableMenu": False}}
# On a phone a long equation scrolls, which must be possible by keyboard too.
REACHABLE = """addEventListener("load", () => window.MathJax?.startup?.promise.then(() =>
document.querySelectorAll("mjx-container[display]").forEach(e => e.tabIndex = 0)))"""

plain_image = NbElementRenderer.render_image


def described_image(self, data):
    """Return the node of a stored picture, with the alternative text that is stored with it."""
    (image,) = plain_image(self, data)
    image["alt"] = data.output_metadata.get(data.mime_type, {}).get("alt", "")
    return [image]


def title_of(path: Path) -> str:
    """Return a lesson's question, the first heading of its notebook or sheet."""
    if path.suffix == ".ipynb":
        text = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])
    else:
        text = path.read_text("utf-8")
    return text.partition("\n")[0].removeprefix("# ")


def number_of(path: Path) -> str:
    """Return what the contents call a lesson: "00", "01", …, "Tour:"."""
    name = path.stem.partition("_")[0]
    return name if name.isdigit() else f"{name.capitalize()}:"


def contents() -> str:
    """Return the book's table of contents, in MyST."""
    parts = []
    for caption, (folder, _) in PARTS.items():
        entries = [
            f"{number_of(path)} {title_of(path)} </{folder}/{path.stem}>"
            for name in LESSONS
            for path in sorted((ROOT / folder).glob(name))
        ]
        parts.append((caption, entries))
    parts.insert(1, ("To look up", ["Notation </NOTATION>", f"Refresher </{REFRESHER}>"]))
    return "".join(
        "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *entries, "```", ""])
        for caption, entries in parts
    )


def adapt(app, name: str, source: list[str]) -> None:
    """Make of a source, as it is read, what the book needs."""
    if name == root_doc:
        # A badge would be fetched from Colab's server; what is no page of the book is on GitHub.
        repo = re.search(r"research\.google\.com/github/(.*?)/blob", source[0])[1]
        source[0] = re.sub(r"!\[Open in Colab\]\([^)]*\)", "Open in Colab", source[0])
        source[0] = re.sub(
            r"\]\((CONTRIBUTING\.md|LICENSE|gan_lesson/[^)]*)\)",
            rf"](https://github.com/{repo}/blob/main/\1)",
            source[0],
        )
        source[0] += contents()
    for folder, suffix in PARTS.values():
        if suffix and name.startswith(folder):
            title = title_of(Path(app.env.doc2path(name)))
            source[0] = source[0].replace(f"# {title}", f"# {title}{suffix}", 1)


def leave_out_of_search(app, doctree) -> None:
    """Keep the answers out of the search: they repeat their lesson."""
    if app.env.docname.startswith("notebooks/answers/"):
        app.env.metadata[app.env.docname]["nosearch"] = True


def front_page(app, error) -> None:
    """Give the front page the name that a server, and a person with the folder, look for."""
    if error is None:
        shutil.copy(Path(app.outdir) / f"{root_doc}.html", Path(app.outdir) / "index.html")


def setup(app) -> None:
    """Connect the above with Sphinx."""
    NbElementRenderer.render_image = described_image
    app.add_js_file(None, body=REACHABLE)
    app.connect("source-read", adapt)
    app.connect("doctree-read", leave_out_of_search)
    app.connect("build-finished", front_page)
