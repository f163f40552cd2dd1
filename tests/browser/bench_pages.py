"""Sliders and players of every lesson in Chromium, in both stacks: parts of `make bench`.

Explorers are found by what a cell shows when its lesson has run, a picture with a slider, so that a
new lesson is measured without being named here.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FEWEST = 5  # presses that were shown, for a median and a p95 to mean anything


def in_both_stacks(measure: Callable) -> None:
    """Call `measure` with each front end, JupyterLab's and Colab's; say which is missing."""
    from front_ends import ClassicNotebook, JupyterLab, Missing, open_browser

    for kind in (JupyterLab, ClassicNotebook):
        try:
            with open_browser() as browser, kind(browser) as front:
                measure(front)
        except Missing as missing:
            print(f"{kind.__name__}: not measured, {missing}")


def notebooks(lessons: Sequence[str] | None) -> list[Path]:
    """Return the built notebooks, of all lessons or of those with these numbers."""
    found = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb"))
    return [path for path in found if lessons is None or path.stem.split("_")[0] in lessons]


def explorers_of(front, path: Path) -> Iterator[tuple[int, str]]:
    """Open a lesson and run it; yield the cells that show a picture with a slider, and a name.

    Players are left out, whose pictures come by themselves.
    """
    from every_control import cells_with_widgets, players_among

    front.open(path)
    front.run_all()
    front.wait_for_quiet()
    cells = cells_with_widgets(front)
    sources = front.sources()
    for cell in sorted(set(cells) - set(players_among(front, cells))):
        if front.pictures(cell).count() and front.sliders(cell).count():
            called = sources[cell].strip().splitlines()[-1].split("(")[0].split(" = ")[-1].strip()
            yield cell, f"{path.stem.split('_')[0]} {called}"


def bench_browser(lessons: Sequence[str] | None = None) -> None:
    """Print slider and player figures in Chromium, for both front-end stacks."""
    import bench_browser as measure

    def sliders_and_players(front) -> None:
        worst = []
        for path in notebooks(lessons):
            for cell, called in explorers_of(front, path):
                picture, text = measure.measure_slider(front, 0, cell, rounds=1)
                if min(picture.shown, text.shown) < FEWEST:
                    print(f"{front.name}, {called}: its first slider shows too little at once")
                    continue
                ratio = picture.median / text.median
                worst.append((ratio, called))
                print(f"{front.name}, {called}: {picture}")
                print(f"    a plain text beside it: {text}; ratio {ratio:.2f}, ", end="")
                print(f"p95 {picture.p95 / text.p95:.2f}", flush=True)
        told = ", ".join(f"{called} {ratio:.2f}" for ratio, called in sorted(worst)[-5:][::-1])
        print(f"{front.name}: {len(worst)} explorers; the slowest: {told}")
        measure_players(front, measure, lessons)

    in_both_stacks(sliders_and_players)


def bench_slider(lessons: Sequence[str] | None = None) -> None:
    """Print where the time goes between key and picture, for the five slowest explorers of each."""
    from bench_slider import STAGES, follow_presses, stages

    def table(front) -> None:
        found = []
        for path in notebooks(lessons):
            for cell, called in explorers_of(front, path):
                if presses := follow_presses(front, 0, cell):
                    found.append((called, stages(presses)))
                    print(f"  {found[-1][1]['key to picture']:6.1f} ms {called}", flush=True)
        found.sort(key=lambda row: -row[1]["key to picture"])
        print(f"{front.name}, median ms, one press at a time; the slowest of {len(found)}:")
        for name in (*(name for name, _, _ in STAGES), "key to picture"):
            print(f"  {name:34s}" + "".join(f"{row[name]:8.1f}" for _, row in found[:5]))
        print("  " + "; ".join(called for called, _ in found[:5]), flush=True)

    in_both_stacks(table)


def measure_players(front, measure, lessons: Sequence[str] | None) -> None:
    """Print each player's pace in a page, beside its trainer's own."""
    for lesson, made in (("06", "digits_player("), ("07", "Playground(")):
        if lessons is not None and lesson not in lessons:
            continue
        (path,) = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
        front.open(path)
        front.run_all()
        cell = front.find_cell(made)
        train = (
            "player = next(made for made in Out.values() if hasattr(made, 'trainer'));"
            "print(player.trainer.burst(seconds=5) / 5)"
        )

        def read_step(cell: int = cell) -> int:
            return measure.step_in(front.picture(0, cell=cell).alt)

        alone = float(front.run(train))
        pace = measure.measure_player(front, cell, read_step)
        alone = (alone + float(front.run(train))) / 2
        share = f"{pace.steps / alone:.0%} of {alone:.0f} steps/s without pictures"
        print(f"{front.name}, lesson {lesson}'s player: {pace} ({share})", flush=True)
