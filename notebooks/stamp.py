"""Point every link and set-up cell of the course at one copy on GitHub, and at its version's tag.

    python notebooks/stamp.py                  this clone's own copy, by its remote "origin"
    python notebooks/stamp.py owner/name       that copy
    python notebooks/stamp.py --version        say which version's tag set-up cells name

Standard library only: `make colab` and the workflow `stamp` run it in an environment that is empty.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

UNSET = "OWNER/REPO"
PIP = '    %pip install -q --no-deps "gan_lesson @ git+https://github.com/{copy}@{tag}"'
NO_COPY = (
    "    raise ImportError("
    '"No copy on GitHub is set; `make colab REPO=owner/name` sets it.") from None'
)
_LINK = re.compile(r"colab\.research\.google\.com/github/([\w-]+/[\w.-]+)/blob")
_NAME = r"[\w-]+/[\w.-]+"
_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.M)


class StampError(Exception):
    """A copy that cannot be named; the message says why."""


def _as_in(path: Path | None, text: str) -> str:
    """Return words as a file of this kind holds them: in a notebook they are a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1] if path and path.suffix == ".ipynb" else text


def _installs(path: Path | None) -> re.Pattern:
    """Return a pattern of the set-up cell's line that installs, or says that it cannot."""
    start, quote = (re.escape(_as_in(path, text)) for text in (PIP.partition("{")[0], '"'))
    installs = rf"{start}{_NAME}@[\w.+-]+{quote}"
    return re.compile(f"{installs}|{re.escape(_as_in(path, NO_COPY))}")


def version_of(root: Path) -> str:
    """Return the version that the package below `root` has."""
    return _VERSION.search((root / "gan_lesson" / "__init__.py").read_text("utf-8"))[1]


def anywhere(sources: str) -> str:
    """Return a lesson's sources without what differs from copy to copy and version to version.

    What is put in its place is what stood there first, so that the marks of older notebooks, and
    of learners' copies, still are those of their texts.
    """
    sources = _installs(None).sub(PIP.format(copy=UNSET, tag="main"), sources)
    sources = re.sub(r'built_for\("\d+\.\d+"\)', 'built_for("0.2")', sources)
    return re.sub(rf"(github(?:\.com)?/){_NAME}", r"\1", sources)


def files_of(root: Path) -> list[Path]:
    """Return every file that names the copy: README, texts, teacher's sheets, notebooks."""
    notebooks = root / "notebooks"
    files = [root / "README.md", *sorted(notebooks.rglob("*.md"))]
    return files + sorted(notebooks.glob("*.ipynb")) + sorted(notebooks.glob("answers/*.ipynb"))


def stamp(root: Path, repo: str) -> list[Path]:
    """Point every Colab link and set-up cell below `root` at the GitHub repository `repo`.

    Set-up cells install the tag of the package's version, and say for which version they are.

    Args:
        root: the folder that holds README.md, gan_lesson and notebooks.
        repo: "owner/name"; "OWNER/REPO" for none, and then set-up cells say how to set one.

    Returns:
        The files that were changed.

    Raises:
        StampError: `repo` is no owner/name, or the links do not agree on the present one.
    """
    if not re.fullmatch(_NAME, repo):
        raise StampError(f"REPO is {repo!r}; it must be owner/name, as in GitHub's address")
    files = files_of(root)
    present = {name for path in files for name in _LINK.findall(path.read_text("utf-8"))}
    if len(present) != 1:
        raise StampError(f"the Colab links name {sorted(present)}; they must agree on one copy")
    old, version, changed = re.escape(present.pop()), version_of(root), []
    line = NO_COPY if repo == UNSET else PIP.format(copy=repo, tag=f"v{version}")
    made_for = 'built_for("{}")'.format(".".join(version.split(".")[:2]))
    for path in files:
        text = path.read_text("utf-8")
        new = re.sub(rf"(github(?:\.com)?/){old}(?![\w-])", rf"\g<1>{repo}", text)
        new = _installs(path).sub(lambda _, p=path: _as_in(p, line), new)
        quote = re.escape(_as_in(path, '"'))
        new = re.sub(
            rf"built_for\({quote}\d+\.\d+{quote}\)", lambda _, p=path: _as_in(p, made_for), new
        )
        if new != text:
            path.write_text(new, encoding="utf-8")
            changed.append(path)
    return changed


def own_copy(root: Path) -> str:
    """Return "owner/name" of the copy on GitHub that this clone belongs to.

    GitHub's workflows say it in their environment; elsewhere the remote "origin" does.

    Raises:
        StampError: neither names a copy on GitHub.
    """
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return name
    ask = ["git", "config", "--get", "remote.origin.url"]
    told = subprocess.run(ask, cwd=root, capture_output=True, text=True, check=False)
    found = re.search(rf"github\.com[:/]({_NAME}?)(?:\.git)?/?$", told.stdout.strip())
    if not found:
        raise StampError(
            "this clone has no remote 'origin' on GitHub; say which copy is meant: "
            "make colab REPO=owner/name"
        )
    return found[1]


def main(arguments: list[str] | None = None) -> int:
    """Stamp the course, or say its version; return 1 if no copy could be named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repo", nargs="?", default="", help="owner/name (default: this clone's)")
    parser.add_argument("--version", action="store_true", help="say the version, and stamp nothing")
    options = parser.parse_args(arguments)
    root = Path(__file__).parents[1]
    if options.version:
        print(version_of(root))
        return 0
    try:
        repo = options.repo or own_copy(root)
        changed = stamp(root, repo)
    except StampError as error:
        print(f"Not stamped: {error}", file=sys.stderr)
        return 1
    print(f"{len(changed)} files changed; all point at github.com/{repo}, v{version_of(root)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
