"""What each of four processes is asked; rank 0 prints the answers as one line of JSON.

`test_shared_turn.py` starts them once. Two of the four answer what two are asked.
"""

import json
import os
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn

from gan_lesson.data import ring
from gan_lesson.networks import Discriminator, Generator, seeded, small_pair
from gan_lesson.recipes import super_resolution_trainer
from gan_lesson.shared_turn import BatchNormOverAll, Everyone, share
from gan_lesson.trainer import Trainer
from gan_lesson.turns import Turn

HERE = Path(__file__).parent
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
N_STEPS = 3
R1 = {"r1_gamma": 0.3, "r1_every": 2}


def environment():
    """That of a shell in which no launcher runs."""
    launchers = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "LOCAL_RANK")
    kept = {name: value for name, value in os.environ.items() if name not in launchers}
    return kept | {"OMP_NUM_THREADS": "1", "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}


def normalised_pair(seed=0):
    """G with BatchNorm, D without."""
    with seeded(seed):
        layers = [nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2)]
        G = Generator(nn.Sequential(*layers), 2)
    return G, small_pair(2, seed=seed)[1]


def pair_with_normalised_d():
    with seeded(0):
        layers = [nn.Linear(2, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1)]
        return small_pair(2)[0], Discriminator(nn.Sequential(*layers))


def in_float64(pair=small_pair, turn=None, **settings):
    G, D = pair(2) if pair is small_pair else pair()
    data = ring().sample(500, torch.Generator().manual_seed(0)).double()
    settings = {"batch_size": 48, "ema_decay": 0.9, **R1, **settings}
    return Trainer(G.double(), D.double(), data, turn=turn, **settings)


