"""The commands that look at runs: `python -m gan_lesson diagnose`, `plot` and `watch`."""

import argparse
import sys
import time
from pathlib import Path

from gan_lesson import checks
from gan_lesson.loss_families import FAMILIES
from gan_lesson.saving import whole


def add_commands(commands, positive) -> None:
    """Add the three commands to the parser's.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` returned.
        positive: makes a converter to positive numbers of a kind.
    """
    parser = commands.add_parser(
        "diagnose",
        help="say what a run looks like, from its file",
        description="Say what a run looks like, how surely, and what to test next. FILE is a CSV "
        "with a header, or what a training script printed.",
        epilog="example: python -m gan_lesson diagnose train.log --loss hinge",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, help="a picture of it, e.g. report.png")
    _add_conventions(parser)
    parser.set_defaults(command=diagnose_file)
    parser = commands.add_parser(
        "plot",
        help="draw the curves of one run, or of up to four beside each other",
        description="Draw D's answers and both losses of one run, or compare up to four.",
        epilog="example: python -m gan_lesson plot mine.csv theirs.log --out runs.png",
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, help="the picture, e.g. curves.png")
    _add_conventions(parser)
    parser.set_defaults(command=plot_files)
    parser = commands.add_parser(
        "watch",
        help="follow a file that grows, and draw its curves anew",
        description="Follow a CSV or a log while it grows: print its last row, and draw the curves "
        "to --out. Ctrl-C ends it.",
        epilog="example: python -m gan_lesson watch train.log --out curves.png",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, help="the picture, e.g. curves.png")
    parser.add_argument(
        "--every", type=positive(float), default=2.0, help="seconds between looks (default: 2)"
    )
    parser.add_argument(
        "--idle",
        type=positive(float),
        default=float("inf"),
        help="end when nothing was written for so many seconds (default: never)",
    )
    _add_conventions(parser)
    parser.set_defaults(command=watch_file)


def _add_conventions(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--loss", choices=tuple(FAMILIES), help="the family of losses (default: logistic)")
    add("--losses", choices=("sum", "mean"), help="how D's two halves are put together")
    add("--pattern", help="regular expression with named groups, e.g. 'd=(?P<loss_d>\\S+)'")


def read_file(path: Path, args: argparse.Namespace):
    """Return the history in a file, with the conventions of the arguments.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds no run.
    """
    from gan_lesson import old_runs

    given = {"loss": args.loss, "losses": args.losses}
    conventions = {name: value for name, value in given.items() if value}
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file")
    if args.pattern:
        return old_runs.from_log(path, args.pattern, **conventions)
    return old_runs.as_history(path, **conventions)


def diagnose_file(args: argparse.Namespace) -> int:
    """Print the diagnosis of a file's run, and draw it if asked; return the exit status."""
    from gan_lesson.diagnosis import diagnose

    report = diagnose(read_file(args.file, args))
    print(report)
    if args.out:
        _save(report.figure(), args.out)
        print(f"The picture is in {args.out}")
    return 0


def plot_files(args: argparse.Namespace) -> int:
    """Draw one run, or compare several; return the exit status."""
    from gan_lesson import plots

    names = short_names(args.files)
    runs = {name: read_file(path, args) for name, path in zip(names, args.files, strict=True)}
    figure = plots.compare(runs) if len(runs) > 1 else plots.plot_history(*runs.values())
    _save(figure, args.out)
    print(f"The curves are in {args.out}")
    return 0


def short_names(paths: list[Path]) -> list[str]:
    """Return the last parts of paths, as many as tell them apart; all of them if none do."""
    longest = max(len(path.parts) for path in paths)
    for n in range(1, longest + 1):
        names = ["/".join(path.parts[-n:]) for path in paths]
        if len(set(names)) == len(set(paths)):
            break
    return names


def watch_file(args: argparse.Namespace) -> int:
    """Follow a file until nothing more comes or Ctrl-C; return the exit status."""
    from gan_lesson import plots

    size, changed, drawn = -1, time.monotonic(), False
    try:
        while time.monotonic() - changed < args.idle:
            if args.file.is_file() and args.file.stat().st_size != size:
                size = args.file.stat().st_size
                try:
                    run = read_file(args.file, args)
                except ValueError as error:  # a header only, or half a line
                    print(f"\r{error}", end="", file=sys.stderr)
                else:
                    _save(plots.plot_history(run), args.out)
                    drawn = True
                    print(f"\r{plots.describe_history(run)}", end="", file=sys.stderr)
                changed = time.monotonic()  # after drawing, which is no rest of the file
            time.sleep(min(args.every, args.idle))
    except KeyboardInterrupt:
        pass
    print(file=sys.stderr)
    print(f"The curves are in {args.out}" if drawn else f"No run in {args.file}")
    return 0 if drawn else 1


def _save(figure, path: Path) -> None:
    checks.ending("--out", path)
    with whole(path) as partial:
        figure.savefig(partial)
