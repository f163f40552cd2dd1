"""`train` on several processes, on a GPU, and with checkpoints: the options, and what they do.

    torchrun --nproc-per-node 4 -m gan_lesson train --steps 4000 --out out

torchrun starts the processes; each finds its rank in its environment. Rank 0 alone writes. Where a
process dies, the others say so, and the same command with `--resume` goes on from the checkpoint.
"""

import argparse
import contextlib
import datetime
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator

CHECKPOINT = "checkpoint.safetensors"
CHECKPOINT_EVERY = 500  # steps, with several processes
STARTING = datetime.timedelta(minutes=5)  # processes may import at different speeds
PATIENCE = datetime.timedelta(seconds=20)  # for an answer, while they train
LOST = 3  # the exit status where another process was lost
_OF_A_LOST_PROCESS = ("gloo", "nccl", "timed out", "connection", "broken pipe", "store")


def n_processes() -> int:
    """Return how many processes torchrun, or a launcher like it, has started for this run."""
    started = {"RANK", "WORLD_SIZE", "MASTER_ADDR"} <= os.environ.keys()
    return int(os.environ["WORLD_SIZE"]) if started else 1


def rank() -> int:
    """Return which of them this process is; 0 where it is alone."""
    return int(os.environ["RANK"]) if n_processes() > 1 else 0


def add_options(parser: argparse.ArgumentParser, positive: Callable) -> None:
    """Add the options of device, batch and checkpoints to the parser of `train`.

    Args:
        parser: the parser.
        positive: makes a converter to positive numbers of a kind.
    """
    add = parser.add_argument
    add(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="cuda: an NVIDIA GPU, one for each process (default: cpu)",
    )
    add(
        "--batch-size",
        type=positive(int),
        metavar="N",
        help="samples in the first batches, of all processes together (default: the model's own); "
        "the average of G keeps its half-life in images, learning rates stay as they are",
    )
    add(
        "--checkpoint-every",
        type=positive(int),
        metavar="STEPS",
        help=f"write {CHECKPOINT} to --out every so many steps (default: {CHECKPOINT_EVERY} with "
        "several processes, never with one)",
    )
    add("--resume", action="store_true", help=f"go on from {CHECKPOINT} in --out")


def check_options(args: argparse.Namespace) -> None:
    """Refuse options that do not fit together, before anything is imported or written.

    Raises:
        ValueError: what does not fit, and what to give instead.
    """
    if args.seconds and n_processes() > 1:
        raise ValueError("--seconds is for one process, because clocks differ; give --steps")
    if args.seconds and (args.resume or args.checkpoint_every):
        what = "--resume" if args.resume else "--checkpoint-every"
        raise ValueError(f"{what} needs a length in steps, to go on with; give --steps")
    if args.checkpoint_every is None and n_processes() > 1:
        args.checkpoint_every = CHECKPOINT_EVERY


def refuse_several(command: str) -> None:
    """Refuse a command that only one process may run.

    Raises:
        ValueError: torchrun has started several.
    """
    if n_processes() > 1:
        raise ValueError(f"{command} runs in one process; only train is shared by several")


def device_of(args: argparse.Namespace) -> str:
    """Return the device of this process, such as "cpu" or "cuda:1".

    Raises:
        ValueError: there is no GPU for it.
    """
    import torch

    if args.device == "cpu":
        return "cpu"
    if not torch.cuda.is_available():
        raise ValueError("--device is cuda, but PyTorch sees no NVIDIA GPU here; leave it out")
    own, found = int(os.environ.get("LOCAL_RANK", 0)), torch.cuda.device_count()
    if own >= found:
        raise ValueError(
            f"process {own} of this machine has no GPU of its own, there are {found}; start "
            f"{found} processes here, as with --nproc-per-node {found}"
        )
    torch.cuda.set_device(own)
    return f"cuda:{own}"


def set_batch_size(trainer, batch_size: int | None) -> None:
    """Give a trainer another batch, and let its average of G keep its half-life in images.

    With a batch b times as large an average sees b times as many images a step; decay^b forgets
    as many images as before.

    Args:
        trainer: the trainer, before its first step.
        batch_size: samples in a batch; None leaves it.
    """
    if batch_size is not None and batch_size != trainer.batch_size:
        trainer.ema_decay = trainer.ema_decay ** (batch_size / trainer.batch_size)
        trainer.batch_size = batch_size


