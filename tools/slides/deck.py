"""A lesson's slides as a page of reveal.js, the list of all decks, and the files they need.

A deck asks nothing of any other machine: reveal.js and MathJax lie beside it. Links to the wall
are links only.
"""

from __future__ import annotations

import re
import shutil
from html import escape
from importlib.util import find_spec
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from slides.on_slides import Slide, SlidesError
from slides.wall_links import WALL

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="reveal/reset.css">
<link rel="stylesheet" href="reveal/reveal.css">
<link rel="stylesheet" href="slides.css">
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="reveal/reveal.js"></script>
<script src="slides.js"></script>
<script src="mathjax/tex-svg.js"></script>
</body>
</html>
"""
INDEX = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>GAN lessons: slides</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="slides.css">
</head>
<body class="index">
<h1>GAN lessons: slides</h1>
<ol>
{decks}
</ol>
<p>A clicker or the arrow keys turn the slides, Esc shows all of them, F fills the screen.
What is marked ▶ moves on the wall: start <code>make demo</code> first. To print a deck, add
<code>?print-pdf</code> to its address. Answers stand in the notebooks, not here.</p>
</body>
</html>
"""
STYLE = """\
body {font-family: "Helvetica Neue", Arial, "Liberation Sans", sans-serif; color: #000;
  background: #fff}
.reveal .slides {text-align: left}
.reveal section {height: 720px; box-sizing: border-box; padding: 0 10px}
.reveal h2 {font-size: 24px; font-weight: normal; color: #444; margin: 0 0 26px;
  border-bottom: 1px solid #999; padding-bottom: 8px}
.reveal h1 {font-size: 76px; line-height: 1.15; margin: 190px 0 24px}
.reveal p {font-size: 44px; line-height: 1.3; margin: 0 0 34px}
.reveal .title p {font-size: 28px; color: #444}
.reveal ol.options {font-size: 38px; line-height: 1.3; list-style: upper-alpha; margin: 0 0 0 66px}
.reveal ol.options li {margin: 0 0 14px; padding-left: 8px}
.reveal .long p {font-size: 35px; margin-bottom: 24px}
.reveal .long ol.options {font-size: 32px}
.reveal p.answer {font-size: 38px; color: #444}
.reveal .equation p {font-size: 36px}
.reveal .equation mjx-container[display] {font-size: 46px; margin: 70px 0}
.reveal mjx-container[display] > svg {max-width: 100%; height: auto}
.reveal pre {font: 23px/1.4 "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre-wrap;
  background: #f3f3f3; padding: 16px 20px; margin: 0}
.reveal pre.long {font-size: 19px; line-height: 1.32}
.reveal img {display: block; margin: 0 auto; max-width: 1240px; max-height: 560px;
  width: auto; height: auto}
.reveal p.caption {font-size: 26px; color: #444; margin: 14px 0 0}
.reveal img.wide {width: 1240px}
.reveal img.tall {height: 560px}
.reveal a.live {position: absolute; right: 10px; bottom: 34px; font-size: 26px; color: #00527a}
.reveal strong {font-weight: bold}
.reveal em {font-style: italic}
.reveal .slide-number {color: #444; background: none; font-size: 16px}
body.index {font-size: 22px; line-height: 1.4; max-width: 900px; margin: 30px auto; padding: 0 20px}
.index ol {list-style: none; padding: 0}
.index a {color: #00527a}
@media print {.reveal a.live {color: #000}}
"""
SCRIPT = """\
window.MathJax = {
  tex: {inlineMath: [["\\\\(", "\\\\)"]], displayMath: [["\\\\[", "\\\\]"]]},
  options: {enableMenu: false, skipHtmlTags: ["script", "style", "pre", "code"]},
};
Reveal.initialize({
  width: 1280, height: 720, margin: 0.03, center: false, hash: true, transition: "none",
  slideNumber: "c/t", navigationMode: "linear", controls: false, pdfSeparateFragments: false,
});
"""


def write_math(content: str, options: dict) -> str:
    """Return a formula as MathJax finds it."""
    left, right = ("\\[", "\\]") if options["display_mode"] else ("\\(", "\\)")
    return f"{left}{escape(content.strip())}{right}"


MARKDOWN = MarkdownIt("commonmark", {"html": False})
MARKDOWN.use(dollarmath_plugin, renderer=write_math, allow_space=True)


def written(markdown: str) -> str:
    """Return Markdown as HTML, formulas for MathJax and links as plain words."""
    return re.sub(r"</?a\b[^>]*>", "", MARKDOWN.render(markdown)).strip()


def page(name: str, slides: list[Slide], wall: str = WALL) -> str:
    """Return the deck of a lesson as HTML; its pictures are pictures/NAME_1.png and so on."""
    number = name.partition("_")[0]
    sections, drawn = [], 0
    for slide in slides:
        drawn += slide.kind == "picture"
        sections.append(_section(slide, number, f"pictures/{name}_{drawn}.png", wall))
    return PAGE.format(title=escape(slides[0].heading), slides="\n".join(sections))


