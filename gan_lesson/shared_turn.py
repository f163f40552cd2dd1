"""The same turn on several processes: each has a shard of the batch, and DDP averages gradients.

    share(trainer)          # on every process, after torch.distributed.init_process_group
    trainer.burst(1000)     # by steps, not by seconds: clocks differ

What is a mean over equal shards stays, to rounding, what one process makes of the whole batch.
`share` plays both once and compares, so a step that is no such mean is refused before it trains.
"""

import contextlib
import inspect
from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from gan_lesson.networks import InBfloat16
from gan_lesson.trainer import Trainer
from gan_lesson.turns import Turn

# No buffer is sent before a forward pass: all processes hold the same ones. (Until 2.13 the option
# had the other name.)
_OPTIONS = inspect.signature(DistributedDataParallel).parameters
_OWN_BUFFERS = {
    "forward_sync_buffers" if "forward_sync_buffers" in _OPTIONS else "broadcast_buffers": False
}

# By how much the two gradients may differ, as a share of their length: more than rounding does,
# less than a step that is no mean over equal shards.
TOLERANCE, TOLERANCE_OF_BFLOAT16 = 1e-4, 0.005


class Everyone:
    """The processes that share a run.

    Attributes:
        group: their process group; None for all that torch.distributed knows.
        rank: which of them this one is, from 0.
        n: how many they are.
    """

    def __init__(self, group: dist.ProcessGroup | None = None):
        self.group = group
        self.rank, self.n = dist.get_rank(group), dist.get_world_size(group)

    def mean(self, x: Tensor) -> Tensor:
        """Return the mean of the tensor that each process gives; gradients flow to all."""
        return _Mean.apply(x, self)

    def shard(self, x: Tensor) -> Tensor:
        """Return this process's rows of the whole batch, as many as each of the others has.

        Raises:
            ValueError: they cannot be shared out equally.
        """
        if len(x) % self.n:
            less, more = len(x) // self.n * self.n, -(-len(x) // self.n) * self.n
            raise ValueError(
                f"the batch has {len(x)} samples, which {self.n} processes cannot share equally, "
                f"and a mean of unequal shards is another step; take {less or more} or {more}"
            )
        size = len(x) // self.n
        return x[self.rank * size : (self.rank + 1) * size]


class _Mean(Function):
    """The mean over all processes. Each gives a part of it, so its gradient is a mean as well."""

    @staticmethod
    def forward(ctx, x: Tensor, everyone: Everyone) -> Tensor:
        ctx.everyone = everyone
        total = x.detach().clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total, group=everyone.group)
        return total / everyone.n

    @staticmethod
    def backward(ctx, gradient: Tensor):
        return _Mean.apply(gradient, ctx.everyone), None


# --- what looks at the whole batch --------------------------------------------------------------


class BatchNormOverAll(_BatchNorm):
    """BatchNorm by the mean and variance of all shards together, on CPUs as well as on GPUs.

    It holds the weights and running statistics of the layer that it replaces, under their names.
    (torch.nn.SyncBatchNorm does the same, but on GPUs only.)

    Args:
        layer: the BatchNorm layer whose place it takes.
        everyone: the processes.
    """

    def __init__(self, layer: _BatchNorm, everyone: Everyone):
        super().__init__(
            layer.num_features, layer.eps, layer.momentum, layer.affine, layer.track_running_stats
        )
        self.weight, self.bias = layer.weight, layer.bias
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            setattr(self, name, getattr(layer, name))
        self.n_processes = everyone.n
        self.mean_of_all = lambda x: everyone.mean(x)  # a function, for deepcopy to leave alone

    def _check_input_dim(self, x: Tensor) -> None:
        """Take inputs of any number of dimensions."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised `x`, shape (n, channels, ...)."""
        if not self.training:
            return super().forward(x)
        along, shape = [0, *range(2, x.ndim)], (1, -1, *(1,) * (x.ndim - 2))
        exact = x if x.dtype == torch.float64 else x.float()
        mean = self.mean_of_all(exact.mean(along))
        centred = exact - mean.view(shape)
        variance = self.mean_of_all(centred.square().mean(along))
        if self.track_running_stats:
            self._note(mean, variance, x.numel() // x.shape[1] * self.n_processes)
        y = centred * (variance + self.eps).rsqrt().view(shape)
        if self.affine:
            y = y * self.weight.view(shape) + self.bias.view(shape)
        return y.to(x.dtype)

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor, n: int) -> None:
        """Let the running statistics follow, as torch.nn.BatchNorm does."""
        self.num_batches_tracked += 1
        momentum = self.momentum
        if momentum is None:
            momentum = 1.0 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), momentum)
        unbiased = variance * (n / (n - 1))
        self.running_var.lerp_(unbiased.to(self.running_var.dtype), momentum)