@contextlib.contextmanager
def connected(device: str) -> Iterator[object]:
    """Yield the processes of this run, a `shared_turn.Everyone`; None where this one is alone."""
    if n_processes() == 1:
        yield None
        return
    import torch.distributed as dist

    from gan_lesson.shared_turn import Everyone

    # of channels-last weights that DDP copies in another order: no error, and no fault of the user
    warnings.filterwarnings("ignore", "Grad strides do not match bucket view strides")
    dist.init_process_group("gloo" if device == "cpu" else "nccl", timeout=STARTING)
    dist.barrier()
    try:
        yield Everyone(dist.new_group(timeout=PATIENCE))
    finally:
        dist.destroy_process_group()


def share_or_not(trainer, everyone) -> None:
    """Let the trainer play with all processes, if there are several, and say so.

    Raises:
        ValueError: as `shared_turn.share`.
    """
    if everyone is None:
        return
    from gan_lesson.shared_turn import share

    share(trainer, everyone)
    if everyone.rank == 0:
        print(
            f"{everyone.n} processes share each batch: {trainer.batch} samples, "
            f"{trainer.batch // everyone.n} each.",
            file=sys.stderr,
        )


class Keeper:
    """Writes the checkpoints of a run, and knows the last one.

    Args:
        trainer: the trainer.
        args: the options of `train`.
        settings: what the run was started with, apart from threads, device and processes, which
            may be others when it goes on.
    """

    def __init__(self, trainer, args: argparse.Namespace, settings: dict):
        self.trainer, self.every, self.settings = trainer, args.checkpoint_every, settings
        self.path = args.out / CHECKPOINT
        if args.resume:
            from gan_lesson.checkpoints import read_checkpoint

            read_checkpoint(trainer, self.path, settings)
        self.step = trainer.step

    def looked(self) -> None:
        """Write a checkpoint if one is due; rank 0 alone does."""
        if self.every and self.trainer.step // self.every > self.step // self.every:
            self.step = self.trainer.step
            if rank() == 0:
                from gan_lesson.checkpoints import write_checkpoint

                write_checkpoint(self.trainer, self.path, self.settings)

    @property
    def told(self) -> str:
        """What is left of the run, in a sentence."""
        if not self.path.is_file():
            return "No checkpoint had been written yet, so start again."
        return (
            f"The state of step {self.step} is in {self.path}: the same command with --resume "
            "goes on from it."
        )


class Stopped(RuntimeError):
    """Another process was lost, or this one was asked to end."""


@contextlib.contextmanager
def ends_with_a_sentence(keeper: Keeper) -> Iterator[None]:
    """Turn the loss of another process into `Stopped`, whose message says how to go on.

    torchrun ends the others by SIGTERM as soon as one has died; where they are on other machines,
    or one hangs, an unanswered call fails within `PATIENCE`.

    Raises:
        Stopped: as said, or at an interrupt; another error stays what it is.
    """
    if n_processes() == 1:
        yield
        return

    def end(*_):
        raise Stopped("told to end")

    before, lost = signal.signal(signal.SIGTERM, end), False
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(f"interrupted after step {keeper.trainer.step}. {keeper.told}") from None
    except RuntimeError as error:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # torchrun's may come in the middle of this
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        lost = isinstance(error, Stopped) or any(w in first.lower() for w in _OF_A_LOST_PROCESS)
        if not lost:
            raise
        raise Stopped(
            f"process {rank()} of {n_processes()} ends after step {keeper.trainer.step}: another "
            f"process was lost, or all were told to end. {keeper.told}"
        ) from None
    finally:
        if not lost:  # else it stays ignored until the caller has said why this process ends
            signal.signal(signal.SIGTERM, before)


def leave(message: str) -> None:
    """Say why the run ends, and end this process at once: threads of gloo may hang."""
    print(f"\ngan_lesson train: {message}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(LOST)
