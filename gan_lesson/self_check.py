"""What is missing on this machine, in plain words; nothing is imported or fetched for it."""

import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version

PYTHON = (3, 10)
# What goes without each package that requirements.txt asks for.
PURPOSES = {
    "ipython": "every lesson: pictures beside the code",
    "ipywidgets": "every lesson: sliders, buttons, the game",
    "matplotlib": "every lesson: pictures",
    "numpy": "every lesson: numbers",
    "pandas": "tables of a training run, `history.to_frame()`",
    "Pillow": "every lesson: pictures that move",
    "safetensors": "saving and loading networks",
    "scikit-learn": "lessons 01 and 03: comparisons",
    "torch": "lesson 01, and all from 04 on: networks and their training",
    "torchvision": "the full MNIST; the bundled digits do without",
    "tqdm": "progress bars",
}


def whats_missing() -> list[str]:
    """Return one sentence for each thing that the lessons need and this machine lacks.

    An empty list means that everything is there. Versions are read, nothing is imported.
    """
    found = []
    if sys.version_info < PYTHON:
        found.append(
            f"Python is {sys.version_info.major}.{sys.version_info.minor}; the lessons need "
            f"{PYTHON[0]}.{PYTHON[1]} or newer."
        )
    try:
        needs = requires("gan_lesson") or []
    except PackageNotFoundError:
        found.append("gan_lesson was found in a folder, not installed; what it needs is not known.")
        needs = []
    for need in needs:
        if "extra ==" not in need:
            found += _whats_wrong(need)
    return found


def _whats_wrong(need: str) -> list[str]:
    """Return what is wrong with one package, in a sentence or none; `need` is "numpy>=2.0"."""
    name = re.match(r"[\w.-]+", need)[0]
    purpose = f"It is for {PURPOSES[name]}."
    try:
        here = version(name)
    except PackageNotFoundError:
        return [f"{name} is not installed. {purpose}"]
    lowest, limit = (re.search(rf"{sign}\s*([\d.]+)", need) for sign in (">=", "<"))
    if lowest and _numbers(here) < _numbers(lowest[1]):
        return [f"{name} is {here}, older than {lowest[1]}. {purpose}"]
    if limit and _numbers(here) >= _numbers(limit[1]):
        return [f"{name} is {here}; the lessons are made for versions below {limit[1]}. {purpose}"]
    return []


def self_check() -> None:
    """Print what is missing, and how to get it; or that nothing is."""
    missing = whats_missing()
    for sentence in missing:
        print("-", sentence)
    if missing:
        print("Get it with `make lesson`, or with `pip install -r requirements.txt`.")
    else:
        print("Nothing is missing: all lessons can run here. No GPU is needed.")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", text.split("+")[0])[:3])
