"""What is missing on this machine, in plain words; nothing is imported or fetched for it."""

import re
import sys
from importlib.metadata import PackageNotFoundError, version

PYTHON = (3, 10)
# Lowest versions as in requirements.txt, and what goes without.
NEEDS = {
    "ipython": ("7.34", "every lesson: pictures beside the code"),
    "ipywidgets": ("7.7", "every lesson: sliders, buttons, the game"),
    "matplotlib": ("3.10", "every lesson: pictures"),
    "numpy": ("2.0", "every lesson: numbers"),
    "pandas": ("2.2", "tables of a training run, `history.to_frame()`"),
    "Pillow": ("11.0", "every lesson: pictures that move"),
    "safetensors": ("0.5", "saving and loading networks"),
    "scikit-learn": ("1.6", "lessons 01 and 03: comparisons"),
    "torch": ("2.9", "lessons 01 and 04 to 13: networks and their training"),
    "torchvision": ("0.24", "the full MNIST; the bundled digits do without"),
    "tqdm": ("4.66", "progress bars"),
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
    for name, (lowest, purpose) in NEEDS.items():
        try:
            here = version(name)
        except PackageNotFoundError:
            found.append(f"{name} is not installed. It is for {purpose}.")
            continue
        if _numbers(here) < _numbers(lowest):
            found.append(f"{name} is {here}, older than {lowest}. It is for {purpose}.")
        elif name == "ipywidgets" and _numbers(here) >= (9,):
            found.append(f"ipywidgets is {here}; the lessons are made for 7.7 to 8.")
    return found


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
