"""Without a notebook: train, look at a run, pool predictions. `python -m gan_lesson --help`."""

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gan_lesson import __version__, checks, several_processes
from gan_lesson.pooling import add_pool
from gan_lesson.run_commands import add_commands
from gan_lesson.saving import whole

PLAYGROUND_STEPS = 16_000
TRAIN_STEPS = 4000
SUPER_RESOLUTION = "super-resolution"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status.

    It is 0, 1 (diverged), 2 (bad input), 3 (another process was lost) or 130 (Ctrl-C).
    """
    parser = _parser()
    args = parser.parse_args(arguments)
    try:
        return args.command(args)
    except (ValueError, OSError, RuntimeError) as error:
        parser.exit(2, f"gan_lesson {args.name}: {error}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gan_lesson",
        description="Train a GAN without a notebook, look at a run of any GAN, or see what a class "
        "predicted.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, dest="name")
    _add_train(commands)
    _add_playground(commands)
    add_commands(commands, _positive)
    add_pool(commands)
    return parser


def _add_train(commands) -> None:
    parser = commands.add_parser(
        "train",
        help="train a GAN on images of digits",
        description="Train a GAN on images and write samples.npy (10,000 images), samples.png, "
        "history.csv, curves.png, generator.safetensors and run.json to --out; super-resolution "
        "writes restored.npy (all test images) and before_and_after.png instead of samples. Ctrl-C "
        "stops early and writes what there is. Several processes share each batch if torchrun "
        "starts them; rank 0 writes.",
        epilog="examples: python -m gan_lesson train --seconds 60 --seed 0 --out out; "
        "torchrun --nproc-per-node 2 -m gan_lesson train --steps 4000 --out out",
    )
    add = parser.add_argument
    add(
        "--dataset",
        choices=("digits", "mnist", "fashion-mnist"),
        default="digits",
        help="digits: 10,000 digits inside the package (default); mnist: all 60,000; "
        "fashion-mnist: 60,000 pictures of clothes; both from --root",
    )
    add("--root", type=Path, help="folder that holds MNIST/raw or FashionMNIST/raw")
    add("--download", action="store_true", help="fetch the data set to --root if it is missing")
    add(
        "--model",
        choices=("fc", "conv", SUPER_RESOLUTION),
        default="fc",
        help="fc: fully connected as in lesson 06, wider (default); conv: as in lesson 09; "
        "super-resolution: from 7 x 7 to 28 x 28 pixels, as in lesson 11",
    )
    add(
        "--adversarial-weight",
        type=_not_negative,
        metavar="WEIGHT",
        help="super-resolution: weight of the adversarial loss, 0 for none (default: 0.1)",
    )
    several_processes.add_options(parser, _positive)
    _add_length_and_place(parser, default_steps=TRAIN_STEPS)
    parser.set_defaults(command=train)


def _add_playground(commands) -> None:
    parser = commands.add_parser(
        "playground",
        help="train a GAN on points in the plane, and score it",
        description="Train a GAN on a mixture of Gaussians in the plane with the settings of "
        "lesson 07. Writes samples.npy, float32 of shape (2500, 2): G(z) for z ~ N(0, I), "
        "unfiltered; and scores.json: modes, fair shares, high quality, reverse KL, covariance "
        "ratio and JSD, beside those of a perfect sampler and of uniform noise. Ctrl-C stops "
        "early and writes what there is.",
        epilog="example: python -m gan_lesson playground --data grid --seconds 60 --out out",
    )
    parser.add_argument(
        "--data",
        choices=("grid", "ring"),
        default="grid",
        help="grid: 25 modes of sd .05 in {-4, -2, 0, 2, 4} squared (default); "
        "ring: 8 modes of sd .01 on the unit circle",
    )
    _add_length_and_place(parser, default_steps=PLAYGROUND_STEPS)
    parser.set_defaults(command=playground)


def _add_length_and_place(parser: argparse.ArgumentParser, default_steps: int) -> None:
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--seconds", type=_positive(float), help="training time; depends on the machine's speed"
    )
    length.add_argument(
        "--steps",
        type=_positive(int),
        default=None,
        help=f"number of steps; reproducible (default: {default_steps})",
    )
    add = parser.add_argument
    add("--seed", type=_seed, default=0, help="start of all random numbers (default: 0)")
    add("--threads", type=_positive(int), default=1, help="torch threads (default: 1)")
    add("--out", type=Path, required=True, help="folder for the results, made if missing")


def _positive(kind: type) -> Callable[[str], float]:
    def convert(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"is {text!r}; it must be a positive {kind.__name__}")
        return value

    return convert


def _not_negative(text: str) -> float:
    return 0.0 if text.strip() == "0" else _positive(float)(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) > 2**63 - 2:
        raise argparse.ArgumentTypeError(f"is {text!r}; it must be an integer from 0 to 2**63 - 2")
    return int(text)


def train(args: argparse.Namespace) -> int:
    """Train as the arguments say and write the results; return the exit status.

    Raises:
        ValueError: `--root` is missing, or `--out` cannot be a folder.
    """
    if args.dataset != "digits" and args.root is None:
        raw = {"mnist": "MNIST/raw", "fashion-mnist": "FashionMNIST/raw"}[args.dataset]
        raise ValueError(f"--root is missing; --dataset {args.dataset} needs the folder of {raw}")
    if args.adversarial_weight is not None and args.model != SUPER_RESOLUTION:
        raise ValueError(f"--adversarial-weight is for --model {SUPER_RESOLUTION}; leave it out")
    several_processes.check_options(args)
    out = _writable_folder(args.out)
    import torch  # here, so that --help and mistakes answer at once

    device, data = several_processes.device_of(args), _data_set(args)
    torch.set_num_threads(args.threads)
    args.steps = None if args.seconds else args.steps or TRAIN_STEPS
    with several_processes.connected(device) as everyone:
        trainer, settings = _trainer_of_images(args, data.train.images, device)
        keeper = several_processes.Keeper(trainer, args, settings)
        several_processes.share_or_not(trainer, everyone)
        try:
            with several_processes.ends_with_a_sentence(keeper):
                status, ended = _train_to_the_end(trainer, args.steps, args.seconds, keeper)
        except several_processes.Stopped as stopped:
            several_processes.leave(str(stopped))
    if several_processes.rank():
        return 0  # also where the run diverged: torchrun would end rank 0, which still writes
    if ended == "diverged":
        trainer.history.to_csv(out / "history.csv")  # with the rows that led there
        trainer.rewind(trainer.snapshots[-1].step)
    for net in (trainer.G, trainer.D, trainer.G_ema):
        net.cpu()  # samples are drawn alike, wherever the run was trained
    settings |= {"seconds": args.seconds, "threads": args.threads, "device": args.device}
    settings["processes"] = several_processes.n_processes()
    run = {"settings": settings, "ended": ended}
    if args.model == SUPER_RESOLUTION:
        write_restorations(trainer, data.test, out, run)
    else:
        write_results(trainer, out, run)
    return status


def _data_set(args: argparse.Namespace):
    from gan_lesson.data import load_digits, load_fashion_mnist, load_mnist

    if args.dataset == "digits":
        return load_digits()
    load = {"mnist": load_mnist, "fashion-mnist": load_fashion_mnist}[args.dataset]
    return load(args.root, download=args.download)


def _trainer_of_images(args: argparse.Namespace, images, device: str) -> tuple:
    """Return the trainer of a model, and the settings that decide its run."""
    from gan_lesson.recipes import long_run_trainer, super_resolution_trainer

    settings = {"dataset": args.dataset, "model": args.model}
    start = {"seed": args.seed, "threads": args.threads, "n_steps": args.steps, "device": device}
    if args.model != SUPER_RESOLUTION:
        trainer = long_run_trainer(images, args.model, **start)
    else:
        weight = 0.1 if args.adversarial_weight is None else args.adversarial_weight
        trainer = super_resolution_trainer(images, weight, **start)
        settings["adversarial_weight"] = weight
    several_processes.set_batch_size(trainer, args.batch_size)
    settings |= {"steps": args.steps, "seed": args.seed, "batch_size": trainer.batch_size}
    return trainer, settings


def playground(args: argparse.Namespace) -> int:
    """Train on points in the plane and write samples and scores; return the exit status."""
    several_processes.refuse_several("playground")
    out = _writable_folder(args.out)
    import torch

    from gan_lesson import data
    from gan_lesson.recipes import playground_trainer

    mixture = getattr(data, args.data)()
    trainer = playground_trainer(mixture, seed=args.seed, threads=args.threads)
    torch.set_num_threads(args.threads)
    n_steps = None if args.seconds else args.steps or PLAYGROUND_STEPS
    status, ended = _train_to_the_end(trainer, n_steps, args.seconds)
    if ended == "diverged":
        trainer.rewind(trainer.snapshots[-1].step)
    settings = {
        "data": args.data,
        "steps": n_steps,
        "seconds": args.seconds,
        "seed": args.seed,
        "threads": args.threads,
    }
    write_scores(trainer, mixture, out, {"settings": settings, "ended": ended})
    return status


def write_scores(trainer, mixture, out: Path, run: dict) -> None:
    """Write samples.npy and scores.json, each whole or not at all."""
    import numpy as np
    import torch

    from gan_lesson.metrics import jsd_on_grid, mode_scores, reference_scores

    generator = torch.Generator().manual_seed(trainer.generator.initial_seed() + 1)
    samples = trainer.sample(trainer.G.sample_z(2500, generator)).numpy().astype(np.float32)
    centres, half_width = mixture.centres.numpy(), 1.25 * float(mixture.centres.abs().max())
    rows = {"ours": mode_scores(samples, centres, mixture.sd)}
    rows |= reference_scores(centres, mixture.sd, len(samples))
    scores = {name: _as_json(row) for name, row in rows.items()}
    noise = half_width * (2 * torch.rand(len(samples), 2, generator=generator) - 1)
    perfect = mixture.sample(len(samples), generator)
    drawn = {"ours": samples, "perfect sampler": perfect, "uniform noise": noise}
    for name, x in drawn.items():
        scores[name]["jsd"] = jsd_on_grid(x, centres, mixture.sd, half_width=half_width)
    run = {"scores": scores.pop("ours"), "beside": scores, **run, **_facts_of_run(trainer)}
    text = json.dumps(run, indent=2) + "\n"
    _write_all(
        out,
        {
            "scores.json": lambda path: Path(path).write_text(text),
            "samples.npy": lambda path: np.save(path, samples, allow_pickle=False),
        },
    )


def _as_json(row) -> dict:
    """Return the scores by name; NaN, which JSON does not know, becomes null."""
    return {name: None if value != value else value for name, value in row._asdict().items()}


def _train_to_the_end(
    trainer, n_steps: int | None, seconds: float | None, keeper=None
) -> tuple[int, str]:
    """Train with a bar; return the exit status and how it ended, and say so if not well."""
    from gan_lesson.trainer import TrainingDiverged

    try:
        _train_with_bar(trainer, n_steps, seconds, keeper)
    except KeyboardInterrupt:
        if several_processes.n_processes() > 1:
            raise  # they stop at different steps
        print(f"\nInterrupted at step {trainer.step}; writing what there is.", file=sys.stderr)
        return 130, "interrupted"
    except TrainingDiverged as error:
        print(f"\n{error}", file=sys.stderr)
        return 1, "diverged"
    return 0, "complete"


def _train_with_bar(trainer, n_steps: int | None, seconds: float | None, keeper=None) -> None:
    from tqdm import tqdm

    form = "{l_bar}{bar}| {elapsed} {postfix}"
    total, quiet = n_steps or seconds, bool(several_processes.rank())
    left = n_steps and n_steps - trainer.step
    every = min(25, keeper and keeper.every or 25)
    if left == 0:
        return  # resumed at its end
    with tqdm(total=total, bar_format=form, mininterval=0.5, disable=quiet) as bar:
        start = time.perf_counter()
        for record in trainer.run(left, seconds=seconds, every=every):
            done = record.step if n_steps else min(seconds, time.perf_counter() - start)
            bar.set_postfix_str(
                f"step {record.step:,} D(x) {record.d_real:.2f} D(G(z)) {record.d_fake:.2f}",
                refresh=False,
            )
            bar.update(done - bar.n)
            if keeper:
                keeper.looked()


def _writable_folder(path: Path) -> Path:
    """Make the folder if needed, and prove that it can be written to before any training."""
    checks.folder("--out", path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise ValueError(
            f"--out is {str(path)!r}, which cannot be written to ({error.strerror}); "
            "choose another folder"
        ) from error
    return path


def write_results(trainer, out: Path, run: dict) -> None:
    """Write samples, curves, history, generator and run.json, each whole or not at all."""
    import numpy as np
    import torch

    from gan_lesson import plots
    from gan_lesson.data import tensor_to_images

    generator = torch.Generator().manual_seed(trainer.generator.initial_seed() + 1)
    images = tensor_to_images(trainer.sample(trainer.G.sample_z(10_000, generator)))
    figure = plots.new_figure(6, 6)
    plots.digits_sheet(figure.subplots(), images[:100], columns=10)
    _write_run(
        trainer,
        out,
        run,
        {
            "samples.png": figure.savefig,
            "samples.npy": lambda path: np.save(path, images, allow_pickle=False),
        },
    )


def write_restorations(trainer, test, out: Path, run: dict) -> None:
    """Write restored test images and their scores, and of the run what `write_results` does.

    The Fréchet distance and the share that is read rightly are those of digits; of other images
    run.json has null for them.
    """
    import numpy as np
    import torch

    from gan_lesson import plots
    from gan_lesson.data import tensor_to_images
    from gan_lesson.metrics import digit_distance, restoration_scores
    from gan_lesson.super_resolution import enlarge, shrink

    y = shrink(test.images)
    restored = trainer.restore(y)
    scores = _as_json(restoration_scores(test.images, restored, test.labels))
    floor = digit_distance(test.images)
    if run["settings"]["dataset"] == "fashion-mnist":
        floor = None
        scores |= {"distance": None, "read_rightly": None}
    scores |= {"distance_of_originals": floor, "n": len(restored)}
    rows = [images[:10] for images in (enlarge(y), restored, test.images)]
    figure = plots.new_figure(8, 2.7)
    title = "7 x 7 pixels; restored; original"
    plots.digits_sheet(figure.subplots(), tensor_to_images(torch.cat(rows)), 10, title)
    images = tensor_to_images(restored)
    _write_run(
        trainer,
        out,
        {"scores": scores} | run,
        {
            "before_and_after.png": figure.savefig,
            "restored.npy": lambda path: np.save(path, images, allow_pickle=False),
        },
    )


def _write_run(trainer, out: Path, run: dict, writers: dict[str, Callable[[str], object]]) -> None:
    """Write curves, history, generator and run.json, and what else there are writers for."""
    from safetensors.torch import save

    from gan_lesson import plots

    weights = {k: v.contiguous() for k, v in trainer.G_ema.state_dict().items()}
    text = json.dumps(run | _facts_of_run(trainer), indent=2) + "\n"
    _write_all(
        out,
        {
            "run.json": lambda path: Path(path).write_text(text),
            "generator.safetensors": lambda path: Path(path).write_bytes(save(weights)),
            "history.csv": trainer.history.to_csv,
            "curves.png": lambda path: plots.plot_history(trainer.history).savefig(path),
        }
        | writers,
    )


def _facts_of_run(trainer) -> dict:
    import numpy as np
    import torch

    return {
        "steps_taken": trainer.step,
        "seconds_taken": round(trainer.seconds, 3),
        "versions": {
            "gan_lesson": __version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }


def _write_all(out: Path, writers: dict[str, Callable[[str], object]]) -> None:
    """Write each file whole or not at all; one that fails keeps none of the others back.

    Raises:
        OSError: names the files that could not be written.
    """
    failed, reason = [], ""
    for name, write in writers.items():
        try:
            with whole(out / name) as partial:
                write(str(partial))
        except OSError as error:
            failed.append(name)
            while isinstance(error.__cause__, OSError):
                error = error.__cause__
            reason = error.strerror or str(error)
    if failed:
        raise OSError(
            f"{', '.join(failed)} could not be written to {str(out)!r} ({reason}); whatever else "
            "the run leaves is there. Make room, or choose another --out"
        )


if __name__ == "__main__":
    sys.exit(main())
