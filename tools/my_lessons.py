"""Copy the lessons into a learner's folder, keep what is there, and say which copies do not match.

python tools/my_lessons.py notebooks my_lessons
"""

import json
import re
import shutil
import sys
from pathlib import Path


def copy_lessons(lessons: Path, mine: Path) -> list[str]:
    """Copy each lesson that `mine` lacks; return a line for each copy of another version of it.

    Args:
        lessons: the folder of the stored notebooks, as notebooks/build.py writes them.
        mine: the learner's folder, made if missing. No file in it is changed.
    """
    mine.mkdir(parents=True, exist_ok=True)
    others = []
    for lesson in sorted(lessons.glob("*.ipynb")):
        copy = mine / lesson.name
        if not copy.exists():
            shutil.copyfile(lesson, copy)
        elif why := _why_not(copy, lesson):
            others.append(f"{copy}: {why}")
    return others


def _why_not(copy: Path, lesson: Path) -> str:
    """Return why the copy does not fit the lesson as it is now; nothing if it does."""
    try:
        (theirs, their_text), (ours, our_text) = map(_made_from, (copy, lesson))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return "it cannot be read as a notebook"
    if theirs != ours:
        return f"made for gan_lesson {theirs}, the lesson is for {ours}"
    if their_text and their_text != our_text:
        return "made from another text than the lesson now has"
    return ""


def _made_from(notebook: Path) -> tuple[str, str]:
    """Return the version a notebook's set-up cell names, and its text's mark if it has one."""
    content = json.loads(notebook.read_text("utf-8"))
    code = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]
    named = re.search(r'gan_lesson\.built_for\("([\d.]+)"\)', "\n".join(code))
    text = content["metadata"].get("gan_lesson", {}).get("text", "")
    return (named[1] if named else "0.1"), text


def main(lessons: str, mine: str) -> None:
    """Copy, and say what a learner should know."""
    others = copy_lessons(Path(lessons), Path(mine))
    print(f"Your copies are in {mine}; rename or delete one to get that lesson afresh.")
    if others:
        print("These do not match the lessons as they are now, and were kept:", *others, sep="\n  ")


if __name__ == "__main__":
    main(*sys.argv[1:])
