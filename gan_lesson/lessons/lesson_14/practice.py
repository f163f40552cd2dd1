"""One page: the rules that a class writes for itself, each with what it measured, and its export.

    measured = {"network, unseen generator": "14 % caught"}
    rules = [("publish no detector's verdict on one image", "network, unseen generator")]
    code_of_practice(measured, rules, "code.md")

The sentences are the learner's own; only their number, their length and their reasons are checked.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from IPython.display import Markdown

from gan_lesson.saving import write_whole

MOST_RULES = 8
MOST_WORDS = 40  # of a rule
PROMPTS = (
    "Who may be harmed, and who decides?",
    "What did you measure, and what did you not?",
    "How would you notice that the rule is broken?",
)


def code_of_practice(
    measured: Mapping[str, str],
    rules: Sequence[tuple[str, str]],
    path: str | Path | None = None,
) -> Markdown:
    """Return the page, and write it if a path is given.

    Args:
        measured: what was measured, by name, in words.
        rules: pairs (rule, name of what was measured), at most 8, each rule of at most 40 words.
        path: a Markdown file to write.

    Raises:
        ValueError: a rule is empty or too long, there are too many, or one names nothing that was
            measured.
        OSError: the file cannot be written; one that was there before is as it was.
    """
    rules = [_checked(rule, measured) for rule in rules]
    if len(rules) > MOST_RULES:
        raise ValueError(f"{len(rules)} rules do not fit on a page; at most {MOST_RULES} do")
    if not rules:
        asked = "\n".join(f"- {prompt}" for prompt in PROMPTS)
        known = "\n".join(f"- {_plain(n)}: {_plain(found)}" for n, found in measured.items())
        return Markdown(f"No rule yet. Ask of each:\n\n{asked}\n\nKnown so far:\n\n{known}")
    lines = ["# Our code of practice", ""]
    for number, (rule, name) in enumerate(rules, start=1):
        found = f"{_plain(name)}, {_plain(measured[name])}"
        lines.append(f"{number}. **{_plain(rule)}** It rests on: {found}.")
    page = "\n".join(lines) + "\n"
    if path is not None:
        write_whole(path, page)
    return Markdown(page)


def _plain(words: str) -> str:
    """Return a learner's words so that neither Markdown nor HTML reads them as its own."""
    return re.sub(r"([\\`*_\[\]#|])", r"\\\1", escape(str(words), quote=False))


def _checked(rule: tuple[str, str], measured: Mapping[str, str]) -> tuple[str, str]:
    """Return a rule as it is printed, its sentence closed."""
    try:
        sentence, name = rule
    except (TypeError, ValueError):
        raise ValueError(f"a rule is {rule!r}; it must be a pair (rule, measured name)") from None
    sentence = " ".join(str(sentence).split())
    if not 1 <= len(sentence.split()) <= MOST_WORDS:
        raise ValueError(
            f"a rule has {len(sentence.split())} words; it must have 1 to {MOST_WORDS}"
        )
    if name not in measured:
        raise ValueError(f"{name!r} was not measured; there are {sorted(measured)}")
    sentence = sentence[0].upper() + sentence[1:]
    return sentence if sentence[-1] in ".!?" else sentence + ".", name
