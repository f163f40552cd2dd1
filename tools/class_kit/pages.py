"""Pages of the kit: Markdown as HTML, sheets of predictions to print, PDFs made by Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html import escape
from pathlib import Path
from string import ascii_uppercase

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from slides.deck import write_math
from slides.on_slides import Slide

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}kit.css">
{math}</head>
<body class="{kind}">
{body}
</body>
</html>
"""
MATH = """\
<script>
window.MathJax = {{tex: {{inlineMath: [["\\\\(", "\\\\)"]]}}, options: {{enableMenu: false}}}};
</script>
<script src="{up}slides/mathjax/tex-svg.js" defer></script>
"""
STYLE = """\
@page {size: A4; margin: 15mm}
body {font: 16px/1.45 "Helvetica Neue", Arial, "Liberation Sans", sans-serif; color: #000;
  background: #fff; max-width: 760px; margin: 24px auto; padding: 0 16px}
h1 {font-size: 26px; line-height: 1.2}
h2 {font-size: 19px; margin-top: 1.6em}
h1, h2, h3 {break-after: avoid}
a {color: #00527a}
table {border-collapse: collapse; margin: 12px 0}
th, td {border-bottom: 1px solid #999; padding: 4px 10px; text-align: left; vertical-align: top}
tr, li, .asked {break-inside: avoid}
article + article {break-before: page; margin-top: 60px}
pre, code {font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 13px}
pre {background: #f3f3f3; padding: 8px 12px; white-space: pre-wrap}
.predictions {font-size: 14px}
.predictions header {display: flex; justify-content: space-between; gap: 24px}
.predictions header span {flex: 1; border-bottom: 1px solid #000; margin-left: 6px}
.asked {border: 1px solid #777; border-radius: 4px; padding: 6px 12px; margin: 8px 0;
  line-height: 1.35}
.asked p {margin: 0 0 6px}
.asked ul {list-style: none; margin: 0; padding: 0}
.asked .place {color: #333}
.asked .sure {color: #333; margin: 6px 0 0}
.box {display: inline-block; width: 11px; height: 11px; border: 1px solid #000; margin: 0 6px 0 0}
.line {display: inline-block; width: 90px; border-bottom: 1px solid #000}
hr {border: 0; border-top: 1px solid #999; break-after: page}
@media print {body {margin: 0; padding: 0; max-width: none} article + article {margin-top: 0}
  a {color: #000; text-decoration: none} hr {visibility: hidden; margin: 0}
  .plan {font-size: 11.5px; line-height: 1.33} .plan h1 {font-size: 20px; margin: 0}
  .plan h2 {font-size: 15px; margin: 10px 0 4px} .plan p, .plan table {margin: 5px 0}
  .plan ol, .plan ul {margin: 4px 0; padding-left: 22px} .plan pre, .plan code {font-size: 10px}
  .plan th, .plan td {padding: 2px 7px}}
"""
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
MARKDOWN.use(dollarmath_plugin, renderer=write_math, allow_space=True)
SURE = ("60 %", "75 %", "90 %", "99 %")


def page_of_markdown(markdown: str, kind: str, up: str = "../") -> str:
    """Return Markdown as a page of the kit; `up` leads from its folder to the kit's.

    Links to notebooks, which the kit does not hold, become plain words, unless `answers` has them.
    """
    title = markdown.split("\n")[0].removeprefix("# ")
    body = MARKDOWN.render(markdown)
    body = re.sub(r'<a href="(?!https?:|[^"]*answers/)[^"]*\.ipynb[^"]*">(.*?)</a>', r"\1", body)
    math = MATH.format(up=up) if "\\(" in body or "\\[" in body else ""
    return PAGE.format(title=escape(title), up=up, math=math, body=body, kind=kind)


def sheets_of_predictions(title: str, decks: list[list[Slide]]) -> str:
    """Return a page on which a learner writes predictions: lessons' questions, no answer.

    Each lesson begins on a new sheet of paper.
    """
    body = "\n".join(f"<article>\n{_sheet(slides)}\n</article>" for slides in decks)
    return PAGE.format(title=escape(title), up="../", math="", body=body, kind="predictions")


def _sheet(slides: list[Slide]) -> str:
    title = slides[0].heading
    asked = [slide for slide in slides if slide.kind == "question"]
    blocks = "\n".join(_asked(number, slide) for number, slide in enumerate(asked, start=1))
    return (
        f"<header><div>Name:</div><span></span><div>Date:</div><span></span></header>\n"
        f"<h1>{escape(title)}</h1>\n"
        "<p>First write, in ink, and then raise your hand. “How sure?” is the probability that you "
        f"give to your answer.</p>\n{blocks}"
    )


def _asked(number: int, slide: Slide) -> str:
    place = escape(slide.heading.replace("`", ""))
    told = f'<p><b>Prediction {number}</b> <span class="place">at “{place}”</span></p>'
    told += f"\n<p>{escape(slide.text)}</p>"
    if len(slide.options) > 1:
        options = "\n".join(
            f'<li><span class="box"></span><b>{letter}</b>&ensp;{escape(option)}</li>'
            for letter, option in zip(ascii_uppercase, slide.options, strict=False)  # as on slides
        )
        sure = " &nbsp; ".join(f'<span class="box"></span>{p}' for p in ("a guess", *SURE))
        answer = f'<ul>\n{options}\n</ul>\n<p class="sure">How sure? &nbsp; {sure}</p>'
    elif places := re.search(r": ([^:]*,[^:]*)$", slide.options[0]):  # a curve
        lines = " &nbsp; ".join(
            f'{escape(place.strip())}: <span class="line"></span>' for place in places[1].split(",")
        )
        answer = f"<p>{escape(slide.options[0][: places.start()])}: &nbsp; {lines}</p>"
    else:
        answer = f'<p>{escape(slide.options[0])}: &nbsp; <span class="line"></span></p>'
    return f'<div class="asked">\n{told}\n{answer}\n</div>'


def chromium() -> str | None:
    """Return the Chromium of this machine: $CHROMIUM, or one on the PATH."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    given = os.environ.get("CHROMIUM")
    return given if given else next(filter(None, map(shutil.which, names)), None)


def print_to_pdf(browser: str, pages: list[Path]) -> None:
    """Print pages as PDFs beside them.

    Raises:
        subprocess.CalledProcessError: Chromium failed.
        subprocess.TimeoutExpired: it took longer than a minute for a page.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    for page in pages:
        pdf = page.with_suffix(".pdf")
        command = [browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"]
        command += ["--no-sandbox"] * root + [f"--print-to-pdf={pdf.resolve()}"]
        command.append(page.resolve().as_uri())
        subprocess.run(command, check=True, capture_output=True, timeout=60)
