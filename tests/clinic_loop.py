"""Lesson 10's loop once more, in one piece: each fault is a change of one of its lines."""

import torch

from gan_lesson.lessons.lesson_10.patients import clinic_data, clinic_pair
from gan_lesson.trainer import adam

# The whole loop, once, with the line of each fault as it should be.
LOOP = """
one, zero, n = torch.ones(128, 1), torch.zeros(128, 1), 128
G, D = clinic_pair(data.centres.shape[1], seed)
rng = torch.Generator().manual_seed(seed)
movable_d, cut = [*D.parameters()], True
labels = one, zero
score = D.logits
lr_d, ahead, saturating = 0.002, 0, False
rate = 1
every, rate_g = 1, 1
optimizer_d = adam(movable_d, lr=lr_d * rate)
descent = torch.optim.SGD if saturating else adam
optimizer_g = descent(G.parameters(), lr=0.001 * rate * rate_g)


def move(optimizer, loss):
    optimizer.zero_grad()  # before each backward, for both
    loss.backward()
    optimizer.step()


curve = []
for turn in range(turns):
    x_real, z = data.sample(n, rng), G.sample_z(n, rng)
    x_real = x_real  # inside [−1, 1], as G's samples
    x_fake = G(z).detach() if cut else G(z)
    loss_d = bce(score(x_real), labels[0]) + bce(score(x_fake), labels[1])
    if turn % every == 0:
        move(optimizer_d, loss_d)
    s_fake = score(G(G.sample_z(n, rng)))
    if turn >= ahead:
        move(optimizer_g, -bce(s_fake, zero) if saturating else bce(s_fake, one))
    curve.append(float(loss_d.detach()))
"""


def run_loop(source, seed, turns):
    names = {"torch": torch, "clinic_pair": clinic_pair, "seed": seed, "turns": turns}
    names |= {"data": clinic_data("ring"), "adam": adam}
    names["bce"] = torch.nn.functional.binary_cross_entropy_with_logits
    exec(source, names)
    return names
