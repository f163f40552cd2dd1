"""What it costs to watch and to diagnose a GAN of one's own: parts of `make bench`.

A loop of 10 ms steps is watched in a notebook's kernel and in a plain script; in the same loop
the usual way draws a new figure once a second. `diagnose` is timed beside what it could be
compared with in the same run: turns of the training, and distances between whole pictures.
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).parents[2]
SECONDS, STEP = 30.0, 0.010  # of a loop, of one of its steps


# --- watching ------------------------------------------------------------------------------------


def bench_curves() -> None:
    """Print what LiveCurves takes of a 10 ms step, in a kernel and in a script."""
    sys.path.insert(0, str(ROOT / "tests"))
    from kernel import Kernel

    print(f"a loop of {STEP * 1000:.0f} ms steps, {SECONDS:g} s; the bar for LiveCurves is 5 %")
    with tempfile.TemporaryDirectory() as folder:
        with Kernel(Path(folder)) as kernel:
            here = str(Path(__file__).parent)
            code = f"import sys; sys.path.insert(0, {here!r}); import bench_own_gan"
            ran = kernel.run(f"{code}; bench_own_gan.loops('notebook kernel')", seconds=900)
            print(*re.findall(r"  notebook.*", ran.text), ran.error, sep="\n")
        subprocess.run([sys.executable, __file__, "plain script"], cwd=folder, check=True)


def loops(place: str) -> None:
    """Print the share of the loop that watching it takes: ours and the usual way."""
    torch.set_num_threads(1)
    for name, watch in (("LiveCurves", live_curves), ("the usual way", usual_way)):
        own, step, pictures = watched_loop(watch)
        of_cpu, of_wall = own / step
        print(
            f"  {place}, {name}: {of_wall:.1%} of the steps' {step[1]:.0f} s by the wall's clock, "
            f"{of_cpu:.1%} of their processor's time; {pictures} pictures, "
            f"{1000 * own[0] / max(pictures, 1):.0f} ms for each, rows included",
            flush=True,
        )


def watched_loop(watch: Callable) -> tuple[np.ndarray, np.ndarray, int]:
    """Run a loop; return seconds of rows and pictures, of steps, and the number of pictures.

    Seconds are pairs: of the processor, by all threads of this process, and of the wall. On a busy
    machine the second holds what others did.
    """
    from gan_lesson import History

    history, a = History(), torch.randn(160, 160)
    update, count = watch(history)
    n = _calibrated(a)
    rows = 0.5 + 0.1 * np.random.default_rng(0).random((1000, 4))
    own, step = np.zeros(2), np.zeros(2)
    while own[0] + step[0] < SECONDS:
        d_real, d_fake, loss_d, loss_g = rows[len(history) % 1000].tolist()
        start = _clocks()
        for _ in range(n):
            a @ a
        middle = _clocks()
        history.append(d_real=d_real, d_fake=d_fake, loss_d=loss_d, loss_g=loss_g)
        update()
        end = _clocks()
        step += middle - start
        own += (end - middle) - (_clocks() - end)  # without what looking at the clocks takes
    return own, step, count()


def _clocks() -> np.ndarray:
    return np.array([time.process_time(), time.perf_counter()])


def _calibrated(a: torch.Tensor) -> int:
    """Return how many products of a with itself take one step."""
    times = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(20):
            a @ a
        times.append((time.process_time() - start) / 20)
    return max(1, round(STEP / float(np.median(times))))


def live_curves(history) -> tuple[Callable, Callable]:
    """Return what LiveCurves does in a step, and the number of its pictures so far."""
    from gan_lesson import LiveCurves

    curves = LiveCurves(history)
    return curves.update, lambda: curves.panel.frames


def usual_way(history, every: int = 100) -> tuple[Callable, Callable]:
    """Return what many loops do: every hundredth step a new figure, shown or saved."""
    import matplotlib.pyplot as plt
    from IPython import get_ipython
    from IPython.display import clear_output, display

    frames = []

    def update() -> None:
        if len(history) % every:
            return
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
        for axes, names in ((left, ("d_real", "d_fake")), (right, ("loss_d", "loss_g"))):
            for name in names:
                axes.plot(history["step"], history[name], label=name)
            axes.legend()
        if get_ipython():
            clear_output(wait=True)
            display(figure)
        else:
            figure.savefig(io.BytesIO())
        plt.close(figure)
        frames.append(len(history))

    return update, lambda: len(frames)


# --- diagnosing ----------------------------------------------------------------------------------


def bench_diagnosis() -> None:
    """Print how long `diagnose` takes of a digits run, and of 300 large pictures."""
    from gan_lesson import diagnose

    given, turn = digits_run()
    seconds, report = best_of_three(lambda: diagnose(**given))
    drawn, _ = best_of_three(report._repr_html_)
    print(f"digits, everything given: {seconds:.2f} s (the bar is 2 s)")
    print(f"    beside it: {turn * 1000:.0f} ms a turn of its training; so {seconds / turn:.0f}")
    print(f"    its picture, when a notebook shows it: {drawn * 1000:.0f} ms (the bar is 150 ms)")
    empty, _ = best_of_three(empty_panels)
    print(f"    beside it: {empty * 1000:.0f} ms for four empty panels")
    pictures = torch.rand(600, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    fake, real = pictures[:300], pictures[300:]
    seconds, _ = best_of_three(lambda: diagnose(given["history"], samples=fake, real=real))
    print(f"300 pictures of 256 x 256 x 3: {seconds:.2f} s (the bar is 5 s)", flush=True)
    start = time.perf_counter()
    x, y = fake.flatten(1).double(), real.flatten(1).double()
    for pair in ((x, y), (y, y)):
        torch.cdist(*pair)
    print(f"    beside it: {time.perf_counter() - start:.2f} s for two tables of their distances")


def best_of_three(call: Callable) -> tuple[float, object]:
    """Return the least seconds of three calls, and what the last one returned."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return min(times), result


def empty_panels() -> None:
    """Draw four empty panels of the picture's size."""
    from gan_lesson import plots
    from gan_lesson.diagnosis import picture

    figure = plots.new_figure(picture.WIDTH, picture.HEIGHT)
    figure.set_layout_engine("none")
    figure.subplots(2, 2)
    figure.canvas.draw()


def digits_run(turns: int = 200) -> tuple[dict, float]:
    """Return all that can be handed over of a run on digits, and the seconds of one turn."""
    from gan_lesson.data import load_digits
    from gan_lesson.recipes import fully_connected_trainer

    images = load_digits().train.images
    trainer = fully_connected_trainer(images, seed=0)
    start = time.perf_counter()
    trainer.burst(turns)
    turn = (time.perf_counter() - start) / turns
    z = trainer.G.sample_z(1000, torch.Generator().manual_seed(0))
    given = {"history": trainer.history, "samples": trainer.sample(z), "real": images[:1000]}
    given |= {"D": trainer.D, "G": trainer.G}
    optimizers = {"optimizer_d": trainer.optimizer_d, "optimizer_g": trainer.optimizer_g}
    return given | optimizers, turn


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("place", help="what is printed beside the figures")
    loops(parser.parse_args().place)