def digits(seed=0):
    return torch.rand(200, 1, 28, 28, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def restorer():
    trainer = super_resolution_trainer(digits(), 0.1, start_steps=1)
    trainer.data = trainer.data.double()
    trainer.turn.n_looked_at = 32  # all of them, for at the start D only looks at the first few
    for net in (trainer.G, trainer.D, trainer.G_ema):
        net.double()
    return trainer


class Clipped(torch.optim.Adam):
    """Clips the whole gradient before each step, as training loops do after backward()."""

    def step(self, closure=None):
        nn.utils.clip_grad_norm_(self.param_groups[0]["params"], 0.01)
        return super().step(closure)


def clipped():
    G, D = (net.double() for net in small_pair(2))
    optimizers = {f"optimizer_{n}": Clipped(net.parameters()) for n, net in (("g", G), ("d", D))}
    data = ring().sample(500, torch.Generator().manual_seed(0)).double()
    return Trainer(G, D, data, batch_size=48, **R1, **optimizers)


class OfSums(Turn):
    """G minimises a sum over the batch: two halves have half its gradient."""

    def move_g(self, game, z):
        loss = nn.functional.softplus(-game.D(game.G(z), as_logits=True)).sum()
        game.optimizer_g.zero_grad()
        loss.backward(inputs=list(game.G.parameters()))
        game.optimizer_g.step()
        return loss.detach()


class OfSpread(Turn):
    """D looks at the spread of its batch, as by minibatch standard deviation."""

    def move_d(self, game, x_real, z):
        logits = game.D(x_real / x_real.std(0), as_logits=True)
        game.optimizer_d.zero_grad()
        nn.functional.softplus(-logits).mean().backward()
        game.optimizer_d.step()
        return (logits.detach().mean(),) * 3


def farthest(make, everyone):
    """Play three turns alone with the whole batch and together; the largest difference."""
    alone, together = make(), make()
    share(together, everyone)
    for trainer in (alone, together):
        trainer.burst(N_STEPS)
    nets = [(getattr(alone, n), getattr(together, n)) for n in ("G", "D", "G_ema")]
    pairs = [(a.state_dict()[key], b.state_dict()[key]) for a, b in nets for key in a.state_dict()]
    history = alone.history, together.history
    pairs += [tuple(torch.tensor(h[name]) for h in history) for name in ("loss_d", "loss_g")]
    return max(float((a.double() - b.double()).abs().max()) for a, b in pairs)


def refused(make, everyone):
    """The sentence by which a trainer, or its first turn, is refused; or nothing."""
    try:
        trainer = make()
        if everyone:
            share(trainer, everyone)
        trainer.burst(1)
    except ValueError as error:
        return str(error)
    return ""


def norms(everyone):
    """How far BatchNorm over all is from torch's own, with its gradients, in two dimensions."""
    x = torch.randn(8, 3, 5, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    worst = 0.0
    for momentum in (0.1, None):
        own = nn.BatchNorm2d(3, momentum=momentum).double()
        over_all = BatchNormOverAll(nn.BatchNorm2d(3, momentum=momentum).double(), everyone)
        whole, shard = x.clone().requires_grad_(), everyone.shard(x).clone().requires_grad_()
        y, part = own(whole), over_all(shard)
        y.pow(3).mean().backward()
        part.pow(3).mean().backward()
        pairs = [(everyone.shard(y), part), (everyone.shard(whole.grad) * everyone.n, shard.grad)]
        pairs += [
            (own.running_mean, over_all.running_mean),
            (own.running_var, over_all.running_var),
        ]
        pairs += [(own.eval()(x), over_all.eval()(x))]
        worst = max([worst, *(float((a - b).detach().abs().max()) for a, b in pairs)])
    return worst


def branches(everyone):
    """Whether a shared trainer's branch has a future of its own, and the same one."""
    trainer = in_float64(normalised_pair)
    share(trainer, everyone)
    trainer.burst(2)
    twin = trainer.branch()
    twin.burst(2)
    untouched = trainer.step == 2 and len(trainer.history) == 2
    trainer.burst(2)
    return untouched and all(
        torch.equal(a, b) for a, b in zip(trainer.G.parameters(), twin.G.parameters(), strict=True)
    )


def z_of_each(everyone):
    """The rows of z that each process gets, and those that one draws for all."""
    whole = in_float64().draw_z(48)
    of_all = [None] * everyone.n
    dist.all_gather_object(of_all, everyone.shard(whole).tolist(), group=everyone.group)
    return {"z of each": of_all, "z of one": in_float64().draw_z(48).tolist()}


def different_batches(everyone):
    """What is said where one process has another batch, as by its clock."""
    trainer = in_float64()
    share(trainer, everyone)
    trainer.batch_size = 48 * (1 + everyone.rank)
    return refused(lambda: trainer, None)


def setting_of_the_turn(everyone):
    trainer = restorer()
    share(trainer, everyone)
    try:
        trainer.adversarial_weight = 1.0
    except AttributeError as error:
        return str(error)


def answers_of_two(two):
    return {
        "plain": farthest(lambda: in_float64(r1_gamma=0.0), two),
        "two calls of D": farthest(in_float64, two),
        "one call of D": farthest(lambda: in_float64(r2_gamma=0.3), two),
        "BatchNorm in G": farthest(lambda: in_float64(normalised_pair), two),
        "BatchNorm in D": farthest(lambda: in_float64(pair_with_normalised_d), two),
        "super-resolution": farthest(restorer, two),
        "clipped": farthest(clipped, two),
        "relativistic": farthest(lambda: in_float64(loss="relativistic", r1_gamma=0.0), two),
        "gradient penalty": farthest(lambda: in_float64(loss="wasserstein", gp_weight=1.0), two),
        "norms": norms(two),
        "branch": branches(two),
        "unequal": refused(lambda: in_float64(batch_size=47), two),
        "simultaneous": refused(lambda: in_float64(simultaneous=True), two),
        "sum": refused(lambda: in_float64(turn=OfSums()), two),
        "spread": refused(lambda: in_float64(turn=OfSpread()), two),
        "different batches": different_batches(two),
        "a setting of the turn": setting_of_the_turn(two),
        **z_of_each(two),
    }


def main():
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    first_two = dist.new_group([0, 1])
    answers = {"four": farthest(lambda: in_float64(normalised_pair), Everyone())}
    if dist.get_rank() < 2:
        answers |= answers_of_two(Everyone(first_two))
    if dist.get_rank() == 0:
        print(json.dumps(answers), flush=True)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
