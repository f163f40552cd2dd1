"""Make slides of all lessons: `make slides` writes them to build/slides.

    .venv-book/bin/python tools/make_slides.py build/slides [--wall http://127.0.0.1:8866]

One deck a lesson, one question, picture, equation or exercise a slide, from notebooks/text and
what the notebooks store. No answer and no teacher's word is on them (see slides/on_slides.py).
The decks need no network; a link to the wall needs `make demo`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))  # reading.py, which build.py uses too

from slides.deck import copy_what_pages_load, write_decks  # noqa: E402
from slides.on_slides import Slide, SlidesError, slides_of  # noqa: E402
from slides.wall_links import WALL, all_pages  # noqa: E402


def decks_of(root: Path = ROOT) -> list[tuple[str, list[Slide]]]:
    """Return (name, slides) of each lesson of a repository, the tour last; the refresher has none.

    Raises:
        SlidesError: a notebook was not built from its text.
    """
    pages, notebooks = all_pages(root), root / "notebooks"
    texts = sorted(text for text in (notebooks / "text").glob("*.md") if text.stem != "refresher")
    return [(text.stem, slides_of(text, notebooks / f"{text.stem}.ipynb", pages)) for text in texts]


def main(arguments: list[str] | None = None) -> int:
    """Write the decks; return 1 if a lesson has none."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="the folder to write, made anew")
    parser.add_argument("--wall", default=WALL, help=f"where `make demo` serves (default: {WALL})")
    options = parser.parse_args(arguments)
    try:
        decks = decks_of()
        write_decks(decks, options.out, options.wall)
        copy_what_pages_load(options.out)
    except (SlidesError, ImportError) as error:
        print(f"No slides: {error}", file=sys.stderr)
        return 1
    print(f"{sum(len(slides) for _, slides in decks)} slides in {len(decks)} decks; ", end="")
    print(f"open {options.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