def _section(slide: Slide, number: str, picture: str, wall: str) -> str:
    told = number if number.isdigit() else number.capitalize()
    heading = written(f"{told} · {slide.heading}").removeprefix("<p>").removesuffix("</p>")
    head = f"<h2>{heading}</h2>"
    if slide.kind == "title":
        lesson = f"Lesson {number}" if number.isdigit() else told
        body = f"<h1>{escape(slide.heading)}</h1>\n<p>{lesson}</p>"
        head = ""
    elif slide.kind == "question":
        body = _question(slide)
    elif slide.kind == "exercise":
        long = ' class="long"' if _is_long_code(slide.text) else ""
        body = f"<pre{long}>{escape(slide.text)}</pre>"
    elif slide.kind == "equation":
        body = written(slide.text)
    else:
        body = f'<img class="{_shape(slide.picture)}" src="{picture}" alt="{escape(slide.alt)}">'
        body += f'\n<p class="caption">{escape(slide.caption)}</p>' if slide.caption else ""
    if slide.live:
        body += (
            f'\n<a class="live" href="{escape(slide.live.address(wall))}">'
            f"▶ {escape(slide.live.title)}</a>"
        )
    return f'<section class="{slide.kind}{_is_long(slide)}">\n{head}\n{body}\n</section>'


def _question(slide: Slide) -> str:
    asked = f"<p>{escape(slide.text)}</p>"
    if len(slide.options) == 1:  # a number, or a curve
        return f'{asked}\n<p class="answer">{escape(slide.options[0])}</p>'
    options = "\n".join(f"<li>{escape(option)}</li>" for option in slide.options)
    return f'{asked}\n<ol class="options">\n{options}\n</ol>'


def _is_long(slide: Slide) -> str:
    letters = len(slide.text) + sum(map(len, slide.options))
    return " long" if slide.kind == "question" and letters > 330 else ""


def _is_long_code(source: str) -> bool:
    lines = source.splitlines()
    return len(lines) > 15 or max(map(len, lines), default=0) > 84


def _shape(png: bytes) -> str:
    """Return whether a PNG fills a slide in width or in height."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    return "wide" if width / height > 1240 / 560 else "tall"


def index(decks: list[tuple[str, list[Slide]]]) -> str:
    """Return the page that lists the decks."""
    rows = [
        f'<li>{name.partition("_")[0].capitalize()} · <a href="{name}.html">'
        f"{escape(slides[0].heading)}</a> · {len(slides)} slides</li>"
        for name, slides in decks
    ]
    return INDEX.format(decks="\n".join(rows))


def make_anew(out: Path) -> None:
    """Remove what an earlier call wrote to a folder; refuse one with other files in it."""
    if out.exists() and any(out.iterdir()) and not (out / "index.html").exists():
        raise SlidesError(f"{out} holds other files; name an empty folder")
    shutil.rmtree(out, ignore_errors=True)


def write_decks(decks: list[tuple[str, list[Slide]]], out: Path, wall: str = WALL) -> None:
    """Write all decks, their pictures and the list of them to a folder, made anew.

    Args:
        decks: pairs of a lesson's name, such as "06_digits", and its slides.
        out: the folder; what an earlier call wrote is removed.
        wall: where the wall is served.

    Raises:
        SlidesError: the folder holds other files.
    """
    make_anew(out)
    (out / "pictures").mkdir(parents=True)
    for name, slides in decks:
        (out / f"{name}.html").write_text(page(name, slides, wall), "utf-8")
        pictures = [slide.picture for slide in slides if slide.kind == "picture"]
        for number, picture in enumerate(pictures, start=1):
            (out / "pictures" / f"{name}_{number}.png").write_bytes(picture)
    (out / "index.html").write_text(index(decks), "utf-8")
    (out / "slides.css").write_text(STYLE, "utf-8")
    (out / "slides.js").write_text(SCRIPT, "utf-8")


def copy_what_pages_load(out: Path) -> None:
    """Copy reveal.js and MathJax beside the decks.

    Raises:
        ModuleNotFoundError: they are not installed; book/requirements.txt names them.
    """
    for module in ("sphinx_revealjs", "mathjax"):
        if find_spec(module) is None:
            raise ModuleNotFoundError(f"{module} is missing: see book/requirements.txt")
    reveal = Path(find_spec("sphinx_revealjs").origin).parent / "_static" / "revealjs"
    mathjax = Path(find_spec("mathjax").origin).parent / "static" / "mathjax" / "es5"
    for folder, files in (
        ("reveal", ["dist/reset.css", "dist/reveal.css", "dist/reveal.js", "LICENSE"]),
        ("mathjax", ["tex-svg.js"]),
    ):
        source = reveal if folder == "reveal" else mathjax
        (out / folder).mkdir()
        for file in files:
            shutil.copyfile(source / file, out / folder / Path(file).name)
