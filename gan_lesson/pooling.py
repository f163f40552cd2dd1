"""The predictions of a whole class as a picture: `python -m gan_lesson pool answers/*.csv`.

Each file is what one learner wrote with `export_answers`. The truth is drawn only on asking, so
that the picture can be projected before it is told.
"""

from __future__ import annotations

import argparse
import csv
import glob
import io
import math
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

NEEDED = ("name", "kind", "question", "answer")  # of what `export_answers` writes, no more is
KINDS = ("number", "choice", "curve")


@dataclass
class Pooled:
    """What a class said to one question.

    Attributes:
        name: what the question is called.
        kind: "number", "choice" or "curve".
        question: its words.
        answers: a number, an option or five numbers of each learner.
        sure: the probability that each gave to the own option; None where there is none.
        truths: how many files say which truth; empty before somebody revealed it.
    """

    name: str
    kind: str
    question: str
    answers: list = field(default_factory=list)
    sure: list[float | None] = field(default_factory=list)
    truths: Counter = field(default_factory=Counter)

    @property
    def truth(self):
        """The truth that most files tell; None if none does."""
        return self.truths.most_common(1)[0][0] if self.truths else None

    def describe(self, truth: bool = False) -> str:
        """Return the answers in one line, with the truth on asking."""
        n = len(self.answers)
        told = f"{self.name}: {n} answer{'s' * (n != 1)}; "
        if self.kind == "choice":
            shares = Counter(self.answers).most_common()
            told += "; ".join(f"{count} “{option}”" for option, count in shares)
        elif self.kind == "number":
            low, high = min(self.answers), max(self.answers)
            told += f"median {median(self.answers):.3g}, from {low:.3g} to {high:.3g}"
        else:
            places = map(median, zip(*self.answers, strict=True))
            told += "medians " + ", ".join(f"{place:.3g}" for place in places)
        if truth:
            told += f". Truth: {_in_words(self.truth)}"
        return told


def _in_words(truth) -> str:
    if truth is None:
        return "nobody in these files has revealed it"
    if isinstance(truth, tuple):
        return ", ".join(f"{place:.4g}" for place in truth)
    return f"{truth:.4g}" if isinstance(truth, float) else f"“{truth}”"