def replace_batch_norm(net: nn.Module, everyone: Everyone) -> int:
    """Put `BatchNormOverAll` in the place of each BatchNorm layer; return how many there were."""
    found = 0
    for module in list(net.modules()):
        for name, layer in list(module.named_children()):
            if isinstance(layer, _BatchNorm) and not isinstance(layer, BatchNormOverAll):
                setattr(module, name, BatchNormOverAll(layer, everyone).train(layer.training))
                found += 1
    return found


# --- the turn -----------------------------------------------------------------------------------


class _InParallel(DistributedDataParallel):
    """A network whose gradients are averaged over the processes; it answers as the network does."""

    def __getattr__(self, name: str):
        with contextlib.suppress(AttributeError):
            return super().__getattr__(name)
        return getattr(super().__getattr__("module"), name)


class _Seen:
    """A game as a player's step sees it: with the network that moves in parallel."""

    def __init__(self, game, **nets):
        vars(self).update(nets, _game=game)

    def __getattr__(self, name: str):
        return getattr(vars(self)["_game"], name)


class SharedTurn(Turn):
    """Any turn whose steps are means over their samples, on a shard of the batch each.

    Each process draws the random numbers of the whole batch, from the same seed, and takes the
    rows of its rank. So no two get the same z, and a run does not depend on how many processes
    share it. DDP averages gradients while they are computed; what a turn does to them afterwards,
    such as clipping, it does to those of the whole batch.

    Args:
        turn: the turn to share.
        everyone: the processes.

    Source: Li et al. 2020, "PyTorch Distributed" (DDP).
    """

    def __init__(self, turn: Turn, everyone: Everyone):
        vars(self).update(
            turn=turn,
            everyone=everyone,
            ignores={**turn.ignores, "simultaneous": False},
            why=turn.why or "on several processes D moves before G",
            keep_gradients=turn.keep_gradients,
            plays=turn.plays,
            _wrapped={},
        )

    def __setattr__(self, name: str, value) -> None:
        """Refuse what would be set here and not on the turn that is shared."""
        raise AttributeError(f"{name} belongs to the turn; set it before the trainer is shared")

    def __copy__(self):
        return SharedTurn(self.turn, self.everyone)

    def play(self, game, players: str) -> Tensor:
        """Play the turn; return its four numbers, means over all processes.

        Raises:
            ValueError: the processes are at different steps, or have different batches.
        """
        played = torch.tensor([float(game.step), float(game.batch)], dtype=torch.float64)
        numbers = super().play(game, players)
        own = torch.cat([numbers.double(), played.to(numbers.device)])
        of_all = self.everyone.mean(own)
        if not torch.equal(of_all[4:], own[4:]):
            raise ValueError(
                f"in step {game.step} the processes play with different batches or steps; let "
                "them run by steps, not by seconds, with the same settings"
            )
        return of_all[:4].to(numbers.dtype)

    def waits(self, player: str, step: int) -> bool:
        """As the turn that is shared."""
        return self.turn.waits(player, step)

    def draw_z(self, game, n: int) -> Tensor:
        """Return the whole batch, the same on each process."""
        return self.turn.draw_z(game, n)

    def as_d_gets_it(self, game, x: Tensor) -> Tensor:
        """As the turn that is shared."""
        return self.turn.as_d_gets_it(game, x)

    def move_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Move D by the gradient of the whole batch; return the shard's three numbers."""
        seen = _Seen(
            game,
            D=self._in_parallel("D", game.D),
            draw_u=self._own_rows(game.draw_u),
            draw_real=self._own_rows(game.draw_real),
        )
        return self.turn.move_d(seen, self.everyone.shard(x_real), self.everyone.shard(z))

    def move_g(self, game, z: Tensor) -> Tensor:
        """Move G by the gradient of the whole batch; return the shard's loss."""
        seen = _Seen(
            game, G=self._in_parallel("G", game.G), draw_real=self._own_rows(game.draw_real)
        )
        return self.turn.move_g(seen, self.everyone.shard(z))

    def look_at_d(self, game, x_real: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return D's three numbers on the whole batch, moving no weight."""
        return self.turn.look_at_d(game, x_real, z)

    def look_at_g(self, game, z: Tensor) -> Tensor:
        """Return G's loss on the whole batch, moving no weight."""
        return self.turn.look_at_g(game, z)

    def _own_rows(self, draw: Callable[[int], Tensor]) -> Callable[[int], Tensor]:
        """Return a draw of n rows inside a step: of all processes' rows those of this one."""
        return lambda n: self.everyone.shard(draw(n * self.everyone.n))

    def _in_parallel(self, name: str, net: nn.Module) -> nn.Module:
        """Return the wrapped network, wrapped anew where another has taken its place (a branch)."""
        wrapped = self._wrapped.get(name)
        if wrapped is None or wrapped.module is not net:
            wrapped = _InParallel(net, process_group=self.everyone.group, **_OWN_BUFFERS)
            self._wrapped[name] = wrapped
        return wrapped


def share(trainer: Trainer, everyone: Everyone | None = None) -> None:
    """Let a trainer, made alike on every process, play its turns together with the others.

    BatchNorm layers are replaced by `BatchNormOverAll`. Then both players' next steps are tried,
    on copies, alone with the whole batch and together; their gradients must agree.

    Args:
        trainer: the trainer; it must stand at the same step on all processes.
        everyone: the processes; all if left out.

    Raises:
        ValueError: the batch cannot be shared equally, both players move at once, or a step is no
            mean over its samples, as where a loss is a sum or a layer looks at the whole batch.
    """
    everyone = everyone or Everyone()
    everyone.shard(torch.empty(trainer.batch))
    alone = {player: trainer.branch() for player in "DG"}
    trainer.turn = SharedTurn(trainer.turn, everyone)  # refuses a simultaneous one
    for net in (trainer.G, trainer.D):
        replace_batch_norm(net, everyone)
    for player, twin in alone.items():
        together = trainer.branch()
        for each in (twin, together):
            each.burst(1, players=player)
        _compare(player, twin, together, everyone.n)


def _compare(player: str, alone: Trainer, together: Trainer, n: int) -> None:
    """Refuse a step whose gradient on shards is not that of the whole batch."""
    one, several = (_gradient(getattr(trainer, player)) for trainer in (alone, together))
    if not len(one):
        return  # the player waits in this turn
    difference = float((one - several).norm() / one.norm())
    layers = [*alone.G.modules(), *alone.D.modules()]
    rough = any(isinstance(layer, InBfloat16) for layer in layers)
    if not difference <= (TOLERANCE_OF_BFLOAT16 if rough else TOLERANCE):  # nor NaN
        raise ValueError(
            f"the gradient of {player} that {n} processes compute from their shards differs by "
            f"{difference:.1%} from that of the whole batch. A step must be a mean over its "
            "samples: no sum, and no layer or loss that looks at other samples of the batch"
        )


def _gradient(net: nn.Module) -> Tensor:
    """Return all gradients of a network in one row; empty if it has none."""
    parts = [w.grad.flatten().double() for w in net.parameters() if w.grad is not None]
    return torch.cat(parts) if parts else torch.empty(0)