def pool_predictions(paths: Iterable[str | Path]) -> tuple[list[Pooled], int, list[str]]:
    """Put the predictions of several learners together.

    Args:
        paths: one CSV of `export_answers` each.

    Returns:
        The questions in the order in which they come up; how many files were read; and a
        sentence for each file or line that was left out.
    """
    questions: dict[tuple, Pooled] = {}
    read, complaints = 0, []
    for path in dict.fromkeys(Path(path) for path in paths):
        try:
            rows = _rows_of(path)
        except (OSError, ValueError, csv.Error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            complaints.append(f"{path}: left out, because {reason}")
            continue
        read += 1
        for line, row in rows:
            try:
                answer, sure, truth = _checked(row)
            except ValueError as error:
                complaints.append(f"{path}, line {line}: left out, because {error}")
                continue
            asked = row["name"], row["kind"], row["question"]
            pooled = questions.setdefault(asked, Pooled(*asked))
            pooled.answers.append(answer)
            pooled.sure.append(sure)
            if truth is not None:
                pooled.truths[truth] += 1
    return list(questions.values()), read, complaints


def _rows_of(path: Path) -> list[tuple[int, dict]]:
    """Return (line, row) of a file; commas and semicolons, which spreadsheets write, will do.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")  # spreadsheets add a mark
    except UnicodeDecodeError:
        raise ValueError("it is not written in UTF-8") from None
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    if missing := set(NEEDED) - set(reader.fieldnames or ()):
        raise ValueError(f"its first line lacks {', '.join(sorted(missing))}: export_answers did "
                         "not write it")  # fmt: skip
    rows = [(reader.line_num, row) for row in reader]
    if not rows:
        raise ValueError("it holds no answer")
    if reader.reader.dialect.delimiter == ";":
        return [(line, {key: _point(value) for key, value in row.items()}) for line, row in rows]
    return rows


def _point(value):
    """Return a number that a spreadsheet wrote with a comma, with a point."""
    if isinstance(value, str) and value.replace(",", "", 1).lstrip("-").isdigit():
        return value.replace(",", ".", 1)
    return value


def _checked(row: dict) -> tuple:
    """Return a row's answer, certainty and truth.

    Raises:
        ValueError: it is no row of `export_answers`.
    """
    kind, sure, truth = row["kind"], row.get("sure"), row.get("truth")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, none of {', '.join(KINDS)}")
    if not (row["name"] and row["question"] and row["answer"]):
        raise ValueError("name, question or answer is empty")
    answer = _value(kind, row["answer"])
    sure = _number(sure) if sure else None
    if sure is not None and not 0 < sure <= 1:
        raise ValueError(f"sure is {sure:g}, no probability")
    return answer, sure, _value(kind, truth) if truth else None


def _value(kind: str, text: str):
    if kind == "choice":
        return text
    if kind == "number":
        return _number(text)
    heights = tuple(map(_number, text.split()))
    if len(heights) != 5:
        raise ValueError(f"a curve has five numbers, this one {len(heights)}")
    return heights


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is no finite number")
    return number


def add_pool(commands) -> None:
    """Add the command to the parser's: what `argparse.ArgumentParser.add_subparsers` returned."""
    parser = commands.add_parser(
        "pool",
        help="draw what a class predicted, from the learners' files",
        description="Draw what a class predicted: each FILE is a CSV that a learner wrote with "
        'export_answers("NAME.csv"). Four questions a picture; with more, the next ones are '
        "OUT_2.png and so on. A file or line that cannot be read is named and left out. Without "
        "--truth nothing tells which answer is right.",
        epilog="example: python -m gan_lesson pool answers/*.csv --out class.png",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument(
        "--out", type=Path, default=Path("class.png"), help="the picture (default: class.png)"
    )
    parser.add_argument("--truth", action="store_true", help="mark the right answers, too")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="the questions to draw (default: all)"
    )
    parser.set_defaults(command=pool_files)


def pool_files(args: argparse.Namespace) -> int:
    """Draw what the files say, and tell it in words; return the exit status.

    Raises:
        ValueError: no file holds an answer, or no question is called as `--only` says.
    """
    paths = [path for given in args.files for path in _matching(given)]
    questions, read, complaints = pool_predictions(paths)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    if not questions:
        raise ValueError(f"no answer in the {len(paths)} files given")
    if args.only:
        names = sorted({question.name for question in questions})
        if unknown := sorted(set(args.only) - set(names)):
            raise ValueError(f"--only names {', '.join(unknown)}; there are {', '.join(names)}")
        questions = [question for question in questions if question.name in args.only]
    for question in questions:
        print(question.describe(args.truth))
    written = _draw(questions, read, args.out, args.truth)
    print(f"{read} learner{'s' * (read != 1)}; {' and '.join(map(str, written))}")
    return 0


def _matching(given: str) -> list[str]:
    """Return the files that a pattern means, for shells that leave `*` to the program."""
    if Path(given).is_file() or not glob.has_magic(given):  # a name may hold brackets
        return [given]
    return sorted(glob.glob(given)) or [given]


def _draw(questions: list[Pooled], read: int, out: Path, truth: bool) -> list[Path]:
    from gan_lesson import checks
    from gan_lesson.pooled_picture import PANELS, draw_pooled
    from gan_lesson.saving import whole

    checks.ending("--out", out)
    written = []
    for start in range(0, len(questions), PANELS):
        name = out.name if not start else f"{out.stem}_{start // PANELS + 1}{out.suffix}"
        figure = draw_pooled(questions[start : start + PANELS], read, truth)
        with whole(out.with_name(name)) as partial:
            figure.savefig(partial)
        written.append(out.with_name(name))
    return written
